"""Refunds: response models."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ._base import Amount, LomiModel, Metadata, Timestamp
from ._listings import DataListing
from ._types import OPEN
from .pagination import Scheme

__all__ = ["CreatedRefund", "Refund", "RefundListing", "RefundStatus", "RefundSubscriptionAction"]

_Status = Literal["pending", "completed", "failed"]
RefundStatus = Annotated[_Status | str, OPEN]
"""The status of a refund."""


class RefundSubscriptionAction(LomiModel):
    """What a refund did to the subscription that was paid for. Every field may be missing."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("action", "applied")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("subscription_id", "previous_status", "reason")

    applied: bool | None = None
    """Whether anything was done."""
    action: str | None = None
    """What: ``"cancel"``, ``"pause"`` or ``"none"``."""
    subscription_id: str | None = None
    """The subscription."""
    previous_status: str | None = None
    """What its status was before."""
    reason: str | None = None
    """Why nothing was done."""


class CreatedRefund(LomiModel):
    """A refund that has just been made. Only `refund_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("refund_id", "transaction_id", "status", "refunded_amount")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("message", "fallback", "stripe_refund_id", "subscription_action")

    refund_id: str
    """The refund's identifier."""
    transaction_id: str | None = None
    """The transaction that was refunded."""
    refunded_amount: Amount | None = None
    """What the payer gets back, in whole units of the transaction's currency."""
    status: RefundStatus | None = None
    """``"completed"``, as a rule."""
    success: bool | None = None
    """True."""
    message: str | None = None
    """The message of the API, in English."""
    subscription_action: RefundSubscriptionAction | None = None
    """What was done to the subscription that was paid for."""
    stripe_refund_id: str | None = None
    """The refund's identifier at the card processor; for cards only."""
    fallback: str | None = None
    """``"manual"`` when lomi. staff have to pay it out by hand; for cards only."""


class Refund(LomiModel):
    """A refund. Only `refund_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("refund_id", "transaction_id", "status", "refunded_amount")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("amount", "fee_amount", "created_at", "updated_at")

    refund_id: str
    """The refund's identifier."""
    transaction_id: str | None = None
    """The transaction that was refunded."""
    amount: Amount | None = None
    """What was asked for, in whole units of the transaction's currency."""
    refunded_amount: Amount | None = None
    """What the payer gets back, in whole units of the transaction's currency."""
    fee_amount: Amount | None = None
    """What the refund cost the merchant besides, in the same units."""
    reason: str | None = None
    """Why, as it was passed."""
    status: RefundStatus | None = None
    """``"pending"``, then ``"completed"`` or ``"failed"``."""
    metadata: Metadata | None = None
    """Key-value pairs."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""


class RefundListing(DataListing):
    """One page of refunds."""

    scheme: ClassVar[Scheme | None] = Scheme("offset", 50)

    data: list[Refund]
    """The refunds on this page."""
