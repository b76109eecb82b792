"""Products, and their prices: objects of their own, found by their ids."""

from __future__ import annotations

from typing import Final

from ..behaviours import Get, List, flag_filter
from ..checks import is_number
from ..engine import Engine
from ..fields import CURRENCIES
from ..http import ApiError, JsonValue, Reply
from ..resource import NOT_FOUND, Call, Field, Operation, Resource, Shape, View
from ..store import Record, Values, by

INTERVALS: Final = (
    *("day", "week", "bi-weekly", "month", "bi-monthly", "quarterly", "semi-annual", "year", "lifetime", "unit"),
)
MOST_PRICES: Final = 3
# In days.
LONGEST_TRIAL: Final = 36500
PRICE_KEYS: Final = (
    "price_id product_id organization_id amount currency_code billing_interval is_default created_at updated_at"
)
KEYS: Final = (
    "product_id organization_id name description product_type images is_active display_on_storefront metadata sku"
    " inventory_quantity track_inventory continue_selling_when_out_of_stock created_by created_at updated_at"
)

# The published type of a price lacks its model, its limits and its metadata: they are stored, and not shown.
PRICES: Final = Resource(
    "prices",
    key="price_id",
    noun="Price",
    fields=(
        Field("amount", "number", required=True),
        Field("currency_code", required=True, choices=CURRENCIES),
        Field("billing_interval", choices=INTERVALS),
        Field("pricing_model", choices=("standard", "pay_what_you_want", "tiered", "volume"), absent="standard"),
        Field("minimum_amount", "number"),
        Field("maximum_amount", "number"),
        Field("is_default", "boolean", absent=False),
        Field("metadata", "metadata"),
    ),
    shape=Shape(PRICE_KEYS),
    indexed=("product_id",),
)


def prices_of(engine: Engine, product_id: str) -> list[Record]:
    """Return a product's prices, the oldest first."""
    return engine.store.select("prices", *by(product_id=product_id))[::-1]


def default_price(engine: Engine, product_id: str) -> Record:
    """Return the price of a product that is taken when none is named."""
    return next(each for each in prices_of(engine, product_id) if each["is_default"])


def find_price(call: Call, values: Values) -> Record:
    """Return the price that a `price_id` or a `product_id` stands for; an error if it does not fit the rest."""
    store = call.engine.store
    if values["price_id"] is not None:
        price = store.find("prices", str(values["price_id"]))
    else:
        product = store.find("products", str(values["product_id"]))
        price = None if product is None else default_price(call.engine, product.id)
    right = price is not None and values["product_id"] in {None, price["product_id"]}
    if price is None or not right or price.owner != call.caller.merchant_id:
        raise call.dialect.refusal("price_id", "must be a price of this organization and the product")
    if price["currency_code"] != values["currency_code"]:
        raise call.dialect.refusal("currency_code", "must be the price's")
    return price


def create(call: Call) -> Reply:
    sent = call.sent.get("prices")
    prices: list[JsonValue] = sent if isinstance(sent, list) else []
    values = call.dialect.create(PRODUCTS.fields, call.body)
    if not 1 <= len(prices) <= MOST_PRICES:
        raise call.dialect.refusal("prices", f"must be 1 to {MOST_PRICES}")
    if values["trial_enabled"] and not is_number(values["trial_period_days"], 1, LONGEST_TRIAL):
        raise call.dialect.refusal("trial_period_days", f"must be 1 to {LONGEST_TRIAL} with a trial")
    if values["charge_day"] is not None and not is_number(values["charge_day"], 1, 31):
        raise call.dialect.refusal("charge_day", "must be 1 to 31")
    made = [_price(call, price, values) for price in prices]
    chosen = next((position for position, price in enumerate(made) if price["is_default"]), 0)
    values.update(track_inventory=False, continue_selling_when_out_of_stock=False, created_by=call.caller.merchant_id)
    with call.engine.store.transaction():
        product = call.create(values)
        for position, price in enumerate(made):
            call.create({**price, "product_id": product.id, "is_default": position == chosen}, type="prices")
    return Reply(201, call.show(product))


def add_price(call: Call) -> Reply:
    product = call.find()
    if len(prices_of(call.engine, product.id)) == MOST_PRICES:
        raise call.dialect.refusal("prices", f"must be 1 to {MOST_PRICES}")
    values = {**_price(call, call.body if isinstance(call.body, dict) else {}, product.body), "product_id": product.id}
    with call.engine.store.transaction():
        price = call.create(values, type="prices")
        if values["is_default"]:
            _make_default(call.engine, price)
    return Reply(201, PRICES.show(call.view, price))


def set_default(call: Call) -> Reply:
    product = call.find()
    named = call.params["priceId"]
    price = call.find_own("prices", named)
    if price is None or price["product_id"] != product.id:
        raise ApiError(404, f"Price with ID {named} not found for this product")
    with call.engine.store.transaction():
        _make_default(call.engine, price)
    return Reply(201, call.show(product))


def _price(call: Call, sent: JsonValue, product: Values) -> Values:
    """Return a price to store; an error if the database's own rules refuse it."""
    values = call.dialect.create(PRICES.fields, sent)
    kind, refuse = product["product_type"], call.dialect.refusal
    chosen, amount = values["pricing_model"] == "pay_what_you_want", _amount(values, "amount")
    if amount is None or (not amount and not chosen):
        raise refuse("amount", "must be above 0")
    if kind == "recurring" and values["billing_interval"] is None:
        raise refuse("billing_interval", "is required for a recurring product")
    if chosen:
        least, most = _amount(values, "minimum_amount"), _amount(values, "maximum_amount")
        if kind != "one_time" or least is None:
            raise refuse("pricing_model", "pay_what_you_want needs a minimum_amount, and a product that is paid once")
        if not least <= amount <= (amount if most is None else most):
            raise refuse("amount", "must lie between minimum_amount and maximum_amount")
    return values


def _amount(values: Values, name: str) -> float | None:
    value = values[name]
    return value if isinstance(value, (int, float)) and value >= 0 else None


def _make_default(engine: Engine, price: Record) -> None:
    for each in prices_of(engine, str(price["product_id"])):
        if each["is_default"] != (each.id == price.id):
            each.body["is_default"] = each.id == price.id
            engine.save(each)
    price.body["is_default"] = True


def _with_prices(view: View, record: Record, values: Values) -> Values:
    prices: list[JsonValue] = [PRICES.show(view, each) for each in prices_of(view.engine, record.id)]
    return {**values, "prices": prices, "fees": []}


PRODUCTS: Final = Resource(
    "products",
    key="product_id",
    noun="Product",
    fields=(
        Field("name", required=True),
        Field("description"),
        Field("product_type", choices=("one_time", "recurring", "usage_based"), absent="one_time"),
        Field("images", "json"),
        Field("is_active", "boolean", absent=True, keeps_falsy=True),
        Field("display_on_storefront", "boolean", absent=True, keeps_falsy=True),
        Field("fee_type_ids", "json"),
        Field("failed_payment_action", choices=("pause", "cancel", "continue")),
        Field("charge_day", "integer"),
        Field("first_payment_type", choices=("initial", "non_initial", "prorated"), absent="initial"),
        Field("trial_enabled", "boolean", absent=False),
        Field("trial_period_days", "integer"),
        Field("usage_aggregation", choices=("sum", "max", "last_during_period", "last_ever")),
        Field("usage_unit"),
        Field("meter_code"),
        Field("metadata", "metadata"),
    ),
    shape=Shape(KEYS),
    searched=("name",),
    finish=_with_prices,
    operations=(
        Operation("POST", "/products", create),
        Operation(
            "GET",
            "/products",
            List("array", paging="window", size=15, filters=(flag_filter("isActive", "is_active"),), total=True),
        ),
        Operation("GET", "/products/{id}", Get(), errors=NOT_FOUND),
        Operation("POST", "/products/{id}/prices", add_price),
        Operation("POST", "/products/{id}/prices/{priceId}/set-default", set_default),
    ),
)
