"""What belongs to a merchant and has no operations yet: its balances, its keys."""

from __future__ import annotations

from typing import Final

from ..resource import Resource

ACCOUNTS: Final = Resource("accounts", key="account_id", noun="Account", indexed=("currency_code",))

# The id of a key is the key.
KEYS: Final = Resource("keys", key="key")
