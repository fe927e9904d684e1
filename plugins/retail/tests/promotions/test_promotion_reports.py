"""What the reports on promotions show, and that they add up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi_retail import (
    DrawScratchCard,
    ExchangedLine,
    ExchangeRules,
    PointsRules,
    RecordExchange,
    RecordReferral,
    ScratchCardRules,
    VoucherRules,
)
from guanxi_retail.membership.commands import EnrolMember
from plugins.retail.tests.promotions.counter import (
    FIRST,
    LAST,
    cash,
    e_voucher,
    held,
    ladder,
    line,
    voucher,
)
from plugins.retail.tests.till import notes, table

D = Decimal


@pytest.fixture
def festival(till):
    """A customer with ladder vouchers in every state."""
    t = till(ladder(), VoucherRules(valid_days=30))
    t.buy("2012-01-21", "A", "1000")  # five vouchers of 60
    t.buy("2012-01-25", "B", "0", tenders=(voucher("45", "RET-11/2012-01-21/1"),))
    t.buy("2012-02-03", "C", "140", tenders=(voucher("60", "RET-11/2012-01-21/2"), cash("140")))
    t.refund("2012-02-04", "C", "70")
    t.refund("2012-02-05", "A", "100")
    t.at("2012-03-01").ledger.advance()
    return t


@pytest.mark.rule("RET-12")
def test_the_register_goes_from_opening_to_closing(festival):
    january, february, march = table(festival.ledger.report("retail.voucher_register"))
    assert (january["issued"], january["redeemed"], january["forfeited"], january["closing"]) == (
        300,
        45,
        15,
        240,
    )
    assert (february["opening"], february["redeemed"], february["restored"]) == (240, 60, 30)
    assert (february["cancelled"], february["expired"], february["closing"]) == (60, 150, 0)
    assert (march["opening"], march["closing"]) == (0, 0)


@pytest.mark.rule("RET-12")
def test_the_register_counts_vouchers_too(festival):
    january, february, _ = table(festival.ledger.report("retail.voucher_register", show="count"))
    assert (january["issued"], january["redeemed"], january["closing"]) == (5, 1, 4)
    assert (february["redeemed"], february["restored"], february["cancelled"]) == (1, 1, 1)
    assert (february["expired"], february["closing"]) == (3, 0)


@pytest.mark.rule("RET-12")
def test_the_register_of_a_past_day_shows_what_was_known_then(festival):
    (january,) = table(festival.ledger.report("retail.voucher_register", as_of="2012-01-31"))
    assert (january["month"], january["closing"]) == ("2012-01", 240)


@pytest.mark.rule("RET-11d")
def test_gifts_beyond_entitlement_are_shown(festival):
    (row,) = table(festival.ledger.report("retail.promotion_redemption"))
    assert (row["promotion"], row["campaign"], row["step"]) == ("cash_ladder", "festival", 200)
    assert (row["vouchers"], row["value"], row["gifts"], row["over_issued"]) == (4, 240, 4, 1)


@pytest.mark.rule("RET-10")
def test_each_campaign_has_its_line(till):
    t = till(e_voucher(), ladder(), ScratchCardRules(first_day=FIRST, last_day=LAST))
    t.buy("2012-01-21", "A", "650")
    t.buy("2012-01-22", "B", "300")
    t.tell("2012-01-22", DrawScratchCard(receipt="A", serial="S", prize="towel", extra_gifts=("tea",)))
    found = {row["promotion"]: row for row in table(t.ledger.report("retail.promotion_redemption"))}
    assert (found["e_voucher"]["vouchers"], found["e_voucher"]["receipts"]) == (3, 2)
    assert (found["cash_ladder"]["vouchers"], found["cash_ladder"]["receipts"]) == (4, 2)
    assert (found["scratch_card"]["draws"], found["scratch_card"]["prizes"]) == (1, 2)


@pytest.mark.rule("RET-14")
def test_the_referral_report_names_who_brought_whom(till):
    t = till()
    t.tell("2012-01-01", EnrolMember(name="李明", mobile="13800138000"))
    t.open("F-1")
    t.tell("2012-01-02", RecordReferral(referrer="M-1"), member="F-1")
    t.buy("2012-01-03", "A", "199", member="F-1")
    t.buy("2012-01-04", "B", "0", tenders=(voucher("20", next(iter(held(t).held))),))
    result = t.ledger.report("retail.referral")
    (row,) = table(result)
    assert (row["referrer"], row["friend"], row["set"], row["spent"], row["value"]) == (
        "M-1",
        "F-1",
        "A",
        199,
        20,
    )
    assert (row["choice"], row["used"], row["lost"], row["status"]) == ("voucher", 20, 0, "stands")
    assert notes(result) == {"sets rewarded": "1", "vouchers": "1", "gifts": "0"}


@pytest.mark.rule("RET-54")
def test_the_exchange_report_shows_what_moved(till):
    t = till(PointsRules(), ExchangeRules(exchangeable=("clothing",)))
    t.buy("2012-01-10", "A", "240", lines=(line(1, "240", area="clothing"),), conditions=("vip",))
    t.buy("2012-01-10", "B", "300", lines=(line(1, "300", area="clothing"),), conditions=("vip",))
    for number, receipt, old, new in (("E1", "A", "240", "300"), ("E2", "B", "300", "200")):
        t.tell(
            "2012-01-12",
            RecordExchange(
                exchange=number,
                refund=f"{number}-back",
                receipt=f"{number}-new",
                replaces=receipt,
                returned=(ExchangedLine(net=D(old)),),
                goods=(line(1, new, area="clothing"),),
                conditions=("vip",),
            ),
        )
    up, down = table(t.ledger.report("retail.exchange"))
    assert (up["lines"], up["returned"], up["sold"], up["difference"], up["points"]) == (
        "A/1",
        240,
        300,
        60,
        228,
    )
    assert (down["lines"], down["difference"], down["points"]) == ("B/1", -100, -380)


@pytest.mark.rule("RET-12")
def test_a_use_beyond_what_there_was_stands_apart_so_that_the_register_foots(till):
    t = till(ladder())
    t.buy("2012-01-21", "A", "400")
    t.buy("2012-01-25", "B", "0", tenders=(voucher("60", "RET-11/2012-01-21/1"),))
    t.buy("2012-01-26", "C", "0", tenders=(voucher("60", "RET-11/2012-01-21/1"),), known="2012-01-27")
    (january,) = table(t.ledger.report("retail.voucher_register"))
    assert (january["redeemed"], january["beyond"], january["closing"]) == (120, 60, 60)


@pytest.mark.rule("RET-12")
def test_a_look_at_a_customer_shows_the_vouchers_that_may_be_used(festival):
    assert festival.ledger.whole_view("M-1").section("retail.view_vouchers").rows == ()
    early = festival.ledger.whole_view("M-1", as_of="2012-01-31").section("retail.view_vouchers").rows
    assert [(row[1], row[2]) for row in early] == [("cash_ladder", D(60))] * 4


@pytest.mark.rule("RET-14")
def test_sets_with_numbers_of_digits_are_sets_too(till):
    t = till()
    t.tell("2012-01-01", EnrolMember(name="李明", mobile="13800138000"))
    t.open("F-1")
    t.tell("2012-01-02", RecordReferral(referrer="M-1"), member="F-1")
    t.buy("2012-01-03", "7000003", "250", member="F-1")
    (row,) = table(t.ledger.report("retail.referral"))
    assert (row["set"], row["value"]) == ("7000003", 30)
