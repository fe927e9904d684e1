"""Four classes, ABC classes and loyalty by runs: whom they class how, what late entries do, and what takes effect when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from guanxi import OpenFile, RuleNotMet
from guanxi.relationship.file.commands import MergeFiles, UndoMerge
from guanxi.relationship.grading.classing import abc, concentration, four_classes, percentiles
from guanxi.relationship.grading.events import ABC, FOUR_CLASS
from guanxi.relationship.grading.loyalty import duration, whole_months
from guanxi.relationship.grading.rules import ConcentrationRules, FourClassRules
from guanxi.relationship.grading.runs import four_class_run
from tests.kernel.desks import moment
from tests.relationship.grading.grading_desks import Room

CLASSES = FourClassRules().classes
SHARES = ConcentrationRules()


def numbered(amounts: Sequence[int | str]) -> dict[str, Decimal]:
    return {f"C-{n:02}": Decimal(a) for n, a in enumerate(amounts, 1)}


def classed(amounts: Sequence[int | str]) -> list[str]:
    ranks = four_classes(numbered(amounts), FourClassRules())
    return [CLASSES[ranks[one] - 1] for one in sorted(ranks)]


def counted(classes: list[str]) -> list[int]:
    return [classes.count(name) for name in CLASSES]


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(now="2024-01-01") as d:
        yield d


def ten(room: Room) -> list[str]:
    """Open ten customers with contributions 100, 90, ... 10 of the year 2024."""
    names = [f"C-{n:02}" for n in range(1, 11)]
    room.open(*names)
    room.on("2024-06-10")
    for n, name in enumerate(names):
        room.invoice(f"I-{name}", "2024-06-10", 200 - 10 * n, who=name)
        room.cost("2024-06-10", 100, who=name)
    return names


def grades_of(room: Room, day: str, names: Sequence[str]) -> list[str | None]:
    return [room.grade(FOUR_CLASS, day, who=name) for name in names]


# ---------------------------------------------------------------- four classes


@pytest.mark.rule("CORE-54a")
@pytest.mark.parametrize(("count", "expected"), [(20, [1, 3, 6, 10]), (10, [1, 1, 3, 5])])
def test_ranks_cut_the_four_classes(count: int, expected: list[int]) -> None:
    assert counted(classed([1000 - n for n in range(count)])) == expected


@pytest.mark.rule("CORE-54b")
def test_equals_take_the_higher_class() -> None:
    assert classed([100, 100, 80, 70, 60, 50, 40, 30, 20, 10])[:3] == ["vip", "vip", "ordinary"]


@pytest.mark.rule("CORE-54b")
def test_who_brings_nothing_is_small_whatever_his_rank() -> None:
    assert classed([100, 90, 0, 0, 0, -1, -2, -3, -4, -5]) == ["vip", "main", *["small"] * 8]


@pytest.mark.rule("CORE-54")
def test_another_ladder_is_cut_in_the_same_way(room: Room) -> None:
    names = ten(room)
    room.on("2025-01-01").publish(FourClassRules(classes=("strategic", "key", "general", "retail")))
    room.on("2025-01-05").ledger.run("core.four_classes", actor="analyst")
    assert grades_of(room, "2025-01-05", names)[:3] == ["strategic", "key", "general"]


@pytest.mark.rule("CORE-54")
def test_lines_may_cut_the_classes_instead() -> None:
    rules = FourClassRules(method="lines", lines=(Decimal(1000), Decimal(500), Decimal(100)))
    ranks = four_classes(numbered([1000, "999.99", 500, 100, 99]), rules)
    assert [ranks[one] for one in sorted(ranks)] == [1, 2, 2, 3, 4]


@pytest.mark.rule("CORE-54")
@pytest.mark.parametrize(
    "fields",
    [
        {"method": "lines"},
        {"lines": (Decimal(1), Decimal(2), Decimal(3))},
        {"shares": (Decimal(50), Decimal(20), Decimal(5))},
    ],
)
def test_cuts_out_of_order_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"lines|shares"):
        FourClassRules(**fields)


@pytest.mark.rule("CORE-54")
def test_revenue_is_what_was_invoiced_else_what_was_delivered_of_the_full_months_before(room: Room) -> None:
    from guanxi.relationship.dealings.events import GoodsDelivered, GoodsReturned, LineQuantity

    room.open("invoiced", "delivered")
    room.on("2023-12-31").invoice("I-0", "2023-12-31", 5000, who="invoiced")
    room.on("2024-03-01").invoice("I-1", "2024-03-01", 300, who="invoiced")
    room.on("2024-04-01")
    for who in ("invoiced", "delivered"):
        room.order("O-1", "2024-04-01", 100, who=who)
        room.happen(
            GoodsDelivered(order="O-1", lines=(LineQuantity(line="1", quantity=Decimal("0.7")),)), who=who
        )
        room.happen(
            GoodsReturned(order="O-1", lines=(LineQuantity(line="1", quantity=Decimal("0.2")),)), who=who
        )
    room.on("2025-01-02").invoice("I-2", "2025-01-02", 700, who="invoiced")
    room.on("2025-01-05")
    view = room.ledger.run("core.four_classes", actor="analyst")
    lines = dict(room.ledger.runs.lines(view.id))
    assert lines[room.stream("invoiced")].revenue == 300
    assert lines[room.stream("delivered")].revenue == 50


@pytest.mark.rule("CORE-54")
def test_a_cost_of_several_days_belongs_to_the_last_of_them(room: Room) -> None:
    from guanxi.relationship.dealings.events import CostRecorded
    from tests.relationship.grading.grading_desks import cny

    room.open("A")
    room.on("2025-01-04")
    for until in ("2024-12-31", "2025-01-01", "2025-01-02"):
        spread = CostRecorded(
            cost="indirect", amount=cny(10), since=date(2024, 12, 1), until=date.fromisoformat(until)
        )
        room.happen(spread, who="A")
    view = room.on("2025-01-05").ledger.run("core.four_classes", actor="analyst")
    ((_, line),) = room.ledger.runs.lines(view.id)
    assert line.cost == 20


# ---------------------------------------------------------------- as runs


@pytest.mark.rule("CORE-94a")
def test_a_run_stands_and_a_late_entry_lists_whom_it_would_class_otherwise(room: Room) -> None:
    names = ten(room)
    view = room.on("2025-01-05").ledger.run("core.four_classes", actor="analyst")
    classes = grades_of(room, "2025-01-05", names)
    assert classes == ["vip", "main", *["ordinary"] * 3, *["small"] * 5]
    assert view.controls["contribution"] == 550
    room.on("2025-01-10").invoice("late", "2024-12-20", 30, who="C-03")
    assert grades_of(room, "2025-01-10", names) == classes
    found = room.ledger.runs.would_differ(view.id)
    changed = {d.member: (d.stored.grade, d.derived.grade) for d in found}
    assert changed == {
        room.stream("C-01"): ("vip", "main"),
        room.stream("C-02"): ("main", "ordinary"),
        room.stream("C-03"): ("ordinary", "vip"),
    }
    further = room.ledger.run("core.four_classes", actor="analyst", supersedes=view.id, reason="late invoice")
    assert further.controls["contribution"] == 580
    assert grades_of(room, "2025-01-10", names)[:3] == ["main", "ordinary", "vip"]


@pytest.mark.rule("CORE-93c")
def test_what_would_differ_is_listed_until_the_next_run(room: Room) -> None:
    names = ten(room)
    first = room.on("2025-01-05").ledger.run("core.four_classes", actor="analyst")
    room.on("2025-01-09")
    assert room.ledger.runs.would_differ(first.id) == []
    room.on("2025-01-10").cost("2024-12-20", 95, who="C-01")
    room.on("2026-01-04")
    assert room.grade(FOUR_CLASS, "2026-01-04", who="C-01") == "vip"
    assert room.ledger.runs.would_differ(first.id)
    second = room.on("2026-01-05").ledger.run("core.four_classes", actor="analyst")
    assert room.ledger.runs.would_differ(second.id) == []
    assert set(grades_of(room, "2026-01-05", names)) == {"small"}
    assert room.grade(FOUR_CLASS, "2026-01-04", who="C-01") == "vip"


@pytest.mark.rule("CORE-94b")
def test_the_classes_of_a_run_count_once_it_is_closed(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    from guanxi.kernel.runs import running

    names = ten(room)
    room.on("2024-06-20").ledger.run("core.four_classes", actor="analyst")
    room.now = moment("2025-01-05T02:00")
    tell = running.Running._tell

    def slowly(self: Any, view: Any, command: Any, actor: str, what: str) -> None:
        if what == "close":
            assert grades_of(room, "2025-01-05", names) == ["small"] * 10
            room.now = moment("2025-01-05T02:10")
        tell(self, view, command, actor, what)

    monkeypatch.setattr(running.Running, "_tell", slowly)
    room.ledger.run("core.four_classes", actor="analyst")

    def at(hour: str) -> list[str | None]:
        states = (room.ledger.history(n).as_of(moment(f"2025-01-05T{hour}")) for n in names)
        from guanxi.relationship.grading.importance import Importance

        return [s.state(Importance).in_force(FOUR_CLASS, date(2025, 1, 5)) for s in states]

    assert at("02:05") == ["small"] * 10
    assert at("02:10")[:2] == ["vip", "main"]


@pytest.mark.rule("CORE-94b")
def test_a_run_broken_off_after_six_lines_leaves_nothing_in_force(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    from guanxi.kernel.runs import running

    names = ten(room)
    room.on("2025-01-05")
    monkeypatch.setattr(running, "LINES_AT_ONCE", 6)
    tell = running.Running._tell

    def broken(self: Any, view: Any, command: Any, actor: str, what: str) -> None:
        if what == "part 2":
            raise KeyboardInterrupt
        tell(self, view, command, actor, what)

    monkeypatch.setattr(running.Running, "_tell", broken)
    with pytest.raises(KeyboardInterrupt):
        room.ledger.run("core.four_classes", actor="analyst")
    (view,) = room.ledger.runs.views("core.four_classes")
    assert view.lines == 6
    room.ledger.runs.abandon(view.id, actor="analyst", reason="power cut")
    assert grades_of(room, "2025-01-05", names) == [None] * 10


@pytest.mark.rule("CORE-94c")
def test_lines_that_do_not_sum_leave_the_run_open(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ten(room)
    judge = four_class_run.judge

    def short(reader: Any, parameters: Any, asked: Any) -> Iterator[tuple[str, Any]]:
        for stream, line in judge(reader, parameters, asked):
            ten_less = line.contribution - 10 if line.contribution == 100 else line.contribution
            yield stream, attrs.evolve(line, contribution=ten_less)

    monkeypatch.setattr(four_class_run, "judge", short)
    room.on("2025-01-05")
    with pytest.raises(RuleNotMet, match=r"control_sum_mismatch.*540\.0+ against 550"):
        room.ledger.run("core.four_classes", actor="analyst")
    assert room.ledger.runs.views("core.four_classes")[0].status == "open"
    assert grades_of(room, "2025-01-05", names) == [None] * 10


@pytest.mark.rule("CORE-94c")
def test_who_joins_after_the_cut_has_no_class_until_the_next_run(room: Room) -> None:
    ten(room)
    room.on("2025-01-05").ledger.run("core.four_classes", actor="analyst")
    room.on("2025-01-06").tell(OpenFile(), "2025-01-03", who="new", reason="was forgotten")
    assert room.grade(FOUR_CLASS, "2025-01-31", who="new") is None
    room.on("2025-02-05").ledger.run("core.four_classes", actor="analyst")
    assert room.grade(FOUR_CLASS, "2025-02-05", who="new") == "small"


@pytest.mark.rule("CORE-94d")
@pytest.mark.parametrize(("survivor", "absorbed"), [("C-02", "C-07"), ("C-07", "C-02")])
def test_a_merge_keeps_the_better_line_and_undoing_it_restores_both(
    room: Room, survivor: str, absorbed: str
) -> None:
    ten(room)
    room.on("2025-01-05").ledger.run("core.four_classes", actor="analyst")
    room.on("2025-02-01").tell(MergeFiles(absorbed=absorbed), who=survivor, reason="same firm")
    room.on("2025-02-05")
    assert room.grade(FOUR_CLASS, "2025-01-31", who="C-07") == "small"
    assert room.grade(FOUR_CLASS, "2025-02-05", who=survivor) == "main"
    shown = {r["account"]: r["grade"] for r in room.rows("core.classes_in_force", "2025-02-05")}
    assert shown[survivor] == "main"
    assert absorbed not in shown
    room.on("2025-02-10").tell(UndoMerge(absorbed=absorbed), who=survivor, reason="two firms after all")
    room.on("2025-02-15")
    assert [room.grade(FOUR_CLASS, "2025-02-15", who=who) for who in ("C-02", "C-07")] == ["main", "small"]
    shown = {r["account"]: r["grade"] for r in room.rows("core.classes_in_force", "2025-02-15")}
    assert (shown["C-02"], shown["C-07"]) == ("main", "small")
    assert room.grade(FOUR_CLASS, "2025-02-05", who=survivor) == "main"


@pytest.mark.rule("CORE-94d")
def test_files_that_became_one_are_classed_as_one_by_the_next_run(room: Room) -> None:
    ten(room)
    room.on("2025-01-03").tell(MergeFiles(absorbed="C-02"), who="C-07", reason="same firm")
    view = room.on("2025-01-05").ledger.run("core.four_classes", actor="analyst")
    lines = dict(room.ledger.runs.lines(view.id))
    assert len(lines) == 9
    assert (lines[room.stream("C-07")].contribution, lines[room.stream("C-07")].grade) == (130, "vip")


# ---------------------------------------------------------------- ABC


@pytest.mark.rule("CORE-56a")
@pytest.mark.parametrize(
    ("amounts", "letters"),
    [([500, 300, 100, 60, 40], "AABBC"), ([500, 290, 110, 60, 40], "AAABC")],
)
def test_the_share_before_a_customer_makes_his_class(amounts: list[int], letters: str) -> None:
    assert "".join(abc(numbered(amounts), SHARES).values()) == letters


@pytest.mark.rule("CORE-56b")
@pytest.mark.parametrize(
    ("amounts", "letters"), [([900, 100], "AB"), ([800, 100, 50, 50], "ABBB"), ([100, 0, -20], "ACC")]
)
def test_equals_share_the_higher_class_and_who_brings_nothing_is_c(amounts: list[int], letters: str) -> None:
    assert "".join(abc(numbered(amounts), SHARES).values()) == letters


@pytest.mark.rule("CORE-56c")
def test_the_top_fifth_and_the_sum_of_squared_shares() -> None:
    found = concentration(numbered([500, 300, 100, 60, 40]), SHARES)
    assert found.top == ("C-01",)
    assert found.top_share == 50
    assert found.top_share < SHARES.top_share
    assert found.hhi == Decimal("0.3552")


@pytest.mark.rule("CORE-56")
def test_nothing_is_concentrated_where_there_is_nothing() -> None:
    found = concentration(numbered([0, -5]), SHARES)
    assert (found.top_share, found.hhi) == (None, None)


@pytest.mark.rule("CORE-56a")
def test_the_classes_that_steer_treatment_come_from_a_run(room: Room) -> None:
    names = [f"C-{n}" for n in range(5)]
    room.open(*names)
    room.on("2024-06-10")
    for name, amount in zip(names, (500, 300, 100, 60, 40), strict=True):
        room.invoice(f"I-{name}", "2024-06-10", amount, who=name)
    view = room.on("2025-01-05").ledger.run("core.abc_classes", actor="analyst")
    assert [room.grade(ABC, "2025-01-05", who=name) for name in names] == list("AABBC")
    assert view.controls["revenue"] == 1000


# ---------------------------------------------------------------- loyalty


@pytest.mark.rule("CORE-59a")
def test_a_percentile_is_the_share_of_customers_with_at_most_that_value() -> None:
    assert list(percentiles(numbered([6, 12, 12, 30])).values()) == [25, 75, 75, 100]


@pytest.mark.rule("CORE-59b")
def test_lapsed_months_are_taken_out_of_the_duration() -> None:
    first, day = date(2023, 6, 15), date(2025, 6, 14)
    assert whole_months(first, day) == 23
    assert duration(first, [(date(2024, 6, 15), date(2024, 10, 15))], day) == 19
    assert duration(None, [], day) == 0
    assert duration(date(2025, 7, 1), [], day) == 0
