from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ._http import JsonValue

SECRET_HEADERS: Final = frozenset({"x-api-key", "x-lomi-api-key", "authorization", "proxy-authorization", "cookie"})
KEY: Final = re.compile(r"(lomi_sk_(?:test|live)_|sandbox_launch_)[^\s\"'&,<>\\]+", re.IGNORECASE)
MASK: Final = "****"

LARGEST_KEPT: Final = 64 * 1024
LARGEST_LOG: Final = 10_000
LARGEST_TEXT: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class RecordedRequest:
    """A request that the sandbox received, with every key and token masked.

    Personal data in the query and the bodies is as it was sent, but does not show in the `repr`.

    Attributes:
        number: Counts from 1, and goes on over the life of the sandbox.
        at: When it came, by the sandbox's clock; aware, UTC.
        method: Upper case.
        route: The route that answered, such as `/customers/{id}`; None for an unknown path.
        path: The path as sent, still percent-encoded.
        query: The parameters, each with the values it was sent with.
        headers: Names in lower case; values of a header that was sent more than once, joined with a comma.
        body: What was sent, as text; its first 64 KiB.
        status: The status that was answered; None where the connection was closed instead.
        answer: The body that was answered, as text; its first 64 KiB.
        request_id: The id of the request, sent by the client or made here.
        milliseconds: How long the sandbox worked on it, ordered delays not counted.
        faults: The kinds of the faults that struck, in order.
    """

    number: int
    at: datetime
    method: str
    route: str | None
    path: str = field(repr=False)
    query: dict[str, list[str]] = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: str = field(repr=False)
    status: int | None
    answer: str = field(repr=False)
    request_id: str
    milliseconds: float = field(repr=False, compare=False)
    faults: tuple[str, ...]

    @property
    def json(self) -> JsonValue:
        """The body that was sent, decoded; None where it was not JSON."""
        return _decoded(self.body)

    @property
    def answer_json(self) -> JsonValue:
        """The body that was answered, decoded; None where it was not JSON."""
        return _decoded(self.answer)


def masked(text: str) -> str:
    return KEY.sub(rf"\1{MASK}", text)


def masked_headers(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    shown: dict[str, str] = {}
    for name, value in headers:
        secret = name in SECRET_HEADERS
        safe = masked(value)
        # Of a secret that is no key of ours nothing is kept.
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
    """The last requests: at most so many, and at most so many characters of them."""

    def __init__(self) -> None:
        self._entries: deque[RecordedRequest] = deque()
        self._size = 0
        self._number = 0

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def add(self, entry: RecordedRequest) -> None:
        self._entries.append(entry)
        self._size += _size(entry)
        while len(self._entries) > LARGEST_LOG or (self._size > LARGEST_TEXT and len(self._entries) > 1):
            self._size -= _size(self._entries.popleft())

    def entries(self) -> tuple[RecordedRequest, ...]:
        return tuple(self._entries)

    def clear(self) -> None:
        self._entries.clear()
        self._size = 0


def _size(entry: RecordedRequest) -> int:
    """Characters of what a client decides the length of."""
    named = sum(len(name) + len(value) for name, value in entry.headers.items())
    asked = sum(len(name) + sum(len(value) + 8 for value in values) for name, values in entry.query.items())
    return len(entry.path) + len(entry.body) + len(entry.answer) + len(entry.request_id) + named + asked
