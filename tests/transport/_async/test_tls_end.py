"""TLS that the server ends politely, with close_notify: a lost connection all the same."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

import lomi
from lomi import AsyncLomiClient
from tests.fire.server import FaultServer, Wire, answer
from tests.wire import TEST_KEY

pytestmark = pytest.mark.anyio
ME = lomi.Request("GET", lomi.path("/me"), dict)
FINE = answer(200, {"id": "c", "customer_id": "c"})


class Ending:
    """Answers the first request of the first connection, ends that connection at its second, and answers on."""

    def __init__(self, part: bytes) -> None:
        self.part = part
        self.requests: list[str] = []

    def __call__(self, wire: Wire) -> None:
        first = not self.requests
        while (received := wire.read_request()) is not None:
            self.requests.append(received.method)
            if first and len(self.requests) == 2:
                wire.send(self.part)
                wire.sock.unwrap()  # type: ignore[attr-defined]
                return
            wire.send(FINE)


PARTS = {
    "before the response": b"",
    "in the head": FINE[:20],
    "in the body": FINE[:-5],
    "between two chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
}


@pytest.mark.parametrize("part", PARTS)
async def test_a_read_is_repeated(part: str, trusted: ssl.SSLContext) -> None:
    ending = Ending(PARTS[part])
    with FaultServer(ending, tls=trusted) as server:
        async with AsyncLomiClient(TEST_KEY, base_url=server.url, timeout=10) as client:
            client.backend.random = lambda: 0.0
            for _ in range(2):
                assert (await client.send(ME))["id"] == "c"
            assert (ending.requests, server.connections) == (["GET"] * 3, 2)


@pytest.mark.parametrize("part", PARTS)
async def test_a_create_is_unknown(part: str, trusted: ssl.SSLContext) -> None:
    ending = Ending(PARTS[part])
    with FaultServer(ending, tls=trusted) as server:
        async with AsyncLomiClient(TEST_KEY, base_url=server.url, timeout=10) as client:
            await client.send(ME)
            with pytest.raises(lomi.LomiConnectionError) as caught:
                await client.customers.create(name="A")
    assert (type(caught.value), caught.value.outcome) == (lomi.LomiConnectionError, "unknown")
    assert ending.requests == ["GET", "POST"]


async def test_a_connection_that_was_ended_while_idle_is_not_used(trusted: ssl.SSLContext) -> None:
    def once(wire: Wire) -> None:
        wire.read_request()
        wire.send(answer(200, {}, {"Connection": "keep-alive"}))
        wire.sock.unwrap()  # type: ignore[attr-defined]

    with FaultServer(once, tls=trusted) as server:
        async with AsyncLomiClient(TEST_KEY, base_url=server.url, timeout=10, max_retries=5) as client:
            client.backend.random = lambda: 0.0
            for _ in range(5):
                assert await client.send(ME) == {}


async def test_what_ends_with_the_connection(trusted: ssl.SSLContext) -> None:
    """Without a length, close_notify is what says that the body is complete; a cut is not."""

    def serve(wire: Wire, polite: bool) -> None:
        wire.read_request()
        wire.send(b"HTTP/1.1 200 OK\r\n\r\n{}")
        if polite:
            wire.sock.unwrap()  # type: ignore[attr-defined]

    for polite in (True, False):
        with FaultServer(lambda wire, polite=polite: serve(wire, polite), tls=trusted) as server:  # type: ignore[misc]
            async with AsyncLomiClient(TEST_KEY, base_url=server.url, timeout=10, max_retries=0) as client:
                result: Any
                try:
                    result = await client.send(ME)
                except lomi.LomiConnectionError as error:
                    result = error.outcome
        assert result == ({} if polite else "unknown")
