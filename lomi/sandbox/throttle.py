from __future__ import annotations

from dataclasses import dataclass

from .checks import is_number, require, require_count
from .clock import SECOND
from .http import ApiError


@dataclass
class Window:
    """The requests of one address to one route: hits since `start`, and until when it is refused."""

    start: int
    hits: int = 0
    blocked_until: int = 0


class Throttle:
    """A limit of requests per window, route and client address, whatever the key. Times in microseconds."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.set(limit, seconds, "throttle_")

    def set(self, limit: int, seconds: float, prefix: str = "") -> None:
        """Take new limits; the prefix begins the caller's names of them."""
        require_count(f"{prefix}limit", limit, 1)
        require(is_number(seconds, 0) and seconds > 0, f"{prefix}window is seconds, above 0", seconds)
        self.limit = limit
        self.seconds = seconds
        self._windows: dict[tuple[str, str], Window] = {}

    def clear(self) -> None:
        self._windows.clear()

    def admit(
        self, route: str, peer: str, now: int, own: tuple[int, float] | None = None
    ) -> tuple[tuple[str, str], ...]:
        """Count a request and return its rate headers; ApiError 429 if there were too many.

        Args:
            route: What is counted together.
            peer: The client's address.
            now: The current time.
            own: Limit and window of this route, if it has its own; a lower general limit holds all the same.
        """
        limit, seconds = (self.limit, self.seconds) if own is None else (min(own[0], self.limit), own[1])
        length = int(seconds * SECOND)
        window = self._windows.setdefault((route, peer), Window(now))
        # The clock goes back when a snapshot is restored.
        back = now < window.start
        if now < window.blocked_until and not back:
            raise refusal(limit, seconds)
        if window.blocked_until or back or now >= window.start + length:
            window.start, window.hits, window.blocked_until = now, 0, 0
        window.hits += 1
        if window.hits > limit:
            # The block lasts a whole window from here on; asking again does not prolong it.
            window.blocked_until = now + length
            raise refusal(limit, seconds)
        return (
            ("X-RateLimit-Limit", str(limit)),
            ("X-RateLimit-Remaining", str(limit - window.hits)),
            ("X-RateLimit-Reset", str(-((now - window.start - length) // SECOND))),
        )


def refusal(limit: int, seconds: float) -> ApiError:
    """Return the 429. Its `Retry-After` is always the whole window, as on the server."""
    window = max(1, round(seconds))
    return ApiError(
        429,
        "Too many requests",
        details={"retry_after_seconds": window, "limit": limit},
        headers=(
            ("Retry-After", str(window)),
            ("X-RateLimit-Limit", str(limit)),
            ("X-RateLimit-Policy", "fixed-window"),
            ("X-RateLimit-Window-Seconds", str(window)),
        ),
    )
