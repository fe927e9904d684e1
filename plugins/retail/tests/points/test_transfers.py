"""Lots of merged files go to the survivor with their dates (RET-21)."""

from __future__ import annotations

import pytest

from guanxi import Money, RuleNotMet, Unknown
from guanxi.relationship import MergeFiles, UndoMerge
from guanxi_retail import AdjustPoints, PointsRules, RecordPurchase, ReturnPoints, Tender
from plugins.retail.tests.points.test_merged_laws import foots
from plugins.retail.tests.till import table

A, B = "M-2", "M-1"


def merge(t, moment):
    t.at(moment).ledger.execute(B, MergeFiles(absorbed=A), actor="clerk", reason="the same person")
    t.at(moment + "T10:01" if len(moment) == 10 else moment)


def last(t, name, **of):
    rows = table(t.ledger.report("retail.points_movement", **of))
    return rows[-1][name] if rows else 0


@pytest.fixture
def two(till):
    """A has 100 of one day, B 50 of another."""
    t = till(PointsRules(months=6))
    t.open(A)
    t.buy("2012-01-05", "a", "100", member=A)
    t.buy("2012-01-25", "b", "50", member=B)
    return t


@pytest.mark.rule("RET-21b")
def test_the_survivor_has_both_lots_with_their_dates_and_the_absorbed_file_none(two):
    before = last(two, "closing")
    merge(two, "2012-02-01")
    lots = two.points(member=B).lots
    assert {key: (lot.active, str(lot.last_day)) for key, lot in lots.items()} == {
        "a": (100, "2012-07-05"),
        "b": (50, "2012-07-25"),
    }
    assert (two.points(member=B).balance, two.points(member=A).balance) == (150, 0)
    assert (before, last(two, "closing")) == (150, 150)
    assert [last(two, "closing", account=one) for one in (A, B)] == [0, 150]
    assert [last(two, "transferred", account=one) for one in (A, B)] == [-100, 100]


@pytest.mark.rule("RET-21b")
def test_before_the_merge_both_accounts_stay_as_they_were(two):
    merge(two, "2012-02-01")
    assert (two.points("2012-01-31", member=A).balance, two.points("2012-01-31", member=B).balance) == (
        100,
        50,
    )
    assert last(two, "closing", account=A, as_of="2012-01-31") == 100


@pytest.mark.rule("RET-21")
def test_transferred_lots_burn_and_lapse_in_the_survivors_account(two):
    merge(two, "2012-02-01")
    two.redeem("2012-02-02", "X", 120)
    assert two.in_force("retail.points_redeemed")[0]["lots"] == [["a", 100], ["b", 20]]
    two.undo("2012-02-03", "X")
    two.at("2012-07-10")
    assert (two.points(member=B).active, two.points(member=B).expired) == (50, 100)
    assert [last(two, "closing", account=one) for one in (A, B)] == [0, 50]
    ageing = two.ledger.report("retail.points_ageing").rows
    assert [row[2:] for row in ageing if row[3]] == [(1, 50)]


@pytest.mark.rule("RET-21")
def test_pending_points_and_debt_go_along(till):
    t = till(PointsRules(pending_days=7))
    t.open(A)
    t.buy("2012-01-01", "a", "100", member=A)
    t.redeem("2012-01-09", "X", 130, member=A, known="2012-01-09")
    t.buy("2012-01-10", "p", "80", member=A)
    t.buy("2012-01-10", "b", "50", member=B)
    merge(t, "2012-01-11")
    assert [(t.points(member=one).balance, t.points(member=one).pending) for one in (A, B)] == [
        (0, 0),
        (-30, 130),
    ]
    t.at("2012-01-18")
    assert (t.points(member=B).balance, t.points(member=B).debt) == (100, 0)
    assert [last(t, "closing", account=one) for one in (A, B)] == [0, 100]
    assert [last(t, "closing", account=one, view="pending") for one in (A, B)] == [0, 0]


@pytest.mark.rule("RET-21")
def test_what_is_entered_late_for_the_absorbed_account_goes_along_too(two):
    merge(two, "2012-02-01")
    two.buy("2012-01-06", "late", "7", member=A, known="2012-02-03")
    two.at("2012-02-04")
    assert (two.points(member=A).balance, two.points(member=B).balance) == (0, 157)
    assert [last(two, "closing", account=one) for one in (A, B)] == [0, 157]
    assert two.points(member=B, as_known="2012-02-02").balance == 150
    assert two.ledger.check_determinism().same


@pytest.mark.rule("RET-21")
def test_a_refund_of_the_absorbed_files_goods_takes_from_the_transferred_lot(two):
    merge(two, "2012-02-01")
    two.refund("2012-02-02", "a", "40", member=A)
    two.at("2012-02-03")
    assert {key: lot.active for key, lot in two.points(member=B).lots.items()} == {"a": 60, "b": 50}
    assert [last(two, "closing", account=one) for one in (A, B)] == [0, 110]
    with pytest.raises(RuleNotMet):
        two.redeem("2012-02-04", "Y", 1, member=A)


def unmerge(t, moment):
    t.at(moment).ledger.execute(B, UndoMerge(absorbed=A), actor="clerk", reason="two after all")
    t.at(moment + "T10:01")


@pytest.mark.rule("RET-21")
def test_after_an_unmerge_what_is_left_goes_back_and_what_was_used_is_listed(two):
    merge(two, "2012-02-01")
    two.redeem("2012-02-02", "X", 60)
    with pytest.raises(Unknown):
        two.tell("2012-02-03", ReturnPoints(absorbed=A))
    unmerge(two, "2012-03-01")
    assert [two.points(member=one).balance for one in (A, B)] == [0, 90]
    two.tell("2012-03-02", ReturnPoints(absorbed=A))
    (returned,) = two.in_force("retail.points_returned")
    assert (returned["used"], [lot["active"] for lot in returned["lots"]]) == ([["a", 60]], [40])
    assert [two.points(member=one).balance for one in (A, B)] == [40, 50]
    assert [last(two, "closing", account=one) for one in (A, B)] == [40, 50]
    two.at("2012-07-06")
    assert (two.points(member=A).balance, two.points(member=A).expired) == (0, 40)
    assert [last(two, "closing", account=one) for one in (A, B)] == [0, 50]
    with pytest.raises(Unknown):
        two.tell("2012-07-07", ReturnPoints(absorbed=A))
    assert two.ledger.check_determinism().same


@pytest.mark.rule("RET-20", "RET-21")
def test_a_redemption_of_the_absorbed_file_is_undone_into_the_transferred_lot(two):
    two.redeem("2012-01-20", "X", 100, member=A)
    merge(two, "2012-02-01")
    two.undo("2012-02-02", "X", member=A)
    two.at("2012-02-03")
    assert [two.points(member=one).balance for one in (A, B)] == [0, 150]
    assert [last(two, "closing", account=one) for one in (A, B)] == [0, 150]
    ageing = two.ledger.report("retail.points_ageing", as_of="2012-07-05").rows
    assert [row[3] for row in ageing] == [150, 0, 0, 0, 0]


def balances(t):
    return [t.points(member=one).balance for one in (A, B)]


@pytest.mark.rule("RET-21")
def test_points_of_a_receipt_told_under_the_absorbed_number_go_back_with_the_rest(two):
    merge(two, "2012-02-01")
    two.buy("2012-02-05", "z", "40", member=A)
    two.at("2012-02-06")
    assert balances(two) == [0, 190]
    foots(two)
    unmerge(two, "2012-02-10")
    foots(two)
    two.refund("2012-02-11", "z", "10", member=A)
    two.tell("2012-02-12", ReturnPoints(absorbed=A))
    assert balances(two) == [130, 50]
    foots(two)
    two.refund("2012-02-13", "z", "30", member=A)
    assert balances(two) == [100, 50]
    foots(two)
    assert two.ledger.check_determinism().same


@pytest.mark.rule("RET-21")
def test_points_spent_while_merged_are_not_there_again_after_another_merge(two):
    merge(two, "2012-02-01")
    unmerge(two, "2012-02-10")
    merge(two, "2012-02-12")
    assert balances(two) == [0, 150]
    foots(two)
    two.redeem("2012-02-14", "X", 150)
    two.at("2012-02-15")
    foots(two)
    unmerge(two, "2012-02-16")
    assert balances(two) == [0, 0]
    foots(two)


@pytest.mark.rule("RET-21")
def test_what_was_earned_since_the_return_goes_along_at_the_next_merge(two):
    merge(two, "2012-02-01")
    unmerge(two, "2012-02-10")
    two.tell("2012-02-11", ReturnPoints(absorbed=A))
    two.buy("2012-02-12", "q", "20", member=A)
    merge(two, "2012-02-13")
    assert balances(two) == [0, 170]
    foots(two)
    assert two.ledger.history(B).would_differ() == []


@pytest.mark.rule("RET-21")
def test_an_absorbed_account_neither_spends_nor_is_set_right(two):
    merge(two, "2012-02-01")
    paid = {
        "paid": Money("60", "CNY"),
        "tenders": (Tender(kind="points", amount=40), Tender(kind="cash", amount=60)),
    }
    for order in (
        AdjustPoints(adjustment="P", points=25, reason_code="goodwill", approved_by="head"),
        AdjustPoints(adjustment="P", points=-25, reason_code="goodwill", approved_by="head"),
        RecordPurchase(receipt="r", **paid),
    ):
        with pytest.raises(RuleNotMet) as refusal:
            two.tell("2012-02-03", order, member=A)
        assert refusal.value.code == "file_absorbed"
    with pytest.raises(RuleNotMet) as refusal:
        two.redeem("2012-02-03", "X", 1, member=A)
    assert (refusal.value.code, balances(two)) == ("file_absorbed", [0, 150])


@pytest.mark.rule("RET-21")
def test_what_happened_under_the_absorbed_number_moves_points_of_the_survivor_only(two):
    merge(two, "2012-02-01")
    two.redeem("2012-02-06", "Q", 10, member=A, known="2012-02-06T12:00")
    adjustment = AdjustPoints(adjustment="P", points=25, reason_code="goodwill", approved_by="head")
    two.tell("2012-02-07", adjustment, member=A, known="2012-02-07T12:00")
    two.at("2012-02-08")
    assert balances(two) == [0, 165]
    foots(two)
    unmerge(two, "2012-02-10")
    assert balances(two) == [0, 165]
    foots(two)
    assert two.ledger.check_determinism().same


@pytest.mark.rule("RET-19", "RET-21")
def test_points_that_come_back_settle_debt(two):
    merge(two, "2012-02-01")
    unmerge(two, "2012-02-10")
    two.refund("2012-02-11", "a", "100", member=A)
    assert two.points(member=A).debt == 100
    two.tell("2012-02-12", ReturnPoints(absorbed=A))
    assert (two.points(member=A).active, two.points(member=A).debt) == (0, 0)
    foots(two)
