"""``lomi-py sandbox``. It does not import the client, which a server has no use for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from .errors import CommandError

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
    from ..sandbox import run

    try:
        run(port, data, dialect, seed, customers=customers, api_key=api_key, webhook_url=webhook_url, log=log)
    except ValueError as error:
        raise CommandError(str(error)) from None
