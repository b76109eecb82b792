"""The pool as the transport of an httpx client of one's own."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

import lomi
from lomi import AsyncConnectionPool
from tests.fire.server import FaultServer, Received, Wire, answer, each_request

pytestmark = pytest.mark.anyio


class Served:
    """Answers by path, and keeps what arrived."""

    def __init__(self) -> None:
        self.requests: list[Received] = []

    def __call__(self, wire: Wire, received: Received) -> None:
        self.requests.append(received)
        if received.target == "/redirect":
            wire.send(answer(302, b"", {"Location": "/there?a=b"}))
        elif received.target == "/hang":
            wire.hang()
        elif received.target == "/chunks":
            wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in range(3):
                wire.send(b"3\r\nno%d\r\n" % number)
            wire.send(b"0\r\n\r\n")
        elif received.method == "HEAD":
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        elif received.target == "/large":
            wire.send(answer(200, b"x" * 300_000))
        elif received.target == "/bodiless":
            wire.send(b"HTTP/1.1 204 No Content\r\n\r\n")
        else:
            wire.send(answer(200, {"target": received.target, "body": received.body.decode()}))


@pytest.fixture
def served() -> Served:
    return Served()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_connections_are_kept_over_every_kind_of_response(
    scheme: str, served: Served, trusted: ssl.SSLContext
) -> None:
    with FaultServer(each_request(served), tls=trusted if scheme == "https" else None) as server:
        async with httpx.AsyncClient(transport=AsyncConnectionPool(), base_url=server.url) as client:
            assert (await client.get("/a?b=c%20d")).json()["target"] == "/a?b=c%20d"
            assert json.loads((await client.post("/a", json={"x": 1})).json()["body"]) == {"x": 1}
            assert (await client.head("/a")).headers["Content-Length"] == "1000"
            assert (await client.get("/bodiless")).status_code == 204
            assert (await client.get("/chunks")).text == "no0no1no2"
            assert len((await client.get("/large")).content) == 300_000
            response = await client.get("/redirect", follow_redirects=True)
            assert (response.json()["target"], len(response.history)) == ("/there?a=b", 1)
            assert response.extensions["http_version"] == b"HTTP/1.1"
            assert response.elapsed.total_seconds() > 0
    assert server.connections == 1


async def test_bodies_that_are_streamed(served: Served) -> None:
    def chunked(wire: Wire) -> None:
        seen = b""
        while not seen.endswith(b"0\r\n\r\n"):
            seen += wire.read()
        arrived.append(seen)
        wire.send(answer(200, {}))

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    arrived: list[bytes] = []
    with FaultServer(chunked) as server:
        async with httpx.AsyncClient(transport=AsyncConnectionPool()) as client:
            assert (await client.post(server.url, content=pieces())).status_code == 200
    assert arrived[0].endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
    with FaultServer(each_request(served)) as server:
        async with httpx.AsyncClient(transport=AsyncConnectionPool()) as client:
            async with client.stream("GET", f"{server.url}/chunks") as response:
                assert b"".join([piece async for piece in response.aiter_bytes()]) == b"no0no1no2"
            async with client.stream("GET", f"{server.url}/chunks") as response:
                assert [line async for line in response.aiter_lines()] == ["no0no1no2"]
    assert server.connections == 1


async def test_a_response_that_is_closed_early_gives_its_connection_up(served: Served) -> None:
    with FaultServer(each_request(served)) as server:
        async with AsyncConnectionPool(max_connections=1) as pool:
            for number in range(3):
                response = await pool.handle_async_request(httpx.Request("GET", f"{server.url}/large"))
                assert (await anext(aiter(response.stream))).startswith(b"x")  # type: ignore[arg-type]
                await response.aclose()
                assert (server.connections, pool.connections()) == (number + 1, 0)


@pytest.mark.parametrize(
    ("timeout", "path", "error"),
    [
        (httpx.Timeout(5, read=0.05), "/hang", httpx.ReadTimeout),
        (httpx.Timeout(5, pool=0.05), "/held", httpx.PoolTimeout),
        (httpx.Timeout(5, pool=0), "/held", httpx.PoolTimeout),
    ],
)
async def test_timeouts_of_the_client(served: Served, timeout: httpx.Timeout, path: str, error: Any) -> None:
    with FaultServer(each_request(served)) as server:
        pool = AsyncConnectionPool(max_connections=1)
        if True:
            async with httpx.AsyncClient(transport=pool, base_url=server.url, timeout=timeout) as client:
                if path == "/held":
                    async with client.stream("GET", "/large"):
                        with pytest.raises(error):
                            await client.get("/")
                else:
                    with pytest.raises(error):
                        await client.get(path)
                assert (await client.get("/", timeout=5)).status_code == 200


async def test_the_clients_timeout_for_connecting() -> None:
    with FaultServer(Wire.hang) as server:
        timeout = httpx.Timeout(30, connect=0.05)
        async with httpx.AsyncClient(transport=AsyncConnectionPool(), timeout=timeout) as client:
            # TLS is part of connecting.
            with pytest.raises(httpx.ConnectTimeout):
                await client.get(server.url.replace("http:", "https:"))


async def test_what_a_requests_own_stream_raises_comes_through(served: Served) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"one"
        raise LookupError("mine")

    with FaultServer(each_request(served)) as server:
        async with AsyncConnectionPool(max_connections=1) as pool, httpx.AsyncClient(transport=pool) as client:
            for _ in range(2):
                with pytest.raises(LookupError, match="mine"):
                    await client.post(server.url, content=broken(), headers={"Content-Length": "10"})
            assert (await client.get(server.url)).status_code == 200


async def test_a_deadline_for_the_whole_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0

    def drip(wire: Wire) -> None:
        nonlocal now
        wire.read_request()
        now += 60
        wire.drip(answer(200, b"x" * 10_000), 0.001)

    with FaultServer(drip) as server:
        async with AsyncConnectionPool() as pool:
            monkeypatch.setattr(pool.backend, "monotonic", lambda: now)
            request = httpx.Request("GET", server.url, extensions={"deadline": now + 30})
            with pytest.raises(httpx.ReadTimeout):
                await (await pool.handle_async_request(request)).aread()
            with pytest.raises(httpx.ConnectTimeout):
                await pool.handle_async_request(request)
            assert pool.connections() == 0


async def test_what_cannot_be_sent(served: Served) -> None:
    with FaultServer(each_request(served)) as server:
        async with AsyncConnectionPool() as pool:
            request = httpx.Request("GET", server.url, headers=[(b"X", b"a\r\nb")])
            with pytest.raises(httpx.LocalProtocolError):
                await pool.handle_async_request(request)
    assert served.requests == []


async def test_many_origins_through_one_pool(served: Served) -> None:
    with FaultServer(each_request(served)) as one, FaultServer(each_request(served)) as other:
        async with AsyncConnectionPool() as pool, httpx.AsyncClient(transport=pool) as client:
            for url in (one.url, other.url, one.url, other.url):
                await client.get(url)
            assert (pool.connections(), one.connections, other.connections) == (2, 1, 1)


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1", "http://", "http://a..b:80"])
def test_a_proxy_that_is_none(proxy: str) -> None:
    with pytest.raises(lomi.LomiConfigurationError, match="proxy"):
        AsyncConnectionPool(proxy=proxy)


async def test_plain_http_through_a_proxy(served: Served) -> None:
    with FaultServer(each_request(served)) as proxy:
        pool = AsyncConnectionPool(proxy=proxy.url.replace("//", "//ada:s3cret@"))
        async with httpx.AsyncClient(transport=pool) as client:
            for _ in range(2):
                response = await client.get("http://api.example/me")
                assert response.json()["target"] == "http://api.example/me"
        assert proxy.connections == 1
    assert served.requests[0].headers["proxy-authorization"].startswith("Basic ")
