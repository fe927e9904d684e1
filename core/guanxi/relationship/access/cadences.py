"""What falls due about accounts and log-ins (CORE-71, CORE-72, CORE-99)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.relationship.access.discipline import ONE_DAY, READS, Attendance, attendances, instant_of
from guanxi.relationship.access.events import AccountChangeRequested, LoggedIn
from guanxi.relationship.access.read_models import AccountChangeRow, DepartureRow, account_changes, departures
from guanxi.relationship.access.rules import AccountRules
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.due_items.terms import due_within

# ---------------------------------------------------------------- account changes


def _changes(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    submitted: dict[str, list[AccountChangeRow]] = {}
    for stream, change in reader.rows(account_changes):
        if change.kind != "new" and change.submitted_at is not None:
            submitted.setdefault(stream, []).append(change)
    for stream, found in groupby(reader.rows(departures), key=lambda pair: pair[0]):
        waiting = sorted((r.submitted_at for r in submitted.get(stream, ()) if r.submitted_at), reverse=True)
        rows = sorted((row for _, row in found), key=lambda r: (r.leaves_on or date.max, r.departure))
        for row in rows:
            if row.leaves_on is not None:
                yield stream, _change(row, row.leaves_on, waiting, asked)


def _change(row: DepartureRow, leaves_on: date, waiting: list[datetime], asked: Asked) -> DueItem:
    """Return the item of one departure; the next submission that is not another departure's fulfils it."""
    leaves = instant_of(leaves_on, asked)
    days = asked.rules_at(AccountRules, leaves).request_working_days
    term = asked.rules(CalendarRules).working_days(leaves_on, days)
    return due_within(
        term,
        key=row.departure,
        since=min(leaves, row.told_at or leaves),
        counted_from=leaves,
        done_at=waiting.pop() if waiting else None,
        about=leaves_on.isoformat(),
    )


account_change = Cadence(
    name="core.account_change",
    title=Label("Account change", "账号变更提交"),
    rule="CORE-71",
    reads=(account_changes, departures),
    items=_changes,
    fulfilled_by=(AccountChangeRequested.stored_name,),
)

# ---------------------------------------------------------------- log-ins


def _log_ins(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    calendar = asked.rules(CalendarRules)
    for one in attendances(reader, asked):
        for day in _days(one, asked):
            if one.expected(day, calendar, asked):
                until = instant_of(day + ONE_DAY, asked)
                yield (
                    one.stream,
                    DueItem(
                        key=day.isoformat(),
                        since=instant_of(day, asked),
                        until=until,
                        done_at=one.logins.get(day),
                        ends=until,
                        person=one.row.user,
                        about=day.isoformat(),
                    ),
                )


def _days(one: Attendance, asked: Asked) -> Iterator[date]:
    """Yield the days from somebody's first post on, up to the cut."""
    first = min((since for since, _ in one.posts), default=None)
    if first is not None:
        day = asked.day_of(first)
        while day <= asked.day:
            yield day
            day += ONE_DAY


log_in = Cadence(
    name="core.log_in",
    title=Label("Log-in", "登录"),
    rule="CORE-72",
    reads=READS,
    items=_log_ins,
    fulfilled_by=(LoggedIn.stored_name,),
)


def _trips(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    for one in attendances(reader, asked):
        weeks: dict[date, list[date]] = {}
        for day in sorted(one.trips - one.leave):
            weeks.setdefault(day - day.weekday() * ONE_DAY, []).append(day)
        for monday, days in weeks.items():
            if days[0] <= asked.day:
                yield one.stream, _week(one, monday, days, asked)


def _week(one: Attendance, monday: date, days: list[date], asked: Asked) -> DueItem:
    """Return the item of one week on trip: as many days with a log-in as the rule wants, of the days away at most."""
    since = instant_of(days[0], asked)
    wanted = min(asked.rules_at(AccountRules, since).logins_on_trip, len(days))
    done = sorted(one.logins[d] for d in days if d in one.logins)
    until = instant_of(days[-1] + ONE_DAY, asked)
    return DueItem(
        key=monday.isoformat(),
        since=since,
        until=until,
        done_at=done[wanted - 1] if len(done) >= wanted else None,
        ends=until,
        person=one.row.user,
        about=f"{min(len(done), wanted)}/{wanted}",
    )


log_in_on_trip = Cadence(
    name="core.log_in_on_trip",
    title=Label("Log-ins on a duty trip", "出差登录"),
    rule="CORE-72",
    reads=READS,
    items=_trips,
    fulfilled_by=(LoggedIn.stored_name,),
)

CADENCES = (account_change, log_in, log_in_on_trip)
