"""Accounts, products, subscriptions, coupons, organizations, webhooks, the portal: what is not sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import lomi

from . import bodies
from .business_values import (
    ENDPOINT,
    EVERY_PRICE,
    ID,
    NOON,
    PRICE,
)
from .recording import API, FLAVOURS, synchronous

Run = Callable[..., Any]


Call = Callable[[lomi.LomiClient], object]
REFUSED: list[tuple[Call, set[str]]] = [
    (lambda c: c.accounts.get("balance"), {"id"}),
    (lambda c: c.accounts.check_balance("GBP"), {"currency"}),  # type: ignore[arg-type]
    (lambda c: c.accounts.get_balance(currency="xof"), {"currency"}),  # type: ignore[arg-type]
    (lambda c: c.accounts.get_balance_breakdown(target_currency="CFA"), {"target_currency"}),  # type: ignore[arg-type]
    (lambda c: c.subscriptions.get("sub_1"), {"id"}),
    (lambda c: c.subscriptions.cancel("sub_1"), {"id"}),
    (lambda c: c.subscriptions.cancel(ID, cancel_at_period_end="yes"), {"cancel_at_period_end"}),  # type: ignore[arg-type]
    (lambda c: c.subscriptions.change_plan(ID, price_id="price_1"), {"price_id"}),
    (lambda c: c.subscriptions.change_plan(ID, {}), {"price_id"}),  # type: ignore[typeddict-item]
    (lambda c: c.subscriptions.update(ID), {"params"}),
    (lambda c: c.subscriptions.update(ID, status="canceled"), {"status"}),  # type: ignore[arg-type]
    (lambda c: c.subscriptions.update(ID, end_date=None), {"end_date"}),  # type: ignore[arg-type]
    (lambda c: c.subscriptions.update(ID, end_date=NOON, start_date="2026-02-30"), {"end_date", "start_date"}),
    (lambda c: c.subscriptions.list(page=0), {"page"}),
    (lambda c: c.subscriptions.find_by_customer(""), {"customerId"}),
    (lambda c: c.customer_subscriptions.get("cus_1"), {"subscription_id"}),
    (lambda c: c.customer_subscriptions.delete(".."), {"subscription_id"}),
    (lambda c: c.customer_subscriptions.update(ID, {"status": "gone"}), {"status"}),  # type: ignore[typeddict-item]
    (lambda c: c.customer_subscriptions.list(status="canceled", offset=-1), {"status", "offset"}),  # type: ignore[arg-type]
    (lambda c: c.discount_coupons.get("TABASKI"), {"id"}),
    (lambda c: c.discount_coupons.get_performance("dc_1"), {"id"}),
    (lambda c: c.discount_coupons.create(code="X"), {"discount_percentage"}),
    (lambda c: c.discount_coupons.create(code=" ", discount_percentage=5), {"code"}),
    (lambda c: c.discount_coupons.create(code="X", discount_type="fixed"), {"discount_fixed_amount"}),
    (lambda c: c.discount_coupons.create(code="X", discount_type="percent"), {"discount_type"}),  # type: ignore[arg-type]
    (
        lambda c: c.discount_coupons.create(code="X", discount_fixed_amount=500),
        {"discount_percentage", "discount_fixed_amount"},
    ),
    (lambda c: c.discount_coupons.create(code="X", discount_percentage=101), {"discount_percentage"}),
    (lambda c: c.discount_coupons.create(code="X", discount_percentage=0), {"discount_percentage"}),
    (
        lambda c: c.discount_coupons.create(code="X", discount_percentage=5, customer_type="existing"),  # type: ignore[arg-type]
        {"customer_type"},
    ),
    (
        lambda c: c.discount_coupons.create(code="X", discount_percentage=5, usage_frequency_limit="per_day"),
        {"usage_limit_value"},
    ),
    (
        lambda c: c.discount_coupons.create(
            code="X", discount_percentage=5, valid_from=NOON, expires_at="2026-06-01T13:00:00+02:00"
        ),
        {"valid_from"},
    ),
    (
        lambda c: c.discount_coupons.create(code="X", discount_percentage=5, expires_at=NOON.replace(tzinfo=None)),
        {"expires_at"},
    ),
    (
        lambda c: c.discount_coupons.create(code="X", discount_percentage=5, scope_type="specific_prices"),
        {"product_ids"},
    ),
    (lambda c: c.discount_coupons.create(code="X", discount_percentage=5, product_ids=[ID]), {"product_ids"}),
    (lambda c: c.products.create(name="X", prices=[]), {"prices"}),
    (lambda c: c.products.create(name="X", prices=[PRICE] * 4), {"prices"}),  # type: ignore[list-item]
    (lambda c: c.products.create(name="X"), {"prices"}),  # type: ignore[call-overload]
    (
        lambda c: c.products.create(name="X", product_type="recurring", prices=[{"amount": 5, "currency_code": "XOF"}]),
        {"prices[0].billing_interval"},
    ),
    (
        lambda c: c.products.create(name="X", product_type="recurring", prices=[EVERY_PRICE]),  # type: ignore[list-item]
        {"prices[0].pricing_model"},
    ),
    (
        lambda c: c.products.create(name="X", product_type="usage_based", prices=[PRICE]),  # type: ignore[list-item]
        {"usage_aggregation", "usage_unit"},
    ),
    (
        lambda c: c.products.create(name="X", trial_enabled=True, prices=[PRICE]),  # type: ignore[list-item]
        {"trial_period_days"},
    ),
    (lambda c: c.products.create(name="X", prices=[PRICE], charge_day=32), {"charge_day"}),  # type: ignore[list-item]
    (
        lambda c: c.products.create(name="X", prices=[PRICE], images=["a.png"], fee_type_ids=["f"]),  # type: ignore[list-item]
        {"images[0]", "fee_type_ids[0]"},
    ),
    (
        lambda c: c.products.create(name="X", prices=[{**PRICE, "amount": "5000"}]),  # type: ignore[list-item]
        {"prices[0].amount"},
    ),
    (lambda c: c.products.add_price(ID, amount=5.5, currency_code="XOF"), {"amount"}),
    (lambda c: c.products.add_price(ID, amount=-5, currency_code="XAF"), {"amount", "currency_code"}),  # type: ignore[arg-type]
    (
        lambda c: c.products.add_price(ID, amount=5, currency_code="XOF", billing_interval="weekly"),
        {"billing_interval"},
    ),  # type: ignore[arg-type]
    (
        lambda c: c.products.add_price(ID, amount=5, currency_code="XOF", pricing_model="pay_what_you_want"),
        {"minimum_amount"},
    ),
    (
        lambda c: c.products.add_price(ID, amount=5, currency_code="XOF", minimum_amount=6, maximum_amount=4),
        {"minimum_amount", "maximum_amount"},
    ),
    (lambda c: c.products.list(is_active="true"), {"is_active"}),  # type: ignore[arg-type]
    (lambda c: c.products.set_default_price(ID, ""), {"priceId"}),
    (lambda c: c.webhooks.get("stripe"), {"id"}),
    (lambda c: c.webhooks.retry_delivery("wave", "1"), {"webhookId", "logId"}),
    (lambda c: c.webhooks.create(url="http://shop.example", authorized_events=[]), {"url", "authorized_events"}),
    (
        lambda c: c.webhooks.create(url="https://a.example", authorized_events="payment.succeeded"),
        {"authorized_events"},
    ),
    (lambda c: c.webhooks.create(url="https://a.example", authorized_events=5), {"authorized_events"}),  # type: ignore[call-overload]
    (lambda c: c.webhooks.update(ID, authorized_events=[]), {"authorized_events"}),
    (lambda c: c.webhook_delivery_logs.list(), {"webhook_id"}),  # type: ignore[call-arg]
    (lambda c: c.webhook_delivery_logs.list(webhook_id="wh_1", failed_only=1), {"webhook_id", "failed_only"}),  # type: ignore[arg-type]
    (
        lambda c: c.customers.create_portal_launch_session("c", flow_type="subscription_cancel"),
        {"flow_subscription_id"},
    ),
    (
        lambda c: c.customers.create_portal_launch_session("c", flow_type="home", return_url="javascript:alert(1)"),  # type: ignore[arg-type]
        {"flow_type", "return_url"},
    ),
    (lambda c: c.customers.get_portal_audit("c", page_size=201, event_type=" "), {"page_size", "event_type"}),
]


@pytest.mark.parametrize(("call", "fields"), REFUSED)
def test_what_cannot_be_right_is_not_sent(call: Call, fields: set[str]) -> None:
    api = API({})
    with pytest.raises(lomi.LomiValidationError) as caught:
        synchronous(api, call)
    assert {error.field for error in caught.value.errors} == fields
    assert api.requests == []


def test_a_name_is_passed_once() -> None:
    with pytest.raises(TypeError, match="is_active and isActive"):
        synchronous(API([]), lambda c: c.products.list(is_active=True, isActive=False))


def test_a_description_is_dropped_beside_metadata() -> None:
    api = API(bodies.CREATED_WEBHOOK, status=201)
    with pytest.warns(UserWarning, match="description is dropped by the API when metadata is passed") as caught:
        synchronous(api, lambda c: c.webhooks.create(**ENDPOINT, description="orders", metadata={"shop": 1}))
    assert caught[0].filename == __file__


@pytest.mark.parametrize("run", FLAVOURS)
def test_an_update_that_changes_nothing_is_told(run: Run) -> None:
    api = API(bodies.WEBHOOKS[0])
    with pytest.warns(lomi.LomiDroppedFieldWarning, match="is dropped by the API") as caught:
        run(api, lambda c: c.webhooks.update(ID, is_active=False, authorized_events=["PAYMENT_FAILED"]))
    assert [str(each.message).partition(" ")[0] for each in caught] == ["is_active", "authorized_events"]
    assert "tests" in caught[0].filename


def test_what_there_is_not_is_an_attribute_error() -> None:
    for module in (lomi.models, lomi.params):
        with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
            module.Nothing  # noqa: B018
