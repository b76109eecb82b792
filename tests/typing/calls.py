"""What type checkers make of calls that `test_types.py` cannot run, or that it would be odd to. Read, never run.

Where a comment silences an error, the error is what is tested: both checkers complain when it is not there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import httpx
from typing_extensions import assert_type

import lomi


def clients() -> None:
    lomi.LomiClient(
        "lomi_sk_test_…",
        environment="test",
        base_url="http://127.0.0.1:8000",
        account="acct_1",
        timeout=None,
        max_retries=0,
        http_client=httpx.Client(),
        hooks=lomi.Hooks(),
    )
    lomi.language("fr")
    lomi.language("de")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lomi.AsyncLomiClient(http_client=httpx.AsyncClient())
    lomi.LomiClient("key", "test")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def contexts(client: lomi.LomiClient) -> None:
    assert_type(client.close(), None)
    assert_type(client.clock_offset(), float | None)
    with client as same, lomi.deadline(8):
        assert_type(same, lomi.LomiClient)


def hooks(events: list[lomi.ResponseEvent], requests: list[lomi.RequestEvent]) -> None:
    assert_type(lomi.Hooks(on_response=events.append, on_retry=lambda event: event.delay), lomi.Hooks)
    lomi.Hooks(on_response=requests.append)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    event = events[0]
    assert_type((event.operation, event.method, event.path, event.attempt), tuple[str, str, str, int])
    assert_type((event.status, event.error, event.seconds), tuple[int | None, str | None, float])
    assert_type(event.outcome, Literal["succeeded"] | lomi.Outcome)


def words(client: lomi.LomiClient, kind: lomi.CustomerType, status: lomi.CustomerStatus, code: str) -> None:
    # An editor completes these.
    assert_type(kind, Literal["business", "individual", "all"])
    assert_type(status, Literal["active", "inactive", "all"])
    assert_type(client.environment, Literal["live", "test"])
    client.customers.list(status="deleted")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    # Currencies too, but every code is accepted.
    client.merchants.get_balance("m", currency_code=code)
    lomi.Money(1050, code)
    lomi.Money.from_decimal("10.500", "TND")
    lomi.Money(10.50, "USD")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def requests(client: lomi.LomiClient, where: lomi.Path) -> None:
    assert_type(client.send(lomi.Request("GET", where, list[lomi.Transaction])), list[lomi.Transaction])
    assert_type(client.send(lomi.Request("DELETE", where, type(None))), None)
    lomi.Request("FETCH", where, dict)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def customers(client: lomi.LomiClient, failed: lomi.LomiError, page: lomi.CustomerPage) -> None:
    assert_type(client.customers.delete("cus_1"), None)
    assert_type(client.customers.reconcile(failed, grace_period=1), lomi.Customer | None)
    assert_type(iter(page), Iterator[lomi.Customer])
    # Misspelt, mistyped and missing keys, in both call styles. mypy reports an overload as a whole.
    client.customers.create()  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.customers.create(email="a@b.c")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.customers.create(nam="A")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.customers.create(name="A", nam="A")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.customers.create(name=5)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.customers.create({"email": "a@b.c"})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.customers.create({"name": "A", "nam": ""})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.customers.create({"name": 5})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.customers.create({"name": "A"}, reference=5)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.customers.update("cus_1", {"name": None})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.customers.update("cus_1", {"emial": ""})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.customers.update("cus_1", is_business=None)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.customers.update("cus_1", emial="")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.customers.list(pag=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.customers.list(page="1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.customers.get(17)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def mappings() -> None:
    create: lomi.CustomerCreateParams = {"name": "Amadou Ba", "email": None}
    update: lomi.CustomerUpdateParams = {"metadata": {"vip": True}}
    listed: lomi.CustomerListParams = {"page_size": 20, "type": "all"}
    assert_type(create["name"], str)
    del listed
    del update
    wrong: lomi.CustomerUpdateParams = {"is_business": "yes"}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    del wrong


def answers(customer: lomi.Customer, merchant: lomi.Merchant) -> None:
    assert_type((customer.id, customer.email, customer.is_business), tuple[str, str | None, bool | None])
    assert_type((customer.metadata, customer.created_at), tuple[dict[str, Any] | None, datetime | None])
    assert_type(customer.get("city", "Dakar"), Any)
    assert_type(customer.to_dict(), dict[str, Any])
    assert_type("city" in customer, bool)
    assert_type(merchant.mrr, int | Decimal | None)


def keys(page: lomi.CustomerPage) -> None:
    assert_type(page["customers"], list[lomi.Customer])
    assert_type(page["pagination"], lomi.Pagination)
    assert_type(page["brand_new"], Any)


def resources(client: lomi.LomiClient, aclient: lomi.AsyncLomiClient) -> None:
    assert_type(client.customers, lomi.CustomersResource)
    assert_type(client.merchants, lomi.MerchantsResource)
    assert_type(aclient.customers, lomi.AsyncCustomersResource)
    assert_type(aclient.merchants, lomi.AsyncMerchantsResource)


async def asynchronous(client: lomi.AsyncLomiClient, failed: lomi.LomiError, page: lomi.AsyncCustomerPage) -> None:
    assert_type(await client.aclose(), None)
    assert_type(client.clock_offset(), float | None)
    assert_type(await client.customers.delete("cus_1"), None)
    assert_type(await client.customers.reconcile(failed), lomi.Customer | None)
    assert_type(aiter(page), AsyncIterator[lomi.Customer])
    assert_type(client.customers.list(), lomi.AsyncPaginator[lomi.AsyncCustomerPage, lomi.Customer])
    assert_type(await client.customers.list(page=2), lomi.AsyncCustomerPage)
    assert_type([customer async for customer in client.customers.list()], list[lomi.Customer])
    assert_type(page["customers"], list[lomi.Customer])
    await client.customers.create(nam="A")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.customers.get("cus_1")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
