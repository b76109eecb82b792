"""Refunds: what the server checks, what it pays back, and what becomes of the balance."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest

import lomi
from lomi import LomiClient
from lomi.sandbox import Delivery, Sandbox

from .conftest import Payer

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def held(sandbox: Sandbox, currency: Any = "XOF") -> float:
    with sandbox.client() as client:
        return float(client.accounts.get_balance(currency=currency)[0].balance or 0)


def status(sandbox: Sandbox, transaction_id: str) -> Any:
    return sandbox.objects("transactions", transaction_id=transaction_id)[0]["status"]


def ask(sandbox: Sandbox, **body: Any) -> httpx.Response:
    """Refund without the checks of the client."""
    with httpx.Client(transport=sandbox.transport(), base_url=sandbox.base_url) as plain:
        return plain.post("/refunds", json=body, headers={"X-API-KEY": sandbox.api_key})


def sent_back(sandbox: Sandbox) -> Any:
    """Return the body of the last response."""
    return json.loads(sandbox.requests[-1].response)


def message(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["message"]


def test_a_full_refund_by_wave(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    paid = payer.pay(24_500)
    before = held(sandbox)
    made = client.refunds.create(transaction_id=paid, amount=24_500, reason="damaged")
    assert sandbox.requests[-1].status == 201
    assert sent_back(sandbox) == {
        "success": True,
        "refund_id": made.refund_id,
        "transaction_id": paid,
        "refunded_amount": 24_500,
        "status": "completed",
        "message": "Refund initiated and recorded.",
        "subscription_action": {"applied": False, "action": "none"},
    }
    assert (held(sandbox), status(sandbox, paid)) == (before - 24_500, "refunded")
    found = client.refunds.get(made.refund_id)
    assert found.to_dict() | {"created_at": None, "updated_at": None} == {
        "refund_id": made.refund_id,
        "transaction_id": paid,
        "amount": 24_500,
        "refunded_amount": 24_500,
        "fee_amount": 0,
        "reason": "damaged",
        "status": "completed",
        "metadata": None,
        "created_at": None,
        "updated_at": None,
    }
    assert list(client.refunds.list()) == [found]
    with pytest.raises(lomi.LomiBadRequestError, match="Only completed transactions can be refunded") as caught:
        client.refunds.create(transaction_id=paid, amount=1)
    assert caught.value.outcome == "rejected"


def test_partial_refunds_by_card_add_up_to_the_payment(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    paid = payer.card(1999, "EUR")
    before = held(sandbox, "EUR")
    made = client.refunds.create(transaction_id=paid, amount=lomi.Money(999, "EUR").to_decimal())
    assert made.stripe_refund_id is not None
    assert (made.refunded_amount, status(sandbox, paid)) == (lomi.Money(999, "EUR").to_decimal(), "completed")
    with pytest.raises(lomi.LomiBadRequestError, match=r"\(10.5 EUR\) is greater than .* charge \(10 EUR\)"):
        client.refunds.create(transaction_id=paid, amount=lomi.Money(1050, "EUR").to_decimal())
    client.refunds.create(transaction_id=paid, amount=10)
    assert status(sandbox, paid) == "refunded"
    assert held(sandbox, "EUR") == pytest.approx(before - 19.99)
    assert [each.refunded_amount for each in client.refunds.list()] == [10, lomi.Money(999, "EUR").to_decimal()]


def test_two_partial_refunds_of_one_payment_by_wave(client: LomiClient, payer: Payer, sandbox: Sandbox) -> None:
    paid = payer.pay(5000)
    client.refunds.create(transaction_id=paid, amount=3000)
    for amount in (3000, 5000):
        with pytest.raises(lomi.LomiBadRequestError, match="exceeds what is left of the transaction: 2000 XOF"):
            client.refunds.create(transaction_id=paid, amount=amount)
    client.refunds.create(transaction_id=paid, amount=2000)
    assert status(sandbox, paid) == "refunded"


@pytest.mark.parametrize(
    ("provider", "problem"),
    [
        ("MTN", "Refunds are not supported for this transaction type"),
        ("ORANGE", "Refunds are not supported for this transaction type"),
    ],
)
def test_what_is_not_refunded(client: LomiClient, payer: Payer, provider: str, problem: str) -> None:
    with pytest.raises(lomi.LomiBadRequestError, match=problem) as caught:
        client.refunds.create(transaction_id=payer.pay(500, provider=provider), amount=500)
    assert caught.value.outcome == "rejected"


def test_whose_payment_it_is(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    other = sandbox.merchant()
    with sandbox.client(api_key=other.api_key) as theirs:
        for id in (payer.pay(500), UNKNOWN):
            with pytest.raises(lomi.LomiNotFoundError, match=f"Transaction with ID {id} not found or access denied"):
                theirs.refunds.create(transaction_id=id, amount=500)
        with pytest.raises(lomi.LomiNotFoundError, match=f"Refund with ID {UNKNOWN} not found or access denied"):
            theirs.refunds.get(UNKNOWN)
    assert message(ask(sandbox, transaction_id="tx", amount=1)) == (400, 'invalid input syntax for type uuid: "tx"')


def test_a_partial_refund_by_wave_is_sent_to_the_customer_s_phone(client: LomiClient, sandbox: Sandbox) -> None:
    customer = client.customers.create(name="Awa")
    paid = str(sandbox.pay(customer, 5000)["transaction_id"])
    with pytest.raises(lomi.LomiBadRequestError, match="Customer phone number is required for partial refunds"):
        client.refunds.create(transaction_id=paid, amount=10)
    client.customers.delete(customer.id)
    with pytest.raises(lomi.LomiBadRequestError, match="Transaction has no customer; "):
        client.refunds.create(transaction_id=paid, amount=10)
    client.refunds.create(transaction_id=paid, amount=5000)


def test_full_with_a_smaller_amount_returns_the_whole_payment_by_wave(client: LomiClient, payer: Payer) -> None:
    made = client.refunds.create(transaction_id=payer.pay(5000), amount=1000, refund_type="full")
    assert (made.refunded_amount, client.refunds.get(made.refund_id).amount) == (5000, 1000)


def test_full_with_a_smaller_amount_ends_a_card_payment(client: LomiClient, payer: Payer, sandbox: Sandbox) -> None:
    paid = payer.card(5000)
    assert client.refunds.create(transaction_id=paid, amount=1000, refund_type="full").refunded_amount == 1000
    assert status(sandbox, paid) == "refunded"


def test_partial_with_the_whole_amount_goes_the_way_of_a_partial_one(
    client: LomiClient, sandbox: Sandbox, payer: Payer
) -> None:
    paid = payer.pay(5000)
    sandbox.lose_refund()
    with pytest.raises(lomi.LomiBadRequestError) as caught:
        client.refunds.create(transaction_id=paid, amount=5000, refund_type="partial")
    assert caught.value.outcome == "unknown"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (0, (400, "Refund amount must be positive")),
        (-1, (400, "Refund amount must be positive")),
        (None, (400, "Refund amount must be positive")),
        ("", (400, "Refund amount must be positive")),
        (5000.02, (400, "Refund amount exceeds transaction gross amount")),
        ("5001", (400, "Refund amount exceeds transaction gross amount")),
        ("much", (400, "Refund processing failed: Invalid amount: NaN")),
        ([], (400, "Refund processing failed: Invalid amount: NaN")),
        (0.001, (400, "Refund amount exceeds what is left of the transaction: 5000 XOF")),
    ],
)
def test_amounts_that_are_refused(sandbox: Sandbox, payer: Payer, amount: Any, expected: tuple[int, str]) -> None:
    paid = payer.pay(5000)
    before = held(sandbox)
    assert message(ask(sandbox, transaction_id=paid, amount=amount)) == expected
    assert (held(sandbox), sandbox.objects("refunds")) == (before, ())


def test_a_missing_amount_passes_the_checks_and_fails_at_the_provider(sandbox: Sandbox, payer: Payer) -> None:
    assert message(ask(sandbox, transaction_id=payer.pay(5000))) == (
        400,
        "Refund processing failed: Invalid amount: NaN",
    )
    assert message(ask(sandbox, transaction_id=payer.card(5000))) == (400, "Invalid amount: NaN")


def test_an_amount_as_text_can_become_a_full_refund(sandbox: Sandbox, payer: Payer) -> None:
    paid = payer.pay(5000)
    assert ask(sandbox, transaction_id=paid, amount="500").json()["refunded_amount"] == 5000
    # "400" + 0.01 is "4000.01".
    assert ask(sandbox, transaction_id=payer.pay(5000), amount="400").json()["refunded_amount"] == 400


def test_a_cent_too_much_is_let_pass_and_not_paid(sandbox: Sandbox, payer: Payer) -> None:
    answer = ask(sandbox, transaction_id=payer.card(5000), amount=5000.01)
    assert (answer.status_code, answer.json()["refunded_amount"]) == (201, 5000)


def test_an_unknown_subscription_action_is_the_database_s_error(sandbox: Sandbox, payer: Payer) -> None:
    answer = ask(sandbox, transaction_id=payer.pay(5000), amount=5000, subscription_action="stop")
    assert message(answer) == (400, 'invalid input value for enum: "stop"')


def test_a_refund_of_what_is_no_subscription_says_so(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    made = client.refunds.create(transaction_id=payer.pay(5000), amount=5000, subscription_action="cancel")
    assert made.subscription_action is not None
    assert sent_back(sandbox)["subscription_action"] == {
        "applied": False,
        "action": "none",
        "reason": "The transaction has no subscription",
    }


# Lists


def test_refunds_are_listed_by_status_time_and_page(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    paid = payer.pay(5000)
    made = [client.refunds.create(transaction_id=paid, amount=amount).refund_id for amount in (1, 2)]
    moment = sandbox.clock.advance(days=1)
    sandbox.hold_refund(60)
    made.append(client.refunds.create(transaction_id=paid, amount=3).refund_id)

    def ids(**filters: Any) -> list[str]:
        return [each.refund_id for each in client.refunds.list(**filters)]

    assert ids() == ids(limit=1) == made[::-1]
    assert (ids(status="pending"), ids(status="failed")) == ([made[2]], [])
    assert (ids(start_date=moment), ids(end_date=moment)) == ([made[2]], made[1::-1])
    answer = httpx.Client(transport=sandbox.transport(), base_url=sandbox.base_url).get(
        "/refunds?status=x", headers={"X-API-KEY": sandbox.api_key}
    )
    assert answer.status_code == 400


# What can go wrong


def test_a_card_refund_whose_record_fails_appears_a_minute_later(
    client: LomiClient, sandbox: Sandbox, payer: Payer
) -> None:
    paid = payer.card(5000)
    before = held(sandbox)
    sandbox.lose_refund()
    with pytest.raises(lomi.LomiRefundLedgerError, match="Refund initiated in Stripe") as caught:
        client.refunds.create(transaction_id=paid, amount=5000)
    assert caught.value.outcome == "unknown"
    assert (list(client.refunds.list()), held(sandbox), status(sandbox, paid)) == ([], before, "completed")
    [hidden] = sandbox.objects("refunds")
    with pytest.raises(lomi.LomiNotFoundError):
        client.refunds.get(str(hidden["refund_id"]))
    with pytest.raises(lomi.LomiBadRequestError, match="This charge has already been refunded"):
        client.refunds.create(transaction_id=paid, amount=5000)
    sandbox.clock.advance(minutes=1)
    assert [each.status for each in client.refunds.list()] == ["completed"]
    assert (held(sandbox), status(sandbox, paid)) == (before - 5000, "refunded")


def test_a_partial_refund_by_wave_can_move_money_and_answer_400(
    client: LomiClient, sandbox: Sandbox, payer: Payer
) -> None:
    paid = payer.pay(5000)
    before = held(sandbox)
    sandbox.lose_refund()
    with pytest.raises(lomi.LomiBadRequestError, match="Refund processing failed: ") as caught:
        client.refunds.create(transaction_id=paid, amount=1000)
    assert caught.value.outcome == "unknown"
    sandbox.clock.advance(days=7)
    assert (list(client.refunds.list()), held(sandbox)) == ([], before)
    assert {each.account: each.amount for each in sandbox.ledger() if each.movement.endswith("/unrecorded")} == {
        "payers": Decimal(1000),
        "unrecorded": Decimal(-1000),
    }


def test_a_full_refund_by_wave_is_recorded_first(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    paid = payer.pay(5000)
    sandbox.lose_refund()
    with pytest.raises(lomi.LomiBadRequestError, match="could not record the refund"):
        client.refunds.create(transaction_id=paid, amount=5000)
    assert sandbox.objects("refunds") == ()
    client.refunds.create(transaction_id=paid, amount=5000)


def test_the_provider_refuses(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    wave, card = payer.pay(5000), payer.card(5000)
    before = held(sandbox)
    sandbox.refuse_refund("no such payment")
    with pytest.raises(lomi.LomiBadRequestError, match="Refund processing failed: no such payment"):
        client.refunds.create(transaction_id=wave, amount=5000)
    sandbox.refuse_refund()
    with pytest.raises(lomi.LomiBadRequestError, match="Cannot refund a charge with a pending dispute") as caught:
        client.refunds.create(transaction_id=card, amount=5000)
    assert caught.value.outcome == "rejected"
    assert held(sandbox) == before
    sandbox.refuse_refund(manual=True)
    made = client.refunds.create(transaction_id=card, amount=5000)
    assert (made.fallback, made.stripe_refund_id, held(sandbox)) == ("manual", None, before - 5000)


@pytest.mark.parametrize("outcome", ["completed", "failed"])
def test_a_refund_that_is_pending_for_a_while(client: LomiClient, sandbox: Sandbox, payer: Payer, outcome: Any) -> None:
    paid = payer.card(5000)
    before = held(sandbox)
    sandbox.hold_refund(60, status=outcome)
    made = client.refunds.create(transaction_id=paid, amount=5000)
    assert (made.status, status(sandbox, paid), held(sandbox)) == ("pending", "completed", before - 5000)
    with pytest.raises(lomi.LomiBadRequestError, match="already been refunded"):
        client.refunds.create(transaction_id=paid, amount=5000)
    sandbox.clock.advance(seconds=60)
    assert client.refunds.get(made.refund_id).status == outcome
    after = {"completed": (before - 5000, "refunded"), "failed": (before, "completed")}
    assert (held(sandbox), status(sandbox, paid)) == after[outcome]


def test_events_of_refunds(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    sandbox.webhooks.add(lambda _, __: 200)
    made = client.refunds.create(transaction_id=payer.card(5000), amount=1000)
    sandbox.hold_refund(60, status="failed")
    client.refunds.create(transaction_id=payer.card(5000), amount=1000)
    sandbox.clock.advance(minutes=2)
    sent: list[Delivery] = [each for each in sandbox.deliveries if each.event.startswith("REFUND_")]
    assert [each.event for each in sent] == ["REFUND_CREATED", "REFUND_COMPLETED", "REFUND_CREATED", "REFUND_FAILED"]
    data = [json.loads(each.body)["data"] for each in sent]
    assert [each["status"] for each in data] == ["pending", "completed", "pending", "failed"]
    assert lomi.Refund.model_validate(data[1]).refund_id == made.refund_id


def test_a_refund_can_take_the_balance_below_zero(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    paid = payer.card(300_000)
    method = sandbox.payout_method("bank")
    client.payouts.create(destination="self", rail="bank", amount=500_000, currency_code="XOF", payout_method_id=method)
    client.refunds.create(transaction_id=paid, amount=300_000)
    assert held(sandbox) == -250_000


# Fees


def test_fees(charging: Sandbox) -> None:
    payer = Payer(charging)
    with charging.client() as client:
        for provider, fee in (("WAVE", 1070), ("STRIPE", 1600)):
            before = held(charging)
            paid = payer.pay(30_000, provider=provider)
            [shown] = charging.objects("transactions", transaction_id=paid)
            assert (shown["fee_amount"], shown["net_amount"]) == (fee, 30_000 - fee)
            assert shown["fee_subcategory"] == {"WAVE": "mobile_money", "STRIPE": "cards"}[provider]
            assert held(charging) == before + 30_000 - fee
            made = client.refunds.create(transaction_id=paid, amount=30_000)
            assert client.refunds.get(made.refund_id).fee_amount == 600
            assert held(charging) == before - fee - 600


def test_a_fee_of_a_small_payment_takes_all_of_it(charging: Sandbox) -> None:
    [shown] = charging.objects("transactions", transaction_id=Payer(charging).pay(100))
    assert (shown["fee_amount"], shown["net_amount"]) == (100, 0)


def test_fees_of_refunds_have_two_decimals_in_francs_too(charging: Sandbox) -> None:
    payer = Payer(charging)
    with charging.client() as client:
        paid = payer.card(12_345)
        assert charging.objects("transactions", transaction_id=paid)[0]["fee_amount"] == 806
        made = client.refunds.create(transaction_id=paid, amount=12_345)
        assert str(client.refunds.get(made.refund_id).fee_amount) == "246.9"
        paid = payer.card(1999, "USD")
        assert charging.objects("transactions", transaction_id=paid)[0]["fee_amount"] == 1.3


def test_fees_is_a_switch() -> None:
    with pytest.raises(ValueError, match="fees is True or False, not 1"):
        Sandbox(fees=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_pay_knows_its_providers(payer: Payer) -> None:
    with pytest.raises(ValueError, match="provider is one of WAVE, ORANGE, MTN, STRIPE, not 'CARD'"):
        payer.pay(1, provider="CARD")


@pytest.mark.parametrize(("action", "status"), [("cancel", "cancelled"), ("pause", "paused"), ("default", "active")])
def test_what_a_refund_does_to_the_subscription_that_was_paid_for(
    client: LomiClient, sandbox: Sandbox, payer: Payer, action: Any, status: str
) -> None:
    product = client.products.create(
        name="Rice",
        product_type="recurring",
        prices=[{"amount": 5000, "currency_code": "XOF", "billing_interval": "month"}],
    )
    [price] = product.prices or []
    subscription = sandbox.subscribe(payer.id, price)
    [paid] = sandbox.objects("transactions", subscription_id=subscription["subscription_id"])
    id = str(paid["transaction_id"])
    made = client.refunds.create(transaction_id=id, amount=1000, subscription_action=action)
    assert client.subscriptions.get(str(subscription["subscription_id"])).status == status
    if action == "default":
        return
    assert made.subscription_action is not None
    assert (made.subscription_action.applied, made.subscription_action.previous_status) == (True, "active")
    again = client.refunds.create(transaction_id=id, amount=1000, subscription_action="cancel").subscription_action
    assert again is not None
    assert (again.applied, again.reason) == (
        (True, None) if action == "pause" else (False, "The subscription is cancelled")
    )


def test_concurrent_refunds_never_exceed_the_payment(sandbox: Sandbox, payer: Payer) -> None:
    paid = payer.card(5000)
    start = threading.Barrier(12)

    def refund() -> int:
        start.wait(timeout=30)
        return ask(sandbox, transaction_id=paid, amount=1000).status_code

    with ThreadPoolExecutor(12) as pool:
        answers = [each.result(timeout=60) for each in [pool.submit(refund) for _ in range(12)]]
    assert sorted(answers) == [201] * 5 + [400] * 7
    assert status(sandbox, paid) == "refunded"


def test_a_refund_is_repaired_after_the_rest_was_refunded(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    paid = payer.card(5000)
    sandbox.lose_refund()
    with pytest.raises(lomi.LomiRefundLedgerError):
        client.refunds.create(transaction_id=paid, amount=1000)
    client.refunds.create(transaction_id=paid, amount=4000)
    assert status(sandbox, paid) == "refunded"
    sandbox.clock.advance(minutes=1)
    assert sorted(each.refunded_amount or 0 for each in client.refunds.list()) == [1000, 4000]
