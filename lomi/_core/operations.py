"""What is special about an operation: whether it is repeated, and which responses leave its outcome unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._i18n.language import Message
from ..errors import LomiAPIError, LomiConfigurationError, LomiRefundLedgerError
from .request import Request
from .response import Response

__all__ = [
    "ACCOUNT_CAPABILITIES",
    "OPERATIONS",
    "RECONCILABLE",
    "Operation",
    "error_class_of",
    "is_repeatable",
    "may_have_happened",
    "refuse_account",
]

# An update is not among them: a first attempt that arrives late would undo a later one.
_REPEATABLE = frozenset({"GET", "HEAD", "DELETE"})
RECONCILABLE = frozenset(
    {
        *("/charge/card", "/charge/mtn", "/charge/wave", "/customers", "/discount-coupons", "/payment-links"),
        *("/payouts", "/products", "/refunds"),
    }
)
"""The paths of the creates that a ``reconcile`` looks for: their errors keep what was sent."""
# After these a browser would fetch the result of what it posted: the write may have been carried out.
_REDIRECTS = frozenset({301, 302, 303})


def is_repeatable(request: Request[Any]) -> bool:
    """Return whether a request is repeated after an attempt that may have arrived.

    One that was certainly not carried out (nothing was sent, or a 429) is always repeated.
    """
    return request.method in _REPEATABLE or request.idempotency_key is not None


def may_have_happened(request: Request[Any], response: Response) -> bool:
    """Return whether a request may have been carried out although its response is an error or a redirect."""
    if response.status >= 500:
        return True
    if response.status in _REDIRECTS:
        return request.method not in ("GET", "HEAD")
    operation = OPERATIONS.get(request.operation or "")
    if operation is None:
        return False
    message = _message(response)
    if operation.unknown_messages and message.startswith(operation.unknown_messages):
        return True
    is_rejection = message in operation.rejections or message.startswith(operation.rejection_starts)
    return response.status in operation.unknown_statuses and not is_rejection


def error_class_of(request: Request[Any], response: Response) -> type[LomiAPIError] | None:
    """Return the class for an error of an operation that has one of its own, else None."""
    operation = OPERATIONS.get(request.operation or "")
    if operation is None or response.status != 500:
        return None
    message = _message(response)
    return next((each for start, each in operation.error_classes.items() if message.startswith(start)), None)


def refuse_account(operation: str) -> None:
    """Raise unless an operation acts on connected accounts: the API would answer 401, as it does to a bad key.

    Raises:
        LomiConfigurationError: It does not.
    """
    if operation not in ACCOUNT_CAPABILITIES:
        text = Message("{} cannot act on a connected account: use client.with_options(account=None)", operation)
        raise LomiConfigurationError(text)


def _message(response: Response) -> str:
    message = response.error_payload.get("message")
    return message if isinstance(message, str) else ""


class Operation(NamedTuple):
    """How the responses of one operation differ from what their status says."""

    unknown_statuses: frozenset[int] = frozenset()
    """Statuses below 500 after which it may have been carried out all the same ..."""
    rejections: frozenset[str] = frozenset()
    """... unless the message is one of these: then it certainly was not."""
    rejection_starts: tuple[str, ...] = ()
    """... or begins with one of these."""
    unknown_messages: tuple[str, ...] = ()
    """Beginnings of messages, whatever the status, after which it may have been carried out."""
    error_classes: Mapping[str, type[LomiAPIError]] = {}
    """Classes of errors by the beginning of the message of a 500."""


_NOT_FOUND = frozenset({404})
_BAD_REQUEST = frozenset({400})

# What the API refuses before it calls any provider. Whatever else it answers 400 to, money may have been sent.
_REFUND_REJECTIONS = frozenset(
    {
        "Only completed transactions can be refunded",
        "Refund amount must be positive",
        "Refund amount exceeds transaction gross amount",
        "Refunds are not supported for this transaction type",
        "Stripe charge ID not found for this transaction",
        "This charge has already been refunded",
        "Cannot refund a charge with a pending dispute",
        "Customer phone number is required for partial refunds",
    }
)

OPERATIONS: Mapping[str, Operation] = {
    # The payment exists at the processor by then.
    "charges.create_card_charge": Operation(unknown_messages=("Failed to register pending transaction",)),
    # A change of a subscription is made, then read back: the 404 can be that of reading it.
    **dict.fromkeys(
        (
            *("customer_subscriptions.delete", "customer_subscriptions.update", "subscriptions.cancel"),
            *("subscriptions.change_plan", "subscriptions.uncancel", "subscriptions.update"),
        ),
        Operation(unknown_statuses=_NOT_FOUND),
    ),
    # The API creates it, then fails to read it back.
    "discount_coupons.create": Operation(unknown_statuses=_NOT_FOUND),
    "payment_links.create": Operation(unknown_statuses=_NOT_FOUND),
    "products.create": Operation(unknown_statuses=_NOT_FOUND),
    "refunds.create": Operation(
        # A partial refund by Wave sends the money first, and what fails then is a 400.
        unknown_statuses=_BAD_REQUEST,
        rejections=_REFUND_REJECTIONS,
        rejection_starts=("Transaction has no customer",),
        error_classes={"Refund initiated": LomiRefundLedgerError},
    ),
    # The event was sent, and the endpoint's own failure is the 400: it may have handled the event.
    "webhooks.retry_delivery": Operation(
        unknown_statuses=_BAD_REQUEST,
        unknown_messages=("Delivery log not found or retry failed",),
        rejection_starts=("Delivery log payload is invalid",),
    ),
    "webhooks.test": Operation(unknown_statuses=_BAD_REQUEST),
}
"""Operations of payments that differ from what their method says: a POST is not repeated, a 4xx is a no."""

ACCOUNT_CAPABILITIES: Mapping[str, str] = {
    **dict.fromkeys(("charges.cancel_card_charge", "charges.create_card_charge"), "payment.create"),
    **dict.fromkeys(("charges.create_mtn_charge", "charges.create_wave_charge"), "payment.create"),
    "charges.get_card_charge": "transaction.read",
    "checkout_sessions.create": "payment.create",
    **dict.fromkeys(("customers.create", "customers.update"), "customer.write"),
    **dict.fromkeys(("customers.get", "customers.get_transactions", "customers.list"), "customer.read"),
    "refunds.create": "refund.create",
    **dict.fromkeys(("refunds.get", "refunds.list"), "transaction.read_own"),
    **dict.fromkeys(("transactions.get", "transactions.list"), "transaction.read_own"),
}
"""What an account has to grant for each operation that acts on connected accounts. No other one does."""
