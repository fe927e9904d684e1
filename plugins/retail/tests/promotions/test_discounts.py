"""Percentages on percentages, fixed prices, the order of computation, and money off (RET-07 to RET-09)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Invalid, RuleNotMet, Unknown
from guanxi_retail import CashOffRules, StackedDiscountRules, discounted, priced
from guanxi_retail.checks import spread
from plugins.retail.tests.promotions.counter import back, give_back, line, tender

SIX, EIGHT, EXTRA = Decimal("0.6"), Decimal("0.8"), Decimal("0.95")
RULES = StackedDiscountRules()
CAMPAIGN = StackedDiscountRules(first_day=date(2012, 1, 1), last_day=date(2012, 1, 31))
OFF = CashOffRules()
D = Decimal


@pytest.mark.rule("RET-07a")
@pytest.mark.parametrize(
    ("list_price", "factors", "price"),
    [
        ("1000", (SIX, EXTRA), "570.00"),
        ("1000", (EIGHT, EXTRA), "760.00"),
        ("99.90", (EIGHT, EXTRA), "75.92"),
    ],
)
def test_percentages_multiply_on_the_list_price(list_price, factors, price):
    assert discounted(D(list_price), factors, rules=RULES) == D(price)


@pytest.mark.rule("RET-07b")
def test_a_price_is_rounded_once_at_the_end():
    assert discounted(D("100.19"), (SIX, EXTRA), rules=RULES) == D("57.11")


@pytest.mark.rule("RET-07c")
def test_a_factor_out_of_the_campaigns_range_is_refused_at_the_till(till):
    t = till(CAMPAIGN)
    with pytest.raises(RuleNotMet) as refusal:
        t.buy("2012-01-10", "A", "55", lines=(line(1, "55", discounts=(D("0.55"),)),))
    assert (refusal.value.code, refusal.value.rule) == ("discount_out_of_range", "RET-07")
    assert t.ledger.history("M-1").entries()[-1].name == "core.file_opened"


@pytest.mark.rule("RET-07c")
def test_a_factor_out_of_the_campaigns_range_is_kept_and_flagged_on_an_imported_receipt(till):
    t = till(CAMPAIGN)
    t.buy("2012-01-10", "A", "55", lines=(line(1, "55", discounts=(D("0.55"),)),), known="2012-01-11")
    assert t.flags() == [("retail.purchase_recorded", "kept_with_breach")]


@pytest.mark.rule("RET-07c")
def test_a_fixed_special_price_takes_no_further_percentage():
    assert discounted(D(88), (EXTRA,), fixed=True, rules=RULES) == D("88.00")
    stacked = StackedDiscountRules(stack_on_fixed=True)
    assert discounted(D(88), (EXTRA,), fixed=True, rules=stacked) == D("83.60")


@pytest.mark.rule("RET-07")
@pytest.mark.parametrize(
    ("factors", "more"),
    [
        ((SIX,), {}),
        ((EIGHT, EXTRA), {}),
        ((D("0.5"),), {"counter": "watches"}),
        ((EXTRA,), {"fixed_price": True}),
    ],
)
def test_factors_of_the_campaign_excluded_counters_and_fixed_prices_are_let_through(till, factors, more):
    t = till(
        StackedDiscountRules(
            first_day=date(2012, 1, 1), last_day=date(2012, 1, 31), excluded_counters=("watches",)
        )
    )
    t.buy("2012-01-10", "A", "55", lines=(line(1, "55", discounts=factors, **more),))
    assert t.flags() == []


@pytest.mark.rule("RET-07")
@pytest.mark.parametrize("factors", [(EIGHT, D("0.9")), (EIGHT, EXTRA, EXTRA), (EXTRA,)])
def test_only_the_extra_factor_is_stacked_and_only_once(till, factors):
    t = till(CAMPAIGN)
    with pytest.raises(RuleNotMet, match="discount_out_of_range"):
        t.buy("2012-01-10", "A", "55", lines=(line(1, "55", discounts=factors),))


@pytest.mark.rule("RET-07")
def test_without_a_campaign_there_is_no_range(till):
    t = till(CAMPAIGN)
    t.buy("2012-02-01", "A", "55", lines=(line(1, "55", discounts=(D("0.1"),)),))
    assert t.flags() == []


@pytest.mark.rule("RET-07")
def test_an_excluded_counter_sells_at_its_own_price():
    rules = StackedDiscountRules(excluded_counters=("watches",))
    basket = priced([line(1, "100", discounts=(EIGHT,), counter="watches")], discount=rules)
    assert basket.net == 100


@pytest.mark.rule("RET-08a")
@pytest.mark.parametrize(("list_price", "net", "off"), [("370", "296.00", "0"), ("400", "260.00", "60")])
def test_cash_off_comes_after_percentages(list_price, net, off):
    goods = [line(1, "0", list_price=D(list_price), discounts=(EIGHT,), area="clothing")]
    basket = priced(goods, discount=RULES, cash_off=OFF)
    assert (basket.net, basket.cash_off, basket.paid) == (D(net), D(off), D(net))


@pytest.mark.rule("RET-08b")
def test_the_threshold_is_tested_exactly():
    goods = [line(n, net, area="clothing") for n, net in enumerate(("93.60", "189.70", "16.70"), 1)]
    assert priced(goods, discount=RULES, cash_off=OFF).net == D("240.00")


@pytest.mark.rule("RET-08c")
@pytest.mark.parametrize(
    ("nets", "parts"),
    [
        (("101.01", "99.99", "100.00"), ("20.14", "19.93", "19.93")),
        (("200", "100"), ("40", "20")),
    ],
)
def test_cash_off_is_spread_in_proportion_cents_by_largest_remainder(nets, parts):
    assert spread(D(60), [D(net) for net in nets]) == [D(part) for part in parts]
    goods = [line(n, net, area="clothing") for n, net in enumerate(nets, 1)]
    basket = priced(goods, discount=RULES, cash_off=OFF)
    assert [one.cash_off for one in basket.lines] == [D(part) for part in parts]
    assert sum(one.net for one in basket.lines) == sum(map(D, nets)) - 60


@pytest.mark.rule("RET-08")
def test_vouchers_and_points_are_tenders_spread_over_what_they_may_pay_for():
    goods = [line(1, "200", area="clothing"), line(2, "100", area="clothing"), line(3, "50", area="food")]
    basket = priced(goods, discount=RULES, cash_off=OFF, tendered=D(30), tendered_on={1, 2})
    assert [(one.net, one.paid) for one in basket.lines] == [(160, 140), (80, 70), (50, 50)]
    assert (basket.net, basket.paid) == (290, 260)


@pytest.mark.rule("RET-08")
def test_a_tender_that_no_rule_knows_is_refused(till):
    t = till()
    with pytest.raises(Unknown, match="unknown_code"):
        t.buy("2012-01-10", "A", "55", tenders=(tender("shells", "55"),))


@pytest.mark.rule("RET-09a")
@pytest.mark.parametrize(
    ("price", "every", "once"),
    [("299.99", "299.99", "299.99"), ("300", "240", "240"), ("650", "530", "590")],
)
def test_cash_off_is_granted_for_every_full_step_or_once(price, every, once):
    goods = [line(1, price, area="clothing")]
    assert priced(goods, discount=RULES, cash_off=OFF).paid == D(every)
    assert priced(goods, discount=RULES, cash_off=CashOffRules(repeat="once")).paid == D(once)


@pytest.mark.rule("RET-09")
def test_cash_off_is_for_its_area():
    goods = [line(1, "200", area="clothing"), line(2, "100", area="food")]
    assert priced(goods, discount=RULES, cash_off=OFF).cash_off == 0


@pytest.mark.rule("RET-09b")
def test_a_returned_line_pays_back_its_own_money_and_the_threshold_is_not_tested_again(till):
    t = till()
    goods = [line(1, "200", area="clothing"), line(2, "100", area="clothing")]
    basket = priced(goods, discount=RULES, cash_off=OFF)
    t.buy("2012-01-10", "A", "240", lines=basket.lines)
    returned = basket.lines[1]
    give_back(t, "2012-01-11", "A", str(returned.paid), back(2, str(returned.net)))
    assert returned.paid == 80
    assert t.in_force("retail.purchase_refunded")[0]["paid"]["amount"] == "80.00"


def at_list(net, **more):
    return line(1, net, list_price=D("100.00"), discounts=(EIGHT,), cash_off=D("10"), **more)


@pytest.mark.rule("RET-07")
def test_a_line_comes_to_its_list_price_times_its_factors_less_its_cash_off(till):
    t = till()
    t.buy("2012-01-10", "A", "70", lines=(at_list("70"),))
    with pytest.raises(RuleNotMet, match="discount_out_of_range"):
        t.buy("2012-01-10", "B", "69.99", lines=(at_list("69.99"),))
    with pytest.raises(Invalid, match="lines_do_not_add_up"):
        t.buy("2012-01-10", "B", "70.01", lines=(at_list("70.01"),))
    assert t.flags() == []


@pytest.mark.rule("RET-07")
@pytest.mark.parametrize("net", ["69.99", "70.01"])
def test_a_price_that_was_taken_otherwise_is_kept_and_flagged(till, net):
    t = till()
    t.buy("2012-01-10", "A", net, lines=(at_list(net),), known="2012-01-11")
    assert t.flags() == [("retail.purchase_recorded", "kept_with_breach")]


@pytest.mark.rule("RET-07")
def test_fixed_prices_and_counters_that_do_not_take_part_have_prices_of_their_own(till):
    t = till(
        StackedDiscountRules(
            first_day=date(2012, 1, 1), last_day=date(2012, 1, 31), excluded_counters=("watches",)
        )
    )
    t.buy("2012-01-10", "A", "18", lines=(at_list("18", fixed_price=True),))
    for receipt, net in (("B", "90"), ("C", "70")):
        t.buy("2012-01-10", receipt, net, lines=(at_list(net, counter="watches"),))
    assert t.flags() == []
