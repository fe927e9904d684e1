from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

import pytest

from guanxi_retail.analysis.measures import (
    CustomerOccasions,
    LapseParameters,
    judge_lapse,
    lapsed_by_estimate,
)

CUT = date(1997, 9, 30)
START = date(2012, 1, 1)


def customer(*intervals: int) -> CustomerOccasions:
    days = tuple(START + timedelta(days=day) for day in accumulate(intervals, initial=0))
    return CustomerOccasions("A", days, (Decimal(1),) * len(days))


def after(history: CustomerOccasions, silent: int) -> date:
    return history.last + timedelta(days=silent)


@pytest.mark.rule("RET-48a")
@pytest.mark.parametrize(
    ("intervals", "silent", "lapsed", "limit", "basis"),
    [
        ((10, 20, 40), 40, False, 40, "own_interval"),
        ((10, 20, 40), 41, True, 40, "own_interval"),
        ((5, 5), 31, True, 30, "floor"),
        ((), 180, False, 180, "default"),
        ((), 181, True, 180, "default"),
    ],
)
def test_silence_beyond_the_limit_is_a_lapse(intervals, silent, lapsed, limit, basis):
    history = customer(*intervals)
    verdict = judge_lapse(history, after(history, silent))
    assert (verdict.lapsed, verdict.limit, verdict.basis) == (lapsed, limit, basis)
    assert (verdict.days_silent, verdict.last) == (silent, history.last)


@pytest.mark.rule("RET-48b")
def test_the_cdnow_churn_run_counts_lapsed_and_not_and_who_bought_afterwards(sample, whole_sample):
    counts = {(lapsed, bought): 0 for lapsed in (True, False) for bought in (True, False)}
    for who, history in sample.items():
        bought = whole_sample[who].next_after(CUT) is not None
        counts[judge_lapse(history, CUT).lapsed, bought] += 1
    assert counts[True, True] + counts[True, False] == 1_806
    assert counts[False, True] + counts[False, False] == 551
    assert (counts[True, True], counts[False, True]) == (350, 334)


def test_two_occasions_are_too_few_for_an_own_interval():
    history = customer(5)
    verdict = judge_lapse(history, after(history, 31))
    assert (verdict.own_median, verdict.limit, verdict.basis) == (5, 180, "default")


def test_a_median_between_two_intervals_is_kept_exact():
    history = customer(20, 21)
    verdict = judge_lapse(history, after(history, 41))
    assert (verdict.own_median, verdict.limit, verdict.lapsed) == (Fraction(41, 2), 41, False)


@pytest.mark.parametrize(("multiple", "days"), [(Fraction(2), 42), (Fraction(3, 2), 31)])
def test_the_first_day_of_the_lapse_is_known_in_advance(multiple, days):
    history, limits = customer(20, 21), LapseParameters(interval_multiple=multiple)
    lapses_on = judge_lapse(history, history.last, limits).lapses_on
    assert lapses_on == after(history, days)
    assert judge_lapse(history, lapses_on, limits).lapsed
    assert not judge_lapse(history, lapses_on - timedelta(days=1), limits).lapsed


def test_limits_are_arguments():
    limits = LapseParameters(min_occasions=2, interval_multiple=3, floor_days=0, default_days=10)
    history = customer(4)
    assert judge_lapse(history, history.last, limits).limit == 12
    assert judge_lapse(customer(), START, limits).limit == 10


def test_a_day_before_the_last_occasion_is_refused():
    with pytest.raises(ValueError, match="after 2012-01-01"):
        judge_lapse(customer(5), START)


@pytest.mark.parametrize(("p_alive", "lapsed"), [(0.4999, True), (0.5, False), (1.0, False)])
def test_the_alternative_test_looks_at_the_estimate(p_alive, lapsed):
    assert lapsed_by_estimate(p_alive) is lapsed
