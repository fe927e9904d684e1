"""What privacy and the house's own duties bring due: answers, erasures, reviews, backups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import midnight, midnight_after
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.due_items.terms import due_within
from guanxi.relationship.governance.events import (
    BackupTaken,
    PersonalDataErased,
    RightsRequestAnswered,
    RuleSetReviewed,
)
from guanxi.relationship.governance.read_models import families, issues, requests, reviews
from guanxi.relationship.governance.rules import PrivacyRules, ReviewRules

_WEEK = timedelta(days=7)


def _answers(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    for stream, row in reader.rows(requests):
        if row.received_at is None:
            continue
        since = asked.local(row.received_at)
        days = asked.rules_at(PrivacyRules, since).rights_days
        term = asked.rules_at(CalendarRules, since).days(since.date(), days)
        yield (
            stream,
            due_within(
                term,
                key=row.request,
                since=since,
                done_at=row.answered_at,
                about=row.right,
            ),
        )


answers = Cadence(
    "core.rights_answer",
    Label("Answer to a data subject", "答复权利请求"),
    "CORE-75",
    (requests,),
    _answers,
    (RightsRequestAnswered.stored_name,),
)


def _erasures(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    for stream, row in reader.rows(families):
        if row.until is None or row.restricted_at is None:
            continue
        day = date.fromisoformat(row.until) + timedelta(days=1)
        since = midnight(day, asked.as_of.tzinfo)
        if since <= asked.as_of:
            key = f"{row.data_subject}/{row.family}"
            until = midnight_after(day, asked.as_of.tzinfo)
            yield stream, DueItem(key=key, since=since, until=until, done_at=row.erased_at, about=row.family)


erasures = Cadence(
    "core.erasure",
    Label("Erasure after the last duty", "义务届满后删除"),
    "CORE-75",
    (families,),
    _erasures,
    (PersonalDataErased.stored_name,),
)


def _reviews(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    seen: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for stream, row in reader.rows(reviews):
        seen[row.rule_set].append((asked.local(row.reviewed_at), stream))
    for rule_set, times in sorted(seen.items()):
        times.sort()
        for (since, stream), following in zip(times, [*times[1:], None], strict=True):
            months = asked.rules_at(ReviewRules, since).review_months
            term = asked.rules_at(CalendarRules, since).months(since.date(), months)
            yield (
                stream,
                due_within(
                    term,
                    key=f"{rule_set}/{since.date().isoformat()}",
                    since=since,
                    done_at=None if following is None else following[0],
                    about=rule_set,
                ),
            )


rule_reviews = Cadence(
    "core.rule_review",
    Label("Yearly review of a rule set", "规则集年度复核"),
    "CORE-73",
    (reviews,),
    _reviews,
    (RuleSetReviewed.stored_name,),
)


def _backups(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    taken: dict[str, list[datetime]] = defaultdict(list)
    for stream, row in reader.rows(issues):
        if row.kind == "backup" and row.at is not None:
            taken[stream].append(asked.local(row.at))
    for stream, times in taken.items():
        monday = min(times).date() - timedelta(days=min(times).weekday())
        week = midnight(monday, asked.as_of.tzinfo)
        while week <= asked.as_of:
            after = midnight(week.date() + _WEEK, asked.as_of.tzinfo)
            done = min((t for t in times if week <= t < after), default=None)
            yield (
                stream,
                DueItem(key=f"{week.date():%G-W%V}", since=week, until=after, done_at=done, ends=after),
            )
            week = after


backups = Cadence(
    "core.backup",
    Label("Weekly backup", "每周备份"),
    "CORE-99",
    (issues,),
    _backups,
    (BackupTaken.stored_name,),
)

CADENCES = (answers, erasures, rule_reviews, backups)
