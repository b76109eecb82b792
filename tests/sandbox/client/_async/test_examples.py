"""What the vendor's pages show, call for call, with nothing but two environment variables."""

from __future__ import annotations

import os

import pytest

from lomi import AsyncLomiClient
from lomi.sandbox import Server

from ....wire import MERCHANT_ID

pytestmark = pytest.mark.anyio


async def test_create_a_customer(server: Server) -> None:
    client = AsyncLomiClient(api_key=os.environ["LOMI_API_KEY"], environment="test")
    customer = await client.customers.create(
        {
            "name": "Amadou Ba",
            "email": "amadou.ba@example.com",
            "phone_number": "+221771234567",
            "country": "Senegal",
            "city": "Dakar",
            "is_business": False,
            "metadata": {"internal_id": "USER_123"},
        }
    )
    assert customer["id"] == customer.id == customer["customer_id"]
    await client.aclose()


async def test_list_customers(server: Server) -> None:
    async with AsyncLomiClient() as client:
        customers = await client.customers.list(
            search="amadou", type="individual", status="active", page=1, pageSize=20
        )
        assert 0 < customers["pagination"]["totalCount"] == len(customers["customers"])
        assert customers["pagination"]["pageSize"] == 20
        assert all("amadou" in customer["name"].lower() for customer in customers["customers"])


async def test_get_update_and_delete_a_customer(server: Server) -> None:
    async with AsyncLomiClient() as client:
        customer = await client.customers.get("cus_abc123...")
        assert customer["name"] == "Amadou Ba"
        updated = await client.customers.update(
            "cus_abc123...", {"email": "new.email@example.com", "metadata": {"vip": True}}
        )
        assert (updated["email"], updated["metadata"]) == ("new.email@example.com", {"vip": True})
        assert await client.customers.delete("cus_abc123...") is None


async def test_get_customer_transactions(server: Server) -> None:
    async with AsyncLomiClient() as client:
        transactions = await client.customers.get_transactions("cus_abc123...")
        lines = [f"{tx['description']}: {tx['gross_amount']} {tx['currency_code']}" for tx in transactions]
        assert "Payment for Product A: 10000 XOF" in lines


async def test_merchants(server: Server) -> None:
    async with AsyncLomiClient() as client:
        merchant = await client.merchants.get(MERCHANT_ID)
        assert (merchant["merchant_id"], merchant["mrr"], merchant["arr"]) == (MERCHANT_ID, 50000, 600000)
        mrr = await client.merchants.get_mrr(MERCHANT_ID)
        arr = await client.merchants.get_arr(MERCHANT_ID)
        balance = await client.merchants.get_balance(MERCHANT_ID, currency_code="XOF")
        assert (mrr["mrr"], arr["arr"], balance["balance"]) == (50000, 600000, 250000)
        assert {mrr["currency_code"], arr["currency_code"], balance["currency_code"]} == {"XOF"}
