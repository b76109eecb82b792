"""The commands of ``python -m lomi``."""

from __future__ import annotations

from typing import Annotated

import typer

from .._version import __version__
from ._commands import commands
from ._completion import complete, completion
from ._customers import app as customers
from ._demo import demo
from ._doctor import doctor
from ._merchants import app as merchants
from ._sandbox import sandbox

__all__ = ["app"]

app = commands("Customers and merchant figures of the lomi. payments API, from a shell.")


def _tell(asked: bool) -> None:
    if asked:
        print(f"lomi {__version__}")
        raise typer.Exit


@app.callback()
def among_commands(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that belong to no command."""


app.command()(demo)
app.command()(doctor)
app.add_typer(customers, name="customers")
app.add_typer(merchants, name="merchants")

app.command()(completion)
app.command(hidden=True)(complete)
app.command()(sandbox)
