"""Visits and plans: what was planned and what came of it, attitudes, problems and plans without a result (CORE-83, CORE-89)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.relationship.pipeline.cadences import planned_visits
from guanxi.relationship.pipeline.read_models import VisitRow, customer_rows, planned_visit_rows, visit_rows
from guanxi.relationship.pipeline.reports._common import (
    begins,
    customers_of,
    section_option,
    since_option,
)
from guanxi.relationship.ratios import percent

ATTITUDES = ("favourable", "neutral", "unfavourable")


@attrs.frozen
class VisitsParameters:
    """Which period."""

    since: date | None = since_option()  # noqa: RUF009 - an attrs field, not a default
    section: str | None = section_option()


@attrs.define
class _Person:
    """One person's planned visits by state, and visits made."""

    states: Counter[str] = attrs.field(factory=Counter)
    made: int = 0
    unplanned: int = 0
    attitudes: Counter[str] = attrs.field(factory=Counter)
    problems: int = 0
    without_result: int = 0


def _build(reader: Reader, parameters: VisitsParameters, asked: Asked) -> Content:
    since = begins(parameters.since, asked)
    people: dict[str, _Person] = {}
    customers = customers_of(reader, parameters.section)
    for stream, planned, item in planned_visits(reader, asked):
        if stream not in customers.left_out and item.since >= since:
            state = item.state(asked.as_of, planned.waived_at)
            people.setdefault(item.person or "", _Person()).states[state] += 1
    for _, row in customers.rows(reader, visit_rows):
        if row.visited_at is not None and since <= row.visited_at <= asked.as_of:
            _add(people.setdefault(row.person or "", _Person()), row, asked)
    rows = [_row(name, people[name]) for name in sorted(people)]
    states = sum((p.states for p in people.values()), Counter[str]())
    notes = [
        (Label("on the day", "按期完成率"), _said(percent(states["done"], states.total()))),
        (Label("done", "完成率"), _said(percent(states["done"] + states["late"], states.total()))),
        (Label("visits made", "实际拜访"), f"{sum(p.made for p in people.values()):,}"),
    ]
    return Content(rows, notes, drawing=_drawing(people))


def _said(share: Any) -> str:
    return "-" if share is None else f"{share} %"


def _add(person: _Person, row: VisitRow, asked: Asked) -> None:
    person.made += 1
    person.unplanned += row.visit_plan is None
    attitude = row.attitude if isinstance(row.attitude, str) else ""
    person.attitudes[attitude if attitude in ATTITUDES else "not_stated"] += 1
    person.problems += row.problem_at is not None
    person.without_result += _waits(row, asked.as_of)


def _waits(row: VisitRow, at: datetime) -> bool:
    """Whether a plan is past its day without a result."""
    return row.plan_due is not None and row.plan_due < at.date() and row.result_at is None


def _row(name: str, person: _Person) -> tuple[Any, ...]:
    s = person.states
    return (
        name,
        s.total(),
        s["done"],
        s["late"],
        s["overdue"],
        s["not_done"],
        s["waived"],
        s["open"],
        percent(s["done"], s.total()),
        percent(s["done"] + s["late"], s.total()),
        person.made,
        person.unplanned,
        *(person.attitudes[a] for a in (*ATTITUDES, "not_stated")),
        person.problems,
        person.without_result,
    )


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for person, planned, *states in (row[:8] for row in rows):
        if sum(states) != planned:
            yield f"{person}: planned is not done + late + overdue + not done + waived + open"
    for row in rows:
        if sum(row[12:16]) != row[10]:
            yield f"{row[0]}: the attitudes are not those of the visits made"


STATE_NAMES = {
    "done": Label("on the day", "当日完成"),
    "late": Label("later", "推迟完成"),
    "overdue": Label("overdue", "逾期"),
    "not_done": Label("not done", "未完成"),
    "waived": Label("waived", "豁免"),
    "open": Label("open", "进行中"),
}
PERSON = Column("person", Label("Person", "人员"))
STATE, VISITS = (
    Column("state", Label("State", "状态"), "code"),
    Column("visits", Label("Visits", "拜访数"), "integer"),
)
PICTURE = Picture(
    "stacked_bars", x="person", y="state", value="visits", title=Label("Planned visits", "计划拜访完成情况")
)


def _drawing(people: dict[str, _Person]) -> Drawing:
    rows = [
        (name, state, people[name].states[state])
        for name in sorted(people)
        for state in STATE_NAMES
        if people[name].states[state]
    ]
    return Drawing(PICTURE if rows else None, (PERSON, STATE, VISITS), rows)


visits = Report(
    name="core.visits_and_plans",
    title=Label("Visits and plans", "拜访"),
    reads=(customer_rows, planned_visit_rows, visit_rows),
    columns=(
        PERSON,
        Column("planned", Label("Planned", "计划"), "integer"),
        *(Column(state, label, "integer") for state, label in STATE_NAMES.items()),
        Column("on_the_day", Label("On the day %", "按期完成率"), "percent", 1),
        Column("done_share", Label("Done %", "完成率"), "percent", 1),
        Column("made", Label("Visits made", "实际拜访"), "integer"),
        Column("unplanned", Label("Unplanned", "计划外"), "integer"),
        Column("favourable", Label("Favourable", "态度良好"), "integer"),
        Column("neutral", Label("Neutral", "态度一般"), "integer"),
        Column("unfavourable", Label("Unfavourable", "态度不佳"), "integer"),
        Column("not_stated", Label("Not stated", "态度未填"), "integer"),
        Column("problems", Label("With problems", "发现问题"), "integer"),
        Column("without_result", Label("Plans without result", "计划无结果"), "integer"),
    ),
    build=_build,
    parameters=VisitsParameters,
    foots=_foots,
    rules=("CORE-83", "CORE-89"),
)
