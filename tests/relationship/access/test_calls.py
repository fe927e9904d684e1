"""A call shows who it is and leaves an entry of whose file the agent saw."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi.relationship.access.calls import answer_call
from guanxi.relationship.access.events import FileViewed
from guanxi.relationship.access.streams import logged_of
from guanxi.relationship.file.commands import Contact
from guanxi.relationship.ownership.commands import AssignSection
from tests.kernel.desks import Desk

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
