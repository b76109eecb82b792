from __future__ import annotations

from dataclasses import dataclass

from ._checks import demand, is_number, is_whole
from ._clock import SECOND
from ._http import ApiError


@dataclass
class Window:
    """What one address has asked of one route: hits since `start`, and until when it is refused."""

    start: int
    hits: int = 0
    blocked_until: int = 0


class Throttle:
    """So many requests a window, per route and client address, whatever the key. Times in microseconds."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.set(limit, seconds, "rate_")

    def set(self, limit: int, seconds: float, prefix: str = "") -> None:
        """Take new limits; the prefix is what the caller's names of them begin with."""
        demand(is_whole(limit, 1), f"{prefix}limit is a whole number, 1 or more", limit)
        demand(is_number(seconds, 0) and seconds > 0, f"{prefix}window is seconds, above 0", seconds)
        self.limit = limit
        self.seconds = seconds
        self._windows: dict[tuple[str, str], Window] = {}

    def clear(self) -> None:
        self._windows.clear()

    def admit(self, route: str, peer: str, now: int) -> tuple[tuple[str, str], ...]:
        """Count a request and return its rate headers; ApiError 429 where there were too many."""
        length = int(self.seconds * SECOND)
        window = self._windows.setdefault((route, peer), Window(now))
        # The clock goes back where a snapshot is restored.
        back = now < window.start
        if now < window.blocked_until and not back:
            raise self.refusal()
        if window.blocked_until or back or now >= window.start + length:
            window.start, window.hits, window.blocked_until = now, 0, 0
        window.hits += 1
        if window.hits > self.limit:
            # The block lasts a whole window from here on; asking again does not prolong it.
            window.blocked_until = now + length
            raise self.refusal()
        return (
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(self.limit - window.hits)),
            ("X-RateLimit-Reset", str(-((now - window.start - length) // SECOND))),
        )

    def refusal(self) -> ApiError:
        """The answer to one request too many. `Retry-After` is always the whole window, as on the server."""
        seconds = max(1, round(self.seconds))
        return ApiError(
            429,
            "Too many requests",
            details={"retry_after_seconds": seconds, "limit": self.limit},
            headers=(
                ("Retry-After", str(seconds)),
                ("X-RateLimit-Limit", str(self.limit)),
                ("X-RateLimit-Policy", "fixed-window"),
                ("X-RateLimit-Window-Seconds", str(seconds)),
            ),
        )
