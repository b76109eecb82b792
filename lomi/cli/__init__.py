"""The command line: ``lomi-py``, or ``python -m lomi``. The extra ``cli`` installs what it needs, typer and rich."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from .._version import __version__

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    Args:
        arguments: The words after the program's name. Default: those of this process.
    """
    words = sys.argv[1:] if arguments is None else [*arguments]
    if words[:1] == ["--version"]:
        # Before typer is imported, which starts pydantic.
        print(f"lomi {__version__}")
        return 0
    try:
        for library in ("rich", "typer"):
            import_module(library)
    except ImportError as missing:
        print(f'lomi-py needs {missing.name}: pip install "lomi[cli]"', file=sys.stderr)
        return 2
    from .app import run

    return run(words)
