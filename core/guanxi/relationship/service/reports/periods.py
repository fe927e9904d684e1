"""What reports of service share: the period they tell of, its months, and columns of counts and shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.reports import Asked, Column
from guanxi.kernel.times import add_months
from guanxi.relationship.service.figures import percent


def option(default: Any, en: str, zh: str) -> Any:
    """Declare a parameter of a report."""
    return attrs.field(default=default, metadata={"help": Label(en, zh)})


@attrs.frozen
class Period:
    """Which days a report tells of, both included."""

    since: date | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, "first day; the as-of year's if not given", "起始日，默认为截止年度首日"
    )
    until: date | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, "last day; the as-of day if not given", "截止日，默认为截止时点当日"
    )


@attrs.frozen
class Days:
    """The days of a period, both included."""

    first: date
    last: date

    def holds(self, at: datetime | None, asked: Asked) -> bool:
        """Return whether a row's moment lies in the period."""
        return at is not None and self.first <= asked.day_of(at) <= self.last

    def months(self) -> Iterator[Days]:
        """Yield the parts of the period that lie in one calendar month each."""
        first = self.first
        while first <= self.last:
            following = add_months(first.replace(day=1), 1)
            yield Days(first, min(self.last, date.fromordinal(following.toordinal() - 1)))
            first = following


def days_of(since: date | None, until: date | None, asked: Asked) -> Days:
    """Return the days that a report is asked for.

    Raises:
        Invalid: ``invalid_date`` for a period that ends before it begins.
    """
    last = until or asked.day
    first = since or min(asked.day, last).replace(month=1, day=1)
    if first > last:
        raise Invalid(
            "invalid_date",
            f"the period ends on {last}, before {first}",
            zh=f"期间截止 {last} 早于起始 {first}",
            accepts="a last day that is not before the first",
        )
    return Days(first, last)


def month_of(day: date) -> str:
    """Return a day's month as ``2025-06``."""
    return f"{day:%Y-%m}"


def counted(name: str, en: str, zh: str) -> Column:
    """Return a column of counts."""
    return Column(name, Label(en, zh), "integer")


def share(name: str, en: str, zh: str) -> Column:
    """Return a column of shares in per cent, one decimal."""
    return Column(name, Label(en, zh), "percent", 1)


def ranked(groups: Iterable[str]) -> list[tuple[str, int, Decimal | None, Decimal | None]]:
    """Return groups from the most frequent down with count, share and cumulative share."""
    count = Counter(groups)
    whole, together = sum(count.values()), 0
    rows = []
    for name, n in sorted(count.items(), key=lambda pair: (-pair[1], pair[0])):
        together += n
        rows.append((name, n, percent(n, whole), percent(together, whole)))
    return rows
