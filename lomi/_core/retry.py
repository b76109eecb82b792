"""When an attempt is made again: data and one pure function, and a budget against retry storms."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .reply import Response, TransportFailure
from .request import Request

__all__ = ["RetryBudget", "RetryPolicy"]

_PASSING = frozenset({500, 502, 503, 504})


@dataclass(frozen=True)
class RetryPolicy:
    """How often, and after how long, an attempt is repeated. Times are in seconds."""

    max_retries: int
    random: Callable[[], float]
    """Returns a number from 0 to 1."""
    base: float = 0.5
    cap: float = 8.0
    retry_after_cap: float = 30.0
    """A longer ``Retry-After`` is raised to the caller, who knows whether anybody can wait that long."""

    def delay(
        self, request: Request[Any], attempt: int, result: Response | TransportFailure, *, remaining: float, wall: float
    ) -> float | None:
        """Return how long to wait before the next attempt, or None when this result is final.

        Args:
            request: What was sent.
            attempt: How many attempts there were, from 1.
            result: What came of the last one.
            remaining: Seconds that are left of the time allowed.
            wall: The Unix time, to read a ``Retry-After`` that is a date.
        """
        if attempt > self.max_retries or not is_retryable(request, result):
            return None
        asked = result.retry_after(wall) if isinstance(result, Response) else None
        if asked is None:
            wait = self.random() * min(self.cap, self.base * 2 ** (attempt - 1))
        elif asked > self.retry_after_cap:
            return None
        else:
            wait = float(math.ceil(asked))
        return wait if wait < remaining else None


def is_retryable(request: Request[Any], result: Response | TransportFailure) -> bool:
    """Tell whether another attempt may go better and can do no harm."""
    if isinstance(result, TransportFailure):
        return result.retryable and (request.idempotent or not result.sent)
    return result.status == 429 or (result.status in _PASSING and request.idempotent)


class RetryBudget:
    """A token bucket that all clones of a client share: when everything fails, retries become rare.

    A retry costs one token; every call earns a tenth of one, so that against a server that always fails the
    steady state is 1.1 requests a call. It is full at the start.
    """

    # Lost updates between threads are harmless here, so nothing is locked: no lock can be held across a fork.
    def __init__(self, capacity: float = 10.0, earned: float = 0.1) -> None:
        self._capacity = capacity
        self._earned = earned
        self.tokens = capacity

    def deposit(self) -> None:
        """Take note of a call."""
        self.tokens = min(self._capacity, self.tokens + self._earned)

    def withdraw(self) -> bool:
        """Pay for a retry; return whether there was enough."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
