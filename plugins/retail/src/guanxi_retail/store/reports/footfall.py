"""Footfall 客流: persons per minute at each entrance (RET-34)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi_retail.reporting import rounded
from guanxi_retail.store.metrics import per_minute
from guanxi_retail.store.read_models import footfall
from guanxi_retail.store.reports._period import MONTH_NOTE, StoreMonthParameters, asked_month, month_of

_SECOND = timedelta(seconds=1)


def _build(reader: Reader, parameters: StoreMonthParameters, asked: Asked) -> Content:
    first, last = asked_month(parameters, asked)
    sums: dict[tuple[str, str], list[int]] = {}
    for _, row in reader.rows(footfall):
        if row.ends is None or parameters.outlet not in (None, row.outlet):
            continue
        if first <= asked.day_of(row.begins) <= last:
            entry = sums.setdefault((row.outlet, row.entrance), [0, 0])
            entry[0] += row.persons
            entry[1] += (row.ends - row.begins) // _SECOND
    rows: list[tuple[Any, ...]] = []
    for (outlet, entrance), (persons, seconds) in sorted(sums.items()):
        rate = per_minute(persons, seconds)
        rows.append((outlet, entrance, persons, None if rate is None else rounded(rate)))
    return Content(rows, [(MONTH_NOTE, month_of(first))])


footfall_report = Report(
    name="retail.footfall",
    title=Label("Footfall", "客流表"),
    reads=(footfall,),
    columns=(
        Column("outlet", Label("Store", "门店")),
        Column("entrance", Label("Entrance", "入口")),
        Column("persons", Label("Persons", "人数"), "integer"),
        Column("per_minute", Label("Per minute", "每分钟"), "decimal"),
    ),
    build=_build,
    parameters=StoreMonthParameters,
    picture=Picture("bars", x="entrance", y="per_minute", title=Label("Persons per minute", "每分钟人数")),
    rules=("RET-34",),
)
