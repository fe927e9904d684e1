"""A customer who trades with us, and the few things that tests tell of it again and again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from guanxi import Money, Outcome
from guanxi.relationship.dealings.commands import (
    DeliverGoods,
    IssueInvoice,
    PlaceOrder,
    PlanInstalment,
    RecordReceipt,
    SetCreditTerms,
)
from guanxi.relationship.dealings.credit import Credit
from guanxi.relationship.dealings.events import LineQuantity, OrderLine
from guanxi.relationship.dealings.exposure import exposure
from guanxi.relationship.dealings.orders import Orders
from guanxi.relationship.dealings.receivables import Receivables
from guanxi.relationship.dealings.warnings import Warnings
from tests.kernel.desks import CUSTOMER, Desk


def yuan(amount: str | int) -> Money:
    """Return an amount in CNY."""
    return Money(str(amount), "CNY")


class Trade(Desk):
    """A desk without plugins, and a file that was opened long ago."""

    def __init__(self, now: str = "2025-01-01") -> None:
        super().__init__(plugins=[], now=now)
        self.open(party="organisation")

    def on(self, day: str) -> Trade:
        """Let the clock stand at a day."""
        super().on(day)
        return self

    def terms(self, limit: str | int, days: int = 60, on: str | None = None, **keywords: Any) -> Outcome:
        """Set credit terms."""
        return self.tell(SetCreditTerms(limit=yuan(limit), term_days=days), on, **keywords)

    def order(self, number: str, amount: str | int = "100", on: str | None = None, **fields: Any) -> Outcome:
        """Place an order of one line; on credit, and sold by the clerk, unless said otherwise."""
        keywords = {k: fields.pop(k) for k in ("reason", "happened", "actor", "source") if k in fields}
        quantity = Decimal(fields.pop("quantity", 1))
        promised = fields.pop("promised", None)
        line = OrderLine(
            line="1",
            product=fields.pop("product", "P"),
            quantity=quantity,
            unit="pieces",
            amount=yuan(amount),
            family=fields.pop("family", None),
            promised_on=None if promised is None else date.fromisoformat(promised),
        )
        return self.tell(
            PlaceOrder(**{"order": number, "lines": (line,), "on_credit": True, **fields}), on, **keywords
        )

    def ship(self, number: str, quantity: str | int = 1, on: str | None = None, **keywords: Any) -> Outcome:
        """Send goods of an order's one line out."""
        parts = (LineQuantity(line="1", quantity=Decimal(quantity)),)
        return self.tell(DeliverGoods(order=number, lines=parts), on, **keywords)

    def invoice(
        self, number: str, amount: str | int, on: str | None = None, due: str | None = None, **fields: Any
    ) -> Outcome:
        """Issue an invoice."""
        keywords = {k: fields.pop(k) for k in ("reason", "happened", "actor") if k in fields}
        due_on = None if due is None else date.fromisoformat(due)
        return self.tell(
            IssueInvoice(invoice=number, amount=yuan(amount), due_on=due_on, **fields), on, **keywords
        )

    def plan(self, *instalments: tuple[str, str | int], contract: str = "K", on: str | None = None) -> Trade:
        """Plan the instalments of a contract: (due day, amount) pairs, numbered from 1."""
        for n, (due, amount) in enumerate(instalments, start=1):
            self.tell(
                PlanInstalment(
                    contract=contract,
                    instalment=str(n),
                    due_on=date.fromisoformat(due),
                    amount=yuan(amount),
                ),
                on,
            )
        return self

    def pay(self, number: str, amount: str | int, on: str | None = None, **fields: Any) -> Outcome:
        """Record a receipt."""
        keywords = {k: fields.pop(k) for k in ("reason", "happened", "actor") if k in fields}
        return self.tell(RecordReceipt(receipt=number, amount=yuan(amount), **fields), on, **keywords)

    # ------------------------------------------------------------ what stands

    def state(self, kind: type[Any], as_of: str | None = None, as_known: str | None = None) -> Any:
        """Return a state at a cut."""
        history = self.ledger.history(CUSTOMER)
        if as_of is not None:
            history = history.as_of(as_of)
        if as_known is not None:
            history = history.as_known(as_known)
        return history.state(kind)

    def exposure(self, as_of: str | None = None) -> Decimal:
        """Return the exposure in CNY."""
        found: Decimal = exposure(self.state(Orders, as_of), self.state(Receivables, as_of), "CNY")
        return found

    def held(self, number: str, as_of: str | None = None, as_known: str | None = None) -> list[str]:
        """Return the causes for which an order is held."""
        return list(self.state(Orders, as_of, as_known).orders[number].held)

    def book(self, as_of: str | None = None, as_known: str | None = None) -> Receivables:
        """Return the book."""
        found: Receivables = self.state(Receivables, as_of, as_known)
        return found

    def credit(self, as_of: str | None = None) -> Credit:
        """Return the credit terms."""
        found: Credit = self.state(Credit, as_of)
        return found

    def warned(self, as_of: str | None = None, as_known: str | None = None) -> list[tuple[str, str]]:
        """Return the warnings in force: (kind, cause) pairs."""
        return sorted(self.state(Warnings, as_of, as_known).raised)

    def due(self, cadence: str, as_of: str, as_known: str | None = None) -> dict[str, str]:
        """Return the state of every item of a cadence, by key."""
        rows = self.ledger.due_items(as_of=as_of, as_known=as_known, cadence=cadence)
        return {row.key: row.state for row in rows}

    def names(self) -> list[str]:
        """Return the names of all entries of the customer's history."""
        return [line.name for line in self.ledger.history(CUSTOMER).lines()]


def names(outcome: Outcome) -> list[str]:
    """Return the names of what an entry brought."""
    return [e.stored_name.removeprefix("core.") for e in outcome.events]
