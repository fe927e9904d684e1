"""The list of decisions that stand and would come out otherwise (RET-57, RET-60)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Money
from guanxi_retail import (
    ApplyForVip,
    EnrolMember,
    PointsRules,
    RecordReferral,
    RecordStoreReceipt,
    SalesCreditRules,
    TierRules,
    day_stream,
)
from plugins.retail.tests.promotions.counter import line
from plugins.retail.tests.tiers.ladder import LADDER
from plugins.retail.tests.till import local, notes, table

REPORT = "retail.would_differ"


def halved(t):
    """500 points of 25 January; on 1 February their rate is halved from the 20th on."""
    t.buy("2012-01-25", "A", "500.00")
    t.at("2012-02-01")
    t.publish(PointsRules(rate=Decimal("0.5")), "2012-01-20", retroactive="a mistake in the leaflet")
    t.at("2012-02-03")
    return t


def movement(t, **asked):
    told = notes(t.ledger.report(REPORT, **asked))
    return tuple(int(told[name]) for name in ("opening", "new", "settled", "listed"))


@pytest.mark.rule("RET-57c")
def test_points_that_a_rule_set_for_the_past_would_not_have_given_are_listed_with_their_cause(till):
    t = halved(till(PointsRules()))
    (row,) = table(t.ledger.report(REPORT))
    assert (row["decision"], row["account"], row["difference"]) == ("retail.points_earned", "M-1", -250)
    assert row["key"].startswith("A")
    assert ("points 500" in row["given"], "points 250" in row["would_be"]) == (True, True)
    assert (row["cause"], row["recorded_on"]) == ("retail.points 2", date(2012, 2, 1))


@pytest.mark.rule("RET-57")
def test_what_is_listed_is_what_was_listed_and_what_came_less_what_was_settled(till):
    t = halved(till(PointsRules()))
    assert movement(t, since=date(2012, 1, 26)) == (0, 1, 0, 1)
    assert movement(t, since=date(2012, 2, 2)) == (1, 0, 0, 1)
    assert t.ledger.report(REPORT, as_known="2012-01-31").rows == ()
    t.refund("2012-02-04", "A", "500.00")
    t.at("2012-02-06")
    t.publish(PointsRules(), "2012-01-20", retroactive="the leaflet was right")
    t.at("2012-02-08")
    assert movement(t, since=date(2012, 2, 2)) == (1, 0, 1, 0)


@pytest.mark.rule("RET-24c")
def test_a_tier_that_higher_thresholds_would_not_have_given_is_listed(till):
    t = till(PointsRules(), TierRules(tiers=LADDER))
    t.buy("2012-02-10", "A", "5000.00")
    t.at("2012-04-01")
    raised = {**LADDER, "Gold": Decimal(5_500)}
    t.publish(TierRules(tiers=raised), "2012-01-01", retroactive="too many")
    rows = [r for r in table(t.ledger.report(REPORT)) if r["decision"] == "retail.tier_changed"]
    assert rows
    assert {r["cause"] for r in rows} == {"retail.tiers 2"}


@pytest.mark.rule("RET-39g")
def test_an_admission_whose_purchase_came_back_is_listed(till):
    t = till(PointsRules())
    t.buy("2012-01-31", "A", "10000", lines=(line(1, "10000", grade="high"),))
    t.tell("2012-02-03", ApplyForVip(application="V", route="purchase"))
    t.refund("2012-02-10", "A", "500")
    (row,) = [r for r in table(t.ledger.report(REPORT)) if r["decision"] == "retail.vip_admitted"]
    assert (row["account"], row["difference"]) == ("M-1", -500)


@pytest.mark.rule("RET-14c")
def test_a_reward_for_a_friend_who_had_bought_before_is_listed(till):
    t = till(PointsRules())
    t.tell("2012-01-01", EnrolMember(name="李明", mobile="13800138000"))
    t.open("F-1")
    t.tell("2012-01-02", RecordReferral(referrer="M-1"), member="F-1")
    t.buy("2012-01-03", "A", "199", member="F-1")
    t.buy("2011-05-01", "old", "10", member="F-1", known="2012-01-10")
    (row,) = [r for r in table(t.ledger.report(REPORT)) if r["decision"] == "retail.voucher_issued"]
    assert (row["account"], row["difference"], row["key"]) == ("M-1", -20, "F-1, A")


@pytest.mark.rule("RET-60b")
def test_members_whose_line_of_a_run_that_stands_moved_are_listed_until_a_new_run(till):
    t = till(PointsRules())
    t.buy("2012-06-15", "A", "1000")
    t.at("2012-07-01")
    t.ledger.run("retail.spend_class", actor="analyst", as_of=local("2012-06-30T23:59"))
    t.buy("2012-06-20", "B", "30000", known="2012-07-05")
    (row,) = [r for r in table(t.ledger.report(REPORT)) if r["decision"] == "core.grade_set"]
    assert (row["account"], row["key"].split()[0]) == ("M-1", "retail.spend_class")
    assert row["given"] != row["would_be"]
    assert movement(t, since=date(2012, 7, 2)) == (0, 1, 0, 1)
    t.at("2012-07-06")
    assert movement(t) == (1, 0, 0, 1)


@pytest.mark.rule("RET-57")
def test_a_days_record_of_a_store_is_looked_at_too(till):
    t = till(PointsRules())
    day = day_stream("S1", date(2012, 6, 1))
    sold = RecordStoreReceipt(receipt="S", paid=Money("400", "CNY"), salesperson="li", phone_given=True)
    t.tell("2012-06-01", sold, member=day)
    t.at("2012-06-03").ledger.advance()
    t.publish(SalesCreditRules(card_amount=Decimal(300)), "2012-05-01", retroactive="agreed in May")
    t.at("2012-06-04")
    (row,) = [r for r in table(t.ledger.report(REPORT)) if r["decision"] == "retail.sales_credit_decided"]
    assert (row["account"], row["recorded_on"]) == (day, date(2012, 6, 3))
    assert ("granted True" in row["given"], "granted False" in row["would_be"]) == (True, True)
    assert t.ledger.report(REPORT, as_of="2012-05-31").rows == ()
