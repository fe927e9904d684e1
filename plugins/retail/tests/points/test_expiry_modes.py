"""When points expire, in each mode (RET-18)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi import Invalid
from guanxi_retail import PointsRules, TierRules

LADDER = {"Basic": Decimal(0), "Gold": Decimal(1_000)}


@pytest.mark.rule("RET-18")
@pytest.mark.parametrize(
    ("more", "earned", "last_day"),
    [
        ({}, "2012-03-05", "2012-12-31"),
        ({}, "2012-12-31", "2012-12-31"),
        ({"fixed_years": 1}, "2012-03-05", "2013-12-31"),
        ({"fixed_month": 6, "fixed_day": 30}, "2012-07-01", "2013-06-30"),
        ({"fixed_month": 2, "fixed_day": 31}, "2012-01-05", "2012-02-29"),
        ({"fixed_month": 2, "fixed_day": 31}, "2012-03-01", "2013-02-28"),
    ],
)
def test_on_a_fixed_day_all_points_earned_by_then_expire(till, more, earned, last_day):
    t = till(PointsRules(expiry="fixed_day", **more))
    t.buy(earned, "A", "100")
    assert str(t.points().lots["A"].last_day) == last_day
    t.at("2015-01-01")
    assert (t.points(last_day).active, t.points().active, t.points().expired) == (100, 0, 100)


@pytest.mark.rule("RET-18")
def test_points_never_expire_in_the_mode_never_whatever_the_months_say(till):
    t = till(PointsRules(expiry="never", months=12))
    t.buy("2012-01-06", "A", "100")
    t.adjust("2012-01-07", "P", 5)
    t.at("2030-01-01")
    assert (t.points().active, {lot.last_day for lot in t.points().lots.values()}) == (105, {None})


@pytest.mark.rule("RET-18")
def test_another_mode_holds_for_points_earned_from_its_day_on(till):
    t = till(PointsRules())
    t.publish(PointsRules(expiry="fixed_day"), "2012-06-01")
    t.buy("2012-05-31", "A", "100")
    t.buy("2012-06-01", "B", "100")
    assert [str(t.points().lots[key].last_day) for key in "AB"] == ["2013-05-31", "2012-12-31"]
    assert [key for key, _ in t.points().burn(200)] == ["B", "A"]


@pytest.mark.rule("RET-18")
def test_a_fixed_day_outside_the_year_is_refused():
    for wrong in ({"fixed_month": 13}, {"fixed_day": 0}, {"expiry": "tomorrow"}):
        with pytest.raises(Invalid):
            PointsRules(**wrong)


@pytest.mark.rule("RET-18")
@pytest.mark.parametrize("again", ["10", "1000"])
def test_at_a_tier_reset_points_expire_with_the_tiers_validity_kept_or_lost(till, again):
    t = till(PointsRules(expiry="tier_reset"), TierRules(tiers=LADDER, period="year"))
    t.buy("2012-03-01", "A", "1000")
    t.buy("2013-05-01", "B", again)
    t.at("2014-01-02")
    assert t.points("2013-12-31").active == 1_000 + int(again)
    assert (t.points("2014-01-01").active, t.points("2014-01-01").expired) == (0, 1_000 + int(again))
    t.buy("2014-01-03", "C", "7")
    assert t.points().balance == 7
    assert t.ledger.report("retail.points_movement").rows[-1][-1] == 7
