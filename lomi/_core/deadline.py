"""Deadlines: how long a call, or several calls together, may take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextvars import ContextVar, Token
from types import TracebackType

from .._i18n.language import Message
from ..errors import FieldError, LomiValidationError

# The clock of deadlines. Tests that let time pass without waiting set their own.
clock: ContextVar[Callable[[], float]] = ContextVar("lomi_clock", default=time.monotonic)

# More seconds than that count as no limit: the system's poll() cannot wait longer.
_LONGEST = 2_000_000

# The instant of that clock at which the innermost surrounding deadline ends.
_ends_at: ContextVar[float] = ContextVar("lomi_deadline", default=math.inf)


class deadline:  # noqa: N801  # used like a function
    """Bound all lomi. calls inside the block together, in seconds from now.

    Works in synchronous and asynchronous code alike, across tasks, and across threads that are started with a
    copied context. Of nested deadlines, the one that ends first applies. The client's own ``timeout`` still
    bounds each call.

    Args:
        seconds: How long all calls in the block may take together; more than 0.

    Raises:
        LomiValidationError: ``seconds`` is not a positive number.
        LomiTimeoutError: From the calls inside, once the time is up.

    Examples:
        >>> with lomi.deadline(8):
        ...     customer = client.customers.get(customer_id)
        ...     balance = client.merchants.get_balance(merchant_id, currency_code="XOF")
    """

    # No decorator: around an `async def` it would be over before the first call.

    def __init__(self, seconds: float) -> None:
        if not is_duration(seconds):
            hint = Message("such as {}", "lomi.deadline(8)")
            raise LomiValidationError(errors=[FieldError("seconds", Message("is not a positive number"), hint)])
        self._seconds = seconds
        self._tokens: list[Token[float]] = []

    def __enter__(self) -> None:
        """Start the deadline."""
        self._tokens.append(_ends_at.set(min(_ends_at.get(), _after(clock.get()(), self._seconds))))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Restore the deadline that was in effect before."""
        _ends_at.reset(self._tokens.pop())


def ends_at(now: float, timeout: float | None) -> float:
    """Return the monotonic instant at which a call that starts now must end; infinity when there is no limit."""
    ambient = _ends_at.get()
    return ambient if timeout is None else min(ambient, _after(now, timeout))


def _after(now: float, seconds: float) -> float:
    return now + seconds if seconds <= _LONGEST else math.inf


def is_duration(value: object) -> bool:
    """Return whether a value is a finite, positive number of seconds."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < math.inf
