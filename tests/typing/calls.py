"""What a type checker makes of every public call. Read by mypy and pyright, never run.

Where a comment silences an error, the error is what is tested: both checkers complain when it is not there.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true
from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import httpx
from typing_extensions import assert_type

import lomi


def clients() -> None:
    assert_type(lomi.LomiClient(), lomi.LomiClient)
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
    lomi.AsyncLomiClient(http_client=httpx.AsyncClient())
    lomi.LomiClient(environment="sandbox")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lomi.LomiClient(http_client=httpx.AsyncClient())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lomi.LomiClient("key", "test")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def hooks(events: list[lomi.ResponseEvent], requests: list[lomi.RequestEvent]) -> None:
    assert_type(lomi.Hooks(on_response=events.append, on_retry=lambda event: event.delay), lomi.Hooks)
    lomi.Hooks(on_response=requests.append)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    event = events[0]
    assert_type((event.operation, event.method, event.path, event.attempt), tuple[str, str, str, int])
    assert_type((event.status, event.error, event.seconds), tuple[int | None, str | None, float])
    assert_type(event.outcome, Literal["succeeded"] | lomi.Outcome)


def client(client: lomi.LomiClient) -> None:
    assert_type(client.environment, Literal["live", "test"])
    assert_type(client.base_url, str)
    assert_type(client.with_options(timeout=5, max_retries=1, account=None), lomi.LomiClient)
    assert_type(client.close(), None)
    with client as same, lomi.deadline(8):
        assert_type(same, lomi.LomiClient)


def send(client: lomi.LomiClient) -> None:
    where = lomi.path("/accounts/{id}", id="acct_1")
    assert_type(where, lomi.Path)
    assert_type(client.send(lomi.Request("GET", where, lomi.Merchant)), lomi.Merchant)
    assert_type(client.send(lomi.Request("GET", where, list[lomi.Transaction])), list[lomi.Transaction])
    assert_type(client.send(lomi.Request("GET", where, dict[str, Any])), dict[str, Any])
    assert_type(client.send(lomi.Request("DELETE", where, type(None))), None)
    lomi.Request("FETCH", where, dict)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def customers(client: lomi.LomiClient, failed: lomi.LomiError) -> None:
    customers = client.customers
    assert_type(customers.create(name="Amadou Ba", metadata={"internal_id": "USER_123"}), lomi.Customer)
    assert_type(customers.create({"name": "Amadou Ba", "is_business": False}), lomi.Customer)
    assert_type(customers.get("cus_1"), lomi.Customer)
    assert_type(customers.update("cus_1", city=None, name="Awa Diop"), lomi.Customer)
    assert_type(customers.update("cus_1", {"email": None}), lomi.Customer)
    assert_type(customers.delete("cus_1"), None)
    assert_type(customers.get_transactions("cus_1"), list[lomi.Transaction])
    assert_type(customers.reconcile(failed, settle=1), lomi.Customer | None)

    page = customers.list(search="amadou", type="individual", status="active", page=1, pageSize=20)
    assert_type(page, lomi.CustomerPage)
    assert_type(customers.list(page_size=20), lomi.CustomerPage)
    assert_type(iter(page), Iterator[lomi.Customer])
    assert_type(page.customers, list[lomi.Customer])
    assert_type(page.items, list[lomi.Customer])
    assert_type(page.pagination, lomi.Pagination)
    assert_type(page.pagination.total_count, int | None)
    assert_type(page.to_dict(), dict[str, Any])
    for customer in page:
        assert_type(customer, lomi.Customer)

    customers.create()  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    customers.create(name=None)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    customers.create(name="A", emial="a@example.com")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    customers.create({"email": "a@example.com"})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    customers.create({"name": "A", "emial": "a@b.c"})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    customers.update("cus_1", {"name": None})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    customers.update("cus_1", is_business=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    customers.list(type="person")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    customers.list(status="deleted")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    customers.get(17)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def words(kind: lomi.CustomerType, status: lomi.CustomerStatus, environment: lomi.Environment) -> None:
    assert_type(kind, Literal["business", "individual", "all"])
    assert_type(status, Literal["active", "inactive", "all"])
    assert_type(environment, Literal["live", "test"])


def mappings() -> None:
    create: lomi.CustomerCreateParams = {"name": "Amadou Ba", "email": None}
    update: lomi.CustomerUpdateParams = {"metadata": {"vip": True}}
    assert_type(create["name"], str)
    del update
    wrong: lomi.CustomerUpdateParams = {"is_business": "yes"}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    del wrong


def merchants(client: lomi.LomiClient) -> None:
    merchants = client.merchants
    assert_type(merchants.get("m"), lomi.Merchant)
    assert_type(merchants.get_mrr("m"), lomi.MerchantMRR)
    assert_type(merchants.get_arr("m"), lomi.MerchantARR)
    assert_type(merchants.get_balance("m", currency_code="XOF"), lomi.MerchantBalance)
    code: str = "TND"
    assert_type(merchants.get_balance("m", currency_code=code), lomi.MerchantBalance)
    merchants.get_balance("m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    merchants.get_balance("m", "XOF")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def answers(
    customer: lomi.Customer, merchant: lomi.Merchant, balance: lomi.MerchantBalance, transaction: lomi.Transaction
) -> None:
    assert_type(customer.id, str)
    assert_type(customer.email, str | None)
    assert_type(customer.is_business, bool | None)
    assert_type(customer.metadata, dict[str, Any] | None)
    assert_type(customer.created_at, datetime | None)
    assert_type(customer["id"], Any)
    assert_type(customer.get("city", "Dakar"), Any)
    assert_type(customer.to_dict(), dict[str, Any])
    assert_type("city" in customer, bool)
    assert_type(merchant.merchant_id, str)
    assert_type(merchant.mrr, int | Decimal | None)
    assert_type(balance.balance, int | Decimal | None)
    assert_type(balance.money, lomi.Money)
    assert_type(transaction.transaction_id, str)
    assert_type(transaction.money, lomi.Money)


def money() -> None:
    price = lomi.Money(1050, "USD")
    assert_type(price + price, lomi.Money)
    assert_type(price * 2, lomi.Money)
    assert_type(sum([price, price], lomi.Money(0, "USD")), lomi.Money)
    assert_type(price < price, bool)
    assert_type(price.amount, int)
    assert_type(price.to_decimal(), Decimal)
    assert_type(lomi.Money.from_decimal("10.50", "USD"), lomi.Money)
    lomi.Money(10.50, "USD")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    price *= 1.5  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownVariableType]


def errors(error: lomi.LomiError, api: lomi.LomiAPIError, limit: lomi.LomiRateLimitError) -> None:
    assert_type(error.outcome, Literal["not_sent", "rejected", "unknown"])
    assert_type(
        (error.attempts, error.request_id, error.method, error.path), tuple[int, str | None, str | None, str | None]
    )
    assert_type((api.status_code, api.code, api.message), tuple[int, str | None, str])
    assert_type((limit.retry_after, limit.limit), tuple[float | None, int | None])
    invalid = lomi.LomiValidationError("…", errors=[lomi.FieldError("email", "cannot be one", "such as a@b.c")])
    assert_type(invalid.errors, tuple[lomi.FieldError, ...])


async def asynchronous(client: lomi.AsyncLomiClient, failed: lomi.LomiError) -> None:
    assert_type(client.environment, Literal["live", "test"])
    assert_type(client.with_options(timeout=5), lomi.AsyncLomiClient)
    assert_type(await client.aclose(), None)
    async with client as same:
        assert_type(same, lomi.AsyncLomiClient)
    where = lomi.path("/me")
    assert_type(await client.send(lomi.Request("GET", where, lomi.Merchant)), lomi.Merchant)

    customers = client.customers
    assert_type(await customers.create(name="Amadou Ba"), lomi.Customer)
    assert_type(await customers.create({"name": "Amadou Ba"}), lomi.Customer)
    assert_type(await customers.get("cus_1"), lomi.Customer)
    assert_type(await customers.update("cus_1", city=None), lomi.Customer)
    assert_type(await customers.update("cus_1", {"email": None}), lomi.Customer)
    assert_type(await customers.delete("cus_1"), None)
    assert_type(await customers.get_transactions("cus_1"), list[lomi.Transaction])
    assert_type(await customers.reconcile(failed), lomi.Customer | None)
    assert_type(await customers.list(page_size=20), lomi.AsyncCustomerPage)
    page = await customers.list(type="individual", pageSize=20)
    assert_type(page, lomi.AsyncCustomerPage)
    assert_type(aiter(page), AsyncIterator[lomi.Customer])
    assert_type(page.customers, list[lomi.Customer])
    assert_type(page.pagination, lomi.Pagination)
    async for customer in page:
        assert_type(customer, lomi.Customer)

    merchants = client.merchants
    assert_type(await merchants.get("m"), lomi.Merchant)
    assert_type(await merchants.get_mrr("m"), lomi.MerchantMRR)
    assert_type(await merchants.get_arr("m"), lomi.MerchantARR)
    assert_type(await merchants.get_balance("m", currency_code="XOF"), lomi.MerchantBalance)

    customers.list(type="person")  # type: ignore[arg-type, unused-coroutine]  # pyright: ignore[reportArgumentType, reportUnusedCoroutine]
    customers.get("cus_1")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
