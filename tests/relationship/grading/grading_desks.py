"""A desk that is told facts of other subjects straight, and asks for classes, warnings, reports and due items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from guanxi import Command, Facet, Fact, Label, Money, Now, Parts, RuleSet, command
from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import stamp
from guanxi.relationship.dealings.events import CostRecorded, InvoiceIssued, OrderLine, OrderPlaced
from guanxi.relationship.grading.importance import Importance
from guanxi.relationship.grading.rules import ImportanceRules
from tests.kernel.desks import CUSTOMER, ZONE, Desk, moment


@command("told.happen")
class Happen(Command):
    """Something of another subject happened."""

    event: Any


@attrs.define
class _Nothing:
    """A facet without state."""


_told = Facet("told.facts", _Nothing)


@_told.decide
def _happen(s: _Nothing, c: Happen, now: Now) -> Iterator[Fact]:
    yield c.event


TOLD = Parts(name="told", version="1", title=Label("Told", "告知"), commands=(Happen,), facets=(_told,))


def cny(amount: str | int | Decimal) -> Money:
    return Money(amount, "CNY")


class Room(Desk):
    """A desk of the core alone, to which facts of any subject can be told."""

    def __init__(self, now: str = "2025-06-01") -> None:
        super().__init__("sqlite://", plugins=[TOLD], now=now)

    def happen(self, event: Fact, on: str | None = None, *, who: str = CUSTOMER, **keywords: Any) -> None:
        self.tell(Happen(event=event), on, who=who, reason="told", happened=True, **keywords)

    def publish(self, *rules: RuleSet) -> None:
        """Put rule sets in force from now."""
        for one in rules:
            self.ledger.publish(
                one, effective_from=self.now, by="drafter", approved_by="manager", reason="first"
            )

    def order(self, number: str, on: str, amount: str | int = 100, pieces: int = 1, **keywords: Any) -> None:
        line = OrderLine(line="1", product="P", quantity=Decimal(pieces), unit="pc", amount=cny(amount))
        self.happen(OrderPlaced(order=number, lines=(line,)), on, **keywords)

    def invoice(
        self, number: str, on: str, amount: str | int, due: str = "2099-01-01", **keywords: Any
    ) -> None:
        self.happen(
            InvoiceIssued(invoice=number, amount=cny(amount), due_on=date.fromisoformat(due)), on, **keywords
        )

    def cost(self, on: str, amount: str | int, cost: Any = "direct", **keywords: Any) -> None:
        self.happen(CostRecorded(cost=cost, amount=cny(amount)), on, **keywords)

    def state(
        self, kind: type[Any], as_of: str | None = None, known: str | None = None, who: str = CUSTOMER
    ) -> Any:
        history = self.ledger.history(who)
        if known is not None:
            history = history.as_known(known)
        if as_of is not None:
            history = history.as_of(as_of)
        return history.state(kind)

    def level(self, day: str, who: str = CUSTOMER) -> int:
        found: Importance = self.state(Importance, day, who=who)
        return found.level(date.fromisoformat(day), ImportanceRules())

    def grade(self, scheme: str, day: str, known: str | None = None, who: str = CUSTOMER) -> str | None:
        found: Importance = self.state(Importance, day, known, who)
        return found.in_force(scheme, date.fromisoformat(day))

    def events(self, name: str, who: str = CUSTOMER) -> list[Any]:
        return [line for line in self.ledger.history(who).lines() if line.name == name]

    def rows(self, report: str, as_of: str | None = None, **parameters: Any) -> list[dict[str, Any]]:
        # A cut names the tables that are folded for it alone; the present would have every room's tables made.
        found = self.ledger.report(report, as_of=as_of or self.now, **parameters)
        return [dict(zip([c.name for c in found.columns], row, strict=True)) for row in found.rows]

    def due(self, cadence: Cadence, as_of: str) -> dict[str, tuple[DueItem, str]]:
        """Return what a cadence gives at the end of a day, by key, with its state then."""
        at = datetime.combine(date.fromisoformat(as_of), datetime.min.time(), ZONE) + timedelta(days=1)
        at -= timedelta(microseconds=1)
        reporting, known = self.ledger.reporting, stamp(self.now)
        reader = reporting.scratch(cadence.reads, Cut(as_of=stamp(at), as_known=known), known)
        asked, _ = reporting.asked(stamp(at), known, self.ledger.rule_book())
        return {item.key: (item, item.state(at)) for _, item in cadence.items(reader, asked)}


__all__ = ["CUSTOMER", "TOLD", "Happen", "Room", "cny", "moment"]
