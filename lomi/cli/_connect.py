"""Where a command's requests go: the API, or a sandbox that lives as long as the command."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from ._errors import Code, Refusal

if TYPE_CHECKING:
    from .. import LomiClient
    from ..sandbox import Sandbox, Server

__all__ = ["agreed", "connected", "key_or_prompt", "needs_uvicorn", "served"]


@contextmanager
def connected(*, on_sandbox: bool, account: str | None = None) -> Generator[LomiClient, None, None]:
    """Give the client that a command uses: of a sandbox without a socket, or of the API."""
    if on_sandbox:
        from ..sandbox import Sandbox

        with Sandbox() as sandbox, sandbox.client(account=account) as client:
            yield client
    else:
        from .. import LomiClient

        with LomiClient(key_or_prompt(), account=account) as client:
            yield client


def key_or_prompt() -> str | None:
    """Return the key that a person types in unseen; None where ``LOMI_API_KEY`` has it, or nobody is there to ask."""
    if "LOMI_API_KEY" in os.environ or not _is_somebody_there():
        return None
    typed: str = typer.prompt(
        "API key (LOMI_API_KEY is not set; what you type stays hidden)", hide_input=True, err=True
    )
    return typed


def agreed(client: LomiClient, what: str, *, yes: bool) -> None:
    """Ask before a write with a live key.

    Raises:
        Refusal: Nobody agreed.
    """
    if client.environment == "test" or yes:
        return
    if not _is_somebody_there():
        raise Refusal(f"this would {what} in live", "add --yes if that is meant; nothing was sent")
    if not typer.confirm(f"This will {what} in live, at {client.base_url}. Go on?", err=True):
        raise Refusal("nothing was sent", code=Code.FAILED)


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


def _is_somebody_there() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
