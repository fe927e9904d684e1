"""Monthly follow-up of leads and opportunities, computed at a cut (CORE-25)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

import attrs

from guanxi.kernel.cadences import DueItem
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import add_months, midnight
from guanxi.relationship.pipeline.read_models import (
    LeadRow,
    OpportunityRow,
    follow_up_rows,
    lead_rows,
    opportunity_rows,
)
from guanxi.relationship.pipeline.rules import LOST, WON

READS = (lead_rows, opportunity_rows, follow_up_rows)

FollowUpState = Literal["in_order", "late", "overdue", "not_done", "exempt"]


@attrs.frozen
class Stretch:
    """While an item was open: from its recording or reopening until its closing, if it was closed."""

    begun: datetime
    ended: datetime | None


@attrs.frozen
class FollowedItem:
    """A lead or an opportunity with all that was done about it."""

    stream: str
    kind: str
    number: str
    assignee: str | None
    stretches: Sequence[Stretch]
    done: Sequence[datetime]

    def month(self, first: date, asked: Asked) -> Month | None:
        """Return the month that begins on a day, or None if the item was not open in it.

        Args:
            first: its first day.
            asked: the cut.
        """
        tz = asked.as_of.tzinfo
        since, until = midnight(first, tz), midnight(add_months(first, 1), tz)
        within = [s for s in self.stretches if s.begun < until and (s.ended is None or s.ended >= since)]
        if not within:
            return None
        begun = min(s.begun for s in within)
        exempt = within[-1].ended is not None and within[-1].ended < until
        opened = [s.begun for s in within if s.begun >= since]
        acted = [at for at in self.done if at >= since]
        item = DueItem(
            key=f"{self.kind}:{self.number}/{first:%Y-%m}",
            since=max(since, begun),
            until=until,
            done_at=min((*opened, *acted), default=None),
            ends=midnight(add_months(first, 2), tz),
            person=self.assignee,
            about=self.number,
        )
        return Month(item, exempt)


@attrs.frozen
class Month:
    """What was due about an item in a month; nothing is in the month in which it was closed."""

    item: DueItem
    exempt: bool

    def state(self, at: datetime) -> FollowUpState:
        """Return how it stands at a moment; a month that still runs is in order.

        Args:
            at: the moment.
        """
        if self.exempt:
            return "exempt"
        match self.item.state(at):
            case "late":
                return "late"
            case "overdue":
                return "overdue"
            case "not_done":
                return "not_done"
            case _:
                return "in_order"


def followed(reader: Reader, asked: Asked) -> Iterator[FollowedItem]:
    """Yield every lead and opportunity with what was done about it up to the cut, in order of stream, kind and number.

    Args:
        reader: reads the tables.
        asked: the cut.
    """
    tz = asked.as_of.tzinfo
    done: defaultdict[tuple[str, str, str], set[datetime]] = defaultdict(set)
    for stream, acted in reader.rows(follow_up_rows):
        for at in (acted.first_at, acted.last_at):
            if at is not None and at <= asked.as_of:
                done[stream, acted.item_kind, acted.item].add(at.astimezone(tz))
    for stream, lead in reader.rows(lead_rows):
        yield FollowedItem(
            stream,
            "lead",
            lead.lead,
            lead.assignee,
            list(_open_lead(lead, asked)),
            sorted(done[stream, "lead", lead.lead]),
        )
    for stream, row in reader.rows(opportunity_rows):
        yield FollowedItem(
            stream,
            "opportunity",
            row.opportunity,
            row.assignee,
            list(_open_opportunity(row, asked)),
            sorted(done[stream, "opportunity", row.opportunity]),
        )


def _open_lead(row: LeadRow, asked: Asked) -> Iterator[Stretch]:
    tz = asked.as_of.tzinfo
    if row.recorded_at is not None and row.recorded_at <= asked.as_of:
        yield Stretch(
            row.recorded_at.astimezone(tz), None if row.closed_at is None else row.closed_at.astimezone(tz)
        )


def _open_opportunity(row: OpportunityRow, asked: Asked) -> Iterator[Stretch]:
    begun: datetime | None = None
    for stage, entered in row.stays():
        at = asked.local(entered)
        if at > asked.as_of:
            break
        if stage in (WON, LOST):
            if begun is not None:
                yield Stretch(begun, at)
            begun = None
        elif begun is None:
            begun = at
    if begun is not None:
        yield Stretch(begun, None)


def months_until(first: datetime, asked: Asked) -> Iterator[date]:
    """Yield the first days of the months from a moment's up to that of the cut.

    Args:
        first: the moment.
        asked: the cut.
    """
    day = first.date().replace(day=1)
    while day <= asked.day:
        yield day
        day = (day + timedelta(days=32)).replace(day=1)


def due_follow_ups(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    """Yield what falls due by the rule of monthly follow-up, month by month.

    Args:
        reader: reads the tables.
        asked: the cut.
    """
    for item in followed(reader, asked):
        if not item.stretches:
            continue
        for first in months_until(item.stretches[0].begun, asked):
            month = item.month(first, asked)
            if month is not None and not month.exempt:
                yield item.stream, month.item
