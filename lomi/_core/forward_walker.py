"""How a listing without a total is read: forward, once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from ..models._base import LomiModel
from ..models.pagination import Pagination, Scheme
from .request import Request, with_changes

__all__ = ["ForwardWalker"]

T = TypeVar("T", bound=LomiModel)
# A server that silently caps the size of a page caps it at this or more.
_SMALLEST_CAP = 100
# How many pages in a row may bring nothing new.
_MAX_IDLE = 3


class ForwardWalker(Generic[T]):
    """Decide which page of a listing without a total to ask for next, and which of its items are new.

    It goes on to a page that is shorter than the pages before it, or to an empty one where a short page proves nothing.
    A first page that is much shorter than it should be may have been capped: then that is the size.
    What comes again, since others were added in front, is yielded once: every id is remembered.
    What leaves the listing meanwhile lets others move up, past the place: they are missed. Nothing reveals it.

    It is used as a `PageWalker` is, but its numbers are places: how many items are in front of a page.
    """

    def __init__(self, request: Request[Any], scheme: Scheme) -> None:
        self._request = request
        self._scheme = scheme
        self._by_page = scheme.by == "page"
        self._size = _integer(request.query, "pageSize" if self._by_page else "limit") or scheme.size
        page = max(_integer(request.query, "page"), 1)
        self._next = self.first = (page - 1) * self._size if self._by_page else _integer(request.query, "offset")
        self._pages = self._idle = 0
        self._seen: set[Hashable] = set()

    @property
    def pagination(self) -> Pagination:
        """Where the first page stands, by its request."""
        return Pagination(page=self.first // (self._size or 1) + 1, page_size=self._size or None)

    def add_page(
        self, number: int, items: Sequence[T], _total: int | None, _reported_page_size: int | None
    ) -> tuple[list[T], int | None]:
        """Record the page that was asked for; return its new items, and the page to ask for next, if any."""
        fresh: list[T] = []
        for item in items:
            if item.identity not in self._seen:
                self._seen.add(item.identity)
                fresh.append(item)
        self._pages += 1
        self._idle = 0 if fresh else self._idle + 1
        count = len(items)
        if self._pages == 1 and _SMALLEST_CAP <= count < self._size and not self._scheme.until_empty:
            self._size = count
        full = count >= self._size or self._scheme.until_empty
        if self._scheme.by == "none" or not count or not full or self._idle >= _MAX_IDLE:
            return fresh, None
        self._next = number + (self._size if self._by_page else count)
        return fresh, self._next

    def upcoming(self, count: int) -> list[int]:
        """Return up to ``count`` pages that will likely be asked for after the next one: as many as came so far."""
        return [self._next + step * self._size for step in range(1, min(count, self._pages) + 1)]

    def request_for(self, number: int) -> Request[Any]:
        """Return the request for a page."""
        if self._by_page:
            paging = {"page": number // self._size + 1, "pageSize": self._size}
        else:
            paging = {"limit": self._size, "offset": number}
        return with_changes(self._request, query={**self._request.query, **paging})


def _integer(query: Mapping[str, Any], name: str) -> int:
    value = query.get(name)
    return value if isinstance(value, int) else 0
