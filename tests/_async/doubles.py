"""What tests put in the place of time, chance and the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

import lomi

from ..wire import TEST_KEY


class Clock:
    """The time that a client sees; sleeping moves it on, and does what was ordered."""

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


class Network:
    """An HTTP client of the caller's that answers from a list: a status, an answer, or an exception to raise."""

    def __init__(self, *results: Any, **options: Any) -> None:
        self.results = list(results)
        self.requests: list[httpx.Request] = []
        self.http_client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer), **options)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return httpx.Response(result, json={}) if isinstance(result, int) else result

    def client(self, **options: Any) -> lomi.AsyncLomiClient:
        """Return a client on this network."""
        return lomi.AsyncLomiClient(TEST_KEY, http_client=self.http_client, **options)
