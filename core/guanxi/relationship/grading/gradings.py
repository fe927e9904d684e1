"""Every class that was set, one after the other, and the value delivered as it was last stated (CORE-53, CORE-57)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.grading.commands import GETS, GIVES
from guanxi.relationship.grading.events import DeliveredValueStated, GradeSet


@attrs.define
class GradingRow:
    """One grading of a customer by a scheme; of several of one date the last counts."""

    scheme: str = column(key=True)
    graded_on: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    grade: str = ""
    rank: int = 0
    set_on: date = date.min
    by_run: bool = False


gradings = ReadModel("core.gradings", GradingRow, title=Label("Gradings", "评级记录"))


@gradings.on
def _set(rows: Rows[GradingRow], e: GradeSet, at: datetime) -> None:
    row = rows[e.scheme, e.graded_on]
    if row.grade and row.rank <= e.rank and row.set_on <= at.date() and e.by_run:
        return
    row.grade, row.rank, row.set_on, row.by_run = e.grade, e.rank, at.date(), e.by_run


@attrs.define
class DeliveredValueRow:
    """The latest statement of what a customer gets and gives up."""

    unit: str = ""
    stated_on: date | None = None
    gets: Decimal | None = column(scale=4, default=None)  # noqa: RUF009 - an attrs field, not a default
    gives: Decimal | None = column(scale=4, default=None)  # noqa: RUF009 - an attrs field, not a default


delivered_values = ReadModel(
    "core.delivered_values", DeliveredValueRow, title=Label("Delivered value", "客户让渡价值")
)


@delivered_values.on
def _stated(rows: Rows[DeliveredValueRow], e: DeliveredValueStated, at: datetime) -> None:
    row = rows[()]
    row.unit, row.stated_on = e.unit, at.date()
    row.gets = total(getattr(e, name) for name in GETS)
    row.gives = total(getattr(e, name) for name in GIVES)


def total(parts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of parts, None where one was not stated (CORE-57).

    Args:
        parts: the parts.
    """
    found = list(parts)
    return None if None in found else sum((p for p in found if p is not None), Decimal(0))
