"""A page of a listing, which is also the listing from that page on."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, TypeVar

from typing_extensions import Self

from .._core.deadline import ends_at
from .._core.page_walker import PageWalker
from .._core.request import Request, with_changes
from .._core.validation import field_errors, raise_if_invalid
from ..errors import LomiRateLimitError
from ..models._base import LomiModel, shown_fields
from ..models._response import ResponseInfo
from ..models.pagination import Listing, Pagination
from ..params._base import int_between
from .base_client import BaseClient

if TYPE_CHECKING:
    from .._core.forward_walker import ForwardWalker

__all__ = ["Page"]

T = TypeVar("T", bound=LomiModel)
_Concurrency = Annotated[int, int_between(1, 100)]
_Count = Annotated[int, int_between(0, 2**31 - 1)]
# How many 429 in a row a page may get, and how many seconds each of them may ask to wait.
_MAX_REFUSALS = 5
_MAX_RETRY_AFTER = 30.0


class Page(Generic[T]):
    """One page of a listing. Iterating it yields its items, then those of every page behind it.

    Items that exist throughout are yielded exactly once, also while others are added in front or deleted: every id is
    remembered, and where the total shows that items may have moved past the iteration, it reads back from the end.

    - Under a filter an item can be missed where, between two pages, as many items enter as leave it.
    - Where the API reports no true total, it reads forward only: an item can be missed after a deletion in front of it.

    Each page is requested when it is needed, as one call with its own ``timeout``.
    """

    # How the API pages: by number, or by the offset of the first item. And whether it reports how many items there are
    # in all, and lists the newest first.
    _scheme: ClassVar[Literal["page", "offset"]] = "page"
    _has_true_total: ClassVar[bool] = False

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
        forward = self._forward()
        return self._listing.pagination if forward is None else forward.pagination

    @property
    def last_response(self) -> ResponseInfo | None:
        """The HTTP response that this page was read from."""
        return self._listing.last_response

    @property
    def has_next_page(self) -> bool:
        """Whether there is a page behind this one, as far as this one tells."""
        forward = self._forward()
        if forward is not None:
            return forward.add_page(forward.first, self._listing.items, None, None)[1] is not None
        count, at = len(self._listing.items), self.pagination
        if self._has_true_total and at.total_pages is not None:
            return self._number < at.total_pages
        return count > 0 and count >= (self._size or 0)

    def next_page(self) -> Self | None:
        """Return the page behind this one, or None when this is the last.

        Items that are deleted meanwhile move others to an earlier page; iterating the page takes care of that.

        Raises:
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.
        """
        if not self.has_next_page:
            return None
        forward = self._forward()
        if forward is None:
            request = self._request_for(self._number + 1, self._size)
        else:
            following = forward.add_page(forward.first, self._listing.items, None, None)[1]
            request = forward.request_for(following or 0)
        return type(self)(self._client, request, self._client.send(request))

    def take(self, n: int) -> list[T]:
        """Return the first ``n`` items from this page on; fewer when there are no more.

        Args:
            n: How many, from 0.

        Raises:
            LomiValidationError: ``n`` is not a whole number from 0.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> newest = (client.customers.list(page_size=20)).take(50)
        """
        raise_if_invalid("take", field_errors("n", _Count, n))
        taken: list[T] = []
        if n:
            for item in self:
                taken.append(item)
                if len(taken) == n:
                    break
        return taken

    def __iter__(self) -> Iterator[T]:
        return self._iterate(None)

    def iter_all(self, *, max_concurrency: int = 8) -> Iterator[T]:
        """Iterate as iterating the page itself does, in the same order, but request several pages at a time.

        Opt-in, for two reasons. It uses up the rate limit as much faster. And pages that are requested at the same
        time guarantee less about a listing that changes meanwhile: an item can be missed.

        - A 429 whose ``Retry-After`` is at most 30 seconds slows it down; any other error is raised where the items
          of its page would have come.
        - At most four times ``max_concurrency`` pages are held.
        - Nothing is requested while you handle an item, so that you can stop at any time.

        Args:
            max_concurrency: How many pages to request at a time, 1 to 100. Default 8.

        Raises:
            LomiValidationError: ``max_concurrency`` is out of range.

        Examples:
            >>> page = client.customers.list(page_size=100)
            >>> for customer in page.iter_all(max_concurrency=8):
            ...     print(customer.id)
        """
        raise_if_invalid("iter_all", field_errors("max_concurrency", _Concurrency, max_concurrency))
        return self._iterate(max_concurrency)

    def __getitem__(self, key: str) -> Any:
        """Return a part of the response by its name on the wire: ``page["pagination"]["totalCount"]``."""
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
        if self._listing.scheme is not None:
            caption = f"{len(self._listing.items)}, page {at.page}"
        from ..models._html import table  # only notebooks need it

        return table([shown_fields(each, personal=personal) for each in self._listing.items], caption)

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._listing.items)} items, {self.pagination!r})"

    @property
    def _number(self) -> int:
        """The number of this page; by offset, the numbers begin with the page that was asked for first."""
        return _positive(self._request.query.get("page")) or 1

    @property
    def _size(self) -> int | None:
        query = self._request.query
        size = _positive(self.pagination.page_size) or _positive(query.get("pageSize")) or _positive(query.get("limit"))
        return size or None

    def _forward(self) -> ForwardWalker[T] | None:
        """Return the way through a listing without a total; None where there is one."""
        scheme = self._listing.scheme
        if scheme is None:
            return None
        from .._core.forward_walker import ForwardWalker

        return ForwardWalker(self._request, scheme)

    def _iterate(self, max_concurrency: int | None) -> PageIterator[T]:
        forward = self._forward()
        if forward is not None:
            return self._iterator(forward.first, forward, forward.request_for, max_concurrency)
        items = self._listing.items
        walker: PageWalker[T] = PageWalker(
            first_page=self._number,
            page_size=self._size,
            # What `LomiModel.identity` is, without a property for each item.
            key=attrgetter(items[0].shown_in_repr[0] if items else "identity"),
            has_true_total=self._has_true_total,
        )

        def request_for(number: int) -> Request[Any]:
            return self._request_for(number, walker.page_size)

        return self._iterator(self._number, walker, request_for, max_concurrency)

    def _iterator(
        self,
        number: int,
        walker: PageWalker[T] | ForwardWalker[T],
        request_for: Callable[[int], Request[Any]],
        max_concurrency: int | None,
    ) -> PageIterator[T]:
        prefetcher = None
        if max_concurrency is not None:
            prefetcher = PagePrefetcher(self._client, walker, request_for, max_concurrency)
        return PageIterator(self._client, (number, self._listing), walker, request_for, prefetcher)

    def _request_for(self, number: int, size: int | None) -> Request[Any]:
        """Return the request for another page of this listing."""
        query = {**self._request.query}
        if self._scheme == "page":
            query.update(page=number, pageSize=size)
        else:
            skipped = (number - self._number) * (size or 0)
            query.update(offset=_positive(query.get("offset")) + skipped, limit=size)
        return with_changes(self._request, query=query)


class PageIterator(Iterator[T]):
    """Yields the items of a page and of all pages behind it. After an error it goes on with the page that failed."""

    # No generator: one that is left early warns under trio, and ends at an error.
    def __init__(
        self,
        client: BaseClient,
        page: tuple[int, Listing],
        walker: PageWalker[T] | ForwardWalker[T],
        request_for: Callable[[int], Request[Any]],
        prefetcher: PagePrefetcher | None,
    ) -> None:
        self._client = client
        self._walker = walker
        self._request_for = request_for
        self._prefetcher = prefetcher
        self._following: int | None = None
        self._ready: deque[T] = deque()
        self._add(*page)

    def __next__(self) -> T:
        while not self._ready:
            number = self._following
            if number is None:
                raise StopIteration
            if self._prefetcher is None:
                listing = self._client.send(self._request_for(number))
            else:
                listing = self._prefetcher.fetch(number)
            self._add(number, listing)
        return self._ready.popleft()

    def _add(self, number: int, listing: Listing) -> None:
        at = listing.pagination
        fresh, self._following = self._walker.add_page(number, listing.items, at.total_count, at.page_size)
        self._ready.extend(fresh)


class PagePrefetcher:
    """Requests the pages that will be needed next along with the one that is needed now."""

    def __init__(
        self,
        client: BaseClient,
        walker: PageWalker[Any] | ForwardWalker[Any],
        request_for: Callable[[int], Request[Any]],
        max_concurrency: int,
    ) -> None:
        self._client = client
        self._walker = walker
        self._request_for = request_for
        self._width = max_concurrency
        self._fetched: dict[int, Listing | Exception] = {}
        self._refusals = 0

    def fetch(self, number: int) -> Listing:
        """Return a page, or raise the error that came in its place."""
        while True:
            found = self._fetched.pop(number, None)
            if isinstance(found, LomiRateLimitError):
                self._slow_down(found)
            elif isinstance(found, Exception):
                raise found
            elif found is not None:
                self._refusals = 0
                return found
            # More than go out at a time, so that they do not all wait for the slowest so often.
            numbers = [number, *self._walker.upcoming(self._width * 4 - 1 if self._width > 1 else 0)]
            requests = list(map(self._request_for, numbers))
            results = self._client.backend.map_concurrently(self._client.send, requests, self._width)
            self._fetched = dict(zip(numbers, results, strict=False))

    def _slow_down(self, error: LomiRateLimitError) -> None:
        seconds = math.inf if error.retry_after is None else math.ceil(error.retry_after)
        backend = self._client.backend
        now = backend.monotonic()
        self._refusals += 1
        if self._refusals > _MAX_REFUSALS or seconds > _MAX_RETRY_AFTER or now + seconds > ends_at(now, None):
            raise error
        self._width = max(1, self._width // 2)
        backend.sleep(seconds)


def _positive(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
