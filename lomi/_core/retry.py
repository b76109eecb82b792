"""When an attempt is repeated: data and one pure function, and a budget against retry storms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .operations import is_repeatable, may_have_happened
from .request import Request
from .response import Response, TransportFailure

__all__ = ["RetryBudget", "RetryPolicy", "is_retryable"]

_TRANSIENT = frozenset({500, 502, 503, 504})


class RetryPolicy:
    """How often, and after how long, an attempt is repeated. Times are in seconds."""

    __slots__ = ("base", "cap", "max_retries", "random", "retry_after_cap")

    def __init__(
        self,
        max_retries: int,
        random: Callable[[], float],
        *,
        base: float = 0.5,
        cap: float = 8.0,
        retry_after_cap: float = 30.0,
    ) -> None:
        self.max_retries = max_retries
        self.random = random
        """Returns a number from 0 to 1."""
        self.base = base
        self.cap = cap
        self.retry_after_cap = retry_after_cap
        """A longer ``Retry-After`` is raised: the caller knows whether it can wait that long."""

    def delay(
        self, request: Request[Any], attempt: int, result: Response | TransportFailure, *, remaining: float, now: float
    ) -> float | None:
        """Return how long to wait before the next attempt, or None when this result is final.

        Args:
            request: The request that was sent.
            attempt: How many attempts were made, from 1.
            result: The result of the last one.
            remaining: Seconds that are left of the time allowed.
            now: The Unix time, to read a ``Retry-After`` that is a date.
        """
        if attempt > self.max_retries or not is_retryable(request, result):
            return None
        asked = result.retry_after(now) if isinstance(result, Response) else None
        if asked is None:
            wait = self.random() * min(self.cap, self.base * 2 ** (attempt - 1))
        elif asked > self.retry_after_cap:
            return None
        else:
            wait = float(math.ceil(asked))
        return wait if wait < remaining else None


def is_retryable(request: Request[Any], result: Response | TransportFailure) -> bool:
    """Tell whether another attempt can succeed and cannot do harm."""
    if isinstance(result, TransportFailure):
        return result.retryable and (not result.sent or is_repeatable(request))
    if result.status == 429:
        return is_repeatable(request) or not may_have_happened(request, result)
    return result.status in _TRANSIENT and is_repeatable(request)


class RetryBudget:
    """A token bucket that all clones of a client share: when everything fails, retries become rare.

    A retry costs one token; every call deposits a tenth of one, so that against a server that always fails the
    steady state is 1.1 requests a call. It is full at the start.
    """

    # Lost updates between threads are harmless here, so nothing is locked: no lock can be held across a fork.
    def __init__(self, capacity: float = 10.0, deposit: float = 0.1) -> None:
        self._capacity = capacity
        self._deposit = deposit
        self.tokens: float = capacity

    def deposit(self) -> None:
        """Add the share of one call."""
        self.tokens = min(self._capacity, self.tokens + self._deposit)

    def withdraw(self) -> bool:
        """Pay for a retry; return whether there was enough."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
