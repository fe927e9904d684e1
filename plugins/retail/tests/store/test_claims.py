"""A receipt that was made without a card, and is shown later (RET-15)."""

from __future__ import annotations

from datetime import date

import pytest

from guanxi import Conflict, RuleNotMet, Unknown
from guanxi_retail import PointsRules, void_receipt
from guanxi_retail.points.points import Points
from guanxi_retail.store.claims import claim_receipt
from plugins.retail.tests.store.floor import MEMBER, OUTLET


def shown(f, on, receipt="R1", day=date(2012, 6, 1)):
    f.at(on)
    return claim_receipt(
        f.ledger, MEMBER, receipt, outlet=OUTLET, day=day, actor="clerk", card="+8613800138000", proof="paper"
    )


@pytest.mark.rule("RET-15e")
def test_a_receipt_shown_after_the_claim_days_is_refused_and_stays_nobodys(floor):
    f = floor(PointsRules(claim_days=0))
    f.sell("2012-06-01", "R1", "100.00")
    with pytest.raises(RuleNotMet) as refusal:
        shown(f, "2012-06-02")
    assert refusal.value.code == "claim_expired"
    assert f.ledger.history(MEMBER).state(Points).lots == {}
    assert f.rows("retail.store_month", "floor", "sales", as_of="2012-06-30")[0] == ("all_floors", 100)


@pytest.mark.rule("RET-15e")
def test_a_receipt_shown_in_time_earns_a_lot_of_its_own_day(floor):
    f = floor(PointsRules(claim_days=7))
    f.sell("2012-06-01", "R1", "100.00")
    shown(f, "2012-06-02")
    (lot,) = f.ledger.history(MEMBER).state(Points).lots.values()
    assert (lot.earned_at.date(), lot.available_from, lot.last_day) == (
        date(2012, 6, 1),
        date(2012, 6, 1),
        date(2013, 6, 1),
    )
    assert f.ledger.history(MEMBER).as_known("2012-06-01").state(Points).lots == {}


@pytest.mark.rule("RET-15")
def test_a_claimed_receipt_counts_once_in_the_store_at_every_cut(floor):
    f = floor(PointsRules(claim_days=7))
    f.sell("2012-06-01", "R1", "100.00")
    f.sell("2012-06-01", "R2", "50.00")
    shown(f, "2012-06-03")
    f.at("2012-07-01")
    for cut in ({}, {"as_known": "2012-06-02"}, {"as_known": "2012-06-03"}, {"as_of": "2012-06-01"}):
        asked = {"as_of": "2012-06-30", **cut}
        assert f.rows("retail.store_month", "sales", "receipts", month="2012-06", **asked)[0] == (150, 2)


@pytest.mark.rule("RET-15")
def test_a_receipt_is_claimed_once_and_only_where_it_was_made(floor):
    f = floor(PointsRules(claim_days=7))
    f.open("M-2")
    f.sell("2012-06-01", "R1", "100.00")
    with pytest.raises(Unknown) as refusal:
        shown(f, "2012-06-02", day=date(2012, 5, 31))
    assert refusal.value.code == "unknown_receipt"
    with pytest.raises(Unknown):
        shown(f, "2012-06-02", receipt="R9")
    shown(f, "2012-06-02")
    with pytest.raises(Conflict) as conflict:
        claim_receipt(f.ledger, "M-2", "R1", outlet=OUTLET, day=date(2012, 6, 1), actor="clerk")
    assert conflict.value.code == "source_conflict"


@pytest.mark.rule("RET-15")
def test_what_comes_back_of_a_claimed_receipt_comes_back_in_the_members_file(floor):
    f = floor(PointsRules(claim_days=7))
    f.sell("2012-06-01", "R1", "100.00")
    shown(f, "2012-06-02")
    with pytest.raises(Conflict):
        f.take_back("2012-06-05", "2012-06-01", "R1", "40.00")
    f.refund("2012-06-05", "R1", "40.00")
    assert f.ledger.history(MEMBER).state(Points).active == 60
    assert f.rows("retail.store_month", "net", as_of="2012-06-30")[0] == (60,)


@pytest.mark.rule("RET-15")
def test_a_receipt_of_which_goods_came_back_is_not_claimed(floor):
    f = floor(PointsRules(claim_days=7))
    f.sell("2012-06-01", "R1", "100.00")
    f.take_back("2012-06-01T11:00", "2012-06-01", "R1", "40.00")
    with pytest.raises(RuleNotMet) as refusal:
        shown(f, "2012-06-02")
    assert refusal.value.code == "exceeds_original"


MONTH = ("retail.store_month", "sales", "receipts")


def entry(f, subject, name):
    return next(line.id for line in f.ledger.history(subject).lines() if line.name == name)


@pytest.mark.rule("RET-57")
def test_a_claim_that_is_voided_gives_the_receipt_back_to_nobodys_sales_of_the_day(floor):
    f = floor(PointsRules(claim_days=7))
    f.open("M-2")
    f.sell("2012-06-01", "R1", "100.00")
    shown(f, "2012-06-02")
    void_receipt(f.at("2012-06-03").ledger, MEMBER, "R1", actor="clerk", reason="another member's")
    assert f.ledger.history(MEMBER).state(Points).active == 0
    assert f.rows(*MONTH, as_of="2012-06-30")[0] == (100, 1)
    assert (f.flags(MEMBER), f.in_force(MEMBER, "retail.part_missing")) == ([], [])
    claim_receipt(f.ledger, "M-2", "R1", outlet=OUTLET, day=date(2012, 6, 1), actor="clerk")
    assert f.ledger.history("M-2").state(Points).active == 100
    assert f.rows(*MONTH, as_of="2012-06-30")[0] == (100, 1)


@pytest.mark.rule("RET-57")
def test_a_stores_receipt_that_is_voided_takes_the_purchase_of_whoever_showed_it_along(floor):
    f = floor(PointsRules(claim_days=7))
    f.sell("2012-06-01", "R1", "100.00")
    f.sell("2012-06-01", "R2", "50.00")
    shown(f, "2012-06-02")
    void_receipt(f.at("2012-06-03").ledger, f.day("2012-06-01"), "R1", actor="clerk", reason="training")
    assert f.ledger.history(MEMBER).state(Points).active == 0
    assert f.rows(*MONTH, as_of="2012-06-30")[0] == (50, 1)
    assert (f.flags(MEMBER), f.flags(f.day("2012-06-01"))) == ([], [])


@pytest.mark.rule("RET-57")
def test_a_part_that_is_voided_alone_leaves_the_others_flagged(floor):
    f = floor(PointsRules(claim_days=7))
    f.sell("2012-06-01", "R1", "100.00")
    shown(f, "2012-06-02")
    f.at("2012-06-03").ledger.void(
        entry(f, MEMBER, "retail.purchase_recorded"), actor="clerk", reason="another member's"
    )
    assert f.in_force(MEMBER, "retail.part_missing") == [
        {"act": "claim", "number": "R1", "code": "without_ground"}
    ]
    day = f.day("2012-06-01")
    f.ledger.void(entry(f, day, "retail.store_receipt_recorded"), actor="clerk", reason="training")
    assert f.flags(day) == [("retail.store_receipt_handed_over", "without_ground")]
