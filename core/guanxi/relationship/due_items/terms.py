"""Due items that have a term: their last day, and whether it may still move, come from the calendar (CORE-06, CORE-99)."""

from __future__ import annotations

from datetime import datetime

from guanxi.kernel.cadences import DueItem
from guanxi.relationship.calendars.rules import Term


def due_within(
    term: Term,
    *,
    key: str,
    since: datetime,
    counted_from: datetime | None = None,
    done_at: datetime | None = None,
    ends: datetime | None = None,
    person: str | None = None,
    about: str = "",
) -> DueItem:
    """Return an item that is due by the end of a term.

    Args:
        term: within which it is to be done.
        key: as for ``DueItem``.
        since: as for ``DueItem``.
        counted_from: what sets the term running, where that is not ``since``.
        done_at: as for ``DueItem``.
        ends: as for ``DueItem``.
        person: as for ``DueItem``.
        about: as for ``DueItem``.
    """
    return DueItem(
        key=key,
        since=since,
        until=term.until(since if counted_from is None else counted_from),
        done_at=done_at,
        ends=ends,
        person=person,
        about=about,
        provisional=term.provisional,
    )
