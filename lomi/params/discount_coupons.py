"""What the methods of discount coupons take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import with_config
from typing_extensions import Required, TypedDict

from .._i18n.language import Message
from ..errors import FieldError
from ._base import STRICT, Flag, NonBlank, Text
from ._rules import rules
from ._types import Amount, AwareDatetime, DiscountType, Quantity, UUIDString, read_datetime

__all__ = ["DiscountCouponCreateParams"]


def _discount(values: Mapping[str, Any]) -> Iterable[FieldError]:
    """There is a discount. The API checks that only where the type is passed."""
    kind = values.get("discount_type", "percentage")
    needed = "discount_percentage" if kind == "percentage" else "discount_fixed_amount"
    other = "discount_fixed_amount" if kind == "percentage" else "discount_percentage"
    if needed not in values:
        yield FieldError(needed, Message("is required for this discount_type"), Message("pass {}", needed))
    if other in values:
        yield FieldError(other, Message("is not for this discount_type"), Message("pass only one of both"))
    if values.get("discount_percentage", 0) > 100:
        yield FieldError("discount_percentage", Message("is more than 100"), Message("20 is 20 %"))


def _limit(values: Mapping[str, Any]) -> Iterable[FieldError]:
    if values.get("usage_frequency_limit", "total") != "total" and "usage_limit_value" not in values:
        problem = Message('is required unless usage_frequency_limit is "total"')
        yield FieldError("usage_limit_value", problem, Message("pass usage_limit_value"))


def _period(values: Mapping[str, Any]) -> Iterable[FieldError]:
    ends: list[datetime] = [
        read_datetime.validate_python(values[name]) for name in ("valid_from", "expires_at") if name in values
    ]
    if len(ends) == 2 and ends[0] >= ends[1]:
        yield FieldError("valid_from", Message("is not before expires_at"), Message("pass an earlier time"))


def _scope(values: Mapping[str, Any]) -> Iterable[FieldError]:
    scoped = values.get("scope_type", "organization_wide") != "organization_wide"
    if scoped and not values.get("product_ids"):
        yield FieldError("product_ids", Message("is required for this scope_type"), Message("pass product_ids"))
    if not scoped and "product_ids" in values:
        hint = Message('pass scope_type="specific_products"')
        yield FieldError("product_ids", Message("is not for a coupon of the whole organization"), hint)


@rules(_discount, _limit, _period, _scope)
@with_config(STRICT)
class DiscountCouponCreateParams(TypedDict, total=False):
    """What ``discount_coupons.create`` takes; ``code`` and a discount are required."""

    code: Required[NonBlank]
    """What a payer types in. The API turns it into upper case."""
    discount_type: DiscountType | None
    """``"percentage"`` (the API's default) or ``"fixed"``."""
    discount_percentage: Amount | None
    """The discount in percent, above 0, at most 100: 20 is 20 %. Required for a percentage."""
    discount_fixed_amount: Amount | None
    """The discount in major units of the currency that is paid in. Required for a fixed discount."""
    customer_type: Literal["all", "new", "returning"] | None
    """Who can use it: ``"new"`` customers have no completed payment yet. The API's default is ``"all"``."""
    usage_frequency_limit: Literal["total", "per_customer", "per_day", "per_week", "per_month"] | None
    """What ``usage_limit_value`` counts. The API's default is ``"total"``."""
    usage_limit_value: Quantity | None
    """How many uses there can be in each such frame, from 1; required unless it is ``"total"``."""
    description: Text | None
    """What it is for."""
    is_active: Flag | None
    """Whether it can be used. The API's default is True; no operation changes it later."""
    max_uses: Quantity | None
    """How many uses there can be in all. Default: no limit."""
    max_quantity_per_use: Quantity | None
    """How many units of a product one use can cover. Default: no limit."""
    valid_from: AwareDatetime | None
    """From when on it can be used: a datetime with a time zone. Before ``expires_at``."""
    expires_at: AwareDatetime | None
    """Until when it can be used: a datetime with a time zone."""
    scope_type: Literal["organization_wide", "specific_products", "specific_prices"] | None
    """What it applies to. The API's default is ``"organization_wide"``."""
    product_ids: list[UUIDString] | None
    """The products it applies to; required for ``"specific_products"`` and ``"specific_prices"``."""
