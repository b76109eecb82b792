"""How a listing is walked: by page number, over a set that changes meanwhile."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

from ..models._base import LomiModel
from ..models.pagination import Pagination
from .request import Request, with_changes

__all__ = ["Walk"]

T = TypeVar("T", bound=LomiModel)
# How many ids are remembered at least, so that none is given twice; the walk never goes back further than that.
_WINDOW = 10_000
# How often a page that explains nothing is asked for again.
_PATIENCE = 2


class Walk(Generic[T]):
    """Where a walk is, and which page it needs next.

    The API pages by offset, over a set that moves. The rule:

    * The walk has a place: everything in front of it has been given. The next page is the one the place is on.
    * When the total has shrunk by n, up to n items may have moved up past the place, so it goes back by n. A page
      that begins behind the place is given at once, and read again when the place gets there.
    * When the total has grown, what was given moves down and comes again. The last 10 000 ids that came are
      remembered, and none of them is given twice.
    * A page with more known items than such changes explain is asked for again, twice at most without anything new.
    * A page past the end tells no total. When there should have been more, the first page is asked for it.
    * Totals that keep sending the walk back to what it knows are no longer believed.

    So every item that exists during the whole walk comes exactly once, as far as the totals reveal the change:
    deletions in front of the place and as many additions behind it, between two pages, cancel out and do not; nor
    are more than 10 000 deletions or additions between two pages made good.
    """

    def __init__(self, request: Request[Any]) -> None:
        self._request = request
        self._page = _positive(request.query.get("page")) or 1
        self._size = _positive(request.query.get("pageSize")) or 0
        # The ids that came: in two halves, so that the older can be let go of as a whole.
        self._recent: set[Hashable] = set()
        self._older: set[Hashable] = set()
        self._total: int | None = None
        self._believes = True
        # Offsets under the present numbering: where the walk began, and the place.
        self._first: int = 0
        self._place: int = 0
        # How many known items may come from the place on: since it went back, and since others were added in front.
        self._back = self._added = 0
        # Up to where a page was given that began behind the place.
        self._ahead: int = 0
        # Pages in a row that brought nothing, and those of them that did not even move the place.
        self._fruitless = self._stuck = 0
        # Whether the place went back and nothing new has come since.
        self._returned = False

    def take(self, items: Sequence[T], at: Pagination) -> tuple[list[T], Request[Any] | None]:
        """Take note of the page that was asked for; return what is new on it, and what to ask for next."""
        if not self._recent and not self._older:
            self._settle_size(len(items), at)
        start, place = (self._page - 1) * self._size, self._place
        fresh = self._new(items)
        self._fruitless = 0 if fresh else self._fruitless + 1
        if items:
            more = self._read(start, len(items), len(fresh), _positive(at.total_count))
            self._page = self._place // self._size + 1
        else:
            more = self._believes and (self._total or 0) > start > self._first
            self._page = self._first // self._size + 1
        self._stuck = 0 if fresh or self._place < place else self._stuck + (self._place == place)
        self._returned = self._returned and not fresh
        remembered = len(self._recent) + len(self._older)
        if self._fruitless > (1 + self._returned) * remembered // self._size + _PATIENCE:
            more = more and self._returned
            self._believes, self._returned, self._fruitless = False, False, 0
            self._place, self._back = self._place + self._back, 0
            self._page = self._place // self._size + 1
        params = {**self._request.query, "page": self._page, "pageSize": self._size}
        more = more and self._stuck <= _PATIENCE
        return fresh, with_changes(self._request, query=params) if more else None

    def following(self, request: Request[Any], count: int) -> list[Request[Any]]:
        """Return the request for a page and those for the pages behind it, ``count`` in all, up to the last known."""
        page = _positive(request.query["page"])
        last = min(page + count - 1, -(-(self._total or 0) // self._size))
        behind = [{**request.query, "page": number} for number in range(page + 1, last + 1)]
        return [request, *(with_changes(request, query=params) for params in behind)]

    def _settle_size(self, count: int, at: Pagination) -> None:
        """Learn from the first page where the walk is, and how long the API's pages really are."""
        self._size = _positive(at.page_size) or self._size or max(1, count)
        if self._page == 1 and 0 < count < min(self._size, _positive(at.total_count)):
            self._size = count
        self._first = self._place = (self._page - 1) * self._size

    def _read(self, start: int, count: int, fresh: int, total: int) -> bool:
        """Account for a page that is not empty; return whether there may be more."""
        self._follow(total)
        end, known = start + count, max(self._place + self._back + self._added, self._ahead)
        if start > self._place:
            self._ahead = end
            return True
        if count - fresh > max(0, min(end, known) - start) and self._stuck < _PATIENCE:
            return True
        moved = max(0, end - self._place)
        self._place += moved
        # Nothing known behind the place: the numbering is as it was thought to be.
        self._back = 0 if fresh == count else max(0, self._back - moved)
        self._added = 0 if fresh == count else max(0, self._added - moved)
        # A short page is the last one, unless the total says otherwise.
        return count >= self._size or (self._believes and (self._total or 0) > self._place)

    def _follow(self, total: int) -> None:
        """Move the place as the total says that the items have moved."""
        if not total or not self._believes:
            return
        change = 0 if self._total is None else total - self._total
        self._total = total
        if change > 0:
            self._added = min(self._added + change, _WINDOW)
        else:
            back = min(-change, _WINDOW - self._back, self._place - self._first)
            self._place -= back
            self._back += back
            self._returned = self._returned or back > 0

    def _new(self, items: Sequence[T]) -> list[T]:
        """Return the items that have not come yet, and remember all of them."""
        recent, older = self._recent, self._older
        fresh = list(items)
        # What `LomiModel.identity` is, for a page of them at once.
        ids: list[Hashable] = list(map(attrgetter(fresh[0].shown_in_repr[0]), fresh)) if fresh else []
        if len(set(ids)) < len(ids) or not recent.isdisjoint(ids) or not older.isdisjoint(ids):
            first = dict(zip(reversed(ids), reversed(items), strict=True))
            fresh = [first[id] for id in dict.fromkeys(ids) if id not in recent and id not in older]
        recent.update(ids)
        if len(recent) >= _WINDOW:
            self._recent, self._older = set(), recent
        return fresh


def _positive(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
