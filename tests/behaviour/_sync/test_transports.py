"""Transports and HTTP clients of others, of httpx and of httpx2."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
import pytest

import lomi
from lomi import ConnectionPool, LomiClient
from tests.behaviour._sync.doubles import Clock
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
def test_calls_over_sockets(family: Any, way: str) -> None:
    seen: list[Received] = []

    def serve(wire: Wire, received: Received) -> None:
        seen.append(received)
        echo(wire, received)

    with FaultServer(each_request(serve)) as server:
        with family.Client() as http_client, family.HTTPTransport() as transport:
            options: Any = {"transport": transport} if way == "transport" else {"http_client": http_client}
            client = LomiClient(TEST_KEY, base_url=f"{server.url}/v1", **options)
            assert (client.send(ME))["method"] == "GET"
            assert (client.send(CREATE))["body"] == '{"name":"A"}'
            client.send(DELETE)
            # Neither is closed by the client.
            client.close()
            with pytest.raises(lomi.LomiConfigurationError, match="this client is closed"):
                client.send(ME)
            again = LomiClient(TEST_KEY, base_url=server.url, **options)
            assert (again.send(ME))["method"] == "GET"
    assert [each.target for each in seen] == ["/v1/me", "/v1/customers", "/v1/customers/c", "/me"]
    for each in seen:
        assert each.headers["x-api-key"] == TEST_KEY
        assert "transfer-encoding" not in each.headers
        assert ("content-length" in each.headers) == (each.method == "POST")
        assert each.headers["accept-encoding"] == "gzip"


@FAMILIES
def test_errors_are_those_of_the_family(family: Any) -> None:
    for error, kind, outcome in (
        (family.ConnectError("refused"), lomi.LomiConnectionError, "not_sent"),
        (family.ConnectTimeout("slow"), lomi.LomiTimeoutError, "not_sent"),
        (family.ReadTimeout("slow"), lomi.LomiTimeoutError, "unknown"),
        (family.ReadError("reset"), lomi.LomiConnectionError, "unknown"),
        (family.RemoteProtocolError("nonsense"), lomi.LomiConnectionError, "unknown"),
    ):

        class Transport(family.BaseTransport):  # type: ignore[misc]
            def handle_request(self, request: Any, error: Exception = error) -> Any:
                raise error

        with family.Client(transport=Transport()) as http_client:
            for options in ({"transport": Transport()}, {"http_client": http_client}):
                client = LomiClient(TEST_KEY, max_retries=0, **options)  # type: ignore[arg-type]
                with pytest.raises(lomi.LomiConnectionError, match=str(error)) as caught:
                    client.send(CREATE)
                assert (type(caught.value), caught.value.outcome) == (kind, outcome)


@pytest.mark.parametrize("read", [True, False])
@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol]
)
def test_whether_it_was_sent_is_told_by_the_body(error: type[httpx.TransportError], read: bool) -> None:
    """Some transports call a connection that was lost one that was never made."""
    requests: list[httpx.Request] = []

    class Transport(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            requests.append(request)
            if read:
                request.read()
            raise error("no connection")

    client = LomiClient(TEST_KEY, transport=Transport(), max_retries=1)
    Clock(client)
    with pytest.raises(lomi.LomiConnectionError) as caught:
        client.send(CREATE)
    once = read or error is httpx.UnsupportedProtocol
    assert (caught.value.outcome, len(requests)) == ("unknown" if read else "not_sent", 1 if once else 2)
    # A deletion has no body to tell by, and a read needs none.
    with pytest.raises(lomi.LomiConnectionError) as caught:
        client.send(DELETE)
    assert caught.value.outcome == "unknown"
    with pytest.raises(lomi.LomiConnectionError) as caught:
        client.send(ME)
    assert caught.value.outcome == "not_sent"


def test_both_are_too_many() -> None:
    with httpx.Client() as http_client, ConnectionPool() as pool:
        with pytest.raises(lomi.LomiConfigurationError, match="pass one of them"):
            LomiClient(TEST_KEY, transport=pool, http_client=http_client)


def test_a_pool_that_is_shared() -> None:
    with FaultServer(each_request(echo)) as server:
        with ConnectionPool() as pool:
            with LomiClient(TEST_KEY, base_url=server.url, transport=pool) as client:
                assert client.transport is pool
                client.send(ME)
            assert not pool.is_closed
            with httpx.Client(transport=pool) as http_client:
                http_client.get(server.url)
                assert server.connections == 1


def test_a_response_that_a_hook_has_read() -> None:
    def read(response: httpx.Response) -> None:
        response.read()

    with FaultServer(each_request(echo)) as server:
        with httpx.Client(event_hooks={"response": [read]}) as http_client:
            client = LomiClient(TEST_KEY, base_url=server.url, http_client=http_client)
            assert (client.send(ME))["id"] == "c"


def test_urls_that_go_out() -> None:
    seen: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json={"id": "c", "customers": [], "pagination": {}})

    client = LomiClient(TEST_KEY, transport=httpx.MockTransport(respond))
    client.customers.get("a/b c?d#é")
    client.with_options(extra_query={"expand": "a b"}).send(ME)
    assert seen == [f"{BASE_URL}/customers/a%2Fb%20c%3Fd%23%C3%A9", f"{BASE_URL}/me?expand=a+b"]
