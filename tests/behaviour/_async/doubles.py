"""What tests put in the place of time, chance and the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

import lomi
from tests.wire import TEST_KEY

# What a transport raises before it has read anything of a request.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class Clock:
    """The time that a client sees; sleeping moves it on, and does what it was told to."""

    def __init__(self, client: Any, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.now = client.backend.time()
        self.slept: list[float] = []
        self.meanwhile = meanwhile
        client.backend.time = client.backend.monotonic = lambda: self.now
        client.backend.sleep = self.sleep

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds
        self.meanwhile()


class Network(httpx.AsyncBaseTransport):
    """A transport that responds from a list: a status, a response, or an exception to raise."""

    def __init__(self, *results: Any, **options: Any) -> None:
        self.results = list(results)
        self.requests: list[httpx.Request] = []
        self.http_client = httpx.AsyncClient(transport=self, **options)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        result = self.results.pop(0)
        if isinstance(result, UNSENT):
            raise result
        await request.aread()
        if isinstance(result, Exception):
            raise result
        return httpx.Response(result, json={}) if isinstance(result, int) else result

    def client(self, **options: Any) -> lomi.AsyncLomiClient:
        """Return a client on this network."""
        return lomi.AsyncLomiClient(TEST_KEY, http_client=self.http_client, **options)
