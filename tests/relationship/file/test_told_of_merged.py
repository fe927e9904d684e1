"""What is told of a merged party: entered where the thing began, ruled on by what the survivor shows, drawn once (CORE-13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, Held, Money, RuleNotMet, Source, Telling, verify
from guanxi.kernel.times import TICK
from guanxi.relationship.dealings.commands import (
    DeliverGoods,
    IssueInvoice,
    PlaceOrder,
    RecordReceipt,
    SetCreditTerms,
)
from guanxi.relationship.dealings.events import LineQuantity, OrderLine
from guanxi.relationship.dealings.orders import Orders
from guanxi.relationship.dealings.receivables import Receivables
from guanxi.relationship.dealings.warnings import Warnings
from guanxi.relationship.due_items.commands import AssignDueItem
from guanxi.relationship.file.commands import MergeFiles, UndoMerge
from guanxi.relationship.ownership.commands import AssignMaintainer
from guanxi.relationship.service.commands import (
    KeepPromise,
    MakePromise,
    NotifyComplainant,
    ReceiveComplaint,
)
from guanxi.relationship.service.promises import Promises
from tests.kernel.desks import Desk, moment


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-01") as d:
        for who in ("A", "B", "C"):
            d.open(who, on="2025-01-01", name=f"合成{who}")
        yield d


def yuan(amount: int) -> Money:
    return Money(amount, "CNY")


def promise(desk: Desk, who: str, number: str, due: date) -> None:
    desk.tell(MakePromise(promise=number, content="to call", due=due, basis="plan", promiser="Ann"), who=who)


def order(desk: Desk, who: str, number: str, amount: int = 100, *, on_credit: bool = False) -> None:
    line = OrderLine(line="1", product="pump", quantity=Decimal(1), unit="piece", amount=yuan(amount))
    desk.tell(PlaceOrder(order=number, lines=(line,), on_credit=on_credit), who=who)


def deliver(number: str) -> DeliverGoods:
    return DeliverGoods(order=number, lines=(LineQuantity(line="1", quantity=Decimal(1)),))


def merge(
    desk: Desk, on: str, survivor: str = "B", absorbed: str = "A", maintainer: str | None = None
) -> None:
    desk.on(on).tell(MergeFiles(absorbed=absorbed, maintainer=maintainer), who=survivor)
    desk.now += TICK * 2


def state_of(desk: Desk, who: str, number: str) -> str:
    promises: Promises = desk.ledger.history(who).state(Promises)
    return promises.promises[number].state


def sound(desk: Desk) -> None:
    assert verify(desk.ledger.store).clean
    assert desk.ledger.check_determinism().same


@pytest.mark.rule("CORE-13")
@pytest.mark.parametrize("advanced", ["never", "daily", "absorbed only"])
def test_a_promise_of_the_absorbed_file_that_is_kept_under_the_survivor_stays_kept(
    desk: Desk, advanced: str
) -> None:
    promise(desk, "A", "P", date(2025, 2, 20))
    merge(desk, "2025-02-01")
    desk.on("2025-02-10").tell(KeepPromise(promise="P"), who="B")
    for day in ("2025-02-21", "2025-03-01"):
        desk.on(day)
        if advanced == "daily":
            desk.ledger.advance()
    assert (state_of(desk, "A", "P"), state_of(desk, "B", "P")) == ("kept", "kept")
    assert desk.ledger.whole_view("B").section("core.view_promises").rows == (
        ("P", "kept", date(2025, 2, 20)),
    )
    sound(desk)


@pytest.mark.rule("CORE-13")
def test_what_is_told_under_the_survivor_about_a_thing_of_the_absorbed_file_is_entered_there(
    desk: Desk,
) -> None:
    desk.tell(ReceiveComplaint(complaint="K", category="quality", content="noisy"), who="A")
    desk.tell(IssueInvoice(invoice="I", amount=yuan(100), due_on=date(2025, 3, 1)), who="A")
    order(desk, "A", "O")
    merge(desk, "2025-02-01")
    told = (NotifyComplainant(complaint="K"), RecordReceipt(receipt="R", amount=yuan(100), receivable="I"))
    for command in (*told, deliver("O")):
        outcome = desk.tell(command, who="B", reason="by telephone")
        desk.now += TICK * 2
        assert outcome.stream == desk.stream("A")
        assert {e.actor for e in outcome.entries if e.kind in ("fact", "act")} == {"clerk"}
    assert not [
        r
        for r in desk.ledger.due_items(customer="A")
        if r.key in ("K", "I", "O")
        and r.state == "open"
        and r.cadence in ("core.complaint_notice", "core.order_delivery")
    ]
    undo_day = desk.on("2025-03-05")
    undo_day.tell(UndoMerge(absorbed="A"), who="B")
    book: Receivables = desk.ledger.history("A").state(Receivables)
    assert book.owed("CNY") == 0
    sound(desk)


@pytest.mark.rule("CORE-13")
def test_nothing_is_delivered_or_paid_twice_through_two_account_numbers(desk: Desk) -> None:
    order(desk, "A", "O")
    merge(desk, "2025-02-01")
    desk.tell(deliver("O"), who="B")
    desk.now += TICK * 2
    for who in ("A", "B"):
        with pytest.raises(RuleNotMet, match="quantity_exceeded"):
            desk.tell(deliver("O"), who=who)
    desk.tell(RecordReceipt(receipt="R", amount=yuan(100)), who="A")
    with pytest.raises(Conflict):
        desk.tell(RecordReceipt(receipt="R", amount=yuan(100)), who="B")
    sound(desk)


@pytest.mark.rule("CORE-13")
@pytest.mark.rule("CORE-30")
@pytest.mark.parametrize("who", ["A", "B"])
def test_what_the_merged_file_forbids_is_refused_under_either_account_number(desk: Desk, who: str) -> None:
    for file in ("A", "B"):
        desk.tell(SetCreditTerms(limit=yuan(1_000), term_days=30), who=file)
    desk.tell(IssueInvoice(invoice="I", amount=yuan(100), due_on=date(2025, 1, 10)), who="B")
    merge(desk, "2025-02-01")
    order(desk, "A", "O")
    held: Orders = desk.ledger.history("B").state(Orders)
    assert sorted(held.orders["O"].held) == ["arrears_open"]
    with pytest.raises(Held, match="arrears_open"):
        desk.tell(deliver("O"), who=who)


@pytest.mark.rule("CORE-13")
def test_a_thing_of_the_survivor_is_reached_by_the_absorbed_account_number(desk: Desk) -> None:
    promise(desk, "B", "P", date(2025, 2, 20))
    merge(desk, "2025-02-01")
    assert desk.tell(KeepPromise(promise="P"), who="A").stream == desk.stream("B")
    desk.on("2025-03-01")
    assert state_of(desk, "B", "P") == "kept"
    sound(desk)


@pytest.mark.rule("CORE-13")
def test_in_a_chain_of_merges_a_thing_is_reached_from_every_account_number(desk: Desk) -> None:
    for number in ("P-A", "P-B", "P-C"):
        promise(desk, "A", number, date(2025, 2, 20))
    merge(desk, "2025-02-01", "B", "A")
    merge(desk, "2025-02-02", "C", "B")
    for who in ("A", "B", "C"):
        assert desk.tell(KeepPromise(promise=f"P-{who}"), who=who).stream == desk.stream("A")
    desk.on("2025-03-01").ledger.advance()
    assert {state_of(desk, w, f"P-{n}") for w in "ABC" for n in "ABC"} == {"kept"}
    sound(desk)


@pytest.mark.rule("CORE-13")
def test_what_is_told_late_belongs_where_it_did_on_its_day(desk: Desk) -> None:
    promise(desk, "A", "P", date(2025, 2, 20))
    merge(desk, "2025-02-01")
    desk.on("2025-03-01").tell(UndoMerge(absorbed="A"), who="B")
    assert state_of(desk, "A", "P") == "broken"
    late = desk.on("2025-03-20").tell(KeepPromise(promise="P"), "2025-02-10", who="B", reason="told late")
    assert late.stream == desk.stream("A")
    assert state_of(desk, "A", "P") == "kept"
    sound(desk)


@pytest.mark.rule("CORE-13")
@pytest.mark.parametrize("who", ["A", "B"])
def test_a_correction_and_a_void_of_what_was_told_under_another_number_count_in_both(
    desk: Desk, who: str
) -> None:
    promise(desk, "A", "P", date(2025, 2, 20))
    merge(desk, "2025-02-01")
    kept = desk.on("2025-02-10").tell(KeepPromise(promise="P"), who=who).entries[0]
    desk.on("2025-03-01").ledger.void(kept.id, actor="clerk", reason="it was another")
    assert (state_of(desk, "A", "P"), state_of(desk, "B", "P")) == ("broken", "broken")
    sound(desk)


@pytest.mark.rule("CORE-13")
def test_lines_of_an_import_are_entered_where_the_thing_began_too(desk: Desk) -> None:
    order(desk, "A", "O")
    merge(desk, "2025-02-01")
    at = moment("2025-02-02")
    lines = [
        Telling(
            who,
            command,
            "feed",
            occurred_at=at,
            effective_from=at,
            happened=True,
            source=Source("ERP", f"D-{n}", "1"),
            batch="2",
        )
        for n, (who, command) in enumerate(
            (
                ("B", deliver("O")),
                ("A", RecordReceipt(receipt="R", amount=yuan(100))),
                ("B", RecordReceipt(receipt="R-2", amount=yuan(100))),
            )
        )
    ]
    desk.on("2025-02-03")
    verdicts = desk.ledger.take_in(lines)
    assert [v.status for v in verdicts] == ["accepted"] * 3
    a, b = desk.stream("A"), desk.stream("B")
    assert [(v.entry or "").rpartition("/")[0] for v in verdicts] == [a, a, b]
    assert [v.status for v in desk.ledger.take_in(lines)] == ["known"] * 3
    sound(desk)


@pytest.mark.rule("CORE-13")
@pytest.mark.parametrize("advanced", ["never", "daily"])
def test_what_falls_due_is_drawn_once_whoever_is_advanced_first(desk: Desk, advanced: str) -> None:
    desk.tell(IssueInvoice(invoice="I", amount=yuan(100), due_on=date(2025, 2, 10)), who="A")
    promise(desk, "A", "P", date(2025, 2, 12))
    merge(desk, "2025-02-01")
    for day in range(10, 20):
        desk.on(f"2025-02-{day}")
        if advanced == "daily":
            desk.ledger.advance()
    desk.tell(RecordReceipt(receipt="R", amount=yuan(1)), who="B")
    desk.ledger.advance()
    entries = [e for s in ("A", "B") for e in desk.ledger.store.entries(desk.stream(s))]
    drawn = Counter(e.name for e in entries if e.kind == "decision")
    assert drawn == {"core.promise_broken": 1, "core.warning_raised": 2, "core.warning_cleared": 1}
    assert desk.ledger.history("B").state(Warnings).of_kind("overdue") == ["I"]
    sound(desk)


@pytest.mark.rule("CORE-13")
def test_a_second_merge_shows_nothing_of_what_was_drawn_under_the_first(desk: Desk) -> None:
    for file in ("A", "B"):
        desk.tell(SetCreditTerms(limit=yuan(1_000), term_days=30), who=file)
    desk.tell(IssueInvoice(invoice="I", amount=yuan(100), due_on=date(2025, 1, 10)), who="B")
    merge(desk, "2025-02-01")
    order(desk, "A", "O")

    def held(who: str) -> list[str]:
        return sorted(desk.ledger.history(who).state(Orders).orders["O"].held)

    assert (held("A"), held("B")) == ([], ["arrears_open"])
    desk.on("2025-03-01").tell(UndoMerge(absorbed="A"), who="B")
    merge(desk, "2025-04-01")
    assert (held("A"), held("B")) == ([], [])
    sound(desk)


@pytest.mark.rule("CORE-13")
@pytest.mark.rule("CORE-99")
def test_due_items_of_the_absorbed_file_are_the_merged_files(desk: Desk) -> None:
    desk.tell(AssignMaintainer(person="Zhao"), who="A")
    desk.tell(AssignMaintainer(person="Wang"), who="B")
    promise(desk, "A", "P", date(2025, 3, 20))
    before = [r for r in desk.ledger.due_items(customer="A") if r.cadence == "core.promise"]
    assert [(r.customer, r.key, r.person) for r in before] == [("A", "P", "Ann")]
    desk.tell(ReceiveComplaint(complaint="K", category="quality", content="noisy"), who="A")
    merge(desk, "2025-02-01", maintainer="Wang")

    def of(customer: str | None) -> set[tuple[str | None, str, str | None]]:
        rows = desk.ledger.due_items(customer=customer)
        return {(r.customer, r.key, r.person) for r in rows if r.key in ("P", "K")}

    assert of("B") == of("A") == of(None) == {("B", "P", "Ann"), ("B", "K", "Wang")}
    view = {(r.customer, r.key) for r in desk.ledger.whole_view("B").due}
    assert ("B", "P") in view
    (row,) = (r for r in desk.ledger.due_items(customer="B") if r.key == "P")
    desk.tell(AssignDueItem(cadence=row.cadence, number="P", person="Li"), who="B")
    assert {r.person for r in desk.ledger.due_items(customer="B") if r.key == "P"} == {"Li"}
    assert {r.person for r in desk.ledger.due_items() if r.key == "P"} == {"Li"}
    desk.on("2025-03-01").tell(UndoMerge(absorbed="A"), who="B")
    assert of("A") == {("A", "P", "Ann"), ("A", "K", "Zhao")}
    assert of("B") == set()


@pytest.mark.rule("CORE-13")
@pytest.mark.parametrize("advanced", [False, True])
def test_a_late_entry_in_the_absorbed_file_is_late_whether_anybody_asked_in_between_or_not(
    desk: Desk, advanced: bool
) -> None:
    order(desk, "B", "O", on_credit=True)
    promise(desk, "A", "P", date(2025, 2, 12))
    merge(desk, "2025-02-01")
    desk.on("2025-02-14")
    if advanced:
        desk.ledger.advance()
    late = "2025-02-10"
    desk.on("2025-02-20").tell(SetCreditTerms(limit=yuan(1_000), term_days=30), late, who="A", reason="late")
    held = {
        day: sorted(desk.ledger.history("B").as_of(day).state(Orders).orders["O"].held)
        for day in ("2025-02-15", "2025-02-20")
    }
    assert held == {"2025-02-15": ["credit_exceeded"], "2025-02-20": []}
    sound(desk)


@pytest.mark.rule("CORE-13")
def test_a_merge_is_refused_where_the_new_file_has_a_number_of_one_that_the_survivor_shows(
    desk: Desk,
) -> None:
    for who in ("A", "C"):
        promise(desk, who, "P", date(2025, 2, 20))
    merge(desk, "2025-02-01", "B", "A")
    with pytest.raises(Conflict, match="numbers_clash"):
        merge(desk, "2025-02-02", "B", "C")
