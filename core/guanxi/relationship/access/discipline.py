"""Who has to log in on which day, and who has not for how long (CORE-72)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import attrs

from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.relationship.access.read_models import StaffRow, absences, held_posts, login_days, staff_rows
from guanxi.relationship.calendars import CalendarRules

ONE_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
READS = (staff_rows, held_posts, login_days, absences)


@attrs.frozen
class Attendance:
    """What is known of somebody's days.

    Args:
        stream: his account.
        row: the account itself.
        posts: first instants and ends of the stretches in which he held a post.
        logins: first log-in of each day.
        trips: days on duty trips.
        leave: days of approved leave.
    """

    stream: str
    row: StaffRow
    posts: tuple[tuple[datetime, datetime | None], ...]
    logins: dict[date, datetime]
    trips: frozenset[date]
    leave: frozenset[date]

    def at_post(self, day: date, asked: Asked) -> bool:
        """Return whether he holds a post, with an account in use, through the whole of a day."""
        first, last = instant_of(day, asked), instant_of(day + ONE_DAY, asked)
        ends = [t for t in (self.row.frozen_at, self.row.closed_at) if t is not None]
        if any(end < last for end in ends):
            return False
        return any(since <= first and (until is None or until >= last) for since, until in self.posts)

    def expected(self, day: date, calendar: CalendarRules, asked: Asked) -> bool:
        """Return whether he has to log in on a day at his post."""
        return (
            calendar.is_working_day(day)
            and day not in self.trips
            and day not in self.leave
            and self.at_post(day, asked)
        )

    @property
    def last_login(self) -> date | None:
        """The day of his last log-in."""
        return max(self.logins, default=None)

    def silent_days(self, asked: Asked) -> int:
        """Return how many whole days running he has not logged in, leave not counted."""
        begins = self.last_login
        if begins is None:
            begins = asked.day_of(min((since for since, _ in self.posts), default=asked.as_of)) - ONE_DAY
        day, count = begins + ONE_DAY, 0
        while instant_of(day + ONE_DAY, asked) - _TICK <= asked.as_of:
            count += day not in self.leave
            day += ONE_DAY
        return count


def instant_of(day: date, asked: Asked) -> datetime:
    """Return the first instant of a day in the programme's zone."""
    return datetime.combine(day, time.min, asked.as_of.tzinfo)


def attendances(reader: Reader, asked: Asked) -> Iterator[Attendance]:
    """Yield what is known of the days of everybody with an account, in order of streams."""
    posts: dict[str, list[tuple[datetime, datetime | None]]] = {}
    for stream, held in reader.rows(held_posts):
        if held.since is not None:
            posts.setdefault(stream, []).append((held.since, held.until))
    logins: dict[str, dict[date, datetime]] = {}
    for stream, login in reader.rows(login_days):
        if login.at is not None:
            logins.setdefault(stream, {})[login.day] = login.at
    away: dict[tuple[str, str], set[date]] = {}
    for stream, absence in reader.rows(absences):
        if absence.first_day is not None and absence.last_day is not None:
            days = away.setdefault((absence.kind, stream), set())
            count = (absence.last_day - absence.first_day).days + 1
            days.update(absence.first_day + n * ONE_DAY for n in range(count))
    for stream, row in reader.rows(staff_rows):
        if row.kind == "person":
            yield Attendance(
                stream,
                row,
                tuple(posts.get(stream, ())),
                logins.get(stream, {}),
                frozenset(away.get(("trip", stream), ())),
                frozenset(away.get(("leave", stream), ())),
            )
