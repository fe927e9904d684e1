"""A call shows who it is and leaves an entry of whose file the agent saw."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import Incomplete, NotPermitted
from guanxi.relationship.access.calls import answer_call
from guanxi.relationship.access.events import FileViewed
from guanxi.relationship.access.streams import logged_of
from guanxi.relationship.file import recognition
from guanxi.relationship.file.commands import Contact, MergeFiles, RecordContactPoint, RetireContactPoint
from guanxi.relationship.file.recognition import look_up, recognise
from guanxi.relationship.ownership.commands import AssignSection
from tests.kernel.desks import Desk
from tests.relationship.access.offices import Office

NUMBER = "138 0013 8000"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-03-03") as d:
        d.open("C-1", on="2025-03-01", name="李明", contacts=(Contact(type="mobile", value=NUMBER),))
        yield d


def seen(desk: Desk) -> list[tuple[str, str, str]]:
    found = desk.ledger.search(name=FileViewed.stored_name)
    return [
        (logged_of(r.originator_id), r.event.customer, r.event.operation)
        for r in found
        if isinstance(r.event, FileViewed)
    ]


@pytest.mark.rule("CORE-15")
@pytest.mark.rule("CORE-69")
def test_the_caller_is_shown_and_the_look_kept(desk: Desk) -> None:
    found = answer_call(desk.ledger, NUMBER, agent="ann")
    assert found.pop_up is not None
    assert found.pop_up.match.name == "李明"
    assert seen(desk) == [("ann", desk.stream(), "call")]
    assert answer_call(desk.ledger, "13900139000", agent="ann").new_lead
    assert len(seen(desk)) == 1


@pytest.mark.rule("CORE-15")
def test_of_a_file_in_another_section_only_the_section_is_told_and_nothing_kept(desk: Desk) -> None:
    desk.tell(AssignSection(section="north"))
    found = answer_call(desk.ledger, NUMBER, agent="ann", sections=("south",))
    assert found.pop_up is None
    assert [(m.account, m.section) for m in found.matches] == [(None, "north")]
    assert seen(desk) == []


def test_what_was_learned_since_the_tables_were_made_is_shown(desk: Desk) -> None:
    answer_call(desk.ledger, NUMBER, agent="ann")
    desk.open("C-2", on="2025-03-01", contacts=(Contact(type="mobile", value=NUMBER),))
    assert {m.account for m in answer_call(desk.ledger, NUMBER, agent="ann").matches} == {"C-1", "C-2"}


# ------------------------------------------------------------ with access rules in force


SECOND = "139 0013 9000"


@pytest.fixture
def office() -> Iterator[Office]:
    with Office() as o:
        for customer, number in (("C-1", NUMBER), ("C-9", SECOND)):
            o.setting(customer, RecordContactPoint(type="mobile", value=number))
        yield o


@pytest.mark.rule("CORE-69")
@pytest.mark.parametrize("user", ["root", "clerk1", "marketing", "nobody"])
def test_an_agent_without_the_right_is_refused_before_anything_is_read_and_his_attempt_kept(
    office: Office, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "_known", pytest.fail)
    with pytest.raises(NotPermitted) as refused:
        answer_call(office.ledger, NUMBER, agent=user)
    assert refused.value.code == "not_authorised"
    assert office.attempts(user) == ["not_authorised"]


@pytest.mark.rule("CORE-67")
def test_a_look_up_in_nobody_s_name_is_refused(office: Office) -> None:
    for asking in (lambda: recognise(office.ledger, NUMBER), lambda: look_up(office.ledger, "C-1")):
        with pytest.raises(Incomplete, match="actor_missing"):
            asking()


@pytest.mark.rule("CORE-15")
@pytest.mark.rule("CORE-69")
def test_the_agent_sees_a_caller_of_his_section_and_the_view_is_on_record_with_its_ground(
    office: Office,
) -> None:
    found = answer_call(office.ledger, NUMBER, agent="bob")
    assert found.pop_up is not None
    assert found.pop_up.match.account == "C-1"
    assert [(e.customer, e.operation, e.on) for e in office.log("bob")] == [
        (found.pop_up.match.stream, "recognise", "channel:call")
    ]
    assert found.pop_up.due_items() is not None
    assert office.attempts("bob") == []


@pytest.mark.rule("CORE-15")
@pytest.mark.rule("CORE-22")
def test_of_a_caller_in_another_section_the_section_is_told_and_nothing_else(office: Office) -> None:
    found = answer_call(office.ledger, SECOND, agent="ann")
    assert found.pop_up is None
    assert [(m.stream, m.account, m.name, m.section) for m in found.matches] == [("", None, None, "2")]
    assert office.views("ann") == 0
    assert office.attempts("ann") == []


@pytest.mark.rule("CORE-15")
def test_a_former_holder_is_shown_as_far_as_the_door_lets_him_and_that_is_on_record(office: Office) -> None:
    office.setting("C-1", RetireContactPoint(type="mobile", value=NUMBER, reason="moved"))
    found = answer_call(office.ledger, NUMBER, agent="ann")
    assert [m.account for m in found.former] == ["C-1"]
    assert office.views("ann") == 1
    assert [m.account for m in answer_call(office.ledger, NUMBER, agent="eve").former] == [None]


@pytest.mark.rule("CORE-69")
def test_without_a_customer_on_the_line_recognising_needs_the_right_to_look_through_all(
    office: Office,
) -> None:
    with pytest.raises(NotPermitted, match="section_closed"):
        recognise(office.as_("bob"), NUMBER)
    assert recognise(office.as_("audit"), NUMBER).pop_up is not None
    assert recognise(office.as_("bob", channel="call"), NUMBER).pop_up is not None


@pytest.mark.rule("CORE-67")
def test_a_view_answers_no_call_in_another_s_name(office: Office) -> None:
    assert answer_call(office.as_("ann"), NUMBER, agent="ann").pop_up is not None
    with pytest.raises(NotPermitted, match="not_authorised"):
        answer_call(office.as_("ann"), NUMBER, agent="bob")


@pytest.mark.rule("CORE-69")
def test_a_file_is_looked_up_by_who_may_open_it_and_the_look_is_on_record(office: Office) -> None:
    assert look_up(office.as_("ann"), "C-1").account == "C-1"
    assert [(e.operation, e.on) for e in office.log("ann")] == [("look_up", None)]
    with pytest.raises(NotPermitted, match="lookup_not_approved"):
        look_up(office.as_("bob"), "C-1")
    assert office.attempts("bob") == ["lookup_not_approved"]


@pytest.mark.rule("CORE-13")
@pytest.mark.rule("CORE-22")
def test_where_another_file_stands_for_it_both_have_to_be_open_to_him(office: Office) -> None:
    office.setting("C-9", MergeFiles(absorbed="C-1", maintainer="eve"))
    with pytest.raises(NotPermitted, match="section_closed"):
        look_up(office.as_("ann"), "C-1")
    found = look_up(office.as_("audit"), "C-1")
    assert (found.account, found.merged_from) == ("C-9", "C-1")


def test_a_long_file_is_read_from_the_tables_and_from_itself_where_they_lag(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "_SHORT", 0)
    desk.ledger.reporting.project()
    assert answer_call(desk.ledger, NUMBER, agent="ann").pop_up is not None
    monkeypatch.setattr(recognition, "_FEW", 1)
    monkeypatch.setattr(desk.ledger.reporting, "project", pytest.fail)
    assert answer_call(desk.ledger, NUMBER, agent="ann").pop_up is not None
