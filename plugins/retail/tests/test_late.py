"""What late entries and rule sets published for the past do to points decided before (RET-57, RET-58)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from guanxi import RuleNotMet
from guanxi.relationship import MergeFiles
from guanxi_retail import PointsRules
from guanxi_retail.points.points import Points
from plugins.retail.tests.till import table


@pytest.mark.rule("RET-57c")
def test_a_worse_rate_published_for_the_past_takes_nothing(till):
    t = till(PointsRules(rate=Decimal(1)))
    t.buy("2012-01-25", "A", "500.00")
    t.at("2012-02-01")
    t.publish(PointsRules(rate=Decimal("0.5")), "2012-01-20", retroactive="a mistake in the leaflet")
    assert t.points().active == 500
    (one,) = [d for d in t.ledger.history("M-1").would_differ() if d.name == "retail.points_earned"]
    assert one.derived.points - one.stored.points == -250


@pytest.mark.rule("RET-57c")
def test_the_stored_version_also_decides_when_a_late_entry_has_it_judged_again(till):
    t = till(PointsRules(rate=Decimal(1)))
    t.buy("2012-01-25", "A", "500.00")
    t.at("2012-02-01")
    t.publish(PointsRules(rate=Decimal("0.5")), "2012-01-20", retroactive="a mistake in the leaflet")
    t.buy("2012-01-21", "B", "100.00", known="2012-02-02")
    assert {key: lot.active for key, lot in t.points().lots.items()} == {"B": 50, "A": 500}


@pytest.mark.rule("RET-57d")
def test_a_refund_entered_late_is_dated_its_own_day_and_the_redemption_stays(till):
    t = till()
    t.buy("2012-02-01", "A", "1000")
    t.redeem("2012-02-28", "X", 400)
    t.refund("2012-02-15", "A", "1000", known="2012-03-10")
    assert (t.points("2012-02-20").balance, t.points("2012-02-28").balance) == (0, -400)
    known = {"as_known": "2012-03-09"}
    assert (t.points("2012-02-20", **known).balance, t.points("2012-02-28", **known).balance) == (1_000, 600)
    assert t.flags() == [("retail.points_redeemed", "without_ground")]
    assert t.points().redemptions["X"].uncovered == 400


@pytest.mark.rule("RET-19", "RET-57d")
@pytest.mark.parametrize(
    ("policy", "on_the_refunds_day", "now"),
    [("only_pending", 1_000, 600), ("within_balance", 0, 0), ("unlimited", 0, -400)],
)
def test_what_had_been_used_when_a_refund_became_known_is_left_to_the_policy(
    till, policy, on_the_refunds_day, now
):
    t = till(PointsRules(clawback=policy))
    t.buy("2012-02-01", "A", "1000")
    t.redeem("2012-02-28", "X", 400)
    t.refund("2012-02-15", "A", "1000", known="2012-03-10")
    assert (t.points("2012-02-20").balance, t.points().balance) == (on_the_refunds_day, now)
    left = sum(line["unrecovered"] for line in t.in_force("retail.points_clawed_back"))
    left += sum(line["unrecovered"] for line in t.in_force("retail.points_rebooked"))
    assert left == {"only_pending": 1_000, "within_balance": 400, "unlimited": 0}[policy]
    (february, _) = table(t.ledger.report("retail.points_movement"))
    assert (february["clawed_back"], february["closing"]) == (1_000 - left, now)


@pytest.mark.rule("RET-57")
def test_a_late_refund_that_other_lots_can_cover_leaves_no_flag(till):
    t = till()
    t.buy("2012-02-01", "A", "1000")
    t.buy("2012-02-02", "B", "1000")
    t.redeem("2012-02-28", "X", 400)
    t.refund("2012-02-15", "A", "1000", known="2012-03-10")
    assert (t.points().balance, t.points().lots["B"].active, t.flags()) == (600, 600, [])


@pytest.mark.rule("RET-57e")
def test_a_refusal_is_not_decided_again(till):
    t = till()
    t.buy("2012-04-01", "A", "200")
    with pytest.raises(RuleNotMet):
        t.redeem("2012-05-01", "X", 300)
    t.buy("2012-04-28", "B", "200", known="2012-05-03")
    assert t.points().redemptions == {}
    assert t.points("2012-05-01", as_known="2012-05-01").active == 200
    assert t.points("2012-05-01", as_known="2012-05-03").active == 400


@pytest.mark.rule("RET-57g")
def test_a_longer_life_published_for_the_past_brings_lapsed_points_back(till):
    t = till(PointsRules(months=12))
    t.buy("2011-01-14", "A", "100")
    t.at("2012-01-15").ledger.advance()
    t.at("2012-02-01")
    t.publish(PointsRules(months=24), "2011-01-01", retroactive="longer life promised")
    assert (t.points(as_known="2012-01-31").expired, t.points(as_known="2012-01-31").active) == (100, 0)
    assert (t.points().expired, t.points().active) == (0, 100)
    assert t.points().lots["A"].last_day == date(2013, 1, 14)
    t.at("2013-01-15")
    assert t.points().expired == 100


@pytest.mark.rule("RET-57")
def test_a_shorter_life_published_for_the_past_takes_nothing(till):
    t = till(PointsRules(months=12))
    t.buy("2011-01-14", "A", "100")
    t.at("2011-08-01")
    t.publish(PointsRules(months=6), "2011-01-01", retroactive="shorter life wished for")
    assert (t.points().active, t.points().lots["A"].last_day) == (100, date(2012, 1, 14))


@pytest.mark.rule("RET-57")
def test_points_added_in_hindsight_to_a_lapsed_lot_lapse_with_it(till):
    t = till(PointsRules(months=1))
    t.buy("2012-01-25", "A", "100")
    t.at("2012-04-01").ledger.advance()
    t.at("2012-04-02")
    t.publish(PointsRules(rate=Decimal(6), months=1), "2012-01-20", retroactive="promised")
    assert (t.points().active, t.points().expired) == (0, 600)


@pytest.mark.rule("RET-57")
def test_a_correction_of_the_amount_restates_the_lot_and_what_was_taken_from_it(till):
    t = till()
    bought = t.buy("2012-02-01", "A", "1000")
    t.redeem("2012-02-10", "X", 900)
    t.at("2012-03-01").ledger.correct(
        bought.entries[0].id, {"paid": {"amount": "500", "currency": "CNY"}}, actor="clerk", reason="misread"
    )
    assert (t.points("2012-02-05").balance, t.points().balance) == (500, -400)
    assert t.points(as_known="2012-02-28").balance == 100
    assert t.flags() == [("retail.points_redeemed", "without_ground")]


@pytest.mark.rule("RET-58d")
def test_no_job_for_three_months_and_a_daily_job_leave_the_same_decisions(till):
    def play(daily):
        t = till(PointsRules(months=1, pending_days=2))
        t.buy("2011-12-31", "A", "100")
        day = date(2012, 1, 1)
        while daily and day < date(2012, 4, 1):
            t.at(f"{day}T00:30").ledger.advance()
            day += timedelta(days=1)
        t.buy("2012-04-01", "B", "50")
        lines = [line for line in t.ledger.history("M-1").lines() if line.kind == "decision"]
        return t, sorted(
            (line.effective_from, line.name, sorted(dict(line.fields).items())) for line in lines
        )

    (with_job, one), (without, other) = play(True), play(False)
    assert one == other
    for t in (with_job, without):
        known: Points = t.points(as_known="2012-02-01")
        assert (known.lots["A"].last_day, known.expired) == (date(2012, 1, 31), 100)


@pytest.mark.rule("RET-57c")
def test_what_a_rule_published_for_the_past_would_change_stays_listed_whatever_is_entered_later(till):
    t = till(PointsRules())
    t.buy("2012-01-25", "A", "500.00")
    t.at("2012-02-01")
    t.publish(PointsRules(rate=Decimal("0.5")), "2012-01-20", retroactive="halved")
    for moment in ("2012-02-03", "2012-02-05"):
        t.buy(moment, f"later {moment}", "100.00")
        [one] = t.ledger.history("M-1").would_differ()
        assert (one.name, one.stored.points, one.derived.points) == ("retail.points_earned", 500, 250)
    t.at("2012-02-10")
    t.publish(PointsRules(), "2012-01-20", retroactive="taken back")
    t.buy("2012-02-11", "last", "100.00")
    assert [d for d in t.ledger.history("M-1").would_differ() if d.stored.points == 500] == []


@pytest.mark.rule("RET-57c")
def test_it_stays_listed_for_members_whose_files_are_merged(till):
    t = till(PointsRules())
    t.open("M-2")
    t.buy("2012-01-25", "A", "500.00", member="M-2")
    t.buy("2012-01-26", "B", "100.00")
    t.at("2012-01-27")
    t.ledger.execute("M-1", MergeFiles(absorbed="M-2"), actor="clerk", reason="the same person")
    t.at("2012-02-01")
    t.publish(PointsRules(rate=Decimal("0.5")), "2012-01-20", retroactive="halved")
    t.buy("2012-02-04", "C", "10.00")
    listed = {m: [d.stored.points for d in t.ledger.history(m).would_differ()] for m in ("M-1", "M-2")}
    assert listed == {"M-1": [100], "M-2": [500]}
