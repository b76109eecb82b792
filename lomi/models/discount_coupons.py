"""Discount coupons and what they brought: what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_before_validator_function

from ..money import Money
from ._base import Amount, LomiModel, Timestamp
from ._listings import ArrayListing
from ._types import OPEN, JsonValue, money_in_units
from .pagination import Scheme

__all__ = [
    "CouponCustomerType",
    "CouponPerformance",
    "CouponScope",
    "DiscountCoupon",
    "DiscountCouponListing",
    "DiscountType",
    "UsageFrequency",
]

_DiscountType = Literal["percentage", "fixed"]
DiscountType = Annotated[_DiscountType | str, OPEN]
"""How a coupon discounts. More values can come."""
_CouponCustomerType = Literal["all", "new", "returning"]
CouponCustomerType = Annotated[_CouponCustomerType | str, OPEN]
"""Who can use a coupon. More values can come."""
_UsageFrequency = Literal["total", "per_customer", "per_day", "per_week", "per_month"]
UsageFrequency = Annotated[_UsageFrequency | str, OPEN]
"""What a coupon's usage limit counts. More values can come."""
_CouponScope = Literal["organization_wide", "specific_products", "specific_prices"]
CouponScope = Annotated[_CouponScope | str, OPEN]
"""What a coupon applies to. More values can come."""


class DiscountCoupon(LomiModel):
    """A coupon. Only `coupon_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("coupon_id", "code", "discount_type", "is_active")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("discount_percentage", "discount_fixed_amount", "customer_type", "usage_frequency_limit"),
        *("usage_limit_value", "max_uses", "current_uses", "max_quantity_per_use", "scope_type", "valid_from"),
        *("expires_at", "completed_redemptions", "distinct_customers_completed", "created_at", "updated_at"),
    )

    coupon_id: str
    """The coupon's identifier."""
    organization_id: str | None = None
    """The organization that owns it; missing in listings."""
    code: str | None = None
    """What a payer types in, in upper case."""
    discount_type: DiscountType | None = None
    """``"percentage"`` or ``"fixed"``."""
    discount_percentage: Amount | None = None
    """The discount in percent: 20 is 20 %."""
    discount_fixed_amount: Amount | None = None
    """The discount in major units of the currency that is paid in; a coupon has no currency of its own."""
    customer_type: CouponCustomerType | None = None
    """``"all"``, ``"new"`` (no completed payment yet) or ``"returning"``."""
    usage_frequency_limit: UsageFrequency | None = None
    """What `usage_limit_value` counts: ``"total"``, ``"per_customer"``, ``"per_day"``, …"""
    usage_limit_value: int | None = None
    """How many uses there can be, in each such frame."""
    description: str | None = None
    """What it is for."""
    is_active: bool | None = None
    """Whether it can be used."""
    max_uses: int | None = None
    """How many uses there can be in all; None for no limit."""
    current_uses: int | None = None
    """How many completed payments used it."""
    max_quantity_per_use: int | None = None
    """How many units of a product one use can cover; None for no limit."""
    valid_from: Timestamp | None = None
    """From when on it can be used."""
    expires_at: Timestamp | None = None
    """Until when it can be used."""
    scope_type: CouponScope | None = None
    """``"organization_wide"``, ``"specific_products"`` or ``"specific_prices"``."""
    applies_to_product_types: list[str] | None = None
    """The kinds of products it applies to; in listings only."""
    product_links: list[JsonValue] | None = None
    """The products it applies to, as the API describes them."""
    plan_links: list[JsonValue] | None = None
    """The plans it applies to, as the API describes them; missing in listings."""
    completed_redemptions: int | None = None
    """How many completed payments used it; in listings only."""
    distinct_customers_completed: int | None = None
    """How many customers used it in a completed payment; in listings only."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""

    def discount(self, currency: str) -> Money:
        """Return `discount_fixed_amount` as `Money`.

        Args:
            currency: The currency of the payment, such as ``"XOF"``: a coupon has none of its own.

        Raises:
            LomiValidationError: It is missing or has a fraction of the smallest unit, or the currency is unknown.
        """
        return money_in_units(self.discount_fixed_amount, currency)


class CouponPerformance(LomiModel):
    """What a coupon brought, in completed payments."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("total_uses", "total_discounts", "total_revenue", "unique_customers")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("average_discount",)

    total_uses: int | None = None
    """How many completed payments used it."""
    total_discounts: Amount | None = None
    """The sum of the discounts, in major units; the API names no currency."""
    average_discount: Amount | None = None
    """The average discount, in major units."""
    total_revenue: Amount | None = None
    """The sum of the payments, in major units."""
    unique_customers: int | None = None
    """How many customers used it."""


class CouponPerformances(list[CouponPerformance]):
    """A coupon's performance as the API sends it: an array of one, or the object alone that its documentation has."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(_rows, handler(list[CouponPerformance]))


def _rows(body: Any) -> Any:
    return [body] if isinstance(body, Mapping) else body


class DiscountCouponListing(ArrayListing):
    """All coupons, as the API sends them: not paged."""

    scheme: ClassVar[Scheme | None] = Scheme("none")

    data: list[DiscountCoupon]
    """The coupons."""
