"""Runs over all customers: the four classes by rank, ABC classes and the loyalty index (CORE-54, CORE-56, CORE-59)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Command
from guanxi.kernel.read_models import Reader, column
from guanxi.kernel.reports import Asked
from guanxi.kernel.runs.definition import Population, Run
from guanxi.relationship.grading.classing import LETTERS, abc, four_classes, percentiles
from guanxi.relationship.grading.commands import TellClass
from guanxi.relationship.grading.events import ABC, FOUR_CLASS
from guanxi.relationship.grading.loyalty import LoyaltyInputs, inputs_by_stream, loyalty
from guanxi.relationship.grading.measures import (
    DELIVERED,
    DIRECT,
    INDIRECT,
    INVOICED,
    LINE,
    ZERO,
    Span,
    Value,
    full_months,
    measured,
    plain,
    postings_by_stream,
    values,
)
from guanxi.relationship.grading.members import members, members_of, owners
from guanxi.relationship.grading.rules import (
    ConcentrationRules,
    FourClassRules,
    LoyaltyRules,
    ValueRules,
)

MONEY_PLACES = 4
PERCENTILE_PLACES = 6


@attrs.frozen
class FourClassLine:
    """A customer's class, and the contribution it was drawn from."""

    grade: str
    rank: int
    graded_on: date
    revenue: Decimal = column(scale=MONEY_PLACES)  # noqa: RUF009 - an attrs field, not a default
    cost: Decimal = column(scale=MONEY_PLACES)  # noqa: RUF009 - an attrs field, not a default
    contribution: Decimal = column(scale=MONEY_PLACES)  # noqa: RUF009 - an attrs field, not a default


@attrs.frozen
class AbcLine:
    """A customer's class, and the revenue it was drawn from."""

    grade: str
    rank: int
    graded_on: date
    revenue: Decimal = column(scale=MONEY_PLACES)  # noqa: RUF009 - an attrs field, not a default


@attrs.frozen
class LoyaltyLine:
    """A customer's three inputs with their percentiles, and the index where weights are given."""

    months: int
    quantity: Decimal = column(scale=6)  # noqa: RUF009 - an attrs field, not a default
    hours: Decimal = column(scale=6)  # noqa: RUF009 - an attrs field, not a default
    months_percentile: Decimal = column(scale=PERCENTILE_PLACES)  # noqa: RUF009 - an attrs field, not a default
    quantity_percentile: Decimal = column(scale=PERCENTILE_PLACES)  # noqa: RUF009 - an attrs field, not a default
    hours_percentile: Decimal = column(scale=PERCENTILE_PLACES)  # noqa: RUF009 - an attrs field, not a default
    index: Decimal | None = column(scale=PERCENTILE_PLACES)  # noqa: RUF009 - an attrs field, not a default


def figures_at(reader: Reader, asked: Asked) -> dict[str, Value]:
    """Return every graded customer's figures over the full months before the cut, by stream.

    Args:
        reader: at a cut; what reads it declares ``members`` and ``values``.
        asked: the cut.
    """
    rules = asked.rules(ValueRules)
    span = full_months(asked.day, rules.months)
    posted = postings_by_stream(reader, asked.day)
    return {stream: measured(posted.get(stream, ()), span, rules.currency) for stream in members_of(reader)}


def _sums(reader: Reader, asked: Asked) -> dict[str, dict[str, Decimal]]:
    """Return what was posted to every graded customer in the months measured, straight from the rows."""
    rules = asked.rules(ValueRules)
    span: Span = full_months(asked.day, rules.months)
    sums: dict[str, dict[str, Decimal]] = {stream: {} for stream in members_of(reader)}
    invoiced: set[str] = set()
    owner = owners(reader)
    for own_stream, row in reader.rows(values):
        stream = owner.get(own_stream, own_stream)
        if stream not in sums or row.what == LINE or row.day > asked.day:
            continue
        if row.what == INVOICED:
            invoiced.add(stream)
        if row.day in span and row.currency == rules.currency:
            sums[stream][row.what] = sums[stream].get(row.what, ZERO) + row.amount
    for stream, own in sums.items():
        own["revenue"] = own.get(INVOICED if stream in invoiced else DELIVERED, ZERO)
        own["cost"] = own.get(DIRECT, ZERO) + own.get(INDIRECT, ZERO)
    return sums


def _four_population(reader: Reader, parameters: None, asked: Asked) -> Population:
    sums = _sums(reader, asked)
    revenue = sum((s["revenue"] for s in sums.values()), ZERO)
    cost = sum((s["cost"] for s in sums.values()), ZERO)
    return Population(sums, {"revenue": revenue, "cost": cost, "contribution": revenue - cost})


def _four(reader: Reader, parameters: None, asked: Asked) -> Iterator[tuple[str, FourClassLine]]:
    rules, figures = asked.rules(FourClassRules), figures_at(reader, asked)
    ranks = four_classes({stream: v.contribution for stream, v in figures.items()}, rules)
    for stream, value in figures.items():
        rank = ranks[stream]
        yield (
            stream,
            FourClassLine(
                grade=rules.classes[rank - 1],
                rank=rank,
                graded_on=asked.day,
                revenue=value.revenue,
                cost=value.cost,
                contribution=value.contribution,
            ),
        )


def _abc_population(reader: Reader, parameters: None, asked: Asked) -> Population:
    sums = _sums(reader, asked)
    return Population(sums, {"revenue": sum((s["revenue"] for s in sums.values()), ZERO)})


def _abc(reader: Reader, parameters: None, asked: Asked) -> Iterator[tuple[str, AbcLine]]:
    amounts = {stream: v.revenue for stream, v in figures_at(reader, asked).items()}
    for stream, letter in abc(amounts, asked.rules(ConcentrationRules)).items():
        rank = LETTERS.index(letter) + 1
        yield stream, AbcLine(grade=letter, rank=rank, graded_on=asked.day, revenue=amounts[stream])


def _loyal_population(reader: Reader, parameters: None, asked: Asked) -> Population:
    found = inputs_by_stream(reader, asked)
    return Population(
        found,
        {
            "months": sum(i.months for i in found.values()),
            "quantity": sum((i.quantity for i in found.values()), ZERO),
            "hours": sum((i.hours for i in found.values()), ZERO),
        },
    )


def _loyal(reader: Reader, parameters: None, asked: Asked) -> Iterator[tuple[str, LoyaltyLine]]:
    weights, found = asked.rules(LoyaltyRules).weights, inputs_by_stream(reader, asked)

    def share(figure: Callable[[LoyaltyInputs], Decimal]) -> dict[str, Decimal]:
        own = percentiles({stream: figure(i) for stream, i in found.items()})
        return {stream: _rounded(p) for stream, p in own.items()}

    months = share(lambda i: Decimal(i.months))
    quantity, hours = share(lambda i: i.quantity), share(lambda i: i.hours)
    for stream, i in found.items():
        shares = (months[stream], quantity[stream], hours[stream])
        index = None
        if weights is not None:
            index = _rounded(sum((w * s for w, s in zip(weights, shares, strict=True)), ZERO))
        yield (
            stream,
            LoyaltyLine(
                months=i.months,
                quantity=i.quantity,
                hours=i.hours,
                months_percentile=shares[0],
                quantity_percentile=shares[1],
                hours_percentile=shares[2],
                index=index,
            ),
        )


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-PERCENTILE_PLACES), ROUND_HALF_EVEN)


def _tell_four(line: FourClassLine) -> Command:
    return TellClass(
        scheme=FOUR_CLASS,
        graded_on=line.graded_on,
        grade=line.grade,
        rank=line.rank,
        inputs=(
            ("revenue", plain(line.revenue)),
            ("cost", plain(line.cost)),
            ("contribution", plain(line.contribution)),
        ),
    )


def _tell_abc(line: AbcLine) -> Command:
    return TellClass(
        scheme=ABC,
        graded_on=line.graded_on,
        grade=line.grade,
        rank=line.rank,
        inputs=(("revenue", plain(line.revenue)),),
    )


four_class_run: Run[FourClassLine] = Run(
    "core.four_classes",
    FourClassLine,
    title=Label("Four classes", "四类客户评定"),
    reads=(members, values),
    population=_four_population,
    judge=_four,
    counted="grade",
    deliver=_tell_four,
    rules=("CORE-53", "CORE-54", "CORE-94"),
)

abc_run: Run[AbcLine] = Run(
    "core.abc_classes",
    AbcLine,
    title=Label("ABC classes", "ABC 分类评定"),
    reads=(members, values),
    population=_abc_population,
    judge=_abc,
    counted="grade",
    deliver=_tell_abc,
    rules=("CORE-56", "CORE-94"),
)

loyalty_run: Run[LoyaltyLine] = Run(
    "core.loyalty_index",
    LoyaltyLine,
    title=Label("Loyalty index", "忠诚度指数评定"),
    reads=(members, values, loyalty),
    population=_loyal_population,
    judge=_loyal,
    rules=("CORE-59", "CORE-94"),
)

RUNS = (four_class_run, abc_run, loyalty_run)
