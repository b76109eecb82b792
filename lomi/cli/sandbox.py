"""``lomi-py sandbox``. It does not import the client, which a server has no use for."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .errors import CommandError

if TYPE_CHECKING:
    from ..sandbox import Server

__all__ = ["sandbox"]


def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 picks a free one.")] = 0,
    data: Annotated[Path | None, typer.Option(help="Keep the data in this file. Default: in memory.")] = None,
    dialect: Annotated[
        Literal["server", "docs"],
        typer.Option(help="Respond like the deployed server, or as its documentation says."),
    ] = "server",
    customers: Annotated[int, typer.Option(min=0, help="How many customers a new sandbox has.")] = 150,
    api_key: Annotated[
        str | None, typer.Option(help="The test key to accept. Default: lomi_sk_test_sandbox.", show_default=False)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Use the same ids and times in every run.")] = None,
    webhook_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Send the events of payments and customers here.", show_default=False),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Print a line per request, without personal data.")] = False,
) -> None:
    """Serve a local lomi. server until Ctrl-C, to try things out and to test against."""
    from ..sandbox import Sandbox
    from ..sandbox.serving import log_line

    try:
        made = Sandbox(dialect, data=data, seed=seed, customers=customers, api_key=api_key, webhook_url=webhook_url)
    except ValueError as error:
        raise CommandError(str(error)) from None
    with made, made.serve(port) as server:
        # A program that started this one through a pipe waits for these lines.
        print(_usage(server, dialect), flush=True)
        if log:
            made.on_request(lambda request: print(log_line(request), flush=True))
        _wait_for_signal()


def _usage(server: Server, dialect: str) -> str:
    return f"""\
The sandbox is listening on {server.url} (dialect: {dialect}). Press Ctrl-C to stop it.
Requests, data and faults: {server.page_url}

export LOMI_API_KEY={server.api_key} LOMI_BASE_URL={server.url}

Python:
  from lomi import LomiClient
  for customer in LomiClient().customers.list():
      print(customer.id, customer.name)

curl:
  curl -H "X-API-KEY: $LOMI_API_KEY" "$LOMI_BASE_URL/customers?pageSize=3"
"""


def _wait_for_signal() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    # On Windows a signal does not end a wait.
    while not stop.wait(0.5):
        pass
