"""The life of a voucher: used, forfeited, restored, expired, never money (RET-12), and its identity (RET-57, RET-58)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, Money, RuleNotMet, Unknown
from guanxi.relationship import MergeFiles
from guanxi_retail import PayOutVoucher, PointsRules, PrintVoucher, RefundPurchase, VoucherRules
from plugins.retail.tests.promotions.counter import (
    back,
    cash,
    give_back,
    give_voucher,
    held,
    ladder,
    line,
    one,
    points,
    voucher,
    worth,
)

D = Decimal
KEY = "RET-11/2012-01-21/1"


@pytest.mark.rule("RET-12a")
def test_what_a_voucher_is_worth_beyond_the_goods_is_forfeited(till):
    t = till(ladder())
    key = give_voucher(t)
    t.buy("2012-02-01", "B", "0", tenders=(voucher("45", key),))
    assert (one(t, key).used, one(t, key).forfeited, worth(t)) == (45, 15, 0)


@pytest.mark.rule("RET-12a")
def test_a_refund_returns_each_tender_in_the_lines_proportion(till):
    t = till(ladder())
    key = give_voucher(t)
    t.buy("2012-02-01", "B", "140", tenders=(voucher("60", key), cash("140")))
    give_back(t, "2012-02-02", "B", "70", back(1, "100", "70", quantity=0))
    (refund,) = t.in_force("retail.purchase_refunded")
    assert [(x["kind"], x["amount"]) for x in refund["tenders"]] == [
        ("cash", "70.00"),
        ("voucher", "30.00"),
    ]
    assert (one(t, key).value, one(t, key).last_day) == (30, date(2012, 4, 20))


@pytest.mark.rule("RET-12")
def test_the_money_alone_says_what_came_back(till):
    t = till(ladder())
    key = give_voucher(t)
    t.buy("2012-02-01", "B", "140", tenders=(voucher("60", key), cash("140")))
    t.refund("2012-02-02", "B", "70")
    assert worth(t) == 30
    t.refund("2012-02-03", "B", "70")
    assert worth(t) == 60


@pytest.mark.rule("RET-12")
def test_what_a_voucher_paid_is_never_paid_back_in_money(till):
    t = till(ladder())
    key = give_voucher(t)
    t.buy("2012-02-01", "B", "140", tenders=(voucher("60", key), cash("140")))
    with pytest.raises(RuleNotMet, match="not_cashable"):
        give_back(t, "2012-02-02", "B", "100", back(1, "100", "100", quantity=0))


@pytest.mark.rule("RET-12")
def test_a_voucher_restored_after_its_last_day_lapses_at_once(till):
    t = till(ladder(), VoucherRules(valid_days=5))
    key = give_voucher(t)
    t.buy("2012-01-26", "B", "140", tenders=(voucher("60", key), cash("140")))
    t.refund("2012-02-02", "B", "70")
    assert (one(t, key).value, one(t, key).expired) == (0, 30)
    assert [x["value"] for x in t.in_force("retail.voucher_restored")] == ["30.00"]


@pytest.mark.rule("RET-12")
def test_a_restored_voucher_may_be_used_again(till):
    t = till(ladder())
    key = give_voucher(t)
    t.buy("2012-02-01", "B", "140", tenders=(voucher("60", key), cash("140")))
    t.refund("2012-02-02", "B", "70")
    t.buy("2012-02-03", "C", "0", tenders=(voucher("30", key),))
    assert (one(t, key).used, worth(t), t.flags()) == (60, 0, [])


@pytest.mark.rule("RET-12b")
def test_a_voucher_is_accepted_on_its_last_day_and_expired_the_next(till):
    t = till(ladder())
    key = give_voucher(t)
    assert one(t, key).last_day == date(2012, 4, 20)
    with pytest.raises(RuleNotMet) as refusal:
        t.buy("2012-04-21T00:00", "C", "0", tenders=(voucher("60", key),))
    assert (refusal.value.code, refusal.value.rule) == ("voucher_expired", "RET-12")
    t = till(ladder())
    give_voucher(t)
    t.buy("2012-04-20T23:59", "C", "0", tenders=(voucher("60", key),))
    assert one(t, key).used == 60


@pytest.mark.rule("RET-12b")
def test_a_voucher_is_used_once_and_never_paid_out(till):
    t = till(ladder())
    key = give_voucher(t)
    with pytest.raises(RuleNotMet, match="not_cashable"):
        t.tell("2012-01-31", PayOutVoucher(voucher=key))
    t.buy("2012-02-01", "B", "0", tenders=(voucher("60", key),))
    with pytest.raises(Conflict, match="voucher_used"):
        t.buy("2012-02-02", "C", "0", tenders=(voucher("60", key),))


@pytest.mark.rule("RET-12c")
def test_a_use_uploaded_after_the_expiry_overtakes_it(till):
    t = till(ladder(), VoucherRules(valid_days=161))
    key = give_voucher(t)
    assert one(t, key).last_day == date(2012, 6, 30)
    t.at("2012-07-01T12:00").ledger.advance()
    assert one(t, key).expired == 60
    t.buy("2012-06-30T18:00", "B", "0", tenders=(voucher("60", key),), known="2012-07-02")
    assert (one(t, key).used, one(t, key).expired, t.flags()) == (60, 0, [])
    assert t.in_force("retail.voucher_expired") == []
    before = held(t, as_known="2012-07-01").held[key]
    assert (before.used, before.expired) == (0, 60)


@pytest.mark.rule("RET-12")
def test_a_voucher_is_not_usable_on_the_receipt_that_earned_it(till):
    t = till(ladder())
    with pytest.raises(Unknown, match="unknown_voucher"):
        t.buy("2012-01-21", "A", "200", tenders=(voucher("60", KEY), cash("200")))


@pytest.mark.rule("RET-12")
@pytest.mark.parametrize(
    ("rules", "bought", "code"),
    [
        ({"areas": ("clothing",)}, line(1, "60", "0", area="food"), "voucher_out_of_scope"),
        ({"brands": ("ONLY",)}, line(1, "60", "0", brand="other"), "voucher_out_of_scope"),
        ({"min_spend": D(100)}, line(1, "60", "0"), "below_min_spend"),
    ],
)
def test_a_voucher_is_for_its_areas_and_brands_and_from_its_least_purchase(till, rules, bought, code):
    t = till(ladder(**rules))
    key = give_voucher(t)
    with pytest.raises(RuleNotMet, match=code):
        t.buy("2012-02-01", "B", "0", lines=(bought,), tenders=(voucher("60", key),))


@pytest.mark.rule("RET-12")
def test_what_was_used_offline_against_the_rules_is_kept_and_flagged(till):
    t = till(ladder())
    key = give_voucher(t)
    t.buy("2012-02-01", "B", "0", tenders=(voucher("60", key),))
    t.buy("2012-02-02", "C", "0", tenders=(voucher("60", key),), known="2012-02-03")
    assert t.flags() == [("retail.voucher_redeemed", "kept_with_breach")]


@pytest.mark.rule("RET-12")
def test_a_voucher_worth_less_than_the_tender_says_is_refused(till):
    t = till(ladder())
    key = give_voucher(t)
    with pytest.raises(RuleNotMet, match="voucher_exceeded"):
        t.buy("2012-02-01", "B", "0", tenders=(voucher("61", key),))


@pytest.mark.rule("RET-57a")
def test_a_voucher_is_named_by_what_gave_it_and_a_new_print_is_the_same_voucher(till):
    t = till(PointsRules(), ladder())
    t.open("M9")
    t.buy("2012-01-21", "R7", "400", member="M9", lines=(line(1, "100"), line(2, "300")))
    names = [x.key for x in held(t, member="M9").held.values()]
    assert names == ["RET-11/2012-01-21/1", "RET-11/2012-01-21/2"]
    t.tell("2012-01-22", PrintVoucher(voucher=names[1], number="P-1"), member="M9")
    t.tell("2012-01-23", PrintVoucher(voucher="P-1", number="P-2"), member="M9")
    t.buy("2012-01-24", "R8", "0", tenders=(voucher("60", "P-1"),), member="M9")
    used = held(t, member="M9").held[names[1]]
    assert (used.number, used.used, len(held(t, member="M9").held)) == ("P-2", 60, 2)
    assert "R7/2" in t.points(member="M9").lots


@pytest.mark.rule("RET-57a")
def test_the_same_lots_and_vouchers_come_out_of_every_replay(till):
    t = till(PointsRules(), ladder())
    t.buy("2012-01-21", "R7", "400", lines=(line(1, "100"), line(2, "300")))
    first = sorted(held(t).held), sorted(t.points().lots)
    t.buy("2012-01-20", "R6", "10", known="2012-01-22")
    assert (sorted(held(t).held), [x for x in sorted(t.points().lots) if x != "R6"]) == first


@pytest.mark.rule("RET-58b")
def test_tenders_act_before_the_receipt_earns(till):
    t = till(PointsRules())
    t.buy("2012-01-01", "A", "20")
    with pytest.raises(RuleNotMet, match="insufficient_points"):
        t.buy("2012-01-02", "B", "50", tenders=(points("50"), cash("50")))
    assert t.points().balance == 20
    t.buy("2012-01-02", "B", "80", tenders=(points("20"), cash("80")))
    assert (t.points().balance, t.points().redemptions["B"].asked) == (80, 20)


@pytest.mark.rule("RET-58c")
def test_what_ended_at_midnight_pays_nothing_at_midnight(till):
    t = till(PointsRules(months=1), ladder(last_day=date(2012, 6, 30)), VoucherRules(valid_days=30))
    t.buy("2012-05-31", "A", "200")
    (key,) = held(t).held
    assert (one(t, key).last_day, t.points().lots["A"].last_day) == (date(2012, 6, 30), date(2012, 6, 30))
    with pytest.raises(RuleNotMet, match="voucher_expired"):
        t.buy("2012-07-01T00:00", "B", "0", tenders=(voucher("60", key),))
    with pytest.raises(RuleNotMet, match="insufficient_points"):
        t.buy("2012-07-01T00:00", "B", "0", tenders=(points("60"),))


@pytest.mark.rule("RET-12")
def test_points_that_paid_for_returned_goods_come_back_to_their_lots(till):
    t = till(PointsRules())
    t.buy("2012-01-01", "A", "100")
    t.buy("2012-01-02", "B", "60", tenders=(points("40"), cash("60")))
    give_back(t, "2012-01-03", "B", "30", back(1, "50", "30", quantity=0))
    assert t.points().lots["A"].active == 80
    assert t.points().balance == 80 + 30
    give_back(t, "2012-01-04", "B", "30", back(1, "50", "30", quantity=0))
    assert (t.points().lots["A"].active, t.points().balance) == (100, 100)


@pytest.mark.rule("RET-57f")
def test_a_used_voucher_is_deducted_from_the_refund_that_takes_its_ground(till):
    t = till(ladder())
    key = give_voucher(t)
    t.buy("2012-01-25", "B", "0", tenders=(voucher("60", key),))
    t.refund("2012-01-26", "earning", "100")
    (refund,) = t.in_force("retail.purchase_refunded")
    assert D(refund["deducted"]) == 60
    (ended,) = t.in_force("retail.voucher_cancelled")
    assert (D(ended["value"]), ended["way"]) == (60, "deducted")


@pytest.mark.rule("RET-57f")
def test_what_was_paid_out_already_is_listed_and_the_use_is_flagged(till):
    t = till(ladder())
    key = give_voucher(t)
    t.buy("2012-01-25", "B", "0", tenders=(voucher("60", key),))
    t.at("2012-01-28")
    paid_out = RefundPurchase(refund="F", receipt="earning", paid=Money(100, "CNY"))
    t.tell("2012-01-23", paid_out, known="2012-01-28")
    assert t.flags() == [("retail.voucher_redeemed", "without_ground")]
    (differs,) = [d for d in t.ledger.history("M-1").would_differ() if d.name == "retail.voucher_cancelled"]
    assert (differs.stored, differs.derived.value, differs.derived.way) == (None, D(60), "paid_out")
    assert one(t, key).lost == 60


@pytest.mark.rule("RET-57f")
def test_a_refund_paid_out_after_the_use_is_listed_too(till):
    t = till(ladder())
    key = give_voucher(t)
    t.buy("2012-01-25", "B", "0", tenders=(voucher("60", key),))
    t.buy("2012-01-27", "C", "10")
    paid_out = RefundPurchase(refund="F", receipt="earning", paid=Money(100, "CNY"))
    t.tell("2012-01-26", paid_out, known="2012-01-28")
    (differs,) = [d for d in t.ledger.history("M-1").would_differ() if d.name == "retail.voucher_cancelled"]
    assert (differs.stored, differs.derived.value, differs.derived.way) == (None, D(60), "paid_out")
    assert t.in_force("retail.purchase_refunded")[0]["deducted"] == "0"


@pytest.mark.rule("RET-11")
def test_a_refund_smaller_than_the_used_voucher_is_kept_whole(till):
    t = till(ladder())
    key = give_voucher(t)
    t.buy("2012-01-25", "B", "0", tenders=(voucher("60", key),))
    t.refund("2012-01-26", "earning", "50")
    (ended,) = t.in_force("retail.voucher_cancelled")
    assert (D(ended["deducted"]), ended["way"], one(t, key).lost) == (50, "paid_out", 10)


@pytest.mark.rule("RET-12")
def test_money_paid_for_a_voucher_all_the_same_is_on_record(till):
    t = till(ladder())
    key = give_voucher(t)
    t.tell("2012-02-01", PayOutVoucher(voucher=key), known="2012-02-02")
    (breach,) = t.in_force("core.breach_recorded")
    assert (breach["code"], breach["rule"]) == ("not_cashable", "RET-12")


@pytest.mark.rule("RET-57")
def test_a_longer_life_published_for_the_past_brings_a_lapsed_voucher_back(till):
    t = till(ladder(), VoucherRules(valid_days=10), PointsRules(rate=D(0)))
    key = give_voucher(t)
    t.at("2012-02-05").ledger.advance()
    assert one(t, key).expired == 60
    t.at("2012-02-06").publish(VoucherRules(valid_days=30), "2012-01-01", retroactive="longer life promised")
    assert (one(t, key).value, one(t, key).valid_from, one(t, key).last_day) == (
        60,
        date(2012, 1, 21),
        date(2012, 2, 20),
    )
    assert held(t, as_known="2012-02-05T12:00").held[key].expired == 60
    t.at("2012-02-21").ledger.advance()
    assert one(t, key).expired == 60


@pytest.mark.rule("RET-57")
def test_a_shorter_life_published_for_the_past_takes_nothing(till):
    t = till(ladder(), VoucherRules(valid_days=30), PointsRules(rate=D(0)))
    key = give_voucher(t)
    t.at("2012-02-06").publish(
        VoucherRules(valid_days=10), "2012-01-01", retroactive="shorter life wished for"
    )
    assert (one(t, key).value, one(t, key).last_day) == (60, date(2012, 2, 20))


@pytest.mark.rule("RET-12")
def test_a_merged_member_holds_the_vouchers_of_both_files(till):
    t = till(ladder())
    t.open("M-2")
    t.buy("2012-01-21", "A", "200")
    t.buy("2012-01-21T11:00", "B", "250", member="M-2")
    t.tell("2012-02-01", MergeFiles(absorbed="M-2"))
    assert worth(t) == 120
    t.buy("2012-02-02", "C", "0", tenders=(voucher("60", KEY),))
    t.buy("2012-02-03", "D", "0", tenders=(voucher("60", KEY),))
    assert (worth(t), t.flags()) == (0, [])
    with pytest.raises(Conflict, match="voucher_used"):
        t.buy("2012-02-04", "E", "0", tenders=(voucher("60", KEY),))


@pytest.mark.rule("RET-12")
def test_vouchers_of_merged_files_lapse_once_each(till):
    t = till(ladder())
    t.open("M-2")
    t.buy("2012-01-21", "A", "200")
    t.buy("2012-01-21T11:00", "B", "250", member="M-2")
    t.tell("2012-02-01", MergeFiles(absorbed="M-2"))
    t.buy("2012-02-02", "C", "0", tenders=(voucher("60", KEY),))
    t.at("2012-06-01").ledger.advance()
    ends = [(v.value, v.used, v.expired) for v in held(t).held.values()]
    assert sorted(ends) == [(0, 0, 60), (0, 60, 0)]
