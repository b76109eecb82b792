"""What the methods of refunds take."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import with_config
from typing_extensions import Required, TypedDict

from ._base import STRICT, PageNumber, SentAs, Text
from ._types import Amount, AwareDatetime, Offset, RefundType, SubscriptionAction, UUIDString

__all__ = ["RefundCreateParams", "RefundListParams"]


@with_config(STRICT)
class RefundCreateParams(TypedDict, total=False):
    """What ``refunds.create`` takes: a transaction and an amount at least."""

    transaction_id: Required[UUIDString]
    """The completed transaction to refund: by card, or by Wave."""
    amount: Required[Amount]
    """How much, in whole units of the transaction's currency, at most its ``gross_amount``. Always pass it, for a full
    refund too: the API would not refuse a refund without an amount."""
    reason: Text | None
    """Why."""
    refund_type: RefundType | None
    """``"full"`` or ``"partial"``. Default: by the amount. ``"full"`` with a smaller amount counts as full."""
    subscription_action: SubscriptionAction | None
    """What to do to the subscription that was paid for: ``"default"``, ``"cancel"``, ``"pause"`` or ``"none"``."""


@with_config(STRICT)
class RefundListParams(TypedDict, total=False):
    """What ``refunds.list`` takes."""

    status: Literal["pending", "completed", "failed"] | None
    """Only those with this status."""
    start_date: Annotated[AwareDatetime | None, SentAs("startDate")]
    """Only those created from this moment on."""
    startDate: AwareDatetime | None  # its name on the wire
    """The same, under its name on the wire."""
    end_date: Annotated[AwareDatetime | None, SentAs("endDate")]
    """Only those created up to this moment."""
    endDate: AwareDatetime | None  # its name on the wire
    """The same, under its name on the wire."""
    limit: PageNumber | None
    """Refunds a page, from 1. Default 50."""
    offset: Offset | None
    """How many to skip, from 0. Default 0."""
