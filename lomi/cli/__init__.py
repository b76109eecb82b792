"""The command line, ``python -m lomi``. Its libraries, typer and rich, come with the extra ``cli``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Carry out a command line and return the exit code; never raises for what a user can do wrong."""
    try:
        for library in ("rich", "typer"):
            import_module(library)
    except ImportError as missing:
        print(f'python -m lomi needs {missing.name}: pip install "lomi[cli,sandbox]"', file=sys.stderr)
        return 2
    from ._commands import run

    if arguments[:1] == ["sandbox"]:
        from ._sandbox import app
    else:
        from ._app import app
    return run(app, arguments)
