"""Who calls: the mobile number is the card."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from guanxi import Invalid, OpenFile, RecordIdentifier
from guanxi.relationship.file.commands import (
    Contact,
    MergeFiles,
    RecordContactPoint,
    RetireContactPoint,
    UndoMerge,
)
from guanxi.relationship.file.recognition import recognise
from guanxi.relationship.file.rules import TelephoneRules
from guanxi.relationship.ownership.commands import AssignSection
from guanxi.relationship.pipeline.commands import PlanVisit
from guanxi.relationship.service.commands import KeepPromise, MakePromise
from tests.kernel.desks import Desk, moment

NUMBER = "13800138000"
MOBILE = (Contact(type="mobile", value=NUMBER),)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-01") as d:
        yield d


def accounts(desk: Desk, number: str = NUMBER, at: str | None = None) -> list[str | None]:
    return [m.account for m in recognise(desk.ledger, number, at=at).matches]


@pytest.mark.rule("CORE-15a")
def test_a_number_that_moves_shows_its_holder_of_the_day_alone(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明", contacts=MOBILE), who="P1")
    desk.open("P2", on="2025-01-01", name="王芳")
    desk.on("2025-04-30")
    assert accounts(desk) == ["P1"]
    desk.on("2025-05-01").tell(RetireContactPoint(type="mobile", value=NUMBER), who="P1")
    desk.tell(RecordContactPoint(type="mobile", value=NUMBER), who="P2")
    desk.on("2025-05-02")
    assert accounts(desk) == ["P2"]
    assert recognise(desk.ledger, NUMBER).former == ()
    assert accounts(desk, at="2025-04-30") == ["P1"]


@pytest.mark.rule("CORE-15b")
@pytest.mark.parametrize("told", ["+86 138-0013-8000", "13800138000", "138 0013 8000"])
def test_one_number_is_recognised_however_it_is_written(desk: Desk, told: str) -> None:
    desk.tell(OpenFile(name="李明", contacts=MOBILE))
    found = recognise(desk.ledger, told)
    assert (found.telephone, accounts(desk, told)) == ("+8613800138000", ["C-1"])
    assert found.pop_up is not None
    assert (found.pop_up.match.name, found.new_lead) == ("李明", False)


@pytest.mark.rule("CORE-15b")
def test_national_numbers_are_of_the_programmes_region(desk: Desk) -> None:
    with pytest.raises(Invalid, match="invalid_phone"):
        recognise(desk.ledger, "6123 4567")
    desk.ledger.publish(
        TelephoneRules(default_region="HK"),
        effective_from=moment("2025-02-01"),
        by="it",
        approved_by="board",
    )
    assert recognise(desk.on("2025-02-02").ledger, "6123 4567").telephone == "+85261234567"


@pytest.mark.rule("CORE-15b")
def test_for_an_unknown_number_a_new_lead_is_offered(desk: Desk) -> None:
    found = recognise(desk.ledger, NUMBER)
    assert (found.matches, found.former, found.pop_up, found.new_lead) == ((), (), None, True)
    assert found.script


@pytest.mark.rule("CORE-15b")
def test_of_several_a_list_is_shown_and_nothing_else(desk: Desk) -> None:
    for who in ("P1", "P2"):
        desk.tell(OpenFile(name=who, contacts=MOBILE), who=who)
    found = recognise(desk.ledger, NUMBER)
    assert [m.account for m in found.matches] == ["P1", "P2"]
    assert (found.pop_up, found.new_lead, found.former) == (None, False, ())


@pytest.mark.rule("CORE-15")
def test_a_number_nobody_holds_any_more_shows_its_former_holder_as_such(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明", contacts=MOBILE))
    desk.on("2025-02-01").tell(RetireContactPoint(type="mobile", value=NUMBER))
    found = recognise(desk.on("2025-02-02").ledger, NUMBER)
    assert (found.matches, found.pop_up, found.new_lead) == ((), None, True)
    assert [(m.account, m.until) for m in found.former] == [("C-1", moment("2025-02-01"))]


@pytest.mark.rule("CORE-15")
def test_a_caller_of_a_closed_section_is_known_to_that_section_only(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明", contacts=MOBILE))
    desk.tell(AssignSection(section="south"))
    found = recognise(desk.ledger, NUMBER, sections=("north",))
    (match,) = found.matches
    assert (match.section, match.readable, match.account, match.name, match.stream) == (
        "south",
        False,
        None,
        None,
        "",
    )
    assert found.pop_up is None
    assert recognise(desk.ledger, NUMBER, sections=("south",)).pop_up is not None


@pytest.mark.rule("CORE-15")
def test_a_landline_is_no_card_and_a_number_among_the_identifiers_is_one(desk: Desk) -> None:
    desk.tell(OpenFile(contacts=(Contact(type="phone", value="010 6552 9988"),)), who="P1")
    assert accounts(desk, "010 6552 9988") == []
    desk.open("P2", on="2025-01-01").tell(RecordIdentifier(scheme="mobile", value="138 0013 8000"), who="P2")
    assert accounts(desk) == ["P2"]


@pytest.mark.rule("CORE-15")
def test_the_pop_up_of_an_absorbed_files_number_is_the_survivors(desk: Desk) -> None:
    desk.open("F1", on="2025-01-01", name="李明")
    desk.tell(OpenFile(name="李明", contacts=MOBILE), who="F2")
    desk.on("2025-05-01").tell(MergeFiles(absorbed="F2"), who="F1")
    assert accounts(desk) == ["F1"]
    desk.on("2025-05-20").tell(UndoMerge(absorbed="F2"), who="F1")
    assert accounts(desk) == ["F2"]


@pytest.mark.rule("CORE-15")
def test_a_survivor_retires_an_absorbed_files_number_and_the_undoing_brings_it_back(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明", contacts=(Contact(type="mobile", value="13900139000"),)), who="F1")
    desk.tell(OpenFile(name="李明", contacts=MOBILE), who="F2")
    desk.on("2025-05-01").tell(MergeFiles(absorbed="F2"), who="F1")
    desk.on("2025-05-02").tell(RetireContactPoint(type="mobile", value=NUMBER), who="F1")
    desk.tell(RecordContactPoint(type="mobile", value="13700137000"), who="F1")
    found = recognise(desk.ledger, NUMBER)
    assert ([m.account for m in found.matches], [m.account for m in found.former]) == ([], ["F1"])
    assert accounts(desk, "13700137000") == accounts(desk, "13900139000") == ["F1"]
    desk.on("2025-05-20").tell(UndoMerge(absorbed="F2"), who="F1")
    assert accounts(desk) == ["F2"]
    desk.tell(RecordContactPoint(type="mobile", value="13600136000"), who="F1")
    assert [accounts(desk, n) for n in ("13700137000", "13900139000", "13600136000")] == [["F1"]] * 3


@pytest.mark.rule("CORE-15")
def test_an_erased_or_corrected_number_is_not_matched(desk: Desk) -> None:
    entry = desk.tell(OpenFile(contacts=MOBILE)).entries[1].id
    desk.ledger.correct(entry, {"value": "+8613900139000"}, actor="clerk", reason="mistyped")
    assert accounts(desk) == []
    assert accounts(desk, "13900139000") == ["C-1"]


@pytest.mark.rule("CORE-15")
def test_the_pop_up_shows_member_type_reservations_and_what_is_open(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明", contacts=MOBILE))
    desk.tell(PlanVisit(visit_plan="V-1", on=date(2025, 1, 10)))
    desk.tell(PlanVisit(visit_plan="V-2", on=date(2025, 2, 10)))
    desk.tell(
        MakePromise(promise="P-1", due=date(2025, 3, 1), basis="called", promiser="Wang", content="call")
    )
    desk.tell(
        MakePromise(promise="P-2", due=date(2025, 3, 1), basis="called", promiser="Wang", content="call")
    )
    desk.tell(KeepPromise(promise="P-1"))
    pop_up = recognise(desk.ledger, NUMBER).pop_up
    assert pop_up is not None
    assert (pop_up.telephone, pop_up.match.account, pop_up.match.name) == ("+8613800138000", "C-1", "李明")
    assert [r.number for r in pop_up.reservations] == ["V-2", "V-1"]
    assert ([p.number for p in pop_up.promises], pop_up.complaints) == (["P-2"], ())
    assert {row.state for row in pop_up.due_items()} <= {"open", "overdue"}
