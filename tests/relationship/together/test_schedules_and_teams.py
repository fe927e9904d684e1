"""A moved appointment stays readable; a collaborator reads an item until the day on which his work on it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import Conflict, Invalid, Unknown
from guanxi.relationship.pipeline.commands import CloseOpportunity, OpenOpportunity, ReopenOpportunity
from guanxi.relationship.together.commands import (
    CancelAppointment,
    JoinTeam,
    LeaveTeam,
    MakeAppointment,
    MoveAppointment,
)
from guanxi.relationship.together.schedules import Schedule, schedule_stream
from guanxi.relationship.together.teams import Teams
from tests.kernel.desks import Desk, moment

MINE = schedule_stream("wang")


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-06-01").open() as d:
        yield d


def starts(desk: Desk, as_known: str) -> list[str]:
    schedule: Schedule = desk.ledger.history(MINE).as_known(as_known).state(Schedule)
    return [
        f"{a.starts.astimezone(desk.ledger.tz):%m-%d}"
        for a in schedule.appointments.values()
        if not a.cancelled
    ]


@pytest.mark.rule("CORE-85a")
def test_a_moved_appointment_stands_where_it_was_for_those_who_did_not_know(desk: Desk) -> None:
    at, later = moment("2025-06-12T10:00"), moment("2025-06-12T11:00")
    desk.tell(MakeAppointment(appointment="A-1", starts=at, ends=later, customer="C-1"), who=MINE)
    moved = MoveAppointment(
        appointment="A-1", starts=moment("2025-06-13T10:00"), ends=moment("2025-06-13T11:00")
    )
    desk.on("2025-06-11").tell(moved, who=MINE)
    assert starts(desk, "2025-06-10") == ["06-12"]
    assert starts(desk, "2025-06-11") == ["06-13"]
    schedule: Schedule = desk.ledger.history(MINE).state(Schedule)
    assert schedule.appointments["A-1"].moves == [at]
    assert schedule.between(moment("2025-06-12T00:00"), moment("2025-06-13T00:00")) == []


@pytest.mark.rule("CORE-85")
def test_a_reminder_stands_on_the_list_from_half_an_hour_before_to_the_end(desk: Desk) -> None:
    at, later = moment("2025-06-12T10:00"), moment("2025-06-12T11:00")
    desk.tell(MakeAppointment(appointment="A-1", starts=at, ends=later), who=MINE)
    desk.tell(MakeAppointment(appointment="A-2", starts=at, ends=later), who=MINE)
    desk.tell(CancelAppointment(appointment="A-2"), who=MINE)

    def reminded(time: str) -> list[tuple[str, str | None]]:
        found = desk.ledger.due_items(as_of=moment(f"2025-06-12T{time}"), cadence="core.appointment")
        return [(r.key, r.person) for r in found]

    assert [reminded(t) for t in ("09:29", "09:30", "10:59", "11:00")] == [
        [],
        [("A-1", "wang")],
        [("A-1", "wang")],
        [],
    ]


def test_an_appointment_ends_after_it_starts_and_has_a_number_of_its_own(desk: Desk) -> None:
    at, later = moment("2025-06-12T10:00"), moment("2025-06-12T11:00")
    with pytest.raises(Invalid, match="invalid_date"):
        MakeAppointment(appointment="A-1", starts=at, ends=at)
    desk.tell(MakeAppointment(appointment="A-1", starts=at, ends=later), who=MINE)
    with pytest.raises(Conflict, match="identifier_taken"):
        desk.tell(MakeAppointment(appointment="A-1", starts=at, ends=later), who=MINE)
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(CancelAppointment(appointment="A-9"), who=MINE)


@pytest.mark.rule("CORE-86")
def test_a_collaborators_part_ends_with_the_item_and_is_not_revived_by_its_reopening(desk: Desk) -> None:
    desk.on("2025-03-01").tell(OpenOpportunity(opportunity="X", assignee="wang"))
    desk.tell(JoinTeam(person="engineer", item_kind="opportunity", item="X", part="design"))
    desk.on("2025-05-10").tell(CloseOpportunity(opportunity="X", outcome="lost", reason_code="price"))
    desk.on("2025-06-01").tell(ReopenOpportunity(opportunity="X", reason="asked again"))

    def reads(day: str) -> bool:
        at = moment(day)
        state: Teams = desk.ledger.history("C-1").as_of(at).state(Teams)
        return state.reads("engineer", ("opportunity", "X"), at)

    assert [reads(d) for d in ("2025-02-28", "2025-03-01", "2025-05-10", "2025-05-11", "2025-06-01")] == [
        False,
        True,
        True,
        False,
        False,
    ]
    desk.tell(JoinTeam(person="engineer", item_kind="opportunity", item="X", part="design"))
    assert reads("2025-06-01")
    desk.tell(LeaveTeam(person="engineer", item_kind="opportunity", item="X"))
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(LeaveTeam(person="engineer", item_kind="opportunity", item="X"))
