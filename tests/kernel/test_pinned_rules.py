"""A decision stays under the rules it was drawn by, for as long as what it looks up stays where it was (CORE-05)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs
import pytest

from guanxi import (
    REVISE,
    WOULD_DIFFER,
    Command,
    Decision,
    Facet,
    Fact,
    Label,
    Now,
    Parts,
    RuleSet,
    command,
    event,
    key,
    parameter,
    rule_set,
)
from tests.kernel.desks import Desk, moment


@rule_set("till.terms")
class Terms(RuleSet):
    days: int = parameter(default=7)


@event("till.sold")
class Sold(Fact):
    number: str


@event("till.brought_back")
class BroughtBack(Fact):
    number: str
    why: str = ""


@event("till.judged")
class Judged(Decision, late=REVISE, retroactive=WOULD_DIFFER):
    number: str = key()
    days: int
    why: str = ""


@command("till.sell")
class Sell(Command):
    number: str


@command("till.bring_back")
class BringBack(Command):
    number: str


@attrs.define
class Till:
    sold: dict[str, datetime] = attrs.field(factory=dict)
    judged: dict[str, int] = attrs.field(factory=dict)


till = Facet("till.till", Till)


@till.evolve
def _sold(s: Till, e: Sold, at: datetime) -> None:
    s.sold[e.number] = at


@till.evolve
def _judged(s: Till, e: Judged) -> None:
    s.judged[e.number] = e.days


@till.decide
def _sell(s: Till, c: Sell, now: Now) -> Iterator[Fact]:
    yield Sold(number=c.number)


@till.decide
def _bring_back(s: Till, c: BringBack, now: Now) -> Iterator[Fact]:
    yield BroughtBack(number=c.number)


@till.react("TILL-1")
def _judge(s: Till, e: BroughtBack, now: Now) -> Iterator[Decision]:
    """Judge by the terms of the day of the sale."""
    if e.number in s.sold:
        yield Judged(number=e.number, days=now.rules_at(Terms, s.sold[e.number]).days, why=e.why)


parts = Parts(
    "till",
    "1",
    Label("Till", "收银"),
    events=(Sold, BroughtBack, Judged),
    commands=(Sell, BringBack),
    facets=(till,),
    rule_sets=(Terms,),
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Terms of 14 days from February, of 21 from April on; a sale in March, brought back in May."""
    with Desk(now="2024-01-02", plugins=[parts]).open() as opened:
        publish(opened, 14, "2024-02-01")
        publish(opened, 21, "2024-04-01")
        opened.on("2024-05-02")
        opened.tell(Sell(number="A"), "2024-03-05", reason="told")
        opened.tell(BringBack(number="A"), "2024-05-01", reason="told")
        assert days(opened) == 14
        yield opened


def publish(desk: Desk, days: int, since: str, **keywords: str) -> None:
    terms = Terms(days=days)
    desk.ledger.publish(terms, effective_from=moment(since), by="a", approved_by="b", **keywords)


def days(desk: Desk) -> int:
    return desk.ledger.history("C-1").state(Till).judged["A"]


def entry(desk: Desk, name: str) -> str:
    return next(line.id for line in desk.ledger.history("C-1").lines() if line.name == name)


def correct_sale(desk: Desk, day: str) -> None:
    desk.ledger.correct(entry(desk, "till.sold"), actor="a", reason="wrong day", effective_from=moment(day))


def touch(desk: Desk, why: str) -> None:
    """Have the decision drawn again, by a correction that moves nothing."""
    desk.ledger.correct(entry(desk, "till.brought_back"), {"why": why}, actor="a", reason="why it came back")


@pytest.mark.rule("CORE-05")
@pytest.mark.parametrize(("day", "holds"), [("2024-01-05", 7), ("2024-02-05", 14), ("2024-04-05", 21)])
def test_a_correction_that_moves_the_day_looked_up_takes_the_version_of_the_new_day(
    desk: Desk, day: str, holds: int
) -> None:
    correct_sale(desk.on("2024-06-01"), day)
    assert days(desk) == holds
    assert desk.ledger.history("C-1").would_differ() == []


@pytest.mark.rule("CORE-05")
def test_rules_published_for_the_past_reach_no_decision_that_only_a_correction_draws_again(
    desk: Desk,
) -> None:
    publish(desk.on("2024-06-01"), 30, "2024-01-01", retroactive="agreed")
    publish(desk.on("2024-06-02"), 31, "2024-03-01", retroactive="agreed")
    (differs,) = desk.ledger.history("C-1").would_differ()
    assert isinstance(differs.derived, Judged)
    assert differs.derived.days == 31
    touch(desk.on("2024-06-03"), "too small")
    assert days(desk) == 14
    correct_sale(desk.on("2024-06-04"), "2024-04-05")
    assert days(desk) == 21
    correct_sale(desk.on("2024-06-05"), "2024-01-05")
    assert days(desk) == 7
    touch(desk.on("2024-06-06"), "too large")
    assert days(desk) == 7


@pytest.mark.rule("CORE-05")
def test_a_version_published_in_the_moment_before_a_decision_is_one_that_it_knew() -> None:
    with Desk(now="2024-05-02", plugins=[parts]).open() as desk:
        publish(desk, 21, "2024-04-01", retroactive="agreed")
        desk.tell(Sell(number="A"), "2024-03-05", reason="told")
        desk.tell(BringBack(number="A"), "2024-05-01", reason="told")
        published, drawn = (desk.ledger.store.entries(s)[-1] for s in ("rules", desk.stream()))
        assert published.recorded_at == drawn.recorded_at
        assert days(desk) == 7
        correct_sale(desk.on("2024-06-01"), "2024-04-05")
        assert days(desk) == 21
