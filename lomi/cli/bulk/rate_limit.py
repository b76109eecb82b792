"""How fast requests may follow each other."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

__all__ = ["RATE", "WINDOW", "RateLimit", "steady_clock"]

# The API accepts 5000 requests per route and address in a quarter of an hour. Some are left to other programs.
RATE: Final = 4900
WINDOW: Final = 900.0


def steady_clock() -> Callable[[], float]:
    """Return a clock of seconds since 1970 that is not affected when this machine's clock is set."""
    offset = time.time() - time.monotonic()
    return lambda: time.monotonic() + offset


class RateLimit:
    """At most ``limit`` requests in any window, and none during a pause.

    The API counts in fixed windows that start at an unknown moment; a bound on every window covers those.
    ``earlier`` are the times of earlier requests, in seconds since 1970, oldest first.
    """

    def __init__(self, limit: int, window: float, earlier: Iterable[float] = ()) -> None:
        self._window = window
        self._made = deque(earlier, maxlen=limit)
        self._paused_until = 0.0

    def delay(self, now: float) -> float:
        """Return the seconds to wait before the next request, 0 for none."""
        full = len(self._made) == self._made.maxlen
        free_at = self._made[0] + self._window if full else 0.0
        return max(0.0, free_at - now, self._paused_until - now)

    def record(self, now: float) -> None:
        """Record a request."""
        self._made.append(now)

    def pause(self, until: float) -> None:
        """Allow no request before a moment."""
        self._paused_until = max(self._paused_until, until)
