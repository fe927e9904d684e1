"""A guard may ask what the rules were at its moment; the flag names the version, and a version with effect in the past lifts it."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

from guanxi import (
    Command,
    Facet,
    Fact,
    Label,
    Now,
    Parts,
    RuleNotMet,
    RuleSet,
    command,
    event,
    parameter,
    rule_set,
)
from guanxi.kernel.standard import BreachFlagged
from tests.kernel.desks import Desk, moment


@rule_set("yard.loads", Label("Loads", "载重"))
class LoadRules(RuleSet):
    most: int = parameter(default=10, label=Label("most", "上限"))


@event("yard.lorry_loaded")
class LorryLoaded(Fact):
    tons: int


@command("yard.load_lorry")
class LoadLorry(Command):
    tons: int


@attrs.define
class Yard:
    """Nothing has to be remembered."""


yard = Facet("yard.loads", Yard)


@yard.decide
def _load(s: Yard, c: LoadLorry, now: Now) -> Iterator[Fact]:
    yield LorryLoaded(tons=c.tons)


@yard.holds("YARD-1", "overloaded")
def _within(s: Yard, e: LorryLoaded, now: Now) -> bool:
    return e.tons <= now.rules(LoadRules).most


PARTS = Parts(
    name="yard",
    version="1",
    title=Label("Yard", "货场"),
    events=(LorryLoaded,),
    commands=(LoadLorry,),
    facets=(yard,),
    rule_sets=(LoadRules,),
)


def flags(desk: Desk) -> list[str]:
    items = desk.ledger.history("C-1").judged().items
    return [item.event.code for item in items if isinstance(item.event, BreachFlagged)]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[PARTS]).open() as d:
        yield d


def test_a_guard_refuses_by_the_rules_in_force(desk: Desk) -> None:
    with pytest.raises(RuleNotMet, match="overloaded"):
        desk.tell(LoadLorry(tons=11))
    desk.tell(LoadLorry(tons=10))
    assert flags(desk) == []


def test_what_happened_is_flagged_and_a_retroactive_version_lifts_the_flag(desk: Desk) -> None:
    desk.tell(LoadLorry(tons=11), happened=True)
    assert flags(desk) == ["overloaded"]
    (flag,) = [e for e in desk.ledger.store.entries(desk.stream()) if e.name == "core.breach_flagged"]
    assert "yard.loads" in (flag.rule_sets or "")
    desk.on("2025-06-05").ledger.publish(
        LoadRules(most=20),
        effective_from=moment("2025-05-01"),
        by="drafter",
        approved_by="boss",
        retroactive="a mistake",
    )
    assert flags(desk) == []
    desk.ledger.advance()
    names = [e.name for e in desk.ledger.store.entries(desk.stream())]
    assert names[-1] == "core.decision_withdrawn"
