"""Requests and responses as values, and how the server reads a body; nothing here opens a socket."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Final, TypeAlias
from urllib.parse import parse_qs, unquote_to_bytes

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None

Stream: TypeAlias = Callable[[Callable[[bytes], object]], Callable[[], None]]
"""Begins to push pieces of a body that has no end, from any thread; returns what ends that."""

LARGEST_HEAD: Final = 16 * 1024
LARGEST_BODY: Final = 10 * 1024 * 1024
# Levels of arrays and objects that Python can still parse and serialise.
DEEPEST: Final = 200

PHRASES: Final = {each.value: each.phrase for each in HTTPStatus}


class Unparsed:
    """The body of a request that the server never parses: none, or not JSON."""


UNPARSED: Final = Unparsed()


@dataclass(frozen=True)
class Request:
    """A request as it came off the wire: `target` is still percent-encoded, header names are lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    peer: str = "127.0.0.1"

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(self.target.partition("?")[2], keep_blank_values=True, errors="replace")

    @property
    def head_size(self) -> int:
        """Bytes of the request line and the headers, as HTTP/1.1 writes them."""
        size = len(self.method) + len(self.target) + 12
        return size + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def header(self, name: str) -> str | None:
        """The value of a header; sent more than once, its values joined with a comma, as Node does."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None


@dataclass(frozen=True)
class Response:
    """A response, and what becomes of it.

    It is held back for `delay` seconds, `dropped`, cut after `cut_at` bytes; its body is sent byte by byte with `drip`
    seconds before each, or stalls for `stall` seconds half-way. With a `stream` the body has no end.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    delay: float = 0.0
    drip: float = 0.0
    stall: float = 0.0
    dropped: bool = False
    cut_at: int | None = None
    stream: Stream | None = None

    def parts(self) -> tuple[list[bytes], float]:
        """Return the pieces in which the body is sent, and the seconds of silence before each."""
        body = self.body[: self.cut_at]
        if self.drip:
            return [bytes((byte,)) for byte in body], self.drip
        if self.stall:
            return [body[: len(body) // 2], body[len(body) // 2 :]], self.stall
        return [body], 0.0


@dataclass(frozen=True)
class Reply:
    """What an operation returns, before a dialect writes it down.

    `replayable`: under an `Idempotency-Key` it is returned again.
    """

    status: int
    value: JsonValue
    stream: Stream | None = None
    replayable: bool = True


class ApiError(Exception):
    """The server refuses. `code` is the documented upper-case one; None takes the usual one of the status.

    A 500 hides its message, unless it is `shown`.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        details: JsonValue = None,
        headers: tuple[tuple[str, str], ...] = (),
        shown: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.details = details
        self.headers = headers
        self.shown: bool = shown or status != 500


class DatabaseError(Exception):
    """The database refused. What the caller sees of it depends on dialect and operation."""


def to_json(value: JsonValue) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def holds_nul(value: JsonValue) -> bool:
    """Whether a U+0000 is anywhere in it, which no text column of Postgres can store."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(holds_nul(key) or holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(holds_nul, value))


def js_true(value: JsonValue) -> bool:
    """Whether JavaScript takes it for true; unlike here, an empty array or object is."""
    return isinstance(value, (list, dict)) or bool(value)


def js_number(text: str) -> JsonValue:
    """A JSON number as a JavaScript server holds it: a double, whole where it can be, else null."""
    number = float(text)
    if not math.isfinite(number):
        return None
    if number.is_integer() and abs(number) < 1e21:
        # The shortest digits that give the same double, then zeros: what JSON.stringify writes.
        return int(Decimal(repr(number)))
    return number


def decode_segment(segment: str) -> str:
    """A path segment without its percent escapes; ApiError where they cannot be undone."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", segment) is None:
        try:
            return unquote_to_bytes(segment.encode("latin-1")).decode()
        except UnicodeDecodeError:
            pass
    raise ApiError(400, f"Failed to decode param '{segment}'")


def read_body(request: Request) -> JsonValue | Unparsed:
    """The JSON that a request carries, or UNPARSED. ApiError where the body is too large or cannot be read."""
    if len(request.body) > LARGEST_BODY:
        raise ApiError(500, "request entity too large")
    kind, _, parameters = (request.header("content-type") or "").partition(";")
    if not request.body or kind.strip().lower() != "application/json":
        return UNPARSED
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if charset is not None and charset[1].lower() not in {"utf-8", "utf8"}:
        raise ApiError(500, "unsupported charset")
    text = _inflate(request).decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        value: JsonValue = json.loads(text, parse_int=js_number, parse_float=js_number, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, f"The body is not JSON: {error}") from None
    if not isinstance(value, (dict, list)):
        raise ApiError(400, "The body must be a JSON object")
    if text.count("[") + text.count("{") > DEEPEST and _is_deep(value):
        raise ApiError(400, "The body is nested too deeply")
    # A lone surrogate cannot be stored; Node sends U+FFFD in its place.
    return _without_surrogates(value) if "\\ud" in text.lower() else value


def _inflate(request: Request) -> bytes:
    encoding = (request.header("content-encoding") or "identity").lower()
    if encoding == "identity":
        return request.body
    if encoding not in {"gzip", "deflate"}:
        raise ApiError(500, "unsupported content encoding")
    inflater = zlib.decompressobj(wbits=47)  # gzip or zlib, whichever it turns out to be
    try:
        body = inflater.decompress(request.body, LARGEST_BODY + 1)
    except zlib.error:
        raise ApiError(400, "The body cannot be decompressed") from None
    if len(body) > LARGEST_BODY:
        raise ApiError(500, "request entity too large")
    if not inflater.eof:
        raise ApiError(400, "The body cannot be decompressed")
    return body


def _is_deep(value: JsonValue) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        inner = [list(item.values()) if isinstance(item, dict) else item for item in level]
        level = [part for parts in inner if isinstance(parts, list) for part in parts]
    return bool(level)


def _no_constant(name: str) -> JsonValue:
    raise ValueError(f"{name} is not JSON")


def _without_surrogates(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {str(_without_surrogates(key)): _without_surrogates(item) for key, item in value.items()}
    return value
