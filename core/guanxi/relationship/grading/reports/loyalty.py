"""Report 5: what loyalty is measured by, and the index where it is on (CORE-59)."""

from __future__ import annotations

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.kernel.runs.record import run_register
from guanxi.relationship.grading.loyalty import inputs_by_stream, loyalty
from guanxi.relationship.grading.measures import (
    values,
)
from guanxi.relationship.grading.members import members, members_of
from guanxi.relationship.grading.reports.shared import (
    ACCOUNT,
)
from guanxi.relationship.grading.runs import loyalty_run


def _loyalty(reader: Reader, parameters: None, asked: Asked) -> Content:
    account, run = members_of(reader), loyalty_run.in_force(reader, asked)
    rows = []
    for stream, own in inputs_by_stream(reader, asked).items():
        line = None if run is None else run.lines.get(stream)
        sole = None if own.sole_use is None else str(own.sole_use)
        index = None if line is None else line.index
        rows.append((account[stream], own.months, own.quantity, own.hours, sole, index))
    notes = [] if run is None else [(Label("Index of the run", "指数来源"), run.id)]
    return Content(sorted(rows), notes=notes)


loyalty_report = Report(
    name="core.loyalty_inputs",
    title=Label("Loyalty", "忠诚度"),
    reads=(members, values, loyalty, run_register, loyalty_run.lines),
    columns=(
        ACCOUNT,
        Column("months", Label("Months of relationship", "关系月数"), "integer"),
        Column("quantity", Label("Quantity consumed", "消费量"), "decimal"),
        Column("hours", Label("Hours of service", "服务小时"), "decimal"),
        Column("sole_use", Label("Sole use of our product", "独家使用"), "code"),
        Column("index", Label("Index", "指数"), "decimal"),
    ),
    build=_loyalty,
    picture=Picture("scatter", "months", "quantity", Label("Loyalty", "忠诚度")),
    rules=("CORE-59",),
)
