"""Whose a due item is, through assignments, hand-overs and merges; and rows that a reader can tell apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi.relationship.file.commands import MergeFiles, UndoMerge
from guanxi.relationship.ownership.commands import AssignMaintainer, ReleaseMaintainer
from guanxi.relationship.people.commands import NameContactPerson
from guanxi.relationship.service.commands import ReceiveComplaint
from tests.kernel.desks import Desk, moment


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-01") as d:
        d.open("F1", on="2025-01-01", name="合成一", party="organisation")
        yield d.open("F2", on="2025-01-01", name="合成二", party="organisation")


def answers(desk: Desk, as_of: str) -> str | None:
    rows = desk.ledger.due_items(cadence="core.complaint_notice", as_of=moment(as_of))
    return next(row.person for row in rows if row.key == "K-1")


@pytest.mark.rule("CORE-99")
@pytest.mark.rule("CORE-19")
def test_an_item_is_of_whoever_answers_and_a_second_assignment_told_as_done_changes_nothing(
    desk: Desk,
) -> None:
    desk.tell(ReceiveComplaint(complaint="K-1", category="late"), who="F1")
    desk.on("2025-01-02").tell(AssignMaintainer(person="ann"), who="F1")
    desk.on("2025-01-03").tell(AssignMaintainer(person="bo"), who="F1", happened=True)
    desk.on("2025-01-04").tell(ReleaseMaintainer(basis="leaves"), who="F1")
    days = ("2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04")
    assert [answers(desk, day) for day in days] == [None, "ann", "ann", None]


@pytest.mark.rule("CORE-99")
@pytest.mark.rule("CORE-13")
def test_whom_a_merge_names_answers_while_it_lasts(desk: Desk) -> None:
    for who, person in (("F1", "ann"), ("F2", "bo")):
        desk.tell(AssignMaintainer(person=person), who=who)
    desk.tell(ReceiveComplaint(complaint="K-1", category="late"), who="F1")
    desk.on("2025-01-10").tell(MergeFiles(absorbed="F2", maintainer="cui"), who="F1")
    desk.on("2025-01-20").tell(UndoMerge(absorbed="F2"), who="F1")
    days = ("2025-01-09", "2025-01-11", "2025-01-21")
    assert [answers(desk, day) for day in days] == ["ann", "cui", "ann"]


@pytest.mark.rule("CORE-99")
@pytest.mark.rule("CORE-18")
def test_no_two_rows_of_a_customer_read_the_same(desk: Desk) -> None:
    desk.tell(NameContactPerson(person="wang", decision_role="decides", key_person=True), who="F1")
    rows = desk.on("2025-02-01").ledger.due_items(customer="F1")
    shown = [(row.title, row.about, row.since, row.until) for row in rows]
    assert len({str(row) for row in shown}) == len(shown)
    meetings = [row.about for row in rows if row.cadence == "core.key_person_meeting"]
    assert meetings == ["mutual_visit 2025", "summit 2025"]
