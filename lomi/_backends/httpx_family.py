"""httpx and its successor httpx2: an object belongs to one family, and gets the requests and errors of that one."""

from __future__ import annotations

import sys
from functools import cache
from types import ModuleType
from typing import Any

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
def request_body(family: Any) -> Any:
    """Return the class of a family's request bodies: a stream that knows whether anything has read it."""

    class RequestBody(family.AsyncByteStream, family.SyncByteStream):  # type: ignore[misc]
        def __init__(self, content: bytes | None) -> None:
            self._content = content
            self.was_read = False

        def __iter__(self) -> Any:
            self.was_read = True
            if self._content is not None:
                yield self._content

        async def __aiter__(self) -> Any:
            self.was_read = True
            if self._content is not None:
                yield self._content

    return RequestBody
