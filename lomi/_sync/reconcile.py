"""Looking for what a create with an unknown outcome may have left behind: that of everything but customers."""

from __future__ import annotations

from typing import Any

from .._core.lookups import LOOKUPS, Lookup
from .._core.matches import CLOCK_DOUBT, Matches
from .._core.reconcile_result import CannotTell, Found, NotFound
from .._core.request import Path, Request, path, trusted_request
from .._core.sent_request import SentRequest, sent_request
from ..errors import LomiError
from ..models._base import LomiModel
from ..models.pagination import Listing
from .base_client import BaseClient
from .customer_recovery import remaining_grace, wait_for_grace
from .page import Page

__all__ = ["reconcile"]


def reconcile(
    client: BaseClient, error: LomiError, grace_period: float, resource: str, *paths: str
) -> Found[Any] | NotFound | CannotTell[Any]:
    """Return whether a create of a resource was carried out, by the listing that would show it."""
    sent = sent_request(error, client.config.scope, grace_period, resource, paths)
    if sent is None:
        return NotFound(0, None, is_certain=True)
    lookup = LOOKUPS[str(error.path)]
    if remaining_grace(client, sent, grace_period) > 0:
        if found := (_compare(client, lookup, sent, grace_period)).found():
            return found
        wait_for_grace(client, sent, grace_period)
    return (_compare(client, lookup, sent, grace_period)).result(error)


def _compare(client: BaseClient, lookup: Lookup, sent: SentRequest, grace_period: float) -> Matches:
    matches = Matches(lookup, sent, grace_period, client.environment)
    page = _first_page(client, lookup, matches)
    for listed in page:
        if matches.is_candidate(listed):
            detail = None
            if lookup.detail_path is not None:
                where = path(lookup.detail_path, id=str(listed.identity))
                detail = client.send(trusted_request("GET", where, type(listed), operation=lookup.operation))
            matches.add(listed, detail)
    return matches


def _first_page(client: BaseClient, lookup: Lookup, matches: Matches) -> Page[LomiModel]:
    where, since = Path(lookup.path, lookup.path), matches.since
    request: Request[Listing] = trusted_request(
        "GET", where, lookup.listing, query=matches.query, operation=lookup.operation
    )
    listing = client.send(request)
    matches.clock_offset = client.clock_offset()
    # The response told that this machine's clock is far ahead of the server's: the listing began too late.
    if since - matches.since > CLOCK_DOUBT:
        return _first_page(client, lookup, matches)
    return Page(client, request, listing)
