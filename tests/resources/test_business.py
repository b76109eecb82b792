"""Accounts, products, subscriptions, coupons, organizations, webhooks, the portal: what every method sends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import lomi
from lomi import LomiModel, Request, path
from lomi._core.operations import may_have_happened
from lomi._core.response import Response

from . import calls_shop, calls_subscriptions
from .business_values import (
    ENDPOINT,
    ID,
)
from .contract import Case, against_contract, assert_sent, contract, contract_files, declared, operations
from .recording import API, FLAVOURS

Run = Callable[..., Any]
CASES = [*calls_shop.CASES, *calls_subscriptions.CASES]


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
    assert methods | PORTAL == ours | {
        *("subscriptions.get_by_customer", "products.reconcile", "discount_coupons.reconcile")
    }


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


def examples() -> list[Any]:
    found = [contract(f"examples/{name}") for name in contract_files("examples")]
    return [each for each in found if each.get("operation") in {case.operation for case in CASES}]


@needs_contract
@pytest.mark.parametrize("run", FLAVOURS)
@pytest.mark.parametrize("example", examples(), ids=lambda each: each["operation"])
def test_the_examples_of_the_contract_can_be_read(run: Run, example: Any) -> None:
    said = example["response"]
    answer = httpx.Response(said["status"], text=said.get("body_text") or json.dumps(said["body"]))
    case = next(each for each in CASES if each.operation == example["operation"])
    if said["status"] >= 400:
        with pytest.raises(lomi.LomiAPIError, match=re.escape(said["body"]["error"]["message"])):
            run(API(answer), case.call)
    else:
        assert run(API(answer), case.call)


def test_nothing_of_this_is_imported_with_the_client() -> None:
    code = "import sys; from lomi import LomiClient, AsyncLomiClient; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    ours = {*RESOURCES, "portal"}
    assert {name for name in loaded.split() if name.startswith("lomi.") and name.rpartition(".")[2] in ours} == set()


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
    response = Response(status, [], json.dumps({"error": {"message": message}}).encode())
    request: Any = Request("POST", path("/x"), dict, operation=operation)
    assert may_have_happened(request, response) is unknown
