"""A receipt that is voided or re-dated, and what the programme gave out that had paid part of it (RET-12, RET-20, RET-57)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import RuleNotMet, Unknown
from guanxi.relationship import MergeFiles, UndoMerge
from guanxi_retail import PointsRules, VoucherRules, void_receipt, void_refund
from plugins.retail.tests.promotions.counter import (
    back,
    cash,
    give_back,
    give_voucher,
    ladder,
    one,
    points,
    voucher,
    worth,
)
from plugins.retail.tests.till import local, table

D = Decimal


def entry(outcome, name):
    """The id of what was told of a name."""
    return next(one.id for one in outcome.entries if one.name == name)


def void(t, moment, outcome, name="retail.purchase_recorded"):
    t.at(moment).ledger.void(entry(outcome, name), actor="clerk", reason="another customer's")


@pytest.mark.rule("RET-20")
def test_points_that_paid_for_a_voided_receipt_come_back_to_their_lots(till):
    t = till(PointsRules())
    t.buy("2012-01-01", "A", "100")
    paid = t.buy("2012-01-02", "B", "60", tenders=(points("40"), cash("60")))
    void(t, "2012-01-05", paid)
    assert (t.points().balance, t.points().lots["A"].active, "B" in t.points().lots) == (100, 100, False)
    assert t.points(as_known="2012-01-04").balance == 60 + 60
    (back_again,) = t.in_force("retail.points_restored")
    assert (back_again["redemption"], back_again["lots"]) == ("B", [["A", 40]])
    assert t.flags() == []


@pytest.mark.rule("RET-12")
def test_a_voucher_that_paid_for_a_voided_receipt_is_usable_again_whole(till):
    t = till(ladder())
    key = give_voucher(t)
    paid = t.buy("2012-02-01", "B", "0", tenders=(voucher("45", key),))
    void(t, "2012-02-05", paid)
    again = one(t, key)
    assert (again.value, again.used, again.forfeited, again.last_day) == (60, 0, 0, date(2012, 4, 20))
    assert worth(t, as_known="2012-02-04") == 0
    t.buy("2012-02-06", "C", "0", tenders=(voucher("60", key),))
    assert (worth(t), one(t, key).used, t.flags()) == (0, 60, [])


@pytest.mark.rule("RET-12")
def test_the_register_shows_what_a_voided_receipt_gives_back(till):
    t = till(ladder())
    key = give_voucher(t)
    paid = t.buy("2012-02-01", "B", "0", tenders=(voucher("45", key),))
    void(t, "2012-02-05", paid)
    february = table(t.ledger.report("retail.voucher_register", as_of="2012-02-29"))[-1]
    moved = {name: february[name] for name in ("opening", "restored", "redeemed", "forfeited", "closing")}
    assert moved == {"opening": 60, "restored": 60, "redeemed": 45, "forfeited": 15, "closing": 60}


@pytest.mark.rule("RET-12")
def test_a_voucher_given_back_after_its_last_day_lapses(till):
    t = till(ladder(), VoucherRules(valid_days=5))
    key = give_voucher(t)
    paid = t.buy("2012-01-26", "B", "0", tenders=(voucher("60", key),))
    void(t, "2012-02-05", paid)
    assert (one(t, key).value, one(t, key).used, one(t, key).expired) == (0, 0, 60)


@pytest.mark.rule("RET-57")
def test_what_a_refund_gave_back_before_the_voiding_is_given_once(till):
    t = till(PointsRules(), ladder())
    key = give_voucher(t)
    t.buy("2012-01-30", "P", "100")
    paid = t.buy("2012-02-01", "B", "100", tenders=(points("40"), voucher("60", key), cash("100")))
    give_back(t, "2012-02-02", "B", "50", back(1, "100", "50", quantity=0))
    void(t, "2012-02-05", paid)
    assert (t.points().balance, worth(t), one(t, key).used) == (300, 60, 0)


@pytest.mark.rule("RET-58")
def test_a_receipt_is_not_dated_anew_without_the_points_that_paid_for_it(till):
    t = till(PointsRules())
    t.buy("2012-01-01", "A", "100")
    paid = t.buy("2012-01-10", "B", "60", tenders=(points("40"), cash("60")))
    t.at("2012-01-12")
    for day in ("2012-01-05", "2012-01-11"):
        with pytest.raises(RuleNotMet) as refusal:
            t.ledger.correct(
                entry(paid, "retail.purchase_recorded"),
                effective_from=local(day),
                actor="clerk",
                reason="wrong day",
            )
        assert (refusal.value.code, refusal.value.rule) == ("tenders_apart", "RET-58")
    t.ledger.correct(
        entry(paid, "retail.points_redeemed"), effective_from=local("2012-01-05"), actor="clerk", reason="day"
    )
    assert t.flags() == [("retail.purchase_recorded", "tenders_apart")]
    t.ledger.correct(
        entry(paid, "retail.purchase_recorded"),
        effective_from=local("2012-01-05"),
        actor="clerk",
        reason="wrong day",
    )
    assert (t.flags(), t.points(as_of="2012-01-06").balance, t.points().balance) == ([], 120, 120)


@pytest.mark.rule("RET-58")
def test_points_taken_off_a_receipt_that_stands_are_missed_there(till):
    t = till(PointsRules())
    t.buy("2012-01-01", "A", "100")
    paid = t.buy("2012-01-10", "B", "60", tenders=(points("40"), cash("60")))
    void(t, "2012-01-12", paid, "retail.points_redeemed")
    assert t.flags() == [("retail.purchase_recorded", "tenders_apart")]


@pytest.mark.rule("RET-57")
def test_what_a_voided_receipt_gave_back_may_be_spent_under_its_number_again(till):
    t = till(PointsRules())
    t.buy("2012-01-01", "A", "100")
    paid = t.buy("2012-01-02", "B", "60", tenders=(points("40"), cash("60")))
    void(t, "2012-01-05", paid)
    t.buy("2012-01-06", "B", "60", tenders=(points("40"), cash("60")))
    assert (t.points().balance, t.points().lots["A"].active, t.flags()) == (120, 60, [])


@pytest.mark.rule("RET-21")
@pytest.mark.parametrize("under", ["M-1", "M-2"])
def test_in_a_merged_account_they_come_back_once_too(till, under):
    t = till(PointsRules(), ladder())
    t.open("M-2")
    t.buy("2012-01-21", "A", "200", member="M-2")
    paid = None
    if under == "M-2":
        paid = t.buy(
            "2012-01-30",
            "B",
            "0",
            member="M-2",
            tenders=(points("40"), voucher("60", "RET-11/2012-01-21/1")),
        )
    t.tell("2012-02-01", MergeFiles(absorbed="M-2"))
    if paid is None:
        paid = t.buy("2012-02-02", "B", "0", tenders=(points("40"), voucher("60", "RET-11/2012-01-21/1")))
    assert (t.points().balance, worth(t)) == (160, 0)
    void(t, "2012-02-05", paid)
    assert (t.points().balance, worth(t)) == (200, 60)


@pytest.mark.rule("RET-57")
def test_a_receipt_voided_whole_may_be_told_anew_at_its_own_moment(till):
    t = till(PointsRules(), ladder())
    key = give_voucher(t)
    tenders = (points("40"), voucher("60", key), cash("100"))
    t.buy("2012-02-01", "B", "100", tenders=tenders)
    t.at("2012-02-05")
    void_receipt(t.ledger, "M-1", "B", actor="clerk", reason="another amount")
    assert (t.points().balance, worth(t), t.in_force("retail.points_restored")) == (200, 60, [])
    with pytest.raises(Unknown) as refusal:
        void_receipt(t.ledger, "M-1", "B", actor="clerk", reason="again")
    assert refusal.value.code == "unknown_receipt"
    t.buy("2012-02-01", "B", "100", tenders=tenders, known="2012-02-05")
    assert (t.points().balance, worth(t), t.flags()) == (260, 0, [])


@pytest.mark.rule("RET-57")
def test_what_the_survivor_used_is_the_merged_files_again_when_the_receipt_is_voided_whole(till):
    t = till(ladder())
    t.open("M-2")
    t.buy("2012-01-21", "A", "200", member="M-2")
    t.tell("2012-02-01", MergeFiles(absorbed="M-2"))
    t.buy("2012-02-02", "B", "0", tenders=(voucher("60", "RET-11/2012-01-21/1"),))
    t.at("2012-02-05")
    void_receipt(t.ledger, "M-1", "B", actor="clerk", reason="another customer's")
    t.tell("2012-02-07", UndoMerge(absorbed="M-2"))
    assert worth(t, member="M-2") == 60


@pytest.mark.rule("RET-57")
def test_a_refund_voided_whole_takes_back_the_points_and_the_voucher_that_it_gave(till):
    t = till(PointsRules(), ladder())
    key = give_voucher(t)
    t.buy("2012-02-01", "B", "100", tenders=(points("40"), voucher("60", key), cash("100")))
    before = (t.points().balance, worth(t))
    give_back(t, "2012-02-02", "B", "50", back(1, "100", "50", quantity=0), refund="F")
    assert (t.points().balance, worth(t)) != before
    t.at("2012-02-05")
    void_refund(t.ledger, "M-1", "F", actor="clerk", reason="never came back")
    assert ((t.points().balance, worth(t)), t.flags()) == (before, [])
