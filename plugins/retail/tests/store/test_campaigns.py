"""What a campaign came to in the stores, and by when it is evaluated (RET-38)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from guanxi import Unknown
from guanxi.relationship.campaigns.commands import EndCampaign, IncurCampaignCost, PlanCampaign
from guanxi_retail import ReceiptLine, Tender
from guanxi_retail.store.campaigns import file_store_evaluation
from guanxi_retail.store.metrics import CampaignResult
from plugins.retail.tests.store.floor import cny

REPORT = "retail.campaign_evaluation"
SPRING = "spring-2012"


def spring(f):
    """A campaign of the last ten days of January, and what was sold in it and in the ten days before."""
    f.tell(
        "2012-01-05",
        SPRING,
        PlanCampaign(
            title="Spring",
            department="store",
            segment="everybody",
            starts_on=date(2012, 1, 22),
            ends_on=date(2012, 1, 31),
        ),
    )
    f.sell("2012-01-11", "too early", "9000")
    f.sell("2012-01-12", "first", "180000")
    f.sell("2012-01-21", "last", "200000")
    f.sell("2012-01-22", "A", "300000")
    f.sell("2012-01-31T23:00", "B", "200000")
    f.sell("2012-02-01", "too late", "9000")
    costs = (("vouchers", 12_000), ("gifts", 3_000), ("points", 1_000), ("media", 8_000))
    for item, amount in costs:
        cost = IncurCampaignCost(cost=item, item=item, amount=cny(str(amount)))
        f.tell("2012-02-01", SPRING, cost)


@pytest.mark.rule("RET-38a")
def test_the_result_is_the_margin_on_what_was_sold_above_the_period_before_less_the_cost(floor):
    f = floor()
    spring(f)
    told = ("sales", "baseline", "gain", "cost_vouchers", "cost_media", "cost", "result", "roi", "standing")
    assert f.rows(REPORT, *told, as_of="2012-02-10") == [
        (500_000, 380_000, 36_000, 12_000, 8_000, 24_000, 12_000, Decimal("0.50"), "to_file")
    ]
    assert dict(f.report(REPORT, as_of="2012-02-10").drawing.rows) == {
        "gain": 36_000,
        "vouchers": -12_000,
        "gifts": -3_000,
        "points": -1_000,
        "media": -8_000,
        "other": 0,
    }


@pytest.mark.rule("RET-38a")
def test_without_cost_there_is_no_return_and_fractions_are_exact():
    came_to = CampaignResult(Decimal(100), Decimal(0), Decimal("33.3"), Decimal(0))
    assert (came_to.result, came_to.roi) == (Fraction(333, 10), None)


@pytest.mark.rule("RET-38")
def test_what_a_voucher_paid_counts_as_sold_so_that_vouchers_count_once(floor):
    f = floor()
    spring(f)
    line = ReceiptLine(net=Decimal(100), paid=Decimal(40))
    voucher = Tender(kind="voucher", amount=Decimal(60), number="V1")
    f.sell("2012-01-25", "C", "40", lines=(line,), tenders=(voucher,), known="2012-02-02")
    assert f.rows(REPORT, "sales", as_of="2012-02-10") == [(500_100,)]


@pytest.mark.rule("RET-38")
def test_a_refund_entered_afterwards_makes_a_further_version_and_the_first_stays_readable(floor):
    f = floor()
    spring(f)
    f.at("2012-02-10")
    file_store_evaluation(f.ledger, SPRING, actor="clerk")
    told = ("result", "version", "standing")
    assert f.rows(REPORT, *told) == [(12_000, 1, "filed")]
    f.take_back("2012-02-12", "2012-01-22", "A", "10000")
    assert f.rows(REPORT, *told) == [(9_000, 1, "to_file")]
    file_store_evaluation(f.ledger, SPRING, actor="clerk")
    assert f.rows(REPORT, *told) == [(9_000, 2, "filed")]
    filed = f.in_force(SPRING, "core.campaign_evaluated")
    assert [(e["version"], e["margin"]["amount"]) for e in filed] == [(1, "36000.00"), (2, "33000.00")]


@pytest.mark.rule("RET-38b")
def test_an_evaluation_is_due_fourteen_days_after_the_end(floor):
    f = floor()
    spring(f)
    f.tell("2012-01-31T23:30", SPRING, EndCampaign(), known="2012-02-01")

    def states(as_of):
        return [row.state for row in f.ledger.due_items(cadence="retail.campaign_evaluation", as_of=as_of)]

    f.at("2012-02-20")
    assert states("2012-02-13") == ["open"]
    assert states("2012-02-14T23:59") == ["open"]
    assert states("2012-02-15T00:00") == ["overdue"]
    file_store_evaluation(f.ledger, SPRING, actor="clerk")
    assert states("2012-02-20") == ["late"]


@pytest.mark.rule("RET-38")
def test_an_evaluation_in_time_is_done_and_an_unknown_campaign_is_refused(floor):
    f = floor()
    spring(f)
    f.at("2012-02-14T23:59")
    file_store_evaluation(f.ledger, SPRING, actor="clerk")
    (row,) = f.ledger.due_items(cadence="retail.campaign_evaluation", as_of="2012-02-14")
    assert row.state == "done"
    with pytest.raises(Unknown) as refusal:
        file_store_evaluation(f.ledger, "autumn", actor="clerk")
    assert refusal.value.code == "unknown_code"
