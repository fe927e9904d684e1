"""Qualification periods: which one a day falls in, and which come before and after (RET-24)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import attrs

from guanxi import add_months

PeriodKind = Literal["year", "half_year", "quarter", "month", "anniversary", "rolling"]

_YEAR = 12
_CALENDAR = {"year": _YEAR, "half_year": 6, "quarter": 3, "month": 1}
_DAY = timedelta(days=1)


@attrs.frozen
class Period:
    """An interval of days, both included."""

    first: date
    last: date


def period_of(day: date, kind: PeriodKind, months: int, joined: date | None) -> Period:
    """Return the period that a day falls in; a rolling one ends with the day.

    Args:
        day: in question.
        kind: of period.
        months: length of a rolling one.
        joined: the day from which membership years count; a calendar year where it is not known.
    """
    if kind == "rolling":
        return Period(add_months(day + _DAY, -months), day)
    if kind == "anniversary" and joined is not None:
        years = day.year - joined.year
        if add_months(joined, _YEAR * years) > day:
            years -= 1
        return Period(add_months(joined, _YEAR * years), add_months(joined, _YEAR * (years + 1)) - _DAY)
    length = _CALENDAR.get(kind, _YEAR)
    first = day.replace(month=(day.month - 1) // length * length + 1, day=1)
    return Period(first, add_months(first, length) - _DAY)


def next_period(period: Period, kind: PeriodKind, months: int, joined: date | None) -> Period:
    """Return the period that follows."""
    if kind == "rolling":
        return Period(period.last + _DAY, add_months(period.last, months))
    return period_of(period.last + _DAY, kind, months, joined)


def ended_by(day: date, kind: PeriodKind, months: int, joined: date | None) -> Period:
    """Return the latest period that is over at the end of a day."""
    period = period_of(day, kind, months, joined)
    return period if period.last <= day else period_of(period.first - _DAY, kind, months, joined)
