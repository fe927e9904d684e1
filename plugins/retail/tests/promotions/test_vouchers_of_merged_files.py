"""A voucher of merged files is used once, whichever file it is used in, and after the merge was undone too (RET-12)."""

from __future__ import annotations

import pytest

from guanxi import Conflict, RuleNotMet
from guanxi.relationship import MergeFiles, UndoMerge
from guanxi_retail import PointsRules
from plugins.retail.tests.promotions.counter import cash, held, ladder, voucher, worth

KEY = "RET-11/2012-01-21/1"
OTHER = "M-2"


@pytest.fixture
def two(till):
    """A till whose second file holds the only voucher, and is merged into the first."""
    t = till(ladder(), PointsRules())
    t.open(OTHER)
    t.buy("2012-01-21", "A", "200", member=OTHER)
    t.tell("2012-02-01", MergeFiles(absorbed=OTHER))
    return t


def pay(t, moment, receipt, **more):
    return t.buy(moment, receipt, "20", tenders=(voucher("60", KEY), cash("20")), **more)


def flags_of(t, member):
    return [
        (dict(line.fields or {})["code"])
        for line in t.ledger.history(member).lines()
        if line.name == "core.breach_flagged" and line.status == "in force"
    ]


@pytest.mark.rule("RET-12b")
def test_while_files_are_merged_an_order_under_the_absorbed_number_uses_no_voucher(two):
    with pytest.raises(RuleNotMet) as refusal:
        pay(two, "2012-02-02", "B", member=OTHER)
    assert refusal.value.code == "file_absorbed"
    pay(two, "2012-02-02", "B")
    with pytest.raises(Conflict, match="voucher_used"):
        pay(two, "2012-02-03", "C")
    with pytest.raises(RuleNotMet, match="file_absorbed"):
        pay(two, "2012-02-03", "C", member=OTHER)
    assert (worth(two), two.flags()) == (0, [])


@pytest.mark.rule("RET-12b")
def test_what_the_survivor_used_stays_used_when_the_merge_is_undone(two):
    pay(two, "2012-02-02", "B")
    two.tell("2012-02-05", UndoMerge(absorbed=OTHER))
    with pytest.raises(Conflict) as refusal:
        pay(two, "2012-02-06", "C", member=OTHER)
    assert (refusal.value.code, held(two, member=OTHER).held[KEY].spent_on) == ("voucher_used", "B")


@pytest.mark.rule("RET-12")
def test_a_second_use_offline_under_the_absorbed_number_is_kept_with_a_breach(two):
    pay(two, "2012-02-02", "B")
    pay(two, "2012-02-03", "C", member=OTHER, known="2012-02-04")
    assert flags_of(two, OTHER) == ["kept_with_breach"]
    assert ("retail.voucher_redeemed", "kept_with_breach") in two.flags()


@pytest.mark.rule("RET-12")
def test_an_earlier_use_offline_flags_the_survivors(two):
    pay(two, "2012-02-03", "B")
    pay(two, "2012-02-02", "C", member=OTHER, known="2012-02-04")
    assert flags_of(two, OTHER) == ["kept_with_breach"]


@pytest.mark.rule("RET-12")
def test_a_voucher_used_offline_under_the_absorbed_number_is_used_for_the_survivor(two):
    pay(two, "2012-02-02", "C", member=OTHER, known="2012-02-03")
    with pytest.raises(Conflict, match="voucher_used"):
        pay(two, "2012-02-04", "B")


@pytest.mark.rule("RET-12")
def test_of_two_vouchers_of_a_key_each_file_keeps_its_own_when_the_merge_is_undone(till):
    t = till(ladder(), PointsRules())
    t.open(OTHER)
    t.buy("2012-01-21T09:00", "A", "200")
    t.buy("2012-01-21T11:00", "B", "200", member=OTHER)
    t.tell("2012-02-01", MergeFiles(absorbed=OTHER))
    pay(t, "2012-02-02", "C")
    t.tell("2012-02-05", UndoMerge(absorbed=OTHER))
    assert (worth(t), worth(t, member=OTHER)) == (0, 60)
    t.tell("2012-02-06", MergeFiles(absorbed=OTHER))
    pay(t, "2012-02-07", "D")
    t.tell("2012-02-08", UndoMerge(absorbed=OTHER))
    assert (worth(t), worth(t, member=OTHER), t.flags(), flags_of(t, OTHER)) == (0, 0, [], [])


@pytest.mark.rule("RET-12")
def test_the_register_of_both_files_ends_with_what_is_left(two):
    pay(two, "2012-02-02", "B")
    two.tell("2012-02-05", UndoMerge(absorbed=OTHER))
    two.at("2012-06-01").ledger.advance()
    report = two.ledger.report("retail.voucher_register", as_of="2012-05-31")
    assert report.rows[-1][-1] == 0
    assert two.ledger.history(OTHER).as_of("2012-05-31").lines()


@pytest.mark.rule("RET-12")
def test_what_the_survivors_refund_gives_back_stays_given_back_when_the_merge_is_undone(two):
    pay(two, "2012-02-02", "B")
    two.refund("2012-02-03", "B", "10")
    assert worth(two) == 30
    two.tell("2012-02-05", UndoMerge(absorbed=OTHER))
    assert (worth(two, member=OTHER), worth(two)) == (30, 0)
    two.buy("2012-02-06", "C", "0", tenders=(voucher("30", KEY),), member=OTHER)
    assert (worth(two, member=OTHER), flags_of(two, OTHER)) == (0, [])
