"""The commands of ``python -m lomi``, and how they are run."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from ._completion import complete, completion
from ._connect import needs_uvicorn
from ._customers import app as customers
from ._demo import demo
from ._doctor import doctor
from ._errors import Refusal, guarded
from ._merchants import app as merchants

__all__ = ["app", "run"]


class _Commands(TyperGroup):
    def main(self, *arguments: Any, standalone_mode: bool = True, **options: Any) -> int:
        """Carry out a command line; say on one line what went wrong, and exit with the code that tells it."""
        for stream in (sys.stdout, sys.stderr):
            # A name may hold a letter that a terminal or a pipe with another encoding than UTF-8 cannot show.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        run_it = super().main
        code, said = guarded(lambda: run_it(*arguments, **{**options, "standalone_mode": False}))
        if said:
            print(f"lomi: {said}", file=sys.stderr)
        if standalone_mode:
            sys.exit(code)
        return code


app = typer.Typer(
    cls=_Commands,
    help="Customers and merchant figures of the lomi. payments API, from a shell.",
    add_completion=False,
    no_args_is_help=True,
    # A traceback with its locals would show customers' data.
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(demo)
app.command()(doctor)
app.add_typer(customers, name="customers")
app.add_typer(merchants, name="merchants")

app.command()(completion)
app.command(hidden=True)(complete)


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
            server.run(port, data, dialect, seed, lambda text: print(text, flush=True))
    except ValueError as error:
        raise Refusal(str(error)) from None


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line and return the exit code."""
    command = typer.main.get_command(app)
    code: int = command.main(list(arguments), prog_name="python -m lomi", standalone_mode=False)
    return code
