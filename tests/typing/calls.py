"""What type checkers make of calls that `test_types.py` cannot run, or that it would be odd to. Read, never run.

Where a comment silences an error, the error is what is tested: both checkers complain when it is not there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

import httpx
from typing_extensions import assert_type

import lomi
from lomi.protocols import (
    AsyncCustomerPageProtocol,
    AsyncCustomersProtocol,
    AsyncLomiClientProtocol,
    AsyncMerchantsProtocol,
    CustomerPageProtocol,
    CustomersProtocol,
    LomiClientProtocol,
    MerchantsProtocol,
)


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
    assert_type(client.customers.reconcile(failed, settle=1), lomi.Customer | None)
    assert_type(iter(page), Iterator[lomi.Customer])
    client.customers.create()  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.customers.create({"email": "a@b.c"})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.customers.update("cus_1", {"name": None})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.customers.update("cus_1", is_business=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.customers.get(17)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def mappings() -> None:
    create: lomi.CustomerCreateParams = {"name": "Amadou Ba", "email": None}
    update: lomi.CustomerUpdateParams = {"metadata": {"vip": True}}
    assert_type(create["name"], str)
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


class OneCustomer:
    """A stand-in of one's own, for the two calls that the code under test makes."""

    def get(self, id: str) -> lomi.Customer:
        return lomi.Customer(id=id)

    def delete(self, id: str) -> None: ...


class Reader(Protocol):
    def get(self, id: str) -> lomi.Customer: ...


def protocols(
    client: lomi.LomiClient, aclient: lomi.AsyncLomiClient, page: lomi.CustomerPage, apage: lomi.AsyncCustomerPage
) -> None:
    # What is declared is what the classes have.
    one: LomiClientProtocol = client
    two: AsyncLomiClientProtocol = aclient
    customers: CustomersProtocol = client.customers
    merchants: MerchantsProtocol = client.merchants
    acustomers: AsyncCustomersProtocol = aclient.customers
    amerchants: AsyncMerchantsProtocol = aclient.merchants
    shown: tuple[CustomerPageProtocol, AsyncCustomerPageProtocol] = (page, apage)
    assert_type(one.customers.get("cus_1"), lomi.Customer)
    assert_type(list(one.customers.list()), list[lomi.Customer])
    assert_type(customers.create(name="Amadou Ba"), lomi.Customer)
    assert_type(merchants.get_balance("m", currency_code="XOF"), lomi.MerchantBalance)
    reader: Reader = customers
    reader = OneCustomer()
    customers = OneCustomer()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    del two, acustomers, amerchants, shown, reader


async def asynchronous(client: lomi.AsyncLomiClient, failed: lomi.LomiError, page: lomi.AsyncCustomerPage) -> None:
    assert_type(await client.aclose(), None)
    assert_type(await client.customers.delete("cus_1"), None)
    assert_type(await client.customers.reconcile(failed), lomi.Customer | None)
    assert_type(aiter(page), AsyncIterator[lomi.Customer])
    client.customers.get("cus_1")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
