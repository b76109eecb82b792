"""How fast requests may follow each other."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

__all__ = ["RATE", "WINDOW", "Pace", "clock"]

# The API takes 5000 requests in a quarter of an hour for each route, from one address. Some are left to others.
RATE: Final = 4900
WINDOW: Final = 900.0


def clock() -> Callable[[], float]:
    """Return what tells the time, in seconds since 1970, and never jumps, whatever somebody sets this machine's to."""
    ahead = time.time() - time.monotonic()
    return lambda: time.monotonic() + ahead


class Pace:
    """At most so many requests in any window of so many seconds, and none while the API wants to be left alone.

    The API counts in fixed windows whose beginning nobody knows; what holds for every window holds for those too.

    Args:
        limit: Requests in a window, 1 or more.
        window: Seconds.
        earlier: When requests were made before, in seconds since 1970, the earliest first.
    """

    def __init__(self, limit: int, window: float, earlier: Iterable[float] = ()) -> None:
        self._window = window
        self._made = deque(earlier, maxlen=limit)
        self._closed_until = 0.0

    def wait(self, now: float) -> float:
        """Return how many seconds to wait before the next request; 0 when there is no need to."""
        full = len(self._made) == self._made.maxlen
        earliest = self._made[0] + self._window if full else 0.0
        return max(0.0, earliest - now, self._closed_until - now)

    def take(self, now: float) -> None:
        """Note that a request is made."""
        self._made.append(now)

    def close(self, until: float) -> None:
        """Make none before a moment."""
        self._closed_until = max(self._closed_until, until)
