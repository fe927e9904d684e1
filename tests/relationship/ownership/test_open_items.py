"""What is open goes along at a hand-over: one list, computed when it is signed, with due dates that do not move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from guanxi import Event, Money
from guanxi.relationship.dealings.events import InvoiceIssued, ReceiptRecorded
from guanxi.relationship.documents.events import DocumentAccepted, DocumentLent, DocumentReturned
from guanxi.relationship.ownership.commands import AcceptHandover, AssignMaintainer, ProposeHandover
from guanxi.relationship.ownership.events import HandoverAccepted, HandoverProposed, OpenItem
from guanxi.relationship.ownership.open_items import open_in
from guanxi.relationship.pipeline.events import (
    LeadClosed,
    LeadRecorded,
    OpportunityClosed,
    OpportunityOpened,
)
from guanxi.relationship.service.events import (
    ComplaintClosed,
    ComplaintReceived,
    PromiseKept,
    PromiseMade,
    ServiceClosed,
    ServiceRequested,
)
from tests.relationship.ownership.telling import FactDesk

YUAN = Money("100", "CNY")
DUE = date(2025, 7, 1)
BEGUN: tuple[Event, ...] = (
    LeadRecorded(lead="L-1"),
    OpportunityOpened(opportunity="O-1", stage="confirmed", expected_on=DUE),
    InvoiceIssued(invoice="I-1", amount=YUAN, due_on=DUE),
    ComplaintReceived(complaint="K-1", category="delivery"),
    ServiceRequested(request="S-1", need_class="repair", chain="repair"),
    PromiseMade(promise="P-1", due=DUE, basis="stock", promiser="A"),
    DocumentAccepted(document="D-1", document_type="contract", formed_on=date(2025, 1, 1), pages=1),
    DocumentLent(loan="B-1", document="D-1", borrower="A", due_on=DUE),
)
OPEN = [
    OpenItem(kind="lead", number="L-1"),
    OpenItem(kind="opportunity", number="O-1", due_on=DUE),
    OpenItem(kind="receivable", number="I-1", due_on=DUE),
    OpenItem(kind="complaint", number="K-1"),
    OpenItem(kind="service_request", number="S-1"),
    OpenItem(kind="promise", number="P-1", due_on=DUE),
    OpenItem(kind="document_loan", number="B-1", due_on=DUE),
]
OVER: tuple[Event, ...] = (
    LeadClosed(lead="L-1", reason_code="no_need"),
    OpportunityClosed(opportunity="O-1", outcome="lost", reason_code="price"),
    ReceiptRecorded(receipt="R-1", amount=YUAN),
    ComplaintClosed(complaint="K-1", root_cause="carrier"),
    ServiceClosed(request="S-1", state="cancelled"),
    PromiseKept(promise="P-1"),
    DocumentReturned(loan="B-1", document="D-1", condition="good"),
)


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    with FactDesk(now="2025-06-02") as d:
        d.open("C-1", on="2024-01-01")
        d.tell(AssignMaintainer(person="A"))
        d.fact("2025-06-03", *BEGUN)
        yield d


def shown(desk: FactDesk) -> list[OpenItem]:
    return list(open_in(desk.ledger.history("C-1").state))


def handed(desk: FactDesk, kind: type[Any]) -> list[OpenItem]:
    found = next(x.event for x in desk.ledger.history("C-1").lines() if isinstance(x.event, kind))
    return list(found.items)


@pytest.mark.rule("CORE-20")
def test_the_list_shows_everything_that_is_open(desk: FactDesk) -> None:
    assert shown(desk) == OPEN


@pytest.mark.rule("CORE-20")
@pytest.mark.parametrize(("n", "end"), enumerate(OVER), ids=lambda x: getattr(x, "stored_name", ""))
def test_what_is_over_is_on_it_no_more(desk: FactDesk, n: int, end: Event) -> None:
    desk.fact("2025-06-04", end)
    assert shown(desk) == [*OPEN[:n], *OPEN[n + 1 :]]


@pytest.mark.rule("CORE-20")
def test_the_list_is_computed_again_when_it_is_signed(desk: FactDesk) -> None:
    desk.on("2025-06-05").tell(ProposeHandover(handover="H-1", receiver="B"))
    desk.fact("2025-06-06", OVER[0])
    notice = OpenItem(kind="due_item", number="core.complaint_notice/K-1", due_on=date(2025, 6, 6))
    signed = AcceptHandover(handover="H-1", giver_signature="A", receiver_signature="B", due_items=(notice,))
    desk.tell(signed)
    assert handed(desk, HandoverProposed) == OPEN
    assert handed(desk, HandoverAccepted) == [*OPEN[1:], notice]


@pytest.mark.rule("CORE-20b")
def test_what_is_due_goes_to_the_receiver_on_the_day_on_which_it_was_due(desk: FactDesk) -> None:
    desk.fact("2025-06-10", ComplaintReceived(complaint="K-2", category="delivery"))

    def notice() -> tuple[str | None, Any]:
        rows = desk.ledger.due_items(customer="C-1", cadence="core.complaint_notice")
        row = next(r for r in rows if r.about == "K-2" or "K-2" in r.key)
        return row.person, row.until

    before = notice()
    desk.on("2025-06-11").tell(ProposeHandover(handover="H-1", receiver="B"))
    desk.tell(AcceptHandover(handover="H-1", giver_signature="A", receiver_signature="B"))
    assert before[0] == "A"
    assert notice() == ("B", before[1])
    assert before[1] is not None
    assert (before[1].date(), before[1].hour) == (date(2025, 6, 14), 0)
