"""What a customer booked, and what became of it (RET-03)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi import Conflict, Erased, Facet, Fact, Incomplete, Label, Now, Unknown
from guanxi_retail.membership.commands import RecordReservation
from guanxi_retail.membership.events import ReservationRecorded, ReservationStatus


@attrs.define
class Reservation:
    """One booking as it stands."""

    status: ReservationStatus
    for_time: datetime | None
    service: str | Erased | None
    made_at: datetime


@attrs.define
class Reservations:
    """A customer's bookings by number."""

    by_number: dict[str, Reservation] = attrs.field(factory=dict)

    @property
    def latest_first(self) -> list[tuple[str, Reservation]]:
        """The bookings, the one for the latest time first."""
        return sorted(
            self.by_number.items(),
            key=lambda item: (item[1].for_time or item[1].made_at, item[0]),
            reverse=True,
        )


reservations = Facet("retail.reservations", Reservations, title=Label("Reservations", "预约"))


@reservations.evolve
def _recorded(s: Reservations, e: ReservationRecorded, at: datetime) -> None:
    known = s.by_number.get(e.reservation)
    if known is None:
        s.by_number[e.reservation] = Reservation(e.status, e.for_time, e.service, at)
        return
    known.status = e.status
    known.for_time = e.for_time or known.for_time
    known.service = known.service if e.service is None else e.service


@reservations.decide
def _record(s: Reservations, c: RecordReservation, now: Now) -> Iterator[Fact]:
    known = s.by_number.get(c.reservation)
    if c.status == "made" and known is not None:
        raise Conflict(
            "source_conflict",
            f"reservation {c.reservation} is on record",
            zh=f"预约 {c.reservation} 已登记",
            rule="RET-03",
            accepts="another number, or what became of it",
        )
    if c.status == "made" and c.for_time is None:
        raise Incomplete(
            "time_missing",
            f"reservation {c.reservation} is for no time",
            zh=f"预约 {c.reservation} 缺少时间",
            rule="RET-03",
            accepts="for_time=",
        )
    if c.status != "made":
        _open(c.reservation, known, now)
    at = c.for_time
    yield ReservationRecorded(
        reservation=c.reservation,
        status=c.status,
        for_time=at if at is None or at.tzinfo is not None else at.replace(tzinfo=now.at.tzinfo),
        service=c.service,
    )


def _open(number: str, known: Reservation | None, now: Now) -> None:
    """Refuse to say what became of a booking that nobody made, or of which that is known."""
    if known is None:
        raise Unknown(
            "unknown_reservation",
            f"there is no reservation {number}",
            zh=f"没有预约 {number}",
            rule="RET-03",
            accepts="a reservation on record",
        )
    now.require(
        known.status == "made",
        "reservation_closed",
        "RET-03",
        f"reservation {number} is {known.status} already",
        zh=f"预约 {number} 已结束（{known.status}）",
        accepts="a reservation of which nothing became yet",
    )
