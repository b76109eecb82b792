"""Time: how long a call lasts when a server, a network or a resolver does not mean to answer."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from unittest import mock

import httpx

import lomi
from lomi import AsyncLomiClient, LomiClient

from .figures import Figure, experiment
from .server import FaultServer, Wire, answer, each_request

KEY = "lomi_sk_test_fire"
TIMEOUT = 1.0
MOST = 0.25
_TLS_RECORD = b"\x16\x03\x03\x3f\x00" + bytes(0x3F00)
_LARGE = {"text": "x" * 9_000_000}


def _drip_headers(wire: Wire) -> None:
    wire.read_request()
    wire.drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10_000, 0.05)


def _drip_body(wire: Wire) -> None:
    wire.read_request()
    wire.drip(answer(200, {"id": "x" * 10_000}), 0.002)


def _drip_interim(wire: Wire) -> None:
    wire.read_request()
    while not wire.stopping.wait(0.05):
        wire.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def _stop_reading(wire: Wire) -> None:
    wire.sock.recv(10)
    wire.stopping.wait(60)


# What a server does; all of them for longer than anybody waits.
HANDLERS: dict[str, Callable[[Wire], None]] = {
    "no answer": each_request(lambda wire, _: wire.hang()),
    "headers byte by byte": _drip_headers,
    "the body byte by byte": _drip_body,
    "interim answers without end": _drip_interim,
    "a request that nobody reads": _stop_reading,
    "failures and retries": each_request(lambda wire, _: wire.send(answer(500, {}))),
    "failures and `Retry-After`": each_request(lambda wire, _: wire.send(answer(503, {}, {"Retry-After": "1"}))),
    "connections that are cut": Wire.reset,
}
TLS_HANDLERS: dict[str, Callable[[Wire], None]] = {
    "TLS without an answer": Wire.hang,
    "TLS byte by byte": lambda wire: wire.drip(_TLS_RECORD, 0.05),
}


@contextlib.contextmanager
def full_queue() -> Iterator[str]:
    """A listener whose queue is full, so that connecting neither succeeds nor fails."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        time.sleep(0.1)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def slow_resolver() -> Iterator[str]:
    """A name that takes long to resolve."""
    gone = threading.Event()
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
        if host == "slow.lomi.test":
            gone.wait(20)
            raise socket.gaierror(socket.EAI_AGAIN, "slow")
        return real(host, *rest, **options)

    with mock.patch.object(socket, "getaddrinfo", getaddrinfo):
        yield "https://slow.lomi.test"
    gone.set()


@contextlib.contextmanager
def _serving(handler: Callable[[Wire], None], scheme: str = "http") -> Iterator[str]:
    with FaultServer(handler) as server:
        yield f"{scheme}://127.0.0.1:{server.port}"


PLACES: dict[str, Callable[[], contextlib.AbstractContextManager[str]]] = {
    **{name: lambda handler=handler: _serving(handler) for name, handler in HANDLERS.items()},
    **{name: lambda handler=handler: _serving(handler, "https") for name, handler in TLS_HANDLERS.items()},
    "a full accept queue": full_queue,
    "a slow resolver": slow_resolver,
}


Timed = tuple[float, lomi.LomiError | None]


def _blocking(url: str, body: dict[str, Any] | None) -> Timed:
    """Return how long a call took, and what it raised."""
    error: lomi.LomiError | None = None
    with LomiClient(KEY, base_url=url, timeout=TIMEOUT, max_retries=100) as client:
        began = time.monotonic()
        try:
            client.customers.update("x", metadata=body) if body else client.customers.get("x")
        except lomi.LomiError as raised:
            error = raised
        return time.monotonic() - began, error


async def _call(client: AsyncLomiClient, body: dict[str, Any] | None) -> Timed:
    error: lomi.LomiError | None = None
    began = time.monotonic()
    try:
        await (client.customers.update("x", metadata=body) if body else client.customers.get("x"))
    except lomi.LomiError as raised:
        error = raised
    return time.monotonic() - began, error


def _concurrent(url: str, body: dict[str, Any] | None) -> Timed:
    async def call() -> Timed:
        async with AsyncLomiClient(KEY, base_url=url, timeout=TIMEOUT, max_retries=100) as client:
            return await _call(client, body)

    return asyncio.run(call())


def _borrowed(url: str) -> Timed:
    async def call() -> Timed:
        async with httpx.AsyncClient() as own:
            client = AsyncLomiClient(KEY, base_url=url, timeout=TIMEOUT, max_retries=100, http_client=own)
            return await _call(client, None)

    return asyncio.run(call())


@experiment("deadline", short=False)
def deadline(long: bool) -> Iterator[Figure]:
    for name, place in PLACES.items():
        body = _LARGE if name == "a request that nobody reads" else None
        overruns: list[float] = []
        wrong: list[str] = []
        for flavour in (_blocking, _concurrent):
            with place() as url:
                seconds, error = flavour(url, body)
            overruns.append(seconds - TIMEOUT)
            if not isinstance(error, (lomi.LomiConnectionError, lomi.LomiServerError)):
                wrong.append(type(error).__name__)
        worst = max(overruns)
        yield Figure(
            f"`timeout` against {name}: overrun at most {MOST} s, sync and async",
            f"{max(0.0, worst):.3f} s" + "".join(f", {each}" for each in wrong),
            worst <= MOST and not wrong,
        )
    with _serving(_drip_headers) as url:
        seconds, error = _borrowed(url)
    yield Figure(
        f"`timeout` with one's own async HTTP client, headers byte by byte: overrun at most {MOST} s",
        f"{max(0.0, seconds - TIMEOUT):.3f} s",
        seconds - TIMEOUT <= MOST and isinstance(error, lomi.LomiTimeoutError),
    )
    yield from _together()


def _slowly(wire: Wire, _: object) -> None:
    wire.stopping.wait(0.3)
    wire.send(answer(200, {"id": "x"}))


def _together() -> Iterator[Figure]:
    """Several calls in one block."""
    with FaultServer(each_request(_slowly)) as server:
        with LomiClient(KEY, base_url=server.url) as client:
            began, done = time.monotonic(), 0
            with (
                contextlib.suppress(lomi.LomiTimeoutError),
                lomi.deadline(30),
                lomi.deadline(TIMEOUT),
                lomi.deadline(9),
            ):
                while True:
                    client.customers.get("x")
                    done += 1
            seconds = time.monotonic() - began

        async def calls(get: Callable[[], Awaitable[object]]) -> None:
            with contextlib.suppress(lomi.LomiTimeoutError), lomi.deadline(TIMEOUT):
                await asyncio.gather(*[get() for _ in range(10)])
                while True:
                    await get()

        async def together() -> float:
            async with AsyncLomiClient(KEY, base_url=server.url) as client:
                began = time.monotonic()
                await calls(lambda: client.customers.get("x"))
                return time.monotonic() - began

        worst = max(seconds, asyncio.run(together())) - TIMEOUT
    yield Figure(
        f"`lomi.deadline` over several calls, nested, and over tasks: overrun at most {MOST} s",
        f"{max(0.0, worst):.3f} s ({done} of the calls were done)",
        worst <= MOST and done in (2, 3),
    )


@experiment("budget")
def budget(long: bool) -> Iterator[Figure]:
    """Retries against a server that always fails, and afterwards."""
    calls = 3000 if long else 300
    healthy = threading.Event()
    requests = 0

    def handle(wire: Wire, _: object) -> None:
        nonlocal requests
        requests += 1
        wire.send(answer(200, {"id": "x"}) if healthy.is_set() else answer(503, {}))

    with FaultServer(each_request(handle)) as server, LomiClient(KEY, base_url=server.url, max_retries=2) as client:
        client.backend.sleep = lambda seconds: None
        clones = [client.with_options(timeout=each) for each in (5, 10, 20)]

        def call(number: int) -> None:
            with contextlib.suppress(lomi.LomiServerError):
                clones[number % 3].customers.get("x")

        for number in range(100):
            call(number)
        steady = requests
        for number in range(calls):
            call(number)
        rate = (requests - steady) / calls
        healthy.set()
        for number in range(100):
            call(number)
        healthy.clear()
        refilled = requests
        call(0)
        after = requests - refilled
    yield Figure(
        "against a server that always fails, at most 1.1 requests a call, over all clones of a client",
        f"{rate:.3f} ({calls} calls)",
        1.0 < rate <= 1.1,
    )
    yield Figure("100 calls later a call is repeated twice again", f"{after} requests", after == 3)
