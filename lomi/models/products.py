"""Products and their prices: what comes back."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..money import Money
from ._base import Amount, LomiModel, Metadata, Timestamp
from ._listings import ArrayListing
from ._types import OPEN, CurrencyCode, EnvironmentName, money_in_units
from .pagination import Scheme

__all__ = ["BillingInterval", "Price", "PricingModel", "Product", "ProductFee", "ProductListing", "ProductType"]

_ProductType = Literal["one_time", "recurring", "usage_based"]
ProductType = Annotated[_ProductType | str, OPEN]
"""What a product is. More values can come."""
_PricingModel = Literal["standard", "pay_what_you_want", "tiered", "volume"]
PricingModel = Annotated[_PricingModel | str, OPEN]
"""How a price is worked out. More values can come."""
_BillingInterval = Literal[
    "day", "week", "bi-weekly", "month", "bi-monthly", "quarterly", "semi-annual", "year", "lifetime", "unit"
]
BillingInterval = Annotated[_BillingInterval | str, OPEN]
"""How often a price is due. More values can come."""


class Price(LomiModel):
    """A price of a product. Only `price_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("price_id", "amount", "currency_code", "billing_interval")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("product_id", "organization_id", "pricing_model", "minimum_amount", "maximum_amount", "is_default"),
        *("is_active", "created_at", "updated_at"),
    )

    price_id: str
    """The price's identifier."""
    product_id: str | None = None
    """The product that it belongs to."""
    organization_id: str | None = None
    """The organization that owns it."""
    amount: Amount | None = None
    """The price of one unit, in major units of `currency_code`; the suggested one where payers choose."""
    currency_code: CurrencyCode | None = None
    """The currency."""
    billing_interval: BillingInterval | None = None
    """How often it is due; None for a price that is paid once."""
    pricing_model: PricingModel | None = None
    """How it is worked out; the deployed API leaves it out."""
    minimum_amount: Amount | None = None
    """The least that a payer can choose, in major units; the deployed API leaves it out."""
    maximum_amount: Amount | None = None
    """The most that a payer can choose, in major units; the deployed API leaves it out."""
    is_default: bool | None = None
    """Whether it is the product's default price."""
    is_active: bool | None = None
    """Whether it can be used; the deployed API leaves it out."""
    metadata: Metadata | None = None
    """The caller's own key-value pairs; the deployed API leaves them out."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""

    @property
    def money(self) -> Money:
        """`amount` as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction of the smallest unit, or the currency is unknown.
        """
        return money_in_units(self.amount, self.currency_code)


class ProductFee(LomiModel):
    """A fee that a product's payers bear. Only `fee_type_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("fee_type_id", "fee_percentage", "fee_fixed_amount", "fee_is_enabled")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("fee_name",)

    fee_type_id: str
    """The fee's identifier."""
    fee_name: str | None = None
    """Its name."""
    fee_percentage: Amount | None = None
    """Its share of the amount, in percent: 20 is 20 %."""
    fee_fixed_amount: Amount | None = None
    """Its fixed part, in major units of the price's currency."""
    fee_is_enabled: bool | None = None
    """Whether it is charged."""


class Product(LomiModel):
    """A product with its prices. Only `product_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("product_id", "product_type", "is_active")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("organization_id", "name", "sku", "display_on_storefront", "track_inventory", "inventory_quantity"),
        *("environment", "created_at", "updated_at"),
    )

    product_id: str
    """The product's identifier."""
    organization_id: str | None = None
    """The organization that owns it."""
    name: str | None = None
    """Its name."""
    description: str | None = None
    """What it is."""
    product_type: ProductType | None = None
    """``"one_time"``, ``"recurring"`` or ``"usage_based"``."""
    images: list[str] | None = None
    """URLs of images."""
    is_active: bool | None = None
    """Whether it can be sold."""
    display_on_storefront: bool | None = None
    """Whether the storefront shows it."""
    prices: list[Price] | None = None
    """Its prices. The API sends an empty list when looking them up fails, without an error."""
    fees: list[ProductFee] | None = None
    """The fees that its payers bear; an empty list when looking them up fails."""
    metadata: Metadata | None = None
    """The caller's own key-value pairs."""
    sku: str | None = None
    """Stock keeping unit."""
    track_inventory: bool | None = None
    """Whether its stock is counted."""
    inventory_quantity: int | None = None
    """How many are in stock."""
    continue_selling_when_out_of_stock: bool | None = None
    """Whether it can be sold without stock."""
    created_by: str | None = None
    """The merchant who created it."""
    environment: EnvironmentName | None = None
    """``"test"`` or ``"live"``; the deployed API leaves it out."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""

    @property
    def default_price(self) -> Price | None:
        """The price that is marked as the default; None when none is."""
        return next((price for price in self.prices or () if price.is_default), None)

    @property
    def money(self) -> Money:
        """The amount of `default_price` as `Money`.

        Raises:
            LomiValidationError: There is none, or it has a fraction of the smallest unit, or its currency is unknown.
        """
        price = self.default_price
        return money_in_units(None, None) if price is None else price.money


class ProductListing(ArrayListing):
    """One page of products, as the API sends it."""

    scheme: ClassVar[Scheme | None] = Scheme("offset", 15)

    data: list[Product]
    """The products on this page."""
