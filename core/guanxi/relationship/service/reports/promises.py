"""The promise log and its rates; return visits (CORE-39, CORE-38)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.service.cadences import unreachable_since
from guanxi.relationship.service.commands import ANSWERED
from guanxi.relationship.service.figures import (
    PromiseState,
    count_promises,
    promise_state,
)
from guanxi.relationship.service.read_models.customers import service_customers
from guanxi.relationship.service.read_models.satisfaction import (
    PromiseRow,
    promise_rows,
    visit_attempts,
    visit_rows,
)
from guanxi.relationship.service.reports.periods import (
    Period,
    counted,
    days_of,
    month_of,
    option,
    share,
)

ACCOUNT = Column("account", Label("Account no.", "户号"))
STATE = Column("state", Label("State", "状态"), "code")


def accounts(reader: Reader) -> dict[str, str]:
    """Return account numbers by stream."""
    return {stream: row.account for stream, row in reader.rows(service_customers)}


@attrs.frozen
class PromiseParameters(Period):
    """In which days the promises fall due, and by what they are counted."""

    by: Literal["month", "promiser"] = option("month", "by month due or by promiser", "按到期月份或承诺人")


def _state(row: PromiseRow, due: date, asked: Asked) -> PromiseState:
    kept = None if row.kept_at is None else asked.day_of(row.kept_at)
    released = None if row.released_at is None else asked.day_of(row.released_at)
    return promise_state(due, kept, released, asked.day)


def _due(
    reader: Reader, since: date | None, until: date | None, asked: Asked
) -> Iterator[tuple[str, PromiseRow, date]]:
    """Yield the promises that fall due in a period; one that was never recorded as made is none."""
    days = days_of(since, until, asked)
    for stream, row in reader.rows(promise_rows):
        if row.due is not None and days.first <= row.due <= days.last:
            yield stream, row, row.due


def _rate(reader: Reader, parameters: PromiseParameters, asked: Asked) -> Content:
    groups: dict[str, list[PromiseState]] = {}
    made = 0
    for _, row, due in _due(reader, parameters.since, parameters.until, asked):
        made += 1
        group = month_of(due) if parameters.by == "month" else row.promiser
        groups.setdefault(group, []).append(_state(row, due, asked))
    rows = []
    for group, states in sorted(groups.items()):
        count = count_promises(states)
        rows.append(
            (
                group,
                len(states),
                count.kept,
                count.broken,
                count.late,
                count.released,
                count.open,
                count.kept_rate,
            )
        )
    return Content(rows, notes=[(Label("due", "到期数"), str(made))])


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for group, due, kept, broken, _, released, still_open, _ in rows:
        if due != kept + broken + released + still_open:
            yield f"{group}: {due} is not {kept} + {broken} + {released} + {still_open}"


promise_rate = Report(
    name="core.promise_rate",
    title=Label("Promises kept and broken", "承诺履行情况"),
    reads=(promise_rows,),
    columns=(
        Column("group", Label("Group", "分组"), "code"),
        counted("due", "Due", "到期"),
        counted("kept", "Kept", "履行"),
        counted("broken", "Broken", "违背"),
        counted("late", "of these kept late", "其中逾期履行"),
        counted("released", "Released", "解除"),
        counted("open", "Open", "未到期"),
        share("kept_rate", "Kept rate", "履约率"),
    ),
    build=_rate,
    parameters=PromiseParameters,
    foots=_foots,
    picture=Picture("bars", "group", "kept_rate", Label("Kept rate", "履约率")),
    rules=("CORE-39",),
)


@attrs.frozen
class LogParameters:
    """Which promises are listed."""

    promiser: str | None = option(None, "promiser; all if not given", "承诺人，默认全部")
    state: Literal["kept", "late", "broken", "released", "open"] | None = option(
        None, "only those that stand so", "仅列该状态"
    )


def _log(reader: Reader, parameters: LogParameters, asked: Asked) -> Content:
    account, rows = accounts(reader), []
    for stream, row in reader.rows(promise_rows):
        if row.due is None or row.made_at is None:
            continue
        state = _state(row, row.due, asked)
        if parameters.state in (None, state) and parameters.promiser in (None, row.promiser):
            rows.append(
                (
                    account.get(stream, stream),
                    row.promise,
                    None if row.content is None else str(row.content),
                    row.promiser,
                    None if row.basis is None else str(row.basis),
                    asked.day_of(row.made_at),
                    row.due,
                    None if row.kept_at is None else asked.day_of(row.kept_at),
                    state,
                )
            )
    return Content(sorted(rows, key=lambda r: (r[6], r[0], r[1])))


promise_log = Report(
    name="core.promise_log",
    title=Label("Promise log", "承诺台帐"),
    reads=(promise_rows, service_customers),
    columns=(
        ACCOUNT,
        Column("promise", Label("Promise", "承诺")),
        Column("content", Label("Content", "内容")),
        Column("promiser", Label("Promiser", "承诺人")),
        Column("basis", Label("Basis", "依据")),
        Column("made", Label("Made on", "承诺日期"), "date"),
        Column("due", Label("Due", "到期日"), "date"),
        Column("kept", Label("Kept on", "履行日期"), "date"),
        STATE,
    ),
    build=_log,
    parameters=LogParameters,
    rules=("CORE-39",),
)


def _visit_list(reader: Reader, parameters: Period, asked: Asked) -> Content:
    days = days_of(parameters.since, parameters.until, asked)
    account, given_up, rows = accounts(reader), unreachable_since(reader, asked), []
    for stream, row in reader.rows(visit_rows):
        if row.selected_at is None or row.due is None or not days.holds(row.selected_at, asked):
            continue
        done = row.done_at is not None
        if done:
            state = "done"
        elif (stream, row.visit) in given_up:
            state = "unreachable"
        else:
            state = "overdue" if asked.day > row.due else "open"
        rows.append(
            (
                account.get(stream, stream),
                row.visit,
                row.method,
                asked.day_of(row.selected_at),
                row.due,
                state,
                None if row.done_at is None else asked.day_of(row.done_at),
                f"{row.answered} of {len(ANSWERED)}" if done else None,
            )
        )
    return Content(sorted(rows, key=lambda r: (r[4], r[0], r[1])))


visit_list = Report(
    name="core.return_visit_list",
    title=Label("Return visits", "回访清单"),
    reads=(visit_rows, visit_attempts, service_customers),
    columns=(
        ACCOUNT,
        Column("visit", Label("Return visit", "回访")),
        Column("method", Label("Method", "方法"), "code"),
        Column("selected", Label("Selected on", "列入日期"), "date"),
        Column("due", Label("Due", "到期日"), "date"),
        STATE,
        Column("done", Label("Done on", "完成日期"), "date"),
        Column("answered", Label("Items answered", "答复项数")),
    ),
    build=_visit_list,
    parameters=Period,
    rules=("CORE-38",),
)

REPORTS = (promise_rate, promise_log, visit_list)
