"""Whether a create with an unknown outcome was carried out: what was sent, compared with what is stored."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from typing import Any

from typing_extensions import override

from .._i18n.language import Message
from ..errors import FieldError, LomiConnectionError, LomiError, LomiReconcileError
from ..models.customers import Customer
from ..params._base import NonBlank
from .validation import field_errors, raise_if_invalid, validation_error

__all__ = ["REFERENCE", "Search", "SentRequest", "has_metadata", "lost_create", "sent_request", "with_reference"]

REFERENCE = "lomi_reference"
"""The key in a customer's metadata under which the caller's reference is kept."""

# How far a customer's creation may be from the attempt, in seconds: when the server's clock is known from a Date
# header, and when it is not.
_CLOCK_KNOWN = 60.0
_CLOCK_UNKNOWN = 900.0


class SentRequest:
    """What a create sent, and when; kept in its error. It can be pickled, and its `repr` shows nothing of it."""

    __slots__ = ("body", "clock_offset", "ended_at", "scope", "started_at")

    def __init__(
        self,
        body: Mapping[str, Any],
        scope: tuple[str, str | None],
        started_at: float,
        ended_at: float,
        clock_offset: float | None,
    ) -> None:
        self.body = body
        self.scope = scope
        """The base URL and the account it was sent to."""
        self.started_at = started_at
        """A Unix time by this machine's clock, as is `ended_at`."""
        self.ended_at = ended_at
        self.clock_offset = clock_offset
        """How many seconds the server's clock is ahead, if its response told."""

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SentRequest):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # it holds a mapping

    @override
    def __repr__(self) -> str:
        return "SentRequest(…)"

    @property
    def reference(self) -> str | None:
        """The caller's reference, if the body has one."""
        metadata: Mapping[str, Any] = self.body.get("metadata") or {}
        reference = metadata.get(REFERENCE)
        return reference if isinstance(reference, str) else None


def with_reference(operation: str, body: Mapping[str, Any], reference: str) -> Mapping[str, Any]:
    """Return a body whose metadata holds the caller's reference.

    Raises:
        LomiValidationError: The reference is not valid, or the metadata already has another one.
    """
    problems = field_errors("reference", NonBlank, reference)
    metadata: Mapping[str, Any] = body.get("metadata") or {}
    if not problems and metadata.get(REFERENCE, reference) != reference:
        hint = Message("pass one of the two")
        problems = [FieldError(f"metadata.{REFERENCE}", Message("differs from reference"), hint)]
    if problems:
        del body, metadata  # a traceback would show them
        raise validation_error(operation, problems)
    return {**body, "metadata": {**metadata, REFERENCE: reference}}


def lost_create(
    sent: Mapping[str, Any], base_url: str, account: str | None, *, first_sent_at: float, last_sent_at: float
) -> LomiConnectionError:
    """Return the error to reconcile for a create whose process ended before the response came.

    Args:
        sent: The body, with the reference in its metadata.
        base_url: The client's base URL.
        account: The client's connected account.
        first_sent_at: When the request was sent at the earliest, in seconds since 1970.
        last_sent_at: When it was sent at the latest.
    """
    error = LomiConnectionError(Message("the connection was lost"), outcome="unknown", method="POST", path="/customers")
    error._sent_request = SentRequest(sent, (base_url, account), first_sent_at, last_sent_at, None)  # noqa: SLF001
    return error


def sent_request(
    error: Any,
    scope: tuple[str, str | None],
    grace_period: Any,
    resource: str = "customers",
    paths: Container[object] = frozenset({"/customers"}),
) -> SentRequest | None:
    """Return what a failed create sent, if it may have been carried out; None when it certainly was not.

    Args:
        error: What the create raised.
        scope: The base URL and the account of the client that looks for it.
        grace_period: What the caller passed.
        resource: The name of the resource, for messages.
        paths: The paths of its creates.

    Raises:
        LomiValidationError: The error is not of a create by such a client, or ``grace_period`` is not a duration.
    """
    problems: list[FieldError] = []
    if isinstance(grace_period, bool) or not isinstance(grace_period, (int, float)) or not 0 <= grace_period < math.inf:
        hint = Message("such as {}", "5.0")
        problems.append(FieldError("grace_period", Message("is not a number of seconds from 0"), hint))
    sent: SentRequest | None = getattr(error, "_sent_request", None)
    hint = Message("pass the error that the create of {} raised", resource)
    if not isinstance(error, LomiError) or error.method != "POST" or error.path not in paths:
        problems.append(FieldError("error", Message("is not an error of a create of {}", resource), hint))
    elif error.outcome == "unknown" and sent is None and getattr(error, "customer_id", None) is None:
        problems.append(FieldError("error", Message("does not contain what was sent"), hint))
    elif sent is not None and sent.scope != scope:
        hint = Message("reconcile with a client that is set up in the same way")
        problems.append(FieldError("error", Message("comes from a client with another base_url or account"), hint))
    raise_if_invalid(f"{resource}.reconcile", problems)
    return sent if error.outcome == "unknown" else None


class Search:
    """Finds what a create may have left behind, among the customers of a search."""

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
        margin = _CLOCK_UNKNOWN if sent.clock_offset is None else _CLOCK_KNOWN
        clocks = [(sent.clock_offset or 0.0, margin), (self.clock_offset, _CLOCK_KNOWN)]
        return any(first - margin <= created - ahead <= last + margin for ahead, margin in clocks if ahead is not None)


def has_metadata(body: Mapping[str, Any], customer: Customer) -> bool:
    """Return whether the response to a create holds metadata, if any was sent."""
    return bool(customer.metadata) or not body.get("metadata")


def _same(name: str, sent: Any, stored: Any) -> bool:
    # To the API, absent, null, empty and false are one.
    if name == "email" and isinstance(sent, str) and isinstance(stored, str):
        sent, stored = sent.casefold(), stored.casefold()
    return (sent or None) == (stored or None)
