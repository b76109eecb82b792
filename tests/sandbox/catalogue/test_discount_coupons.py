"""Coupons through the client, and what the checkout asks of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import lomi
from lomi.sandbox import Sandbox
from lomi.sandbox.resources.discount_coupons import CouponError, apply_coupons, find_coupons, redeem_coupons

from ..server.conftest import Asker
from .conftest import UNKNOWN, Shop

PRODUCT = "bde5933d-735a-4b9c-a7e2-195773167242"
PRICE = "c53504a6-1cd3-42fb-aa9f-a6ea1dda44f5"


@pytest.fixture
def engine(shop: Shop) -> Any:
    return shop.sandbox._engine


def coupon(shop: Shop, code: str = "TABASKI", **fields: Any) -> str:
    given = {"discount_percentage": 10, **fields} if "discount_fixed_amount" not in fields else fields
    kind = "fixed" if "discount_fixed_amount" in fields else "percentage"
    return shop.client.discount_coupons.create({"code": code, "discount_type": kind, **given}).coupon_id


def find(shop: Shop, engine: Any, *codes: str, **more: Any) -> list[Any]:
    return find_coupons(engine, codes, owner=shop.sandbox.merchant_id, environment="test", **more)


def pay(shop: Shop, engine: Any, customer: str, *codes: str, amount: float = 1000) -> str:
    discounts = apply_coupons(find(shop, engine, *codes, customer_id=customer), amount, "XOF")
    left = amount - sum(float(str(each["discount_amount"])) for each in discounts)
    id = str(shop.sandbox.pay(customer, left)["transaction_id"])
    redeem_coupons(engine, engine.store.find("transactions", id), discounts)
    return id


def test_a_coupon_in_capitals(shop: Shop) -> None:
    made = shop.client.discount_coupons.create(
        code="tabaski",
        discount_percentage=12.5,
        expires_at="2026-06-30T00:00:00Z",
        is_active=False,
    )
    assert (made.code, made.discount_type, made.discount_percentage, made.is_active) == (
        *("TABASKI", "percentage"),
        12.5,
        False,
    )
    assert (made.current_uses, made.product_links, made.plan_links, made.scope_type) == (0, [], [], "organization_wide")
    assert made.expires_at is not None
    assert made.expires_at.isoformat() == "2026-06-30T00:00:00+00:00"
    assert shop.client.discount_coupons.get(made.coupon_id) == made
    (listed,) = shop.client.discount_coupons.list()
    assert (listed.code, listed.organization_id, listed.completed_redemptions) == ("TABASKI", None, 0)
    with pytest.raises(lomi.LomiBadRequestError, match='A coupon with code "TABASKI" already exists'):
        coupon(shop)
    with pytest.raises(lomi.LomiNotFoundError):
        shop.client.discount_coupons.get_performance(UNKNOWN)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"discount_type": "percentage"}, "discount_percentage is required when discount_type is percentage"),
        ({"discount_type": "percentage", "discount_percentage": 101}, "discount_percentage must be between 0 and 100"),
        ({"discount_type": "percentage", "discount_percentage": 0}, "discount_percentage must be between 0 and 100"),
        ({"discount_type": "fixed"}, "discount_fixed_amount is required when discount_type is fixed"),
        ({"discount_type": "fixed", "discount_fixed_amount": -1}, "discount_fixed_amount must be positive"),
        (
            {"discount_percentage": 5, "usage_frequency_limit": "per_day"},
            'usage_limit_value is required when usage_frequency_limit is not "total"',
        ),
        ({"discount_percentage": 5, "usage_limit_value": 0}, "usage_limit_value must be positive"),
        (
            {"discount_percentage": 5, "valid_from": "2026-03-01T00:00:00Z", "expires_at": "2026-02-01T00:00:00Z"},
            "valid_from must be before expires_at",
        ),
    ],
)
def test_the_servers_own_checks(fields: dict[str, Any], message: str) -> None:
    with Sandbox(customers=0) as sandbox:
        answer = Asker(sandbox).post({"code": "X", **fields}, "/discount-coupons")
        assert (answer.status, answer.error["message"]) == (400, message)


@pytest.mark.parametrize("fields", [{"code": 1}, {}, {"code": "X"}, {"code": "X", "customer_type": "existing"}])
def test_what_the_database_refuses_says_nothing(fields: dict[str, Any]) -> None:
    """Also a discount that is missing where its type was not sent."""
    with Sandbox(customers=0) as sandbox:
        assert Asker(sandbox).post(fields, "/discount-coupons").status == 500


def test_coupons_apply_one_after_the_other_and_never_take_more_than_there_is(shop: Shop, engine: Any) -> None:
    coupon(shop, "TEN")
    coupon(shop, "FIXED", discount_fixed_amount=500)
    coupon(shop, "HUGE", discount_fixed_amount=5000)

    def taken(*codes: str, amount: float = 1005, currency: str = "XOF") -> list[Any]:
        return [each["discount_amount"] for each in apply_coupons(find(shop, engine, *codes), amount, currency)]

    assert taken("ten", "FIXED") == [100, 500]
    assert taken("FIXED", "TEN") == [500, 50]
    assert taken("HUGE", "TEN") == [1005, 0]
    assert taken("TEN", amount=19.99, currency="EUR") == [2.0]
    with pytest.raises(CouponError, match="given twice"):
        taken("TEN", "ten")
    with pytest.raises(CouponError, match="there is no such coupon"):
        taken("NONE")


def test_uses_are_counted_when_a_payment_completes(shop: Shop, engine: Any) -> None:
    id, awa, fatou = coupon(shop), shop.customer(), shop.customer()
    pay(shop, engine, awa, "TABASKI")
    refunded = pay(shop, engine, awa, "TABASKI", amount=3000)
    pay(shop, engine, fatou, "TABASKI")
    assert shop.client.discount_coupons.get(id).current_uses == 3
    (listed,) = shop.client.discount_coupons.list()
    assert (listed.completed_redemptions, listed.distinct_customers_completed) == (3, 2)
    figures = shop.client.discount_coupons.get_performance(id)
    assert (figures.total_uses, figures.total_discounts, figures.total_revenue) == (3, 500, 4500)
    assert (figures.average_discount, figures.unique_customers) == (Decimal("166.67"), 2)
    # The figures are those of payments that are still completed.
    engine.step(engine.store.find("transactions", refunded), "refunded")
    assert shop.client.discount_coupons.get_performance(id).total_uses == 2


def test_the_pages_promise_one_object_of_figures() -> None:
    with Sandbox("docs", customers=0) as sandbox:
        ask = Asker(sandbox)
        made = ask.post({"code": "X", "discount_percentage": 5}, "/discount-coupons").json
        assert ask(f"/discount-coupons/{made['coupon_id']}/performance").json == {
            **dict.fromkeys(("total_uses", "total_discounts", "average_discount", "total_revenue"), 0),
            "unique_customers": 0,
        }


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"is_active": False}, "not valid now"),
        ({"valid_from": "2026-01-16T00:00:00Z"}, "not valid now"),
        ({"expires_at": "2026-01-15T10:00:00Z"}, "not valid now"),
        ({"max_quantity_per_use": 1}, "covers at most 1"),
        ({"scope_type": "specific_products", "product_ids": [UNKNOWN]}, "something else"),
        ({"scope_type": "specific_prices", "product_ids": [UNKNOWN]}, "something else"),
        ({"customer_type": "returning"}, "for returning customers"),
    ],
)
def test_who_cannot_use_it(shop: Shop, engine: Any, fields: dict[str, Any], problem: str) -> None:
    coupon(shop, **fields)
    with pytest.raises(CouponError, match=problem):
        find(shop, engine, "TABASKI", quantity=2, product_id=PRODUCT, price_id=PRICE)


@pytest.mark.parametrize(
    "fields",
    [
        {"valid_from": "2026-01-15T10:00:00Z", "expires_at": "2026-01-16T00:00:00Z"},
        {"max_quantity_per_use": 2, "max_uses": 1},
        {"scope_type": "specific_products", "product_ids": [PRODUCT]},
        {"scope_type": "specific_prices", "product_ids": [PRICE]},
        {"customer_type": "new"},
    ],
)
def test_who_can_use_it(shop: Shop, engine: Any, fields: dict[str, Any]) -> None:
    id = coupon(shop, **fields)
    assert [each.id for each in find(shop, engine, "TABASKI", quantity=2, product_id=PRODUCT, price_id=PRICE)] == [id]


def test_new_and_returning_customers(shop: Shop, engine: Any) -> None:
    customer = shop.customer()
    coupon(shop, "NEW", customer_type="new")
    coupon(shop, "AGAIN", customer_type="returning")
    shop.sandbox.pay(customer, 500)
    assert len(find(shop, engine, "AGAIN", customer_id=customer)) == 1
    with pytest.raises(CouponError, match="for new customers"):
        find(shop, engine, "NEW", customer_id=customer)


@pytest.mark.parametrize(
    ("fields", "again", "later"),
    [
        ({"max_uses": 1}, "used up", "used up"),
        ({"usage_limit_value": 1}, "as often", "as often"),
        ({"usage_frequency_limit": "per_day", "usage_limit_value": 1}, "as often", None),
    ],
)
def test_limits(shop: Shop, engine: Any, fields: dict[str, Any], again: str, later: str | None) -> None:
    customer = shop.customer()
    coupon(shop, **fields)
    pay(shop, engine, customer, "TABASKI")
    with pytest.raises(CouponError, match=again):
        pay(shop, engine, customer, "TABASKI")
    shop.sandbox.clock.advance(days=2)
    if later is None:
        pay(shop, engine, customer, "TABASKI")
    else:
        with pytest.raises(CouponError, match=later):
            pay(shop, engine, customer, "TABASKI")


def test_a_limit_for_each_customer(shop: Shop, engine: Any) -> None:
    customer = shop.customer()
    coupon(shop, usage_frequency_limit="per_customer", usage_limit_value=1)
    pay(shop, engine, customer, "TABASKI")
    with pytest.raises(CouponError, match="as often"):
        pay(shop, engine, customer, "TABASKI")
    pay(shop, engine, shop.customer(), "TABASKI")


def test_a_use_of_an_unknown_coupon_is_not_counted(shop: Shop, engine: Any) -> None:
    id = shop.sandbox.pay(shop.customer(), 500)["transaction_id"]
    redeem_coupons(engine, engine.store.find("transactions", id), [{"coupon_id": UNKNOWN, "discount_amount": 1}])
    assert engine.store.select("coupon_redemptions") == []
