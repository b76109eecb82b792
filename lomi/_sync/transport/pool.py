"""The client's own httpx transport: a pool of connections per process."""

from __future__ import annotations

import logging
import math
import os
import ssl
import weakref
from collections import deque
from collections.abc import Hashable
from contextvars import ContextVar
from functools import partial
from typing import Any

import httpcore
import httpx
from typing_extensions import Self, override

from ..._backends.proxies import Proxy, parse_proxy, ssl_context as default_ssl_context
from ..._backends.sync import SyncBackend, SyncLimiter
from ..._i18n.language import Message
from .network import NetworkBackend
from .stream import PooledStream, translated

__all__ = ["ConnectionPool", "in_lomi_call", "quiet_http_loggers", "reset_pools_after_fork"]

CONNECT_TIMEOUT = 10.0
MAX_CONNECTIONS = 512
# The server closes a connection after 5 idle seconds; one that a slow link might reach too late is not used again.
KEEPALIVE_EXPIRY = 3.0
# What may come before a body, TLS and interim responses included.
_LARGEST_HEAD = 512 * 1024

Origin = tuple[bytes, bytes, int]


class PooledConnection:
    """One connection, or a proxy's pool of one."""

    __slots__ = ("http", "idle_since", "network")

    def __init__(self, http: httpcore.ConnectionInterface | httpcore.ConnectionPool, network: NetworkBackend) -> None:
        self.http = http
        self.network = network
        self.idle_since = 0.0


class _Request(httpcore.Request):
    """An httpx request, whose parts are bytes already: httpcore would check each header twice more."""

    def __init__(self, request: httpx.Request, url: httpcore.URL, extensions: dict[str, Any]) -> None:
        self.method = request.method.encode("ascii")
        self.url = url
        self.headers = request.headers.raw
        self.stream: Any = request.stream
        self.extensions = extensions


class _LoopPool:
    """The connections of one process to one origin; the one that was used last is used next."""

    def __init__(self, origin: Origin, max_connections: int, keepalive_expiry: float) -> None:
        self.origin = origin
        scheme, self._host, port = origin
        self._scheme = scheme
        # A proxy is told the port only where it is not the scheme's own.
        self._port = None if port == (443 if scheme == b"https" else 80) else port
        self._keepalive_expiry = keepalive_expiry
        self.limiter = SyncLimiter(max_connections)
        self.idle: deque[PooledConnection] = deque()
        self.all: set[PooledConnection] = set()

    def as_httpcore(self, request: httpx.Request) -> httpcore.Request:
        """Return a request as httpcore takes it."""
        extensions = request.extensions
        target = extensions.get("target") or request.url.raw_path
        timeout = extensions.get("timeout")
        url = httpcore.URL(scheme=self._scheme, host=self._host, port=self._port, target=target)
        return _Request(request, url, {"timeout": timeout} if timeout else {})

    def acquire(self, now: float) -> PooledConnection | None:
        """Return the idle connection that was used last, if it can still be used."""
        while True:
            try:  # not a look first: another thread may be quicker
                connection = self.idle.pop()
            except IndexError:
                return None
            if connection.idle_since > now - self._keepalive_expiry and not connection.network.is_stale():
                return connection
            self.discard(connection)

    def release(self, connection: PooledConnection, now: float) -> None:
        """Take a connection back, and close those that have been idle too long."""
        connection.idle_since = now
        self.idle.append(connection)
        self.close_expired(now)

    def close_expired(self, now: float) -> None:
        """Close what has been idle too long."""
        self.close_idle(now - self._keepalive_expiry)

    def close_idle(self, before: float = math.inf) -> None:
        """Close what has been idle since before a time."""
        while True:
            try:
                connection = self.idle.popleft()
            except IndexError:
                return
            if connection.idle_since > before:
                self.idle.appendleft(connection)
                return
            self.discard(connection)

    def discard(self, connection: PooledConnection) -> None:
        """Close one connection."""
        self.all.discard(connection)
        connection.network.close()

    def close(self) -> None:
        """Close every connection, those in use too."""
        self.idle.clear()
        for connection in list(self.all):
            self.discard(connection)


class ConnectionPool(httpx.BaseTransport):
    """An httpx transport that keeps connections for each process and host.

    `LomiClient` uses one when it is given neither ``transport`` nor ``http_client``. It also works in an HTTP
    client of your own: ``httpx.Client(transport=ConnectionPool())``. It speaks HTTP/1.1. It is safe with
    forks, event loops, threads and cancellation. The connection that was used last is used next. Idle connections are
    closed after a few seconds, before the server closes them.

    Two request extensions are understood besides httpx's own ``timeout``: ``deadline``, a time of ``time.monotonic()``
    by which the whole exchange must be over, and ``target``, the raw path and query.

    It raises nothing but ``httpx.TransportError``, and what the request's own stream raises. ``ConnectError``,
    ``ConnectTimeout``, ``PoolTimeout``, ``ProxyError``, ``UnsupportedProtocol`` and ``LocalProtocolError`` say that
    nothing of the request was sent.

    Args:
        ssl_context: Your own TLS context. Default: the authorities that httpx trusts.
        proxy: The URL of an http, https or socks5 proxy. Default: none; the environment is not consulted.
        max_connections: How many connections may be open for each host, from 1. Default 512.
        keepalive_expiry: Seconds after which an idle connection is not used again. Default 3.
        max_response_size: How many bytes may be received behind what came with a response's head. Default: no limit.

    Raises:
        LomiConfigurationError: ``proxy`` is not the URL of a proxy that can be used; from a request, a file that
            ``SSL_CERT_FILE`` or ``SSLKEYLOGFILE`` names cannot be used.

    Examples:
        >>> with httpx.Client(transport=ConnectionPool()) as http_client:
        ...     response = http_client.get("https://example.com")
    """

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | Proxy | None = None,
        max_connections: int = MAX_CONNECTIONS,
        keepalive_expiry: float = KEEPALIVE_EXPIRY,
        max_response_size: int | None = None,
        backend: SyncBackend | None = None,
    ) -> None:
        self._ssl_context = ssl_context
        self._proxy = parse_proxy(proxy) if isinstance(proxy, str) else proxy
        self._max_connections = max_connections
        self._keepalive_expiry = keepalive_expiry
        self._max_response_size = math.inf if max_response_size is None else max_response_size
        self.backend: SyncBackend = backend or SyncBackend()
        self._closed = False
        self._pools: dict[tuple[Hashable, Origin], _LoopPool] = {}
        # A pool that no one closed closes its sockets when it is collected, or at exit.
        weakref.finalize(self, _close_pools, self._pools)
        _living.add(self)

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return its response with a stream that has yet to be read."""
        backend, extensions = self.backend, request.extensions
        pool = self._pool(request.url)
        ends_at: float = extensions.get("deadline", math.inf)
        now = backend.monotonic()
        if ends_at <= now:
            raise httpx.ConnectTimeout(Message("no response in time"))
        seconds = min(ends_at - now, _or_infinity(extensions.get("timeout", {}).get("pool")))
        if not pool.limiter.acquire(None if seconds == math.inf else seconds):
            raise httpx.PoolTimeout(Message("no connection was free in time"))
        connection, stream, failure = None, None, None
        response: Any = None  # its extensions have no type
        try:
            connection = pool.acquire(backend.monotonic()) or self._open(pool)
            network = connection.network
            network.start(ends_at, _LARGEST_HEAD)
            try:
                response = backend.without_checkpoints(connection.http.handle_request, pool.as_httpcore(request))
                if network.is_connected() and not network.sent:
                    raise httpcore.ReadError(Message("the response does not belong to this request"))
                network.start_body(self._max_response_size)
                finish = partial(self._finish, pool, connection)
                stream = PooledStream(backend, network, request.method, response, finish)
            except Exception as error:  # noqa: BLE001  # raised again, as what it means to httpx
                failure = translated(error, network)
        finally:
            if stream is None:
                try:
                    if connection is not None:
                        pool.discard(connection)
                finally:
                    pool.limiter.release()
        if stream is None:
            raise failure or httpx.ReadError(Message("the connection was lost"))
        return httpx.Response(response.status, headers=response.headers, stream=stream, extensions=response.extensions)

    @override
    def close(self) -> None:
        """Close idle connections now, and those in use when their exchange is over. Closing twice is harmless."""
        self._closed = True
        for pool in list(self._pools.values()):
            pool.close_idle()

    @override
    def __enter__(self) -> Self:
        return self

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def reset_after_fork(self) -> None:
        """Close the sockets of the process that this one was forked from; that process keeps its own."""
        _close_pools(self._pools)

    def connections(self) -> int:
        """Return how many connections are open, in use or idle."""
        return sum(len(pool.all) for pool in list(self._pools.values()))

    def _finish(self, pool: _LoopPool, connection: PooledConnection, reusable: bool) -> None:
        """Take a connection back when its response was read or given up."""
        try:
            if reusable and not self._closed:
                pool.release(connection, self.backend.monotonic())
            else:
                pool.discard(connection)
        finally:
            pool.limiter.release()

    def _pool(self, url: httpx.URL) -> _LoopPool:
        scheme = url.raw_scheme
        if scheme not in (b"http", b"https"):
            raise httpx.UnsupportedProtocol(Message("the URL is neither http nor https"))
        origin = (scheme, url.raw_host, url.port or (443 if scheme == b"https" else 80))
        key = (self.backend.loop(), origin)
        pool = self._pools.get(key)
        if pool is None:
            self._close_expired()
            pool = self._pools.setdefault(key, _LoopPool(origin, self._max_connections, self._keepalive_expiry))
        return pool

    def _close_expired(self) -> None:
        """Close what belongs to loops that have ended, or that have not used it for long."""
        for key, pool in list(self._pools.items()):
            if self.backend.is_over(key[0]):
                pool.close()
                self._pools.pop(key, None)  # another thread may have been quicker
            else:
                pool.close_expired(self.backend.monotonic())

    def _open(self, pool: _LoopPool) -> PooledConnection:
        """Return a connection that is established when it is first used."""
        proxy, (scheme, host, port) = self._proxy, pool.origin
        layers = int(scheme == b"https") + int(proxy is not None and proxy.secure)
        network = NetworkBackend(
            self.backend,
            tls_layers=layers,
            connect_timeout=CONNECT_TIMEOUT,
            via_socks=proxy is not None and proxy.socks,
        )
        context = (self._ssl_context or default_ssl_context()) if layers else None
        http: httpcore.ConnectionInterface | httpcore.ConnectionPool
        if proxy is None:
            origin = httpcore.Origin(scheme, host, port)
            http = httpcore.HTTPConnection(origin, ssl_context=context, network_backend=network)
        elif proxy.socks:
            http = httpcore.SOCKSProxy(
                proxy.url, proxy.auth, ssl_context=context, max_connections=1, network_backend=network
            )
        else:
            http = httpcore.HTTPProxy(
                proxy.url,
                proxy.auth,
                ssl_context=context,
                proxy_ssl_context=context if proxy.secure else None,
                max_connections=1,
                network_backend=network,
            )
        connection = PooledConnection(http, network)
        pool.all.add(connection)
        return connection


def _or_infinity(seconds: float | None) -> float:
    return math.inf if seconds is None else seconds


_living: weakref.WeakSet[ConnectionPool] = weakref.WeakSet()


def _close_pools(pools: dict[tuple[Hashable, Origin], _LoopPool]) -> None:
    for pool in list(pools.values()):
        pool.close()
    pools.clear()


def reset_pools_after_fork() -> None:
    """Make every pool forget the connections of the parent process."""
    for pool in list(_living):
        pool.reset_after_fork()


# Windows, which cannot fork, does not have it: there, dict() takes the argument.
getattr(os, "register_at_fork", dict)(after_in_child=reset_pools_after_fork)

in_lomi_call: ContextVar[bool] = ContextVar("lomi_in_call", default=False)
"""Set while a client of ours uses httpx and httpcore, whose loggers are then silent."""


def _is_not_ours(_record: logging.LogRecord) -> bool:
    return not in_lomi_call.get()


def quiet_http_loggers() -> None:
    """Keep our calls out of the logs of httpx and httpcore: they hold whole URLs, headers and a proxy's password."""
    names = ("connection", "http11", "http2", "proxy", "socks")
    for suffix in ("", "2"):
        for name in (f"httpx{suffix}", *(f"httpcore{suffix}.{name}" for name in names)):
            logging.getLogger(name).addFilter(_is_not_ours)
    for name in ("hpack.hpack", "hpack.table"):  # of an http_client with HTTP/2
        logging.getLogger(name).addFilter(_is_not_ours)
