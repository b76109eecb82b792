"""The same subscriptions again, in envelopes, with filters."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ..behaviours import Filter, Get, List, status_filter
from ..fields import read_uuid
from ..http import Reply
from ..resource import TEXT, Call, Operation, Resource
from .subscriptions import STATUSES, SUBSCRIPTIONS, cancel, update


def _update(call: Call) -> Reply:
    return Reply(200, call.dialect.envelope(call.show(update(call, call.find()))))


def _delete(call: Call) -> Reply:
    return Reply(200, call.dialect.envelope(call.show(cancel(call, call.find()))))


# Which keys the rows of the list have is not known; here they are those of a subscription.
CUSTOMER_SUBSCRIPTIONS: Final[Resource] = replace(
    SUBSCRIPTIONS,
    operations=(
        Operation(
            "GET",
            "/customer-subscriptions",
            List(
                *("wrapped", "data", "window", 20),
                filters=(
                    Filter("customer_id", "json_extract(body, '$.customer_id') = ?", value=read_uuid),
                    status_filter(*STATUSES),
                ),
                scoped=False,
                meta=True,
            ),
        ),
        Operation("GET", "/customer-subscriptions/{subscription_id}", Get(wrapped=True)),
        Operation("PATCH", "/customer-subscriptions/{subscription_id}", _update, errors=TEXT),
        Operation("DELETE", "/customer-subscriptions/{subscription_id}", _delete),
    ),
)
