"""Values that calls around payments pass, and what is sent of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from . import bodies

ID = "1e68970e-30d5-4916-9359-28c7e70c4b91"
OTHER = "c53504a6-1cd3-42fb-aa9f-a6ea1dda44f5"
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.timezone.utc)
PRICE = {"amount": 9900, "currency_code": "XOF", "billing_interval": "month"}
EVERY_PRICE: dict[str, Any] = {
    "amount": Decimal("19.99"),
    "currency_code": "EUR",
    "billing_interval": "bi-weekly",
    "pricing_model": "pay_what_you_want",
    "minimum_amount": 5,
    "maximum_amount": Decimal("50.00"),
    "is_default": True,
    "metadata": {"tier": "studio"},
}
SENT_PRICE = {**EVERY_PRICE, "amount": 19.99, "maximum_amount": 50}
EVERY_PRODUCT: dict[str, Any] = {
    "name": "Requests",
    "prices": [PRICE],
    "product_type": "usage_based",
    "description": "Counted",
    "images": ["https://shop.example/a.png"],
    "is_active": True,
    "display_on_storefront": False,
    "metadata": {"tier": "studio"},
    "fee_type_ids": [ID],
    "failed_payment_action": "pause",
    "charge_day": 31,
    "first_payment_type": "prorated",
    "trial_enabled": True,
    "trial_period_days": 14,
    "usage_aggregation": "sum",
    "usage_unit": "request",
    "meter_code": "requests",
}
EVERY_COUPON: dict[str, Any] = {
    "code": "tabaski",
    "discount_type": "percentage",
    "discount_percentage": Decimal("12.5"),
    "customer_type": "returning",
    "usage_frequency_limit": "per_month",
    "usage_limit_value": 1,
    "description": "Holidays",
    "is_active": False,
    "max_uses": 200,
    "max_quantity_per_use": 2,
    "valid_from": NOON,
    "expires_at": "2026-06-30T00:00:00Z",
    "scope_type": "specific_products",
    "product_ids": [OTHER],
}
EVERY_CHANGE: dict[str, Any] = {
    "status": "paused",
    "start_date": dt.date(2026, 1, 15),
    "end_date": "2026-12-31",
    "next_billing_date": dt.date(2026, 2, 15),
    "metadata": {"seat": 7},
}
SENT_CHANGE = {**EVERY_CHANGE, "start_date": "2026-01-15", "next_billing_date": "2026-02-15"}
ENDPOINT: dict[str, Any] = {
    "url": "https://shop.example/hooks/lomi",
    "authorized_events": ["PAYMENT_SUCCEEDED", "PAYMENT_FAILED"],
}
FLOW: dict[str, Any] = {
    "return_url": "https://shop.example/account",
    "flow_type": "subscription_cancel",
    "flow_subscription_id": ID,
    "flow_after_completion_url": "https://shop.example/bye",
}
WRAPPED = {"success": True, "data": bodies.CANCELLED}
