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
from .base_client import AsyncBaseClient
from .customer_recovery import remaining_grace, wait_for_grace
from .page import AsyncPage

__all__ = ["reconcile"]


async def reconcile(
    client: AsyncBaseClient, error: LomiError, grace_period: float, resource: str, *paths: str
) -> Found[Any] | NotFound | CannotTell[Any]:
    """Return whether a create of a resource was carried out, by the listing that would show it."""
    sent = sent_request(error, client.config.scope, grace_period, resource, paths)
    if sent is None:
        return NotFound(0, None, is_certain=True)
    lookup = LOOKUPS[str(error.path)]
    if remaining_grace(client, sent, grace_period) > 0:
        if found := (await _compare(client, lookup, sent, grace_period)).found():
            return found
        await wait_for_grace(client, sent, grace_period)
    return (await _compare(client, lookup, sent, grace_period)).result(error)


async def _compare(client: AsyncBaseClient, lookup: Lookup, sent: SentRequest, grace_period: float) -> Matches:
    matches = Matches(lookup, sent, grace_period, client.environment)
    page = await _first_page(client, lookup, matches)
    async for listed in page:
        if matches.is_candidate(listed):
            detail = None
            if lookup.detail_path is not None:
                where = path(lookup.detail_path, id=str(listed.identity))
                detail = await client.send(trusted_request("GET", where, type(listed), operation=lookup.operation))
            matches.add(listed, detail)
    return matches


async def _first_page(client: AsyncBaseClient, lookup: Lookup, matches: Matches) -> AsyncPage[LomiModel]:
    where, since = Path(lookup.path, lookup.path), matches.since
    request: Request[Listing] = trusted_request(
        "GET", where, lookup.listing, query=matches.query, operation=lookup.operation
    )
    listing = await client.send(request)
    matches.clock_offset = client.clock_offset()
    # The response told that this machine's clock is far ahead of the server's: the listing began too late.
    if since - matches.since > CLOCK_DOUBT:
        return await _first_page(client, lookup, matches)
    return AsyncPage(client, request, listing)
