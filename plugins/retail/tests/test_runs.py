"""Retail's runs: published scores and classes stand until the next run, and late entries are listed as would differ."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from guanxi import Money
from guanxi_retail import RecordPurchase
from guanxi_retail.analysis.runs import rfm_run
from plugins.retail.tests.till import ZONE, Shop, sample_tellings


def account(ledger, member):
    return ledger.history(member).state("core.file").account


@pytest.mark.slow
@pytest.mark.rule("RET-60a", "RET-60b")
def test_rfm_scores_of_the_sample_are_published_by_a_run_that_a_late_purchase_leaves_standing():
    shop = Shop(("2012-03-01", sample_tellings("one")))
    with shop.ledger as ledger:
        at = datetime(1997, 9, 30, 23, 59, 59, 999_999, tzinfo=ZONE)
        done = ledger.run("retail.rfm", actor="analyst", as_of=at)
        assert (done.population, sum(done.counts.values()), len(done.counts)) == (2_357, 2_357, 64)
        assert done.controls == {"frequency": Decimal(4_814), "monetary": Decimal("173115.55")}
        assert ledger.runs.would_differ(done.id) == []
        ledger.execute(
            "0001",
            RecordPurchase(receipt="late", paid=Money("20.00", "USD")),
            actor="clerk",
            reason="found later",
            occurred_at=datetime(1997, 9, 29, 12, tzinfo=ZONE),
        )
        cells = {
            account(ledger, d.member): (d.stored.cell, d.derived.cell)
            for d in ledger.runs.would_differ(done.id)
        }
        assert cells == {"0001": ("544", "555"), "0893": ("535", "534")}
        assert dict(ledger.runs.lines(done.id))[ledger.find("0001")].cell == "544"
        second = ledger.run("retail.rfm", actor="analyst", as_of=at)
        assert dict(ledger.runs.lines(second.id))[ledger.find("0001")].cell == "555"


@pytest.mark.rule("RET-27c")
def test_a_spend_class_stands_until_the_next_run_although_a_late_purchase_would_raise_it(till):
    one = till()
    one.buy("2012-06-15", "A", "19000")
    one.at("2013-01-02")
    year_end = datetime(2012, 12, 31, 23, 59, 59, 999_999, tzinfo=ZONE)
    first = one.ledger.run("retail.spend_class", actor="analyst", as_of=year_end)
    [(member, line)] = one.ledger.runs.lines(first.id)
    assert (line.spend_class, line.spend) == ("main", Decimal("19000.00"))
    one.buy("2012-12-20", "B", "1500", known="2013-01-05")
    [moved] = one.ledger.runs.would_differ(first.id)
    assert (moved.member, moved.stored.spend_class, moved.derived.spend_class) == (member, "main", "vip")
    assert one.ledger.runs.lines(first.id) == [(member, line)]
    one.at("2013-02-01")
    month_end = datetime(2013, 1, 31, 23, 59, 59, 999_999, tzinfo=ZONE)
    later = one.ledger.run("retail.spend_class", actor="analyst", as_of=month_end)
    assert later.counts == {"vip": 1}


def test_lines_come_back_as_they_were_recorded():
    from guanxi_retail.analysis.runs import RfmLine

    line = RfmLine(cell="544", r=5, f=4, m=4, recency=1, frequency=3, monetary=Decimal("79.30"))
    assert rfm_run.decode(rfm_run.encode(line)) == line
