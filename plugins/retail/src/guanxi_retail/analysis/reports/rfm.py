"""RFM scores: how many customers stand in which cell of recency and frequency, and what they are worth (RET-44)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import attrs

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi_retail.analysis.measures import RfmResult, RfmVariant, measure_all, score
from guanxi_retail.analysis.population import population
from guanxi_retail.analysis.rules import RfmRules
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import ACCOUNT, CUSTOMERS, Note, currency_option, option, rounded, top_option


@attrs.frozen
class RfmParameters:
    """How scores are cut, and what is shown of them."""

    variant: Literal["independent", "nested", "fixed"] = option(
        "independent",
        Label("how scores are cut: independent, nested or fixed", "评分方式：独立、嵌套或固定区间"),
    )
    view: Literal["grid", "customers"] = option("grid", Label("grid or customers", "矩阵或客户清单"))
    top: int | None = top_option()
    currency: str | None = currency_option()


R = Column("r", Label("Recency (R)", "最近度 R"), "integer")
F = Column("f", Label("Frequency (F)", "频度 F"), "integer")
M = Column("m", Label("Money (M)", "金额 M"), "integer")

GRID = (R, F, CUSTOMERS, Column("mean_m", Label("Mean net value", "平均净消费额"), "decimal"))
LIST = (
    ACCOUNT,
    Column("recency", Label("Days since last", "距今天数"), "integer"),
    Column("frequency", Label("Purchase days", "购买日数"), "integer"),
    Column("monetary", Label("Net value", "净消费额"), "decimal"),
    R,
    F,
    M,
    Column("cell", Label("Cell", "单元")),
)

VARIANT = Label("variant", "评分方式")
CONTROL = Label("control sums N, ΣF, ΣM", "控制数 N、ΣF、ΣM")
USED = Label("cells in use", "有客户的单元数")


def _build(reader: Reader, parameters: RfmParameters, asked: Asked) -> Content:
    people = population(reader, asked, parameters.currency)
    result = score(
        measure_all(people.histories, asked.day),
        RfmVariant(parameters.variant),
        asked.day,
        asked.rules(RfmRules).parameters(),
    )
    notes = [(VARIANT, parameters.variant), *people.notes(), *_control(result)]
    if parameters.view == "customers":
        return Content(_list(result)[: parameters.top], notes, LIST, Drawing())
    rows = _grid(result)
    trouble = [] if sum(row[2] for row in rows) == len(people.histories) else ["Σ cells is not N"]
    return Content(rows, notes, trouble=trouble)


def _control(result: RfmResult) -> list[Note]:
    n, frequency, monetary = result.control_sums()
    return [(CONTROL, f"{n:,}; {frequency:,}; {monetary:,}"), (USED, f"{len(result.cells()):,}")]


def _grid(result: RfmResult) -> list[tuple[Any, ...]]:
    """Return every cell of the grid, the best first; one without customers has no mean."""
    cells: defaultdict[tuple[int, int], list[Decimal]] = defaultdict(list)
    for one, measured in zip(result.scores, result.measures, strict=True):
        cells[one.r, one.f].append(measured.monetary)
    scores = range(result.parameters.groups, 0, -1)
    return [(r, f, len(cells[r, f]), _mean(cells[r, f])) for r in scores for f in scores]


def _mean(values: list[Decimal]) -> Decimal | None:
    return rounded(Fraction(sum(values, Decimal(0))) / len(values)) if values else None


def _list(result: RfmResult) -> list[tuple[Any, ...]]:
    """Return everybody with measures and scores, the best cell first."""
    rows = [
        (m.customer, m.recency, m.frequency, m.monetary, s.r, s.f, s.m, s.cell)
        for m, s in zip(result.measures, result.scores, strict=True)
    ]
    return sorted(rows, key=lambda row: (-row[4], -row[5], -row[6], row[0]))


rfm = Report(
    name="retail.rfm",
    title=Label("RFM", "RFM 矩阵"),
    reads=(files, receipts),
    columns=GRID,
    build=_build,
    parameters=RfmParameters,
    picture=Picture(
        "heatmap", x="f", y="r", value="customers", title=Label("Customers by R and F", "各 R×F 单元客户数")
    ),
    rules=("RET-44",),
)
