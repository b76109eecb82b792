"""What is special about the operations on payments, as data: outcomes, keys, and whom they can act for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..errors import LomiAPIError, LomiRefundLedgerError

__all__ = ["OPERATIONS", "OperationData", "error_class_of", "may_have_happened"]


class OperationData(NamedTuple):
    """How one operation differs from the default of its HTTP method."""

    unknown_statuses: frozenset[int] = frozenset()
    """Statuses below 500 after which it may have been carried out all the same ..."""
    rejections: tuple[str, ...] = ()
    """... unless the message begins with one of these: then it certainly was not."""
    unknown_messages: tuple[str, ...] = ()
    """Beginnings of messages, whatever the status, after which it may have been carried out."""
    error_classes: Mapping[str, type[LomiAPIError]] = {}
    """Classes of errors by the beginning of the message of a 500."""
    takes_key: bool = False
    """Whether the API honours an ``Idempotency-Key``: with one it is repeated like a read."""
    takes_account: bool = False
    """Whether the API accepts ``Lomi-Account``; otherwise it returns 401."""


_NOT_FOUND = frozenset({404})
_BAD_REQUEST = frozenset({400})

# What the API refuses before it calls any provider. After any other 400, money may have been sent.
_REFUND_REJECTIONS = (
    "Only completed transactions can be refunded",
    "Refund amount must be positive",
    "Refund amount exceeds transaction gross amount",
    "Refunds are not supported for this transaction type",
    "Stripe charge ID not found for this transaction",
    "This charge has already been refunded",
    "Cannot refund a charge with a pending dispute",
    "Customer phone number is required for partial refunds",
    "Transaction has no customer",
)

OPERATIONS: Mapping[str, OperationData] = {
    "charges.cancel_card_charge": OperationData(takes_account=True),
    # The payment exists at the processor by then.
    "charges.create_card_charge": OperationData(
        unknown_messages=("Failed to register pending transaction",), takes_account=True
    ),
    "charges.create_mtn_charge": OperationData(takes_account=True),
    "charges.create_wave_charge": OperationData(takes_account=True),
    "charges.get_card_charge": OperationData(takes_account=True),
    "checkout_sessions.create": OperationData(takes_key=True, takes_account=True),
    # The API creates it, then fails to read it back.
    "payment_links.create": OperationData(unknown_statuses=_NOT_FOUND),
    "payment_requests.create": OperationData(takes_key=True),
    "refunds.create": OperationData(
        # A partial refund by Wave sends the money first, and what fails then is a 400.
        unknown_statuses=_BAD_REQUEST,
        rejections=_REFUND_REJECTIONS,
        error_classes={"Refund initiated": LomiRefundLedgerError},
        takes_account=True,
    ),
    "refunds.get": OperationData(takes_account=True),
    "refunds.list": OperationData(takes_account=True),
    "transactions.get": OperationData(takes_account=True),
    "transactions.list": OperationData(takes_account=True),
}
"""Operations on payments that differ from the default: a POST is not repeated, and a 4xx is a rejection."""

_NOTHING_SPECIAL = OperationData()


def may_have_happened(operation: str | None, status: int, message: str) -> bool:
    """Return whether an operation may have been carried out although its response is an error below 500."""
    data = OPERATIONS.get(operation or "", _NOTHING_SPECIAL)
    if message.startswith(data.unknown_messages):
        return True
    return status in data.unknown_statuses and not message.startswith(data.rejections)


def error_class_of(operation: str | None, status: int, message: str) -> type[LomiAPIError] | None:
    """Return the class for an error of an operation that has one of its own; None where it has not."""
    if status != 500:
        return None
    classes = OPERATIONS.get(operation or "", _NOTHING_SPECIAL).error_classes
    return next((each for beginning, each in classes.items() if message.startswith(beginning)), None)
