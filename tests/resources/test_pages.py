"""Listings in both flavours: by offset, by page, and those that are not paged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest

import lomi

from .recording import API, BASE_URL, FLAVOURS, KEY

Run = Callable[..., Any]


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def by_offset(total: int, default: int, key: str, wrap: Callable[[list[Any], httpx.Request], Any]) -> Any:
    def answer(request: httpx.Request) -> Any:
        start = int(request.url.params.get("offset", 0))
        count = int(request.url.params.get("limit", default))
        return wrap([{key: uuid(number)} for number in range(start, min(start + count, total))], request)

    return answer


def by_page(total: int, default: int, key: str, wrap: Callable[[list[Any], httpx.Request], Any]) -> Any:
    def answer(request: httpx.Request) -> Any:
        count = int(request.url.params.get("pageSize", default))
        start = (int(request.url.params.get("page", 1)) - 1) * count
        return wrap([{key: uuid(number)} for number in range(start, min(start + count, total))], request)

    return answer


def bare(items: list[Any], _request: httpx.Request) -> Any:
    return items


def wrapped(items: list[Any], _request: httpx.Request) -> Any:
    return {"success": True, "data": items}


def counted(items: list[Any], request: httpx.Request) -> Any:
    # The total is only the page's length.
    return {"data": items, "total": len(items), "limit": 20, "offset": int(request.url.params.get("offset", 0))}


LISTINGS: dict[str, tuple[Any, int, str]] = {
    "checkout_sessions": (lambda total: by_offset(total, 20, "checkout_session_id", bare), 20, "offset"),
    "payment_links": (lambda total: by_offset(total, 20, "link_id", counted), 20, "offset"),
    "payment_requests": (lambda total: by_offset(total, 20, "request_id", counted), 20, "offset"),
    "refunds": (lambda total: by_offset(total, 50, "refund_id", wrapped), 50, "offset"),
    "transactions": (lambda total: by_page(total, 50, "transaction_id", bare), 50, "page"),
    "payouts": (lambda total: by_page(total, 50, "payout_id", wrapped), 50, "page"),
}


@pytest.mark.parametrize("run", FLAVOURS)
@pytest.mark.parametrize("name", LISTINGS)
def test_iterating_yields_everything_once(run: Run, name: str) -> None:
    make, size, scheme = LISTINGS[name]
    for total in (0, 1, size, size + 7, 3 * size):
        api = API(make(total))
        items = run(api, lambda client: getattr(client, name).list())
        assert [item.identity for item in items] == [uuid(number) for number in range(total)]
        pages = total // size + 1 + (name == "payouts" and total % size > 0)
        assert [query.get(scheme) for query in api.queries()][1:] == [
            f"{number * size if scheme == 'offset' else number + 1}" for number in range(1, pages)
        ]


@pytest.mark.parametrize("run", FLAVOURS)
@pytest.mark.parametrize("name", LISTINGS)
def test_filters_and_sizes_go_with_every_page(run: Run, name: str) -> None:
    make, _, scheme = LISTINGS[name]
    api = API(make(25))
    sized = {"limit": 10, "offset": 10} if scheme == "offset" else {"page": 2, "page_size": 10}
    fields: dict[str, Any] = {"is_active": True} if name == "payment_links" else {"status": "completed"}
    items = run(api, lambda client: getattr(client, name).list(**sized, **fields))
    assert [item.identity for item in items] == [uuid(number) for number in range(10, 25)]
    for query in api.queries():
        assert query["limit" if scheme == "offset" else "pageSize"] == "10"
        assert query.get("status", query.get("isActive")) in ("completed", "true")


def test_pages_one_by_one() -> None:
    for name, (make, size, _) in LISTINGS.items():
        api = API(make(size + 7))
        http_client = httpx.Client(transport=httpx.MockTransport(api.answer))
        with lomi.LomiClient(KEY, base_url=BASE_URL, http_client=http_client) as client:
            page = getattr(client, name).list()
            assert page.pagination == lomi.Pagination(page=1, page_size=size)
            assert page.has_next_page
            assert len(page["data"]) == len(page.items) == size
            assert f"{size}, page 1" in page.to_html()
            assert repr(page) == f"Page({size} items, {page.pagination!r})"
            assert page.last_response.status_code == 200
            following = page.next_page()
            assert [item.identity for item in following.items] == [uuid(size + number) for number in range(7)]
            assert following.pagination.page == 2
            assert [item.identity for item in page.take(size + 2)] == [uuid(number) for number in range(size + 2)]
            assert [item.identity for item in page.iter_all()] == [uuid(number) for number in range(size + 7)]
            if name == "payouts":  # a short page proves nothing there
                following = following.next_page()
                assert following.items == []
            assert not following.has_next_page
            assert following.next_page() is None
            assert page.to_dict()["data"][0] == page.items[0].to_dict()


def test_several_pages_at_a_time() -> None:
    async def run(name: str, api: API) -> list[str]:
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(api.answer))
        async with lomi.AsyncLomiClient(KEY, base_url=BASE_URL, http_client=http_client) as client:
            page = await getattr(client, name).list()
            return [item.identity async for item in page.iter_all(max_concurrency=3)]

    for name, (make, size, _) in LISTINGS.items():
        for total in (size - 1, 5 * size, 12 * size + 1):
            assert anyio.run(run, name, API(make(total))) == [uuid(number) for number in range(total)]


@pytest.mark.parametrize("run", FLAVOURS)
def test_providers_are_one_page(run: Run) -> None:
    api = API(wrapped([{"provider_code": code} for code in ("WAVE", "STRIPE", "A_NEW_ONE")], httpx.Request("GET", "")))
    items = run(api, lambda client: client.providers.list())
    assert [item.provider_code for item in items] == ["WAVE", "STRIPE", "A_NEW_ONE"]
    assert api.queries() == [{}]


@pytest.mark.parametrize("run", FLAVOURS)
def test_both_kinds_of_payouts_come(run: Run) -> None:
    # A page has as many withdrawals as payouts to beneficiaries.
    def answer(request: httpx.Request) -> Any:
        start = (int(request.url.params.get("page", 1)) - 1) * 50
        kinds = {"withdrawal": 60, "beneficiary": 120}
        return wrapped(
            [
                {"payout_id": f"{kind}{number}", "kind": kind}
                for kind, total in kinds.items()
                for number in range(start, min(start + 50, total))
            ],
            request,
        )

    items = run(API(answer), lambda client: client.payouts.list())
    assert len({item.payout_id for item in items}) == len(items) == 180


def test_pages_one_by_one_asynchronously() -> None:
    async def run(name: str, size: int, api: API) -> None:
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(api.answer))
        async with lomi.AsyncLomiClient(KEY, base_url=BASE_URL, http_client=http_client) as client:
            page = await getattr(client, name).list()
            assert page.pagination == lomi.Pagination(page=1, page_size=size)
            assert f"{size}, page 1" in page.to_html()
            following = await page.next_page()
            assert [item.identity for item in following.items] == [uuid(size + number) for number in range(7)]
            assert following.has_next_page is (name == "payouts")
            assert len(await page.take(size + 2)) == size + 2

    for name, (make, size, _) in LISTINGS.items():
        anyio.run(run, name, size, API(make(size + 7)))
