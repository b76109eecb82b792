"""Clients of both kinds on a transport that records what is sent and answers from a list."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import anyio
import httpx

import lomi

BASE_URL = "http://127.0.0.1:9"
KEY = "lomi_sk_test_x"


class API:
    """What the API answers, in this order, the last again and again; and what it was asked."""

    def __init__(self, *answers: Any, status: int = 200) -> None:
        self.answers = list(answers)
        self.status = status
        self.requests: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(found):
            found = found(request)
        return found if isinstance(found, httpx.Response) else httpx.Response(self.status, json=found)

    @property
    def request(self) -> httpx.Request:
        (request,) = self.requests
        return request

    @property
    def body(self) -> Any:
        return json.loads(self.request.content)

    def queries(self) -> list[dict[str, str]]:
        return [dict(request.url.params) for request in self.requests]


def synchronous(api: API, call: Callable[[Any], Any], key: str = KEY, **options: Any) -> Any:
    """Return what a call returns in the synchronous client; of a page, all items."""
    http_client = httpx.Client(transport=httpx.MockTransport(api.answer))
    with lomi.LomiClient(key, base_url=BASE_URL, http_client=http_client, **options) as client:
        result = call(client)
        return list(result) if isinstance(result, lomi.Page) else result


def asynchronous(api: API, call: Callable[[Any], Any], key: str = KEY, **options: Any) -> Any:
    """Return what a call returns in the asynchronous client; of a page, all items."""

    async def run() -> Any:
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(api.answer))
        async with lomi.AsyncLomiClient(key, base_url=BASE_URL, http_client=http_client, **options) as client:
            result = call(client)
            if hasattr(result, "__aiter__"):
                return [item async for item in result]
            return await result if inspect.isawaitable(result) else result

    return anyio.run(run)


FLAVOURS = [synchronous, asynchronous]
