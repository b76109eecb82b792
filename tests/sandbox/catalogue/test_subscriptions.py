"""Subscriptions: how they begin, renew by the clock, fail and end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import lomi
from lomi.sandbox import Sandbox
from lomi.sandbox.billing_days import next_charge_day, next_date, rest_of_month
from lomi.sandbox.resources.subscriptions import renew

from ..server.conftest import Asker
from .conftest import MONTHLY, UNKNOWN, Shop

RENEWED = ["PAYMENT_SUCCEEDED", "SUBSCRIPTION_RENEWED"]
TRIAL: dict[str, Any] = {"trial_enabled": True, "trial_period_days": 14}


def test_a_paid_signup(shop: Shop) -> None:
    customer, price = shop.customer(), shop.price()
    made = shop.sandbox.subscribe(customer, price, metadata={"seat": 7})
    subscription = shop.client.subscriptions.get(str(made["subscription_id"]))
    assert (subscription.status, subscription.plan_name, subscription.plan_amount, subscription.metadata) == (
        *("active", "Studio plan", 9900),
        {"seat": 7},
    )
    assert (subscription.customer_id, subscription.customer_name) == (customer, "Fatou Sow")
    assert (subscription.start_date, subscription.next_billing_date) == (date(2026, 1, 15), date(2026, 2, 15))
    assert shop.events() == ["SUBSCRIPTION_CREATED", "PAYMENT_SUCCEEDED"]
    (paid,) = shop.sandbox.objects("transactions")
    assert (paid["gross_amount"], paid["transaction_type"], paid["subscription_id"]) == (
        *(9900, "instalment"),
        subscription.subscription_id,
    )
    (listed,) = shop.client.subscriptions.list()
    assert (listed.product_name, listed.amount, listed.currency_code, listed.plan_name) == (
        *("Studio plan", 9900, "XOF"),
        None,
    )
    (row,) = shop.client.subscriptions.find_by_customer(customer)
    assert (row.status, row.next_billing_date, row.product_type) == ("active", date(2026, 2, 15), "recurring")
    with pytest.raises(lomi.LomiNotFoundError):
        shop.client.subscriptions.find_by_customer(UNKNOWN)


def test_renewals_come_once_for_each_date(shop: Shop) -> None:
    id = shop.subscribe()
    shop.sandbox.clock.advance(days=80)
    assert shop.events() == ["SUBSCRIPTION_CREATED", "PAYMENT_SUCCEEDED", *RENEWED, *RENEWED]
    assert shop.client.subscriptions.get(id).next_billing_date == date(2026, 4, 15)
    # A date that was charged is not charged again.
    shop.client.subscriptions.update(id, next_billing_date=date(2026, 3, 15))
    shop.sandbox.clock.advance(days=1)
    assert shop.events() == ["SUBSCRIPTION_UPDATED"]
    assert shop.client.subscriptions.get(id).next_billing_date == date(2026, 4, 15)
    assert shop.paid() == [9900] * 3


def test_the_renewal_job_rounds_the_price(shop: Shop) -> None:
    shop.subscribe(price={"amount": Decimal("19.99"), "currency_code": "EUR", "billing_interval": "week"})
    shop.sandbox.clock.advance(days=7)
    assert shop.paid() == [19.99, 20]


def test_a_trial_becomes_a_subscription_with_a_card_and_expires_without(shop: Shop) -> None:
    id = shop.subscribe(**TRIAL)
    assert (shop.status(id), shop.paid(), shop.events()) == ("trial", [], ["SUBSCRIPTION_CREATED"])
    shop.sandbox.clock.advance(days=14)
    assert shop.events() == ["PAYMENT_SUCCEEDED", "SUBSCRIPTION_UPDATED", "SUBSCRIPTION_RENEWED"]
    assert (shop.status(id), shop.paid()) == ("active", [9900])
    # A month after the end of the trial, 29 January.
    assert shop.client.subscriptions.get(id).next_billing_date == date(2026, 2, 28)
    other = shop.subscribe(saved_card=False, **TRIAL)
    shop.sandbox.clock.advance(days=14)
    assert shop.events() == ["SUBSCRIPTION_CREATED", "SUBSCRIPTION_CANCELLED"]
    assert (shop.status(other), shop.paid()) == ("expired", [9900])


@pytest.mark.parametrize(
    ("first", "charge_day", "paid", "due"),
    [
        ("initial", None, [9900], date(2026, 2, 15)),
        ("initial", 31, [9900], date(2026, 2, 28)),
        ("non_initial", None, [], date(2026, 2, 15)),
        ("non_initial", 20, [], date(2026, 1, 20)),
        # 16 of the 31 days from 31 December to 31 January.
        ("prorated", 31, [5110], date(2026, 1, 31)),
        ("prorated", None, [9900], date(2026, 2, 15)),
    ],
)
def test_the_first_payment(shop: Shop, first: str, charge_day: int | None, paid: list[int], due: date) -> None:
    id = shop.subscribe(first_payment_type=first, charge_day=charge_day)
    assert (shop.paid(), shop.client.subscriptions.get(id).next_billing_date) == (paid, due)


def test_what_is_paid_once_for_all_is_never_due(shop: Shop) -> None:
    id = shop.subscribe(price={**MONTHLY, "billing_interval": "lifetime"})
    assert shop.client.subscriptions.get(id).next_billing_date is None
    shop.sandbox.clock.advance(days=4000)
    assert shop.paid() == [9900]
    with pytest.raises(lomi.LomiServerError):
        shop.client.subscriptions.cancel(id, cancel_at_period_end=True)


@pytest.mark.parametrize(
    ("action", "status", "last"),
    [
        ("pause", "paused", "SUBSCRIPTION_UPDATED"),
        ("cancel", "cancelled", "SUBSCRIPTION_CANCELLED"),
        ("continue", "past_due", "SUBSCRIPTION_UPDATED"),
        (None, "past_due", "SUBSCRIPTION_UPDATED"),
    ],
)
def test_a_charge_that_fails_is_made_again_and_then_the_product_decides(
    shop: Shop, action: str | None, status: str, last: str
) -> None:
    id = shop.subscribe(failed_payment_action=action)
    shop.sandbox.decline_renewals(id, times=6)
    shop.events()
    shop.sandbox.clock.advance(days=31)
    assert (shop.status(id), shop.events()) == ("past_due", ["PAYMENT_FAILED", "SUBSCRIPTION_UPDATED"])
    # The merchant has it tried five times more, every three days.
    shop.sandbox.clock.advance(days=12)
    assert shop.events() == ["PAYMENT_FAILED"] * 4
    shop.sandbox.clock.advance(days=3)
    assert (shop.status(id), shop.events()) == (status, ["PAYMENT_FAILED", last])
    assert shop.paid("failed") == [9900] * 6
    shop.sandbox.clock.advance(days=20)
    # It is charged for the next period where it goes on.
    went_on = ["PAYMENT_SUCCEEDED", "SUBSCRIPTION_UPDATED", "SUBSCRIPTION_RENEWED"]
    assert shop.events() == (went_on if status == "past_due" else [])


def test_a_retry_that_succeeds_makes_up_for_it(shop: Shop) -> None:
    id = shop.subscribe()
    shop.sandbox.decline_renewals(id)
    shop.sandbox.clock.advance(days=34)
    assert (shop.status(id), shop.paid("failed"), shop.paid()) == ("active", [9900], [9900, 9900])
    assert shop.client.subscriptions.get(id).next_billing_date == date(2026, 3, 15)


def test_without_a_saved_card_a_renewal_waits_for_a_payment(shop: Shop) -> None:
    id = shop.subscribe(saved_card=False)
    shop.sandbox.clock.advance(days=60)
    assert (shop.status(id), shop.paid(), shop.paid("failed")) == ("past_due", [9900], [])
    shop.events()
    engine = shop.sandbox._engine
    record, customer = engine.store.find("subscriptions", id), shop.customer()
    assert record is not None
    paid = engine.store.find("transactions", str(shop.sandbox.pay(customer, 9900)["transaction_id"]))
    assert paid is not None
    renew(engine, record, paid)
    assert paid["subscription_id"] == id
    assert shop.events() == ["PAYMENT_SUCCEEDED", "SUBSCRIPTION_UPDATED", "SUBSCRIPTION_RENEWED"]
    assert shop.client.subscriptions.get(id).next_billing_date == date(2026, 3, 15)


def test_it_expires_after_the_charges_that_were_agreed(shop: Shop) -> None:
    id = shop.subscribe(metadata={"fixed_charges": 2})
    shop.sandbox.clock.advance(days=31)
    assert shop.status(id) == "active"
    shop.events()
    shop.sandbox.clock.advance(days=31)
    assert (shop.status(id), shop.paid(), shop.events()) == ("expired", [9900] * 2, ["SUBSCRIPTION_CANCELLED"])


def test_it_expires_after_its_end(shop: Shop) -> None:
    id = shop.subscribe()
    shop.client.subscriptions.update(id, end_date=date(2026, 2, 14))
    shop.sandbox.clock.advance(days=31)
    assert (shop.status(id), shop.paid()) == ("expired", [9900])


def test_pause_and_resume(shop: Shop) -> None:
    id = shop.subscribe()
    shop.events()
    assert shop.client.subscriptions.update(id, status="paused").status == "paused"
    shop.sandbox.clock.advance(days=60)
    assert shop.paid() == [9900]
    (update,) = [each["data"] for each in shop.received]
    assert (update["object"]["status"], update["previous_attributes"]) == ("paused", {"status": "active"})
    assert update["context"] == {"source": "merchant_api", "actor": "merchant"}
    # What was due meanwhile is charged by the next daily job, a date a day.
    shop.client.customer_subscriptions.update(id, status="active")
    shop.sandbox.clock.advance(days=2)
    assert (shop.paid(), shop.client.subscriptions.get(id).next_billing_date) == ([9900] * 3, date(2026, 4, 15))


def test_an_update_of_nothing_sends_nothing(shop: Shop) -> None:
    id = shop.subscribe()
    shop.events()
    shop.client.subscriptions.update(id, status="active")
    assert Asker(shop.sandbox).patch(f"/subscriptions/{id}", {"end_date": None}).json["end_date"] is None
    assert shop.events() == []


def test_cancelled_at_once(shop: Shop) -> None:
    id = shop.subscribe()
    shop.events()
    answer = Asker(shop.sandbox).post({"cancellation_reason": "moving"}, f"/subscriptions/{id}/cancel")
    assert (answer.status, answer.json["status"], answer.json["end_date"]) == (201, "cancelled", "2026-01-15")
    assert (answer.json["next_billing_date"], answer.json["metadata"]) == (None, {"cancellation_reason": "moving"})
    assert shop.events() == ["SUBSCRIPTION_CANCELLED"]
    shop.sandbox.clock.advance(days=60)
    assert shop.paid() == [9900]
    with pytest.raises(lomi.LomiServerError):
        shop.client.subscriptions.cancel(id)
    with pytest.raises(lomi.LomiServerError):
        shop.client.customer_subscriptions.delete(id)


@pytest.mark.parametrize("status", ["active", "paused"])
def test_cancelled_at_the_end_of_the_period(shop: Shop, status: Any) -> None:
    id = shop.subscribe()
    shop.client.subscriptions.update(id, status=status)
    assert shop.client.subscriptions.cancel(id, cancel_at_period_end=True).status == status
    shop.events()
    shop.sandbox.clock.advance(days=31)
    assert (shop.status(id), shop.events(), shop.paid()) == ("cancelled", ["SUBSCRIPTION_CANCELLED"], [9900])


def test_a_scheduled_cancellation_is_undone(shop: Shop) -> None:
    id = shop.subscribe()
    with pytest.raises(lomi.LomiBadRequestError, match="Failed to uncancel subscription"):
        shop.client.subscriptions.uncancel(id)
    shop.client.subscriptions.cancel(id, cancel_at_period_end=True)
    assert Asker(shop.sandbox)(f"/subscriptions/{id}/uncancel", "POST").status == 201
    shop.sandbox.clock.advance(days=31)
    assert (shop.status(id), shop.paid()) == ("active", [9900] * 2)


def test_another_plan(shop: Shop) -> None:
    id, yearly = shop.subscribe(), shop.price(price={**MONTHLY, "amount": 99000, "billing_interval": "year"})
    shop.events()
    changed = shop.client.subscriptions.change_plan(id, price_id=yearly.price_id)
    assert (changed.plan_amount, changed.plan_billing_frequency) == (99000, "year")
    shop.sandbox.deliver()
    (update,) = [each["data"] for each in shop.received]
    assert update["previous_attributes"]["plan_amount"] == 9900
    assert update["object"]["price_id"] == yearly.price_id
    shop.sandbox.clock.advance(days=31)
    assert shop.paid() == [9900, 99000]
    once = shop.client.products.create(name="Basket", prices=[{"amount": 500, "currency_code": "XOF"}]).prices
    for price in (UNKNOWN, (once or [])[0].price_id):
        with pytest.raises(lomi.LomiBadRequestError, match="Failed to change subscription plan"):
            shop.client.subscriptions.change_plan(id, price_id=price)
    shop.client.customer_subscriptions.delete(id)
    with pytest.raises(lomi.LomiBadRequestError):
        shop.client.subscriptions.change_plan(id, price_id=yearly.price_id)


def test_the_list_with_filters(shop: Shop) -> None:
    first, second = shop.subscribe(), shop.subscribe()
    shop.client.customer_subscriptions.delete(first)
    customer = shop.client.customer_subscriptions.get(second).customer_id or ""
    listing = shop.client.customer_subscriptions.list

    def ids(**filters: Any) -> list[str]:
        return [each.subscription_id for each in listing(**filters)]

    assert (ids(), ids(status="cancelled"), ids(customer_id=customer)) == ([second, first], [first], [second])
    answer = Asker(shop.sandbox)("/customer-subscriptions?limit=1&offset=1").json
    assert (answer["success"], answer["meta"]) == (True, {"limit": 1, "offset": 1, "total_returned": 1})
    assert Asker(shop.sandbox)("/customer-subscriptions?customer_id=x").status == 500


@pytest.mark.parametrize("id", [UNKNOWN, "no-id"])
def test_no_such_subscription(id: str) -> None:
    with Sandbox(customers=0) as sandbox:
        ask = Asker(sandbox)
        unknown = id == UNKNOWN
        assert ask(f"/subscriptions/{id}").status == (404 if unknown else 500)
        assert ask.patch(f"/subscriptions/{id}", {"status": "active"}).status == (404 if unknown else 400)


def test_bad_values(shop: Shop) -> None:
    id, ask = shop.subscribe(), Asker(shop.sandbox)
    for change in ({"status": "gone"}, {"end_date": "tomorrow"}):
        answer = ask.patch(f"/subscriptions/{id}", change)
        assert (answer.status, answer.error["message"][:19]) == (
            400,
            "invalid input value" if "status" in change else "invalid input synta",
        )
    assert ask.post({}, f"/subscriptions/{id}/change-plan").status == 400
    # The handlers fail where there is no JSON.
    for path in ("cancel", "change-plan"):
        assert ask(f"/subscriptions/{id}/{path}", "POST").status == 500
    assert ask(f"/subscriptions/{id}", "PATCH").status == 500
    with Sandbox("docs", customers=0) as sandbox:
        customer = sandbox.seed(customers=1)[0]
        product = Asker(sandbox).post({"name": "A", "product_type": "recurring", "prices": [MONTHLY]}, "/products").json
        made = sandbox.subscribe(customer, product["prices"][0]["price_id"])
        answer = Asker(sandbox).patch(f"/subscriptions/{made['subscription_id']}", {"end_date": "tomorrow"})
        assert (answer.status, answer.error["details"]) == (400, {"end_date": "must be a date, YYYY-MM-DD"})


def test_what_cannot_be_subscribed_to(shop: Shop) -> None:
    customer, price = shop.customer(), shop.price()
    once = shop.client.products.create(name="Basket", prices=[{"amount": 500, "currency_code": "XOF"}]).prices or []
    with pytest.raises(ValueError, match="not one of a recurring product"):
        shop.sandbox.subscribe(customer, once[0])
    with pytest.raises(LookupError, match="no such price"):
        shop.sandbox.subscribe(customer, UNKNOWN)
    with pytest.raises(LookupError, match="no such customer"):
        shop.sandbox.subscribe(UNKNOWN, price)
    with pytest.raises(ValueError, match="saved_card is True or False"):
        shop.sandbox.subscribe(customer, price, saved_card=1)
    assert shop.paid("pending") == shop.paid() == []
    with pytest.raises(LookupError, match="no such subscription"):
        shop.sandbox.decline_renewals(UNKNOWN)
    with pytest.raises(ValueError, match="times is a whole number"):
        shop.sandbox.decline_renewals(UNKNOWN, times=-1)


def test_a_customer_who_was_deleted_has_no_name(shop: Shop) -> None:
    id = shop.subscribe()
    customer = shop.client.subscriptions.get(id).customer_id or ""
    shop.client.customers.delete(customer)
    assert shop.client.subscriptions.get(id).customer_name is None


@pytest.mark.parametrize(
    ("day", "interval", "charge_day", "following"),
    [
        ("2026-01-31", "month", 31, "2026-02-28"),
        ("2026-02-28", "month", 31, "2026-03-31"),
        ("2024-02-29", "year", 29, "2025-02-28"),
        ("2025-12-15", "month", 15, "2026-01-15"),
        ("2025-11-30", "quarterly", 30, "2026-02-28"),
        ("2025-12-31", "bi-weekly", 31, "2026-01-14"),
        ("2026-01-31", "lifetime", 31, "None"),
    ],
)
def test_days(day: str, interval: str, charge_day: int, following: str) -> None:
    assert str(next_date(date.fromisoformat(day), interval, charge_day)) == following


def test_charge_days() -> None:
    assert next_charge_day(date(2026, 1, 15), 15) == date(2026, 2, 15)
    assert rest_of_month(date(2026, 1, 1), 1) == 1
