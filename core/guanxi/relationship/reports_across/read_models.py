"""Read models that reports across subjects need, and no room has."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.kernel.standard import BreachFlagged, BreachRecorded


@attrs.define
class BreachRow:
    """How often a rule was broken in one way on a day by what had happened all the same (CORE-04)."""

    rule: str = column(key=True)
    code: str = column(key=True)
    day: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    count: int = 0


breaches = ReadModel("core.breaches", BreachRow, title=Label("Breaches by day", "违规日计"))


@breaches.on
def _broke(rows: Rows[BreachRow], e: BreachFlagged | BreachRecorded, at: datetime) -> None:
    rows[e.rule, e.code, at.date()].count += 1


READ_MODELS = (breaches,)
