"""Batches in which tellings of one file give commands to others: all that is known at once about a file is judged as known at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import guanxi
from guanxi import (
    FROM_NOW,
    Command,
    Decision,
    Facet,
    Fact,
    Invalid,
    Label,
    Ledger,
    Now,
    OpenFile,
    Parts,
    Telling,
    To,
    Verdict,
    command,
    event,
    key,
)
from guanxi import given as given_by

ZONE = ZoneInfo("Asia/Shanghai")


@event("purse.paid")
class Paid(Fact):
    number: str
    amount: int


@event("purse.held")
class Held(Decision, late=FROM_NOW, retroactive=FROM_NOW):
    number: str = key()
    total: int = given_by()


@command("purse.pay")
class Pay(Command):
    """Pay, for oneself and for friends; ``echoed`` asks the first of them to pay the same back."""

    number: str
    amount: int
    friends: tuple[str, ...] = ()
    echoed: bool = False


@command("purse.take")
class Take(Command):
    number: str
    amount: int
    back: str = ""


@attrs.define
class Purse:
    total: int = 0
    held: list[str] = attrs.field(factory=list)


purse = Facet("purse.purse", Purse)


@purse.evolve
def _paid(s: Purse, e: Paid | Held) -> None:
    match e:
        case Paid():
            s.total += e.amount
        case Held():
            s.held.append(e.number)


@purse.ended
def _over(s: Purse, e: Held) -> None:
    s.held.remove(e.number)


@purse.decide
def _pay(s: Purse, c: Pay, now: Now) -> Iterator[Any]:
    yield Paid(number=c.number, amount=c.amount)
    for friend in c.friends:
        yield To(friend, Take(number=c.number, amount=c.amount, back=now.subject if c.echoed else ""))


@purse.decide
def _take(s: Purse, c: Take, now: Now) -> Iterator[Any]:
    if c.amount == 13:
        raise Invalid("bad_luck", "13 is not taken", zh="不收 13", accepts="another amount")
    yield Paid(number=c.number, amount=c.amount)
    if c.back:
        yield To(c.back, Take(number=c.number + "'", amount=c.amount))


@purse.react("PURSE-1")
def _hold(s: Purse, e: Paid, now: Now) -> Iterator[Decision]:
    if 100 <= s.total < 200:
        yield Held(number=e.number, total=s.total)


parts = Parts(
    name="purse",
    version="1",
    title=Label("Purse", "钱包"),
    events=(Paid, Held),
    commands=(Pay, Take),
    facets=(purse,),
)


class Till:
    """A ledger of three files, and a clock that stands where it was put."""

    def __init__(self) -> None:
        self.ledger: Ledger = guanxi.open("sqlite://", zone="Asia/Shanghai", plugins=[parts])
        self.now = at(0)
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]
        for name in ("A", "B", "C"):
            self.ledger.execute(name, OpenFile(), actor="clerk")
        self.now = at(1, 23)

    def take_in(self, *lines: Telling) -> list[Verdict]:
        return self.ledger.take_in(lines)

    def decided(self, who: str) -> list[tuple[str, int, str]]:
        lines = self.ledger.history(who).lines()
        return [
            (e.number, e.total, f"{x.effective_from:%d %H:%M}")
            for x in lines
            if isinstance(e := x.event, Held) and x.status == "in force"
        ]

    def total(self, who: str) -> int:
        state: Purse = self.ledger.history(who).state(Purse)
        return state.total

    def same(self) -> bool:
        found = self.ledger.check_determinism()
        return found.same and found.changes == ()


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2025, 1, 1, hour, tzinfo=ZONE) + timedelta(days=day)


def line(who: str, told: Command, hour: int, **more: Any) -> Telling:
    return Telling(who, told, "till", occurred_at=at(1, hour), happened=True, **more)


@pytest.fixture
def till() -> Iterator[Till]:
    t = Till()
    yield t
    t.ledger.close()


@pytest.mark.parametrize("turned", [False, True])
def test_what_a_file_is_told_by_another_counts_in_its_turn_among_what_it_is_told_itself_at_once(
    till: Till, turned: bool
) -> None:
    lines = [
        line("B", Pay(number="p1", amount=100, friends=("A",)), 14),
        line("A", Pay(number="p2", amount=50), 15),
    ]
    till.take_in(*(lines[::-1] if turned else lines))
    assert till.decided("A") == [("p1", 100, "02 14:00"), ("p2", 150, "02 15:00")]
    assert till.same()


def test_what_two_files_tell_a_third_at_once_counts_by_its_days(till: Till) -> None:
    till.take_in(
        line("B", Pay(number="p1", amount=60, friends=("A",)), 15),
        line("C", Pay(number="p2", amount=50, friends=("A",)), 14),
    )
    assert till.decided("A") == [("p1", 110, "02 15:00")]
    assert till.same()


def test_what_a_telling_tells_another_file_counts_from_the_day_of_that_telling(till: Till) -> None:
    till.take_in(
        line("B", Pay(number="p1", amount=100), 10),
        line("B", Pay(number="p2", amount=100, friends=("A",)), 14),
    )
    assert till.decided("A") == [("p2", 100, "02 14:00")]
    assert till.same()


def test_what_comes_back_to_the_file_that_told_counts_there_in_its_turn(till: Till) -> None:
    till.take_in(
        line("A", Pay(number="p1", amount=30), 16),
        line("A", Pay(number="p2", amount=40, friends=("B",), echoed=True), 14),
    )
    assert [till.total(who) for who in "AB"] == [110, 40]
    assert till.decided("A") == [("p1", 110, "02 16:00")]
    assert till.same()


def test_a_line_whose_command_for_another_file_is_refused_is_refused_alone(till: Till) -> None:
    verdicts = till.take_in(
        line("B", Pay(number="p1", amount=13, friends=("A",)), 14),
        line("B", Pay(number="p2", amount=20, friends=("C", "nobody")), 14),
        line("B", Pay(number="p3", amount=40, friends=("C",)), 15),
        line("A", Pay(number="p4", amount=50), 15),
    )
    assert [(v.status, v.code) for v in verdicts] == [
        ("refused", "bad_luck"),
        ("refused", "unknown_relationship"),
        ("accepted", None),
        ("accepted", None),
    ]
    assert [till.total(who) for who in "ABC"] == [50, 40, 40]
    assert till.same()


def test_a_whole_of_which_a_command_for_another_file_is_refused_is_refused_whole(till: Till) -> None:
    verdicts = till.take_in(
        line("B", Pay(number="p1", amount=20, friends=("C",)), 14, whole="r"),
        line("B", Pay(number="p2", amount=13, friends=("A",)), 14, whole="r"),
    )
    assert [(v.status, v.code) for v in verdicts] == [
        ("refused", "receipt_incomplete"),
        ("refused", "bad_luck"),
    ]
    assert [till.total(who) for who in "ABC"] == [0, 0, 0]


def test_a_file_opened_in_the_batch_may_be_told_by_another_of_its_lines(till: Till) -> None:
    verdicts = till.take_in(
        line("B", Pay(number="p1", amount=100, friends=("D",)), 14), line("D", OpenFile(), 9)
    )
    assert [v.status for v in verdicts] == ["accepted", "accepted"]
    assert till.decided("D") == [("p1", 100, "02 14:00")]
    assert till.same()


PAYING = st.tuples(
    st.sampled_from("ABC"),
    st.sampled_from([13, 20, 50, 100]),
    st.lists(st.sampled_from("ABC"), max_size=2, unique=True),
    st.booleans(),
    st.integers(0, 22),
)


@given(st.lists(PAYING, min_size=1, max_size=6, unique_by=lambda p: p[4]), st.randoms())
@settings(deadline=None, max_examples=40)
def test_a_batch_comes_to_the_same_in_any_order_and_comes_out_again_as_it_is_stored(
    told: Sequence[tuple[str, int, list[str], bool, int]], chance: Any
) -> None:
    lines = [
        line(
            who,
            Pay(number=f"p{n}", amount=amount, friends=tuple(f for f in to if f != who), echoed=back),
            hour,
        )
        for n, (who, amount, to, back, hour) in enumerate(told)
    ]
    turned = chance.sample(lines, len(lines))
    one, other = Till(), Till()
    try:
        verdicts = one.take_in(*lines)
        again = dict(zip((t.command.number for t in turned), other.take_in(*turned), strict=True))
        assert [v.code for v in verdicts] == [again[t.command.number].code for t in lines]
        for who in "ABC":
            assert one.decided(who) == other.decided(who)
            assert one.total(who) == other.total(who)
        assert [one.same(), other.same()] == [True, True]
    finally:
        one.ledger.close()
        other.ledger.close()
