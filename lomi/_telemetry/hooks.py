"""What a client tells its owner's functions: small values, with nothing personal and no key in them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any

from .._core.call import CallOutcome
from ..errors import LomiConfigurationError

__all__ = ["Hooks", "RequestEvent", "ResponseEvent", "RetryEvent", "checked"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestEvent:
    """An attempt begins: a request is about to be sent."""

    operation: str
    """The method's name, such as ``customers.create``; of a request of your own, ``GET /me``."""
    method: str
    """The HTTP method."""
    path: str
    """The path template, such as ``/customers/{id}``: never the ids."""
    attempt: int
    """Which attempt of the call, from 1."""
    request_id: str
    """The id that this client sends as ``X-Request-Id``, the same for all attempts of a call."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponseEvent:
    """An attempt is over: each `RequestEvent` is followed by one, whatever happened."""

    operation: str
    """The method's name, such as ``customers.create``; of a request of your own, ``GET /me``."""
    method: str
    """The HTTP method."""
    path: str
    """The path template, such as ``/customers/{id}``: never the ids."""
    attempt: int
    """Which attempt of the call, from 1."""
    request_id: str
    """The answer's id where it names one, else the one that this client sent."""
    status: int | None
    """The HTTP status; None when no answer came."""
    error: str | None
    """The class of what kept an answer away, such as ``LomiTimeoutError``; None when there is an answer."""
    outcome: CallOutcome
    """``"succeeded"``, ``"not_sent"``, ``"rejected"`` or ``"unknown"``: what is known of this attempt."""
    seconds: float
    """How long the attempt took."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryEvent:
    """An attempt failed, and the call waits before it makes another."""

    operation: str
    """The method's name, such as ``customers.create``; of a request of your own, ``GET /me``."""
    method: str
    """The HTTP method."""
    path: str
    """The path template, such as ``/customers/{id}``: never the ids."""
    attempt: int
    """Which attempt failed, from 1."""
    request_id: str
    """The answer's id where it names one, else the one that this client sent."""
    status: int | None
    """The HTTP status that it failed with; None when no answer came."""
    error: str | None
    """The class of what kept an answer away; None when there is an answer."""
    delay: float
    """Seconds until the next attempt."""


@dataclass(frozen=True)
class Hooks:
    """Functions of yours that a client calls: ``LomiClient(hooks=Hooks(on_retry=count))``.

    They are called in the thread or task that makes the call, with the async client too, so they are ordinary
    functions and quick. What they return is ignored. One that raises never breaks a call: the first time is
    logged as a warning, with its traceback, on the logger ``lomi``.

    Args:
        on_request: Called before each attempt.
        on_response: Called after each attempt, also when no answer came or the call was cancelled.
        on_retry: Called when another attempt will be made, before waiting for it.

    Raises:
        LomiConfigurationError: Something else than an ordinary function was passed.

    Example:
        >>> slowest: list[float] = []
        >>> client = LomiClient(hooks=Hooks(on_response=lambda event: slowest.append(event.seconds)))
    """

    _: KW_ONLY
    on_request: Callable[[RequestEvent], object] | None = None
    on_response: Callable[[ResponseEvent], object] | None = None
    on_retry: Callable[[RetryEvent], object] | None = None

    def __post_init__(self) -> None:
        for name in ("on_request", "on_response", "on_retry"):
            hook: Any = getattr(self, name)
            if hook is not None and not callable(hook):
                raise LomiConfigurationError(f"{name} is not a function but {type(hook).__name__}")
            if inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(type(hook).__call__):
                raise LomiConfigurationError(f"{name} is a coroutine function, which nobody would await: use def")


def checked(hooks: Any) -> Hooks | None:
    """Return what was passed as ``hooks``.

    Raises:
        LomiConfigurationError: It is something else than `Hooks`.
    """
    if hooks is None or isinstance(hooks, Hooks):
        return hooks
    raise LomiConfigurationError(f"hooks is not lomi.Hooks but {type(hooks).__name__}: pass Hooks(on_response=…)")
