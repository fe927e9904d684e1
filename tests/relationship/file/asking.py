"""Asks a ledger what falls due by one cadence."""

from __future__ import annotations

from guanxi.kernel.cadences import DueRow
from tests.kernel.desks import Desk


def due_items(desk: Desk, name: str, as_of: str | None = None) -> list[DueRow]:
    """Return the items of a cadence, now or as of a day's end."""
    return list(desk.ledger.due_items(cadence=name, as_of=as_of))
