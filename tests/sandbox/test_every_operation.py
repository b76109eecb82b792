"""Every operation of the API, called through the client over the sandbox: none is missing."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import lomi
from lomi.sandbox import Sandbox, Server
from lomi.sandbox.operations import OPERATIONS

from ..resources import calls, calls_shop, calls_subscriptions
from ..wire import MERCHANT_ID

ID = "1e68970e-30d5-4916-9359-28c7e70c4b91"
OTHERS: dict[str, Callable[[Any], Any]] = {
    "customers.create": lambda client: client.customers.create(name="Awa Diop"),
    "customers.list": lambda client: client.customers.list(),
    "customers.get": lambda client: client.customers.get(ID),
    "customers.update": lambda client: client.customers.update(ID, city="Dakar"),
    "customers.delete": lambda client: client.customers.delete(ID),
    "customers.get_transactions": lambda client: client.customers.get_transactions(ID),
    "payouts.list": lambda client: client.payouts.list(),
    "merchants.get": lambda client: client.merchants.get(MERCHANT_ID),
    "merchants.get_mrr": lambda client: client.merchants.get_mrr(MERCHANT_ID),
    "merchants.get_arr": lambda client: client.merchants.get_arr(MERCHANT_ID),
    "merchants.get_balance": lambda client: client.merchants.get_balance(MERCHANT_ID, currency_code="XOF"),
}
EVERY = [
    *OTHERS.items(),
    *((each.operation, each.call) for each in (*calls.CALLS, *calls_shop.CASES, *calls_subscriptions.CASES)),
]
CALLS = [pytest.param(operation, call, id=f"{number}-{operation}") for number, (operation, call) in enumerate(EVERY)]


def test_every_operation_is_called() -> None:
    assert {operation for operation, _ in EVERY} == set(OPERATIONS.values())
    assert len(OPERATIONS) == 73


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Sandbox().serve() as server:
        yield server


def check(sandbox: Sandbox, operation: str, error: lomi.LomiAPIError | None) -> None:
    """The call reached the operation, and was answered by it: some find nothing under the ids of these calls."""
    assert error is None or error.status_code != 501
    assert operation in {each.operation for each in sandbox.requests}
    assert all(each.status != 501 for each in sandbox.requests)


@pytest.mark.parametrize(("operation", "call"), CALLS)
@pytest.mark.filterwarnings("ignore::lomi.LomiDroppedFieldWarning")
def test_sync_over_a_socket(server: Server, operation: str, call: Callable[[Any], Any]) -> None:
    server.sandbox.reset()
    error: lomi.LomiAPIError | None = None
    with lomi.LomiClient(api_key=server.api_key, base_url=server.url, max_retries=0) as client:
        try:
            result = call(client)
            if hasattr(result, "__next__") or hasattr(result, "__iter__"):
                list(result)
        except lomi.LomiAPIError as failure:
            error = failure
        check(server.sandbox, operation, error)


@pytest.mark.anyio
@pytest.mark.parametrize(("operation", "call"), CALLS)
@pytest.mark.filterwarnings("ignore::lomi.LomiDroppedFieldWarning")
async def test_async_over_a_socket(server: Server, operation: str, call: Callable[[Any], Any]) -> None:
    server.sandbox.reset()
    error: lomi.LomiAPIError | None = None
    async with lomi.AsyncLomiClient(api_key=server.api_key, base_url=server.url, max_retries=0) as client:
        try:
            result = call(client)
            if inspect.isawaitable(result):
                await result
            elif hasattr(result, "__aiter__"):
                _ = [each async for each in result]
        except lomi.LomiAPIError as failure:
            error = failure
        check(server.sandbox, operation, error)
