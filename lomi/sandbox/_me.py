from __future__ import annotations

from typing import Final

from ._http import Reply
from ._routes import Context, Resource, Route


def get(context: Context) -> Reply:
    return Reply(
        200,
        {
            "merchant_id": context.caller.merchant_id,
            "organization_id": context.caller.organization_id,
            "organization_name": context.caller.name,
            "environment": context.caller.environment,
        },
    )


RESOURCE: Final = Resource("", (Route("GET", "/me", get),))
