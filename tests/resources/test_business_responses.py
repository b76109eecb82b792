"""Accounts, products, subscriptions, coupons, organizations, webhooks, the portal: what comes of responses."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import itertools
import json
import textwrap
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import lomi
from lomi import LomiModel, Money
from lomi.models.accounts import AccountListing, in_currency
from lomi.models.discount_coupons import CouponPerformances, DiscountCouponListing
from lomi.models.organizations import OrganizationListing
from lomi.models.portal import PortalEventListing
from lomi.models.products import ProductListing
from lomi.models.subscriptions import CustomerSubscriptionListing, SubscriptionListing
from lomi.models.webhooks import WebhookDeliveryLogListing, WebhookListing

from . import bodies
from .business_values import (
    ENDPOINT,
    ID,
    OTHER,
)
from .recording import API, FLAVOURS

Run = Callable[..., Any]


EXAMPLES: list[tuple[Any, Any]] = [
    (lomi.Account, bodies.ACCOUNT),
    *((lomi.AccountBalance, each) for each in bodies.BALANCES),
    (lomi.BalanceBreakdown, bodies.BREAKDOWNS[0]),
    (lomi.AvailableBalance, {"has_sufficient_balance": True, "available_balance": 275000}),
    (lomi.Me, bodies.ME),
    (lomi.Organization, bodies.ORGANIZATION),
    (lomi.OrganizationMetrics, bodies.METRICS),
    (lomi.Product, bodies.PRODUCT),
    (lomi.Product, bodies.PRODUCTS[0]),
    (lomi.Price, bodies.PRICE),
    (lomi.Subscription, bodies.SUBSCRIPTIONS[0]),
    (lomi.Subscription, bodies.CANCELLED),
    (lomi.Subscription, bodies.CUSTOMER_SUBSCRIPTIONS["data"][0]),
    (lomi.CustomerSubscription, bodies.BY_CUSTOMER[0]),
    (lomi.DiscountCoupon, bodies.COUPON),
    (lomi.CouponPerformance, bodies.PERFORMANCE[0]),
    (lomi.CreatedWebhook, bodies.CREATED_WEBHOOK),
    (lomi.WebhookEndpoint, bodies.WEBHOOKS[0]),
    (lomi.WebhookDeliveryLog, bodies.DELIVERY_LOGS[0]),
    (lomi.DeliveryRetry, bodies.RETRY),
    (lomi.PortalLaunchSession, bodies.PORTAL_SESSION),
    (lomi.PortalEvent, bodies.PORTAL_AUDIT["events"][0]),
    (CustomerSubscriptionListing, bodies.CUSTOMER_SUBSCRIPTIONS),
    (PortalEventListing, bodies.PORTAL_AUDIT),
]
LISTINGS: list[tuple[type[Any], list[Any], type[LomiModel]]] = [
    (AccountListing, [bodies.ACCOUNT], lomi.Account),
    (OrganizationListing, [bodies.ORGANIZATION], lomi.Organization),
    (ProductListing, bodies.PRODUCTS, lomi.Product),
    (SubscriptionListing, bodies.SUBSCRIPTIONS, lomi.Subscription),
    (DiscountCouponListing, [bodies.COUPON], lomi.DiscountCoupon),
    (WebhookListing, bodies.WEBHOOKS, lomi.WebhookEndpoint),
    (WebhookDeliveryLogListing, bodies.DELIVERY_LOGS, lomi.WebhookDeliveryLog),
]


def as_sent(value: Any) -> Any:
    """What `to_dict` makes of JSON: no fraction as a number, times in one form, nulls where the API left a field out."""
    if isinstance(value, float):
        return str(value)
    if isinstance(value, str) and len(value) > 19 and value[10] == "T":
        return value.replace("+00:00", "Z")
    if isinstance(value, dict):
        return {name: as_sent(each) for name, each in value.items()}
    return [as_sent(each) for each in value] if isinstance(value, list) else value


def leaves_out_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: leaves_out_nulls(each) for name, each in value.items() if each is not None}
    return [leaves_out_nulls(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("model", "sent"), EXAMPLES)
def test_examples_round_trip(model: Any, sent: Any) -> None:
    made = model.model_validate_json(json.dumps(sent))
    again = json.loads(json.dumps(made.to_dict()))
    expected, got = leaves_out_nulls(as_sent(sent)), leaves_out_nulls(as_sent(again))
    got.pop("pagination", None) if model is CustomerSubscriptionListing else None
    assert got == expected
    assert model.model_validate(made.to_dict()) == made
    for name in sent:
        assert name in made
    assert "fatou" not in repr(made).lower()


@pytest.mark.parametrize(("model", "sent", "item"), LISTINGS)
def test_listings_round_trip(model: Any, sent: Any, item: type[LomiModel]) -> None:
    made = model.model_validate_json(json.dumps(sent))
    assert [type(each) for each in made.items] == [item]
    assert leaves_out_nulls(as_sent([each.to_dict() for each in made.items])) == leaves_out_nulls(as_sent(sent))


@pytest.mark.parametrize("model", sorted({model for model, _ in EXAMPLES}, key=lambda model: model.__name__))
def test_every_field_is_documented_and_all_but_the_identifier_optional(model: type[LomiModel]) -> None:
    required = [name for name, info in model.model_fields.items() if info.is_required()]
    assert required in ([], [*model.shown_in_repr[:1]], ["events"], ["data"])
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(tree, ast.ClassDef)
    for field, after in itertools.pairwise(tree.body):
        if isinstance(field, ast.AnnAssign) and "ClassVar" not in ast.unparse(field.annotation):
            assert isinstance(after, ast.Expr), ast.unparse(field)


def test_money_is_in_major_units() -> None:
    euros = lomi.AccountBalance.model_validate(bodies.BALANCES[1])
    assert euros.money == Money(1999, "EUR")
    assert lomi.Account.model_validate(bodies.ACCOUNT).money == Money(275000, "XOF")
    breakdown = lomi.BalanceBreakdown.model_validate(bodies.BREAKDOWNS[0])
    assert (breakdown.money, breakdown.pending_money) == (Money(275000, "XOF"), Money(42500, "XOF"))
    assert (breakdown.unavailable_money, breakdown.total_money) == (Money(0, "XOF"), Money(317500, "XOF"))
    assert breakdown.converted_money == Money(41923, "EUR")
    assert lomi.Price.model_validate({"price_id": "p", "amount": 19.99, "currency_code": "USD"}).money == Money(
        1999, "USD"
    )
    assert lomi.Product.model_validate(bodies.PRODUCT).money == Money(9900, "XOF")
    assert lomi.Subscription.model_validate(bodies.SUBSCRIPTIONS[0]).money == Money(9900, "XOF")
    assert lomi.Subscription.model_validate(bodies.CANCELLED).money == Money(9900, "XOF")
    assert lomi.Organization.model_validate(bodies.ORGANIZATION).money == Money(2450000, "XOF")
    assert lomi.OrganizationMetrics.model_validate(bodies.METRICS).money == Money(2450000, "XOF")
    coupon = lomi.DiscountCoupon.model_validate({"coupon_id": "c", "discount_fixed_amount": 2.5})
    assert coupon.discount("EUR") == Money(250, "EUR")


@pytest.mark.parametrize("sent", [{"product_id": "p"}, {"product_id": "p", "prices": [{"price_id": "a"}]}])
def test_a_product_without_a_default_price(sent: Any) -> None:
    product = lomi.Product.model_validate(sent)
    assert product.default_price is None
    with pytest.raises(lomi.LomiValidationError):
        product.money  # noqa: B018


def test_what_the_api_adds_is_kept_and_open() -> None:
    subscription = lomi.Subscription.model_validate({**bodies.CANCELLED, "status": "frozen", "price_id": OTHER})
    assert (subscription.status, subscription["price_id"]) == ("frozen", OTHER)
    row = lomi.CustomerSubscription.model_validate(bodies.BY_CUSTOMER[0])
    assert (row.status, row["subscription_status"], row.next_billing_date) == (
        "active",
        "active",
        dt.date(2026, 2, 15),
    )


@pytest.mark.parametrize("run", FLAVOURS)
def test_a_balance_is_a_number_alone_or_an_object(run: Run) -> None:
    for sent, money in [
        (
            httpx.Response(200, text="275000", headers={"content-type": "text/html; charset=utf-8"}),
            Money(275000, "XOF"),
        ),
        ({"has_sufficient_balance": True, "available_balance": 10.0}, Money(10, "XOF")),
    ]:
        available = run(API(sent), lambda c: c.accounts.check_balance("XOF"))
        assert (available.currency_code, available.money) == ("XOF", money)
        assert available.last_response is not None
    nothing = run(API(httpx.Response(200, text="null")), lambda c: c.accounts.check_balance("XOF"))
    assert nothing.available_balance is None
    assert in_currency(lomi.AvailableBalance(), "XOF").last_response is None
    with pytest.raises(lomi.LomiResponseError):
        run(API(httpx.Response(200)), lambda c: c.accounts.check_balance("XOF"))


@pytest.mark.parametrize("run", FLAVOURS)
@pytest.mark.parametrize(
    ("sent", "uses"), [(bodies.PERFORMANCE, 12), (bodies.PERFORMANCE[0], 12), ([], None), ({}, None)]
)
def test_a_performance_is_an_array_or_an_object(run: Run, sent: Any, uses: Any) -> None:
    found = run(API(sent), lambda c: c.discount_coupons.get_performance(ID))
    assert isinstance(found, lomi.CouponPerformance)
    assert found.total_uses == uses
    assert list(CouponPerformances()) == []


@pytest.mark.parametrize("run", FLAVOURS)
@pytest.mark.parametrize(
    ("call", "rows", "key"),
    [
        (lambda c: c.products.list(), bodies.PRODUCTS, "product_id"),
        (lambda c: c.subscriptions.list(), bodies.SUBSCRIPTIONS, "subscription_id"),
        (lambda c: c.discount_coupons.list(), [bodies.COUPON], "coupon_id"),
        (lambda c: c.webhooks.list(), bodies.WEBHOOKS, "webhook_id"),
    ],
)
def test_an_odd_field_costs_nothing_else(run: Run, call: Any, rows: Any, key: str) -> None:
    (item,) = run(API([{**rows[0], "created_at": "yesterday"}]), call)
    assert item.created_at is None
    assert item["created_at"] == "yesterday"
    assert item[key] == rows[0][key]


def rows(key: str, count: int, start: int = 0) -> list[dict[str, str]]:
    return [{key: f"{number}"} for number in range(start, start + count)]


@pytest.mark.parametrize("run", FLAVOURS)
@pytest.mark.parametrize(
    ("call", "key", "size", "wrap", "second"),
    [
        (lambda c: c.products.list(), "product_id", 15, None, {"limit": "15", "offset": "15"}),
        (lambda c: c.subscriptions.list(), "subscription_id", 50, None, {"page": "2", "pageSize": "50"}),
        (
            lambda c: c.customer_subscriptions.list(status="active"),
            "subscription_id",
            20,
            "data",
            {"status": "active", "limit": "20", "offset": "20"},
        ),
        (
            lambda c: c.webhook_delivery_logs.list(webhook_id=ID),
            "log_id",
            25,
            None,
            {"webhookId": ID, "limit": "25", "offset": "25"},
        ),
    ],
)
def test_a_listing_goes_on_to_the_next_page(
    run: Run, call: Any, key: str, size: int, wrap: str | None, second: Any
) -> None:
    pages: list[Any] = [rows(key, size), rows(key, 3, size)]
    api = API(*({wrap: page, "meta": {"total_returned": len(page)}} if wrap else page for page in pages))
    found = run(api, call)
    assert [item[key] for item in found] == [f"{number}" for number in range(size + 3)]
    assert len(api.requests) == 2
    assert dict(api.requests[1].url.params) == second


@pytest.mark.parametrize("run", FLAVOURS)
@pytest.mark.parametrize(
    ("call", "key"),
    [
        (lambda c: c.accounts.list(), "account_id"),
        (lambda c: c.organizations.list(), "organization_id"),
        (lambda c: c.discount_coupons.list(), "coupon_id"),
        (lambda c: c.webhooks.list(), "webhook_id"),
    ],
)
def test_a_listing_that_is_not_paged_is_read_once(run: Run, call: Any, key: str) -> None:
    api = API(rows(key, 150))
    assert len(run(api, call)) == 150
    assert len(api.requests) == 1


@pytest.mark.parametrize("run", FLAVOURS)
def test_portal_events_are_paged_by_number(run: Run) -> None:
    pages = [
        {
            "events": rows("event_id", size, start),
            "pagination": {"page": number, "pageSize": 2, "totalCount": 3, "totalPages": 2},
        }
        for number, size, start in ((1, 2, 0), (2, 1, 2))
    ]
    api = API(*pages)
    found = run(api, lambda c: c.customers.get_portal_audit("cus_1", page_size=2))
    assert [event.event_id for event in found] == ["0", "1", "2"]


def test_secrets_are_never_printed() -> None:
    session = lomi.PortalLaunchSession.model_validate(bodies.PORTAL_SESSION)
    created = lomi.CreatedWebhook.model_validate(bodies.CREATED_WEBHOOK)
    assert session.launch_token == "example-launch-token"
    assert session.launch_url == bodies.PORTAL_SESSION["launch_url"]
    assert created.secret == "whsec_example_only"
    for model in (session, created):
        shown = repr(model) + str(model) + model.to_html() + model.to_html(personal=True)
        shown += repr([*vars(model).values()])
        assert "example-launch-token" not in shown
        assert "whsec" not in shown


@pytest.mark.parametrize("run", FLAVOURS)
def test_secrets_are_not_logged(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    odd: dict[str, Any] = {**bodies.PORTAL_SESSION, "expires_in_seconds": "soon"}
    with caplog.at_level("DEBUG"):
        session = run(API(odd, status=201), lambda c: c.customers.create_portal_launch_session("cus_1"))
        created = run(
            API({**bodies.CREATED_WEBHOOK, "data": {**bodies.WEBHOOKS[0], "retry_count": "?"}}, status=201),
            lambda c: c.webhooks.create(**ENDPOINT),
        )
        with pytest.raises(lomi.LomiResponseError) as caught:
            run(API([bodies.PORTAL_SESSION], status=201), lambda c: c.customers.create_portal_launch_session("cus_1"))
    assert (session.expires_in_seconds, created.webhook.retry_count) == (None, None)
    assert "expires_in_seconds" in caplog.text
    for shown in (caplog.text, repr(session), repr(created), str(caught.value), repr(vars(caught.value))):
        assert "example-launch-token" not in shown
        assert "whsec_" not in shown
