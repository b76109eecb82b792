"""Days on which subscriptions are due."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Final

# How many days, or months, an interval takes. The others are never due again.
DAYS: Final = {"day": 1, "week": 7, "bi-weekly": 14}
MONTHS: Final = {"month": 1, "bi-monthly": 2, "quarterly": 3, "semi-annual": 6, "year": 12}


def next_date(day: date, interval: str, charge_day: int) -> date | None:
    """Return the day one interval after another; months fall on their charge day, or on their last. None: never."""
    if interval in DAYS:
        return day + timedelta(days=DAYS[interval])
    return _in_months(day, MONTHS[interval], charge_day) if interval in MONTHS else None


def next_charge_day(day: date, charge_day: int) -> date:
    """Return the first charge day after a day."""
    this_month = _in_months(day, 0, charge_day)
    return this_month if this_month > day else _in_months(day, 1, charge_day)


def rest_of_month(day: date, charge_day: int) -> float:
    """Return the share of a month, from charge day to charge day, that is left of it on a day."""
    until = next_charge_day(day, charge_day)
    return (until - day).days / (until - _in_months(until, -1, charge_day)).days


def _in_months(day: date, months: int, charge_day: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(charge_day, calendar.monthrange(year, month + 1)[1]))
