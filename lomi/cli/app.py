"""The command tree, and how a command line is run. No module that is imported here starts pydantic or the client."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from . import api, customers, demo, doctor, inbox, listen, merchants, sandbox
from .errors import Code, OutputError, run_guarded

__all__ = ["app", "run"]


class _Program(TyperGroup):
    """The root group: it reports errors in one line and turns them into exit codes."""

    def main(self, *arguments: Any, standalone_mode: bool = True, **options: Any) -> int:
        """Run a command line; report an error, and exit with its code or return it."""
        as_json = bool({"--json", "--jsonl"} & {*(options.get("args") or ())})
        for stream in (sys.stdout, sys.stderr):
            # A name may hold a character that the terminal's encoding cannot show.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        run_it = super().main
        code, error = run_guarded(lambda: run_it(*arguments, **{**options, "standalone_mode": False}))
        unwritten = _flush()
        if error is None and unwritten is not None and not isinstance(unwritten, BrokenPipeError):
            error = OutputError(unwritten)
            code = error.code
        if error is not None and sys.stderr is not None:
            print(error.as_json() if as_json else f"lomi-py: {error}", file=sys.stderr)
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a reader that has seen enough, such as ``head``, is no error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return Code.OK


def _flush() -> OSError | None:
    """Flush standard output. Return what prevented it, so that the interpreter does not report it again at exit."""
    out = sys.stdout
    if out is None:
        return None
    try:
        out.flush()
    except OSError as error:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), out.fileno())
        return error
    return None


app: typer.Typer = typer.Typer(
    cls=_Program,
    help="The lomi. payments API from a shell: customers, figures, and any other endpoint with `api`.",
    no_args_is_help=True,
    # A traceback with local variables would show customers' data.
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Declare the options of the program itself; `main` handles them before typer is imported."""


app.command()(demo.demo)
app.command()(doctor.doctor)
app.command()(sandbox.sandbox)
api.register(app)
listen.register(app)
app.add_typer(customers.app, name="customers")
app.add_typer(inbox.app, name="inbox")
app.add_typer(merchants.app, name="merchants")


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    code: int = typer.main.get_command(app).main(args=[*arguments], prog_name="lomi-py", standalone_mode=False)
    return code
