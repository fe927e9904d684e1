"""Report 33: churn warnings with their signs (CORE-60)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.kernel.times import add_months
from guanxi.relationship.grading.members import members, members_of
from guanxi.relationship.grading.reports.shared import (
    ACCOUNT,
    option,
)
from guanxi.relationship.grading.watching import warnings_of, watched


@attrs.frozen
class ChurnParameters:
    """Over which days."""

    since: date | None = option(None, "first day; a year before the cut if not given", "起始日；默认一年前")  # noqa: RUF009 - an attrs field, not a default


def _churn(reader: Reader, parameters: ChurnParameters, asked: Asked) -> Content:
    first = parameters.since or add_months(asked.day, -12)
    account = members_of(reader, closed=True)
    rows: list[tuple[Any, ...]] = []
    for stream, row in warnings_of(reader, asked):
        if row.begins is None or (row.ends is not None and row.ends.date() < first):
            continue
        reasons = row.reasons.split(", ")
        rows.append(
            (
                account.get(stream, stream),
                row.begins.date(),
                None if row.ends is None else row.ends.date(),
                row.reasons,
                row.value,
                row.line,
                ", ".join(_absent(reasons, asked)),
                "opening" if row.begins.date() < first else "raised",
                "open" if row.ends is None else "cleared",
            )
        )
    rows.sort(key=lambda r: (r[1], r[0]))
    counts = {name: sum(name in row[7:] for row in rows) for name in ("opening", "raised", "cleared", "open")}
    text = "{opening} + {raised} = {cleared} + {open}".format(**counts)
    return Content(
        rows, notes=[(Label("Opening + raised = cleared + open", "期初 + 新增 = 解除 + 未解除"), text)]
    )


def _absent(reasons: Sequence[str], asked: Asked) -> Iterator[str]:
    """Yield the sources of signs that a plugin stated which is no longer there."""
    for code in reasons:
        prefix, dot, _ = code.partition(".")
        if dot and prefix not in asked.installed:
            yield prefix


def _opened_or_cleared(rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
    for row in rows:
        if (row[2] is None) != (row[8] == "open"):
            yield f"the warning of {row[0]} of {row[1]} is neither open nor cleared"


churn_report = Report(
    name="core.churn_warnings",
    title=Label("Churn warnings", "流失预警"),
    reads=(members, watched),
    parameters=ChurnParameters,
    columns=(
        ACCOUNT,
        Column("raised_on", Label("Raised on", "预警日期"), "date"),
        Column("cleared_on", Label("Cleared on", "解除日期"), "date"),
        Column("reasons", Label("Signs", "信号"), "code"),
        Column("value", Label("Values", "数值"), "code"),
        Column("line", Label("Lines", "界线"), "code"),
        Column("source_absent", Label("Source absent", "来源缺失"), "code"),
        Column("begins", Label("Opening or raised", "期初或新增"), "code"),
        Column("ends", Label("Open or cleared", "未解除或解除"), "code"),
    ),
    build=_churn,
    foots=_opened_or_cleared,
    picture=Picture("timeline", "raised_on", "account", Label("Churn warnings", "流失预警"), "reasons"),
    rules=("CORE-60",),
)
