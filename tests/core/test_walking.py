"""Walking a listing by page numbers, over a set that moves and a server that lies."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from lomi import Request, path
from lomi._core.page_walker import Walk
from lomi.models import Customer, CustomerListing, Pagination

SIZE = 5


class Api:
    """A set of customers, the newest in front, listed as the API lists: by offset, with no total past the end."""

    def __init__(self, count: int) -> None:
        self.ids = [f"old{number}" for number in range(count)]
        self.requests = 0
        self._added = itertools.count()

    def insert(self, count: int) -> None:
        self.ids[:0] = [f"new{next(self._added)}" for _ in range(count)]

    def delete(self, id: str) -> None:
        if id in self.ids:
            self.ids.remove(id)

    def answer(self, page: int, size: int) -> tuple[list[str], int | None]:
        ids = self.ids[(page - 1) * size : page * size]
        return ids, len(self.ids) if ids else 0

    def fetch(self, request: Request[Any]) -> tuple[list[Customer], Pagination]:
        self.requests += 1
        page, size = request.query.get("page") or 1, request.query.get("pageSize") or 50
        assert isinstance(page, int)
        assert isinstance(size, int)
        assert page >= 1
        assert size >= 1
        ids, total = self.answer(page, size)
        pages = None if total is None else -(-total // size)
        reported = Pagination.model_construct(page=page, page_size=size, total_count=total, total_pages=pages)
        return [Customer.model_construct(id=id) for id in ids], reported


def asked(**params: Any) -> Request[Any]:
    return Request("GET", path("/customers"), CustomerListing, query=params)


def walked(api: Api, request: Request[Any] | None = None, most: int = 2000) -> Iterator[str]:
    """Walk as a page does: everything on a page is given before the next is asked for."""
    request = request or asked(pageSize=SIZE)
    walk: Walk[Customer] = Walk(request)
    step: Request[Any] | None = request
    while step is not None:
        assert api.requests < most, "it never ends"
        fresh, step = walk.take(*api.fetch(step))
        for item in fresh:
            yield item.id


def changed(api: Api, meddle: Callable[[str, int], None], request: Request[Any] | None = None) -> list[str]:
    """Walk while the set changes; return what came, once it is certain that nothing is missing and nothing double."""
    before = set(api.ids)
    came: list[str] = []
    deleted: set[str] = set()
    for number, id in enumerate(walked(api, request)):
        came.append(id)
        meddle(id, number)
        deleted |= before - set(api.ids)
    assert len(came) == len(set(came)), "something came twice"
    missing = before - deleted - set(came)
    assert not missing, f"missing: {sorted(missing)}"
    return came


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 10, 23])
def test_a_set_that_stands_still_comes_in_order(count):
    api = Api(count)
    assert list(walked(api)) == api.ids
    assert api.requests <= count // SIZE + 1 + (count % SIZE == 0)


@pytest.mark.parametrize("count", [1, 5, 6, 10, 23, 100])
def test_deleting_what_comes_deletes_everything(count):
    api = Api(count)
    came = changed(api, lambda each, _: api.delete(each))
    assert len(came) == count
    assert api.ids == []
    assert api.requests <= 4 * (count // SIZE + 2)


@pytest.mark.parametrize("count", [1, 5, 6, 10, 23, 100])
def test_adding_in_front_repeats_nothing(count):
    api = Api(count)
    came = changed(api, lambda _id, number: api.insert(3 if number % 2 else 0))
    assert [id for id in came if id.startswith("old")] == [f"old{number}" for number in range(count)]


def test_more_than_a_page_added_in_front_is_walked_through():
    api = Api(40)
    came = changed(api, lambda _, number: api.insert(33) if number == 7 else None)
    assert [id for id in came if id.startswith("old")] == [f"old{number}" for number in range(40)]


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 60), st.integers(1, 9), st.randoms(use_true_random=False), st.integers(0, 9), st.integers(0, 9))
def test_whatever_changes_in_front_of_it_or_behind(count, size, chance: random.Random, deletes, inserts):
    """Any deletions anywhere; additions in front."""
    api = Api(count)
    came: list[str] = []
    budget = 80

    def meddle(id: str, _number: int) -> None:
        nonlocal budget
        came.append(id)
        if chance.randrange(10) < deletes:
            api.delete(chance.choice([id, *came]))
        if chance.randrange(10) < deletes and api.ids:
            api.delete(chance.choice(api.ids))
        if chance.randrange(10) < inserts and budget:
            budget -= 1
            api.insert(chance.randrange(1, 4))

    changed(api, meddle, asked(pageSize=size))


def test_a_walk_starts_where_it_was_asked_to_and_never_before():
    api = Api(30)
    assert list(walked(api, asked(page=3, pageSize=SIZE))) == api.ids[10:]
    api = Api(30)
    came = [
        id for number, id in enumerate(walked(api, asked(page=3, pageSize=SIZE))) if number or not api.delete("old0")
    ]
    assert sorted(came) == [f"old{number}" for number in range(10, 30)]


def test_the_size_of_a_page_is_what_the_api_says_else_what_it_does():
    api = Api(120)
    assert list(walked(api, asked())) == api.ids

    class Clamped(Api):
        def fetch(self, request):
            size = min(7, request.query.get("pageSize") or 50)
            page = request.query.get("page") or 1
            return super().fetch(asked(page=page, pageSize=size))

    assert len(set(walked(Clamped(30), asked(pageSize=1000)))) == 30

    class Silent(Clamped):
        """Clamps, and says nothing of it."""

        def fetch(self, request):
            items, at = super().fetch(request)
            return items, at.model_copy(update={"page_size": request.query.get("pageSize")})

    assert sorted(walked(Silent(30), asked(pageSize=1000))) == sorted(Silent(30).ids)


class Liar(Api):
    """Answers whatever a function makes of the truth."""

    def __init__(self, count: int, lie: Callable[[Liar, list[str], int | None], tuple[list[str], int | None]]) -> None:
        super().__init__(count)
        self.lie = lie

    def answer(self, page: int, size: int) -> tuple[list[str], int | None]:
        self.page = page
        return self.lie(self, *super().answer(page, size))


LIES: dict[str, Callable[[Liar, list[str], int | None], tuple[list[str], int | None]]] = {
    "no totals": lambda _, ids, _total: (ids, None),
    "totals of 0": lambda _, ids, _total: (ids, 0),
    "too small totals": lambda _, ids, _total: (ids, 3),
    "too large totals": lambda _, ids, _total: (ids, 10**6),
    "negative totals": lambda _, ids, _total: (ids, -5),
    "totals of the page": lambda _, ids, _total: (ids, len(ids)),
    "totals of what is left": lambda api, ids, total: (ids, (total or 0) - (api.page - 1) * SIZE),
    "totals that swing": lambda api, ids, total: (ids, (total or 0) // (1 + api.requests % 2)),
    "totals that shrink and shrink": lambda api, ids, _total: (ids, 10**6 - api.requests * 7),
    "totals that grow and grow": lambda api, ids, _total: (ids, api.requests * 1000),
    "totals past the end too": lambda api, ids, _total: (ids, len(api.ids)),
    "a page that comes twice": lambda api, ids, total: (api.ids[5:10], total) if api.requests == 3 else (ids, total),
    "a page that comes thrice": lambda api, ids, total: (
        (api.ids[5:10], total) if api.requests in (3, 4) else (ids, total)
    ),
    "an empty page between": lambda api, ids, total: ([], 0) if api.requests == 3 else (ids, total),
    "a short page between": lambda api, ids, total: (ids[:2], total) if api.requests == 3 else (ids, total),
    "an id twice on a page": lambda _, ids, total: ([*ids, *ids[:1]], total),
}


@pytest.mark.parametrize("count", [10, 23, 50])
@pytest.mark.parametrize("lie", LIES)
def test_a_server_that_lies_makes_it_neither_loop_nor_lose(lie, count):
    api = Liar(count, LIES[lie])
    came = list(walked(api))
    assert sorted(came) == sorted(api.ids)
    assert api.requests <= 10 * (count // SIZE + 2)


@pytest.mark.parametrize(
    "lie",
    [
        lambda api, _ids, total: (api.ids[:SIZE], total),
        lambda api, _ids, _total: (api.ids[:SIZE], 10**9),
        lambda api, _ids, _total: (api.ids[:SIZE], api.requests * 1000),
        lambda api, _ids, _total: (api.ids[:SIZE], 10**9 - api.requests * 1000),
        lambda api, _ids, _total: (api.ids[:SIZE], (5, 10**9)[api.requests % 2]),
        lambda _api, _ids, _total: ([], 10**9),
    ],
)
def test_a_server_that_knows_one_page_only_is_left_soon(lie):
    api = Liar(30, lie)
    came = list(walked(api))
    assert came in (api.ids[:SIZE], [])
    assert api.requests <= 16


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 40), st.randoms(use_true_random=False))
def test_nothing_makes_it_loop_or_repeat(count, chance: random.Random):
    """Any answer at all, at any time."""

    def lie(api: Liar, ids: list[str], total: int | None) -> tuple[list[str], int | None]:
        start = chance.randrange(0, 40)
        rows = chance.choice([ids, api.ids[start : start + SIZE], ids[:2], []])
        return rows, chance.choice([total, None, 0, -1, chance.randrange(0, 100), 10**12])

    came = list(walked(Liar(count, lie), most=10_000))
    assert len(came) == len(set(came))


def test_what_is_remembered_is_bounded():
    api = Api(25_000)
    walk: Walk[Customer] = Walk(asked(pageSize=1000))
    step: Request[Any] | None = asked(pageSize=1000)
    count = 0
    while step is not None:
        fresh, step = walk.take(*api.fetch(step))
        count += len(fresh)
        assert min(count, 10_000) <= len(walk._recent) + len(walk._older) <= 22_000
    assert count == 25_000
