"""Lines and tenders of receipts, and what read models keep of them (RET-06, RET-08)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

import guanxi_retail
from guanxi import Event, Invalid, Money, RuleNotMet
from guanxi_retail import ReceiptLine, RecordPurchase, ReturnedLine, Tender
from plugins.retail.tests.promotions.counter import back, cash, give_back, ladder, line, tender, voucher

D = Decimal


@pytest.mark.rule("RET-06")
def test_lines_add_up_to_what_was_paid(till):
    t = till()
    with pytest.raises(Invalid, match="lines_do_not_add_up"):
        t.buy("2012-01-10", "A", "99", lines=(line(1, "50"), line(2, "50")))
    with pytest.raises(Invalid, match="lines_do_not_add_up"):
        t.buy("2012-01-10", "A", "100", lines=(line(1, "50"), line(1, "50")))


@pytest.mark.rule("RET-08")
@pytest.mark.parametrize(
    "tenders",
    [
        (cash("90"),),
        (cash("110"),),
        (cash("100"), tender("gift_card", "10")),
    ],
)
def test_tenders_add_up_to_the_receipt(till, tenders):
    t = till()
    with pytest.raises(Invalid, match="tenders_do_not_add_up"):
        t.buy("2012-01-10", "A", "100", lines=(line(1, "100"),), tenders=tenders)


@pytest.mark.rule("RET-08")
def test_gift_cards_are_no_money(till):
    t = till()
    t.buy("2012-01-10", "A", "70", tenders=(cash("70"), tender("gift_card", "30")))
    assert t.points().balance == 70


@pytest.mark.rule("RET-12")
def test_cents_of_shares_add_up_over_several_refunds(till):
    t = till(ladder())
    t.buy("2012-01-21", "earning", "200")
    t.buy("2012-02-01", "A", "40.01", tenders=(voucher("60", "RET-11/2012-01-21/1"), cash("40.01")))
    for n, (net, money) in enumerate((("33.33", "13.33"), ("33.33", "13.34"), ("33.35", "13.34"))):
        give_back(t, f"2012-02-0{n + 2}", "A", money, back(1, net, money, quantity=0))
    shares = [x for entry in t.in_force("retail.purchase_refunded") for x in entry["tenders"]]
    total = {kind: sum(D(x["amount"]) for x in shares if x["kind"] == kind) for kind in ("cash", "voucher")}
    assert total == {"cash": D("40.01"), "voucher": D(60)}


@pytest.mark.rule("RET-19")
def test_what_came_back_is_counted_by_line(till):
    t = till()
    t.buy("2012-01-10", "A", "150", lines=(line(1, "100"), line(2, "50")))
    give_back(t, "2012-01-11", "A", "50", back(2, "50"))
    with pytest.raises(RuleNotMet, match="exceeds_original"):
        give_back(t, "2012-01-12", "A", "50", back(2, "50"))


@pytest.mark.rule("RET-IN-a")
@pytest.mark.parametrize(
    ("bought", "code"),
    [
        ({"net": "100", "list_price": D("-1")}, "amount_sign"),
        ({"net": "100", "quantity": -1}, "amount_sign"),
        ({"net": "100", "cash_off": D("0.005")}, "inexact_amount"),
    ],
)
def test_a_line_with_a_wrong_amount_is_refused(till, bought, code):
    t = till()
    with pytest.raises(Invalid, match=code):
        t.buy("2012-01-10", "A", "100", lines=(line(1, **bought),))


@pytest.mark.rule("RET-IN-h")
def test_a_tender_below_nothing_is_refused(till):
    t = till()
    with pytest.raises(Invalid, match="amount_sign"):
        t.buy("2012-01-10", "A", "100", tenders=(cash("110"), cash("-10")))


@pytest.mark.rule("RET-12")
def test_tenders_of_a_refund_add_up_to_what_came_back(till):
    t = till(ladder())
    t.buy("2012-01-21", "earning", "200")
    t.buy("2012-02-01", "A", "140", tenders=(voucher("60", "RET-11/2012-01-21/1"), cash("140")))
    with pytest.raises(Invalid, match="tenders_do_not_add_up"):
        give_back(t, "2012-02-02", "A", "70", back(1, "100", "70", quantity=0), tenders=(cash("70"),))
    told = (cash("70"), voucher("30", "RET-11/2012-01-21/1"))
    give_back(t, "2012-02-02", "A", "70", back(1, "100", "70", quantity=0), tenders=told)
    assert [x["value"] for x in t.in_force("retail.voucher_restored")] == ["30"]


@pytest.mark.rule("RET-12")
def test_a_gift_card_gets_its_share_back_too(till):
    t = till()
    t.buy("2012-01-10", "A", "70", tenders=(cash("70"), tender("gift_card", "30")))
    give_back(t, "2012-01-11", "A", "35", back(1, "50", "35", quantity=0))
    (refund,) = t.in_force("retail.purchase_refunded")
    assert {x["kind"]: D(x["amount"]) for x in refund["tenders"]} == {"cash": 35, "gift_card": 15}


@pytest.mark.rule("RET-IN-a")
def test_amounts_of_lines_and_tenders_may_be_text_or_whole_numbers(till):
    t = till()
    told = ReceiptLine(net="12.5", paid="12.5", list_price="25", discounts=D("0.5"), cash_off=0)
    assert (told.net, told.list_price, told.discounts) == (D("12.5"), D(25), (D("0.5"),))
    t.buy("2012-01-10", "A", "12.5", lines=told, tenders=Tender(kind="cash", amount="12.5"))
    give_back(t, "2012-01-11", "A", "12.5", ReturnedLine(net="12.5", paid="12.5"))
    assert [D(x["lines"][0]["net"]) for x in t.in_force("retail.purchase_recorded")] == [D("12.5")]


@pytest.mark.rule("RET-IN-a")
@pytest.mark.parametrize("amount", [12.5, "twelve", None, "NaN", True])
def test_an_amount_that_is_not_exact_is_refused_when_it_is_told(amount):
    for build in (
        lambda: ReceiptLine(net=amount, paid="1"),
        lambda: ReceiptLine(net="1", paid="1", discounts=(amount,)),
        lambda: ReturnedLine(net="1", paid=amount),
        lambda: Tender(kind="cash", amount=amount),
    ):
        with pytest.raises(Invalid, match="inexact_amount"):
            build()


@pytest.mark.rule("RET-IN-a")
def test_one_condition_is_one_and_no_row_of_letters():
    one = Money("1", "CNY")
    assert RecordPurchase(receipt="A", paid=one, conditions="vip").conditions == ("vip",)
    for wrong in ({"conditions": (1,)}, {"lines": "A"}, {"lines": ({"net": 1},)}, {"tenders": None}):
        with pytest.raises(Invalid, match="out_of_scale"):
            RecordPurchase(receipt="A", paid=one, **wrong)
    with pytest.raises(Invalid, match="amount_sign"):
        RecordPurchase(receipt="A", paid=one, lines=ReceiptLine(number="1", net=1, paid=1))


@pytest.mark.rule("RET-IN-i")
def test_what_came_back_already_is_said_in_goods_and_in_money(till):
    t = till()
    t.buy("2012-01-10", "A", "70", tenders=(cash("70"), tender("gift_card", "30")))
    with pytest.raises(RuleNotMet) as refusal:
        give_back(t, "2012-01-11", "A", "70", back(1, "101", "70"))
    assert refusal.value.accepts == "at most 100, 70 of it money, and 1 pieces"
    assert "of 100, 70 of it money, and 1 pieces, 0, 0 of it money, and 0 came back" in str(refusal.value)


@pytest.mark.rule("RET-06")
def test_the_whole_view_says_when_was_bought_last_how_often_and_for_how_much(till):
    t = till()

    def seen():
        return t.ledger.whole_view("M-1").section("retail.view_purchases").rows

    assert seen() == ()
    t.buy("2011-01-10", "A", "100")
    t.buy("2012-01-10", "B", "50")
    give_back(t, "2012-01-11", "B", "20", back(1, "20"))
    t.at("2012-01-20")
    assert seen() == ((date(2012, 1, 10), 2, D(30), D(130), "CNY"),)


def test_the_events_that_hosts_match_on_are_exported():
    told = (
        "MemberEnrolled",
        "PointsEarned",
        "PointsRedeemed",
        "PurchaseRecorded",
        "PurchaseRefunded",
        "TierChanged",
        "VoucherIssued",
    )
    assert [name for name in told if not issubclass(getattr(guanxi_retail, name), Event)] == []
    assert set(told) <= set(guanxi_retail.__all__)
