"""When the points that members hold expire (RET-18, RET-22)."""

from __future__ import annotations

from datetime import date

import pytest

from guanxi_retail import PointsReportRules, PointsRules
from plugins.retail.tests.till import notes


@pytest.fixture
def t(till):
    made = till(PointsRules(months=2))
    made.open("M-2")
    made.buy("2012-01-01", "A", "100")
    made.buy("2012-01-01", "B", "40", member="M-2")
    made.buy("2012-01-20", "C", "30")
    made.publish(PointsRules(months=4), "2012-01-25")
    made.buy("2012-01-25", "D", "7")
    made.publish(PointsRules(expiry="never"), "2012-01-26")
    made.buy("2012-01-26", "E", "5", member="M-2")
    return made.at("2012-01-31")


@pytest.mark.rule("RET-22")
def test_points_stand_by_the_days_until_they_expire(t):
    rows = t.ledger.report("retail.points_ageing").rows
    assert [(row[0], row[2], row[3]) for row in rows] == [
        ("0–30", 2, 140),
        ("31–60", 1, 30),
        ("61–90", 0, 0),
        ("91–", 1, 7),
        ("–", 1, 5),
    ]
    assert str(rows[0][1]) == "2012-03-01"
    one = t.ledger.report("retail.points_ageing", account="M-2").rows
    assert [row[3] for row in one] == [40, 0, 0, 0, 5]


@pytest.mark.rule("RET-22")
def test_lots_less_debt_are_the_balance_also_at_a_past_cut(t):
    t.redeem("2012-02-01", "X", 200, known="2012-02-01")
    found = notes(t.ledger.report("retail.points_ageing"))
    assert (found["in lots"], found["owed"], found["balance"]) == ("45", "63", "-18")
    past = notes(t.ledger.report("retail.points_ageing", as_of="2012-01-31"))
    assert (past["in lots"], past["owed"], past["balance"]) == ("182", "0", "182")


@pytest.mark.rule("RET-22")
def test_the_days_are_the_hosts(t):
    t.publish(PointsReportRules(ageing_days=(10, 45)), "2012-01-31")
    assert [row[0] for row in t.ledger.report("retail.points_ageing").rows] == ["0–10", "11–45", "46–", "–"]


@pytest.mark.rule("RET-57")
def test_lots_that_a_late_refund_emptied_are_replaced_by_those_that_gave(till):
    t = till(PointsRules(months=1))
    t.buy("2012-02-01", "A", "100")
    t.publish(PointsRules(months=2), "2012-02-02")
    t.buy("2012-02-02", "B", "100")
    t.redeem("2012-02-10", "X", 80)
    t.refund("2012-02-05", "A", "100", known="2012-02-12")
    assert [row[3] for row in t.ledger.report("retail.points_ageing").rows] == [0, 20, 0, 0, 0]
    assert [row[3] for row in t.ledger.report("retail.points_ageing", as_known="2012-02-11").rows] == [
        20,
        100,
        0,
        0,
        0,
    ]


@pytest.mark.rule("RET-22")
def test_the_whole_view_says_what_may_be_used_what_lapses_next_and_what_is_owed(t):
    def seen(**cut):
        return t.ledger.whole_view("M-1", **cut).section("retail.view_points").rows

    assert seen() == ((137, 0, 100, date(2012, 3, 1), 0),)
    assert seen(as_of="2011-12-31") == ()
    t.redeem("2012-02-01", "X", 200, known="2012-02-01")
    assert seen() == ((-63, 0, None, None, 63),)


@pytest.mark.rule("RET-16")
def test_points_that_wait_stand_apart_in_the_whole_view(till):
    t = till(PointsRules(pending_days=7))
    t.buy("2012-01-01", "A", "100")
    assert t.ledger.whole_view("M-1").section("retail.view_points").rows == ((0, 100, None, None, 0),)
