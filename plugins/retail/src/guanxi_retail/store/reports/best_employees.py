"""Best employees 最佳员工: who was chosen, and how often in the year, the yardstick of the annual award (RET-35)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi_retail.store.read_models import best_employees
from guanxi_retail.store.reports.standard import StandardParameters
from guanxi_retail.store.streams import store_of


def _build(reader: Reader, parameters: StandardParameters, asked: Asked) -> Content:
    wins: Counter[tuple[str, int, str]] = Counter()
    for stream, row in reader.rows(best_employees):
        if parameters.outlet in (None, store_of(stream)):
            wins[store_of(stream), row.fortnight.year, row.employee] += 1
    rows: list[tuple[Any, ...]] = [
        (outlet, str(year), employee, n) for (outlet, year, employee), n in wins.items()
    ]
    return Content(sorted(rows, key=lambda row: (row[0], row[1], -row[3], row[2])))


best_employees_report = Report(
    name="retail.best_employees",
    title=Label("Best employees", "最佳员工表"),
    reads=(best_employees,),
    columns=(
        Column("outlet", Label("Store", "门店")),
        Column("year", Label("Year", "年度")),
        Column("employee", Label("Employee", "员工")),
        Column("wins", Label("Times chosen", "当选次数"), "integer"),
    ),
    build=_build,
    parameters=StandardParameters,
    picture=Picture("bars", x="employee", y="wins", title=Label("Times chosen", "当选次数")),
    rules=("RET-35",),
)
