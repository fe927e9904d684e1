"""Key and problem customers: who is on which list at a cut, why, and with what plan (CORE-58)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import Reader, ReadModel, Rows, column
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import midnight, stamp, zone
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.dealings.events import (
    InstalmentPlanned,
    InvoiceIssued,
    WarningCleared,
    WarningRaised,
)
from guanxi.relationship.grading.churn import CHURN
from guanxi.relationship.grading.importance import ClassRow, classes_by_stream, level_of
from guanxi.relationship.grading.members import members_of, owners
from guanxi.relationship.grading.rules import ImportanceRules
from guanxi.relationship.grading.signs import limits_of
from guanxi.relationship.pipeline.events import CustomerPlanFiled
from guanxi.relationship.service.events import (
    ComplaintClosed,
    ComplaintNotified,
    ComplaintReceived,
    ComplaintReopened,
)
from guanxi.relationship.service.rules import ComplaintRules

RECEIVABLE, COMPLAINT, WARNING, PLAN = "receivable", "complaint", "warning", "plan"
OVERDUE = "overdue"
"""Kind of the warning that a receivable is overdue."""
COUNTERMEASURE = "countermeasure"
KEY, PROBLEM = "key", "problem"


@attrs.define
class WatchRow:
    """Something that may put a customer on a list, or the plan that answers it."""

    what: str = column(key=True)
    number: str = column(key=True)
    due_on: date | None = None
    begins: datetime | None = None
    notified_at: datetime | None = None
    ends: datetime | None = None
    owner: str = ""
    measures: str | Erased = personal("dealings", default="")  # noqa: RUF009 - an attrs field, not a default
    reasons: str = ""
    value: str = ""
    line: str = ""


watched = ReadModel("core.watched_customers", WatchRow, title=Label("Customers watched", "重点关注客户"))


@watched.on
def _owed(rows: Rows[WatchRow], e: InstalmentPlanned | InvoiceIssued, at: datetime) -> None:
    number = e.receivable if isinstance(e, InstalmentPlanned) else e.bills or e.invoice
    row = rows[RECEIVABLE, number]
    if row.due_on is None:
        row.due_on = e.due_on


@watched.on
def _raised(rows: Rows[WatchRow], e: WarningRaised, at: datetime) -> None:
    if e.kind == OVERDUE:
        row = rows[RECEIVABLE, e.cause]
        row.begins, row.ends = at, None
    elif e.kind == CHURN:
        row = rows[WARNING, stamp(at)]
        row.begins, row.ends = at, None
        row.reasons, row.value, row.line = ", ".join(e.reasons), e.value, e.threshold
        rows[WARNING, _LATEST].reasons = stamp(at)


@watched.on
def _cleared(rows: Rows[WatchRow], e: WarningCleared, at: datetime) -> None:
    if e.kind == OVERDUE:
        rows[RECEIVABLE, e.cause].ends = at
    elif e.kind == CHURN:
        latest = rows[WARNING, _LATEST].reasons
        if latest:
            rows[WARNING, latest].ends = at


_LATEST = ""
"""In place of a warning's number: the row that names the latest."""


@watched.on
def _complaint(
    rows: Rows[WatchRow],
    e: ComplaintReceived | ComplaintNotified | ComplaintClosed | ComplaintReopened,
    at: datetime,
) -> None:
    row = rows[COMPLAINT, e.complaint]
    match e:
        case ComplaintReceived():
            row.begins = at
        case ComplaintNotified():
            if e.reached and row.notified_at is None:
                row.notified_at = at
        case ComplaintClosed():
            row.ends = at
        case ComplaintReopened():
            row.ends = None


@watched.on
def _plan(rows: Rows[WatchRow], e: CustomerPlanFiled, at: datetime) -> None:
    if e.kind == COUNTERMEASURE:
        row = rows[PLAN, e.plan]
        row.begins, row.owner = at, e.owner
        row.measures = "; ".join(e.measures) if isinstance(e.measures, tuple) else e.measures
        row.due_on = e.ends_on or e.starts_on


@attrs.frozen
class Reason:
    """Why a customer is on a list.

    Args:
        listed: ``key`` or ``problem``.
        code: what it is: a class, ``overdue``, ``complaint_past_limit`` or ``churn``.
        about: the number of what it is about.
        since: from when.
    """

    listed: str
    code: str
    about: str
    since: datetime


@attrs.frozen
class Watched:
    """A customer on the key or the problem list.

    Args:
        stream: who.
        level: how important he is.
        reasons: why, the oldest first.
        plan: the plan in force that answers them; None is a gap.
    """

    stream: str
    level: int
    reasons: tuple[Reason, ...]
    plan: WatchRow | None

    def since(self, listed: str) -> datetime | None:
        """Return from when he is on a list, or None."""
        return min((r.since for r in self.reasons if r.listed == listed), default=None)


def watched_at(reader: Reader, asked: Asked) -> Iterator[Watched]:
    """Yield the customers on the key and problem lists at the cut, in order of file.

    Args:
        reader: at a cut; what reads it declares ``members``, ``classes`` and ``watched``.
        asked: the cut.
    """
    rules, owner = asked.rules(ImportanceRules), owners(reader)
    graded = classes_by_stream(reader)
    seen: dict[str, list[WatchRow]] = {}
    for stream, row in reader.rows(watched):
        seen.setdefault(owner.get(stream, stream), []).append(_local(row, asked))
    for stream in sorted(members_of(reader)):
        own, rows = graded.get(stream, []), seen.get(stream, [])
        level = level_of(own, asked.day, rules)
        reasons = [*_problems(rows, asked, rules)]
        if level <= rules.key_level:
            reasons += _why_key(own, asked, rules)
        if reasons:
            plans = [r for r in rows if r.what == PLAN and _runs(r, asked.day)]
            plan = max(plans, key=lambda r: (r.begins, r.number)) if plans else None
            yield Watched(
                stream, level, tuple(sorted(reasons, key=lambda r: (r.since, r.code, r.about))), plan
            )


def _runs(plan: WatchRow, day: date) -> bool:
    """Return whether a plan answers today: it has an owner, a measure and a day that is not past."""
    return bool(plan.owner and plan.measures) and plan.due_on is not None and plan.due_on >= day


def _why_key(own: list[ClassRow], asked: Asked, rules: ImportanceRules) -> Iterator[Reason]:
    tz = zone(asked.zone)
    for row in own:
        if row.in_force(asked.day) and level_of([row], asked.day, rules) <= rules.key_level:
            yield Reason(KEY, row.grade, row.scheme, midnight(row.since, tz))


def _problems(rows: list[WatchRow], asked: Asked, rules: ImportanceRules) -> Iterator[Reason]:
    tz = zone(asked.zone)
    for row in rows:
        if row.ends is not None:
            continue
        if row.what == RECEIVABLE and row.begins is not None and row.due_on is not None:
            since = row.due_on + timedelta(days=rules.overdue_days + 1)
            if asked.day >= since:
                yield Reason(PROBLEM, OVERDUE, row.number, midnight(since, tz))
        elif row.what == COMPLAINT and row.begins is not None:
            late = _late_from(row, row.begins, asked)
            if late is not None and asked.as_of >= late:
                yield Reason(PROBLEM, "complaint_past_limit", row.number, late)
        elif row.what == WARNING and row.number != _LATEST and row.begins is not None:
            yield Reason(PROBLEM, CHURN, row.reasons, row.begins)


def _late_from(row: WatchRow, received: datetime, asked: Asked) -> datetime | None:
    """Return from when a complaint is past a limit: its call was not made, or it is not solved."""
    terms = asked.rules_at(ComplaintRules, received)
    notice, solution = limits_of(received, terms, asked.rules(CalendarRules))
    lines = [] if row.notified_at is not None else [notice]
    return min([*lines, *(() if solution is None else (solution,))], default=None)


def warnings_of(reader: Reader, asked: Asked) -> Iterator[tuple[str, WatchRow]]:
    """Yield every churn warning that stands, open or cleared, by the file that shows it.

    Args:
        reader: at a cut; what reads it declares ``members`` and ``watched``.
        asked: the cut.
    """
    owner = owners(reader)
    for stream, row in reader.rows(watched):
        if row.what == WARNING and row.number != _LATEST and row.begins is not None:
            yield owner.get(stream, stream), _local(row, asked)


def _local(row: WatchRow, asked: Asked) -> WatchRow:
    """Return a row whose moments are in the programme's zone, so that their days are its days."""
    tz = zone(asked.zone)
    moments = (row.begins, row.notified_at, row.ends)
    begins, notified_at, ends = (None if m is None else m.astimezone(tz) for m in moments)
    return attrs.evolve(row, begins=begins, notified_at=notified_at, ends=ends)
