"""Which page of a changing listing to ask for next, and which of its items are new."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

__all__ = ["PageWalker"]

T = TypeVar("T")
_MAX_PASSES = 6
# How many pages in a row are asked for again because they show only what their pass has met.
_MAX_REPEATS = 2


class PageWalker(Generic[T]):
    """Decide which page of a listing to ask for next, and which of its items are new.

    Going forward misses nothing while the total does not shrink; going back, while nothing is added in front.
    So go forward, yielding what is new. If the total shrank meanwhile, go back from the last page to the first.
    If the total grew during that, or the first page then begins with a new item, go forward again, and so on.
    Stop after a pass that met no such change, or after six passes. Every id is remembered, and yielded once.
    Without a true total and newest-first order, go forward once, to an empty page.
    """

    # It always ends: there are six passes, one that goes back begins no further than the furthest page so far, and one
    # that goes forward takes a bounded number of pages in a row that show nothing unmet.

    def __init__(
        self, *, first_page: int = 1, page_size: int | None, key: Callable[[T], Hashable], has_true_total: bool = True
    ) -> None:
        self._first = self._next = first_page
        self._size = page_size or 0
        self._key = key
        self._has_true_total = has_true_total
        self._total = self._smallest_total = self._furthest = 0
        self._seen: set[Hashable] = set()
        # Of the present pass: its number, its direction, what it met, whether a change can have hidden something, how
        # many pages in a row showed nothing unmet, and the last page that was empty against the total.
        self.passes = self._step = 1
        self._met: set[Hashable] = self._seen
        self._disturbed = False
        self._idle = self._empty = 0

    @property
    def page_size(self) -> int | None:
        """The page size to ask for: the API's real one, once the first page has been added."""
        return self._size or None

    def add_page(
        self, number: int, items: Sequence[T], total: int | None, reported_page_size: int | None
    ) -> tuple[list[T], int | None]:
        """Record the page that was asked for; return its new items, and the page to ask for next, if any."""
        if not self._furthest:
            self._size = max(reported_page_size or 0, 0) or self._size or max(1, len(items))
            if number == 1 and 0 < len(items) < min(self._size, total or 0):
                self._size = len(items)  # The API caps it without saying so.
        self._furthest = max(self._furthest, number)
        ids, seen, met = list(map(self._key, items)), self._seen, len(self._met)
        fresh: list[T] = []
        if seen.isdisjoint(ids) and len(set(ids)) == len(ids):
            fresh = list(items)  # as nearly always, and at once
            seen.update(ids)
        else:
            for id, item in zip(ids, items, strict=True):
                if id not in seen:
                    seen.add(id)
                    fresh.append(item)
        if self._met is not seen:
            self._met.update(ids)
        if items:
            self._idle = 0 if len(self._met) > met else self._idle + 1
        if self._step < 0 and number == self._first and fresh and fresh[0] is items[0]:
            self._disturbed = True
        following = self._after(number, ids, total)
        self._next = following or 0
        return fresh, following

    def upcoming(self, count: int) -> list[int]:
        """Return up to ``count`` pages that will most likely be asked for after the next one, to fetch them early."""
        if self._step < 0:
            return list(range(self._next - 1, self._first - 1, -1)[:count])
        if self._next <= self._first:
            return []  # It is asked for alone: for its total.
        # Without a total, as many as there were so far.
        last = self._last if self._has_true_total else 2 * self._next - self._first
        return list(range(self._next + 1, last + 1)[:count])

    @property
    def _last(self) -> int:
        return -(-self._total // self._size)

    def _after(self, number: int, ids: list[Hashable], total: int | None) -> int | None:
        """Return the page to ask for after this one."""
        end = (number - 1) * self._size + len(ids)
        change = self._compare(total, end) if ids else 0
        if not ids and number == self._first:
            return None
        if self._empty and number == self._first:
            return self._turn(number, ids) if change < 0 else self._empty
        if ids and not change and 0 < self._idle <= _MAX_REPEATS:
            return number
        if self._step < 0:
            return self._turn(number, ids) if number == self._first else number - 1
        if not ids and self._has_true_total and number != self._empty:
            # An empty page tells no total, but the first page does.
            self._empty = number
            return self._first
        if self._idle > _MAX_REPEATS + len(self._met) // self._size:
            return None
        is_last = not ids or (end == total and (self._has_true_total or len(ids) < self._size))
        return self._turn(number, ids) if is_last else number + 1

    def _compare(self, total: int | None, end: int) -> int:
        """Record a total; return by how much it changed."""
        if not total or total < end:
            # The page before, repeated in place of a short last one, disproves nothing.
            self._has_true_total = self._has_true_total and self._idle > 0
            return 0
        change, self._total = total - self._total, total
        self._smallest_total = min(self._smallest_total or total, total)
        self._disturbed = self._disturbed or change * self._step < 0
        return change

    def _turn(self, number: int, ids: list[Hashable]) -> int | None:
        """End the pass; return the page where one in the other direction goes on, if one is needed."""
        # The first pass met fewer items than there were, if its pages were not what they should have been. An empty
        # page that was asked for twice shows that items come and go, or that the total is wrong and always the same.
        short = self.passes == 1 and len(self._seen) < self._smallest_total - (self._first - 1) * self._size
        suspect = short if ids else self._smallest_total < self._total
        if not (self._disturbed or suspect) or not self._has_true_total or self.passes == _MAX_PASSES:
            return None
        begin = min(self._last, self._furthest) if self._step > 0 else self._first
        self.passes, self._step = self.passes + 1, -self._step
        self._met = set(ids if number == begin else [])
        self._disturbed = self._step < 0 and begin < self._last
        self._idle = self._empty = 0
        following = begin + self._step if number == begin else begin
        return following if self._first <= following <= self._last else None
