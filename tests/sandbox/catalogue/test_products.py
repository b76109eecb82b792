"""Products and their prices, through the client."""

from __future__ import annotations

from typing import Any

import pytest

import lomi
from lomi.sandbox import Sandbox

from ..server.conftest import Asker
from .conftest import MONTHLY, UNKNOWN, Shop

ONCE: dict[str, Any] = {"amount": 500, "currency_code": "XOF"}
CHOSEN = {**ONCE, "pricing_model": "pay_what_you_want", "minimum_amount": 100}


def test_a_product_with_prices(shop: Shop) -> None:
    yearly = {**MONTHLY, "amount": 99000, "billing_interval": "year", "is_default": True}
    made = shop.client.products.create(
        name="Studio plan",
        product_type="recurring",
        prices=[MONTHLY, yearly],
        metadata={"tier": "studio"},
    )
    assert (made.name, made.product_type, made.is_active, made.metadata) == (
        *("Studio plan", "recurring", True),
        {"tier": "studio"},
    )
    assert [(each.amount, each.billing_interval, each.is_default) for each in made.prices or []] == [
        (9900, "month", False),
        (99000, "year", True),
    ]
    assert made.fees == []
    assert shop.client.products.get(made.product_id) == made


def test_the_first_price_is_the_default_unless_another_is_marked(shop: Shop) -> None:
    made = shop.client.products.create(name="Basket", prices=[ONCE, {**ONCE, "amount": 700}])
    assert [each.is_default for each in made.prices or []] == [True, False]


def test_prices_are_added_and_chosen(shop: Shop) -> None:
    made = shop.client.products.create(name="Basket", prices=[ONCE])
    second = shop.client.products.add_price(made.product_id, amount=700, currency_code="XOF")
    third = shop.client.products.add_price(made.product_id, amount=900, currency_code="XOF", is_default=True)
    assert (second.is_default, third.is_default) == (False, True)
    chosen = shop.client.products.set_default_price(made.product_id, second.price_id)
    assert [each.is_default for each in chosen.prices or []] == [False, True, False]
    with pytest.raises(lomi.LomiServerError):
        shop.client.products.add_price(made.product_id, amount=1, currency_code="XOF")
    with pytest.raises(lomi.LomiNotFoundError, match="not found for this product"):
        shop.client.products.set_default_price(made.product_id, UNKNOWN)


def test_the_list_has_a_true_total_and_a_filter(shop: Shop) -> None:
    for number in range(17):
        shop.client.products.create(name=f"Product {number}", prices=[ONCE], is_active=number > 0)
    assert [each.name for each in shop.client.products.list()] == [f"Product {n}" for n in range(16, -1, -1)]
    assert [each.name for each in shop.client.products.list(is_active=False)] == ["Product 0"]
    rows = Asker(shop.sandbox)("/products").json
    assert (len(rows), {row["total_count"] for row in rows}) == (15, {17})
    assert Asker(shop.sandbox)("/products?offset=20").json == []


@pytest.mark.parametrize(
    ("product", "field"),
    [
        ({}, "prices"),
        ({"prices": []}, "prices"),
        ({"prices": [ONCE] * 4}, "prices"),
        ({"prices": [{**ONCE, "amount": 0}]}, "amount"),
        ({"prices": [{**ONCE, "currency_code": "GBP"}]}, "currency_code"),
        ({"prices": [ONCE], "product_type": "recurring"}, "billing_interval"),
        ({"prices": [ONCE], "trial_enabled": True}, "trial_period_days"),
        ({"prices": [{**CHOSEN, "minimum_amount": None}]}, "pricing_model"),
        ({"prices": [{**CHOSEN, "billing_interval": "month"}], "product_type": "recurring"}, "pricing_model"),
        ({"prices": [{**CHOSEN, "minimum_amount": 501}]}, "amount"),
        ({"prices": [{**CHOSEN, "maximum_amount": 499}]}, "amount"),
    ],
)
def test_what_is_not_a_product_is_refused(product: dict[str, Any], field: str) -> None:
    """By the server with a 500 that says nothing, whatever it is; by the pages with the field."""
    for dialect, status in (("server", 500), ("docs", 400)):
        with Sandbox(dialect, customers=0) as sandbox:
            answer = Asker(sandbox).post({"name": "Basket", **product}, "/products")
            assert answer.status == status
            assert (field in (answer.error["details"] or "")) is (dialect == "docs")
            assert sandbox.objects("products") == sandbox.objects("prices") == ()


def test_payers_can_choose_an_amount(shop: Shop) -> None:
    made = shop.client.products.create(name="Tip", prices=[{**CHOSEN, "maximum_amount": 5000}, CHOSEN])
    # The server does not show the limits.
    assert [(each.amount, each.minimum_amount) for each in made.prices or []] == [(500, None)] * 2


@pytest.mark.parametrize("id", [UNKNOWN, "no-id"])
def test_no_such_product(shop: Shop, id: str) -> None:
    with pytest.raises(lomi.LomiNotFoundError, match=f"Product with ID {id} not found or access denied"):
        shop.client.products.get(id)


def test_another_merchants_product_is_not_found(shop: Shop) -> None:
    other = shop.sandbox.merchant()
    with shop.sandbox.client(api_key=other.api_key) as client:
        made = client.products.create(name="Theirs", prices=[ONCE])
    with pytest.raises(lomi.LomiNotFoundError):
        shop.client.products.get(made.product_id)
    assert list(shop.client.products.list()) == []
