"""Calls over aiohttp: the same promises, above all about what may have been sent."""

from __future__ import annotations

import asyncio
import importlib
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from lomi.aiohttp import AiohttpClient

import lomi
from lomi.sandbox import Sandbox
from tests.wire import TEST_KEY

pytestmark = pytest.mark.anyio
OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"id": "c1"}'
CLOSE, SILENCE = b"", b"..."


@pytest.fixture
def anyio_backend():
    return "asyncio"


class Server:
    """Answers requests with what it is given, one after the other over all connections, and counts."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.connections = 0
        self.asked = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                self.asked.set()
                answer = self.answers.pop(0)
                if answer == CLOSE:
                    break
                if answer == SILENCE:
                    await reader.read()
                    break
                writer.write(answer)
        except asyncio.IncompleteReadError:
            pass
        writer.close()


@asynccontextmanager
async def calling(*answers: bytes, **options: object) -> AsyncIterator[tuple[lomi.AsyncLomiClient, Server]]:
    scripted = Server(*answers)
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with AiohttpClient() as http_client:
        yield lomi.AsyncLomiClient(TEST_KEY, base_url=url, http_client=http_client, **options), scripted
    server.close()


@pytest.mark.parametrize("dialect", ["docs", "server"])
async def test_a_customers_life(dialect):
    with Sandbox(dialect).serve() as server:
        async with AiohttpClient() as http_client:
            client = lomi.AsyncLomiClient(server.api_key, base_url=server.url, http_client=http_client)
            customer = await client.customers.create(name="Awa Diop", metadata={"vip": True})
            assert await client.customers.get(customer.id) == customer
            assert (await client.customers.update(customer.id, city="Thiès")).city == "Thiès"
            await client.customers.delete(customer.id)
            with pytest.raises(lomi.LomiNotFoundError) as caught:
                await client.customers.get(customer.id)
            assert caught.value.attempts == 1
            # What is not a call of ours goes over httpx.
            assert (await http_client.get(server.url + "/customers")).status_code == 401


def test_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "lomi.aiohttp")
    with pytest.raises(ImportError, match=r'lomi\.aiohttp needs aiohttp: pip install "lomi\[aiohttp\]"'):
        importlib.import_module("lomi.aiohttp")


def test_it_belongs_to_the_loop_of_its_first_call():
    http_client = AiohttpClient()

    async def call(server):
        client = lomi.AsyncLomiClient(server.api_key, base_url=server.url, http_client=http_client)
        return len((await client.customers.list(page_size=1)).customers)

    first = asyncio.new_event_loop()
    with Sandbox().serve() as server:
        with pytest.raises(lomi.LomiConfigurationError, match="needs asyncio"):
            anyio.run(call, server, backend="trio")
        assert first.run_until_complete(call(server)) == 1
        for backend in ("asyncio", "trio"):
            with pytest.raises(lomi.LomiConfigurationError, match="belongs to another event loop"):
                anyio.run(call, server, backend=backend)
        assert first.run_until_complete(call(server)) == 1
        first.run_until_complete(http_client.aclose())
    first.close()


async def test_one_connection_serves_calls_one_after_the_other():
    async with calling(OK, OK, OK) as (client, server):
        for _ in range(3):
            await client.customers.get("c1")
    assert server.connections == 1


async def test_nothing_but_our_headers_is_sent():
    async with calling(OK) as (client, server):
        await client.customers.get("c1")
    lines = server.requests[0].decode().split("\r\n")
    assert lines[0] == "GET /customers/c1 HTTP/1.1"
    assert sorted(line.split(":")[0].lower() for line in lines[1:-2]) == [
        "accept", "accept-encoding", "host", "user-agent", "x-api-key", "x-request-id",
    ]  # fmt: skip


async def test_a_refused_connection_sent_nothing():
    async with AiohttpClient() as http_client:
        client = lomi.AsyncLomiClient(TEST_KEY, base_url=_closed(), http_client=http_client, max_retries=0)
        with pytest.raises(lomi.LomiConnectionError) as caught:
            await client.customers.create(name="Awa")
    assert caught.value.outcome == "not_sent"


async def test_a_refusing_proxy_sent_nothing():
    async with AiohttpClient(proxy=_closed()) as http_client:
        client = lomi.AsyncLomiClient(TEST_KEY, base_url="http://127.0.0.1:1", http_client=http_client, max_retries=0)
        with pytest.raises(lomi.LomiConnectionError) as caught:
            await client.customers.create(name="Awa")
    assert caught.value.outcome == "not_sent"


async def test_waiting_for_a_connection_sent_nothing():
    scripted = Server(SILENCE)
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with AiohttpClient(max_connections=1) as http_client:
        client = lomi.AsyncLomiClient(TEST_KEY, base_url=url, http_client=http_client, max_retries=0)
        first = asyncio.create_task(client.customers.get("c1"))
        await scripted.asked.wait()
        with pytest.raises(lomi.LomiTimeoutError) as caught:
            await client.with_options(timeout=0.05).customers.create(name="Awa")
        assert caught.value.outcome == "not_sent"
        first.cancel()
    server.close()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (CLOSE, lomi.LomiConnectionError),
        (SILENCE, lomi.LomiTimeoutError),
        (b"no HTTP at all\r\n\r\n", lomi.LomiConnectionError),
        (OK[:-5] + CLOSE, lomi.LomiTimeoutError),
        (OK.replace(b" 12\r\n", b" 12\r\nContent-Encoding: gzip\r\n"), lomi.LomiResponseError),
    ],
)
async def test_a_create_whose_answer_is_lost_is_not_sent_again(answer, kind):
    async with calling(answer, OK, timeout=0.3) as (client, server):
        with pytest.raises(kind) as caught:
            await client.customers.create(name="Awa")
    assert caught.value.outcome == "unknown"
    assert len(server.requests) == 1


async def test_aiohttp_repeats_nothing_by_itself():
    async with calling(OK, CLOSE, OK, max_retries=0) as (client, server):
        await client.customers.get("c1")
        with pytest.raises(lomi.LomiConnectionError):
            await client.customers.delete("c1")
        assert len(server.requests) == 2


async def test_a_call_that_is_cancelled_takes_its_connection_along():
    async with calling(SILENCE, OK, timeout=None) as (client, server):
        task = asyncio.create_task(client.customers.get("c1"))
        await server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await client.customers.get("c1")).id == "c1"
    assert server.connections == 2


async def test_a_closed_one_is_refused():
    async with AiohttpClient() as http_client:
        pass
    client = lomi.AsyncLomiClient(TEST_KEY, http_client=http_client)
    with pytest.raises(lomi.LomiConfigurationError, match="closed"):
        await client.customers.get("c1")
    with pytest.raises(RuntimeError):
        await http_client.get("http://127.0.0.1:1")


def _closed() -> str:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return f"http://127.0.0.1:{sock.getsockname()[1]}"
