"""A customer's whole life and the merchant's four figures, over a real socket, in both dialects."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

import lomi
from lomi.sandbox import Server

from ....wire import MERCHANT_ID

pytestmark = pytest.mark.anyio
WHOLE = {
    "name": "Aïssatou Bâ ⚡",
    "email": "aissatou@example.com",
    "phone_number": "+221771234567",
    "whatsapp_number": "+221771234568",
    "country": "Senegal",
    "city": "Thiès",
    "address": "12 Rue Carnot",
    "postal_code": "11000",
    "is_business": True,
    "metadata": {"internal_id": "USER_123", "nested": {"tags": ["a", 1, 1.5, None, True]}},
}


async def test_the_life_of_a_customer(server: Server) -> None:
    async with lomi.AsyncLomiClient() as client:
        created = await client.customers.create(WHOLE)
        for name, value in WHOLE.items():
            assert created[name] == value
        assert created.created_at is not None
        assert created.created_at.utcoffset() is not None
        assert abs((datetime.now(timezone.utc) - created.created_at).total_seconds()) < 3600
        assert created.organization_id
        assert await client.customers.get(created.id) == created

        # Omitted stays, None clears, a value replaces.
        updated = await client.customers.update(created.id, email=None, city="Dakar", metadata={"vip": True})
        assert (updated.email, updated.city, updated.phone_number) == (None, "Dakar", WHOLE["phone_number"])
        assert updated.metadata == {"vip": True}
        updated = await client.customers.update(created.id, {"metadata": None, "is_business": False})
        assert (updated.metadata, updated.is_business, updated.name) == (None, False, WHOLE["name"])

        assert await client.customers.get_transactions(created.id) == []
        server.sandbox.pay(created.id, 25_000, "XOF", description="Lessons")
        (payment,) = await client.customers.get_transactions(created.id)
        assert (payment.description, payment.money) == ("Lessons", lomi.Money(25_000, "XOF"))
        assert payment["transaction_id"] == payment.identity
        assert payment.status == "completed"

        await client.customers.delete(created.id)
        for make in (
            lambda: client.customers.get(created.id),
            lambda: client.customers.update(created.id, name="A"),
            lambda: client.customers.delete(created.id),
            lambda: client.customers.get_transactions(created.id),
        ):
            with pytest.raises(lomi.LomiNotFoundError) as caught:
                await make()
            assert (caught.value.outcome, caught.value.attempts, caught.value.code) == ("rejected", 1, "NOT_FOUND")


async def test_the_least_a_customer_can_be(server: Server) -> None:
    async with lomi.AsyncLomiClient() as client:
        created = await client.customers.create(name="A")
        assert (created.name, created.is_business, created.email, created.metadata) == ("A", False, None, None)
        assert not created.country
        assert (await client.customers.get(created.id)).name == "A"
        assert len(server.sandbox.requests) == 2


async def test_the_four_figures_of_a_merchant(server: Server) -> None:
    async with lomi.AsyncLomiClient() as client:
        merchant = await client.merchants.get(MERCHANT_ID)
        assert (merchant.name, merchant.country, merchant.mrr, merchant.arr) == ("Test Merchant", "SN", 50_000, 600_000)
        assert (merchant.merchant_lifetime_value, merchant.retry_payment_every, merchant.total_retries) == (
            1_200_000,
            3,
            5,
        )
        assert merchant.metadata == {"industry": "e-commerce"}
        assert merchant.created_at == datetime(2023, 1, 15, 10, 30, tzinfo=timezone.utc)
        assert (await client.merchants.get_mrr(MERCHANT_ID)).money == lomi.Money(50_000, "XOF")
        assert (await client.merchants.get_arr(MERCHANT_ID)).money == lomi.Money(600_000, "XOF")
        for currency, shown in (("XOF", "250 000 XOF"), ("USD", "1 050.00 USD"), ("EUR", "482.50 EUR")):
            balance = await client.merchants.get_balance(MERCHANT_ID, currency_code=currency)
            assert str(balance.money) == shown
            assert balance.as_of_date is not None


async def test_filters(server: Server) -> None:
    async with lomi.AsyncLomiClient() as client:
        everybody = [customer async for customer in await client.customers.list(type="all", status="all")]
        assert len({customer.id for customer in everybody}) == len(everybody) == 150
        businesses = [customer async for customer in await client.customers.list(type="business")]
        individuals = [customer async for customer in await client.customers.list(type="individual")]
        assert {customer.is_business for customer in businesses} == {True}
        assert {customer.is_business for customer in individuals} == {False}
        assert len(businesses) + len(individuals) == 150
        active = [customer async for customer in await client.customers.list(status="active")]
        inactive = [customer async for customer in await client.customers.list(status="inactive")]
        assert len(active) + len(inactive) == 150
        assert min(len(active), len(inactive)) > 0
        found = [customer async for customer in await client.customers.list(search="AMADOU.BA@")]
        assert [customer.name for customer in found] == ["Amadou Ba"]
        assert [customer async for customer in await client.customers.list(search="nobody at all")] == []


async def test_paging(server: Server) -> None:
    async with lomi.AsyncLomiClient() as client:
        everybody = [customer.id async for customer in await client.customers.list()]
        for size in (1, 7, 50, 149, 150, 151, 1000):
            page = await client.customers.list(page_size=size)
            assert len(page.customers) == min(size, 150)
            assert page.pagination.total_count == 150
            if size > 1:
                assert [customer.id async for customer in page] == everybody
        page = await client.customers.list(page=8, pageSize=20)
        assert [customer.id async for customer in page] == everybody[140:]
        past = await client.customers.list(page=9, pageSize=20)
        assert past.customers == []
        assert [customer async for customer in past] == []


async def test_deleting_whatever_a_walk_gives(server: Server) -> None:
    async with lomi.AsyncLomiClient() as client:
        gone = 0
        async for customer in await client.customers.list(page_size=20):
            await client.customers.delete(customer.id)
            gone += 1
        assert gone == 150
        assert (await client.customers.list()).customers == []


async def test_a_connected_account(server: Server) -> None:
    owner = server.sandbox.merchant("Operator")
    connected = server.sandbox.merchant("Connected", account_of=owner)
    async with lomi.AsyncLomiClient(owner.api_key) as client:
        on_behalf = client.with_options(account=connected.account)
        created = await on_behalf.customers.create(name="A")
        assert created.organization_id == connected.organization_id
        assert [customer.id async for customer in await on_behalf.customers.list()] == [created.id]
        assert (await client.customers.list()).customers == []
        with pytest.raises(lomi.LomiNotFoundError):
            await client.customers.get(created.id)
        with pytest.raises(lomi.LomiConfigurationError, match=r"merchants\.get cannot act on a connected account"):
            await on_behalf.merchants.get(connected.id)
        with pytest.raises(lomi.LomiAuthError):
            await on_behalf.send(lomi.Request("GET", lomi.path("/merchants/{id}", id=connected.id), object))
