"""The pool of connections: what happens to them beside being used."""

from __future__ import annotations

import math
import socket
from typing import Any

import httpcore
import httpx
import pytest

import lomi
from lomi import AsyncConnectionPool, AsyncLomiClient
from lomi._async.transport.network import AsyncNetworkBackend
from lomi._async.transport.pool import reset_pools_after_fork
from lomi._backends.anyio import AsyncBackend
from tests.fire.server import FaultServer, answer, each_request
from tests.wire import TEST_KEY

pytestmark = pytest.mark.anyio
ME = lomi.Request("GET", lomi.path("/me"), dict)
fine = each_request(lambda wire, _: wire.send(answer(200, {})))


async def test_after_a_fork_no_connection_of_the_parent_is_used() -> None:
    with FaultServer(fine) as server:
        async with AsyncLomiClient(TEST_KEY, base_url=server.url) as client:
            await client.send(ME)
            assert client.transport.connections() == 1
            reset_pools_after_fork()
            assert client.transport.connections() == 0
            await client.send(ME)
            assert server.connections == 2


async def test_a_loop_that_is_over_takes_its_connections_along() -> None:
    class Loops(AsyncBackend):
        """Runs in whatever loop it is told to, and is told which are over."""

        current, over = "first", ""

        def loop(self) -> Any:
            return self.current

        def is_over(self, loop: Any) -> bool:
            return bool(loop == self.over)

    backend = Loops()
    with FaultServer(fine) as server:
        async with AsyncLomiClient(
            TEST_KEY, base_url=server.url, transport=AsyncConnectionPool(backend=backend)
        ) as client:
            for backend.current, backend.over, left in (("first", "", 1), ("second", "", 2), ("third", "first", 2)):
                await client.send(ME)
                assert client.transport.connections() == left
            now = backend.monotonic() + 10
            backend.monotonic = lambda: now
            backend.current = "fourth"
            await client.with_options(timeout=None).send(ME)
            assert client.transport.connections() == 1
            await client.transport.aclose()
            assert client.transport.connections() == 0


async def test_a_connection_that_cannot_be_made_leaves_its_place() -> None:
    class Broken(AsyncBackend):
        async def resolve(self, host: str, port: int, seconds: float | None) -> Any:
            raise KeyboardInterrupt

    pool = AsyncConnectionPool(max_connections=1, backend=Broken())
    async with AsyncLomiClient(TEST_KEY, base_url="http://127.0.0.1:1", transport=pool, timeout=5) as client:
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                await client.send(ME)
        assert pool.connections() == 0


@pytest.mark.parametrize("name", ["SSLKEYLOGFILE", "SSL_CERT_FILE"])
async def test_a_file_of_the_environment_that_cannot_be_used(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    from lomi._backends import proxies

    monkeypatch.setenv(name, str(tmp_path / "missing" / "file"))
    proxies.ssl_context.cache_clear()
    pool = AsyncConnectionPool(max_connections=1)
    async with AsyncLomiClient(TEST_KEY, base_url="https://127.0.0.1:1", transport=pool, timeout=5) as client:
        for _ in range(3):
            with pytest.raises(lomi.LomiConfigurationError, match=name) as caught:
                await client.customers.create(name="A")
            assert (caught.value.outcome, caught.value.attempts) == ("not_sent", 1)
    proxies.ssl_context.cache_clear()


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example"])
async def test_labels_that_no_host_name_has(host: str) -> None:
    with pytest.raises(lomi.LomiConfigurationError, match="base_url"):
        AsyncLomiClient(TEST_KEY, base_url=f"https://{host}")
    async with httpx.AsyncClient(transport=AsyncConnectionPool()) as client:
        with pytest.raises(httpx.ConnectError, match="does not resolve"):
            await client.get(f"http://{host}/")


async def test_what_is_neither_http_nor_https() -> None:
    async with httpx.AsyncClient(transport=AsyncConnectionPool()) as client:
        with pytest.raises(httpx.UnsupportedProtocol):
            await client.get("ftp://127.0.0.1/")


async def test_a_response_that_is_too_large() -> None:
    large = answer(200, b"x" * 200_000)
    with FaultServer(each_request(lambda wire, _: wire.send(large))) as server:
        async with httpx.AsyncClient(transport=AsyncConnectionPool(max_response_size=1000)) as client:
            with pytest.raises(lomi.MalformedResponseError, match="too large"):
                await client.get(server.url)


async def test_what_a_network_counts() -> None:
    network = AsyncNetworkBackend(AsyncBackend(), tls_layers=0, connect_timeout=1)
    assert network.is_stale()
    assert not network.is_connected()
    network.close()
    network.start(math.inf, 3)
    assert network.remaining() is None
    network.count_received(b"123")
    with pytest.raises(httpcore.RemoteProtocolError, match="too large"):
        network.count_received(b"4")


async def test_a_response_that_is_too_long_to_keep_costs_its_connection() -> None:
    long = answer(200, {"text": "x" * 1_100_000})
    with FaultServer(each_request(lambda wire, _: wire.send(long))) as server:
        async with AsyncLomiClient(TEST_KEY, base_url=server.url) as client:
            for _ in range(2):
                assert len((await client.send(ME))["text"]) == 1_100_000
            assert server.connections == 2


async def test_a_socket_that_is_no_more() -> None:
    """A socket that was closed under a connection, as a library that closes all descriptors does."""
    with FaultServer(fine) as server:
        async with AsyncConnectionPool() as pool:
            for number in (1, 2):
                response = await pool.handle_async_request(httpx.Request("GET", server.url))
                await response.aread()
                sock: socket.socket = response.extensions["network_stream"].get_extra_info("socket")
                await response.aclose()
                sock.close()
                assert server.connections == number
