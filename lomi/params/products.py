"""What the methods of products take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import with_config
from typing_extensions import Required, TypedDict

from .._i18n.language import Message
from ..errors import FieldError
from ._base import STRICT, Flag, Metadata, NonBlank, PageNumber, SentAs, Text, int_between
from ._rules import fits_currency, refuse_card_data, rules
from ._types import AbsoluteURL, Amount, Currency3, Offset, Quantity, QueryFlag, UUIDString

__all__ = ["PriceParams", "ProductCreateParams", "ProductListParams"]

_MOST_PRICES = 3
_Interval = Literal[
    "day", "week", "bi-weekly", "month", "bi-monthly", "quarterly", "semi-annual", "year", "lifetime", "unit"
]


def _payers_choice(values: Mapping[str, Any]) -> Iterable[FieldError]:
    """Where payers choose the amount, the least is there, and the suggestion lies within the limits."""
    amount = values["amount"]
    least, most = values.get("minimum_amount"), values.get("maximum_amount")
    if values.get("pricing_model") == "pay_what_you_want" and least is None:
        yield FieldError(
            "minimum_amount", Message("is required where payers choose the amount"), Message("pass minimum_amount")
        )
    if least is not None and amount < least:
        yield FieldError("minimum_amount", Message("is more than the amount"), Message("pass at most the amount"))
    if most is not None and amount > most:
        yield FieldError("maximum_amount", Message("is less than the amount"), Message("pass at least the amount"))


@rules(fits_currency("amount", "minimum_amount", "maximum_amount"), _payers_choice, refuse_card_data)
@with_config(STRICT)
class PriceParams(TypedDict, total=False):
    """What ``products.add_price`` takes, and each price of ``products.create``."""

    amount: Required[Amount]
    """The price of one unit, in major units of ``currency_code``; the suggested one where payers choose."""
    currency_code: Required[Currency3]
    """``"XOF"``, ``"USD"`` or ``"EUR"``."""
    billing_interval: _Interval | None
    """How often it is due, such as ``"month"``; required for a recurring product."""
    pricing_model: Literal["standard", "pay_what_you_want", "tiered", "volume"] | None
    """How it is worked out. The API's default is ``"standard"``."""
    minimum_amount: Amount | None
    """The least that a payer can choose; required for ``"pay_what_you_want"``."""
    maximum_amount: Amount | None
    """The most that a payer can choose."""
    is_default: Flag | None
    """Whether it becomes the default price. The API's default is False."""
    metadata: Metadata | None
    """Your own key-value pairs: what JSON can carry, integers up to ±(2^53 − 1)."""


def _number_of_prices(values: Mapping[str, Any]) -> Iterable[FieldError]:
    if not 1 <= len(values["prices"]) <= _MOST_PRICES:
        yield FieldError("prices", Message("has none, or too many"), Message("from {} to {}", 1, _MOST_PRICES))


def _kind(values: Mapping[str, Any]) -> Iterable[FieldError]:
    """What each kind of product needs."""
    kind = values.get("product_type", "one_time")
    for number, price in enumerate(values["prices"]):
        if kind == "recurring" and price.get("billing_interval") is None:
            field = f"prices[{number}].billing_interval"
            yield FieldError(field, Message("is required for a recurring product"), Message('such as "month"'))
        if kind != "one_time" and price.get("pricing_model") == "pay_what_you_want":
            field = f"prices[{number}].pricing_model"
            yield FieldError(field, Message("is for products that are paid once"), Message("leave it out"))
    for field in ("usage_aggregation", "usage_unit") if kind == "usage_based" else ():
        if field not in values:
            yield FieldError(field, Message("is required for a usage-based product"), Message("pass {}", field))


def _trial(values: Mapping[str, Any]) -> Iterable[FieldError]:
    if values.get("trial_enabled") and "trial_period_days" not in values:
        yield FieldError("trial_period_days", Message("is required with a trial"), Message("such as {}", 14))


@rules(_number_of_prices, _kind, _trial, refuse_card_data)
@with_config(STRICT)
class ProductCreateParams(TypedDict, total=False):
    """What ``products.create`` takes; ``name`` and ``prices`` are required."""

    name: Required[NonBlank]
    """The product's name, not blank."""
    prices: Required[list[PriceParams]]
    """One to three prices."""
    product_type: Literal["one_time", "recurring", "usage_based"] | None
    """What it is. The API's default is ``"one_time"``."""
    description: Text | None
    """What it is, for payers."""
    images: list[AbsoluteURL] | None
    """URLs of images: https."""
    is_active: Flag | None
    """Whether it can be sold. The API's default is True."""
    display_on_storefront: Flag | None
    """Whether the storefront shows it. The API's default is True."""
    metadata: Metadata | None
    """Your own key-value pairs. Two have a meaning for a recurring product: ``subscription_length``, and
    ``fixed_charges``, the number of payments after which a subscription expires."""
    fee_type_ids: list[UUIDString] | None
    """The fees that its payers bear."""
    failed_payment_action: Literal["pause", "cancel", "continue"] | None
    """What becomes of a subscription when a renewal cannot be collected."""
    charge_day: Annotated[int, int_between(1, 31)] | None
    """The day of the month on which subscriptions are due, 1 to 31."""
    first_payment_type: Literal["initial", "non_initial", "prorated"] | None
    """What a new subscriber pays at once: the price (``"initial"``, the API's default), nothing, or the rest of the
    period."""
    trial_enabled: Flag | None
    """Whether a subscription begins with a trial. The API's default is False."""
    trial_period_days: Quantity | None
    """How many days the trial takes; required with a trial."""
    usage_aggregation: Literal["sum", "max", "last_during_period", "last_ever"] | None
    """How usage is added up; required for a usage-based product."""
    usage_unit: Text | None
    """What is counted, such as ``"request"``; required for a usage-based product."""
    meter_code: Text | None
    """The meter's name in usage events. The API's default is made from the product's name."""


@with_config(STRICT)
class ProductListParams(TypedDict, total=False):
    """What ``products.list`` takes."""

    is_active: Annotated[QueryFlag | None, SentAs("isActive")]
    """Only products that can be sold, or only those that cannot. Default: all."""
    isActive: QueryFlag | None  # its name on the wire
    """The same, under its name on the wire."""
    limit: PageNumber | None
    """Products a page, from 1. Default 15; the API sets no maximum."""
    offset: Offset | None
    """How many to skip. Default 0."""
