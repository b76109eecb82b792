"""A raw server on loopback that does to a client what networks and servers do, and a CA and a proxy to go with it."""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import trustme
from typing_extensions import Self

__all__ = ["Authority", "FaultServer", "Received", "Wire", "answer", "authority", "connect_proxy", "each_request"]

# No connection of a test lives longer, whatever the client does.
_LONGEST = 120.0


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One accepted connection, seen from the server."""

    def __init__(self, sock: socket.socket, stopping: threading.Event) -> None:
        self.sock = sock
        self.stopping = stopping
        self._seen = b""
        sock.settimeout(_LONGEST)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self) -> bytes:
        """Return what arrives next; nothing at the end."""
        if self._seen:
            seen, self._seen = self._seen, b""
            return seen
        return self.sock.recv(65536)

    def read_request(self) -> Received | None:
        """Return the next request, whole; None when the client has gone."""
        while b"\r\n\r\n" not in self._seen:
            if not (data := self.sock.recv(65536)):
                return None
            self._seen += data
        head, _, rest = self._seen.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        while len(rest) < length:
            if not (data := self.sock.recv(65536)):
                return None
            rest += data
        self._seen = rest[length:]
        return Received(method, target, headers, rest[:length])

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, every: float) -> None:
        """Send byte by byte, with a pause before each, until somebody has had enough."""
        for place in range(len(data)):
            if self.stopping.wait(every):
                return
            self.send(data[place : place + 1])

    def hang(self) -> None:
        """Say nothing until the client goes or the server stops."""
        self.sock.settimeout(0.05)
        while not self.stopping.is_set():
            with suppress(TimeoutError):
                if not self.sock.recv(65536):
                    return

    def reset(self) -> None:
        """Cut the connection with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Handler = Callable[[Wire], None]


class FaultServer:
    """Listens on a free loopback port and lets a handler have every connection, each in a thread of its own."""

    def __init__(self, handler: Handler, *, tls: ssl.SSLContext | None = None, backlog: int = 512) -> None:
        self._handler = handler
        self._tls = tls
        self._stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        # Wakes accept(), which close() alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(5)
        self._listener.close()
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            thread.start()
            self._threads = [each for each in self._threads if each.is_alive()] + [thread]

    def _serve(self, sock: socket.socket) -> None:
        # What a client does to a connection is its business: whether it was right is for the test to say.
        served = sock
        try:
            with suppress(OSError):
                if self._tls is not None:
                    sock.settimeout(_LONGEST)
                    served = self._tls.wrap_socket(sock, server_side=True)
                self._handler(Wire(served, self._stopping))
        finally:
            served.close()
            sock.close()
            self._open.discard(sock)


def each_request(handle: Callable[[Wire, Received], None], *, idle: float | None = None) -> Handler:
    """Return a handler that keeps the connection and lets ``handle`` answer each request; closes it after idling."""

    def serve(wire: Wire) -> None:
        if idle is not None:
            wire.sock.settimeout(idle)
        while (received := wire.read_request()) is not None:
            handle(wire, received)

    return serve


def answer(
    status: int = 200,
    body: Any = b"",
    headers: Mapping[str, str] | None = None,
    *,
    length: int | str | None = None,
) -> bytes:
    """Return an answer as bytes; ``body`` is what JSON can carry, or bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {
        "Content-Type": "application/json",
        "Content-Length": str(len(content) if length is None else length),
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode("latin-1") + content


@dataclass(frozen=True)
class Authority:
    """A CA of one test run: what a server shows, and where a client finds the root."""

    server: ssl.SSLContext
    root: bytes


@cache
def authority(*names: str) -> Authority:
    """Make a CA and a certificate for some names."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    return Authority(context, ca.cert_pem.bytes())


def connect_proxy(target: int, seen: list[str], *, answer_connect: bytes | None = None) -> Handler:
    """Return a handler that is an HTTP proxy: it notes what CONNECT asks for, and takes every tunnel to one port."""

    def serve(wire: Wire) -> None:
        received = wire.read_request()
        if received is None:
            return
        leaked = " with a key" if "x-api-key" in received.headers else ""
        seen.append(f"{received.method} {received.target}{leaked}")
        if answer_connect is not None:
            wire.send(answer_connect)
            return
        with socket.create_connection(("127.0.0.1", target)) as other:
            wire.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with suppress(OSError):
                _relay(wire.sock, other)

    return serve


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Pass on what either sends, in one thread: a TLS socket must not be read and written by two at a time."""
    ways = {one: other, other: one}
    while ways:
        waiting = [source for source in ways if isinstance(source, ssl.SSLSocket) and source.pending()]
        ready = waiting or select.select(list(ways), [], [], _LONGEST)[0]
        if not ready:
            return
        for source in ready:
            if data := source.recv(65536):
                ways[source].sendall(data)
            else:
                ways.pop(source).shutdown(socket.SHUT_WR)


def until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait until something holds; return whether it came to hold in time."""
    ends_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.005)
    return True
