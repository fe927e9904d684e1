"""Spend classes by revenue less cost, and what each class is given (RET-27)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from guanxi import Invalid, Money
from guanxi.relationship.dealings.commands import RecordCost
from guanxi_retail import SpendClassRules
from plugins.retail.tests.till import ZONE, notes

YEAR_END = datetime(2012, 12, 31, 23, 59, 59, 999_999, tzinfo=ZONE)


def cost(t, moment, amount, **more):
    t.tell(moment, RecordCost(cost="direct", amount=Money(amount, "CNY"), **more))


def classes(t):
    rows = t.ledger.report("retail.spend_classes", as_of="2012-12-31").rows
    return {row[0]: row[3] for row in rows if row[2]}


@pytest.mark.rule("RET-27")
def test_cost_is_taken_off_before_classing_where_the_rules_say_so(till):
    for basis, expected in (("net_spend", "vip"), ("revenue_less_cost", "main")):
        t = till(SpendClassRules(basis=basis))
        t.buy("2012-06-01", "A", "20000.00")
        cost(t, "2012-06-02", "0.01")
        t.at("2013-01-02")
        assert classes(t) == {expected: Decimal("20000.00")}
        done = t.ledger.run("retail.spend_class", actor="analyst", as_of=YEAR_END)
        assert done.counts == {expected: 1}
        [(_, line)] = t.ledger.runs.lines(done.id)
        assert line.spend == done.controls["spend"] == Decimal("19999.99" if expected == "main" else 20_000)


@pytest.mark.rule("RET-27")
def test_a_cost_of_several_days_belongs_to_the_last_of_them(till):
    for until, expected in ((date(2013, 1, 2), "vip"), (date(2013, 1, 1), "ordinary")):
        t = till(SpendClassRules(basis="revenue_less_cost"))
        t.buy("2012-06-01", "A", "20000.00")
        cost(t, "2012-12-31", "15000.01", since=date(2012, 7, 1), until=until)
        t.at("2013-01-05")
        assert classes(t) == {expected: Decimal("20000.00")}
        told = notes(t.ledger.report("retail.spend_classes", as_of="2012-12-31"))
        assert told["cost taken off before classing"] == ("0.00" if expected == "vip" else "15,000.01")


@pytest.mark.rule("RET-27")
def test_each_class_has_discounts_and_services_of_its_own(till):
    rules = SpendClassRules(
        discounts={"vip": Decimal("0.8"), "main": Decimal("0.95")}, services={"vip": "a counter of their own"}
    )
    t = till(rules)
    t.buy("2012-06-01", "A", "20000.00")
    t.at("2013-01-02")
    result = t.ledger.report("retail.spend_classes")
    assert [(row[0], *row[6:]) for row in result.rows] == [
        ("vip", Decimal("0.8"), "a counter of their own"),
        ("main", Decimal("0.95"), None),
        ("ordinary", None, None),
        ("small", None, None),
    ]
    plain = till(SpendClassRules())
    assert len(plain.ledger.report("retail.spend_classes").columns) == 6


@pytest.mark.rule("RET-27")
@pytest.mark.parametrize(
    "wrong",
    [
        {"discounts": {"platinum": Decimal("0.8")}},
        {"services": {"gold": "tea"}},
        {"discounts": {"vip": Decimal(2)}},
    ],
)
def test_what_is_given_to_a_class_that_is_not_there_is_refused(wrong):
    with pytest.raises(Invalid) as refusal:
        SpendClassRules(**wrong)
    assert refusal.value.code == "out_of_scale"
