"""Whom a key belongs to, and where requests go."""

from __future__ import annotations

from typing import ClassVar

from .. import LomiClient, LomiModel, Request, path

__all__ = ["Whoami", "target_of", "whoami"]


class Whoami(LomiModel):
    """Whom a key belongs to."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("merchant_id",)

    merchant_id: str
    organization_id: str | None = None


def whoami(client: LomiClient) -> Whoami:
    """Return whom the client's key belongs to."""
    return client.send(Request("GET", path("/me"), Whoami))


def target_of(client: LomiClient, account: str | None) -> str:
    """Return where a client's requests go, for a file that must not be used with another place or owner."""
    if account is None:
        me = whoami(client)
        account = me.organization_id or me.merchant_id
    return f"{client.environment} {client.base_url} {account}"
