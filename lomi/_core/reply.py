"""What came of one attempt, and what the call makes of it: a result, or one of our errors."""

from __future__ import annotations

import email.utils
import http
import math
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timezone
from functools import cache, cached_property
from types import NoneType, TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import Self, override

from ..errors import LomiError, LomiRateLimitError, LomiResponseError, Outcome, error_class
from ..models._base import attach_response, read
from ..models._response import ResponseInfo
from .reconciliation import SentRequest
from .request import Request

if TYPE_CHECKING:
    from .._telemetry.hooks import CallOutcome
    from .._telemetry.observer import CallObserver

__all__ = [
    "Body",
    "Call",
    "Headers",
    "Response",
    "ResponseTooLarge",
    "TransportFailure",
    "clock_offset",
    "ending",
    "parse",
    "response_request_id",
]

T = TypeVar("T")

LARGEST_BODY = 16 * 1024 * 1024
LARGEST_ERROR_BODY = 1024 * 1024
_PIECE = 65536
_LONGEST_REQUEST_ID = 128
_WORST: dict[Outcome, int] = {"not_sent": 0, "rejected": 1, "unknown": 2}


class Headers(Mapping[str, str]):
    """An answer's headers: names in lower case, looked up in any case; a name that came twice is joined by ", "."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
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


@dataclass(frozen=True)
class Response:
    """An answer, whole and decompressed."""

    status: int
    raw_headers: list[tuple[bytes, bytes]] = field(repr=False)
    body: bytes = field(repr=False)

    @cached_property
    def headers(self) -> Headers:
        """The headers, decoded when somebody asks."""
        return Headers(self.raw_headers)

    @property
    def date(self) -> bytes:
        """The server's time, as its header tells it; empty when there is none."""
        return next((value for name, value in self.raw_headers if name.lower() == b"date"), b"")

    @cached_property
    def error_payload(self) -> Mapping[str, Any]:
        """What an error answer says of itself, whatever shape it has; empty where it says nothing."""
        try:
            said = from_json(repair_surrogates(self.body))
        except ValueError:
            return {}
        if not isinstance(said, dict):
            return {}
        inner: Any = said.get("error")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        named: dict[str, Any] = {"request_id": said.get("request_id"), "message": said.get("message")}  # pyright: ignore[reportUnknownMemberType]
        if isinstance(inner, dict):
            return {**named, **inner}
        return {**named, "message": named["message"] or inner}

    def retry_after(self, wall: float) -> float | None:
        """Return how many seconds the API asks to wait from ``wall`` (a Unix time) on, or None."""
        asked = seconds_to_wait(self.headers.get("retry-after", ""), wall)
        details = self.error_payload.get("details")
        if asked is None and self.status == 429 and isinstance(details, dict):
            asked = seconds_to_wait(str(details.get("retry_after_seconds")), wall)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        return asked


@dataclass(frozen=True)
class TransportFailure:
    """No answer, or none that can be used."""

    error: type[LomiError]
    message: str
    sent: bool
    """Whether any of the request may have left this machine."""
    retryable: bool = True
    """Whether the same attempt may go better in a moment."""
    status: int | None = None


@dataclass
class Call(Generic[T]):
    """One call from beginning to end, over all its attempts; a context, which is the time it takes."""

    request: Request[T]
    request_id: str
    content: bytes | None = field(repr=False)
    ends_at: float
    """The monotonic instant at which the time allowed is over; infinity when there is no limit."""
    started_monotonic: float
    """The monotonic instant of its beginning, for who watches."""
    now: Callable[[], float]
    """Tells the Unix time, to read a ``Retry-After`` that is a date."""
    redact: Callable[[bytes], bytes] = field(repr=False)
    """Takes the key out of what an answer echoes."""
    scope: tuple[str, str | None]
    """The base URL and the account."""
    started_at: float
    """The Unix time of its beginning."""
    attempts: int = 0
    outcome: Outcome = "not_sent"
    watch: CallObserver | None = None
    """Tells who listens; None when nobody does."""
    unreadable: tuple[str, ...] = ()
    """The fields of its response that could not be read."""

    @cached_property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The headers that differ from call to call."""
        headers = [(b"X-Request-Id", self.request_id.encode("ascii"))]
        if self.request.idempotency_key is not None:
            headers.append((b"Idempotency-Key", self.request.idempotency_key.encode("ascii")))
        if self.content is not None:
            headers.append((b"Content-Type", b"application/json"))
        if self.content is not None or self.request.method in ("POST", "PUT", "PATCH"):
            headers.append((b"Content-Length", str(len(self.content or b"")).encode("ascii")))
        return tuple(headers)

    def remaining(self, now: float) -> float | None:
        """Return the seconds that are left at a monotonic instant, at least 0; None when there is no limit."""
        return None if self.ends_at == math.inf else max(0.0, self.ends_at - now)

    def record_attempt(self, result: Response | TransportFailure) -> None:
        """Count an attempt; the outcome of a call is the worst of its attempts."""
        self.attempts += 1
        self.update_outcome(_outcome(self.request, result))
        if self.watch is not None:
            self.watch.answer(result)

    def pause(self, delay: float) -> None:
        """Take note that the call waits some seconds before it is tried again."""
        if self.watch is not None:
            self.watch.pause(delay)

    def again(self) -> None:
        """Take note that it is tried again now."""
        if self.watch is not None:
            self.watch.attempt()

    def __enter__(self) -> Self:
        if self.watch is not None:
            self.watch.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.watch is not None:
            self.watch.end(error)

    def update_outcome(self, outcome: Outcome) -> None:
        """Take note of an outcome, if it is worse than what is known."""
        if _WORST[outcome] > _WORST[self.outcome]:
            self.outcome = outcome

    def error_context(self, answer: Response | None = None) -> dict[str, Any]:
        """Return what every error of this call says of itself."""
        return {
            "outcome": self.outcome,
            "attempts": self.attempts,
            "request_id": (response_request_id(self, answer) if answer is not None else None) or self.request_id,
            "method": self.request.method,
            "path": self.request.path.template,
        }


def _outcome(request: Request[Any], result: Response | TransportFailure) -> Outcome:
    if isinstance(result, TransportFailure):
        return "unknown" if result.sent else "not_sent"
    # After these redirects a browser would fetch the result of what it posted: it may have happened.
    return "unknown" if result.status >= 500 or (result.status in (301, 302, 303) and _writes(request)) else "rejected"


def ending(request: Request[Any], result: Response | TransportFailure) -> CallOutcome:
    """Return what is known of an attempt by itself."""
    return "succeeded" if isinstance(result, Response) and 200 <= result.status < 300 else _outcome(request, result)


def response_request_id(call: Call[Any], reply: Response) -> str | None:
    """Return the request's id as an answer names it, in a header or in an error's body; never the key."""
    answered = reply.headers.get("x-request-id")
    if not answered and not 200 <= reply.status < 300:
        answered = reply.error_payload.get("request_id")
    if not isinstance(answered, str) or not answered.isprintable():
        return None
    return call.redact(answered.encode()).decode()[:_LONGEST_REQUEST_ID]


def _writes(request: Request[Any]) -> bool:
    return request.method not in ("GET", "HEAD")


def parse(call: Call[T], result: Response | TransportFailure) -> T:
    """Return what the request promised, or raise what came instead.

    Raises:
        LomiConnectionError: There was no usable answer.
        LomiResponseError: The answer is not what was promised.
        LomiAPIError: The API said no.
    """
    try:
        return _parse(call, result)
    except LomiError as error:
        # A write that must not be repeated can be looked for, by who knows what was sent and when.
        if not call.request.idempotent and call.request.body is not None and error.outcome == "unknown":
            said = result.date.decode("latin-1") if isinstance(result, Response) else ""
            now = call.now()
            attempt = SentRequest(call.request.body, call.scope, call.started_at, now, clock_offset(said, now))
            error._sent_request = attempt  # noqa: SLF001  # no part of an error's public face
        raise


def _parse(call: Call[T], result: Response | TransportFailure) -> T:
    if isinstance(result, TransportFailure):
        error = result.error(result.message, **call.error_context())
        if isinstance(error, LomiResponseError):
            error.status_code = result.status
        raise error
    if 200 <= result.status < 300:
        return _read(call, result)
    # An earlier attempt whose answer was lost has deleted it.
    if result.status == 404 and call.request.method == "DELETE" and call.outcome == "unknown":
        return _nothing(call)
    raise _error(call, result)


def _read(call: Call[T], reply: Response) -> T:
    problem = ""
    try:
        value = _decode_lenient(call, reply.body)
        attach_response(value, _response_info(call, reply))
        return value
    except ValidationError as invalid:
        problem = "; ".join(
            f"{'.'.join(map(str, each['loc']))[:60] or 'the body'}: {each['type']}"
            for each in invalid.errors(include_url=False, include_input=False, include_context=False)[:3]
        )
    except ValueError:
        problem = "the body is not JSON"
    call.update_outcome("unknown" if _writes(call.request) else "rejected")
    reply = _scrubbed(call, reply)
    kind = reply.headers.get("content-type", "no content type")[:60]
    message = f"{reply.status} with an answer that cannot be read: {problem} ({len(reply.body)} bytes, {kind})"
    raise LomiResponseError(message, status_code=reply.status, **call.error_context(reply))


def _response_info(call: Call[Any], reply: Response) -> ResponseInfo:
    return ResponseInfo(
        status_code=reply.status,
        headers=reply.headers,
        request_id=response_request_id(call, reply) or call.request_id,
        attempts=call.attempts,
        elapsed=call.now() - call.started_at,
    )


def _decode_lenient(call: Call[T], body: bytes) -> T:
    try:
        return _validated(call, body)
    except ValueError:
        mended = repair_surrogates(body)
        if mended == body:
            raise
    return _validated(call, mended)


def _validated(call: Call[T], body: bytes) -> T:
    promised: Any = call.request.response_type
    if promised is NoneType:
        # A login page answers 200 as well: nothing of interest is still an object, or nothing at all.
        if body.strip():
            _unwrap_envelope(_adapter(dict).validate_json(body))
        return _nothing(call)
    data: Any = _unwrap_envelope(from_json(body)) if call.request.unwrap_data else body
    value: T
    value, call.unreadable = read(_adapter(promised), data)
    return value


# An escape in JSON: a pair of surrogates, one alone, or any other.
_ESCAPE = re.compile(
    rb"(?i)\\(?:u(?:d[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(?P<alone>d[89a-f][0-9a-f]{2})|[0-9a-f]{4})|.)", re.DOTALL
)


def repair_surrogates(body: bytes) -> bytes:
    """Return a body with U+FFFD for each half of an emoji: a server that cuts texts must not hide a whole listing."""
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found["alone"] else found[0], body)


def _nothing(_call: Call[T]) -> T:
    # The caller asked for type(None), so T is None; a checker cannot know.
    nothing: Any = None
    answer: T = nothing
    return answer


def _unwrap_envelope(said: Any) -> Any:
    if not isinstance(said, dict):
        return said
    if said.get("success") is False:  # pyright: ignore[reportUnknownMemberType]
        raise ValueError("success is false")
    return said["data"] if isinstance(said.get("data"), dict) else said  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


@cache
def _adapter(result: Any) -> TypeAdapter[Any]:
    return TypeAdapter(result)


def _error(call: Call[Any], reply: Response) -> LomiError:
    reply = _scrubbed(call, reply)
    facts = call.error_context(reply)
    if reply.status < 400:
        target = re.match(r"(https?://)(?:[^/?#]*@)?([^/?#@]{1,100})", reply.headers.get("location", ""))
        message = f"{reply.status} redirect, which is never followed: check base_url"
        if target:
            message = f"{reply.status} redirect to {target[1]}{target[2]}, which is never followed: check base_url"
        return LomiResponseError(message, status_code=reply.status, **facts)
    said = reply.error_payload
    code: Any = said.get("code")
    code = code if isinstance(code, str) and code else None
    error = error_class(reply.status, code)(
        _sentence(said.get("message")) or _reason(reply),
        status_code=reply.status,
        code=code,
        details=said.get("details"),
        headers=reply.headers,
        body=reply.body,
        **facts,
    )
    if isinstance(error, LomiRateLimitError):
        error.retry_after = reply.retry_after(call.now())
        error.limit = _limit(reply)
    return error


def _scrubbed(call: Call[Any], reply: Response) -> Response:
    """Return the answer as an error may keep it: some servers echo the request, key and all."""
    headers = [(name, call.redact(value)) for name, value in reply.raw_headers]
    return Response(reply.status, headers, call.redact(reply.body))


def _sentence(message: Any) -> str:
    parts: list[Any] = message if isinstance(message, list) else [message]  # pyright: ignore[reportUnknownVariableType]
    return "; ".join(part for part in parts if isinstance(part, str))


def _reason(reply: Response) -> str:
    reason = http.HTTPStatus(reply.status).phrase if reply.status in _STATUSES else "an error"
    kind = reply.headers.get("content-type", "no content type")[:60]
    return f"{reason}, with {len(reply.body)} bytes of {kind}" if reply.body else f"{reason}, with an empty body"


_STATUSES = frozenset(status.value for status in http.HTTPStatus)


def _limit(reply: Response) -> int | None:
    details = reply.error_payload.get("details")
    inside: Any = details.get("limit") if isinstance(details, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    found = re.fullmatch(r"\s*([0-9]{1,9})\s*", reply.headers.get("x-ratelimit-limit") or f"{inside}")
    return int(found[1]) if found else None


def seconds_to_wait(value: str, wall: float) -> float | None:
    """Return what a ``Retry-After`` says, in seconds from ``wall`` on; None for nonsense, never an exception."""
    if re.fullmatch(r"\s*[0-9]{1,10}(\.[0-9]{1,10})?\s*", value, re.ASCII):
        return float(value)
    ahead = clock_offset(value, wall)
    return None if ahead is None else max(0.0, ahead)


def clock_offset(date: str, wall: float) -> float | None:
    """Return by how many seconds a header's date is ahead of a Unix time; None for nonsense."""
    try:
        said = email.utils.parsedate_to_datetime(date)
        # One form that HTTP allows names no zone, and means UTC.
        return (said if said.tzinfo else said.replace(tzinfo=timezone.utc)).timestamp() - wall
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


class ResponseTooLarge(Exception):
    """The body is larger than the cap, or is not in the encoding it claims."""


class Body:
    """Collects a body while it arrives: decompressed, and never more of it than the cap."""

    def __init__(self, status: int, raw_headers: list[tuple[bytes, bytes]]) -> None:
        self._is_error = status >= 300
        self._room = LARGEST_ERROR_BODY if self._is_error else LARGEST_BODY
        self._parts: list[bytes] = []
        encodings = [v.strip().lower() for n, v in raw_headers if n.lower() == b"content-encoding"]
        self._unzip = None
        if encodings and encodings != [b"identity"]:
            if encodings not in ([b"gzip"], [b"x-gzip"], [b"deflate"]):
                raise ResponseTooLarge("the answer is in an encoding that was not asked for")
            self._unzip = zlib.decompressobj(47)

    def feed(self, chunk: bytes) -> bool:
        """Take what arrived; return whether more is wanted.

        Raises:
            ResponseTooLarge: A success answer is larger than the cap, or it cannot be decompressed.
        """
        if self._unzip is None:
            return self._keep(chunk)
        while True:
            # Piece by piece: a few bytes can stand for gigabytes, and whole they would be there twice.
            try:
                piece = self._unzip.decompress(chunk, _PIECE)
            except zlib.error:
                raise ResponseTooLarge("the answer cannot be decompressed") from None
            if not self._keep(piece):
                return False
            chunk = self._unzip.unconsumed_tail
            if not chunk and len(piece) < _PIECE:
                return True

    def _keep(self, piece: bytes) -> bool:
        self._parts.append(piece[: self._room])
        self._room -= len(piece)
        if self._room >= 0:
            return True
        if not self._is_error:
            raise ResponseTooLarge(f"the answer is larger than {LARGEST_BODY // 1024 // 1024} MiB")
        self._room = 0
        return False

    def bytes(self) -> bytes:
        """Return the whole body."""
        if self._parts and self._unzip is not None and not self._unzip.eof and self._room:
            raise ResponseTooLarge("the answer's compressed body was cut short")
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
