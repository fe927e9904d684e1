"""Amounts by day, whose sum over any interval of days is found without going through them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date
from decimal import Decimal

import attrs

_NOTHING = Decimal(0)


@attrs.define
class Amounts:
    """Amounts by day, kept as running totals: most come in the order of days, a refund goes to the day of its sale."""

    days: list[date] = attrs.field(factory=list)
    totals: list[Decimal] = attrs.field(factory=list)

    def add(self, day: date, amount: Decimal) -> None:
        """Add an amount to a day."""
        at = bisect_left(self.days, day)
        if at == len(self.days) or self.days[at] != day:
            self.days.insert(at, day)
            self.totals.insert(at, self.totals[at - 1] if at else _NOTHING)
        for later in range(at, len(self.days)):
            self.totals[later] += amount

    def between(self, first: date, last: date) -> Decimal:
        """Return what an interval of days comes to, both included."""
        return self._until(bisect_right(self.days, last)) - self._until(bisect_left(self.days, first))

    def _until(self, count: int) -> Decimal:
        return self.totals[count - 1] if count else _NOTHING
