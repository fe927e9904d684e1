"""Reports of collection, of the three lines and of warnings, and the due items behind them (CORE-31 to CORE-33)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from guanxi import Invalid
from guanxi.relationship.dealings.commands import ReverseReceipt
from guanxi.relationship.dealings.rules import CollectionRules
from tests.relationship.dealings.trading import Trade

PLAN = (("2025-01-31", 40_000), ("2025-02-28", 30_000), ("2025-03-31", 30_000))


@pytest.fixture
def trade() -> Iterator[Trade]:
    with Trade("2025-01-02") as t:
        yield t


@pytest.fixture
def paid(trade: Trade) -> Trade:
    trade.plan(*PLAN)
    trade.on("2025-02-10").pay("R-1", 50_000)
    return trade


def rows(trade: Trade, report: str, **asked: Any) -> list[dict[str, Any]]:
    result = trade.ledger.report(report, **asked)
    columns = [c.name for c in result.columns]
    return [dict(zip(columns, row, strict=True)) for row in result.rows]


def notes(trade: Trade, report: str, **asked: Any) -> dict[str, str]:
    return {label.en: text for label, text in trade.ledger.report(report, **asked).notes}


@pytest.mark.rule("CORE-32a")
def test_collection_shows_what_is_open_and_the_rates(paid: Trade) -> None:
    paid.on("2025-03-15")
    second = rows(paid, "core.collection")[1]
    assert (second["open"], second["overdue_days"], second["bucket"]) == (20_000, 15, "1-30")
    told = notes(paid, "core.collection")
    assert (told["rate to date"], told["rate of total"]) == ("71.43 %", "50.00 %")


@pytest.mark.rule("CORE-32b")
def test_collection_at_two_cuts(paid: Trade) -> None:
    paid.on("2025-03-20").pay("R-2", 10_000, "2025-03-14", reason="bank statement")
    opens = [
        rows(paid, "core.collection", as_of="2025-03-15", as_known=known)[1]["open"]
        for known in ("2025-03-15", "2025-03-20")
    ]
    assert opens == [20_000, 10_000]


@pytest.mark.rule("CORE-32c")
def test_collection_after_a_cheque_was_returned(paid: Trade) -> None:
    paid.on("2025-03-18").tell(ReverseReceipt(receipt="R-1", reason="cheque returned"))
    before = rows(paid, "core.collection", as_of="2025-03-17")
    assert [(r["open"], r["overdue_days"]) for r in before[:2]] == [(0, 0), (20_000, 17)]
    after = rows(paid, "core.collection")
    assert [(r["open"], r["overdue_days"]) for r in after[:2]] == [(40_000, 46), (30_000, 18)]
    assert after[0]["bucket"] == "31-60"


@pytest.mark.rule("CORE-32d")
def test_receipts_are_capped_at_the_plan(trade: Trade) -> None:
    trade.plan(*PLAN)
    trade.on("2025-04-01").pay("R-1", 110_000)
    told = notes(trade, "core.collection")
    assert (told["advance"], told["rate to date"]) == ("10000.00 CNY", "100.00 %")


@pytest.mark.rule("CORE-32")
@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, "not_due"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "91-180"),
        (180, "91-180"),
        (181, ">180"),
    ],
)
def test_overdue_days_fall_into_buckets(days: int, bucket: str) -> None:
    assert CollectionRules().bucket(days) == bucket
    assert CollectionRules().buckets() == ("not_due", "1-30", "31-60", "61-90", "91-180", ">180")


@pytest.mark.rule("CORE-31b")
def test_the_three_lines_name_their_differences(trade: Trade) -> None:
    trade.order("O-1", 100, contract="K", on_credit=False)
    trade.ship("O-1")
    trade.invoice("I-1", 80, order="O-1")
    trade.pay("R-1", 90, earmarked_for="K")
    [row] = rows(trade, "core.three_lines")
    assert (row["delivered"], row["invoiced"], row["received"]) == (100, 80, 90)
    assert (row["not_invoiced"], row["received_over_invoiced"]) == (20, 10)
    assert (row["invoiced_ahead"], row["not_received"]) == (0, 0)
    assert rows(trade, "core.three_lines", contract="other") == []


@pytest.mark.rule("CORE-31")
def test_money_for_nothing_in_particular_is_a_line_of_its_own(trade: Trade) -> None:
    trade.order("O-1", 100, on_credit=False)
    trade.pay("R-1", 90)
    found = {row["deal"]: (row["delivered"], row["received"]) for row in rows(trade, "core.three_lines")}
    assert found == {"": (0, 90), "order O-1": (0, 0)}


@pytest.mark.rule("CORE-33")
def test_warnings_of_a_month_open_and_close(trade: Trade) -> None:
    trade.plan(("2025-01-31", 100), ("2025-02-28", 100), ("2025-04-30", 100))
    trade.on("2025-03-03").pay("R-1", 150)
    told = notes(trade, "core.early_warning", since=date(2025, 2, 1))
    # The first instalment went overdue on 1 February, the second was due soon on the 21st and overdue on 1 March.
    assert [told[n] for n in ("opening", "raised", "cleared", "open")] == ["1", "3", "3", "1"]
    found = [
        (r["kind"], r["cause"], r["cleared_at"] is None)
        for r in rows(trade, "core.early_warning", since=date(2025, 3, 1))
    ]
    assert found == [("due_soon", "K/2", False), ("overdue", "K/1", False), ("overdue", "K/2", True)]
    assert rows(trade, "core.early_warning", kind="due_soon", since=date(2025, 3, 2)) == []


@pytest.mark.rule("CORE-33a")
def test_a_warning_is_done_with_when_its_cause_is_gone(trade: Trade) -> None:
    trade.plan(("2025-02-28", 100))
    trade.on("2025-03-03").pay("R-1", 100)
    assert trade.due("core.warning_open", "2025-03-02") == {"due_soon/K/1/1": "done", "overdue/K/1/1": "open"}
    assert set(trade.due("core.warning_open", "2025-03-03").values()) == {"done"}


@pytest.mark.rule("CORE-32")
def test_a_receivable_is_paid_in_time_until_the_end_of_its_due_day(trade: Trade) -> None:
    trade.plan(("2025-02-28", 100), ("2025-03-31", 100))
    trade.on("2025-02-28").pay("R-1", 100)
    assert trade.due("core.receivable_due", "2025-03-01")["K/1"] == "done"
    trade.on("2025-04-01")
    assert trade.due("core.receivable_due", "2025-04-01")["K/2"] == "overdue"
    trade.on("2025-04-03").pay("R-2", 100)
    assert trade.due("core.receivable_due", "2025-04-03")["K/2"] == "late"
    trade.on("2025-04-05").tell(ReverseReceipt(receipt="R-2", reason="cheque returned"))
    assert trade.due("core.receivable_due", "2025-04-05")["K/2"] == "overdue"


@pytest.mark.rule("CORE-80")
def test_a_month_has_to_be_a_month(trade: Trade) -> None:
    with pytest.raises(Invalid, match="invalid_date"):
        trade.ledger.report("core.reconciliation", month="June")
    assert rows(trade, "core.reconciliation") == []


@pytest.mark.parametrize(
    "report",
    [
        "core.collection",
        "core.three_lines",
        "core.early_warning",
        "core.order_monitoring",
        "core.reconciliation",
        "core.installed_products",
    ],
)
def test_every_report_is_shown_in_both_languages_and_re_issued_alike(paid: Trade, report: str) -> None:
    first = paid.ledger.report(report)
    assert first.as_csv("en")
    assert first.as_csv("zh")
    assert paid.ledger.report(report).manifest.digest == first.manifest.digest
