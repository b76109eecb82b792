"""How a listing is walked that tells no total: forward, once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from ..models._base import LomiModel
from ..models.pagination import Pagination, Scheme
from .request import Request, with_changes

__all__ = ["ForwardWalk", "position"]

T = TypeVar("T", bound=LomiModel)
# A server that caps the size of a page without saying so does not cap it lower than this.
_SMALLEST_CAP = 100
# How many pages in a row may bring nothing new.
_PATIENCE = 3


class ForwardWalk(Generic[T]):
    """Where a walk through a listing without a total is, and which page it needs next.

    * It goes on to a page that is shorter than the pages before it, or to an empty one where a short page proves
      nothing. A first page that is much shorter than it should be may have been capped: then that is the size.
    * What comes again, since others were added in front, is given once: every id is remembered.
    * What leaves the listing meanwhile lets others move up, past the place: they are missed. Nothing reveals it.
    """

    def __init__(self, request: Request[Any], scheme: Scheme) -> None:
        self._request = request
        self._scheme = scheme
        self._size = _integer(request.query, "pageSize" if scheme.by == "page" else "limit") or scheme.size
        start = _integer(request.query, "offset")
        if scheme.by == "page":
            start = (max(_integer(request.query, "page"), 1) - 1) * self._size
        self._place = start
        self._pages = self._idle = 0
        self._seen: set[Hashable] = set()

    def take(self, items: Sequence[T], _at: Pagination) -> tuple[list[T], Request[Any] | None]:
        """Take note of the page that was asked for; return what is new on it, and what to ask for next."""
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
        if self._scheme.by == "none" or not count or not full or self._idle >= _PATIENCE:
            return fresh, None
        self._place += self._size if self._scheme.by == "page" else count
        return fresh, self._at(self._place)

    def following(self, request: Request[Any], count: int) -> list[Request[Any]]:
        """Return the request for a page and those for pages that are likely behind it: as many as came so far."""
        behind = range(1, min(count, self._pages + 1))
        return [request, *(self._at(self._place + number * self._size) for number in behind)]

    def _at(self, place: int) -> Request[Any]:
        if self._scheme.by == "page":
            paging = {"page": place // self._size + 1, "pageSize": self._size}
        else:
            paging = {"limit": self._size, "offset": place}
        return with_changes(self._request, query={**self._request.query, **paging})


def position(request: Request[Any], scheme: Scheme) -> Pagination:
    """Return where the page of a request stands: there are no totals."""
    if scheme.by == "none":
        return Pagination(page=1)
    if scheme.by == "page":
        size = _integer(request.query, "pageSize") or scheme.size
        return Pagination(page=max(_integer(request.query, "page"), 1), page_size=size)
    size = _integer(request.query, "limit") or scheme.size
    return Pagination(page=_integer(request.query, "offset") // size + 1, page_size=size)


def _integer(query: Mapping[str, Any], name: str) -> int:
    value = query.get(name)
    return value if isinstance(value, int) else 0
