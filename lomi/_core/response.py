"""The result of one attempt: a response, or the failure that took its place."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timezone
from functools import cached_property
from typing import Any

from pydantic_core import from_json
from typing_extensions import override

from ..errors import LomiError
from ..models._surrogates import repair_surrogates

__all__ = [
    "Headers",
    "Response",
    "TransportFailure",
    "clock_offset",
    "redacted_headers",
    "seconds_to_wait",
]


class Headers(Mapping[str, str]):
    """A response's headers. Names are lower case and looked up in any case; repeated ones are joined by ", "."""

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in raw:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            self._values[key] = f"{self._values[key]}, {text}" if key in self._values else text

    @override
    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    @override
    def __len__(self) -> int:
        return len(self._values)

    @override
    def __repr__(self) -> str:
        return f"Headers({self._values!r})"


class Response:
    """A response, complete and decompressed."""

    def __init__(self, status: int, raw_headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self.raw_headers = raw_headers
        self.body = body

    @cached_property
    def headers(self) -> Headers:
        """The headers, decoded when first used."""
        return Headers(self.raw_headers)

    @property
    def date(self) -> bytes:
        """The server's time as its ``Date`` header gives it; empty when there is none."""
        return next((value for name, value in self.raw_headers if name.lower() == b"date"), b"")

    @cached_property
    def error_payload(self) -> Mapping[str, Any]:
        """What an error response contains, in whatever shape; empty when it contains nothing readable."""
        try:
            body = from_json(repair_surrogates(self.body))
        except ValueError:
            return {}
        if not isinstance(body, dict):
            return {}
        inner: Any = body.get("error")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        named: dict[str, Any] = {"request_id": body.get("request_id"), "message": body.get("message")}  # pyright: ignore[reportUnknownMemberType]
        if isinstance(inner, dict):
            return {**named, **inner}
        return {**named, "message": named["message"] or inner}

    def retry_after(self, now: float) -> float | None:
        """Return how many seconds from ``now`` (a Unix time) the API asks to wait, or None."""
        asked = seconds_to_wait(self.headers.get("retry-after", ""), now)
        details = self.error_payload.get("details")
        if asked is None and self.status == 429 and isinstance(details, dict):
            asked = seconds_to_wait(str(details.get("retry_after_seconds")), now)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        return asked

    def redacted(self, redact: Callable[[bytes], bytes]) -> Response:
        """Return the response as an error may keep it: some servers echo the request with the key in it."""
        headers = [(name, redact(value)) for name, value in self.raw_headers]
        return Response(self.status, headers, redact(self.body))

    def __repr__(self) -> str:
        return f"Response(status={self.status})"


def redacted_headers(raw: Sequence[tuple[bytes, bytes]], redact: Callable[[bytes], bytes]) -> Headers:
    """Return headers without the key."""
    return Headers([(name, redact(value)) for name, value in raw])


class TransportFailure:
    """An attempt that brought no usable response."""

    __slots__ = ("cause", "error", "message", "retryable", "sent", "status")

    def __init__(
        self,
        error: type[LomiError],
        message: str,
        sent: bool,
        retryable: bool = True,
        status: int | None = None,
        cause: BaseException | None = None,
    ) -> None:
        self.error = error
        self.message = message
        self.sent = sent
        """Whether any of the request may have left this machine."""
        self.retryable = retryable
        """Whether the same attempt may succeed in a moment."""
        self.status = status
        """The HTTP status, where a response began."""
        self.cause = cause
        """The caller's own exception, where one of the caller's functions failed."""

    def __repr__(self) -> str:
        return f"TransportFailure({self.error.__name__}, {self.message!r}, sent={self.sent})"


def seconds_to_wait(value: str, now: float) -> float | None:
    """Return the seconds from ``now`` (a Unix time) that a ``Retry-After`` asks for; None for nonsense."""
    if re.fullmatch(r"\s*[0-9]{1,10}(\.[0-9]{1,10})?\s*", value, re.ASCII):
        return float(value)
    ahead = clock_offset(value, now)
    return None if ahead is None else max(0.0, ahead)


def clock_offset(date: str, now: float) -> float | None:
    """Return by how many seconds a header's date is ahead of a Unix time; None for nonsense."""
    try:
        parsed = email.utils.parsedate_to_datetime(date)
        # One form that HTTP allows names no zone, and means UTC.
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).timestamp() - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
