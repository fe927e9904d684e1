"""What is bought and what comes back: receipts with their lines and tenders, refunds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import attrs

from guanxi import Erased, Fact, Money, SaleAtOnce, event, field, personal
from guanxi_retail.checks import amount, amount_if_told, factors

ONLY_LINE = 1
"""The number of the line that stands for a receipt which names none."""

VOUCHER, POINTS = "voucher", "points"
"""Kinds of tender that the programme itself gave out; a rule set names all others."""


@attrs.frozen(kw_only=True)
class ReceiptLine:
    """One line of a receipt; amounts in the receipt's currency.

    Args:
        number: its number on the receipt.
        product: what was bought.
        grade: its grade, such as ``mid`` or ``high``.
        area: floor or department.
        counter: counter within it.
        brand: brand.
        quantity: pieces.
        list_price: of the whole line, before anything was taken off.
        discounts: factors that were multiplied on it; 0.8 is 20 % off.
        fixed_price: whether it was sold at a fixed special price, on which nothing is stacked.
        cash_off: its part of price reductions at a threshold.
        net: what it came to, after discounts and cash-off.
        paid: what of that was paid with money, not with vouchers or points.
    """

    number: int = ONLY_LINE
    product: str | None = None
    grade: str | None = None
    area: str | None = None
    counter: str | None = None
    brand: str | None = None
    quantity: int = 1
    list_price: Decimal | None = attrs.field(default=None, converter=amount_if_told)
    discounts: tuple[Decimal, ...] = attrs.field(default=(), converter=factors)
    fixed_price: bool = False
    cash_off: Decimal = attrs.field(default=Decimal(0), converter=amount)
    net: Decimal = attrs.field(converter=amount)
    paid: Decimal = attrs.field(converter=amount)


@attrs.frozen(kw_only=True)
class Tender:
    """One way in which a receipt was paid, or a refund paid out.

    Args:
        kind: such as ``cash``, ``card``, ``mobile``, ``voucher`` or ``points``; a rule set says which are money.
        amount: what of the receipt it paid, in its currency.
        number: which voucher, or which redemption of points.
    """

    kind: str
    amount: Decimal = attrs.field(converter=amount)
    number: str | None = None


@attrs.frozen(kw_only=True)
class ReturnedLine:
    """What of a receipt's line came back; amounts in the receipt's currency.

    Args:
        number: the line's number on the receipt.
        quantity: pieces.
        net: what of the line's net came back.
        paid: what of that was money.
    """

    number: int = ONLY_LINE
    quantity: int = 0
    net: Decimal = attrs.field(converter=amount)
    paid: Decimal = attrs.field(converter=amount)


@event("retail.purchase_recorded", number="receipt")
class PurchaseRecorded(SaleAtOnce):
    """A receipt: what was bought, and how it was paid (RET-06).

    ``paid`` is money, without vouchers and points. Where no lines are told the receipt is one line. Goods that were
    exchanged for dearer ones leave a purchase of the difference alone: it names the ``exchange`` and the receipt that it
    ``replaces`` goods of. It earns and counts as money of its day, and is neither a receipt nor an occasion (RET-54). When
    it was ``entered_at`` is told where a campaign ran that issues vouchers, and it was entered later: they are valid from
    then (RET-10).
    """

    receipt: str
    paid: Money
    quantity: int = field(default=1)
    area: str | None = field(default=None)
    outlet: str | None = field(default=None)
    conditions: tuple[str, ...] = field(default=())
    lines: tuple[ReceiptLine, ...] = field(default=())
    tenders: tuple[Tender, ...] = field(default=())
    salesperson: str | None = field(default=None)
    card: str | Erased | None = personal("contact", default=None)
    phone: str | Erased | None = personal("contact", default=None)
    entered_at: datetime | None = field(default=None)
    exchange: str | None = field(default=None)
    replaces: str | None = field(default=None)

    @property
    def deal(self) -> str | None:
        """Its number, under which it counts as a sale; None where it is the difference of an exchange (RET-48, RET-54)."""
        return self.receipt if self.is_occasion else None

    @property
    def is_occasion(self) -> bool:
        """Whether it is a receipt and an occasion, not the difference of an exchange (RET-54)."""
        return self.exchange is None

    @property
    def each_line(self) -> Sequence[ReceiptLine]:
        """Its lines; one where none is told."""
        if self.lines:
            return self.lines
        paid = self.paid.amount
        return (ReceiptLine(area=self.area, quantity=self.quantity, net=paid, paid=paid),)

    @property
    def net(self) -> Decimal:
        """What it came to, whichever way it was paid."""
        return sum((line.net for line in self.lines), Decimal(0)) if self.lines else self.paid.amount


@event("retail.purchase_refunded", number="refund")
class PurchaseRefunded(Fact):
    """Goods of a purchase came back; ``paid`` is what of their money came back (RET-19).

    ``deducted`` of it was kept for vouchers that were used and lost their ground (RET-11). Goods that were exchanged for
    cheaper ones come back with their difference alone, and name the ``exchange`` (RET-54).
    """

    refund: str
    receipt: str
    paid: Money
    quantity: int = field(default=0)
    lines: tuple[ReturnedLine, ...] = field(default=())
    tenders: tuple[Tender, ...] = field(default=())
    reason: str | Erased | None = personal("dealings", default=None)
    deducted: Decimal = field(default=Decimal(0))
    exchange: str | None = field(default=None)

    @property
    def each_line(self) -> Sequence[ReturnedLine]:
        """Its lines; one where none is told."""
        paid = self.paid.amount
        return self.lines or (ReturnedLine(quantity=self.quantity, net=paid, paid=paid),)


EVENTS = (PurchaseRecorded, PurchaseRefunded)
