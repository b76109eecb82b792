"""Where each create can be looked for, and what the object that it made must have: a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .._i18n.language import Message
from ..models._listings import DataListing
from ..models.discount_coupons import DiscountCouponListing
from ..models.payment_links import PaymentLinkListing
from ..models.payouts import PayoutListing
from ..models.products import ProductListing
from ..models.refunds import RefundListing
from ..models.transactions import PaymentTransactionListing

__all__ = ["LOOKUPS", "Lookup"]

Expected = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Returns what an object must have, by the names of its fields, for what was sent."""


class Lookup(NamedTuple):
    """How the create of one path is looked for."""

    operation: str
    """The name of the listing, for logs."""
    path: str
    listing: type[DataListing]
    expected: Expected
    query: Mapping[str, str | int] = {}
    """What narrows the listing."""
    by_date: bool = True
    """Whether the listing takes ``startDate``."""
    detail_path: str | None = None
    """The path of a single object, and ..."""
    detail_fields: tuple[str, ...] = ()
    """... the fields that only it has, under the names that they were sent by."""
    hidden_fields: tuple[str, ...] = ()
    """Fields that say what it is for, and that no object shows: with one of them, a match is no proof."""
    unlisted_reason: Message | None = None
    """Why an error of the API can leave something that no listing shows."""
    listed_in_test: Callable[[Mapping[str, Any]], bool] | None = None
    """Whether a test key lists what was sent; None when it does."""


def _named(*same: str, **renamed: str) -> Expected:
    """Return what an object must have where most fields are called the same as in the request."""
    names = {**{name: name for name in same}, **renamed}
    return lambda body: {names[name]: value for name, value in body.items() if name in names}


def _charge(body: Mapping[str, Any]) -> Mapping[str, Any]:
    customer: Mapping[str, Any] = body["customer"]
    found = {"product_id": body.get("productId"), "subscription_id": body.get("subscriptionId")}
    names = {"name": "customer_name", "email": "customer_email", "phoneNumber": "customer_phone"}
    return {
        "gross_amount": body["amount"] * body.get("quantity", 1),
        "currency_code": body["currency"],
        **{name: value for name, value in found.items() if value is not None},
        **{names[name]: value for name, value in customer.items() if name in names},
    }


_card_fields = _named(
    *("customer_id", "customer_email", "customer_name", "customer_phone", "product_id", "subscription_id", "quantity"),
    amount="gross_amount",
)


def _card_charge(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**_card_fields(body), "currency_code": body.get("currency_code", body.get("currency", "XOF"))}


def _refund(body: Mapping[str, Any]) -> Mapping[str, Any]:
    # A full refund returns what is left of the payment, whatever amount was sent.
    names = {"transaction_id", "reason", *(() if body.get("refund_type") == "full" else ("amount",))}
    return {name: body[name] for name in names & body.keys()}


_payout_fields = _named("amount", "currency_code", "payout_method_id")


def _payout(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**_payout_fields(body), "kind": "withdrawal" if body["destination"] == "self" else "beneficiary"}


def _is_withdrawal(body: Mapping[str, Any]) -> bool:
    return bool(body["destination"] == "self")


_BEFORE_RECORD = Message("the API failed, and money can have moved before it was recorded")
_AT_PROCESSOR = Message("the API failed, and the payment can exist at the processor alone")


def _payments(provider: str, expected: Expected) -> Lookup:
    return Lookup(
        "transactions.list",
        "/transactions",
        PaymentTransactionListing,
        expected,
        {"provider": provider},
        detail_path="/transactions/{id}",
        detail_fields=("description",),
        unlisted_reason=_AT_PROCESSOR,
    )


LOOKUPS: Mapping[str, Lookup] = {
    "/refunds": Lookup(
        "refunds.list",
        "/refunds",
        RefundListing,
        _refund,
        unlisted_reason=_BEFORE_RECORD,
    ),
    "/payouts": Lookup(
        "payouts.list",
        "/payouts",
        PayoutListing,
        _payout,
        hidden_fields=("recipient",),
        unlisted_reason=_BEFORE_RECORD,
        listed_in_test=_is_withdrawal,
    ),
    "/charge/card": _payments("STRIPE", _card_charge),
    "/charge/mtn": _payments("MTN", _charge),
    "/charge/wave": _payments("WAVE", _charge),
    "/payment-links": Lookup(
        "payment_links.list",
        "/payment-links",
        PaymentLinkListing,
        _named(
            *("link_type", "title", "currency_code", "amount", "product_id", "price_id", "description"),
            *("allow_coupon_code", "allow_quantity", "require_billing_address", "expires_at", "success_url"),
            "cancel_url",
        ),
        by_date=False,
    ),
    "/products": Lookup(
        "products.list",
        "/products",
        ProductListing,
        _named("name", "product_type", "description", "images", "is_active", "display_on_storefront", "metadata"),
        by_date=False,
    ),
    "/discount-coupons": Lookup(
        "discount_coupons.list",
        "/discount-coupons",
        DiscountCouponListing,
        _named(
            *("code", "discount_type", "discount_percentage", "discount_fixed_amount", "customer_type"),
            *("usage_frequency_limit", "usage_limit_value", "description", "is_active", "max_uses"),
            *("max_quantity_per_use", "valid_from", "expires_at", "scope_type"),
        ),
        by_date=False,
    ),
}
"""By the path of the create."""
