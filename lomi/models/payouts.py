"""Payouts: response models."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..money import Money
from ._base import Amount, LomiModel, Metadata, Timestamp
from ._listings import DataListing
from ._types import OPEN, CurrencyCode, JsonValue, PaymentMethodCode, ProviderCode, money_in_units
from .pagination import Scheme

__all__ = ["CreatedPayout", "Payout", "PayoutKind", "PayoutListing", "PayoutStatus"]

_Status = Literal["pending", "processing", "completed", "failed"]
PayoutStatus = Annotated[_Status | str, OPEN]
"""The status of a payout."""
_Kind = Literal["withdrawal", "beneficiary"]
PayoutKind = Annotated[_Kind | str, OPEN]
"""Whether a payout goes to the merchant or to someone else."""


class CreatedPayout(LomiModel):
    """A payout that has just been made. Not even its id is certain to be there: a bank withdrawal has none."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("payout_id", "kind", "status")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("message",)

    payout_id: str | None = None
    """The payout's identifier. None for a withdrawal to a bank account: find it with ``payouts.list``."""
    kind: PayoutKind | None = None
    """``"withdrawal"`` to your own payout method, or ``"beneficiary"``."""
    status: PayoutStatus | None = None
    """``"pending"`` or ``"processing"``. It changes later: poll ``payouts.get``, since no webhook is sent."""
    success: bool | None = None
    """True."""
    message: str | None = None
    """The message of the API, in English."""
    data: JsonValue = None
    """The response of Wave, as it is; for Wave only."""


class Payout(LomiModel):
    """A payout. Only `payout_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("payout_id", "kind", "status", "amount", "currency_code")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("provider_code", "payment_method_code", "created_at", "updated_at"),
    )

    payout_id: str
    """The payout's identifier."""
    kind: PayoutKind | None = None
    """``"withdrawal"`` to your own payout method, or ``"beneficiary"``."""
    account_id: str | None = None
    """The account that is debited."""
    organization_id: str | None = None
    """The organization that pays."""
    amount: Amount | None = None
    """What is paid out, in whole currency units."""
    currency_code: CurrencyCode | None = None
    """The currency of `amount`."""
    status: PayoutStatus | None = None
    """``"pending"`` or ``"processing"``, then ``"completed"`` or ``"failed"``. A completed one can still fail."""
    provider_code: ProviderCode | None = None
    """The provider that carries it."""
    payment_method_code: PaymentMethodCode | None = None
    """How it is paid; missing for withdrawals in listings."""
    payout_method_id: str | None = None
    """The payout method that it goes to."""
    merchant_id: str | None = None
    """The merchant that made it; for withdrawals."""
    created_by: str | None = None
    """The merchant that made it; for beneficiaries."""
    metadata: Metadata | None = None
    """Your own key-value pairs; lost for withdrawals by bank or SPI."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""

    @property
    def money(self) -> Money:
        """`amount` as `Money`.

        Raises:
            LomiValidationError: It is missing or has too many decimals, or the currency is unknown.
        """
        return money_in_units(self.amount, self.currency_code)


class PayoutListing(DataListing):
    """One page of payouts: withdrawals, then payouts to beneficiaries, up to a page of each."""

    scheme: ClassVar[Scheme | None] = Scheme("page", 50, until_empty=True)

    data: list[Payout]
    """The payouts on this page."""
