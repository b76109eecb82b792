"""Merchants and their figures: what comes back."""

from __future__ import annotations

from typing import ClassVar

from ..money import Money
from ._base import Amount, LomiModel, Metadata, Timestamp, money

__all__ = ["Merchant", "MerchantARR", "MerchantBalance", "MerchantMRR"]


class Merchant(LomiModel):
    """A merchant account. Only `merchant_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("merchant_id", "country")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("mrr", "arr", "merchant_lifetime_value", "retry_payment_every", "total_retries"),
        *("created_at", "updated_at"),
    )

    merchant_id: str
    """The merchant's identifier."""
    name: str | None = None
    """The merchant's name."""
    email: str | None = None
    """E-mail address."""
    phone_number: str | None = None
    """Phone number."""
    country: str | None = None
    """ISO 3166 code, such as ``SN``."""
    mrr: Amount | None = None
    """Monthly recurring revenue, in the smallest currency unit."""
    arr: Amount | None = None
    """Annual recurring revenue, in the smallest currency unit."""
    merchant_lifetime_value: Amount | None = None
    """Lifetime value, in the smallest currency unit."""
    retry_payment_every: int | None = None
    """Days between attempts to collect a failed payment."""
    total_retries: int | None = None
    """How many such attempts are made."""
    metadata: Metadata | None = None
    """Key-value pairs."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""


class MerchantMRR(LomiModel):
    """A merchant's monthly recurring revenue. Only `merchant_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("merchant_id", "mrr", "currency_code", "as_of_date")

    merchant_id: str
    """The merchant's identifier."""
    mrr: Amount | None = None
    """Monthly recurring revenue, in the smallest currency unit."""
    currency_code: str | None = None
    """ISO 4217 code."""
    as_of_date: Timestamp | None = None
    """When the figure was computed: the moment of the request."""

    @property
    def money(self) -> Money:
        """`mrr` as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction, or the currency is unknown.
        """
        return money(self.mrr, self.currency_code)


class MerchantARR(LomiModel):
    """A merchant's annual recurring revenue. Only `merchant_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("merchant_id", "arr", "currency_code", "as_of_date")

    merchant_id: str
    """The merchant's identifier."""
    arr: Amount | None = None
    """Annual recurring revenue, in the smallest currency unit."""
    currency_code: str | None = None
    """ISO 4217 code."""
    as_of_date: Timestamp | None = None
    """When the figure was computed: the moment of the request."""

    @property
    def money(self) -> Money:
        """`arr` as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction, or the currency is unknown.
        """
        return money(self.arr, self.currency_code)


class MerchantBalance(LomiModel):
    """A merchant's balance in one currency. Only `merchant_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("merchant_id", "balance", "currency_code", "as_of_date")

    merchant_id: str
    """The merchant's identifier."""
    currency_code: str | None = None
    """ISO 4217 code."""
    balance: Amount | None = None
    """The balance, in the smallest currency unit."""
    as_of_date: Timestamp | None = None
    """When the balance was taken."""

    @property
    def money(self) -> Money:
        """`balance` as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction, or the currency is unknown.
        """
        return money(self.balance, self.currency_code)
