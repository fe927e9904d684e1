"""Tiers and memberships: enrolment, leaving, and files that become one (RET-24, RET-28)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi.relationship import MergeFiles
from guanxi.relationship.file.commands import UndoMerge
from guanxi_retail import EnrolMember, LeaveProgramme, TierRules
from guanxi_retail.tiers.state import Tiers


def cells(t, as_of, since):
    result = t.ledger.report(
        "retail.tier_migration", as_of=as_of, since=date.fromisoformat(since), view="long"
    )
    return {(a, b): n for a, b, n, _ in result.rows if n}


@pytest.mark.rule("RET-24")
def test_membership_years_count_from_enrolment_where_there_was_one(climb):
    t = climb(period="anniversary")
    t.buy("2012-03-01", "before", "600")
    t.tell("2012-06-15", EnrolMember(mobile="13800138000", name="李明"))
    t.buy("2013-06-14", "A", "400")
    assert t.name() == "Basic"  # the year of the first membership began on 06-15
    t.buy("2013-06-15", "B", "999")
    assert t.name() == "Basic"
    t.buy("2013-06-16", "C", "1")
    assert t.held() == ("Silver", "2015-06-14")


@pytest.mark.rule("RET-24")
def test_a_member_since_29_february_has_years_that_end_on_the_28th(climb):
    t = climb(period="anniversary")
    t.tell("2012-02-29", EnrolMember(mobile="13800138000", name="李明"))
    t.buy("2013-02-27", "A", "1000")
    assert t.held() == ("Silver", "2014-02-27")
    other = climb(period="anniversary")
    other.tell("2012-02-29", EnrolMember(mobile="13800138000", name="李明"))
    other.buy("2013-02-28", "A", "1000")
    assert other.held() == ("Silver", "2015-02-27")


@pytest.mark.rule("RET-28")
def test_who_left_the_programme_stands_in_the_last_column_and_comes_back_as_new(climb):
    t = climb()
    t.tell("2012-02-01", EnrolMember(mobile="13800138000", name="李明"))
    t.buy("2012-03-01", "A", "1000")
    t.tell("2012-09-01", LeaveProgramme())
    t.at("2012-09-10")
    assert cells(t, "2012-09-02", "2012-08-31") == {("Silver", "left"): 1}
    assert cells(t, "2012-09-10", "2012-09-05") == {}
    t.tell("2012-10-01", EnrolMember(mobile="13800138000"))
    assert cells(t, "2012-10-02", "2012-09-10") == {("not_yet", "Silver"): 1}


@pytest.mark.rule("RET-24")
def test_the_purchases_of_both_files_count_in_the_one_that_stays(climb):
    t = climb()
    t.open("M-2")
    t.buy("2012-03-01", "A", "3000", member="M-1")
    t.buy("2012-03-02", "B", "2500", member="M-2")
    t.at("2012-04-01")
    t.ledger.execute("M-1", MergeFiles(absorbed="M-2"), actor="clerk", reason="one person", occurred_at=t.now)
    t.at("2012-04-02")
    assert t.held() == ("Gold", "2013-12-31")
    assert t.name("2012-03-31") == "Silver"
    t.at("2012-06-01")
    t.ledger.execute(
        "M-1", UndoMerge(absorbed="M-2"), actor="clerk", reason="two after all", occurred_at=t.now
    )
    t.at("2012-06-02")
    assert t.ledger.history("M-2").state(Tiers).tier == "Silver"


@pytest.mark.rule("RET-24")
def test_a_tier_that_the_other_file_reached_last_year_is_not_lost_by_a_merge(climb):
    t = climb()
    t.open("M-2")
    t.buy("2012-03-01", "A", "10", member="M-1")
    t.buy("2012-03-02", "B", "5000", member="M-2")
    t.at("2013-04-01")
    t.ledger.execute("M-1", MergeFiles(absorbed="M-2"), actor="clerk", reason="one person", occurred_at=t.now)
    t.at("2013-04-02")
    assert t.held() == ("Gold", "2013-12-31")
    assert t.name("2013-03-31") == "Basic"
    assert [row["cause"] for row in t.in_force("retail.tier_changed")] == ["merge"]


@pytest.mark.rule("RET-24")
def test_a_ladder_that_is_renamed_is_climbed_anew_with_the_next_purchase(climb):
    t = climb()
    t.buy("2012-03-01", "A", "1000")
    t.publish(TierRules(tiers={"Bronze": Decimal(0), "Jade": Decimal(1_000)}), "2012-07-01")
    t.buy("2012-07-02", "B", "1")
    assert t.held() == ("Jade", "2013-12-31")
    assert cells(t, "2012-07-02", "2012-06-30") == {("Silver", "Jade"): 1}
