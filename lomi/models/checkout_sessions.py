"""Checkout sessions: response models."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import ValidatorFunctionWrapHandler, WrapValidator

from ..money import Money
from ._base import Amount, LomiModel, Metadata, Timestamp
from ._listings import ArrayListing
from ._types import OPEN, CurrencyCode, EnvironmentName, money_in_units
from .pagination import Scheme

__all__ = [
    "NEW_SESSION",
    "BlockingInvoice",
    "CheckoutSession",
    "CheckoutSessionListing",
    "CheckoutSessionStatus",
    "CreatedCheckoutSession",
    "InvoiceBlock",
]

_Status = Literal["open", "completed", "expired"]
CheckoutSessionStatus = Annotated[_Status | str, OPEN]
"""The status of a checkout session."""


class CheckoutSession(LomiModel):
    """A hosted payment page, as it is read back. Only `checkout_session_id` is certain to be there.

    It has no ``checkout_url``: the API returns that once, when the session is created.
    """

    shown_in_repr: ClassVar[tuple[str, ...]] = ("checkout_session_id", "status", "amount", "currency_code")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("expires_at", "created_at", "updated_at")

    checkout_session_id: str
    """The session's identifier."""
    organization_id: str | None = None
    """The organization that is paid."""
    merchant_id: str | None = None
    """The merchant that created it."""
    status: CheckoutSessionStatus | None = None
    """``"open"``, then ``"completed"`` or ``"expired"``. A payment that fails leaves it open."""
    amount: Amount | None = None
    """What is to be paid before fees, in whole currency units."""
    currency_code: CurrencyCode | None = None
    """The currency of `amount`."""
    title: str | None = None
    """What the page shows as its title."""
    description: str | None = None
    """What the page shows below the title."""
    customer_id: str | None = None
    """The paying customer, where one was named."""
    customer_name: str | None = None
    """The customer's name."""
    customer_email: str | None = None
    """The customer's e-mail address."""
    customer_phone: str | None = None
    """The customer's phone number."""
    product_id: str | None = None
    """The product that is paid for."""
    subscription_id: str | None = None
    """The subscription that is renewed."""
    payment_link_id: str | None = None
    """The payment link that opened it."""
    success_url: str | None = None
    """Where the payer goes after paying."""
    cancel_url: str | None = None
    """Where the payer goes after giving up."""
    metadata: Metadata | None = None
    """Your own key-value pairs."""
    expires_at: Timestamp | None = None
    """When it expires: an hour after it was created."""
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

    def is_paid(self, price: Money) -> bool:
        """Return whether the session is completed, and was for exactly this price. Check it before you fulfil an order.

        Args:
            price: What the order costs, by your own records, in the currency that you charge.
        """
        paid = self.status == "completed" and self.currency_code == price.currency
        return paid and self.amount == price.to_decimal()


class CreatedCheckoutSession(LomiModel):
    """A checkout session that has just been created. Its id and `checkout_url` are certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("checkout_session_id", "amount", "currency_code", "environment")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("expires_at", "line_item_count")

    checkout_session_id: str
    """The session's identifier."""
    checkout_url: str
    """Where to send the payer. It is returned here only: store it. Whoever has it sees the order and can pay it."""
    amount: Amount | None = None
    """What is to be paid before fees, in whole currency units."""
    currency_code: CurrencyCode | None = None
    """The currency of `amount`."""
    expires_at: Timestamp | None = None
    """When it expires: an hour after it was created."""
    environment: EnvironmentName | None = None
    """``"test"`` or ``"live"``."""
    line_item_count: int | None = None
    """How many different items are in the cart; only with ``line_items``."""

    @property
    def money(self) -> Money:
        """`amount` as `Money`.

        Raises:
            LomiValidationError: It is missing or has too many decimals, or the currency is unknown.
        """
        return money_in_units(self.amount, self.currency_code)


class BlockingInvoice(LomiModel):
    """An unpaid invoice that has to be paid first. Only `invoice_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("invoice_id", "amount_remaining", "currency_code")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("invoice_number",)

    invoice_id: str
    """The invoice's identifier."""
    invoice_number: str | None = None
    """The number that is printed on it."""
    amount_remaining: Amount | None = None
    """What is still to be paid, in whole currency units."""
    currency_code: CurrencyCode | None = None
    """The currency of `amount_remaining`."""
    checkout_url: str | None = None
    """Where the invoice can be paid, for 7 days. Whoever has it sees the invoice and can pay it."""

    @property
    def money(self) -> Money:
        """`amount_remaining` as `Money`.

        Raises:
            LomiValidationError: It is missing or has too many decimals, or the currency is unknown.
        """
        return money_in_units(self.amount_remaining, self.currency_code, "amount_remaining")


class InvoiceBlock(LomiModel):
    """No checkout session was created: the customer has to pay an invoice first.

    It is no session and has none of its fields, so the two cannot be mixed up: look with ``isinstance``.
    """

    shown_in_repr: ClassVar[tuple[str, ...]] = ("blocking_invoice", "reason")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("payment_required",)

    payment_required: Literal[True]
    """Always True."""
    reason: str | None = None
    """Why: ``"invoice_payment_required"``."""
    blocking_invoice: BlockingInvoice | None = None
    """The invoice; send the payer to its ``checkout_url``."""


def _session_or_block(body: Any, session: ValidatorFunctionWrapHandler) -> CreatedCheckoutSession | InvoiceBlock:
    # A tagged union would put its tags into the places of errors, where `read` does not find them.
    if isinstance(body, dict) and body.get("payment_required") is True:  # pyright: ignore[reportUnknownMemberType]
        return InvoiceBlock.model_validate(body)
    created: CreatedCheckoutSession = session(body)
    return created


NEW_SESSION: Any = Annotated[CreatedCheckoutSession, WrapValidator(_session_or_block)]
"""What a create returns: a session, or the reason why there is none."""


class CheckoutSessionListing(ArrayListing):
    """One page of checkout sessions."""

    scheme: ClassVar[Scheme | None] = Scheme("offset", 20)

    data: list[CheckoutSession]
    """The sessions on this page."""
