"""Which customer a create with an unknown outcome has left behind: what was sent, compared with what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._i18n.language import Message
from ..errors import LomiReconcileError
from ..models.customers import Customer
from .sent_request import CLOCK_KNOWN, CLOCK_UNKNOWN, REFERENCE, SentRequest

__all__ = ["CustomerMatches"]


class CustomerMatches:
    """Collects the customers that a create may have left behind."""

    def __init__(self, sent: SentRequest, grace_period: float) -> None:
        self._sent = sent
        self._grace_period = grace_period
        self.clock_offset: float | None = None
        """How many seconds the server's clock is ahead now: this machine's may have been wrong all the time."""
        self._certain: list[Customer] = []
        self._possible: list[Customer] = []

    @property
    def text(self) -> str:
        """What to search for: the e-mail address, else the name."""
        body = self._sent.body
        # The server looks for it with ILIKE. A backslash is an escape there, so that a text with one finds nothing:
        # its longest part without one does. The wildcards % and _ find at least themselves.
        return max(str(body.get("email") or body.get("name") or "").split("\\"), key=len)

    def is_candidate(self, listed: Customer) -> bool:
        """Return whether to fetch a customer of a listing, which shows neither metadata nor all that was sent."""
        if self._sent.reference is not None:
            return True  # the reference decides, whatever any clock says
        return self._created_then(listed) is not False and all(
            _same(name, value, listed.get(name))
            for name, value in self._sent.body.items()
            if name != "metadata" and listed.get(name) is not None
        )

    def add(self, customer: Customer) -> None:
        """Compare a customer, fetched whole, with what was sent."""
        body, reference = self._sent.body, self._sent.reference
        stored: Mapping[str, Any] = customer.metadata if isinstance(customer.metadata, Mapping) else {}
        if reference is not None and stored.get(REFERENCE) == reference:
            self._certain.append(customer)
            return
        then = self._created_then(customer)
        # What `with_options(extra_body=...)` has added, the API need not return.
        compared = [name for name in body if name != "metadata" and name in Customer.model_fields]
        if then is False or not all(_same(name, body[name], customer.get(name)) for name in compared):
            return
        wanted: Mapping[str, Any] = body.get("metadata") or {}
        # The API writes metadata after the rest, and can lose it: without any, it cannot be decided.
        if wanted and not stored:
            self._possible.append(customer)
        # On behalf of an account the API puts its own "network" in.
        elif all(stored.get(key) == value for key, value in wanted.items() if key != "network"):
            (self._certain if then else self._possible).append(customer)

    def found(self) -> Customer | None:
        """Return the customer, if there is exactly one that must be it."""
        return self._certain[0] if len(self._certain) == 1 else None

    def result(self) -> Customer | None:
        """Return the customer, or None when there is none.

        Raises:
            LomiReconcileError: There are some, and it cannot be decided.
        """
        candidates = self._certain or self._possible
        if candidates and self.found() is None:
            message = Message("1 customer may be the one that was sent, but lacks the data to tell: see candidate_ids")
            if len(candidates) > 1:
                message = Message("{} customers may be the one that was sent: see candidate_ids", len(candidates))
            raise LomiReconcileError(message, candidate_ids=[each.id for each in candidates])
        return self.found()

    def _created_then(self, customer: Customer) -> bool | None:
        """Return whether a customer was created during the attempt; None when its time of creation is not known."""
        if customer.created_at is None:
            return None
        sent, created = self._sent, customer.created_at.timestamp()
        first, last = sent.started_at, sent.ended_at + self._grace_period
        margin = CLOCK_UNKNOWN if sent.clock_offset is None else CLOCK_KNOWN
        clocks = [(sent.clock_offset or 0.0, margin), (self.clock_offset, CLOCK_KNOWN)]
        return any(first - margin <= created - ahead <= last + margin for ahead, margin in clocks if ahead is not None)


def _same(name: str, sent: Any, stored: Any) -> bool:
    # To the API, absent, null, empty and false are one.
    if name == "email" and isinstance(sent, str) and isinstance(stored, str):
        sent, stored = sent.casefold(), stored.casefold()
    return (sent or None) == (stored or None)
