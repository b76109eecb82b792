"""Whose key the client has."""

from __future__ import annotations

from ...models.me import Me
from ._base import APIResource

__all__ = ["MeResource"]


class MeResource(APIResource):
    """The merchant and the organization that the key belongs to, as ``client.me``."""

    def get(self) -> Me:
        """Return the merchant, the organization and the environment of the key.

        It is the way to the id that the methods of ``client.merchants`` take.

        Raises:
            LomiAuthError: The key was not accepted.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> me = client.me.get()
            >>> balance = client.merchants.get_balance(me.merchant_id, currency_code="XOF")
        """
        return self._send("me.get", "GET", "/me", Me)
