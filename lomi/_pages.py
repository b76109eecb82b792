"""How a listing is walked: by page number, over a set that changes meanwhile."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from ._request import Request
from .models._model import LomiModel
from .models.pages import Pagination

__all__ = ["Walk"]

T = TypeVar("T", bound=LomiModel)
# How many ids are remembered, so that none is given twice.
_WINDOW = 10_000
# How many pages in a row may bring nothing new without a reason.
_PATIENCE = 2


class Walk(Generic[T]):
    """Where a walk is, and which page it needs next.

    The API pages by offset: when items before the current place are deleted, those behind it move up, and the
    next page would skip some. The total reveals it: when it shrinks by n, the walk reads back by n places. When
    items are added in front, some come again: ids that were given are remembered, the last 10 000 of them.

    Every item that exists during the whole walk comes exactly once, as far as the totals reveal the change:
    deletions before the place and as many additions behind it, between two pages, cancel out and do not; nor can
    more than 10 000 deletions between two pages be made good.
    """

    def __init__(self, request: Request[Any]) -> None:
        self._request = request
        self._page = _positive(request.params.get("page")) or 1
        self._size = _positive(request.params.get("pageSize")) or 0
        self._given: OrderedDict[Hashable, None] = OrderedDict()
        self._total: int | None = None
        # Offsets under the present numbering: from where, up to where all was given, and up to where it once was.
        self._first = self._covered = self._high = 0
        # A stretch that was given out of turn, behind a gap that is being read back.
        self._ahead: tuple[int, int] | None = None
        # How many items must come again, since as many were added.
        self._due = 0
        self._patience = _PATIENCE

    def take(self, items: Sequence[T], at: Pagination) -> tuple[list[T], Request[Any] | None]:
        """Take note of the page that was asked for; return what is new on it, and what to ask for next."""
        self._place(len(items), at)
        start = (self._page - 1) * self._size
        fresh = [item for item in items if self._is_new(item.identity)]
        if not items:
            # Past the end the API reports no total. If there should have been more, the page before knows why not.
            more = self._total is not None and self._total > start > self._first
            self._page -= 1
        else:
            more = self._read(start, len(items), len(fresh), _positive(at.total_count))
            self._page = self._covered // self._size + 1
        self._patience = max(self._patience, _PATIENCE) if fresh else self._patience - 1
        more = more and self._patience >= 0
        params = {**self._request.params, "page": self._page, "pageSize": self._size}
        return fresh, replace(self._request, params=params) if more else None

    def _place(self, count: int, at: Pagination) -> None:
        """Learn from the first page where the walk is, and how long the API's pages really are."""
        reported = _positive(at.page_size)
        if not self._size or (self._total is None and reported):
            self._size = reported or max(1, count)
            self._first = self._covered = self._high = (self._page - 1) * self._size

    def _read(self, start: int, count: int, fresh: int, total: int | None) -> bool:
        """Account for a page that is not empty; return whether there may be more."""
        shrunk = (self._total or 0) - (total or self._total or 0)
        self._total = total or self._total
        if shrunk > 0:
            # What was given has moved up by as much, and what followed it too, past the place.
            self._covered = max(self._first, self._covered - min(shrunk, _WINDOW))
            self._ahead = None
            self._patience = max(self._patience, min(shrunk, _WINDOW) // self._size + _PATIENCE)
        elif shrunk < 0:
            self._ahead = None
            self._due = min(self._due - shrunk, _WINDOW)
        end = start + count
        again = count - fresh
        # A page of nothing but known items is believed where that was to be expected, else asked for again.
        if not fresh and end > self._high and self._due < again:
            return True
        self._due = max(0, self._due - again)
        if start > self._covered:
            self._ahead = (start, end)
        else:
            self._covered = max(self._covered, end)
        if self._ahead and self._ahead[0] <= self._covered:
            self._covered, self._ahead = max(self._covered, self._ahead[1]), None
        self._high = max(self._high, self._covered)
        # A short page is the last one, unless a gap is left or the total says otherwise.
        return count >= self._size or self._covered < end or (self._total or 0) > self._covered

    def _is_new(self, identity: Hashable) -> bool:
        if identity in self._given:
            self._given.move_to_end(identity)
            return False
        self._given[identity] = None
        if len(self._given) > _WINDOW:
            self._given.popitem(last=False)
        return True


def _positive(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
