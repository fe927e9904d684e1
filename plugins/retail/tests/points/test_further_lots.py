"""What later knowledge adds to a line's points is a lot of its own (RET-15, RET-57)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi_retail import PointsRules, TierRules
from plugins.retail.tests.till import table


def books(times, **more):
    return PointsRules(multipliers={"books": Decimal(times)}, **more)


def promised(t, moment, rules, since="2012-01-20"):
    t.at(moment)
    t.publish(rules, since, retroactive="promised in the leaflet")


def held(t, **cut):
    return {key: lot.active for key, lot in t.points(**cut).lots.items()}


@pytest.fixture
def t(till):
    made = till()
    made.buy("2012-01-25", "A", "100.00", area="books")
    promised(made, "2012-02-01", books(6))
    return made.at("2012-02-02")


@pytest.mark.rule("RET-15d")
def test_the_difference_is_a_further_lot_with_the_first_ones_last_day(t):
    assert held(t, as_known="2012-01-31") == {"A": 100}
    assert held(t, as_known="2012-02-02") == {"A": 100, "A +1": 500}
    assert {str(lot.last_day) for lot in t.points().lots.values()} == {"2013-01-25"}
    assert t.points("2012-01-25", as_known="2012-02-02").active == 600


@pytest.mark.rule("RET-15d")
def test_each_promise_adds_a_lot_and_months_foot(t):
    t.redeem("2012-02-03", "X", 150)
    promised(t, "2012-02-04", books(8))
    t.at("2012-02-05").ledger.advance()
    assert held(t) == {"A": 0, "A +1": 450, "A +2": 200}
    (usable, *_), (pending, *_) = (
        table(t.ledger.report("retail.points_movement", view=view)) for view in ("usable", "pending")
    )
    assert (usable["activated"], pending["earned"]) == (800, 800)
    assert t.ledger.check_determinism().same


@pytest.mark.rule("RET-57")
def test_a_late_entry_before_it_leaves_first_and_further_lot_as_they_are(t):
    t.buy("2012-01-22", "L", "10", known="2012-02-05")
    assert held(t) == {"L": 10, "A": 100, "A +1": 500}
    assert t.points().pending == 0
    assert t.ledger.check_determinism().same


@pytest.mark.rule("RET-19", "RET-57")
def test_a_refund_takes_from_the_first_lot_then_from_the_further_one(t):
    t.refund("2012-02-03", "A", "50.00")
    (claw,) = t.in_force("retail.points_clawed_back")
    assert (claw["due"], claw["from_own_lot"], claw["from_other_lots"]) == (300, 100, [["A +1", 200]])
    t.refund("2012-02-04", "A", "50.00")
    assert held(t) == {"A": 0, "A +1": 0}


@pytest.mark.rule("RET-19", "RET-57")
def test_a_refund_takes_from_what_is_pending_of_both(till):
    t = till(PointsRules(pending_days=60))
    t.buy("2012-01-25", "A", "100.00", area="books")
    promised(t, "2012-02-01", books(6, pending_days=60))
    t.refund("2012-02-03", "A", "50.00")
    (claw,) = t.in_force("retail.points_clawed_back")
    assert (claw["from_pending"], claw["further_pending"]) == (100, [["A +1", 200]])
    assert t.points().pending == 300
    assert table(t.ledger.report("retail.points_movement", view="pending"))[-1]["closing"] == 300


@pytest.mark.rule("RET-57")
def test_a_corrected_line_has_its_lot_drawn_anew(till):
    t = till()
    bought = t.buy("2012-01-25", "A", "100.00", area="books")
    promised(t, "2012-02-01", books(6))
    t.at("2012-02-02").ledger.advance()
    t.at("2012-02-03").ledger.correct(
        bought.entries[0].id, {"paid": {"amount": "50", "currency": "CNY"}}, actor="clerk", reason="misread"
    )
    assert held(t) == {"A": 300}
    assert t.points(as_known="2012-02-02").active == 600


@pytest.mark.rule("RET-57")
def test_a_worse_rate_after_a_better_one_takes_nothing_and_is_listed(t):
    t.ledger.advance()
    promised(t, "2012-02-04", books(2))
    assert t.points().active == 600
    (one,) = [d for d in t.ledger.history("M-1").would_differ() if d.name == "retail.points_earned"]
    assert (one.stored.points, one.derived.points) == (600, 200)


@pytest.mark.rule("RET-57g")
def test_more_points_and_a_longer_life_at_once_draw_the_whole_lot_anew(till):
    t = till()
    t.buy("2012-01-25", "A", "100.00", area="books")
    promised(t, "2012-02-01", books(6, months=24))
    assert {key: (lot.active, str(lot.last_day)) for key, lot in t.points().lots.items()} == {
        "A": (600, "2014-01-25")
    }


@pytest.mark.rule("RET-57")
def test_more_points_with_a_shorter_life_keep_the_first_ones_last_day(till):
    t = till()
    t.buy("2012-01-25", "A", "100.00", area="books")
    promised(t, "2012-02-01", books(6, months=1))
    assert held(t) == {"A": 100, "A +1": 500}
    assert {str(lot.last_day) for lot in t.points().lots.values()} == {"2013-01-25"}


@pytest.mark.rule("RET-57")
def test_a_further_lot_learned_of_after_its_last_day_lapses_at_once(till):
    t = till(PointsRules(months=1))
    t.buy("2012-01-25", "A", "100.00", area="books")
    t.at("2012-04-01").ledger.advance()
    promised(t, "2012-04-02", books(6, months=1))
    assert (t.points().active, t.points().expired) == (0, 600)
    assert t.points(as_known="2012-04-01").expired == 100


@pytest.mark.rule("RET-57b")
def test_a_tier_reinstated_in_hindsight_adds_a_lot_of_what_it_gives_more(till):
    ladder = {"Silver": Decimal(1_000), "Gold": Decimal(5_000)}
    t = till(PointsRules(tier_multipliers={"Gold": Decimal(2)}), TierRules(tiers=ladder))
    t.buy("2012-04-01", "A", "5000")
    t.buy("2013-05-01", "B", "1200")
    t.buy("2014-01-02", "C", "100")
    t.buy("2013-12-30", "late", "3800", known="2014-01-03")
    further = {key: lot for key, lot in t.points().lots.items() if key.startswith("C")}
    assert {key: lot.active for key, lot in further.items()} == {"C": 100, "C +1": 100}
    assert {str(lot.last_day) for lot in further.values()} == {"2015-01-02"}
    assert [(k, lot.active) for k, lot in t.points(as_known="2014-01-02").lots.items() if k[0] == "C"] == [
        ("C", 100)
    ]
    assert t.ledger.check_determinism().same
