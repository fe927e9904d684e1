"""ABC classes by money, published by a run: the core's cut over retail's purchases (CORE-56, RET-60)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import attrs

from guanxi import Asked, Label, Population, Reader, Run, column
from guanxi.relationship import files
from guanxi.relationship.grading.classing import abc
from guanxi.relationship.grading.rules import ConcentrationRules
from guanxi_retail.analysis.population import population
from guanxi_retail.analysis.runs import counted, stream_of
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import currency_option


@attrs.frozen
class AbcRunParameters:
    """In which currency spend is ranked."""

    currency: str | None = currency_option()


@attrs.frozen
class AbcLine:
    """A member's class, and the spend by which he was ranked."""

    grade: str
    spend: Decimal = column(scale=2)  # noqa: RUF009 - an attrs field, not a default


def _population(reader: Reader, parameters: AbcRunParameters, asked: Asked) -> Population:
    days, net = counted(reader, asked, parameters.currency)
    return Population(days.keys(), {"spend": sum(net.values(), Decimal(0))})


def _judge(reader: Reader, parameters: AbcRunParameters, asked: Asked) -> Iterator[tuple[str, AbcLine]]:
    histories = population(reader, asked, parameters.currency).histories
    spent = {history.customer: history.value for history in histories}
    streams = stream_of(reader)
    for customer, grade in abc(spent, asked.rules(ConcentrationRules)).items():
        yield streams(customer), AbcLine(grade=grade, spend=spent[customer])


abc_run: Run[AbcLine] = Run(
    "retail.abc",
    AbcLine,
    title=Label("ABC classes by money", "ABC 分类（按消费额）"),
    reads=(files, receipts),
    population=_population,
    judge=_judge,
    parameters=AbcRunParameters,
    counted="grade",
    rules=("CORE-56", "RET-60"),
)
