"""What falls due on the way from lead to contract, and around visits, plans, mail and bids (CORE-99)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import TICK, midnight, midnight_after
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.due_items.terms import due_within
from guanxi.relationship.pipeline.events import (
    ActionRecorded,
    BidSubmitted,
    CustomerPlanReviewed,
    IncomingRegistered,
    VisitReported,
)
from guanxi.relationship.pipeline.follow_up import READS, due_follow_ups
from guanxi.relationship.pipeline.read_models import (
    PLANNED_VISIT,
    PlannedVisitRow,
    bid_rows,
    customer_plan_rows,
    incoming_rows,
    lead_rows,
    planned_visit_rows,
    visit_rows,
)
from guanxi.relationship.pipeline.rules import PipelineRules, PlanRules, VisitRules

Items = Iterator[tuple[str, DueItem]]


def _local_or_none(at: datetime | None, asked: Asked) -> datetime | None:
    return None if at is None else asked.local(at)


# Visits to prospects, and planned ones


def _prospect_visits(reader: Reader, asked: Asked) -> Items:
    made: defaultdict[str, list[datetime]] = defaultdict(list)
    for stream, row in reader.rows(visit_rows):
        if row.visited_at is not None and row.visited_at <= asked.as_of:
            made[stream].append(asked.local(row.visited_at))
    for stream, lead in reader.rows(lead_rows):
        if lead.recorded_at is None or lead.recorded_at > asked.as_of:
            continue
        since, end = asked.local(lead.recorded_at), _local_or_none(lead.closed_at, asked)
        for visited in [*(v for v in sorted(made[stream]) if v > since), None]:
            if end is not None and (visited is None or visited >= end):
                break
            days = asked.rules_at(PipelineRules, since).visit_days.get(lead.urgency)
            if days is not None:
                term = asked.rules_at(CalendarRules, since).days(since.date(), days)
                yield (
                    stream,
                    due_within(
                        term,
                        key=f"{lead.lead}/{since:%Y-%m-%dT%H:%M:%S}",
                        since=since,
                        done_at=visited,
                        person=lead.assignee,
                        about=lead.lead,
                    ),
                )
            since = visited or since


def planned_visits(reader: Reader, asked: Asked) -> Iterator[tuple[str, PlannedVisitRow, DueItem]]:
    """Yield the planned visits whose day has come, each with its due item.

    Args:
        reader: reads the table.
        asked: the cut.
    """
    by_stream: defaultdict[str, list[PlannedVisitRow]] = defaultdict(list)
    for stream, row in reader.rows(planned_visit_rows):
        if row.on is not None:
            by_stream[stream].append(row)
    for stream, rows in by_stream.items():
        days = sorted({row.on for row in rows if row.on is not None})
        following: dict[date, date] = dict(pairwise(days))
        for row in sorted(rows, key=lambda r: (r.on or date.min, r.visit_plan)):
            if row.on is not None and row.on <= asked.day:
                yield stream, row, _planned_visit(row, row.on, following.get(row.on), asked)


def _planned_visit(row: PlannedVisitRow, on: date, following: date | None, asked: Asked) -> DueItem:
    tz = asked.as_of.tzinfo
    visited = _local_or_none(row.visited_at, asked)
    return DueItem(
        key=row.visit_plan,
        since=midnight(on, tz),
        until=midnight_after(on, tz),
        done_at=visited if visited is not None and visited >= midnight(on, tz) else None,
        ends=None if following is None else midnight_after(following, tz),
        person=row.person,
        about=row.visit_plan,
    )


def _planned(reader: Reader, asked: Asked) -> Items:
    for stream, _, item in planned_visits(reader, asked):
        yield stream, item


# Records of visits


def _visit_reports(reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(visit_rows):
        if row.visited_at is None or row.visited_at > asked.as_of:
            continue
        since = asked.local(row.visited_at)
        days = asked.rules_at(VisitRules, since).visit_report_days
        term = asked.rules_at(CalendarRules, since).days(since.date(), days)
        yield (
            stream,
            due_within(
                term,
                key=row.visit,
                since=since,
                done_at=_local_or_none(row.reported_at, asked),
                person=row.person,
                about=row.visit,
            ),
        )


def _visit_gaps(reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(visit_rows):
        stated = (("attitude", row.reported_at, row.attitude_at), ("plan", row.problem_at, row.plan_at))
        for what, since, done in stated:
            if since is not None and since <= asked.as_of and done != since:
                yield (
                    stream,
                    DueItem(
                        key=f"{row.visit}/{what}",
                        since=asked.local(since),
                        until=None,
                        done_at=_local_or_none(done, asked),
                        person=row.person,
                        about=row.visit,
                    ),
                )


def _visit_results(reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(visit_rows):
        if row.plan_at is None or row.plan_due is None or row.plan_at > asked.as_of:
            continue
        since = asked.local(row.plan_at)
        yield (
            stream,
            DueItem(
                key=row.visit,
                since=since,
                until=midnight_after(row.plan_due, since.tzinfo),
                done_at=_local_or_none(row.result_at, asked),
                person=row.plan_owner,
                about=row.visit,
            ),
        )


# What comes in, plans, bids


def _incoming(reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(incoming_rows):
        if row.registered_at is None or row.registered_at > asked.as_of:
            continue
        since = asked.local(row.registered_at)
        days = asked.rules_at(PlanRules, since).pass_on_working_days
        term = asked.rules_at(CalendarRules, since).working_days(since.date(), days)
        yield (
            stream,
            due_within(
                term,
                key=row.incoming,
                since=since,
                done_at=_local_or_none(row.passed_at, asked),
                about=row.incoming,
            ),
        )


def _plan_reviews(reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(customer_plan_rows):
        if row.filed_at is None or row.filed_at > asked.as_of:
            continue
        since = asked.local(row.filed_at)
        days = asked.rules_at(PlanRules, since).plan_review_working_days
        term = asked.rules_at(CalendarRules, since).working_days(since.date(), days)
        yield (
            stream,
            due_within(
                term,
                key=f"{row.plan}/{row.version}",
                since=since,
                done_at=_local_or_none(row.reviewed_at, asked),
                about=row.plan,
            ),
        )


def _bids(reader: Reader, asked: Asked) -> Items:
    for stream, row in reader.rows(bid_rows):
        known = row.planned_at or row.submitted_at
        if known is None or row.due is None or known > asked.as_of:
            continue
        yield (
            stream,
            DueItem(
                key=row.bid,
                since=asked.local(known),
                until=asked.local(row.due) + TICK,
                done_at=_local_or_none(row.submitted_at, asked),
                person=row.person,
                about=row.tender,
            ),
        )


_ACTION, _REPORT = (ActionRecorded.stored_name,), (VisitReported.stored_name,)

CADENCES = (
    Cadence(
        "core.follow_up", Label("Monthly follow-up", "每月跟进"), "CORE-25", READS, due_follow_ups, _ACTION
    ),
    Cadence(
        "core.prospect_visit",
        Label("Visit to a prospect", "潜在客户拜访"),
        "CORE-24",
        (lead_rows, visit_rows),
        _prospect_visits,
        _ACTION,
    ),
    Cadence(
        PLANNED_VISIT,
        Label("Planned visit", "计划拜访"),
        "CORE-89",
        (planned_visit_rows,),
        _planned,
        _ACTION,
    ),
    Cadence(
        "core.visit_report",
        Label("Report of a visit", "拜访报告"),
        "CORE-83",
        (visit_rows,),
        _visit_reports,
        _REPORT,
    ),
    Cadence(
        "core.visit_gap",
        Label("Attitude or plan missing in a visit record", "访问记录缺态度或改进计划"),
        "CORE-83",
        (visit_rows,),
        _visit_gaps,
        _REPORT,
    ),
    Cadence(
        "core.visit_result",
        Label("Result of a plan made at a visit", "拜访改进计划结果"),
        "CORE-83",
        (visit_rows,),
        _visit_results,
        _REPORT,
    ),
    Cadence(
        "core.incoming_passed_on",
        Label("Incoming mail and calls passed on", "来件转交"),
        "CORE-89",
        (incoming_rows,),
        _incoming,
        (IncomingRegistered.stored_name,),
    ),
    Cadence(
        "core.plan_review",
        Label("Review of a customer plan", "客户计划审阅"),
        "CORE-89",
        (customer_plan_rows,),
        _plan_reviews,
        (CustomerPlanReviewed.stored_name,),
    ),
    Cadence("core.bid", Label("Bid", "投标"), "CORE-89", (bid_rows,), _bids, (BidSubmitted.stored_name,)),
)
