"""Purchases and refunds of a customer: what was bought, what came back, what it came to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import attrs

from guanxi import BreachRecorded, Conflict, Facet, Invalid, Label, Now, Parked, Unknown
from guanxi_retail.purchases.commands import RecordPurchase, RefundPurchase
from guanxi_retail.purchases.events import (
    ONLY_LINE,
    PurchaseRecorded,
    PurchaseRefunded,
    ReceiptLine,
    ReturnedLine,
    Tender,
)
from guanxi_retail.purchases.returns import is_covered, require_left, require_lines, require_sum, take_back

CENT = Decimal("0.01")


@attrs.define
class SoldLine:
    """One line of a purchase and what of it came back; amounts in the sale's currency.

    Args:
        what: the line as it was told; None where the receipt named none.
        net: what it came to.
        paid: what of that was money.
        quantity: pieces.
        refunded_net: what of the net came back.
        refunded: what of the money came back.
        returned: pieces that came back.
    """

    what: ReceiptLine | None
    net: Decimal
    paid: Decimal
    quantity: int
    refunded_net: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    returned: int = 0


@attrs.define
class Sale:
    """One purchase and what of it came back."""

    at: datetime
    paid: Decimal
    currency: str
    quantity: int = 1
    lines: dict[int, SoldLine] = attrs.field(factory=dict)
    refunded: Decimal = Decimal(0)
    returned: int = 0
    refunds: set[str] = attrs.field(factory=set)
    outlet: str | None = None
    exchange: str | None = None
    entered_at: datetime | None = None
    tenders: tuple[Tender, ...] = ()


@attrs.define
class Purchases:
    """A customer's purchases."""

    sales: dict[str, Sale] = attrs.field(factory=dict)
    refunds: dict[str, str] = attrs.field(factory=dict)
    first_on: date | None = None
    last_on: date | None = None
    spent: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    currencies: dict[str, int] = attrs.field(factory=dict)
    _repeated: set[str] = attrs.field(factory=set)

    def is_unique(self, receipt: str) -> bool:
        """Return whether only one purchase carries a receipt number."""
        return receipt not in self._repeated

    def take(self, receipt: str, sale: Sale) -> None:
        """Put a sale on record; remember where a number stands twice."""
        if receipt in self.sales:
            self._repeated.add(receipt)
        self.sales[receipt] = sale
        self.currencies[sale.currency] = self.currencies.get(sale.currency, 0) + 1

    @property
    def count(self) -> int:
        """How many purchases are on record, without differences of exchanges (RET-54)."""
        return sum(sale.exchange is None for sale in self.sales.values())

    @property
    def net(self) -> Decimal:
        """Money paid less money returned."""
        return self.spent - self.returned


purchases = Facet("retail.purchases", Purchases, title=Label("Purchases", "消费"))


@purchases.evolve
def _bought(s: Purchases, e: PurchaseRecorded, at: datetime) -> None:
    paid = e.paid.amount
    lines = (
        {line.number: SoldLine(line, line.net, line.paid, line.quantity) for line in e.lines}
        if e.lines
        else {ONLY_LINE: SoldLine(None, paid, paid, e.quantity)}
    )
    sale = Sale(at, paid, e.paid.currency, e.quantity, lines, outlet=e.outlet, exchange=e.exchange)
    sale.entered_at, sale.tenders = e.entered_at, e.tenders
    s.take(e.receipt, sale)
    s.spent += paid
    if e.is_occasion:
        day = at.date()
        s.first_on = day if s.first_on is None else min(s.first_on, day)
        s.last_on = day if s.last_on is None else max(s.last_on, day)


@purchases.evolve
def _returned(s: Purchases, e: PurchaseRefunded) -> None:
    s.refunds[e.refund] = e.receipt
    s.returned += e.paid.amount
    if (sale := s.sales.get(e.receipt)) is None:
        return
    sale.refunded += e.paid.amount
    sale.returned += e.quantity
    sale.refunds.add(e.refund)
    for back in e.each_line:
        if (line := sale.lines.get(back.number)) is not None:
            take_back(line, back)


def require_new_receipt(s: Purchases, receipt: str, rule: str = "RET-06") -> None:
    """Refuse a receipt number that is on record.

    Raises:
        Conflict: ``source_conflict``.
    """
    if receipt in s.sales:
        raise Conflict(
            "source_conflict",
            f"receipt {receipt} is on record",
            zh=f"小票 {receipt} 已登记",
            rule=rule,
            accepts="another receipt number, or a correction of the first entry",
        )


def require_new_refund(s: Purchases, refund: str, rule: str = "RET-06") -> None:
    """Refuse a refund number that is on record.

    Raises:
        Conflict: ``source_conflict``.
    """
    if refund in s.refunds:
        raise Conflict(
            "source_conflict",
            f"refund {refund} is on record",
            zh=f"退货 {refund} 已登记",
            rule=rule,
            accepts="another refund number",
        )


def sale_of(s: Purchases, receipt: str) -> Sale:
    """Return the purchase of a receipt.

    Raises:
        Unknown: ``unknown_receipt``.
    """
    if (sale := s.sales.get(receipt)) is None:
        raise Unknown(
            "unknown_receipt",
            f"there is no receipt {receipt} to refund",
            zh=f"没有可退的小票 {receipt}",
            rule="RET-IN-b",
            accepts="a receipt on record",
        )
    return sale


def bought(s: Purchases, c: RecordPurchase) -> PurchaseRecorded:
    """Return the receipt that a command tells, its numbers and sums checked.

    Raises:
        Conflict: ``source_conflict``; the receipt is on record.
        Invalid: ``unit_mismatch`` or ``lines_do_not_add_up``.
    """
    require_new_receipt(s, c.receipt)
    require_same_currency(s, c.paid.currency)
    require_sum(c.lines, c.paid.amount)
    return PurchaseRecorded(
        receipt=c.receipt,
        paid=c.paid,
        quantity=sum(line.quantity for line in c.lines) if c.lines else c.quantity,
        area=c.area,
        outlet=c.outlet,
        conditions=c.conditions,
        lines=c.lines,
        tenders=c.tenders,
        salesperson=c.salesperson,
        card=c.card,
        phone=c.phone,
    )


def flagged(event: PurchaseRecorded) -> Iterator[BreachRecorded]:
    """Yield a flag for a receipt of which a line has no pieces and yet a net; it is taken in all the same (RET-IN-g)."""
    if any(line.quantity == 0 and line.net for line in event.each_line):
        yield BreachRecorded(rule="RET-IN-g", code="quantity_zero")


def returned(s: Purchases, c: RefundPurchase, now: Now) -> PurchaseRefunded:
    """Return the refund that a command tells, its numbers, sums and bounds checked.

    Raises:
        Unknown: ``unknown_receipt`` or ``unknown_line``.
        Parked: ``purchase_awaited``, where it happened already and its purchase is not told yet (RET-IN-c).
        Conflict: ``source_conflict``; the refund is on record.
        Incomplete: ``line_missing``; the receipt has several lines.
        Invalid: ``unit_mismatch`` or ``lines_do_not_add_up``.
        RuleNotMet: ``exceeds_original``, or ``not_cashable`` where a voucher's part is asked for in money, for an order.
    """
    if now.happened and c.receipt not in s.sales:
        raise Parked(
            "purchase_awaited",
            f"there is no receipt {c.receipt} yet to refund",
            zh=f"小票 {c.receipt} 尚未登记，退货待处理",
            rule="RET-IN-c",
            accepts="its purchase; what a batch tells is kept until then",
        )
    sale = sale_of(s, c.receipt)
    require_new_refund(s, c.refund)
    require_same_currency(s, c.paid.currency)
    lines = _lines_returned(sale, c)
    if not now.happened:
        for back in lines:
            require_within(sale.lines[back.number], back, now)
    told = c.lines or any(back.net != back.paid for back in lines)
    return PurchaseRefunded(
        refund=c.refund,
        receipt=c.receipt,
        paid=c.paid,
        quantity=sum(back.quantity for back in lines),
        lines=lines if told else (),
        tenders=c.tenders,
        reason=c.reason,
    )


def _lines_returned(sale: Sale, c: RefundPurchase) -> tuple[ReturnedLine, ...]:
    require_lines(c.receipt, sale.lines, c.lines, c.paid.amount)
    if c.lines:
        return c.lines
    ((number, line),) = sale.lines.items()
    paid = c.paid.amount
    return (ReturnedLine(number=number, quantity=c.quantity, net=_net_behind(line, paid), paid=paid),)


def _net_behind(line: SoldLine, paid: Decimal) -> Decimal:
    """Return what of a line's net comes back with an amount of its money; the same where all of it was money."""
    if line.net == line.paid or not line.paid:
        return paid
    if line.refunded + paid == line.paid:
        return line.net - line.refunded_net
    return (paid * line.net / line.paid).quantize(CENT, ROUND_HALF_UP)


def money_behind(line: SoldLine, net: Decimal) -> Decimal:
    """Return what of a line's money comes back with a part of its net (RET-09, RET-12).

    Args:
        line: as it was sold, and what came back of it before.
        net: what comes back now.
    """
    if line.net == line.paid:
        return net
    if not line.net:
        return Decimal(0)
    so_far = (line.paid * (line.refunded_net + net) / line.net).quantize(CENT, ROUND_HALF_UP)
    return so_far - line.refunded


def require_within(line: SoldLine, back: ReturnedLine, now: Now) -> None:
    """Refuse to take back more than was sold, or to pay in money what a voucher or points paid."""
    require_left(line, back, now)
    money = money_behind(line, back.net)
    now.require(
        back.paid - money <= CENT,
        "not_cashable",
        "RET-12",
        f"of {back.net} that come back, {money} were paid in money",
        zh=f"退回 {back.net}，其中现金支付 {money}",
        accepts=f"{money} in money, the rest as it was paid",
    )


@purchases.holds("RET-IN-h", "amount_sign")
def _not_below_nothing(s: Purchases, e: PurchaseRecorded | PurchaseRefunded) -> bool:
    return e.paid.amount >= 0 and e.quantity >= 0


@purchases.holds("RET-06", "source_conflict")
def _one_purchase_a_receipt(s: Purchases, e: PurchaseRecorded) -> bool:
    return bool(e.receipt.strip()) and s.is_unique(e.receipt)


@purchases.holds("RET-IN-a", "unit_mismatch")
def _one_currency(s: Purchases, e: PurchaseRecorded) -> bool:
    return len(s.currencies) <= 1


@purchases.holds("RET-IN-i", "exceeds_original")
def _not_more_than_was_sold(s: Purchases, e: PurchaseRefunded) -> bool:
    sale = s.sales.get(e.receipt)
    return sale is not None and all(
        back.number in sale.lines and is_covered(sale.lines[back.number]) for back in e.each_line
    )


def require_same_currency(s: Purchases, currency: str) -> None:
    """Refuse an amount in another currency than earlier purchases.

    Raises:
        Invalid: ``unit_mismatch``.
    """
    if others := [c for c in s.currencies if c != currency]:
        raise Invalid(
            "unit_mismatch",
            f"earlier purchases are in {others[0]}, not {currency}",
            zh=f"此前消费币种为 {others[0]}，不是 {currency}",
            rule="RET-IN-a",
            accepts=f"an amount in {others[0]}",
        )
