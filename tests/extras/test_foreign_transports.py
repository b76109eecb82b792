"""httpx-aiohttp's and pyreqwest's httpx transports as `transport=`: the same guarantees, above all about what was sent."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

import lomi
from lomi.sandbox import Sandbox
from tests.fire.server import FaultServer, Received, Wire, answer, each_request
from tests.wire import TEST_KEY

pytestmark = pytest.mark.anyio
OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"id": "c1"}'
CREATE = lomi.Request("POST", lomi.path("/customers"), dict, body={"name": "Awa"})


def _aiohttp() -> httpx.AsyncBaseTransport:
    return pytest.importorskip("httpx_aiohttp").AiohttpTransport()


def _pyreqwest() -> httpx.AsyncBaseTransport:
    client = pytest.importorskip("pyreqwest.client")
    # By default it follows redirects, with the key.
    own = client.ClientBuilder().follow_redirects(False).build()
    transport: Any = pytest.importorskip("pyreqwest.compatibility.httpx.transport").HttpxTransport(own)
    return transport  # type: ignore[no-any-return]


@pytest.fixture(params=[_aiohttp, _pyreqwest], ids=["aiohttp", "pyreqwest"])
def make(request: pytest.FixtureRequest) -> Callable[[], httpx.AsyncBaseTransport]:
    return request.param


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def calling(make: Callable[[], Any], url: str, **options: Any) -> AsyncIterator[lomi.AsyncLomiClient]:
    async with make() as transport:
        yield lomi.AsyncLomiClient(TEST_KEY, base_url=url, transport=transport, **options)


@pytest.mark.parametrize("dialect", ["docs", "server"])
async def test_a_customers_life(make: Any, dialect: Any) -> None:
    with Sandbox(dialect).serve() as server:
        async with make() as transport:
            client = lomi.AsyncLomiClient(server.api_key, base_url=server.url, transport=transport)
            customer = await client.customers.create(name="Awa Diop", metadata={"vip": True})
            assert await client.customers.get(customer.id) == customer
            assert (await client.customers.update(customer.id, city="Thiès")).city == "Thiès"
            await client.customers.delete(customer.id)
            with pytest.raises(lomi.LomiNotFoundError) as caught:
                await client.customers.get(customer.id)
            assert caught.value.attempts == 1


async def test_nothing_but_our_headers_is_sent(make: Any) -> None:
    seen: list[Received] = []

    def serve(wire: Wire, received: Received) -> None:
        seen.append(received)
        wire.send(OK)

    ours = {"accept", "accept-encoding", "host", "user-agent", "x-api-key", "x-request-id"}
    with FaultServer(each_request(serve)) as server:
        async with calling(make, server.url) as client:
            await client.customers.get("c1")
            await client.send(CREATE)
            await client.customers.delete("c1")
        assert server.connections == 1
    assert seen[0].headers.keys() == ours
    assert seen[1].headers.keys() == {*ours, "content-type", "content-length"}
    assert seen[1].body == b'{"name":"Awa"}'
    # httpx-aiohttp gives every DELETE a length, of nothing.
    assert seen[2].headers.keys() - {"content-length", "content-type"} == ours
    assert seen[2].headers.get("content-length", "0") == "0"


async def test_a_refused_connection_sent_nothing(make: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    async with calling(make, url, max_retries=0) as client:
        with pytest.raises(lomi.LomiConnectionError) as caught:
            await client.send(CREATE)
    assert caught.value.outcome == "not_sent"


ENDS: dict[str, tuple[Callable[[Wire], object], type[lomi.LomiError]]] = {
    "close": (lambda wire: None, lomi.LomiConnectionError),
    "reset": (Wire.reset, lomi.LomiConnectionError),
    "silence": (Wire.hang, lomi.LomiTimeoutError),
    "no HTTP at all": (lambda wire: wire.send(b"no HTTP at all\r\n\r\n"), lomi.LomiConnectionError),
    "half a body": (lambda wire: wire.send(OK[:-5]), lomi.LomiConnectionError),
    "not gzip": (
        lambda wire: wire.send(OK.replace(b" 12\r\n", b" 12\r\nContent-Encoding: gzip\r\n")),
        lomi.LomiResponseError,
    ),
}


@pytest.mark.parametrize("name", ENDS)
async def test_a_create_whose_response_is_lost_is_not_sent_again(make: Any, name: str) -> None:
    end, kind = ENDS[name]
    requests: list[Received] = []

    def serve(wire: Wire) -> None:
        while (received := wire.read_request()) is not None:
            requests.append(received)
            end(wire)
            return

    with FaultServer(serve) as server:
        async with calling(make, server.url, timeout=0.5) as client:
            with pytest.raises(lomi.LomiError) as caught:
                await client.send(CREATE)
    assert (caught.value.outcome, len(requests)) == ("unknown", 1)
    # pyreqwest decompresses by itself.
    assert isinstance(caught.value, kind if make is _aiohttp else lomi.LomiConnectionError)


async def test_a_call_that_is_cancelled_takes_its_connection_along(make: Any) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def serve(wire: Wire, received: Received) -> None:
        loop.call_soon_threadsafe(asked.set)
        if received.target == "/customers/hang":
            wire.hang()
        else:
            wire.send(OK)

    with FaultServer(each_request(serve)) as server:
        async with calling(make, server.url, timeout=None) as client:
            task = asyncio.create_task(client.customers.get("hang"))
            await asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await client.customers.get("c1")).id == "c1"
        assert server.connections == 2


async def test_redirects_are_not_followed(make: Any) -> None:
    with FaultServer(each_request(lambda wire, _: wire.send(answer(302, b"", {"Location": "/elsewhere"})))) as server:
        async with calling(make, server.url) as client:
            with pytest.raises(lomi.LomiResponseError, match="302 redirect"):
                await client.customers.get("c1")


def test_pyreqwest_without_a_loop() -> None:
    transport: Any = pytest.importorskip("pyreqwest.compatibility.httpx.transport").SyncHttpxTransport()
    with FaultServer(each_request(lambda wire, _: wire.send(OK))) as server, transport:
        client = lomi.LomiClient(TEST_KEY, base_url=server.url, transport=transport)
        assert client.customers.get("c1").id == "c1"
        assert client.send(CREATE) == {"id": "c1"}
