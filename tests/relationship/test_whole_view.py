"""One call shows everything that is known of a customer at a cut, and counts what the reader may not see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest

from guanxi import Command, Money, Unknown
from guanxi.kernel.labels import label_of
from guanxi.kernel.overview import Code, WholeView
from guanxi.kernel.reports import CODES
from guanxi.relationship.care.commands import SendMessage
from guanxi.relationship.care.events import WithheldReason
from guanxi.relationship.dealings.commands import (
    CancelOrder,
    IssueInvoice,
    PlaceOrder,
    RecordReceipt,
    SetCreditTerms,
)
from guanxi.relationship.dealings.events import OrderLine
from guanxi.relationship.documents.commands import HandInDocument
from guanxi.relationship.file.commands import RecordContactPoint, RecordProfileFact
from guanxi.relationship.grading.commands import OverrideGrade, StateClass
from guanxi.relationship.ownership.commands import AssignMaintainer, AssignOversight, AssignSection
from guanxi.relationship.people.commands import NameContactPerson
from guanxi.relationship.pipeline.commands import OpenOpportunity, RecordLead, SignContract
from guanxi.relationship.service.commands import MakePromise, ReceiveComplaint, RequestService
from tests.kernel.desks import Desk, moment

STEEL = OrderLine(
    line="1",
    product="steel",
    quantity=Decimal(10),
    unit="t",
    amount=Money(1000, "CNY"),
    promised_on=date(2025, 3, 20),
)

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
    assert rows["core.view_receivables"][0][1:4] == ("600.00 CNY", date(2025, 3, 31), 0)
    assert rows["core.view_payments"] == (("R-1", "400.00 CNY", "0.00 CNY"),)
    assert [r[:2] for r in rows["core.view_complaints"]] == [("K-1", "open")]
    assert rows["core.view_promises"] == (("P-1", "open", date(2025, 3, 20)),)
    assert {r.rule for r in view.due} >= {"CORE-34", "CORE-39"}


@pytest.mark.rule("CORE-77")
def test_it_shows_the_past_as_it_was_and_as_it_was_known(desk: Desk) -> None:
    before = desk.ledger.whole_view("C-1", as_of=moment("2025-03-04"))
    assert before.section("core.view_receivables").rows[0][1] == "1000.00 CNY"
    assert before.section("core.view_complaints").rows == ()
    known = desk.ledger.whole_view("C-1", as_known=moment("2025-03-04"))
    assert known.section("core.view_payments").rows == ()
    with pytest.raises(KeyError):
        known.section("nothing")
    with pytest.raises(Unknown, match="unknown_relationship"):
        desk.ledger.whole_view("C-9")


def told(
    day: str, command: Command, actor: str = "clerk", **more: Any
) -> tuple[str, Command, dict[str, Any]]:
    return day, command, {"actor": actor, **more}


LIFE = (
    told("2025-03-02", AssignSection(section="east")),
    told("2025-03-02", AssignMaintainer(person="wang", basis="route:region=east")),
    told("2025-03-02", AssignOversight(leader="chen")),
    told("2025-03-02", RecordContactPoint(type="mobile", value="13800138000", use="office")),
    told("2025-03-02", RecordProfileFact(field_name="birth_date", value="1980-05-01")),
    told("2025-03-02", NameContactPerson(person="P-1", name="赵敏", post="buyer", key_person=True)),
    told("2025-03-02", NameContactPerson(person="P-2", name="孙力", decision_role="decides")),
    told("2025-03-03", RecordLead(lead="L-1", need="steel", urgency="hopeful", assignee="wang")),
    told("2025-03-03", OpenOpportunity(opportunity="X", amount=Money(5000, "CNY"), assignee="wang")),
    told(
        "2025-03-04",
        SignContract(contract="K", amount=Money(900, "CNY"), starts_on=date(2025, 4, 1)),
        happened=True,
    ),
    told("2025-03-04", SetCreditTerms(limit=Money(10, "CNY"), term_days=30)),
    told("2025-03-05", PlaceOrder(order="O-1", lines=(STEEL,), on_credit=True, term_days=30)),
    told("2025-03-05", PlaceOrder(order="O-2", lines=(STEEL,))),
    told("2025-03-05", CancelOrder(order="O-2"), reason="not wanted"),
    told("2025-03-06", IssueInvoice(invoice="I-1", amount=Money(1000, "CNY"), due_on=date(2025, 3, 20))),
    told("2025-03-07", RecordReceipt(receipt="R-1", amount=Money(400, "CNY"), receivable="I-1")),
    told("2025-03-08", ReceiveComplaint(complaint="B-1", category="quality", content="late")),
    told("2025-03-08", RequestService(request="S-1", need_class="repair")),
    told(
        "2025-03-08",
        MakePromise(promise="V-1", content="x", due=date(2025, 3, 10), basis="call", promiser="li"),
    ),
    told(
        "2025-03-09",
        HandInDocument(document="D-1", document_type="letter", formed_on=date(2025, 3, 1), pages=2),
    ),
    told("2025-03-09", SendMessage(message="M-1", kind="service", channel="sms")),
    told("2025-03-10", StateClass(plugin="till", scheme="tier", grade="gold", since=date(2025, 3, 10))),
    told(
        "2025-03-10",
        OverrideGrade(
            scheme="importance",
            grade="2",
            reason="a friend of the house",
            approver="chen",
            until=date(2025, 12, 31),
        ),
    ),
)


@pytest.fixture(scope="module")
def full() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-03-01").open(name="李明", party="organisation", on="2025-03-01") as d:
        for day, command, how in LIFE:
            d.on(day).tell(command, **how)
        d.on("2025-05-06")
        yield d


EXPECTED: dict[str, list[tuple[Any, ...]]] = {
    "core.view_contacts": [(1, "mobile", "+8613800138000", "office")],
    "core.view_people": [("P-1", "赵敏", "buyer", None, "yes"), ("P-2", "孙力", None, "decides", "no")],
    "core.view_owner": [("maintainer", "wang", "route region = east"), ("overseer", "chen", None)],
    "core.view_leads": [("L-1", "working", "hopeful", "wang")],
    "core.view_opportunities": [("X",)],
    "core.view_contracts": [("K", "in_force", "900.00 CNY", date(2025, 4, 1), None)],
    "core.view_orders": [
        ("O-1", "held", "1000.00 CNY", "0.00 CNY", "credit_exceeded"),
        ("O-2", "cancelled", "0.00 CNY", "0.00 CNY", None),
    ],
    "core.view_receivables": [("I-1", "600.00 CNY", date(2025, 3, 20), 47, "31-60")],
    "core.view_payments": [("R-1", "400.00 CNY", "0.00 CNY")],
    "core.view_messages": [("M-1", "service", "sms")],
    "core.view_complaints": [("B-1", "open", "quality", None)],
    "core.view_service": [("S-1", "acknowledged", "repair", None)],
    "core.view_promises": [("V-1", "broken", date(2025, 3, 10))],
    "core.view_documents": [("D-1", "letter", "in_file", date(2025, 3, 1), "1–2")],
    "core.view_grades": [
        ("importance", "2", "overridden", "a friend of the house"),
        ("tier", "gold", "stated", "plugin till"),
    ],
}


@pytest.mark.rule("CORE-77")
@pytest.mark.parametrize("section", EXPECTED)
def test_one_call_holds_everything_of_a_customer_who_has_everything(full: Desk, section: str) -> None:
    rows = full.ledger.whole_view("C-1").section(section).rows
    expected = EXPECTED[section]
    assert [row[: len(wanted)] for row, wanted in zip(rows, expected, strict=True)] == expected


@pytest.mark.rule("CORE-77")
def test_the_file_says_where_the_relationship_stands(full: Desk) -> None:
    rows = {row[0]: row[1] for row in full.ledger.whole_view("C-1").section("core.view_file").rows}
    assert rows["section"] == "east"
    assert rows["birth_date"] == "1980-05-01"
    assert {rows["stage"], rows["trust"]} == {"maintenance", "attract"}


@pytest.mark.rule("CORE-77")
@pytest.mark.rule("CORE-74")
def test_a_message_that_was_withheld_is_shown_with_its_reason_and_called_so_in_both_languages() -> None:
    with Desk(plugins=[], now="2025-03-01").open(on="2025-03-01") as d:
        d.on("2025-03-09").tell(SendMessage(message="M-1", kind="marketing", channel="sms"))
        view = d.ledger.whole_view("C-1")
        section = view.section("core.view_messages")
        assert section.rows == (("M-1", None, None, None, "withheld", "consent_missing"),)
        assert {code for _, code in coded(view)} >= {"withheld", "consent_missing"}
        for code in ("withheld", "sent", *get_args(WithheldReason)):
            assert label_of(d.ledger.labels, code, "core.view_messages") is not None


@pytest.mark.rule("CORE-77")
def test_what_is_due_stands_below(full: Desk) -> None:
    due = {row.cadence for row in full.ledger.whole_view("C-1").due}
    assert due >= {"core.complaint_notice", "core.receivable_due", "core.order_line_promised"}


@pytest.mark.rule("CORE-58")
def test_an_importance_that_nobody_set_says_which_classes_give_it(full: Desk) -> None:
    rows = full.ledger.whole_view("C-1", as_known=moment("2025-03-10T00:00")).section("core.view_grades").rows
    assert rows[0][:4] == ("importance", "4", "computed", "no_class")


def coded(view: WholeView) -> Iterator[tuple[str, str]]:
    """Yield the codes that stand in a view, each with its section."""
    for section in view.sections:
        for row in section.rows:
            for value, column in zip(row, section.columns, strict=True):
                if isinstance(value, Code) or (column.type == "code" and isinstance(value, str)):
                    yield from ((section.name, code) for code in CODES.findall(value))


@pytest.mark.rule("CORE-77")
def test_every_code_that_the_core_puts_into_a_view_is_called_something_in_both_languages(full: Desk) -> None:
    told_by_hosts = {"till", "tier", "east", "=", "1", "2", "3", "4", "31-60"}
    found = {
        (section, code) for section, code in coded(full.ledger.whole_view("C-1")) if code not in told_by_hosts
    }
    assert len(found) > 30
    assert [
        (section, code)
        for section, code in sorted(found)
        if label_of(full.ledger.labels, code, section) is None
    ] == []
