"""Accounts, products, subscriptions, coupons, organizations, webhooks and the portal: what every method sends and returns."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import itertools
import json
import textwrap
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

import lomi
from lomi import LomiModel, Money
from lomi._core.operation_table import may_have_happened
from lomi.models.accounts import AccountListing, in_currency
from lomi.models.discount_coupons import CouponPerformances, DiscountCouponListing
from lomi.models.organizations import OrganizationListing
from lomi.models.portal import PortalEventListing
from lomi.models.products import ProductListing
from lomi.models.subscriptions import CustomerSubscriptionListing, SubscriptionListing
from lomi.models.webhooks import WebhookDeliveryLogListing, WebhookListing

from . import bodies
from .contract import Case, against_contract, assert_sent, declared, operations
from .recording import API, FLAVOURS, synchronous

ID = "1e68970e-30d5-4916-9359-28c7e70c4b91"
OTHER = "c53504a6-1cd3-42fb-aa9f-a6ea1dda44f5"
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.timezone.utc)
PRICE = {"amount": 9900, "currency_code": "XOF", "billing_interval": "month"}
EVERY_PRICE: dict[str, Any] = {
    "amount": Decimal("19.99"),
    "currency_code": "EUR",
    "billing_interval": "bi-weekly",
    "pricing_model": "pay_what_you_want",
    "minimum_amount": 5,
    "maximum_amount": Decimal("50.00"),
    "is_default": True,
    "metadata": {"tier": "studio"},
}
SENT_PRICE = {**EVERY_PRICE, "amount": 19.99, "maximum_amount": 50}
EVERY_PRODUCT: dict[str, Any] = {
    "name": "Requests",
    "prices": [PRICE],
    "product_type": "usage_based",
    "description": "Counted",
    "images": ["https://shop.example/a.png"],
    "is_active": True,
    "display_on_storefront": False,
    "metadata": {"tier": "studio"},
    "fee_type_ids": [ID],
    "failed_payment_action": "pause",
    "charge_day": 31,
    "first_payment_type": "prorated",
    "trial_enabled": True,
    "trial_period_days": 14,
    "usage_aggregation": "sum",
    "usage_unit": "request",
    "meter_code": "requests",
}
EVERY_COUPON: dict[str, Any] = {
    "code": "tabaski",
    "discount_type": "percentage",
    "discount_percentage": Decimal("12.5"),
    "customer_type": "returning",
    "usage_frequency_limit": "per_month",
    "usage_limit_value": 1,
    "description": "Holidays",
    "is_active": False,
    "max_uses": 200,
    "max_quantity_per_use": 2,
    "valid_from": NOON,
    "expires_at": "2026-06-30T00:00:00Z",
    "scope_type": "specific_products",
    "product_ids": [OTHER],
}
EVERY_CHANGE: dict[str, Any] = {
    "status": "paused",
    "start_date": dt.date(2026, 1, 15),
    "end_date": "2026-12-31",
    "next_billing_date": dt.date(2026, 2, 15),
    "metadata": {"seat": 7},
}
SENT_CHANGE = {**EVERY_CHANGE, "start_date": "2026-01-15", "next_billing_date": "2026-02-15"}
ENDPOINT: dict[str, Any] = {
    "url": "https://shop.example/hooks/lomi",
    "authorized_events": ["PAYMENT_SUCCEEDED", "PAYMENT_FAILED"],
}
FLOW: dict[str, Any] = {
    "return_url": "https://shop.example/account",
    "flow_type": "subscription_cancel",
    "flow_subscription_id": ID,
    "flow_after_completion_url": "https://shop.example/bye",
}
WRAPPED = {"success": True, "data": bodies.CANCELLED}

CASES = [
    Case("accounts.list", lambda c: c.accounts.list(), "GET", "/accounts", response=[bodies.ACCOUNT]),
    Case("accounts.get", lambda c: c.accounts.get(ID), "GET", f"/accounts/{ID}", response=bodies.ACCOUNT),
    Case(
        "accounts.get_balance",
        lambda c: c.accounts.get_balance(),
        "GET",
        "/accounts/balance",
        response=bodies.BALANCES,
    ),
    Case(
        "accounts.get_balance",
        lambda c: c.accounts.get_balance(currency="XOF"),
        "GET",
        "/accounts/balance",
        query={"currency": "XOF"},
        response=bodies.BALANCES[:1],
    ),
    Case(
        "accounts.get_balance_breakdown",
        lambda c: c.accounts.get_balance_breakdown(),
        "GET",
        "/accounts/balance/breakdown",
        response=bodies.BREAKDOWNS,
    ),
    Case(
        "accounts.get_balance_breakdown",
        lambda c: c.accounts.get_balance_breakdown(target_currency="EUR"),
        "GET",
        "/accounts/balance/breakdown",
        query={"target_currency": "EUR"},
        response=bodies.BREAKDOWNS,
    ),
    Case(
        "accounts.check_balance",
        lambda c: c.accounts.check_balance("XOF"),
        "GET",
        "/accounts/balance/check/XOF",
        response=275000,
    ),
    Case(
        "customer_subscriptions.list",
        lambda c: c.customer_subscriptions.list(),
        "GET",
        "/customer-subscriptions",
        response=bodies.CUSTOMER_SUBSCRIPTIONS,
    ),
    Case(
        "customer_subscriptions.list",
        lambda c: c.customer_subscriptions.list(customer_id="cus_1", status="trial", limit=5, offset=0),
        "GET",
        "/customer-subscriptions",
        query={"customer_id": "cus_1", "status": "trial", "limit": "5", "offset": "0"},
        response=bodies.CUSTOMER_SUBSCRIPTIONS,
    ),
    Case(
        "customer_subscriptions.get",
        lambda c: c.customer_subscriptions.get(ID),
        "GET",
        f"/customer-subscriptions/{ID}",
        response=WRAPPED,
    ),
    Case(
        "customer_subscriptions.update",
        lambda c: c.customer_subscriptions.update(ID, **EVERY_CHANGE),
        "PATCH",
        f"/customer-subscriptions/{ID}",
        body=SENT_CHANGE,
        response=WRAPPED,
    ),
    Case(
        "customer_subscriptions.update",
        lambda c: c.customer_subscriptions.update(ID, {"status": "active"}),
        "PATCH",
        f"/customer-subscriptions/{ID}",
        body={"status": "active"},
        response=WRAPPED,
    ),
    Case(
        "customer_subscriptions.delete",
        lambda c: c.customer_subscriptions.delete(ID),
        "DELETE",
        f"/customer-subscriptions/{ID}",
        response=WRAPPED,
    ),
    Case(
        "customers.create_portal_launch_session",
        lambda c: c.customers.create_portal_launch_session("cus_1"),
        "POST",
        "/customers/cus_1/portal-launch-session",
        body={},
        response=bodies.PORTAL_SESSION,
        status=201,
    ),
    Case(
        "customers.create_portal_launch_session",
        lambda c: c.customers.create_portal_launch_session(ID, **FLOW),
        "POST",
        f"/customers/{ID}/portal-launch-session",
        body=FLOW,
        response=bodies.PORTAL_SESSION,
        status=201,
    ),
    Case(
        "customers.create_portal_launch_session",
        lambda c: c.customers.create_portal_launch_session(ID, {"flow_type": "portal_home", "return_url": None}),
        "POST",
        f"/customers/{ID}/portal-launch-session",
        body={"flow_type": "portal_home"},
        response=bodies.PORTAL_SESSION,
        status=201,
    ),
    Case(
        "customers.get_portal_audit",
        lambda c: c.customers.get_portal_audit("cus_1"),
        "GET",
        "/customers/cus_1/portal-audit",
        response=bodies.PORTAL_AUDIT,
    ),
    Case(
        "customers.get_portal_audit",
        lambda c: c.customers.get_portal_audit(ID, event_type="session_launched", page=2, page_size=200),
        "GET",
        f"/customers/{ID}/portal-audit",
        query={"eventType": "session_launched", "page": "2", "pageSize": "200"},
        response={
            **bodies.PORTAL_AUDIT,
            "pagination": {"page": 2, "pageSize": 200, "totalCount": 201, "totalPages": 2},
        },
    ),
    Case(
        "discount_coupons.create",
        lambda c: c.discount_coupons.create(**EVERY_COUPON),
        "POST",
        "/discount-coupons",
        body={**EVERY_COUPON, "discount_percentage": 12.5, "valid_from": "2026-06-01T12:00:00+00:00"},
        response=bodies.COUPON,
        status=201,
    ),
    Case(
        "discount_coupons.create",
        lambda c: c.discount_coupons.create(
            {"code": "X", "discount_type": "fixed", "discount_fixed_amount": 500, "max_uses": None}
        ),
        "POST",
        "/discount-coupons",
        body={"code": "X", "discount_type": "fixed", "discount_fixed_amount": 500},
        response=bodies.COUPON,
        status=201,
    ),
    Case(
        "discount_coupons.list",
        lambda c: c.discount_coupons.list(),
        "GET",
        "/discount-coupons",
        response=[bodies.COUPON],
    ),
    Case(
        "discount_coupons.get",
        lambda c: c.discount_coupons.get(ID),
        "GET",
        f"/discount-coupons/{ID}",
        response=bodies.COUPON,
    ),
    Case(
        "discount_coupons.get_performance",
        lambda c: c.discount_coupons.get_performance(ID),
        "GET",
        f"/discount-coupons/{ID}/performance",
        response=bodies.PERFORMANCE,
    ),
    Case("me.get", lambda c: c.me.get(), "GET", "/me", response=bodies.ME),
    Case(
        "organizations.list",
        lambda c: c.organizations.list(),
        "GET",
        "/organizations",
        response=[bodies.ORGANIZATION],
    ),
    Case(
        "organizations.get",
        lambda c: c.organizations.get("org_1"),
        "GET",
        "/organizations/org_1",
        response=bodies.ORGANIZATION,
    ),
    Case(
        "organizations.get_metrics",
        lambda c: c.organizations.get_metrics(),
        "GET",
        "/organizations/metrics",
        response=bodies.METRICS,
    ),
    Case(
        "products.create",
        lambda c: c.products.create(**EVERY_PRODUCT),
        "POST",
        "/products",
        body=EVERY_PRODUCT,
        response=bodies.PRODUCT,
        status=201,
    ),
    Case(
        "products.create",
        lambda c: c.products.create({"name": "Tip", "prices": [{**EVERY_PRICE, "is_default": None}]}),
        "POST",
        "/products",
        body={"name": "Tip", "prices": [{name: SENT_PRICE[name] for name in SENT_PRICE if name != "is_default"}]},
        response=bodies.PRODUCT,
        status=201,
    ),
    Case("products.list", lambda c: c.products.list(), "GET", "/products", response=bodies.PRODUCTS),
    Case(
        "products.list",
        lambda c: c.products.list(is_active=False, limit=100, offset=200),
        "GET",
        "/products",
        query={"isActive": "false", "limit": "100", "offset": "200"},
        response=bodies.PRODUCTS,
    ),
    Case(
        "products.list",
        lambda c: c.products.list(isActive=True),
        "GET",
        "/products",
        query={"isActive": "true"},
        response=bodies.PRODUCTS,
    ),
    Case("products.get", lambda c: c.products.get("a/b"), "GET", "/products/a%2Fb", response=bodies.PRODUCT),
    Case(
        "products.add_price",
        lambda c: c.products.add_price(ID, **EVERY_PRICE),
        "POST",
        f"/products/{ID}/prices",
        body=SENT_PRICE,
        response=bodies.PRICE,
        status=201,
    ),
    Case(
        "products.add_price",
        lambda c: c.products.add_price(ID, {"amount": 99000, "currency_code": "XOF", "minimum_amount": None}),
        "POST",
        f"/products/{ID}/prices",
        body={"amount": 99000, "currency_code": "XOF"},
        response=bodies.PRICE,
        status=201,
    ),
    Case(
        "products.set_default_price",
        lambda c: c.products.set_default_price(ID, OTHER),
        "POST",
        f"/products/{ID}/prices/{OTHER}/set-default",
        body={},
        response=bodies.PRODUCT,
        status=201,
    ),
    Case(
        "subscriptions.list",
        lambda c: c.subscriptions.list(),
        "GET",
        "/subscriptions",
        response=bodies.SUBSCRIPTIONS,
    ),
    Case(
        "subscriptions.list",
        lambda c: c.subscriptions.list(page=3, page_size=20),
        "GET",
        "/subscriptions",
        query={"page": "3", "pageSize": "20"},
        response=bodies.SUBSCRIPTIONS,
    ),
    Case(
        "subscriptions.get",
        lambda c: c.subscriptions.get(ID),
        "GET",
        f"/subscriptions/{ID}",
        response=bodies.CANCELLED,
    ),
    Case(
        "subscriptions.find_by_customer",
        lambda c: c.subscriptions.find_by_customer("cus_1"),
        "GET",
        "/subscriptions/customer/cus_1",
        response=bodies.BY_CUSTOMER,
    ),
    Case(
        "subscriptions.find_by_customer",
        lambda c: c.subscriptions.get_by_customer("cus_1"),
        "GET",
        "/subscriptions/customer/cus_1",
        response=bodies.BY_CUSTOMER,
    ),
    Case(
        "subscriptions.update",
        lambda c: c.subscriptions.update(ID, **EVERY_CHANGE),
        "PATCH",
        f"/subscriptions/{ID}",
        body=SENT_CHANGE,
        response=bodies.CANCELLED,
    ),
    Case(
        "subscriptions.cancel",
        lambda c: c.subscriptions.cancel(ID),
        "POST",
        f"/subscriptions/{ID}/cancel",
        body={},
        response=bodies.CANCELLED,
        status=201,
    ),
    Case(
        "subscriptions.cancel",
        lambda c: c.subscriptions.cancel(ID, cancel_at_period_end=True, cancellation_reason="moving"),
        "POST",
        f"/subscriptions/{ID}/cancel",
        body={"cancel_at_period_end": True, "cancellation_reason": "moving"},
        response=bodies.CANCELLED,
        status=201,
    ),
    Case(
        "subscriptions.uncancel",
        lambda c: c.subscriptions.uncancel(ID),
        "POST",
        f"/subscriptions/{ID}/uncancel",
        body={},
        response=bodies.CANCELLED,
        status=201,
    ),
    Case(
        "subscriptions.change_plan",
        lambda c: c.subscriptions.change_plan(ID, price_id=OTHER),
        "POST",
        f"/subscriptions/{ID}/change-plan",
        body={"price_id": OTHER},
        response=bodies.CANCELLED,
        status=201,
    ),
    Case(
        "webhook_delivery_logs.list",
        lambda c: c.webhook_delivery_logs.list(webhook_id=ID),
        "GET",
        "/webhook-delivery-logs",
        query={"webhookId": ID},
        response=bodies.DELIVERY_LOGS,
    ),
    Case(
        "webhook_delivery_logs.list",
        lambda c: c.webhook_delivery_logs.list(
            webhook_id=ID, success_only=False, failed_only=True, limit=25, offset=50
        ),
        "GET",
        "/webhook-delivery-logs",
        query={"webhookId": ID, "successOnly": "false", "failedOnly": "true", "limit": "25", "offset": "50"},
        response=bodies.DELIVERY_LOGS,
    ),
    Case(
        "webhook_delivery_logs.get",
        lambda c: c.webhook_delivery_logs.get(ID),
        "GET",
        f"/webhook-delivery-logs/{ID}",
        response=bodies.DELIVERY_LOGS[0],
    ),
    Case(
        "webhooks.create",
        lambda c: c.webhooks.create(**ENDPOINT, description="orders"),
        "POST",
        "/webhooks",
        body={**ENDPOINT, "description": "orders"},
        response=bodies.CREATED_WEBHOOK,
        status=201,
    ),
    Case(
        "webhooks.create",
        lambda c: c.webhooks.create(
            {"url": "https://shop.example/h", "authorized_events": "REFUND_FAILED", "metadata": {"a": 1}}
        ),
        "POST",
        "/webhooks",
        body={"url": "https://shop.example/h", "authorized_events": ["REFUND_FAILED"], "metadata": {"a": 1}},
        response=bodies.CREATED_WEBHOOK,
        status=201,
    ),
    Case("webhooks.list", lambda c: c.webhooks.list(), "GET", "/webhooks", response=bodies.WEBHOOKS),
    Case("webhooks.get", lambda c: c.webhooks.get(ID), "GET", f"/webhooks/{ID}", response=bodies.WEBHOOKS[0]),
    Case(
        "webhooks.update",
        lambda c: c.webhooks.update(ID, **ENDPOINT, is_active=False, metadata={}),
        "PATCH",
        f"/webhooks/{ID}",
        body={**ENDPOINT, "is_active": False, "metadata": {}},
        response={**bodies.WEBHOOKS[0], "url": f"{ENDPOINT['url']}/", "is_active": False, "metadata": {}},
    ),
    Case(
        "webhooks.delete",
        lambda c: c.webhooks.delete(ID),
        "DELETE",
        f"/webhooks/{ID}",
        response={"deleted": True},
    ),
    Case(
        "webhooks.test",
        lambda c: c.webhooks.test(ID),
        "POST",
        f"/webhooks/{ID}/test",
        body={},
        response={"sent": True},
    ),
    Case(
        "webhooks.retry_delivery",
        lambda c: c.webhooks.retry_delivery(ID, OTHER),
        "POST",
        f"/webhooks/{ID}/logs/{OTHER}/retry",
        body={},
        response=bodies.RETRY,
    ),
]
RESOURCES = {
    *("accounts", "customer_subscriptions", "discount_coupons", "me", "organizations", "products", "subscriptions"),
    *("webhook_delivery_logs", "webhooks"),
}
PORTAL = {"customers.create_portal_launch_session", "customers.get_portal_audit"}
# Routes that the API has and its OpenAPI document has not.
NOT_IN_OPENAPI = {"accounts.list", "accounts.get", "me.get"}
# What methods take, by operation: the query, or the body.
DECLARED = {
    "accounts.get_balance": lomi.AccountBalanceParams,
    "accounts.get_balance_breakdown": lomi.BalanceBreakdownParams,
    "customer_subscriptions.list": lomi.CustomerSubscriptionListParams,
    "customer_subscriptions.update": lomi.SubscriptionUpdateParams,
    "customers.create_portal_launch_session": lomi.PortalLaunchParams,
    "customers.get_portal_audit": lomi.PortalAuditParams,
    "discount_coupons.create": lomi.DiscountCouponCreateParams,
    "products.add_price": lomi.PriceParams,
    "products.create": lomi.ProductCreateParams,
    "products.list": lomi.ProductListParams,
    "subscriptions.cancel": lomi.SubscriptionCancelParams,
    "subscriptions.change_plan": lomi.SubscriptionChangePlanParams,
    "subscriptions.list": lomi.SubscriptionListParams,
    "subscriptions.update": lomi.SubscriptionUpdateParams,
    "webhook_delivery_logs.list": lomi.WebhookDeliveryLogListParams,
    "webhooks.create": lomi.WebhookCreateParams,
    "webhooks.update": lomi.WebhookUpdateParams,
}
Run = Callable[..., Any]
needs_contract = pytest.mark.skipif(not operations(), reason="the contract is not here")


@pytest.mark.parametrize("run", FLAVOURS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_method_sends(case: Case, run: Run) -> None:
    api = API(case.response, status=case.status)
    found = run(api, case.call)
    assert_sent(case, api)
    assert (
        isinstance(found, LomiModel | lomi.Page | lomi.AsyncPage | list | dict) or case.operation == "webhooks.delete"
    )
    if isinstance(found, LomiModel) and case.operation != "discount_coupons.get_performance":
        assert found.last_response is not None
        assert found.last_response.status_code == case.status


@needs_contract
@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_method_sends_is_in_the_contract(case: Case) -> None:
    against_contract(case, not_in_openapi=NOT_IN_OPENAPI)


@needs_contract
def test_every_operation_has_a_method_and_every_method_an_operation() -> None:
    ours = {name for name in operations() if name.partition(".")[0] in RESOURCES} | PORTAL
    assert {case.operation for case in CASES} == ours
    client = lomi.LomiClient(TEST := "lomi_sk_test_x")
    assert TEST not in repr(client)
    methods = {
        f"{resource}.{name}"
        for resource in RESOURCES
        for name in dir(getattr(client, resource))
        if not name.startswith("_")
    }
    assert methods | PORTAL == ours | {"subscriptions.get_by_customer"}


@needs_contract
@pytest.mark.parametrize("operation", sorted(DECLARED))
def test_every_field_of_the_contract_can_be_passed(operation: str) -> None:
    known = operations()[operation]
    query = {name for name, place, *_ in known["params"] if place == "query"}
    assert declared(DECLARED[operation]) == query | {name for name, *_ in known["body"] or ()}


@needs_contract
def test_what_has_fields_is_declared() -> None:
    ours = {case.operation for case in CASES}
    takes = {
        name
        for name in ours
        if operations()[name]["body"] or any(p[1] == "query" for p in operations()[name]["params"])
    }
    assert takes == set(DECLARED)


# What comes back

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


# Secrets


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


# What is not sent


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


# Errors


@pytest.mark.parametrize("run", FLAVOURS)
def test_a_cancellation_that_is_gone_is_not_a_success(run: Run) -> None:
    api = API(httpx.Response(503), httpx.Response(404, json={"error": {"code": "not_found", "message": "no"}}))
    with pytest.raises(lomi.LomiNotFoundError):
        run(api, lambda c: c.customer_subscriptions.delete(ID), max_retries=1)
    api = API(httpx.Response(503), httpx.Response(404, json={"error": {"code": "not_found", "message": "no"}}))
    assert run(api, lambda c: c.webhooks.delete(ID), max_retries=1) is None


@pytest.mark.parametrize("run", FLAVOURS)
def test_the_fault_of_the_deployed_api(run: Run) -> None:
    said = {"error": {"code": "bad_request", "message": "Invalid webhook URL format", "details": "Bad Request"}}
    with pytest.raises(lomi.LomiBadRequestError, match="Invalid webhook URL format") as caught:
        run(API(said, status=400), lambda c: c.webhooks.create(**ENDPOINT))
    assert caught.value.outcome == "rejected"


@pytest.mark.parametrize(
    ("operation", "status", "message", "unknown"),
    [
        ("products.create", 404, "Product with ID p not found or access denied", True),
        ("products.add_price", 404, "Product with ID p not found or access denied", False),
        ("discount_coupons.create", 404, "Coupon not found", True),
        ("discount_coupons.create", 400, 'A coupon with code "X" already exists', False),
        ("subscriptions.cancel", 404, "Subscription with ID s not found or access denied", True),
        ("subscriptions.get", 404, "Subscription with ID s not found or access denied", False),
        ("customer_subscriptions.delete", 404, "Subscription with ID s not found or access denied", True),
        ("webhooks.retry_delivery", 400, "Webhook retry failed (500)", True),
        ("webhooks.retry_delivery", 400, "Delivery log payload is invalid", False),
        ("webhooks.retry_delivery", 404, "Webhook not found", False),
        ("webhooks.test", 400, "Webhook test delivery failed", True),
        ("webhooks.create", 400, "Invalid webhook URL format", False),
    ],
)
def test_what_may_have_happened(operation: str, status: int, message: str, unknown: bool) -> None:
    assert may_have_happened(operation, status, message) is unknown
