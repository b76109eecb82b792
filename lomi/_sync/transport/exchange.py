"""One attempt: a request through an httpx transport, and its response or what took its place."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

from ..._backends.httpx_family import family_of, request_body
from ..._backends.sync import SyncBackend
from ..._backends.transport_errors import CertificateInvalidError, MalformedResponseError, ProxyRefusedError
from ..._core.api_key import ApiKey
from ..._core.body import BodyReader, ResponseTooLarge
from ..._core.call import Call
from ..._core.config import Config
from ..._core.response import Response, TransportFailure
from ..._i18n.language import Message, text_of
from ...errors import LomiConfigurationError, LomiConnectionError, LomiError, LomiResponseError, LomiTimeoutError
from .pool import CONNECT_TIMEOUT, ConnectionPool, in_lomi_call, quiet_http_loggers

__all__ = ["Exchange"]


class Exchange:
    """Sends the requests of a client through one transport: the only place that builds and reads httpx objects.

    Args:
        transport: An httpx or httpx2 transport.
        backend: How to wait.

    Raises:
        LomiConfigurationError: ``transport`` is not an asynchronous one.
    """

    def __init__(self, transport: Any, backend: SyncBackend) -> None:
        family: Any = family_of(transport, "BaseTransport")
        if family is None:
            kind = type(transport).__name__
            raise LomiConfigurationError(Message("{} is not an {} but {}", "transport", "httpx.BaseTransport", kind))
        self.transport = transport
        self.is_closed = False
        self._backend = backend
        self._family = family
        # Only our own pool's errors can be trusted to say that nothing was sent.
        self._is_pool = isinstance(transport, ConnectionPool)
        self._body = request_body(family, "SyncByteStream")
        self._urls: dict[str, Any] = {}
        self._unsent = (
            *(family.ConnectError, family.ConnectTimeout, family.PoolTimeout, family.ProxyError),
            *(family.UnsupportedProtocol, family.LocalProtocolError, LomiConfigurationError),
        )
        quiet_http_loggers()

    def send(self, call: Call[Any], config: Config) -> Response | TransportFailure:
        """Send a call's request once, within its deadline; return the response or the failure."""
        if not self._is_pool and getattr(self.transport, "is_closed", False) is True:
            text = Message("the http_client of this client is closed: close it after the last call")
            return TransportFailure(LomiConfigurationError, text, sent=False, retryable=False)
        if (failure := self._ask_for_key(call, config)) is not None:
            return failure
        body = self._body(call.content)
        seconds = call.remaining(self._backend.monotonic())
        outer = in_lomi_call.get()
        in_lomi_call.set(True)
        try:
            if self._is_pool:
                return self._exchange(call, config, body, seconds)
            # The transport's own limits come first, since they know more.
            limit = None if seconds is None else seconds + 0.1
            response = self._backend.run_for(limit, self._exchange, call, config, body, seconds)
            if response is not None:
                return response
            # Without its body, no server can have carried out a request that has one.
            sent = body.was_read or call.content is None
            return TransportFailure(LomiTimeoutError, Message("no response in time"), sent=sent)
        except Exception as error:  # noqa: BLE001  # whatever a transport raises becomes a LomiError
            return self._failure(call, error, sent=self._was_sent(call, body, error))
        except BaseException as error:  # noqa: BLE001  # raised again
            # The frames below, and those of what it interrupted, hold the key.
            error.__context__ = None
            raise error.with_traceback(None) from None
        finally:
            in_lomi_call.set(outer)

    def _ask_for_key(self, call: Call[Any], config: Config) -> TransportFailure | None:
        key = config.key
        if key.provider is None:
            return None
        problem: LomiConfigurationError | None = None
        try:
            provided = self._backend.run_for(call.remaining(self._backend.monotonic()), self._provided, key)
            if call.remaining(self._backend.monotonic()) == 0:
                text = Message("the api_key function did not return in time")
                return TransportFailure(LomiTimeoutError, text, sent=False)
            key.replace(provided)
        except LomiConfigurationError as error:
            problem = error
        except Exception as error:  # noqa: BLE001  # the caller's function
            text = Message("the api_key function raised {}", type(error).__name__)
            return TransportFailure(LomiConfigurationError, text, sent=False, retryable=False, cause=error)
        if problem is None:
            return None
        return TransportFailure(LomiConfigurationError, text_of(problem), sent=False, retryable=False)

    def _provided(self, key: ApiKey) -> Any:
        return None if key.provider is None else self._backend.unwrap(key.provider())

    def _exchange(self, call: Call[Any], config: Config, body: Any, seconds: float | None) -> Response:
        response = self.transport.handle_request(self._request(call, config, body, seconds))
        try:
            raw_headers = response.headers.raw
            if response.is_stream_consumed:
                # Transports of tests and caches have read the response themselves, and have decompressed it too.
                reader = BodyReader(response.status_code, [])
                reader.feed(response.content)
            else:
                reader = BodyReader(response.status_code, raw_headers)
                self._read(response, reader, call)
        finally:
            response.stream.close()
        return Response(response.status_code, raw_headers, reader.bytes())

    def _request(self, call: Call[Any], config: Config, body: Any, seconds: float | None) -> Any:
        """Return the request as it goes out. The key is in it, so that no one keeps it in a variable."""
        target = config.prefix + call.request.target.encode("ascii")
        url = self._urls.get(config.base_url)
        if url is None:
            url = self._urls[config.base_url] = self._family.URL(config.base_url)
        extensions: dict[str, Any]
        if self._is_pool:
            # The URL is parsed once; what differs travels as httpx's own extension.
            extensions = {"target": target, "deadline": call.ends_at}
        else:
            url = url.copy_with(raw_path=target)
            connect = CONNECT_TIMEOUT if seconds is None else min(CONNECT_TIMEOUT, seconds)
            extensions = {"timeout": {"connect": connect, "pool": seconds, "read": seconds, "write": seconds}}
        return self._family.Request(
            call.request.method,
            url,
            headers=[*config.headers, *call.headers, config.key.header()],
            # Without a body, others' transports must see that there is none: a stream would be sent as chunks.
            stream=body if self._is_pool or call.content is not None else None,
            extensions=extensions,
        )

    def _read(self, response: Any, reader: BodyReader, call: Call[Any]) -> None:
        """Read a body, as much of it as is wanted and in time."""
        chunks: Iterator[bytes] = iter(response.stream)
        interrupted = True
        try:
            for chunk in chunks:
                if call.ends_at != math.inf and self._backend.monotonic() >= call.ends_at:
                    raise TimeoutError(Message("the response was not complete in time"))
                if not reader.feed(chunk):
                    return
            interrupted = False
        finally:
            if interrupted:
                _unwind(chunks, response)
            if isinstance(chunks, Generator):
                chunks.close()

    def _was_sent(self, call: Call[Any], body: Any, error: Exception) -> bool:
        if self._is_pool or call.request.method in ("GET", "HEAD"):
            return not isinstance(error, self._unsent)
        # Other transports use the same errors for lost connections: what counts is whether they read the body.
        return body.was_read or call.content is None or not isinstance(error, self._unsent)

    def _failure(self, call: Call[Any], error: Exception, *, sent: bool) -> TransportFailure:
        """Return what a transport's exception means."""
        family = self._family
        text = text_of(error)
        # It may quote what was sent, as the text of a malformed response does that echoes the request.
        redacted = call.redact(text.encode(errors="replace")).decode()
        text = text if redacted == text else redacted
        kind: type[LomiError] = LomiConnectionError
        if isinstance(error, LomiConfigurationError):
            return TransportFailure(LomiConfigurationError, text, sent, retryable=False)
        if isinstance(error, ResponseTooLarge | MalformedResponseError):
            status = error.status if isinstance(error, ResponseTooLarge) else None
            return TransportFailure(LomiResponseError, text, sent, retryable=False, status=status)
        if isinstance(error, TimeoutError | family.TimeoutException):
            return TransportFailure(LomiTimeoutError, text or Message("no response in time"), sent)
        # pyreqwest calls a body that was cut one that cannot be decoded.
        if isinstance(error, family.TransportError | family.DecodingError):
            permanent = (
                ProxyRefusedError,
                CertificateInvalidError,
                family.UnsupportedProtocol,
                family.LocalProtocolError,
            )
            return TransportFailure(
                kind, text or Message("the connection was lost"), sent, not isinstance(error, permanent)
            )
        return TransportFailure(
            kind, Message("the transport raised {}: {}", type(error).__name__, text), sent, retryable=False
        )


def _unwind(chunks: Iterator[bytes], response: Any) -> None:
    """Exhaust a body that is not wanted: closing one generator would leave those inside it to the collector."""
    left = 1000  # what was received already; a stream that goes on all the same is left as it is
    with suppress(Exception):
        response.close()
        for _ in chunks:
            left -= 1
            if not left:
                break
