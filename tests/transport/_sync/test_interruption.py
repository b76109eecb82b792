"""Calls that are left in the middle."""

from __future__ import annotations

import gc
from collections.abc import Generator

import httpcore
import httpx
import pytest

import lomi
from lomi import LomiClient
from tests.fire.server import FaultServer, answer, each_request

pytestmark = pytest.mark.anyio


class Interruption(BaseException):
    """What a cancellation or a Ctrl-C is."""


def test_a_connection_whose_call_was_left_at_the_very_end_is_not_used_again(monkeypatch):
    def left(_response: httpcore.Response) -> None:
        raise Interruption

    with FaultServer(each_request(lambda wire, _: wire.send(answer(200, {"id": "cus_1"})))) as server:
        with LomiClient("lomi_sk_test_fire", base_url=server.url, max_retries=0) as client:
            with monkeypatch.context() as patched:
                patched.setattr(httpcore.Response, "close", left)
                with pytest.raises(Interruption):
                    client.customers.get("cus_1")
            for _ in range(2):
                assert (client.customers.get("cus_1")).id == "cus_1"
        assert server.connections == 2


@pytest.mark.parametrize("own", [True, False])
def test_an_answer_that_is_left_in_the_middle_leaves_nothing_to_the_collector(own):
    large = answer(500, b"x" * 3 * 2**20)
    with FaultServer(each_request(lambda wire, _: wire.send(large))) as server:
        with httpx.Client() as http:
            given = http if own else None
            client = LomiClient("lomi_sk_test_fire", base_url=server.url, max_retries=0, http_client=given)
            with pytest.raises(lomi.LomiServerError) as caught:
                client.customers.get("cus_1")
            client.close()
    assert len(caught.value.body) == 2**20
    # A generator that was not run to its end would warn now, and warnings are errors.
    gc.collect()


def test_a_stream_that_goes_on_after_it_was_closed_is_left():
    taken = 0

    class Endless(httpx.SyncByteStream):
        def __iter__(self) -> Generator[bytes, None]:
            nonlocal taken
            while True:
                taken += 1
                yield b"x" * 2**20

    class Transport(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(500, stream=Endless())

    client = LomiClient("lomi_sk_test_fire", transport=Transport(), max_retries=0)
    with pytest.raises(lomi.LomiServerError) as caught:
        client.customers.get("cus_1")
    assert len(caught.value.body) == 2**20
    assert taken == 1002
