"""Why customers bought no longer; why they came is the core's to count (RET-48)."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import attrs

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi_retail.analysis.exits import exits
from guanxi_retail.reporting import option, shares


@attrs.frozen
class ExitParameters:
    """Since when reasons are counted."""

    since: date | None = option(  # noqa: RUF009 - an attrs field
        None, Label("first day; the beginning if not given", "起始日，默认最早")
    )


def _build(reader: Reader, parameters: ExitParameters, asked: Asked) -> Content:
    counts: Counter[str] = Counter()
    for _, row in reader.rows(exits):
        if (parameters.since or date.min) <= row.day <= asked.day:
            counts[row.reason_code] += row.count
    found = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    parts = shares([Decimal(count) for _, count in found])
    rows = [(code, count, part) for (code, count), part in zip(found, parts, strict=True)]
    total = sum(part for part in parts if part is not None)
    trouble = [] if not rows or total == 100 else [f"Σ shares is {total}, not 100"]
    return Content(rows, [(Label("told", "记录数"), f"{sum(counts.values()):,}")], trouble=trouble)


exit_reasons = Report(
    name="retail.exit_reasons",
    title=Label("Exit reasons", "流失原因"),
    reads=(exits,),
    columns=(
        Column("reason_code", Label("Reason", "原因"), "code"),
        Column("count", Label("Customers", "客户数"), "integer"),
        Column("share", Label("Share", "占比"), "percent", 2),
    ),
    build=_build,
    parameters=ExitParameters,
    picture=Picture("bars", x="reason_code", y="count", title=Label("Reasons", "原因")),
    rules=("RET-48",),
)
