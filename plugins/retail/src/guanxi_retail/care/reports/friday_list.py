"""The Friday list: every VIP of a Friday, who was to send, whether it was sent, and what stood in the way (RET-31)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Label, Reader, Report
from guanxi.relationship import files
from guanxi.relationship.care.rules import GreetingRules
from guanxi_retail.care.friday import CADENCE, FRIDAY, NOTES, Task, friday_tasks
from guanxi_retail.care.planned import BEFORE_IMPORT, ONE_WEEK, SUPPRESSED
from guanxi_retail.reporting import ACCOUNT, account_of, option

EXCEPTION = "exception"
WAIVED = "waived"
STATES = ("done", "late", "overdue", "not_done", "open", EXCEPTION, SUPPRESSED)


@attrs.frozen
class FridayParameters:
    """Of which Friday."""

    friday: date | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, Label("the day; the last one if not given", "日期，默认最近一次")
    )


def _build(reader: Reader, parameters: FridayParameters, asked: Asked) -> Content:
    weekday = asked.rules(GreetingRules).weekly_weekday
    last = asked.day - timedelta(days=(asked.day.isoweekday() - weekday) % ONE_WEEK.days)
    friday = parameters.friday or last
    account, marks = account_of(reader), NOTES.marks(reader)
    rows, before = [], 0
    for task in friday_tasks(reader, asked):
        item, stream = task.planned.item, task.planned.one.stream
        if item.since.date() != friday:
            continue
        if task.planned.why == BEFORE_IMPORT:
            before += 1
            continue
        mark = marks.get((stream, CADENCE, item.key))
        state, reason = _stands(task, item.state(asked.as_of, None if mark is None else mark.waived_at))
        sent = item.done_at if state in ("done", "late") else None
        rows.append((account(stream), task.person, sent, reason, state))
    rows.sort(key=lambda row: row[0])
    count = Counter(row[-1] for row in rows)
    notes = [(DAY, friday.isoformat()), (VIPS, str(len(rows)))]
    notes += [(label, str(count[state])) for state, label in _LABELS.items()]
    return Content(rows, [*notes, (BEFORE, str(before))])


def _stands(task: Task, state: str) -> tuple[str, str | None]:
    """Return how a message stands, and why where nobody can send it or it must not go out."""
    if state in ("done", "late"):
        return state, None
    if task.planned.why == SUPPRESSED:
        return SUPPRESSED, task.planned.reason
    if state == WAIVED:
        return EXCEPTION, WAIVED
    return (state, None) if task.exception is None else (EXCEPTION, task.exception)


DAY, VIPS = Label("day", "日期"), Label("VIPs", "VIP人数")
BEFORE = Label("before import", "导入前")
_LABELS = {
    "done": Label("done", "已办"),
    "late": Label("late", "迟办"),
    "overdue": Label("overdue", "逾期"),
    "not_done": Label("not done", "未办"),
    "open": Label("open", "待办"),
    EXCEPTION: Label("exceptions", "例外"),
    SUPPRESSED: Label("suppressed", "不发送"),
}


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    count = Counter(row[-1] for row in rows)
    if sum(count[state] for state in STATES) != len(rows):
        yield f"{len(rows)} VIPs stand as {dict(count)}"


friday_list = Report(
    name="retail.friday_list",
    title=Label("Friday list", "周五短信表"),
    reads=(files, *FRIDAY),
    columns=(
        ACCOUNT,
        Column("assignee", Label("Assignee", "责任人")),
        Column("sent_at", Label("Sent", "发送时间"), "instant"),
        Column("exception", Label("Why not", "未发原因"), "code"),
        Column("state", Label("State", "状态"), "code"),
    ),
    build=_build,
    parameters=FridayParameters,
    foots=_foots,
    rules=("RET-31",),
)
