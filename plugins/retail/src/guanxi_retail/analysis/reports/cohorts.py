"""Cohort retention: who of the customers won in a month buys again in the months after (RET-45)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import attrs

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi_retail.analysis.measures import Cohort, CohortTable, cohort_retention
from guanxi_retail.analysis.population import population
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import CUSTOMERS, currency_option, option, percent


@attrs.frozen
class CohortsParameters:
    """How the cohorts are laid out."""

    view: Literal["triangle", "long"] = option(
        "triangle", Label("triangle, a column per month after; or long, a row each", "三角表或长表")
    )
    show: Literal["percent", "count"] = option(
        "percent", Label("what the triangle shows: percent or count", "三角表内容：比例或人数")
    )
    months: int | None = option(
        12, Label("how many months after; none for all", "展示的后续月数，none 为全部")
    )
    currency: str | None = currency_option()


COHORT = Column("cohort", Label("Cohort", "同期群"))
SIZE = Column("size", Label("Size", "人数"), "integer")
LONG = (
    COHORT,
    Column("k", Label("Months after", "后续月"), "integer"),
    CUSTOMERS,
    Column("percent", Label("Percent", "留存率"), "percent"),
)
OBSERVED = Label("months after, observed", "可观察后续月数")
PICTURE = Picture(
    "heatmap", x="k", y="cohort", value="percent", title=Label("Customers who bought again", "同期群留存率")
)


def _build(reader: Reader, parameters: CohortsParameters, asked: Asked) -> Content:
    people = population(reader, asked, parameters.currency)
    found = cohort_retention(people.histories, asked.day)
    whole = [row for cohort in found.cohorts for row in _long(cohort)]
    rows = [row for row in whole if parameters.months is None or row[1] <= parameters.months]
    # At k = 0 everybody is there; its 100 % would drown the rest.
    drawing = Drawing(PICTURE, LONG, [row for row in rows if row[1] > 0])
    trouble = _trouble(found, len(people.histories))
    observed = max((row[1] for row in whole), default=0)
    notes = [*people.notes(), (OBSERVED, f"{observed}")]
    if parameters.view == "long":
        return Content(rows, notes, LONG, drawing, trouble)
    last = max((row[1] for row in rows), default=0)
    columns = (COHORT, SIZE, *(_month(k, parameters.show) for k in range(1, last + 1)))
    shown = [_across(cohort, last, parameters.show) for cohort in found.cohorts]
    return Content(shown, notes, columns, drawing, trouble)


def _long(cohort: Cohort) -> Iterator[tuple[Any, ...]]:
    for k, active in enumerate(cohort.active):
        yield f"{cohort.month:%Y-%m}", k, active, percent(cohort.retention(k))


def _across(cohort: Cohort, last: int, show: str) -> tuple[Any, ...]:
    months = range(1, last + 1)
    cells = (cohort.active[k] if show == "count" else percent(cohort.retention(k)) for k in months)
    return (f"{cohort.month:%Y-%m}", cohort.size, *cells)


def _month(k: int, show: str) -> Column:
    label = Label(f"+{k}", f"+{k}")
    return Column(f"k{k}", label, "integer") if show == "count" else Column(f"k{k}", label, "percent", 1)


def _trouble(found: CohortTable, customers: int) -> list[str]:
    trouble = [
        f"{cohort.month:%Y-%m}: k = 0 is not its size"
        for cohort in found.cohorts
        if cohort.active[0] != cohort.size
    ]
    return trouble if sum(c.size for c in found.cohorts) == customers else [*trouble, "Σ cohorts is not N"]


cohorts = Report(
    name="retail.cohorts",
    title=Label("Cohort retention", "同期群留存"),
    reads=(files, receipts),
    columns=LONG,
    build=_build,
    parameters=CohortsParameters,
    picture=PICTURE,
    rules=("RET-45",),
)
