"""Walking a listing by page numbers: over a set that changes meanwhile, and with servers that lie."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from lomi._core.page_walker import PageWalker

SIZE = 5
ADDED = 10**6
Page = tuple[list[int], "int | None", "int | None"]


class Listing:
    """A set of items, the newest in front, listed by offset; a page past the end has a total of 0, as the API's."""

    def __init__(self, count: int) -> None:
        self.ids = list(range(count))
        self.asked: list[int] = []
        self._added = itertools.count(ADDED)

    def add(self, count: int = 1) -> None:
        self.ids[:0] = [next(self._added) for _ in range(count)]

    def delete(self, id: int) -> None:
        if id in self.ids:
            self.ids.remove(id)

    def delete_at_random(self, chance: random.Random, count: int = 1) -> None:
        for _ in range(min(count, len(self.ids))):
            self.ids.pop(chance.randrange(len(self.ids)))

    def get(self, page: int, size: int | None) -> Page:
        self.asked.append(page)
        return self.answer(page, size or 50)

    def answer(self, page: int, size: int) -> Page:
        ids = self.ids[(page - 1) * size : page * size]
        return ids, len(self.ids) if ids else 0, size


def walker(**options: Any) -> PageWalker[int]:
    return PageWalker(**{"page_size": SIZE, "key": int, **options})


def walk(listing: Listing, steps: PageWalker[int] | None = None, page: int = 1, most: int = 5000) -> Iterator[int]:
    """Iterate as a page does: everything on a page is yielded before the next is asked for."""
    steps = steps or walker(first_page=page)
    following: int | None = page
    while following is not None:
        assert len(listing.asked) < most, "it never ends"
        fresh, following = steps.add_page(following, *listing.get(following, steps.page_size))
        yield from fresh


def missed(
    listing: Listing, change: Callable[[], object], steps: PageWalker[int] | None = None, *, until: int = 5000
) -> set[int]:
    """Walk while a change happens between any two pages; return what was there all the time and never came."""
    before, steps = set(listing.ids), steps or walker()
    came: list[int] = []
    following: int | None = 1
    while following is not None:
        fresh, following = steps.add_page(following, *listing.get(following, steps.page_size))
        came += fresh
        if following is not None and len(listing.asked) < until:
            change()
    assert len(came) == len(set(came)), "something came twice"
    return before & set(listing.ids) - set(came)


# A listing that stands still.


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 10, 23, 25])
def test_unchanged_listing_comes_in_order_and_costs_one_request_a_page(count):
    listing = Listing(count)
    assert list(walk(listing)) == listing.ids
    assert listing.asked == list(range(1, max(1, -(-count // SIZE)) + 1))


def test_walk_starts_at_the_page_that_was_asked_for():
    listing = Listing(23)
    assert list(walk(listing, page=3)) == listing.ids[10:]
    assert listing.asked == [3, 4, 5]


def test_start_on_a_short_last_page_costs_one_request():
    listing = Listing(13)
    assert list(walk(listing, page=3)) == [10, 11, 12]
    assert listing.asked == [3]


def test_start_past_the_end_is_the_end():
    listing = Listing(23)
    assert list(walk(listing, page=9)) == []
    assert listing.asked == [9]


def test_items_in_front_of_the_start_page_never_come():
    listing, gone = Listing(30), [0, 20]
    came = []
    for id in walk(listing, page=3):
        came.append(id)
        if gone:
            listing.delete(gone.pop())
    assert sorted(came) == [id for id in range(10, 30) if id != 20]
    assert listing.asked == [3, 4, 5, 6, 5, 4, 3]


def test_ids_come_from_the_key():
    steps = PageWalker[str](page_size=None, key=str.lower)
    assert steps.add_page(1, ["A", "b", "a", "C"], 10, 4) == (["A", "b", "C"], 2)
    assert steps.add_page(2, ["c", "D"], 10, 4)[0] == ["D"]


# Page sizes.


def test_page_size_is_what_the_api_reports_else_what_was_asked_for_else_what_came():
    for asked, reported, learned in [(7, 3, 3), (7, None, 7), (7, 0, 7), (7, -1, 7), (None, None, 4), (None, 9, 9)]:
        steps = walker(page_size=asked)
        assert steps.page_size == asked
        steps.add_page(1, [1, 2, 3, 4], None, reported)
        assert steps.page_size == learned


def test_capped_page_size_is_noticed_also_when_it_is_not_reported():
    class Capped(Listing):
        def answer(self, page, size):
            ids, total, _ = super().answer(page, min(7, size))
            return ids, total, size

    listing = Capped(30)
    assert list(walk(listing, walker(page_size=1000))) == listing.ids
    assert listing.asked == [1, 2, 3, 4, 5]


def test_page_size_of_nothing_ends_at_once():
    assert walker(page_size=None).add_page(1, [], 0, 0) == ([], None)
    assert walker(page_size=None).add_page(1, [], None, None) == ([], None)


# The two facts that the rule rests on, without the walker.


changes = st.lists(st.tuples(st.integers(0, 7), st.lists(st.floats(0, 1, exclude_max=True), max_size=7)), max_size=60)


def changing(listing: Listing, plan: list[tuple[int, list[float]]], kind: str) -> Callable[[], None]:
    """Return a change: the next of a plan of so many additions, and deletions at so many places."""
    steps = iter(plan)

    def change() -> None:
        added, deleted = next(steps, (0, []))
        if kind == "no fewer":
            deleted = deleted[:added]
        if kind != "deletions":
            listing.add(added)
        if kind != "additions":
            for place in deleted:
                # What was added is not deleted again: nothing would show that it had been there.
                there = [id for id in listing.ids if id < ADDED]
                if there:
                    listing.delete(there[int(place * len(there))])

    return change


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 60), st.integers(1, 9), changes, st.sampled_from(["additions", "no fewer"]))
def test_forward_misses_nothing_while_the_total_does_not_shrink(count, size, plan, kind):
    listing = Listing(count)
    before, change = set(listing.ids), changing(listing, plan, kind)
    came: set[int] = set()
    for page in itertools.count(1):
        ids, _, _ = listing.get(page, size)
        came |= set(ids)
        if page * size >= len(listing.ids):
            break
        change()
    assert not before & set(listing.ids) - came


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 60), st.integers(1, 9), changes)
def test_back_misses_nothing_while_items_are_only_deleted(count, size, plan):
    listing = Listing(count)
    before, change = set(listing.ids), changing(listing, plan, "deletions")
    came: set[int] = set()
    for page in range(-(-count // size), 0, -1):
        came |= set(listing.get(page, size)[0])
        change()
    assert not before & set(listing.ids) - came


# The rule.


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 90), st.integers(8, 12), changes)
def test_additions_in_front_take_one_pass_and_repeat_nothing(count, size, plan):
    listing, steps = Listing(count), walker(page_size=size)
    assert not missed(listing, changing(listing, plan, "additions"), steps)
    assert steps.passes == 1


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 60), st.integers(1, 9), changes)
def test_deletions_take_two_passes(count, size, plan):
    listing, steps = Listing(count), walker(page_size=size)
    change = changing(listing, plan, "deletions")

    def change_all_but_the_newest() -> None:
        newest = listing.ids[:1]
        del listing.ids[:1]
        change()
        listing.ids[:0] = newest

    assert not missed(listing, change_all_but_the_newest, steps)
    assert steps.passes <= 2


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 90), st.integers(8, 12), changes, st.integers(0, 40))
def test_nothing_is_missed_once_a_pass_is_left_in_peace(count, size, plan, until):
    listing, steps = Listing(count), walker(page_size=size)
    lost = missed(listing, changing(listing, plan, "both"), steps, until=until)
    assert not lost or steps.passes == 6


def test_going_back_begins_with_the_last_page_and_ends_with_the_first():
    listing = Listing(20)
    walking = walk(listing)
    came = [next(walking) for _ in range(7)]
    listing.delete(3)
    came += walking
    assert came == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 10]
    assert listing.asked == [1, 2, 3, 4, 3, 2, 1]


def test_growth_on_the_way_back_sends_it_forward_again():
    listing = Listing(20)
    changes_at = {2: lambda: listing.delete(3), 5: lambda: listing.add(2)}
    assert not missed(listing, lambda: changes_at.get(len(listing.asked), int)())
    assert listing.asked == [1, 2, 3, 4, 3, 2, 1, 2, 3, 4, 5]


def test_an_addition_that_a_deletion_hides_in_the_total_is_seen_on_the_first_page():
    listing = Listing(20)

    def change() -> None:
        if len(listing.asked) == 2:
            listing.delete(0)  # hides 10
        if len(listing.asked) == 4:
            listing.delete(19)
            listing.add()  # moves 10 back to page 3, which has been read
            assert listing.ids.index(10) == 10

    before = listing.ids[:]
    before.remove(0)
    before.remove(19)
    assert not missed(listing, lambda: change())
    assert listing.asked[:7] == [1, 2, 3, 4, 3, 2, 1]
    assert listing.asked[7:] == [2, 3, 4]


def test_additions_and_deletions_that_cancel_out_take_three_passes():
    listing, steps = Listing(60), walker()

    def change() -> None:
        listing.add()
        listing.ids.pop()

    assert not missed(listing, change, steps)
    assert steps.passes == 3


def test_page_that_is_empty_twice_while_items_come_and_go_sends_it_back():
    listing = Listing(16)

    def change() -> None:
        at = len(listing.asked)
        for id in {1: range(6), 2: range(6, 11), 4: [11]}.get(at, []):
            listing.delete(id)
        listing.add({1: 7, 3: 5}.get(at, 0))

    assert not missed(listing, change, walker(page_size=8))
    assert listing.asked == [1, 2, 3, 1, 3, 2, 1]


def test_six_passes_are_the_most():
    class Swinging(Listing):
        def answer(self, page, size):
            ids, total, size = super().answer(page, size)
            return ids, total and total + len(self.asked) % 2, size

    listing, steps = Swinging(23), walker()
    assert sorted(walk(listing, steps)) == listing.ids
    assert steps.passes == 6


@pytest.mark.parametrize("count", [1, 5, 6, 10, 23, 100])
def test_deleting_what_comes_deletes_everything(count):
    listing = Listing(count)
    assert sorted(listing.delete(id) or id for id in walk(listing)) == list(range(count))
    assert listing.ids == []
    assert len(listing.asked) <= 2 * (count // SIZE) + 3


def test_empty_page_makes_it_ask_the_first_for_the_total():
    listing = Listing(100)

    def change() -> None:
        if len(listing.asked) == 15:
            del listing.ids[2:90]

    assert not missed(listing, change)
    assert listing.asked == [*range(1, 17), 1, 3, 2, 1]


def test_everything_deleted_at_once_is_the_end():
    listing = Listing(100)
    assert not missed(listing, listing.ids.clear)
    assert listing.asked == [1, 2, 1]


def test_all_that_is_left_on_the_first_page_is_the_end():
    listing = Listing(100)
    assert not missed(listing, lambda: listing.ids.__delitem__(slice(3, None)))
    assert listing.asked == [1, 2, 1]


def test_empty_pages_on_the_way_back_are_passed_by():
    listing = Listing(40)

    def change() -> None:
        if len(listing.asked) == 7:
            listing.delete(0)
        if len(listing.asked) == 8:
            del listing.ids[12:]

    assert not missed(listing, change)
    assert listing.asked == [1, 2, 3, 4, 5, 6, 7, 8, 7, 6, 5, 4, 3, 2, 1]


def test_more_than_a_page_added_between_two_pages_is_walked_through():
    listing = Listing(100)
    assert not missed(listing, lambda: listing.add(333) if len(listing.asked) == 10 else None)
    # Two more, as a page that repeats what came is asked for again.
    assert len(listing.asked) == -(-433 // SIZE) + 2


def test_additions_that_are_faster_than_pages_end_it():
    listing = Listing(100)
    assert len(missed(listing, lambda: listing.add(SIZE))) == 95
    assert len(listing.asked) < 10


# The simulation: 300 walks over 600 items, changes at random places between any two pages.


@pytest.mark.parametrize(
    ("deleted", "added", "passes"),
    [
        pytest.param((1, 1), (0, 0), 2, id="1 deleted"),
        pytest.param((2, 2), (0, 0), 2, id="2 deleted"),
        pytest.param((0, 3), (0, 0), 2, id="0-3 deleted"),
        pytest.param((5, 8), (0, 0), 2, id="5-8 deleted"),
        pytest.param((0, 0), (0, 3), 1, id="0-3 added"),
        pytest.param((0, 2), (0, 2), 6, id="0-2 of both"),
    ],
)
def test_simulated_walks_miss_nothing(deleted, added, passes):
    chance = random.Random(7)
    most = 0
    for _ in range(300):
        listing, steps = Listing(600), walker(page_size=25)

        def change(listing: Listing = listing) -> None:
            listing.delete_at_random(chance, chance.randint(*deleted))
            listing.add(chance.randint(*added))

        assert not missed(listing, change, steps)
        most = max(most, steps.passes)
    assert most == passes


# Without a true total: forward, to an empty page.


def test_without_a_true_total_it_goes_on_to_an_empty_page():
    class Uncounted(Listing):
        def answer(self, page, size):
            ids, _, _ = super().answer(page, size)
            return ids, len(ids), None

    listing = Uncounted(23)
    assert list(walk(listing, walker(has_true_total=False))) == listing.ids
    assert listing.asked == [1, 2, 3, 4, 5, 6]


def test_short_page_that_the_total_confirms_is_the_last_without_a_true_total_as_well():
    listing = Listing(23)
    assert list(walk(listing, walker(has_true_total=False))) == listing.ids
    assert listing.asked == [1, 2, 3, 4, 5]


def test_without_a_true_total_it_never_goes_back():
    listing = Listing(100)
    missed(listing, lambda: listing.delete(listing.ids[0]), walker(has_true_total=False))
    assert listing.asked == sorted(listing.asked)


# Servers that lie.


class Lying(Listing):
    """Answers what a function makes of the truth."""

    def __init__(self, count: int, lie: Callable[[Lying, list[int], int], tuple[list[int], Any]]) -> None:
        super().__init__(count)
        self.lie = lie

    def answer(self, page: int, size: int) -> Page:
        ids, total, _ = super().answer(page, size)
        return *self.lie(self, ids, total or 0), size

    @property
    def turn(self) -> int:
        return len(self.asked)


LIES: dict[str, Callable[[Lying, list[int], int], tuple[list[int], Any]]] = {
    "no totals": lambda _, ids, _total: (ids, None),
    "totals of 0": lambda _, ids, _total: (ids, 0),
    "totals that are true": lambda _, ids, _total: (ids, True),
    "negative totals": lambda _, ids, _total: (ids, -5),
    "too small totals": lambda _, ids, _total: (ids, 3),
    "too large totals": lambda _, ids, _total: (ids, 10**6),
    "too large totals, but not past the end": lambda _, ids, _total: (ids, 10**6 if ids else 0),
    "totals of what is left": lambda api, ids, total: (ids, total - (api.asked[-1] - 1) * SIZE),
    "totals that swing": lambda api, ids, total: (ids, total * (1 + api.turn % 2)),
    "totals that shrink and shrink": lambda api, ids, _: (ids, 10**6 - api.turn * 7),
    "totals that grow and grow": lambda api, ids, _: (ids, api.turn * 1000),
    "totals that fail on the way": lambda api, ids, total: (ids, None if api.turn == 2 else total),
    "totals that fail on the way back": lambda api, ids, total: (
        ids,
        None if api.turn == 7 else total + (api.turn < 3),
    ),
    "totals past the end too": lambda api, ids, _: (ids, len(api.ids)),
    "a page that comes twice": lambda api, ids, total: (api.ids[5:10] if api.turn == 3 else ids, total),
    "a page that comes thrice": lambda api, ids, total: (api.ids[5:10] if api.turn in (3, 4) else ids, total),
    "a page that comes five times": lambda api, ids, total: (api.ids[5:10] if 3 <= api.turn <= 6 else ids, total),
    "an empty page between": lambda api, ids, total: ([], 0) if api.turn == 3 else (ids, total),
    "an empty page between, and a total that shrinks": lambda api, ids, total: (
        ([], 0) if api.turn == 3 else (ids, total + (api.turn < 3))
    ),
    "a short page between": lambda api, ids, total: (ids[:2] if api.turn == 3 else ids, total),
    "an id twice on a page": lambda _, ids, total: ([*ids, *ids[:1]], total),
}


@pytest.mark.parametrize("count", [10, 23, 50])
@pytest.mark.parametrize("lie", LIES)
def test_lies_make_it_neither_loop_nor_lose(lie, count):
    listing = Lying(count, LIES[lie])
    assert sorted(walk(listing)) == listing.ids
    assert len(listing.asked) <= 7 * (count // SIZE + 2)


def test_total_that_counts_what_no_page_shows_costs_three_requests_more():
    listing = Lying(50, LIES["too large totals, but not past the end"])
    assert list(walk(listing)) == listing.ids
    assert listing.asked == [*range(1, 12), 1, 11]


def test_repeated_page_is_asked_for_again():
    listing = Lying(50, LIES["a page that comes thrice"])
    assert list(walk(listing)) == listing.ids
    assert listing.asked == [1, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10]


def test_page_that_is_repeated_in_place_of_a_short_last_one_does_not_disprove_the_total():
    listing = Lying(18, lambda api, ids, total: (api.ids[10:15] if api.turn == 4 else ids, total))
    assert not missed(listing, lambda: listing.delete(3) if listing.turn == 2 else None)
    assert listing.asked == [1, 2, 3, 4, 4, 3, 2, 1]


def test_page_that_is_repeated_on_the_way_back_is_asked_for_again():
    listing = Lying(20, lambda api, ids, total: (api.ids[15:] if api.turn == 5 else ids, total))
    assert not missed(listing, lambda: listing.delete(3) if listing.turn == 2 else None)
    assert listing.asked == [1, 2, 3, 4, 3, 3, 2, 1]


def test_total_that_cannot_be_true_is_not_asked_for_again():
    listing = Lying(50, LIES["too small totals"])
    assert list(walk(listing)) == listing.ids
    assert listing.asked == list(range(1, 12))


@pytest.mark.parametrize("has_true_total", [True, False])
@pytest.mark.parametrize(
    "total",
    [
        lambda _turn: 30,
        lambda _turn: 10**9,
        lambda _turn: None,
        lambda turn: turn * 1000,
        lambda turn: 10**9 - turn * 1000,
        lambda turn: (6, 10**9)[turn % 2],
    ],
)
def test_server_that_knows_one_page_only_is_left_soon(total, has_true_total):
    listing = Lying(30, lambda api, _ids, _total: (api.ids[:SIZE], total(api.turn)))
    assert list(walk(listing, walker(has_true_total=has_true_total))) == listing.ids[:SIZE]
    assert len(listing.asked) <= 16


@settings(max_examples=400, deadline=None)
@given(
    st.integers(1, 9),
    st.integers(1, 40),
    st.booleans(),
    st.integers(1, 3),
    st.randoms(use_true_random=False),
    st.sampled_from([(), (10**9,), (None,)]),
)
def test_whatever_is_answered_it_ends_and_repeats_nothing(size, known, has_true_total, first, chance, totals):
    """A server that tries to keep it going for ever with ``known`` items."""
    steps = walker(page_size=size, has_true_total=has_true_total, first_page=first)

    def lie(api: Lying, ids: list[int], total: int) -> tuple[list[int], Any]:
        start = chance.randrange(known)
        rows = chance.choice([ids, api.ids[start : start + size], api.ids[:size], ids[:1], []])
        return rows, chance.choice([*totals, total, api.turn * 1000, 10**9 - api.turn, chance.randrange(-1, 100)])

    listing = Lying(known, lie)
    came = list(walk(listing, steps, first, most=10**5))
    assert len(came) == len(set(came))
    # A pass forward: at most `known` pages show something unmet; between two of these, so many do not; each can follow
    # an empty page and the first. A pass back: each page up to the furthest, three times.
    forward = 3 * (known + 1) * (known // size + 4)
    assert len(listing.asked) <= 3 * forward + 3 * 3 * forward
    assert min(listing.asked) == first


# What is fetched early.


def test_upcoming_pages_follow_the_direction():
    steps = walker()
    assert steps.upcoming(3) == []
    listing = Listing(40)
    following: int | None = 1
    upcoming = {}
    while following is not None:
        if len(listing.asked) == 2:
            listing.delete(0)
        _, following = steps.add_page(following, *listing.get(following, SIZE))
        upcoming[len(listing.asked)] = (following, steps.upcoming(3))
    assert upcoming[1] == (2, [3, 4, 5])
    assert upcoming[6] == (7, [8])
    assert upcoming[7] == (8, [])
    assert upcoming[8] == (7, [6, 5, 4])
    assert upcoming[13] == (2, [1])
    assert upcoming[14] == (1, [])
    assert upcoming[15] == (None, [])


def test_first_page_is_asked_for_alone_when_only_its_total_is_wanted():
    steps = walker()
    steps.add_page(1, [0, 1, 2, 3, 4], 40, SIZE)
    assert steps.add_page(2, [], 0, SIZE) == ([], 1)
    assert steps.upcoming(5) == []


def test_without_a_total_as_many_pages_are_upcoming_as_there_were():
    steps = walker(has_true_total=False, first_page=3)
    assert steps.add_page(3, [0, 1, 2, 3, 4], None, SIZE) == ([0, 1, 2, 3, 4], 4)
    assert steps.upcoming(5) == [5]
    steps.add_page(4, [5, 6, 7, 8, 9], None, SIZE)
    assert steps.upcoming(5) == [6, 7]
