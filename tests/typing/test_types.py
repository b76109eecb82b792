"""What type checkers see of every public call. The same lines run against a sandbox, so they are no fiction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import anyio
import httpx
import pytest
from typing_extensions import assert_type

import lomi
from lomi import (
    AsyncCustomerPage,
    AsyncLomiClient,
    Customer,
    CustomerCreateParams,
    CustomerListing,
    CustomerPage,
    CustomerUpdateParams,
    LomiClient,
    Merchant,
    MerchantARR,
    MerchantBalance,
    MerchantMRR,
    Money,
    Outcome,
    Pagination,
    Path,
    Request,
    Transaction,
)
from lomi.sandbox import Sandbox


def test_the_synchronous_client() -> None:
    sandbox = Sandbox()
    with sandbox.client() as client:
        assert_type(client, LomiClient)
        assert_type(client.with_options(timeout=None, max_retries=1, account=None), LomiClient)
        assert_type(client.base_url, str)

        created = client.customers.create(name="A", email=None, is_business=True, metadata={"a": [1]})
        assert_type(created, Customer)
        params: CustomerCreateParams = {"name": "A", "metadata": {"a": 1}}
        assert_type(client.customers.create(params), Customer)
        assert_type(client.customers.create({"name": "A", "email": "a@b.c"}), Customer)
        assert_type(client.customers.get(created.id), Customer)
        changes: CustomerUpdateParams = {"email": None, "city": "Dakar"}
        assert_type(client.customers.update(created.id, changes), Customer)
        assert_type(client.customers.update(created.id, name="B", email=None), Customer)
        for transaction in assert_type(client.customers.get_transactions(created.id), list[Transaction]):
            assert_type(transaction.money, Money)
        page = client.customers.list(search="a", type="individual", status="all", page=1, page_size=20)
        assert_type(page, CustomerPage)
        assert_type(page.customers, list[Customer])
        assert_type(page.items, list[Customer])
        assert_type(page.pagination, Pagination)
        assert_type(page.pagination.total_count, int | None)
        assert_type(page.to_dict(), dict[str, Any])
        for customer in page:
            assert_type(customer, Customer)
        client.customers.delete(created.id)

        assert_type(client.merchants.get(sandbox.merchant_id), Merchant)
        assert_type(client.merchants.get_mrr(sandbox.merchant_id), MerchantMRR)
        assert_type(client.merchants.get_arr(sandbox.merchant_id), MerchantARR)
        balance = client.merchants.get_balance(sandbox.merchant_id, currency_code="XOF")
        assert_type(balance, MerchantBalance)
        assert_type(balance.balance, int | Decimal | None)
        assert_type(balance.as_of_date, datetime | None)
        assert_type(balance["balance"], Any)

        request = Request("GET", lomi.path("/me"), dict[str, str])
        assert_type(request, Request[dict[str, str]])
        assert_type(request.path, Path)
        assert_type(client.send(request), dict[str, str])
        listing = client.send(Request("GET", lomi.path("/customers"), CustomerListing, query={"page": 1}))
        assert_type(listing.customers, list[Customer])


async def asynchronous() -> None:
    sandbox = Sandbox()
    async with sandbox.async_client() as client:
        assert_type(client, AsyncLomiClient)
        assert_type(client.with_options(timeout=5), AsyncLomiClient)

        created = await client.customers.create(name="A")
        assert_type(created, Customer)
        assert_type(await client.customers.create({"name": "A"}), Customer)
        assert_type(await client.customers.get(created.id), Customer)
        assert_type(await client.customers.update(created.id, {"email": None}), Customer)
        assert_type(await client.customers.get_transactions(created.id), list[Transaction])
        page = await client.customers.list(pageSize=20)
        assert_type(page, AsyncCustomerPage)
        assert_type(page.customers, list[Customer])
        async for customer in page:
            assert_type(customer, Customer)
        await client.customers.delete(created.id)

        assert_type(await client.merchants.get(sandbox.merchant_id), Merchant)
        assert_type(await client.merchants.get_mrr(sandbox.merchant_id), MerchantMRR)
        assert_type(await client.merchants.get_arr(sandbox.merchant_id), MerchantARR)
        balance = await client.merchants.get_balance(sandbox.merchant_id, currency_code="XOF")
        assert_type(balance, MerchantBalance)
        assert_type(await client.send(Request("GET", lomi.path("/me"), dict[str, str])), dict[str, str])


def test_the_asynchronous_client() -> None:
    anyio.run(asynchronous)


def test_errors() -> None:
    sandbox = Sandbox()
    with sandbox.client() as client, pytest.raises(lomi.LomiError) as caught:
        client.merchants.get("somebody-else")
    error = caught.value
    assert_type(error.outcome, Outcome)
    assert_type(error.attempts, int)
    assert_type(error.request_id, str | None)
    assert isinstance(error, lomi.LomiAPIError)
    assert_type(error.status_code, int)
    assert_type(error.code, str | None)
    assert_type(error.headers, Mapping[str, str])
    assert_type(error.body, bytes)
    limited = lomi.LomiRateLimitError()
    assert_type(limited.retry_after, float | None)
    assert_type(limited.limit, int | None)
    with pytest.raises(lomi.LomiValidationError) as refused:
        lomi.path("/customers/{id}", id="")
    assert_type(refused.value.errors, tuple[lomi.FieldError, ...])


def test_money() -> None:
    one, two = Money(1050, "USD"), Money.from_decimal("1.50", "USD")
    assert_type(one + two, Money)
    assert_type(one * 3, Money)
    assert_type(3 * one, Money)
    assert_type(one > two, bool)
    assert_type(one.to_decimal(), Decimal)
    assert_type(sum([one, two], Money(0, "USD")), Money)


def test_what_checkers_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    # An ignore that is not needed is an error: each line below is one that a checker complains of.
    monkeypatch.delenv("LOMI_API_KEY", raising=False)
    with Sandbox().client() as client:
        with pytest.raises(
            lomi.LomiValidationError, match='nmae is not a field of this operation \\(did you mean "name"'
        ):
            client.customers.create(nmae="A")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
        with pytest.raises(lomi.LomiValidationError):
            client.customers.create({"nmae": "A"})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
        with pytest.raises(lomi.LomiValidationError):
            client.customers.create(name=None)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
        with pytest.raises(lomi.LomiValidationError):
            client.customers.update("c", name=None)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
        with pytest.raises(lomi.LomiValidationError):
            client.customers.list(type="company")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(TypeError):
            client.merchants.get_balance("m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        with pytest.raises(TypeError):
            _ = Money(1, "XOF") + 1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownVariableType]
    with pytest.raises(lomi.LomiConfigurationError):
        LomiClient("lomi_sk_test_x", environment="sandbox")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(lomi.LomiConfigurationError):
        LomiClient("lomi_sk_test_x", http_client=httpx.AsyncClient())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
