"""Values that no shop sends on purpose: refused by the sandbox as by a database, never its own failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

import lomi
from lomi.sandbox import Sandbox

PERSON = {"name": "Awa Ba", "phoneNumber": "+2250700000003"}
CHARGE = {"amount": 100, "currency": "XOF", "customer": PERSON}
CARD = {"amount": 100, "customer_email": "awa@shop.example", "customer_name": "Awa Ba"}
LINK = {"link_type": "instant", "title": "Deposit", "currency_code": "XOF", "amount": 500}
REQUEST = {"amount": 500, "currency_code": "XOF", "expiry_date": "2027-01-01T00:00:00Z"}
SESSION = {"amount": 500, "currency_code": "XOF"}
RECURRING = {"amount": 100, "currency_code": "XOF", "billing_interval": "day"}
PRODUCT = {"name": "Box", "product_type": "recurring", "prices": [RECURRING]}
EARLIEST, LATEST = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"
UNKNOWN = "0b7c9d52-6f0e-4c1a-9a35-2f1d6f0e4c01"
REFUSED = {400, 500}

Ask = Callable[..., httpx.Response]


@pytest.fixture(params=["server", "docs"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(seed=1, customers=1, dialect=request.param) as made:
        yield made


@pytest.fixture
def ask(sandbox: Sandbox) -> Iterator[Ask]:
    headers = {"X-API-KEY": sandbox.api_key, "Content-Type": "application/json"}
    with httpx.Client(transport=sandbox.transport(), base_url="http://sandbox", headers=headers) as http:

        def send(path: str, body: Any = None, method: str = "POST") -> httpx.Response:
            return http.request(method, path, content=None if body is None else json.dumps(body))

        yield send


@pytest.mark.parametrize("amount", [10**19, 1e300, "nan", "Infinity", "-Infinity", "1e400"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/charge/wave", CHARGE),
        ("/charge/mtn", CHARGE),
        ("/charge/card", CARD),
        ("/checkout-sessions", SESSION),
        ("/payment-links", LINK),
        ("/payment-requests", REQUEST),
    ],
)
def test_an_amount_that_no_ledger_holds(ask: Ask, path: str, body: dict[str, Any], amount: object) -> None:
    refused = ask(path, {**body, "amount": amount})
    assert refused.status_code in REFUSED
    assert refused.json()["error"]["message"]
    assert ask(path, {**body, "amount": 10**12}).status_code == 201


@pytest.mark.parametrize("amount", [10**19, "nan", "Infinity"])
def test_a_payout_of_no_amount(sandbox: Sandbox, ask: Ask, amount: object) -> None:
    method = sandbox.payout_method("bank")
    body = {"destination": "self", "rail": "bank", "currency_code": "XOF", "payout_method_id": method}
    assert ask("/payouts", {**body, "amount": amount}).status_code in REFUSED


def test_a_product_of_amounts(ask: Ask) -> None:
    body = {**PRODUCT, "product_type": "one_time", "prices": [{"amount": 10**9, "currency_code": "XOF"}]}
    price = ask("/products", body).json()["prices"][0]["price_id"]
    single = {"currency_code": "XOF", "price_id": price}
    assert ask("/checkout-sessions", {**single, "quantity": 10**6}).status_code in REFUSED
    for quantities in ([10**6], [10**40], [600, 600]):
        items = [{"price_id": price, "quantity": each} for each in quantities]
        assert ask("/checkout-sessions", {"currency_code": "XOF", "line_items": items}).status_code in REFUSED
    assert ask("/checkout-sessions", {**single, "quantity": 1000}).status_code == 201
    assert ask("/charge/mtn", {**CHARGE, "amount": 10**9, "quantity": 10**6}).status_code == 400


@pytest.mark.parametrize("moment", [EARLIEST, LATEST])
def test_a_moment_that_no_calendar_has(ask: Ask, moment: str) -> None:
    assert ask("/payment-links", {**LINK, "expires_at": moment}).status_code in REFUSED
    assert ask("/payment-requests", {**REQUEST, "expiry_date": moment}).status_code in REFUSED


@pytest.mark.parametrize("id", ["-" * 36, "a" * 36, "%00"])
def test_what_is_no_uuid(sandbox: Sandbox, ask: Ask, id: str) -> None:
    expected = {400, 404, 500} if sandbox.dialect == "server" else {400, 404}
    for path in ("products", "payment-links", "checkout-sessions", "transactions", "refunds", "payouts", "webhooks"):
        assert ask(f"/{path}/{id}", method="GET").status_code in expected
    assert ask("/payment-links", {**LINK, "price_id": id}).status_code in REFUSED


@pytest.mark.parametrize("value", [[], {}, "x"])
@pytest.mark.parametrize("name", ["appearance_theme", "appearance_billing_address"])
def test_an_appearance_that_there_is_not(ask: Ask, name: str, value: object) -> None:
    assert f"{name} must be one of" in ask("/charge/card", {**CARD, name: value}).json()["error"]["message"]


@pytest.mark.parametrize(
    "fields", [{"charge_day": 32}, {"charge_day": -1}, {"trial_enabled": True, "trial_period_days": 10**9}]
)
def test_a_day_that_no_month_has(ask: Ask, fields: dict[str, Any]) -> None:
    assert ask("/products", {**PRODUCT, **fields}).status_code in REFUSED
    assert ask("/products", {**PRODUCT, "charge_day": 31}).status_code == 201


def test_a_link_takes_a_price_of_its_product_and_currency(ask: Ask) -> None:
    prices = [{"amount": 100, "currency_code": "XOF"}]
    product = ask("/products", {**PRODUCT, "product_type": "one_time", "prices": prices}).json()
    link = {"link_type": "product", "title": "Honey", "currency_code": "XOF", "product_id": product["product_id"]}
    made = ask("/payment-links", link)
    assert (made.status_code, made.json()["price_id"]) == (201, product["prices"][0]["price_id"])
    for wrong in ({"currency_code": "USD"}, {"price_id": UNKNOWN}, {"product_id": UNKNOWN}, {"product_id": None}):
        assert ask("/payment-links", {**link, **wrong}).status_code in REFUSED


def test_transactions_of_either_dialect_can_be_fetched_and_refunded(sandbox: Sandbox) -> None:
    with sandbox.client(max_retries=0) as client:
        [*_, first] = client.transactions.list()
        assert client.transactions.get(first.transaction_id).transaction_id == first.transaction_id
        charge = client.charges.create_wave_charge(
            amount=100, currency="XOF", customer={"name": "Awa Ba", "phone_number": "+2250700000003"}
        )
        refund = client.refunds.create(transaction_id=charge.transaction_id, amount=100)
        assert refund.transaction_id == charge.transaction_id


def test_a_card_charge_is_seen_in_its_environment_only(sandbox: Sandbox) -> None:
    with sandbox.client(max_retries=0) as client, sandbox.client(max_retries=0, api_key=sandbox.live_key()) as live:
        charge = client.charges.create_card_charge(amount=100, customer_email="awa@shop.example", customer_name="Awa")
        assert client.charges.get_card_charge(charge.id).id == charge.id
        with pytest.raises(lomi.LomiNotFoundError):
            live.charges.get_card_charge(charge.id)
