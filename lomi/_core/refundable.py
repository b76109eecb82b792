"""How much of a payment can still be refunded."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal

from ..models._base import missing_in_response
from ..models.refunds import Refund
from ..models.transactions import PaymentTransaction
from ..money import Money, exponent

__all__ = ["is_refundable", "remainder"]


def is_refundable(transaction: PaymentTransaction) -> bool:
    """Return whether the API refunds such a payment at all: a completed one by card or by Wave."""
    by_card = transaction.provider_code == "STRIPE" and transaction.payment_method_code == "CARDS"
    return transaction.status == "completed" and (by_card or transaction.provider_code == "WAVE")


def remainder(transaction: PaymentTransaction, refunds: Iterable[Refund]) -> Money:
    """Return what was paid, less those of its refunds that have not failed, rounded down to whole minor units.

    The API stores a fraction of a franc where it was sent one.

    Raises:
        LomiValidationError: An amount or the currency is missing, or the currency is unknown.
    """
    paid, currency = transaction.gross_amount, transaction.currency_code
    if paid is None or currency is None:
        raise missing_in_response("gross_amount" if paid is None else "currency")
    rest = Decimal(paid)
    for refund in refunds:
        if refund.status != "failed":
            amount = refund.refunded_amount if refund.amount is None else refund.amount
            if amount is None:
                raise missing_in_response("amount")
            rest -= amount
    digits = Decimal(1).scaleb(-exponent(currency))
    return Money.from_decimal(max(rest, Decimal(0)).quantize(digits, ROUND_DOWN), currency)
