"""Handlers of moments that ask for rules of days ahead: nothing stands apart, unless a moment may come before such rules are known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

import guanxi
from guanxi import (
    WOULD_DIFFER,
    Command,
    Decision,
    Due,
    Facet,
    Fact,
    Label,
    Ledger,
    Money,
    Now,
    OpenFile,
    Parts,
    RuleSet,
    command,
    due,
    event,
    key,
    parameter,
    rule_set,
)
from guanxi.relationship.dealings.commands import PlaceOrder
from guanxi.relationship.dealings.events import OrderLine

ZONE = ZoneInfo("Asia/Shanghai")
BEGINNING = datetime(2025, 1, 1, 9, tzinfo=ZONE)
_YEAR = timedelta(days=365)


@rule_set("ahead.lines")
class Lines(RuleSet):
    soon: bool = parameter(default=False)


@event("ahead.begun")
class Begun(Fact):
    early: bool


@event("ahead.reached")
class Reached(Decision, late=WOULD_DIFFER, retroactive=WOULD_DIFFER):
    since: str = key()


@command("ahead.begin")
class Begin(Command):
    early: bool = False


@due("ahead.moment")
class Comes(Due):
    since: str


@attrs.define
class Begins:
    first: datetime | None = None


begins = Facet("ahead.begins", Begins)


@begins.evolve
def _begun(s: Begins, e: Begun, at: datetime) -> None:
    s.first = s.first or at


@begins.evolve
def _reached(s: Begins, e: Reached) -> None:
    pass


@begins.decide
def _begin(s: Begins, c: Begin, now: Now) -> Iterator[Fact]:
    yield Begun(early=c.early)


@begins.due
def _moment(s: Begins, e: Begun, now: Now) -> Iterator[tuple[datetime, Due]]:
    day = now.at + _YEAR
    soon = now.rules_at(Lines, day).soon
    if e.early:
        day = now.at + timedelta(days=10 if soon else 300)  # long before the day whose rules it goes by
    yield day, Comes(since=f"{now.at:%Y-%m-%d}")


@begins.react("AHEAD-1")
def _reach(s: Begins, d: Comes, now: Now) -> Iterator[Decision]:
    yield Reached(since=d.since)


AHEAD = Parts(
    name="ahead",
    version="1",
    title=Label("Ahead", "预先"),
    events=(Begun, Reached),
    commands=(Begin,),
    facets=(begins,),
    rule_sets=(Lines,),
)


class _Desk:
    def __init__(self) -> None:
        self.now = BEGINNING
        self.ledger: Ledger = guanxi.open("sqlite://", plugins=[AHEAD], clock=lambda: self.now)
        self.ledger.execute("A", OpenFile(), actor="clerk")

    def begin(self, *, early: bool) -> str:
        self.now += timedelta(days=1)
        self.ledger.execute("A", Begin(early=early), actor="clerk")
        return self.ledger.find("A")

    def publish(self) -> None:
        """Have other rules in force in ten months' time."""
        self.now += timedelta(days=60)
        self.ledger.publish(
            Lines(soon=True),
            effective_from=self.now + timedelta(days=300),
            by="head",
            approved_by="board",
            reason="policy",
        )


@pytest.fixture
def desk() -> Iterator[_Desk]:
    made = _Desk()
    yield made
    made.ledger.close()


def test_a_moment_of_the_day_whose_rules_it_goes_by_leaves_nothing_apart(desk: _Desk) -> None:
    desk.begin(early=False)
    assert desk.ledger.reporting.may_differ() == []
    desk.publish()
    desk.now += timedelta(days=400)
    desk.ledger.advance()
    assert desk.ledger.reporting.may_differ() == []
    assert desk.ledger.history("A").would_differ() == []
    assert len(desk.ledger.history("A").lines()) == 3


def test_a_moment_before_the_day_whose_rules_it_goes_by_names_the_file(desk: _Desk) -> None:
    stream = desk.begin(early=True)
    assert desk.ledger.reporting.may_differ() == [stream]


def test_a_file_whose_lapse_lies_ahead_is_not_named(desk: _Desk) -> None:
    lines = (OrderLine(line="1", product="tea", quantity=1, unit="box", amount=Money("10", "CNY")),)
    desk.ledger.execute("A", PlaceOrder(order="1", lines=lines), actor="clerk")
    assert desk.ledger.reporting.may_differ() == []
    desk.now += timedelta(days=500)
    desk.ledger.advance()
    assert desk.ledger.reporting.may_differ() == []
    assert desk.ledger.history("A").would_differ() == []
