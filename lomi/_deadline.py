"""How long a call, or several calls together, may take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

from .errors import FieldError, LomiValidationError

# What a deadline is measured by. Tests that let time pass without waiting put their own here.
clock: ContextVar[Callable[[], float]] = ContextVar("lomi_clock", default=time.monotonic)

# More seconds than that are as good as no limit: the system's poll() cannot wait longer.
_LONGEST = 2_000_000

# The instant of that clock at which the innermost surrounding deadline ends.
_ends_at: ContextVar[float] = ContextVar("lomi_deadline", default=math.inf)


@contextmanager
def deadline(seconds: float) -> Generator[None, None, None]:
    """Bound all lomi. calls inside the block together, in seconds from now.

    Works in synchronous and asynchronous code alike, across tasks, and across threads that are started with a
    copied context. Nested deadlines: the one that ends first wins. A client's own ``timeout`` still bounds each
    call.

    Args:
        seconds: How long all calls in the block may take together; more than 0.

    Raises:
        LomiValidationError: ``seconds`` is not a positive number.
        LomiTimeoutError: From the calls inside, when the time is over.

    Example:
        >>> with lomi.deadline(8):
        ...     customer = client.customers.get(customer_id)
        ...     balance = client.merchants.get_balance(merchant_id, currency_code="XOF")
    """
    if not is_duration(seconds):
        problem = FieldError("seconds", "is not a positive number", "such as lomi.deadline(8)")
        raise LomiValidationError(str(problem), errors=[problem])
    token = _ends_at.set(min(_ends_at.get(), _after(clock.get()(), seconds)))
    try:
        yield
    finally:
        _ends_at.reset(token)


def ends_at(now: float, timeout: float | None) -> float:
    """Return the monotonic instant at which a call that starts now is over; infinity when it may take for ever."""
    ambient = _ends_at.get()
    return ambient if timeout is None else min(ambient, _after(now, timeout))


def _after(now: float, seconds: float) -> float:
    return now + seconds if seconds <= _LONGEST else math.inf


def is_duration(value: object) -> bool:
    """Tell whether a value is a finite, positive number of seconds."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < math.inf
