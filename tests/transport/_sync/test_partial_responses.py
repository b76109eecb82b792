"""Answers that are not read to their end: too large, too slow, or in the wrong encoding."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

import lomi
from lomi import ConnectionPool, LomiClient
from tests.behaviour._sync.doubles import Clock, Network
from tests.fire.server import FaultServer, Wire, answer, each_request
from tests.wire import TEST_KEY

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    # httpx leaves generators to the collector when an answer is left early, of which trio warns.
    return "asyncio"


def test_a_body_of_a_borrowed_http_client_has_a_cap_too() -> None:
    network = Network(httpx.Response(201, content=b" " * (16 * 1024 * 1024 + 1)))
    with pytest.raises(lomi.LomiResponseError, match="larger than 16 MiB") as caught:
        network.client().customers.create(name="A")
    assert (caught.value.outcome, caught.value.attempts) == ("unknown", 1)
    assert caught.value.status_code == 201
    network = Network(httpx.Response(200, stream=httpx.ByteStream(b"{}"), headers={"Content-Encoding": "br"}))
    with pytest.raises(lomi.LomiResponseError, match="encoding that was not requested"):
        network.client().customers.get("c")


def test_an_error_answer_that_is_too_large_is_cut(api: respx.MockRouter) -> None:
    api.get("/customers/c").respond(404, content=b"x" * (1024 * 1024 + 5))
    network = Network(httpx.Response(404, content=b"x" * (1024 * 1024 + 5)))
    with lomi.LomiClient(TEST_KEY) as client:
        for one in (client, network.client()):
            with pytest.raises(lomi.LomiNotFoundError) as caught:
                one.customers.get("c")
            assert len(caught.value.body) == 1024 * 1024


def test_time_that_runs_out_between_two_pieces_of_an_answer(api: respx.MockRouter) -> None:
    clocks: list[Clock] = []

    class Slow(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            yield b"{"
            clocks[-1].now += 100
            yield b"}"

    api.get("/me").mock(side_effect=lambda _request: httpx.Response(200, stream=Slow()))
    network = Network(httpx.Response(200, stream=Slow()))
    with lomi.LomiClient(TEST_KEY, max_retries=0) as client:
        for one in (client, network.client(max_retries=0)):
            clocks.append(Clock(one))
            with pytest.raises(lomi.LomiTimeoutError) as caught:
                one.send(lomi.Request("GET", lomi.path("/me"), dict))
            assert caught.value.attempts == 1


def test_answers_that_are_cut_or_are_none() -> None:
    cases: dict[bytes, tuple[type[lomi.LomiError], str | None]] = {
        b"": (lomi.LomiConnectionError, None),
        b"HTTP/1.1 200 OK\r\nContent-Len": (lomi.LomiConnectionError, None),
        answer(200, b"{", length=100): (lomi.LomiConnectionError, None),
        b"SSH-2.0-OpenSSH\r\n\r\n": (lomi.LomiResponseError, None),
        answer(200, b"{}", {"Content-Encoding": "br"}): (lomi.LomiResponseError, "encoding"),
        answer(200, b"{}", {"Content-Encoding": "gzip"}): (lomi.LomiResponseError, "decompressed"),
    }
    for raw, (kind, said) in cases.items():

        def serve(wire: Wire, raw: bytes = raw) -> None:
            wire.read_request()
            wire.send(raw)

        with FaultServer(serve) as server:
            with LomiClient(TEST_KEY, base_url=server.url, max_retries=0, timeout=10) as one:
                with pytest.raises(kind, match=said) as caught:
                    one.customers.create(name="A")
                assert (type(caught.value), caught.value.outcome) == (kind, "unknown")


def test_an_answer_off_the_wire_that_is_too_large() -> None:
    for raw in (answer(200, bytes(16 * 1024 * 1024 + 1)), b"HTTP/1.1 200 OK\r\nX: " + bytes(18 * 1024 * 1024)):

        def serve(wire: Wire, raw: bytes = raw) -> None:
            wire.read_request()
            wire.send(raw)

        with FaultServer(serve) as server:
            with LomiClient(TEST_KEY, base_url=server.url, max_retries=0, timeout=10) as one:
                with pytest.raises(lomi.LomiResponseError):
                    one.send(lomi.Request("GET", lomi.path("/me"), dict))


def test_a_large_request_and_a_server_that_does_not_read() -> None:
    large = lomi.Request("POST", lomi.path("/customers"), dict, body={"name": "x" * 8_000_000})
    with FaultServer(each_request(lambda wire, received: wire.send(answer(200, {"n": len(received.body)})))) as server:
        with LomiClient(TEST_KEY, base_url=server.url) as one:
            assert (one.send(large))["n"] > 8_000_000
    with FaultServer(lambda wire: wire.stopping.wait(5) and None) as server:
        with LomiClient(TEST_KEY, base_url=server.url) as one:
            really, waits = one.backend.wait, []

            def wait(sock: Any, *, writable: bool, seconds: float) -> bool:
                waits.append(writable)
                # Once for the connection; after that the time is over.
                return len(waits) == 1 and really(sock, writable=writable, seconds=seconds)

            one.backend.wait = wait
            with pytest.raises(lomi.LomiTimeoutError, match="could not be sent in time") as caught:
                one.send(large)
    assert (caught.value.outcome, waits) == ("unknown", [True, True])
    with FaultServer(lambda wire: wire.read() and wire.reset()) as server:
        with LomiClient(TEST_KEY, base_url=server.url) as one:
            with pytest.raises(lomi.LomiConnectionError) as lost:
                one.send(large)
    assert lost.value.outcome == "unknown"


def test_a_request_that_nobody_reads() -> None:
    with FaultServer(lambda wire: wire.stopping.wait(10) and None) as server:
        timeout = httpx.Timeout(30, write=0.05)
        with httpx.Client(transport=ConnectionPool(), timeout=timeout) as client:
            with pytest.raises(httpx.TimeoutException):
                client.post(server.url, content=bytes(30_000_000))
