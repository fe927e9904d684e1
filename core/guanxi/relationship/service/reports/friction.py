"""Friction for each hundred orders, with the losses of the same month beside it."""

from __future__ import annotations

from collections import Counter

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.service.figures import percent
from guanxi.relationship.service.read_models.friction import (
    COMPLAINT,
    DISPUTE,
    JOINED,
    LEFT,
    OPT_OUT,
    ORDER,
    RETURN,
    friction_rows,
)
from guanxi.relationship.service.reports.periods import Period, counted, days_of, month_of, share

_FRICTION = (COMPLAINT, RETURN, DISPUTE, OPT_OUT)


def _friction(reader: Reader, parameters: Period, asked: Asked) -> Content:
    count: Counter[tuple[str, str]] = Counter()
    for _, row in reader.rows(friction_rows):
        count[row.month, row.kind] += row.number
    rows = []
    for days in days_of(parameters.since, parameters.until, asked).months():
        month = month_of(days.first)
        parts = [count[month, kind] for kind in _FRICTION]
        before = sum(
            n if kind == JOINED else -n
            for (when, kind), n in count.items()
            if when < month and kind in (JOINED, LEFT)
        )
        rows.append(
            (
                month,
                count[month, ORDER],
                *parts,
                percent(sum(parts), count[month, ORDER]),
                before,
                count[month, LEFT],
                percent(count[month, LEFT], before),
            )
        )
    return Content(rows)


friction = Report(
    name="core.friction",
    title=Label("Customer friction", "客户摩擦"),
    reads=(friction_rows,),
    columns=(
        Column("month", Label("Month", "月份")),
        counted("orders", "Orders", "订单"),
        counted("complaints", "Complaints", "投诉"),
        counted("returns", "Returns", "退货"),
        counted("disputes", "Disputes", "索赔争议"),
        counted("opt_outs", "Opt-outs", "拒绝联系"),
        Column("friction", Label("Friction per 100 orders", "每百单摩擦"), "decimal", 1),
        counted("customers", "Customers at the start", "期初客户"),
        counted("lost", "Lost", "流失"),
        share("churn", "Churn", "流失率"),
    ),
    build=_friction,
    parameters=Period,
    picture=Picture("lines", "month", "friction", Label("Friction per 100 orders", "每百单摩擦")),
    rules=("CORE-34", "CORE-61"),
)

REPORTS = (friction,)
