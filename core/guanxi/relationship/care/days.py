"""Days as profile fields tell them, and the days on which they come round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from guanxi.kernel.times import add_months

_YEAR = 12


def day_of(value: object) -> date | None:
    """Return the day that a profile field tells, or None where it tells none (erased, not stated, free text)."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).date()
    except ValueError:
        return None


def in_year(day: date, year: int) -> date:
    """Return when a day comes round in a year; 29 February on the 28th where there is none (CORE-41)."""
    return add_months(day, _YEAR * (year - day.year))


def years_between(born: date, day: date) -> int:
    """Return the whole years from a birth to a day."""
    return day.year - born.year - (in_year(born, day.year) > day)


def coming(day: date, first: date, last: date) -> Iterator[date]:
    """Yield when a day comes round from a first day to a last one, both included."""
    for year in range(max(first.year, day.year), last.year + 1):
        if first <= (found := in_year(day, year)) <= last:
            yield found
