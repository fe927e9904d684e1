"""Schedules: one record for each person; a moved or cancelled appointment stays readable (CORE-85)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.privacy import Erased
from guanxi.relationship.together.commands import CancelAppointment, MakeAppointment, MoveAppointment
from guanxi.relationship.together.events import AppointmentCancelled, AppointmentMade, AppointmentMoved

SCHEDULE = "schedule"
_PREFIX = "schedule/"


def schedule_stream(person: str) -> str:
    """Return the stream of a person's schedule."""
    return _PREFIX + person


def person_of(stream: str) -> str:
    """Return whose schedule a stream is."""
    return stream.removeprefix(_PREFIX)


@attrs.define
class Appointment:
    """One appointment as it stands; ``moves`` are the times it had before."""

    starts: datetime
    ends: datetime
    with_whom: str | Erased | None = None
    customer: str | None = None
    private: bool = False
    cancelled: bool = False
    moves: list[datetime] = attrs.field(factory=list)


@attrs.define
class Schedule:
    """A person's appointments, by number."""

    appointments: dict[str, Appointment] = attrs.field(factory=dict)

    def between(self, start: datetime, end: datetime) -> list[tuple[str, Appointment]]:
        """Return what takes place between two moments, in order."""
        found = [
            (n, a)
            for n, a in self.appointments.items()
            if not a.cancelled and a.starts < end and a.ends > start
        ]
        return sorted(found, key=lambda pair: (pair[1].starts, pair[0]))


schedule = Facet("core.schedule", Schedule, subject=SCHEDULE, title=Label("Schedule", "日程"))


@schedule.evolve
def _made(s: Schedule, e: AppointmentMade) -> None:
    s.appointments[e.appointment] = Appointment(e.starts, e.ends, e.with_whom, e.customer, e.private)


@schedule.evolve
def _moved(s: Schedule, e: AppointmentMoved) -> None:
    one = s.appointments.get(e.appointment)
    if one is not None:
        one.moves.append(one.starts)
        one.starts, one.ends = e.starts, e.ends


@schedule.evolve
def _cancelled(s: Schedule, e: AppointmentCancelled) -> None:
    if e.appointment in s.appointments:
        s.appointments[e.appointment].cancelled = True


@schedule.decide
def _make(s: Schedule, c: MakeAppointment, now: Now) -> Iterator[Fact]:
    if c.appointment in s.appointments:
        raise Conflict(
            "identifier_taken",
            f"appointment {c.appointment} is on record",
            zh=f"日程 {c.appointment} 已登记",
            rule="CORE-85",
            accepts="another number",
        )
    yield AppointmentMade(
        appointment=c.appointment,
        starts=c.starts,
        ends=c.ends,
        with_whom=c.with_whom,
        customer=c.customer,
        private=c.private,
    )


@schedule.decide
def _move(s: Schedule, c: MoveAppointment, now: Now) -> Iterator[Fact]:
    _known(s, c.appointment)
    yield AppointmentMoved(appointment=c.appointment, starts=c.starts, ends=c.ends, reason=c.because)


@schedule.decide
def _cancel(s: Schedule, c: CancelAppointment, now: Now) -> Iterator[Fact]:
    _known(s, c.appointment)
    yield AppointmentCancelled(appointment=c.appointment, reason=c.because)


def _known(s: Schedule, appointment: str) -> None:
    one = s.appointments.get(appointment)
    if one is None or one.cancelled:
        raise Unknown(
            "unknown_code",
            f"there is no appointment {appointment} to change",
            zh=f"没有可变更的日程 {appointment}",
            rule="CORE-85",
            accepts=", ".join(n for n, a in s.appointments.items() if not a.cancelled) or "none is made",
        )
