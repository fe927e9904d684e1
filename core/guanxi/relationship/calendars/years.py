"""One year of a calendar, and the line of text it is published as."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import attrs

from guanxi.kernel.errors import Invalid

_SPAN = re.compile(r"(\d\d)-(\d\d)(?:\.\.(\d\d)-(\d\d))?")
_FORM = 'such as "off 01-01 02-16..02-22; work 02-14; festivals new_year 01-01 spring_festival 02-17"'


@attrs.frozen
class Year:
    """The published days of one year.

    Args:
        off: days without work, weekends within a holiday included.
        worked: weekend days that are worked.
        festivals: the festivals' own days, by code.
    """

    off: frozenset[date]
    worked: frozenset[date]
    festivals: Mapping[str, date]


@lru_cache(maxsize=256)
def read_year(year: str, text: str) -> Year:
    """Return what a line of the calendar says of a year.

    Args:
        year: four digits.
        text: such as ``off 01-01 02-16..02-22; work 02-14; festivals new_year 01-01 spring_festival 02-17``.

    Raises:
        Invalid: ``invalid_date`` for what is no such line.
    """
    try:
        number = int(year)
        off: set[date] = set()
        worked: set[date] = set()
        festivals: dict[str, date] = {}
        for part in filter(None, (p.strip() for p in text.split(";"))):
            what, *words = part.split()
            if what == "festivals":
                codes, days = words[::2], words[1::2]
                festivals.update(zip(codes, (_days(number, d)[0] for d in days), strict=True))
            else:
                {"off": off, "work": worked}[what].update(d for word in words for d in _days(number, word))
    except (ValueError, KeyError, TypeError):
        raise Invalid(
            "invalid_date",
            f"the calendar of {year} cannot be read: {text!r}",
            zh=f"{year} 年的日历无法读取：{text!r}",
            rule="CORE-06",
            accepts=_FORM,
        ) from None
    return Year(frozenset(off), frozenset(worked), festivals)


def _days(year: int, word: str) -> list[date]:
    found = _SPAN.fullmatch(word)
    if found is None:
        raise ValueError(word)
    month, day, to_month, to_day = found.groups()
    first = date(year, int(month), int(day))
    last = first if to_month is None else date(year, int(to_month), int(to_day))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
