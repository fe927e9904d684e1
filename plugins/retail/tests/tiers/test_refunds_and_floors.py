"""What a refund takes from a tier, and a tier that is set by hand (RET-26)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, Held, Incomplete, Invalid, NotPermitted, Unknown
from guanxi_retail import DecideTier, PointsRules, SetTier


def gold_of_april(t):
    t.buy("2012-04-01", "A", "5000")
    return t


@pytest.mark.rule("RET-26a")
@pytest.mark.parametrize(
    ("refund", "days"),
    [
        (
            "at_once",
            {"2012-04-19": "Gold", "2012-04-20": "Silver", "2013-12-31": "Silver", "2014-01-01": "Basic"},
        ),
        ("at_period_end", {"2012-12-31": "Gold", "2013-01-01": "Silver", "2014-01-01": "Basic"}),
        ("never", {"2012-12-31": "Gold", "2013-12-31": "Gold", "2014-01-01": "Basic"}),
    ],
)
def test_a_refund_that_takes_the_amount_below_the_threshold_acts_as_the_rules_say(climb, refund, days):
    t = gold_of_april(climb(refund=refund))
    t.refund("2012-04-20", "A", "1.00")
    t.at("2014-01-01")
    assert {day: t.name(day) for day in days} == days


@pytest.mark.rule("RET-26b")
def test_a_refund_entered_late_lowers_the_tier_from_its_own_day(climb):
    t = gold_of_april(climb(refund="at_once"))
    t.refund("2012-04-20", "A", "1.00", known="2012-05-10")
    assert t.name(as_known="2012-05-09") == "Gold"
    assert [t.name(day) for day in ("2012-04-19", "2012-04-20")] == ["Gold", "Silver"]


@pytest.mark.rule("RET-26")
def test_a_refund_that_leaves_the_threshold_reached_changes_nothing(climb):
    t = climb(refund="at_once")
    t.buy("2012-04-01", "A", "5001")
    t.refund("2012-04-20", "A", "1.00")
    assert t.held() == ("Gold", "2013-12-31")


@pytest.mark.rule("RET-26")
def test_a_refund_counts_in_the_period_of_its_sale(climb):
    t = climb(refund="at_once")
    t.buy("2012-12-31", "A", "5000")
    t.buy("2013-01-05", "B", "4000")
    t.refund("2013-01-10", "A", "2000")
    assert t.name() == "Silver"
    t.buy("2013-02-01", "C", "1000")  # 5,000 in 2013: the refund took nothing from this year
    assert t.held() == ("Gold", "2014-12-31")


@pytest.mark.rule("RET-26")
def test_another_period_may_carry_the_tier_that_a_refund_would_take(climb):
    t = climb(refund="at_once")
    t.buy("2012-12-31", "A", "1000")
    t.buy("2013-01-05", "B", "1000")
    t.refund("2013-01-10", "A", "500")
    assert t.held() == ("Silver", "2013-12-31")
    t.refund("2013-01-11", "B", "1")
    assert t.name() == "Basic"


@pytest.mark.rule("RET-26")
def test_a_tier_that_is_kept_without_its_amount_is_not_taken_by_a_refund(climb):
    t = gold_of_april(climb(refund="at_once", downgrade="none"))
    t.buy("2014-02-01", "B", "100")
    t.refund("2014-02-02", "B", "100")
    assert t.held() == ("Gold", "2014-12-31")


@pytest.mark.rule("RET-26")
def test_a_claw_back_takes_from_tiers_by_points_as_a_refund_does(climb):
    t = climb(PointsRules(rate=Decimal(1)), basis="points_earned", refund="at_once")
    t.buy("2012-04-01", "A", "5000")
    t.refund("2012-04-20", "A", "1.00")
    assert (t.name("2012-04-19"), t.name()) == ("Gold", "Silver")


@pytest.mark.rule("RET-26")
def test_points_taken_back_from_before_the_last_change_take_the_tier_they_carried(climb):
    t = climb(PointsRules(rate=Decimal(1)), basis="points_since_change", refund="at_once")
    t.buy("2012-04-01", "A", "1000")
    t.buy("2012-04-02", "B", "300")
    t.refund("2012-04-20", "B", "100")
    assert (t.name(), t.tier().since_change) == ("Silver", 200)
    t.refund("2012-04-21", "A", "1")
    assert t.name() == "Basic"


def by_hand(t, moment="2012-02-01", **more):
    fields = {"setting": "T-1", "tier": "Silver", "until": date(2012, 12, 31), "reason_code": "goodwill"}
    return t.tell(moment, SetTier(**{**fields, "approved_by": "head", **more}))


@pytest.mark.rule("RET-26c")
def test_a_tier_set_by_hand_lasts_through_its_day_without_any_spend(climb):
    t = climb()
    by_hand(t)
    assert t.held() == ("Silver", "2012-12-31")
    t.at("2013-01-01")
    assert [t.name(day) for day in ("2012-01-31", "2012-02-01", "2012-12-31", "2013-01-01")] == [
        "Basic",
        "Silver",
        "Silver",
        "Basic",
    ]
    assert [row["cause"] for row in t.in_force("retail.tier_changed")] == ["manual", "floor_end"]


@pytest.mark.rule("RET-26c")
def test_spend_may_raise_a_tier_set_by_hand(climb):
    t = climb()
    by_hand(t)
    t.buy("2012-06-01", "A", "5000")
    t.at("2013-01-01")
    assert t.held() == ("Gold", "2013-12-31")


@pytest.mark.rule("RET-26")
def test_what_amounts_give_runs_on_below_a_floor_and_decides_when_it_ends(climb):
    t = climb()
    t.buy("2011-06-01", "A", "1000")  # Silver until 2012-12-31 by itself
    by_hand(t, tier="Gold", until=date(2012, 6, 30))
    t.at("2013-01-01")
    assert [t.held(day) for day in ("2012-02-01", "2012-07-01", "2013-01-01")] == [
        ("Gold", "2012-06-30"),
        ("Silver", "2012-12-31"),
        ("Basic", "None"),
    ]


@pytest.mark.rule("RET-26")
def test_automation_does_not_lower_below_a_floor(climb):
    t = climb()
    t.buy("2011-06-01", "A", "1000")
    by_hand(t, until=date(2013, 6, 30))
    t.at("2013-07-01")
    assert [t.held(day) for day in ("2012-12-31", "2013-01-01", "2013-06-30", "2013-07-01")] == [
        ("Silver", "2013-06-30"),
        ("Silver", "2013-06-30"),
        ("Silver", "2013-06-30"),
        ("Basic", "None"),
    ]


@pytest.mark.rule("RET-26c")
def test_a_tier_set_by_hand_waits_for_a_second_person(climb):
    t = climb()
    for more, error, code in (
        ({"approved_by": None}, Held, "approval_pending"),
        ({"approved_by": "clerk"}, NotPermitted, "approver_conflict"),
        ({"reason_code": None}, Incomplete, "reason_missing"),
        ({"tier": "Platinum"}, Unknown, "unknown_code"),
        ({"until": date(2012, 1, 31)}, Invalid, "invalid_date"),
    ):
        with pytest.raises(error) as refusal:
            by_hand(t, **more)
        assert refusal.value.code == code
    by_hand(t)
    with pytest.raises(Conflict) as refusal:
        by_hand(t)
    assert (refusal.value.code, t.name()) == ("source_conflict", "Silver")


def decide(t, moment, setting, actor="head", **more):
    return t.at(moment).ledger.execute("M-1", DecideTier(setting=setting, **more), actor=actor)


def ask(t, **more):
    with pytest.raises(Held) as refusal:
        by_hand(t, approved_by=None, **more)
    return refusal.value


@pytest.mark.rule("RET-26c", "RET-IN-q")
def test_a_tier_asked_for_counts_from_its_approval_by_somebody_else(climb):
    t = climb()
    assert "retail.decide_tier of " in ask(t).accepts
    (asked,) = t.in_force("retail.tier_requested")
    ask(t)
    assert (len(t.in_force("retail.tier_requested")), len(t.in_force("core.approval_requested"))) == (1, 1)
    with pytest.raises(NotPermitted) as refusal:
        decide(t, "2012-02-03", asked["setting"], actor="clerk")
    assert (refusal.value.code, t.name()) == ("approver_conflict", "Basic")
    decide(t, "2012-02-04", asked["setting"])
    assert [t.name(day) for day in ("2012-02-03", "2012-02-04")] == ["Basic", "Silver"]
    (done,) = t.in_force("retail.tier_set_manually")
    assert (done["approved_by"], done["reason_code"]) == ("head", asked["reason_code"])
    with pytest.raises(Unknown):
        decide(t, "2012-02-05", asked["setting"])


@pytest.mark.rule("RET-26")
def test_a_tier_that_is_refused_changes_nothing_and_may_be_asked_for_again(climb):
    t = climb()
    ask(t)
    (asked,) = t.in_force("retail.tier_requested")
    with pytest.raises(Incomplete) as refusal:
        decide(t, "2012-02-03", asked["setting"], outcome="refused")
    assert refusal.value.code == "reason_missing"
    decide(t, "2012-02-03", asked["setting"], outcome="refused", reason="no ground")
    assert (t.name(), t.in_force("core.approval_decided")[0]["outcome"]) == ("Basic", "refused")
    ask(t, moment="2012-02-04")
    assert len(t.in_force("core.approval_requested")) == 2


@pytest.mark.rule("RET-26")
def test_an_approval_that_comes_after_the_floors_last_day_is_refused(climb):
    t = climb()
    ask(t, until=date(2012, 2, 10))
    (asked,) = t.in_force("retail.tier_requested")
    with pytest.raises(Invalid) as refusal:
        decide(t, "2012-02-11", asked["setting"])
    assert refusal.value.code == "invalid_date"


@pytest.mark.rule("RET-26")
def test_who_asked_for_a_tier_is_not_named_as_its_approver_by_another(climb):
    t = climb()
    ask(t)
    (asked,) = t.in_force("retail.tier_requested")
    named = SetTier(
        setting=asked["setting"],
        tier="Silver",
        until=date.fromisoformat(asked["floor_until"]),
        reason_code=asked["reason_code"],
        approved_by="clerk",
    )
    with pytest.raises(NotPermitted) as refusal:
        t.ledger.execute("M-1", named, actor="desk")
    assert refusal.value.code == "approver_conflict"
