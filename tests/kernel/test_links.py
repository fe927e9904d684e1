"""Dated links: a relationship shows the entries of the streams linked at the cut; nothing is moved, and the past stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from guanxi import Conflict, Invalid, OpenFile, Source, Telling, Unknown, verify
from tests.laws import club
from tests.laws.test_late_effects import ZONE, Desk


def day(text: str) -> datetime:
    return datetime.fromisoformat(text + "T08:00").replace(tzinfo=ZONE)


@pytest.fixture
def desk() -> Iterator[Desk]:
    d = Desk()
    yield d
    d.ledger.close()


def link(desk: Desk, on: str, mode: str = "whole") -> None:
    desk.on(on).ledger.link("A", "B", mode=mode, link_type="merge", actor="clerk", reason="same person")  # type: ignore[arg-type]


def test_a_whole_link_brings_the_whole_past_from_its_own_day_on(desk: Desk) -> None:
    desk.on("2025-02-01").tell(club.Owe(order="a", amount=100))
    desk.on("2025-03-01").tell(club.Owe(order="b", amount=60), who="B")
    link(desk, "2025-05-01")
    assert desk.account("2025-04-30").total == 100
    assert desk.account("2025-05-01").total == 160
    assert desk.account(who="B").total == 60


def test_what_is_entered_in_a_linked_stream_is_judged_in_the_relationship_too(desk: Desk) -> None:
    desk.on("2025-02-01").tell(club.Owe(order="a", amount=60))
    link(desk, "2025-05-01")
    desk.on("2025-05-02").tell(club.Owe(order="b", amount=60), who="B")
    assert desk.account().held == ["b"]
    assert desk.account(who="B").held == []
    assert desk.account().total == 120
    assert verify(desk.ledger.store).clean


def test_unlinking_gives_each_entry_back_to_the_stream_that_carries_it(desk: Desk) -> None:
    desk.on("2025-02-01").tell(club.Owe(order="a", amount=100))
    desk.on("2025-03-01").tell(club.Owe(order="b", amount=60), who="B")
    link(desk, "2025-05-01")
    desk.on("2025-05-05").tell(club.Owe(order="c", amount=30), who="B")
    desk.on("2025-05-10").tell(club.Owe(order="d", amount=20))
    desk.on("2025-05-20").ledger.unlink("A", "B", actor="clerk", reason="two persons after all")
    assert desk.account("2025-05-15").total == 210
    assert desk.account("2025-05-25").total == 120
    assert desk.account("2025-05-25", who="B").total == 90


def test_a_days_link_shows_only_the_linked_days(desk: Desk) -> None:
    desk.on("2025-03-01").tell(club.Owe(order="b", amount=60), who="B")
    link(desk, "2025-05-01", "days")
    desk.on("2025-05-05").tell(club.Owe(order="c", amount=30), who="B")
    desk.on("2025-05-20").ledger.unlink("A", "B", actor="clerk", reason="sold on")
    desk.on("2025-05-25").tell(club.Owe(order="d", amount=5), who="B")
    assert desk.account().total == 30
    assert desk.account("2025-05-04").total == 0
    assert desk.account(who="B").total == 95


def test_a_late_entry_in_a_linked_stream_runs_hindsight_in_every_relationship_touched(desk: Desk) -> None:
    desk.on("2025-02-01").tell(club.Owe(order="a", amount=10))
    link(desk, "2025-05-01")
    desk.on("2025-05-10").tell(club.Owe(order="x", amount=45))
    assert desk.account().warned == ["x"]
    desk.on("2025-06-01").tell(club.Owe(order="late", amount=200), "2025-05-05", who="B")
    assert desk.account().warned == ["late", "x"]
    assert desk.account("2025-05-06").warned == ["late"]
    assert desk.account("2025-05-06", "2025-05-31").warned == []
    assert verify(desk.ledger.store).clean


def test_a_link_entered_late_shows_from_its_day_as_known_later(desk: Desk) -> None:
    desk.on("2025-03-01").tell(club.Owe(order="b", amount=60), who="B")
    desk.on("2025-06-01").ledger.link(
        "A",
        "B",
        mode="whole",
        link_type="member",
        actor="clerk",
        reason="told late",
        effective_from=day("2025-04-01"),
    )
    assert desk.account("2025-04-02").total == 60
    assert desk.account("2025-04-02", "2025-05-31").total == 0


def test_what_fell_due_before_a_link_is_decided_whenever_the_other_stream_was_last_written(
    desk: Desk,
) -> None:
    desk.on("2025-02-01").tell(club.Owe(order="a", amount=10))
    desk.on("2025-04-10").tell(club.Owe(order="b", amount=60), who="B")
    link(desk, "2025-05-01")
    desk.on("2025-05-02")
    assert desk.account("2025-04-30").grades.keys() == {"2025-02"}
    assert desk.account("2025-04-30", "2025-04-20").grades.keys() == {"2025-02"}


def test_a_link_to_nobody_or_to_itself_or_twice_is_refused_and_leaves_nothing(desk: Desk) -> None:
    ledger = desk.ledger
    before = ledger.store.count()
    with pytest.raises(Unknown, match="unknown_relationship"):
        ledger.link("A", "nobody", mode="whole", link_type="merge", actor="clerk", reason="r")
    with pytest.raises(Invalid, match="link_to_itself"):
        ledger.link("A", "A", mode="whole", link_type="merge", actor="clerk", reason="r")
    assert ledger.store.count() == before
    link(desk, "2025-05-01")
    with pytest.raises(Conflict, match="already_linked"):
        link(desk, "2025-05-02")
    with pytest.raises(Unknown, match="not_linked"):
        ledger.unlink("B", "A", actor="clerk", reason="r")


def test_a_history_shows_the_entries_of_linked_streams_under_their_own_ids(desk: Desk) -> None:
    desk.on("2025-03-01").tell(club.Owe(order="b", amount=60), who="B")
    link(desk, "2025-05-01")
    other = desk.ledger.find("B")
    lines = desk.ledger.history("A").lines()
    assert [(x.name, x.status) for x in lines if x.id.startswith(f"{other}/") and x.name == "club.owed"] == [
        ("club.owed", "in force")
    ]
    assert not any(x.id.startswith(f"{other}/") for x in desk.ledger.history("A").as_of("2025-04-30").lines())


def test_what_comes_late_from_before_the_link_is_judged_without_it(desk: Desk) -> None:
    desk.on("2025-03-01").tell(club.Owe(order="b", amount=60), who="B")
    link(desk, "2025-05-01")
    desk.on("2025-06-01").tell(club.Owe(order="late", amount=45), "2025-03-10")
    assert desk.account("2025-04-30").warned == []
    assert desk.account("2025-04-30").total == 45
    assert desk.account().total == 105


def test_what_enters_two_linked_streams_in_one_transaction_is_judged_together(desk: Desk) -> None:
    desk.ledger.execute("C", OpenFile(), actor="clerk", occurred_at=desk.now)
    for other in ("B", "C"):
        desk.on("2025-02-01").ledger.link(
            "A", other, mode="whole", link_type="merge", actor="clerk", reason="r"
        )
    at = desk.on("2025-03-01").now
    desk.ledger.take_in(
        [
            Telling(
                subject=who,
                command=club.Owe(order=who, amount=60),
                actor="clerk",
                occurred_at=at,
                batch="b",
                source=Source("till", "day", who),
            )
            for who in ("B", "C")
        ]
    )
    assert desk.account().total == 120
    assert len(desk.account().held) == 1, "the second of the two meets the first"
    assert desk.ledger.check_determinism().same
