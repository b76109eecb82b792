from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lomi import LomiClient
from lomi.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, customers=0) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[LomiClient]:
    with sandbox.client(max_retries=0) as client:
        yield client


@pytest.fixture
def charging() -> Iterator[Sandbox]:
    """A sandbox that charges fees."""
    with Sandbox(seed=1, customers=0, fees=True) as sandbox:
        yield sandbox


class Payer:
    """Pays, and returns the ids of transactions."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        with sandbox.client() as client:
            self.id = client.customers.create(name="Awa Diop", phone_number="+221771234567").id

    def pay(self, amount: float, currency: str = "XOF", **options: Any) -> str:
        return str(self.sandbox.pay(self.id, amount, currency, **options)["transaction_id"])

    def card(self, amount: float, currency: str = "XOF") -> str:
        return self.pay(amount, currency, provider="STRIPE")


@pytest.fixture
def payer(sandbox: Sandbox) -> Payer:
    return Payer(sandbox)
