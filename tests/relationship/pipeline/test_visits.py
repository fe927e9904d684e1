"""Visits are reported: attitude, problems, the plan to mend them, its result; planned ones are compared with those made (CORE-83, CORE-89)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import ERASED, Command, Conflict, Incomplete, Refusal, Unknown
from guanxi.relationship.due_items.commands import WaiveDueItem
from guanxi.relationship.pipeline.actions import Actions
from guanxi.relationship.pipeline.commands import PlanVisit, RecordAction, ReportVisit
from guanxi.relationship.pipeline.visits import Visits
from tests.relationship.pipeline.sales_desk import SalesDesk


@pytest.fixture
def desk() -> Iterator[SalesDesk]:
    with SalesDesk(plugins=[], now="2025-06-01") as d:
        d.open()
        yield d


@pytest.fixture
def visited(desk: SalesDesk) -> SalesDesk:
    desk.do(RecordAction(kind="visit", visit="V-1", person="Zhang"), "2025-06-10")
    return desk


def report(**fields: Any) -> ReportVisit:
    return ReportVisit(visit="V-1", **fields)


PLAN: dict[str, Any] = {"plan": "new seals", "plan_owner": "Li", "plan_due": date(2025, 6, 20)}


# ---------------------------------------------------------------- records


@pytest.mark.rule("CORE-83a")
def test_a_plan_names_who_carries_it_out(visited: SalesDesk) -> None:
    before = visited.count()
    with pytest.raises(Incomplete, match="named_person_missing"):
        visited.tell(report(problems="leaks", plan="new seals", plan_due=date(2025, 6, 20)))
    with pytest.raises(Incomplete, match="date_not_agreed"):
        visited.tell(report(problems="leaks", plan="new seals", plan_owner="Li"))
    assert visited.count() == before


@pytest.mark.rule("CORE-83a")
def test_a_plan_without_a_result_is_a_gap_after_its_day(visited: SalesDesk) -> None:
    visited.do(report(attitude="neutral", problems="leaks", **PLAN), "2025-06-11")
    visited.on("2025-07-01")
    states = [visited.due("core.visit_result", f"2025-06-{day}") for day in (20, 21)]
    assert states == [{"V-1": "open"}, {"V-1": "overdue"}]
    (row,) = visited.ledger.due_items(cadence="core.visit_result")
    assert row.person == "Li"


@pytest.mark.rule("CORE-83a")
def test_a_result_entered_late_closes_the_gap_on_its_own_day(visited: SalesDesk) -> None:
    visited.do(report(attitude="neutral", problems="leaks", **PLAN), "2025-06-11")
    visited.late(report(result="sealed"), "2025-06-19", "2025-06-24")
    assert visited.due("core.visit_result", "2025-06-23") == {"V-1": "overdue"}
    assert visited.due("core.visit_result", "2025-06-24") == {"V-1": "done"}


@pytest.mark.rule("CORE-83")
def test_a_problem_without_a_plan_is_a_gap_until_there_is_one(visited: SalesDesk) -> None:
    visited.do(report(attitude="neutral", problems="leaks"), "2025-06-11")
    visited.do(report(**PLAN), "2025-06-15")
    assert visited.due("core.visit_gap", "2025-06-14") == {"V-1/plan": "open"}
    assert visited.due("core.visit_gap", "2025-06-15") == {"V-1/plan": "done"}


@pytest.mark.rule("CORE-83b")
@pytest.mark.parametrize(("day", "state"), [("2025-06-13", "done"), ("2025-06-14", "late")])
def test_a_visit_is_reported_within_three_days(visited: SalesDesk, day: str, state: str) -> None:
    visited.do(report(attitude="favourable"), day)
    assert visited.due("core.visit_report", "2025-06-30", "2025-06-30") == {"V-1": state}
    assert visited.due("core.visit_gap", day) == {}


@pytest.mark.rule("CORE-83b")
def test_a_report_without_attitude_is_kept_and_leaves_a_gap(visited: SalesDesk) -> None:
    visited.do(report(remarks="short"), "2025-06-13")
    assert visited.state(Visits).by_number["V-1"].attitude is None
    assert visited.due("core.visit_report", "2025-06-13") == {"V-1": "done"}
    assert visited.due("core.visit_gap", "2025-06-13") == {"V-1/attitude": "open"}
    row = visited.ledger.report("core.visits_and_plans").rows[0]
    assert row[12:16] == (0, 0, 0, 1)


@pytest.mark.rule("CORE-83")
def test_a_visit_that_nobody_reports_is_overdue(visited: SalesDesk) -> None:
    visited.on("2025-06-30")
    assert visited.due("core.visit_report", "2025-06-14") == {"V-1": "overdue"}


@pytest.mark.rule("CORE-83")
def test_a_later_report_adds_to_the_earlier(visited: SalesDesk) -> None:
    visited.tell(report(attitude="neutral", problems="leaks", **PLAN))
    visited.tell(report(result="sealed"))
    record = visited.state(Visits).by_number["V-1"]
    assert (record.attitude, record.problems, record.plan, record.result) == (
        "neutral",
        "leaks",
        "new seals",
        "sealed",
    )


@pytest.mark.rule("CORE-83")
@pytest.mark.parametrize(
    ("command", "error", "code"),
    [
        (ReportVisit(visit="V-9"), Unknown, "unknown_visit"),
        (ReportVisit(visit="V-1", result="sealed"), Incomplete, "plan_missing"),
        (RecordAction(kind="visit", visit="V-1"), Conflict, "source_conflict"),
        (RecordAction(kind="visit", visit_plan="P-9"), Unknown, "unknown_visit_plan"),
    ],
)
def test_what_makes_no_sense_is_refused(
    visited: SalesDesk, command: Command, error: type[Refusal], code: str
) -> None:
    with pytest.raises(error, match=code):
        visited.tell(command)


def test_an_attitude_is_one_of_three() -> None:
    with pytest.raises(Unknown, match="unknown_code"):
        report(attitude="sunny")


@pytest.mark.rule("CORE-83")
def test_a_visit_without_a_number_gets_one_from_its_moment(desk: SalesDesk) -> None:
    for _ in range(2):
        desk.do(RecordAction(kind="visit"), "2025-06-10T15:30")
    desk.do(RecordAction(kind="call"), "2025-06-10T15:30")
    assert list(desk.state(Actions).visits) == ["2025-06-10T15:30", "2025-06-10T15:30/2"]


# ---------------------------------------------------------------- planned visits


def plan(day: int, number: str | None = None) -> PlanVisit:
    return PlanVisit(visit_plan=number or f"P-{day}", on=date(2025, 6, day), person="Zhang")


def visit(**fields: Any) -> RecordAction:
    return RecordAction(kind="visit", person="Zhang", **fields)


@pytest.mark.rule("CORE-89c")
def test_planned_visits_are_compared_with_those_made(desk: SalesDesk) -> None:
    for day in range(2, 26, 2):
        desk.tell(plan(day))
    for day in range(2, 20, 2):
        desk.do(visit(), f"2025-06-{day:02}")
    desk.do(visit(visit_plan="P-20"), "2025-06-21")
    desk.do(visit(), "2025-06-27")
    desk.do(visit(), "2025-06-28")
    desk.on("2025-06-30")
    (row,) = desk.ledger.report("core.visits_and_plans").rows
    person, planned, done, late, overdue, not_done, waived, still_open, on_the_day, share, made, unplanned = (
        row[:12]
    )
    assert (person, planned, done, late, waived, still_open) == ("Zhang", 12, 9, 1, 0, 0)
    assert overdue + not_done == 2
    assert (on_the_day, share) == (Decimal("75.00"), Decimal("83.33"))
    assert (made, unplanned) == (12, 2)


@pytest.mark.rule("CORE-89")
def test_a_planned_visit_is_open_on_its_day_then_overdue_then_not_done(desk: SalesDesk) -> None:
    desk.tell(plan(10))
    desk.tell(plan(20))
    desk.on("2025-06-30")
    states = [desk.due("core.planned_visit", f"2025-06-{day:02}") for day in (9, 10, 11, 21)]
    assert states == [
        {},
        {"P-10": "open"},
        {"P-10": "overdue"},
        {"P-10": "not_done", "P-20": "overdue"},
    ]


@pytest.mark.rule("CORE-89")
def test_a_visit_before_the_day_fulfils_nothing(desk: SalesDesk) -> None:
    desk.tell(plan(10))
    desk.do(visit(visit_plan="P-10"), "2025-06-09")
    assert desk.due("core.planned_visit", "2025-06-11", "2025-06-11") == {"P-10": "overdue"}


@pytest.mark.rule("CORE-89")
def test_a_visit_plan_has_one_number(desk: SalesDesk) -> None:
    desk.tell(plan(10))
    with pytest.raises(Conflict, match="source_conflict"):
        desk.tell(plan(10))


@pytest.mark.rule("CORE-89")
def test_a_planned_visit_that_was_waived_is_counted_as_such(desk: SalesDesk) -> None:
    desk.tell(plan(10))
    waiver = WaiveDueItem(cadence="core.planned_visit", number="P-10", reason="site closed", person="Zhang")
    desk.do(waiver, "2025-06-09", actor="head")
    desk.on("2025-06-30")
    (row,) = desk.ledger.report("core.visits_and_plans").rows
    assert row[1:8] == (1, 0, 0, 0, 0, 1, 0)
    assert desk.due("core.planned_visit", "2025-06-30") == {"P-10": "waived"}


@pytest.mark.rule("CORE-83")
def test_what_was_erased_was_stated_all_the_same(visited: SalesDesk) -> None:
    visited.tell(report(attitude="neutral", problems="leaks", **PLAN))
    assert visited.ledger.backend.keyring.destroy(visited.stream(), "dealings")
    assert visited.state(Visits).by_number["V-1"].attitude is ERASED
    assert visited.due("core.visit_gap", "2025-06-30", "2025-06-30") == {}
    (row,) = visited.ledger.report("core.visits_and_plans").rows
    assert row[10:18] == (1, 1, 0, 0, 0, 1, 1, 0)
