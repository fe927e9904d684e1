"""The sales forecast: amount times probability of what is open by month and stage, and what is due to be replenished (CORE-24, CORE-47)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.kernel.times import add_months
from guanxi.relationship.care.customers import customers as cared_for
from guanxi.relationship.care.replenishment import SUPPLY, number_of, supply_of
from guanxi.relationship.care.rules import ReplenishmentRules
from guanxi.relationship.pipeline.read_models import customer_rows, opportunity_rows
from guanxi.relationship.pipeline.reports._common import (
    CURRENCY,
    currency_option,
    customers_of,
    one_currency,
    option,
    rounded,
    section_option,
)
from guanxi.relationship.pipeline.rules import PipelineRules

OVERDUE, LATER, UNDATED = "overdue", "later", "undated"


@attrs.frozen
class ForecastParameters:
    """How far ahead, and whose opportunities."""

    months: int = option(12, "months ahead, the cut's included", "预测月数（含截止月）")
    assignee: str | None = option(None, "only those of one person; all if not given", "仅限某人，默认全部")
    section: str | None = section_option()
    currency: str | None = currency_option()


@attrs.frozen
class ReplenishmentParameters:
    """How far ahead, and whose stock."""

    months: int = option(12, "months ahead, the cut's included", "预测月数（含截止月）")
    section: str | None = section_option()


def _build(reader: Reader, parameters: ForecastParameters, asked: Asked) -> Content:
    rules = asked.rules(PipelineRules)
    wanted = [
        row
        for _, row in customers_of(reader, parameters.section).rows(reader, opportunity_rows)
        if row.closed_at is None
        and row.opened_at is not None
        and parameters.assignee in (None, row.assignee)
        and parameters.currency in (None, row.currency)
    ]
    currency = one_currency({r.currency for r in wanted if r.currency is not None}, parameters.currency)
    cells: defaultdict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for row in wanted:
        cells[_month(row.expected_on, asked, parameters.months), row.stage].append(row.amount or Decimal(0))
    order = {OVERDUE: 0, LATER: 2, UNDATED: 3}
    places = [*rules.stages, *rules.stages_on_hold]
    rows: list[tuple[Any, ...]] = []
    for month, stage in sorted(cells, key=lambda c: (order.get(c[0], 1), c[0], _place(c[1], places), c[1])):
        amount = sum(cells[month, stage], Decimal(0))
        weighted = rounded(Fraction(amount) * Fraction(rules.probability(stage)) / 100)
        rows.append((month, stage, len(cells[month, stage]), rounded(amount), weighted))
    pipeline = sum((row.amount or Decimal(0) for row in wanted), Decimal(0))
    trouble = (
        [] if sum((r[3] for r in rows), Decimal(0)) == rounded(pipeline) else ["Σ stages is not the pipeline"]
    )
    notes = [
        (Label("pipeline", "商机总额"), f"{rounded(pipeline):,}"),
        (Label("weighted", "加权总额"), f"{sum((r[4] for r in rows), Decimal(0)):,}"),
        (CURRENCY, currency or "-"),
    ]
    return Content(rows, notes, drawing=_drawing(rows), trouble=trouble)


_REPLENISHED = (
    Column("month", Label("Due in", "应补月份"), "code"),
    Column("customers", Label("Customers", "客户数"), "integer"),
    Column("quantity", Label("Quantity due", "应补数量"), "decimal"),
)


def _replenished(reader: Reader, parameters: ReplenishmentParameters, asked: Asked) -> Content:
    """Return how many customers run out in each month, and how much they use in one (CORE-47)."""
    rules, wanted = asked.rules(ReplenishmentRules), customers_of(reader, parameters.section)
    due: defaultdict[str, list[Fraction]] = defaultdict(list)
    uses: dict[str, Fraction] = {}
    for one in cared_for(reader, asked):
        if one.stream in wanted.left_out or not one.is_open(asked.as_of):
            continue
        runs_out = supply_of(one, asked).runs_out
        use = number_of(one.profile(rules.use_field, asked.as_of))
        if runs_out is not None and use is not None:
            due[_month(runs_out, asked, parameters.months)].append(use)
            uses[one.stream] = use
    order = {OVERDUE: 0, LATER: 2}
    rows = [
        (month, len(due[month]), rounded(sum(due[month], Fraction(0))))
        for month in sorted(due, key=lambda m: (order.get(m, 1), m))
    ]
    trouble = [] if sum(r[1] for r in rows) == len(uses) else ["Σ months is not the customers that run out"]
    notes = [
        (Label("customers", "客户数"), str(len(uses))),
        (Label("quantity due", "应补数量"), str(rounded(sum(uses.values(), Fraction(0))))),
    ]
    return Content(rows, notes, trouble=trouble)


def _drawing(rows: Sequence[tuple[Any, ...]]) -> Drawing:
    """Return every stage in every month, nothing where there is nothing: an area begins and ends where it does."""
    months, stages = (dict.fromkeys(row[at] for row in rows) for at in (0, 1))
    weighted = {row[:2]: row[4] for row in rows}
    drawn = [(m, s, weighted.get((m, s), Decimal(0))) for m in months for s in stages]
    return Drawing(forecast.picture, (*forecast.columns[:2], forecast.columns[4]), drawn)


def _place(stage: str, places: list[str]) -> int:
    return places.index(stage) if stage in places else len(places)


def _month(expected: date | None, asked: Asked, months: int) -> str:
    if expected is None:
        return UNDATED
    first = asked.day.replace(day=1)
    if expected < asked.day:
        return OVERDUE
    return LATER if expected >= add_months(first, months) else f"{expected:%Y-%m}"


forecast = Report(
    name="core.sales_forecast",
    title=Label("Sales forecast", "销售预估"),
    reads=(customer_rows, opportunity_rows),
    columns=(
        Column("month", Label("Expected in", "预计月份"), "code"),
        Column("stage", Label("Stage", "阶段"), "code"),
        Column("count", Label("Opportunities", "商机数"), "integer"),
        Column("amount", Label("Amount", "金额"), "decimal"),
        Column("weighted", Label("Weighted", "加权金额"), "decimal"),
    ),
    build=_build,
    parameters=ForecastParameters,
    picture=Picture(
        "stacked_area",
        x="month",
        y="stage",
        value="weighted",
        title=Label("Weighted amount by month", "各月加权金额"),
    ),
    rules=("CORE-24",),
)

replenishment_forecast = Report(
    name="core.replenishment_forecast",
    title=Label("Replenishment due", "补货预估"),
    reads=(customer_rows, *SUPPLY),
    columns=_REPLENISHED,
    build=_replenished,
    parameters=ReplenishmentParameters,
    picture=Picture("bars", "month", "quantity", Label("Quantity due by month", "各月应补数量")),
    rules=("CORE-47",),
)
