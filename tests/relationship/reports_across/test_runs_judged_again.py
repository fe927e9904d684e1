"""Each run stands, and the register says how many of its lines would come out otherwise today."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import Invalid
from tests.relationship.grading.grading_desks import Room


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(now="2024-01-01") as d:
        names = [f"C-{n:02}" for n in range(1, 11)]
        d.open(*names)
        d.on("2024-06-10")
        for n, name in enumerate(names):
            d.invoice(f"I-{name}", "2024-06-10", 100 - 10 * n, who=name)
        yield d


@pytest.mark.rule("CORE-94a")
def test_a_late_entry_makes_three_lines_of_a_run_differ(room: Room) -> None:
    view = room.on("2025-01-05").ledger.run("core.four_classes", actor="analyst")
    columns = [c.name for c in room.ledger.report("core.runs_judged_again").columns]
    told = dict(zip(columns, room.ledger.report("core.runs_judged_again").rows[0], strict=True))
    assert (told["run"], told["lines"], told["population"], told["would_differ"]) == (view.id, 10, 10, 0)
    assert told["digest"] == view.digest
    room.on("2025-01-10").invoice("late", "2024-12-20", 30, who="C-03")
    assert [row[-1] for row in room.ledger.report("core.runs_judged_again").rows] == [3]
    assert "将有差异" in room.ledger.report("core.runs_judged_again").as_table("zh")


def test_a_run_that_was_broken_off_has_nothing_to_differ(room: Room) -> None:
    view = room.on("2025-01-05").ledger.run("core.four_classes", actor="analyst")
    room.ledger.run("core.four_classes", actor="analyst", supersedes=view.id, reason="again")
    assert [row[-1] for row in room.ledger.report("core.runs_judged_again").rows] == [0, 0]


def test_lines_that_do_not_sum_to_the_control_sums_are_no_answer(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.on("2025-01-05").ledger.run("core.four_classes", actor="analyst")
    lines = room.ledger.runs.lines
    monkeypatch.setattr(room.ledger.runs, "lines", lambda run: lines(run)[1:])
    with pytest.raises(Invalid, match=r"does_not_foot: core\.runs_judged_again: Σ contribution"):
        room.ledger.report("core.runs_judged_again")
