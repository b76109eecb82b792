"""Walking a listing several pages at a time: the same items in the same order, and errors in their place."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

import lomi
from tests.wire import TEST_KEY

pytestmark = pytest.mark.anyio
SIZE = 2


class Api:
    """Customers by page; pages that were told to fail do so as often as they were told."""

    def __init__(self, count: int) -> None:
        self.ids = [f"c{number}" for number in range(count)]
        self.trouble: dict[int, list[httpx.Response]] = {}
        self.asked: list[int] = []
        self.slept: list[float] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        page, size = int(request.url.params.get("page", 1)), int(request.url.params.get("pageSize", SIZE))
        self.asked.append(page)
        if self.trouble.get(page):
            return self.trouble[page].pop(0)
        ids = self.ids[(page - 1) * size : page * size]
        total = len(self.ids) if ids else 0
        at = {"page": page, "pageSize": size, "totalCount": total, "totalPages": -(-total // size)}
        return httpx.Response(200, json={"customers": [{"id": id} for id in ids], "pagination": at})

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def refused(times: int, **headers: str) -> list[httpx.Response]:
    return [httpx.Response(429, headers=headers, json={}) for _ in range(times)]


async def first(api: Api) -> lomi.AsyncPage[lomi.Customer]:
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(api.answer))
    client = lomi.AsyncLomiClient(TEST_KEY, http_client=http_client, max_retries=0)
    client.backend.sleep = api.sleep
    return await client.customers.list(page_size=SIZE)


async def collect(walk: Any, seen: list[str]) -> None:
    async for customer in walk:
        seen.append(customer.id)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 39, 40])
@pytest.mark.parametrize("width", [1, 2, 3, 100])
async def test_every_item_comes_once_in_order(count, width):
    api = Api(count)
    walk = (await first(api)).walk(max_concurrency=width)
    assert [customer.id async for customer in walk] == api.ids
    assert sorted(api.asked) == [*range(1, count // SIZE + 2)]


async def test_one_at_a_time_fetches_nothing_ahead():
    api = Api(10)
    walk = (await first(api)).walk(max_concurrency=1)
    async for customer in walk:
        if customer.id == "c2":
            break
    await walk.aclose()
    assert api.asked == [1, 2]


async def test_stopping_early_leaves_the_rest_alone():
    api = Api(1000)
    walk = (await first(api)).walk(max_concurrency=2)
    async for customer in walk:
        if customer.id == "c2":
            break
    await walk.aclose()
    assert sorted(api.asked) == [*range(1, 10)]


async def test_an_error_comes_in_the_place_of_its_page():
    api = Api(20)
    api.trouble[4] = [httpx.Response(404, json={"error": {"code": "not_found"}})]
    seen: list[str] = []
    walk = (await first(api)).walk(max_concurrency=3)
    with pytest.raises(lomi.LomiNotFoundError):
        await collect(walk, seen)
    assert seen == api.ids[:6]


async def test_a_deletion_meanwhile_makes_it_read_back():
    api = Api(20)
    seen = []
    async for customer in (await first(api)).walk(max_concurrency=1):
        seen.append(customer.id)
        if len(seen) == 4:
            api.ids.remove("c0")
    assert sorted(seen) == sorted(f"c{number}" for number in range(20))


async def test_a_429_slows_it_down():
    api = Api(40)
    api.trouble[3] = refused(2, **{"Retry-After": "7"})
    walk = (await first(api)).walk(max_concurrency=4)
    assert [customer.id async for customer in walk] == api.ids
    assert api.slept == [7, 7]


@pytest.mark.parametrize(("times", "headers"), [(1, {}), (1, {"Retry-After": "31"}), (6, {"Retry-After": "1"})])
async def test_a_429_that_allows_no_waiting_is_raised(times, headers):
    api = Api(40)
    api.trouble[3] = refused(times, **headers)
    with pytest.raises(lomi.LomiRateLimitError):
        [customer async for customer in (await first(api)).walk()]
    assert len(api.slept) == times - 1


async def test_a_429_that_allows_waiting_after_success_is_patient_again():
    api = Api(40)
    api.trouble = {page: refused(4, **{"Retry-After": "1"}) for page in (3, 5, 7)}
    walk = (await first(api)).walk(max_concurrency=1)
    assert [customer.id async for customer in walk] == api.ids
    assert len(api.slept) == 12


async def test_waiting_ends_where_the_deadline_does():
    api = Api(40)
    api.trouble[3] = refused(1, **{"Retry-After": "20"})
    walk = (await first(api)).walk()
    with lomi.deadline(10), pytest.raises(lomi.LomiRateLimitError):
        [customer async for customer in walk]
    assert api.slept == []


@pytest.mark.parametrize("width", [0, 101, True, "8", None])
async def test_how_many_is_checked_at_once(width):
    page = await first(Api(1))
    with pytest.raises(lomi.LomiValidationError, match="max_concurrency"):
        page.walk(max_concurrency=width)
