"""Transactions: response models."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from ..money import Money
from ._base import Amount, LomiModel, Metadata, Timestamp
from ._listings import ArrayListing
from ._types import OPEN, CurrencyCode, JsonValue, PaymentMethodCode, ProviderCode, TransactionStatus, money_in_units
from .pagination import Scheme

__all__ = ["PaymentTransaction", "PaymentTransactionListing"]

_Type = Literal["payment", "instalment"]


class PaymentTransaction(LomiModel):
    """A payment. Only `transaction_id` is certain to be there.

    ``transactions.get`` and ``transactions.list`` fill different fields: those of the customer, the product, the
    subscription and the coupon come in listings alone, `description` and `updated_at` from ``get`` alone.
    """

    shown_in_repr: ClassVar[tuple[str, ...]] = ("transaction_id", "status", "gross_amount", "currency_code")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("fee_amount", "net_amount", "transaction_type", "provider_code", "payment_method_code"),
        *("quantity", "created_at", "updated_at"),
    )

    transaction_id: str
    """The transaction's identifier."""
    organization_id: str | None = None
    """The organization that is paid."""
    customer_id: str | None = None
    """The paying customer."""
    product_id: str | None = None
    """The product that is paid for."""
    subscription_id: str | None = None
    """The subscription that is paid for."""
    transaction_type: Annotated[_Type | str, OPEN] | None = None
    """``"payment"``, or ``"instalment"`` of a subscription."""
    status: TransactionStatus | None = None
    """``"pending"``, then ``"completed"``, ``"failed"`` or ``"expired"``; ``"refunded"`` after a full refund."""
    description: str | None = None
    """What it is for."""
    gross_amount: Amount | None = None
    """What the payer pays, in whole currency units."""
    fee_amount: Amount | None = None
    """What lomi. keeps of it, in whole currency units; it may have a fraction, in XOF too."""
    net_amount: Amount | None = None
    """What the merchant gets: gross less fee."""
    currency_code: CurrencyCode | None = None
    """The currency of these amounts."""
    gross_amount_xof: Amount | None = None
    """`gross_amount` in XOF."""
    fee_amount_xof: Amount | None = None
    """`fee_amount` in XOF."""
    net_amount_xof: Amount | None = None
    """`net_amount` in XOF."""
    quantity: int | None = None
    """How many were bought."""
    provider_code: ProviderCode | None = None
    """The provider that carries it."""
    payment_method_code: PaymentMethodCode | None = None
    """How it is paid."""
    metadata: Metadata | None = None
    """Your own key-value pairs, and some of lomi.'s."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed; missing in listings."""
    customer_name: str | None = None
    """The customer's name."""
    customer_email: str | None = None
    """The customer's e-mail address."""
    customer_phone: str | None = None
    """The customer's phone number."""
    customer_address: str | None = None
    """The customer's street address."""
    customer_city: str | None = None
    """The customer's city."""
    customer_country: str | None = None
    """The customer's country; ``CI`` after a charge by Wave, wherever they live."""
    customer_postal_code: str | None = None
    """The customer's postal or ZIP code."""
    product_name: str | None = None
    """The product's name."""
    product_description: str | None = None
    """The product's description."""
    product_price: Amount | None = None
    """The product's price, in whole currency units."""
    subscription_status: str | None = None
    """The subscription's status."""
    subscription_next_billing_date: date | None = None
    """When the subscription is charged next."""
    subscription_price_billing_interval: str | None = None
    """How often the subscription is charged."""
    subscription_product_name: str | None = None
    """The name of the subscription's product."""
    subscription_product_description: str | None = None
    """The description of the subscription's product."""
    coupon_code: str | None = None
    """The coupon that was used."""
    coupon_usage_details: JsonValue = None
    """What the coupon did."""
    fee_structure_id: str | None = None
    """The fee's identifier."""
    fee_name: str | None = None
    """The fee's name."""
    fee_category: str | None = None
    """The fee's category, such as ``"payment_processing"``."""
    fee_subcategory: str | None = None
    """The fee's kind, such as ``"mobile_money"``."""
    provider_checkout_id: str | None = None
    """The checkout's identifier at the provider."""
    provider_transaction_id: str | None = None
    """The payment's identifier at the provider."""
    qr_code_id: str | None = None
    """The QR code that was scanned."""
    qr_code_name: str | None = None
    """That QR code's name."""
    qr_code_product_id: str | None = None
    """That QR code's product."""
    qr_code_type: str | None = None
    """``"static"`` or ``"dynamic"``."""
    spi_payment_category: str | None = None
    """The category of a payment by SPI."""
    spi_rejection_reason: str | None = None
    """Why SPI rejected it."""

    @property
    def money(self) -> Money:
        """`gross_amount` as `Money`.

        Raises:
            LomiValidationError: It is missing or has too many decimals, or the currency is unknown.
        """
        return money_in_units(self.gross_amount, self.currency_code, "gross_amount")

    def is_paid(self, price: Money) -> bool:
        """Return whether it is completed, and of exactly this price. Check it before you fulfil an order.

        Args:
            price: What the order costs, by your own records, in the currency that you charge.
        """
        paid = self.status == "completed" and self.currency_code == price.currency
        return paid and self.gross_amount == price.to_decimal()


class PaymentTransactionListing(ArrayListing):
    """One page of transactions."""

    scheme: ClassVar[Scheme | None] = Scheme("page", 50)

    data: list[PaymentTransaction]
    """The transactions on this page."""
