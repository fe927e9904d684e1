"""What falls due in service, computed at a cut: calls, solutions, plans, steps, return visits, promises and impressions (CORE-99)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import midnight_after
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.due_items.terms import due_within
from guanxi.relationship.service.read_models.complaints import (
    ComplaintRow,
    complaint_phases,
    complaint_rows,
)
from guanxi.relationship.service.read_models.requests import (
    need_rows,
    request_rows,
    step_rows,
    trial_rows,
)
from guanxi.relationship.service.read_models.satisfaction import (
    promise_rows,
    visit_attempts,
    visit_rows,
)
from guanxi.relationship.service.rules import (
    ComplaintRules,
    NeedRules,
    ReturnVisitRules,
    ServiceRules,
    TrialRules,
    term,
)

Items = Iterator[tuple[str, DueItem]]


def notice_of(row: ComplaintRow, received: datetime, asked: Asked) -> DueItem:
    """Return the informing call that a complaint asks for (CORE-34).

    Args:
        row: the complaint.
        received: when it came.
        asked: the cut.
    """
    received = asked.local(received)
    rules = asked.rules_at(ComplaintRules, received)
    calendar = asked.rules_at(CalendarRules, received)
    last = term(calendar, received.date(), rules.notify_within, rules.unit)
    return due_within(
        last,
        key=row.complaint,
        since=received,
        done_at=row.notified_at,
        person=row.handler,
        about=row.complaint,
    )


def _notices(reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(complaint_rows):
        if row.received_at is not None:
            yield stream, notice_of(row, row.received_at, asked)


complaint_notice = Cadence(
    name="core.complaint_notice",
    title=Label("Informing call about a complaint", "投诉知情通知"),
    rule="CORE-34",
    reads=(complaint_rows,),
    items=_notices,
    fulfilled_by=("core.complaint_notified",),
)


def resolution_of(
    row: ComplaintRow, received: datetime, closed: datetime | None, asked: Asked
) -> DueItem | None:
    """Return the solution that a complaint asks for, on the clock of its receipt; None without a limit (CORE-35).

    Args:
        row: the complaint.
        received: when it came.
        closed: when it was closed, if it is.
        asked: the cut.
    """
    received = asked.local(received)
    rules = asked.rules_at(ComplaintRules, received)
    if rules.resolve_within_days is None:
        return None
    calendar = asked.rules_at(CalendarRules, received)
    last = term(calendar, received.date(), rules.resolve_within_days, rules.unit)
    return due_within(
        last,
        key=row.complaint,
        since=received,
        done_at=closed,
        person=row.handler,
        about=row.complaint,
    )


def closings(reader: Reader) -> dict[tuple[str, str], datetime | None]:
    """Return when each complaint was closed for good by stream and number; None for one that is open, reopened or not."""
    found: dict[tuple[str, str], datetime | None] = {}
    for stream, row in reader.rows(complaint_phases):
        if row.opened_at is not None:
            found[stream, row.complaint] = row.closed_at
    return found


def _resolutions(reader: Reader, asked: Asked) -> Items:
    closed = closings(reader)
    for stream, row in reader.rows(complaint_rows):
        if row.received_at is None:
            continue
        item = resolution_of(row, row.received_at, closed.get((stream, row.complaint)), asked)
        if item is not None:
            yield stream, item


complaint_resolution = Cadence(
    name="core.complaint_resolution",
    title=Label("Resolution of a complaint", "投诉办结"),
    rule="CORE-35",
    reads=(complaint_rows, complaint_phases),
    items=_resolutions,
    fulfilled_by=("core.complaint_closed",),
)


def _plans(reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(need_rows):
        if row.recorded_at is None:
            continue
        at = asked.local(row.recorded_at)
        days = asked.rules_at(NeedRules, at).need_plan_working_days
        last = asked.rules_at(CalendarRules, at).working_days(at.date(), days)
        yield (
            stream,
            due_within(
                last,
                key=row.need,
                since=at,
                done_at=row.answered_at,
                about=row.need,
            ),
        )


need_plan = Cadence(
    name="core.need_plan",
    title=Label("Service plan for a need", "需求服务计划"),
    rule="CORE-82",
    reads=(need_rows,),
    items=_plans,
    fulfilled_by=("core.need_answered",),
)


def _steps(reader: Reader, asked: Asked) -> Items:
    taken = {(stream, row.request, row.step): row for stream, row in reader.rows(step_rows)}
    for stream, row in reader.rows(request_rows):
        if row.requested_at is None:
            continue
        since = asked.local(row.requested_at)
        calendar = asked.rules_at(CalendarRules, since)
        for step in asked.rules_at(ServiceRules, since).chain(row.chain):
            own = taken.get((stream, row.request, step.code))
            at = None if own is None else own.taken_at
            if at is None and row.closed_at is not None:
                break  # cancelled or rejected: nothing more is to be done
            last = calendar.working_days(since.date(), step.limit)
            if own is None or not own.waived:
                yield (
                    stream,
                    due_within(
                        last,
                        key=f"{row.request}/{step.code}",
                        since=since,
                        done_at=at,
                        person=row.who,
                        about=f"{row.request} {step.code} ({step.post})",
                    ),
                )
            if at is None:
                break
            since = max(since, asked.local(at))


service_step = Cadence(
    name="core.service_step",
    title=Label("Step of a service request", "服务请求步骤"),
    rule="CORE-36",
    reads=(request_rows, step_rows),
    items=_steps,
    fulfilled_by=("core.service_step_taken",),
)


def unreachable_since(reader: Reader, asked: Asked) -> dict[tuple[str, str], datetime]:
    """Return when a return visit was closed as unreachable, by stream and number: tried in vain on so many days (CORE-38)."""
    tried: dict[tuple[str, str], list[datetime]] = {}
    for stream, row in reader.rows(visit_attempts):
        if row.at is not None:
            tried.setdefault((stream, row.visit), []).append(row.at)
    enough = asked.rules(ReturnVisitRules).attempts
    return {visit: sorted(days)[enough - 1] for visit, days in tried.items() if len(days) >= enough}


def _visits(reader: Reader, asked: Asked) -> Items:
    given_up = unreachable_since(reader, asked)
    for stream, row in reader.rows(visit_rows):
        if row.selected_at is None or row.due is None:
            continue
        since = asked.local(row.selected_at)
        over = [at for at in (row.done_at, given_up.get((stream, row.visit))) if at is not None]
        yield (
            stream,
            DueItem(
                key=row.visit,
                since=since,
                until=midnight_after(row.due, since.tzinfo),
                done_at=min(over, default=None),
                about=row.visit,
            ),
        )


return_visit = Cadence(
    name="core.return_visit",
    title=Label("Return visit", "回访"),
    rule="CORE-38",
    reads=(visit_rows, visit_attempts),
    items=_visits,
    fulfilled_by=("core.return_visit_done",),
)


def _promises(reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(promise_rows):
        if row.made_at is None or row.due is None or row.released_at is not None:
            continue
        since = asked.local(row.made_at)
        yield (
            stream,
            DueItem(
                key=row.promise,
                since=since,
                until=midnight_after(row.due, since.tzinfo),
                done_at=row.kept_at,
                person=row.promiser,
                about=row.promise,
            ),
        )


promise = Cadence(
    name="core.promise",
    title=Label("Promise", "承诺"),
    rule="CORE-39",
    reads=(promise_rows,),
    items=_promises,
    fulfilled_by=("core.promise_kept",),
)


def _impressions(reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(trial_rows):
        if row.taken_at is None:
            continue
        at = asked.local(row.taken_at)
        days = asked.rules_at(TrialRules, at).impression_days
        last = asked.rules_at(CalendarRules, at).days(at.date(), days)
        yield (
            stream,
            due_within(
                last,
                key=row.trial,
                since=at,
                done_at=row.impression_at,
                about=row.trial,
            ),
        )


trial_impression = Cadence(
    name="core.trial_impression",
    title=Label("Impression of a trial", "试用反馈"),
    rule="CORE-90",
    reads=(trial_rows,),
    items=_impressions,
    fulfilled_by=("core.impression_given",),
)

CADENCES = (
    complaint_notice,
    complaint_resolution,
    need_plan,
    service_step,
    return_visit,
    promise,
    trial_impression,
)
