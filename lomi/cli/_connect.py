"""Where a command's requests go: a throw-away sandbox on this machine, or the API."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from ..sandbox import Sandbox, Server
from ._errors import Refusal

__all__ = ["needs_uvicorn", "served"]


@contextmanager
def needs_uvicorn() -> Generator[None, None, None]:
    """Say what to install where the sandbox's server library is missing.

    Raises:
        Refusal: It is.
    """
    try:
        yield
    except ImportError:
        raise Refusal("the sandbox needs uvicorn", 'pip install "lomi[sandbox]"') from None


def served(sandbox: Sandbox) -> Server:
    """Serve a sandbox on a free port of this machine."""
    with needs_uvicorn():
        return sandbox.serve()
