"""What a server or a proxy does below HTTP: polite ends, floods, bytes behind a response, SOCKS."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import ssl
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

import lomi
from lomi import AsyncConnectionPool, AsyncLomiClient, LomiClient

from .connections import HOST, environment
from .figures import Figure, experiment
from .server import FaultServer, Received, Wire, answer, authority, each_request

KEY = "lomi_sk_test_fire"
_OK = answer(200, {"id": "x", "customer_id": "x"})


@experiment("goodbye")
def goodbye(long: bool) -> Iterator[Figure]:
    """TLS that ends with close_notify, when the next request comes or within its response."""
    rounds = 200 if long else 10
    ours = authority(HOST, "127.0.0.1")
    ends = [b"", _OK[:20], _OK[:-5]]
    reads = 0
    outcomes: Counter[str] = Counter()

    def serve(wire: Wire) -> None:
        if wire.read_request() is None:
            return
        wire.send(_OK)
        if (received := wire.read_request()) is not None:
            wire.send(ends[int(received.headers["x-end"])])
            wire.sock.unwrap()  # type: ignore[attr-defined]

    with tempfile.TemporaryDirectory() as folder, FaultServer(serve, tls=ours.server) as server:
        root = Path(folder) / "root.pem"
        root.write_bytes(ours.root)
        with environment(SSL_CERT_FILE=str(root)):
            for number in range(rounds):
                with LomiClient(KEY, base_url=server.url, timeout=20) as client:
                    client.backend.sleep = lambda seconds: None
                    one = client.with_options(extra_headers={"X-End": str(number % len(ends))})
                    one.customers.get("x")
                    reads += one.customers.get("x").id == "x"
                    try:
                        one.customers.create(name="x")
                    except lomi.LomiError as error:
                        outcomes[f"{type(error).__name__} {error.outcome}"] += 1
    yield Figure(
        "a server that ends kept TLS connections politely (close_notify) before or within a response: reads recover, "
        "writes are `unknown`",
        f"{reads} of {rounds} reads; writes: {dict(outcomes)}",
        reads == rounds and outcomes == {"LomiConnectionError unknown": rounds},
    )


def _endless(wire: Wire) -> None:
    wire.read_request()
    wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not wire.stopping.is_set():
        wire.send(b"1\r\nx\r\n" * 5000)


def _interim(wire: Wire) -> None:
    wire.read_request()
    while not wire.stopping.is_set():
        wire.send(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000)


@experiment("flood")
def flood(long: bool) -> Iterator[Figure]:
    """Data without pause: chunks of one byte, and interim responses."""
    longest, lag, seconds = asyncio.run(_flooded(20_000 if long else 2000))
    yield Figure(
        "an endless stream of 1-byte chunks: other tasks get a turn at least after every 130 chunks",
        f"after {longest}",
        longest <= 130,
    )
    if not long:  # the rest depends on a clock
        return
    yield Figure("the same: no other task waits more than 0.1 s", f"{lag:.3f} s", lag <= 0.1)
    yield Figure("the same: a timeout of 1 s around the call is kept", f"{seconds:.3f} s", seconds <= 1.25)
    for name, handler in (("1-byte chunks", _endless), ("interim responses", _interim)):
        with FaultServer(handler) as server:
            overruns = [_overrun(server.url), asyncio.run(_overrun_async(server.url))]
        yield Figure(
            f"`timeout` of 0.2 s against {name} at full speed: overrun at most 0.25 s, sync and async",
            f"{max(0.0, *overruns):.3f} s",
            max(overruns) <= 0.25,
        )


async def _flooded(count: int) -> tuple[int, float, float]:
    """Return the most chunks without a turn for others, the longest wait of others, and how long a call took."""
    turns, lag, done = 0, 0.0, False

    async def others() -> None:
        nonlocal turns, lag
        while not done:
            before = time.monotonic()
            await asyncio.sleep(0)
            lag = max(lag, time.monotonic() - before)
            turns += 1

    with FaultServer(_endless) as server:
        task = asyncio.create_task(others())
        async with AsyncConnectionPool() as pool:
            response = await pool.handle_async_request(httpx.Request("GET", server.url))
            seen, run, longest = turns, 0, 0
            stream: Any = response.stream
            async for _ in stream:
                run = run + 1 if turns == seen else 0
                seen, longest, count = turns, max(longest, run), count - 1
                if count == 0:
                    break
            await response.aclose()
        began = time.monotonic()
        async with AsyncLomiClient(KEY, base_url=server.url, timeout=None) as client:
            with contextlib.suppress(asyncio.TimeoutError, lomi.LomiResponseError):
                await asyncio.wait_for(client.customers.get("x"), 1)
        seconds = time.monotonic() - began
        done = True
        await task
    return longest, lag, seconds


def _overrun(url: str) -> float:
    with LomiClient(KEY, base_url=url, timeout=0.2, max_retries=0) as client:
        began = time.monotonic()
        with contextlib.suppress(lomi.LomiError):
            client.customers.get("x")
        return time.monotonic() - began - 0.2


async def _overrun_async(url: str) -> float:
    async with AsyncLomiClient(KEY, base_url=url, timeout=0.2, max_retries=0) as client:
        began = time.monotonic()
        with contextlib.suppress(lomi.LomiError):
            await client.customers.get("x")
        return time.monotonic() - began - 0.2


# Bytes behind a response, which the next request on the connection would take for the start of its own.
_RESTS = (
    b"\r\n", b"x", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: ",
    b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 103 Early\r\n", b"\n", b"0\r\n\r\n",
)  # fmt: skip
_FIRST = (
    _OK,
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{"id": "x"}\r\n0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{"id": "x"}\r\n0\r\n\r\n',
)


@experiment("rests")
def rests(long: bool) -> Iterator[Figure]:
    """Bytes behind a response."""
    rounds = 25 if long else 1
    wrong: list[str] = []
    calls = 0
    for first in _FIRST:
        for rest in _RESTS:
            for status in (409, 500):

                def handle(
                    wire: Wire, received: Received, first: bytes = first, rest: bytes = rest, status: int = status
                ) -> None:
                    wire.send(first + rest if received.method == "GET" else answer(status, {"error": {}}))

                with (
                    FaultServer(each_request(handle)) as server,
                    LomiClient(KEY, base_url=server.url, max_retries=0, timeout=20) as client,
                ):
                    for _ in range(rounds):
                        calls += 1
                        try:
                            client.customers.get("x")
                            client.customers.delete("x")
                            wrong.append(f"{rest!r}: returned")
                        except lomi.LomiAPIError as error:
                            if error.status_code != status:
                                wrong.append(f"{rest!r}: {error.status_code}")
                        except lomi.LomiError as error:
                            wrong.append(f"{rest!r}: {error}")
    yield Figure(
        f"{len(_RESTS)} kinds of bytes behind a response of {len(_FIRST)} kinds: a `delete` that is answered 409 or 500 "
        "on the next request never succeeds, and no call fails for them",
        f"{len(wrong)} wrong of {calls}" + "".join(f"; {each}" for each in wrong[:3]),
        not wrong,
    )


_SOCKS_OK = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
_SOCKS: dict[str, list[bytes]] = {
    "garbage": [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
    "an early end": [b""],
    "half a greeting": [b"\x05"],
    "no method": [b"\x05\xff"],
    "a method nobody offered": [b"\x05\x07"],
    "a bad login": [b"\x05\x02", b"\x01\x01"],
    "half a login": [b"\x05\x02", b"\x01"],
    "an end after the login": [b"\x05\x02", b"\x01\x00", b""],
    "half a reply": [b"\x05\x02", b"\x01\x00", _SOCKS_OK[:3]],
    "a garbled reply": [b"\x05\x02", b"\x01\x00", b"\xff" * 30],
    "a refusal": [b"\x05\x02", b"\x01\x00", b"\x05\x05" + _SOCKS_OK[2:]],
}


@experiment("socks")
def socks(long: bool) -> Iterator[Figure]:
    """A SOCKS proxy that misbehaves, and one that replies byte by byte."""
    rounds = 20 if long else 1
    ours = authority(HOST, "127.0.0.1")
    log = io.StringIO()
    handler, root_logger = logging.StreamHandler(log), logging.getLogger()
    level = root_logger.level
    root_logger.addHandler(handler)
    root_logger.setLevel(logging.DEBUG)
    outcomes: Counter[str] = Counter()
    answered = 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "root.pem"
            root.write_bytes(ours.root)
            for replies in list(_SOCKS.values()) * rounds:
                outcomes[_through(_misbehaving(replies), root)] += 1
            for _ in range(rounds):
                answered += _through(_byte_by_byte(ours.server), root) == "x"
    finally:
        root_logger.removeHandler(handler)
        root_logger.setLevel(level)
    yield Figure(
        f"a SOCKS proxy that does {len(_SOCKS)} things wrong: `LomiConnectionError`, `not_sent`",
        ", ".join(f"{count} × {name}" for name, count in outcomes.items()),
        outcomes == {"LomiConnectionError not_sent": len(_SOCKS) * rounds},
    )
    yield Figure("one that replies byte by byte works", f"{answered} of {rounds}", answered == rounds)
    leaked = "s3cret" in log.getvalue()
    yield Figure("its password is in no log at DEBUG", "found" if leaked else "not found", not leaked)


def _through(handler: Callable[[Wire], None], root: Path) -> str:
    with FaultServer(handler) as proxy:
        url = proxy.url.replace("http://", "socks5://ada:s3cret@")
        with environment(ALL_PROXY=url, SSL_CERT_FILE=str(root)):
            client = LomiClient(KEY, base_url=f"https://{HOST}", max_retries=0, timeout=20)
            try:
                return client.customers.create(name="x").id
            except lomi.LomiError as error:
                return f"{type(error).__name__} {error.outcome}"
            finally:
                client.close()


def _misbehaving(replies: list[bytes]) -> Callable[[Wire], None]:
    def serve(wire: Wire) -> None:
        for reply in replies:
            wire.read()
            wire.send(reply)

    return serve


def _byte_by_byte(tls: ssl.SSLContext) -> Callable[[Wire], None]:
    def serve(wire: Wire) -> None:
        for reply in (b"\x05\x02", b"\x01\x00", _SOCKS_OK):
            wire.read()
            wire.drip(reply, 0.001)
        with tls.wrap_socket(wire.sock, server_side=True) as secure:
            each_request(lambda inner, _: inner.send(_OK))(Wire(secure, wire.stopping))

    return serve
