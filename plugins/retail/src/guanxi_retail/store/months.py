"""A store's months: net sales, last year's, targets, and the streaks they make (RET-35)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

import attrs

from guanxi import Reader, add_months
from guanxi.relationship.together.read_models import goal_targets
from guanxi_retail.store.metrics import Line, Streak, meets, rises, streak, takings

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


def closed_months(
    outlet: str, lines: Sequence[Line], targets: Mapping[tuple[str, date], Decimal], day: date
) -> list[MonthFigures]:
    """Return a store's closed months up to a day, from its first receipt on, oldest first.

    Args:
        outlet: the store.
        lines: what it sold and took back.
        targets: as ``targets_of`` gives them.
        day: the day; a month is closed at the end of its last.
    """
    by_month: dict[date, list[Line]] = {}
    for line in lines:
        if (sold_on := line[1].day) is not None:
            by_month.setdefault(sold_on.replace(day=1), []).append(line)
    if not by_month:
        return []
    begins, found = min(by_month), []
    month = begins
    while last_of(month) <= day:
        before = add_months(month, -12)
        found.append(
            MonthFigures(
                month,
                _net(by_month.get(month, ()), month),
                _net(by_month.get(before, ()), before) if before >= begins else None,
                targets.get((outlet, month)),
            )
        )
        month = add_months(month, 1)
    return found


def _net(lines: Iterable[Line], first: date) -> Decimal:
    return takings(lines, first, last_of(first)).net


def rising(months: Sequence[MonthFigures]) -> Streak:
    """Return the streak of months above last year 连续上升."""
    return streak([rises(month.net, month.last_year) for month in months])


def on_target(months: Sequence[MonthFigures]) -> Streak:
    """Return the streak of months that met their target 连续达标."""
    return streak([meets(month.net, month.target) for month in months])
