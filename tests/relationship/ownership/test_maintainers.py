"""The maintainer: one at most, kept as first told, drawn from the first won deal, moved by hand-over alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import Conflict, Incomplete, Invalid, Unknown
from guanxi.relationship.file.commands import MergeFiles, UndoMerge
from guanxi.relationship.ownership.commands import (
    AcceptHandover,
    AssignMaintainer,
    ProposeHandover,
    ReleaseMaintainer,
)
from guanxi.relationship.ownership.events import MaintainerDrawn
from guanxi.relationship.ownership.maintainers import Ownership
from guanxi.relationship.pipeline.events import OpportunityAssigned, OpportunityClosed, OpportunityOpened
from tests.relationship.ownership.telling import FactDesk


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    with FactDesk(now="2025-01-10") as d:
        d.open("C-1", on="2024-01-01")
        yield d


def maintainer(desk: FactDesk, as_of: str | None = None, known: str | None = None) -> str | None:
    found: Ownership = desk.state(Ownership, as_of, known)
    return found.maintainer


def breaches(desk: FactDesk) -> list[str]:
    lines = desk.ledger.history("C-1").lines()
    return [
        line.event.code for line in lines if line.name == "core.breach_flagged" and line.event is not None
    ]


@pytest.mark.rule("CORE-19a")
@pytest.mark.parametrize("counts_from", ["2025-02-01", "2025-01-20"])
def test_a_second_maintainer_is_refused_and_the_first_is_named(desk: FactDesk, counts_from: str) -> None:
    desk.tell(AssignMaintainer(person="A"))
    desk.on("2025-02-01")
    with pytest.raises(Conflict) as refusal:
        desk.tell(AssignMaintainer(person="B"), counts_from, reason="agreed then")
    assert (refusal.value.code, refusal.value.facts["maintainer"]) == ("already_maintained", "A")
    assert maintainer(desk, "2025-02-01") == "A"


@pytest.mark.rule("CORE-19a")
def test_a_maintainer_may_hold_any_number_of_customers(desk: FactDesk) -> None:
    customers = [f"K-{n}" for n in range(501)]
    desk.open(*customers)
    for who in customers:
        desk.tell(AssignMaintainer(person="A"), who=who)
    assert desk.state(Ownership, who="K-500").maintainer == "A"


@pytest.mark.rule("CORE-19b")
def test_a_hand_over_counts_from_its_signing_and_is_known_from_its_entry(desk: FactDesk) -> None:
    desk.tell(AssignMaintainer(person="A"))
    desk.on("2025-01-30").tell(ProposeHandover(handover="H-1", receiver="B"))
    accept = AcceptHandover(handover="H-1", giver_signature="A", receiver_signature="B")
    desk.on("2025-02-05").tell(accept, "2025-02-01", reason="signed on paper")
    assert maintainer(desk, "2025-01-31") == "A"
    assert maintainer(desk, "2025-02-01") == "B"
    assert maintainer(desk, "2025-02-03", "2025-02-03") == "A"


@pytest.mark.rule("CORE-19")
def test_a_second_maintainer_told_as_having_happened_is_kept_and_flagged(desk: FactDesk) -> None:
    desk.tell(AssignMaintainer(person="A"))
    desk.on("2025-02-01").tell(AssignMaintainer(person="B"), happened=True)
    assert (maintainer(desk), breaches(desk)) == ("A", ["already_maintained"])


@pytest.mark.rule("CORE-19")
def test_an_assignment_entered_late_before_another_one_is_refused(desk: FactDesk) -> None:
    desk.tell(AssignMaintainer(person="A"))
    desk.on("2025-02-01")
    with pytest.raises(Exception, match="CORE-19"):
        desk.tell(AssignMaintainer(person="B"), "2025-01-05", reason="forgotten")
    assert maintainer(desk, "2025-01-06") is None


@pytest.mark.rule("CORE-19")
def test_who_wins_the_first_deal_of_an_unowned_customer_maintains_him(desk: FactDesk) -> None:
    desk.fact("2025-02-01", OpportunityOpened(opportunity="O-1", stage="confirmed"))
    desk.fact("2025-02-01T11:00", OpportunityAssigned(opportunity="O-1", assignee="W"))
    desk.fact("2025-03-01", OpportunityClosed(opportunity="O-1", outcome="won"))
    assert (maintainer(desk, "2025-02-28"), maintainer(desk, "2025-03-01")) == (None, "W")
    drawn = [line for line in desk.ledger.history("C-1").lines() if line.name == "core.maintainer_drawn"]
    assert [line.event for line in drawn] == [MaintainerDrawn(basis="won:O-1", person="W")]
    with pytest.raises(Conflict, match="already_maintained"):
        desk.tell(AssignMaintainer(person="B"))


@pytest.mark.rule("CORE-19")
@pytest.mark.parametrize(("outcome", "owner"), [("won", "A"), ("lost", None)])
def test_a_deal_draws_no_maintainer_where_there_is_one_or_it_was_lost(
    desk: FactDesk, outcome: str, owner: str | None
) -> None:
    if owner is not None:
        desk.tell(AssignMaintainer(person=owner))
    desk.fact("2025-02-01", OpportunityOpened(opportunity="O-1", stage="confirmed"))
    desk.fact("2025-02-01T11:00", OpportunityAssigned(opportunity="O-1", assignee="W"))
    desk.fact("2025-03-01", OpportunityClosed(opportunity="O-1", outcome=outcome))  # type: ignore[arg-type]
    assert maintainer(desk) == owner


@pytest.mark.rule("CORE-19")
def test_a_deal_won_before_but_entered_after_an_assignment_leaves_that_standing(desk: FactDesk) -> None:
    desk.fact("2025-02-01", OpportunityOpened(opportunity="O-1", stage="confirmed"))
    desk.fact("2025-02-01T11:00", OpportunityAssigned(opportunity="O-1", assignee="W"))
    desk.on("2025-03-05").tell(AssignMaintainer(person="B"))
    desk.fact("2025-03-01", OpportunityClosed(opportunity="O-1", outcome="won"), known="2025-03-10")
    assert (maintainer(desk, "2025-03-02"), maintainer(desk, "2025-03-05")) == ("W", "B")
    assert breaches(desk) == []


@pytest.mark.rule("CORE-19")
def test_a_release_leaves_the_customer_unowned(desk: FactDesk) -> None:
    desk.tell(AssignMaintainer(person="A"))
    desk.on("2025-02-01").tell(ReleaseMaintainer(basis="left_the_firm"))
    assert (maintainer(desk, "2025-01-31"), maintainer(desk)) == ("A", None)
    with pytest.raises(Unknown, match="not_maintained"):
        desk.tell(ReleaseMaintainer(basis="again"))


@pytest.mark.rule("CORE-IN-t")
def test_a_release_without_a_reason_is_incomplete() -> None:
    with pytest.raises(Incomplete, match="reason_missing"):
        ReleaseMaintainer()
    with pytest.raises(Invalid, match="blank"):
        AssignMaintainer(person=" ")


@pytest.mark.rule("CORE-13")
def test_a_merge_names_the_one_maintainer_and_its_undoing_gives_back_the_first(desk: FactDesk) -> None:
    desk.open("C-2", on="2024-01-01")
    desk.tell(AssignMaintainer(person="A"))
    desk.tell(AssignMaintainer(person="B"), who="C-2")
    desk.on("2025-05-01").tell(MergeFiles(absorbed="C-2", maintainer="B"), reason="one party")
    desk.on("2025-05-20").tell(UndoMerge(absorbed="C-2"), reason="two parties")
    desk.on("2025-05-21")
    assert [maintainer(desk, d) for d in ("2025-04-30", "2025-05-01", "2025-05-21")] == ["A", "B", "A"]
    assert desk.state(Ownership, who="C-2").maintainer == "B"
    rows = desk.ledger.report("core.ownership_register").rows
    assert [row[:3] for row in rows] == [("owned", "A", 1), ("owned", "B", 1)]
    merged = desk.ledger.report("core.ownership_register", as_of="2025-05-10").rows
    assert [row[:3] for row in merged] == [("owned", "B", 1)]
