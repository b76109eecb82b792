"""What the endpoints of all frameworks do: admit a request, verify it, call a function, respond."""

from __future__ import annotations

import inspect
import logging
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import anyio
import anyio.to_thread
from typing_extensions import TypedDict, Unpack

from .._core.api_key import Environment, checked_environment, environment_of
from .._i18n.language import Message
from ..errors import LomiConfigurationError, LomiWebhookPayloadError, LomiWebhookSignatureError
from .events import (
    EVENT_CLASSES,
    Event,
    PaymentCreated,
    PaymentFailed,
    PaymentSucceeded,
    RefundCompleted,
    RefundCreated,
    RefundFailed,
    SubscriptionCancelled,
    SubscriptionCreated,
    SubscriptionRenewed,
    SubscriptionUpdated,
    SubscriptionUsagePeriodClosed,
    UnknownEvent,
    UsageInvoiceCreated,
    UsageInvoiceOverdue,
    UsageInvoicePaid,
    UsageRecorded,
    parse,
)
from .signature import checked_secrets

__all__ = [
    "Handler",
    "Handlers",
    "InboxLike",
    "Receiver",
    "ReceiverOptions",
    "Refusal",
    "Reply",
    "call",
    "check_names",
    "declared_length",
    "is_async",
    "read_body",
]

Handler = Callable[[Event], object]
"""A function that is called with each event; what it returns is ignored. It may be async where the framework is."""

_log: Final = logging.getLogger("lomi.webhooks")
# The sender gives up after 4 seconds.
_LONGEST_READ = 10


class Handlers(TypedDict, total=False):
    """A function for each event that you act on. All others are accepted and ignored."""

    PAYMENT_CREATED: Callable[[PaymentCreated], object]
    PAYMENT_SUCCEEDED: Callable[[PaymentSucceeded], object]
    PAYMENT_FAILED: Callable[[PaymentFailed], object]
    REFUND_CREATED: Callable[[RefundCreated], object]
    REFUND_COMPLETED: Callable[[RefundCompleted], object]
    REFUND_FAILED: Callable[[RefundFailed], object]
    SUBSCRIPTION_CREATED: Callable[[SubscriptionCreated], object]
    SUBSCRIPTION_UPDATED: Callable[[SubscriptionUpdated], object]
    SUBSCRIPTION_RENEWED: Callable[[SubscriptionRenewed], object]
    SUBSCRIPTION_CANCELLED: Callable[[SubscriptionCancelled], object]
    USAGE_RECORDED: Callable[[UsageRecorded], object]
    USAGE_INVOICE_CREATED: Callable[[UsageInvoiceCreated], object]
    USAGE_INVOICE_PAID: Callable[[UsageInvoicePaid], object]
    USAGE_INVOICE_OVERDUE: Callable[[UsageInvoiceOverdue], object]
    SUBSCRIPTION_USAGE_PERIOD_CLOSED: Callable[[SubscriptionUsagePeriodClosed], object]


class InboxLike(Protocol):
    """Where events are recorded, so that each is handled once."""

    def process(self, event: Event, /) -> object:
        """Handle an event once, in a transaction; when that fails, store it for later. May be async.

        Raises:
            Exception: The event could be neither handled nor stored. The sender has to come again.
        """
        ...


class ReceiverOptions(TypedDict, total=False):
    """What an endpoint can be set up with."""

    secrets: str | Sequence[str] | None
    """The secret of the endpoint, or several while you change it. Default: ``LOMI_WEBHOOK_SECRET``."""
    inbox: InboxLike | None
    """An inbox, in place of a function: it has its own, and handles each event once. Default: none."""
    environment: Environment | None
    """Refuse events of the other environment. Default: that of ``LOMI_API_KEY``; without one, accept both."""
    max_age: float | None
    """Refuse a timestamp that is further than this from now, in seconds. Default: no limit; see `parse`."""
    max_body_size: int
    """The largest body that is read, in bytes. Default: 1 MiB."""


class Reply(NamedTuple):
    """A response to the sender."""

    status: int
    """The HTTP status."""
    body: bytes
    """The body, JSON."""
    headers: Mapping[str, str]
    """The headers."""


class Refusal(Exception):
    """A request that is not accepted.

    Attributes:
        reply: The response to it.
        problem: What the log says of it.
    """

    def __init__(self, status: int, error: str, problem: str = "", **headers: str) -> None:
        super().__init__(error)
        self.reply: Reply = _reply(status, f'{{"error":"{error}"}}', headers)
        self.problem: str = problem or error


class Receiver:
    """What an endpoint does with a request, whatever the framework.

    Attributes:
        is_async: Whether the function, or one of them, or the inbox is async.
        inbox: The inbox, if there is one.
    """

    def __init__(self, on: Handler | Handlers | None, **options: Unpack[ReceiverOptions]) -> None:
        if unknown := options.keys() - ReceiverOptions.__annotations__.keys():
            raise TypeError(f"webhook() got an unexpected keyword argument '{min(unknown)}'")
        self.inbox: InboxLike | None = options.get("inbox")
        if (on is None) is (self.inbox is None):
            raise LomiConfigurationError(Message("pass either a function for the events or an inbox"))
        handler: Any = on if self.inbox is None else self.inbox.process
        self._handler = handler
        handlers: list[Any] = [handler] if callable(handler) else _checked(handler)
        self.is_async: bool = any(map(is_async, handlers))
        secrets = options.get("secrets")
        self._secrets = None if secrets is None else checked_secrets(secrets)
        self._environment = checked_environment(options.get("environment"))
        self._max_age = options.get("max_age")
        self._max_body_size = options.get("max_body_size", 1024 * 1024)

    def require_sync(self, framework: str) -> None:
        """Make sure that nothing is async.

        Raises:
            LomiConfigurationError: The function, one of them, or the inbox is.
        """
        if self.is_async:
            raise LomiConfigurationError(
                Message("{} calls functions that are not async: write yours with def, without async", framework)
            )

    def receive(self, method: str, headers: Mapping[str, str], read: Callable[[int], bytes]) -> Reply:
        """Handle a request.

        Args:
            method: The HTTP method.
            headers: The headers; names in lower case.
            read: Returns the body, or its first so many bytes; may raise a `Refusal`.
        """
        try:
            self._admit(method, headers)
            event = self._accept(headers, read(self._max_body_size + 1))
            handler = self._handler_for(event)
        except Refusal as refusal:
            return _refused(refusal)
        try:
            if handler is not None:
                self.call(handler, event)
        except Exception as error:  # noqa: BLE001  # whatever the caller's function raises, the sender has to come again
            return self._failed(event, error)
        return _RECEIVED

    async def areceive(self, method: str, headers: Mapping[str, str], read: Callable[[int], Awaitable[bytes]]) -> Reply:
        """Handle a request in an event loop. What is not async runs in a thread."""
        try:
            self._admit(method, headers)
            event = self._accept(headers, await read(self._max_body_size + 1))
            handler = self._handler_for(event)
        except Refusal as refusal:
            return _refused(refusal)
        try:
            if is_async(handler):
                await handler(event)
            elif handler is not None:
                await self.in_thread(self.call, handler, event)
        except Exception as error:  # noqa: BLE001  # as above
            return self._failed(event, error)
        return _RECEIVED

    def call(self, handler: Handler, event: Event) -> None:
        """Call a function, or an inbox, that is not async."""
        call(handler, event)

    async def in_thread(self, function: Callable[..., object], *arguments: object) -> None:
        """Call a function in a thread."""
        await anyio.to_thread.run_sync(function, *arguments)

    def _admit(self, method: str, headers: Mapping[str, str]) -> None:
        """Refuse what cannot be a webhook, before its body is read."""
        if method != "POST":
            raise Refusal(405, "method_not_allowed", Allow="POST")
        kind = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise Refusal(415, "content_encoding")
        if kind and kind != "application/json":
            raise Refusal(415, "content_type")
        if declared_length(headers) > self._max_body_size:
            raise Refusal(413, "body_too_large")

    def _accept(self, headers: Mapping[str, str], body: bytes) -> Event:
        """Return the event of a request."""
        if len(body) > self._max_body_size:
            raise Refusal(413, "body_too_large")
        if not body and (declared_length(headers) or "transfer-encoding" in headers):
            problem = "the body has not arrived: a middleware has read it, or the server passes on no chunked ones"
            raise Refusal(503, "body_already_read", problem)
        try:
            event = parse(body, headers, self._secrets, max_age=self._max_age)
        except LomiWebhookSignatureError as error:
            raise Refusal(401, "bad_signature", str(error.args[0]), **{"WWW-Authenticate": "Lomi-Signature"}) from None
        except LomiWebhookPayloadError as error:
            raise Refusal(400, "bad_payload", str(error.args[0])) from None
        except LomiConfigurationError as error:
            raise Refusal(503, "not_configured", str(error.args[0])) from None
        expected = self._environment or environment_of(os.environ.get("LOMI_API_KEY", ""))
        if expected and event.environment and expected != event.environment:
            raise Refusal(403, "other_environment", f"an event of the {event.environment} environment")
        return event

    def _handler_for(self, event: Event) -> Any:
        if callable(self._handler):
            return self._handler
        handler = self._handler.get(event.event)
        if handler is not None and isinstance(event, UnknownEvent):
            _log.warning("webhook: %s has no id of its object: ignored", event.event)
            return None
        return handler

    def _failed(self, event: Event, error: Exception) -> Reply:
        # Neither the text of the error nor the event: both may be about a person.
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}"
        doing = "was not handled" if self.inbox is None else "could not be stored"
        _log.error("webhook: %s %s: %s at %s", event.dedupe_key, doing, type(error).__name__, place)
        _log.debug("webhook: the error", exc_info=error)
        return _reply(503, '{"error":"try_again"}')


async def read_body(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """Return a body, or what is there of it once it is as long as ``limit``.

    Raises:
        Refusal: It took too long.
    """
    body = bytearray()
    with anyio.move_on_after(_LONGEST_READ) as scope:
        async for chunk in chunks:
            body += chunk
            if len(body) >= limit:
                break
    if scope.cancelled_caught:
        raise Refusal(408, "body_too_slow", "the body took too long, or a middleware has read it before")
    return bytes(body)


def _reply(status: int, body: str, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, body.encode(), {"Content-Type": "application/json", **(headers or {})})


_RECEIVED = _reply(200, '{"received":true}')


def _refused(refusal: Refusal) -> Reply:
    level = logging.ERROR if refusal.reply.status >= 500 else logging.WARNING
    _log.log(level, "webhook: refused with %s: %s", refusal.reply.status, refusal.problem)
    return refusal.reply


def declared_length(headers: Mapping[str, str]) -> int:
    """Return the length of a body by its header; 0 without one."""
    declared = headers.get("content-length", "")
    return int(declared) if declared.isdecimal() and len(declared) < 20 else 0


def call(handler: Callable[[Any], object], event: Event) -> None:
    """Call a function that is not async.

    Raises:
        TypeError: It returned a coroutine, which no one awaits.
    """
    result = handler(event)
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError("the function returned a coroutine: write it with async def, or call asyncio.run in it")


def is_async(function: Any) -> bool:
    """Return whether calling a function makes a coroutine."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def _checked(on: Any) -> list[Any]:
    """Return the functions of a mapping.

    Raises:
        LomiConfigurationError: It is none, or one of its names or functions cannot be one.
    """
    if not isinstance(on, Mapping):
        raise LomiConfigurationError(
            Message("on is neither a function nor a mapping of event names to functions but {}", type(on).__name__)
        )
    handlers: dict[Any, Any] = {**on}
    check_names(handlers)
    for name, handler in handlers.items():
        if not callable(handler):
            raise LomiConfigurationError(Message("what is to handle {} is not a function", name))
    return list(handlers.values())


def check_names(names: Iterable[object]) -> None:
    """Make sure that these are names of events: of a misspelt one, no function would ever be called.

    Raises:
        LomiConfigurationError: One is not.
    """
    for name in names:
        if name not in EVENT_CLASSES:
            raise LomiConfigurationError(
                Message(
                    "{} is not an event that this version knows, such as PAYMENT_SUCCEEDED: pass one function for all "
                    "events to receive others",
                    repr(name)[:80],
                )
            )
