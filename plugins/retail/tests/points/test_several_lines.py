"""Receipts of several lines: what each earns, and what a refund of several takes back (RET-15, RET-19)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi import Conflict, Money
from guanxi_retail import PointsRules, ReceiptLine, RecordPurchase, RefundPurchase, ReturnedLine

POLICIES = ("only_pending", "within_balance", "unlimited")


def line(number, paid, area=None):
    return ReceiptLine(number=number, area=area, net=Decimal(paid), paid=Decimal(paid))


def buy(t, moment, receipt, *lines, conditions=(), **more):
    paid = Money(sum((one.paid for one in lines), Decimal(0)), "CNY")
    return t.tell(
        moment, RecordPurchase(receipt=receipt, paid=paid, lines=lines, conditions=conditions), **more
    )


def give_back(t, moment, receipt, refund, *parts, **more):
    lines = tuple(ReturnedLine(number=n, net=Decimal(paid), paid=Decimal(paid)) for n, paid in parts)
    paid = Money(sum((one.paid for one in lines), Decimal(0)), "CNY")
    return t.tell(moment, RefundPurchase(refund=refund, receipt=receipt, paid=paid, lines=lines), **more)


def held(t):
    return {key: lot.active for key, lot in t.points().lots.items()}


@pytest.mark.rule("RET-15", "RET-57a")
def test_each_line_is_a_lot_with_its_own_area_floored_by_itself(till):
    t = till()
    buy(
        t,
        "2012-01-06",
        "R7",
        line(1, "99.99", "clothing"),
        line(2, "500.00", "cosmetics"),
        line(3, "0.90"),
        conditions=("vip", "demonstration"),
    )
    assert held(t) == {"R7/1": 379, "R7/2": 3_000}


@pytest.mark.rule("RET-57a")
def test_a_lot_keeps_its_key_however_often_it_is_derived(till):
    t = till()
    buy(t, "2012-01-06", "S1/R7", line(1, "10"), line(2, "20"))
    t.buy("2012-01-05", "S1/R6", "5", known="2012-01-07")
    lots = [one["lot"] for one in t.in_force("retail.points_earned")]
    assert sorted(lots) == ["S1/R6", "S1/R7/1", "S1/R7/2"]
    assert t.ledger.check_determinism().same


@pytest.mark.rule("RET-19")
@pytest.mark.parametrize("policy", POLICIES)
def test_a_refund_of_two_lines_takes_each_lines_points_from_its_own_lot(till, policy):
    t = till(PointsRules(clawback=policy, pending_days=30))
    buy(
        t,
        "2012-01-06",
        "R",
        line(1, "100.00", "cosmetics"),
        line(2, "50.50"),
        conditions=("vip", "demonstration"),
    )
    give_back(t, "2012-01-07", "R", "F", (1, "100.00"), (2, "10.00"))
    first, second = t.in_force("retail.points_clawed_back")
    assert (first["lot"], first["due"], first["from_pending"]) == ("R/1", 600, 600)
    assert (second["lot"], second["due"], second["from_pending"]) == ("R/2", 10, 10)
    assert t.points().pending == 40


@pytest.mark.rule("RET-19")
@pytest.mark.parametrize(
    ("policy", "balance", "unrecovered"),
    [("only_pending", 70, 150), ("within_balance", 0, 80), ("unlimited", -80, 0)],
)
def test_two_lines_of_one_refund_do_not_take_the_same_points_twice(till, policy, balance, unrecovered):
    t = till(PointsRules(clawback=policy))
    buy(t, "2012-01-06", "R", line(1, "100"), line(2, "50"))
    t.buy("2012-01-05", "other", "20", known="2012-01-06T11:00")
    t.redeem("2012-01-07", "X", 100)
    give_back(t, "2012-01-08", "R", "F", (1, "100"), (2, "50"))
    claws = t.in_force("retail.points_clawed_back")
    assert [claw["due"] for claw in claws] == [100, 50]
    assert (t.points().balance, sum(claw["unrecovered"] for claw in claws)) == (balance, unrecovered)


@pytest.mark.rule("RET-19")
def test_refunds_of_one_line_leave_the_others_of_its_receipt(till):
    t = till()
    buy(t, "2012-01-06", "R", line(1, "33.50"), line(2, "33.50"))
    give_back(t, "2012-01-07", "R", "F1", (1, "33.00"))
    give_back(t, "2012-01-08", "R", "F2", (1, "0.50"), (2, "0.60"))
    assert [claw["due"] for claw in t.in_force("retail.points_clawed_back")] == [33, 1]
    assert held(t) == {"R/1": 0, "R/2": 32}


@pytest.mark.rule("RET-19")
def test_lines_that_become_usable_at_one_instant_settle_a_debt_once(till):
    t = till()
    t.redeem("2012-01-05", "X", 3, known="2012-01-05")
    buy(t, "2012-01-06", "R", line(1, "2"), line(2, "2"))
    assert [one["to_debt"] for one in t.in_force("retail.points_activated")] == [2, 1]
    assert (held(t), t.points().debt) == ({"R/1": 0, "R/2": 1}, 0)


@pytest.mark.rule("RET-15")
def test_a_number_that_stands_twice_is_flagged_and_both_purchases_earn(till):
    t = till()
    t.buy("2012-01-06", "A", "100")
    t.buy("2012-01-05", "A", "30", known="2012-01-07")
    assert held(t) == {"A": 30, "A (2)": 100}
    assert t.flags() == [("retail.purchase_recorded", "source_conflict")]
    assert t.ledger.report("retail.points_movement").rows[-1][-1] == t.points().balance == 130
    with pytest.raises(Conflict):
        t.buy("2012-01-08", "A", "1")
