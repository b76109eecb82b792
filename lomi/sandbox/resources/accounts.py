"""What belongs to a merchant and has no operations yet: its balances, its keys, where its events are sent."""

from __future__ import annotations

from typing import Final

from ..resource import Resource

ACCOUNTS: Final = Resource("accounts", key="account_id", noun="Account", indexed=("currency_code",))

# The id of a key is the key.
KEYS: Final = Resource("keys", key="key")

WEBHOOKS: Final = Resource("webhooks", key="webhook_id", noun="Webhook")
