"""Sockets under httpcore: bounded by the call's deadline, kept alive, and counting what has left."""

from __future__ import annotations

import math
import os
import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

import httpcore
from typing_extensions import override

from ..._backends.base import Address
from ..._backends.sync import SyncBackend
from ..._i18n.language import Message, system_text, text_of

__all__ = ["Network"]

R = TypeVar("R")
_RECORD = 65536
# Dead peers are noticed after half a minute of silence and three unanswered probes.
_KEEP_ALIVE = [
    (level, option, value)
    for level, name, value in (
        (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
        (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 30),
        (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 10),
        (socket.IPPROTO_TCP, "TCP_KEEPCNT", 3),
        (socket.IPPROTO_TCP, "TCP_NODELAY", 1),
    )
    if (option := getattr(socket, name, None)) is not None
]


class Network(httpcore.NetworkBackend):
    """The network of one connection, and what is known about the exchange on it."""

    def __init__(self, runtime: SyncBackend, *, layers: int, connect_timeout: float) -> None:
        self.runtime = runtime
        self._layers = layers
        self.layers = layers
        """How many layers of TLS are still missing before a byte counts as one of the request."""
        self._connect_timeout = connect_timeout
        self._connected_by = math.inf
        self._sock: socket.socket | None = None
        self.begin(math.inf, math.inf)

    def begin(self, ends_at: float, room: float) -> None:
        """Start an exchange that is over at an instant and may receive so many bytes."""
        self._ends_at = ends_at
        self._room = room
        self.sent = False
        """Whether any of the request may have left this machine."""
        self.heard = self._sock is None
        """Whether anything has come in since, or nothing could have come before."""
        self.lost = False
        """Whether the other side ended the connection."""

    def allow(self, room: float) -> None:
        """Let an exchange receive so many bytes more."""
        self._room += room

    def remaining(self) -> float | None:
        """Return the seconds that are left, at least 0; None when there is no limit."""
        # A proxy's answer and TLS are part of connecting.
        ends_at = min(self._ends_at, self._connected_by) if self.layers else self._ends_at
        return None if ends_at == math.inf else max(0.0, ends_at - self.runtime.monotonic())

    def received(self, data: bytes) -> bytes:
        """Count what came in.

        Raises:
            httpcore.RemoteProtocolError: It is more than an answer may have, headers and all.
        """
        self._room -= len(data)
        self.heard = True
        self.lost = self.lost or not data
        if self._room < 0:
            raise httpcore.RemoteProtocolError(Message("the response is too large"))
        return data

    def is_stale(self) -> bool:
        """Tell whether an idle connection has been closed, or has something to read that nobody asked for."""
        if self._sock is None:
            return True
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def drop(self) -> None:
        """Close the socket, at once and from any thread, loop or forked process."""
        if self._sock is not None:
            self._sock.close()

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        self.layers = self._layers
        self._connected_by = self.runtime.monotonic() + self._connect_timeout
        ends_at = min(self._ends_at, self._connected_by)
        try:
            addresses = self.runtime.resolve(host, port, ends_at - self.runtime.monotonic())
        except OSError as error:
            reason = system_text(error.strerror or str(error))
            raise httpcore.ConnectError(Message("the host name {} does not resolve ({})", host, reason)) from None
        if addresses is None:
            raise httpcore.ConnectTimeout(Message("the host name did not resolve in time"))
        problem: httpcore.TimeoutException | httpcore.NetworkError
        problem = httpcore.ConnectError(Message("the host has no address"))
        for index, address in enumerate(addresses):
            left = ends_at - self.runtime.monotonic()
            try:
                return Stream(self._connect(address, left / (len(addresses) - index)), self)
            except OSError as error:
                reason = system_text(error.strerror or str(error))
                problem = httpcore.ConnectError(Message("cannot connect to {}:{}: {}", host, port, reason))
            except httpcore.ConnectTimeout as error:
                problem = error
        raise problem

    def _connect(self, address: Address, seconds: float) -> socket.socket:
        family, place = address
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(0)
            for option in _KEEP_ALIVE:
                sock.setsockopt(*option)
            with suppress(BlockingIOError):
                sock.connect(place)
            if not self.runtime.wait(sock, writable=True, seconds=max(0.0, seconds)):
                raise httpcore.ConnectTimeout(Message("no connection in time"))
            if number := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(number, os.strerror(number))
        except BaseException:
            sock.close()
            raise
        self._sock = sock
        return sock


class Stream(httpcore.NetworkStream):
    """A connected socket."""

    def __init__(self, sock: socket.socket, network: Network) -> None:
        self._sock = sock
        self._network = network

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        network = self._network
        while True:
            try:
                return network.received(self._sock.recv(max_bytes))
            except BlockingIOError:
                if not network.runtime.wait(self._sock, writable=False, seconds=network.remaining()):
                    raise httpcore.ReadTimeout(Message("no response in time")) from None
            except OSError as error:
                network.lost = True
                raise httpcore.ReadError(system_text(error.strerror or str(error))) from None

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        network = self._network
        view = memoryview(buffer)
        while view:
            try:
                count = self._sock.send(view)
                network.sent = network.sent or network.layers == 0
                view = view[count:]
            except BlockingIOError:
                if not network.runtime.wait(self._sock, writable=True, seconds=network.remaining()):
                    raise httpcore.WriteTimeout(Message("the request could not be sent in time")) from None
            except OSError as error:
                network.lost = True
                raise httpcore.WriteError(system_text(error.strerror or str(error))) from None

    @override
    def close(self) -> None:
        self._sock.close()

    @override
    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _start_tls(self, self._network, ssl_context, server_hostname)

    @override
    def get_extra_info(self, info: str) -> Any:
        if info == "socket":
            return self._sock
        return self._network.is_stale() if info == "is_readable" else None


class TLSStream(httpcore.NetworkStream):
    """TLS over another stream, which may be TLS itself (an https proxy)."""

    def __init__(
        self,
        below: httpcore.NetworkStream,
        network: Network,
        context: ssl.SSLContext,
        name: str | None,
    ) -> None:
        self._below = below
        self._network = network
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)

    def handshake(self) -> None:
        """Shake hands, and check the certificate."""
        self._run(self._tls.do_handshake)

    def _run(self, step: Callable[[], R]) -> R:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                data = self._below.read(_RECORD)
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            finally:
                # Alerts too: the other side is told why.
                self._flush()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._below.write(self._outgoing.read())

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._run(lambda: self._tls.read(max_bytes))
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLError as error:
            # An end without TLS's own goodbye may be somebody else's cut.
            raise httpcore.ReadError(error.reason or Message("TLS failed")) from None

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._run(lambda: self._tls.write(buffer))
        except ssl.SSLError as error:
            raise httpcore.WriteError(error.reason or Message("TLS failed")) from None

    @override
    def close(self) -> None:
        self._below.close()

    @override
    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _start_tls(self, self._network, ssl_context, server_hostname)

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._tls if info == "ssl_object" else self._below.get_extra_info(info)


def _start_tls(
    below: httpcore.NetworkStream, network: Network, context: ssl.SSLContext, name: str | None
) -> httpcore.NetworkStream:
    stream = TLSStream(below, network, context, name)
    try:
        stream.handshake()
    except ssl.SSLCertVerificationError as error:
        stream.close()
        raise CertificateError(system_text(error.verify_message)) from None
    except (ssl.SSLError, httpcore.NetworkError, httpcore.TimeoutException) as error:
        stream.close()
        slow = isinstance(error, httpcore.TimeoutException)
        reason: str = error.reason if isinstance(error, ssl.SSLError) else text_of(error)
        raise (httpcore.ConnectTimeout if slow else httpcore.ConnectError)(Message("TLS: {}", reason)) from None
    network.layers -= 1
    return stream


class CertificateError(httpcore.ConnectError):
    """The server's certificate is not one to trust."""
