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
from guanxi.relationship.dealings.read_models import costs
from guanxi_retail.analysis.costs import costs_by_stream
from guanxi_retail.analysis.measures import SpendBasis, classing_period, spend_class
from guanxi_retail.analysis.population import population
from guanxi_retail.analysis.rules import SpendClassRules
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import account_of, currency_option, rounded, shares


@attrs.frozen
class SpendClassesParameters:
    """Whose spend is classed."""

    currency: str | None = currency_option()


PERIOD = Label("classing period", "分类期间")
COST = Label("cost taken off before classing", "分类前扣除成本")
WHOLE = Decimal(100)

COLUMNS = (
    Column("class", Label("Class", "类别"), "code"),
    Column("from", Label("From", "起点"), "decimal"),
    Column("members", Label("Members", "人数"), "integer"),
    Column("spend", Label("Spend", "消费额"), "decimal"),
    Column("share", Label("Share", "占比"), "percent"),
    Column("average", Label("Average", "人均"), "decimal"),
)
GIVEN = (
    Column("discount", Label("Factor on the price", "折扣系数"), "decimal"),
    Column("services", Label("Services", "服务")),
)


def _build(reader: Reader, parameters: SpendClassesParameters, asked: Asked) -> Content:
    people = population(reader, asked, parameters.currency)
    published = asked.rules(SpendClassRules)
    rules = published.parameters()
    first, last = classing_period(asked.day, rules)
    account = account_of(reader)
    cost = {
        account(stream): amount
        for stream, amount in costs_by_stream(reader, rules, parameters.currency, first, last).items()
    }
    members: defaultdict[str, list[Decimal]] = defaultdict(list)
    for history in people.histories:
        spend = history.value_between(first, last)
        left = spend - cost.get(history.customer, Decimal(0))
        members[spend_class(left, rules).code].append(spend)
    bounds = [(band.code, band.at_least) for band in rules.bands]
    codes = [*bounds, (rules.below, None)]
    spent = [sum(members[code], Decimal(0)) for code, _ in codes]
    rows: list[tuple[Any, ...]] = [
        (code, bound, len(members[code]), amount, share, _average(amount, len(members[code])))
        for (code, bound), amount, share in zip(codes, spent, shares(spent), strict=True)
    ]
    trouble = [] if sum(row[2] for row in rows) == len(people.histories) else ["Σ members is not N"]
    notes = [(PERIOD, f"{first} – {last}"), *people.notes()]
    if rules.basis is SpendBasis.REVENUE_LESS_COST:
        notes.append((COST, f"{sum(cost.values(), Decimal(0)):,.2f}"))
    if not published.discounts and not published.services:
        return Content(rows, notes, trouble=trouble)
    given = [(*row, published.discounts.get(row[0]), published.services.get(row[0])) for row in rows]
    return Content(given, notes, (*COLUMNS, *GIVEN), trouble=trouble)


def _average(amount: Decimal, members: int) -> Decimal | None:
    return rounded(Fraction(amount) / members) if members else None


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    known = [row[4] for row in rows if row[4] is not None]
    if known and sum(known) != WHOLE:
        yield "Σ shares is not 100 %"


spend_classes = Report(
    name="retail.spend_classes",
    title=Label("Spend classes", "客户分类表"),
    reads=(files, receipts, costs),
    columns=COLUMNS,
    build=_build,
    parameters=SpendClassesParameters,
    foots=_foots,
    picture=Picture("bars", x="class", y="spend", title=Label("Spend by class", "各类客户消费额")),
    rules=("RET-27",),
)
