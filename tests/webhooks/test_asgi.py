from __future__ import annotations

from typing import Any

import anyio
import httpx
import pytest
import trio.testing

from lomi.webhooks import Event
from lomi.webhooks.asgi import webhook

from .deliveries import SECRET, VECTOR, Shop, headers


def post(application: Any, sent: Any = VECTOR, method: str = "POST", **changes: str) -> httpx.Response:
    async def run() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://shop") as client:
            lowered = {name.lower(): value for name, value in headers(VECTOR).items()}
            fields = {**lowered, **{name.replace("_", "-"): value for name, value in changes.items()}}
            return await client.request(method, "/", content=sent, headers=fields)

    return anyio.run(run)


def test_status_and_headers() -> None:
    shop = Shop()
    application = webhook(shop, secrets=SECRET)
    response = post(application)
    assert (response.status_code, response.content) == (200, b'{"received":true}')
    assert response.headers["content-length"] == "17"
    assert shop.events[0].raw == VECTOR
    assert post(application, method="GET").status_code == 405
    assert post(application, x_lomi_signature="0" * 64).status_code == 401


def test_an_async_function() -> None:
    events: list[Event] = []

    async def fulfil(event: Event) -> None:
        events.append(event)

    assert post(webhook(fulfil, secrets=SECRET)).status_code == 200
    assert len(events) == 1


def test_a_chunked_body_is_read_to_the_limit_and_no_further() -> None:
    read: list[int] = []

    async def chunks() -> Any:
        for number in range(100):
            read.append(number)
            yield b"x" * 100

    assert post(webhook(Shop(), secrets=SECRET, max_body_size=1000), chunks()).status_code == 413
    assert len(read) < 15

    async def halves() -> Any:
        yield VECTOR[:100]
        yield VECTOR[100:]

    assert post(webhook(Shop(), secrets=SECRET), halves()).status_code == 200


def messages(receive: Any) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "headers": [(b"content-length", b"301")]}
    clock = trio.testing.MockClock(autojump_threshold=0)
    anyio.run(webhook(Shop(), secrets=SECRET), scope, receive, send, backend="trio", backend_options={"clock": clock})
    return sent


def test_a_body_that_never_ends_is_given_up() -> None:
    async def receive() -> dict[str, Any]:
        await anyio.sleep(3)
        return {"type": "http.request", "body": b"x", "more_body": True}

    assert messages(receive)[0]["status"] == 408


def test_a_client_that_has_gone() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    assert messages(receive)[0]["status"] == 400


def test_only_http() -> None:
    with pytest.raises(ValueError, match="by HTTP only"):
        anyio.run(webhook(Shop(), secrets=SECRET), {"type": "websocket"}, None, None)  # type: ignore[arg-type]
