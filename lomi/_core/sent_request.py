"""What a create with an unknown outcome has sent: kept in its error, and taken out to reconcile it."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from typing import Any

from typing_extensions import override

from .._i18n.language import Message
from ..errors import FieldError, LomiConnectionError, LomiError
from ..params._base import NonBlank
from .validation import field_errors, raise_if_invalid, validation_error

__all__ = [
    "CLOCK_KNOWN",
    "CLOCK_UNKNOWN",
    "REFERENCE",
    "SentRequest",
    "lost_create",
    "sent_request",
    "with_reference",
]

REFERENCE = "lomi_reference"
"""The key in a customer's metadata under which the caller's reference is kept."""

CLOCK_KNOWN = 60.0
"""How many seconds an object's creation may be from the attempt where the server's clock is known from a header."""
CLOCK_UNKNOWN = 900.0
"""The same where it is not known."""


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
