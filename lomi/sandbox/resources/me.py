from __future__ import annotations

from typing import Final

from ..http import Reply
from ..resource import Call, Operation, Resource


def get(call: Call) -> Reply:
    return Reply(
        200,
        {
            "merchant_id": call.caller.merchant_id,
            "organization_id": call.caller.organization_id,
            "organization_name": call.caller.name,
            "environment": call.caller.environment,
        },
    )


ME: Final = Resource("me", key="merchant_id", operations=(Operation("GET", "/me", get),))
