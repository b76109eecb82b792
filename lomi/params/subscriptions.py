"""What the methods of subscriptions and customer subscriptions take."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import with_config
from typing_extensions import Required, TypedDict

from ._base import STRICT, Flag, Metadata, PageNumber, SentAs, Text
from ._types import CustomerId, Offset, PlainDate, UUIDString

__all__ = [
    "CustomerSubscriptionListParams",
    "SubscriptionCancelParams",
    "SubscriptionChangePlanParams",
    "SubscriptionListParams",
    "SubscriptionUpdateParams",
]

_Status = Literal["pending", "active", "paused", "cancelled", "expired", "past_due", "trial"]


@with_config(STRICT)
class SubscriptionListParams(TypedDict, total=False):
    """What ``subscriptions.list`` takes. The API has no filters for it."""

    page: PageNumber | None
    """The first page to read, from 1. Default 1."""
    page_size: Annotated[PageNumber | None, SentAs("pageSize")]
    """Subscriptions a page, from 1. Default 50; the API sets no maximum."""
    pageSize: PageNumber | None  # its name on the wire
    """The same, under its name on the wire."""


@with_config(STRICT)
class CustomerSubscriptionListParams(TypedDict, total=False):
    """What ``customer_subscriptions.list`` takes."""

    customer_id: CustomerId | None
    """Only those of this customer: a UUID, or ``cus_…``."""
    status: _Status | None
    """Only those in this state, such as ``"active"``."""
    limit: PageNumber | None
    """Subscriptions a page, from 1. Default 20; the API sets no maximum."""
    offset: Offset | None
    """How many to skip. Default 0."""


@with_config(STRICT)
class SubscriptionUpdateParams(TypedDict, total=False):
    """What ``subscriptions.update`` and ``customer_subscriptions.update`` take. Nothing can be cleared."""

    status: _Status
    """The new state, such as ``"paused"``. The API accepts every transition."""
    start_date: PlainDate
    """The day on which it began: a date, or YYYY-MM-DD."""
    end_date: PlainDate
    """The day on which it ends."""
    next_billing_date: PlainDate
    """The day on which the next payment is due."""
    metadata: Metadata
    """Your own key-value pairs: what JSON can carry, integers up to ±(2^53 − 1)."""


@with_config(STRICT)
class SubscriptionCancelParams(TypedDict, total=False):
    """What ``subscriptions.cancel`` takes."""

    cancel_at_period_end: Flag | None
    """Whether it goes on until its next billing date. The API's default is False: it ends at once."""
    cancellation_reason: Text | None
    """Why."""


@with_config(STRICT)
class SubscriptionChangePlanParams(TypedDict):
    """What ``subscriptions.change_plan`` takes."""

    price_id: Required[UUIDString]
    """The price to change to."""
