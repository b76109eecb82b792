"""Transports and HTTP clients of others, of httpx and of httpx2."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
import pytest

import lomi
from lomi import AsyncConnectionPool, AsyncLomiClient
from tests.behaviour._async.doubles import Clock
from tests.fire.server import FaultServer, Received, Wire, answer, each_request
from tests.wire import BASE_URL, TEST_KEY

pytestmark = pytest.mark.anyio
FAMILIES = pytest.mark.parametrize("family", [httpx, httpx2])
ME = lomi.Request("GET", lomi.path("/me"), dict)
DELETE = lomi.Request("DELETE", lomi.path("/customers/c"), type(None))
CREATE = lomi.Request("POST", lomi.path("/customers"), dict, body={"name": "A"})


def echo(wire: Wire, received: Received) -> None:
    wire.send(answer(200, {"id": "c", "method": received.method, "body": received.body.decode()}))


@FAMILIES
@pytest.mark.parametrize("way", ["transport", "http_client"])
async def test_calls_over_sockets(family: Any, way: str) -> None:
    seen: list[Received] = []

    def serve(wire: Wire, received: Received) -> None:
        seen.append(received)
        echo(wire, received)

    with FaultServer(each_request(serve)) as server:
        async with family.AsyncClient() as http_client, family.AsyncHTTPTransport() as transport:
            options: Any = {"transport": transport} if way == "transport" else {"http_client": http_client}
            client = AsyncLomiClient(TEST_KEY, base_url=f"{server.url}/v1", **options)
            assert (await client.send(ME))["method"] == "GET"
            assert (await client.send(CREATE))["body"] == '{"name":"A"}'
            await client.send(DELETE)
            # Neither is closed by the client.
            await client.aclose()
            with pytest.raises(lomi.LomiConfigurationError, match="this client is closed"):
                await client.send(ME)
            again = AsyncLomiClient(TEST_KEY, base_url=server.url, **options)
            assert (await again.send(ME))["method"] == "GET"
    assert [each.target for each in seen] == ["/v1/me", "/v1/customers", "/v1/customers/c", "/me"]
    for each in seen:
        assert each.headers["x-api-key"] == TEST_KEY
        assert "transfer-encoding" not in each.headers
        assert ("content-length" in each.headers) == (each.method == "POST")
        assert each.headers["accept-encoding"] == "gzip"


@FAMILIES
async def test_errors_are_those_of_the_family(family: Any) -> None:
    for error, kind, outcome in (
        (family.ConnectError("refused"), lomi.LomiConnectionError, "not_sent"),
        (family.ConnectTimeout("slow"), lomi.LomiTimeoutError, "not_sent"),
        (family.ReadTimeout("slow"), lomi.LomiTimeoutError, "unknown"),
        (family.ReadError("reset"), lomi.LomiConnectionError, "unknown"),
        (family.RemoteProtocolError("nonsense"), lomi.LomiConnectionError, "unknown"),
    ):

        class Transport(family.AsyncBaseTransport):  # type: ignore[misc]
            async def handle_async_request(self, request: Any, error: Exception = error) -> Any:
                raise error

        async with family.AsyncClient(transport=Transport()) as http_client:
            for options in ({"transport": Transport()}, {"http_client": http_client}):
                client = AsyncLomiClient(TEST_KEY, max_retries=0, **options)  # type: ignore[arg-type]
                with pytest.raises(lomi.LomiConnectionError, match=str(error)) as caught:
                    await client.send(CREATE)
                assert (type(caught.value), caught.value.outcome) == (kind, outcome)


@pytest.mark.parametrize("read", [True, False])
@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol]
)
async def test_whether_it_was_sent_is_told_by_the_body(error: type[httpx.TransportError], read: bool) -> None:
    """Some transports call a connection that was lost one that was never made."""
    requests: list[httpx.Request] = []

    class Transport(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            requests.append(request)
            if read:
                await request.aread()
            raise error("no connection")

    client = AsyncLomiClient(TEST_KEY, transport=Transport(), max_retries=1)
    Clock(client)
    with pytest.raises(lomi.LomiConnectionError) as caught:
        await client.send(CREATE)
    once = read or error is httpx.UnsupportedProtocol
    assert (caught.value.outcome, len(requests)) == ("unknown" if read else "not_sent", 1 if once else 2)
    # A deletion has no body to tell by, and a read needs none.
    with pytest.raises(lomi.LomiConnectionError) as caught:
        await client.send(DELETE)
    assert caught.value.outcome == "unknown"
    with pytest.raises(lomi.LomiConnectionError) as caught:
        await client.send(ME)
    assert caught.value.outcome == "not_sent"


async def test_both_are_too_many() -> None:
    async with httpx.AsyncClient() as http_client, AsyncConnectionPool() as pool:
        with pytest.raises(lomi.LomiConfigurationError, match="pass one of them"):
            AsyncLomiClient(TEST_KEY, transport=pool, http_client=http_client)


async def test_a_pool_that_is_shared() -> None:
    with FaultServer(each_request(echo)) as server:
        async with AsyncConnectionPool() as pool:
            async with AsyncLomiClient(TEST_KEY, base_url=server.url, transport=pool) as client:
                assert client.transport is pool
                await client.send(ME)
            assert not pool.is_closed
            async with httpx.AsyncClient(transport=pool) as http_client:
                await http_client.get(server.url)
                assert server.connections == 1


async def test_a_response_that_a_hook_has_read() -> None:
    async def read(response: httpx.Response) -> None:
        await response.aread()

    with FaultServer(each_request(echo)) as server:
        async with httpx.AsyncClient(event_hooks={"response": [read]}) as http_client:
            client = AsyncLomiClient(TEST_KEY, base_url=server.url, http_client=http_client)
            assert (await client.send(ME))["id"] == "c"


async def test_urls_that_go_out() -> None:
    seen: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json={"id": "c", "customers": [], "pagination": {}})

    client = AsyncLomiClient(TEST_KEY, transport=httpx.MockTransport(respond))
    await client.customers.get("a/b c?d#é")
    await client.with_options(extra_query={"expand": "a b"}).send(ME)
    assert seen == [f"{BASE_URL}/customers/a%2Fb%20c%3Fd%23%C3%A9", f"{BASE_URL}/me?expand=a+b"]
