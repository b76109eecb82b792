"""What every group of commands is made with, and how a command line is carried out."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from ._errors import Code, Unshown, guarded, plain

__all__ = ["commands", "run"]


class _Commands(TyperGroup):
    """A group that says on one line what went wrong."""

    def main(self, *arguments: Any, standalone_mode: bool = True, **options: Any) -> int:
        """Carry out a command line; say on one line what went wrong, and exit with the code that tells it."""
        for stream in (sys.stdout, sys.stderr):
            # A name may hold a letter that a terminal or a pipe with another encoding than UTF-8 cannot show.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        run_it = super().main
        code, said = guarded(lambda: run_it(*arguments, **{**options, "standalone_mode": False}))
        unshown = _flush()
        if unshown is not None and not said:
            # Whoever reads the output, such as head, may leave when it has seen enough.
            code, said = Code.FAILED, "" if isinstance(unshown, BrokenPipeError) else str(Unshown(unshown))
        if said and sys.stderr is not None:
            print(f"lomi: {plain(said)}", file=sys.stderr)
        if standalone_mode:
            sys.exit(code)
        return code


def _flush() -> OSError | None:
    """Have what was printed leave; return what keeps it here, which Python would tell of in its own way at its end."""
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


def commands(help: str | None = None) -> typer.Typer:
    """Return an application without commands yet."""
    return typer.Typer(
        cls=_Commands,
        help=help,
        add_completion=False,
        no_args_is_help=True,
        # A traceback with its locals would show customers' data.
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def run(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Carry out a command line and return the exit code."""
    command = typer.main.get_command(app)
    code: int = command.main(list(arguments), prog_name="python -m lomi", standalone_mode=False)
    return code
