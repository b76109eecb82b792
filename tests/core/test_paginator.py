"""`client.customers.list()` of the asynchronous client: awaited, iterated, or handed to a runner."""

from __future__ import annotations

import asyncio
import gc
import warnings

import pytest

import lomi
from lomi.sandbox import Sandbox


@pytest.mark.anyio
async def test_it_is_awaited_for_its_page_and_iterated_for_all() -> None:
    with Sandbox(customers=5) as sandbox:
        async with sandbox.async_client() as client:
            page = await client.customers.list(page_size=2)
            assert isinstance(page, lomi.AsyncCustomerPage)
            everyone = [customer.id async for customer in page]
            assert len(everyone) == 5
            assert [customer.id async for customer in client.customers.list(page_size=2)] == everyone


@pytest.mark.anyio
async def test_it_is_requested_once_however_often_it_is_used() -> None:
    with Sandbox(customers=1) as sandbox:
        async with sandbox.async_client() as client:
            listing = client.customers.list()
            page = await listing
            assert await listing is page
            assert [customer.id async for customer in listing] == [page.items[0].id]
            assert [customer.id async for customer in listing] == [page.items[0].id]
            assert len(sandbox.requests) == 1


@pytest.mark.anyio
async def test_arguments_are_checked_at_once_and_the_rest_is_raised_where_it_is_used() -> None:
    with Sandbox(customers=1) as sandbox:
        async with sandbox.async_client(max_retries=0) as client:
            with pytest.raises(lomi.LomiValidationError):
                client.customers.list(page=0)
            sandbox.fail(403)
            listing = client.customers.list()
            with pytest.raises(lomi.LomiPermissionError):
                async for _ in listing:
                    pass


def test_a_runner_takes_it_as_a_coroutine() -> None:
    async def main() -> int:
        task = asyncio.create_task(client.customers.list())
        (page,) = await asyncio.gather(client.customers.list())
        return len((await task).items) + len(page.items)

    with Sandbox(customers=3) as sandbox:
        client = sandbox.async_client()
        assert len(asyncio.run(client.customers.list()).items) == 3
        assert asyncio.run(main()) == 6
        with pytest.raises(KeyError):
            client.customers.list().throw(KeyError)


def test_one_that_is_forgotten_is_warned_of_and_one_that_is_closed_is_not() -> None:
    client = lomi.AsyncLomiClient("lomi_sk_test_x")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client.customers.list().close()
        gc.collect()
        assert caught == []
        client.customers.list()
        gc.collect()
        assert ["never awaited" in str(each.message) for each in caught] == [True]
