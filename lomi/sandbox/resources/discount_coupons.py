"""Discount coupons: who can use one, what it takes off, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..amounts import WITHOUT_DECIMALS
from ..behaviours import Get, List
from ..checks import LARGEST, is_number
from ..clock import DAY
from ..engine import Engine
from ..http import ApiError, DatabaseError, JsonValue, Reply
from ..resource import Call, Field, Operation, Resource, Shape, View
from ..store import Record, Values, by

RULES: Final = (
    "discount_type discount_percentage discount_fixed_amount customer_type usage_frequency_limit usage_limit_value"
    " description is_active max_uses current_uses max_quantity_per_use valid_from expires_at scope_type"
)
KEYS: Final = f"coupon_id organization_id code {RULES} product_links plan_links created_at updated_at"
LISTED: Final = (
    f"coupon_id code {RULES} applies_to_product_types product_links completed_redemptions"
    " distinct_customers_completed created_at updated_at"
)
# How far back the uses are counted that a limit of its kind allows; the others count all of them.
FRAMES: Final = {"per_day": DAY, "per_week": 7 * DAY, "per_month": 30 * DAY}

# A coupon was used by a payment that was completed: nothing that the API shows, but what its figures come from.
REDEMPTIONS: Final = Resource("coupon_redemptions", key="redemption_id", indexed=("coupon_id",))


class CouponError(ValueError):
    """A code cannot be used for a payment; the text is for the payer."""


def find_coupons(
    engine: Engine,
    codes: Sequence[str],
    *,
    owner: str,
    environment: str,
    customer_id: str | None = None,
    product_id: str | None = None,
    price_id: str | None = None,
    quantity: int = 1,
) -> list[Record]:
    """Return the coupons that codes stand for, in their order.

    Raises:
        CouponError: There is no such coupon, or this customer cannot use it now, for this.
    """
    coupons: list[Record] = []
    for code in codes:
        where = by(owner=owner, environment=environment, code=code.strip().upper())
        found = engine.store.select("discount_coupons", *where)
        if not found or found[0] in coupons:
            raise CouponError(f"{code}: there is no such coupon, or it was given twice")
        problem = _problem(engine, found[0], customer_id, {product_id, price_id}, quantity)
        if problem is not None:
            raise CouponError(f"{code}: {problem}")
        coupons.append(found[0])
    return coupons


def apply_coupons(coupons: Sequence[Record], amount: float, currency_code: str) -> list[Values]:
    """Return what each coupon takes off: of what those before it left, and never more than that."""
    discounts: list[Values] = []
    for coupon in coupons:
        if coupon["discount_type"] == "percentage":
            off = round(amount * coupon["discount_percentage"] / 100, None if currency_code in WITHOUT_DECIMALS else 2)
        else:
            off = coupon["discount_fixed_amount"]
        off = min(off, amount)
        amount = round(amount - off, 2)
        discounts.append({"coupon_id": coupon.id, "code": coupon["code"], "discount_amount": off})
    return discounts


def redeem_coupons(engine: Engine, transaction: Record, discounts: Sequence[Values]) -> None:
    """Count the uses of coupons by a payment that was completed."""
    for discount in discounts:
        coupon = engine.store.find("discount_coupons", str(discount["coupon_id"]))
        if coupon is not None:
            coupon.body["current_uses"] = coupon["current_uses"] + 1
            engine.save(coupon)
            used: Values = {
                "coupon_id": coupon.id,
                "transaction_id": transaction.id,
                "customer_id": transaction["customer_id"],
                "discount_amount": discount["discount_amount"],
                "gross_amount": transaction["gross_amount"],
            }
            engine.create(REDEMPTIONS.type, used, owner=coupon.owner, environment=coupon.environment)


def _problem(
    engine: Engine, coupon: Record, customer_id: str | None, targets: set[str | None], quantity: int
) -> str | None:
    begins, ends, most = coupon["valid_from"], coupon["expires_at"], coupon["max_quantity_per_use"]
    if not coupon["is_active"] or (begins or 0) > engine.now or (ends is not None and ends <= engine.now):
        return "the coupon is not valid now"
    if coupon["max_uses"] is not None and coupon["current_uses"] >= coupon["max_uses"]:
        return "the coupon is used up"
    if most is not None and quantity > most:
        return f"the coupon covers at most {most}"
    if coupon["scope_type"] != "organization_wide" and not targets & set(coupon["product_ids"]):
        return "the coupon is for something else"
    if coupon["customer_type"] != "all":
        completed = by(owner=coupon.owner, status="completed", customer_id=customer_id)
        if (engine.store.count("transactions", *completed) > 0) != (coupon["customer_type"] == "returning"):
            return f"the coupon is for {coupon['customer_type']} customers"
    limit, kind = coupon["usage_limit_value"], coupon["usage_frequency_limit"]
    uses = _redemptions(engine, coupon)
    if kind == "per_customer":
        uses = [each for each in uses if each["customer_id"] == customer_id]
    elif kind in FRAMES:
        uses = [each for each in uses if each.created_at > engine.now - FRAMES[kind]]
    return "the coupon was used as often as it can be" if limit is not None and len(uses) >= limit else None


def _redemptions(engine: Engine, coupon: Record) -> list[Record]:
    return engine.store.select(REDEMPTIONS.type, *by(coupon_id=coupon.id))


def _completed(engine: Engine, coupon: Record) -> list[Record]:
    """Return the uses whose payments are completed, and not refunded since."""
    uses = ((use, engine.store.find("transactions", use["transaction_id"])) for use in _redemptions(engine, coupon))
    return [use for use, paid in uses if paid is not None and paid.status == "completed"]


def create(call: Call) -> Reply:
    if not isinstance(call.sent.get("code"), str):
        raise call.dialect.refusal("code", "must be a text")
    values = call.dialect.create(COUPONS.fields, call.body)
    problem = _discount_problem(values)
    # Checked by the server itself only where the type was sent; else left to the database.
    if problem is not None and "discount_type" not in call.sent:
        raise DatabaseError(problem)
    problem = problem or _limit_problem(values)
    if problem is not None:
        raise ApiError(400, problem)
    code = values["code"] = str(values["code"]).upper()
    if call.engine.store.count("discount_coupons", *by(owner=call.caller.merchant_id, code=code)):
        raise ApiError(400, f'A coupon with code "{code}" already exists')
    ids, scope = values["product_ids"], values["scope_type"]
    scoped: list[JsonValue] = ids if isinstance(ids, list) and scope != "organization_wide" else []
    values.update(
        current_uses=0,
        product_ids=scoped,
        product_links=[{"product_id": each} for each in scoped] if scope == "specific_products" else [],
        plan_links=[{"price_id": each} for each in scoped] if scope == "specific_prices" else [],
    )
    return Reply(201, call.show(call.create(values)))


def _discount_problem(values: Values) -> str | None:
    kind = values["discount_type"]
    name = "discount_percentage" if kind == "percentage" else "discount_fixed_amount"
    if values[name] is None:
        return f"{name} is required when discount_type is {kind}"
    if kind == "fixed":
        return None if _is_above_0(values[name]) else f"{name} must be positive"
    return None if _is_above_0(values[name], 100) else f"{name} must be between 0 and 100"


def _limit_problem(values: Values) -> str | None:
    limit, begins, ends = values["usage_limit_value"], values["valid_from"], values["expires_at"]
    if limit is None and values["usage_frequency_limit"] != "total":
        return 'usage_limit_value is required when usage_frequency_limit is not "total"'
    if limit is not None and not _is_above_0(limit):
        return "usage_limit_value must be positive"
    late = isinstance(begins, int) and isinstance(ends, int) and begins >= ends
    return "valid_from must be before expires_at" if late else None


def _is_above_0(value: JsonValue, most: float = LARGEST) -> bool:
    return is_number(value, 0, most) and value != 0


def get_performance(call: Call) -> Reply:
    uses = _completed(call.engine, call.find())
    taken = sum(use["discount_amount"] for use in uses)
    row: Values = {
        "total_uses": len(uses),
        "total_discounts": taken,
        "average_discount": round(taken / len(uses), 2) if uses else 0,
        "total_revenue": sum(use["gross_amount"] for use in uses),
        "unique_customers": len({use["customer_id"] for use in uses}),
    }
    # An array of one, whatever the documentation says.
    return Reply(200, [row] if call.dialect.name == "server" else row)


def _with_uses(view: View, record: Record, values: Values) -> Values:
    if "completed_redemptions" not in values:
        return values
    uses = _completed(view.engine, record)
    return {
        **values,
        "completed_redemptions": len(uses),
        "distinct_customers_completed": len({use["customer_id"] for use in uses}),
    }


COUPONS: Final = Resource(
    "discount_coupons",
    key="coupon_id",
    noun="Discount coupon",
    fields=(
        Field("code", required=True),
        Field("discount_type", choices=("percentage", "fixed"), absent="percentage"),
        Field("discount_percentage", "number", keeps_falsy=True),
        Field("discount_fixed_amount", "number", keeps_falsy=True),
        Field("customer_type", choices=("all", "new", "returning"), absent="all"),
        Field(
            "usage_frequency_limit",
            choices=("total", "per_customer", "per_day", "per_week", "per_month"),
            absent="total",
        ),
        Field("usage_limit_value", "integer", keeps_falsy=True),
        Field("description"),
        Field("is_active", "boolean", absent=True, keeps_falsy=True),
        Field("max_uses", "integer"),
        Field("max_quantity_per_use", "integer"),
        Field("valid_from", "time"),
        Field("expires_at", "time"),
        Field(
            "scope_type",
            choices=("organization_wide", "specific_products", "specific_prices"),
            absent="organization_wide",
        ),
        Field("product_ids", "json"),
    ),
    shape=Shape(KEYS),
    finish=_with_uses,
    operations=(
        Operation("POST", "/discount-coupons", create),
        Operation("GET", "/discount-coupons", List("array", shape=Shape(LISTED))),
        Operation("GET", "/discount-coupons/{id}", Get()),
        Operation("GET", "/discount-coupons/{id}/performance", get_performance),
    ),
)
