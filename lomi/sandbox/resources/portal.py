from __future__ import annotations

from typing import Final

from ..behaviours import List, field_filter
from ..http import Reply
from ..resource import Call, Operation, Resource, Shape
from .customers import CUSTOMERS

LIFETIME: Final = 900


def launch(call: Call) -> Reply:
    """Open a portal session. What the body asks for is echoed and never checked, as on the server."""
    customer = call.find(CUSTOMERS)
    subscription = call.sent.get("flow_subscription_id")
    if subscription is not None:
        call.dialect.read_id("sub", str(subscription))
    flow = call.sent.get("flow_type")
    event = call.create({"customer_id": customer.id, "event_type": "session_launched", "metadata": {"flow_type": flow}})
    token = f"sandbox_launch_{event.id.replace('-', '')}"
    return Reply(
        201,
        {
            "customer_id": call.dialect.show_id("cus", customer.id),
            "organization_id": call.caller.organization_id,
            "launch_token": token,
            "launch_url": f"https://portal.lomi-sandbox.invalid/launch?token={token}",
            "expires_in_seconds": LIFETIME,
            "flow_type": flow,
            "flow_subscription_id": subscription,
            "return_url": call.sent.get("return_url"),
            "flow_after_completion_url": call.sent.get("flow_after_completion_url"),
        },
    )


KEYS: Final = "event_id organization_id customer_id event_type metadata created_at"

PORTAL_EVENTS: Final = Resource(
    "portal_events",
    key="event_id",
    shape=Shape(KEYS),
    indexed=("customer_id",),
    operations=(
        Operation("POST", "/customers/{id}/portal-launch-session", launch),
        Operation(
            "GET",
            "/customers/{id}/portal-audit",
            # Unlike the list of customers this one adjusts its numbers, and reports the adjusted ones.
            List(
                *("pages", "events", "page"),
                filters=(field_filter("eventType", "event_type"),),
                parent=CUSTOMERS,
                scoped=False,
                clamp=200,
            ),
        ),
    ),
)
