"""Whether a create that nobody answered has happened: what was sent, compared with what is there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import FieldError, LomiConnectionError, LomiError, LomiPartialWriteError, LomiReconcileError
from ..models.customers import Customer
from .validation import filled, refusal, refuse

__all__ = ["REFERENCE", "Search", "SentRequest", "complete", "lost_create", "unanswered", "with_reference"]

REFERENCE = "lomi_reference"
"""The key in a customer's metadata under which the caller's reference is kept."""

# How far a customer's creation may be from the attempt, in seconds: when the server's clock is known from a Date
# header, and when it is not.
_CLOCK_KNOWN = 60.0
_CLOCK_UNKNOWN = 900.0


@dataclass(frozen=True, repr=False)
class SentRequest:
    """What a create sent, and when; kept in its error. It pickles, and prints nothing of what it holds."""

    sent: Mapping[str, Any]
    scope: tuple[str, str | None]
    """The base URL and the account it was sent to."""
    began: float
    ended: float
    """Unix times by this machine's clock."""
    ahead: float | None
    """How many seconds the server's clock is ahead, when its answer said."""

    def __repr__(self) -> str:
        return "SentRequest(…)"

    @property
    def reference(self) -> str | None:
        """The caller's reference, if the attempt carried one."""
        metadata: Mapping[str, Any] = self.sent.get("metadata") or {}
        reference = metadata.get(REFERENCE)
        return reference if isinstance(reference, str) else None


def with_reference(operation: str, body: Mapping[str, Any], reference: str | None) -> dict[str, Any]:
    """Return a body whose metadata carries the caller's reference.

    Raises:
        LomiValidationError: The reference is not usable, or the metadata already has another one.
    """
    if reference is None:
        return dict(body)
    problems = list(filled("reference", reference))
    metadata: Mapping[str, Any] = body.get("metadata") or {}
    if not problems and metadata.get(REFERENCE, reference) != reference:
        problems.append(FieldError(f"metadata.{REFERENCE}", "differs from reference", "pass one of the two"))
    if problems:
        del body, metadata  # as in `_params.check`
        raise refusal(operation, problems)
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
    error = LomiConnectionError("the response was lost", outcome="unknown", method="POST", path="/customers")
    error._sent_request = SentRequest(sent, (base_url, account), first_sent_at, last_sent_at, None)  # noqa: SLF001
    return error


def unanswered(error: Any, scope: tuple[str, str | None], settle: Any) -> SentRequest | None:
    """Return what a failed create may have left behind; None when it surely left nothing.

    Raises:
        LomiValidationError: It is no error of a create of this client, or ``settle`` is not a duration.
    """
    problems: list[FieldError] = []
    if isinstance(settle, bool) or not isinstance(settle, (int, float)) or not 0 <= settle < math.inf:
        problems.append(FieldError("settle", "is not a number of seconds from 0", "such as 5.0"))
    attempt: SentRequest | None = getattr(error, "_sent_request", None)
    hint = "pass the error that customers.create() raised"
    if not isinstance(error, LomiError) or (error.method, error.path) != ("POST", "/customers"):
        problems.append(FieldError("error", "is not of a create of a customer", hint))
    elif error.outcome == "unknown" and attempt is None and not isinstance(error, LomiPartialWriteError):
        problems.append(FieldError("error", "does not hold what was sent", hint))
    elif attempt is not None and attempt.scope != scope:
        there = "is of a client with another base_url or account"
        problems.append(FieldError("error", there, "reconcile with a client that is set up in the same way"))
    refuse("customers.reconcile", problems)
    return attempt if error.outcome == "unknown" else None


class Search:
    """Looks for what an attempt may have left behind, among the customers that it is shown."""

    def __init__(self, attempt: SentRequest, settle: float) -> None:
        self._sent_request = attempt
        self._settle = settle
        self.ahead: float | None = None
        """How many seconds the server's clock is ahead now: this machine's may have been wrong all the time."""
        self._ours: list[Customer] = []
        self._perhaps: list[Customer] = []

    @property
    def text(self) -> str:
        """What to search for: the e-mail address, else the name."""
        sent = self._sent_request.sent
        return str(sent.get("email") or sent.get("name") or "")

    def wants(self, listed: Customer) -> bool:
        """Tell whether a customer is worth fetching: a listing shows neither metadata nor all that was sent."""
        if self._sent_request.reference is not None:
            return True  # the reference tells, whatever any clock says
        return self._made_then(listed) is not False and all(
            _same(name, value, listed.get(name))
            for name, value in self._sent_request.sent.items()
            if name != "metadata" and listed.get(name) is not None
        )

    def take(self, customer: Customer) -> None:
        """Compare a customer, fetched whole, with what was sent."""
        sent, reference = self._sent_request.sent, self._sent_request.reference
        stored: Mapping[str, Any] = customer.metadata if isinstance(customer.metadata, Mapping) else {}
        if reference is not None and stored.get(REFERENCE) == reference:
            self._ours.append(customer)
            return
        then = self._made_then(customer)
        if then is False or not all(_same(name, sent[name], customer.get(name)) for name in sent if name != "metadata"):
            return
        wanted: Mapping[str, Any] = sent.get("metadata") or {}
        # The API writes metadata after the rest, and can lose it: where there is none, nobody can tell.
        if wanted and not stored:
            self._perhaps.append(customer)
        # On behalf of an account the API puts its own "network" in.
        elif all(stored.get(key) == value for key, value in wanted.items() if key != "network"):
            (self._ours if then else self._perhaps).append(customer)

    def found(self) -> Customer | None:
        """Return the customer, if there is exactly one that must be it."""
        return self._ours[0] if len(self._ours) == 1 else None

    def conclude(self) -> Customer | None:
        """Return the customer, or None when there is none.

        Raises:
            LomiReconcileError: There are some, and nobody can tell.
        """
        candidates = self._ours or self._perhaps
        if candidates and self.found() is None:
            message = "1 customer, without what would tell, may be what was sent: look at candidates"
            if len(candidates) > 1:
                message = f"{len(candidates)} customers may be what was sent: look at candidates"
            raise LomiReconcileError(message, candidates=candidates)
        return self.found()

    def _made_then(self, customer: Customer) -> bool | None:
        """Tell whether a customer was made while the attempt lasted; None when nobody knows when it was made."""
        if customer.created_at is None:
            return None
        attempt, made = self._sent_request, customer.created_at.timestamp()
        first, last = attempt.began, attempt.ended + self._settle
        margin = _CLOCK_UNKNOWN if attempt.ahead is None else _CLOCK_KNOWN
        clocks = [(attempt.ahead or 0.0, margin), (self.ahead, _CLOCK_KNOWN)]
        return any(first - margin <= made - ahead <= last + margin for ahead, margin in clocks if ahead is not None)


def complete(body: Mapping[str, Any], customer: Customer) -> bool:
    """Tell whether what a create answered holds the metadata that was sent."""
    return bool(customer.metadata) or not body.get("metadata")


def _same(name: str, sent: Any, stored: Any) -> bool:
    # To the API, absent, null, empty and false are one.
    if name == "email" and isinstance(sent, str) and isinstance(stored, str):
        sent, stored = sent.casefold(), stored.casefold()
    return (sent or None) == (stored or None)
