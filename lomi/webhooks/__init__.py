"""Webhooks: verified, and as typed events.

>>> from lomi import webhooks
>>> event = webhooks.parse(request.body, request.headers)  # the secret is read from LOMI_WEBHOOK_SECRET

`lomi.webhooks.django`, `.flask`, `.starlette` (FastAPI too), `.wsgi` and `.asgi` have an endpoint in one line.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .events import (
        Event,
        Headers,
        PaymentCreated,
        PaymentEvent,
        PaymentFailed,
        PaymentSucceeded,
        RefundCompleted,
        RefundCreated,
        RefundEvent,
        RefundFailed,
        SubscriptionCancelled,
        SubscriptionCreated,
        SubscriptionEvent,
        SubscriptionRenewed,
        SubscriptionUpdated,
        SubscriptionUsagePeriodClosed,
        UnknownEvent,
        UsageEvent,
        UsageInvoiceCreated,
        UsageInvoiceOverdue,
        UsageInvoicePaid,
        UsageRecorded,
        event_for,
        parse,
    )
    from .inbox import Inbox
    from .receiver import Handler, Handlers, ReceiverOptions
    from .signature import sign, verify

__all__ = [
    "Event", "Handler", "Handlers", "Headers", "Inbox", "PaymentCreated", "PaymentEvent", "PaymentFailed",
    "PaymentSucceeded", "ReceiverOptions", "RefundCompleted", "RefundCreated", "RefundEvent", "RefundFailed",
    "SubscriptionCancelled", "SubscriptionCreated", "SubscriptionEvent", "SubscriptionRenewed", "SubscriptionUpdated",
    "SubscriptionUsagePeriodClosed", "UnknownEvent", "UsageEvent", "UsageInvoiceCreated", "UsageInvoiceOverdue",
    "UsageInvoicePaid", "UsageRecorded", "event_for", "parse", "sign", "verify",
]  # fmt: skip

# A module is imported when something of it is asked for; what is not listed is of events.
_HOMES = {
    **dict.fromkeys(["sign", "verify"], "signature"),
    "Inbox": "inbox",
    **dict.fromkeys(["Handler", "Handlers", "ReceiverOptions"], "receiver"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'events')}"), name)
    return value
