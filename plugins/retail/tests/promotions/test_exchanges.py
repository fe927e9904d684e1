"""Exchanges: only the difference counts, for points, vouchers, tiers, receipts and occasions (RET-54)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, Incomplete, Invalid, RuleNotMet
from guanxi_retail import (
    ExchangedLine,
    ExchangeRules,
    PointsRules,
    RecordExchange,
    TierRules,
    void_exchange,
)
from guanxi_retail.purchases.purchases import Purchases
from guanxi_retail.tiers.state import Tiers
from plugins.retail.tests.promotions.counter import (
    cash,
    gifts,
    give_voucher,
    ladder,
    line,
    one,
    points,
    voucher,
    worth,
)
from plugins.retail.tests.till import local, table

D = Decimal
RULES = ExchangeRules(exchangeable=("coloured_gems", "cosmetics", "clothing"))
VIP = ("vip", "demonstration")


def exchange(t, moment, replaces, returned, new, *, number="E1", area="clothing", conditions=(), **more):
    """Exchange goods of a receipt's only line for others."""
    fields = {name: more.pop(name) for name in ("tenders", "goods") if name in more}
    goods = fields.pop("goods", (line(1, new, area=area),))
    return t.tell(
        moment,
        RecordExchange(
            exchange=number,
            refund=f"{number}-back",
            receipt=f"{number}-new",
            replaces=replaces,
            returned=(ExchangedLine(net=D(returned), quantity=0),),
            goods=goods,
            conditions=conditions,
            **fields,
        ),
        **more,
    )


def purchases(t):
    state: Purchases = t.ledger.history("M-1").state(Purchases)
    return state


@pytest.mark.rule("RET-54a")
def test_goods_of_the_same_price_move_nothing(till):
    t = till(PointsRules(), RULES)
    t.buy("2012-01-10", "A", "500", lines=(line(1, "500", area="cosmetics"),), conditions=VIP)
    lot = t.points().lots["A/1"]
    exchange(t, "2012-01-12", "A", "500", "500", area="cosmetics", conditions=VIP)
    after = t.points().lots["A/1"]
    assert (t.points().balance, after.active, after.last_day) == (3_000, 3_000, lot.last_day)
    bought = purchases(t)
    assert (bought.count, bought.net, bought.last_on) == (1, 500, date(2012, 1, 10))
    assert t.in_force("retail.purchase_refunded") == []


@pytest.mark.rule("RET-54b")
def test_dearer_goods_earn_on_the_difference(till):
    t = till(PointsRules(), RULES)
    t.buy("2012-01-10", "A", "240", lines=(line(1, "240", area="clothing"),), conditions=("vip",))
    exchange(t, "2012-01-12", "A", "240", "300", conditions=("vip",), tenders=(cash("60"),))
    assert {key: lot.active for key, lot in t.points().lots.items()} == {"A/1": 912, "E1-new/1": 228}
    (_, more) = t.in_force("retail.purchase_recorded")
    assert (D(more["paid"]["amount"]), more["exchange"], more["replaces"]) == (60, "E1", "A")


@pytest.mark.rule("RET-54b")
def test_cheaper_goods_pay_the_difference_back(till):
    t = till(PointsRules(), RULES)
    t.buy("2012-01-10", "A", "300", lines=(line(1, "300", area="clothing"),), conditions=("vip",))
    exchange(t, "2012-01-12", "A", "300", "200", conditions=("vip",))
    assert t.in_force("retail.purchase_refunded")[0]["paid"]["amount"] == "100.00"
    assert t.in_force("retail.points_clawed_back")[0]["due"] == 380
    assert t.points().balance == 760


@pytest.mark.rule("RET-54c")
def test_an_exchange_earns_no_more_than_its_difference(till):
    t = till(PointsRules(), RULES)
    t.buy("2012-01-10", "A", "199.50", lines=(line(1, "199.50", area="clothing"),))
    exchange(t, "2012-01-12", "A", "199.50", "200")
    assert t.points().balance == 199
    assert purchases(t).net == D("200.00")


@pytest.mark.rule("RET-54d")
@pytest.mark.parametrize(
    ("new", "money_back", "voucher_back", "paid"),
    [("200", "0", "0", "0"), ("100", "70.00", "30.00", "0"), ("260", "0", "0", "60")],
)
def test_the_new_goods_take_over_the_tenders_of_the_old(till, new, money_back, voucher_back, paid):
    t = till(ladder(), RULES)
    key = give_voucher(t)
    t.buy(
        "2012-02-01",
        "A",
        "140",
        lines=(line(1, "200", "140", area="clothing"),),
        tenders=(voucher("60", key), cash("140")),
    )
    exchange(t, "2012-02-02", "A", "200", new)
    back = [x["paid"]["amount"] for x in t.in_force("retail.purchase_refunded")]
    more = [x["paid"]["amount"] for x in t.in_force("retail.purchase_recorded") if x["exchange"]]
    assert (sum(map(D, back)), worth(t), sum(map(D, more))) == (D(money_back), D(voucher_back), D(paid))


@pytest.mark.rule("RET-54d")
def test_points_come_back_for_their_part_of_the_difference(till):
    t = till(PointsRules(), RULES)
    t.buy("2012-01-01", "earning", "100")
    t.buy(
        "2012-01-02",
        "A",
        "60",
        lines=(line(1, "100", "60", area="clothing"),),
        tenders=(points("40"), cash("60")),
    )
    exchange(t, "2012-01-03", "A", "100", "50")
    assert t.points().lots["earning"].active == 80


@pytest.mark.rule("RET-54e")
def test_the_difference_climbs_the_ladder_of_its_day(till):
    t = till(ladder(), RULES)
    t.buy("2012-01-10", "A", "300", lines=(line(1, "300", area="clothing"),))
    exchange(t, "2012-01-21", "A", "300", "500")
    assert (worth(t), gifts(t), one(t, "RET-11/2012-01-21/1").value) == (60, 1, 60)


@pytest.mark.rule("RET-54e")
def test_an_exchange_is_money_and_no_receipt(till):
    t = till(RULES)
    for n in range(5):
        t.buy(f"2012-01-1{n}", f"R{n}", "2000", lines=(line(1, "2000", area="clothing"),))
    exchange(t, "2012-01-20", "R0", "2000", "2100")
    (month,) = table(t.ledger.report("retail.exchange"))
    assert (month["returned"], month["sold"], month["difference"]) == (2_000, 2_100, 100)
    bought = purchases(t)
    assert (bought.net / bought.count, bought.last_on) == (D(2020), date(2012, 1, 14))


@pytest.mark.rule("RET-54e")
def test_the_average_ticket_of_the_store_counts_its_money_and_not_it(till):
    t = till(RULES)
    for n in range(5):
        goods = (line(1, "2000", area="clothing"),)
        t.buy(f"2012-01-1{n}", f"R{n}", "2000", lines=goods, outlet="S1", salesperson="li")
    exchange(t, "2012-01-20", "R0", "2000", "2100")
    month = table(t.ledger.report("retail.store_month", as_of="2012-01-31"))[0]
    assert (month["net"], month["receipts"], month["average_ticket"]) == (10_100, 5, 2_020)


@pytest.mark.rule("RET-54a", "RET-54e")
@pytest.mark.parametrize(("new", "money"), [("2000", 4_000), ("2100", 4_100), ("1900", 3_900)])
def test_an_exchange_is_no_occasion_and_its_difference_is_money_of_the_first(till, new, money):
    t = till(RULES)
    for n in range(2):
        t.buy(f"2012-01-1{n}", f"R{n}", "2000", lines=(line(1, "2000", area="clothing"),))
    exchange(t, "2012-01-20", "R0", "2000", new)
    ((_, recency, frequency, monetary, *_),) = t.ledger.report(
        "retail.rfm", view="customers", as_of="2012-01-31"
    ).rows
    assert (recency, frequency, monetary) == (20, 2, money)


@pytest.mark.rule("RET-54f")
def test_the_original_sale_keeps_its_year_and_the_difference_counts_in_its_own(till):
    t = till(RULES)
    t.buy("2012-06-01", "A", "800", lines=(line(1, "800", area="clothing"),))
    exchange(t, "2013-01-10", "A", "800", "900")
    sales = purchases(t).sales
    assert {key: (sale.at.year, sale.paid) for key, sale in sales.items()} == {
        "A": (2012, 800),
        "E1-new": (2013, 100),
    }


@pytest.mark.rule("RET-54f")
def test_an_exchange_of_a_closed_year_entered_later_reinstates_the_tier(till):
    t = till(TierRules(tiers={"Basic": D(0), "Silver": D(1000), "Gold": D(5000)}), RULES)
    t.buy("2012-06-01", "A", "1000", lines=(line(1, "1000", area="clothing"),))
    t.buy("2013-06-01", "B", "900", lines=(line(1, "900", area="clothing"),))
    t.at("2014-01-02").ledger.advance()
    assert tier(t) == "Basic"
    exchange(t, "2013-12-30", "B", "900", "1000", known="2014-01-03")
    assert [tier(t, as_of=day) for day in ("2013-12-31", "2014-01-01", "2014-01-03")] == ["Silver"] * 3
    assert tier(t, as_known="2014-01-02") == "Basic"


@pytest.mark.rule("RET-54f")
def test_the_difference_counts_for_the_tier_in_its_own_year(till):
    t = till(TierRules(tiers={"Basic": D(0), "Silver": D(100)}, downgrade="automatic"), RULES)
    t.buy("2012-06-01", "A", "800", lines=(line(1, "800", area="clothing"),))
    exchange(t, "2013-01-10", "A", "800", "900")
    spend = t.ledger.history("M-1").state(Tiers).spend
    assert (
        spend.between(date(2012, 1, 1), date(2012, 12, 31)),
        spend.between(date(2013, 1, 1), date(2013, 12, 31)),
    ) == (800, 100)


def tier(t, as_of=None, as_known=None):
    history = t.ledger.history("M-1")
    if as_of is not None:
        history = history.as_of(as_of)
    if as_known is not None:
        history = history.as_known(as_known)
    return history.state(Tiers).tier


@pytest.mark.rule("RET-54g")
def test_gems_are_exchanged(till):
    t = till(ExchangeRules())
    t.buy("2012-01-10", "A", "500", lines=(line(1, "500", product="coloured_gems"),))
    goods = (line(1, "500", product="coloured_gems"),)
    exchange(t, "2012-01-12", "A", "500", "500", goods=goods)
    (told,) = t.in_force("retail.exchange_recorded")
    assert (told["exchange"], told["refund"], told["receipt"], told["difference"]) == (
        "E1",
        "E1-back",
        "E1-new",
        "0",
    )


@pytest.mark.rule("RET-54g")
def test_other_goods_are_not(till):
    t = till(ExchangeRules())
    t.buy("2012-01-10", "A", "500", lines=(line(1, "500", product="gold"),))
    with pytest.raises(RuleNotMet, match="exchange_not_allowed"):
        exchange(t, "2012-01-12", "A", "500", "500")
    exchange(t, "2012-01-12", "A", "500", "500", known="2012-01-13")
    (breach,) = t.in_force("core.breach_recorded")
    assert (breach["code"], breach["rule"]) == ("exchange_not_allowed", "RET-54")


@pytest.mark.rule("RET-54g")
def test_after_the_limit_it_is_closed(till):
    t = till(ExchangeRules(exchangeable=("clothing",), exchange_days=7))
    t.buy("2012-01-10", "A", "500", lines=(line(1, "500", area="clothing"),))
    with pytest.raises(RuleNotMet, match="exchange_closed"):
        exchange(t, "2012-01-18", "A", "500", "500")
    exchange(t, "2012-01-17T23:00", "A", "500", "500", known="2012-01-18T09:00")
    assert t.flags() == []


@pytest.mark.rule("RET-54g")
@pytest.mark.parametrize("missing", ["goods", "returned"])
def test_a_return_without_its_sale_is_no_exchange(till, missing):
    t = till(RULES)
    t.buy("2012-01-10", "A", "500", lines=(line(1, "500", area="clothing"),))
    told = {
        "returned": (ExchangedLine(net=D(500)),),
        "goods": (line(1, "500", area="clothing"),),
        missing: (),
    }
    with pytest.raises(Incomplete, match="exchange_incomplete"):
        t.tell("2012-01-12", RecordExchange(exchange="E", refund="F", receipt="N", replaces="A", **told))
    assert purchases(t).count == 1


@pytest.mark.rule("RET-54")
def test_an_exchange_counts_once_and_its_difference_is_money(till):
    t = till(RULES)
    t.buy("2012-01-10", "A", "500", lines=(line(1, "500", area="clothing"),))
    with pytest.raises(Invalid, match="tenders_do_not_add_up"):
        exchange(t, "2012-01-12", "A", "500", "560", tenders=(points("60"),))
    exchange(t, "2012-01-12", "A", "500", "560")
    with pytest.raises(Conflict, match="source_conflict"):
        exchange(t, "2012-01-13", "A", "500", "560")
    with pytest.raises(RuleNotMet, match="exceeds_original"):
        exchange(t, "2012-01-13", "A", "501", "560", number="E2")


def told(outcome, name):
    return next(one.id for one in outcome.entries if one.name == name)


@pytest.mark.rule("RET-54")
@pytest.mark.parametrize(("new", "points_then"), [("300.00", 300), ("200.00", 200)])
def test_an_exchange_is_voided_with_its_difference(till, new, points_then):
    t = till(PointsRules(), RULES)
    t.buy("2012-01-01", "A", "240.00", lines=(line(1, "240.00", area="clothing"),))
    exchange(t, "2012-01-05", "A", "240.00", new)
    assert t.points().balance == points_then
    t.at("2012-01-08")
    void_exchange(t.ledger, "M-1", "E1", actor="clerk", reason="another customer's")
    assert (t.points().balance, purchases(t).net, t.flags()) == (240, 240, [])
    assert t.in_force("retail.part_missing") == []


@pytest.mark.rule("RET-54")
def test_an_exchange_voided_whole_takes_back_what_its_difference_gave_back(till):
    t = till(PointsRules(), RULES, ladder())
    key = give_voucher(t)
    paid = (points("40"), voucher("60", key), cash("100"))
    t.buy("2012-02-01", "A", "100", lines=(line(1, "200", "100", area="clothing"),), tenders=paid)
    before = (t.points().balance, worth(t))
    exchange(t, "2012-02-05", "A", "200.00", "100.00")
    assert (t.points().balance, worth(t)) != before
    t.at("2012-02-08")
    void_exchange(t.ledger, "M-1", "E1", actor="clerk", reason="another customer's")
    assert ((t.points().balance, worth(t)), t.flags()) == (before, [])


@pytest.mark.rule("RET-54")
@pytest.mark.parametrize(
    ("new", "difference"), [("300.00", "retail.purchase_recorded"), ("200.00", "retail.purchase_refunded")]
)
def test_a_part_of_an_exchange_that_is_voided_alone_leaves_the_other_flagged(till, new, difference):
    t = till(PointsRules(), RULES)
    t.buy("2012-01-01", "A", "240.00", lines=(line(1, "240.00", area="clothing"),))
    first = exchange(t, "2012-01-05", "A", "240.00", new)
    t.at("2012-01-08").ledger.void(told(first, "retail.exchange_recorded"), actor="clerk", reason="wrong")
    assert t.flags() == [(difference, "exchange_incomplete")]
    t.buy("2012-01-09", "B", "240.00", lines=(line(1, "240.00", area="clothing"),))
    second = exchange(t, "2012-01-10", "B", "240.00", new, number="E2")
    t.at("2012-01-12").ledger.void(told(second, difference), actor="clerk", reason="wrong")
    assert t.in_force("retail.part_missing") == [
        {"act": "exchange", "number": "E2", "code": "without_ground"}
    ]


@pytest.mark.rule("RET-54")
def test_an_exchange_is_dated_anew_in_both_parts_or_neither(till):
    t = till(PointsRules(), RULES)
    t.buy("2012-01-01", "A", "240.00", lines=(line(1, "240.00", area="clothing"),))
    done = exchange(t, "2012-01-05", "A", "240.00", "300.00")
    t.at("2012-01-08")

    def redate(name):
        t.ledger.correct(told(done, name), effective_from=local("2012-01-03"), actor="clerk", reason="day")

    with pytest.raises(RuleNotMet) as refusal:
        redate("retail.purchase_recorded")
    assert (refusal.value.code, refusal.value.rule) == ("exchange_incomplete", "RET-54")
    redate("retail.exchange_recorded")
    assert t.flags() == [("retail.purchase_recorded", "exchange_incomplete")]
    assert len(t.in_force("retail.part_missing")) == 1
    redate("retail.purchase_recorded")
    assert (t.flags(), t.in_force("retail.part_missing"), t.points(as_of="2012-01-04").balance) == (
        [],
        [],
        300,
    )
