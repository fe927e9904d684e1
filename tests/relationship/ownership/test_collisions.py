"""Deal collisions: same customer, same thing, two people; both go on until a supervisor rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import Incomplete, NotPermitted, Unknown
from guanxi.relationship.ownership.collisions import Collisions
from guanxi.relationship.ownership.commands import ResolveCollision
from guanxi.relationship.ownership.events import CollisionDetected
from guanxi.relationship.pipeline.events import (
    LeadAssigned,
    LeadClosed,
    LeadRecorded,
    LeadUpgraded,
    OpportunityAssigned,
    OpportunityClosed,
    OpportunityOpened,
    OpportunityReopened,
)
from tests.relationship.ownership.telling import FactDesk


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    with FactDesk(now="2025-03-01") as d:
        d.open("C-1", "C-2", on="2024-01-01")
        yield d


def opportunity(
    desk: FactDesk, on: str, number: str, assignee: str, *families: str, who: str = "C-1"
) -> None:
    desk.fact(
        on,
        OpportunityOpened(opportunity=number, stage="confirmed", families=families),
        OpportunityAssigned(opportunity=number, assignee=assignee),
        who=who,
    )


def lead(desk: FactDesk, on: str, number: str, assignee: str, *families: str) -> None:
    desk.fact(on, LeadRecorded(lead=number, families=families), LeadAssigned(lead=number, assignee=assignee))


def collisions(desk: FactDesk, as_of: str | None = None) -> Collisions:
    found: Collisions = desk.state(Collisions, as_of)
    return found


@pytest.mark.rule("CORE-23a")
def test_two_people_on_one_product_family_collide_and_the_earlier_is_suggested(desk: FactDesk) -> None:
    opportunity(desk, "2025-03-01", "O-1", "A", "X")
    lead(desk, "2025-03-10", "L-1", "B", "X")
    assert collisions(desk).detected == {
        ("O-1", "L-1"): CollisionDetected(
            first="O-1", second="L-1", suggested="A", rival="B", product_family="X"
        )
    }
    assert collisions(desk, "2025-03-09").detected == {}


@pytest.mark.rule("CORE-23a")
def test_two_people_on_different_product_families_do_not_collide(desk: FactDesk) -> None:
    opportunity(desk, "2025-03-01", "O-1", "A", "X")
    lead(desk, "2025-03-10", "L-1", "B", "Y")
    assert collisions(desk).detected == {}


@pytest.mark.rule("CORE-23b")
def test_merged_files_collide_from_the_merge_on(desk: FactDesk) -> None:
    opportunity(desk, "2025-03-01", "O-1", "A", "X")
    opportunity(desk, "2025-03-05", "O-2", "B", "X", who="C-2")
    desk.on("2025-05-01")
    desk.ledger.link("C-1", "C-2", mode="whole", link_type="merge", actor="clerk", reason="one party")
    desk.on("2025-05-02")
    assert collisions(desk, "2025-04-30").unresolved == []
    assert collisions(desk, "2025-05-01").unresolved == [("O-1", "O-2")]
    desk.ledger.unlink("C-1", "C-2", actor="clerk", reason="two parties")
    assert collisions(desk).unresolved == []


@pytest.mark.rule("CORE-23")
@pytest.mark.parametrize(
    ("families", "assignee", "collides"),
    [
        (("X", "Y"), "B", True),
        ((), "B", True),
        (("X",), "A", False),
        (("Y",), "B", False),
    ],
)
def test_a_collision_takes_another_person_and_a_shared_or_unnamed_family(
    desk: FactDesk, families: tuple[str, ...], assignee: str, collides: bool
) -> None:
    opportunity(desk, "2025-03-01", "O-1", "A", "X")
    opportunity(desk, "2025-03-02", "O-2", assignee, *families)
    assert bool(collisions(desk).detected) is collides


@pytest.mark.rule("CORE-23")
def test_what_is_closed_or_upgraded_collides_no_more(desk: FactDesk) -> None:
    lead(desk, "2025-03-01", "L-1", "A", "X")
    desk.fact("2025-03-02", LeadClosed(lead="L-1", reason_code="no_need"))
    lead(desk, "2025-03-03", "L-2", "B", "X")
    desk.fact(
        "2025-03-04",
        LeadUpgraded(lead="L-2", opportunity="O-2"),
        OpportunityOpened(opportunity="O-2", stage="confirmed", families=("X",), lead="L-2"),
    )
    assert collisions(desk).detected == {}
    lead(desk, "2025-03-05", "L-3", "C", "X")
    assert list(collisions(desk).detected) == [("O-2", "L-3")]


@pytest.mark.rule("CORE-23")
def test_an_opportunity_counts_from_the_day_of_its_lead(desk: FactDesk) -> None:
    lead(desk, "2025-03-01", "L-1", "A", "X")
    opportunity(desk, "2025-03-02", "O-2", "B", "X")
    desk.fact(
        "2025-03-03",
        LeadUpgraded(lead="L-1", opportunity="O-1"),
        OpportunityOpened(opportunity="O-1", stage="confirmed", families=("X",), lead="L-1"),
    )
    assert list(collisions(desk).detected) == [("L-1", "O-2"), ("O-1", "O-2")]
    assert collisions(desk).unresolved == [("O-1", "O-2")]


@pytest.mark.rule("CORE-23")
def test_a_reopened_opportunity_may_collide(desk: FactDesk) -> None:
    opportunity(desk, "2025-03-01", "O-1", "A")
    desk.fact("2025-03-02", OpportunityClosed(opportunity="O-1", outcome="lost", reason_code="price"))
    opportunity(desk, "2025-03-03", "O-2", "B")
    assert collisions(desk).detected == {}
    desk.fact("2025-03-04", OpportunityReopened(opportunity="O-1", stage="confirmed", reason="asked again"))
    assert collisions(desk).unresolved == [("O-1", "O-2")]


@pytest.mark.rule("CORE-23")
def test_a_supervisor_rules_who_goes_on(desk: FactDesk) -> None:
    opportunity(desk, "2025-03-01", "O-1", "A")
    opportunity(desk, "2025-03-02", "O-2", "B")
    rule = ResolveCollision(first="O-2", second="O-1", person="A", resolution="first recorded")
    with pytest.raises(NotPermitted, match="not_authorised"):
        desk.tell(rule, actor="B")
    desk.tell(rule, actor="supervisor")
    assert (collisions(desk).unresolved, collisions(desk).rulings) == ([], {("O-1", "O-2"): "A"})


@pytest.mark.rule("CORE-23")
def test_a_ruling_on_what_does_not_collide_or_for_a_third_person_is_refused(desk: FactDesk) -> None:
    with pytest.raises(Unknown, match="unknown_collision"):
        desk.tell(ResolveCollision(first="O-1", second="O-2", person="A", resolution="none"))
    opportunity(desk, "2025-03-01", "O-1", "A")
    opportunity(desk, "2025-03-02", "O-2", "B")
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(ResolveCollision(first="O-1", second="O-2", person="C", resolution="none"))
    with pytest.raises(Incomplete, match="reason_missing"):
        ResolveCollision(first="O-1", second="O-2", person="A")


@pytest.mark.rule("CORE-93")
def test_a_late_entry_takes_a_collision_back_and_its_resolution_stands(desk: FactDesk) -> None:
    opportunity(desk, "2025-03-01", "O-1", "A")
    opportunity(desk, "2025-03-03", "O-2", "B")
    ruling = ResolveCollision(first="O-1", second="O-2", person="A", resolution="first recorded")
    desk.on("2025-03-04").tell(ruling)
    late = OpportunityClosed(opportunity="O-1", outcome="lost", reason_code="price")
    desk.fact("2025-03-02", late, known="2025-03-10")
    assert (collisions(desk).detected, collisions(desk).rulings) == ({}, {("O-1", "O-2"): "A"})
