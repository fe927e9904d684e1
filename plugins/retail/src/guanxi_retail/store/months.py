"""A store's months: net sales, last year's, targets, and the streaks they make (RET-35)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi import Reader, add_months
from guanxi.relationship.together.read_models import goal_targets
from guanxi_retail.reporting import one_currency, stored
from guanxi_retail.store.metrics import NOTHING, Streak, meets, rises, streak
from guanxi_retail.store.read_models import SALE, store_lines

STORE_SALES = "store_sales"
"""What a goal is measured by that is a store's target of a month; its owner is the store."""
_DAY = timedelta(days=1)


@attrs.frozen
class MonthFigures:
    """A closed month of a store.

    Args:
        first: its first day.
        net: sales less refunds.
        last_year: the same of the month a year before; None where nothing is on record of that month.
        target: what was to be reached; None where none was set.
    """

    first: date
    net: Decimal
    last_year: Decimal | None
    target: Decimal | None


def last_of(first: date) -> date:
    """Return the last day of the month that begins on a day."""
    return add_months(first, 1) - _DAY


def targets_of(reader: Reader) -> dict[tuple[str, date], Decimal]:
    """Return stores' targets by store and first day of the month, the one that holds last counting.

    Args:
        reader: over ``goal_targets``.
    """
    rows = [row for _, row in reader.rows(goal_targets)]
    told = {row.goal: row for row in rows if row.measure == STORE_SALES}
    found: dict[tuple[str, date], Decimal] = {}
    for row in sorted(rows, key=lambda row: row.holds_from):
        goal = told.get(row.goal)
        if goal is None or goal.period_from is None or goal.period_until != last_of(goal.period_from):
            continue
        found[goal.owner, goal.period_from] = row.target
    return found


@attrs.define
class StoreSums:
    """What a store sold and took back on all days, by month.

    Args:
        begins: the first day of which anything is on record.
        net: sales less refunds, by first day of the month.
        floors: every floor of which anything is on record, with the first day of it.
    """

    begins: date
    net: dict[date, Decimal] = attrs.field(factory=dict)
    floors: dict[str, date] = attrs.field(factory=dict)


def sums_by_outlet(reader: Reader, outlet: str | None) -> dict[str, StoreSums]:
    """Return what each store sold and took back, month by month, summed up by the database.

    Args:
        reader: over ``store_lines``.
        outlet: one store; all if None.

    Raises:
        Invalid: ``unit_mismatch``; money of several currencies does not add up.
    """

    def summed(line: Any) -> sa.Select[Any]:
        c, month = line.c, sa.func.substr(line.c.day, 1, len("2012-03")).label("month")
        net = sa.case((c.claimed != 0, 0), (c.refund == SALE, c.net), else_=-c.net)
        by = (month, c.outlet, c.floor, c.currency)  # what differs most first: groups are told apart sooner
        found = sa.select(*by, sa.func.min(c.day), sa.func.sum(net)).where(c.day.is_not(None))
        return (found if outlet is None else found.where(c.outlet == outlet)).group_by(*by)

    money_of = stored(store_lines, "net")
    found: dict[str, StoreSums] = {}
    currencies: set[str] = set()
    for month, name, floor, currency, day, net in reader.select(summed, store_lines):
        first, begins = date.fromisoformat(f"{month}-01"), date.fromisoformat(day)
        store = found.setdefault(name, StoreSums(begins))
        store.begins = min(store.begins, begins)
        store.net[first] = store.net.get(first, NOTHING) + money_of(net)
        store.floors[floor] = min(store.floors.get(floor, begins), begins)
        currencies.add(currency)
    one_currency(currencies)
    return found


def closed_months(
    outlet: str, store: StoreSums, targets: Mapping[tuple[str, date], Decimal], day: date
) -> list[MonthFigures]:
    """Return a store's closed months up to a day, from its first receipt on, oldest first.

    Args:
        outlet: the store.
        store: what it sold and took back.
        targets: as ``targets_of`` gives them.
        day: the day; a month is closed at the end of its last.
    """
    begins, found = store.begins.replace(day=1), []
    month = begins
    while last_of(month) <= day:
        before = add_months(month, -12)
        found.append(
            MonthFigures(
                month,
                store.net.get(month, NOTHING),
                store.net.get(before, NOTHING) if before >= begins else None,
                targets.get((outlet, month)),
            )
        )
        month = add_months(month, 1)
    return found


def rising(months: Sequence[MonthFigures]) -> Streak:
    """Return the streak of months above last year 连续上升."""
    return streak([rises(month.net, month.last_year) for month in months])


def on_target(months: Sequence[MonthFigures]) -> Streak:
    """Return the streak of months that met their target 连续达标."""
    return streak([meets(month.net, month.target) for month in months])
