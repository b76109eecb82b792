from __future__ import annotations

from typing import Final

from ..http import DatabaseError, JsonValue, Reply
from ..resource import Call, Operation, Resource

# The rails that payments are made on. Cards are called STRIPE in what is returned, whatever was asked for.
CONNECTED: Final = {"STRIPE": True, "WAVE": True, "MTN": True, "SPI": False}


def list_all(call: Call) -> Reply:
    asked = call.query.get("provider_code")
    wanted = [*CONNECTED] if asked is None else ["STRIPE" if code == "CARD" else code for code in asked]
    if (asked is not None and len(asked) != 1) or not set(wanted) <= CONNECTED.keys():
        raise DatabaseError("invalid input value for enum provider_code")
    rows: list[JsonValue] = [
        {
            "provider_code": code,
            "organization_id": call.caller.organization_id,
            "is_connected": CONNECTED[code],
            "is_phone_verified": False,
            "onboarding_status": "completed" if CONNECTED[code] else "pending",
            "phone_number": None,
            "provider_merchant_id": None,
            "metadata": None,
        }
        for code in wanted
    ]
    return Reply(200, call.dialect.envelope(rows))


PROVIDERS: Final = Resource("providers", key="provider_code", operations=(Operation("GET", "/providers", list_all),))
