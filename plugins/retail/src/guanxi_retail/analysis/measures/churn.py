"""Churn (流失) by a customer's own purchase interval: the question only, not the decision that records it (RET-48)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

import attrs

from guanxi_retail.analysis.measures.occasions import CustomerOccasions


class LapseBasis(StrEnum):
    """Where a customer's limit came from."""

    OWN_INTERVAL = "own_interval"
    FLOOR = "floor"
    DEFAULT = "default"


@attrs.frozen
class LapseParameters:
    """Parameters of RET-48.

    Args:
        min_occasions: occasions from which a customer's own interval decides.
        interval_multiple: own median intervals a customer may stay silent.
        floor_days: the limit is never shorter than this where the own interval decides.
        default_days: limit with fewer occasions.
        alive_below: alternative test, lapsed where the estimated P(alive) is below this.
    """

    min_occasions: int = attrs.field(default=3, validator=attrs.validators.ge(2))
    interval_multiple: Fraction = attrs.field(
        default=Fraction(2), converter=Fraction, validator=attrs.validators.gt(Fraction(0))
    )
    floor_days: int = attrs.field(default=30, validator=attrs.validators.ge(0))
    default_days: int = attrs.field(default=180, validator=attrs.validators.ge(0))
    alive_below: Decimal = Decimal("0.5")


@attrs.frozen
class LapseVerdict:
    """Whether a customer has lapsed on a day, with everything that was compared.

    Args:
        customer: customer id.
        as_of: the day asked for.
        last: day of the last occasion.
        days_silent: days from the last occasion to `as_of`.
        own_median: exact median interval in days; None after a single occasion.
        limit: days that may pass, inclusive; exact, half days included.
        basis: where the limit came from.
    """

    customer: str
    as_of: date
    last: date
    days_silent: int
    own_median: Fraction | None
    limit: Fraction
    basis: LapseBasis

    @property
    def lapsed(self) -> bool:
        """True where the silence exceeds the limit; a silence equal to it does not."""
        return self.days_silent > self.limit

    @property
    def lapses_on(self) -> date:
        """The first day on which the customer counts as lapsed unless a purchase comes before."""
        return self.last + timedelta(days=floor(self.limit) + 1)


def judge_lapse(
    history: CustomerOccasions, as_of: date, parameters: LapseParameters | None = None
) -> LapseVerdict:
    """Ask whether one customer has lapsed by purchase interval.

    Args:
        history: occasions, none of them after `as_of`.
        as_of: the day asked for.
        parameters: limits; the defaults of `LapseParameters` if left out.

    Returns:
        The verdict with silence, own median, limit and basis.

    Raises:
        ValueError: an occasion lies after `as_of`.

    Source: RET-48.
    """
    days_silent = (as_of - history.last).days
    if days_silent < 0:
        raise ValueError(f"customer {history.customer!r} has an occasion after {as_of}")
    return judge_rhythm(history.customer, history.last, sorted(history.intervals), as_of, parameters)


def judge_rhythm(
    customer: str,
    last: date,
    intervals: Sequence[int],
    as_of: date,
    parameters: LapseParameters | None = None,
) -> LapseVerdict:
    """Ask whether a customer of whom only the rhythm is known has lapsed.

    Args:
        customer: customer id.
        last: his last occasion, not after `as_of`.
        intervals: days between neighbouring occasions, the shortest first.
        as_of: the day asked for.
        parameters: limits; the defaults of `LapseParameters` if left out.

    Source: RET-48.
    """
    own_median = _median(intervals)
    limit, basis = _limit(len(intervals) + 1, own_median, parameters or LapseParameters())
    return LapseVerdict(customer, as_of, last, (as_of - last).days, own_median, limit, basis)


def lapsed_by_estimate(p_alive: float, parameters: LapseParameters | None = None) -> bool:
    """The alternative test: lapsed where a purchase model's P(alive) is below the limit.

    Args:
        p_alive: estimated probability, 0 to 1.
        parameters: limit; the defaults of `LapseParameters` if left out.

    Returns:
        True below the limit; the limit itself is not lapsed.

    Source: RET-48.
    """
    return p_alive < (parameters or LapseParameters()).alive_below


def _median(days: Sequence[int]) -> Fraction | None:
    """Return the exact median of days in order, half days included; None of nothing."""
    if not days:
        return None
    middle = len(days) // 2
    return Fraction(days[middle] if len(days) % 2 else days[middle - 1] + days[middle], 2 - len(days) % 2)


def _limit(
    count: int, own_median: Fraction | None, parameters: LapseParameters
) -> tuple[Fraction, LapseBasis]:
    if own_median is None or count < parameters.min_occasions:
        return Fraction(parameters.default_days), LapseBasis.DEFAULT
    own = parameters.interval_multiple * own_median
    if own < parameters.floor_days:
        return Fraction(parameters.floor_days), LapseBasis.FLOOR
    return own, LapseBasis.OWN_INTERVAL
