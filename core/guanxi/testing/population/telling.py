"""What the stories are told with: steps on days of a customer's year, and a teller that makes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from random import Random
from typing import Any, Literal

import attrs

from guanxi.kernel.messages import Command
from guanxi.kernel.values import Money
from guanxi.testing.population.people import Customer

Marking = Literal["correct", "void"]


@attrs.frozen
class Step:
    """One thing that is told or done.

    Args:
        subject: of whom, or of what.
        command: what.
        at: when it happened.
        actor: who tells it.
        late: months after which it is told.
        happened: whether it is told as already done, whatever the rules say.
        order: whether it is an order that stands by itself, since it concerns two subjects.
        ref: what it is called among everything that is told of its subject.
        mark: what is done with it a month later.
        fields: the right values, for a correction.
    """

    subject: str
    command: Command
    at: datetime
    actor: str
    late: int = 0
    happened: bool = False
    order: bool = False
    ref: str = ""
    mark: Marking | None = None
    fields: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Teller:
    """Makes the steps of one story.

    Args:
        customer: of whom.
        name: of the story.
        number: which of its kind in his year.
        first: its first day.
        zone: of the ledger.
        draw: for everything that is left to chance.
    """

    customer: Customer
    name: str
    number: int
    first: date
    zone: tzinfo
    draw: Random

    def code(self, prefix: str, part: int = 0) -> str:
        """Return a number that nothing else bears."""
        tail = f"-{part}" if part else ""
        return f"{prefix}-{self.customer.number:06}-{self.name}-{self.number}{tail}"

    def day(self, days: int) -> date:
        """Return a day of the story."""
        return self.first + timedelta(days=days)

    def moment(self, days: int, hour: float) -> datetime:
        """Return a moment of the story."""
        return datetime.combine(self.day(days), datetime.min.time(), self.zone) + timedelta(
            minutes=round(hour * 60)
        )

    def money(self, least: int, most: int) -> Money:
        """Return an amount."""
        return Money(self.draw.randint(least, most), "CNY")

    def say(
        self,
        days: int,
        hour: float,
        command: Command,
        by: str = "seller",
        *,
        subject: str | None = None,
        late: int = 0,
        happened: bool = False,
        order: bool = False,
        mark: Marking | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> Step:
        """Return a step.

        Args:
            days: days after the story's first.
            hour: of that day.
            command: what is told.
            by: the post of the customer's branch that tells it.
            subject: of whom, if not of the customer.
            late: as for ``Step``.
            happened: as for ``Step``.
            order: as for ``Step``.
            mark: as for ``Step``.
            fields: as for ``Step``.
        """
        return Step(
            subject=subject or self.customer.account,
            command=command,
            at=self.moment(days, hour),
            actor=self.customer.staff(by),
            late=late,
            happened=happened,
            order=order,
            ref=f"{self.name}-{self.number}/{days}/{hour:.2f}/{type(command).__name__}",
            mark=mark,
            fields=fields or {},
        )
