"""Names, sockets, TLS and proxies, against real servers on loopback."""

from __future__ import annotations

import logging
import os
import select
import socket
import ssl
import threading
from types import SimpleNamespace
from typing import Any

import httpcore
import httpx
import pytest

import lomi
from lomi import AsyncConnectionPool, AsyncLomiClient
from lomi._async.transport.network import AsyncNetworkBackend, AsyncStream
from lomi._backends.anyio import AsyncBackend
from tests.fire.server import FaultServer, Wire, answer, authority, connect_proxy, each_request
from tests.wire import TEST_KEY

pytestmark = pytest.mark.anyio
ME = lomi.Request("GET", lomi.path("/me"), dict)
HOST = "api.example"
OK = b"\x05\x00"
CONNECTED = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
fine = each_request(lambda wire, received: wire.send(answer(200, {"target": received.target})))


def client(url: str, **options: Any) -> AsyncLomiClient:
    return AsyncLomiClient(TEST_KEY, base_url=url, max_retries=0, **{"timeout": 10, **options})


async def trouble(url: str, **options: Any) -> lomi.LomiError:
    async with client(url, **options) as one:
        with pytest.raises(lomi.LomiConnectionError) as caught:
            await one.send(ME)
        assert one.transport.connections() == 0
    return caught.value


class Observed(AsyncConnectionPool):
    """A pool that keeps the network streams of its responses."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.streams: list[Any] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        self.streams.append(response.extensions["network_stream"])
        return response


def readable(sock: socket.socket) -> None:
    """Wait until the other side has sent something, or closed."""
    assert select.select([sock], [], [], 5)[0]


async def test_connections_are_used_again() -> None:
    with FaultServer(fine) as server:
        pool = Observed()
        async with client(server.url, transport=pool) as one:
            for _ in range(3):
                assert await one.send(ME) == {"target": "/me"}
            assert (server.connections, pool.connections()) == (1, 1)
            stream = pool.streams[-1]
            assert stream.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert stream.get_extra_info("is_readable") is False
            assert stream.get_extra_info("else") is None
        await pool.aclose()
        assert (pool.connections(), pool.is_closed) == (0, True)
        assert stream.get_extra_info("is_readable") is True


async def test_a_connection_that_was_idle_too_long_is_not_used_again() -> None:
    with FaultServer(fine) as server:
        async with client(server.url) as one:
            now = one.backend.monotonic()
            one.backend.monotonic = lambda: now
            await one.send(ME)
            now += 4.1
            await one.send(ME)
            assert (server.connections, one.transport.connections()) == (2, 1)


@pytest.mark.parametrize("end", ["close", "reset", "a byte that nobody asked for"])
async def test_a_connection_that_the_server_has_ended_is_not_used_again(end: str) -> None:
    def once(wire: Wire) -> None:
        wire.read_request()
        wire.send(answer(200, {}))
        received.acquire(timeout=5)
        if end == "reset":
            wire.reset()
        elif end != "close":
            wire.send(b"x")
            wire.hang()

    received = threading.Semaphore(0)
    with FaultServer(once) as server:
        pool = Observed()
        async with client(server.url, transport=pool) as one:
            for _ in range(3):
                await one.send(ME)
                received.release()
                readable(pool.streams[-1].get_extra_info("socket"))
            assert server.connections == 3
        await pool.aclose()


async def test_a_connection_that_the_server_announces_to_close_is_not_kept() -> None:
    closing = each_request(lambda wire, _: wire.send(answer(200, {}, {"Connection": "close"})))
    with FaultServer(closing) as server:
        async with client(server.url) as one:
            await one.send(ME)
            assert one.transport.connections() == 0


TRAILING = {
    "a line end": (answer(200, {}), b"\r\n"),
    "another response": (answer(200, {}), answer(200, {"target": "another"})),
    # What is left of a status line turns the next one into a header of its own.
    "a crafted rest": (answer(200, {}), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: "),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", b"\r\n"),
    "chunks and a length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 36\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: 1234",
    ),
}


@pytest.mark.parametrize("status", [409, 500])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", TRAILING)
async def test_what_came_behind_a_response_answers_no_other_call(
    name: str, scheme: str, status: int, trusted: ssl.SSLContext
) -> None:
    first, rest = TRAILING[name]

    def serve(wire: Wire, received: Any) -> None:
        wire.send(first + rest if received.method == "GET" else answer(status, {"error": {"code": "conflict"}}))

    with FaultServer(each_request(serve), tls=trusted if scheme == "https" else None) as server:
        async with client(f"{scheme}://127.0.0.1:{server.port}") as one:
            for number in range(3):
                assert await one.send(ME) == {}
                assert one.transport.connections() == 0
                with pytest.raises(lomi.LomiAPIError) as caught:
                    await one.customers.delete("c")
                assert caught.value.status_code == status
                assert server.connections == 2 * number + 2
                await one.transport.aclose()


async def test_a_response_to_what_could_not_be_sent_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that gives an idle connection up with a response, in the moment in which it is used again."""

    async def cannot(*_: object, **__: object) -> None:
        await meanwhile()
        raise httpcore.WriteError("Broken pipe")

    async def meanwhile() -> None:
        told.set()
        readable(pool.streams[-1].get_extra_info("socket"))

    def serve(wire: Wire) -> None:
        wire.read_request()
        wire.send(answer(200, {}))
        told.wait(5)
        wire.send(answer(200, {"target": "another"}))

    told = threading.Event()
    with FaultServer(serve) as server:
        pool = Observed()
        async with client(server.url, transport=pool) as one:
            await one.send(ME)
            monkeypatch.setattr(AsyncStream, "write", cannot)
            with pytest.raises(lomi.LomiConnectionError, match="does not belong to this request") as caught:
                await one.customers.create(name="B")
            assert caught.value.outcome == "not_sent"
        await pool.aclose()


async def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = await trouble(f"http://127.0.0.1:{port}")
    assert (type(error), error.outcome, error.attempts) == (lomi.LomiConnectionError, "not_sent", 1)
    assert "refused" in str(error)


async def test_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", place) for place in places]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with FaultServer(fine) as server, socket.create_server(("127.0.0.1", 0)) as listener:
        gone = listener.getsockname()
        listener.close()
        # The second address is tried where the first does not answer.
        places = [gone, ("127.0.0.1", server.port)]
        async with client("http://localhost:1") as one:
            assert await one.send(ME) == {"target": "/me"}
    places = [gone]
    assert "refused" in str(await trouble("http://localhost:1"))
    places = []
    error = await trouble("http://localhost:1")
    assert (error.outcome, "has no address" in str(error)) == ("not_sent", True)

    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    error = await trouble("http://localhost:1")
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "not_sent")
    assert "the host name localhost does not resolve (Name or service not known)" in str(error)


async def test_what_takes_too_long_before_anything_is_sent() -> None:
    async def no_name(*_: object) -> None:
        return None

    async def no_socket(*_: object, **__: object) -> bool:
        return False

    for name, double in (("resolve", no_name), ("wait", no_socket)):
        one = client("http://127.0.0.1:1")
        setattr(one.backend, name, double)
        with pytest.raises(lomi.LomiTimeoutError) as caught:
            await one.send(ME)
        assert caught.value.outcome == "not_sent"
        await one.aclose()


async def test_no_place_becomes_free_in_time() -> None:
    with FaultServer(fine) as server:
        pool = AsyncConnectionPool(max_connections=1)
        async with client(server.url, timeout=0.01, transport=pool) as one:
            holding = await pool.handle_async_request(httpx.Request("GET", server.url))
            with pytest.raises(lomi.LomiTimeoutError, match="no connection was free in time") as caught:
                await one.send(ME)
            assert caught.value.outcome == "not_sent"
            await holding.stream.aclose()
            await holding.stream.aclose()
            assert await one.with_options(timeout=10).send(ME) == {"target": "/me"}
            assert server.connections == 2
        await pool.aclose()


async def test_a_cut_with_a_reset() -> None:
    def serve(wire: Wire) -> None:
        wire.read_request()
        wire.reset()

    with FaultServer(serve) as server:
        error = await trouble(server.url)
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "unknown")


async def test_tls(trusted: ssl.SSLContext) -> None:
    with FaultServer(fine, tls=trusted) as server:
        pool = Observed(ssl_context=ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"]))
        async with client(server.url, transport=pool) as one:
            for _ in range(2):
                assert await one.send(ME) == {"target": "/me"}
            assert server.connections == 1
            stream = pool.streams[-1]
            assert stream.get_extra_info("ssl_object").version().startswith("TLS")
            assert stream.get_extra_info("is_readable") is False
        await pool.aclose()


async def test_a_certificate_that_is_not_to_be_trusted(trusted: ssl.SSLContext) -> None:
    with FaultServer(fine, tls=authority("127.0.0.2").server) as server:
        error = await trouble(server.url)
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "not_sent")
    assert "certificate" in str(error)
    with FaultServer(lambda wire: wire.read() and wire.send(b"HTTP/1.1 400 No\r\n\r\n")) as server:
        error = await trouble(server.url.replace("http:", "https:"))
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "not_sent")
    assert "TLS: " in str(error)


async def test_tls_that_is_cut_without_a_goodbye(trusted: ssl.SSLContext) -> None:
    def cut(wire: Wire) -> None:
        wire.read_request()
        wire.send(b"HTTP/1.1 200 OK\r\n\r\n{")

    def goodbye(wire: Wire) -> None:
        wire.read_request()
        wire.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}")
        wire.sock.unwrap()  # type: ignore[attr-defined]

    with FaultServer(cut, tls=trusted) as server:
        error = await trouble(server.url)
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "unknown")
    with FaultServer(goodbye, tls=trusted) as server:
        async with client(server.url) as one:
            assert await one.send(ME) == {}


async def test_tls_that_never_comes(trusted: ssl.SSLContext) -> None:
    with FaultServer(Wire.hang) as server:
        error = await trouble(server.url.replace("http:", "https:"), timeout=0.1)
    assert (type(error), error.outcome) == (lomi.LomiTimeoutError, "not_sent")


@pytest.mark.parametrize("who", ["", "aïcha:p%C3%A9@"])
async def test_a_proxy(trusted: ssl.SSLContext, through: Any, who: str) -> None:
    seen: list[str] = []
    with FaultServer(fine, tls=trusted) as server, FaultServer(connect_proxy(server.port, seen)) as proxy:
        through(proxy.url.replace("//", f"//{who}"))
        async with client(f"https://{HOST}") as one:
            for _ in range(2):
                assert await one.send(ME) == {"target": "/me"}
        assert proxy.connections == server.connections == 1
    assert seen == [f"CONNECT {HOST}:443"]


async def test_a_proxy_spoken_to_over_tls(trusted: ssl.SSLContext, through: Any) -> None:
    seen: list[str] = []
    with FaultServer(fine, tls=trusted) as server, FaultServer(connect_proxy(server.port, seen), tls=trusted) as proxy:
        through(proxy.url)
        async with client(f"https://{HOST}") as one:
            assert await one.send(ME) == {"target": "/me"}
    assert seen == [f"CONNECT {HOST}:443"]


async def test_a_proxy_that_says_no(trusted: ssl.SSLContext, through: Any) -> None:
    no = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with FaultServer(connect_proxy(0, [], answer_connect=no)) as proxy:
        through(proxy.url)
        error = await trouble(f"https://{HOST}")
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "not_sent")
    assert "407" in str(error)


def socks_proxy(tls: ssl.SSLContext, asked: list[bytes], *, pieces: int = 1, login: bool = False) -> Any:
    """Return a handler that is a SOCKS5 proxy with the server behind it; it replies in pieces."""

    def serve(wire: Wire) -> None:
        def say(reply: bytes) -> None:
            for part in (
                reply[at : at + -(-len(reply) // pieces)] for at in range(0, len(reply), -(-len(reply) // pieces))
            ):
                wire.send(part)
                wire.stopping.wait(0.01)

        asked.append(wire.read())
        say(b"\x05\x02" if login else OK)
        if login:
            asked.append(wire.read())
            say(b"\x01\x00")
        asked.append(wire.read())
        say(CONNECTED)
        secure = tls.wrap_socket(wire.sock, server_side=True)
        fine(Wire(secure, wire.stopping))
        secure.close()

    return serve


@pytest.mark.parametrize("pieces", [1, 2, 10])
@pytest.mark.parametrize("who", ["", "ada:s3cret@"])
async def test_a_socks_proxy(
    trusted: ssl.SSLContext, through: Any, caplog: pytest.LogCaptureFixture, who: str, pieces: int
) -> None:
    caplog.set_level(logging.DEBUG)
    asked: list[bytes] = []
    with FaultServer(socks_proxy(trusted, asked, pieces=pieces, login=bool(who))) as proxy:
        through(proxy.url.replace("http://", f"socks5://{who}"))
        async with client(f"https://{HOST}") as one:
            for _ in range(2):
                assert await one.send(ME) == {"target": "/me"}
        assert proxy.connections == 1
    login = [b"\x01\x03ada\x06s3cret"] if who else []
    name = bytes([len(HOST)]) + HOST.encode()
    assert asked[1:] == [*login, b"\x05\x01\x00\x03" + name + (443).to_bytes(2, "big")]
    assert "s3cret" not in caplog.text


SOCKS = {
    "garbage for a greeting": [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
    "nothing": [b""],
    "half a greeting": [b"\x05"],
    "a greeting that refuses": [b"\x05\xff"],
    "a login that nobody asked for": [b"\x05\x07"],
    "garbage for a reply": [OK, b"\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff"],
    "no reply": [OK, b""],
    "half a reply": [OK, CONNECTED[:4]],
    "half a reply with a name": [OK, b"\x05\x00\x00\x03\x09local"],
    "a reply of another kind": [OK, b"\x05\x00\x00\x09" + bytes(16)],
    "a refusal": [OK, b"\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"],
}


@pytest.mark.parametrize("name", SOCKS)
async def test_a_socks_proxy_that_does_not_do_what_it_should(trusted: ssl.SSLContext, through: Any, name: str) -> None:
    def serve(wire: Wire) -> None:
        for reply in SOCKS[name]:
            wire.read()
            wire.send(reply)

    with FaultServer(serve) as proxy:
        through(proxy.url.replace("http:", "socks5:"))
        async with client(f"https://{HOST}") as one:
            with pytest.raises(lomi.LomiConnectionError) as caught:
                await one.customers.create(name="A")
    assert (type(caught.value), caught.value.outcome) == (lomi.LomiConnectionError, "not_sent")


async def test_plain_http_through_a_socks_proxy() -> None:
    def serve(wire: Wire) -> None:
        wire.read()
        wire.send(OK)
        wire.read()
        # With the address of a name, and in two pieces.
        wire.send(b"\x05\x00\x00\x03\x09local")
        wire.stopping.wait(0.01)
        wire.send(b"host\x00\x50")
        fine(wire)

    with FaultServer(serve) as proxy:
        async with httpx.AsyncClient(transport=AsyncConnectionPool(proxy=proxy.url.replace("http:", "socks5:"))) as one:
            for _ in range(2):
                response = await one.get("http://api.example/me")
                assert response.json() == {"target": "/me"}
        assert proxy.connections == 1


async def test_a_request_goes_on_when_the_socket_takes_more() -> None:
    taken: list[bytes] = []
    full = [True, False, True, False]

    class Sock:
        def send(self, view: memoryview) -> int:
            if full.pop(0):
                raise BlockingIOError
            taken.append(bytes(view[:3]))
            return 3

    backend = AsyncBackend()
    waited: list[bool] = []

    async def wait(sock: Any, *, writable: bool, seconds: float | None) -> bool:
        waited.append(writable)
        return True

    backend.wait = wait  # type: ignore[method-assign]
    network = AsyncNetworkBackend(backend, tls_layers=0, connect_timeout=1)
    await AsyncStream(Sock(), network).write(b"abcdef")  # type: ignore[arg-type]
    assert (b"".join(taken), waited, network.sent) == (b"abcdef", [True, True], True)


async def test_tls_that_breaks_while_it_writes(trusted: ssl.SSLContext) -> None:
    class Breaking:
        """A context whose connections cannot encrypt what is sent."""

        def __init__(self) -> None:
            self._real: Any = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

        def wrap_bio(self, *arguments: Any, **named: Any) -> Any:
            tls = self._real.wrap_bio(*arguments, **named)

            def write(_data: bytes) -> int:
                error = ssl.SSLError(1, "bad record")
                error.reason = "BAD_RECORD"
                raise error

            return SimpleNamespace(
                do_handshake=tls.do_handshake,
                read=tls.read,
                pending=tls.pending,
                write=write,
                selected_alpn_protocol=lambda: None,
            )

    def serve(wire: Wire) -> None:
        wire.stopping.wait(0.1)
        wire.sock.unwrap()  # type: ignore[attr-defined]

    with FaultServer(serve, tls=trusted) as server:
        pool = AsyncConnectionPool(ssl_context=Breaking())  # type: ignore[arg-type]
        async with client(server.url, transport=pool) as one:
            with pytest.raises(lomi.LomiConnectionError) as caught:
                await one.customers.create(name="A")
            assert (caught.value.outcome, pool.connections()) == ("not_sent", 0)
