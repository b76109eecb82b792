"""What a webhook says: one class for each event."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from functools import cache
from typing import Any, ClassVar, Literal, Protocol

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import override

from .._i18n.language import Message
from ..errors import LomiWebhookPayloadError, LomiWebhookSignatureError
from ..models._base import LomiModel, Timestamp
from ..models._reading import read
from ..models._surrogates import repair_surrogates
from ..models.refunds import Refund
from ..models.subscriptions import Subscription
from ..models.transactions import PaymentTransaction
from ..models.webhooks import WebhookEventType
from .signature import checked_secrets, verify_any

__all__ = [
    "EVENT_CLASSES",
    "Event",
    "Headers",
    "PaymentCreated",
    "PaymentEvent",
    "PaymentFailed",
    "PaymentSucceeded",
    "RefundCompleted",
    "RefundCreated",
    "RefundEvent",
    "RefundFailed",
    "SubscriptionCancelled",
    "SubscriptionCreated",
    "SubscriptionEvent",
    "SubscriptionRenewed",
    "SubscriptionUpdated",
    "SubscriptionUsagePeriodClosed",
    "UnknownEvent",
    "UsageEvent",
    "UsageInvoiceCreated",
    "UsageInvoiceOverdue",
    "UsageInvoicePaid",
    "UsageRecorded",
    "bounded_key",
    "event_for",
    "parse",
]

_LONGEST_KEY = 200


class Headers(Protocol):
    """The headers of a request: a mapping, or the object of a framework that has ``items``."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Return the names, in any case, and the values."""
        ...


class Event(LomiModel):
    """A webhook. `parse` returns one of its subclasses; a name that this version does not know is an `UnknownEvent`.

    A field that is missing or cannot be read is None. ``event["name"]`` reads what this version does not know.
    """

    shown_in_repr: ClassVar[tuple[str, ...]] = ("event", "id", "timestamp")

    id: str | None = None
    """The id of the delivery. **It is new on each attempt** for live payments: deduplicate by `dedupe_key`."""
    event: WebhookEventType
    """What happened, such as ``"PAYMENT_SUCCEEDED"``."""
    timestamp: Timestamp | None = None
    """When this attempt was made; not when the event happened."""
    data: dict[str, Any]
    """The object that it is about, as JSON; empty when lomi. sent none."""
    lomi_environment: str | None = None
    """The mode in which the server of lomi. runs, such as ``"production"``; says nothing of test and live."""
    object: LomiModel | dict[str, Any] = Field(exclude=True)
    """The object that it is about, typed where it has a model."""
    raw: bytes = Field(default=b"", exclude=True)
    """The body as received; empty for an event that was not received."""

    @property
    def environment(self) -> Literal["test", "live"] | None:
        """Whether it is about test or live money; None when it carries no mark, as events of Wave do."""
        inner = _inner(self.data)
        metadata = _dict(inner.get("metadata"))
        test_mode = {"True": "test", "False": "live"}.get(str(metadata.get("test_mode")).capitalize())
        # The first that there is decides, as it does for the sender.
        marks = (inner.get("environment"), metadata.get("payment_environment"), test_mode)
        mark: Any = next((each for each in marks if each is not None), None)
        return mark if mark in ("test", "live") else None

    @property
    def is_test(self) -> bool | None:
        """Whether it is about test money; None when it carries no mark, as events of Wave do."""
        return None if self.environment is None else self.environment == "test"

    @property
    def dedupe_key(self) -> str:
        """What is the same for all deliveries of one event, and differs for any other: at most 200 characters."""
        # Some events have no id: what they say is all that tells them apart.
        return self._key(self.id or "sha256:" + hashlib.sha256(_canonical(self.data)).hexdigest())

    def _key(self, *parts: str | None) -> str:
        return bounded_key(self.event, *(part or "" for part in parts))

    @classmethod
    def from_dict(cls, envelope: Mapping[str, Any], raw: bytes = b"") -> Event:
        """Return the event of an envelope, as ``to_dict`` and the delivery logs have it. Nothing is verified.

        Args:
            envelope: ``id``, ``event``, ``timestamp`` and ``data``.
            raw: What becomes `raw`.

        Raises:
            LomiWebhookPayloadError: It has no name of an event.
        """
        name: Any = envelope.get("event")
        data = _dict(envelope.get("data"))
        values = {**envelope, "data": data, "object": _inner(data), "raw": raw}
        if not isinstance(name, str) or not name:
            raise LomiWebhookPayloadError(Message("the webhook's body has no name of an event"))
        try:
            return read(_adapter(EVENT_CLASSES.get(name, UnknownEvent)), values)[0]
        except ValidationError:
            # Without the id of its object, it is nothing that this version knows.
            return read(_adapter(UnknownEvent), values)[0]


class PaymentEvent(Event):
    """An event of a payment."""

    # The status of a payment of which the server sent none: the key must be that of the same payment read later.
    _implied_status: ClassVar[str]

    object: PaymentTransaction = Field(exclude=True)  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    """The payment, as it was at this attempt."""

    @property
    @override
    def dedupe_key(self) -> str:
        """The event, the id of the transaction and its status: what is the same for all deliveries of one event."""
        return self._key(self.object.transaction_id, self.object.status or self._implied_status)


class PaymentCreated(PaymentEvent):
    """``PAYMENT_CREATED``: a payment has begun. Nothing is paid."""

    _implied_status: ClassVar[str] = "pending"


class PaymentSucceeded(PaymentEvent):
    """``PAYMENT_SUCCEEDED``: a payment is completed. Check ``event.object.is_paid(price)`` before you fulfil it."""

    _implied_status: ClassVar[str] = "completed"


class PaymentFailed(PaymentEvent):
    """``PAYMENT_FAILED``: an attempt to pay failed. A payer can try again, so the payment may still succeed."""

    _implied_status: ClassVar[str] = "failed"


class RefundEvent(Event):
    """An event of a refund."""

    object: Refund = Field(exclude=True)  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    """The refund, as it was at this attempt."""

    @property
    @override
    def dedupe_key(self) -> str:
        """The event and the id of the refund: what is the same for all deliveries of one event."""
        return self._key(self.object.refund_id)


class RefundCreated(RefundEvent):
    """``REFUND_CREATED``: a refund was made."""


class RefundCompleted(RefundEvent):
    """``REFUND_COMPLETED``: the payer has the money back."""


class RefundFailed(RefundEvent):
    """``REFUND_FAILED``: a refund failed; the payer does not have the money."""


class SubscriptionEvent(Event):
    """An event of a subscription."""

    object: Subscription = Field(exclude=True)  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    """The subscription, as it was at this attempt."""


class SubscriptionCreated(SubscriptionEvent):
    """``SUBSCRIPTION_CREATED``: a customer has subscribed."""


class SubscriptionUpdated(SubscriptionEvent):
    """``SUBSCRIPTION_UPDATED``: its plan, status or dates were changed."""

    @property
    def previous_attributes(self) -> dict[str, Any]:
        """The fields that were changed, with their values from before."""
        return _dict(self.data.get("previous_attributes"))

    @property
    def context(self) -> dict[str, Any]:
        """Who changed it: ``source`` is ``"merchant_api"``, ``"customer_portal"`` or ``"cron"``."""
        return _dict(self.data.get("context"))


class SubscriptionRenewed(SubscriptionEvent):
    """``SUBSCRIPTION_RENEWED``: a further period is paid."""


class SubscriptionCancelled(SubscriptionEvent):
    """``SUBSCRIPTION_CANCELLED``: it has ended."""


class UsageEvent(Event):
    """An event of usage-based billing."""

    object: dict[str, Any] = Field(exclude=True)  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    """What it is about, as JSON."""


class UsageRecorded(UsageEvent):
    """``USAGE_RECORDED``: usage was counted: ``meter_id``, ``subscription_id`` and ``quantity_applied``."""


class UsageInvoiceCreated(UsageEvent):
    """``USAGE_INVOICE_CREATED``: usage was invoiced."""


class UsageInvoicePaid(UsageEvent):
    """``USAGE_INVOICE_PAID``: an invoice of usage is paid."""


class UsageInvoiceOverdue(UsageEvent):
    """``USAGE_INVOICE_OVERDUE``: an invoice of usage was not paid in time."""


class SubscriptionUsagePeriodClosed(UsageEvent):
    """``SUBSCRIPTION_USAGE_PERIOD_CLOSED``: no more usage counts for a period."""


class UnknownEvent(Event):
    """An event that this version does not know, or whose object has no id. Its data is all there."""

    object: dict[str, Any] = Field(exclude=True)  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    """What it is about, as JSON."""


EVENT_CLASSES: Mapping[str, type[Event]] = {
    "PAYMENT_CREATED": PaymentCreated,
    "PAYMENT_SUCCEEDED": PaymentSucceeded,
    "PAYMENT_FAILED": PaymentFailed,
    "REFUND_CREATED": RefundCreated,
    "REFUND_COMPLETED": RefundCompleted,
    "REFUND_FAILED": RefundFailed,
    "SUBSCRIPTION_CREATED": SubscriptionCreated,
    "SUBSCRIPTION_UPDATED": SubscriptionUpdated,
    "SUBSCRIPTION_RENEWED": SubscriptionRenewed,
    "SUBSCRIPTION_CANCELLED": SubscriptionCancelled,
    "USAGE_RECORDED": UsageRecorded,
    "USAGE_INVOICE_CREATED": UsageInvoiceCreated,
    "USAGE_INVOICE_PAID": UsageInvoicePaid,
    "USAGE_INVOICE_OVERDUE": UsageInvoiceOverdue,
    "SUBSCRIPTION_USAGE_PERIOD_CLOSED": SubscriptionUsagePeriodClosed,
}
"""The class of each event, by the name on the wire."""

# Which event a status is the news of. A payment that expired or was refunded has none: no webhook says that.
_OF_PAYMENTS = {"completed": "PAYMENT_SUCCEEDED", "failed": "PAYMENT_FAILED"}
_OF_REFUNDS = {"pending": "REFUND_CREATED", "completed": "REFUND_COMPLETED", "failed": "REFUND_FAILED"}


def parse(
    body: bytes, headers: Headers, secrets: str | Sequence[str] | None = None, *, max_age: float | None = None
) -> Event:
    """Verify a webhook and return its event.

    Args:
        body: The bytes of the request's body as received, before anything has parsed them.
        headers: The request's headers; names in any case. Only ``X-Lomi-Signature`` is read: no other is signed.
        secrets: The secret of the endpoint, or several while you change it. Default: ``LOMI_WEBHOOK_SECRET``.
        max_age: Refuse a timestamp that is further than this from now, in seconds. Default: no limit, since a delivery
            that is repeated from the dashboard has its first timestamp. Repetitions are found by ``event.dedupe_key``.

    Returns:
        One of the subclasses of `Event`.

    Raises:
        LomiWebhookSignatureError: It was not signed with a secret of yours, or is too old.
        LomiWebhookPayloadError: It was, but the body is not a JSON object with the name of an event.
        LomiValidationError: The body is not bytes.
        LomiConfigurationError: There is no secret.

    Examples:
        >>> event = lomi.webhooks.parse(request.body, request.headers)
        >>> if isinstance(event, PaymentSucceeded):
        ...     print(event.object.transaction_id)
    """
    verify_any(
        body,
        _signature(headers),
        checked_secrets(os.environ.get("LOMI_WEBHOOK_SECRET", "") if secrets is None else secrets),
    )
    event = Event.from_dict(_envelope(body), raw=bytes(body))
    if max_age is not None:
        _check_age(event.timestamp, max_age)
    return event


def bounded_key(*parts: str) -> str:
    """Return a key that every database can hold: at most 200 printable characters of ASCII, else a hash."""
    key = ":".join(parts)
    if len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable():
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def event_for(object: PaymentTransaction | Refund, environment: Literal["test", "live"] | None = None) -> Event | None:
    """Return the event that a payment or refund read from the API is the news of; None when there is none.

    It has the `dedupe_key` of the webhook that may have been missed, no id and no raw body.

    Args:
        object: A payment that is completed or failed, or a refund.
        environment: The environment of the client that read it, for ``event.is_test``.
    """
    names = _OF_PAYMENTS if isinstance(object, PaymentTransaction) else _OF_REFUNDS
    name = names.get(object.status or "")
    if name is None:
        return None
    data = {key: value for key, value in object.to_dict().items() if value is not None}
    if environment is not None:
        data.setdefault("environment", environment)
    changed_at = object.updated_at or object.created_at
    return Event.from_dict({"event": name, "timestamp": changed_at and changed_at.isoformat(), "data": data})


def _signature(headers: Headers) -> str | None:
    values = [value for name, value in headers.items() if name.lower() == "x-lomi-signature"]
    return ", ".join(values) if len(values) > 1 else values[0] if values else None


def _envelope(body: bytes) -> dict[str, Any]:
    try:
        envelope: Any = from_json(repair_surrogates(bytes(body)), allow_inf_nan=False)
    except ValueError:
        raise LomiWebhookPayloadError(Message("the webhook's body is not JSON")) from None
    if not isinstance(envelope, dict):
        raise LomiWebhookPayloadError(Message("the webhook's body is not a JSON object"))
    return envelope  # pyright: ignore[reportUnknownVariableType]


def _check_age(timestamp: datetime | None, max_age: float) -> None:
    if timestamp is None:
        raise LomiWebhookSignatureError(Message("the webhook has no timestamp, which max_age asks for"))
    if not abs((datetime.now(timezone.utc) - timestamp).total_seconds()) <= max_age:  # of NaN, too
        raise LomiWebhookSignatureError(
            Message("the webhook's timestamp is more than max_age from now: leave max_age out to accept repetitions")
        )


def _inner(data: dict[str, Any]) -> dict[str, Any]:
    """Return the object of an event's data, which may stand beside what it was before."""
    inner = data.get("object")
    return inner if isinstance(inner, dict) else data  # pyright: ignore[reportUnknownVariableType]


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _canonical(data: dict[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()


@cache
def _adapter(kind: type[Event]) -> TypeAdapter[Event]:
    return TypeAdapter(kind)
