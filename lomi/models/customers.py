"""Customers: what comes back."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import AliasChoices, Field, SerializationInfo, SerializerFunctionWrapHandler, model_serializer
from typing_extensions import override

from ..money import Money
from ._base import Amount, LomiModel, Metadata, Timestamp, money
from .pagination import Listing

__all__ = [
    "Customer",
    "CustomerListing",
    "CustomerStatus",
    "CustomerType",
    "Transaction",
    "Transactions",
]

CustomerType = Literal["business", "individual", "all"]
"""Which customers to list, by what they are."""
CustomerStatus = Literal["active", "inactive", "all"]
"""Which customers to list, by whether they have paid."""


class Customer(LomiModel):
    """A customer of the merchant. Only `id` is certain to be there; a listing leaves `metadata` out."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("id", "organization_id", "environment")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("country", "is_business", "created_at", "updated_at")

    id: str = Field(validation_alias=AliasChoices("id", "customer_id"))
    """The customer's identifier; ``customer["customer_id"]`` reads it too."""
    sent_customer_id: str | None = Field(default=None, validation_alias="customer_id", exclude=True, repr=False)
    """The identifier again, if the API called it ``customer_id``: `to_dict` then does as well."""
    organization_id: str | None = None
    """The organization that owns this customer."""
    name: str | None = None
    """Full name."""
    email: str | None = None
    """E-mail address."""
    phone_number: str | None = None
    """Phone number, such as +221771234567."""
    whatsapp_number: str | None = None
    """WhatsApp number."""
    country: str | None = None
    """Country name."""
    city: str | None = None
    """City name."""
    address: str | None = None
    """Street address."""
    postal_code: str | None = None
    """Postal or ZIP code."""
    is_business: bool | None = None
    """Whether the customer is a business."""
    metadata: Metadata | None = None
    """The caller's own key-value pairs; None in listings, whatever is stored."""
    environment: str | None = None
    """``"test"`` or ``"live"``; missing in listings."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""

    @model_serializer(mode="wrap")
    def _under_wire_names(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        if not info.by_alias or self.sent_customer_id is None:
            return fields
        return {"customer_id" if name == "id" else name: value for name, value in fields.items()}


class Transaction(LomiModel):
    """A payment of a customer. Only `transaction_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("transaction_id", "status", "gross_amount", "currency_code")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("payment_method_code", "provider_code", "created_at")

    transaction_id: str
    """The transaction's identifier."""
    status: str | None = None
    """Such as ``"completed"``, ``"pending"`` or ``"failed"``."""
    gross_amount: Amount | None = None
    """The amount before fees, in the smallest currency unit."""
    currency_code: str | None = None
    """ISO 4217 code."""
    description: str | None = None
    """What it was for."""
    metadata: Metadata | None = None
    """The caller's own key-value pairs."""
    payment_method_code: str | None = None
    """How it was paid."""
    provider_code: str | None = None
    """Who carried it."""
    created_at: Timestamp | None = None
    """When it was created."""

    @property
    def money(self) -> Money:
        """`gross_amount` as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction, or the currency is unknown.
        """
        return money(self.gross_amount, self.currency_code)


Transactions = list[Transaction]
"""All transactions of a customer; the API does not page them."""


class CustomerListing(Listing):
    """One page of a customer listing, as the API sends it."""

    customers: list[Customer]
    """The customers on this page."""

    @property
    @override
    def items(self) -> Sequence[Customer]:
        """The customers on this page."""
        return self.customers
