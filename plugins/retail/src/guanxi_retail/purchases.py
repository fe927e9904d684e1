"""Purchases and refunds of a customer: what was bought, what came back, what it came to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi import Conflict, Fact, Facet, Invalid, Label, Now, Unknown
from guanxi_retail.events import PurchaseRecorded, PurchaseRefunded, RecordPurchase, RefundPurchase


@attrs.define
class Sale:
    """One purchase and what of it came back."""

    at: datetime
    paid: Decimal
    currency: str
    refunded: Decimal = Decimal(0)
    refunds: set[str] = attrs.field(factory=set)


@attrs.define
class Purchases:
    """A customer's purchases."""

    sales: dict[str, Sale] = attrs.field(factory=dict)
    refunds: dict[str, str] = attrs.field(factory=dict)
    first_on: date | None = None
    last_on: date | None = None
    spent: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)

    @property
    def count(self) -> int:
        """How many purchases are on record."""
        return len(self.sales)

    @property
    def net(self) -> Decimal:
        """Money paid less money returned."""
        return self.spent - self.returned


purchases = Facet("retail.purchases", Purchases, title=Label("Purchases", "消费"))


@purchases.evolve
def _bought(s: Purchases, e: PurchaseRecorded, at: datetime) -> None:
    s.sales[e.receipt] = Sale(at, e.paid.amount, e.paid.currency)
    day = at.date()
    s.first_on = day if s.first_on is None else min(s.first_on, day)
    s.last_on = day if s.last_on is None else max(s.last_on, day)
    s.spent += e.paid.amount


@purchases.evolve
def _returned(s: Purchases, e: PurchaseRefunded) -> None:
    s.refunds[e.refund] = e.receipt
    s.returned += e.paid.amount
    if (sale := s.sales.get(e.receipt)) is not None:
        sale.refunded += e.paid.amount
        sale.refunds.add(e.refund)


@purchases.decide
def _record(s: Purchases, c: RecordPurchase, now: Now) -> Iterator[Fact]:
    if c.receipt in s.sales:
        raise Conflict(
            "source_conflict",
            f"receipt {c.receipt} is on record",
            zh=f"小票 {c.receipt} 已登记",
            rule="RET-06",
            accepts="another receipt number, or a correction of the first entry",
        )
    if any(sale.currency != c.paid.currency for sale in s.sales.values()):
        raise Invalid("unit_mismatch", f"earlier purchases are not in {c.paid.currency}", zh=f"此前消费不是 {c.paid.currency}", rule="RET-IN-a")
    yield PurchaseRecorded(receipt=c.receipt, paid=c.paid, quantity=c.quantity, area=c.area, outlet=c.outlet)


@purchases.decide
def _refund(s: Purchases, c: RefundPurchase, now: Now) -> Iterator[Fact]:
    sale = s.sales.get(c.receipt)
    if sale is None:
        raise Unknown(
            "unknown_receipt", f"there is no receipt {c.receipt} to refund", zh=f"没有可退的小票 {c.receipt}", rule="RET-IN-b", accepts="a receipt on record"
        )
    if c.refund in s.refunds:
        raise Conflict("source_conflict", f"refund {c.refund} is on record", zh=f"退货 {c.refund} 已登记", rule="RET-06", accepts="another refund number")
    if sale.currency != c.paid.currency:
        raise Invalid("unit_mismatch", f"the purchase was in {sale.currency}", zh=f"原消费币种为 {sale.currency}", rule="RET-IN-a")
    yield PurchaseRefunded(refund=c.refund, receipt=c.receipt, paid=c.paid, quantity=c.quantity)


@purchases.holds("RET-IN-i", "exceeds_original")
def _not_more_than_was_paid(s: Purchases, e: PurchaseRefunded) -> bool:
    sale = s.sales.get(e.receipt)
    return sale is not None and sale.refunded <= sale.paid
