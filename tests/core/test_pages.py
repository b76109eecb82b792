from __future__ import annotations

from typing import Any

import pytest

from lomi import Customer, CustomerListing, Request, path
from lomi._core.page_walker import Walk

from ..wire import DIALECTS, Dialect, customers, listing


def walk(dialect: Dialect, items: list[dict[str, Any]], size: int, **params: int | None) -> tuple[list[str], list[Any]]:
    """Walk a listing that nobody changes; return the ids that came and the queries that were made."""
    request = Request("GET", path("/customers"), CustomerListing, query=params)
    on: Request[Any] | None = request
    given: list[Customer] = []
    queries = []
    steps = Walk[Customer](request)
    while on is not None:
        queries.append(dict(on.query))
        page, asked = int(on.query.get("page") or 1), int(on.query.get("pageSize") or size)
        shown = items[(page - 1) * asked : page * asked]
        answer = CustomerListing.model_validate(listing(dialect, shown, page, asked, len(items)))
        fresh, on = steps.take(answer.items, answer.pagination)
        given += fresh
        assert len(queries) < 50
    return [customer.id for customer in given], queries


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [Customer.model_validate(item).id for item in items]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 13, 14, 15, 50])
def test_every_item_once_and_in_order(dialect, count) -> None:
    items = customers(dialect, count)
    for params in ({}, {"page": 1}, {"pageSize": 7}, {"page": None, "pageSize": 7}):
        found, queries = walk(dialect, items, 7, **params)
        assert found == ids(items)
        assert queries[0] == params
        assert all(query["pageSize"] == 7 for query in queries[1:])
        # One page more at most, to see that a full last page is the last.
        assert len(queries) <= count // 7 + 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_walk_starts_at_the_page_that_was_asked_for(dialect) -> None:
    items = customers(dialect, 50)
    found, queries = walk(dialect, items, 7, page=3, pageSize=10)
    assert found == ids(items[20:])
    assert [query["page"] for query in queries] == [3, 4, 5, 6]
    found, queries = walk(dialect, items, 7, page=9, pageSize=10)
    assert found == []
    assert len(queries) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_filters_stay(dialect) -> None:
    _, queries = walk(dialect, customers(dialect, 20), 7, search="ba", pageSize=7)
    assert [query["search"] for query in queries] == ["ba"] * 3


def test_a_listing_that_says_nothing_of_itself_ends_with_a_short_page() -> None:
    request = Request("GET", path("/customers"), CustomerListing)
    steps = Walk[Customer](request)
    first = CustomerListing.model_validate({"customers": customers("docs", 3)})
    fresh, following = steps.take(first.items, first.pagination)
    assert len(fresh) == 3
    assert following is not None
    assert dict(following.query) == {"page": 2, "pageSize": 3}
    rest = CustomerListing.model_validate({"customers": [{"id": "last"}]})
    fresh, following = steps.take(rest.items, rest.pagination)
    assert [customer.id for customer in fresh] == ["last"]
    assert following is None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_page_that_never_changes_does_not_hold_the_walk_for_ever(dialect) -> None:
    request = Request("GET", path("/customers"), CustomerListing)
    steps = Walk[Customer](request)
    same = CustomerListing.model_validate(listing(dialect, customers(dialect, 5), 1, 5, 1000))
    asked = 0
    fresh, on = steps.take(same.items, same.pagination)
    while on is not None:
        asked += 1
        again, on = steps.take(same.items, same.pagination)
        assert again == []
    assert len(fresh) == 5
    assert asked <= 4
