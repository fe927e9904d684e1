"""What a merge makes of stage, warnings and holds, and what undoing it gives back: each file what it would have had alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Money, Source
from guanxi.kernel.times import TICK
from guanxi.relationship.dealings.commands import IssueInvoice, PlaceOrder, RecordReceipt, SetCreditTerms
from guanxi.relationship.dealings.events import OrderLine
from guanxi.relationship.dealings.orders import Orders
from guanxi.relationship.dealings.receivables import Receivables
from guanxi.relationship.dealings.warnings import Warnings
from guanxi.relationship.file.commands import CloseRelationship, MergeFiles, UndoMerge
from guanxi.relationship.people.events import LifecycleStageChanged
from guanxi.relationship.people.lifecycle import Lifecycle
from guanxi.relationship.pipeline.commands import RecordAction
from tests.kernel.desks import Desk, moment


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-01") as d:
        d.open("F1", on="2025-01-01", name="合成一")
        yield d.open("F2", on="2025-01-01", name="合成二")


def yuan(amount: int) -> Money:
    return Money(amount, "CNY")


def merge(desk: Desk, on: str, survivor: str = "F1", absorbed: str = "F2") -> None:
    desk.on(on).tell(MergeFiles(absorbed=absorbed), who=survivor)
    desk.now += TICK * 2


def undo(desk: Desk, on: str, survivor: str = "F1", absorbed: str = "F2") -> None:
    desk.on(on).tell(UndoMerge(absorbed=absorbed), who=survivor)
    desk.now += TICK * 2


def order(desk: Desk, who: str, number: str, amount: int, term_days: int | None = None) -> None:
    line = OrderLine(line="1", product="pump", quantity=Decimal(1), unit="piece", amount=yuan(amount))
    desk.tell(PlaceOrder(order=number, lines=(line,), on_credit=True, term_days=term_days), who=who)


def overdue(desk: Desk, who: str, at: str | None = None) -> list[str]:
    history = desk.ledger.history(who)
    warnings: Warnings = (history if at is None else history.as_of(moment(at))).state(Warnings)
    return sorted(warnings.of_kind("overdue"))


def held(desk: Desk, who: str, number: str) -> list[str]:
    orders: Orders = desk.ledger.history(who).state(Orders)
    return sorted(orders.orders[number].held)


def life(desk: Desk, who: str) -> Lifecycle:
    state: Lifecycle = desk.ledger.history(who).state(Lifecycle)
    return state


@pytest.mark.rule("CORE-13")
@pytest.mark.rule("CORE-33")
def test_a_merge_warns_at_once_of_what_either_file_owes_and_undoing_it_no_longer(desk: Desk) -> None:
    desk.tell(IssueInvoice(invoice="I-1", amount=yuan(100), due_on=date(2025, 1, 10)), who="F1")
    desk.tell(IssueInvoice(invoice="I-2", amount=yuan(100), due_on=date(2025, 1, 10)), who="F2")
    desk.on("2025-02-01").tell(RecordReceipt(receipt="R-1", amount=yuan(100)), who="F1")
    assert (overdue(desk, "F1"), overdue(desk, "F2")) == ([], ["I-2"])
    merge(desk, "2025-03-01")
    assert overdue(desk, "F1") == ["I-2"]
    undo(desk, "2025-04-01")
    assert (overdue(desk, "F1"), overdue(desk, "F2")) == ([], ["I-2"])
    assert overdue(desk, "F1", "2025-03-15") == ["I-2"]


@pytest.mark.rule("CORE-13")
@pytest.mark.rule("CORE-16")
def test_undoing_a_merge_gives_the_survivor_back_the_stage_that_he_had_alone(desk: Desk) -> None:
    desk.tell(RecordAction(kind="call", two_way=True), who="F1")
    desk.on("2025-02-01").tell(RecordReceipt(receipt="R-2", amount=yuan(100)), who="F2")
    desk.tell(RecordAction(kind="negotiation"), who="F2")
    assert life(desk, "F1").stage == "first_contact"
    merge(desk, "2025-03-01")
    assert life(desk, "F1").stage == "contracting"
    undo(desk, "2025-04-01")
    assert (life(desk, "F1").stage, life(desk, "F2").stage) == ("first_contact", "contracting")
    assert life(desk, "F1").since == moment("2025-01-01")
    changes = [x.event for x in desk.ledger.history("F1").lines() if x.name.endswith("stage_changed")]
    last = changes[-1]
    assert isinstance(last, LifecycleStageChanged)
    assert (last.cause, last.stood_since) == ("merge_undone", moment("2025-01-01"))


@pytest.mark.rule("CORE-13")
@pytest.mark.rule("CORE-16")
def test_who_was_won_back_through_the_other_file_only_is_gone_again_when_the_merge_is_undone(
    desk: Desk,
) -> None:
    desk.tell(CloseRelationship(reason_code="price"), who="F1")
    desk.on("2025-02-01").tell(RecordReceipt(receipt="R-2", amount=yuan(100)), who="F2")
    merge(desk, "2025-03-01")
    assert life(desk, "F1").stage == "won_back"
    undo(desk, "2025-04-01")
    assert (life(desk, "F1").stage, life(desk, "F1").since) == ("closed", moment("2025-01-01"))


@pytest.mark.rule("CORE-13")
@pytest.mark.rule("CORE-61")
def test_a_return_that_is_given_back_settles_in_its_own_time_and_movements_of_customers_foot(
    desk: Desk,
) -> None:
    desk.tell(CloseRelationship(reason_code="price"), who="F1")
    desk.on("2025-02-01").tell(RecordReceipt(receipt="R-1", amount=yuan(100)), who="F1", happened=True)
    assert life(desk, "F1").stage == "won_back"
    merge(desk, "2025-02-10")
    desk.on("2025-02-15").tell(RecordReceipt(receipt="R-2", amount=yuan(100)), who="F2")
    assert life(desk, "F1").stage == "maintenance"
    undo(desk, "2025-03-01")
    assert (life(desk, "F1").stage, life(desk, "F1").since) == ("won_back", moment("2025-02-01"))
    desk.on("2025-05-02")
    assert (life(desk, "F1").stage, life(desk, "F1").since) == ("maintenance", moment("2025-05-01T00:00"))
    assert desk.ledger.report("core.base_movement").rows


@pytest.mark.rule("CORE-13")
@pytest.mark.rule("CORE-29")
def test_what_the_other_files_limit_lets_go_is_held_again_when_the_merge_is_undone(desk: Desk) -> None:
    order(desk, "F1", "O-1", 500)
    desk.tell(SetCreditTerms(limit=yuan(1_000), term_days=30), who="F2")
    assert held(desk, "F1", "O-1") == ["credit_exceeded"]
    merge(desk, "2025-03-01")
    assert held(desk, "F1", "O-1") == []
    undo(desk, "2025-04-01")
    assert held(desk, "F1", "O-1") == ["credit_exceeded"]


@pytest.mark.rule("CORE-13")
@pytest.mark.rule("CORE-30")
def test_what_the_other_files_arrears_held_goes_on_when_the_merge_is_undone(desk: Desk) -> None:
    for who in ("F1", "F2"):
        desk.tell(SetCreditTerms(limit=yuan(1_000), term_days=30), who=who)
    desk.tell(IssueInvoice(invoice="I-2", amount=yuan(100), due_on=date(2025, 1, 10)), who="F2")
    merge(desk, "2025-03-01")
    order(desk, "F1", "O-1", 500)
    assert held(desk, "F1", "O-1") == ["arrears_open"]
    undo(desk, "2025-04-01")
    assert held(desk, "F1", "O-1") == []


@pytest.mark.rule("CORE-13")
def test_what_a_file_drew_of_anothers_entries_does_not_come_back_by_a_merge_the_other_way(desk: Desk) -> None:
    desk.tell(SetCreditTerms(limit=yuan(100), term_days=30), who="F2")
    merge(desk, "2025-02-01", "F2", "F1")
    desk.on("2025-03-01")
    order(desk, "F1", "O-1", 500, term_days=60)
    assert held(desk, "F2", "O-1") == ["credit_exceeded", "term_exceeded"]
    undo(desk, "2025-04-01", "F2", "F1")
    merge(desk, "2025-05-01")
    assert held(desk, "F1", "O-1") == ["credit_exceeded"]


@pytest.mark.rule("CORE-13")
@pytest.mark.rule("CORE-03")
def test_a_reference_whose_entry_was_voided_does_not_keep_the_other_files_out(desk: Desk) -> None:
    desk.tell(CloseRelationship(reason_code="price"), who="F1")
    told = {"source": Source("ERP", "I-1", "1"), "happened": True}
    invoice = IssueInvoice(invoice="I-1", amount=yuan(100), due_on=date(2025, 4, 10))
    first = desk.tell(invoice, who="F1", **told)
    desk.tell(invoice, who="F2", **told)
    assert [e.name for e in first.entries if e.name == "core.breach_recorded"]
    desk.on("2025-02-01").ledger.void(first.entries[0].id, actor="clerk", reason="wrong file")
    merge(desk, "2025-03-01")
    book: Receivables = desk.ledger.history("F1").state(Receivables)
    assert book.owed("CNY") == 100
