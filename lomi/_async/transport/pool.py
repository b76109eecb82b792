"""The shared transport: a stack of connections, one request at a time on each; or the caller's own HTTP client."""

from __future__ import annotations

import logging
import math
import os
import weakref
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Hashable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import httpcore

from ..._backends.anyio import AsyncBackend, AsyncLimiter
from ..._backends.proxies import proxy_for, ssl_context
from ..._core.config import Config
from ..._core.reply import LARGEST_BODY, Body, Call, Response, ResponseTooLarge, TransportFailure
from ..._i18n.language import Message, text_of
from ..._lazy import httpx
from ...errors import LomiConfigurationError, LomiConnectionError, LomiResponseError, LomiTimeoutError
from .network import AsyncNetwork, CertificateError

__all__ = ["AsyncBorrowed", "AsyncConnections", "AsyncTransport"]

CONNECT_TIMEOUT = 10.0
MAX_CONNECTIONS = 512
# The server closes a connection after 5 idle seconds; one that a slow link might reach too late is not used again.
LONGEST_IDLE = 3.0
# What may come before a body, TLS and interim answers included, and what framing may add to it.
_LARGEST_HEAD = 512 * 1024
_FRAMED_BODY = LARGEST_BODY + 1024 * 1024


class _Slot:
    """One connection, or a proxy's pool of one."""

    __slots__ = ("connection", "idle_since", "network")

    def __init__(
        self, connection: httpcore.AsyncConnectionInterface | httpcore.AsyncConnectionPool, network: AsyncNetwork
    ) -> None:
        self.connection = connection
        self.network = network
        self.idle_since = 0.0


class _Stack:
    """The connections of one event loop; the one that was used last is used next."""

    def __init__(self) -> None:
        self.gate = AsyncLimiter(MAX_CONNECTIONS)
        self.idle: deque[_Slot] = deque()
        self.all: set[_Slot] = set()

    def take(self, now: float) -> _Slot | None:
        """Return the idle connection that was used last, if it can still be used."""
        while self.idle:
            try:
                slot = self.idle.pop()
            except IndexError:  # another thread was quicker
                break
            if slot.idle_since > now - LONGEST_IDLE and not slot.network.is_stale():
                return slot
            self.drop(slot)
        return None

    def give(self, slot: _Slot, now: float) -> None:
        """Take a connection back, and close those that have been idle too long."""
        if slot.idle_since == 0:
            _unlock(slot.connection)
        slot.idle_since = now
        self.idle.append(slot)
        self.drop_idle(now - LONGEST_IDLE)

    def drop_idle(self, before: float) -> None:
        """Close what has been idle since before an instant."""
        while self.idle:
            try:
                slot = self.idle.popleft()
            except IndexError:  # another thread was quicker
                break
            if slot.idle_since > before:
                self.idle.appendleft(slot)
                break
            self.drop(slot)

    def drop(self, slot: _Slot) -> None:
        """Close one connection."""
        self.all.discard(slot)
        slot.network.drop()

    def drop_all(self) -> None:
        """Close every connection, those in use too."""
        self.idle.clear()
        for slot in list(self.all):
            self.drop(slot)


class _FreeLock:
    """Takes the place of httpcore's locks."""

    async def __aenter__(self) -> None:
        """Enter at once."""

    async def __aexit__(self, *_: object) -> None:
        """Leave."""


_FREE = _FreeLock()


def _unlock(connection: object) -> None:
    """Take the locks away from a connection, each of which costs a turn of the event loop.

    They guard against two requests at the same time, and here a connection has one at most. Should httpcore name
    them otherwise one day, they stay, and calls take a quarter longer.
    """
    for holder, lock in ((connection, "_request_lock"), (getattr(connection, "_connection", None), "_state_lock")):
        if hasattr(holder, lock):
            setattr(holder, lock, _FREE)


class AsyncConnections:
    """The transport of a client that was given none: a stack of connections per process and event loop."""

    def __init__(self, config: Config, runtime: AsyncBackend) -> None:
        self.closed = False
        self._runtime = runtime
        self._secure = config.secure
        self._host = config.host.encode("ascii")
        self._port = config.port
        self._proxy = proxy_for(config)
        self._stacks: dict[Hashable, _Stack] = {}
        # A client that nobody closed lets go of its sockets when it is collected, or at exit.
        weakref.finalize(self, _drop_stacks, self._stacks)
        _living.add(self)
        _hush_our_calls()

    async def exchange(self, call: Call[Any], config: Config) -> Response | TransportFailure:
        """Send a call's request once, within its deadline; return what came of it."""
        runtime, stack = self._runtime, self._stack()
        if not await stack.gate.enter(call.remaining(runtime.monotonic())):
            return TransportFailure(LomiTimeoutError, Message("no connection was free in time"), sent=False)
        slot, reusable, token = None, False, _ours.set(True)
        try:
            slot = stack.take(runtime.monotonic()) or self._open(stack)
            slot.network.begin(call.ends_at, _LARGEST_HEAD)
            try:
                response = await slot.connection.handle_async_request(self._wire(call, config))
                if not slot.network.heard:  # it came in one piece with the last one
                    raise httpcore.ReadError(Message("the response does not belong to this request"))
                slot.network.allow(_FRAMED_BODY)
                body = Body(response.status, response.headers)
                whole = await read_body(response.aiter_stream(), body, call, runtime, response)
                await response.aclose()
                # Not before: a call that is cancelled in between leaves a connection that cannot be used again.
                reusable = whole
                return Response(response.status, response.headers, body.bytes())
            except _TROUBLE as error:
                reusable = False
                return _failure(error, slot.network)
        finally:
            if slot is not None and reusable and not self.closed:
                stack.give(slot, runtime.monotonic())
            elif slot is not None:
                stack.drop(slot)
            stack.gate.leave()
            _ours.reset(token)

    async def aclose(self) -> None:
        """Close what is idle now; what is in use closes when its call is done."""
        self.closed = True
        for stack in list(self._stacks.values()):
            stack.drop_idle(math.inf)

    def forget(self) -> None:
        """Let go of the sockets of the process this one was forked from; its own connections stay as they are."""
        _drop_stacks(self._stacks)

    def _stack(self) -> _Stack:
        loop = self._runtime.loop()
        stack = self._stacks.get(loop)
        if stack is None:
            self._tidy()
            stack = self._stacks.setdefault(loop, _Stack())
        return stack

    def _tidy(self) -> None:
        """Close what belongs to loops that are over, or that have not used it for long."""
        for loop, stack in list(self._stacks.items()):
            if self._runtime.is_over(loop):
                stack.drop_all()
                self._stacks.pop(loop, None)  # another thread may have been quicker
            else:
                stack.drop_idle(self._runtime.monotonic() - LONGEST_IDLE)

    def _open(self, stack: _Stack) -> _Slot:
        """Return a connection that is made when it is first used."""
        layers = int(self._secure) + int(self._proxy is not None and self._proxy.secure)
        network = AsyncNetwork(self._runtime, layers=layers, connect_timeout=CONNECT_TIMEOUT)
        context = ssl_context() if layers else None
        connection: httpcore.AsyncConnectionInterface | httpcore.AsyncConnectionPool
        if self._proxy is None:
            origin = httpcore.Origin(b"https" if self._secure else b"http", self._host, self._port)
            connection = httpcore.AsyncHTTPConnection(origin, ssl_context=context, network_backend=network)
        elif self._proxy.socks:
            connection = httpcore.AsyncSOCKSProxy(
                self._proxy.url,
                self._proxy.auth,
                ssl_context=context,
                max_connections=1,
                network_backend=network,
            )
        else:
            connection = httpcore.AsyncHTTPProxy(
                self._proxy.url,
                self._proxy.auth,
                ssl_context=context,
                proxy_ssl_context=context if self._proxy.secure else None,
                max_connections=1,
                network_backend=network,
            )
        slot = _Slot(connection, network)
        stack.all.add(slot)
        return slot

    def _wire(self, call: Call[Any], config: Config) -> httpcore.Request:
        """Return the request as it goes out. The key is in it, so that nobody keeps it in a variable."""
        return httpcore.Request(
            call.request.method,
            httpcore.URL(
                scheme=b"https" if self._secure else b"http",
                host=self._host,
                port=self._port,
                target=config.prefix + call.request.target.encode("ascii"),
            ),
            headers=[*config.headers, *call.headers, config.key.header()],
            content=call.content,
        )


async def read_body(
    chunks: AsyncIterator[bytes],
    body: Body,
    call: Call[Any],
    runtime: AsyncBackend,
    response: httpcore.Response | httpx.Response | None = None,
) -> bool:
    """Read a body, as much of it as is wanted and in time; return whether that was all."""
    left = True
    try:
        async for chunk in chunks:
            if runtime.monotonic() >= call.ends_at:
                raise TimeoutError(Message("the response was not complete in time"))
            if not body.feed(chunk):
                return False
        left = False
        return True
    finally:
        if left and response is not None:
            await _unwind(chunks, response)
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()


async def _unwind(chunks: AsyncIterator[bytes], response: httpcore.Response | httpx.Response) -> None:
    """Bring a body to its end that nobody wants: closing one generator would leave those inside it to the collector."""
    rest = 1000  # what was received already; a stream that goes on all the same is left as it is
    with suppress(Exception):
        await response.aclose()
        async for _ in chunks:
            rest -= 1
            if not rest:
                break


_TROUBLE = (
    httpcore.ConnectionNotAvailable,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    TimeoutError,
    ResponseTooLarge,
)


def _failure(error: Exception, network: AsyncNetwork) -> TransportFailure:
    """Say what an exception of the HTTP library means for the call."""
    text = text_of(error) or Message("the connection was lost")
    if isinstance(error, ResponseTooLarge):
        return TransportFailure(LomiResponseError, text, sent=True, retryable=False)
    if isinstance(error, (TimeoutError, httpcore.TimeoutException)):
        return TransportFailure(LomiTimeoutError, text, sent=network.sent)
    if isinstance(error, (httpcore.ProtocolError, httpcore.ProxyError)) and not network.lost:
        kind = LomiResponseError if network.sent else LomiConnectionError
        return TransportFailure(kind, text, sent=network.sent, retryable=False)
    return TransportFailure(
        LomiConnectionError, text, sent=network.sent, retryable=not isinstance(error, CertificateError)
    )


class AsyncBorrowed:
    """The caller's own HTTP client, used through its public ``send`` and never closed."""

    def __init__(self, http_client: httpx.AsyncClient, runtime: AsyncBackend) -> None:
        self.closed = False
        self._http_client = http_client
        self._runtime = runtime
        # `lomi.aiohttp.AiohttpClient` has a shorter way, without httpx's objects.
        self._ask: Any = getattr(http_client, "_lomi_exchange", self._send)
        _hush_our_calls()

    async def exchange(self, call: Call[Any], config: Config) -> Response | TransportFailure:
        """Send a call's request once, within its deadline; return what came of it."""
        if self._http_client.is_closed:
            # An earlier attempt may have arrived.
            text = Message("the http_client of this client is closed: close it after the last call")
            return TransportFailure(LomiConfigurationError, text, sent=False, retryable=False)
        seconds = call.remaining(self._runtime.monotonic())
        token = _ours.set(True)
        try:
            # Its own limits come first, since they know whether anything was sent.
            with self._runtime.limit(None if seconds is None else seconds + 0.1):
                reply: Response = await self._ask(call, config, seconds, self._runtime)
                return reply
        except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return TransportFailure(
                LomiTimeoutError, text_of(error) or Message("no connection in time"), sent=_was_connected(error)
            )
        except (httpx.ConnectError, httpx.ProxyError) as error:
            return TransportFailure(
                LomiConnectionError, text_of(error) or Message("no connection"), sent=_was_connected(error)
            )
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            # With HTTP/2, what the server did wrong after it had the request is called "local" too.
            sent = isinstance(error, httpx.LocalProtocolError)
            return TransportFailure(LomiConnectionError, text_of(error), sent=sent, retryable=False)
        except (TimeoutError, httpx.TimeoutException) as error:
            return TransportFailure(LomiTimeoutError, text_of(error) or Message("no response in time"), sent=True)
        except httpx.TransportError as error:
            return TransportFailure(
                LomiConnectionError, text_of(error) or Message("the connection was lost"), sent=True
            )
        except ResponseTooLarge as error:
            return TransportFailure(LomiResponseError, text_of(error), sent=True, retryable=False)
        finally:
            _ours.reset(token)
        return TransportFailure(LomiTimeoutError, Message("no response in time"), sent=True)

    async def _send(self, call: Call[Any], config: Config, seconds: float | None, runtime: AsyncBackend) -> Response:
        # follow_redirects and auth are given, so that the caller's defaults cannot send the key elsewhere.
        response = await self._http_client.send(
            self._wire(call, config, seconds), stream=True, auth=None, follow_redirects=False
        )
        try:
            if response.is_stream_consumed:
                # A transport that has read the answer itself, as those of tests and caches do, has decompressed it too.
                body = Body(response.status_code, [])
                body.feed(response.content)
            else:
                body = Body(response.status_code, response.headers.raw)
                await read_body(response.aiter_raw(), body, call, runtime, response)
            return Response(response.status_code, response.headers.raw, body.bytes())
        finally:
            await response.aclose()

    def _wire(self, call: Call[Any], config: Config, seconds: float | None) -> httpx.Request:
        """Return the request as it goes out. The key is in it, so that nobody keeps it in a variable."""
        connect = CONNECT_TIMEOUT if seconds is None else min(CONNECT_TIMEOUT, seconds)
        return httpx.Request(
            call.request.method,
            httpx.URL(
                scheme="https" if config.secure else "http",
                host=config.host,
                port=config.port,
                raw_path=config.prefix + call.request.target.encode("ascii"),
            ),
            headers=[*config.headers, *call.headers, config.key.header()],
            content=call.content,
            extensions={"timeout": {"connect": connect, "pool": seconds, "read": seconds, "write": seconds}},
        )

    async def aclose(self) -> None:
        """Do nothing to the HTTP client: it is the caller's."""
        self.closed = True


def _was_connected(error: Exception) -> bool:
    """Tell whether what is called a failure to connect is none: a bridge to aiohttp calls any lost connection so."""
    cause = type(error.__cause__)
    never = {"ClientConnectorError", "ConnectionTimeoutError"}
    return cause.__module__.startswith("aiohttp") and not never & {each.__name__ for each in cause.__mro__}


AsyncTransport = AsyncConnections | AsyncBorrowed
"""Makes one attempt; raises nothing for what the network does."""

_living: weakref.WeakSet[AsyncConnections] = weakref.WeakSet()


def _drop_stacks(stacks: dict[Hashable, _Stack]) -> None:
    for stack in list(stacks.values()):
        stack.drop_all()
    stacks.clear()


def _after_fork() -> None:
    for connections in list(_living):
        connections.forget()


# Windows, which cannot fork, does not have it: there, a dict that nobody keeps takes the argument.
getattr(os, "register_at_fork", dict)(after_in_child=_after_fork)

_ours: ContextVar[bool] = ContextVar("lomi_ours", default=False)


def _is_not_ours(_record: logging.LogRecord) -> bool:
    return not _ours.get()


def _hush_our_calls() -> None:
    # httpx logs whole URLs, and ours may hold a customer's name in ?search=; httpcore logs the headers of answers.
    for name in ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy"):
        logging.getLogger(name).addFilter(_is_not_ours)
