"""What falls due after a campaign, and the yearly review of the programme (CORE-50)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import midnight
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.campaigns.read_models import campaign_rows, evaluations, feedback, reviews
from guanxi.relationship.campaigns.rules import CampaignRules
from guanxi.relationship.due_items.terms import due_within

WHOLE_PROGRAMME = "programme"
"""Stream of the programme of campaigns whose plans name none."""


def _feedback(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    zone = asked.as_of.tzinfo
    filed = {(stream, row.campaign): row.filed_at for stream, row in reader.rows(feedback)}
    for stream, row in reader.rows(campaign_rows):
        if row.ended_at is None:
            continue
        ended = row.ended_at.astimezone(zone)
        rules, calendar = asked.rules_at(CampaignRules, ended), asked.rules(CalendarRules)
        term = calendar.months(ended.date(), rules.feedback_months)
        yield (
            stream,
            due_within(
                term,
                key="feedback",
                since=row.planned_at or ended,
                counted_from=ended,
                done_at=filed.get((stream, stream)),
                about=row.title,
            ),
        )


def _evaluation(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    zone = asked.as_of.tzinfo
    filed: dict[str, list[datetime]] = {}
    for stream, version in reader.rows(evaluations):
        if version.at is not None:
            filed.setdefault(stream, []).append(version.at)
    for stream, row in reader.rows(campaign_rows):
        if row.ended_at is None:
            continue
        ended = row.ended_at.astimezone(zone)
        rules, calendar = asked.rules_at(CampaignRules, ended), asked.rules(CalendarRules)
        term = calendar.days(ended.date(), rules.evaluation_days)
        yield (
            stream,
            due_within(
                term,
                key="evaluation",
                since=ended,
                done_at=min((at for at in filed.get(stream, []) if at >= ended), default=None),
                about=row.title,
            ),
        )


def _review(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    zone = asked.as_of.tzinfo
    first: dict[str, date] = {}
    for _, row in reader.rows(campaign_rows):
        if row.planned_at is not None:
            name, day = row.programme or WHOLE_PROGRAMME, row.planned_at.astimezone(zone).date()
            first[name] = min(first.get(name, day), day)
    moments = [
        (stream, review.at.astimezone(zone))
        for stream, review in reader.rows(reviews)
        if review.at is not None
    ]
    for name in sorted(first):
        for year in range(first[name].year, asked.day.year + 1):
            begins, ends = midnight(date(year, 1, 1), zone), midnight(date(year + 1, 1, 1), zone)
            when = sorted(at for stream, at in moments if stream == name and begins <= at < ends)
            yield (
                name,
                DueItem(
                    key=f"review/{year}",
                    since=begins,
                    until=ends,
                    ends=ends,
                    done_at=when[0] if when else None,
                    about=str(year),
                ),
            )


campaign_feedback = Cadence(
    name="core.campaign_feedback",
    title=Label("Feedback of a campaign", "活动反馈归档"),
    rule="CORE-50",
    reads=(campaign_rows, feedback),
    items=_feedback,
    fulfilled_by=("core.campaign_feedback_filed",),
)
campaign_evaluation = Cadence(
    name="core.campaign_evaluation",
    title=Label("Evaluation of a campaign", "活动评估"),
    rule="CORE-50",
    reads=(campaign_rows, evaluations),
    items=_evaluation,
    fulfilled_by=("core.campaign_evaluated",),
)
programme_review = Cadence(
    name="core.programme_review",
    title=Label("Yearly review of a programme", "营销计划年度评审"),
    rule="CORE-50",
    reads=(campaign_rows, reviews),
    items=_review,
    fulfilled_by=("core.programme_reviewed",),
)

CADENCES = (campaign_feedback, campaign_evaluation, programme_review)
