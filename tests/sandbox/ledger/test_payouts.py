"""Payouts: where they may go, what becomes of them in time, and of the money."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import lomi
from lomi import LomiClient
from lomi.sandbox import Sandbox

from .conftest import Payer

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def ask(sandbox: Sandbox, key: str | None = None, **body: Any) -> tuple[int, str]:
    """Pay out without the checks of the client; return status and message."""
    with httpx.Client(transport=sandbox.transport(), base_url=sandbox.base_url) as plain:
        answer = plain.post(
            "/payouts",
            json={"amount": 1, "currency_code": "XOF", **body},
            headers={"X-API-KEY": key or sandbox.api_key},
        )
    value = answer.json()
    return answer.status_code, value["error"]["message"] if "error" in value else value["message"]


def held(client: LomiClient) -> tuple[float, float]:
    """Return what is available and what is not, in francs."""
    breakdown = next(each for each in client.accounts.get_balance_breakdown() if each.currency_code == "XOF")
    assert breakdown.total_money == breakdown.money + breakdown.unavailable_money
    return float(breakdown.available_balance or 0), float(breakdown.unavailable_balance or 0)


def withdraw(client: LomiClient, rail: Any, method: str, amount: int = 100_000, **more: Any) -> lomi.CreatedPayout:
    return client.payouts.create(
        destination="self", rail=rail, amount=amount, currency_code="XOF", payout_method_id=method, **more
    )


@pytest.fixture
def live(sandbox: Sandbox) -> Iterator[LomiClient]:
    """A client that sees live data, with 50,000 francs."""
    [customer] = sandbox.seed(customers=1, environment="live")
    sandbox.pay(customer, 50_000)
    with sandbox.client(api_key=sandbox.live_key(), max_retries=0) as client:
        yield client


def test_a_withdrawal_to_a_bank_account(client: LomiClient, sandbox: Sandbox) -> None:
    method = sandbox.payout_method("bank")
    made = withdraw(client, "bank", method, 100_000)
    assert json.loads(sandbox.requests[-1].response) == {
        "success": True,
        "kind": "withdrawal",
        "status": "pending",
        "message": "Withdrawal initiated successfully",
    }
    assert (sandbox.requests[-1].status, made.payout_id, held(client)) == (201, None, (150_000, 100_000))
    [payout] = client.payouts.list()
    [row] = json.loads(sandbox.calls("GET /payouts")[0].response)["data"]
    assert list(row) == [
        *("payout_id", "merchant_id", "account_id", "organization_id", "amount", "currency_code", "status"),
        *("provider_code", "payout_method_id", "metadata", "created_at", "updated_at", "kind"),
    ]
    assert (payout.merchant_id, payout.provider_code, payout.payout_method_id) == (sandbox.merchant_id, None, method)
    assert client.accounts.get(str(payout.account_id)).currency_code == "XOF"
    states = [client.payouts.get(payout.payout_id).status]
    for hours in (1, 24):
        sandbox.clock.advance(hours=hours)
        states.append(client.payouts.get(payout.payout_id).status)
    assert states == ["pending", "processing", "completed"]
    assert held(client) == (150_000, 100_000)
    sandbox.clock.advance(days=1)
    settled = client.payouts.get(payout.payout_id)
    assert (settled.status, settled.payment_method_code, held(client)) == ("completed", "BANK_TRANSFER", (150_000, 0))
    assert sum(each.amount for each in sandbox.ledger() if each.account == "paid_out") == 100_000


def test_a_withdrawal_by_spi(client: LomiClient, sandbox: Sandbox) -> None:
    made = withdraw(client, "spi", sandbox.payout_method("spi"))
    assert (made.status, made.kind) == ("processing", "withdrawal")
    sandbox.clock.advance(minutes=1)
    payout = client.payouts.get(str(made.payout_id))
    assert (payout.status, payout.provider_code) == ("completed", "SPI")


def test_a_beneficiary_by_spi(client: LomiClient, sandbox: Sandbox) -> None:
    made = client.payouts.create(
        destination="beneficiary",
        rail="spi",
        amount=1000,
        currency_code="XOF",
        payout_method_id=sandbox.payout_method("spi"),
        metadata={"order": "1"},
    )
    assert (made.status, made.kind, made.message) == ("pending", "beneficiary", "Beneficiary payout initiated")
    payout = client.payouts.get(str(made.payout_id))
    assert (payout.metadata, payout.created_by) == ({"order": "1"}, sandbox.merchant_id)
    assert list(client.payouts.list()) == []


def test_wave_needs_a_live_key(client: LomiClient, live: LomiClient, sandbox: Sandbox) -> None:
    recipient: Any = {"name": "Ibou Fall", "phone": "+221770000002"}
    to_other: dict[str, Any] = {
        "destination": "beneficiary",
        "rail": "wave",
        "amount": 15_000,
        "currency_code": "XOF",
        "recipient": recipient,
        "metadata": {"a": "b"},
    }
    method = sandbox.payout_method("wave")
    with pytest.raises(lomi.LomiBadRequestError, match="Wave payouts are not available in test mode"):
        withdraw(client, "wave", method)
    with pytest.raises(lomi.LomiBadRequestError, match="Wave payouts are not available in test mode"):
        client.payouts.create(**to_other)
    made = live.payouts.create(**to_other)
    assert (made.status, made.data) == ("processing", {"payoutId": made.payout_id, "status": "processing"})
    own = withdraw(live, "wave", method, 10_000, metadata={"c": "d"})
    assert held(live) == (25_000, 25_000)
    assert held(client) == (250_000, 0)
    withdrawal, beneficiary = live.payouts.list()
    assert (withdrawal.payout_id, withdrawal.kind, withdrawal.metadata) == (own.payout_id, "withdrawal", {"c": "d"})
    assert (beneficiary.payout_id, beneficiary.kind, beneficiary.merchant_id) == (made.payout_id, "beneficiary", None)
    assert beneficiary.payment_method_code == "MOBILE_MONEY"
    assert live.payouts.list(page_size=1).items == [withdrawal, beneficiary]
    assert list(client.payouts.list()) == []


@pytest.mark.parametrize(
    ("sent", "method", "problem"),
    [
        ({"rail": "mtn"}, None, "MTN payouts are not supported via the API yet"),
        (
            {"destination": "beneficiary", "rail": "bank"},
            None,
            "Bank payouts to third-party beneficiaries are not supported",
        ),
        ({"destination": "beneficiary"}, None, "Invalid rail for beneficiary payout"),
        (
            {"destination": "beneficiary", "rail": "spi"},
            None,
            "payout_method_id is required for beneficiary SPI payouts",
        ),
        (
            {"destination": "beneficiary", "rail": "spi"},
            "bank",
            "payout_method_id must be an SPI-enabled payout method",
        ),
        ({"destination": "self", "rail": "bank"}, None, "payout_method_id is required for self payouts"),
        ({"destination": "elsewhere", "rail": "bank"}, None, "payout_method_id is required for self payouts"),
        ({"rail": "bank"}, "wave", "payout_method_id must be a registered bank account"),
        ({"rail": "spi"}, "bank", "payout_method_id must be an SPI-enabled payout method"),
        ({"rail": "wave"}, "bank", "payout_method_id must be a registered mobile money payout method"),
        ({"rail": "wave"}, "mtn", "payout_method_id must be a Wave mobile money method"),
        ({"rail": "pigeon"}, "bank", "Invalid rail for self payout"),
        ({"rail": "bank", "payout_method_id": UNKNOWN}, None, "Payout method not found for this organization"),
        ({"rail": "bank", "payout_method_id": "x"}, None, 'invalid input syntax for type uuid: "x"'),
        ({"rail": "bank", "amount": 0}, "bank", "Payout amount must be greater than zero"),
        ({"rail": "bank", "amount": 250_001}, "bank", "Insufficient balance for this payout"),
        ({"rail": "bank", "amount": "much"}, "bank", 'invalid input syntax for type numeric: "much"'),
        (
            {"rail": "bank", "amount": None},
            "bank",
            "null value in column of payouts violates not-null constraint",
        ),
        ({"rail": "bank", "currency_code": "GBP"}, "bank", 'invalid input value for enum: "GBP"'),
    ],
)
def test_payouts_that_are_refused(sandbox: Sandbox, sent: dict[str, Any], method: Any, problem: str) -> None:
    if method is not None:
        sent = {**sent, "payout_method_id": sandbox.payout_method(method)}
    assert ask(sandbox, **sent) == (400, problem)
    assert sandbox.objects("payouts") == ()


def test_a_live_beneficiary_by_wave_needs_a_recipient(sandbox: Sandbox) -> None:
    key = sandbox.live_key()
    for recipient in (None, {}, {"name": "Ibou"}):
        assert ask(sandbox, key, destination="beneficiary", rail="wave", recipient=recipient) == (
            400,
            "recipient.name and recipient.phone are required for beneficiary payouts",
        )


def test_a_bank_account_that_waits_for_approval(client: LomiClient, sandbox: Sandbox) -> None:
    with pytest.raises(lomi.LomiBadRequestError, match="Bank account is pending verification"):
        withdraw(client, "bank", sandbox.payout_method("bank", verified=False))


def test_a_payout_method_of_another_merchant(client: LomiClient, sandbox: Sandbox) -> None:
    method = sandbox.payout_method("bank", merchant=sandbox.merchant())
    with pytest.raises(lomi.LomiBadRequestError, match="Payout method not found for this organization"):
        withdraw(client, "bank", method)


def test_a_completed_payout_fails_at_settlement_if_the_balance_fell(
    client: LomiClient, sandbox: Sandbox, payer: Payer
) -> None:
    paid = payer.card(100_000)
    made = withdraw(client, "spi", sandbox.payout_method("spi"), 300_000)
    sandbox.clock.advance(minutes=1)
    client.refunds.create(transaction_id=paid, amount=100_000)
    assert held(client) == (-50_000, 300_000)
    assert client.payouts.get(str(made.payout_id)).status == "completed"
    sandbox.clock.advance(days=1)
    assert client.payouts.get(str(made.payout_id)).status == "failed"
    assert held(client) == (250_000, 0)


def test_a_payout_can_be_made_to_fail(client: LomiClient, sandbox: Sandbox) -> None:
    made = withdraw(client, "spi", sandbox.payout_method("spi"))
    id = str(made.payout_id)
    sandbox.fail_payout(id)
    assert (client.payouts.get(id).status, held(client)) == ("failed", (250_000, 0))
    with pytest.raises(ValueError, match="the payout has failed or settled already"):
        sandbox.fail_payout(id)
    settled = str(withdraw(client, "spi", sandbox.payout_method("spi")).payout_id)
    sandbox.clock.advance(days=2)
    with pytest.raises(ValueError, match="the payout has failed or settled already"):
        sandbox.fail_payout(settled)
    with pytest.raises(LookupError, match="there is no such payout in this sandbox"):
        sandbox.fail_payout(UNKNOWN)


def test_whose_payout_it_is(client: LomiClient, sandbox: Sandbox) -> None:
    id = str(withdraw(client, "spi", sandbox.payout_method("spi")).payout_id)
    with sandbox.client(api_key=sandbox.merchant().api_key) as theirs:
        assert list(theirs.payouts.list()) == []
        for each in (id, UNKNOWN):
            with pytest.raises(lomi.LomiNotFoundError, match="Payout not found"):
                theirs.payouts.get(each)


def test_payouts_are_listed_by_status(client: LomiClient, sandbox: Sandbox) -> None:
    method = sandbox.payout_method("spi")
    first = withdraw(client, "spi", method, 1).payout_id
    sandbox.clock.advance(minutes=1)
    second = withdraw(client, "spi", method, 2).payout_id

    def ids(query: str) -> list[str]:
        with httpx.Client(transport=sandbox.transport(), base_url=sandbox.base_url) as plain:
            answer = plain.get(f"/payouts?{query}", headers={"X-API-KEY": sandbox.api_key})
        return [each["payout_id"] for each in answer.json()["data"]]

    assert ids("status=completed") == [first]
    assert ids("status=%20processing,,%20completed") == ids("status=,") == ids("") == [second, first]
    assert ids("page=2&pageSize=1") == [first]
    assert [each.payout_id for each in client.payouts.list(status=["pending", "processing"])] == [second]


def test_methods_that_cannot_be(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="kind is one of bank, spi, wave, mtn, not 'iban'"):
        sandbox.payout_method("iban")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="verified is True or False, not 1"):
        sandbox.payout_method(verified=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("destination", "rail", "currency", "amount", "fee"),
    [
        ("self", "bank", "XOF", 10_000, 1500),
        ("self", "spi", "XOF", 10_000, 1500),
        ("self", "wave", "XOF", 10_000, 0),
        ("beneficiary", "wave", "XOF", 10_000, 200),
        ("beneficiary", "spi", "XOF", 10_000, 200),
        ("self", "bank", "EUR", 100, 6),
    ],
)
def test_fees(charging: Sandbox, destination: Any, rail: Any, currency: Any, amount: int, fee: int) -> None:
    [customer] = charging.seed(customers=1, environment="live")
    charging.pay(customer, 100_000, currency)
    method: Any = charging.payout_method("wave" if rail == "wave" else "spi")
    to: Any = {"payout_method_id": method} if destination == "self" or rail == "spi" else {}
    if not to:
        to = {"recipient": {"name": "Ibou", "phone": "+221770000002"}}
    with charging.client(api_key=charging.live_key()) as live:
        before = live.accounts.check_balance(currency).money
        live.payouts.create(destination=destination, rail=rail, amount=amount, currency_code=currency, **to)
        after = live.accounts.check_balance(currency).money
        assert (before - after).to_decimal() == amount + fee
        earned = sum(each.amount for each in charging.ledger() if each.account == "fees")
        charging.clock.advance(days=3)
        assert sum(each.amount for each in charging.ledger() if each.account == "fees") == earned + fee
