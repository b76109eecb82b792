"""Which event loops can still run."""

from __future__ import annotations

import asyncio

import trio

from lomi._backends.anyio import AsyncBackend


def test_a_loop_is_over_when_it_is_closed():
    loop = asyncio.new_event_loop()
    assert not AsyncBackend().is_over(loop)
    loop.close()
    assert AsyncBackend().is_over(loop)


def test_a_run_of_trio_is_over_when_it_has_returned():
    runtime = AsyncBackend()

    async def run():
        token = runtime.loop()
        assert not runtime.is_over(token)
        return token

    assert runtime.is_over(trio.run(run))
