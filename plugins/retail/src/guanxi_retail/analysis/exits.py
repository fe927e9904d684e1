"""Read model of why customers bought no longer (RET-48)."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi import Label, ReadModel, Rows, column
from guanxi_retail.analysis.events import ExitReasonRecorded


@attrs.define
class ExitRow:
    """How often a reason was told of a customer on a day."""

    day: date = column(key=True)  # noqa: RUF009 - an attrs field
    reason_code: str = column(key=True)
    count: int = 0


exits = ReadModel("retail.exits", ExitRow, title=Label("Exit reasons", "流失原因"))


@exits.on
def _left(rows: Rows[ExitRow], e: ExitReasonRecorded, at: datetime) -> None:
    rows[at.date(), e.reason_code].count += 1
