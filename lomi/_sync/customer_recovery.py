"""Recovery of a customer's create: metadata that the API lost, and the customer of an unknown outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._core.deadline import ends_at
from .._core.request import Path, Request, path, trusted_request, with_changes
from .._core.sent_request import SentRequest, sent_request, with_reference
from .._i18n.language import Message
from ..errors import LomiError, LomiNotFoundError, LomiPartialWriteError
from ..models.customers import Customer, CustomerListing
from .base_client import BaseClient
from .page import Page

if TYPE_CHECKING:
    from .._core.customer_matches import CustomerMatches

__all__ = ["create_customer", "reconcile_customer", "remaining_grace", "wait_for_grace"]

_CUSTOMERS = Path("/customers", "/customers")


def create_customer(client: BaseClient, request: Request[Customer], reference: str | None) -> Customer:
    """Create a customer; write its metadata again where the API lost it."""
    # What was sent is held by the request alone, whose repr shows nothing of it: a traceback shows what frames hold.
    if reference is not None:
        request = with_changes(request, body=with_reference("customers.create", request.body or {}, reference))
    started = client.backend.monotonic()
    customer = client.send(request)
    if customer.metadata or not (request.body or {}).get("metadata"):
        return customer
    return _write_metadata(client, customer, (request.body or {})["metadata"], started)


def _write_metadata(client: BaseClient, customer: Customer, metadata: Mapping[str, Any], started: float) -> Customer:
    """Write the metadata that a create has lost, in what is left of its time."""
    cause = None
    try:
        timeout = client.config.timeout
        if timeout is not None:
            timeout = max(0.001, timeout - (client.backend.monotonic() - started))
        where = path("/customers/{id}", id=customer.id)
        update = trusted_request("PATCH", where, Customer, body={"metadata": metadata}, operation="customers.create")
        updated = client.with_options(timeout=timeout).send(update)
        if updated.metadata:
            return updated
    except Exception as error:  # noqa: BLE001  # whatever it was, the customer exists
        cause = error
    known = cause if isinstance(cause, LomiError) else None
    del metadata  # a traceback would show it
    raise LomiPartialWriteError(
        Message("the customer was created, but the API lost its metadata, and writing it again failed"),
        customer_id=customer.id,
        attempts=1 + (known.attempts if known else 1),
        request_id=known.request_id if known else None,
        method="POST",
        path="/customers",
    ) from cause


def reconcile_customer(client: BaseClient, error: LomiError, grace_period: float) -> Customer | None:
    """Return the customer that a failed create has left behind, or None when there is none."""
    sent = sent_request(error, client.config.scope, grace_period)
    if isinstance(error, LomiPartialWriteError) and error.customer_id is not None:
        return _get(client, error.customer_id)
    if sent is None:
        return None
    if remaining_grace(client, sent, grace_period) > 0:
        if customer := (_compare(client, sent, grace_period)).found():
            return customer
        wait_for_grace(client, sent, grace_period)
    return (_compare(client, sent, grace_period)).result()


def remaining_grace(client: BaseClient, sent: SentRequest, grace_period: float) -> float:
    """Return how many seconds it may still take until the create is carried out."""
    return min(grace_period, sent.ended_at + grace_period - client.backend.time())


def wait_for_grace(client: BaseClient, sent: SentRequest, grace_period: float) -> None:
    """Sleep until it cannot be carried out any more, within the deadline."""
    now = client.backend.monotonic()
    client.backend.sleep(max(0.0, min(remaining_grace(client, sent, grace_period), ends_at(now, None) - now)))


def _compare(client: BaseClient, sent: SentRequest, grace_period: float) -> CustomerMatches:
    from .._core.customer_matches import CustomerMatches

    matches = CustomerMatches(sent, grace_period)
    request = trusted_request(
        "GET",
        _CUSTOMERS,
        CustomerListing,
        query={"search": matches.text, "pageSize": 100},
        operation="customers.reconcile",
    )
    listing = client.send(request)
    page: Page[Customer] = Page(client, request, listing)
    matches.clock_offset = client.clock_offset()
    for listed in page:
        if matches.is_candidate(listed):
            customer = _get(client, listed.id)
            if customer is not None:  # else it was deleted meanwhile
                matches.add(customer)
    return matches


def _get(client: BaseClient, id: str) -> Customer | None:
    where = path("/customers/{id}", id=id)
    try:
        return client.send(trusted_request("GET", where, Customer, operation="customers.reconcile"))
    except LomiNotFoundError:
        return None
