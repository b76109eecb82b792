"""Pages: iterating them, one or several at a time, and the next page; errors come in the place of their items."""

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


def client_of(api: Api) -> lomi.AsyncLomiClient:
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(api.answer))
    client = lomi.AsyncLomiClient(TEST_KEY, http_client=http_client, max_retries=0)
    client.backend.sleep = api.sleep
    return client


async def first(api: Api) -> lomi.AsyncCustomerPage:
    return await client_of(api).customers.list(page_size=SIZE)


async def collect(walk: Any, seen: list[str]) -> None:
    async for customer in walk:
        seen.append(customer.id)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 39, 40])
@pytest.mark.parametrize("width", [1, 2, 3, 100])
async def test_every_item_comes_once_in_order(count, width):
    api = Api(count)
    walk = (await first(api)).iter_all(max_concurrency=width)
    assert [customer.id async for customer in walk] == api.ids
    assert sorted(api.asked) == [*range(1, max(1, -(-count // SIZE)) + 1)]


async def test_one_at_a_time_fetches_nothing_ahead():
    api = Api(10)
    walk = (await first(api)).iter_all(max_concurrency=1)
    async for customer in walk:
        if customer.id == "c2":
            break
    assert api.asked == [1, 2]


async def test_stopping_early_leaves_the_rest_alone():
    api = Api(1000)
    walk = (await first(api)).iter_all(max_concurrency=2)
    async for customer in walk:
        if customer.id == "c2":
            break
    assert sorted(api.asked) == [*range(1, 10)]


async def test_an_error_comes_in_the_place_of_its_page():
    api = Api(20)
    api.trouble[4] = [httpx.Response(404, json={"error": {"code": "not_found"}})]
    seen: list[str] = []
    walk = (await first(api)).iter_all(max_concurrency=3)
    with pytest.raises(lomi.LomiNotFoundError):
        await collect(walk, seen)
    assert seen == api.ids[:6]
    # It can go on with the page that failed.
    await collect(walk, seen)
    assert seen == api.ids


async def test_a_deletion_meanwhile_makes_it_read_back():
    api = Api(20)
    seen = []
    async for customer in (await first(api)).iter_all(max_concurrency=1):
        seen.append(customer.id)
        if len(seen) == 4:
            api.ids.remove("c0")
    assert sorted(seen) == sorted(f"c{number}" for number in range(20))


async def test_a_429_slows_it_down():
    api = Api(40)
    api.trouble[3] = refused(2, **{"Retry-After": "7"})
    walk = (await first(api)).iter_all(max_concurrency=4)
    assert [customer.id async for customer in walk] == api.ids
    assert api.slept == [7, 7]


@pytest.mark.parametrize(("times", "headers"), [(1, {}), (1, {"Retry-After": "31"}), (6, {"Retry-After": "1"})])
async def test_a_429_that_allows_no_waiting_is_raised(times, headers):
    api = Api(40)
    api.trouble[3] = refused(times, **headers)
    with pytest.raises(lomi.LomiRateLimitError):
        [customer async for customer in (await first(api)).iter_all()]
    assert len(api.slept) == times - 1


async def test_a_429_that_allows_waiting_after_success_is_patient_again():
    api = Api(40)
    api.trouble = {page: refused(4, **{"Retry-After": "1"}) for page in (3, 5, 7)}
    walk = (await first(api)).iter_all(max_concurrency=1)
    assert [customer.id async for customer in walk] == api.ids
    assert len(api.slept) == 12


async def test_waiting_ends_where_the_deadline_does():
    api = Api(40)
    api.trouble[3] = refused(1, **{"Retry-After": "20"})
    walk = (await first(api)).iter_all()
    with lomi.deadline(10), pytest.raises(lomi.LomiRateLimitError):
        [customer async for customer in walk]
    assert api.slept == []


@pytest.mark.parametrize("width", [0, 101, True, "8", None])
async def test_how_many_is_checked_at_once(width):
    page = await first(Api(1))
    with pytest.raises(lomi.LomiValidationError, match="max_concurrency"):
        page.iter_all(max_concurrency=width)


async def page_of(api: Api, **params: Any) -> Any:
    return await client_of(api).customers.list(page_size=SIZE, **params)


async def test_iterating_a_listing_yields_all_of_it():
    api = Api(5)
    page = await first(api)
    assert [customer.id async for customer in page] == api.ids
    assert [customer.id async for customer in page] == api.ids
    assert [customer.id async for customer in await page_of(api, page=2)] == api.ids[2:]


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (2, 1), (3, 2), (6, 3)])
async def test_next_page_goes_on_to_the_last(count, pages):
    api = Api(count)
    page = await first(api)
    seen = []
    while page is not None:
        assert type(page) is lomi.AsyncCustomerPage
        seen.append([customer.id for customer in page.items])
        assert page.has_next_page is (len(seen) < pages)
        page = await page.next_page()
    assert [id for ids in seen for id in ids] == api.ids
    assert api.asked == [*range(1, pages + 1)]


@pytest.mark.parametrize(("n", "asked"), [(0, [1]), (1, [1]), (2, [1]), (3, [1, 2]), (5, [1, 2, 3]), (9, [1, 2, 3])])
async def test_take_requests_no_more_than_it_needs(n, asked):
    api = Api(5)
    page = await first(api)
    assert [customer.id for customer in await page.take(n)] == api.ids[:n]
    assert api.asked == asked


@pytest.mark.parametrize("n", [-1, True, "5", None, 1.0])
async def test_how_many_to_take_is_checked(n):
    page = await first(Api(1))
    with pytest.raises(lomi.LomiValidationError, match="n is"):
        await page.take(n)


async def test_a_page_reads_like_the_response():
    page = await first(Api(3))
    assert page["customers"] == page.customers == page.items
    assert page["pagination"]["totalCount"] == 3
    assert page.last_response is not None
    assert page.last_response.status_code == 200
    assert page.to_dict()["pagination"]["totalPages"] == 2
    assert repr(page).startswith(f"{type(page).__name__}(2 items, Pagination(")
    with pytest.raises(KeyError):
        page["nothing"]


async def test_deletions_meanwhile_hide_nothing():
    api = Api(9)
    seen = []
    page = await page_of(api, search="a")
    async for customer in page:
        if not seen:
            del api.ids[:2]
        seen.append(customer.id)
    assert set(seen) == {f"c{number}" for number in range(9)}
    assert len(seen) == 9


class Offset(lomi.AsyncPage[lomi.Customer]):
    """A page of an API that pages by offset, and says only how long the page is."""

    _scheme = "offset"


async def test_an_api_that_pages_by_offset_is_read_to_an_empty_page():
    asked: list[tuple[str | None, str | None]] = []
    ids = [f"c{number}" for number in range(6)]

    def answer(request: httpx.Request) -> httpx.Response:
        offset, limit = request.url.params.get("offset"), request.url.params.get("limit")
        asked.append((offset, limit))
        shown = ids[int(offset or 0) :][: int(limit or 2)]
        at = {"totalCount": len(shown)}
        return httpx.Response(200, json={"customers": [{"id": id} for id in shown], "pagination": at})

    http_client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    client = lomi.AsyncLomiClient(TEST_KEY, http_client=http_client)
    request = lomi.Request("GET", lomi.path("/things"), lomi.CustomerListing, query={"offset": 1, "limit": 2})
    page = Offset(client, request, await client.send(request))
    assert page.has_next_page
    assert [customer.id async for customer in page] == ids[1:]
    assert asked == [("1", "2"), ("3", "2"), ("5", "2"), ("7", "2")]
    following = await page.next_page()
    assert following is not None
    assert [customer.id for customer in following.items] == ids[3:5]
    following = await following.next_page()
    assert following is not None
    assert [customer.id for customer in following.items] == ids[5:]
    assert await following.next_page() is None
