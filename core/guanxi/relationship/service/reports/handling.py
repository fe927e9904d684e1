"""How complaints are handled month by month, what caused them, and what word of mouth is planned with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from guanxi.kernel.cadences import DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.service.cadences import closings, notice_of, resolution_of
from guanxi.relationship.service.figures import percent, word_of_mouth
from guanxi.relationship.service.read_models.complaints import (
    PhaseRow,
    compensations,
    complaint_phases,
    complaint_rows,
)
from guanxi.relationship.service.read_models.satisfaction import answer_rows
from guanxi.relationship.service.reports.periods import (
    Days,
    Period,
    counted,
    days_of,
    month_of,
    ranked,
    share,
)
from guanxi.relationship.service.rules import SatisfactionRules, WordOfMouthRules


def _in_time(items: Sequence[DueItem], asked: Asked) -> Decimal | None:
    """Return the share of what was in time among what was done or could have been."""
    states = [item.state(asked.as_of) for item in items]
    return percent(states.count("done"), len(states) - states.count("open"))


def _paid(reader: Reader, days: Days, asked: Asked) -> str:
    """Return what was granted in a period, by currency."""
    sums: dict[str, Decimal] = {}
    for _, row in reader.rows(compensations):
        if days.holds(row.granted_at, asked):
            sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.amount
    return ", ".join(f"{amount:.2f} {currency}" for currency, amount in sorted(sums.items()))


def _phases(reader: Reader) -> Iterator[PhaseRow]:
    return (row for _, row in reader.rows(complaint_phases) if row.opened_at is not None)


def _on(at: datetime | None, asked: Asked) -> date | None:
    return None if at is None else asked.day_of(at)


def _handling(reader: Reader, parameters: Period, asked: Asked) -> Content:
    days = days_of(parameters.since, parameters.until, asked)
    phases = [(p.phase, _on(p.opened_at, asked), _on(p.closed_at, asked)) for p in _phases(reader)]
    closed_at = closings(reader)
    items = [
        (
            row.received_at,
            notice_of(row, row.received_at, asked),
            resolution_of(row, row.received_at, closed_at.get((stream, row.complaint)), asked),
        )
        for stream, row in reader.rows(complaint_rows)
        if row.received_at is not None
    ]
    rows = []
    for month in days.months():

        def within(day: date | None, month: Days = month) -> bool:
            return day is not None and month.first <= day <= month.last

        def open_before(day: date) -> int:
            return sum(
                opened is not None and opened < day and (closed is None or closed >= day)
                for _, opened, closed in phases
            )

        reopened = sum(n > 1 and within(opened) for n, opened, _ in phases)
        closed = sum(within(day) for _, _, day in phases)
        own = [(notice, solution) for at, notice, solution in items if month.holds(at, asked)]
        rows.append(
            (
                month_of(month.first),
                open_before(month.first),
                sum(n == 1 and within(opened) for n, opened, _ in phases),
                reopened,
                closed,
                open_before(date.fromordinal(month.last.toordinal() + 1)),
                _in_time([notice for notice, _ in own], asked),
                _in_time([solution for _, solution in own if solution is not None], asked),
                percent(reopened, closed),
                _paid(reader, month, asked),
            )
        )
    return Content(rows)


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    before = None
    for month, opening, received, reopened, closed, closing, *_ in rows:
        if opening + received + reopened - closed != closing:
            yield f"{month}: {opening} + {received} + {reopened} - {closed} is not {closing}"
        if before is not None and opening != before:
            yield f"{month} opens with {opening}, the month before closed with {before}"
        before = closing


complaint_handling = Report(
    name="core.complaint_handling",
    title=Label("Complaint handling", "投诉处理"),
    reads=(complaint_rows, complaint_phases, compensations),
    columns=(
        Column("month", Label("Month", "月份")),
        counted("opening", "Open at the start", "期初未结"),
        counted("received", "Received", "受理"),
        counted("reopened", "Reopened", "恢复"),
        counted("closed", "Closed", "办结"),
        counted("closing", "Open at the end", "期末未结"),
        share("notified_in_time", "Informed in time %", "按时通知率"),
        share("closed_in_time", "Closed in time %", "按时办结率"),
        share("reopened_share", "Reopened of closed %", "恢复率"),
        Column("compensation", Label("Compensation", "补偿金额")),
    ),
    build=_handling,
    parameters=Period,
    foots=_foots,
    picture=Picture("lines", "month", "closing", Label("Open complaints", "未结投诉")),
    rules=("CORE-34", "CORE-35"),
)


def _causes(reader: Reader, parameters: Period, asked: Asked) -> Content:
    days = days_of(parameters.since, parameters.until, asked)
    closed = [row.root_cause or "" for row in _phases(reader) if days.holds(row.closed_at, asked)]
    return Content(ranked(closed), notes=[(Label("closed", "办结数"), str(len(closed)))])


complaint_causes = Report(
    name="core.complaint_causes",
    title=Label("Root causes of complaints", "投诉根本原因"),
    reads=(complaint_phases,),
    columns=(
        Column("root_cause", Label("Root cause", "根本原因"), "code"),
        counted("closed", "Closed", "办结"),
        share("share", "Share", "占比"),
        share("cumulative", "Cumulative", "累计占比"),
    ),
    build=_causes,
    parameters=Period,
    picture=Picture("pareto", "root_cause", "closed", Label("Root causes", "根本原因")),
    rules=("CORE-35",),
)


SECOND_SOURCE = (
    Label("a second source", "另一来源"),
    (
        "claims that dissatisfied customers reach twice as many prospects as there are satisfied users / "
        "称不满意客户影响的潜在客户为满意用户数的两倍"
    ),
)


def _latest_csat(reader: Reader, days: Days) -> dict[str, int]:
    """Return each customer's latest CSAT score of a period, by stream."""
    found: dict[str, tuple[date, str, int]] = {}
    for stream, row in reader.rows(answer_rows):
        if row.scale != "csat" or row.answered_on is None or not days.first <= row.answered_on <= days.last:
            continue
        told = (row.answered_on, f"{row.survey}/{row.wave}/{row.question}", row.score)
        found[stream] = max(found.get(stream, told), told)
    return {stream: score for stream, (_, _, score) in found.items()}


def _solved(reader: Reader, days: Days, asked: Asked) -> tuple[set[str], set[str]]:
    """Return whose complaints were closed in a period, and of whom one was closed quickly at first go and for good."""
    quick = asked.rules(WordOfMouthRules).quick_days
    solved, quickly, again = set(), {}, set()
    for stream, row in reader.rows(complaint_phases):
        if row.phase > 1:
            again.add((stream, row.complaint))
        if row.opened_at is None or row.closed_at is None or not days.holds(row.closed_at, asked):
            continue
        solved.add(stream)
        opened = asked.local(row.opened_at)
        last = asked.rules_at(CalendarRules, opened).days(opened.date(), quick)
        if row.phase == 1 and row.closed_at < last.until(opened):
            quickly[stream, row.complaint] = stream
    return solved, {stream for key, stream in quickly.items() if key not in again}


def _mouth(reader: Reader, parameters: Period, asked: Asked) -> Content:
    days = days_of(parameters.since, parameters.until, asked)
    rules = asked.rules(SatisfactionRules)
    scores = _latest_csat(reader, days).values()
    satisfied = sum(s >= rules.csat_satisfied_from for s in scores)
    dissatisfied = sum(s <= rules.csat_dissatisfied_to for s in scores)
    solved, quickly = _solved(reader, days, asked)
    told = word_of_mouth(satisfied, dissatisfied, len(quickly), asked.rules(WordOfMouthRules))
    row = (
        satisfied,
        dissatisfied,
        told.told_well,
        told.told_badly,
        len(solved),
        len(quickly),
        told.buy_again,
    )
    planning = (Label("nature", "性质"), "planning figures, not measurements / 规划数据，非实测")
    return Content([row], notes=[planning, SECOND_SOURCE])


mouth = Report(
    name="core.word_of_mouth",
    title=Label("Word of mouth and recovery", "口碑与挽回"),
    reads=(answer_rows, complaint_phases),
    columns=(
        counted("satisfied", "Satisfied customers", "满意客户"),
        counted("dissatisfied", "Dissatisfied customers", "不满意客户"),
        counted("told_well", "Told by the satisfied", "正面告知人数"),
        counted("told_badly", "Told by the dissatisfied", "负面告知人数"),
        counted("solved", "Complainers solved", "投诉已解决客户"),
        counted("solved_quickly", "Solved quickly", "迅速解决"),
        Column("buy_again", Label("Expected to buy again", "预计再次购买"), "decimal", 2),
    ),
    build=_mouth,
    parameters=Period,
    rules=("CORE-40",),
)

REPORTS = (complaint_handling, complaint_causes, mouth)
