"""TLS over a stream of httpcore, without a file descriptor of its own."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

import httpcore
from typing_extensions import override

from ..._i18n.language import Message

__all__ = ["RECORD", "AsyncTLSStream", "CertificateError"]

R = TypeVar("R")
RECORD = 65536


class CertificateError(httpcore.ConnectError):
    """The server's certificate is not trusted."""


class AsyncNetwork(Protocol):
    """What a stream has to tell the network that it belongs to."""

    peer_closed: bool

    def coalesced(self, buffer: bytes, stream: Any) -> bytes:
        """Return what to send now."""
        ...

    def record_received(self, data: bytes, stream: Any) -> bytes:
        """Keep what belongs to the response."""
        ...

    async def start_tls(
        self, below: httpcore.AsyncNetworkStream, context: ssl.SSLContext, name: str | None
    ) -> httpcore.AsyncNetworkStream:
        """Return a stream that speaks TLS over another one."""
        ...


class AsyncTLSStream(httpcore.AsyncNetworkStream):
    """TLS over another stream, which may be TLS itself (an https proxy)."""

    def __init__(
        self,
        below: httpcore.AsyncNetworkStream,
        network: AsyncNetwork,
        context: ssl.SSLContext,
        name: str | None,
    ) -> None:
        self._below = below
        self._network = network
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)

    async def handshake(self) -> None:
        """Shake hands, and check the certificate."""
        await self._run(self._tls.do_handshake)

    def has_unread_data(self) -> bool:
        """Tell whether something was received that no one has read."""
        return bool(self._tls.pending() or self._incoming.pending)

    async def _run(self, step: Callable[[], R], timeout: float | None = None) -> R:
        while True:
            result, problem, wants_more = None, None, False
            try:
                result = step()
            except ssl.SSLWantReadError:
                wants_more = True
            except ssl.SSLError as error:
                problem = error
            # Alerts too: the other side learns why. But not when a signal cut the step: its exception would wait.
            await self._flush(timeout)
            if problem is not None:
                raise problem
            if not wants_more:
                return cast("R", result)
            data = await self._below.read(RECORD, timeout)
            if data:
                self._incoming.write(data)
            else:
                self._incoming.write_eof()

    async def _flush(self, timeout: float | None) -> None:
        if self._outgoing.pending:
            await self._below.write(self._outgoing.read(), timeout)

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        network = self._network
        try:
            data = await self._run(lambda: self._tls.read(max_bytes), timeout)
            # A polite end (close_notify) is an end: the connection is lost all the same.
            network.peer_closed = network.peer_closed or not data
            return network.record_received(data, self)
        except ssl.SSLError as error:
            # An end without TLS's own goodbye may be someone else's cut.
            reason = error.reason or Message("TLS failed")
        raise httpcore.ReadError(reason)

    @override
    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        data = self._network.coalesced(buffer, self)
        if not data:
            return
        try:
            await self._run(lambda: self._tls.write(data), timeout)
            return
        except ssl.SSLError as error:
            reason = error.reason or Message("TLS failed")
        raise httpcore.WriteError(reason)

    @override
    async def aclose(self) -> None:
        await self._below.aclose()

    @override
    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return await self._network.start_tls(self, ssl_context, server_hostname)

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._tls if info == "ssl_object" else self._below.get_extra_info(info)
