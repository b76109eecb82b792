"""The deadline of a call, against servers that drip: held by a clock that the tests move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import lomi
from lomi import AsyncLomiClient
from tests.fire.server import FaultServer, Wire, answer

pytestmark = pytest.mark.anyio
KEY = "lomi_sk_test_fire"


def _drip(data: bytes) -> Callable[[Wire], None]:
    def serve(wire: Wire) -> None:
        wire.read()
        wire.drip(data, 0.001)

    return serve


def _interim(wire: Wire) -> None:
    wire.read_request()
    while not wire.stopping.wait(0.001):
        wire.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def _interim_at_full_speed(wire: Wire) -> None:
    wire.read_request()
    while not wire.stopping.is_set():
        wire.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")


STAGES = {
    "headers": _drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 60_000),
    "body": _drip(answer(200, {"id": "x" * 60_000})),
    "interim": _interim,
    "tls": _drip(b"\x16\x03\x03\x3f\x00" + bytes(0x3F00)),
    "silence": Wire.hang,
}


class Clock:
    """One second passes with every wait for a socket, however short that is."""

    def __init__(self, client: Any, timeout: float) -> None:
        self.now = 1000.0
        self.ends_at = self.now + timeout
        self.waits = 0
        self._wait = client.backend.wait
        client.backend.monotonic = lambda: self.now
        client.backend.wait = self.wait

    async def wait(self, sock: Any, *, writable: bool, seconds: float) -> bool:
        assert seconds == max(0.0, self.ends_at - self.now)
        self.waits += 1
        self.now += 1
        return seconds > 0 and await self._wait(sock, writable=writable, seconds=0.05)


@pytest.mark.parametrize("timeout", [60, None])
async def test_tls_is_part_of_connecting(timeout):
    with FaultServer(Wire.hang) as server:
        async with AsyncLomiClient(
            KEY, base_url=f"https://127.0.0.1:{server.port}", timeout=timeout, max_retries=0
        ) as client:
            runtime, waits = client.backend, []
            connect = runtime.wait
            runtime.monotonic = lambda: 1000.0

            async def wait(sock: Any, *, writable: bool, seconds: float) -> bool:
                waits.append(seconds)
                return writable and await connect(sock, writable=True, seconds=5)

            runtime.wait = wait
            with pytest.raises(lomi.LomiTimeoutError, match="TLS: no response in time") as caught:
                await client.customers.create(name="A")
    assert waits == [10, 10]
    assert caught.value.outcome == "not_sent"


@pytest.mark.parametrize("stage", STAGES)
async def test_every_wait_is_for_what_is_left_of_the_whole_call(stage):
    with FaultServer(STAGES[stage]) as server:
        scheme = "https" if stage == "tls" else "http"
        url = f"{scheme}://127.0.0.1:{server.port}"
        async with AsyncLomiClient(KEY, base_url=url, timeout=8, max_retries=0) as client:
            clock = Clock(client, 8)
            with pytest.raises(lomi.LomiTimeoutError) as caught:
                await client.customers.create(name="A")
    # 8 waits that were for something, and one that was for nothing any more.
    assert clock.waits <= 9
    assert caught.value.outcome == ("not_sent" if stage == "tls" else "unknown")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_deadline_is_kept_while_interim_responses_arrive_at_full_speed(scheme, trusted):
    with FaultServer(_interim_at_full_speed, tls=trusted if scheme == "https" else None) as server:
        async with AsyncLomiClient(KEY, base_url=server.url, timeout=1, max_retries=0) as client:
            now = client.backend.monotonic()

            def monotonic() -> float:
                # Time passes with every look at the clock: one for each read is enough.
                nonlocal now
                now += 0.05
                return now

            client.backend.monotonic = monotonic
            with pytest.raises(lomi.LomiTimeoutError) as caught:
                await client.customers.create(name="A")
    assert caught.value.outcome == "unknown"


async def test_interim_responses_without_end_are_no_response():
    with FaultServer(_interim_at_full_speed) as server:
        async with AsyncLomiClient(KEY, base_url=server.url, timeout=None) as client:
            with pytest.raises(lomi.LomiResponseError, match="too large") as caught:
                await client.customers.create(name="A")
    assert caught.value.outcome == "unknown"
