"""Functions of the application that a client calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .._i18n.language import Message
from ..errors import LomiConfigurationError

if TYPE_CHECKING:
    # Loaded with the first event: dataclasses take their time.
    from .events import RequestEvent, ResponseEvent, RetryEvent

__all__ = ["Hooks", "checked_hooks"]

F = TypeVar("F")


class Hooks:
    """Functions that a client calls: ``LomiClient(hooks=Hooks(on_retry=count))``.

    They are called in the thread or task that makes the call, by the async client too. So they are ordinary
    functions, and quick. Their return value is ignored. One that raises never breaks a call: its first exception is
    logged as a warning, with the traceback, on the logger ``lomi``.

    Args:
        on_request: Called before each attempt.
        on_response: Called after each attempt, also when no response arrived or the call was cancelled.
        on_retry: Called when another attempt will be made, before waiting for it.

    Raises:
        LomiConfigurationError: An argument is not an ordinary function.

    Examples:
        >>> durations: list[float] = []
        >>> client = LomiClient(hooks=Hooks(on_response=lambda event: durations.append(event.seconds)))
    """

    __slots__ = ("on_request", "on_response", "on_retry")

    on_request: Callable[[RequestEvent], object] | None
    on_response: Callable[[ResponseEvent], object] | None
    on_retry: Callable[[RetryEvent], object] | None

    def __init__(
        self,
        *,
        on_request: Callable[[RequestEvent], object] | None = None,
        on_response: Callable[[ResponseEvent], object] | None = None,
        on_retry: Callable[[RetryEvent], object] | None = None,
    ) -> None:
        self.on_request = _checked("on_request", on_request)
        self.on_response = _checked("on_response", on_response)
        self.on_retry = _checked("on_retry", on_retry)

    def __repr__(self) -> str:
        given = (f"{name}={hook!r}" for name in self.__slots__ if (hook := getattr(self, name)) is not None)
        return f"Hooks({', '.join(given)})"


def _checked(name: str, hook: F) -> F:
    if hook is not None and not callable(hook):
        raise LomiConfigurationError(Message("{} is not a function but {}", name, type(hook).__name__))
    if inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(type(hook).__call__):
        raise LomiConfigurationError(Message("{} is a coroutine function, which no one would await: use def", name))
    return hook


def checked_hooks(hooks: Any) -> Hooks | None:
    """Return the argument ``hooks``.

    Raises:
        LomiConfigurationError: It is not `Hooks`.
    """
    if hooks is None or isinstance(hooks, Hooks):
        return hooks
    kind = type(hooks).__name__
    raise LomiConfigurationError(Message("hooks is not lomi.Hooks but {}: pass Hooks(on_response=…)", kind))
