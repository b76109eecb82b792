"""What a client is without its namespaces: options, and the loop that every call goes through."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TypeVar

import httpx
from pydantic_core import to_json
from typing_extensions import Self

from .._backends.proxies import proxy_for
from .._backends.sync import SyncBackend
from .._core.api_key import ApiKey, ApiKeyProvider, Environment
from .._core.body import LARGEST_BODY
from .._core.call import Call
from .._core.config import UNCHANGED, Config, Unchanged
from .._core.deadline import ends_at
from .._core.decoding import decode_or_raise
from .._core.request import Request, with_extras
from .._core.response import Response, TransportFailure, clock_offset
from .._core.retry import RetryBudget, RetryPolicy
from .._i18n.language import Message
from .._telemetry.hooks import Hooks
from .._telemetry.logging import log_unreadable
from .._telemetry.observer import Observer
from ..errors import LomiConfigurationError
from .transport.exchange import Exchange
from .transport.http_client import transport_of
from .transport.pool import ConnectionPool

__all__ = ["BaseClient"]

T = TypeVar("T")
# What the framing of a body, such as chunks, may add to it.
_LARGEST_FRAMED_BODY = LARGEST_BODY + 1024 * 1024


class BaseClient:
    """Holds the configuration and one httpx transport, and sends requests."""

    def __init__(
        self,
        api_key: str | ApiKeyProvider | None = None,
        *,
        environment: Environment | None = None,
        base_url: str | None = None,
        account: str | None = None,
        timeout: float | None = 60.0,
        max_retries: int = 2,
        transport: httpx.BaseTransport | None = None,
        http_client: httpx.Client | None = None,
        hooks: Hooks | None = None,
        app_info: tuple[str, str] | None = None,
    ) -> None:
        key = ApiKey(api_key, environment)
        del api_key  # a traceback from here on must not show it
        config = Config.from_options(key, environment, base_url, account, timeout, max_retries, app_info)
        backend = SyncBackend()
        own: Any = None
        if transport is not None and http_client is not None:
            raise LomiConfigurationError(Message("both transport and http_client were passed: pass one of them"))
        if http_client is not None:
            transport = transport_of(http_client)
        elif transport is None:
            transport = own = ConnectionPool(
                proxy=proxy_for(config), max_response_size=_LARGEST_FRAMED_BODY, backend=backend
            )
        exchange = Exchange(transport, backend)
        observer = Observer(hooks, config, lambda: backend.monotonic())
        self._set_up(config, exchange, backend, RetryBudget(), observer, own)

    def _set_up(
        self,
        config: Config,
        exchange: Exchange,
        backend: SyncBackend,
        budget: RetryBudget,
        observer: Observer,
        own_transport: ConnectionPool | None,
    ) -> None:
        self.config = config
        self.backend = backend
        self.retry_budget = budget
        """Limits retries of all calls of this client and its clones; can be replaced, in tests for example."""
        self._exchange = exchange
        self._observer = observer
        self._own_transport = own_transport
        self._closed = False
        # When the last response came by this machine's clock, and by the server's.
        self._last_date = (0.0, b"")
        self._policy = RetryPolicy(config.max_retries, lambda: backend.random())

    @property
    def environment(self) -> Environment:
        """``"test"`` or ``"live"``."""
        return self.config.environment

    @property
    def base_url(self) -> str:
        """The URL of the API, without a slash at the end."""
        return self.config.base_url

    @property
    def transport(self) -> httpx.BaseTransport:
        """The httpx transport that all requests go through, shared with clones."""
        transport: httpx.BaseTransport = self._exchange.transport
        return transport

    def with_options(
        self,
        *,
        timeout: float | None | Unchanged = UNCHANGED,
        max_retries: int | Unchanged = UNCHANGED,
        account: str | None | Unchanged = UNCHANGED,
        extra_headers: Mapping[str, str] | None = None,
        extra_query: Mapping[str, str | int] | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> Self:
        """Return a client with other options that shares this one's transport and retry budget.

        Closing it closes nothing; closing the client that it comes from closes it too. The extras send what the API
        accepts and this version does not know yet. They only add: names that an operation declares, and headers that
        the client sets itself, are refused.

        Args:
            timeout: Seconds for a whole call; None for no limit.
            max_retries: How many times a call that is safe to repeat is repeated, 0 to 100.
            account: Act on this connected account; None for the key's own organisation.
            extra_headers: Headers to add to each request.
            extra_query: Query parameters to add to each request.
            extra_body: Fields to add to the JSON body of each request that has one.

        Raises:
            LomiConfigurationError: One of them cannot work.

        Examples:
            >>> balance = client.with_options(timeout=5).merchants.get_balance(id, currency_code="XOF")
        """
        clone = object.__new__(type(self))
        config = self.config.with_changes(
            timeout=timeout,
            max_retries=max_retries,
            account=account,
            extra_headers=extra_headers,
            extra_query=extra_query,
            extra_body=extra_body,
        )
        clone._set_up(config, self._exchange, self.backend, self.retry_budget, self._observer, None)
        return clone

    def send(self, request: Request[T]) -> T:
        """Send a request and return the parsed response. Every method uses it; it also reaches new endpoints.

        Raises:
            LomiConfigurationError: The client is closed.
            LomiValidationError: An extra of `with_options` is a name that the request has already.
            LomiConnectionError: There was no usable response; `LomiTimeoutError` when the time was over.
            LomiResponseError: The response is not what the API documents.
            LomiAPIError: The API returned an error; its subclasses say which.
        """
        with self._start_call(request) as call:
            while True:
                result = self._exchange.send(call, self.config)
                delay = self._next_delay(call, result)
                if delay is None:
                    return self._decode(call, result)
                call.pause(delay)
                self.backend.sleep(delay)
                call.resume()

    def clock_offset(self) -> float | None:
        """Return by how many seconds the server's clock is ahead of this machine's, as its last response tells."""
        received, date = self._last_date
        return clock_offset(date.decode("latin-1"), received)

    def _start_call(self, request: Request[T]) -> Call[T]:
        if self._closed or self._exchange.is_closed:
            raise LomiConfigurationError(
                Message("this client is closed: create another, or close it after the last call")
            )
        request = with_extras(request, self.config.extra_query, self.config.extra_body)
        self.retry_budget.deposit()
        backend = self.backend
        now = backend.monotonic()
        call = Call(
            request,
            str(uuid.uuid4()),
            None if request.body is None else to_json(request.body),
            ends_at=ends_at(now, self.config.timeout),
            started_monotonic=now,
            started_at=backend.time(),
            now=backend.time,
            redact=self.config.key.redact,
            scope=self.config.scope,
        )
        call.observer = self._observer.observe(call)
        return call

    def _decode(self, call: Call[T], result: Response | TransportFailure) -> T:
        value = decode_or_raise(call, result)
        if call.unreadable:
            request = call.request
            log_unreadable(
                request.operation or f"{request.method} {request.path.template}", call.request_id, call.unreadable
            )
        return value

    def _next_delay(self, call: Call[Any], result: Response | TransportFailure) -> float | None:
        """Record an attempt; return how long to wait before the next, or None when there is none."""
        backend = self.backend
        call.record_attempt(result)
        if isinstance(result, Response):
            self._last_date = backend.time(), call.redact(result.date)
            if result.status < 300:
                return None
        remaining = call.ends_at - backend.monotonic()
        delay = self._policy.delay(call.request, call.attempts, result, remaining=remaining, now=backend.time())
        return None if delay is None or not self.retry_budget.withdraw() else delay

    def close(self) -> None:
        """Close the client and its connections. Your own transport or http_client stays open.

        Closing twice is harmless.
        """
        self._closed = True
        if self._own_transport is not None:
            self._exchange.is_closed = True
            self._own_transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if "config" not in self.__dict__:  # in the traceback of a constructor that raised
            return f"{type(self).__name__}(…)"
        return f"{type(self).__name__}(environment={self.environment!r}, base_url={self.base_url!r})"
