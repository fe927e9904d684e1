"""What falls due about ownership (CORE-99)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.due_items.terms import due_within
from guanxi.relationship.ownership.events import HandoverAccepted
from guanxi.relationship.ownership.read_models import HandoverRow, handovers
from guanxi.relationship.ownership.rules import OwnershipRules


def _acceptances(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    for stream, found in groupby(reader.rows(handovers), key=lambda pair: pair[0]):
        rows = [row for _, row in found]
        for row in rows:
            if row.proposed is not None:
                yield stream, _acceptance(row, rows, asked)


def _acceptance(row: HandoverRow, all_rows: list[HandoverRow], asked: Asked) -> DueItem:
    assert row.proposed is not None
    proposed = asked.local(row.proposed)
    days = asked.rules_at(OwnershipRules, proposed).accept_working_days
    term = asked.rules(CalendarRules).working_days(proposed.date(), days)
    return due_within(
        term,
        key=row.handover,
        since=proposed,
        done_at=row.accepted,
        ends=_overtaken(row, all_rows),
        person=row.receiver,
        about=row.handover,
    )


def _overtaken(row: HandoverRow, all_rows: list[HandoverRow]) -> datetime | None:
    """Return when the giver gave the customer to somebody else instead."""
    assert row.proposed is not None
    later = [
        other.accepted
        for other in all_rows
        if other is not row and other.accepted is not None and other.accepted >= row.proposed
    ]
    return None if row.accepted is not None else min(later, default=None)


handover_acceptance = Cadence(
    name="core.handover_acceptance",
    title=Label("Accept a hand-over", "接收交接"),
    rule="CORE-20",
    reads=(handovers,),
    items=_acceptances,
    fulfilled_by=(HandoverAccepted.stored_name,),
)
