"""What merging files, erasing personal data and early mornings do to the list, to stocks and to what is due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi.relationship import MergeFiles
from guanxi.relationship.governance.erasing import erase
from guanxi_retail.group_purchase.commands import ApplyForVip
from plugins.retail.tests.group_purchase.cellar import notes


@pytest.mark.rule("RET-39")
def test_the_survivor_of_a_merge_is_on_the_list_by_what_both_bought(cellar):
    c = cellar(customers=("C-1", "C-2"))
    c.buy("2012-01-05", "R-1", ("mid", "12000"), who="C-2")
    c.apply("2012-01-06", who="C-2")
    c.tell("2012-02-01", MergeFiles(absorbed="C-2", maintainer="wang"))
    assert c.vip().on_list
    result = c.ledger.report("retail.vip_list", as_of="2012-02-02")
    assert [(row[0], row[1]) for row in result.rows] == [("C-1", "purchase")]
    assert notes(result)["closing"] == "1"


@pytest.mark.rule("RET-41")
def test_what_an_absorbed_file_bought_is_the_survivors_in_the_statistics(cellar):
    c = cellar(customers=("C-1", "C-2"))
    c.buy("2012-02-01", "R-1", ("high", "900", "Moutai"), who="C-2")
    c.tell("2012-02-03", MergeFiles(absorbed="C-2", maintainer="wang"))
    c.at("2012-02-06")
    rows = c.ledger.report("retail.weekly_sales", week=date(2012, 1, 30), manager="wang").rows
    assert [(row[0], row[4]) for row in rows] == [("C-1", Decimal("900.00"))]


@pytest.mark.rule("RET-42")
def test_what_is_due_of_an_absorbed_file_is_due_of_the_survivor(cellar):
    c = cellar(customers=("C-1", "C-2"))
    c.use("2012-01-01", "30", who="C-2")
    c.count("2012-01-05", "10", who="C-2")
    c.tell("2012-01-06", MergeFiles(absorbed="C-2", maintainer="wang"))
    assert {row.customer for row in c.due("retail.delivery", "2012-01-10")} == {"C-1"}
    assert [row[0] for row in c.ledger.report("retail.stock_and_consumption").rows] == ["C-1"]


@pytest.mark.rule("RET-39")
def test_who_was_admitted_by_rank_stays_when_his_rank_is_erased(cellar):
    c = cellar()
    c.tell(
        "2012-02-01",
        ApplyForVip(
            application="A-1", route="rank", rank="division", unit="county", unit_kind="administrative"
        ),
    )
    c.at("2012-03-01")
    erase(c.ledger, "C-1", actor="officer", legal_basis="request")
    c.buy("2012-01-15", "R-1", ("low", "10"), known="2012-03-02")
    assert c.vip().on_list
    assert "division" not in str(c.in_force("retail.vip_applied"))


@pytest.mark.rule("RET-42")
@pytest.mark.parametrize("moment", ["2012-01-05T00:30", "2012-01-05T06:00", "2012-01-05T23:59"])
def test_a_day_is_the_programmes_whatever_the_hour(cellar, moment):
    c = cellar()
    c.pay_day("2012-01-01", "5")
    c.use("2012-01-01", "30")
    c.count("2012-01-04T00:30", "10")
    c.deliver(moment, "30")
    assert c.rice().due_on == date(2012, 2, 13)
    (row,) = c.ledger.report("retail.stock_and_consumption", as_of="2012-01-10").rows
    assert (row[2], row[6], row[7]) == (Decimal("34.00"), date(2012, 2, 13), date(2012, 1, 5))
    assert [r.key for r in c.due("retail.collection", "2012-01-10")] == ["2012-01-05"]


@pytest.mark.rule("RET-39")
def test_the_list_names_the_days_in_the_programmes_zone(cellar):
    c = cellar()
    c.buy("2012-02-01T00:30", "R-1", ("high", "20000"))
    c.apply("2012-02-01T06:00")
    (row,) = c.ledger.report(
        "retail.vip_list", since="2012-02-01", until="2012-02-01", as_of="2012-02-03"
    ).rows
    assert row[5].date() == date(2012, 2, 1)
    assert c.vip().stay.admission.test == "single_purchase"
    assert [
        r[5] for r in c.ledger.report("retail.vip_list", since="2012-01-31", until="2012-01-31").rows
    ] == []


@pytest.mark.rule("RET-42")
def test_a_due_date_goes_with_the_use_it_was_drawn_from_and_what_was_set_stays_readable(cellar):
    c = cellar()
    c.use("2012-01-01", "30")
    c.count("2012-01-05", "32")
    c.at("2012-01-10")
    erase(c.ledger, "C-1", actor="officer", legal_basis="request")
    assert c.rice(as_known="2012-01-10").due_on == date(2012, 2, 6)
    c.buy("2012-01-02", "R-1", ("low", "10"), known="2012-01-11")
    assert (c.rice().stated, c.rice().due_on) == (None, None)
    told = [line for line in c.ledger.history("C-1").lines() if line.name == "retail.replenishment_due_set"]
    assert [str((line.fields or {})["due_on"]) for line in told] == ["2012-02-06"]
