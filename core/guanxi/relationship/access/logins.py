"""Log-ins and duty trips (CORE-72)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.access.commands import LogIn, RecordDutyTrip
from guanxi.relationship.access.events import DutyTripRecorded, LoggedIn
from guanxi.relationship.access.streams import STAFF


@attrs.define
class LogIns:
    """When somebody logged in last, and his duty trips."""

    last: datetime | None = None
    trips: dict[str, tuple[date, date]] = attrs.field(factory=dict)


logins = Facet("core.logins", LogIns, subject=STAFF, title=Label("Log-ins", "登录"))


@logins.evolve
def _logged_in(s: LogIns, e: LoggedIn, at: datetime) -> None:
    s.last = at


@logins.evolve
def _trip(s: LogIns, e: DutyTripRecorded) -> None:
    s.trips[e.trip] = (e.first_day, e.last_day)


@logins.decide
def _log_in(s: LogIns, c: LogIn, now: Now) -> Iterator[Fact]:
    yield LoggedIn()


@logins.decide
def _travel(s: LogIns, c: RecordDutyTrip, now: Now) -> Iterator[Fact]:
    yield DutyTripRecorded(trip=c.trip, first_day=c.first_day, last_day=c.last_day)
