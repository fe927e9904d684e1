"""What is answered to bad input, and what is kept of it: each row of the table through the commands of the rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

import guanxi
from guanxi import (
    CloseRelationship,
    Conflict,
    GuanxiError,
    Incomplete,
    Invalid,
    Money,
    NotPermitted,
    OpenFile,
    RecordIdentifier,
    RecordProfileFact,
    Refusal,
    ReopenRelationship,
    RuleNotMet,
    Source,
    Telling,
    Unknown,
)
from guanxi.kernel.codec import LONGEST_TEXT
from guanxi.relationship import keep_waiting
from guanxi.relationship.access.events import AttemptRefused
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.dealings.commands import (
    DeliverGoods,
    PlaceOrder,
    RecordReceipt,
)
from guanxi.relationship.dealings.events import LineQuantity, OrderLine
from guanxi.relationship.documents.commands import (
    ApproveDestruction,
    DestroyDocument,
    HandInDocument,
    PlaceLegalHold,
)
from guanxi.relationship.documents.rules import RetentionRules
from guanxi.relationship.file.commands import RecordContactPoint, VerifyProfile
from guanxi.relationship.governance.cadences import answers
from guanxi.relationship.governance.commands import AnswerRightsRequest, ReceiveRightsRequest
from guanxi.relationship.ownership.commands import AssignMaintainer
from guanxi.relationship.ownership.maintainers import Ownership
from guanxi.relationship.people.commands import NameContactPerson, RecordConcern
from guanxi.relationship.pipeline.commands import CloseOpportunity, OpenOpportunity
from guanxi.relationship.service.commands import (
    AnswerSurvey,
    MakePromise,
    ReceiveComplaint,
    ReceiveFeedback,
)
from guanxi.relationship.together.commands import DefineForm
from guanxi.relationship.together.events import FormField
from guanxi.relationship.together.forms import form_stream, submit_form
from tests.kernel.desks import Desk, moment
from tests.relationship.access.offices import Office

Deed = Callable[[Desk], object]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-06-02").open(on="2025-01-01") as d:
        yield d


def cny(amount: Any) -> Money:
    return Money(amount, "CNY")


def order(number: str = "O-1", **changes: Any) -> PlaceOrder:
    line: dict[str, Any] = {
        "line": "1",
        "product": "P",
        "quantity": Decimal(1),
        "unit": "pieces",
        "amount": cny(1),
        **changes,
    }
    return PlaceOrder(order=number, lines=(OrderLine(**line),))


def refused(desk: Desk, deed: Deed, outcome: type[Refusal], code: str) -> GuanxiError:
    """Return the refusal of a deed, which leaves nothing."""
    before = desk.count()
    with pytest.raises(outcome) as answer:
        deed(desk)
    assert (answer.value.code, answer.value.outcome) == (code, outcome.outcome)
    assert answer.value.zh
    assert desk.count() == before
    return answer.value


# ---------------------------------------------------------------- malformed and unknown

UNKNOWN: dict[str, Deed] = {
    "a kind of party": lambda d: d.tell(OpenFile(party="robot"), who="C-9"),  # type: ignore[arg-type]
    "an exit": lambda d: d.tell(CloseRelationship(reason_code="boredom")),
    "a scheme of identifiers": lambda d: d.tell(RecordIdentifier(scheme="Прописка", value="1")),
    "a family of fields": lambda d: d.tell(VerifyProfile(families=("colours",))),
    "a part in decisions": lambda d: d.tell(NameContactPerson(person="P", decision_role="sings")),  # type: ignore[arg-type]
    "a perceived risk": lambda d: d.tell(RecordConcern(concern="1", risk="weather")),  # type: ignore[arg-type]
    "a kind of feedback": lambda d: d.tell(
        ReceiveFeedback(feedback="1", kind="song", category="x", content="la")
    ),  # type: ignore[arg-type]
    "how an opportunity ended": lambda d: d.tell(CloseOpportunity(opportunity="X", outcome="vanished")),  # type: ignore[arg-type]
    "a retention family": lambda d: d.tell(
        ReceiveRightsRequest(request="1", right="copy", families=("colours",))
    ),
    "a request": lambda d: d.tell(AnswerRightsRequest(request="9", answer="granted")),
}


@pytest.mark.rule("CORE-IN-a")
@pytest.mark.parametrize("deed", UNKNOWN.values(), ids=UNKNOWN)
def test_a_code_that_nobody_knows_leaves_nothing(desk: Desk, deed: Deed) -> None:
    assert refused(desk, deed, Unknown, "unknown_code").accepts


@pytest.mark.rule("CORE-IN-a")
def test_an_unknown_code_that_arrives_is_named_by_its_line(desk: Desk) -> None:
    lines = [
        Telling(
            "C-1",
            AnswerRightsRequest(request="9", answer="granted"),
            "feed",
            source=Source("s", "1"),
            batch="b",
        ),
        Telling(
            "C-1", RecordProfileFact(field_name="city", value="X"), "feed", source=Source("s", "2"), batch="b"
        ),
    ]
    assert [(v.status, v.code) for v in desk.ledger.take_in(lines)] == [
        ("refused", "unknown_code"),
        ("accepted", None),
    ]


def form(**values: Any) -> Deed:
    return lambda d: submit_form(d.ledger, "C-1", "price", "S", values, actor="clerk")


MALFORMED: dict[str, tuple[Deed, str]] = {
    "an order line without its unit": (lambda d: d.tell(order(unit=" ")), "unit_missing"),
    "money without its currency": (
        lambda d: d.tell(RecordReceipt(receipt="R", amount=Money(1, ""))),
        "unit_missing",
    ),
    "money as a binary float": (
        lambda d: d.tell(RecordReceipt(receipt="R", amount=cny(12.5))),
        "inexact_amount",
    ),
    "a form's number as a binary float": (form(price=12.5), "inexact_amount"),
    "a score off the scale": (
        lambda d: d.tell(AnswerSurvey(survey="S", wave="1", question="recommend", scale="nps", score=11)),
        "out_of_scale",
    ),
    "31 September": (form(day="2025-09-31"), "invalid_date"),
    "a cut on 31 September": (lambda d: d.ledger.history("C-1").as_of("2025-09-31"), "invalid_date"),
    "a text without end": (
        lambda d: d.tell(
            ReceiveFeedback(feedback="1", kind="opinion", category="x", content="x" * (LONGEST_TEXT + 1))
        ),
        "text_too_long",
    ),
    "a product's name without end": (
        lambda d: d.tell(order(product="x" * (LONGEST_TEXT + 1))),
        "text_too_long",
    ),
    "a reason without end": (
        lambda d: d.tell(RecordProfileFact(field_name="city", value="X"), reason="x" * (LONGEST_TEXT + 1)),
        "text_too_long",
    ),
    "a field that the form does not have": (form(colour="red"), "unknown_field"),
}


@pytest.mark.rule("CORE-IN-b")
@pytest.mark.parametrize(("deed", "code"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_leaves_nothing(desk: Desk, deed: Deed, code: str) -> None:
    fields = (FormField("price", type="decimal"), FormField("day", type="date"))
    desk.tell(DefineForm(title="Price", fields=fields), who=form_stream("price"))
    refused(desk, deed, Invalid, code)


@pytest.mark.rule("CORE-IN-b")
def test_the_longest_text_is_kept_whole(desk: Desk) -> None:
    text = "x" * LONGEST_TEXT
    (told,) = desk.tell(ReceiveFeedback(feedback="1", kind="opinion", category="x", content=text)).events
    assert told.content == text  # type: ignore[attr-defined]


@pytest.mark.rule("CORE-IN-b")
def test_a_malformed_line_of_a_feed_is_named_and_the_others_stay(desk: Desk) -> None:
    told = [
        Telling(
            "C-1",
            ReceiveFeedback(feedback=str(n), kind="opinion", category="x", content=text),
            "feed",
            batch="b",
        )
        for n, text in enumerate(("ok", "x" * (LONGEST_TEXT + 1)))
    ]
    assert [v.code for v in desk.ledger.take_in(told)] == [None, "text_too_long"]


# ---------------------------------------------------------------- times and references


FACTS: dict[str, guanxi.Command] = {
    "file": RecordProfileFact(field_name="city", value="Xi'an"),
    "contacts": RecordContactPoint(type="mobile", value="13800138000"),
    "people": NameContactPerson(person="P"),
    "pipeline": OpenOpportunity(opportunity="X", assignee="wang"),
    "dealings": RecordReceipt(receipt="R", amount=cny(1)),
    "service": ReceiveComplaint(complaint="K", category="delivery", content="late"),
    "governance": ReceiveRightsRequest(request="Q", right="copy"),
    "documents": PlaceLegalHold(hold="H", reason="order"),
}


@pytest.mark.rule("CORE-IN-d")
@pytest.mark.parametrize("command", FACTS.values(), ids=FACTS)
def test_a_fact_of_tomorrow_leaves_nothing(desk: Desk, command: guanxi.Command) -> None:
    refused(desk, lambda d: d.tell(command, "2025-06-03"), Invalid, "future_dated")
    told = Telling("C-1", command, "feed", occurred_at=moment("2025-06-03"), happened=True, batch="b")
    assert [v.code for v in desk.ledger.take_in([told])] == ["future_dated"]


@pytest.mark.rule("CORE-IN-e")
@pytest.mark.parametrize("command", FACTS.values(), ids=FACTS)
def test_a_late_fact_needs_a_reason_by_hand_and_none_in_a_batch_that_lists_it(
    desk: Desk, command: guanxi.Command
) -> None:
    refused(desk, lambda d: d.tell(command, "2025-05-29"), Incomplete, "late_entry_needs_reason")
    told = Telling(
        "C-1", command, "feed", occurred_at=moment("2025-05-29"), source=Source("s", "1"), batch="b-7"
    )
    assert [v.status for v in desk.ledger.take_in([told])] == ["accepted"]
    listed = [e for e in desk.ledger.store.entries(desk.stream()) if e.batch == "b-7"]
    assert listed
    assert all(e.occurred_at < e.recorded_at for e in listed[:1])
    with Desk(plugins=[], now="2025-06-02").open(on="2025-01-01") as by_hand:
        assert by_hand.tell(command, "2025-05-29", reason="the form lay about").entries


@pytest.mark.rule("CORE-IN-f")
@pytest.mark.parametrize("command", FACTS.values(), ids=FACTS)
def test_the_same_reference_is_known_and_other_content_under_it_conflicts(
    desk: Desk, command: guanxi.Command
) -> None:
    source = Source("post", "17")
    first = desk.tell(command, source=source)
    assert first.code is None
    before = desk.count()
    again = desk.tell(command, source=source)
    assert (again.code, again.entries) == ("already_known", first.entries)
    other = RecordProfileFact(field_name="remark", value="other")
    refused(desk, lambda d: d.tell(other, source=source), Conflict, "source_conflict")
    verdicts = desk.ledger.take_in(
        [Telling("C-1", c, "feed", source=source, batch="b", untimed=True) for c in (command, other)]
    )
    assert [v.code for v in verdicts] == ["already_known", "source_conflict"]
    assert desk.count() == before


# ---------------------------------------------------------------- files


@pytest.mark.rule("CORE-IN-g")
@pytest.mark.parametrize("command", FACTS.values(), ids=FACTS)
def test_an_entry_for_a_file_that_nobody_opened_is_refused_by_hand_and_parked_in_an_import(
    desk: Desk, command: guanxi.Command
) -> None:
    refused(desk, lambda d: d.tell(command, who="C-9"), Unknown, "unknown_relationship")
    told = Telling(
        "C-9",
        command,
        "feed",
        occurred_at=moment("2025-06-01"),
        source=Source("s", "1"),
        batch="b",
        happened=True,
    )
    (verdict,) = desk.ledger.take_in([told])
    assert (verdict.status, verdict.code) == ("waiting", "awaiting_file")
    assert [v.code for v in keep_waiting(desk.ledger, [told])] == ["awaiting_file"]
    assert [v.code for v in keep_waiting(desk.ledger, [told])] == ["already_known"]
    desk.open("C-9", on="2025-01-01")
    assert desk.ledger.take_in([told])[0].code == "already_known"


@pytest.fixture(scope="module")
def destroyed() -> Iterator[Desk]:
    """A file that ended in 2020, of which the only paper was destroyed under an approved list in July 2025."""
    with Desk(plugins=[], now="2015-01-01").open(on="2015-01-01") as d:
        d.ledger.publish(
            RetentionRules(classes={"form": ("short",)}, periods={"short": 5}),
            effective_from=d.now,
            by="clerk",
            approved_by="head",
        )
        paper = HandInDocument(document="D1", document_type="form", formed_on=date(2015, 1, 10), pages=1)
        d.on("2015-02-01").tell(paper)
        d.on("2020-06-30").tell(CloseRelationship(reason_code="price"))
        d.on("2025-07-01").tell(
            ApproveDestruction(list_no="V-1", documents=("D1",), approver="head", reason="run out")
        )
        d.tell(DestroyDocument(document="D1", list_no="V-1", executor="zhao", supervisor="sun"))
        yield d.on("2025-07-10")


LATER: dict[str, guanxi.Command] = {
    **{name: c for name, c in FACTS.items() if not type(c).after_closing},
    "papers": HandInDocument(document="D2", document_type="form", formed_on=date(2015, 1, 10), pages=1),
    "reopening": ReopenRelationship(reason_code="customer_returned"),
}


@pytest.mark.rule("CORE-IN-g")
@pytest.mark.parametrize("happened", [False, True])
@pytest.mark.parametrize("command", LATER.values(), ids=LATER)
def test_nothing_is_added_to_a_file_that_was_destroyed(
    destroyed: Desk, command: guanxi.Command, happened: bool
) -> None:
    refused(destroyed, lambda d: d.tell(command, happened=happened, reason="r"), RuleNotMet, "file_destroyed")


@pytest.mark.rule("CORE-IN-g")
def test_a_data_subject_may_still_ask_after_a_file_that_was_destroyed(destroyed: Desk) -> None:
    assert destroyed.tell(ReceiveRightsRequest(request="Q-9", right="know")).entries


# ---------------------------------------------------------------- rules and rights

BREAKING: dict[str, tuple[Deed, type[Refusal], str]] = {
    "destruction of an open file": (
        lambda d: d.tell(
            ApproveDestruction(list_no="V", documents=("D1",), approver="head", reason="full shelf")
        ),
        RuleNotMet,
        "file_open",
    ),
    "a paper replaced": (
        lambda d: d.tell(
            HandInDocument(document="D1", document_type="form", formed_on=date(2025, 5, 1), pages=1)
        ),
        RuleNotMet,
        "history_immutable",
    ),
    "more delivered than ordered": (
        lambda d: d.tell(DeliverGoods(order="O-1", lines=(LineQuantity(line="1", quantity=Decimal(2)),))),
        RuleNotMet,
        "quantity_exceeded",
    ),
    "rules for yesterday": (
        lambda d: d.ledger.publish(
            CalendarRules(), effective_from=d.now - timedelta(days=9), by="clerk", approved_by="head"
        ),
        RuleNotMet,
        "retroactive_rule",
    ),
}


@pytest.mark.rule("CORE-IN-k")
@pytest.mark.parametrize(("deed", "outcome", "code"), BREAKING.values(), ids=BREAKING)
def test_an_instruction_that_would_break_a_rule_leaves_nothing(
    desk: Desk, deed: Deed, outcome: type[Refusal], code: str
) -> None:
    desk.tell(HandInDocument(document="D1", document_type="form", formed_on=date(2025, 5, 1), pages=1))
    desk.tell(order())
    refused(desk, deed, outcome, code)


@pytest.mark.rule("CORE-IN-l")
@pytest.mark.parametrize(
    ("user", "customer", "command", "code"),
    [
        ("ann", "C-1", AssignMaintainer(person="bob"), "not_authorised"),
        ("ann", "C-2", ReceiveComplaint(complaint="K", category="delivery", content="x"), None),
        ("eve", "C-1", OpenOpportunity(opportunity="X", assignee="eve"), "section_closed"),
        (
            "adviser",
            "C-1",
            MakePromise(promise="P", content="x", due=date(2025, 6, 1), basis="call", promiser="adviser"),
            "not_authorised",
        ),
        ("clerk1", "C-1", RecordReceipt(receipt="R", amount=cny(1)), "not_authorised"),
        ("root", "C-1", RecordProfileFact(field_name="city", value="X"), "not_authorised"),
        ("nobody", "C-1", ReceiveRightsRequest(request="Q", right="copy"), "not_authorised"),
    ],
)
def test_an_act_without_the_right_leaves_the_attempt_alone(
    user: str, customer: str, command: guanxi.Command, code: str | None
) -> None:
    with Office() as office:
        if code is None:
            assert office.as_(user).execute(customer, command, actor=user).entries
            assert office.attempts(user) == []
            return
        before = office.count()
        with pytest.raises(NotPermitted) as answer:
            office.as_(user).execute(customer, command, actor=user)
        assert answer.value.code == code
        (kept,) = office.log(user)
        assert isinstance(kept, AttemptRefused)
        assert (kept.code, kept.asked, kept.rule) == (code, type(command).stored_name, answer.value.rule)
        assert office.count() == before + 1


# ---------------------------------------------------------------- what stands


@pytest.mark.rule("CORE-IN-n")
def test_nothing_is_overwritten_and_a_back_dated_second_owner_gives_way_to_the_first(desk: Desk) -> None:
    paper = HandInDocument(document="D1", document_type="form", formed_on=date(2025, 5, 1), pages=1)
    desk.tell(paper)
    desk.tell(AssignMaintainer(person="A"), "2025-04-01", reason="since then")
    refused(desk, lambda d: d.tell(paper), RuleNotMet, "history_immutable")
    told = refused(
        desk,
        lambda d: d.tell(AssignMaintainer(person="B"), "2025-05-01", reason="agreed then"),
        Conflict,
        "already_maintained",
    )
    assert told.facts["maintainer"] == "A"
    own: Ownership = desk.ledger.history("C-1").state(Ownership)
    assert own.maintainer == "A"


@pytest.mark.rule("CORE-IN-r")
def test_a_paper_that_fails_the_gate_is_kept_as_rejected_with_its_faults(desk: Desk) -> None:
    paper = HandInDocument(document="K-1", document_type="contract", formed_on=date(2025, 5, 1), pages=2)
    before = desk.count()
    with pytest.raises(Incomplete) as answer:
        desk.tell(paper)
    faults = [f"{code}: {what}" for code, what in (("signature", "customer"), ("signature", "firm"))]
    assert (answer.value.code, answer.value.facts["faults"]) == ("intake_rejected", faults)
    (line,) = [x for x in desk.ledger.history("C-1").lines() if x.name == "core.document_rejected"]
    assert list(line.event.faults) == faults
    assert desk.count() == before + 1


@pytest.mark.rule("CORE-IN-u")
def test_a_term_through_a_year_without_published_holidays_is_accepted_as_provisional() -> None:
    with Desk(plugins=[], now="2099-12-20").open(on="2099-12-01") as desk:
        rolling = CalendarRules(roll_over_rest_day=True)
        desk.ledger.publish(rolling, effective_from=desk.now, by="clerk", approved_by="head")
        assert desk.on("2099-12-21").tell(ReceiveRightsRequest(request="Q", right="copy")).entries
        (due,) = desk.ledger.due_items(customer="C-1", cadence=answers.name, as_of=moment("2099-12-31"))
        assert due.provisional
