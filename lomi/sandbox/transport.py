"""The sandbox as an httpx transport: no socket, and the failures of one all the same."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final

import anyio
import httpx

from .http import PHRASES, Request, Response

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
        response = self._handle(received(request))
        seconds, expired = _wait(request, response.delay)
        if seconds:
            (self._sleep or sleep)(seconds)
        return _sent(request, response, expired, self._sleep)


class AsyncSandboxTransport(httpx.AsyncBaseTransport):
    def __init__(
        self, handle: Callable[[Request], Response], sleep: Callable[[float], Awaitable[None]] | None = None
    ) -> None:
        self._handle = handle
        self._sleep = sleep

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        response = self._handle(received(request))
        seconds, expired = _wait(request, response.delay)
        # Yields even when there is nothing to wait for, as a socket would.
        await (self._sleep or async_sleep)(seconds)
        return _sent(request, response, expired, self._sleep)


class _Faulty(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces, or that ends before the length that was announced."""

    # `sleep`: that of the transport, if it has one of its own; blocking or not, as the transport is.
    def __init__(self, request: httpx.Request, response: Response, sleep: Any) -> None:
        self._parts, pause = response.parts()
        self._seconds, self._expired = _wait(request, pause)
        self._sleep = sleep
        self._cut = response.cut_at is not None
        self._error = (
            "peer closed connection without sending complete message body"
            f" (received {sum(map(len, self._parts))} bytes, expected {len(response.body)})"
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


def received(request: httpx.Request) -> Request:
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


def _sent(request: httpx.Request, response: Response, expired: bool, sleep: Any) -> httpx.Response:
    if expired:
        raise httpx.ReadTimeout(TIMED_OUT, request=request)
    if response.dropped:
        raise httpx.RemoteProtocolError(DISCONNECTED, request=request)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    whole = response.cut_at is None and not response.drip and not response.stall
    stream = httpx.ByteStream(response.body) if whole else _Faulty(request, response, sleep)
    return httpx.Response(
        response.status,
        headers=headers,
        stream=stream,
        extensions={"http_version": b"HTTP/1.1", "reason_phrase": PHRASES.get(response.status, "").encode()},
    )
