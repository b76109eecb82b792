"""How much of a payment can still be refunded."""

from __future__ import annotations

from collections.abc import Iterable

from ..models._types import money_in_units
from ..models.refunds import Refund
from ..models.transactions import PaymentTransaction
from ..money import Money

__all__ = ["is_refundable", "remainder"]


def is_refundable(transaction: PaymentTransaction) -> bool:
    """Return whether the API refunds such a payment at all: a completed one by card or by Wave."""
    by_card = transaction.provider_code == "STRIPE" and transaction.payment_method_code == "CARDS"
    return transaction.status == "completed" and (by_card or transaction.provider_code == "WAVE")


def remainder(transaction: PaymentTransaction, refunds: Iterable[Refund]) -> Money:
    """Return what was paid, less those of its refunds that have not failed.

    Raises:
        LomiValidationError: An amount or the currency is missing or unknown.
    """
    rest = transaction.money
    for refund in refunds:
        if refund.status != "failed":
            amount = refund.refunded_amount if refund.amount is None else refund.amount
            rest -= money_in_units(amount, transaction.currency_code)
    return max(rest, Money(0, rest.currency))
