"""The organization that a key belongs to: made of its merchant's figures."""

from __future__ import annotations

import re
from typing import Final

from ..amounts import to_major
from ..http import ApiError, Reply
from ..resource import Call, Operation, Resource
from ..store import Values, by


def list_all(call: Call) -> Reply:
    return Reply(200, [_shown(call)])


def get(call: Call) -> Reply:
    if call.id != call.caller.organization_id:
        raise ApiError(404, f"Organization with ID {call.id} not found or access denied")
    return Reply(200, _shown(call))


def get_metrics(call: Call) -> Reply:
    shown = _shown(call)
    names = ("mrr", "arr", "total_revenue", "total_transactions", "total_customers")
    metrics: Values = {name: shown[name] for name in names}
    return Reply(200, {**metrics, "currency_code": shown["default_currency"], "calculated_at": shown["updated_at"]})


def _shown(call: Call) -> Values:
    store, owner = call.engine.store, call.caller.merchant_id
    merchant = store.select("merchants", *by(id=owner))[0]
    currency = str(merchant["currency_code"])
    metadata: Values = merchant["metadata"] or {}
    figures: Values = {
        name: to_major(merchant[figure] or 0, currency)
        for name, figure in (("total_revenue", "merchant_lifetime_value"), ("mrr", "mrr"), ("arr", "arr"))
    }
    where = by(owner=owner, environment=call.caller.environment)
    return {
        "organization_id": call.caller.organization_id,
        "name": merchant["name"],
        "email": merchant["email"],
        "phone_number": merchant["phone_number"],
        "verification_status": "verified",
        "website_url": None,
        "logo_url": None,
        "status": "active",
        "default_currency": currency,
        "slug": re.sub(r"[^a-z0-9]+", "-", str(merchant["name"]).lower()).strip("-"),
        "storefront_enabled": False,
        "total_revenue": figures["total_revenue"],
        "total_transactions": store.count("transactions", *where),
        "total_merchants": 1,
        "total_customers": store.count("customers", *where),
        "mrr": figures["mrr"],
        "arr": figures["arr"],
        "employee_number": None,
        "industry": metadata.get("industry"),
        "has_payout_pin": False,
        "is_starter_business": False,
        "created_at": call.dialect.time(merchant.created_at),
        "updated_at": call.dialect.time(merchant.updated_at),
    }


ORGANIZATIONS: Final = Resource(
    "organizations",
    key="organization_id",
    operations=(
        Operation("GET", "/organizations", list_all),
        Operation("GET", "/organizations/metrics", get_metrics),
        Operation("GET", "/organizations/{id}", get),
    ),
)
