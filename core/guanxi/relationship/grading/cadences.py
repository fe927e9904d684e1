"""What falls due in grading: the next grading, and a plan for every key and problem customer (CORE-53, CORE-58)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, tzinfo

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import add_months, midnight, midnight_after, zone
from guanxi.relationship.grading.gradings import gradings
from guanxi.relationship.grading.importance import classes
from guanxi.relationship.grading.members import members, members_of
from guanxi.relationship.grading.rules import GradingRules
from guanxi.relationship.grading.watching import KEY, PROBLEM, watched, watched_at


def _regradings(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    days: dict[tuple[str, str], list[date]] = {}
    for stream, row in reader.rows(gradings):
        days.setdefault((stream, row.scheme), []).append(row.set_on)
    open_files, tz = members_of(reader), zone(asked.zone)
    for (stream, scheme), found in days.items():
        if stream not in open_files:
            continue
        done = [d for d in sorted(found) if d <= asked.day]
        for n, day in enumerate(done):
            yield stream, _regrading(scheme, day, done[n + 1] if n + 1 < len(done) else None, asked, tz)


def _regrading(scheme: str, day: date, next_day: date | None, asked: Asked, tz: tzinfo) -> DueItem:
    since = midnight_after(day, tz)
    months = asked.rules_at(GradingRules, midnight(day, tz)).regrade_months
    done: datetime | None = None if next_day is None else midnight(next_day, tz)
    return DueItem(
        key=f"{scheme}/{day}",
        since=since,
        until=midnight_after(add_months(day, months), tz),
        done_at=done,
        about=scheme,
    )


regrading = Cadence(
    name="core.regrading",
    title=Label("Next grading", "定期重新评级"),
    rule="CORE-53",
    reads=(members, gradings),
    items=_regradings,
    fulfilled_by=("core.grade_set",),
)


def _plans(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    for one in watched_at(reader, asked):
        for listed in (KEY, PROBLEM):
            since = one.since(listed)
            if since is None:
                continue
            filed = None if one.plan is None else one.plan.begins
            yield (
                one.stream,
                DueItem(
                    key=f"{listed}/{since.date()}",
                    since=since,
                    until=None,
                    done_at=None if filed is None else max(filed, since),
                    person=None if one.plan is None else one.plan.owner,
                    about=", ".join(r.code for r in one.reasons if r.listed == listed),
                ),
            )


countermeasure_plan = Cadence(
    name="core.countermeasure_plan",
    title=Label("Plan for a key or problem customer", "重点/问题客户对策"),
    rule="CORE-58",
    reads=(members, classes, watched),
    items=_plans,
    fulfilled_by=("core.customer_plan_filed",),
)

CADENCES = (regrading, countermeasure_plan)
