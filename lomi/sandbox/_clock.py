from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Final

from ._checks import demand, is_number

SECOND: Final = 1_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
START: Final = datetime(2026, 1, 15, 10, 30, tzinfo=timezone.utc)


def to_micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_datetime(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


class Clock:
    """The sandbox's own time, in UTC.

    Without a seed it is this machine's time plus what `advance` added. With a seed it starts at
    2026-01-15T10:30:00Z and moves by one millisecond with each request, so that two runs tell the same times.
    """

    def __init__(self, *, frozen: bool, moved: Callable[[int], None]) -> None:
        self.frozen = frozen
        self._moved = moved
        self._lock = threading.Lock()
        self._set_back()

    def now(self) -> datetime:
        """Return the present moment of the sandbox, an aware `datetime` in UTC."""
        return to_datetime(self._now())

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Move the clock forward and return the new time.

        Everything the sandbox dates from now on moves along: records, as-of dates, rate-limit windows and the
        `Date` header. What is already stored keeps its times.

        Args:
            days: Days to add, 0 or more.
            hours: Hours to add, 0 or more.
            minutes: Minutes to add, 0 or more.
            seconds: Seconds to add, 0 or more.

        Raises:
            ValueError: An amount is no number or negative, or the time would be after the year 9999.
        """
        for name, amount in {"days": days, "hours": hours, "minutes": minutes, "seconds": seconds}.items():
            demand(is_number(amount, -math.inf, math.inf), f"{name} is a number, 0 or more", amount)
        if min(days, hours, minutes, seconds) < 0:
            raise ValueError("the clock only goes forward; use snapshot() and restore() to go back")
        try:
            step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) // timedelta(microseconds=1)
            to_datetime(self._now() + step)
        except OverflowError:
            raise ValueError("the clock ends with the year 9999") from None
        with self._lock:
            self._micros += step
        self._moved(self._micros)
        return self.now()

    def _set_back(self) -> None:
        # Frozen: the time itself. Running: what is added to the machine's.
        self._micros = to_micros(START) if self.frozen else 0

    def _now(self) -> int:
        return self._micros if self.frozen else time.time_ns() // 1000 + self._micros

    def __repr__(self) -> str:
        return f"<Clock {self.now().isoformat()}{' frozen' if self.frozen else ''}>"


class Ticking(Clock):
    """The clock as the sandbox sees it: in microseconds since 1970."""

    def micros(self) -> int:
        """The present moment."""
        return self._now()

    def tick(self) -> int:
        """The present moment, at the start of a request."""
        if self.frozen:
            with self._lock:
                self._micros += 1000
        return self._now()

    def reset(self) -> None:
        """Go back to the beginning."""
        self._set_back()

    @property
    def setting(self) -> int:
        """What to keep so that a later clock goes on from here."""
        return self._micros

    @setting.setter
    def setting(self, micros: int) -> None:
        with self._lock:
            self._micros = micros
