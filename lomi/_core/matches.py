"""Which object a create with an unknown outcome has left behind: what was sent, compared with a listing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from .._i18n.language import Message, effective_language, render
from ..errors import LomiAPIError, LomiError, LomiRefundLedgerError
from ..models._base import LomiModel
from ..params._types import read_datetime
from .lookups import Lookup
from .reconcile_result import CannotTell, Found, NotFound
from .sent_request import CLOCK_KNOWN, CLOCK_UNKNOWN, SentRequest

__all__ = ["CLOCK_DOUBT", "Matches"]

# How many seconds before the attempt, or after it and the grace period, an object can be created to be it for certain.
_EXACT = 5.0

CLOCK_DOUBT = timedelta(seconds=CLOCK_KNOWN)
"""How far a clock can be off without a listing by date missing anything."""


class Matches:
    """Collects the objects that a create may have left behind."""

    def __init__(self, lookup: Lookup, sent: SentRequest, grace_period: float, environment: str) -> None:
        self._lookup = lookup
        self._sent = sent
        self._grace_period = grace_period
        self._environment = environment
        self._expected = lookup.expected(sent.body)
        self.clock_offset: float | None = None
        """How many seconds the server's clock is ahead now."""
        self._searched = 0
        # An object is listed twice where others were created while the pages were fetched.
        self._seen: set[object] = set()
        self._certain: list[Any] = []
        self._possible: list[Any] = []

    @property
    def since(self) -> datetime:
        """From when on an object can be it, by the server's clock as it was told last."""
        ahead = next((each for each in (self._sent.clock_offset, self.clock_offset) if each is not None), 0.0)
        return datetime.fromtimestamp(self._sent.started_at + ahead, timezone.utc) - timedelta(seconds=CLOCK_UNKNOWN)

    @property
    def query(self) -> dict[str, str | int]:
        """The query of the listing."""
        scheme = self._lookup.listing.scheme
        size = {"offset": "limit", "page": "pageSize"}.get(scheme.by) if scheme else None
        query = {**self._lookup.query, **({size: 100} if size else {})}
        return {**query, "startDate": self.since.isoformat()} if self._lookup.by_date else query

    def is_candidate(self, listed: LomiModel) -> bool:
        """Count an object of the listing; return whether it can be the one."""
        self._searched += 1
        if listed.get("environment") not in (None, self._environment):
            return False
        if listed.identity in self._seen or self._distance(listed) is None:
            return False
        same = {name: _same(name, value, listed.get(name)) for name, value in self._expected.items()}
        # The payer is whoever has the address or the number; what else a listing shows of a customer can have changed.
        names = ("customer_email", "customer_phone")
        contacts = [same.pop(name) for name in names if name in same and listed.get(name) is not None]
        if contacts:
            same["customer_name"] = any(contacts)
        return all(same.values())

    def add(self, listed: LomiModel, detail: LomiModel | None) -> None:
        """Add a candidate, with the whole object where only that has some of the fields."""
        self._seen.add(listed.identity)
        body = self._sent.body
        names = [name for name in self._lookup.detail_fields if body.get(name) is not None]
        if detail is not None and not all(_same(name, body[name], detail.get(name)) for name in names):
            return
        distance = self._distance(listed)
        (self._certain if distance is not None and distance <= _EXACT else self._possible).append(listed)

    def found(self) -> Found[Any] | None:
        """Return the object, if exactly one must be it."""
        if len(self._certain) != 1 or any(name in self._sent.body for name in self._lookup.hidden_fields):
            return None
        return Found(self._certain[0])

    def result(self, error: LomiError) -> Found[Any] | NotFound | CannotTell[Any]:
        """Return what the search results in."""
        if found := self.found():
            return found
        candidates = (*self._certain, *self._possible)
        if len(candidates) > 1:
            return _cannot_tell(Message("{} objects may be the one that was sent", len(candidates)), *candidates)
        if candidates:
            return _cannot_tell(
                Message("1 object may be the one that was sent, but lacks the data to tell"), *candidates
            )
        lookup = self._lookup
        if isinstance(error, LomiRefundLedgerError):
            return _cannot_tell(Message("the money has moved, but the refund is not recorded yet"))
        if lookup.unlisted_reason is not None and isinstance(error, LomiAPIError):
            return _cannot_tell(lookup.unlisted_reason)
        if (
            self._environment == "test"
            and lookup.listed_in_test is not None
            and not lookup.listed_in_test(self._sent.body)
        ):
            return _cannot_tell(Message("with a test key, the API lists no payouts to beneficiaries"))
        return NotFound(self._searched, self.since)

    def _distance(self, listed: LomiModel) -> float | None:
        """Return by how many seconds an object was created outside the attempt; None when by too many."""
        created: datetime | None = listed.get("created_at")
        if created is None:
            return CLOCK_UNKNOWN
        first, last = self._sent.started_at, self._sent.ended_at + self._grace_period
        # Where no clock is known, the time of creation proves nothing.
        offsets = [each for each in (self._sent.clock_offset, self.clock_offset) if each is not None]
        moment = created.timestamp()
        distances = [max(first - (moment - ahead), moment - ahead - last, 0.0) for ahead in offsets or [0.0]]
        if not offsets:
            return CLOCK_UNKNOWN if distances[0] <= CLOCK_UNKNOWN else None
        return min(distances) if min(distances) <= CLOCK_KNOWN else None


def _cannot_tell(reason: Message, *candidates: Any) -> CannotTell[Any]:
    return CannotTell(render(reason, effective_language(None)), candidates)


def _same(name: str, sent: Any, stored: Any) -> bool:
    """Return whether what is stored can be what was sent; a field that a listing leaves out can."""
    if stored is None:
        return True
    if isinstance(stored, datetime):
        return bool(read_datetime.validate_python(sent) == stored)
    if isinstance(stored, Mapping):
        held: Mapping[str, Any] = stored  # pyright: ignore[reportUnknownVariableType]
        return all(held.get(key) == value for key, value in sent.items())
    if name == "customer_phone":
        return "".join(filter(str.isdigit, stored)) == "".join(filter(str.isdigit, sent))
    if name in ("code", "customer_email") or name.endswith("_id"):
        return bool(stored.casefold() == sent.casefold())
    # Amounts are int or Decimal where they come back, and float where they are sent.
    return bool(stored == sent or (isinstance(sent, float) and Decimal(repr(sent)) == stored))
