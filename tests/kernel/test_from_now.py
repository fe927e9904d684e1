"""A decision that begins, or succeeds another, only when something late became known stands through further late entries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.laws import club
from tests.laws.test_late_effects import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    d = Desk()
    yield d
    d.ledger.close()


def begun_late(desk: Desk) -> Desk:
    """Return a desk at which an order of 5 June is held from 20 June on, by a debt of 2 June that was entered then."""
    desk.on("2025-06-05").tell(club.Owe(order="new", amount=60))
    desk.on("2025-06-20").tell(club.Owe(order="old", amount=60), "2025-06-02")
    return desk


def test_a_decision_that_began_late_is_not_ended_by_the_next_late_entry(desk: Desk) -> None:
    begun_late(desk).on("2025-06-25").tell(club.Settle(order="something else"), "2025-06-01")
    assert desk.account("2025-06-19").held == []
    assert desk.account("2025-06-20").held == ["new"]
    assert desk.account().held == ["new"]


def test_a_decision_that_began_late_ends_when_its_ground_falls_away(desk: Desk) -> None:
    begun_late(desk).on("2025-06-25").tell(club.Settle(order="old"), "2025-06-03")
    assert desk.account("2025-06-24").held == ["new"]
    assert desk.account().held == []
    desk.on("2025-06-28").tell(club.Settle(order="something else"), "2025-06-01")
    assert desk.account("2025-06-24").held == ["new"]
    assert desk.account().held == []


def test_a_decision_that_began_late_is_succeeded_and_not_ended_when_it_comes_out_otherwise(
    desk: Desk,
) -> None:
    begun_late(desk).on("2025-06-25").tell(club.Owe(order="older", amount=5), "2025-06-01")
    assert desk.account().held == ["new"]
    names = [line.name for line in desk.ledger.history("A").lines()]
    assert names.count("club.held") == 2
    assert "core.decision_ended" not in names


def test_a_decision_whose_ground_moved_to_a_later_day_stands(desk: Desk) -> None:
    desk.on("2025-06-02").tell(club.Owe(order="old", amount=60))
    desk.on("2025-06-10").tell(club.Owe(order="new", amount=60), "2025-06-05")
    assert desk.account().held == ["new"]
    placed = next(e for e in desk.ledger.history("A").lines() if e.fields and e.fields.get("order") == "new")
    desk.on("2025-06-20").ledger.void(placed.id, actor="clerk", reason="another day")
    desk.tell(club.Owe(order="new", amount=60), "2025-06-08")
    assert desk.account().held == ["new"]
