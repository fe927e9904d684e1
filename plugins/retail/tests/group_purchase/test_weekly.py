"""The sales statistics of a week: what they show, when they are due, and what a correction leaves behind."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Invalid, RuleNotMet
from guanxi.relationship.governance.issuing import reissue
from guanxi.relationship.ownership.commands import AssignMaintainer, ReleaseMaintainer
from guanxi_retail.group_purchase.handing_in import hand_in, issue_of
from guanxi_retail.group_purchase.rules import WeeklyReportRules
from plugins.retail.tests.group_purchase.cellar import notes

WEEK = date(2012, 1, 30)
ITEM = "wang/2012-W05"
REPORT = "retail.weekly_sales"


def state_of(c, as_of, key=ITEM):
    """How the week's report stands at a moment, with the first instant that is too late."""
    (row,) = [row for row in c.due("retail.weekly_report", as_of) if row.key == key]
    return row.state


@pytest.mark.rule("RET-41a")
def test_the_report_is_in_time_until_monday_midnight(cellar):
    c = cellar()
    c.at("2012-02-06T23:59")
    hand_in(c.ledger, manager="wang", week=WEEK, superior="zhao")
    assert state_of(c, "2012-02-06") == "done"


@pytest.mark.rule("RET-41a")
def test_the_report_is_late_from_tuesday_on(cellar):
    c = cellar()
    c.at("2012-02-07T00:00")
    hand_in(c.ledger, manager="wang", week=WEEK, superior="zhao")
    assert state_of(c, "2012-02-07") == "late"


@pytest.mark.rule("RET-41a")
def test_a_week_without_sales_is_still_due(cellar):
    c = cellar()
    c.at("2012-02-20")
    assert not c.ledger.report(REPORT, week=WEEK, manager="wang").rows
    assert state_of(c, "2012-02-06T12:00+08:00") == "open"
    assert state_of(c, "2012-02-07") == "overdue"
    assert state_of(c, "2012-02-20") == "overdue"


@pytest.mark.rule("RET-41")
def test_what_is_handed_in_before_the_week_is_over_fulfils_nothing(cellar):
    c = cellar()
    c.at("2012-02-05T23:59")
    hand_in(c.ledger, manager="wang", week=WEEK)
    assert state_of(c, "2012-02-07") == "overdue"


@pytest.mark.rule("RET-41")
def test_the_term_is_the_hosts_and_a_weeks_own(cellar):
    c = cellar(WeeklyReportRules(due_days=3))
    c.at("2012-02-08T23:59")
    hand_in(c.ledger, manager="wang", week=WEEK)
    assert state_of(c, "2012-02-08") == "done"


@pytest.mark.rule("RET-41")
def test_a_report_is_due_from_whoever_answers_for_customers_when_the_week_ends(cellar):
    c = cellar()
    c.tell("2012-02-01", ReleaseMaintainer(basis="moved"))
    c.tell("2012-02-02", AssignMaintainer(person="li"))
    keys = {row.key for row in c.due("retail.weekly_report", "2012-02-20")}
    assert {"wang/2012-W04", "li/2012-W05", "li/2012-W06"} <= keys
    assert not {"wang/2012-W05", "li/2012-W04", "li/2012-W08"} & keys


@pytest.mark.rule("RET-41b")
def test_a_correction_is_a_new_version_and_the_old_one_stays_printable(cellar):
    c = cellar()
    sold = c.buy("2012-02-01", "R-1", ("high", "900", "Moutai"))
    c.at("2012-02-06")
    first = hand_in(c.ledger, manager="wang", week=WEEK, superior="zhao")
    c.at("2012-02-20T09:00")
    c.ledger.correct(
        sold.entries[0].id,
        {
            "paid": {"amount": "800.00", "currency": "CNY"},
            "lines": [{"number": 1, "grade": "high", "product": "Moutai", "net": "800", "paid": "800"}],
        },
        actor="wang",
        reason="misread",
    )
    c.at("2012-02-20")
    second = hand_in(c.ledger, manager="wang", week=WEEK, superior="zhao", version=2)
    assert [row[4] for row in (*first.rows, *second.rows)] == [Decimal("900.00"), Decimal("800.00")]
    again = reissue(c.ledger, issue_of("wang", WEEK, 1))
    assert again.same
    assert again.result.rows == first.rows
    assert reissue(c.ledger, issue_of("wang", WEEK, 2)).result.rows == second.rows
    assert state_of(c, "2012-02-20") == "done"
    with pytest.raises(RuleNotMet) as refusal:
        hand_in(c.ledger, manager="wang", week=WEEK, version=2)
    assert refusal.value.code == "identifier_taken"


@pytest.mark.rule("RET-41")
def test_the_statistics_tell_week_month_and_year_by_customer_product_and_grade(cellar):
    c = cellar(customers=("C-1", "C-2"))
    c.buy("2011-12-30", "R-0", ("high", "5000", "Moutai"))
    c.buy("2012-01-10", "R-1", ("high", "1000", "Moutai"))
    c.buy("2012-01-31", "R-2", ("high", "900", "Moutai"), ("mid", "300", "Fenjiu"))
    c.buy("2012-02-05T23:59", "R-3", ("high", "100", "Moutai"))
    c.buy("2012-02-05T23:59", "R-4", ("low", "50", "Erguotou"), who="C-2")
    c.buy("2012-02-06T00:00", "R-5", ("high", "7000", "Moutai"))
    result = c.ledger.report(REPORT, week=WEEK, manager="wang", as_of="2012-02-06")
    assert [row[:7] for row in result.rows] == [
        ("C-1", "Fenjiu", "mid", 1, Decimal("300.00"), Decimal("0.00"), Decimal("300.00")),
        ("C-1", "Moutai", "high", 2, Decimal("1000.00"), Decimal("100.00"), Decimal("2000.00")),
        ("C-2", "Erguotou", "low", 1, Decimal("50.00"), Decimal("50.00"), Decimal("50.00")),
    ]
    assert notes(result)["total"] == "1350.00 CNY"


@pytest.mark.rule("RET-41")
def test_two_currencies_are_refused_in_a_week_that_would_add_them_up(cellar):
    c = cellar(customers=("C-1", "C-2"))
    c.buy("2012-01-31", "R-1", ("high", "1000", "Moutai"))
    c.buy("2012-01-31", "R-2", ("high", "900", "Moutai"), who="C-2", currency="USD")
    c.buy("2012-02-07", "R-3", ("high", "900", "Fenjiu"), who="C-2", currency="USD")
    c.at("2012-02-14")
    with pytest.raises(Invalid, match="unit_mismatch"):
        c.ledger.report(REPORT, week=WEEK)
    assert notes(c.ledger.report(REPORT, week=date(2012, 2, 7)))["total"] == "900.00 USD"


@pytest.mark.rule("RET-41")
def test_what_came_back_in_the_week_is_taken_off_and_remarked(cellar):
    c = cellar()
    c.buy("2012-01-10", "R-1", ("high", "1000", "Moutai"))
    c.buy("2012-01-31", "R-2", ("high", "900", "Moutai"))
    c.refund("2012-02-02", "R-1", "400")
    c.at("2012-02-06")
    (row,) = c.ledger.report(REPORT, week=WEEK, manager="wang").rows
    assert (row[4], row[10]) == (Decimal("500.00"), "returned")


@pytest.mark.rule("RET-41")
def test_the_statistics_show_stock_cover_and_the_next_delivery(cellar):
    c = cellar()
    c.use("2012-01-01", "30", product="Moutai")
    c.count("2012-02-01", "20", product="Moutai")
    c.buy("2012-02-02", "R-1", ("high", "900", "Moutai"))
    c.at("2012-02-06")
    (row,) = c.ledger.report(REPORT, week=WEEK, manager="wang").rows
    assert row[7:10] == (Decimal("16.00"), 16, date(2012, 2, 21))


@pytest.mark.rule("RET-41")
def test_a_manager_reports_his_own_customers_and_last_week_unless_told(cellar):
    c = cellar(customers=("C-1",))
    c.buy("2012-02-01", "R-1", ("high", "900"))
    c.at("2012-02-06")
    assert not c.ledger.report(REPORT, manager="li").rows
    assert len(c.ledger.report(REPORT, manager="wang").rows) == 1
    assert len(c.ledger.report(REPORT).rows) == 1
