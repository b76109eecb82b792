"""Connections that are kept: their age, their end, and what stands between them and the server."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import httpx

import lomi
from lomi import AsyncLomiClient, ConnectionPool, LomiClient
from lomi._backends import proxies as proxy_settings

from .figures import Figure, experiment
from .server import FaultServer, Received, Wire, answer, authority, connect_proxy, each_request

KEY = "lomi_sk_test_fire"
HOST = "api.lomi.test"


def _echo(wire: Wire, received: Received) -> None:
    status = 201 if received.method == "POST" else 200
    wire.send(answer(status, {"id": received.target.rsplit("/", 1)[-1], **(received.json if received.body else {})}))


def _gone_at_the_next_request(wire: Wire) -> None:
    """Answer once, and cut the connection when the next request begins."""
    if (received := wire.read_request()) is not None:
        _echo(wire, received)
        wire.sock.recv(1)
        wire.reset()


@experiment("stale", short=False)
def stale(long: bool) -> Iterator[Figure]:
    """A server that closes connections after 5 idle seconds, as the real one does."""
    pauses = [3.5, 3.9, 4.1, 4.5, 4.9, 4.99, 5.0, 5.01, 5.1]
    failed: list[str] = []
    with FaultServer(each_request(_echo, idle=5.0)) as server:

        def run(pause: float) -> None:
            with LomiClient(KEY, base_url=server.url, max_retries=0) as client:
                client.customers.get("x")
                for call in (lambda: client.customers.create(name="x"), lambda: client.customers.get("x")):
                    time.sleep(pause)
                    try:
                        call()
                    except lomi.LomiError as error:
                        failed.append(f"{pause}: {error.outcome}")

        async def run_async(pause: float) -> None:
            async with AsyncLomiClient(KEY, base_url=server.url, max_retries=0) as client:
                await client.customers.get("x")
                for create in (True, False):
                    await asyncio.sleep(pause)
                    try:
                        await (client.customers.create(name="x") if create else client.customers.get("x"))
                    except lomi.LomiError as error:
                        failed.append(f"async {pause}: {error.outcome}")

        async def all_async() -> None:
            await asyncio.gather(*map(run_async, pauses))

        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(len(pauses)) as threads:
            list(threads.map(run, pauses))
        asyncio.run(all_async())
    yield Figure(
        "idle for 3.5 to 5.1 s at a server that closes at 5 s: reads and writes, without retries, never meet it",
        f"{len(failed)} of {4 * len(pauses)} failed" + (f" ({', '.join(failed[:3])})" if failed else ""),
        not failed,
    )


class Watched(ConnectionPool):
    """A pool that keeps the network stream of its last response."""

    stream: Any = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        self.stream = response.extensions["network_stream"]
        return response


@experiment("closing")
def closing(long: bool) -> Iterator[Figure]:
    """A server that closes earlier than it should: at once, or just when the next request comes."""
    rounds = 200 if long else 20
    reads = writes = 0
    outcomes: set[str] = set()
    with FaultServer(_gone_at_the_next_request) as server:
        for _ in range(rounds):
            # A client of its own each time: the retry budget of one is not for so many.
            with LomiClient(KEY, base_url=server.url) as client:
                client.backend.sleep = lambda seconds: None
                client.customers.get("y")
                reads += client.customers.get("x").id == "x"
                try:
                    writes += client.customers.create(name="x").name == "x"
                except lomi.LomiError as error:
                    outcomes.add(error.outcome)
    yield Figure(
        "a server that cuts kept connections when the next request begins: reads recover, writes are `unknown`",
        f"{reads} of {rounds} reads; {writes} writes returned, the others: {', '.join(sorted(outcomes)) or 'none'}",
        reads == rounds and outcomes <= {"unknown"},
    )
    closes = FaultServer(lambda wire: (received := wire.read_request()) and _echo(wire, received))
    failed = 0
    pool = Watched()
    with closes as server, pool, LomiClient(KEY, base_url=server.url, max_retries=0, transport=pool) as client:
        for _ in range(rounds):
            # The end of the connection is there before the next call looks for it.
            while pool.stream is not None and not pool.stream.get_extra_info("is_readable"):
                time.sleep(0.001)
            try:
                client.customers.create(name="x")
            except lomi.LomiError:
                failed += 1
    yield Figure(
        "a server that closes after each answer, unannounced: writes, without retries, never meet it",
        f"{failed} of {rounds} failed",
        failed == 0,
    )


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set environment variables, and have the TLS context made anew under them."""
    with mock.patch.dict(os.environ):
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
            os.environ.pop(name, None)
            os.environ.pop(name.lower(), None)
        os.environ.update(variables)
        proxy_settings.ssl_context.cache_clear()
        try:
            yield
        finally:
            proxy_settings.ssl_context.cache_clear()


def _called(call: Callable[[LomiClient], object]) -> object:
    with LomiClient(KEY, base_url=f"https://{HOST}", timeout=10, max_retries=0) as client:
        return call(client)


async def _called_async() -> object:
    async with AsyncLomiClient(KEY, base_url=f"https://{HOST}", timeout=10, max_retries=0) as client:
        return (await client.customers.get("x")).id


@experiment("proxies")
def proxies(long: bool) -> Iterator[Figure]:
    """A proxy from the environment, with CONNECT to a TLS server of a CA of its own."""
    ours = authority(HOST, "127.0.0.1")
    seen: list[str] = []
    keys: list[str] = []
    kept: list[bool] = []
    connect = socket.socket.connect
    proxies: set[int] = set()

    def note(sock: socket.socket, address: tuple[str, int]) -> None:
        if address[1] in proxies:
            idle = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
            kept.append(bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)) and idle <= 60)
        return connect(sock, address)

    def handle(wire: Wire, received: Received) -> None:
        keys.append(received.headers.get("x-api-key", ""))
        _echo(wire, received)

    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "root.pem"
        root.write_bytes(ours.root)
        api = stack.enter_context(FaultServer(each_request(handle), tls=ours.server))
        plain = stack.enter_context(FaultServer(connect_proxy(api.port, seen)))
        secure = stack.enter_context(FaultServer(connect_proxy(api.port, seen), tls=ours.server))
        closed = stack.enter_context(
            FaultServer(connect_proxy(api.port, seen, answer_connect=answer(407, b"", {"Proxy-Authenticate": "Basic"})))
        )
        proxies |= {plain.port, secure.port, closed.port}
        stack.enter_context(mock.patch.object(socket.socket, "connect", note))
        results: dict[str, Any] = {}
        for name, url in (("plain", plain.url), ("secure", secure.url)):
            with environment(HTTPS_PROXY=url.replace("://", "://user:secret@"), SSL_CERT_FILE=str(root)):
                results[name] = [_called(lambda client: client.customers.get("x").id), asyncio.run(_called_async())]
        with environment(HTTPS_PROXY=closed.url, SSL_CERT_FILE=str(root)):
            results["refused"] = _outcome()
        with environment(HTTPS_PROXY=plain.url):
            results["unknown CA"] = _outcome()
    answered = [result == "x" for name in ("plain", "secure") for result in results[name]]
    asked = set(seen) == {f"CONNECT {HOST}:443"}
    yield Figure(
        "through a proxy from the environment, plain and over TLS, by CONNECT to a TLS server with a CA of its own: "
        "sync and async calls succeed, and the proxy sees no key",
        f"{sum(answered)} of {len(answered)} answered; {len(seen)} × CONNECT; {len(keys)} requests at the server",
        all(answered) and asked and keys == [KEY] * 4,
    )
    yield Figure(
        "a proxy that refuses, and a certificate of an unknown CA: `LomiConnectionError`, `not_sent`",
        "; ".join(", ".join(f"`{word}`" for word in results[name]) for name in ("refused", "unknown CA")),
        results["refused"] == results["unknown CA"] == ("LomiConnectionError", "not_sent"),
    )
    yield Figure(
        "TCP keep-alive is set on every socket",
        f"{sum(kept)} of {len(kept)}",
        len(kept) == 6 and all(kept),
    )


def _outcome() -> tuple[str, str]:
    try:
        _called(lambda client: client.customers.create(name="x"))
    except lomi.LomiError as error:
        return type(error).__name__, error.outcome
    return "nothing", "raised"
