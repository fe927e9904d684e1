"""Service standard 服务规范检查表: checks of stores, clause counts and scores (RET-56)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi_retail.reporting import option, percent
from guanxi_retail.store.metrics import ratio
from guanxi_retail.store.read_models import checks, standards
from guanxi_retail.store.streams import store_of


@attrs.frozen
class StandardParameters:
    """Which store."""

    outlet: str | None = option(None, Label("one store; all if not given", "门店，默认全部"))


def _build(reader: Reader, parameters: StandardParameters, asked: Asked) -> Content:
    versions = {(stream, row.version): row for stream, row in reader.rows(standards)}
    rows: list[tuple[Any, ...]] = []
    for stream, check in reader.rows(checks):
        outlet = store_of(stream)
        if parameters.outlet not in (None, outlet):
            continue
        standard = versions.get((stream, check.version))
        rows.append(
            (
                outlet,
                check.check,
                check.checked_on,
                check.version,
                0 if standard is None else standard.clauses,
                check.met,
                check.not_met,
                check.not_applicable,
                percent(ratio(check.met, check.met + check.not_met)),
                None if standard is None else standard.theme,
            )
        )
    return Content(sorted(rows, key=lambda row: (row[0], row[2], row[1])))


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        if sum(row[5:8]) != row[4]:
            yield f"{row[1]}: {sum(row[5:8])} clauses are answered, and there are {row[4]}"


service_standard = Report(
    name="retail.service_standard",
    title=Label("Service standard", "服务规范检查表"),
    reads=(standards, checks),
    columns=(
        Column("outlet", Label("Store", "门店")),
        Column("check", Label("Check", "检查")),
        Column("checked_on", Label("Checked on", "检查日期"), "date"),
        Column("version", Label("Version", "版本"), "integer"),
        Column("clauses", Label("Clauses", "款数"), "integer"),
        Column("met", Label("Met", "符合"), "integer"),
        Column("not_met", Label("Not met", "不符合"), "integer"),
        Column("not_applicable", Label("Not applicable", "不适用"), "integer"),
        Column("score", Label("Score", "得分"), "percent"),
        Column("theme", Label("Theme of the year", "年度主题")),
    ),
    build=_build,
    parameters=StandardParameters,
    foots=_foots,
    picture=Picture("lines", x="checked_on", y="outlet", value="score", title=Label("Scores", "得分走势")),
    rules=("RET-56",),
)
