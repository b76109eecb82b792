"""Where each create can be looked for after an unknown outcome, and what the object that it made must have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple

from .._i18n.language import Message, effective_language, render
from ..errors import LomiAPIError, LomiError, LomiRefundLedgerError
from ..models._base import LomiModel
from ..models._types import DataListing
from ..models.discount_coupons import DiscountCouponListing
from ..models.payment_links import PaymentLinkListing
from ..models.payouts import PayoutListing
from ..models.products import ProductListing
from ..models.refunds import RefundListing
from ..models.transactions import PaymentTransactionListing
from ..params._types import read_datetime
from .reconciled import CannotTell, Found, NotFound
from .reconciliation import SentRequest

__all__ = ["CLOCK_DOUBT", "LOOKUPS", "Lookup", "Matches"]

Expected = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Returns what an object must have, by the names of its fields, for what was sent."""

# How many seconds before the attempt, or after it and the grace period, an object can be created to be it for certain,
# and to be it at all: with the server's clock known from a Date header, and without.
_EXACT = 5.0
_CLOCK_KNOWN = 60.0
_CLOCK_UNKNOWN = 900.0

CLOCK_DOUBT = timedelta(seconds=_CLOCK_KNOWN)
"""How far a clock can be off without a listing by date missing anything."""


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
    detail: str | None = None
    """The path of a single object, and ..."""
    detailed: tuple[str, ...] = ()
    """... the fields that only it has, under the names that they were sent by."""
    not_kept: tuple[str, ...] = ()
    """Fields that say what it is for, and that no object shows: with one of them, a match is no proof."""
    unlisted: Message | None = None
    """Why an error of the API can leave something that no listing shows."""
    test_lists: Callable[[Mapping[str, Any]], bool] | None = None
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
        detail="/transactions/{id}",
        detailed=("description",),
        unlisted=_AT_PROCESSOR,
    )


LOOKUPS: Mapping[str, Lookup] = {
    "/refunds": Lookup(
        "refunds.list",
        "/refunds",
        RefundListing,
        _refund,
        unlisted=_BEFORE_RECORD,
    ),
    "/payouts": Lookup(
        "payouts.list",
        "/payouts",
        PayoutListing,
        _payout,
        not_kept=("recipient",),
        unlisted=_BEFORE_RECORD,
        test_lists=_is_withdrawal,
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


class Matches:
    """Collects the objects that a create may have left behind."""

    def __init__(self, lookup: Lookup, sent: SentRequest, grace_period: float, environment: str) -> None:
        self._lookup = lookup
        self._sent = sent
        self._grace_period = grace_period
        self._environment = environment
        self._expected = lookup.expected(sent.body)
        self.clock_offset: float | None = None
        """How many seconds the server's clock is ahead now."""
        self._searched = 0
        # An object is listed twice where others were created while the pages were fetched.
        self._seen: set[object] = set()
        self._certain: list[Any] = []
        self._possible: list[Any] = []

    @property
    def since(self) -> datetime:
        """From when on an object can be it, by the server's clock as it was told last."""
        ahead = next((each for each in (self._sent.clock_offset, self.clock_offset) if each is not None), 0.0)
        return datetime.fromtimestamp(self._sent.started_at + ahead, timezone.utc) - timedelta(seconds=_CLOCK_UNKNOWN)

    @property
    def query(self) -> dict[str, str | int]:
        """The query of the listing."""
        scheme = self._lookup.listing.scheme
        size = {"offset": "limit", "page": "pageSize"}.get(scheme.by) if scheme else None
        query = {**self._lookup.query, **({size: 100} if size else {})}
        return {**query, "startDate": self.since.isoformat()} if self._lookup.by_date else query

    def is_candidate(self, listed: LomiModel) -> bool:
        """Count an object of the listing; return whether it can be the one."""
        self._searched += 1
        if listed.get("environment") not in (None, self._environment):
            return False
        if listed.identity in self._seen or self._distance(listed) is None:
            return False
        same = {name: _same(name, value, listed.get(name)) for name, value in self._expected.items()}
        # The payer is whoever has the address or the number; what else a listing shows of a customer can have changed.
        names = ("customer_email", "customer_phone")
        contacts = [same.pop(name) for name in names if name in same and listed.get(name) is not None]
        if contacts:
            same["customer_name"] = any(contacts)
        return all(same.values())

    def add(self, listed: LomiModel, detail: LomiModel | None) -> None:
        """Add a candidate, with the whole object where only that has some of the fields."""
        self._seen.add(listed.identity)
        body = self._sent.body
        names = [name for name in self._lookup.detailed if body.get(name) is not None]
        if detail is not None and not all(_same(name, body[name], detail.get(name)) for name in names):
            return
        distance = self._distance(listed)
        (self._certain if distance is not None and distance <= _EXACT else self._possible).append(listed)

    def found(self) -> Found[Any] | None:
        """Return the object, if exactly one must be it."""
        if len(self._certain) != 1 or any(name in self._sent.body for name in self._lookup.not_kept):
            return None
        return Found(self._certain[0])

    def result(self, error: LomiError) -> Found[Any] | NotFound | CannotTell[Any]:
        """Return what the search results in."""
        if found := self.found():
            return found
        candidates = (*self._certain, *self._possible)
        if len(candidates) > 1:
            return _cannot_tell(Message("{} objects may be the one that was sent", len(candidates)), *candidates)
        if candidates:
            return _cannot_tell(
                Message("1 object may be the one that was sent, but lacks the data to tell"), *candidates
            )
        lookup = self._lookup
        if isinstance(error, LomiRefundLedgerError):
            return _cannot_tell(Message("the money has moved, but the refund is not recorded yet"))
        if lookup.unlisted is not None and isinstance(error, LomiAPIError):
            return _cannot_tell(lookup.unlisted)
        if self._environment == "test" and lookup.test_lists is not None and not lookup.test_lists(self._sent.body):
            return _cannot_tell(Message("with a test key, the API lists no payouts to beneficiaries"))
        return NotFound(self._searched, self.since)

    def _distance(self, listed: LomiModel) -> float | None:
        """Return by how many seconds an object was created outside the attempt; None when by too many."""
        created: datetime | None = listed.get("created_at")
        if created is None:
            return _CLOCK_UNKNOWN
        first, last = self._sent.started_at, self._sent.ended_at + self._grace_period
        # Where no clock is known, the time of creation proves nothing.
        offsets = [each for each in (self._sent.clock_offset, self.clock_offset) if each is not None]
        moment = created.timestamp()
        distances = [max(first - (moment - ahead), moment - ahead - last, 0.0) for ahead in offsets or [0.0]]
        if not offsets:
            return _CLOCK_UNKNOWN if distances[0] <= _CLOCK_UNKNOWN else None
        return min(distances) if min(distances) <= _CLOCK_KNOWN else None


def _cannot_tell(reason: Message, *candidates: Any) -> CannotTell[Any]:
    return CannotTell(render(reason, effective_language(None)), candidates)


def _same(name: str, sent: Any, stored: Any) -> bool:
    """Return whether what is stored can be what was sent; a field that a listing leaves out can."""
    if stored is None:
        return True
    if isinstance(stored, datetime):
        return bool(read_datetime.validate_python(sent) == stored)
    if isinstance(stored, Mapping):
        held: Mapping[str, Any] = stored  # pyright: ignore[reportUnknownVariableType]
        return all(held.get(key) == value for key, value in sent.items())
    if name == "customer_phone":
        return "".join(filter(str.isdigit, stored)) == "".join(filter(str.isdigit, sent))
    if name in ("code", "customer_email") or name.endswith("_id"):
        return bool(stored.casefold() == sent.casefold())
    # Amounts are int or Decimal where they come back, and float where they are sent.
    return bool(stored == sent or (isinstance(sent, float) and Decimal(repr(sent)) == stored))
