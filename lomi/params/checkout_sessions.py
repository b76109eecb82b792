"""What the methods of checkout sessions take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import with_config
from typing_extensions import Required, TypedDict

from ._base import STRICT, EmailAddress, Flag, Metadata, PageNumber, Text
from ._rules import Dropped, fits_currency, refuse_card_data, require_one_of, rules
from ._types import AbsoluteURL, Amount, Currency3, CustomerId, Offset, Quantity, UUIDString

__all__ = ["CheckoutLineItemParams", "CheckoutSessionCreateParams", "CheckoutSessionListParams"]

_IN_A_CART = ("amount", "product_id", "price_id", "quantity", "subscription_id", "allow_quantity")


@rules()
@with_config(STRICT)
class CheckoutLineItemParams(TypedDict, total=False):
    """One item of a cart."""

    price_id: Required[UUIDString]
    """A one-time price of a product, of the model ``"standard"``."""
    quantity: Quantity | None
    """How many, from 1. Default 1."""
    metadata: Metadata | None
    """Your own key-value pairs of this item."""


def _cart(values: Mapping[str, Any]) -> Iterable[Dropped]:
    if values.get("line_items"):
        for name in _IN_A_CART:
            if name in values:
                yield Dropped(name, "is dropped by the API: line_items, which was passed too, replaces it")


@rules(
    require_one_of("amount", "product_id", "price_id", "line_items", "subscription_id", "payment_link_id"),
    fits_currency("amount"),
    refuse_card_data,
    _cart,
)
@with_config(STRICT)
class CheckoutSessionCreateParams(TypedDict, total=False):
    """What ``checkout_sessions.create`` takes: a currency, and an amount, a product, a price or a cart."""

    currency_code: Required[Currency3]
    """``"XOF"``, ``"USD"`` or ``"EUR"``."""
    amount: Amount | None
    """What is to be paid before fees, in whole currency units. It must fit the product's price where there is one."""
    line_items: list[CheckoutLineItemParams] | None
    """A cart. ``amount``, ``product_id``, ``price_id``, ``quantity``, ``subscription_id`` and ``allow_quantity`` are
    then dropped."""
    title: Text | None
    """What the page shows as its title."""
    description: Text | None
    """What the page shows below the title."""
    customer_id: CustomerId | None
    """The paying customer. An unpaid invoice of theirs blocks the session."""
    customer_email: EmailAddress | None
    """The payer's e-mail address; documented as needed without ``customer_id``."""
    customer_name: Text | None
    """The payer's name."""
    customer_phone: Text | None
    """The payer's phone number, such as +221771234567."""
    customer_city: Text | None
    """The payer's city."""
    customer_country: Text | None
    """The payer's country."""
    customer_address: Text | None
    """The payer's street address."""
    customer_postal_code: Text | None
    """The payer's postal or ZIP code."""
    product_id: UUIDString | None
    """A product. Its default price is charged when there is no ``amount``."""
    price_id: UUIDString | None
    """One of the prices of the product."""
    subscription_id: UUIDString | None
    """A subscription to renew. An unpaid invoice of it blocks the session."""
    quantity: Quantity | None
    """How many, from 1. Default 1."""
    allow_quantity: Flag | None
    """Whether the payer can choose how many. The API's default is False."""
    allow_coupon_code: Flag | None
    """Whether the payer can enter a coupon. The API's default is False."""
    require_billing_address: Flag | None
    """Whether the payer has to give an address. The API's default is False."""
    success_url: AbsoluteURL | None
    """Where the payer goes after paying. ``{CHECKOUT_SESSION_ID}`` in it becomes the session's id."""
    cancel_url: AbsoluteURL | None
    """Where the payer goes after giving up."""
    payment_link_id: UUIDString | None
    """The payment link that the session belongs to."""
    integration_source: Text | None
    """What opens the session: ``"system"``, ``"shopify"``, ``"woocommerce"``, ``"prestashop"``, ``"magento"``,
    ``"odoo"`` or ``"bubble"``. It overwrites ``integration_source`` of the metadata."""
    metadata: Metadata | None
    """Your own key-value pairs, such as the number of the order. They are copied to the transaction."""


@with_config(STRICT)
class CheckoutSessionListParams(TypedDict, total=False):
    """What ``checkout_sessions.list`` takes."""

    status: Literal["open", "completed", "expired"] | None
    """Only those with this status."""
    limit: PageNumber | None
    """Sessions a page, from 1. Default 20."""
    offset: Offset | None
    """How many to skip, from 0. Default 0."""
