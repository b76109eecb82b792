"""The stack of connections: what happens to them beside being used."""

from __future__ import annotations

import math
import socket
import ssl
from collections import deque
from typing import Any

import httpcore
import pytest

import lomi
import lomi._sync.transport.pool
from lomi import LomiClient
from lomi._sync.transport.network import Network, TLSStream
from tests.fire.server import FaultServer, answer, each_request
from tests.wire import TEST_KEY

pytestmark = pytest.mark.anyio
ME = lomi.Request("GET", lomi.path("/me"), dict)
fine = each_request(lambda wire, _: wire.send(answer(200, {})))


class Emptied(deque[Any]):
    """Not empty when it is looked at, and empty when something is taken: another thread was quicker."""

    def __bool__(self) -> bool:
        return True


def test_a_connection_that_another_thread_took() -> None:
    with FaultServer(fine) as server:
        with LomiClient(TEST_KEY, base_url=server.url) as client:
            stack = client._transport._stack()
            stack.idle = Emptied()
            assert stack.take(0) is None
            stack.drop_idle(math.inf)
            stack.idle = deque()
            client.send(ME)
            assert len(stack.all) == 1


def test_after_a_fork_no_connection_of_the_parent_is_used() -> None:
    with FaultServer(fine) as server:
        with LomiClient(TEST_KEY, base_url=server.url) as client:
            client.send(ME)
            before = client._transport._stack()
            lomi._sync.transport.pool._after_fork()
            assert not before.all
            assert client._transport._stack() is not before
            client.send(ME)
            assert server.connections == 2


def test_a_loop_that_is_over_takes_its_connections_along() -> None:
    with FaultServer(fine) as server:
        with LomiClient(TEST_KEY, base_url=server.url) as client:
            transport, runtime = client._transport, client.backend
            client.send(ME)
            stack = transport._stack()
            transport._stacks = {"over": stack, "idle": type(stack)()}
            runtime.is_over = lambda loop: loop == "over"
            transport._tidy()
            assert list(transport._stacks) == ["idle"]
            assert not stack.all


def test_a_connection_that_cannot_be_made_leaves_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    with LomiClient(TEST_KEY, base_url="http://127.0.0.1:1") as client:

        def broken(_stack: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(client._transport, "_open", broken)
        for _ in range(600):
            with pytest.raises(KeyboardInterrupt):
                client.send(ME)


def test_what_a_network_knows() -> None:
    with LomiClient(TEST_KEY) as client:
        network = Network(client.backend, layers=0, connect_timeout=1)
        assert network.is_stale()
        network.drop()
        network.begin(math.inf, 3)
        assert network.remaining() is None
        assert network.received(b"123") == b"123"
        with pytest.raises(httpcore.RemoteProtocolError, match="too large"):
            network.received(b"4")
        network._sock = socket.socket()
        network._sock.close()
        assert network.is_stale()


def test_tls_that_breaks_in_the_middle() -> None:
    class Broken:
        def read(self, _size: int) -> bytes:
            raise ssl.SSLZeroReturnError

        def write(self, _data: bytes) -> int:
            error = ssl.SSLError(1, "bad record")
            error.reason = "BAD_RECORD"
            raise error

    stream = object.__new__(TLSStream)
    stream._tls, stream._outgoing = Broken(), ssl.MemoryBIO()
    assert stream.read(1) == b""
    with pytest.raises(httpcore.WriteError, match="BAD_RECORD"):
        stream.write(b"x")
