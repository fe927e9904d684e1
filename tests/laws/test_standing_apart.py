"""No decision would differ in a stream that the ledger does not name: whatever came late, was ruled anew, voided, linked or merged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    Now,
    OpenFile,
    Parts,
    Refusal,
    RuleSet,
    Source,
    Telling,
    command,
    due,
    event,
    key,
    parameter,
    rule_set,
    verify,
)
from guanxi.relationship.file.commands import MergeFiles, UndoMerge
from tests.laws import club
from tests.laws.histories import KINDS, Step, Teller, opened, steps

ZONE = ZoneInfo("Asia/Shanghai")
BEGINNING = datetime(2025, 1, 1, 9, tzinfo=ZONE)


# A moment that draws nothing when it comes leaves no entry: only what is kept of it shows that a fact lies behind it.


@rule_set("regulars.lines")
class Regulars(RuleSet):
    orders: int = parameter(default=2)


@event("regulars.ordered")
class Ordered(Fact):
    order: str


@event("regulars.named")
class Named(Decision, late=WOULD_DIFFER, retroactive=WOULD_DIFFER):
    since: str = key()


@command("regulars.order")
class Order(Command):
    order: str


@due("regulars.weeks_passed")
class WeeksPassed(Due):
    since: str


@attrs.define
class Orders:
    days: list[datetime] = attrs.field(factory=list)


orders = Facet("regulars.orders", Orders)


@orders.evolve
def _ordered(s: Orders, e: Ordered, at: datetime) -> None:
    s.days.append(at)


@orders.evolve
def _named(s: Orders, e: Named) -> None:
    pass


@orders.decide
def _order(s: Orders, c: Order, now: Now) -> Iterator[Fact]:
    yield Ordered(order=c.order)


@orders.due
def _weeks(s: Orders, e: Ordered, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield now.at + timedelta(days=20), WeeksPassed(since=f"{now.at:%Y-%m-%d %H:%M:%S}")


@orders.react("REGULARS-1")
def _name(s: Orders, d: WeeksPassed, now: Now) -> Iterator[Decision]:
    recent = [day for day in s.days if day > now.at - timedelta(days=21)]
    if len(recent) >= now.rules(Regulars).orders:
        yield Named(since=d.since)


REGULARS = Parts(
    name="regulars",
    version="1",
    title=Label("Regulars", "常客"),
    events=(Ordered, Named),
    commands=(Order,),
    facets=(orders,),
    rule_sets=(Regulars,),
)


@attrs.frozen
class Turn:
    """Something that comes in: what, how much, of whom, how many days after the turn before, and how many days late."""

    kind: str
    amount: int
    who: str
    days: int
    lag: int


TURNS = st.lists(
    st.builds(
        Turn,
        kind=st.sampled_from(
            ["owe", "owe", "order", "order", "import", "settle", "rules", "void", "advance", "link", "merge"]
        ),
        amount=st.integers(0, 9),
        who=st.sampled_from("AB"),
        days=st.integers(0, 25),
        lag=st.sampled_from((0, 0, 0, 3, 12, 40)),
    ),
    min_size=1,
    max_size=12,
)


class Club:
    """A ledger of two files, with a clock that only the test moves."""

    def __init__(self) -> None:
        self.ledger: Ledger = guanxi.open("sqlite://", plugins=[club.parts, REGULARS])
        self.now, self.count = BEGINNING, 0
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]
        for name in "AB":
            self.execute(name, OpenFile(), BEGINNING - timedelta(days=300))

    def execute(self, who: str, told: Command, at: datetime) -> None:
        self.ledger.execute(who, told, actor="clerk", reason="told", occurred_at=at, happened=True)

    def take(self, turn: Turn) -> None:
        self.now += timedelta(days=turn.days, seconds=1)
        self.count += 1
        with suppress(Refusal):
            self._take(turn, self.now - timedelta(days=turn.lag), f"{self.count}")

    def _take(self, turn: Turn, at: datetime, number: str) -> None:
        ledger, who = self.ledger, turn.who
        other = "B" if who == "A" else "A"
        match turn.kind:
            case "owe":
                self.execute(who, club.Owe(order=number, amount=turn.amount * 20), at)
            case "order":
                self.execute(who, Order(order=number), at)
            case "settle":
                self.execute(who, club.Settle(order=f"{max(1, self.count - turn.amount)}"), at)
            case "import":
                ledger.take_in(
                    [
                        Telling(
                            subject=who,
                            command=Order(order=f"{number}-{n}"),
                            actor="till",
                            occurred_at=at + timedelta(days=7 * n % 5, seconds=-1),
                            happened=True,
                            source=Source("till", number, f"{n}"),
                            batch="b",
                        )
                        for n in range(3)
                        if at + timedelta(days=7 * n % 5) <= self.now
                    ]
                )
            case "rules":
                rules: RuleSet = Regulars(orders=1 + turn.amount % 3)
                if turn.amount % 2:
                    rules = club.Lines(hold_from=40 * turn.amount, regular_from=60 * turn.amount)
                ledger.publish(
                    rules,
                    effective_from=at if turn.lag else self.now + timedelta(days=turn.amount),
                    by="drafter",
                    approved_by="board",
                    retroactive="agreed before" if turn.lag else None,
                )
            case "void":
                stream = ledger.find(who)
                assert stream is not None
                told = [
                    e for e in ledger.store.entries(stream) if e.name in ("club.owed", "regulars.ordered")
                ]
                if told:
                    ledger.void(told[turn.amount % len(told)].id, actor="clerk", reason="never happened")
            case "link":
                common: dict[str, Any] = {"actor": "clerk", "reason": "told", "effective_from": at}
                if turn.amount % 3:
                    ledger.link(who, other, mode="whole", link_type="household", **common)
                else:
                    ledger.unlink(who, other, **common)
            case "merge":
                made = MergeFiles(absorbed=other) if turn.amount % 3 else UndoMerge(absorbed=other)
                self.execute(who, made, at)
            case _:
                ledger.advance()


def unnamed(ledger: Ledger) -> list[tuple[str, str]]:
    """Return the streams, each with a cut, in which a decision would differ although the ledger does not name the stream."""
    named, store = set(ledger.reporting.may_differ()), ledger.store
    found = []
    for head in store.streams():
        if head.stream in named:
            continue
        history = ledger.history(head.stream)
        cuts = {e.recorded_at for e in store.entries(head.stream)} | {
            e.recorded_at for e in store.entries("rules")
        }
        found += [
            (head.stream, at)
            for at in ("", *sorted(cuts))
            if (history.as_known(at) if at else history).would_differ()
        ]
    return found


@given(TURNS, st.booleans())
@settings(deadline=None, max_examples=150)
def test_no_decision_would_differ_at_any_cut_in_a_stream_that_is_not_named(
    turns: list[Turn], advanced: bool
) -> None:
    desk = Club()
    try:
        for turn in turns:
            desk.take(turn)
        if advanced:
            desk.ledger.advance()
        assert unnamed(desk.ledger) == []
        assert verify(desk.ledger.store).clean
    finally:
        desk.ledger.close()


@given(steps((*KINDS, "halve")))
@settings(deadline=None, max_examples=60)
def test_no_decision_of_a_shop_would_differ_in_a_stream_that_is_not_named(history: list[Step]) -> None:
    with opened() as ledger:
        teller = Teller(ledger)
        teller.begin()
        for step in history:
            teller.tell(step)
        assert unnamed(ledger) == []


@pytest.fixture
def desk() -> Iterator[Club]:
    made = Club()
    yield made
    made.ledger.close()


def streams(desk: Club, *names: str) -> list[str]:
    found = desk.ledger.find_all(names)
    return sorted(found[name] for name in names)


def test_files_that_learned_everything_in_its_turn_are_not_named(desk: Club) -> None:
    for week in range(1, 9):
        desk.now = BEGINNING + timedelta(days=7 * week)
        desk.execute("A", Order(order=f"{week}"), desk.now - timedelta(hours=2))
        desk.execute("B", club.Owe(order=f"{week}", amount=90), desk.now)
    desk.ledger.advance()
    assert desk.ledger.reporting.may_differ() == []


def test_what_came_late_and_was_taken_in_wholly_names_nobody(desk: Club) -> None:
    desk.now += timedelta(days=9)
    desk.execute("A", Order(order="second"), desk.now)
    desk.execute("A", Order(order="first"), desk.now - timedelta(days=5))
    assert desk.ledger.reporting.may_differ() == []
    desk.now += timedelta(days=60)
    desk.ledger.advance()
    assert desk.ledger.history("A").would_differ() == []


def test_a_file_of_which_something_is_told_behind_a_moment_that_drew_nothing_is_named(desk: Club) -> None:
    desk.now += timedelta(days=1)
    desk.execute("A", Order(order="first"), desk.now)
    desk.now += timedelta(days=22)
    desk.execute("A", Order(order="second"), desk.now - timedelta(days=10))
    assert [one.name for one in desk.ledger.history("A").would_differ()] == ["regulars.named"]
    assert desk.ledger.reporting.may_differ() == streams(desk, "A")


def test_a_file_is_named_for_good_although_what_differed_is_settled(desk: Club) -> None:
    desk.now += timedelta(days=20)
    first = desk.now
    desk.execute("A", club.Owe(order="1", amount=310), first)
    desk.now += timedelta(days=20)
    desk.execute("A", club.Owe(order="2", amount=10), desk.now)
    desk.now += timedelta(days=20)
    desk.ledger.void(_first(desk, "club.owed"), actor="clerk", reason="never happened")
    assert "club.graded" in [one.name for one in desk.ledger.history("A").would_differ()]
    desk.now += timedelta(days=1)
    desk.execute("A", club.Owe(order="3", amount=310), first)
    assert "club.graded" not in [one.name for one in desk.ledger.history("A").would_differ()]
    assert desk.ledger.reporting.may_differ() == streams(desk, "A")


def _first(desk: Club, name: str) -> str:
    stream = desk.ledger.find("A")
    assert stream is not None
    return next(e.id for e in desk.ledger.store.entries(stream) if e.name == name)


def _publish(desk: Club, days: int) -> None:
    desk.ledger.publish(
        club.Lines(regular_from=5),
        effective_from=desk.now - timedelta(days=days),
        by="drafter",
        approved_by="board",
        retroactive="agreed before",
    )


def test_rules_for_the_past_name_the_files_in_which_they_would_have_changed_something(desk: Club) -> None:
    desk.now += timedelta(days=10)
    desk.execute("A", club.Owe(order="1", amount=40), desk.now)
    desk.now += timedelta(days=40)
    desk.execute("A", Order(order="1"), desk.now)
    desk.execute("B", Order(order="1"), desk.now)
    desk.now += timedelta(days=1)
    _publish(desk, days=60)
    assert [one.name for one in desk.ledger.history("A").would_differ()] == ["club.graded"]
    assert desk.ledger.reporting.may_differ() == streams(desk, "A")


def test_files_that_rules_for_the_past_were_not_brought_to_yet_are_named_as_far_as_these_reach(
    desk: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    from guanxi.kernel.advancing import Advancing

    desk.now += timedelta(days=10)
    desk.execute("A", club.Owe(order="1", amount=40), desk.now)
    desk.now += timedelta(days=40)
    desk.execute("A", Order(order="1"), desk.now)
    desk.now += timedelta(days=1)
    # As where the process ended when the rules were on record.
    monkeypatch.setattr(Advancing, "advance_one", lambda *_: 0)
    _publish(desk, days=60)
    assert [one.name for one in desk.ledger.history("A").would_differ()] == ["club.graded"]
    named = desk.ledger.reporting.may_differ()
    assert set(streams(desk, "A")) <= set(named)


def test_verification_names_an_ending_that_the_head_of_its_stream_does_not_know_of(desk: Club) -> None:
    desk.now += timedelta(days=10)
    desk.execute("A", club.Owe(order="old", amount=60), desk.now - timedelta(days=3))
    desk.execute("A", club.Owe(order="new", amount=60), desk.now)
    desk.now += timedelta(days=15)
    desk.execute("A", club.Settle(order="old"), desk.now - timedelta(days=17))
    store = desk.ledger.store
    ended = [e.id for e in store.entries(streams(desk, "A")[0]) if e.succeeds]
    assert ended
    assert verify(store).clean
    with store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql("UPDATE guanxi_heads SET apart_since = NULL")
    assert [(f.entry, f.code) for f in verify(store).faults] == [(ended[0], "head_wrong")]
