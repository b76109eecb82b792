"""Names, sockets, TLS and proxies, against real servers on loopback."""

from __future__ import annotations

import socket
import ssl
from typing import Any

import httpcore
import pytest

import lomi
import lomi._sync.transport.pool
from lomi import LomiClient
from lomi._backends.sync import SyncBackend
from lomi._sync.transport.network import Network, Stream
from tests.fire.server import FaultServer, Wire, answer, authority, connect_proxy, each_request
from tests.wire import TEST_KEY

pytestmark = pytest.mark.anyio
ME = lomi.Request("GET", lomi.path("/me"), dict)
HOST = "api.example"
fine = each_request(lambda wire, received: wire.send(answer(200, {"target": received.target})))


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server shows so that clients trust it, as loopback and under a name."""
    made = authority("127.0.0.1", HOST)
    context = ssl.create_default_context(cadata=made.root.decode())
    monkeypatch.setattr(lomi._sync.transport.pool, "ssl_context", lambda: context)
    return made.server


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lead every client through a proxy."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    return lambda url: monkeypatch.setenv("ALL_PROXY", url)


def client(url: str, **options: Any) -> LomiClient:
    return LomiClient(TEST_KEY, base_url=url, max_retries=0, **{"timeout": 10, **options})


def trouble(url: str, **options: Any) -> lomi.LomiError:
    with client(url, **options) as one:
        with pytest.raises(lomi.LomiConnectionError) as caught:
            one.send(ME)
        assert not any(stack.all for stack in one._transport._stacks.values())
    return caught.value


def test_connections_are_used_again() -> None:
    with FaultServer(fine) as server:
        with client(server.url) as one:
            for _ in range(3):
                assert one.send(ME) == {"target": "/me"}
            assert server.connections == 1
            slot = one._transport._stack().idle[-1]
            stream = slot.connection._connection._network_stream
            assert stream.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert stream.get_extra_info("is_readable") is False
            assert stream.get_extra_info("else") is None


def test_a_connection_that_was_idle_too_long_is_not_used_again() -> None:
    with FaultServer(fine) as server:
        with client(server.url) as one:
            now = one.backend.monotonic()
            one.backend.monotonic = lambda: now
            one.send(ME)
            now += 4.1
            one.send(ME)
            assert server.connections == 2
            assert len(one._transport._stack().all) == 1


def test_a_connection_that_the_server_has_closed_is_not_used_again() -> None:
    def once(wire: Wire) -> None:
        wire.read_request()
        wire.send(answer(200, {}))

    with FaultServer(once) as server:
        with client(server.url) as one:
            for _ in range(3):
                one.send(ME)
                network = one._transport._stack().idle[-1].network
                network._sock.setblocking(True)
                assert network._sock.recv(1, socket.MSG_PEEK) == b""
                network._sock.setblocking(False)
                assert network.is_stale()
            assert server.connections == 3


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_came_behind_an_answer_answers_no_other_call(scheme: str, trusted: ssl.SSLContext) -> None:
    both = each_request(
        lambda wire, received: wire.send(answer(200, {"target": received.target}) + answer(200, {"target": "another"}))
    )
    with FaultServer(both, tls=trusted if scheme == "https" else None) as server:
        with client(f"{scheme}://127.0.0.1:{server.port}") as one:
            one.backend.random = lambda: 0.0
            for _ in range(2):
                assert one.with_options(max_retries=1).send(ME) == {"target": "/me"}
            assert server.connections == 2
            with pytest.raises(lomi.LomiConnectionError, match="does not belong to this request") as caught:
                one.customers.create(name="A")
            assert caught.value.outcome == "unknown"


def test_what_came_behind_an_answer_answers_no_call_that_could_not_be_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cannot(*_: object, **__: object) -> None:
        raise httpcore.WriteError("Broken pipe")

    created = answer(201, {"id": "another"})
    with FaultServer(each_request(lambda wire, _: wire.send(created + created))) as server:
        with client(server.url) as one:
            one.customers.create(name="A")
            monkeypatch.setattr(Stream, "write", cannot)
            with pytest.raises(lomi.LomiConnectionError, match="does not belong to this request") as caught:
                one.customers.create(name="B")
            assert caught.value.outcome == "not_sent"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = trouble(f"http://127.0.0.1:{port}")
    assert (type(error), error.outcome, error.attempts) == (lomi.LomiConnectionError, "not_sent", 1)
    assert "refused" in str(error)


def test_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", place) for place in places]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with FaultServer(fine) as server, socket.create_server(("127.0.0.1", 0)) as listener:
        gone = listener.getsockname()
        listener.close()
        # The second address is tried where the first does not answer.
        places = [gone, ("127.0.0.1", server.port)]
        with client("http://localhost:1") as one:
            assert one.send(ME) == {"target": "/me"}
    places = [gone]
    assert "refused" in str(trouble("http://localhost:1"))
    places = []
    error = trouble("http://localhost:1")
    assert (error.outcome, "has no address" in str(error)) == ("not_sent", True)

    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    error = trouble("http://localhost:1")
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "not_sent")
    assert "the host name localhost does not resolve (Name or service not known)" in str(error)


def test_what_takes_too_long_before_anything_is_sent() -> None:
    def no_name(*_: object) -> None:
        return None

    def no_socket(*_: object, **__: object) -> bool:
        return False

    for name, double in (("resolve", no_name), ("wait", no_socket)):
        one = client("http://127.0.0.1:1")
        setattr(one.backend, name, double)
        with pytest.raises(lomi.LomiTimeoutError) as caught:
            one.send(ME)
        assert caught.value.outcome == "not_sent"
        one.close()


def test_no_place_becomes_free_in_time() -> None:
    with FaultServer(fine) as server:
        with client(server.url, timeout=0.01) as one:
            gate = one._transport._stack().gate
            places = 0
            while gate.enter(0):
                places += 1
            with pytest.raises(lomi.LomiTimeoutError, match="no connection was free in time") as caught:
                one.send(ME)
            assert (caught.value.outcome, places) == ("not_sent", 512)


def test_a_cut_with_a_reset() -> None:
    def serve(wire: Wire) -> None:
        wire.read_request()
        wire.reset()

    with FaultServer(serve) as server:
        error = trouble(server.url)
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "unknown")


def test_tls(trusted: ssl.SSLContext) -> None:
    with FaultServer(fine, tls=trusted) as server:
        with client(server.url) as one:
            for _ in range(2):
                assert one.send(ME) == {"target": "/me"}
            assert server.connections == 1
            stream = one._transport._stack().idle[-1].connection._connection._network_stream
            assert stream.get_extra_info("ssl_object").version().startswith("TLS")
            assert stream.get_extra_info("is_readable") in (True, False)


def test_a_certificate_that_is_not_to_be_trusted(trusted: ssl.SSLContext) -> None:
    with FaultServer(fine, tls=authority("127.0.0.2").server) as server:
        error = trouble(server.url)
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "not_sent")
    assert "certificate" in str(error)
    with FaultServer(lambda wire: wire.read() and wire.send(b"HTTP/1.1 400 No\r\n\r\n")) as server:
        error = trouble(server.url.replace("http:", "https:"))
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "not_sent")
    assert "TLS: " in str(error)


def test_tls_that_is_cut_without_a_goodbye(trusted: ssl.SSLContext) -> None:
    def cut(wire: Wire) -> None:
        wire.read_request()
        wire.send(b"HTTP/1.1 200 OK\r\n\r\n{")

    def goodbye(wire: Wire) -> None:
        wire.read_request()
        wire.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}")
        wire.sock.unwrap()  # type: ignore[attr-defined]

    with FaultServer(cut, tls=trusted) as server:
        error = trouble(server.url)
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "unknown")
    with FaultServer(goodbye, tls=trusted) as server:
        with client(server.url) as one:
            assert one.send(ME) == {}


def test_tls_that_never_comes(trusted: ssl.SSLContext) -> None:
    with FaultServer(Wire.hang) as server:
        error = trouble(server.url.replace("http:", "https:"), timeout=0.1)
    assert (type(error), error.outcome) == (lomi.LomiTimeoutError, "not_sent")


@pytest.mark.parametrize("who", ["", "aïcha:p%C3%A9@"])
def test_a_proxy(trusted: ssl.SSLContext, through: Any, who: str) -> None:
    seen: list[str] = []
    with FaultServer(fine, tls=trusted) as server, FaultServer(connect_proxy(server.port, seen)) as proxy:
        through(proxy.url.replace("//", f"//{who}"))
        with client(f"https://{HOST}") as one:
            for _ in range(2):
                assert one.send(ME) == {"target": "/me"}
        assert proxy.connections == server.connections == 1
    assert seen == [f"CONNECT {HOST}:443"]


def test_a_proxy_spoken_to_over_tls(trusted: ssl.SSLContext, through: Any) -> None:
    seen: list[str] = []
    with FaultServer(fine, tls=trusted) as server, FaultServer(connect_proxy(server.port, seen), tls=trusted) as proxy:
        through(proxy.url)
        with client(f"https://{HOST}") as one:
            assert one.send(ME) == {"target": "/me"}
    assert seen == [f"CONNECT {HOST}:443"]


def test_a_proxy_that_says_no(trusted: ssl.SSLContext, through: Any) -> None:
    no = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with FaultServer(connect_proxy(0, [], answer_connect=no)) as proxy:
        through(proxy.url)
        error = trouble(f"https://{HOST}")
    assert (type(error), error.outcome) == (lomi.LomiConnectionError, "not_sent")
    assert "407" in str(error)


def test_a_socks_proxy(trusted: ssl.SSLContext, through: Any) -> None:
    asked: list[bytes] = []

    def serve(wire: Wire) -> None:
        assert wire.read() == b"\x05\x01\x00"
        wire.send(b"\x05\x00")
        asked.append(wire.read())
        wire.send(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        tls = trusted.wrap_socket(wire.sock, server_side=True)
        fine(Wire(tls, wire.stopping))
        tls.close()

    with FaultServer(serve) as proxy:
        through(proxy.url.replace("http:", "socks5:"))
        with client(f"https://{HOST}") as one:
            assert one.send(ME) == {"target": "/me"}
    assert asked == [b"\x05\x01\x00\x03" + bytes([len(HOST)]) + HOST.encode() + (443).to_bytes(2, "big")]


def test_a_request_goes_on_when_the_socket_takes_more() -> None:
    taken: list[bytes] = []
    full = [True, False, True, False]

    class Sock:
        def send(self, view: memoryview) -> int:
            if full.pop(0):
                raise BlockingIOError
            taken.append(bytes(view[:3]))
            return 3

    runtime = SyncBackend()
    waited: list[bool] = []

    def wait(sock: Any, *, writable: bool, seconds: float | None) -> bool:
        waited.append(writable)
        return True

    runtime.wait = wait  # type: ignore[method-assign]
    network = Network(runtime, layers=0, connect_timeout=1)
    Stream(Sock(), network).write(b"abcdef")  # type: ignore[arg-type]
    assert (b"".join(taken), waited, network.sent) == (b"abcdef", [True, True], True)
