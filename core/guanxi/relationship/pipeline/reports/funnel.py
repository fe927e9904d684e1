"""The funnel: what entered and left each stage in a period, and what stands in it at its end (CORE-24)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.pipeline.read_models import (
    OpportunityRow,
    contract_rows,
    customer_rows,
    lead_rows,
    opportunity_rows,
)
from guanxi.relationship.pipeline.reports._common import (
    CURRENCY,
    Customers,
    begins,
    currency_option,
    customers_of,
    median,
    one_currency,
    option,
    rounded,
    section_option,
    since_option,
)
from guanxi.relationship.pipeline.rules import LOST, WON, PipelineRules
from guanxi.relationship.ratios import percent

NOTHING = Decimal(0)


@attrs.frozen
class FunnelParameters:
    """Which period, and whose opportunities."""

    since: date | None = since_option()  # noqa: RUF009 - an attrs field, not a default
    assignee: str | None = option(None, "only those of one person; all if not given", "仅限某人，默认全部")
    section: str | None = section_option()
    currency: str | None = currency_option()


@attrs.frozen
class _Stay:
    """One stay of an opportunity in a stage."""

    stage: str
    entered: datetime
    left: datetime | None
    following: str | None


@attrs.define
class _Stage:
    """A stage's figures."""

    opening: int = 0
    entered: int = 0
    left: int = 0
    moved_on: int = 0
    count: int = 0
    amount: Decimal = NOTHING
    weighted: Decimal = NOTHING
    days: list[int] = attrs.field(factory=list)


def stays(row: OpportunityRow, asked: Asked) -> Iterator[_Stay]:
    """Yield an opportunity's stays in its stages up to the cut.

    Args:
        row: the opportunity.
        asked: the cut.
    """
    tz = asked.as_of.tzinfo
    steps = [(stage, at.astimezone(tz)) for stage, at in row.stays() if at <= asked.as_of]
    ends: list[tuple[str | None, datetime | None]] = [*steps[1:], (None, None)]
    for (stage, entered), (following, left) in zip(steps, ends, strict=True):
        yield _Stay(stage, entered, left, following)


def _build(reader: Reader, parameters: FunnelParameters, asked: Asked) -> Content:
    rules, since = asked.rules(PipelineRules), begins(parameters.since, asked)
    customers = customers_of(reader, parameters.section)
    wanted = [
        (stream, row)
        for stream, row in customers.rows(reader, opportunity_rows)
        if parameters.assignee in (None, row.assignee) and parameters.currency in (None, row.currency)
    ]
    currency = one_currency({r.currency for _, r in wanted if r.currency is not None}, parameters.currency)
    order = [*rules.stages, *rules.stages_on_hold, WON, LOST]
    figures: dict[str, _Stage] = {stage: _Stage() for stage in order}
    for _, row in wanted:
        for stay in stays(row, asked):
            stage = figures.setdefault(stay.stage, _Stage())
            _count(stage, stay, since, rules)
            if stay.left is None:
                amount = row.amount or NOTHING
                stage.amount += amount
                stage.weighted += amount * rules.probability(stay.stage) / 100
    rows = [_row(name, stage, rules) for name, stage in figures.items()]
    return Content(rows, [*_notes(reader, customers, wanted, since, asked), (CURRENCY, currency or "-")])


def _count(stage: _Stage, stay: _Stay, since: datetime, rules: PipelineRules) -> None:
    before = stay.entered < since
    if before and (stay.left is None or stay.left >= since):
        stage.opening += 1
    if not before:
        stage.entered += 1
        stage.moved_on += _forward(stay, rules)
    if stay.left is None:
        stage.count += 1
    elif stay.left >= since:
        stage.left += 1
        stage.days.append((stay.left.date() - stay.entered.date()).days)


def _forward(stay: _Stay, rules: PipelineRules) -> bool:
    """Whether the next stage lies further on; one that is on hold, lost or further back does not."""
    if stay.following is None or stay.stage in (WON, LOST):
        return False
    return stay.following == WON or rules.place(stay.following) > rules.place(stay.stage)


def _row(name: str, stage: _Stage, rules: PipelineRules) -> tuple[Any, ...]:
    return (
        name,
        rules.type_of(name),
        stage.count,
        rounded(stage.amount),
        rounded(stage.weighted),
        stage.opening,
        stage.entered,
        stage.left,
        stage.count,
        percent(stage.moved_on, stage.entered),
        median(stage.days),
    )


def _notes(
    reader: Reader,
    customers: Customers,
    wanted: Sequence[tuple[str, OpportunityRow]],
    since: datetime,
    asked: Asked,
) -> Iterator[tuple[Label, str]]:
    """Yield customer conversion and deal cycle."""
    recorded = {
        (stream, row.lead): row.recorded_at
        for stream, row in customers.rows(reader, lead_rows)
        if row.recorded_at is not None
    }
    prospects = {s for s, _ in recorded} | {s for s, _ in wanted}
    first_won: dict[str, datetime] = {}
    for stream, row in wanted:
        for stay in stays(row, asked):
            if stay.stage == WON and (stream not in first_won or stay.entered < first_won[stream]):
                first_won[stream] = stay.entered
    firsts = sum(at >= since for at in first_won.values())
    conversion = percent(firsts, sum(first_won.get(s, since) >= since for s in prospects))
    leads_of = {(stream, row.opportunity): row.lead for stream, row in wanted}
    cycles = []
    for stream, contract in customers.rows(reader, contract_rows):
        begun = recorded.get((stream, leads_of.get((stream, contract.opportunity or "")) or ""))
        if (
            begun is not None
            and contract.signed_at is not None
            and since <= contract.signed_at <= asked.as_of
        ):
            tz = asked.as_of.tzinfo
            cycles.append((contract.signed_at.astimezone(tz).date() - begun.astimezone(tz).date()).days)
    cycle = median(cycles)
    yield CONVERSION, "-" if conversion is None else f"{conversion} %"
    yield CYCLE, "-" if cycle is None else f"{cycle}"


CONVERSION = Label("customer conversion (first deals ÷ prospects)", "客户转化率（首单客户÷潜在客户）")
CYCLE = Label("deal cycle (median days from lead to contract)", "成交周期（线索至合同天数中位数）")


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for stage, _, _, _, _, opening, entered, left, closing, *_ in rows:
        if opening + entered - left != closing:
            yield f"{stage}: opening + entered - left is not its closing"


funnel = Report(
    name="core.funnel",
    title=Label("Sales funnel", "销售漏斗"),
    reads=(customer_rows, lead_rows, opportunity_rows, contract_rows),
    columns=(
        Column("stage", Label("Stage", "阶段"), "code"),
        Column("type", Label("Type", "阶段类型"), "code"),
        Column("count", Label("Opportunities", "商机数"), "integer"),
        Column("amount", Label("Amount", "金额"), "decimal"),
        Column("weighted", Label("Weighted", "加权金额"), "decimal"),
        Column("opening", Label("Opening", "期初"), "integer"),
        Column("entered", Label("Entered", "进入"), "integer"),
        Column("left", Label("Left", "离开"), "integer"),
        Column("closing", Label("Closing", "期末"), "integer"),
        Column("conversion", Label("Conversion", "转化率"), "percent"),
        Column("median_days", Label("Median days", "停留天数中位数"), "decimal", 1),
    ),
    build=_build,
    parameters=FunnelParameters,
    foots=_foots,
    picture=Picture("funnel", x="stage", y="count", title=Label("Opportunities by stage", "各阶段商机数")),
    rules=("CORE-24",),
)
