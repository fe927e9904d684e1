"""Where decisions of one moment stand among one another: what follows from one that stands is folded behind it, whatever else went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

import guanxi
from guanxi import (
    REVISE,
    WOULD_DIFFER,
    Command,
    Decision,
    Facet,
    Fact,
    Label,
    Ledger,
    Now,
    OpenFile,
    Parts,
    command,
    event,
    key,
)

ZONE = ZoneInfo("Asia/Shanghai")
DAY = datetime(2025, 3, 1, 9, tzinfo=ZONE)


@event("lane.passed")
class Passed(Fact):
    car: str


@event("lane.rules_told")
class RulesTold(Fact):
    noted: bool
    early: bool


@event("lane.noted")
class Noted(Decision, late=REVISE, retroactive=REVISE):
    car: str = key()
    place: int = key()


@event("lane.let_in")
class LetIn(Decision, late=WOULD_DIFFER, retroactive=WOULD_DIFFER):
    lane: str = key()


@event("lane.counted")
class Counted(Decision, late=REVISE, retroactive=REVISE):
    lane: str = key()


@command("lane.pass")
class Pass(Command):
    car: str


@command("lane.tell_rules")
class TellRules(Command):
    """From when cars are noted, and whether the first car is let in already."""

    noted: bool
    early: bool


@attrs.define
class Lane:
    noted: bool = True
    early: bool = False
    passed: int = 0
    done: list[str] = attrs.field(factory=list)


lane = Facet("lane.lane", Lane)


@lane.evolve
def _facts(s: Lane, e: Passed | RulesTold) -> None:
    match e:
        case Passed():
            s.passed += 1
            s.done.append("passed")
        case RulesTold():
            s.noted, s.early = e.noted, e.early


@lane.evolve
def _decisions(s: Lane, e: Noted | LetIn | Counted) -> None:
    s.done.append(e.stored_name.removeprefix("lane."))


@lane.decide
def _pass(s: Lane, c: Pass, now: Now) -> Iterator[Fact]:
    yield Passed(car=c.car)


@lane.decide
def _rules(s: Lane, c: TellRules, now: Now) -> Iterator[Fact]:
    yield RulesTold(noted=c.noted, early=c.early)


@lane.react("LANE-1")
def _judge(s: Lane, e: Passed, now: Now) -> Iterator[Decision]:
    if s.noted:
        yield Noted(car=e.car, place=1)
        yield Noted(car=e.car, place=2)
    if s.passed == (1 if s.early else 2):
        yield LetIn(lane="L")


@lane.react("LANE-2")
def _count(s: Lane, e: LetIn, now: Now) -> Iterator[Decision]:
    yield Counted(lane=e.lane)


parts = Parts(
    name="lane",
    version="1",
    title=Label("Lane", "车道"),
    events=(Passed, RulesTold, Noted, LetIn, Counted),
    commands=(Pass, TellRules),
    facets=(lane,),
)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A lane through which two cars passed at one instant."""
    made = guanxi.open("sqlite://", zone="Asia/Shanghai", plugins=[parts])
    told = [DAY - timedelta(days=9)]
    made.clock = lambda: told[0]  # type: ignore[method-assign,assignment]
    made.execute("A", OpenFile(), actor="clerk")
    for n, car in enumerate(("c1", "c2")):
        told[0] = DAY + timedelta(minutes=n)
        made.execute("A", Pass(car=car), actor="clerk", occurred_at=DAY)
    told[0] = DAY + timedelta(days=1)
    yield made
    made.close()


def late(ledger: Ledger, *, noted: bool, early: bool) -> list[str]:
    """Tell rules of the day before, and return the order in which the day is folded."""
    told = TellRules(noted=noted, early=early)
    ledger.execute("A", told, actor="clerk", occurred_at=DAY - timedelta(days=1))
    state: Lane = ledger.history("A").state(Lane)
    return state.done


def test_what_follows_from_a_decision_that_stands_is_folded_behind_it_when_those_before_it_went(
    ledger: Ledger,
) -> None:
    assert late(ledger, noted=False, early=False) == ["passed", "passed", "let_in", "counted"]
    assert ledger.check_determinism().same


def test_a_decision_that_stands_behind_a_later_fact_of_its_instant_takes_what_follows_from_it_along(
    ledger: Ledger,
) -> None:
    assert late(ledger, noted=False, early=True) == ["passed", "passed", "let_in", "counted"]
    assert ledger.check_determinism().same


def test_what_was_not_touched_is_not_drawn_again(ledger: Ledger) -> None:
    late(ledger, noted=False, early=False)
    names = [e.name for e in ledger.store.entries(ledger.find("A") or "")]
    assert names.count("lane.counted") == 1
