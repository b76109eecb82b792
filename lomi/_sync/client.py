"""The client: what it is set up with, and the loop that every call goes through."""

from __future__ import annotations

import json
import uuid
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import Self

from .._backends.sync import SyncBackend
from .._core.config import UNCHANGED, ApiKey, Config, Environment, Telling, Unchanged, changed, resolve
from .._core.deadline import ends_at
from .._core.reply import Call, Response, TransportFailure, clock_offset, parse
from .._core.request import Request
from .._core.retry import RetryBudget, RetryPolicy
from .._i18n.language import Language
from .._lazy import httpx
from .._telemetry.hooks import Hooks, checked
from .._telemetry.logging import log_unreadable
from .._telemetry.observer import Observer
from ..errors import LomiConfigurationError
from .resources.customers import CustomersResource
from .resources.merchants import MerchantsResource
from .transport.pool import Borrowed, Connections, Transport

if TYPE_CHECKING:
    from .resources.charges import ChargesResource
    from .resources.checkout_sessions import CheckoutSessionsResource
    from .resources.payment_links import PaymentLinksResource
    from .resources.payment_requests import PaymentRequestsResource
    from .resources.payouts import PayoutsResource
    from .resources.providers import ProvidersResource
    from .resources.refunds import RefundsResource
    from .resources.transactions import TransactionsResource

    # To pyright a cached_property is none that a protocol could ask for.
    cached_property = property
else:
    from functools import cached_property

__all__ = ["LomiClient"]

T = TypeVar("T")


class LomiClient:
    """A client of the lomi. API, synchronous.

    Create one for each process and share it: between threads and, after a fork, child processes. It
    opens connections when they are needed. Close it, or use it as a context manager, when you are done.

    Args:
        api_key: The secret key, ``lomi_sk_test_…`` or ``lomi_sk_live_…``. Default: ``LOMI_API_KEY``.
        environment: ``"test"`` or ``"live"``. Default: what the key says, else live.
        base_url: Where the API is. Default: ``LOMI_BASE_URL``, else the environment's host. https, or loopback.
        account: Act on this connected account (``Lomi-Account``). Default: the key's own organisation.
        timeout: Seconds for a whole call, with all its retries and waiting. Default 60; None for no limit.
        max_retries: How many times a call that is safe to repeat is repeated, 0 to 100. Default 2.
        http_client: Your own ``httpx.Client``, for proxies, mTLS or a private CA. It is never closed here;
            its defaults for redirects, auth, headers and cookies do not apply. Reads on it are each bounded by the
            time that is left, and the whole call is checked between them.
        hooks: What to call with each request, answer and retry; see `Hooks`. Default: nothing.
        language: ``"en"`` or ``"fr"``: what errors say of themselves. Names, codes, logs and what the API says stay
            as they are. Default: French where ``LOMI_LANG`` begins with fr, else English.

    Raises:
        LomiConfigurationError: One of them cannot work; the message says which, and what to do.

    Example:
        >>> with LomiClient() as client:
        ...     customer = client.customers.create(name="Amadou Ba", email="amadou.ba@example.com")
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        environment: Environment | None = None,
        base_url: str | None = None,
        account: str | None = None,
        timeout: float | None = 60.0,
        max_retries: int = 2,
        http_client: httpx.Client | None = None,
        hooks: Hooks | None = None,
        language: Language | None = None,
    ) -> None:
        key = ApiKey(api_key)
        del api_key  # a traceback from here on must not show it
        with Telling(language):
            config = resolve(key, environment, base_url, account, timeout, max_retries, language)
            runtime = SyncBackend()
            transport: Transport
            if http_client is None:
                transport = Connections(config, runtime)
            elif isinstance(http_client, httpx.Client):
                transport = Borrowed(http_client, runtime)
            else:
                kind = type(http_client).__name__
                raise LomiConfigurationError(f"http_client is not an httpx.Client but {kind}")
            observer = Observer(checked(hooks), config, lambda: runtime.monotonic())
        self._set_up(config, transport, runtime, RetryBudget(), observer, owner=True)

    def _set_up(
        self,
        config: Config,
        transport: Transport,
        runtime: SyncBackend,
        budget: RetryBudget,
        observer: Observer,
        *,
        owner: bool,
    ) -> None:
        self._config = config
        self._transport = transport
        self._runtime = runtime
        self._budget = budget
        self._observer = observer
        self._owner = owner
        self._telling = Telling(config.language)
        self._closed = False
        # When the last answer came by this machine's clock, and by the server's.
        self._answered = (0.0, "")
        self._policy = RetryPolicy(config.max_retries, lambda: runtime.random())

    @cached_property
    def customers(self) -> CustomersResource:
        """Customers and their transactions."""
        return CustomersResource(self)

    @cached_property
    def merchants(self) -> MerchantsResource:
        """Merchant accounts and their figures."""
        return MerchantsResource(self)

    @property
    def environment(self) -> Environment:
        """``"test"`` or ``"live"``."""
        return self._config.environment

    @property
    def base_url(self) -> str:
        """Where requests go, without a slash at the end."""
        return self._config.base_url

    def with_options(
        self,
        *,
        timeout: float | None | Unchanged = UNCHANGED,
        max_retries: int | Unchanged = UNCHANGED,
        account: str | None | Unchanged = UNCHANGED,
        language: Language | None | Unchanged = UNCHANGED,
    ) -> Self:
        """Return a client with other options that shares this one's connections and retry budget.

        Closing it closes nothing; closing the client that it comes from closes it too.

        Args:
            timeout: Seconds for a whole call; None for no limit.
            max_retries: How many times a call that is safe to repeat is repeated, 0 to 100.
            account: Act on this connected account; None for the key's own organisation.
            language: ``"en"`` or ``"fr"``, what errors speak; None for what ``LOMI_LANG`` says.

        Raises:
            LomiConfigurationError: One of them cannot work.

        Example:
            >>> balance = client.with_options(timeout=5).merchants.get_balance(id, currency_code="XOF")
        """
        with self._telling:
            config = changed(self._config, timeout=timeout, max_retries=max_retries, account=account, language=language)
        clone = object.__new__(type(self))
        clone._set_up(config, self._transport, self._runtime, self._budget, self._observer, owner=False)
        return clone

    def send(self, request: Request[T]) -> T:
        """Carry out a request and return what it promises: what every method does, and the way to new endpoints.

        Raises:
            LomiConfigurationError: The client is closed.
            LomiConnectionError: No usable answer came; `LomiTimeoutError` when the time was over.
            LomiResponseError: The answer is not what was promised.
            LomiAPIError: The API said no; its subclasses say how.
        """
        with self._telling, self._begin(request) as call:
            while True:
                result = self._transport.exchange(call, self._config)
                delay = self._consider(call, result)
                if delay is None:
                    return self._decoded(call, result)
                self._wait(call, delay)

    def _begin(self, request: Request[T]) -> Call[T]:
        if self._closed or self._transport.closed:
            raise LomiConfigurationError("this client is closed: create another, or close it after the last call")
        self._budget.deposit()
        now = self._runtime.monotonic()
        content = None if request.body is None else json.dumps(request.body, ensure_ascii=False).encode()
        call = Call(
            request=request,
            request_id=str(uuid.uuid4()),
            content=content,
            ends_at=ends_at(now, self._config.timeout),
            started_monotonic=now,
            now=self._runtime.time,
            redact=self._config.key.redact,
            scope=self._config.scope,
            started_at=self._runtime.time(),
        )
        call.watch = self._observer.watch(call)
        return call

    def _decoded(self, call: Call[T], result: Response | TransportFailure) -> T:
        value = parse(call, result)
        if call.unreadable:
            request = call.request
            operation = request.operation or f"{request.method} {request.path.template}"
            log_unreadable(operation, call.request_id, call.unreadable)
        return value

    def _consider(self, call: Call[Any], result: Response | TransportFailure) -> float | None:
        """Take note of an attempt; return how long to wait before the next, or None when there is to be none."""
        now, wall = self._runtime.monotonic(), self._runtime.time()
        call.record_attempt(result)
        if isinstance(result, Response):
            self._answered = wall, call.redact(result.date).decode("latin-1")
        delay = self._policy.delay(call.request, call.attempts, result, remaining=call.ends_at - now, wall=wall)
        return None if delay is None or not self._budget.withdraw() else delay

    @property
    def config(self) -> Config:
        """What the client is set up with."""
        return self._config

    @property
    def backend(self) -> SyncBackend:
        """How it waits."""
        return self._runtime

    def clock_offset(self) -> float | None:
        """Return by how many seconds the server's clock is ahead of this machine's, as its last answer tells."""
        came, date = self._answered
        return clock_offset(date, came)

    def _wait(self, call: Call[Any], delay: float) -> None:
        call.pause(delay)
        self._runtime.sleep(delay)
        call.again()

    def close(self) -> None:
        """Close the client and its connections; once is enough, twice does no harm. Your own http_client stays open."""
        self._closed = True
        if self._owner:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if "_config" not in self.__dict__:  # in the traceback of a constructor that raised
            return f"{type(self).__name__}(…)"
        return f"{type(self).__name__}(environment={self.environment!r}, base_url={self.base_url!r})"

    # Resources of payments, imported when they are first used.

    @cached_property
    def charges(self) -> ChargesResource:
        """Payments by Wave, MTN and card, without the hosted page."""
        from .resources.charges import ChargesResource

        return ChargesResource(self)

    @cached_property
    def checkout_sessions(self) -> CheckoutSessionsResource:
        """Hosted payment pages."""
        from .resources.checkout_sessions import CheckoutSessionsResource

        return CheckoutSessionsResource(self)

    @cached_property
    def payment_links(self) -> PaymentLinksResource:
        """Pay pages to share."""
        from .resources.payment_links import PaymentLinksResource

        return PaymentLinksResource(self)

    @cached_property
    def payment_requests(self) -> PaymentRequestsResource:
        """Requests to one customer to pay."""
        from .resources.payment_requests import PaymentRequestsResource

        return PaymentRequestsResource(self)

    @cached_property
    def payouts(self) -> PayoutsResource:
        """Money sent out."""
        from .resources.payouts import PayoutsResource

        return PayoutsResource(self)

    @cached_property
    def providers(self) -> ProvidersResource:
        """The payment providers."""
        from .resources.providers import ProvidersResource

        return ProvidersResource(self)

    @cached_property
    def refunds(self) -> RefundsResource:
        """Refunds of completed payments."""
        from .resources.refunds import RefundsResource

        return RefundsResource(self)

    @cached_property
    def transactions(self) -> TransactionsResource:
        """Payments."""
        from .resources.transactions import TransactionsResource

        return TransactionsResource(self)
