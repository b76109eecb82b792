"""The sandbox as an httpx transport: no socket, and the failures of one all the same."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final

import anyio
import httpx

from ._http import PHRASES, Request, Response

TIMED_OUT: Final = "timed out"
DISCONNECTED: Final = "Server disconnected without sending a response."

# Replaced by tests, which do not wait.
sleep = time.sleep
async_sleep = anyio.sleep


class SandboxTransport(httpx.BaseTransport):
    def __init__(self, handle: Callable[[Request], Response], sleep: Callable[[float], None] | None = None) -> None:
        self._handle = handle
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        answer = self._handle(_received(request))
        seconds, expired = _wait(request, answer.delay)
        if seconds:
            (self._sleep or sleep)(seconds)
        return _sent(request, answer, expired, self._sleep)


class AsyncSandboxTransport(httpx.AsyncBaseTransport):
    def __init__(
        self, handle: Callable[[Request], Response], sleep: Callable[[float], Awaitable[None]] | None = None
    ) -> None:
        self._handle = handle
        self._sleep = sleep

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        answer = self._handle(_received(request))
        seconds, expired = _wait(request, answer.delay)
        # Yields even when there is nothing to wait for, as a socket would.
        await (self._sleep or async_sleep)(seconds)
        return _sent(request, answer, expired, self._sleep)


class _Faulty(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes byte by byte, or that ends before the length that was announced."""

    # `sleep`: that of the transport, if it has one of its own; blocking or not, as the transport is.
    def __init__(self, request: httpx.Request, answer: Response, sleep: Any) -> None:
        body = answer.body[: answer.cut_at]
        self._parts = [bytes((byte,)) for byte in body] if answer.drip else [body]
        self._seconds, self._expired = _wait(request, answer.drip)
        self._sleep = sleep
        self._cut = answer.cut_at is not None
        self._error = (
            "peer closed connection without sending complete message body"
            f" (received {len(body)} bytes, expected {len(answer.body)})"
        )

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if self._seconds:
                (self._sleep or sleep)(self._seconds)
            yield self._in_time(part)
        self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            if self._seconds:
                await (self._sleep or async_sleep)(self._seconds)
            yield self._in_time(part)
        self._end()

    def _in_time(self, part: bytes) -> bytes:
        if self._expired:
            raise httpx.ReadTimeout(TIMED_OUT)
        return part

    def _end(self) -> None:
        if self._cut:
            raise httpx.RemoteProtocolError(self._error)


def _received(request: httpx.Request) -> Request:
    return Request(
        method=request.method,
        target=request.url.raw_path.decode("latin-1"),
        headers=tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in request.headers.raw),
        body=request.content,
    )


def _wait(request: httpx.Request, seconds: float) -> tuple[float, bool]:
    """How long to wait, and whether the client's read timeout ends it."""
    timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
    patience = timeouts.get("read")
    if patience is not None and seconds > patience:
        return patience, True
    return seconds, False


def _sent(request: httpx.Request, answer: Response, expired: bool, sleep: Any) -> httpx.Response:
    if expired:
        raise httpx.ReadTimeout(TIMED_OUT, request=request)
    if answer.dropped:
        raise httpx.RemoteProtocolError(DISCONNECTED, request=request)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    whole = answer.cut_at is None and not answer.drip
    stream = httpx.ByteStream(answer.body) if whole else _Faulty(request, answer, sleep)
    return httpx.Response(
        answer.status,
        headers=headers,
        stream=stream,
        extensions={"http_version": b"HTTP/1.1", "reason_phrase": PHRASES.get(answer.status, "").encode()},
    )
