"""What mocking libraries raise and return: always a result, or a LomiError with the right outcome."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

import lomi
from lomi import AsyncLomiClient
from tests.wire import TEST_KEY

pytestmark = pytest.mark.anyio
CREATE = lomi.Request("POST", lomi.path("/customers"), dict, body={"name": "A"})
ME = lomi.Request("GET", lomi.path("/me"), dict)

RAISED: dict[Any, tuple[type[lomi.LomiError], str]] = {
    httpx.ConnectError("x"): (lomi.LomiConnectionError, "not_sent"),
    httpx.ConnectTimeout("x"): (lomi.LomiTimeoutError, "not_sent"),
    httpx.PoolTimeout("x"): (lomi.LomiTimeoutError, "not_sent"),
    httpx.ProxyError("x"): (lomi.LomiConnectionError, "not_sent"),
    httpx.UnsupportedProtocol("x"): (lomi.LomiConnectionError, "not_sent"),
    httpx.LocalProtocolError("x"): (lomi.LomiConnectionError, "not_sent"),
    httpx.ReadTimeout("x"): (lomi.LomiTimeoutError, "unknown"),
    httpx.ReadError("x"): (lomi.LomiConnectionError, "unknown"),
    httpx.WriteError("x"): (lomi.LomiConnectionError, "unknown"),
    httpx.CloseError("x"): (lomi.LomiConnectionError, "unknown"),
    httpx.RemoteProtocolError("x"): (lomi.LomiConnectionError, "unknown"),
    httpx.DecodingError("x"): (lomi.LomiConnectionError, "unknown"),
    httpx.TooManyRedirects("x"): (lomi.LomiConnectionError, "unknown"),
    httpx.InvalidURL("x"): (lomi.LomiConnectionError, "unknown"),
    httpx.StreamConsumed(): (lomi.LomiConnectionError, "unknown"),
    ValueError("x"): (lomi.LomiConnectionError, "unknown"),
    OSError(5, "x"): (lomi.LomiConnectionError, "unknown"),
    TimeoutError("x"): (lomi.LomiTimeoutError, "unknown"),
    AssertionError("x"): (lomi.LomiConnectionError, "unknown"),
}


@pytest.mark.parametrize("raised", RAISED, ids=repr)
async def test_what_respx_is_told_to_raise(api: respx.MockRouter, raised: Exception) -> None:
    kind, outcome = RAISED[raised]
    api.post("/customers").mock(side_effect=raised)
    async with AsyncLomiClient(TEST_KEY, max_retries=0) as client:
        with pytest.raises(lomi.LomiError) as caught:
            await client.send(CREATE)
        assert (type(caught.value), caught.value.outcome) == (kind, outcome)
        assert client.transport.connections() == 0
        # A class, as respx's pages have it.
        api.get("/me").mock(side_effect=httpx.ConnectError)
        with pytest.raises(lomi.LomiConnectionError) as caught:
            await client.send(ME)
        assert caught.value.outcome == "not_sent"


async def test_a_route_that_respx_does_not_know(api: respx.MockRouter) -> None:
    api.get("/elsewhere").respond(200)
    async with AsyncLomiClient(TEST_KEY) as client:
        with pytest.raises(lomi.LomiConnectionError, match="not mocked") as caught:
            await client.send(CREATE)
    # It raises an AssertionError, which says nothing about what was sent.
    assert (caught.value.outcome, caught.value.attempts) == ("unknown", 1)
    api.reset()
    api._assert_all_called = False


@pytest.mark.parametrize("raised", RAISED, ids=repr)
@pytest.mark.parametrize("way", ["transport", "http_client"])
async def test_what_a_mock_transport_raises(way: str, raised: Exception) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise raised

    kind, _ = RAISED[raised]
    transport = httpx.MockTransport(fail)
    async with httpx.AsyncClient(transport=transport) as http_client:
        options: Any = {"transport": transport} if way == "transport" else {"http_client": http_client}
        client = AsyncLomiClient(TEST_KEY, max_retries=0, **options)
        with pytest.raises(lomi.LomiError) as caught:
            await client.send(CREATE)
        # It reads the body before it asks its function.
        assert (type(caught.value), caught.value.outcome) == (kind, "unknown")
        assert str(raised)[:40] in str(caught.value)


async def test_responses_of_a_mock_transport() -> None:
    body = b'{"id": "c"}'
    for response in (
        httpx.Response(200, content=body),
        httpx.Response(200, json={"id": "c"}),
        httpx.Response(200, stream=httpx.ByteStream(body)),
        httpx.Response(200, text=body.decode(), headers={"Content-Type": "application/json"}),
    ):
        client = AsyncLomiClient(TEST_KEY, transport=httpx.MockTransport(lambda _, response=response: response))
        assert await client.send(ME) == {"id": "c"}


async def test_an_http_client_whose_transport_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """As pytest-httpx does it: the transport's class answers, whoever made the client."""

    async def respond(_self: Any, request: httpx.Request) -> httpx.Response:
        await request.aread()
        if request.url.path == "/me":
            return httpx.Response(200, json={"id": "c"})
        raise httpx.TimeoutException("No response can be found", request=request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", respond)
    async with httpx.AsyncClient() as http_client:
        client = AsyncLomiClient(TEST_KEY, http_client=http_client, max_retries=0)
        assert await client.send(ME) == {"id": "c"}
        with pytest.raises(lomi.LomiTimeoutError, match="No response can be found") as caught:
            await client.send(CREATE)
        assert caught.value.outcome == "unknown"


async def test_something_that_is_no_response() -> None:
    client = AsyncLomiClient(TEST_KEY, transport=httpx.MockTransport(lambda _: None), max_retries=0)  # type: ignore[arg-type,return-value]
    with pytest.raises(lomi.LomiConnectionError, match="the transport raised") as caught:
        await client.send(CREATE)
    assert caught.value.outcome == "unknown"
