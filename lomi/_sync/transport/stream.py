"""A response's body, as httpx reads it, and what its failures mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpcore
import httpx
from typing_extensions import override

from ..._backends.sync import SyncBackend
from ..._backends.transport_errors import CertificateInvalidError, MalformedResponseError, ProxyRefusedError
from ..._core.framing import has_trailing_data
from ..._i18n.language import Message, text_of
from .network import NetworkBackend
from .tls import CertificateError

__all__ = ["PooledStream", "translated"]

# One read may hold thousands of chunks; after so many, other tasks get a turn.
_CHUNKS_IN_A_ROW = 64
_SMALL_CHUNK = 1024


class PooledStream(httpx.SyncByteStream):
    """A response's body; closing it gives its connection back."""

    def __init__(
        self,
        backend: SyncBackend,
        network: NetworkBackend,
        method: str,
        response: httpcore.Response,
        finish: Callable[[bool], None],
    ) -> None:
        self._backend = backend
        self._network = network
        self._method = method
        self._response = response
        self._finish = finish
        self._chunks: Iterator[bytes] | None = None
        self._count = 0
        self._complete = False
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        # The stream itself, not iter_stream(): one generator less.
        stream: Any = self._response.stream
        self._chunks = self._chunks or iter(stream)
        return self

    def __next__(self) -> bytes:
        try:
            chunk = next(self._chunks or iter(self))
            self._count += 1
            if self._count % _CHUNKS_IN_A_ROW == 0:
                if len(chunk) < _SMALL_CHUNK:
                    self._network.read_little()
                self._backend.checkpoint()
            return chunk
        except StopIteration:
            self._complete = True
            raise
        except Exception as error:  # noqa: BLE001  # raised again, as what it means to httpx
            failure = translated(error, self._network)
        raise failure

    @override
    def close(self) -> None:
        if self._closed:
            return
        self._closed, reusable = True, False
        network, response = self._network, self._response
        try:
            try:
                self._backend.without_checkpoints(response.close)
            finally:
                if self._chunks is not None and not self._complete:
                    network.close()
                    _exhaust(self._chunks)
            if self._complete and network.received is not None and network.is_connected():
                reusable = not has_trailing_data(network.received, self._method, response.status, response.headers)
        finally:
            self._finish(reusable)


def _exhaust(chunks: Iterator[bytes]) -> None:
    """Read what was received already, up to the end that closing made: else inner generators are the collector's."""
    with suppress(Exception):
        for _ in chunks:
            pass


def translated(error: Exception, network: NetworkBackend) -> Exception:
    """Return the httpx error that tells what an exception means for the request."""
    if isinstance(error, httpx.TransportError):  # of a mocking library, which raises it below
        return error.with_traceback(None)
    text = text_of(error) or Message("the connection was lost")
    if isinstance(error, httpcore.TimeoutException):
        return httpx.ReadTimeout(text) if network.sent else httpx.ConnectTimeout(text)
    if isinstance(error, CertificateError):
        return CertificateInvalidError(text)
    if isinstance(error, httpcore.NetworkError | httpcore.ConnectionNotAvailable) or network.peer_closed:
        return httpx.ReadError(text) if network.sent else httpx.ConnectError(text)
    if isinstance(error, httpcore.LocalProtocolError) and not network.sent:
        return httpx.LocalProtocolError(text)
    if not isinstance(error, httpcore.ProtocolError | httpcore.ProxyError):
        if not network.pending_socks:  # the request's own stream, or a mocking library
            return error.with_traceback(None)
        text = Message("the SOCKS proxy sent something else than SOCKS5")
    return MalformedResponseError(text) if network.sent else ProxyRefusedError(text)
