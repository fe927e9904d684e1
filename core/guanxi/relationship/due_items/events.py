"""What is recorded about due items: who is to do one, and which was waived (CORE-99)."""

from __future__ import annotations

from guanxi.kernel.messages import Act, event, field, key, personal
from guanxi.kernel.privacy import Erased


@event("core.due_item_assigned", standing=True)
class DueItemAssigned(Act):
    """A due item has a named person from now on; ``number`` is its key within its cadence (CORE-99)."""

    cadence: str = key()
    number: str = key()
    person: str


@event("core.due_item_waived")
class DueItemWaived(Act):
    """A due item need not be done any more (CORE-99)."""

    cadence: str
    number: str
    approver: str
    person: str | None = field(default=None)
    reason: str | Erased | None = personal("access", default=None)
