"""What others see: a schedule by the reader's post, an item by its collaborators, the file by the customer himself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from guanxi import Command, Incomplete, Money, NotPermitted, RecordProfileFact
from guanxi.kernel.access import let_in
from guanxi.relationship.access.commands import SubmitChange
from guanxi.relationship.access.events import AttemptRefused, FileViewed
from guanxi.relationship.care.commands import GiveConsent, SendMessage, SetContactPreference, WithdrawConsent
from guanxi.relationship.dealings.commands import RecordReceipt
from guanxi.relationship.file.commands import RecordContactPoint
from guanxi.relationship.ownership.commands import AssignMaintainer
from guanxi.relationship.ownership.maintainers import Ownership
from guanxi.relationship.pipeline.commands import (
    CloseOpportunity,
    OpenOpportunity,
    RecordAction,
    ReopenOpportunity,
)
from guanxi.relationship.service.commands import AnswerFeedback, ReceiveComplaint, ReceiveFeedback, RecordNeed
from guanxi.relationship.together.agendas import BUSY, Entry, agenda
from guanxi.relationship.together.collaborating import own_entries, read_item
from guanxi.relationship.together.commands import (
    JoinTeam,
    MakeAppointment,
    PostDiscussion,
    PublishKnowledge,
)
from guanxi.relationship.together.knowledge import article_stream
from guanxi.relationship.together.schedules import schedule_stream
from guanxi.relationship.together.self_service import SelfService
from tests.kernel.desks import Desk, moment
from tests.relationship.access.offices import Office

X = ("opportunity", "X")


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-03-01").open("C-1", "C-2", on="2025-01-01", name="李明") as d:
        yield d


def log(desk: Desk, who: str) -> list[Any]:
    with let_in():
        found = desk.ledger.search(actor=who)
        return [r.event for r in found if isinstance(r.event, FileViewed | AttemptRefused)]


# ---------------------------------------------------------------- schedules


@pytest.fixture
def office() -> Iterator[Office]:
    with Office("2025-06-10") as o:
        at = {"starts": moment("2025-06-12T10:00"), "ends": moment("2025-06-12T11:00")}
        told = MakeAppointment(appointment="A-1", with_whom="Mr Zhao", customer="C-1", **at)
        o.setting(schedule_stream("ann"), told)
        at = {"starts": moment("2025-06-12T12:00"), "ends": moment("2025-06-12T13:00")}
        o.setting(schedule_stream("ann"), MakeAppointment(appointment="A-2", private=True, **at))
        yield o


def day(office: Office, reader: str, as_of: datetime | None = None) -> list[Entry]:
    start, end = moment("2025-06-12T00:00"), moment("2025-06-13T00:00")
    return agenda(office.ledger, "ann", reader, start, end, as_of=as_of)


@pytest.mark.rule("CORE-85b")
@pytest.mark.parametrize(
    ("reader", "shown"), [("ann", [None, None]), ("head", [None, BUSY]), ("bob", [BUSY, BUSY])]
)
def test_a_schedule_is_shown_by_the_readers_post(
    office: Office, reader: str, shown: list[str | None]
) -> None:
    entries = day(office, reader)
    assert [e.shown for e in entries] == shown
    for entry in entries:
        if entry.shown == BUSY:
            assert (entry.appointment, entry.with_whom, entry.customer) == (None, None, None)
    if shown[0] is None:
        assert (entries[0].appointment, entries[0].with_whom, entries[0].customer) == (
            "A-1",
            "Mr Zhao",
            "C-1",
        )


@pytest.mark.rule("CORE-85b")
@pytest.mark.parametrize("reader", ["head2", "eve", "nobody"])
def test_another_section_sees_nothing_of_a_schedule(office: Office, reader: str) -> None:
    with pytest.raises(NotPermitted, match="section_closed"):
        day(office, reader)
    assert [e.code for e in log(office, reader)] == ["section_closed"]


@pytest.mark.rule("CORE-85b")
def test_the_tree_of_posts_counts_as_it_was(office: Office) -> None:
    office.on("2025-06-11").post("head-1", "business", "1", None)
    office.post("ann-post", "business", "1", "head-2")
    assert [e.shown for e in day(office, "head2")] == [None, BUSY]
    assert [e.shown for e in day(office, "head", moment("2025-06-10"))] == [None, BUSY]
    assert [e.shown for e in day(office, "head")] == [BUSY, BUSY]


@pytest.mark.rule("CORE-85b")
def test_a_schedule_is_not_read_past_what_is_shown_of_it(office: Office) -> None:
    assert office.as_("ann").history(schedule_stream("ann")).lines()
    for reader in ("head", "bob", "eve"):
        with pytest.raises(NotPermitted, match="not_authorised"):
            office.as_(reader).history(schedule_stream("ann"))


# ---------------------------------------------------------------- collaborators


@pytest.mark.rule("CORE-86a")
def test_a_collaborator_reads_his_item_to_the_day_it_closes_and_his_own_entries_for_good(desk: Desk) -> None:
    desk.tell(AssignMaintainer(person="wang"))
    desk.tell(OpenOpportunity(opportunity="X", assignee="wang"))
    desk.tell(OpenOpportunity(opportunity="Y", assignee="wang"))
    desk.tell(JoinTeam(person="engineer", item_kind="opportunity", item="X", part="design"))
    action = RecordAction(kind="call", item_kind="opportunity", item="X")
    desk.on("2025-04-01").tell(action, actor="engineer")
    desk.on("2025-05-10").tell(CloseOpportunity(opportunity="X", outcome="lost", reason_code="price"))

    def maintainer() -> str | None:
        state: Ownership = desk.ledger.history("C-1").state(Ownership)
        return state.maintainer

    def names(lines: Any) -> list[str]:
        return [x.name for x in lines]

    shown = names(read_item(desk.ledger, "C-1", X, "engineer"))
    assert {"core.opportunity_opened", "core.action_recorded", "core.opportunity_closed"} <= set(shown)
    assert not any(
        getattr(x.event, "opportunity", "X") == "Y" for x in read_item(desk.ledger, "C-1", X, "engineer")
    )
    with pytest.raises(NotPermitted, match="not_authorised"):
        read_item(desk.ledger, "C-1", ("opportunity", "Y"), "engineer")
    desk.on("2025-05-11")
    with pytest.raises(NotPermitted, match="not_authorised"):
        read_item(desk.ledger, "C-1", X, "engineer")
    assert names(own_entries(desk.ledger, "C-1", X, "engineer")) == ["core.action_recorded"]
    assert own_entries(desk.ledger, "C-1", X, "somebody") == []
    desk.on("2025-06-01").tell(ReopenOpportunity(opportunity="X", reason="asked again"))
    with pytest.raises(NotPermitted, match="not_authorised"):
        read_item(desk.ledger, "C-1", X, "engineer")
    desk.tell(JoinTeam(person="engineer", item_kind="opportunity", item="X", part="design"))
    assert names(read_item(desk.ledger, "C-1", X, "engineer"))
    assert maintainer() == "wang"
    attempts = [e for e in log(desk, "engineer") if isinstance(e, AttemptRefused)]
    assert [(e.code, e.asked) for e in attempts] == [
        ("not_authorised", "opportunity/Y"),
        ("not_authorised", "opportunity/X"),
        ("not_authorised", "opportunity/X"),
    ]


# ---------------------------------------------------------------- self-service


@pytest.fixture
def customer(desk: Desk) -> SelfService:
    desk.tell(RecordContactPoint(type="mobile", value="13800138000"))
    desk.tell(RecordReceipt(receipt="R-1", amount=Money(100, "CNY")))
    return SelfService(desk.ledger, "C-1", verified=True)


@pytest.mark.rule("CORE-88a")
def test_a_change_that_the_customer_hands_in_waits_until_it_is_posted(
    desk: Desk, customer: SelfService
) -> None:
    desk.on("2025-06-01")
    told = customer.tell(SubmitChange(submission="S-1", field_name="address", value="Xi'an"))
    assert {e.actor for e in told.entries} == {"customer:C-1"}

    def address() -> list[Any]:
        rows = desk.ledger.whole_view("C-1").section("core.view_file").rows
        return [row[1] for row in rows if row[0] == "address"]

    assert address() == []
    desk.on("2025-06-02").tell(RecordProfileFact(field_name="address", value="Xi'an"))
    assert address() == ["Xi'an"]


@pytest.mark.rule("CORE-88a")
def test_a_consent_that_the_customer_withdraws_ends_at_once(desk: Desk, customer: SelfService) -> None:
    desk.on("2025-05-01")
    customer.tell(GiveConsent(wording_version="1", channel="sms"))

    def send(number: str, at: str) -> list[str]:
        desk.now = moment(at)
        told = SendMessage(message=number, kind="marketing", channel="sms")
        return [type(e).__name__ for e in desk.tell(told, at).events]

    assert "MessageSent" in send("M-1", "2025-06-01T09:59")
    desk.now = moment("2025-06-01T10:00")
    customer.tell(WithdrawConsent(channel="sms"))
    assert "MessageWithheld" in send("M-2", "2025-06-01T10:00")
    assert "MessageWithheld" in send("M-3", "2025-06-01T10:01")


@pytest.mark.rule("CORE-88")
@pytest.mark.parametrize(
    "command",
    [
        ReceiveComplaint(complaint="K", category="delivery", content="late"),
        RecordNeed(need="N", wording="faster", channel="web"),
        SetContactPreference(windows="mon-fri 09:30-18:00"),
    ],
    ids=lambda c: c.stored_name,
)
def test_the_customer_states_needs_complaints_and_windows_himself(
    desk: Desk, customer: SelfService, command: Command
) -> None:
    told = customer.tell(command)
    assert [(e.actor, e.channel) for e in told.entries[:1]] == [("customer:C-1", "self_service")]


@pytest.mark.rule("CORE-88b")
def test_grades_and_what_is_internal_are_not_shown_and_every_view_is_kept(
    desk: Desk, customer: SelfService
) -> None:
    view = customer.view()
    names = {s.name for s in view.sections}
    assert {"core.view_orders", "core.view_payments", "core.view_contracts", "core.view_service"} <= names
    assert not names & {
        "core.view_grades",
        "core.view_owner",
        "core.view_leads",
        "core.view_opportunities",
        "core.view_promises",
    }
    with pytest.raises(KeyError):
        view.section("core.view_grades")
    assert not {"stage", "trust", "section"} & {row[0] for row in view.section("core.view_file").rows}
    assert [row[0] for row in view.section("core.view_payments").rows] == ["R-1"]
    assert view.due == ()
    (kept,) = log(desk, "customer:C-1")
    assert (kept.customer, kept.operation) == (view.stream, "self_service")


@pytest.mark.rule("CORE-88b")
@pytest.mark.parametrize("account", ["C-2", "C-9"])
def test_another_file_is_not_shown_and_the_attempt_is_kept(
    desk: Desk, customer: SelfService, account: str
) -> None:
    with pytest.raises(NotPermitted, match="not_authorised"):
        customer.view(account)
    with pytest.raises(NotPermitted, match="not_authorised"):
        customer.tell(RecordNeed(need="N", wording="faster", channel="web"), account)
    assert [e.code for e in log(desk, "customer:C-1")] == ["not_authorised", "not_authorised"]


@pytest.mark.rule("CORE-88b")
def test_somebody_whose_identity_is_not_verified_sees_and_tells_nothing(
    desk: Desk, customer: SelfService
) -> None:
    unknown = SelfService(desk.ledger, "C-1", verified=False)
    with pytest.raises(NotPermitted, match="identity_not_verified"):
        unknown.view()
    with pytest.raises(NotPermitted, match="identity_not_verified"):
        unknown.tell(WithdrawConsent(channel="sms"))
    kept = log(desk, "customer:C-1")
    assert [(type(e), e.code) for e in kept] == [(AttemptRefused, "identity_not_verified")] * 2


@pytest.mark.rule("CORE-88b")
@pytest.mark.parametrize(
    "command", [RecordProfileFact(field_name="city", value="X"), PostDiscussion(post="P", text="x")]
)
def test_what_is_not_the_customers_to_say_is_refused_and_kept(
    desk: Desk, customer: SelfService, command: Command
) -> None:
    with pytest.raises(NotPermitted, match="not_authorised"):
        customer.tell(command)
    assert [e.asked for e in log(desk, "customer:C-1")] == [command.stored_name]


# ---------------------------------------------------------------- discussion and knowledge


@pytest.mark.rule("CORE-92a")
def test_a_post_is_no_follow_up_and_is_not_shown_to_the_customer(desk: Desk) -> None:
    desk.tell(OpenOpportunity(opportunity="X", assignee="wang"))
    desk.tell(RecordAction(kind="call", item_kind="opportunity", item="X"))

    def contacts() -> Any:
        rows = desk.ledger.due_items(customer="C-1", as_of=moment("2025-06-30"))
        return [(r.cadence, r.key, r.since, r.until, r.state) for r in rows if r.cadence != "core.follow_up"]

    desk.on("2025-04-10")
    post = PostDiscussion(post="P-1", text="offer him less", item="X")
    (entry,) = desk.tell(post).entries
    assert entry.name == "core.discussion_posted"

    def follow_up(as_of: str) -> dict[str, str]:
        rows = desk.ledger.due_items(customer="C-1", as_of=moment(as_of), cadence="core.follow_up")
        return {r.key: r.state for r in rows}

    desk.on("2025-07-01")
    assert follow_up("2025-04-30")["opportunity:X/2025-04"] == "open"
    assert follow_up("2025-05-01T00:00")["opportunity:X/2025-04"] == "overdue"
    with_post = contacts()
    view = SelfService(desk.ledger, "C-1", verified=True).view()
    assert "offer him less" not in str(view)
    desk.ledger.void(entry.id, actor="clerk", reason="typed twice")
    assert contacts() == with_post


@pytest.mark.rule("CORE-92b")
def test_an_answer_names_the_version_it_was_taken_from(desk: Desk) -> None:
    for day in ("2025-04-01", "2025-04-10", "2025-04-20"):
        desk.on(day).tell(PublishKnowledge(title="Delivery", text=day), who=article_stream("delivery"))
    desk.on("2025-05-02").tell(
        ReceiveFeedback(feedback="F-1", kind="inquiry", category="delivery", content="when")
    )
    answer = AnswerFeedback(feedback="F-1", answer="in May", article="delivery", article_version=3)
    desk.tell(answer)
    desk.on("2025-05-10").tell(PublishKnowledge(title="Delivery", text="new"), who=article_stream("delivery"))
    (line,) = [x for x in desk.ledger.history("C-1").lines() if x.name == "core.feedback_answered"]
    assert (line.event.article, line.event.article_version) == ("delivery", 3)
    with pytest.raises(Incomplete, match="document_missing"):
        AnswerFeedback(feedback="F-1", article="delivery")
