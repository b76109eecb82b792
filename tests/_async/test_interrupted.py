"""Calls that are left in the middle."""

from __future__ import annotations

import httpcore
import pytest

from lomi import AsyncLomiClient

from ..fire.server import FaultServer, answer, each_request

pytestmark = pytest.mark.anyio


class Interruption(BaseException):
    """What a cancellation or a Ctrl-C is."""


async def test_a_connection_whose_call_was_left_at_the_very_end_is_not_used_again(monkeypatch):
    async def left(_response: httpcore.Response) -> None:
        raise Interruption

    with FaultServer(each_request(lambda wire, _: wire.send(answer(200, {"id": "cus_1"})))) as server:
        async with AsyncLomiClient("lomi_sk_test_fire", base_url=server.url, max_retries=0) as client:
            with monkeypatch.context() as patched:
                patched.setattr(httpcore.Response, "aclose", left)
                with pytest.raises(Interruption):
                    await client.customers.get("cus_1")
            for _ in range(2):
                assert (await client.customers.get("cus_1")).id == "cus_1"
        assert server.connections == 2
