from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from lomi import LomiClient, Price
from lomi.sandbox import Sandbox

MONTHLY: dict[str, Any] = {"amount": 9900, "currency_code": "XOF", "billing_interval": "month"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Shop:
    """A sandbox, a client of it, and all events that were delivered."""

    def __init__(self, sandbox: Sandbox, client: LomiClient) -> None:
        self.sandbox = sandbox
        self.client = client
        self.received: list[dict[str, Any]] = []
        sandbox.webhooks.add(self.receive)

    def receive(self, body: bytes, headers: Mapping[str, str]) -> None:
        self.received.append(json.loads(body))

    def events(self) -> list[str]:
        """Return the events since the last time, oldest first."""
        self.sandbox.deliver()
        names = [each["event"] for each in self.received]
        self.received.clear()
        return names

    def customer(self) -> str:
        return self.client.customers.create(name="Fatou Sow", email="fatou@shop.example").id

    def price(self, *, price: Mapping[str, Any] = MONTHLY, **product: Any) -> Price:
        """Create a recurring product, and return its price."""
        made = self.client.products.create(
            {"name": "Studio plan", "product_type": "recurring", "prices": [price], **product}
        )
        assert made.prices
        return made.prices[0]

    def subscribe(self, *, saved_card: bool = True, **product: Any) -> str:
        """Let a new customer subscribe to a new product, and return the subscription's id."""
        made = self.sandbox.subscribe(self.customer(), self.price(**product), saved_card=saved_card)
        return str(made["subscription_id"])

    def status(self, id: str) -> Any:
        return self.client.subscriptions.get(id).status

    def paid(self, status: str = "completed") -> list[Any]:
        """Return the amounts of the transactions in a state, the oldest first."""
        return [each["gross_amount"] for each in self.sandbox.objects("transactions", status=status)]


@pytest.fixture
def shop() -> Iterator[Shop]:
    # The clock stands at 2026-01-15T10:30:00Z.
    with Sandbox(seed=1, customers=0) as sandbox, sandbox.client(max_retries=0) as client:
        yield Shop(sandbox, client)
