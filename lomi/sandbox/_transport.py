"""The sandbox as an httpx transport: no socket, and the failures of one all the same."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

import anyio
import httpx

from ._http import PHRASES, Request, Response

DISCONNECTED: Final = "Server disconnected without sending a response."

# Replaced by tests, which do not wait.
sleep = time.sleep
async_sleep = anyio.sleep


class SandboxTransport(httpx.BaseTransport):
    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        answer = self._handle(_received(request))
        seconds, expired = _wait(request, answer)
        if seconds:
            sleep(seconds)
        return _sent(request, answer, expired)


class AsyncSandboxTransport(httpx.AsyncBaseTransport):
    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        answer = self._handle(_received(request))
        seconds, expired = _wait(request, answer)
        # Yields even when there is nothing to wait for, as a socket would.
        await async_sleep(seconds)
        return _sent(request, answer, expired)


class _Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that ends before the length that was announced."""

    def __init__(self, body: bytes, announced: int) -> None:
        self._body = body
        self._error = (
            "peer closed connection without sending complete message body"
            f" (received {len(body)} bytes, expected {announced})"
        )

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        raise httpx.RemoteProtocolError(self._error)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


def _received(request: httpx.Request) -> Request:
    return Request(
        method=request.method,
        target=request.url.raw_path.decode("latin-1"),
        headers=tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in request.headers.raw),
        body=request.content,
    )


def _wait(request: httpx.Request, answer: Response) -> tuple[float, bool]:
    """How long to wait, and whether the client's read timeout ends it."""
    timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
    patience = timeouts.get("read")
    if patience is not None and answer.delay > patience:
        return patience, True
    return answer.delay, False


def _sent(request: httpx.Request, answer: Response, expired: bool) -> httpx.Response:
    if expired:
        raise httpx.ReadTimeout("timed out", request=request)
    if answer.dropped:
        raise httpx.RemoteProtocolError(DISCONNECTED, request=request)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    stream = (
        httpx.ByteStream(answer.body) if answer.cut_at is None else _Cut(answer.body[: answer.cut_at], len(answer.body))
    )
    return httpx.Response(
        answer.status,
        headers=headers,
        stream=stream,
        extensions={"http_version": b"HTTP/1.1", "reason_phrase": PHRASES.get(answer.status, "").encode()},
    )
