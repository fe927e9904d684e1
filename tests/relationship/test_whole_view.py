"""One call shows everything that is known of a customer at a cut, and counts what the reader may not see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Money, Unknown
from guanxi.relationship.dealings.commands import IssueInvoice, PlaceOrder, RecordReceipt
from guanxi.relationship.dealings.events import OrderLine
from guanxi.relationship.ownership.commands import AssignMaintainer
from guanxi.relationship.pipeline.commands import OpenOpportunity
from guanxi.relationship.service.commands import MakePromise, ReceiveComplaint
from tests.kernel.desks import Desk, moment

SOURCES = {
    "core.view_file",
    "core.view_contacts",
    "core.view_people",
    "core.view_owner",
    "core.view_leads",
    "core.view_opportunities",
    "core.view_contracts",
    "core.view_orders",
    "core.view_receivables",
    "core.view_payments",
    "core.view_messages",
    "core.view_complaints",
    "core.view_service",
    "core.view_promises",
    "core.view_documents",
    "core.view_grades",
}


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-03-03").open(name="李明", on="2025-03-01") as d:
        d.tell(AssignMaintainer(person="wang"))
        d.tell(OpenOpportunity(opportunity="X", assignee="wang"))
        line = OrderLine(
            line="1",
            product="steel",
            quantity=Decimal(10),
            unit="t",
            amount=Money(1000, "CNY"),
            promised_on=date(2025, 3, 20),
        )
        d.tell(PlaceOrder(order="O-1", lines=(line,)))
        d.tell(IssueInvoice(invoice="I-1", amount=Money(1000, "CNY"), due_on=date(2025, 3, 31), order="O-1"))
        d.on("2025-03-10").tell(RecordReceipt(receipt="R-1", amount=Money(400, "CNY")))
        d.tell(ReceiveComplaint(complaint="K-1", category="delivery", content="late"))
        d.tell(
            MakePromise(
                promise="P-1", content="call back", due=date(2025, 3, 20), basis="his call", promiser="wang"
            )
        )
        yield d


@pytest.mark.rule("CORE-77")
def test_every_subject_has_its_section(desk: Desk) -> None:
    view = desk.ledger.whole_view("C-1")
    assert {s.name for s in view.sections} == SOURCES
    rows = {s.name: s.rows for s in view.sections}
    assert ("name", "李明") in [r[:2] for r in rows["core.view_file"]]
    assert rows["core.view_owner"][0][:2] == ("maintainer", "wang")
    assert [r[0] for r in rows["core.view_opportunities"]] == ["X"]
    assert rows["core.view_orders"][0][:2] == ("O-1", "open")
    assert rows["core.view_receivables"][0][1:4] == ("600 CNY", date(2025, 3, 31), 0)
    assert rows["core.view_payments"] == (("R-1", "400 CNY", "0 CNY"),)
    assert [r[:2] for r in rows["core.view_complaints"]] == [("K-1", "open")]
    assert rows["core.view_promises"] == (("P-1", "open", date(2025, 3, 20)),)
    assert {r.rule for r in view.due} >= {"CORE-34", "CORE-39"}


@pytest.mark.rule("CORE-77")
def test_it_shows_the_past_as_it_was_and_as_it_was_known(desk: Desk) -> None:
    before = desk.ledger.whole_view("C-1", as_of=moment("2025-03-04"))
    assert before.section("core.view_receivables").rows[0][1] == "1000 CNY"
    assert before.section("core.view_complaints").rows == ()
    known = desk.ledger.whole_view("C-1", as_known=moment("2025-03-04"))
    assert known.section("core.view_payments").rows == ()
    with pytest.raises(KeyError):
        known.section("nothing")
    with pytest.raises(Unknown, match="unknown_relationship"):
        desk.ledger.whole_view("C-9")
