from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Final

from .checks import is_number, require

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
START: Final = datetime(2026, 1, 15, 10, 30, tzinfo=timezone.utc)
FASTEST: Final = 1_000_000


def to_micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_datetime(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


class Clock:
    """The sandbox's own time, in UTC.

    Without a seed it is this machine's time plus what `advance` added. With a seed it starts at
    2026-01-15T10:30:00Z and is frozen: it moves by one millisecond with each request, so that two runs give the
    same times.
    """

    def __init__(self, *, frozen: bool, travel: Callable[[int], None], changed: Callable[[], None]) -> None:
        self._starts_frozen = frozen
        self._travel = travel
        self._changed = changed
        self._lock = threading.Lock()
        self._reset()

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still, but for one millisecond with each request."""
        return self._speed == 0

    @property
    def speed(self) -> float:
        """How many seconds pass in one of this machine's; 0 when frozen."""
        return self._speed

    def now(self) -> datetime:
        """Return the sandbox's current time, an aware `datetime` in UTC."""
        return to_datetime(self._micros())

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Move the clock forward and return the new time.

        Everything that falls due on the way happens in its order, with the clock at its moment: sessions expire,
        webhooks are retried. What is already stored keeps its times.

        Args:
            days: Days to add, 0 or more.
            hours: Hours to add, 0 or more.
            minutes: Minutes to add, 0 or more.
            seconds: Seconds to add, 0 or more.

        Raises:
            ValueError: An amount is not a number or negative, or the time would be after the year 9999.
        """
        for name, amount in {"days": days, "hours": hours, "minutes": minutes, "seconds": seconds}.items():
            require(is_number(amount, -math.inf, math.inf), f"{name} is a number, 0 or more", amount)
        if min(days, hours, minutes, seconds) < 0:
            raise ValueError("the clock only goes forward; use snapshot() and restore() to go back")
        try:
            step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) // timedelta(microseconds=1)
            target = self._micros() + step
            to_datetime(target)
        except OverflowError:
            raise ValueError("the clock ends with the year 9999") from None
        self._travel(target)
        return self.now()

    def advance_to(self, moment: datetime) -> datetime:
        """Move the clock forward to a moment and return the new time; like `advance`.

        Args:
            moment: An aware `datetime`, now or later.

        Raises:
            ValueError: The moment has no time zone, or is in the past.
        """
        aware: object = getattr(moment, "tzinfo", None)
        require(aware is not None, "moment is an aware datetime", moment)
        target = to_micros(moment)
        if target < self._micros():
            raise ValueError("the clock only goes forward; use snapshot() and restore() to go back")
        self._travel(target)
        return self.now()

    def freeze(self) -> None:
        """Stop the clock: from now on it moves by one millisecond with each request, and with `advance`."""
        self._run(0)

    def run(self, speed: float = 1) -> None:
        """Let the clock run.

        Args:
            speed: Seconds of the sandbox for each second of this machine, above 0 and at most 1,000,000.

        Raises:
            ValueError: The speed is out of range.
        """
        require(is_number(speed, 0, FASTEST) and speed > 0, f"speed is above 0 and at most {FASTEST:,}", speed)
        self._run(speed)

    def _run(self, speed: float) -> None:
        with self._lock:
            self._base, self._anchor, self._speed = self._micros(), _machine(), speed
        self._changed()

    def _reset(self) -> None:
        self._base, self._anchor, self._speed = (to_micros(START), 0, 0.0) if self._starts_frozen else (0, 0, 1)

    def _micros(self) -> int:
        if self._speed == 0:
            return self._base
        passed = _machine() - self._anchor
        return self._base + (passed if self._speed == 1 else int(passed * self._speed))

    def __repr__(self) -> str:
        return f"<Clock {self.now().isoformat()}{' frozen' if self.frozen else ''}>"


class EngineClock(Clock):
    """The clock as the engine sees it: in microseconds since 1970."""

    def micros(self) -> int:
        """Return the current time."""
        return self._micros()

    def tick(self) -> int:
        """Return the time at the start of a request."""
        if self.frozen:
            with self._lock:
                self._base += 1000
        return self._micros()

    def move_to(self, micros: int) -> None:
        """Go forward to a moment; stay where it is past already."""
        with self._lock:
            self._base += max(0, micros - self._micros())

    def reset(self) -> None:
        """Go back to the beginning."""
        self._reset()

    @property
    def setting(self) -> tuple[int, int, float]:
        """All that is needed to go on from here."""
        return self._base, self._anchor, self._speed

    @setting.setter
    def setting(self, setting: tuple[int, int, float]) -> None:
        with self._lock:
            self._base, self._anchor, self._speed = setting

    @property
    def saved_micros(self) -> int:
        """What a data file keeps: the time of a frozen clock, or how far a running one is ahead of the machine's."""
        return self._micros() - (0 if self.frozen else _machine())

    @saved_micros.setter
    def saved_micros(self, micros: int) -> None:
        with self._lock:
            self._base, self._anchor = micros, 0


def _machine() -> int:
    return time.time_ns() // 1000
