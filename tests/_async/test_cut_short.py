"""Answers that are not read to their end: too large, too slow, or in the wrong encoding."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

import lomi

from ..wire import TEST_KEY
from .doubles import Clock, Network

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    # httpx leaves generators to the collector when an answer is left early, of which trio warns.
    return "asyncio"


async def test_a_body_of_a_borrowed_http_client_has_a_cap_too() -> None:
    network = Network(httpx.Response(201, content=b" " * (16 * 1024 * 1024 + 1)))
    with pytest.raises(lomi.LomiResponseError, match="larger than 16 MiB") as caught:
        await network.client().customers.create(name="A")
    assert (caught.value.outcome, caught.value.attempts) == ("unknown", 1)
    network = Network(httpx.Response(200, stream=httpx.ByteStream(b"{}"), headers={"Content-Encoding": "br"}))
    with pytest.raises(lomi.LomiResponseError, match="encoding that was not asked for"):
        await network.client().customers.get("c")


async def test_an_error_answer_that_is_too_large_is_cut(api: respx.MockRouter) -> None:
    api.get("/customers/c").respond(404, content=b"x" * (1024 * 1024 + 5))
    network = Network(httpx.Response(404, content=b"x" * (1024 * 1024 + 5)))
    async with lomi.AsyncLomiClient(TEST_KEY) as client:
        for one in (client, network.client()):
            with pytest.raises(lomi.LomiNotFoundError) as caught:
                await one.customers.get("c")
            assert len(caught.value.body) == 1024 * 1024


async def test_time_that_runs_out_between_two_pieces_of_an_answer(api: respx.MockRouter) -> None:
    clocks: list[Clock] = []

    class Slow(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield b"{"
            clocks[-1].now += 100
            yield b"}"

    api.get("/me").mock(side_effect=lambda _request: httpx.Response(200, stream=Slow()))
    network = Network(httpx.Response(200, stream=Slow()))
    async with lomi.AsyncLomiClient(TEST_KEY, max_retries=0) as client:
        for one in (client, network.client(max_retries=0)):
            clocks.append(Clock(one))
            with pytest.raises(lomi.LomiTimeoutError) as caught:
                await one.send(lomi.Request("GET", lomi.path("/me"), dict))
            assert caught.value.attempts == 1
