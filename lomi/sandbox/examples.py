"""Examples of events: about things that do not exist, with new ids each time."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Final
from uuid import uuid4

# What can be sent on request: the events that the server listens to.
EVENTS: Final[tuple[str, ...]] = (
    *("PAYMENT_SUCCEEDED", "PAYMENT_FAILED", "REFUND_CREATED", "REFUND_COMPLETED", "REFUND_FAILED"),
    *("SUBSCRIPTION_CREATED", "SUBSCRIPTION_UPDATED", "SUBSCRIPTION_RENEWED", "SUBSCRIPTION_CANCELLED"),
    *("USAGE_RECORDED", "USAGE_INVOICE_CREATED", "USAGE_INVOICE_PAID", "USAGE_INVOICE_OVERDUE"),
    "SUBSCRIPTION_USAGE_PERIOD_CLOSED",
)


def example(event: str) -> dict[str, Any]:
    """Return the data of an event about something that does not exist, with new ids."""
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    common = {"environment": "test", "created_at": now, "updated_at": now, "metadata": {"example": True}}
    money = {"currency_code": "XOF", "customer_id": str(uuid4())}
    if event.startswith("PAYMENT_"):
        status = "failed" if event == "PAYMENT_FAILED" else "completed"
        amounts = {"gross_amount": 10_000, "fee_amount": 490, "net_amount": 9_510}
        rail = {"provider_code": "WAVE", "payment_method_code": "MOBILE_MONEY", "transaction_type": "payment"}
        return {"transaction_id": str(uuid4()), "status": status, **amounts, **rail, **money, **common}
    if event.startswith("REFUND_"):
        status = {"REFUND_COMPLETED": "completed", "REFUND_FAILED": "failed"}.get(event, "pending")
        refund = {"refund_id": str(uuid4()), "transaction_id": str(uuid4()), "amount": 10_000, "refund_type": "full"}
        return {**refund, "status": status, **money, **common}
    if event.startswith("SUBSCRIPTION_"):
        status = "cancelled" if event == "SUBSCRIPTION_CANCELLED" else "active"
        subscription = {"subscription_id": str(uuid4()), "status": status, **money, **common}
        if event == "SUBSCRIPTION_UPDATED":
            return {"object": subscription, "previous_attributes": {"status": "trial"}, "context": {"source": "cron"}}
        return subscription
    return {"id": str(uuid4()), "subscription_id": str(uuid4()), "meter_id": str(uuid4()), **common}
