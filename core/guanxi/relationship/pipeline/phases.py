"""The phases of a relationship: marketing, pre-sale, in-sale, after-sale, as contracts, deliveries and receipts bring them (CORE-28)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import attrs

from guanxi.kernel.facets import Facet
from guanxi.kernel.labels import Label
from guanxi.relationship.dealings.events import (
    AdvanceReturned,
    GoodsDelivered,
    InstallationAccepted,
    InvoiceIssued,
    OrderCancelled,
    OrderPlaced,
    ReceiptAllocated,
    ReceiptRecorded,
    ReceiptReversed,
    ReceivableWrittenOff,
)
from guanxi.relationship.pipeline.events import (
    ContractAmended,
    ContractEnded,
    ContractSigned,
    OpportunityOpened,
    QuotationIssued,
)

Phase = Literal["marketing", "pre_sale", "in_sale", "after_sale"]

NOTHING = Decimal(0)


@attrs.define
class OrderedLine:
    """How much of a line was ordered, and what became of it."""

    ordered: Decimal
    amount: Decimal
    cancelled: Decimal = NOTHING
    delivered: Decimal = NOTHING
    installed: Decimal = NOTHING

    @property
    def wanted(self) -> Decimal:
        """What is to be delivered of it."""
        return max(self.ordered - self.cancelled, NOTHING)

    @property
    def owed(self) -> Fraction:
        """What it comes to, less what was cancelled."""
        if not self.ordered:
            return Fraction(self.amount)
        return Fraction(self.amount) * Fraction(self.wanted) / Fraction(self.ordered)


@attrs.define
class Deal:
    """What was sold: a contract with its orders, or an order that has none."""

    begun_at: datetime
    currency: str
    amount: Decimal | None = None
    installs: bool = False
    over: bool = False
    orders: dict[str, dict[str, OrderedLine]] = attrs.field(factory=dict)

    @property
    def lines(self) -> Iterator[OrderedLine]:
        """The lines of all its orders."""
        return (line for order in self.orders.values() for line in order.values())

    @property
    def owed(self) -> Fraction:
        """What the customer pays for it in the end."""
        if self.amount is not None:
            return Fraction(self.amount)
        return sum((line.owed for line in self.lines), Fraction(0))

    @property
    def is_fulfilled(self) -> bool:
        """Whether all that was ordered is delivered, and installed where that is part of it."""
        wanted = [line for line in self.lines if line.wanted]
        if not wanted:
            return False
        return all(
            line.delivered >= line.wanted and (not self.installs or line.installed >= line.wanted)
            for line in wanted
        )

    @property
    def is_void(self) -> bool:
        """Whether it is an order of which nothing is left."""
        return self.amount is None and not any(line.wanted for line in self.lines)


@attrs.define
class Receipt:
    """Money that came in."""

    amount: Decimal
    currency: str
    meant_for: str | None = None


@attrs.define
class Phases:
    """Deals by what names them, and the money that came in for them."""

    deals: dict[str, Deal] = attrs.field(factory=dict)
    presale: bool = False
    receipts: dict[str, Receipt] = attrs.field(factory=dict)
    allocated: list[tuple[str, str, Decimal]] = attrs.field(factory=list)
    settled: list[tuple[str, Decimal]] = attrs.field(factory=list)
    returned: list[Receipt] = attrs.field(factory=list)
    whose_order: dict[str, str] = attrs.field(factory=dict)
    whose_invoice: dict[str, str] = attrs.field(factory=dict)

    @property
    def phase(self) -> Phase:
        """The phase of the whole relationship: in-sale while any deal is."""
        states = [self.of(name) for name, deal in self.deals.items() if not deal.is_void]
        if "in_sale" in states:
            return "in_sale"
        if states:
            return "after_sale"
        return "pre_sale" if self.presale else "marketing"

    def of(self, deal: str) -> Phase:
        """Return the phase of one deal.

        Args:
            deal: ``contract/`` or ``order/`` and its number.
        """
        found = self.deals.get(deal)
        if found is None:
            return "pre_sale"
        done = found.over or (found.is_fulfilled and self._received().get(deal, Fraction(0)) >= found.owed)
        return "after_sale" if done else "in_sale"

    def _received(self) -> dict[str, Fraction]:
        """Return what came in for each deal: as stated first, the rest to the oldest deals that are still open."""
        found = dict.fromkeys(self.deals, Fraction(0))
        left = {name: Fraction(m.amount) for name, m in self.receipts.items()}
        for receipt, receivable, amount in self.allocated:
            deal = self._deal_of(receivable)
            if deal in found and receipt in left:
                part = min(Fraction(amount), left[receipt])
                found[deal] += part
                left[receipt] -= part
        for receivable, amount in self.settled:
            deal = self._deal_of(receivable)
            if deal in found:
                found[deal] += Fraction(amount)
        pools: dict[str, Fraction] = {}
        for name, money in self.receipts.items():
            deal = self._deal_of(money.meant_for or "")
            if deal in found:
                found[deal] += left[name]
            else:
                pools[money.currency] = pools.get(money.currency, Fraction(0)) + left[name]
        for money in self.returned:
            pools[money.currency] = pools.get(money.currency, Fraction(0)) - Fraction(money.amount)
        for name, deal_ in sorted(self.deals.items(), key=lambda pair: (pair[1].begun_at, pair[0])):
            missing = max(deal_.owed - found[name], Fraction(0))
            part = min(missing, max(pools.get(deal_.currency, Fraction(0)), Fraction(0)))
            found[name] += part
            pools[deal_.currency] = pools.get(deal_.currency, Fraction(0)) - part
        return found

    def _deal_of(self, receivable: str) -> str:
        """Return the deal that a receivable, contract, order or invoice belongs to; empty for none."""
        if receivable in self.whose_invoice:
            return self.whose_invoice[receivable]
        for name in (receivable, receivable.rpartition("/")[0]):
            if f"contract/{name}" in self.deals:
                return f"contract/{name}"
            if name in self.whose_order:
                return self.whose_order[name]
        return ""


phases = Facet("core.phases", Phases, title=Label("Phases", "阶段"))


@phases.evolve
def _presale(s: Phases, e: OpportunityOpened | QuotationIssued) -> None:
    s.presale = True


@phases.evolve
def _signed(s: Phases, e: ContractSigned, at: datetime) -> None:
    before = s.deals.get(f"contract/{e.contract}")
    s.deals[f"contract/{e.contract}"] = Deal(
        begun_at=at,
        currency=e.amount.currency,
        amount=e.amount.amount,
        installs=e.deal_type == "installed",
        orders={} if before is None else before.orders,
    )


@phases.evolve
def _amended(s: Phases, e: ContractAmended) -> None:
    deal = s.deals.get(f"contract/{e.contract}")
    if deal is not None and deal.amount is not None and deal.currency == e.added.currency:
        deal.amount += e.added.amount


@phases.evolve
def _ended(s: Phases, e: ContractEnded) -> None:
    if (deal := s.deals.get(f"contract/{e.contract}")) is not None:
        deal.over = e.how == "terminated"


@phases.evolve
def _ordered(s: Phases, e: OrderPlaced, at: datetime) -> None:
    name = f"order/{e.order}" if e.contract is None else f"contract/{e.contract}"
    deal = s.deals.setdefault(name, Deal(at, e.currency))
    deal.installs = deal.installs or e.installs
    deal.orders[e.order] = {line.line: OrderedLine(line.quantity, line.amount.amount) for line in e.lines}
    s.whose_order[e.order] = name


@phases.evolve
def _cancelled(s: Phases, e: OrderCancelled) -> None:
    for number, line in _lines(s, e.order).items():
        if e.line in (None, number):
            line.cancelled = line.ordered if e.quantity is None else line.cancelled + e.quantity


def _lines(s: Phases, order: str) -> dict[str, OrderedLine]:
    deal = s.deals.get(s.whose_order.get(order, ""))
    return {} if deal is None else deal.orders.get(order, {})


@phases.evolve
def _delivered(s: Phases, e: GoodsDelivered | InstallationAccepted) -> None:
    lines = _lines(s, e.order)
    for part in e.lines:
        if (line := lines.get(part.line)) is not None:
            if isinstance(e, GoodsDelivered):
                line.delivered += part.quantity
            else:
                line.installed += part.quantity


@phases.evolve
def _invoiced(s: Phases, e: InvoiceIssued) -> None:
    if e.contract is not None:
        s.whose_invoice[e.invoice] = f"contract/{e.contract}"
    elif e.order is not None:
        s.whose_invoice[e.invoice] = s.whose_order.get(e.order, f"order/{e.order}")


@phases.evolve
def _received(s: Phases, e: ReceiptRecorded) -> None:
    s.receipts[e.receipt] = Receipt(e.amount.amount, e.amount.currency, e.earmarked_for)


@phases.evolve
def _allocated(s: Phases, e: ReceiptAllocated) -> None:
    s.allocated.append((e.receipt, e.receivable, e.amount.amount))


@phases.evolve
def _reversed(s: Phases, e: ReceiptReversed) -> None:
    s.receipts.pop(e.receipt, None)


@phases.evolve
def _given_back(s: Phases, e: AdvanceReturned) -> None:
    money = s.receipts.get(e.receipt or "")
    if money is None:
        s.returned.append(Receipt(e.amount.amount, e.amount.currency))
    else:
        money.amount = max(money.amount - e.amount.amount, NOTHING)


@phases.evolve
def _written_off(s: Phases, e: ReceivableWrittenOff) -> None:
    s.settled.append((e.receivable, e.amount.amount))
