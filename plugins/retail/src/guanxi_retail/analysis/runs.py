"""Runs of retail: RFM scores and spend classes that are published, and stand until the next run (RET-60)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

import attrs

from guanxi import Asked, Label, Population, Reader, Run, column
from guanxi.relationship import files
from guanxi.relationship.dealings.read_models import costs
from guanxi_retail.analysis.costs import costs_by_stream
from guanxi_retail.analysis.measures import (
    CustomerOccasions,
    RfmVariant,
    classing_period,
    measure_all,
    score,
    spend_class,
)
from guanxi_retail.analysis.population import population
from guanxi_retail.analysis.rules import RfmRules, SpendClassRules
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import account_of, currency_option, option


@attrs.frozen
class RfmRunParameters:
    """How scores are cut, and in which currency."""

    variant: Literal["independent", "nested", "fixed"] = option(
        "independent",
        Label("how scores are cut: independent, nested or fixed", "评分方式：独立、嵌套或固定区间"),
    )
    currency: str | None = currency_option()


@attrs.frozen
class RfmLine:
    """A member's scores, and what they were drawn from."""

    cell: str
    r: int
    f: int
    m: int
    recency: int
    frequency: int
    monetary: Decimal = column(scale=2)  # noqa: RUF009 - an attrs field, not a default


@attrs.frozen
class SpendClassRunParameters:
    """In which currency spend is classed."""

    currency: str | None = currency_option()


@attrs.frozen
class SpendClassLine:
    """A member's class, and what it was drawn from: net spend, or what of it cost left (RET-27)."""

    spend_class: str
    spend: Decimal = column(scale=2)  # noqa: RUF009 - an attrs field, not a default


def _rfm_population(reader: Reader, parameters: RfmRunParameters, asked: Asked) -> Population:
    days, net = counted(reader, asked, parameters.currency)
    controls: dict[str, Decimal | int] = {
        "frequency": sum(len(d) for d in days.values()),
        "monetary": sum(net.values(), Decimal(0)),
    }
    return Population(days.keys(), controls)


def _rfm(reader: Reader, parameters: RfmRunParameters, asked: Asked) -> Iterator[tuple[str, RfmLine]]:
    people = population(reader, asked, parameters.currency)
    rules = asked.rules(RfmRules).parameters()
    result = score(measure_all(people.histories, asked.day), RfmVariant(parameters.variant), asked.day, rules)
    streams = stream_of(reader)
    for measured, scored in zip(result.measures, result.scores, strict=True):
        yield (
            streams(measured.customer),
            RfmLine(
                cell=scored.cell,
                r=scored.r,
                f=scored.f,
                m=scored.m,
                recency=measured.recency,
                frequency=measured.frequency,
                monetary=measured.monetary,
            ),
        )


def _spend_population(reader: Reader, parameters: SpendClassRunParameters, asked: Asked) -> Population:
    rules = asked.rules(SpendClassRules).parameters()
    first, last = classing_period(asked.day, rules)
    everybody, _ = counted(reader, asked, parameters.currency)
    _, net = counted(reader, asked, parameters.currency, first, last)
    cost = costs_by_stream(reader, rules, parameters.currency, first, last)
    spent = sum(net.values(), Decimal(0)) - sum((cost.get(s, Decimal(0)) for s in everybody), Decimal(0))
    return Population(everybody.keys(), {"spend": spent})


def _spend_classes(
    reader: Reader, parameters: SpendClassRunParameters, asked: Asked
) -> Iterator[tuple[str, SpendClassLine]]:
    people = population(reader, asked, parameters.currency)
    rules = asked.rules(SpendClassRules).parameters()
    first, last = classing_period(asked.day, rules)
    cost = costs_by_stream(reader, rules, parameters.currency, first, last)
    streams = stream_of(reader)
    history: CustomerOccasions
    for history in people.histories:
        stream = streams(history.customer)
        amount = history.value_between(first, last) - cost.get(stream, Decimal(0))
        yield stream, SpendClassLine(spend_class=spend_class(amount, rules).code, spend=amount)


def counted(
    reader: Reader,
    asked: Asked,
    currency: str | None,
    first: date = date.min,
    last: date = date.max,
) -> tuple[dict[str, set[date]], dict[str, Decimal]]:
    """Return purchase days and net spend by stream straight from the receipts, as the run's control sums."""
    days: dict[str, set[date]] = {}
    net: dict[str, Decimal] = {}
    for stream, row in reader.rows(receipts):
        if row.day is None or currency not in (None, row.currency):
            continue
        if row.day <= asked.day and first <= row.day <= last:
            days.setdefault(stream, set()).add(row.day)
            net[stream] = net.get(stream, Decimal(0)) + row.paid - row.refunded
    return days, net


def stream_of(reader: Reader) -> Callable[[str], str]:
    """Return what tells the stream of an account number; the other way round than reports ask."""
    account = account_of(reader)
    streams = {account(stream): stream for stream, _ in reader.rows(receipts)}
    return lambda number: streams[number]


rfm_run: Run[RfmLine] = Run(
    "retail.rfm",
    RfmLine,
    title=Label("RFM scores", "RFM 评分"),
    reads=(files, receipts),
    population=_rfm_population,
    judge=_rfm,
    parameters=RfmRunParameters,
    counted="cell",
    rules=("RET-44", "RET-60"),
)

spend_class_run: Run[SpendClassLine] = Run(
    "retail.spend_class",
    SpendClassLine,
    title=Label("Spend classes", "客户分类"),
    reads=(files, receipts, costs),
    population=_spend_population,
    judge=_spend_classes,
    parameters=SpendClassRunParameters,
    counted="spend_class",
    rules=("RET-27", "RET-60"),
)

RUNS = (rfm_run, spend_class_run)
