"""What hooks are called with: nothing personal, never the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._core.call import CallOutcome

__all__ = ["RequestEvent", "ResponseEvent", "RetryEvent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestEvent:
    """An attempt starts: a request is about to be sent."""

    operation: str
    """The method's name, such as ``customers.create``; for a request of your own, ``GET /me``."""
    method: str
    """The HTTP method."""
    path: str
    """The path template, such as ``/customers/{id}``: never the ids."""
    attempt: int
    """Which attempt of the call this is, from 1."""
    request_id: str
    """The id that this client sends as ``X-Request-Id``, the same for all attempts of a call."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponseEvent:
    """An attempt is over. One follows each `RequestEvent`, whatever happened."""

    operation: str
    """The method's name, such as ``customers.create``; for a request of your own, ``GET /me``."""
    method: str
    """The HTTP method."""
    path: str
    """The path template, such as ``/customers/{id}``: never the ids."""
    attempt: int
    """Which attempt of the call this is, from 1."""
    request_id: str
    """The id in the response where it has one, else the one that this client sent."""
    status: int | None
    """The HTTP status; None when no response arrived."""
    headers: Mapping[str, str] = field(repr=False)
    """The headers of the response, with lower-case names and without the key; empty when no response arrived."""
    error: str | None
    """The class of the error, such as ``LomiTimeoutError``, when no response arrived; else None."""
    outcome: CallOutcome
    """``"succeeded"``, ``"not_sent"``, ``"rejected"`` or ``"unknown"``: what is known about this attempt."""
    seconds: float
    """How long the attempt took."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryEvent:
    """An attempt failed, and the call waits before the next one."""

    operation: str
    """The method's name, such as ``customers.create``; for a request of your own, ``GET /me``."""
    method: str
    """The HTTP method."""
    path: str
    """The path template, such as ``/customers/{id}``: never the ids."""
    attempt: int
    """Which attempt failed, from 1."""
    request_id: str
    """The id in the response where it has one, else the one that this client sent."""
    status: int | None
    """The HTTP status of the failed attempt; None when no response arrived."""
    error: str | None
    """The class of the error when no response arrived; else None."""
    delay: float
    """Seconds until the next attempt."""
