"""Retail has every property that the platform asks of a plugin."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import strategies as st

import guanxi_retail
from guanxi import Money
from guanxi.testing import Conformance, Scenario
from guanxi_retail import (
    AdjustPoints,
    PointsRules,
    RecordPurchase,
    RedeemPoints,
    RefundPurchase,
    UndoRedemption,
)
from guanxi_retail.events import PurchaseRecorded

RECEIPTS, NUMBERS = st.sampled_from(("A", "A", "B")), st.sampled_from(("A", "B"))


def _paid(least: int, most: int) -> st.SearchStrategy[Money]:
    return st.integers(least, most).map(lambda amount: Money(amount, "CNY"))


class TestConformance(Conformance):
    plugin = guanxi_retail.plugin
    golden = Path(__file__).parent / "golden"
    # Numbers that refer to each other, so that there is something to refund, to undo, and to lapse.
    commands = {  # noqa: RUF012
        RecordPurchase: st.builds(RecordPurchase, receipt=RECEIPTS, paid=_paid(90, 300)),
        RefundPurchase: st.builds(RefundPurchase, refund=NUMBERS, receipt=RECEIPTS, paid=_paid(1, 80)),
        RedeemPoints: st.builds(RedeemPoints, redemption=st.just("A"), points=st.integers(1, 9)),
        UndoRedemption: st.builds(UndoRedemption, redemption=st.just("A")),
        AdjustPoints: st.builds(
            AdjustPoints,
            adjustment=NUMBERS,
            points=st.sampled_from((-5, 30, 60)),
            reason_code=st.just("goodwill"),
            approved_by=st.just("board"),
            last_day=st.one_of(st.none(), st.dates(date(2021, 1, 5), date(2021, 4, 1))),
        ),
    }
    rules = {  # noqa: RUF012
        PointsRules: st.builds(
            PointsRules, months=st.sampled_from((None, 1, 1, 3)), pending_days=st.sampled_from((0, 0, 7))
        ),
    }


@pytest.mark.rule("RET-06")
def test_a_receipt_with_two_purchases_is_flagged():
    s = Scenario(guanxi_retail.plugin)
    s.given("2025-01-02", PurchaseRecorded(receipt="A", paid=Money(80, "CNY")))
    s.given("2025-01-03", PurchaseRecorded(receipt="A", paid=Money(90, "CNY"))).then_breached(
        "source_conflict"
    )


def test_purchases_in_two_currencies_are_flagged():
    s = Scenario(guanxi_retail.plugin)
    s.given("2025-01-02", PurchaseRecorded(receipt="A", paid=Money(80, "CNY")))
    s.given("2025-01-03", PurchaseRecorded(receipt="B", paid=Money(80, "USD"))).then_breached("unit_mismatch")


def test_a_purchase_below_nothing_is_flagged():
    s = Scenario(guanxi_retail.plugin)
    s.given("2025-01-02", PurchaseRecorded(receipt="A", paid=Money(-80, "CNY"))).then_breached("amount_sign")


def test_a_refund_of_more_than_was_paid_is_refused():
    s = Scenario(guanxi_retail.plugin)
    s.given("2025-01-02", PurchaseRecorded(receipt="A", paid=Money(80, "CNY")))
    s.when("2025-01-03", RefundPurchase(refund="F", receipt="A", paid=Money(100, "CNY")))
    s.then_refused("exceeds_original", "RET-IN-i")


def test_reports_live_with_more_money_back_than_was_paid_where_that_was_kept_with_a_breach():
    s = Scenario(guanxi_retail.plugin)
    s.when("2025-01-02", RecordPurchase(receipt="A", paid=Money(80, "CNY")))
    s.when("2025-01-03", RefundPurchase(refund="F", receipt="A", paid=Money(100, "CNY")), happened=True)
    s.then_breached("exceeds_original")
    ((_, _, _, monetary, *_),) = s.ledger.report("retail.rfm", view="customers").rows
    assert monetary == Decimal(-20)
