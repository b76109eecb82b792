"""Payment requests: response models."""

from __future__ import annotations

from typing import ClassVar

from ..money import Money
from ._base import Amount, LomiModel, Metadata, Timestamp
from ._listings import DataListing
from ._types import CurrencyCode, EnvironmentName, TransactionStatus, money_in_units
from .pagination import Scheme

__all__ = ["PaymentRequest", "PaymentRequestListing"]


class PaymentRequest(LomiModel):
    """A request to one customer to pay an amount. Only `request_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("request_id", "status", "amount", "currency_code")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("payment_reference", "expiry_date", "environment", "created_at", "updated_at"),
    )

    request_id: str
    """The payment request's identifier."""
    organization_id: str | None = None
    """The organization that is paid."""
    customer_id: str | None = None
    """The customer to ask."""
    amount: Amount | None = None
    """What is to be paid before fees, in whole currency units."""
    currency_code: CurrencyCode | None = None
    """The currency of `amount`."""
    description: str | None = None
    """What it is for."""
    payment_reference: str | None = None
    """Your own number, such as that of an invoice."""
    payment_link: str | None = None
    """Where the customer pays. Whoever has it sees the request and can pay it."""
    status: TransactionStatus | None = None
    """``"pending"``, then ``"completed"``, ``"failed"`` or ``"expired"``."""
    expiry_date: Timestamp | None = None
    """Until when it can be paid."""
    environment: EnvironmentName | None = None
    """``"test"`` or ``"live"``. A listing mixes both."""
    created_by: str | None = None
    """The merchant that created it."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""
    metadata: Metadata | None = None
    """None, whatever was passed: the API drops it."""

    @property
    def money(self) -> Money:
        """`amount` as `Money`.

        Raises:
            LomiValidationError: It is missing or has too many decimals, or the currency is unknown.
        """
        return money_in_units(self.amount, self.currency_code)


class PaymentRequestListing(DataListing):
    """One page of payment requests. Its ``total`` is only how many are on this page."""

    scheme: ClassVar[Scheme | None] = Scheme("offset", 20)

    data: list[PaymentRequest]
    """The payment requests on this page."""
