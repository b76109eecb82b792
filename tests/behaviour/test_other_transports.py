"""What is no transport or client of the right flavour, and what only one flavour has."""

from __future__ import annotations

import json
from typing import Any

import anyio
import httpx
import httpx2
import pytest

import lomi
from lomi import AsyncLomiClient, LomiClient
from tests.wire import TEST_KEY

ME = lomi.Request("GET", lomi.path("/me"), dict)
CREATE = lomi.Request("POST", lomi.path("/customers"), dict, body={"name": "A"})
WRONG = [
    (AsyncLomiClient, "transport", httpx.HTTPTransport),
    (AsyncLomiClient, "transport", httpx2.HTTPTransport),
    (AsyncLomiClient, "transport", lomi.ConnectionPool),
    (AsyncLomiClient, "transport", httpx.AsyncClient),
    (AsyncLomiClient, "transport", lambda: httpx.AsyncHTTPTransport),
    (AsyncLomiClient, "transport", object),
    (AsyncLomiClient, "http_client", httpx.Client),
    (AsyncLomiClient, "http_client", httpx2.Client),
    (AsyncLomiClient, "http_client", httpx.AsyncHTTPTransport),
    (AsyncLomiClient, "http_client", dict),
    (LomiClient, "transport", httpx.AsyncHTTPTransport),
    (LomiClient, "transport", httpx2.AsyncHTTPTransport),
    (LomiClient, "transport", lomi.AsyncConnectionPool),
    (LomiClient, "transport", httpx.Client),
    (LomiClient, "http_client", httpx.AsyncClient),
    (LomiClient, "http_client", httpx2.AsyncClient),
    (LomiClient, "http_client", httpx.HTTPTransport),
]


@pytest.mark.parametrize(("flavour", "option", "make"), WRONG)
def test_what_is_no_transport_or_client(flavour: Any, option: str, make: Any) -> None:
    value = make()
    base = {"transport": "BaseTransport", "http_client": "Client"}[option]
    prefix = "Async" if flavour is AsyncLomiClient else ""
    with pytest.raises(lomi.LomiConfigurationError) as caught:
        flavour(TEST_KEY, **{option: value})
    assert str(caught.value) == f"{option} is not an httpx.{prefix}{base} but {type(value).__name__}"
    assert caught.value.outcome == "not_sent"


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # httpx leaves a generator to the collector, of which trio warns
async def test_an_application_as_the_server(anyio_backend: str) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        said = {"id": "c", "path": scope["path"], "sent": json.loads(body) if body else None}
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})

    client = AsyncLomiClient(TEST_KEY, transport=httpx.ASGITransport(application))
    assert (await client.send(CREATE))["sent"] == {"name": "A"}
    assert (await client.send(ME))["path"] == "/me"


@pytest.mark.anyio
@pytest.mark.parametrize("reads", [True, False])
async def test_a_transport_that_keeps_no_time(reads: bool) -> None:
    """Its own limits come first; where it has none, the client's deadline ends the wait."""

    class Transport(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if reads:
                await request.aread()
            await anyio.sleep(60)
            raise AssertionError

    client = AsyncLomiClient(TEST_KEY, transport=Transport(), timeout=0.01, max_retries=0)
    with pytest.raises(lomi.LomiTimeoutError, match="no response in time") as caught:
        await client.send(CREATE)
    # Without its body, no server can have carried it out.
    assert caught.value.outcome == ("unknown" if reads else "not_sent")


def test_an_asynchronous_key_for_a_blocking_client() -> None:
    async def key() -> str:
        return TEST_KEY

    with LomiClient(key, environment="test") as client, pytest.raises(lomi.LomiConfigurationError) as caught:
        client.send(ME)
    assert caught.value.outcome == "not_sent"
    assert "TypeError" in str(caught.value)
