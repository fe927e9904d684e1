"""Reaching, keeping and losing a tier, row by row of the rules page (RET-24, RET-25)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi import Invalid
from guanxi_retail import PointsRules, TierRules
from guanxi_retail.tiers.state import Tiers
from plugins.retail.tests.tiers.ladder import LADDER


@pytest.mark.rule("RET-24a")
def test_an_upgrade_acts_at_once_and_is_valid_to_the_end_of_the_next_year(climb):
    t = climb()
    t.buy("2012-03-10", "A", "4999.99")
    t.buy("2012-04-01", "B", "0.01")
    assert t.name("2012-03-09") == "Basic"
    assert t.held("2012-03-10") == t.held("2012-03-31") == ("Silver", "2013-12-31")
    assert t.held("2012-04-01") == ("Gold", "2013-12-31")


@pytest.mark.rule("RET-24b")
def test_what_points_paid_for_does_not_count(climb):
    t = climb()
    t.buy("2012-03-10", "A", "4800.00")  # of 5,000, 200 were paid by points
    assert t.name() == "Silver"


@pytest.mark.rule("RET-24b")
def test_two_years_do_not_add_up(climb):
    t = climb()
    t.buy("2012-12-31", "A", "3000")
    t.buy("2013-01-01", "B", "2000")
    assert t.name() == "Silver"


@pytest.mark.rule("RET-24c")
def test_a_threshold_lowered_for_the_past_lifts_whoever_reached_it_then(climb):
    t = climb()
    t.buy("2012-02-10", "A", "4600")
    t.at("2012-04-01")
    t.publish(TierRules(tiers={**LADDER, "Gold": Decimal(4_500)}), "2012-01-01", retroactive="promised")
    assert [t.name(f"2012-02-{day}") for day in ("09", "10")] == ["Basic", "Gold"]
    assert t.name(as_known="2012-03-31") == "Silver"


@pytest.mark.rule("RET-24c")
def test_a_threshold_raised_for_the_past_takes_no_tier_and_is_listed(climb):
    t = climb()
    t.buy("2012-02-10", "A", "5000")
    t.at("2012-04-01")
    t.publish(TierRules(tiers={**LADDER, "Gold": Decimal(5_500)}), "2012-01-01", retroactive="a misprint")
    assert t.held() == ("Gold", "2013-12-31")
    (one,) = [d for d in t.ledger.history("M-1").would_differ() if d.name == "retail.tier_changed"]
    assert (one.stored.after, one.derived.after) == ("Gold", "Silver")


@pytest.mark.rule("RET-24d")
def test_a_tier_earned_again_is_kept_for_another_year(climb):
    t = climb()
    t.buy("2011-06-01", "A", "1000")
    assert t.held() == ("Silver", "2012-12-31")
    t.buy("2012-06-01", "B", "1000")
    t.at("2013-01-01")
    assert t.held() == ("Silver", "2013-12-31")
    assert t.in_force("retail.tier_changed")[-1]["move"] == "keep"


def gold_through_2013(t, spent="0"):
    t.buy("2012-04-01", "A", "5000")
    if Decimal(spent):
        t.buy("2013-05-01", "B", spent)
    return t


@pytest.mark.rule("RET-25a")
@pytest.mark.parametrize("mode", ["automatic", "one_down"])
def test_a_year_of_silver_after_gold_gives_silver(climb, mode):
    t = gold_through_2013(climb(downgrade=mode), "1200")
    t.at("2014-01-01")
    assert t.held("2013-12-31") == ("Gold", "2013-12-31")
    assert t.held() == ("Silver", "2014-12-31")


@pytest.mark.rule("RET-25b")
@pytest.mark.parametrize(
    ("mode", "held"),
    [
        ("automatic", ("Basic", "None")),
        ("one_down", ("Silver", "2014-12-31")),
        ("none", ("Gold", "2014-12-31")),
    ],
)
def test_a_year_without_spend_ends_as_the_mode_says(climb, mode, held):
    t = gold_through_2013(climb(downgrade=mode))
    t.at("2014-01-01")
    assert t.held() == held


@pytest.mark.rule("RET-25c")
def test_grace_spend_that_closes_the_gap_keeps_the_tier_as_if_earned_in_time(climb):
    t = gold_through_2013(climb(grace_days=90), "4500")
    t.buy("2014-03-31", "C", "500.00")
    assert t.held("2014-03-30") == ("Gold", "2013-12-31")
    assert t.held() == ("Gold", "2014-12-31")
    t.at("2014-04-02")
    assert t.held() == ("Gold", "2014-12-31")


@pytest.mark.rule("RET-25c")
def test_grace_spend_one_fen_short_lets_the_tier_go_the_day_after_grace(climb):
    t = gold_through_2013(climb(grace_days=90), "4500")
    t.buy("2014-02-10", "C", "499.99")
    t.at("2014-05-01")
    assert [t.name(day) for day in ("2014-01-01", "2014-03-31", "2014-04-01")] == ["Gold", "Gold", "Silver"]
    assert t.held() == ("Silver", "2014-12-31")


@pytest.mark.rule("RET-25")
def test_grace_spend_counts_in_its_own_period_too(climb):
    t = gold_through_2013(climb(grace_days=90), "4500")
    t.buy("2014-02-10", "C", "500")
    t.buy("2014-06-10", "D", "500")
    t.at("2015-01-01")
    assert t.held("2014-12-31") == ("Gold", "2014-12-31")
    # Grace runs again; without it the 1,000 of 2014 would have been Silver on this day.
    t.at("2015-04-02")
    assert t.held() == ("Silver", "2015-12-31")


@pytest.mark.rule("RET-25e")
def test_a_purchase_entered_late_reinstates_the_tier_without_a_gap(climb):
    t = gold_through_2013(climb(), "1200")
    t.at("2014-01-02").ledger.advance()
    t.buy("2013-12-30", "late", "3800", known="2014-01-03")
    assert [t.name(day) for day in ("2013-12-31", "2014-01-01", "2014-01-03")] == ["Gold"] * 3
    assert t.held() == ("Gold", "2014-12-31")
    assert t.name(as_known="2014-01-02") == "Silver"


@pytest.mark.rule("RET-24")
def test_an_upgrade_that_waits_for_the_next_period_acts_on_its_first_day(climb):
    t = climb(start="next_period", period="quarter")
    t.buy("2012-02-10", "A", "600")
    t.buy("2012-02-11", "B", "600")
    t.at("2012-04-01")
    assert [t.name(day) for day in ("2012-03-31", "2012-04-01")] == ["Basic", "Silver"]
    assert t.held() == ("Silver", "2012-06-30")


@pytest.mark.rule("RET-24")
@pytest.mark.parametrize(
    ("parameters", "last"),
    [
        ({"period": "year"}, "2013-12-31"),
        ({"period": "half_year"}, "2012-12-31"),
        ({"period": "quarter"}, "2012-06-30"),
        ({"period": "month"}, "2012-04-30"),
        ({"period": "anniversary"}, "2014-01-09"),
        ({"period": "rolling"}, "2013-03-10"),
        ({"period": "year", "validity": "end_of_period"}, "2012-12-31"),
        ({"validity": "months", "validity_months": 6}, "2012-09-10"),
    ],
)
def test_how_long_a_tier_is_valid_depends_on_the_period_and_the_validity(climb, parameters, last):
    t = climb(**parameters)
    t.buy("2012-01-10", "first", "1")
    t.buy("2012-03-10", "A", "1000")
    assert t.held() == ("Silver", last)


@pytest.mark.rule("RET-24")
def test_a_rolling_year_looks_back_from_each_day(climb):
    t = climb(period="rolling")
    t.buy("2012-03-10", "A", "600")
    t.buy("2013-03-10", "B", "500")
    assert t.name() == "Basic"
    t.buy("2013-03-11", "C", "500")
    assert t.name() == "Silver"
    other = climb(period="rolling")
    other.buy("2012-03-10", "A", "600")
    other.buy("2013-03-09", "B", "500")
    assert other.name() == "Silver"


@pytest.mark.rule("RET-24")
def test_membership_years_count_from_the_first_purchase_where_nobody_enrolled(climb):
    t = climb(period="anniversary")
    t.buy("2012-06-15", "A", "600")
    t.buy("2013-06-14", "B", "400")
    assert t.name() == "Silver"
    other = climb(period="anniversary")
    other.buy("2012-06-15", "A", "600")
    other.buy("2013-06-15", "B", "400")
    assert other.name() == "Basic"


@pytest.mark.rule("RET-24")
def test_points_earned_in_the_period_may_be_what_counts(climb):
    t = climb(PointsRules(rate=Decimal(2)), basis="points_earned")
    t.buy("2012-03-10", "A", "499.99")
    assert t.name() == "Basic"
    t.buy("2012-03-11", "B", "0.50")
    t.buy("2012-03-12", "C", "0.50")
    assert t.name() == "Silver"
    assert t.in_force("retail.tier_changed")[-1]["amount"] == "1000"


@pytest.mark.rule("RET-24")
def test_points_since_the_last_change_begin_at_nothing_with_each_tier(climb):
    t = climb(basis="points_since_change")
    t.buy("2012-03-10", "A", "1000")
    t.buy("2012-03-11", "B", "4999")
    assert t.name() == "Silver"
    t.buy("2012-03-12", "C", "1")
    assert (t.name(), t.tier().since_change) == ("Gold", 0)


@pytest.mark.rule("RET-24")
def test_a_tier_by_active_balance_lasts_as_long_as_the_balance_does(climb):
    t = climb(basis="active_balance", validity="balance_drop")
    t.buy("2012-03-10", "A", "1200")
    assert t.held() == ("Silver", "None")
    t.redeem("2012-03-11", "X", 200)
    assert t.name() == "Silver"
    t.redeem("2012-03-12", "Y", 1)
    assert t.name() == "Basic"
    t.undo("2012-03-13", "Y")
    assert t.name() == "Silver"
    t.at("2013-03-11")
    assert (t.name(), t.tier().balance) == ("Basic", 0)


@pytest.mark.rule("RET-58a")
def test_a_tier_whose_validity_ends_with_a_lot_is_judged_before_the_lot_lapses(climb):
    tiers = {"Basic": Decimal(0), "Silver": Decimal(1_000)}
    t = climb(PointsRules(months=12), tiers=tiers, basis="active_balance", period="half_year")
    t.buy("2011-06-30", "A", "1000")
    assert t.held() == ("Silver", "2011-12-31")
    t.at("2012-07-01")
    assert t.held("2012-06-30") == ("Silver", "2012-06-30")
    assert t.held() == ("Silver", "2012-12-31")
    assert (t.points().active, t.tier().balance) == (0, 0)
    names = [
        line.name for line in t.ledger.history("M-1").lines() if f"{line.effective_from:%F}" == "2012-07-01"
    ]
    assert names == ["retail.tier_changed", "retail.points_expired"]


@pytest.mark.rule("RET-24")
def test_without_a_ladder_nobody_has_a_tier(till):
    t = till()
    t.buy("2012-03-10", "A", "100000")
    assert t.ledger.history("M-1").state(Tiers).tier is None
    assert t.in_force("retail.tier_changed") == []


@pytest.mark.rule("RET-24")
@pytest.mark.parametrize(
    "wrong",
    [
        {"tiers": {"A": Decimal(5), "B": Decimal(5)}},
        {"tiers": {" ": Decimal(5)}},
        {"tiers": {"A": Decimal(-1)}},
        {"validity": "balance_drop"},
        {"period": "rolling", "validity": "end_of_period"},
        {"basis": "turnover"},
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong):
    with pytest.raises(Invalid) as refusal:
        TierRules(**{"tiers": LADDER, **wrong})
    assert refusal.value.code == "out_of_scale"
