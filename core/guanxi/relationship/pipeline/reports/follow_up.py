"""Follow-up of leads and opportunities in a month, and who did what about them (CORE-25)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Literal, get_args

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.relationship.pipeline.follow_up import (
    READS,
    FollowedItem,
    FollowUpState,
    followed,
    months_until,
)
from guanxi.relationship.pipeline.read_models import customer_rows, follow_up_rows
from guanxi.relationship.pipeline.reports._common import (
    ACCOUNT,
    Customers,
    customers_of,
    option,
    section_option,
)

STATES: tuple[FollowUpState, ...] = get_args(FollowUpState)

NAMES: dict[FollowUpState, Label] = {
    "in_order": Label("in order", "正常"),
    "late": Label("late", "迟办"),
    "overdue": Label("overdue", "逾期"),
    "not_done": Label("not done", "未办"),
    "exempt": Label("exempt", "免跟进"),
}


@attrs.frozen
class FollowUpParameters:
    """Which month, and what of it."""

    month: str | None = option(None, "month, such as 2025-04; the cut's if not given", "月份，默认截止月")
    view: Literal["items", "actions"] = option("items", "items, or actions by person", "按事项或按人员行动")
    section: str | None = section_option()


def _first_of(month: str | None, asked: Asked) -> date:
    if month is None:
        return asked.day.replace(day=1)
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise Invalid(
            "invalid_date", f"{month!r} is no month", zh=f"{month!r} 不是月份", accepts="such as 2025-04"
        )
    return date.fromisoformat(month + "-01")


def _build(reader: Reader, parameters: FollowUpParameters, asked: Asked) -> Content:
    first = _first_of(parameters.month, asked)
    customers = customers_of(reader, parameters.section)
    if parameters.view == "actions":
        return _actions(reader, customers, f"{first:%Y-%m}")
    rows = [
        (customers.account(item.stream), *row)
        for item in followed(reader, asked)
        if item.stream not in customers.left_out and (row := _row(item, first, asked)) is not None
    ]
    rows.sort(key=lambda r: (STATES.index(r[6]), r[0], r[1], r[2]))
    counts = Counter(r[6] for r in rows)
    return Content(rows, [(NAMES[state], f"{counts[state]:,}") for state in STATES])


def _row(item: FollowedItem, first: date, asked: Asked) -> tuple[Any, ...] | None:
    month = item.month(first, asked)
    if month is None or first > asked.day:
        return None
    past = [item.month(day, asked) for day in months_until(item.stretches[0].begun, asked) if day <= first]
    states = Counter(m.state(asked.as_of) for m in past if m is not None)
    return (
        item.kind,
        item.number,
        item.assignee,
        max(item.done, default=None),
        f"{first:%Y-%m}",
        month.state(asked.as_of),
        states["late"],
        states["overdue"] + states["not_done"],
    )


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    if rows and len(rows[0]) == len(ITEM_COLUMNS):
        by_state = Counter(row[6] for row in rows)
        if sum(by_state[state] for state in STATES) != len({row[:3] for row in rows}):
            yield "in order + late + overdue + not done + exempt is not the items open in the month"


def _actions(reader: Reader, customers: Customers, month: str) -> Content:
    found: Counter[tuple[str, str]] = Counter()
    for _, row in customers.rows(reader, follow_up_rows):
        if row.day.startswith(month):
            found[row.person, row.kind] += row.actions
    rows = [(month, person, kind, count) for (person, kind), count in sorted(found.items())]
    return Content(rows, columns=ACTION_COLUMNS, drawing=Drawing(_BY_PERSON, ACTION_COLUMNS, rows))


MONTH = Column("month", Label("Month", "月份"))
ITEM_COLUMNS = (
    ACCOUNT,
    Column("item_kind", Label("Kind", "类型"), "code"),
    Column("item", Label("Item", "事项")),
    Column("assignee", Label("Assignee", "负责人")),
    Column("last_action", Label("Last action", "最近行动"), "instant"),
    MONTH,
    Column("state", Label("State", "状态"), "code"),
    Column("months_late", Label("Months late", "迟办月数"), "integer"),
    Column("months_missed", Label("Months without action", "未办月数"), "integer"),
)
ACTION_COLUMNS = (
    MONTH,
    Column("person", Label("Person", "人员")),
    Column("kind", Label("Kind of action", "行动类型"), "code"),
    Column("actions", Label("Actions", "行动次数"), "integer"),
)
_BY_PERSON = Picture(
    "stacked_bars", x="person", y="kind", value="actions", title=Label("Actions by person", "人员行动统计")
)

follow_up = Report(
    name="core.follow_up_overdue",
    title=Label("Follow-up overdue", "跟进逾期"),
    reads=(customer_rows, *READS),
    columns=ITEM_COLUMNS,
    build=_build,
    parameters=FollowUpParameters,
    foots=_foots,
    rules=("CORE-25",),
)
