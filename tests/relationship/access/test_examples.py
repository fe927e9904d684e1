"""Who may read and do what, case by case (CORE-07, CORE-22, CORE-67 to CORE-70)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from guanxi import Conflict, GuanxiError, Incomplete, Invalid, Money, NotPermitted, Unknown
from guanxi.kernel.access import let_in
from guanxi.relationship.access.commands import (
    DecideApproval,
    EnrolStaff,
    EstablishPost,
    FreezeAccount,
    IssueExtract,
    KeepView,
    LogIn,
    RejectChange,
    RequestApproval,
    RequestLookup,
    SetLevel,
    SubmitChange,
)
from guanxi.relationship.access.events import ExtractIssued
from guanxi.relationship.access.streams import log_stream, post_stream, staff_stream
from guanxi.relationship.access.submissions import Submissions
from guanxi.relationship.file.commands import MergeFiles, RecordContactPoint, RecordProfileFact
from guanxi.relationship.file.customer_file import CustomerFile
from guanxi.relationship.file.events import ChangeSubmissionRejected
from guanxi.relationship.ownership.commands import AcceptHandover, AssignMaintainer, ProposeHandover
from guanxi.relationship.pipeline.commands import (
    CloseOpportunity,
    EndContract,
    OpenOpportunity,
    RecordAction,
    SignContract,
)
from guanxi.relationship.service.commands import ReceiveComplaint
from guanxi.relationship.together.collaborating import read_item
from guanxi.relationship.together.commands import JoinTeam, LeaveTeam, PublishKnowledge
from tests.relationship.access.offices import Office, moment

ADDRESS = RecordContactPoint(type="address", value="1 Nanjing Road")
CALL = RecordAction(kind="call", direction="out", content="called")


@pytest.fixture
def office() -> Iterator[Office]:
    with Office() as office:
        yield office


def code_of(error: pytest.ExceptionInfo[GuanxiError]) -> str:
    return error.value.code


# ------------------------------------------------------------ CORE-07


@pytest.mark.rule("CORE-07a")
def test_nobody_decides_what_he_asked_for_himself(office: Office) -> None:
    asked = RequestApproval(approval="A-1", item="extract", customer="C-1")
    office.as_("head").execute(staff_stream("head"), asked)
    with pytest.raises(NotPermitted) as refused:
        office.as_("head").execute(staff_stream("head"), DecideApproval(approval="A-1", outcome="approved"))
    assert code_of(refused) == "approver_conflict"


@pytest.mark.rule("CORE-07a")
def test_an_adviser_proposes_a_hand_over_and_does_not_execute_it(office: Office) -> None:
    adviser = office.as_("adviser")
    adviser.execute("C-1", ProposeHandover(handover="H-1", receiver="bob"))
    with pytest.raises(NotPermitted) as refused:
        adviser.execute(
            "C-1", AcceptHandover(handover="H-1", giver_signature="ann", receiver_signature="bob")
        )
    assert code_of(refused) == "not_authorised"
    with let_in():
        names = [line.name for line in office.ledger.history("C-1").lines()]
    assert "core.handover_proposed" in names
    assert "core.handover_accepted" not in names


@pytest.mark.rule("CORE-07b")
def test_a_look_up_refused_one_day_and_approved_the_next_holds_from_then_on(office: Office) -> None:
    office.on("2025-05-09")
    bob = office.as_("bob")
    bob.execute(staff_stream("bob"), RequestLookup(lookup="L-1", customers=("C-1",), purpose="offer"))
    head = office.as_("head")
    head.execute(staff_stream("bob"), DecideApproval(approval="L-1", outcome="refused", reason="why"))
    with pytest.raises(NotPermitted, match="lookup_not_approved"):
        bob.history("C-1")
    office.on("2025-05-10")
    head.execute(staff_stream("bob"), DecideApproval(approval="L-1", outcome="approved"))
    bob.history("C-1")
    assert office.attempts("bob") == ["lookup_not_approved"]


@pytest.mark.rule("CORE-07")
@pytest.mark.parametrize(
    ("person", "shown"), [("ann", True), ("bob", False), ("eve", False), (None, False), ("robot", False)]
)
def test_an_agent_has_at_most_the_rights_of_the_person_for_whom_it_acts(
    office: Office, person: str | None, shown: bool
) -> None:
    office.setting(staff_stream("robot"), EnrolStaff(kind="agent"))
    robot = office.as_("robot", on_behalf_of=person)
    if shown:
        robot.history("C-1")
    else:
        with pytest.raises(NotPermitted):
            robot.history("C-1")


@pytest.mark.rule("CORE-07")
def test_an_agent_may_be_held_below_the_person_for_whom_it_acts(office: Office) -> None:
    office.setting(staff_stream("robot"), EnrolStaff(kind="agent"))
    office.setting(staff_stream("robot"), SetLevel(section="1", level=1))
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("robot", on_behalf_of="ann").history("C-1")


@pytest.mark.rule("CORE-07")
def test_only_those_named_decide(office: Office) -> None:
    asked = RequestApproval(approval="A-1", item="extract", customer="C-1", deciders=("vice",))
    office.as_("bob").execute(staff_stream("bob"), asked)
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("head").execute(staff_stream("bob"), DecideApproval(approval="A-1", outcome="approved"))


@pytest.mark.rule("CORE-07")
def test_what_is_approved_is_not_decided_again_and_what_nobody_asked_for_is_unknown(office: Office) -> None:
    office.as_("bob").execute(staff_stream("bob"), RequestApproval(approval="A-1", item="extract"))
    head = office.as_("head")
    head.execute(staff_stream("bob"), DecideApproval(approval="A-1", outcome="approved"))
    with pytest.raises(Conflict, match="already_known"):
        head.execute(staff_stream("bob"), DecideApproval(approval="A-1", outcome="refused", reason="late"))
    with pytest.raises(Unknown, match="unknown_code"):
        head.execute(staff_stream("bob"), DecideApproval(approval="A-2", outcome="approved"))


@pytest.mark.rule("CORE-07")
def test_a_refusal_needs_a_reason() -> None:
    with pytest.raises(Incomplete, match="reason_missing"):
        DecideApproval(approval="A-1", outcome="refused")


# ------------------------------------------------------------ CORE-22


@pytest.mark.rule("CORE-22a")
def test_another_section_is_closed_and_the_attempt_kept_but_a_vice_president_sees_it(office: Office) -> None:
    with pytest.raises(NotPermitted) as refused:
        office.as_("ann").history("C-9")
    assert code_of(refused) == "section_closed"
    assert office.attempts("ann") == ["section_closed"]
    assert office.as_("vice").history("C-9").stream == office.stream("C-9")


@pytest.mark.rule("CORE-22c")
def test_who_moved_to_another_section_reads_no_file_of_his_old_one(office: Office) -> None:
    office.as_("ann").history("C-1")
    office.setting(post_stream("ann-2"), EstablishPost(role="business", section="2"))
    office.on("2025-06-01").move("ann", "ann-post", "ann-2")
    office.setting(staff_stream("ann"), SetLevel(section="2", level=3))
    with pytest.raises(NotPermitted) as refused:
        office.on("2025-06-02").as_("ann").history("C-1")
    assert code_of(refused) == "section_closed"


@pytest.mark.rule("CORE-22")
def test_system_administrators_see_no_customer(office: Office) -> None:
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("root").history("C-1")


# ------------------------------------------------------------ CORE-67


@pytest.mark.rule("CORE-67a")
def test_a_depositor_submits_a_complaint_and_does_not_read_it_back(office: Office) -> None:
    office.setting(staff_stream("ann"), SetLevel(section="1", level=1))
    office.as_("ann").execute("C-1", complaint())
    with pytest.raises(NotPermitted) as refused:
        office.as_("ann").history("C-1")
    assert code_of(refused) == "not_authorised"


@pytest.mark.rule("CORE-67a")
def test_an_author_corrects_his_own_entries_and_no_colleagues(office: Office) -> None:
    mine = office.as_("ann").execute("C-1", CALL).entries[0]
    office.as_("ann").correct(mine.id, {"content": "called twice"}, reason="slip")
    with pytest.raises(NotPermitted) as refused:
        office.as_("bob").correct(mine.id, {"content": "never"}, reason="slip")
    assert code_of(refused) == "not_authorised"


@pytest.mark.rule("CORE-67")
def test_an_editor_corrects_a_colleagues_entry(office: Office) -> None:
    entry = office.as_("ann").execute("C-1", CALL).entries[0]
    office.as_("head").correct(entry.id, {"content": "called twice"}, reason="slip")


@pytest.mark.rule("CORE-67b")
def test_the_highest_level_of_one_section_opens_no_other(office: Office) -> None:
    with pytest.raises(NotPermitted) as refused:
        office.as_("head").history("C-9")
    assert code_of(refused) == "section_closed"


@pytest.mark.rule("CORE-67c")
def test_a_superior_reads_what_his_people_read_along_the_tree_of_the_day(office: Office) -> None:
    with Office("2025-05-02") as office:
        for name in ("lead-b", "lead-c"):
            office.setting(post_stream(name), EstablishPost(role="business", section="1"))
        office.enrol("boris", "lead-b", 3, "1")
        office.enrol("carla", "lead-c", 3, "1")
        office.post("ann-post", "business", "1", "lead-b")
        office.on("2025-05-31").as_("boris").history("C-1")
        office.on("2025-06-01").post("ann-post", "business", "1", "lead-c")
        with pytest.raises(NotPermitted) as refused:
            office.as_("boris").history("C-1")
        assert code_of(refused) == "lookup_not_approved"
        office.as_("carla").history("C-1")
        with pytest.raises(NotPermitted) as refused:
            office.as_("carla").execute("C-1", CALL)
        assert code_of(refused) == "not_authorised"


@pytest.mark.rule("CORE-67")
def test_a_tree_that_runs_in_a_circle_is_gone_through_once(office: Office) -> None:
    office.post("ann-post", "business", "1", "loop")
    office.post("loop", "business", "1", "ann-post")
    with pytest.raises(NotPermitted, match="lookup_not_approved"):
        office.as_("bob").history("C-1")


@pytest.mark.rule("CORE-67")
@pytest.mark.parametrize("level", [-1, 7, True, "3"])
def test_there_are_seven_levels(level: object) -> None:
    with pytest.raises(Invalid, match="out_of_scale"):
        SetLevel(section="1", level=level)  # type: ignore[arg-type]


@pytest.mark.rule("CORE-67")
def test_a_level_is_granted_by_a_manager_of_that_section_alone(office: Office) -> None:
    office.as_("head").execute(staff_stream("bob"), SetLevel(section="1", level=2))
    for section, code in (("2", "section_closed"), ("*", "section_closed")):
        with pytest.raises(NotPermitted, match=code):
            office.as_("head").execute(staff_stream("bob"), SetLevel(section=section, level=2))
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("ann").execute(staff_stream("ann"), SetLevel(section="1", level=6))


@pytest.mark.rule("CORE-67")
def test_a_post_may_grant_a_command_beyond_its_role(office: Office) -> None:
    with pytest.raises(NotPermitted):
        office.as_("bob").execute("C-1", CALL)
    grants = EstablishPost(role="business", section="1", grants=("core.record_action",))
    office.setting(post_stream("bob-post"), grants)
    office.as_("bob").execute("C-1", CALL)
    with pytest.raises(NotPermitted, match="section_closed"):
        office.as_("bob").execute("C-9", CALL)


@pytest.mark.rule("CORE-67")
def test_a_frozen_account_gives_no_rights(office: Office) -> None:
    office.as_("head").execute(staff_stream("ann"), FreezeAccount(reason="means to leave"))
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("ann").history("C-1")


# ------------------------------------------------------------ CORE-68


@pytest.mark.rule("CORE-68b")
def test_master_data_is_posted_by_the_designated_post_alone(office: Office) -> None:
    for user in ("ann", "head", "files1", "adviser", "vice"):
        with pytest.raises(NotPermitted) as refused:
            office.as_(user).execute("C-1", ADDRESS)
        assert code_of(refused) == "not_authorised"
    office.as_("desk1").execute("C-1", ADDRESS)


@pytest.mark.rule("CORE-68")
def test_activities_are_recorded_directly(office: Office) -> None:
    office.as_("ann").execute("C-1", CALL)
    with pytest.raises(NotPermitted):
        office.as_("desk1").execute("C-1", CALL)


# ------------------------------------------------------------ CORE-69


@pytest.mark.rule("CORE-69a")
def test_a_look_up_is_approved_beforehand_for_its_scope_and_lapses(office: Office) -> None:
    bob = office.on("2025-06-05").as_("bob")
    with pytest.raises(NotPermitted) as refused:
        bob.history("C-1")
    assert code_of(refused) == "lookup_not_approved"
    assert office.attempts("bob") == ["lookup_not_approved"]
    bob.execute(staff_stream("bob"), RequestLookup(lookup="L-1", customers=("C-1",), purpose="offer"))
    office.as_("head").execute(staff_stream("bob"), DecideApproval(approval="L-1", outcome="approved"))
    office.on("2025-06-06")
    bob.history("C-1")
    office.setting("C-3", open_file())
    office.place("C-3", "1", "ann")
    for day, customer in (("2025-06-06", "C-3"), ("2025-06-09", "C-1")):
        office.on(day)
        with pytest.raises(NotPermitted) as refused:
            bob.history(customer)
        assert code_of(refused) == "lookup_not_approved"


@pytest.mark.rule("CORE-69a")
def test_a_manager_does_not_approve_his_own_look_up(office: Office) -> None:
    head = office.as_("head")
    head.execute(staff_stream("head"), RequestLookup(lookup="L-1", customers=("C-9",), purpose="curious"))
    with pytest.raises(NotPermitted) as refused:
        head.execute(staff_stream("head"), DecideApproval(approval="L-1", outcome="approved"))
    assert code_of(refused) == "approver_conflict"


@pytest.mark.rule("CORE-69")
def test_a_head_of_another_section_approves_no_look_up(office: Office) -> None:
    office.as_("bob").execute(
        staff_stream("bob"), RequestLookup(lookup="L-1", customers=("C-1",), purpose="offer")
    )
    with pytest.raises(NotPermitted, match="section_closed"):
        office.as_("head2").execute(staff_stream("bob"), DecideApproval(approval="L-1", outcome="approved"))


@pytest.mark.rule("CORE-69")
@pytest.mark.parametrize("channel", ["call", "counter"])
def test_a_customer_who_is_present_needs_no_approval(office: Office, channel: str) -> None:
    office.as_("bob", channel=channel).history("C-1")
    (view,) = office.log("bob")
    assert view.on == f"channel:{channel}"


@pytest.mark.rule("CORE-69")
def test_overseers_need_no_approval(office: Office) -> None:
    from guanxi.relationship.ownership.commands import AssignOversight

    office.setting("C-1", AssignOversight(leader="bob"))
    office.as_("bob").history("C-1")
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("bob").execute("C-1", CALL)


@pytest.mark.rule("CORE-69")
def test_every_view_is_on_record(office: Office) -> None:
    office.as_("ann").history("C-1")
    office.as_("vice").due_items(customer="C-1")
    assert (office.views("ann"), office.views("vice")) == (1, 1)
    (view,) = office.log("vice")
    assert (view.customer, view.operation) == (office.stream("C-1"), "due_items")


@pytest.mark.rule("CORE-69")
@pytest.mark.parametrize("how", ["search", "find_by", "report"])
def test_searching_over_all_customers_is_for_those_who_see_them(office: Office, how: str) -> None:
    calls = {
        "search": lambda ledger: ledger.search(name="core.file_opened"),
        "find_by": lambda ledger: ledger.find_by("core.identifier.till", "1"),
        "report": lambda ledger: ledger.report("core.files"),
    }
    for user, code in (("ann", "section_closed"), ("head", "section_closed"), ("root", "not_authorised")):
        with pytest.raises(NotPermitted, match=code):
            calls[how](office.as_(user))
    calls[how](office.as_("audit"))


@pytest.mark.rule("CORE-69")
def test_everybody_may_ask_what_he_himself_has_to_do(office: Office) -> None:
    office.as_("ann").due_items(person="ann")
    with pytest.raises(NotPermitted):
        office.as_("ann").due_items(person="bob")


# ------------------------------------------------------------ CORE-70


@pytest.mark.rule("CORE-70a")
def test_nothing_is_disclosed_outside_even_with_an_approval(office: Office) -> None:
    office.setting(staff_stream("partner"), EnrolStaff(kind="outside"))
    with pytest.raises(NotPermitted) as refused:
        office.as_("partner").history("C-1")
    assert code_of(refused) == "disclosure_refused"
    assert office.attempts("partner") == ["disclosure_refused"]
    approve_extract(office)
    with pytest.raises(NotPermitted) as refused:
        office.as_("bob").execute(
            staff_stream("bob"),
            IssueExtract(extract="E-1", customer="C-1", recipient="outside", approval="A-1"),
        )
    assert code_of(refused) == "disclosure_refused"
    assert office.attempts("bob") == ["disclosure_refused"]


@pytest.mark.rule("CORE-70a")
def test_staff_get_a_numbered_paper_extract_and_no_copy(office: Office) -> None:
    approve_extract(office)
    bob = office.as_("bob")
    copy = IssueExtract(extract="E-1", customer="C-1", approval="A-1", medium="copy")
    with pytest.raises(NotPermitted, match="disclosure_refused") as refused:
        bob.execute(staff_stream("bob"), copy)
    assert "paper extract" in refused.value.accepts
    assert office.attempts("bob") == ["disclosure_refused"]
    paper = IssueExtract(extract="E-1", customer="C-1", approval="A-1", content=("address",))
    (extract,) = bob.execute(staff_stream("bob"), paper).events
    assert isinstance(extract, ExtractIssued)
    assert (extract.extract, extract.recipient, extract.content) == ("E-1", "inside", ("address",))


@pytest.mark.rule("CORE-70")
def test_an_extract_needs_an_approval_for_that_customer_and_a_number_of_its_own(office: Office) -> None:
    approve_extract(office)
    bob = office.as_("bob")
    for asked in (
        IssueExtract(extract="E-1", customer="C-1"),
        IssueExtract(extract="E-1", customer="C-2", approval="A-1"),
        IssueExtract(extract="E-1", customer="C-1", approval="A-9"),
    ):
        with pytest.raises(Incomplete, match="approval_missing"):
            bob.execute(staff_stream("bob"), asked)
    paper = IssueExtract(extract="E-1", customer="C-1", approval="A-1")
    bob.execute(staff_stream("bob"), paper)
    with pytest.raises(Conflict, match="already_known"):
        bob.execute(staff_stream("bob"), paper)


@pytest.mark.rule("CORE-70")
def test_a_legal_order_is_recorded_with_its_basis(office: Office) -> None:
    files = office.as_("files1")
    with pytest.raises(Incomplete, match="reason_missing"):
        files.execute(
            staff_stream("files1"), IssueExtract(extract="E-1", customer="C-1", recipient="authority")
        )
    files.execute(
        staff_stream("files1"),
        IssueExtract(extract="E-1", customer="C-1", recipient="authority", basis="court order 12"),
    )


# ------------------------------------------------------------ the door


@pytest.mark.rule("CORE-67")
def test_nobody_keeps_views_or_attempts_by_hand(office: Office) -> None:
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("vice").execute(
            log_stream("ann", office.now), KeepView(customer="C-1", operation="history")
        )


@pytest.mark.rule("CORE-67")
def test_one_reads_ones_own_account_and_log_and_no_colleagues(office: Office) -> None:
    ann = office.as_("ann")
    ann.relationship(staff_stream("ann"))
    with pytest.raises(NotPermitted, match="not_authorised"):
        ann.relationship(staff_stream("bob"))
    office.as_("head").relationship(staff_stream("bob"))
    with pytest.raises(NotPermitted, match="section_closed"):
        office.as_("head2").relationship(staff_stream("bob"))


@pytest.mark.rule("CORE-72")
def test_one_logs_in_for_oneself_alone(office: Office) -> None:
    office.as_("ann").execute(staff_stream("ann"), LogIn())
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("bob").execute(staff_stream("ann"), LogIn())


@pytest.mark.rule("CORE-67")
def test_rights_are_those_of_the_moment_of_the_act(office: Office) -> None:
    with pytest.raises(NotPermitted):
        office.as_("bob").execute("C-1", CALL)
    with let_in():
        office.tell(ProposeHandover(handover="H-1", receiver="bob"), who="C-1", actor="ann")
        office.tell(
            AcceptHandover(handover="H-1", giver_signature="ann", receiver_signature="bob"),
            who="C-1",
            actor="bob",
        )
    office.as_("bob").execute("C-1", CALL)
    with pytest.raises(NotPermitted):
        office.as_("ann").history("C-1")


@pytest.mark.rule("CORE-67")
def test_a_customer_without_an_owner_is_assigned_by_the_head_of_his_section(office: Office) -> None:
    office.setting("C-4", open_file())
    office.place("C-4", "1", None)
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("ann").execute("C-4", AssignMaintainer(person="ann"))
    with pytest.raises(NotPermitted, match="section_closed"):
        office.as_("head2").execute("C-4", AssignMaintainer(person="eve"))
    office.as_("head").execute("C-4", AssignMaintainer(person="ann"))


@pytest.mark.rule("CORE-67")
def test_a_hand_over_is_accepted_by_who_takes_over(office: Office) -> None:
    office.as_("ann").execute("C-1", ProposeHandover(handover="H-1", receiver="bob"))
    accept = AcceptHandover(handover="H-1", giver_signature="ann", receiver_signature="bob")
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("desk1").execute("C-1", accept)
    office.as_("bob").execute("C-1", accept)


@pytest.mark.rule("CORE-67")
def test_a_level_counts_for_its_own_kind_of_content(office: Office) -> None:
    article = PublishKnowledge(title="returns", text="within seven days")
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("ann").execute("knowledge-K-1", article)
    office.setting(staff_stream("ann"), SetLevel(section="1", content="knowledge", level=3))
    office.as_("ann").execute("knowledge-K-1", article)


@pytest.mark.rule("CORE-68a")
def test_a_submitted_address_counts_from_its_own_day_once_it_is_posted(office: Office) -> None:
    office.setting("C-1", RecordProfileFact(field_name="address", value="old road"))
    office.on("2025-06-01").as_("ann").execute(
        "C-1", SubmitChange(submission="S-1", field_name="address", value="new road")
    )
    assert (address(office), submission(office)) == ("old road", "pending")
    office.on("2025-06-03").as_("desk1").execute(
        "C-1",
        RecordProfileFact(field_name="address", value="new road"),
        effective_from=moment("2025-06-01"),
    )
    assert address(office, as_of="2025-06-02") == "new road"
    assert address(office, as_of="2025-06-02", as_known="2025-06-02") == "old road"
    assert submission(office) == "posted"


@pytest.mark.rule("CORE-68b")
def test_a_refused_submission_is_kept_with_its_reason_and_the_profile_unchanged(office: Office) -> None:
    office.setting("C-1", RecordProfileFact(field_name="address", value="old road"))
    office.as_("ann").execute("C-1", SubmitChange(submission="S-1", field_name="address", value="new road"))
    with pytest.raises(Incomplete, match="reason_missing"):
        RejectChange(submission="S-1")
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("ann").execute("C-1", RejectChange(submission="S-1", reason="mine"))
    (event,) = office.as_("desk1").execute("C-1", RejectChange(submission="S-1", reason="no proof")).events
    assert isinstance(event, ChangeSubmissionRejected)
    assert event.reason == "no proof"
    assert (address(office), submission(office)) == ("old road", "rejected")
    with pytest.raises(Unknown, match="unknown_code"):
        office.as_("desk1").execute("C-1", RejectChange(submission="S-1", reason="again"))


# ------------------------------------------------------------ helpers


def address(office: Office, as_of: str | None = None, as_known: str | None = None) -> object:
    with let_in():
        history = office.ledger.history("C-1")
        history = history if as_of is None else history.as_of(as_of)
        history = history if as_known is None else history.as_known(as_known)
        return history.state(CustomerFile).profile["address"]


def submission(office: Office) -> str:
    with let_in():
        found: Submissions = office.ledger.history("C-1").state(Submissions)
    return found.by_number["S-1"].state


def complaint() -> ReceiveComplaint:
    return ReceiveComplaint(complaint="K-1", category="quality", content="broken")


def open_file() -> object:
    from guanxi import OpenFile

    return OpenFile()


def approve_extract(office: Office) -> None:
    asked = RequestApproval(approval="A-1", item="extract", customer="C-1")
    office.as_("bob").execute(staff_stream("bob"), asked)
    office.as_("head").execute(staff_stream("bob"), DecideApproval(approval="A-1", outcome="approved"))


def at(text: str) -> datetime:
    return moment(text)


# ------------------------------------------------------------ CORE-86, at the door


def act(item_kind: str | None = None, item: str | None = None) -> RecordAction:
    return RecordAction(kind="call", direction="out", content="called", item_kind=item_kind, item=item)


@pytest.mark.rule("CORE-86")
@pytest.mark.rule("CORE-67")
def test_who_was_named_to_an_opportunity_records_on_it_and_does_not_reach_the_whole_file(
    office: Office,
) -> None:
    for number in ("X", "Y"):
        office.setting("C-1", OpenOpportunity(opportunity=number, assignee="ann"))
    office.setting("C-1", JoinTeam(person="bob", item_kind="opportunity", item="X", part="design"))
    bob = office.as_("bob")
    assert bob.execute("C-1", act("opportunity", "X")).entries
    for refused, call in {
        "lookup_not_approved": lambda: bob.history("C-1"),
        "not_authorised": lambda: bob.execute("C-1", act("opportunity", "Y")),
    }.items():
        with pytest.raises(NotPermitted, match=refused):
            call()
    with pytest.raises(NotPermitted, match="not_authorised"):
        bob.execute("C-1", act())
    assert {line.name for line in read_item(office.ledger, "C-1", ("opportunity", "X"), "bob")} >= {
        "core.opportunity_opened",
        "core.action_recorded",
    }
    office.setting("C-1", CloseOpportunity(opportunity="X", outcome="won"))
    with pytest.raises(NotPermitted, match="not_authorised"):
        bob.execute("C-1", act("opportunity", "X"))


@pytest.mark.rule("CORE-86")
def test_who_was_named_to_the_customer_has_him_for_his_own_until_he_leaves_the_team(office: Office) -> None:
    office.setting("C-1", JoinTeam(person="bob", item_kind="customer", item="C-1", part="design"))
    bob = office.as_("bob")
    assert bob.history("C-1").lines()
    assert bob.execute("C-1", act()).entries
    office.setting("C-1", LeaveTeam(person="bob", item_kind="customer", item="C-1"))
    with pytest.raises(NotPermitted, match="lookup_not_approved"):
        bob.history("C-1")


@pytest.mark.rule("CORE-86")
def test_a_contract_s_team_ends_with_the_contract(office: Office) -> None:
    signed = SignContract(contract="K", amount=Money(100, "CNY"))
    office.setting("C-1", signed, happened=True)
    office.setting("C-1", JoinTeam(person="bob", item_kind="contract", item="K", part="design"))
    bob = office.as_("bob")
    assert bob.execute("C-1", act("contract", "K")).entries
    office.setting("C-1", EndContract(contract="K", how="terminated", reason="both want it"))
    with pytest.raises(NotPermitted, match="not_authorised"):
        bob.execute("C-1", act("contract", "K"))


@pytest.mark.rule("CORE-22")
def test_the_designated_post_merges_no_file_of_another_section_into_one_of_its_own(office: Office) -> None:
    with pytest.raises(NotPermitted, match="section_closed"):
        office.as_("desk1").execute("C-1", MergeFiles(absorbed="C-9", maintainer="ann"))
    assert office.attempts("desk1") == ["section_closed"]
