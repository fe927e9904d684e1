"""What receipts earn: e-vouchers (RET-10), the cash ladder (RET-11), draws (RET-13)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, Incomplete, Money, RuleNotMet
from guanxi_retail import DrawScratchCard, PointsRules, RecordPurchase, ScratchCardRules, VoucherRules
from plugins.retail.tests.promotions.counter import (
    cash,
    e_voucher,
    gifts,
    give_voucher,
    held,
    ladder,
    line,
    one,
    voucher,
    worth,
)

D = Decimal


@pytest.mark.rule("RET-10a")
@pytest.mark.parametrize(
    ("paid", "every", "once"), [("299.99", 0, 0), ("300", 100, 100), ("599.99", 100, 100), ("600", 200, 100)]
)
def test_a_receipt_earns_an_e_voucher_for_every_full_step_or_once(till, paid, every, once):
    for rules, sum_of_vouchers in ((e_voucher(), every), (e_voucher(repeat="once"), once)):
        t = till(rules)
        t.buy("2012-01-21", "A", paid)
        assert worth(t) == sum_of_vouchers


@pytest.mark.rule("RET-10b")
@pytest.mark.parametrize(
    ("moment", "second", "sum_of_vouchers"),
    [
        ("2012-01-21", {"counter": "watches", "brand": "other"}, 0),
        ("2012-01-21", {"counter": "watches", "brand": "ONLY"}, 100),
        ("2012-01-23", {}, 0),
    ],
)
def test_excluded_counters_and_other_days_earn_nothing_named_brands_do(till, moment, second, sum_of_vouchers):
    t = till(e_voucher(excluded_counters=("watches",)))
    t.buy(moment, "A", "350", lines=(line(1, "200"), line(2, "150", **second)))
    assert worth(t) == sum_of_vouchers


@pytest.mark.rule("RET-10b")
def test_the_monday_after_is_no_day_of_the_campaign(till):
    t = till(e_voucher())
    t.buy("2012-01-23", "A", "300")
    assert held(t).held == {}


@pytest.mark.rule("RET-10c")
def test_a_receipt_recorded_later_earns_a_voucher_that_is_valid_from_then(till):
    t = till(e_voucher())
    t.buy("2012-01-21", "A", "300", known="2012-01-24")
    issued = one(t, "RET-10/A/1")
    assert (issued.value, issued.valid_from, issued.last_day) == (100, date(2012, 1, 24), date(2012, 4, 23))
    assert held(t, as_of="2012-01-23").held == {}


@pytest.mark.rule("RET-10")
def test_the_threshold_is_tested_before_cash_off_and_tenders(till):
    t = till(e_voucher())
    t.buy("2012-01-21", "A", "240", lines=(line(1, "240", cash_off=D(60)),))
    assert worth(t) == 100
    t = till(e_voucher(threshold_basis="net"))
    t.buy("2012-01-21", "A", "240", lines=(line(1, "240", cash_off=D(60)),))
    assert worth(t) == 0


@pytest.mark.rule("RET-10")
def test_receipts_of_a_day_add_up_only_where_the_campaign_says_so(till):
    for scope, sum_of_vouchers in (("receipt", 0), ("customer_day", 100)):
        t = till(e_voucher(scope=scope))
        t.buy("2012-01-21", "A", "150")
        t.buy("2012-01-21T11:00", "B", "150")
        assert worth(t) == sum_of_vouchers


@pytest.mark.rule("RET-11a")
@pytest.mark.parametrize(
    ("paid", "vouchers", "sets"), [("199.99", 0, 0), ("200", 60, 1), ("399.99", 60, 1), ("400", 120, 2)]
)
def test_the_money_of_a_day_climbs_the_ladder(till, paid, vouchers, sets):
    t = till(ladder())
    t.buy("2012-01-21", "A", paid)
    assert (worth(t), gifts(t)) == (vouchers, sets)


@pytest.mark.rule("RET-11b")
@pytest.mark.parametrize(
    ("paid", "vouchers", "sets"), [("1999.99", 540, 9), ("2000", 600, 10), ("2200", 660, 10)]
)
def test_vouchers_are_uncapped_and_gifts_are_not(till, paid, vouchers, sets):
    t = till(ladder())
    t.buy("2012-01-21", "A", paid)
    assert (worth(t), gifts(t)) == (vouchers, sets)


@pytest.mark.rule("RET-11c")
def test_each_receipt_issues_the_difference_to_what_the_day_gave(till):
    t = till(ladder())
    seen = []
    for hour, paid in ((9, "150"), (10, "60"), (11, "190")):
        t.buy(f"2012-01-21T{hour:02}:00", f"R{hour}", paid)
        seen.append((worth(t), gifts(t)))
    assert seen == [(0, 0), (60, 1), (120, 2)]


@pytest.mark.rule("RET-11d")
def test_a_refund_cancels_the_unused_surplus_and_shows_the_gift(till):
    t = till(ladder())
    t.buy("2012-01-21", "A", "400")
    t.refund("2012-01-22", "A", "100")
    assert (worth(t), gifts(t)) == (60, 1)
    (ended,) = t.in_force("retail.voucher_cancelled")
    assert (ended["voucher"], ended["value"], ended["way"], ended["gifts"]) == (
        "RET-11/2012-01-21/2",
        "60",
        "cancelled",
        1,
    )
    assert t.in_force("retail.purchase_refunded")[0]["deducted"] == "0"


@pytest.mark.rule("RET-11d")
def test_a_refund_deducts_the_used_surplus(till):
    t = till(ladder())
    t.buy("2012-01-21", "A", "400")
    t.buy("2012-01-21T12:00", "B", "0", tenders=(voucher("60", "RET-11/2012-01-21/2"),))
    t.refund("2012-01-22", "A", "100")
    (refund,) = t.in_force("retail.purchase_refunded")
    assert (refund["paid"]["amount"], refund["deducted"]) == ("100", "60")
    assert (worth(t), gifts(t)) == (60, 1)


@pytest.mark.rule("RET-11")
def test_what_is_bought_again_is_issued_again(till):
    t = till(ladder())
    t.buy("2012-01-21", "A", "400")
    t.refund("2012-01-21T11:00", "A", "100")
    t.buy("2012-01-21T12:00", "B", "100")
    assert (worth(t), gifts(t)) == (120, 2)


@pytest.mark.rule("RET-11e")
def test_what_is_uploaded_later_completes_its_own_day_and_is_issued_now(till):
    t = till(ladder())
    t.buy("2012-01-21", "A", "190")
    t.buy("2012-01-21T18:00", "B", "10", known="2012-01-22")
    (issued,) = held(t).held.values()
    assert (issued.key, issued.value, gifts(t)) == ("RET-11/2012-01-21/1", 60, 1)
    assert issued.valid_from == date(2012, 1, 22)
    assert held(t, as_of="2012-01-21").held == {}


@pytest.mark.rule("RET-11e")
def test_it_is_the_same_where_the_upload_lies_before_what_was_known(till):
    t = till(ladder())
    t.buy("2012-01-21", "A", "190")
    t.buy("2012-01-21T08:00", "B", "10", known="2012-01-22")
    (issued,) = held(t).held.values()
    assert (issued.key, issued.valid_from) == ("RET-11/2012-01-21/1", date(2012, 1, 22))


@pytest.mark.rule("RET-11")
def test_only_money_climbs(till):
    t = till(ladder())
    key = give_voucher(t)
    t.buy("2012-01-22", "B", "140", tenders=(voucher("60", key), cash("140")))
    assert sorted(held(t).held) == [key]


@pytest.mark.rule("RET-11")
def test_the_cap_on_gifts_may_count_over_the_campaign(till):
    t = till(ladder(cap_scope="customer_campaign", gift_cap=3))
    t.buy("2012-01-21", "A", "400")
    t.buy("2012-01-22", "B", "400")
    assert (worth(t), gifts(t)) == (240, 3)


@pytest.mark.rule("RET-11")
def test_a_correction_that_leaves_less_withdraws_what_was_not_used_and_flags_what_was(till):
    t = till(ladder())
    bought = t.buy("2012-01-21", "A", "400")
    t.buy("2012-01-21T12:00", "B", "0", tenders=(voucher("60", "RET-11/2012-01-21/2"),))
    entry = next(e for e in bought.entries if e.name == "retail.purchase_recorded")
    t.at("2012-01-22").ledger.correct(
        entry.id, {"paid": {"amount": "200", "currency": "CNY"}}, actor="clerk", reason="misread"
    )
    assert (worth(t), gifts(t)) == (60, 1)
    assert t.flags() == [("retail.voucher_redeemed", "without_ground")]


@pytest.mark.rule("RET-11")
def test_a_correction_that_leaves_more_issues_the_difference_from_now(till):
    t = till(ladder())
    bought = t.buy("2012-01-21", "A", "200")
    entry = next(e for e in bought.entries if e.name == "retail.purchase_recorded")
    t.at("2012-01-25").ledger.correct(
        entry.id, {"paid": {"amount": "400", "currency": "CNY"}}, actor="clerk", reason="misread"
    )
    assert one(t, "RET-11/2012-01-21/1").valid_from == date(2012, 1, 21)
    assert one(t, "RET-11/2012-01-21/2").valid_from == date(2012, 1, 25)


@pytest.mark.rule("RET-57")
def test_a_better_ladder_published_for_the_past_gives_more_from_now(till):
    t = till(ladder())
    t.buy("2012-01-21", "A", "250")
    t.at("2012-02-01").publish(ladder(step=D(120)), "2012-01-20", retroactive="promised in the leaflet")
    assert one(t, "RET-11/2012-01-21/1").valid_from == date(2012, 1, 21)
    assert one(t, "RET-11/2012-01-21/2").valid_from == date(2012, 2, 1)


@pytest.mark.rule("RET-57")
def test_a_worse_ladder_published_for_the_past_takes_nothing(till):
    t = till(ladder(), PointsRules(rate=D(0)))
    t.buy("2012-01-21", "A", "250")
    t.at("2012-02-01").publish(ladder(step=D(300)), "2012-01-20", retroactive="too generous")
    assert worth(t) == 60
    (differs,) = t.ledger.history("M-1").would_differ()
    assert (differs.name, differs.derived) == ("retail.voucher_issued", None)


@pytest.mark.rule("RET-12")
def test_vouchers_live_as_long_as_the_rules_of_their_issue_say(till):
    t = till(ladder(), VoucherRules(valid_days=30))
    give_voucher(t)
    assert one(t, "RET-11/2012-01-21/1").last_day == date(2012, 2, 20)


CARDS = ScratchCardRules(first_day=date(2012, 1, 1), last_day=date(2012, 1, 31), campaign="scratch")


def draw(t, receipt, serial, **more):
    return t.tell("2012-01-22", DrawScratchCard(receipt=receipt, serial=serial, **more))


@pytest.mark.rule("RET-13a")
@pytest.mark.parametrize(("paid", "draws"), [("379.99", 0), ("380", 1), ("760", 1)])
def test_a_receipt_of_enough_money_gives_one_draw(till, paid, draws):
    assert CARDS.draws_of(D(paid)) == draws
    t = till(CARDS)
    t.buy("2012-01-21", "A", paid)
    for serial in range(draws):
        draw(t, "A", f"S{serial}", prize="towel")
    with pytest.raises(RuleNotMet, match="no_draw_left"):
        draw(t, "A", "one more", prize="towel")


@pytest.mark.rule("RET-13a")
def test_what_a_voucher_paid_gives_no_draw(till):
    t = till(CARDS, ladder())
    key = give_voucher(t)
    t.buy("2012-01-21T12:00", "A", "340", tenders=(voucher("60", key), cash("340")))
    with pytest.raises(RuleNotMet, match="no_draw_left"):
        draw(t, "A", "S1", prize="towel")


@pytest.mark.rule("RET-13b")
def test_every_card_wins_and_a_vip_gets_a_gift_besides(till):
    t = till(CARDS)
    t.buy("2012-01-21", "A", "380")
    with pytest.raises(Incomplete, match="prize_missing"):
        draw(t, "A", "S1")
    draw(t, "A", "S1", prize="towel", extra_gifts=("couplets",))
    (drawn,) = t.in_force("retail.scratch_card_drawn")
    assert (drawn["prize"], list(drawn["extra_gifts"])) == ("towel", ["couplets"])
    with pytest.raises(Conflict, match="source_conflict"):
        draw(t, "A", "S1", prize="towel")


@pytest.mark.rule("RET-13")
def test_a_replay_draws_nothing_anew(till):
    t = till(CARDS)
    t.buy("2012-01-21", "A", "380")
    draw(t, "A", "S1", prize="towel")
    t.tell("2012-01-20", RecordPurchase(receipt="B", paid=Money(500, "CNY")), known="2012-01-25")
    assert [x["prize"] for x in t.in_force("retail.scratch_card_drawn")] == ["towel"]
