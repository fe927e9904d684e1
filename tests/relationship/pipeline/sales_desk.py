"""A sales desk: a customer of 2020 whose leads, deals, visits and plans are told day by day, and what is due about them."""

from __future__ import annotations

from typing import Any, TypeVar

from guanxi import Command, Money, Outcome
from guanxi.kernel.standard import BreachFlagged
from guanxi.relationship.pipeline.commands import (
    ConfirmContract,
    FileInvestigation,
    ReviewCustomer,
    TakeCollectiveDecision,
)
from tests.kernel.desks import Desk

S = TypeVar("S")
E = TypeVar("E")

SUBJECTS = ("nature", "size", "funds", "ability")
PARTS = ("credit", "product_fit", "quality_terms", "volume", "cost")


def yuan(amount: str | int) -> Money:
    """Return an amount in CNY."""
    return Money(amount, "CNY")


class SalesDesk(Desk):
    """A desk that remembers nothing but what it is told."""

    def do(self, command: Command, at: str, **keywords: Any) -> Outcome:
        """Enter a command at the very moment at which it happens."""
        return self.on(at).tell(command, **keywords)

    def late(self, command: Command, on: str, entered: str, **keywords: Any) -> Outcome:
        """Enter later, with a reason, what happened before."""
        return self.on(entered).tell(command, on, reason="entered late", **keywords)

    def state(self, kind: type[S], as_of: str | None = None, as_known: str | None = None) -> S:
        """Return a state at a cut."""
        history = self.ledger.history("C-1")
        history = history if as_of is None else history.as_of(as_of)
        found: S = (history if as_known is None else history.as_known(as_known)).state(kind)
        return found

    def due(self, cadence: str, as_of: str, as_known: str | None = None) -> dict[str, str]:
        """Return the states of what is due by a cadence, by key, as it stood at the end of a day."""
        known = as_of if as_known is None else as_known
        rows = self.ledger.due_items(cadence=cadence, as_of=as_of, as_known=known)
        return {row.key: row.state for row in rows}

    def gate(self, contract: str = "K-1", *, on: str = "2025-03-01", minutes: bool = False) -> SalesDesk:
        """Meet the gate's parts (1) to (3), and (4) if asked, on a day."""
        self.on(on)
        self.tell(FileInvestigation(document=f"I-{contract}", subjects=SUBJECTS))
        self.tell(ReviewCustomer(results=dict.fromkeys(PARTS, True)), actor="head")
        self.tell(ConfirmContract(contract=contract), actor="sales manager")
        if minutes:
            self.tell(
                TakeCollectiveDecision(contract=contract, attendees=("a", "b", "c"), minutes=f"M-{contract}")
            )
        return self

    def told(self, kind: type[E]) -> list[E]:
        """Return what is on record of one kind of event, in the order in which it counts."""
        items = self.ledger.history("C-1").judged().items
        return [item.event for item in items if isinstance(item.event, kind)]

    def flags(self, as_known: str | None = None) -> list[tuple[str, str]]:
        """Return the breaches that stand: from which day, and the code."""
        history = self.ledger.history("C-1")
        judged = (history if as_known is None else history.as_known(as_known)).judged()
        return [
            (f"{item.at(self.ledger.tz):%Y-%m-%d}", item.event.code)
            for item in judged.items
            if isinstance(item.event, BreachFlagged)
        ]
