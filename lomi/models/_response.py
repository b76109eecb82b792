"""About the HTTP response that a model was read from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from typing_extensions import override

__all__ = ["LONGEST_REQUEST_ID", "RateLimit", "ResponseInfo"]

LONGEST_REQUEST_ID = 128
"""How much of a request id that a response names is kept."""


class RateLimit:
    """What the rate limit was when the response was sent."""

    __slots__ = ("limit", "remaining", "reset")

    def __init__(self, limit: int | None, remaining: int | None, reset: float | None) -> None:
        self.limit: int | None = limit
        """How many requests the API allows in its window; None when it did not tell."""
        self.remaining: int | None = remaining
        """How many of them are left; None when it did not tell."""
        self.reset: float | None = reset
        """Seconds until all of them are available again; None when it did not tell."""

    @override
    def __repr__(self) -> str:
        return f"RateLimit(limit={self.limit}, remaining={self.remaining}, reset={self.reset})"


class ResponseInfo:
    """The HTTP response that an object was read from, as ``object.last_response``.

    Attributes:
        status_code: The HTTP status.
        attempts: How many requests the call took.
        elapsed: Seconds from the start of the call to the whole response, with all its attempts and waiting.
    """

    __slots__ = ("_headers", "_sent_request_id", "attempts", "elapsed", "status_code")

    def __init__(
        self,
        *,
        status_code: int,
        headers: Mapping[str, str] | Callable[[], Mapping[str, str]],
        request_id: str | None,
        attempts: int,
        elapsed: float,
    ) -> None:
        self.status_code: int = status_code
        # Few callers look at them: they are decoded when they are first read.
        self._headers = headers
        self._sent_request_id = request_id
        self.attempts: int = attempts
        self.elapsed: float = elapsed

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, without the key; names are lower case and looked up in any case."""
        if callable(self._headers):
            self._headers = self._headers()
        return self._headers

    @property
    def request_id(self) -> str | None:
        """The id to give to lomi. support: that of the response, else the one that this client sent."""
        named = self.headers.get("x-request-id", "")[:LONGEST_REQUEST_ID]
        return named if named and named.isprintable() else self._sent_request_id

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rate limit as the response told it; None when it did not."""
        values = [_number(self.headers.get(f"x-ratelimit-{name}")) for name in ("limit", "remaining", "reset")]
        if values == [None, None, None]:
            return None
        limit, remaining, reset = values
        return RateLimit(_whole(limit), _whole(remaining), reset)

    @override
    def __repr__(self) -> str:
        return f"ResponseInfo(status_code={self.status_code}, request_id={self.request_id!r}, attempts={self.attempts})"


def _number(text: str | None) -> float | None:
    found = re.fullmatch(r"\s*([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*", text or "", re.ASCII)
    return float(found[1]) if found else None


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
