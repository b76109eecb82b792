"""Whatever JSON a field holds, the sandbox responds as the API does, and never fails itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lomi.sandbox import Sandbox
from lomi.sandbox.http import Request
from lomi.sandbox.operations import OPERATIONS
from tests.resources import calls, calls_shop, calls_subscriptions

ODD: tuple[Any, ...] = ({}, [], [{}], [[None]], {"a": {}}, True, 0, -1.5, 10**30, "NaN", "1e400", "", "\0", None)
ROUTES = {name: route for route, name in OPERATIONS.items()}
# Fields that no call above sends together with the others.
MORE = {
    "charges.create_card_charge": ["appearance_theme", "appearance_border_radius", "appearance_billing_address"],
}


def _bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give requests of every operation that reads a body: as it should be, with one field that is odd."""
    for case in [*calls.CALLS, *calls_shop.CASES, *calls_subscriptions.CASES]:
        if case.body is not None:
            method = ROUTES[case.operation].partition(" ")[0]
            for field in [*case.body, *MORE.get(case.operation, ())]:
                for odd in ODD:
                    yield method, case.path, {**case.body, field: odd}


def test_no_value_makes_the_sandbox_fail() -> None:
    statuses: list[int] = []
    with Sandbox(customers=1, seed=1, throttle_limit=10**9) as sandbox:
        headers = (("x-api-key", sandbox.api_key), ("content-type", "application/json"))
        for method, path, body in _bodies():
            try:
                statuses.append(sandbox.handle(Request(method, path, headers, json.dumps(body).encode())).status)
            except Exception as error:  # it becomes a failure that says which request it was
                pytest.fail(f"{method} {path} {body}: {error!r}")
    assert len(statuses) > 1000
    assert set(statuses) >= {201, 400, 500}
    assert set(statuses) <= {200, 201, 400, 403, 404, 409, 429, 500, 501}


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("appearance_theme", "appearance_theme must be one of: light, dark, flat"),
        ("appearance_billing_address", "appearance_billing_address must be one of: auto, never"),
    ],
)
@pytest.mark.parametrize("odd", [{}, [], {"theme": "dark"}])
def test_appearance_of_a_card_charge_that_is_no_text_is_refused(field: str, message: str, odd: Any) -> None:
    with Sandbox(customers=0).serve() as server:
        body = {"amount": 5, "customer_email": "a@b.example", "customer_name": "A", field: odd}
        response = httpx.post(f"{server.url}/charge/card", json=body, headers={"X-API-KEY": server.api_key})
    assert (response.status_code, response.json()["error"]["message"]) == (400, message)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/payment-links", {"link_type": "instant", "title": "a", "currency_code": "XOF", "amount": 2**53}),
        ("/payment-links", {"link_type": "instant", "title": "a", "currency_code": "XOF", "amount": "NaN"}),
        ("/charge/wave", {"amount": 10**30, "currency": "XOF", "customer": {"name": "Awa"}}),
        (
            "/charge/mtn",
            {
                "amount": 2**53 - 1,
                "quantity": 2,
                "currency": "XOF",
                "customer": {"name": "A", "phoneNumber": "+2250500"},
            },
        ),
    ],
)
def test_amount_that_the_database_cannot_hold_is_refused(path: str, body: dict[str, Any]) -> None:
    with Sandbox(customers=0).serve() as server:
        response = httpx.post(f"{server.url}{path}", json=body, headers={"X-API-KEY": server.api_key})
        stored = server.sandbox.objects("transactions"), server.sandbox.objects("payment_links")
    assert response.status_code == 500
    assert "error" in response.json()
    assert stored == ((), ())
