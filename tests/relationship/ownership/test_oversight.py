"""Oversight: a leader's second duty, which ends with the class that it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from guanxi import Conflict, Unknown
from guanxi.relationship.grading.events import ClassStated, GradeOverridden
from guanxi.relationship.ownership.commands import AssignMaintainer, AssignOversight, ReleaseOversight
from guanxi.relationship.ownership.events import OversightEnded
from guanxi.relationship.ownership.maintainers import Ownership
from guanxi.relationship.ownership.oversight import Oversight
from tests.relationship.ownership.telling import FactDesk


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    with FactDesk(now="2025-01-10") as d:
        d.open("C-1", on="2024-01-01").tell(AssignMaintainer(person="A"))
        yield d


def leaders(desk: FactDesk, as_of: str | None = None, known: str | None = None) -> tuple[str, ...]:
    found: Oversight = desk.state(Oversight, as_of, known)
    return found.leaders


def stated(grade: str, since: str) -> ClassStated:
    return ClassStated(plugin="bank", scheme="four_class", grade=grade, since=date.fromisoformat(since))


@pytest.mark.rule("CORE-21a")
def test_a_leader_oversees_beside_the_maintainer(desk: FactDesk) -> None:
    desk.tell(AssignOversight(leader="H", level="unit"))
    desk.tell(AssignOversight(leader="I", level="group"))
    assert (desk.state(Ownership).maintainer, leaders(desk)) == ("A", ("H", "I"))
    with pytest.raises(Conflict, match="already_overseen"):
        desk.tell(AssignOversight(leader="H"))


@pytest.mark.rule("CORE-21b")
def test_oversight_that_rests_on_a_class_ends_by_decision_when_it_falls(desk: FactDesk) -> None:
    desk.tell(AssignOversight(leader="H", scheme="four_class"))
    desk.tell(AssignOversight(leader="I"))
    desk.fact("2025-04-01", stated("main", "2025-04-01"))
    desk.fact("2025-07-01", stated("ordinary", "2025-07-01"))
    assert (leaders(desk, "2025-06-30"), leaders(desk, "2025-07-01")) == (("H", "I"), ("I",))
    ended = [line.event for line in desk.ledger.history("C-1").lines() if line.kind == "decision"]
    assert ended == [
        OversightEnded(
            leader="H", scheme="four_class", classed_on=date(2025, 7, 1), customer_class="ordinary"
        )
    ]


@pytest.mark.rule("CORE-21b")
def test_it_ends_too_when_a_class_that_was_set_for_certain_days_runs_out(desk: FactDesk) -> None:
    desk.fact("2025-01-11", stated("ordinary", "2025-01-11"))
    override = GradeOverridden(
        scheme="four_class", grade="vip", reason="promised", approver="manager", until=date(2025, 6, 30)
    )
    desk.fact("2025-02-01", override)
    desk.tell(AssignOversight(leader="H", scheme="four_class"))
    desk.tell(AssignOversight(leader="I", scheme="importance"))
    desk.on("2025-07-02")
    assert (leaders(desk, "2025-06-30"), leaders(desk, "2025-07-01")) == (("H", "I"), ())


@pytest.mark.rule("CORE-21")
def test_a_class_stated_ahead_counts_from_its_first_day(desk: FactDesk) -> None:
    desk.tell(AssignOversight(leader="H", scheme="four_class"))
    desk.fact("2025-02-01", stated("vip", "2025-02-01"), stated("ordinary", "2025-03-01"))
    desk.on("2025-03-02")
    assert (leaders(desk, "2025-02-28"), leaders(desk, "2025-03-01")) == (("H",), ())


@pytest.mark.rule("CORE-93")
def test_a_class_that_never_fell_gives_oversight_back_from_when_that_is_known(desk: FactDesk) -> None:
    desk.tell(AssignOversight(leader="H", scheme="four_class"))
    entered = desk.fact("2025-07-01", stated("ordinary", "2025-07-01"))
    desk.on("2025-07-20")
    desk.ledger.void(entered.entries[0].id, actor="clerk", reason="another customer's")
    assert leaders(desk, "2025-07-10") == ()
    assert leaders(desk, "2025-07-20") == ("H",)


@pytest.mark.rule("CORE-21")
def test_the_class_of_another_scheme_ends_nothing(desk: FactDesk) -> None:
    desk.tell(AssignOversight(leader="H", scheme="value_potential"))
    desk.fact("2025-07-01", stated("ordinary", "2025-07-01"))
    assert leaders(desk) == ("H",)


@pytest.mark.rule("CORE-21")
def test_a_leader_may_be_released(desk: FactDesk) -> None:
    desk.tell(AssignOversight(leader="H"))
    desk.on("2025-02-01").tell(ReleaseOversight(leader="H"))
    assert (leaders(desk, "2025-01-31"), leaders(desk)) == (("H",), ())
    with pytest.raises(Unknown, match="unknown_overseer"):
        desk.tell(ReleaseOversight(leader="H"))
