"""What tests of service ask of a ledger again and again."""

from __future__ import annotations

from datetime import date
from typing import Any

from guanxi.kernel.cadences import DueRow
from guanxi.kernel.rules import RuleSet
from tests.kernel.desks import CUSTOMER, Desk, moment


def due_row(desk: Desk, cadence: str, key: str, who: str = CUSTOMER, **cuts: Any) -> DueRow:
    """Return the one due item of a cadence with that key."""
    (found,) = [r for r in desk.ledger.due_items(cadence=cadence, customer=who, **cuts) if r.key == key]
    return found


def due_state(desk: Desk, cadence: str, key: str, as_of: str, as_known: str | None = None) -> str:
    """Return how a due item stands at two cuts."""
    return due_row(desk, cadence, key, as_of=as_of, as_known=as_known).state


def last_day(row: DueRow) -> date:
    """Return the last day on which it is in time."""
    assert row.until is not None
    return date.fromordinal(row.until.date().toordinal() - 1)


def publish(desk: Desk, rules: RuleSet, on: str, retroactive: str | None = None) -> int:
    """Publish rules with effect from a day."""
    return desk.ledger.publish(
        rules, effective_from=moment(on), by="drafter", approved_by="chief", retroactive=retroactive
    )


def rows_of(desk: Desk, report: str, **asked: Any) -> list[dict[str, Any]]:
    """Return a report's rows by column; asked at a cut, it needs no table but those that it reads."""
    result = desk.ledger.report(report, **{"as_of": desk.now, **asked})
    names = [c.name for c in result.columns]
    return [dict(zip(names, row, strict=True)) for row in result.rows]
