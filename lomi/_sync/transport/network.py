"""Sockets under httpcore: bounded by the call's deadline, kept alive, and counting what was sent and received."""

from __future__ import annotations

import math
import os
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import httpcore
from typing_extensions import override

from ..._backends.base import Address
from ..._backends.sync import SyncBackend
from ..._i18n.language import Message, system_text, text_of
from .tls import RECORD, CertificateError, TLSStream

__all__ = ["NetworkBackend"]

# After so many reads that did not have to wait, other tasks get a turn.
_READS_IN_A_ROW = 8
# A head is read in smaller pieces, since whoever parses interim responses looks at no clock between two of them.
_HEAD_PIECE = 16384
# So is a body of tiny chunks.
_SMALL_PIECE = 4096
# What is kept of a response to check its framing; one that is longer costs its connection.
_LARGEST_KEPT = 1024 * 1024
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


class NetworkBackend(httpcore.NetworkBackend):
    """The network of one connection, and what is known about the exchange on it."""

    def __init__(
        self, backend: SyncBackend, *, tls_layers: int, connect_timeout: float, via_socks: bool = False
    ) -> None:
        self.backend = backend
        self._via_socks = via_socks
        self._layers = tls_layers + int(via_socks)
        self.pending_layers = self._layers
        """How many layers, of SOCKS and TLS, are still missing before a byte belongs to the request."""
        self.pending_socks = via_socks
        """Whether a SOCKS proxy has yet to agree."""
        self._connect_timeout = connect_timeout
        self._connected_by = math.inf
        self._sock: socket.socket | None = None
        self._top: Stream | TLSStream | None = None
        self._greeted = False
        self.start(math.inf, math.inf)

    def start(self, ends_at: float, byte_limit: float) -> None:
        """Start an exchange that ends at a monotonic time and may receive so many bytes."""
        self._ends_at = ends_at
        self._byte_limit = byte_limit
        self._piece = _HEAD_PIECE
        self.reads_in_a_row = 0
        self.sent = False
        """Whether any of the request may have left this machine."""
        self.peer_closed = False
        """Whether the other side ended the connection."""
        self.received: list[bytes] | None = []
        """What was received, without TLS; None when it is too much to keep."""
        self._kept = 0
        self._head: bytes | None = None

    def coalesced(self, buffer: bytes, stream: Stream | TLSStream) -> bytes:
        """Return what to send now: a request's head waits for what follows, so that both leave in one piece.

        httpcore always writes a second time, an empty buffer where there is no body.
        """
        if stream is not self._top or self.pending_layers:
            return buffer
        if self._head is None:
            self._head = buffer
            return b""
        head, self._head = self._head, b""
        return head + buffer

    def start_body(self, byte_limit: float) -> None:
        """Allow the exchange to receive so many bytes more, now that the response's head has arrived."""
        self._piece = RECORD
        self._byte_limit = byte_limit

    def read_little(self) -> None:
        """Read in small pieces from now on: what was read is parsed, and thrown away, without a look at the clock."""
        self._piece = _SMALL_PIECE

    def read_size(self, max_bytes: int) -> int:
        """Return how much to read at a time."""
        return min(max_bytes, self._piece)

    def is_connected(self) -> bool:
        """Tell whether there is an open socket."""
        return self._sock is not None and self._sock.fileno() >= 0

    def remaining(self, timeout: float | None = None) -> float | None:
        """Return the seconds that are left, at most ``timeout``; None when there is no limit.

        Raises:
            httpcore.ReadTimeout: There are none left.
        """
        # A proxy's response and TLS are part of connecting.
        ends_at = min(self._ends_at, self._connected_by) if self.pending_layers else self._ends_at
        if ends_at == math.inf:
            return timeout
        seconds = ends_at - self.backend.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout(Message("no response in time"))
        return seconds if timeout is None else min(seconds, timeout)

    def count_received(self, data: bytes) -> None:
        """Count what was received from the socket.

        Raises:
            httpcore.RemoteProtocolError: It is more than a response may have, headers included.
        """
        self._byte_limit -= len(data)
        self.peer_closed = self.peer_closed or not data
        if self._byte_limit < 0:
            raise httpcore.RemoteProtocolError(Message("the response is too large"))

    def record_received(self, data: bytes, stream: Stream | TLSStream) -> bytes:
        """Keep what belongs to the response, for the check of its framing."""
        if self.received is not None and stream is self._top and not self.pending_layers:
            self._kept += len(data)
            self.received.append(data)
            if self._kept > _LARGEST_KEPT:
                self.received = None
        return data

    def is_socks_reply(self, data: bytes) -> bool:
        """Tell whether this is a complete reply of a SOCKS5 proxy, or cannot become one; note the last one."""
        if data[:1] == b"\x05" and self._greeted:
            # The length of an address follows from its type; that of a name stands in its first byte.
            length = {b"\x01": 4, b"\x04": 16}.get(data[3:4], data[4] + 1 if len(data) > 4 else 1)
            if len(data) < 4 + length + 2:
                return False
            if data[1] == 0 and data[3] in (1, 3, 4):  # anything else is an error to httpcore
                self.pending_socks = False
                self.pending_layers -= 1
            return True
        if data[:1] in (b"\x01", b"\x05") and len(data) < 2:
            return False
        self._greeted = True
        return True

    def is_stale(self) -> bool:
        """Tell whether an idle connection was closed, or has received something unasked."""
        if self._sock is None or (isinstance(self._top, TLSStream) and self._top.has_unread_data()):
            return True
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
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
        self.pending_layers, self.pending_socks, self._greeted = self._layers, self._via_socks, False
        seconds = self._connect_timeout if timeout is None else min(timeout, self._connect_timeout)
        self._connected_by = self.backend.monotonic() + seconds
        ends_at = min(self._ends_at, self._connected_by)
        addresses: Any
        try:
            addresses = self.backend.resolve(host, port, ends_at - self.backend.monotonic())
        except OSError as error:
            addresses = error
        if isinstance(addresses, OSError):
            reason = system_text(addresses.strerror or str(addresses))
            raise httpcore.ConnectError(Message("the host name {} does not resolve ({})", host, reason))
        if addresses is None:
            raise httpcore.ConnectTimeout(Message("the host name did not resolve in time"))
        problem: httpcore.TimeoutException | httpcore.NetworkError = httpcore.ConnectError(
            Message("the host has no address")
        )
        for index, address in enumerate(addresses):
            left = ends_at - self.backend.monotonic()
            try:
                self._top = Stream(self._connect(address, left / (len(addresses) - index)), self)
                return self._top
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
            if not self.backend.wait(sock, writable=True, seconds=max(0.0, seconds)):
                raise httpcore.ConnectTimeout(Message("no connection in time"))
            if number := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(number, os.strerror(number))
        except BaseException:
            sock.close()
            raise
        self._sock = sock
        return sock

    def start_tls(
        self, below: httpcore.NetworkStream, context: ssl.SSLContext, name: str | None
    ) -> httpcore.NetworkStream:
        """Return a stream that speaks TLS over another one.

        Raises:
            httpcore.ConnectError: The handshake failed.
            httpcore.ConnectTimeout: It took too long.
        """
        stream = TLSStream(below, self, context, name)
        problem: Exception
        try:
            stream.handshake()
            self.pending_layers -= 1
            self._top = stream
            return stream
        except ssl.SSLCertVerificationError as error:
            problem = CertificateError(system_text(error.verify_message))
        except ssl.SSLError as error:
            problem = httpcore.ConnectError(Message("TLS: {}", error.reason or ""))
        except httpcore.NetworkError as error:
            problem = httpcore.ConnectError(Message("TLS: {}", text_of(error)))
        except httpcore.TimeoutException as error:
            problem = httpcore.ConnectTimeout(Message("TLS: {}", text_of(error)))
        stream.close()
        raise problem


class Stream(httpcore.NetworkStream):
    """A connected socket."""

    def __init__(self, sock: socket.socket, network: NetworkBackend) -> None:
        self._sock = sock
        self._network = network

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        network = self._network
        data = self._receive(network.read_size(max_bytes), timeout)
        if network.pending_socks:
            # A proxy may send its reply in pieces, and httpcore takes the first for the whole.
            while not network.is_socks_reply(data) and (more := self._receive(max_bytes, timeout)):
                data += more
        return network.record_received(data, self)

    def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        network = self._network
        while True:
            seconds = network.remaining(timeout)
            try:
                data = self._sock.recv(max_bytes)
            except BlockingIOError:
                network.reads_in_a_row = 0
                ready = network.backend.wait(self._sock, writable=False, seconds=seconds)
            except OSError as error:
                reason = system_text(error.strerror or str(error))
                break
            else:
                network.count_received(data)
                network.reads_in_a_row += 1
                if network.reads_in_a_row % _READS_IN_A_ROW == 0:
                    network.backend.checkpoint()
                return data
            if not ready:
                raise httpcore.ReadTimeout(Message("no response in time"))
        network.peer_closed = True
        raise httpcore.ReadError(reason)

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        network = self._network
        view = memoryview(network.coalesced(buffer, self))
        if view:
            network.remaining(timeout)  # what cannot be answered in time is not sent
        while view:
            try:
                count = self._sock.send(view)
            except BlockingIOError:
                count = 0
            except OSError as error:
                reason = system_text(error.strerror or str(error))
                break
            if count:
                network.sent = network.sent or network.pending_layers == 0
                view = view[count:]
            elif not network.backend.wait(self._sock, writable=True, seconds=network.remaining(timeout)):
                raise httpcore.WriteTimeout(Message("the request could not be sent in time"))
        else:
            return
        network.peer_closed = True
        raise httpcore.WriteError(reason)

    @override
    def close(self) -> None:
        self._sock.close()

    @override
    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return self._network.start_tls(self, ssl_context, server_hostname)

    @override
    def get_extra_info(self, info: str) -> Any:
        if info == "socket":
            return self._sock
        return self._network.is_stale() if info == "is_readable" else None
