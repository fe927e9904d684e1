"""The reports on a few made-up purchases: cuts, rule sets, refunds, currencies, footing."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Invalid, Money, Unknown
from guanxi_retail import PointsRules, RecordPurchase, RfmRules, SpendClassRules
from guanxi_retail.analysis.reports import REPORTS
from plugins.retail.tests.till import notes


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.name)
def test_every_report_speaks_both_languages_and_has_defaults(report):
    assert report.parameters is not None
    report.parameters()
    labels = [report.title, *(c.label for c in report.columns)]
    labels += [a.metadata["help"] for a in report.parameters.__attrs_attrs__]
    assert all(label.en and label.zh for label in labels)


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.name)
def test_every_report_answers_an_empty_ledger_or_says_what_it_lacks(till, report):
    t = till()
    if report.name in ("retail.clv", "retail.models"):
        with pytest.raises(Invalid) as refusal:
            t.ledger.report(report.name)
        assert refusal.value.code == "no_fit"
    else:
        assert t.ledger.report(report.name).as_table()


@pytest.mark.rule("RET-44")
def test_published_bands_score_differently_and_the_report_names_their_version(till):
    t = till()
    t.buy("2012-01-06", "A", "40")
    first = t.ledger.report("retail.rfm", variant="fixed", view="customers")
    assert (first.rows[0][-1], notes(first)["rule set"]) == ("511", "retail.rfm v0")
    t.at("2012-01-07")
    t.publish(RfmRules(monetary_at_least=tuple(map(Decimal, (40, 30, 20, 10)))), "2012-01-08")
    t.at("2012-01-09")
    then = t.ledger.report("retail.rfm", variant="fixed", view="customers")
    assert (then.rows[0][-1], notes(then)["rule set"]) == ("515", "retail.rfm v1")
    assert (
        t.ledger.report("retail.rfm", variant="fixed", view="customers", as_of="2012-01-06").rows[0][-1]
        == "511"
    )


@pytest.mark.rule("RET-27b")
def test_thresholds_published_later_leave_earlier_classes_alone(till):
    t = till()
    t.publish(SpendClassRules(vip=Decimal(500), main=Decimal(300), ordinary=Decimal(100)), "2013-01-01")
    t.buy("2012-06-01", "A", "700.00")
    t.at("2013-01-15")

    def members(day):
        result = t.ledger.report("retail.spend_classes", as_of=day)
        return {row[0]: row[2] for row in result.rows}, notes(result)["rule set"]

    assert members("2012-12-31") == (
        {"vip": 0, "main": 0, "ordinary": 0, "small": 1},
        "retail.spend_classes v0",
    )
    assert members("2013-01-15") == (
        {"vip": 1, "main": 0, "ordinary": 0, "small": 0},
        "retail.spend_classes v1",
    )
    t.at("2013-02-01")
    assert members("2012-12-31")[0]["small"] == 1


@pytest.mark.rule("RET-27a")
def test_only_the_last_complete_months_count_net_of_refunds(till):
    t = till()
    t.buy("2011-12-31", "old", "9000.00")
    t.buy("2012-01-01", "A", "20000.00")
    t.buy("2013-01-02", "new", "9000.00")
    (row,) = [r for r in t.ledger.report("retail.spend_classes").rows if r[2]]
    assert (row[0], row[3], row[4]) == ("vip", Decimal("20000.00"), Decimal(100))
    t.refund("2013-01-03", "A", "0.01")
    (row,) = [r for r in t.ledger.report("retail.spend_classes").rows if r[2]]
    assert (row[0], row[5]) == ("main", Decimal("19999.99"))


@pytest.mark.rule("RET-27")
def test_thresholds_out_of_order_are_refused():
    with pytest.raises(Invalid, match="highest to the lowest"):
        SpendClassRules(vip=Decimal(1_000), main=Decimal(5_000))


@pytest.mark.rule("RET-22")
def test_the_programme_is_the_sum_of_its_members(till):
    t = till(PointsRules(pending_days=3))
    t.open("M-2")
    t.buy("2012-01-06", "A", "100")
    t.buy("2012-02-07", "B", "50", member="M-2")
    t.at("2012-02-08")

    def closings(**of):
        return [
            t.ledger.report("retail.points_movement", view=v, **of).rows[-1][-1]
            for v in ("usable", "pending")
        ]

    assert closings() == [100, 50]
    assert (closings(account="M-1"), closings(account="M-2")) == ([100, 0], [0, 50])
    months = [row[0] for row in t.ledger.report("retail.points_movement", as_of="2012-05-01").rows]
    assert months == ["2012-01", "2012-02", "2012-03", "2012-04", "2012-05"]
    with pytest.raises(Unknown):
        t.ledger.report("retail.points_movement", account="M-3")


def test_a_refund_lessens_the_day_of_its_purchase(till):
    t = till()
    t.buy("2012-01-06", "A", "100.00")
    t.buy("2012-03-06", "B", "80.00")
    t.refund("2012-03-07", "A", "30.00")
    result = t.ledger.report("retail.rfm", view="customers")
    assert result.rows[0][1:4] == (1, 2, Decimal("150.00"))
    spend = t.ledger.report("retail.spend_classes", as_of="2012-01-31")
    assert sum(row[3] for row in spend.rows) == 100
    assert sum(row[3] for row in t.ledger.report("retail.spend_classes", as_of="2012-03-31").rows) == 150


def test_money_of_two_currencies_is_not_added_up(till):
    t = till()
    t.open("M-2")
    t.buy("2012-01-06", "A", "100.00")
    t.tell("2012-01-06", RecordPurchase(receipt="B", paid=Money("9", "USD")), member="M-2")
    for name in ("retail.customers", "retail.rfm", "retail.spend_classes", "retail.lapse", "retail.cohorts"):
        with pytest.raises(Invalid) as refusal:
            t.ledger.report(name)
        assert refusal.value.code == "unit_mismatch"
        assert notes(t.ledger.report(name, currency="USD"))["customers"] == "1"


@pytest.mark.rule("RET-48")
def test_the_purchase_after_a_lapse_is_a_win_back(till):
    t = till()
    t.buy("2012-01-01", "A", "10")
    t.at("2012-07-01")
    assert t.ledger.report("retail.lapse").rows[0][1] == "lapsed"
    t.buy("2012-07-02", "B", "10")
    row = t.ledger.report("retail.lapse").rows[0]
    assert (row[1], row[9]) == ("active", date(2012, 7, 2))
    t.buy("2012-07-20", "C", "10")
    assert t.ledger.report("retail.lapse").rows[0][9] == date(2012, 7, 2)


def test_without_scipy_estimates_name_the_extra_and_everything_else_works():
    code = """
import sys
sys.modules["scipy"] = sys.modules["numpy"] = None
import guanxi
ledger = guanxi.open("sqlite://")
ledger.report("retail.rfm")
for name in ("retail.clv", "retail.models"):
    try:
        ledger.report(name)
    except guanxi.PluginError as error:
        print(error.code, error.accepts)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["models_missing pip install 'guanxi-retail[models]'"] * 2, done.stderr
