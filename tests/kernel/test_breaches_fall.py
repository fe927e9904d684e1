"""Noted breaches: each stands behind the fact that it was kept with, and falls with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from guanxi import BreachRecorded, Command, Facet, Fact, Label, Now, Parts, Telling, command, event
from guanxi.relationship.reports_across.read_models import breaches
from tests.laws import club
from tests.laws.test_late_effects import ZONE, Desk


@event("ledge.laid")
class Laid(Fact):
    what: str


@command("ledge.lay")
class Lay(Command):
    """Lay two things, of which the second is too much."""

    first: str
    second: str


@attrs.define
class Ledge:
    laid: list[str] = attrs.field(factory=list)
    broken: int = 0


ledge = Facet("ledge.ledge", Ledge)


@ledge.evolve
def _laid(s: Ledge, e: Laid | BreachRecorded) -> None:
    match e:
        case Laid():
            s.laid.append(e.what)
        case BreachRecorded():
            s.broken += 1


@ledge.decide
def _lay(s: Ledge, c: Lay, now: Now) -> Iterator[Fact]:
    yield Laid(what=c.first)
    now.require(False, "too_much", "LEDGE-1")
    yield Laid(what=c.second)
    yield Laid(what="dust")


parts = Parts(
    name="ledge",
    version="1",
    title=Label("Ledge", "窗台"),
    events=(Laid,),
    commands=(Lay,),
    facets=(ledge,),
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    d = Desk(parts)
    yield d
    d.ledger.close()


def told(desk: Desk, what: Command, day: str, who: str = "A") -> list[Any]:
    """Tell what has happened already; return the entries."""
    return list(desk.tell(what, day, who, happened=True).entries)


def standing(desk: Desk, who: str = "A") -> list[str]:
    """Return the codes of the breaches in force, as history lists them, as the state has them and as reports count them."""
    lines = [x for x in desk.ledger.history(who).lines() if x.name == "core.breach_recorded"]
    found = [x.fields["code"] for x in lines if x.status == "in force" and x.fields]
    assert desk.ledger.history(who).state(Ledge).broken == len(found)
    desk.ledger.reporting.project()
    stream, reader = desk.ledger.find(who), desk.ledger.reporting.projector.reader()
    counted = [row.code for s, row in reader.rows(breaches) if s == stream for _ in range(row.count)]
    assert sorted(counted) == sorted(found)
    assert desk.ledger.check_determinism().same
    return found


def void(desk: Desk, entry: str) -> None:
    desk.now += timedelta(days=1)
    desk.ledger.void(entry, actor="clerk", reason="never was")


def test_a_breach_falls_with_the_fact_that_it_was_kept_with(desk: Desk) -> None:
    desk.on("2025-03-01")
    entries = told(desk, Lay(first="a", second="b"), "2025-03-01")
    assert [e.name for e in entries] == ["ledge.laid", "ledge.laid", "core.breach_recorded", "ledge.laid"]
    assert entries[2].causation == entries[1].id
    assert standing(desk) == ["too_much"]
    void(desk, entries[1].id)
    assert standing(desk) == []
    (line,) = [x for x in desk.ledger.history("A").lines() if x.name == "core.breach_recorded"]
    assert line.status == "voided"
    assert desk.ledger.history("A").as_known("2025-03-01").state(Ledge).broken == 1


def test_a_breach_stands_when_another_fact_of_the_same_telling_is_voided(desk: Desk) -> None:
    desk.on("2025-03-01")
    entries = told(desk, Lay(first="a", second="b"), "2025-03-01")
    void(desk, entries[0].id)
    void(desk, entries[3].id)
    assert standing(desk) == ["too_much"]


def test_of_lines_of_one_moment_each_breach_falls_with_its_own(desk: Desk) -> None:
    desk.on("2025-03-02")
    at = datetime(2025, 3, 1, 9, tzinfo=ZONE)
    lines = [
        Telling("A", Lay(first=f"a{n}", second=f"b{n}"), "till", occurred_at=at, happened=True)
        for n in (1, 2)
    ]
    desk.ledger.take_in(lines)
    assert standing(desk) == ["too_much"] * 2
    entries = desk.ledger.store.entries(desk.ledger.find("A") or "")
    void(desk, next(e.id for e in entries if "b1" in e.payload))
    assert standing(desk) == ["too_much"]
    (left,) = [
        x
        for x in desk.ledger.history("A").lines()
        if x.name == "core.breach_recorded" and x.status == "in force"
    ]
    assert "b2" in next(e.payload for e in entries if e.id == left.causation)


def test_a_breach_moves_with_the_day_of_its_fact(desk: Desk) -> None:
    desk.on("2025-03-05")
    entries = told(desk, Lay(first="a", second="b"), "2025-03-01")
    desk.now += timedelta(days=1)
    moved = datetime(2025, 3, 4, 8, tzinfo=ZONE)
    desk.ledger.correct(entries[1].id, actor="clerk", reason="misread", effective_from=moved)
    assert standing(desk) == ["too_much"]
    assert desk.ledger.history("A").as_of("2025-03-03").state(Ledge).broken == 0


@pytest.mark.rule("CORE-95d")
def test_a_denied_claim_is_no_breach_any_more_once_the_fact_is_corrected_to_another_number(
    desk: Desk,
) -> None:
    desk.on("2025-03-01").tell(club.TakeCard(card="N"), who="B")
    desk.on("2025-03-02")
    entries = told(desk, club.TakeCard(card="N"), "2025-03-02")
    assert standing(desk) == ["claim_denied"]
    desk.now += timedelta(days=1)
    desk.ledger.correct(entries[0].id, {"released": False}, actor="clerk", reason="looked again")
    assert standing(desk) == ["claim_denied"]
    desk.now += timedelta(days=1)
    desk.ledger.correct(entries[0].id, {"card": "M"}, actor="clerk", reason="misread")
    assert standing(desk) == []
    assert desk.account().card == "M"
