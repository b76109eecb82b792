"""A page of a listing, which is also the listing from that page on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from .._core.deadline import ends_at
from .._core.forward_walk import ForwardWalk, position
from .._core.page_walker import Walk
from .._core.request import Request
from .._core.validation import field_errors, raise_if_invalid
from ..errors import LomiRateLimitError
from ..models._base import LomiModel
from ..models._html import table
from ..models.pagination import Listing, Pagination
from ..params._base import int_between

if TYPE_CHECKING:
    from .client import LomiClient as BaseClient

__all__ = ["Page"]

T = TypeVar("T", bound=LomiModel)
_Concurrency = Annotated[int, int_between(1, 100)]
_RETRY_AFTER_CAP = 30.0
# How many 429 in a row a page may get.
_PATIENCE = 5


class Page(Generic[T]):
    """One page of a listing. Iterating it walks on: this page's items, then those of every page behind it.

    Each item that exists during the whole walk comes exactly once, also while you delete what you get or others
    add in front, as far as the totals that the API reports reveal the change. Deletions before the present place
    and as many additions behind it, between two pages, go unnoticed; so does a gap of more than 10 000 items; and
    where a set changes at random between nearly every two pages, an item can be missed.
    Memory stays bounded. Every page is fetched when it is needed, as one call with its own ``timeout``.
    """

    def __init__(self, client: BaseClient, request: Request[Any], listing: Listing) -> None:
        self._client = client
        self._request = request
        self._listing = listing

    @property
    def items(self) -> list[T]:
        """The items on this page alone."""
        return list(self._listing.items)

    @property
    def pagination(self) -> Pagination:
        """Where this page stands, and how many items there are in all."""
        scheme = self._listing.scheme
        return self._listing.pagination if scheme is None else position(self._request, scheme)

    def __getitem__(self, key: str) -> Any:
        """Return a part of the answer by its name on the wire: ``page["pagination"]["totalCount"]``."""
        return self._listing[key]

    def to_dict(self) -> dict[str, Any]:
        """Return this page as built-ins that ``json.dumps`` accepts."""
        return self._listing.to_dict()

    def to_html(self, *, personal: bool = False) -> str:
        """Return an HTML table of the items on this page, for a notebook.

        Args:
            personal: Whether to show what may be about a person, such as names and addresses. Default: masked.
        """
        at = self.pagination
        caption = f"{len(self._listing.items)} of {at.total_count}, page {at.page} of {at.total_pages}"
        if at.total_count is None:
            caption = f"{len(self._listing.items)}, page {at.page}"
        return table(self._listing.items, caption, personal=personal)

    def _repr_html_(self) -> str:
        return self.to_html()

    def __iter__(self) -> Iterator[T]:
        return self._items(self._walk(), self._client)

    def iter_all(self, *, max_concurrency: int = 8) -> Iterator[T]:
        """Iterate as iterating the page itself does, in the same order, but fetch several pages at a time.

        Opt-in, since it spends the rate limit as much faster, and because pages that are fetched at the same time
        promise less about a set that changes meanwhile: an item may be missed. A 429 whose ``Retry-After`` is 30
        seconds at most slows it down; any other error is raised where the items of its page would have come.
        At most four times ``max_concurrency`` pages are held. Nothing goes on while you handle an item, so that you
        can stop whenever you like.

        Args:
            max_concurrency: How many pages are fetched at a time, 1 to 100. Default 8.

        Raises:
            LomiValidationError: ``max_concurrency`` is out of range.

        Example:
            >>> for customer in (client.customers.list(page_size=100)).iter_all(max_concurrency=8):
            ...     print(customer.id)
        """
        raise_if_invalid("iter_all", field_errors("max_concurrency", _Concurrency, max_concurrency))
        walk = self._walk()
        return self._items(walk, _Ahead(self._client, walk, max_concurrency))

    def _walk(self) -> Walk[T] | ForwardWalk[T]:
        scheme = self._listing.scheme
        return Walk(self._request) if scheme is None else ForwardWalk(self._request, scheme)

    def _items(self, walk: Walk[T] | ForwardWalk[T], source: BaseClient | _Ahead) -> Iterator[T]:
        listing = self._listing
        while True:
            fresh, request = walk.take(listing.items, listing.pagination)
            for item in fresh:
                yield item
            if request is None:
                return
            listing = source.send(request)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._listing.items)} items, {self.pagination!r})"


class _Ahead:
    """Fetches the pages behind the one that is asked for along with it."""

    def __init__(self, client: BaseClient, walk: Walk[Any] | ForwardWalk[Any], width: int) -> None:
        self._client = client
        self._walk = walk
        self._width = width
        self._fetched: dict[Any, Listing | Exception] = {}
        self._refusals = 0

    def send(self, request: Request[Any]) -> Any:
        """Return a page; raise what came in its place."""
        while True:
            found = self._fetched.pop(request.target, None)
            if isinstance(found, LomiRateLimitError):
                self._slow_down(found)
            elif isinstance(found, Exception):
                raise found
            elif found is not None:
                self._refusals = 0
                return found
            # More than go out at a time, so that they do not all wait for the slowest so often.
            requests = self._walk.following(request, self._width * 4 if self._width > 1 else 1)
            results = self._client.backend.map(self._client.send, requests, self._width)
            self._fetched = {asked.target: result for asked, result in zip(requests, results, strict=False)}

    def _slow_down(self, error: LomiRateLimitError) -> None:
        client = self._client
        seconds = math.inf if error.retry_after is None else math.ceil(error.retry_after)
        self._refusals += 1
        now = client.backend.monotonic()
        if self._refusals > _PATIENCE or seconds > _RETRY_AFTER_CAP or now + seconds > ends_at(now, None):
            raise error
        self._width = max(1, self._width // 2)
        client.backend.sleep(seconds)
