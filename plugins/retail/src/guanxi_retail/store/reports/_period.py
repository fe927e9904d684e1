"""What reports of stores share: the month they are for, and the lines of each store."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi import Asked, Column, Invalid, Label, Reader, add_months
from guanxi_retail.reporting import one_currency, option, rows_where
from guanxi_retail.store.metrics import Line
from guanxi_retail.store.read_models import store_lines

_DAY = timedelta(days=1)

NO_OUTLET = "no_outlet"
OUTLET = Column("outlet", Label("Store", "门店"), "code")
MONTH_NOTE = Label("month", "月份")


@attrs.frozen
class StoreMonthParameters:
    """Which month, and which store."""

    month: str | None = option(
        None,
        Label(
            "month, such as 2012-03; that of the as-of day if not given", "月份，如 2012-03，默认截止日所在月"
        ),
    )
    outlet: str | None = option(None, Label("one store; all if not given", "门店，默认全部"))


def month_of(day: date) -> str:
    """Return a day's month, as ``2012-03``."""
    return f"{day:%Y-%m}"


def days_of(month: str) -> tuple[date, date]:
    """Return the first and last day of a month.

    Raises:
        Invalid: ``invalid_date`` for what is no month.
    """
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Invalid(
            "invalid_date",
            f"{month!r} is no month",
            zh=f"{month!r} 不是月份",
            rule="RET-IN-a",
            accepts="a month such as 2012-03",
        ) from None
    return first, add_months(first, 1) - _DAY


def asked_month(parameters: StoreMonthParameters, asked: Asked) -> tuple[date, date]:
    """Return the first and last day that a report is for; its last day is not after the as-of day."""
    first, last = days_of(parameters.month or month_of(asked.day))
    return first, min(last, asked.day)


def a_year_before(first: date, last: date) -> tuple[date, date]:
    """Return the same days a year before; a whole month stays one."""
    whole = add_months(first, 1) - _DAY == last
    begins = add_months(first, -12)
    return begins, add_months(begins, 1) - _DAY if whole else add_months(last, -12)


def shown_outlet(outlet: str) -> str:
    """Return a store as a report shows it; a code of its own where a receipt names none."""
    return outlet or NO_OUTLET


def lines_by_outlet(
    reader: Reader, outlet: str | None, *periods: tuple[date, date]
) -> tuple[dict[str, list[Line]], ...]:
    """Return the lines of each store in each of some periods, in order of stores' names; found in one going through.

    Args:
        reader: over ``store_lines``.
        outlet: one store; all if None.
        periods: first and last day of each. Money of other days is not looked at.

    Raises:
        Invalid: ``unit_mismatch``; money of several currencies does not add up.
    """

    def wanted(line: Any) -> Any:
        days = sa.or_(*[line.c.day.between(*[day.isoformat() for day in period]) for period in periods])
        return days if outlet is None else days & (line.c.outlet == outlet)

    found: list[dict[str, list[Line]]] = [{} for _ in periods]
    currencies: set[str] = set()
    for stream, row in rows_where(reader, store_lines, wanted):
        currencies.add(row.currency)
        for (first, last), lines in zip(periods, found, strict=True):
            if row.day is not None and first <= row.day <= last:
                lines.setdefault(row.outlet, []).append((stream, row))
    one_currency(currencies)
    return tuple({name: lines[name] for name in sorted(lines)} for lines in found)
