"""What the stories are told with: steps on days of a member's year, and a teller that makes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from random import Random
from typing import Any, Literal

import attrs

from guanxi import Command, Money
from guanxi_retail.synthetic.members import Member

Marking = Literal["correct", "void"]
Deed = Literal["claim", "hand_on", "evaluate", "void_purchase", "void_receipt"]


@attrs.frozen
class Step:
    """One thing that is told, ordered or done.

    Args:
        subject: of whom, or of what.
        at: when it happened.
        actor: who tells it.
        command: what; None for a deed.
        order: whether it is ordered at its own moment, and not reported in the evening.
        late: months after which it is told, in a batch of papers.
        happened: whether it is told as already done, whatever the rules say.
        ref: what it is called among everything that is told of its subject.
        mark: what is done with it at the month's end.
        fields: the right values, for a correction; or what a deed needs.
        deed: which of the plugin's own functions is called.
    """

    subject: str
    at: datetime
    actor: str
    command: Command | None = None
    order: bool = False
    late: int = 0
    happened: bool = False
    ref: str = ""
    mark: Marking | None = None
    fields: Mapping[str, Any] = attrs.field(factory=dict)
    deed: Deed | None = None


@attrs.frozen
class Teller:
    """Makes the steps of one story.

    Args:
        member: of whom.
        name: of the story.
        number: which of its kind.
        first: its first day.
        zone: of the ledger.
        draw: for everything that is left to chance.
    """

    member: Member
    name: str
    number: int
    first: date
    zone: tzinfo
    draw: Random

    def code(self, prefix: str, part: int | str = "") -> str:
        """Return a number that nothing else bears."""
        tail = f"-{part}" if part != "" else ""
        return f"{prefix}-{self.member.number:06}-{self.name}-{self.number}{tail}"

    def day(self, days: int) -> date:
        """Return a day of the story."""
        return self.first + timedelta(days=days)

    def moment(self, days: int, hour: float) -> datetime:
        """Return a moment of the story."""
        midnight = datetime.combine(self.day(days), datetime.min.time(), self.zone)
        return midnight + timedelta(minutes=round(hour * 60))

    def say(
        self,
        days: int,
        hour: float,
        command: Command | None,
        by: str = "till",
        *,
        subject: str | None = None,
        **more: Any,
    ) -> Step:
        """Return something that is reported; further arguments as for ``Step``.

        Args:
            days: days after the story's first.
            hour: of that day.
            command: what is told.
            by: the post of the member's shop that tells it.
            subject: of whom, if not of the member.
            **more: as for ``Step``.
        """
        what = type(command).__name__ if command is not None else more.get("deed", "")
        return Step(
            subject=subject or self.member.account,
            at=self.moment(days, hour),
            actor=self.member.staff(by),
            command=command,
            ref=f"{self.name}-{self.number}/{days}/{hour:.2f}/{what}",
            **more,
        )

    def order(self, days: int, hour: float, command: Command, by: str = "till", **more: Any) -> Step:
        """Return something that is ordered at its moment; arguments as for ``say``."""
        return self.say(days, hour, command, by, order=True, **more)


def yuan(amount: Decimal | int) -> Money:
    """Return an amount of money."""
    return Money(Decimal(amount), "CNY")
