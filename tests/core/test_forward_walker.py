from __future__ import annotations

from typing import Any

import pytest

from lomi._core.forward_walker import ForwardWalker
from lomi._core.request import Request, path
from lomi.models import LomiModel, Pagination
from lomi.models.pagination import Scheme


class Thing(LomiModel):
    id: int


def request(**query: Any) -> Request[Any]:
    return Request("GET", path("/things"), list[Thing], query=query)


def walked(scheme: Scheme, total: int, *, cap: int = 10**9, each: int = 1, **query: Any) -> tuple[list[int], list[Any]]:
    """Walk through things that stay as they are; return their ids, and the queries."""
    asked, queries, got = request(**query), [], []
    walk: ForwardWalker[Thing] = ForwardWalker(asked, scheme)
    number: int | None = walk.first
    while number is not None:
        asked = walk.request_for(number) if queries else asked
        queries.append(dict(asked.query))
        size = min(asked.query.get("pageSize", asked.query.get("limit", scheme.size)), cap)
        start = asked.query.get("offset", (asked.query.get("page", 1) - 1) * size)
        ids = [id for half in range(each) for id in range(half * 1000 + start, half * 1000 + min(start + size, total))]
        fresh, number = walk.add_page(number, [Thing(id=id) for id in ids], None, None)
        got += [thing.id for thing in fresh]
        assert len(queries) < 50
    return got, queries


OFFSET, PAGE = Scheme("offset", 20), Scheme("page", 50)


def test_a_short_page_is_the_last() -> None:
    ids, queries = walked(OFFSET, 45, status="open")
    assert ids == list(range(45))
    assert queries == [
        {"status": "open"},
        {"status": "open", "limit": 20, "offset": 20},
        {"status": "open", "limit": 20, "offset": 40},
    ]
    ids, queries = walked(PAGE, 45, pageSize=20)
    assert ids == list(range(45))
    assert queries[1:] == [{"pageSize": 20, "page": 2}, {"pageSize": 20, "page": 3}]


@pytest.mark.parametrize("scheme", [OFFSET, PAGE])
def test_a_full_page_may_be_the_last(scheme: Scheme) -> None:
    assert walked(scheme, 2 * scheme.size)[0] == list(range(2 * scheme.size))
    assert len(walked(scheme, 2 * scheme.size)[1]) == 3
    assert walked(scheme, 0) == ([], [{}])


def test_it_begins_where_it_was_told_to() -> None:
    assert walked(OFFSET, 45, offset=7, limit=30)[0] == list(range(7, 45))
    assert walked(PAGE, 45, page=2, pageSize=20)[0] == list(range(20, 45))


def test_what_is_not_paged_is_one_page() -> None:
    assert walked(Scheme("none", 10), 500)[1] == [{}]


@pytest.mark.parametrize(("scheme", "query"), [(OFFSET, {"limit": 5000}), (PAGE, {"pageSize": 5000})])
def test_a_capped_page_is_not_the_last(scheme: Scheme, query: dict[str, int]) -> None:
    assert walked(scheme, 2345, cap=1000, **query)[0] == list(range(2345))
    assert len(walked(scheme, 2345, cap=1000, **query)[1]) == 3
    # Below a hundred nobody caps.
    assert len(walked(scheme, 99, **query)[1]) == 1


def test_pages_of_two_lists_end_with_an_empty_one() -> None:
    ids, queries = walked(Scheme("page", 50, until_empty=True), 60, each=2)
    assert sorted(ids) == [*range(60), *range(1000, 1060)]
    assert [query.get("page") for query in queries] == [None, 2, 3]


def test_what_comes_again_is_yielded_once_and_a_deaf_server_is_left() -> None:
    walk: ForwardWalker[Thing] = ForwardWalker(request(), Scheme("offset", 2))
    one, two, three = (Thing(id=n) for n in range(3))
    assert walk.add_page(0, [one, two], None, None) == ([one, two], 2)
    assert walk.add_page(2, [two, three], None, None) == ([three], 4)
    assert walk.add_page(4, [one, two], None, None) == ([], 6)
    assert walk.add_page(6, [one, two], None, None) == ([], 8)
    assert walk.add_page(8, [one, two], None, None) == ([], None)


def test_what_is_fetched_early() -> None:
    walk: ForwardWalker[Thing] = ForwardWalker(request(), Scheme("offset", 2))
    walk.add_page(0, [Thing(id=1), Thing(id=2)], None, None)
    assert walk.upcoming(8) == [4]
    walk.add_page(2, [Thing(id=3), Thing(id=4)], None, None)
    assert walk.upcoming(8) == [6, 8]
    assert walk.upcoming(0) == []


@pytest.mark.parametrize(
    ("scheme", "query", "page", "size"),
    [
        (Scheme("none"), {}, 1, None),
        (OFFSET, {}, 1, 20),
        (OFFSET, {"offset": 60, "limit": 30}, 3, 30),
        (PAGE, {}, 1, 50),
        (PAGE, {"page": 3, "pageSize": 10}, 3, 10),
    ],
)
def test_where_a_page_stands(scheme: Scheme, query: dict[str, int], page: int, size: int | None) -> None:
    walk: ForwardWalker[Thing] = ForwardWalker(request(**query), scheme)
    assert walk.pagination == Pagination(page=page, page_size=size)
