"""Charges by Wave, MTN and card: response models."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, Field

from ..money import Money
from ._base import Amount, LomiModel, missing_in_response
from ._types import OPEN, CurrencyCode, JsonValue, Secret, TransactionStatus, money_in_units

__all__ = [
    "CardAppearance",
    "CardCharge",
    "CardChargeStatus",
    "CardChargeTransaction",
    "MtnCharge",
    "WaveCharge",
    "WaveSession",
]


def _renamed(wire: str, attribute: str, **options: Any) -> Any:
    return Field(validation_alias=AliasChoices(wire, attribute), serialization_alias=wire, **options)


class WaveSession(LomiModel):
    """The checkout at Wave. Every field may be missing."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("id", "payment_status", "amount", "currency")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("checkout_status",)

    id: str | None = None
    """Wave's identifier."""
    amount: Amount | None = None
    """What is to be paid, in whole currency units."""
    currency: str | None = None
    """The currency of `amount`."""
    checkout_status: str | None = None
    """Such as ``"open"``."""
    payment_status: str | None = None
    """Such as ``"processing"``."""

    @property
    def money(self) -> Money:
        """`amount` as `Money`.

        Raises:
            LomiValidationError: It is missing or has too many decimals, or the currency is unknown.
        """
        return money_in_units(self.amount, self.currency)


class WaveCharge(LomiModel):
    """A payment by Wave that has been started. Only `transaction_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("transaction_id",)
    shown_in_tables: ClassVar[tuple[str, ...]] = ("wave_session",)

    transaction_id: str = _renamed("transactionId", "transaction_id")
    """The transaction's identifier."""
    checkout_url: str | None = _renamed("checkoutUrl", "checkout_url", default=None)
    """Where to send the payer. It is returned here only."""
    wave_session: WaveSession | None = _renamed("waveSession", "wave_session", default=None)
    """The checkout at Wave."""


class MtnCharge(LomiModel):
    """A payment by MTN that the payer has to approve on the phone. Only `transaction_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("transaction_id", "status")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("external_id", "reference_id")

    transaction_id: str
    """The transaction's identifier. Its status is that of the payment: the charge has none of its own."""
    external_id: str | None = None
    """lomi.'s identifier at MTN."""
    reference_id: str | None = None
    """MTN's own identifier."""
    status: str | None = None
    """``"PENDING"``: what was known when the charge was started."""
    mtn_response: JsonValue = None
    """The response of MTN, as it is."""


class CardAppearance(LomiModel):
    """How the card form looks. Every field may be missing."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("theme", "border_radius", "billing_address")
    shown_in_tables: ClassVar[tuple[str, ...]] = ()

    theme: str | None = None
    """``"light"``, ``"dark"`` or ``"flat"``."""
    border_radius: Amount | None = None
    """In pixels."""
    billing_address: str | None = None
    """``"auto"`` or ``"never"``."""


class CardChargeTransaction(LomiModel):
    """The transaction of a card charge. Only `transaction_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("transaction_id", "status")
    shown_in_tables: ClassVar[tuple[str, ...]] = ()

    transaction_id: str
    """The transaction's identifier."""
    status: TransactionStatus | None = None
    """The status of the payment."""


_Status = Literal[
    "requires_payment_method", "requires_confirmation", "requires_action", "processing", "succeeded", "canceled"
]
CardChargeStatus = Annotated[_Status | str, OPEN]
"""The card processor's status; note the one l in ``"canceled"``."""


class CardCharge(LomiModel):
    """A card payment at the processor. Only `id` is certain to be there; after ``cancel`` also `status`."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("id", "status", "original_amount", "original_currency")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("amount", "currency", "appearance", "transaction")
    always_masked: ClassVar[tuple[str, ...]] = ("client_secret",)

    id: str
    """The identifier at the card processor, ``pi_…``."""
    client_secret: Secret | None = None
    """What the card form in the browser needs. Whoever has it can act on this payment: send it to its payer only."""
    amount: int | None = None
    """What the processor charges, in the smallest unit of `currency`: usually cents of a euro, converted."""
    currency: str | None = None
    """The currency of `amount`, lower case: usually ``"eur"``."""
    original_amount: Amount | None = None
    """What was asked for, in whole units of `original_currency`."""
    original_currency: CurrencyCode | None = None
    """The currency that was asked for."""
    status: CardChargeStatus | None = None
    """The processor's status: ``"requires_payment_method"`` at first, ``"succeeded"`` or ``"canceled"`` at last."""
    appearance: CardAppearance | None = None
    """How the card form looks; only when it is created, and only what was passed."""
    transaction: CardChargeTransaction | None = None
    """The transaction; from ``get_card_charge`` only, None where it is not known yet."""

    @property
    def money(self) -> Money:
        """`original_amount`, what was asked for, as `Money`.

        Raises:
            LomiValidationError: It is missing or has too many decimals, or the currency is unknown.
        """
        return money_in_units(self.original_amount, self.original_currency, "original_amount")

    @property
    def charged_money(self) -> Money:
        """`amount`, what the processor charges, as `Money`.

        Raises:
            LomiValidationError: It is missing, or the currency is unknown.
        """
        if self.amount is None or self.currency is None:
            raise missing_in_response("amount" if self.amount is None else "currency")
        return Money(self.amount, self.currency.upper())
