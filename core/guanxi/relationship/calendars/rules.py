"""The calendar as a rule set: what is a working day, when a term ends, and on which day a festival falls (CORE-06)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set
from guanxi.kernel.times import add_months, midnight_after
from guanxi.relationship.calendars.china import YEARS
from guanxi.relationship.calendars.years import Year, read_year

FESTIVALS = {
    "new_year": Label("New Year's Day", "元旦"),
    "spring_festival": Label("Spring Festival", "春节"),
    "qingming": Label("Qingming Festival", "清明"),
    "labour": Label("Labour Day", "劳动节"),
    "dragon_boat": Label("Dragon Boat Festival", "端午"),
    "mid_autumn": Label("Mid-Autumn Festival", "中秋"),
    "national": Label("National Day", "国庆"),
}
"""The statutory festivals by code (CORE-42); a host's calendar may name others."""

_DAY = timedelta(days=1)


@attrs.frozen
class Term:
    """When something is due.

    Args:
        last_day: the last day on which it is in time.
        provisional: whether a year it runs through has no published holidays yet, so that it may move.
    """

    last_day: date
    provisional: bool = False

    def until(self, like: datetime) -> datetime:
        """Return the first instant that is too late: 24:00 of the last day, in the zone of ``like``."""
        return midnight_after(self.last_day, like.tzinfo)


def _readable(_: object, attribute: attrs.Attribute[Any], value: Mapping[str, str]) -> None:
    for year, text in value.items():
        read_year(year, text)


@rule_set("core.calendar", Label("Calendar", "日历"))
class CalendarRules(RuleSet):
    """Holidays and make-up workdays year by year; a year that is not listed is reckoned on plain weekdays, provisionally."""

    years: Mapping[str, str] = parameter(
        factory=lambda: dict(YEARS),
        label=Label("published years", "已公布年份"),
        validator=_readable,
    )
    roll_over_rest_day: bool = parameter(
        default=False,
        label=Label(
            "a term that ends on a rest day runs on to the next working day", "期限末日为休息日的顺延"
        ),
        ours=True,
    )

    def year(self, year: int) -> Year | None:
        """Return what is published for a year, or None."""
        text = self.years.get(str(year))
        return None if text is None else read_year(str(year), text)

    def is_working_day(self, day: date) -> bool:
        """Return whether people work on a day."""
        published = self.year(day.year)
        if published is not None:
            if day in published.off:
                return False
            if day in published.worked:
                return True
        return day.weekday() < 5

    def festival(self, code: str, year: int) -> date | None:
        """Return the day of a festival in a year, or None where the year is not published."""
        published = self.year(year)
        return None if published is None else published.festivals.get(code)

    def working_days(self, start: date, count: int) -> Term:
        """Return the term of so many working days, the day of the trigger not counted.

        Args:
            start: the day of the trigger.
            count: working days, at least one.
        """
        day, left = start, count
        while left:
            day += _DAY
            left -= self.is_working_day(day)
        return Term(day, self._unpublished(start + _DAY, day))

    def days(self, start: date, count: int) -> Term:
        """Return the term of so many calendar days, the day of the trigger not counted."""
        return self._rolled(start + timedelta(days=count))

    def months(self, start: date, count: int) -> Term:
        """Return the term of so many months: the corresponding day, or the month's last where there is none."""
        return self._rolled(add_months(start, count))

    def _rolled(self, day: date) -> Term:
        if not self.roll_over_rest_day:
            return Term(day)
        last = day
        while not self.is_working_day(last):
            last += _DAY
        return Term(last, self._unpublished(day, last))

    def _unpublished(self, first: date, last: date) -> bool:
        return any(str(year) not in self.years for year in range(first.year, last.year + 1))
