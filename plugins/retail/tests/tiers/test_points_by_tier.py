"""Points at a tier's rate, and what a tier that changes in hindsight makes of them (RET-26, RET-57)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi_retail import PointsRules

DOUBLE_FOR_GOLD = PointsRules(tier_multipliers={"Gold": Decimal(2)})


def test_the_receipt_that_reaches_a_tier_still_earns_at_the_one_before(climb):
    t = climb(DOUBLE_FOR_GOLD)
    t.buy("2012-04-01", "A", "5000")
    t.buy("2012-04-02", "B", "100")
    assert [lot.active for lot in t.points().lots.values()] == [5_000, 200]


@pytest.mark.parametrize(("choice", "points"), [("highest", 380), ("product", 760), ("sum_of_extras", 480)])
def test_a_tier_is_one_of_the_multipliers_that_may_fit(climb, choice, points):
    rules = PointsRules(tier_multipliers={"Gold": Decimal(2)}, several_multipliers=choice)
    t = climb(rules)
    t.buy("2012-04-01", "A", "5000")
    t.buy("2012-04-02", "B", "100", area="clothing", conditions=("vip",))
    assert t.points().lots["B"].active == points


@pytest.mark.rule("RET-57b")
def test_a_tier_reinstated_in_hindsight_adds_points_with_the_first_ones_last_day(climb):
    t = climb(DOUBLE_FOR_GOLD)
    t.buy("2012-04-01", "A", "5000")
    t.buy("2013-05-01", "B", "1200")
    t.buy("2014-01-02", "C", "100")
    assert t.points().lots["C"].active == 100
    t.buy("2013-12-30", "late", "3800", known="2014-01-03")
    earned = {key: lot for key, lot in t.points().lots.items() if key.startswith("C")}
    assert sum(lot.active for lot in earned.values()) == 200
    assert {str(lot.last_day) for lot in earned.values()} == {"2015-01-02"}
    before = t.points(as_known="2014-01-02").lots
    assert sum(lot.active for key, lot in before.items() if key.startswith("C")) == 100


@pytest.mark.rule("RET-26b")
def test_points_earned_at_a_tier_that_a_late_refund_takes_stay_and_are_listed(climb):
    t = climb(DOUBLE_FOR_GOLD, refund="at_once")
    t.buy("2012-04-01", "A", "5000")
    t.buy("2012-04-25", "B", "100")
    assert t.points().lots["B"].active == 200
    t.refund("2012-04-20", "A", "1.00", known="2012-05-10")
    assert (t.name(as_known="2012-05-09"), t.name("2012-04-19"), t.name("2012-04-20")) == (
        "Gold",
        "Gold",
        "Silver",
    )
    assert t.points().lots["B"].active == 200
    (one,) = [d for d in t.ledger.history("M-1").would_differ() if d.name == "retail.points_earned"]
    assert (one.stored.points, one.derived.points) == (200, 100)


@pytest.mark.rule("RET-58")
def test_a_tier_that_ends_with_a_day_gives_no_rate_to_the_first_purchase_of_the_next(climb):
    t = climb(DOUBLE_FOR_GOLD)
    t.buy("2012-04-01", "A", "5000")
    t.buy("2013-12-31T23:59", "B", "100")
    t.buy("2014-01-01T00:00", "C", "100")
    assert [t.points().lots[key].active for key in ("B", "C")] == [200, 100]
