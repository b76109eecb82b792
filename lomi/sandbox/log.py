from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from .http import JsonValue

SECRET_HEADERS: Final = frozenset({"x-api-key", "x-lomi-api-key", "authorization", "proxy-authorization", "cookie"})
KEY: Final = re.compile(r"(lomi_sk_(?:test|live)_|sandbox_launch_)[^\s\"'&,<>\\]+", re.IGNORECASE)
MASK: Final = "****"

LARGEST_KEPT: Final = 64 * 1024
LARGEST_LOG: Final = 10_000
LARGEST_TEXT: Final = 16 * 1024 * 1024
LARGEST_JOURNAL: Final = 2_000


@dataclass(frozen=True)
class RecordedRequest:
    """A request that the sandbox received, with every key and token masked.

    Personal data in the query and the bodies is as it was sent, but does not show in the `repr`.

    Attributes:
        number: Counts from 1, and goes on over the life of the sandbox.
        at: When it arrived, by the sandbox's clock; aware, UTC.
        method: Upper case.
        route: The route it matched, such as `POST /customers`; None for an unknown path.
        operation: The name of the operation, such as `customers.create`; None for an unknown path.
        path: The path as sent, still percent-encoded.
        query: The parameters, each with the values it was sent with.
        headers: Names in lower case; values of a header that was sent more than once, joined with a comma.
        body: The request body as text; its first 64 KiB.
        status: The status of the response; None if the connection was closed instead.
        response: The response body as text; its first 64 KiB.
        request_id: The id of the request, sent by the client or made here.
        milliseconds: How long the sandbox worked on it, injected delays not counted.
        faults: The kinds of the faults that affected it, in order.
    """

    number: int
    at: datetime
    method: str
    route: str | None
    operation: str | None
    path: str = field(repr=False)
    query: dict[str, list[str]] = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: str = field(repr=False)
    status: int | None
    response: str = field(repr=False)
    request_id: str
    milliseconds: float = field(repr=False, compare=False)
    faults: tuple[str, ...]

    @property
    def json(self) -> JsonValue:
        """The request body, decoded; None if it was not JSON."""
        return _decoded(self.body)

    @property
    def response_json(self) -> JsonValue:
        """The response body, decoded; None if it was not JSON."""
        return _decoded(self.response)


@dataclass(frozen=True)
class ObjectChange:
    """What became of an object: it entered a state, or an event about it was sent.

    Attributes:
        at: When, in microseconds.
        cause: The number of the request; `time` for what fell due; None for a call in Python, or from the page.
        type: The type of the object.
        id: Its id, as stored.
        source: The state before; None for a new object.
        target: The state after; None for an event, and for an object without states, which was created.
        event: The event; None for a change of state.
        deliveries: The numbers of the event's first deliveries, one an endpoint.
    """

    at: int
    cause: int | str | None
    type: str
    id: str
    source: str | None = None
    target: str | None = None
    event: str | None = None
    deliveries: range = range(0)


def masked(text: str) -> str:
    return KEY.sub(rf"\1{MASK}", text)


def masked_headers(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    shown: dict[str, str] = {}
    for name, value in headers:
        secret = name in SECRET_HEADERS
        safe = masked(value)
        # Nothing is kept of a secret that is not one of our keys.
        if secret and safe == value:
            safe = MASK
        shown[name] = f"{shown[name]}, {safe}" if name in shown else safe
    return shown


def _decoded(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


class RequestLog:
    """The last requests, bounded in number and in characters; and the journal of what became of objects."""

    def __init__(self, journal: deque[ObjectChange]) -> None:
        self._journal = journal
        self._entries: deque[RecordedRequest] = deque()
        self._size = 0
        self._number = 0
        self.listener: Callable[[RecordedRequest], object] | None = None

    @property
    def next_number(self) -> int:
        """The number of the next request, which is the one that is being carried out."""
        return self._number + 1

    def add(self, entry: RecordedRequest) -> None:
        self._number = entry.number
        self._entries.append(entry)
        self._size += _size(entry)
        while len(self._entries) > LARGEST_LOG or (self._size > LARGEST_TEXT and len(self._entries) > 1):
            self._size -= _size(self._entries.popleft())
        if self.listener is not None:
            self.listener(entry)

    def entries(self) -> tuple[RecordedRequest, ...]:
        return tuple(self._entries)

    def clear(self) -> None:
        self._entries.clear()
        self._journal.clear()
        self._size = 0


def _size(entry: RecordedRequest) -> int:
    """Count the characters whose number a client decides."""
    named = sum(len(name) + len(value) for name, value in entry.headers.items())
    query = sum(len(name) + sum(len(value) + 8 for value in values) for name, values in entry.query.items())
    return len(entry.path) + len(entry.body) + len(entry.response) + len(entry.request_id) + named + query
