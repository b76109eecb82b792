"""Payment links: response models."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..money import Money
from ._base import Amount, LomiModel, Metadata, Timestamp
from ._listings import DataListing
from ._types import OPEN, CurrencyCode, EnvironmentName, JsonValue, money_in_units
from .pagination import Scheme

__all__ = ["PaymentLink", "PaymentLinkListing"]

_LinkType = Literal["instant", "product"]


class PaymentLink(LomiModel):
    """A pay page that can be shared and paid many times. Only `link_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("link_id", "link_type", "amount", "currency_code", "is_active")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("title", "url", "quantity", "environment", "expires_at", "created_at", "updated_at"),
    )

    link_id: str
    """The link's identifier."""
    organization_id: str | None = None
    """The organization that is paid."""
    link_type: Annotated[_LinkType | str, OPEN] | None = None
    """``"instant"`` for a fixed amount, ``"product"`` for the price of a product."""
    title: str | None = None
    """What the page shows as its title."""
    url: str | None = None
    """What to share with payers."""
    amount: Amount | None = None
    """What is to be paid before fees, in whole currency units; None where the product has the price."""
    currency_code: CurrencyCode | None = None
    """The currency of `amount`."""
    description: str | None = None
    """What the page shows below the title."""
    product_id: str | None = None
    """The product that is sold."""
    price_id: str | None = None
    """Which of its prices."""
    quantity: int | None = None
    """How many are sold at once."""
    allow_coupon_code: bool | None = None
    """Whether the payer can enter a coupon."""
    allow_quantity: bool | None = None
    """Whether the payer can choose how many."""
    require_billing_address: bool | None = None
    """Whether the payer has to give an address."""
    is_active: bool | None = None
    """Whether it can be paid. It is switched off on the dashboard only."""
    expires_at: Timestamp | None = None
    """Until when it can be paid; None for ever."""
    success_url: str | None = None
    """Where the payer goes after paying."""
    cancel_url: str | None = None
    """Where the payer goes after giving up."""
    metadata: Metadata | None = None
    """None, whatever was passed: the API drops it."""
    environment: EnvironmentName | None = None
    """``"test"`` or ``"live"``. A listing mixes both."""
    created_by: str | None = None
    """The merchant that created it."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""
    line_items: JsonValue = None
    """The items of a cart; missing in listings."""

    @property
    def money(self) -> Money:
        """`amount` as `Money`.

        Raises:
            LomiValidationError: It is missing or has too many decimals, or the currency is unknown.
        """
        return money_in_units(self.amount, self.currency_code)


class PaymentLinkListing(DataListing):
    """One page of payment links. Its ``total`` is only how many are on this page."""

    scheme: ClassVar[Scheme | None] = Scheme("offset", 20)

    data: list[PaymentLink]
    """The links on this page."""
