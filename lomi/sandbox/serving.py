from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

from . import seed as planted
from .log import RecordedRequest
from .sandbox import Sandbox, Server
from .wire import DialectName

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def say(text: str) -> None:
    # A program that started this one through a pipe waits for the first lines.
    print(text, flush=True)  # noqa: T201


def wait(ended: threading.Event) -> None:
    # On Windows a signal does not end a wait.
    while not ended.wait(0.5):
        pass


def run(
    port: int = 0,
    data: str | os.PathLike[str] | None = None,
    dialect: DialectName = "server",
    seed: int | None = None,
    *,
    customers: int = planted.CUSTOMERS,
    api_key: str | None = None,
    webhook_url: str | None = None,
    log: bool = False,
    announce: Callable[[str], object] = say,
) -> None:
    """Serve a sandbox until Ctrl-C or SIGTERM, then stop cleanly. For the main thread of a process.

    Args:
        port: 0 takes a free one.
        data: A file to keep the data in; None keeps it in memory.
        dialect: `server` or `docs`.
        seed: Makes ids and times the same in every run; None does not.
        customers: How many customers a new sandbox starts with, 0 or more.
        api_key: The test key of its merchant; None takes the usual one.
        webhook_url: Where to send events; None sends none.
        log: Whether to announce a line for each request.
        announce: Called when the sandbox is ready, with what to paste to use it; then with the lines of the log.

    Raises:
        OSError: The port is taken.
        ValueError: An argument is out of range, or `data` is not a sandbox's file of this version, or cannot be used.
    """
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        ended.set()

    made = Sandbox(dialect, data=data, seed=seed, customers=customers, api_key=api_key, webhook_url=webhook_url)
    with made as sandbox, sandbox.serve(port) as server:
        before = {number: signal.signal(number, end) for number in SIGNALS}
        try:
            announce(usage(server))
            if log:
                sandbox.on_request(lambda entry: announce(log_line(entry)))
            wait(ended)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def log_line(entry: RecordedRequest) -> str:
    """Return one line about a request: neither its query nor its bodies, which are personal data."""
    status = "no response" if entry.status is None else entry.status
    faults = f"  [{', '.join(entry.faults)}]" if entry.faults else ""
    route = entry.route or f"{entry.method} (unknown path)"
    return f"{entry.at:%H:%M:%S}  {route}  {status}  {entry.milliseconds:.0f} ms{faults}"


def usage(server: Server) -> str:
    """Return what a person needs to use the sandbox, ready to paste."""
    return f"""\
The sandbox is listening on {server.url} (dialect: {server.sandbox.dialect}). Press Ctrl-C to stop it.
Requests, data and faults: {server.page_url}

export LOMI_API_KEY={server.api_key} LOMI_BASE_URL={server.url}

Python:
  from lomi import LomiClient
  for customer in LomiClient().customers.list():
      print(customer.id, customer.name)

curl:
  curl -H "X-API-KEY: $LOMI_API_KEY" "$LOMI_BASE_URL/customers?pageSize=3"
"""
