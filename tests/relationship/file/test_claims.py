"""What only one file may hold, where it moves between files late; and entries that were posted to the wrong file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from guanxi import Conflict, Invalid, Line, RecordIdentifier, verify
from guanxi.relationship.file.commands import MergeFiles, RecordContactPoint
from guanxi.relationship.pipeline.commands import PlanVisit
from tests.kernel.desks import Desk
from tests.laws import club


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[club.parts], now="2025-01-01") as d:
        yield d.open("P1", "P2", "P3", on="2025-01-01")


def card(desk: Desk, who: str, as_of: str, as_known: str | None = None) -> str:
    history = desk.ledger.history(who).as_of(as_of)
    found: str = (history if as_known is None else history.as_known(as_known)).state(club.Account).card
    return found


@pytest.mark.rule("CORE-95c")
def test_a_release_entered_late_undoes_no_refusal_given_meanwhile(desk: Desk) -> None:
    desk.on("2025-04-01").tell(club.TakeCard(card="N"), who="P1")
    before = desk.on("2025-05-10").count()
    with pytest.raises(Conflict, match="identifier_taken"):
        desk.tell(club.TakeCard(card="N"), who="P2")
    assert desk.count() == before, "the refusal stays: nothing of what was asked is on record"
    desk.on("2025-05-20").tell(
        club.TakeCard(card="N", release=True), "2025-05-01", who="P1", reason="given back at the till"
    )
    desk.tell(club.TakeCard(card="N"), "2025-05-10", who="P2", reason="asked on the 10th")
    assert card(desk, "P2", "2025-05-10") == "N"
    assert card(desk, "P1", "2025-05-10", "2025-05-19") == "N"
    assert card(desk, "P2", "2025-05-10", "2025-05-19") == ""


@pytest.mark.rule("CORE-01f")
def test_an_entry_in_the_wrong_file_is_set_right_and_each_names_the_other(desk: Desk) -> None:
    wrong = (
        desk.on("2025-05-02").tell(PlanVisit(visit_plan="V-1", on=date(2025, 5, 2)), who="P1").entries[0].id
    )
    desk.on("2025-05-06")
    right = (
        desk.tell(
            PlanVisit(visit_plan="V-1", on=date(2025, 5, 2)),
            "2025-05-02",
            who="P2",
            reason="posted to P1",
            correlation=wrong,
        )
        .entries[0]
        .id
    )
    desk.ledger.void(wrong, actor="clerk", reason="belongs to P2", belongs_to=right)

    def visits(who: str, as_known: str) -> list[Line]:
        lines = desk.ledger.history(who).as_of("2025-05-02").as_known(as_known).lines()
        return [line for line in lines if line.name == "core.visit_planned" and line.status == "in force"]

    assert (len(visits("P1", "2025-05-05")), len(visits("P2", "2025-05-05"))) == (1, 0)
    assert (len(visits("P1", "2025-05-06")), len(visits("P2", "2025-05-06"))) == (0, 1)
    (void,) = (e for e in desk.ledger.history("P1").lines() if e.name == "core.entry_voided")
    assert void.fields is not None
    assert (void.fields["belongs_to"], void.entry.target if void.entry else None) == (right, wrong)
    (shown,) = visits("P2", "2025-05-06")
    assert shown.entry is not None
    assert shown.entry.correlation == wrong
    assert verify(desk.ledger.store).clean


@pytest.mark.rule("CORE-IN-c")
def test_an_impossible_identifier_or_number_is_not_kept(desk: Desk) -> None:
    before = desk.count()
    with pytest.raises(Invalid, match="invalid_identifier"):
        desk.tell(RecordIdentifier(scheme="prc_id", value="110105194912310021"), who="P1")
    with pytest.raises(Invalid, match="invalid_phone"):
        desk.tell(RecordContactPoint(type="mobile", value="123"), who="P1")
    assert desk.count() == before


@pytest.mark.rule("CORE-IN-h")
def test_an_entry_for_an_absorbed_file_keeps_its_id_and_shows_in_the_survivor(desk: Desk) -> None:
    desk.on("2025-05-01").tell(MergeFiles(absorbed="P2"), who="P1")
    entry = desk.on("2025-05-02").tell(club.Owe(order="a", amount=7), who="P2").entries[0]
    assert entry.stream == desk.stream("P2")
    assert entry.id in [line.id for line in desk.ledger.history("P1").lines()]
    assert desk.ledger.history("P1").state(club.Account).total == 7


@pytest.mark.rule("CORE-IN-j")
def test_a_fact_against_a_held_claim_is_kept_and_flagged(desk: Desk) -> None:
    desk.on("2025-04-01").tell(club.TakeCard(card="N"), who="P1")
    outcome = desk.tell(club.TakeCard(card="N"), who="P3", happened=True)
    assert [getattr(e, "code", None) for e in outcome.events] == [None, "claim_denied"]
    assert desk.ledger.find_by("club.card", "N") == [desk.stream("P1")]
