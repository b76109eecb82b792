"""A server that sends without pause must not keep the event loop to itself."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import httpx
import pytest

import lomi
from tests.fire.server import FaultServer, Wire
from tests.wire import TEST_KEY

from ._async.conftest import trusted

__all__ = ["trusted"]

pytestmark = pytest.mark.anyio
# One chunk of one byte; many in one piece.
CHUNKS = b"1\r\nx\r\n" * 5000
# The pool offers a turn after 64 chunks; trio may give it to the same task again.
MOST = 130


def endless(data: bytes) -> Callable[[Wire], None]:
    def serve(wire: Wire) -> None:
        wire.read_request()
        wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not wire.stopping.is_set():
            wire.send(data)

    return serve


@asynccontextmanager
async def counting_turns() -> AsyncIterator[list[int]]:
    """Give a list whose only item counts how often the loop got to another task."""
    turns = [0]

    async def count() -> None:
        while True:
            await anyio.lowlevel.checkpoint()
            turns[0] += 1

    async with anyio.create_task_group() as group:
        group.start_soon(count)
        yield turns
        group.cancel_scope.cancel()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("data", [CHUNKS, b"8000\r\n" + b"x" * 0x8000 + b"\r\n"], ids=["small", "large"])
async def test_other_tasks_get_their_turn_while_a_body_arrives(
    data: bytes, scheme: str, trusted: ssl.SSLContext
) -> None:
    with FaultServer(endless(data), tls=trusted if scheme == "https" else None) as server:
        async with counting_turns() as turns, lomi.AsyncConnectionPool() as pool:
            response = await pool.handle_async_request(httpx.Request("GET", server.url))
            seen, in_a_row, longest, count = turns[0], 0, 0, 0
            async for _ in response.stream:  # type: ignore[union-attr]
                count += 1
                in_a_row = in_a_row + 1 if turns[0] == seen else 0
                seen, longest = turns[0], max(longest, in_a_row)
                if count == 20 * MOST:
                    break
            await response.aclose()
    assert longest <= MOST


async def test_other_tasks_get_their_turn_while_a_head_arrives() -> None:
    def interim(wire: Wire) -> None:
        wire.read_request()
        while not wire.stopping.is_set():
            wire.send(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000)

    with FaultServer(interim) as server:
        async with counting_turns() as turns, lomi.AsyncLomiClient(TEST_KEY, base_url=server.url) as client:
            with pytest.raises(lomi.LomiResponseError, match="too large"):
                await client.customers.get("c")
            # 512 KiB in pieces of 16 KiB, and a turn at least after each eighth.
            assert turns[0] >= 4


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.timeout is new in 3.11")
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_timeout_of_the_callers_own_is_kept(anyio_backend: str) -> None:
    with FaultServer(endless(CHUNKS)) as server:
        async with lomi.AsyncLomiClient(TEST_KEY, base_url=server.url, timeout=None) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.customers.get("c")
            assert client.transport.connections() == 0  # type: ignore[attr-defined]


async def test_a_call_that_is_cancelled_while_a_body_arrives() -> None:
    with FaultServer(endless(CHUNKS)) as server:
        async with lomi.AsyncLomiClient(TEST_KEY, base_url=server.url, timeout=None) as client:
            ended = False
            with anyio.move_on_after(0.1):
                await client.customers.get("c")
                ended = True
            assert not ended
            assert client.transport.connections() == 0  # type: ignore[attr-defined]
