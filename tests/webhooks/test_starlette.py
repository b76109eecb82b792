from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import fastapi
import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route

from lomi.webhooks import Event
from lomi.webhooks.starlette import webhook

from .deliveries import SECRET, VECTOR, Shop, headers
from .test_asgi import post


def starlette(endpoint: Any, *middleware: Middleware) -> Starlette:
    return Starlette(routes=[Route("/", endpoint, methods=["POST"])], middleware=middleware)


def fastapi_route(endpoint: Any) -> fastapi.FastAPI:
    app = fastapi.FastAPI()
    app.add_route("/", endpoint, methods=["POST"])
    return app


def fastapi_post(endpoint: Any) -> fastapi.FastAPI:
    app = fastapi.FastAPI()
    app.post("/")(endpoint)
    return app


@pytest.mark.parametrize("made", [starlette, fastapi_route, fastapi_post])
def test_one_line_in_an_application(made: Callable[..., Any]) -> None:
    shop = Shop()
    application = made(webhook(shop, secrets=SECRET))
    response = post(application)
    assert (response.status_code, response.json()) == (200, {"received": True})
    assert response.headers["content-type"] == "application/json"
    assert shop.events[0].raw == VECTOR
    assert post(application, x_lomi_signature="0" * 64).status_code == 401
    assert post(application, b"x" * 2_000_000).status_code == 413
    assert post(application, method="GET").status_code == 405
    assert len(shop.events) == 1


def test_an_async_function_runs_in_the_loop_and_another_in_a_thread() -> None:
    threads: list[int] = []

    async def fulfil(event: Event) -> None:
        threads.append(threading.get_ident())

    assert post(starlette(webhook({"PAYMENT_SUCCEEDED": fulfil}, secrets=SECRET))).status_code == 200
    assert threads == [threading.get_ident()]
    on = {"PAYMENT_SUCCEEDED": lambda event: threads.append(threading.get_ident())}
    assert post(starlette(webhook(on, secrets=SECRET))).status_code == 200  # type: ignore[arg-type]
    assert threads[1] != threading.get_ident()


def test_a_middleware_that_reads_the_body() -> None:
    async def dispatch(request: Request, call_next: Any) -> Any:
        assert await request.body() == VECTOR
        return await call_next(request)

    shop = Shop()
    application = starlette(webhook(shop, secrets=SECRET), Middleware(BaseHTTPMiddleware, dispatch=dispatch))
    assert post(application).status_code == 200
    assert len(shop.events) == 1


def test_a_client_that_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stream(request: Request) -> Any:
        yield b"x"
        raise ClientDisconnect

    monkeypatch.setattr(Request, "stream", stream)
    assert post(starlette(webhook(Shop(), secrets=SECRET))).status_code == 400


def test_over_a_socket() -> None:
    uvicorn = pytest.importorskip("uvicorn")
    shop = Shop()
    config = uvicorn.Config(
        starlette(webhook(shop, secrets=SECRET)), port=0, log_level="error", ws="none", lifespan="off"
    )
    server = uvicorn.Server(config)
    started = threading.Event()
    startup = server.startup

    async def announced(sockets: Any = None) -> None:
        await startup(sockets)
        started.set()

    server.startup = announced
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert started.wait(20)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(trust_env=False) as client:
            response = client.post(f"http://127.0.0.1:{port}/", content=VECTOR, headers=headers(VECTOR))
    finally:
        server.should_exit = True
        thread.join()
    assert (response.status_code, len(shop.events)) == (200, 1)
