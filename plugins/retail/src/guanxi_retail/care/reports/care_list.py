"""The care list: what was planned for whom on which day, what was sent, and what was suppressed (RET-29, RET-30)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi_retail.care.cadences import (
    OCCASIONS,
    anniversary_message,
    birthday_gift,
    birthday_wish,
    holiday_message,
)
from guanxi_retail.care.friday import NOTES
from guanxi_retail.care.occasions import PLANS
from guanxi_retail.care.planned import (
    ANNIVERSARY,
    BEFORE_IMPORT,
    BIRTHDAY,
    DAY,
    FESTIVAL,
    GIFT,
    MESSAGE,
    SUPPRESSED,
    Planned,
    care_at,
)
from guanxi_retail.care.rules import CareRules
from guanxi_retail.reporting import ACCOUNT, account_of, option

STATES = ("done", "late", "overdue", "not_done", "open", "waived", SUPPRESSED)
"""How what was due may stand."""

_CADENCES = {
    (BIRTHDAY, MESSAGE): birthday_wish.name,
    (BIRTHDAY, GIFT): birthday_gift.name,
    (FESTIVAL, MESSAGE): holiday_message.name,
    (ANNIVERSARY, MESSAGE): anniversary_message.name,
    (DAY, MESSAGE): anniversary_message.name,
}


@attrs.frozen
class CareParameters:
    """Of which days."""

    since: date | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, Label("first day; that of the month if not given", "首日，默认当月首日")
    )
    until: date | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, Label("last day; as far as birthdays are listed ahead if not given", "末日，默认至近期生日末日")
    )


def _build(reader: Reader, parameters: CareParameters, asked: Asked) -> Content:
    first = parameters.since or asked.day.replace(day=1)
    last = parameters.until or asked.day + timedelta(days=asked.rules(CareRules).look_ahead_days)
    account, marks, care = account_of(reader), NOTES.marks(reader), care_at(reader, asked)
    rows, before = [], 0
    for plan in PLANS:
        for planned in plan(care):
            day = planned.item.since.date()
            if not first <= day <= last:
                continue
            if planned.why == BEFORE_IMPORT:
                before += 1
                continue
            stream, key = planned.one.stream, planned.item.key
            mark = marks.get((stream, _CADENCES[planned.occasion, planned.channel], key))
            state = planned.item.state(asked.as_of, None if mark is None else mark.waived_at)
            whose = NOTES.whose(reader, stream)
            person = (None if mark is None else mark.person) or whose.answerable(care.told_by(day))
            rows.append(_row(account(stream), day, planned, person, state))
    rows.sort(key=lambda row: (row[0], row[1], row[2], row[3]))
    count = Counter(row[-1] for row in rows)
    notes = [(DUE, str(len(rows)))]
    notes += [(label, str(count[state])) for state, label in _LABELS.items()]
    notes.append((BEFORE, str(before)))
    return Content(rows, notes, drawing=_calendar(rows))


def _row(account: str, day: date, planned: Planned, person: str | None, state: str) -> tuple[Any, ...]:
    silent = planned.why == SUPPRESSED and planned.deed is None
    sent = None if planned.deed is None else planned.deed.at
    return (
        day,
        account,
        planned.item.key,
        planned.channel,
        person,
        sent,
        planned.reason if silent else None,
        None if planned.deed is None else planned.deed.outcome,
        SUPPRESSED if silent else state,
    )


DUE = Label("due", "应办")
BEFORE = Label("before import", "导入前")
_LABELS = {
    "done": Label("done", "已办"),
    "late": Label("late", "迟办"),
    "overdue": Label("overdue", "逾期"),
    "not_done": Label("not done", "未办"),
    "open": Label("open", "待办"),
    "waived": Label("waived", "免除"),
    SUPPRESSED: Label("suppressed", "不发送"),
}

_PICTURE = Picture("heatmap", "day", "month", Label("Care by day", "关怀日历"), "items")


def _calendar(rows: Sequence[tuple[Any, ...]]) -> Drawing:
    """Return a calendar: months by days, coloured by how many items there are."""
    count = Counter((f"{row[0]:%Y-%m}", row[0].day) for row in rows)
    return Drawing(
        _PICTURE,
        (
            Column("month", Label("Month", "月份")),
            Column("day", Label("Day", "日"), "integer"),
            Column("items", Label("Items", "事项数"), "integer"),
        ),
        [(month, day, items) for (month, day), items in sorted(count.items())],
    )


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    count = Counter(row[-1] for row in rows)
    if sum(count[state] for state in STATES) != len(rows):
        yield f"{len(rows)} are due, and they stand as {dict(count)}"
    for row in rows:
        if (row[5] is not None) != (row[-1] in ("done", "late")):
            yield f"{row[1]}, {row[2]}: sent at {row[5]} and {row[-1]}"


care_list = Report(
    name="retail.care_list",
    title=Label("Care list", "关怀清单"),
    reads=(files, *OCCASIONS, *NOTES.reads),
    columns=(
        Column("day", Label("Day", "日期"), "date"),
        ACCOUNT,
        Column("occasion", Label("Occasion", "事由")),
        Column("channel", Label("Channel", "渠道"), "code"),
        Column("assignee", Label("Assignee", "责任人")),
        Column("sent_at", Label("Sent", "发送时间"), "instant"),
        Column("suppressed", Label("Suppressed", "不发送原因"), "code"),
        Column("response", Label("Response", "回应"), "code"),
        Column("state", Label("State", "状态"), "code"),
    ),
    build=_build,
    parameters=CareParameters,
    foots=_foots,
    picture=_PICTURE,
    rules=("RET-29", "RET-30", "RET-59"),
)
