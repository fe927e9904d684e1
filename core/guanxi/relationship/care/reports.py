"""Reports of care: the calendar, what became of what was due, coming birthdays, and messages that were withheld."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import attrs

from guanxi.kernel.cadences import Cadence, DueItem, DueRow, DueState, figures
from guanxi.kernel.due_list import Narrowed, due_rows
from guanxi.kernel.labels import Label
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.kernel.times import midnight
from guanxi.relationship.care.cadences import birthday as birthday_cadence
from guanxi.relationship.care.cadences import conference, density, festival, significant_day, weekly_message
from guanxi.relationship.care.days import coming
from guanxi.relationship.care.density import next_contacts
from guanxi.relationship.care.occasions import (
    BIRTHDAY,
    OCCASIONS,
    Care,
    Occasions,
    birthday,
    birthdays,
    care_at,
    excluded,
    festivals,
    significant_days,
    weekly_messages,
)
from guanxi.relationship.care.read_models import contacts, gathering_rows, people, touches
from guanxi.relationship.care.rules import GreetingRules
from guanxi.relationship.due_items.notes import CoreDueNotes

_DAY = timedelta(days=1)
_NOTES = CoreDueNotes()
_OCCASIONS: tuple[tuple[Cadence, Occasions], ...] = (
    (birthday_cadence, birthdays),
    (festival, festivals),
    (significant_day, significant_days),
    (weekly_message, weekly_messages),
)
_STATES = ("done", "late", "overdue", "not_done", "waived", "open")
_CALENDAR: tuple[ReadModel[Any], ...] = (*OCCASIONS, contacts, gathering_rows, *_NOTES.reads)


# ---------------------------------------------------------------- due items of care


def planned(reader: Reader, asked: Asked, first: date, last: date) -> list[tuple[date, DueRow]]:
    """Return the due items of care whose last day lies within some days, in order of that day.

    Args:
        reader: at the cut.
        asked: the cut.
        first: first day.
        last: last day; may lie ahead of the cut.
    """
    care = care_at(reader, asked, last)
    until = tuple(attrs.evolve(c, items=_ahead(items, care)) for c, items in _OCCASIONS)
    contacts_until = attrs.evolve(density, items=lambda r, a: next_contacts(r, a, last))
    rows = due_rows((*until, contacts_until, conference), _NOTES, reader, asked, Narrowed())
    found = [(_last_day(row), row) for row in rows]
    return [(day, row) for day, row in found if first <= day <= last]


def _ahead(items: Occasions, care: Care) -> Callable[[Reader, Asked], Iterator[tuple[str, DueItem]]]:
    return lambda reader, asked: items(care if asked is care.asked else care_at(reader, asked))


def _last_day(row: DueRow) -> date:
    return row.since.date() if row.until is None else (row.until - _DAY).date()


# ---------------------------------------------------------------- the calendar


@attrs.frozen
class CalendarParameters:
    """Which days the calendar shows."""

    days: int | None = attrs.field(
        default=None, metadata={"help": Label("days ahead; those of the rules if not given", "向后天数")}
    )
    since: date | None = attrs.field(
        default=None, metadata={"help": Label("first day; that of the cut if not given", "起始日期")}
    )


_CALENDAR_COLUMNS = (
    Column("due_on", Label("Due on", "应做日期"), "date"),
    Column("cadence", Label("What", "事项"), "code"),
    Column("item", Label("Item", "事项编号")),
    Column("account", Label("Account no.", "户号")),
    Column("name", Label("Name", "名称")),
    Column("person", Label("Person", "责任人")),
    Column("state", Label("State", "状态"), "code"),
    Column("done_on", Label("Done on", "完成日期"), "date"),
    Column("withheld", Label("Withheld because", "暂缓原因"), "code"),
)


def _calendar(reader: Reader, parameters: CalendarParameters, asked: Asked) -> Content:
    ahead = asked.rules(GreetingRules).birthday_days if parameters.days is None else parameters.days
    found = planned(reader, asked, parameters.since or asked.day, asked.day + timedelta(days=ahead))
    names = {stream: None if row.name is None else str(row.name) for stream, row in reader.rows(people)}
    waiting = {
        (stream, row.care_item): row.withheld
        for stream, row in reader.rows(touches)
        if row.sent_at is None and row.withheld is not None
    }
    rows = [
        (
            day,
            row.cadence,
            row.key,
            row.customer,
            names.get(row.stream),
            row.person,
            row.state,
            None if row.done_at is None else row.done_at.date(),
            waiting.get((row.stream, row.key)),
        )
        for day, row in found
    ]
    counts: dict[tuple[str, str], int] = {}
    for day, row in found:
        cell = (day.isoformat(), row.cadence)
        counts[cell] = counts.get(cell, 0) + 1
    drawing = Drawing(
        Picture("heatmap", "due_on", "cadence", Label("Care calendar", "关怀日历"), "items"),
        (
            Column("due_on", Label("Due on", "应做日期")),
            Column("cadence", Label("What", "事项"), "code"),
            Column("items", Label("Items", "事项数"), "integer"),
        ),
        [(*cell, n) for cell, n in sorted(counts.items())],
    )
    return Content(sorted(rows, key=lambda row: (row[0], row[1], row[3] or "", row[2])), drawing=drawing)


def _known_states(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    counted = sum(sum(row[6] == state for row in rows) for state in _STATES)
    if counted != len(rows):
        yield f"{len(rows)} items are due, and {counted} are done, late, overdue, not done, waived or open"


care_calendar = Report(
    name="core.care_calendar",
    title=Label("Care calendar", "关怀日历"),
    reads=_CALENDAR,
    parameters=CalendarParameters,
    columns=_CALENDAR_COLUMNS,
    build=_calendar,
    foots=_known_states,
    rules=("CORE-41", "CORE-42", "CORE-43", "CORE-44", "CORE-99"),
)


# ---------------------------------------------------------------- what became of it


@attrs.frozen
class PeriodParameters:
    """Which days are looked at."""

    since: date | None = attrs.field(
        default=None, metadata={"help": Label("first day; that of the cut's month if not given", "起始日期")}
    )
    until: date | None = attrs.field(
        default=None, metadata={"help": Label("last day; that of the cut if not given", "截止日期")}
    )


def _care(reader: Reader, parameters: PeriodParameters, asked: Asked) -> Content:
    first = parameters.since or asked.day.replace(day=1)
    rows = planned(reader, asked, first, parameters.until or asked.day)
    by_cadence: dict[str, list[DueState]] = {}
    for _, item in rows:
        by_cadence.setdefault(item.cadence, []).append(item.state)
    found = []
    for cadence in sorted(by_cadence):
        f = figures(by_cadence[cadence])
        counts = (f.done, f.late, f.overdue, f.not_done, f.waived, f.open)
        found.append((cadence, f.due, *counts, f.punctual, f.fulfilled))
    drawing = Drawing(
        Picture("stacked_bars", "cadence", "state", Label("Care by state", "关怀执行情况"), "items"),
        (
            Column("cadence", Label("What", "事项"), "code"),
            Column("state", Label("State", "状态"), "code"),
            Column("items", Label("Items", "事项数"), "integer"),
        ),
        [(row[0], state, n) for row in found for state, n in zip(_STATES, row[2:8], strict=True)],
    )
    return Content(found, drawing=drawing)


def _sums(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        if row[1] != sum(row[2:8]):
            yield f"{row[0]}: {row[1]} due, and {sum(row[2:8])} in all states"


care = Report(
    name="core.care",
    title=Label("Care touches by state", "客户关怀执行"),
    reads=_CALENDAR,
    parameters=PeriodParameters,
    columns=(
        Column("cadence", Label("What", "事项"), "code"),
        Column("due", Label("Due", "应做"), "integer"),
        Column("done", Label("Done", "完成"), "integer"),
        Column("late", Label("Late", "迟做"), "integer"),
        Column("overdue", Label("Overdue", "逾期"), "integer"),
        Column("not_done", Label("Not done", "未做"), "integer"),
        Column("waived", Label("Waived", "免除"), "integer"),
        Column("open", Label("Open", "待做"), "integer"),
        Column("punctual", Label("Punctual", "按时率"), "percent", 1),
        Column("fulfilled", Label("Fulfilled", "完成率"), "percent", 1),
    ),
    build=_care,
    foots=_sums,
    rules=("CORE-41", "CORE-42", "CORE-43", "CORE-44", "CORE-99"),
)


# ---------------------------------------------------------------- birthdays


@attrs.frozen
class BirthdayParameters:
    """How far ahead birthdays are listed."""

    days: int | None = attrs.field(
        default=None, metadata={"help": Label("days ahead; those of the rules if not given", "向后天数")}
    )


def _birthdays(reader: Reader, parameters: BirthdayParameters, asked: Asked) -> Content:
    days = asked.rules(GreetingRules).birthday_days if parameters.days is None else parameters.days
    care, rows, erased = care_at(reader, asked), [], 0
    done = {(stream, item.key): item.done_at for stream, item in birthdays(care)}
    for one in care.everybody:
        born = birthday(one, asked.as_of)
        if isinstance(born, Erased):
            erased += 1
        if not isinstance(born, date):
            continue
        for day in coming(born, asked.day, asked.day + timedelta(days=days)):
            greeted = done.get((one.stream, f"{BIRTHDAY}/{day.year}"))
            reason = excluded(one, min(midnight(day, asked.as_of.tzinfo), asked.as_of))
            rows.append(
                (
                    day,
                    one.row.account,
                    None if one.row.name is None else str(one.row.name),
                    _NOTES.whose(reader, one.stream, asked.as_of).answerable(asked.as_of),
                    None if greeted is None else greeted.date(),
                    reason,
                )
            )
    notes = [(Label("not derivable: erased", "无法推导：已删除"), str(erased))] if erased else []
    return Content(sorted(rows, key=lambda row: row[:2]), notes=notes)


coming_birthdays = Report(
    name="core.birthdays",
    title=Label("Coming birthdays", "近期生日"),
    reads=(*OCCASIONS, *_NOTES.reads),
    parameters=BirthdayParameters,
    columns=(
        Column("day", Label("Birthday", "生日"), "date"),
        Column("account", Label("Account no.", "户号")),
        Column("name", Label("Name", "名称")),
        Column("person", Label("Person", "责任人")),
        Column("greeted_on", Label("Greeted on", "问候日期"), "date"),
        Column("excluded", Label("Excluded because", "排除原因"), "code"),
    ),
    build=_birthdays,
    rules=("CORE-41",),
)


# ---------------------------------------------------------------- withheld messages


def _withheld(reader: Reader, parameters: None, asked: Asked) -> Content:
    accounts = {stream: row.account for stream, row in reader.rows(people)}
    zone = asked.as_of.tzinfo
    rows = [
        (
            accounts.get(stream, ""),
            row.message,
            row.kind,
            row.channel,
            row.queued_at.astimezone(zone),
            row.withheld,
            row.combinable,
            None if row.deferred_until is None else row.deferred_until.astimezone(zone),
            None if row.sent_at is None else row.sent_at.astimezone(zone),
        )
        for stream, row in reader.rows(touches)
        if row.withheld is not None and row.queued_at is not None
    ]
    told = sorted(rows, key=lambda row: (row[4], row[0], row[1]))
    return Content([(*row[:6], "yes" if row[6] else "no", *row[7:]) for row in told])


withheld_messages = Report(
    name="core.withheld_messages",
    title=Label("Withheld messages", "暂缓消息"),
    reads=(people, touches),
    columns=(
        Column("account", Label("Account no.", "户号")),
        Column("message", Label("Message", "消息编号")),
        Column("kind", Label("Kind", "类别"), "code"),
        Column("channel", Label("Channel", "渠道"), "code"),
        Column("ordered_at", Label("Ordered at", "提交时间"), "instant"),
        Column("reason", Label("Because", "原因"), "code"),
        Column("combinable", Label("Combinable", "可合并"), "code"),
        Column("deferred_until", Label("Deferred until", "顺延至"), "instant"),
        Column("sent_at", Label("Sent at", "发送时间"), "instant"),
    ),
    build=_withheld,
    rules=("CORE-45", "CORE-46", "CORE-74"),
)

REPORTS = (care_calendar, care, coming_birthdays, withheld_messages)
