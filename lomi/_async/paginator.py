"""What ``list`` returns in the asynchronous client. The synchronous client has no such thing: it returns the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Generator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from typing_extensions import override

if TYPE_CHECKING:
    from .page import AsyncPage

__all__ = ["AsyncPaginator"]

P = TypeVar("P", bound="AsyncPage[Any]")
T = TypeVar("T")


class AsyncPaginator(Coroutine[Any, Any, P], Generic[P, T]):
    """A listing that is about to be requested: await it for its page, or iterate it for all items.

    Examples:
        >>> page = await client.customers.list(page_size=20)
        >>> async for customer in client.customers.list():
        ...     print(customer.id)
    """

    def __init__(self, request: Coroutine[Any, Any, P]) -> None:
        self._request = request
        self._page: P | None = None

    # A whole coroutine, so that asyncio.run() and create_task() take it as they take every other method's.
    @override
    def send(self, value: Any, /) -> Any:
        return self._request.send(value)

    @override
    def throw(self, *exception: Any) -> Any:
        return self._request.throw(*exception)

    @override
    def close(self) -> None:
        self._request.close()

    @override
    def __await__(self) -> Generator[Any, None, P]:
        return self._first_page().__await__()

    def __aiter__(self) -> AsyncIterator[T]:
        return _Items(self)

    async def _first_page(self) -> P:
        # Requested once, however often it is awaited or iterated.
        if self._page is None:
            self._page = await self._request
        return self._page


class _Items(AsyncIterator[T]):
    def __init__(self, paginator: AsyncPaginator[Any, T]) -> None:
        self._paginator = paginator
        self._items: AsyncIterator[T] | None = None

    @override
    async def __anext__(self) -> T:
        if self._items is None:
            self._items = aiter(await self._paginator)
        return await anext(self._items)
