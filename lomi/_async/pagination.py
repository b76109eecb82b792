"""A page of a listing, which is also the listing from that page on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._pages import Walk
from .._request import Request
from ..models._model import LomiModel
from ..models._table import table
from ..models.pages import Listing, Pagination

if TYPE_CHECKING:
    from .client import AsyncLomiClient

__all__ = ["AsyncPage"]

T = TypeVar("T", bound=LomiModel)


class AsyncPage(Generic[T]):
    """One page of a listing. Iterating it walks on: this page's items, then those of every page behind it.

    Each item that exists during the whole walk comes exactly once, also while you delete what you get or others
    add in front, as far as the totals that the API reports reveal the change. Deletions before the present place
    and as many additions behind it, between two pages, go unnoticed; so does a gap of more than 10 000 items.
    Memory stays bounded. Every page is fetched when it is needed, as one call with its own ``timeout``.
    """

    def __init__(self, client: AsyncLomiClient, request: Request[Any], listing: Listing) -> None:
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
        return self._listing.pagination

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
        return table(self._listing.items, caption, personal=personal)

    def _repr_html_(self) -> str:
        return self.to_html()

    async def __aiter__(self) -> AsyncIterator[T]:
        walk: Walk[T] = Walk(self._request)
        listing = self._listing
        while True:
            fresh, request = walk.take(listing.items, listing.pagination)
            for item in fresh:
                yield item
            if request is None:
                return
            listing = await self._client.send(request)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._listing.items)} items, {self._listing.pagination!r})"
