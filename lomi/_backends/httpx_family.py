"""httpx and its successor httpx2: an object belongs to one family, and gets the requests and errors of that one."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from functools import cache
from types import ModuleType
from typing import Any

from typing_extensions import Self

__all__ = ["family_of", "request_body"]

_FAMILIES = ("httpx", "httpx2")


def family_of(value: Any, base: str) -> ModuleType | None:
    """Return the module, httpx or httpx2, whose class ``base`` an object is an instance of; else None."""
    for name in _FAMILIES:
        module = sys.modules.get(name)
        if module is not None and isinstance(value, getattr(module, base)):
            return module
    return None


@cache
def request_body(family: Any, base: str) -> Any:
    """Return the class of request bodies of a family and flavour: a stream that knows whether anything has read it.

    Args:
        family: httpx or httpx2.
        base: ``"AsyncByteStream"`` or ``"SyncByteStream"``; some transports refuse what is both.
    """

    class RequestBody(getattr(family, base)):  # type: ignore[misc]
        def __init__(self, content: bytes | None) -> None:
            self._content = content
            self.was_read = False

        def __iter__(self) -> Iterator[bytes]:
            # Asking for an iterator is not reading yet: aiohttp does so before it connects.
            self.was_read = True
            if self._content is not None:
                yield self._content

        def __aiter__(self) -> AsyncIterator[bytes]:
            return _AsyncPieces(iter(self))

    return RequestBody


class _AsyncPieces:
    """An asynchronous iterator that, unlike a generator, may be left in the middle."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration
