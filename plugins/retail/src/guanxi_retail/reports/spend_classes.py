"""Spend classes: how many members the thresholds in force put in which class, and what these spend (RET-27)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi_retail.analytics import classing_period, spend_class
from guanxi_retail.read_models import receipts
from guanxi_retail.reports._common import currency_option, population, rounded, shares
from guanxi_retail.rules import SpendClassRules


@attrs.frozen
class SpendClassesParameters:
    """Whose spend is classed."""

    currency: str | None = currency_option()


PERIOD = Label("classing period", "分类期间")
WHOLE = Decimal(100)


def _build(reader: Reader, parameters: SpendClassesParameters, asked: Asked) -> Content:
    people = population(reader, asked, parameters.currency)
    rules = asked.rules(SpendClassRules).parameters()
    first, last = classing_period(asked.day, rules)
    members: defaultdict[str, list[Decimal]] = defaultdict(list)
    for history in people.histories:
        spend = history.value_between(first, last)
        members[spend_class(spend, rules).code].append(spend)
    bounds = [(band.code, band.at_least) for band in rules.bands]
    codes = [*bounds, (rules.below, None)]
    spent = [sum(members[code], Decimal(0)) for code, _ in codes]
    rows = [
        (code, bound, len(members[code]), amount, share, _average(amount, len(members[code])))
        for (code, bound), amount, share in zip(codes, spent, shares(spent), strict=True)
    ]
    trouble = [] if sum(row[2] for row in rows) == len(people.histories) else ["Σ members is not N"]
    return Content(rows, [(PERIOD, f"{first} – {last}"), *people.notes()], trouble=trouble)


def _average(amount: Decimal, members: int) -> Decimal | None:
    return rounded(Fraction(amount) / members) if members else None


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    known = [row[4] for row in rows if row[4] is not None]
    if known and sum(known) != WHOLE:
        yield "Σ shares is not 100 %"


spend_classes = Report(
    name="retail.spend_classes",
    title=Label("Spend classes", "客户分类表"),
    reads=(files, receipts),
    columns=(
        Column("class", Label("Class", "类别"), "code"),
        Column("from", Label("From", "起点"), "decimal"),
        Column("members", Label("Members", "人数"), "integer"),
        Column("spend", Label("Spend", "消费额"), "decimal"),
        Column("share", Label("Share", "占比"), "percent"),
        Column("average", Label("Average", "人均"), "decimal"),
    ),
    build=_build,
    parameters=SpendClassesParameters,
    foots=_foots,
    picture=Picture("bars", x="class", y="spend", title=Label("Spend by class", "各类客户消费额")),
    rules=("RET-27",),
)
