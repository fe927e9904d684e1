"""RFM scores in the three variants of RET-44, from exact days, counts and money.

A score is a query over one population at one day; what is published comes from a run that records it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal, TypeVar

import attrs

from guanxi_retail.analysis.measures.occasions import CustomerOccasions, exact_sum

Dimension = Literal["r", "f", "m"]
NumberT = TypeVar("NumberT", int, Decimal)


class RfmVariant(StrEnum):
    """How scores are cut; always named beside them (RET-44)."""

    INDEPENDENT = "independent"
    NESTED = "nested"
    FIXED = "fixed"


@attrs.frozen
class RfmParameters:
    """Parameters of RET-44; the fixed bands are given best first, the worst score takes the rest.

    Args:
        groups: number of scores per dimension, 2 to 9; 1 is the worst.
        recency_at_most: days since the last occasion, inclusive.
        frequency_at_least: occasions, inclusive.
        monetary_at_least: net value in the currency's main unit, inclusive.

    Raises:
        ValueError: the bands do not fit the number of groups or are not in order.
    """

    groups: int = attrs.field(default=5, validator=[attrs.validators.ge(2), attrs.validators.le(9)])
    recency_at_most: tuple[int, ...] = (30, 90, 180, 365)
    frequency_at_least: tuple[int, ...] = (10, 5, 3, 2)
    monetary_at_least: tuple[Decimal, ...] = (Decimal(500), Decimal(200), Decimal(100), Decimal(50))

    def __attrs_post_init__(self) -> None:
        for name in ("recency_at_most", "frequency_at_least", "monetary_at_least"):
            bands = getattr(self, name)
            if len(bands) != self.groups - 1:
                raise ValueError(f"{name} needs {self.groups - 1} bands, best first; got {len(bands)}")
            if list(bands) != sorted(set(bands), reverse=name != "recency_at_most"):
                raise ValueError(f"{name} must run from the best band to the worst without repeats")


@attrs.frozen
class RfmMeasures:
    """The three measures of one customer on one day.

    Args:
        customer: customer id.
        recency: days since the last occasion.
        frequency: number of occasions.
        monetary: exact net value of all occasions.
    """

    customer: str
    recency: int
    frequency: int
    monetary: Decimal


@attrs.frozen
class RfmScore:
    """The three scores of one customer, 1 the worst."""

    customer: str
    r: int
    f: int
    m: int

    @property
    def cell(self) -> str:
        """The cell as it is usually written, for example "544"."""
        return f"{self.r}{self.f}{self.m}"


@attrs.frozen
class RfmResult:
    """Scores of a population with what names them: variant, day and parameters.

    Args:
        variant: how scores were cut.
        as_of: the day recency was counted to.
        parameters: groups and fixed bands used.
        measures: what was scored, by ascending customer id.
        scores: in the same order.
    """

    variant: RfmVariant
    as_of: date
    parameters: RfmParameters
    measures: tuple[RfmMeasures, ...]
    scores: tuple[RfmScore, ...]

    def by_customer(self) -> dict[str, RfmScore]:
        """Scores by customer id."""
        return {score.customer: score for score in self.scores}

    def cells(self) -> Counter[str]:
        """Customers per cell; only cells in use are listed."""
        return Counter(score.cell for score in self.scores)

    def distribution(self, dimension: Dimension) -> tuple[int, ...]:
        """Customers per score 1, 2, … of one dimension."""
        counts: Counter[int] = Counter(getattr(score, dimension) for score in self.scores)
        return tuple(counts[value] for value in range(1, self.parameters.groups + 1))

    def control_sums(self) -> tuple[int, int, Decimal]:
        """N, Σ frequency and Σ monetary, as a run records them (RET-60)."""
        return (
            len(self.measures),
            sum(one.frequency for one in self.measures),
            exact_sum(one.monetary for one in self.measures),
        )


def measure(history: CustomerOccasions, as_of: date) -> RfmMeasures:
    """Measure one customer.

    Args:
        history: occasions, none of them after `as_of`.
        as_of: the day recency is counted to.

    Returns:
        Days since the last occasion, number of occasions, exact net value.

    Raises:
        ValueError: an occasion lies after `as_of`.

    Source: RET-44.
    """
    recency = (as_of - history.last).days
    if recency < 0:
        raise ValueError(f"customer {history.customer!r} has an occasion after {as_of}")
    return RfmMeasures(history.customer, recency, history.count, history.value)


def measure_all(histories: Iterable[CustomerOccasions], as_of: date) -> tuple[RfmMeasures, ...]:
    """Measure many customers on one day; see `measure`."""
    return tuple(measure(history, as_of) for history in histories)


def score(
    measures: Iterable[RfmMeasures],
    variant: RfmVariant,
    as_of: date,
    parameters: RfmParameters | None = None,
) -> RfmResult:
    """Score a population.

    Args:
        measures: one per customer, in any order.
        variant: *independent* scores each dimension by the share of customers strictly worse, so equal
            values get equal scores; *nested* cuts by R, then F inside R, then M inside RF into groups as
            equal as can be, ties by ascending customer id; *fixed* compares with bands.
        as_of: the day the measures were taken, carried into the result.
        parameters: groups and fixed bands; the defaults of `RfmParameters` if left out.

    Returns:
        Scores by ascending customer id; a negative net value falls to the worst score.

    Raises:
        ValueError: a customer occurs twice.

    Source: RET-44.
    """
    parameters = parameters or RfmParameters()
    population = tuple(sorted(measures, key=lambda one: one.customer))
    if len({one.customer for one in population}) != len(population):
        raise ValueError("a customer occurs twice in the population")
    scores = _SCORERS[variant](population, parameters)
    return RfmResult(variant, as_of, parameters, population, tuple(scores))


def _independent(population: Sequence[RfmMeasures], parameters: RfmParameters) -> Iterable[RfmScore]:
    r = _ranked([-one.recency for one in population], parameters.groups)
    f = _ranked([one.frequency for one in population], parameters.groups)
    m = _ranked([one.monetary for one in population], parameters.groups)
    return (RfmScore(one.customer, *scores) for one, *scores in zip(population, r, f, m, strict=True))


def _ranked(values: list[NumberT], groups: int) -> list[int]:
    worst_first = sorted(values)
    # The left-most place of a value is the number of values strictly worse.
    return [1 + groups * bisect_left(worst_first, value) // len(values) for value in values]


def _nested(population: Sequence[RfmMeasures], parameters: RfmParameters) -> Iterable[RfmScore]:
    found: dict[str, RfmScore] = {}
    groups = parameters.groups
    for r, in_r in enumerate(_cut(population, lambda one: -one.recency, groups), start=1):
        for f, in_rf in enumerate(_cut(in_r, lambda one: one.frequency, groups), start=1):
            for m, in_rfm in enumerate(_cut(in_rf, lambda one: one.monetary, groups), start=1):
                found.update((one.customer, RfmScore(one.customer, r, f, m)) for one in in_rfm)
    return (found[one.customer] for one in population)


def _cut(
    population: Sequence[RfmMeasures], worst_first: Callable[[RfmMeasures], int | Decimal], groups: int
) -> list[list[RfmMeasures]]:
    parts: list[list[RfmMeasures]] = [[] for _ in range(groups)]
    ordered = sorted(population, key=lambda one: (worst_first(one), one.customer))
    for position, one in enumerate(ordered):
        parts[groups * position // len(ordered)].append(one)
    return parts


def _fixed(population: Sequence[RfmMeasures], parameters: RfmParameters) -> Iterable[RfmScore]:
    def band(reached: Iterable[bool]) -> int:
        return next((parameters.groups - i for i, ok in enumerate(reached) if ok), 1)

    for one in population:
        yield RfmScore(
            one.customer,
            band(one.recency <= bound for bound in parameters.recency_at_most),
            band(one.frequency >= bound for bound in parameters.frequency_at_least),
            band(one.monetary >= bound for bound in parameters.monetary_at_least),
        )


_SCORERS: dict[RfmVariant, Callable[[Sequence[RfmMeasures], RfmParameters], Iterable[RfmScore]]] = {
    RfmVariant.INDEPENDENT: _independent,
    RfmVariant.NESTED: _nested,
    RfmVariant.FIXED: _fixed,
}
