"""Receivables and receipts: allocation, overdue days, reversal, advances, write-off, recovery (CORE-32, CORE-80)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi import Conflict, Incomplete, Invalid, Money, NotPermitted, RuleNotMet, Unknown
from guanxi.relationship.dealings.book import Book
from guanxi.relationship.dealings.commands import (
    AllocateReceipt,
    NameCollector,
    RecordReceipt,
    ReturnAdvance,
    ReverseReceipt,
    WriteOffReceivable,
)
from tests.relationship.dealings.trading import Trade, yuan

PLAN = (("2025-01-31", 40_000), ("2025-02-28", 30_000), ("2025-03-31", 30_000))


@pytest.fixture
def trade() -> Iterator[Trade]:
    with Trade("2025-01-02") as t:
        t.plan(*PLAN)
        yield t


@pytest.fixture
def paid(trade: Trade) -> Trade:
    """Of the plan of 100,000, 50,000 came in on 10 February."""
    trade.on("2025-02-10").pay("R-1", 50_000)
    return trade


def opens(book: Book) -> list[Decimal]:
    return [book.receivables[f"K/{n}"].open for n in (1, 2, 3)]


@pytest.mark.rule("CORE-32a")
def test_a_receipt_covers_the_oldest_due_first(paid: Trade) -> None:
    book = paid.on("2025-03-15").book()
    assert opens(book) == [0, 20_000, 30_000]
    assert book.receivables["K/2"].overdue_days(date(2025, 3, 15)) == 15
    assert book.receivables["K/2"].overdue_days(date(2025, 2, 28)) == 0


@pytest.mark.rule("CORE-32b")
def test_a_receipt_entered_late_counts_from_its_own_day(paid: Trade) -> None:
    paid.on("2025-03-20").pay("R-2", 10_000, "2025-03-14", reason="bank statement")
    assert opens(paid.book("2025-03-15", "2025-03-15"))[1] == 20_000
    assert opens(paid.book("2025-03-15", "2025-03-21"))[1] == 10_000


@pytest.mark.rule("CORE-32c")
def test_a_reversed_receipt_opens_what_it_covered_from_that_day(paid: Trade) -> None:
    paid.on("2025-03-18").tell(ReverseReceipt(receipt="R-1", reason="cheque returned"))
    assert opens(paid.book("2025-03-17")) == [0, 20_000, 30_000]
    book, day = paid.book(), date(2025, 3, 18)
    assert [(i.open, i.overdue_days(day)) for i in book.open_items()[:2]] == [(40_000, 46), (30_000, 18)]
    with pytest.raises(Conflict, match="source_conflict"):
        paid.tell(ReverseReceipt(receipt="R-1", reason="again"))


@pytest.mark.rule("CORE-32")
def test_a_reversal_states_a_reason(paid: Trade) -> None:
    with pytest.raises(Incomplete, match="reason_missing"):
        paid.tell(ReverseReceipt(receipt="R-1"))


@pytest.mark.rule("CORE-32d")
@pytest.mark.rule("CORE-IN-o")
def test_what_is_beyond_the_plan_is_an_advance(trade: Trade) -> None:
    trade.on("2025-04-01").pay("R-1", 110_000)
    totals = trade.book().totals("CNY")
    assert (totals.advance, totals.allocated, totals.open) == (10_000, 100_000, 0)


@pytest.mark.rule("CORE-32")
def test_an_advance_covers_what_is_planned_later(trade: Trade) -> None:
    trade.pay("R-1", 110_000)
    trade.on("2025-04-01").invoice("I-1", 4000)
    book = trade.book()
    assert book.receivables["I-1"].open == 0
    assert book.advance("CNY") == 6000


@pytest.mark.rule("CORE-32")
def test_a_receipt_covers_what_it_was_stated_to_be_for(trade: Trade) -> None:
    trade.pay("R-1", 10_000, receivable="K/3")
    assert opens(trade.book()) == [40_000, 30_000, 20_000]
    trade.pay("R-2", 40_000)
    assert opens(trade.book()) == [0, 30_000, 20_000]
    trade.tell(AllocateReceipt(receipt="R-2", receivable="K/2", amount=yuan(30_000)))
    assert opens(trade.book()) == [30_000, 0, 20_000]


@pytest.mark.rule("CORE-32")
def test_what_is_stated_displaces_what_was_only_the_oldest_due(trade: Trade) -> None:
    trade.pay("R-1", 40_000)
    trade.pay("R-2", 40_000, receivable="K/1")
    assert opens(trade.book()) == [0, 0, 20_000]
    assert trade.book().receipts["R-2"].stated == {"K/1": 40_000}
    assert trade.book().receipts["R-1"].drawn == {"K/2": 30_000, "K/3": 10_000}


@pytest.mark.rule("CORE-32")
def test_no_more_of_a_receipt_is_stated_than_came_in(trade: Trade) -> None:
    trade.pay("R-1", 100)
    with pytest.raises(RuleNotMet, match="quantity_exceeded"):
        trade.tell(AllocateReceipt(receipt="R-1", receivable="K/1", amount=yuan(101)))
    with pytest.raises(Unknown, match="unknown_code"):
        trade.tell(AllocateReceipt(receipt="R-1", receivable="K/9", amount=yuan(1)))
    with pytest.raises(Invalid, match="unit_mismatch"):
        trade.tell(AllocateReceipt(receipt="R-1", receivable="K/1", amount=Money("1", "USD")))


@pytest.mark.rule("CORE-32")
def test_money_in_one_currency_does_not_pay_what_is_owed_in_another(trade: Trade) -> None:
    trade.tell(RecordReceipt(receipt="R-1", amount=Money("10", "USD")))
    assert opens(trade.book()) == [40_000, 30_000, 30_000]
    assert trade.book().advance("USD") == 10


@pytest.mark.rule("CORE-32")
def test_an_invoice_for_an_instalment_is_no_second_receivable(trade: Trade) -> None:
    trade.invoice("I-1", 40_000, contract="K", instalment="1")
    book = trade.book()
    assert book.owed("CNY") == 100_000
    assert book.invoices["I-1"].receivable == "K/1"


@pytest.mark.rule("CORE-IN-q")
@pytest.mark.rule("CORE-IN-p")
@pytest.mark.parametrize(("amount", "code"), [("0", "amount_zero"), ("-1", "amount_sign")])
def test_a_receipt_is_of_more_than_nothing(amount: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        RecordReceipt(receipt="R-1", amount=yuan(amount))


@pytest.mark.rule("CORE-80a")
def test_advances_and_receivables_close_as_they_moved(trade: Trade) -> None:
    with Trade("2025-01-01") as t:
        t.plan(("2025-06-30", 50_000), contract="old")
        t.pay("R-0", 10_000, earmarked_for="new")
        assert (t.book().advance("CNY"), t.book().owed("CNY")) == (10_000, 50_000)
        t.on("2025-02-03").plan(("2025-07-31", 30_000), contract="mixed", on="2025-02-03")
        t.pay("R-1", 5_000, earmarked_for="new")
        t.pay("R-2", 20_000, earmarked_for="old")
        t.plan(("2025-08-31", 8_000), contract="new")
        t.tell(ReturnAdvance(amount=yuan(1_000)))
        t.tell(WriteOffReceivable(receivable="old/1", amount=yuan(2_000), reason="agreed"), actor="head")
        totals = t.book().totals("CNY")
        assert (totals.advance, totals.written_off, totals.returned) == (6_000, 2_000, 1_000)
        assert totals.open == 50_000 + 38_000 - 28_000 - 2_000


@pytest.mark.rule("CORE-80")
def test_no_more_is_given_back_than_was_paid_ahead(trade: Trade) -> None:
    trade.pay("R-1", 100_010)
    with pytest.raises(RuleNotMet, match="quantity_exceeded"):
        trade.tell(ReturnAdvance(amount=yuan(11)))
    trade.tell(ReturnAdvance(amount=yuan(11)), happened=True)
    assert trade.book().advance("CNY") == -1


@pytest.mark.rule("CORE-80b")
def test_a_write_off_is_approved_by_neither_maintainer_nor_collector_and_a_later_receipt_recovers(
    paid: Trade,
) -> None:
    paid.tell(NameCollector(person="wang", receivable="K/2"))
    with pytest.raises(NotPermitted, match="approver_conflict"):
        paid.tell(WriteOffReceivable(receivable="K/2", reason="gone"), actor="wang")
    with pytest.raises(Incomplete, match="reason_missing"):
        paid.tell(WriteOffReceivable(receivable="K/2"), actor="head")
    for number in ("K/2", "K/3"):
        paid.tell(WriteOffReceivable(receivable=number, reason="gone"), actor="head")
    paid.on("2025-03-10").pay("R-2", 500)
    totals = paid.book().totals("CNY")
    assert (totals.written_off, totals.recovered, totals.advance) == (50_000, 500, 0)
    assert paid.book().receivables["K/2"].recovered == 500


# ---------------------------------------------------------------- laws

AMOUNT = st.integers(1, 60).map(Decimal)
NUMBER = st.integers(0, 4)
CURRENCY = st.sampled_from(["CNY", "CNY", "CNY", "USD"])
PURPOSE = st.sampled_from([None, None, "K", "K/1", "I0", "O1", "nothing"])
STEP = st.one_of(
    st.tuples(st.just("plan"), NUMBER, AMOUNT, st.integers(0, 90), CURRENCY),
    st.tuples(st.just("receive"), NUMBER, AMOUNT, CURRENCY, PURPOSE),
    st.tuples(st.just("allocate"), NUMBER, NUMBER, AMOUNT),
    st.tuples(st.just("reverse"), NUMBER),
    st.tuples(st.just("give_back"), AMOUNT, CURRENCY, st.one_of(st.none(), NUMBER)),
    st.tuples(st.just("write_off"), NUMBER, AMOUNT),
)


def take(book: Book, step: tuple[object, ...]) -> None:
    match step:
        case ("plan", int(n), Decimal() as amount, int(days), str(currency)):
            contract = "K" if n % 2 else None
            number = f"K/{n}" if contract else f"I{n}"
            due = date(2025, 1, 1) + timedelta(days=days)
            book.plan(number, due, amount, currency, contract, f"O{n}")
        case ("receive", int(n), Decimal() as amount, str(currency), purpose):
            assert purpose is None or isinstance(purpose, str)
            book.receive(f"R{n}", amount, currency, purpose)
        case ("allocate", int(n), int(m), Decimal() as amount):
            book.allocate(f"R{n}", f"K/{m}" if m % 2 else f"I{m}", amount)
        case ("reverse", int(n)):
            book.reverse(f"R{n}")
        case ("give_back", Decimal() as amount, str(currency), n):
            book.give_back(amount, currency, None if n is None else f"R{n}")
        case ("write_off", int(m), Decimal() as amount):
            book.write_off(f"K/{m}" if m % 2 else f"I{m}", amount)
        case _:
            raise AssertionError(step)


@pytest.mark.rule("CORE-32")
@pytest.mark.rule("CORE-80")
@given(st.lists(STEP, max_size=40))
@settings(deadline=None)
def test_money_is_never_lost_nor_made_whatever_comes_in_whichever_order(
    steps: list[tuple[object, ...]],
) -> None:
    book = Book()
    for step in steps:
        take(book, step)
        for currency in book.currencies():
            t = book.totals(currency)
            assert t.planned == t.allocated + t.open + t.written_off
            assert t.received == t.allocated + t.recovered + t.advance + t.returned
            assert (book.owed(currency), book.advance(currency)) == (t.open, t.advance)
        for item in book.receivables.values():
            assert item.open >= 0
            assert 0 <= item.recovered <= item.written_off
            assert item.allocated == sum(p.for_(item.number) for p in book.receipts.values())
            assert item.recovered == sum(
                p.recovered.get(item.number, Decimal(0)) for p in book.receipts.values()
            )
        for paid in book.receipts.values():
            assert all(part > 0 for part in (*paid.stated.values(), *paid.drawn.values()))


@pytest.mark.rule("CORE-32")
@given(st.lists(STEP, max_size=30))
@settings(deadline=None)
def test_nothing_stays_open_while_money_that_may_be_used_for_it_lies_loose(
    steps: list[tuple[object, ...]],
) -> None:
    book = Book()
    for step in steps:
        take(book, step)
    for paid in book.receipts.values():
        for item in book.receivables.values():
            usable = paid.currency == item.currency and item.serves(paid.earmark)
            assert not (usable and paid.advance > 0 and item.open > 0)


@pytest.mark.rule("CORE-80")
def test_what_is_given_back_is_of_the_oldest_receipt_that_has_an_advance() -> None:
    book = Book()
    book.plan("A", date(2025, 1, 31), Decimal(50), "CNY")
    book.receive("old", Decimal(50), "CNY")
    book.receive("new", Decimal(100), "CNY")
    book.allocate("new", "A", Decimal(50))  # the old receipt lies loose only now, after the new one did
    book.give_back(Decimal(60), "CNY")
    assert {n: r.returned for n, r in book.receipts.items()} == {"old": 50, "new": 10}
