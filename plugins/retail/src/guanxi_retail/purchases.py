"""Purchases and refunds of a customer: what was bought, what came back, what it came to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi import Conflict, Facet, Fact, Invalid, Label, Now, Unknown
from guanxi_retail.events import PurchaseRecorded, PurchaseRefunded, RecordPurchase, RefundPurchase


@attrs.define
class Sale:
    """One purchase and what of it came back."""

    at: datetime
    paid: Decimal
    currency: str
    quantity: int = 1
    refunded: Decimal = Decimal(0)
    returned: int = 0
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
    _repeated: set[str] = attrs.field(factory=set)

    def is_unique(self, receipt: str) -> bool:
        """Return whether only one purchase carries a receipt number."""
        return receipt not in self._repeated

    def take(self, receipt: str, sale: Sale) -> None:
        """Put a sale on record; remember where a number stands twice."""
        if receipt in self.sales:
            self._repeated.add(receipt)
        self.sales[receipt] = sale

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
    s.take(e.receipt, Sale(at, e.paid.amount, e.paid.currency, e.quantity))
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
        sale.returned += e.quantity
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
    for sale in s.sales.values():
        _same_currency(sale, c.paid.currency)
    yield PurchaseRecorded(
        receipt=c.receipt,
        paid=c.paid,
        quantity=c.quantity,
        area=c.area,
        outlet=c.outlet,
        conditions=c.conditions,
    )


@purchases.decide
def _refund(s: Purchases, c: RefundPurchase, now: Now) -> Iterator[Fact]:
    sale = s.sales.get(c.receipt)
    if sale is None:
        raise Unknown(
            "unknown_receipt",
            f"there is no receipt {c.receipt} to refund",
            zh=f"没有可退的小票 {c.receipt}",
            rule="RET-IN-b",
            accepts="a receipt on record",
        )
    if c.refund in s.refunds:
        raise Conflict(
            "source_conflict",
            f"refund {c.refund} is on record",
            zh=f"退货 {c.refund} 已登记",
            rule="RET-06",
            accepts="another refund number",
        )
    _same_currency(sale, c.paid.currency)
    if not now.happened:
        now.require(
            sale.refunded + c.paid.amount <= sale.paid and sale.returned + c.quantity <= sale.quantity,
            "exceeds_original",
            "RET-IN-i",
            f"of {sale.paid} and {sale.quantity} pieces, {sale.refunded} and {sale.returned} came back already",
            zh=f"原消费 {sale.paid}、{sale.quantity} 件，已退 {sale.refunded}、{sale.returned} 件",
            accepts=f"at most {sale.paid - sale.refunded} and {sale.quantity - sale.returned} pieces",
        )
    yield PurchaseRefunded(refund=c.refund, receipt=c.receipt, paid=c.paid, quantity=c.quantity)


@purchases.holds("RET-IN-h", "amount_sign")
def _not_below_nothing(s: Purchases, e: PurchaseRecorded | PurchaseRefunded) -> bool:
    return e.paid.amount >= 0 and e.quantity >= 0


@purchases.holds("RET-06", "source_conflict")
def _one_purchase_a_receipt(s: Purchases, e: PurchaseRecorded) -> bool:
    return bool(e.receipt.strip()) and s.is_unique(e.receipt)


@purchases.holds("RET-IN-a", "unit_mismatch")
def _one_currency(s: Purchases, e: PurchaseRecorded) -> bool:
    return len({sale.currency for sale in s.sales.values()}) <= 1


@purchases.holds("RET-IN-i", "exceeds_original")
def _not_more_than_was_sold(s: Purchases, e: PurchaseRefunded) -> bool:
    sale = s.sales.get(e.receipt)
    return sale is not None and sale.refunded <= sale.paid and sale.returned <= sale.quantity


def _same_currency(sale: Sale, currency: str) -> None:
    if sale.currency != currency:
        raise Invalid(
            "unit_mismatch",
            f"earlier purchases are in {sale.currency}, not {currency}",
            zh=f"此前消费币种为 {sale.currency}，不是 {currency}",
            rule="RET-IN-a",
            accepts=f"an amount in {sale.currency}",
        )
