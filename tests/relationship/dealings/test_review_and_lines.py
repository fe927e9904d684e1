"""Review before pay, documents, earmarks (CORE-31)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import Conflict, Incomplete, NotPermitted, RuleNotMet, Unknown
from guanxi.relationship.dealings.commands import (
    AllocateReceipt,
    ClaimExpense,
    PayExpense,
    RecordReceipt,
    ReviewExpense,
)
from tests.relationship.dealings.trading import Trade, names, yuan


@pytest.fixture
def trade() -> Iterator[Trade]:
    with Trade("2025-05-01") as t:
        t.tell(ClaimExpense(expense="E-1", amount=yuan(800), purpose="fair", claimant="zhang"))
        yield t


@pytest.mark.rule("CORE-31a")
def test_an_unreviewed_expense_is_not_paid(trade: Trade) -> None:
    with pytest.raises(Incomplete, match="review_missing"):
        trade.tell(PayExpense(expense="E-1"))


@pytest.mark.rule("CORE-31a")
def test_nobody_reviews_his_own_expense(trade: Trade) -> None:
    with pytest.raises(NotPermitted, match="approver_conflict"):
        trade.tell(ReviewExpense(expense="E-1"), actor="zhang")


@pytest.mark.rule("CORE-31a")
def test_an_earmarked_receipt_goes_to_its_purpose_only(trade: Trade) -> None:
    for n in ("1", "2"):
        trade.order(f"O{n}", 500, on_credit=False)
        trade.invoice(f"I{n}", 500, order=f"O{n}", due=f"2025-05-0{n}")
    trade.pay("R-1", 500, earmarked_for="O2")
    book = trade.book()
    assert (book.receivables["I1"].open, book.receivables["I2"].open) == (500, 0)
    with pytest.raises(RuleNotMet, match="earmark_broken"):
        trade.tell(AllocateReceipt(receipt="R-1", receivable="I1", amount=yuan(500)))


@pytest.mark.rule("CORE-31")
def test_what_an_earmark_has_no_use_for_stays_an_advance(trade: Trade) -> None:
    trade.plan(("2025-05-10", 100), contract="A").plan(("2025-05-20", 100), contract="B")
    trade.pay("R-1", 150, earmarked_for="B")
    assert trade.book().advance("CNY") == 50
    assert trade.book().receivables["A/1"].open == 100
    trade.plan(("2025-06-20", 30), contract="C")
    assert trade.book().advance("CNY") == 50


@pytest.mark.rule("CORE-31a")
def test_nothing_is_delivered_without_an_order(trade: Trade) -> None:
    with pytest.raises(Incomplete, match="document_missing"):
        trade.ship("O-9")
    outcome = trade.ship("O-9", happened=True)
    assert {"goods_delivered", "breach_recorded"} <= set(names(outcome))


@pytest.mark.rule("CORE-31")
def test_no_receipt_without_a_document() -> None:
    with pytest.raises(Incomplete, match="document_missing"):
        RecordReceipt(receipt="", amount=yuan(1))


@pytest.mark.rule("CORE-31")
def test_a_reviewed_expense_is_paid_once(trade: Trade) -> None:
    trade.tell(ReviewExpense(expense="E-1"), actor="head")
    trade.tell(PayExpense(expense="E-1"))
    with pytest.raises(Conflict, match="source_conflict"):
        trade.tell(PayExpense(expense="E-1"))


@pytest.mark.rule("CORE-31")
def test_a_refused_expense_is_not_paid_and_its_refusal_needs_a_reason(trade: Trade) -> None:
    with pytest.raises(Incomplete, match="reason_missing"):
        trade.tell(ReviewExpense(expense="E-1", outcome="refused"), actor="head")
    trade.tell(ReviewExpense(expense="E-1", outcome="refused", reason="private"), actor="head")
    with pytest.raises(Incomplete, match="review_missing"):
        trade.tell(PayExpense(expense="E-1"))


@pytest.mark.rule("CORE-31")
def test_a_payment_that_left_unreviewed_is_kept_with_its_breach(trade: Trade) -> None:
    outcome = trade.tell(PayExpense(expense="E-1"), happened=True)
    assert {"expense_paid", "breach_recorded"} <= set(names(outcome))


def test_numbers_are_taken_once_and_have_to_be_known(trade: Trade) -> None:
    with pytest.raises(Conflict, match="source_conflict"):
        trade.tell(ClaimExpense(expense="E-1", amount=yuan(1), purpose="again"))
    with pytest.raises(Unknown, match="unknown_code"):
        trade.tell(ReviewExpense(expense="E-9"), actor="head")
