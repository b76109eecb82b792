"""The one command that starts without the rest: a server is up before the client would be imported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ._commands import commands
from ._connect import needs_uvicorn
from ._errors import Refusal

__all__ = ["app", "sandbox"]

app = commands()


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes a free port.")] = 0,
    data: Annotated[Path | None, typer.Option(help="A file to keep the data in; without one it is forgotten.")] = None,
    dialect: Annotated[
        Literal["docs", "server"],
        typer.Option(help="Answer what the documentation promises, or what the deployed server was seen to."),
    ] = "docs",
    seed: Annotated[int | None, typer.Option(help="The same ids and times in every run.")] = None,
) -> None:
    """Serve a local lomi. server until Ctrl-C, to try things out and to test against."""
    from .. import sandbox as server

    try:
        with needs_uvicorn():
            server.run(port, data, dialect, seed)
    except ValueError as error:
        raise Refusal(str(error)) from None


@app.callback()
def among_others() -> None:
    """Keep the name of the command in front of its options, where it is among others as well."""
