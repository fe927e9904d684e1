"""Points set right by hand: reason, second person, the request that waits (RET-21)."""

from __future__ import annotations

import pytest

from guanxi import Conflict, Held, Incomplete, NotPermitted, RuleNotMet, Unknown
from guanxi_retail import DecideAdjustment


def decide(t, moment, adjustment, actor="head", **more):
    t.at(moment)
    return t.ledger.execute("M-1", DecideAdjustment(adjustment=adjustment, **more), actor=actor)


def ask(t, moment, adjustment, points, **more):
    with pytest.raises(Held) as refusal:
        t.adjust(moment, adjustment, points, approved_by=None, **more)
    return refusal.value


@pytest.fixture
def t(till):
    made = till()
    made.buy("2012-01-06", "A", "300")
    return made


@pytest.mark.rule("RET-21a")
@pytest.mark.parametrize(
    ("points", "more", "error", "code"),
    [
        (-500, {}, RuleNotMet, "insufficient_points"),
        (50, {"reason_code": None}, Incomplete, "reason_missing"),
        (50, {"approved_by": None}, Held, "approval_pending"),
        (50, {"approved_by": "clerk"}, NotPermitted, "approver_conflict"),
    ],
)
def test_an_adjustment_needs_enough_points_a_reason_and_a_second_person(t, points, more, error, code):
    with pytest.raises(error) as refusal:
        t.adjust("2012-01-07", "P", points, **more)
    assert (refusal.value.code, t.points().balance) == (code, 300)


@pytest.mark.rule("RET-21a", "RET-IN-q")
def test_what_waits_for_approval_is_kept_and_changes_no_balance(t):
    ask(t, "2012-01-07", "P", 50)
    assert t.points().balance == 300
    (asked,) = t.in_force("retail.adjustment_requested")
    (approval,) = t.in_force("core.approval_requested")
    assert (asked["points"], asked["reason_code"]) == (50, "goodwill")
    assert (approval["applicant"], approval["number"]) == ("clerk", "P")


@pytest.mark.rule("RET-21")
def test_it_counts_from_its_approval_by_somebody_else(t):
    ask(t, "2012-01-07", "P", 50)
    with pytest.raises(NotPermitted) as refusal:
        decide(t, "2012-01-08", "P", actor="clerk")
    assert refusal.value.code == "approver_conflict"
    decide(t, "2012-01-09", "P")
    assert (t.points("2012-01-08").balance, t.points().balance) == (300, 350)
    (done,) = t.in_force("retail.points_adjusted")
    assert (done["approved_by"], done["last_day"]) == ("head", "2013-01-09")
    assert t.in_force("core.approval_decided")[0]["outcome"] == "approved"
    with pytest.raises(Unknown):
        decide(t, "2012-01-10", "P")


@pytest.mark.rule("RET-21")
def test_what_is_refused_changes_nothing_and_may_be_asked_for_again(t):
    ask(t, "2012-01-07", "P", 50)
    decide(t, "2012-01-08", "P", outcome="refused", reason="no ground")
    assert (t.points().balance, t.points().requests) == (300, {})
    ask(t, "2012-01-09", "Q", 50)
    assert list(t.points().requests) == ["Q"]


@pytest.mark.rule("RET-21")
def test_an_approved_adjustment_takes_in_burn_order_what_is_there_on_that_day(t):
    t.buy("2012-01-05", "B", "100", known="2012-01-06T12:00")
    ask(t, "2012-01-07", "P", -350)
    t.redeem("2012-01-08", "X", 100)
    with pytest.raises(RuleNotMet) as refusal:
        decide(t, "2012-01-09", "P")
    assert refusal.value.code == "insufficient_points"
    t.undo("2012-01-10", "X")
    decide(t, "2012-01-11", "P")
    assert t.in_force("retail.points_adjusted")[0]["lots"] == [["B", 100], ["A", 250]]
    assert t.points().balance == 50


@pytest.mark.rule("RET-21")
def test_a_request_may_be_approved_on_paper_and_stands_under_its_number(t):
    ask(t, "2012-01-07", "P", 50)
    ask(t, "2012-01-07T11:00", "P", 50)
    assert len(t.in_force("retail.adjustment_requested")) == 1
    with pytest.raises(Conflict):
        t.adjust("2012-01-08", "P", 60)
    t.adjust("2012-01-08", "P", 50)
    assert (t.points().balance, t.points().requests) == (350, {})
    with pytest.raises(Conflict):
        t.adjust("2012-01-09", "P", 50)


@pytest.mark.rule("RET-21", "RET-22")
@pytest.mark.parametrize(("told", "corrected", "balance"), [(-25, 15, 315), (-25, -15, 285), (25, -15, 285)])
def test_an_adjustment_told_with_the_wrong_sign_or_too_high_is_corrected(t, told, corrected, balance):
    t.adjust("2012-01-07", "P", told)
    (entry,) = [one.id for one in t.ledger.history("M-1").lines() if one.name == "retail.points_adjusted"]
    t.at("2012-01-08").ledger.correct(entry, {"points": corrected}, actor="clerk", reason="mistyped")
    t.at("2012-01-09")
    ageing = t.ledger.report("retail.points_ageing")
    movement = t.ledger.report("retail.points_movement").rows
    assert (t.points().balance, sum(row[3] for row in ageing.rows), movement[-1][-1]) == (balance,) * 3
    assert t.ledger.check_determinism().same
