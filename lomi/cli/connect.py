"""What a command needs to connect: the key, a confirmation, the merchant, a sandbox."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import typer

from .errors import Code, CommandError

if TYPE_CHECKING:
    from .. import LomiClient
    from ..sandbox import Sandbox

__all__ = ["confirm", "key_or_prompt", "me", "new_sandbox", "owner"]


def key_or_prompt() -> str | None:
    """Return the key typed in at the terminal; None if ``LOMI_API_KEY`` is set or there is no terminal."""
    if "LOMI_API_KEY" in os.environ or not _is_interactive():
        return None
    key: str = typer.prompt("API key (LOMI_API_KEY is not set; your input stays hidden)", hide_input=True, err=True)
    return key


def confirm(action: str) -> None:
    """Ask whether to go on.

    Raises:
        CommandError: The answer is no, or there is no terminal to ask on.
    """
    if not _is_interactive():
        raise CommandError(f"this would {action}", "nothing was sent; add --yes to go ahead")
    if not typer.confirm(f"This will {action}. Continue?", err=True):
        raise CommandError("nothing was sent", code=Code.FAILED)


def me(client: LomiClient) -> dict[str, Any]:
    """Return the merchant and the organization that the key belongs to."""
    from .. import Request, path

    return client.send(Request("GET", path("/me"), dict[str, Any]))


def owner(client: LomiClient, account: str | None) -> str:
    """Return where requests go and for whom, for a file that must not be used with another target."""
    if account is None:
        found = me(client)
        account = found.get("organization_id") or found["merchant_id"]
    return f"{client.environment} {client.base_url} {account}"


def new_sandbox() -> Sandbox:
    """Return a sandbox that lasts as long as the command, and knows the customer of the documentation's examples."""
    from ..sandbox import Sandbox

    return Sandbox("server", vendor_examples=True)


def _is_interactive() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
