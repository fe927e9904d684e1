"""What may be told about purchases."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import attrs

from guanxi import Command, Money, command, field, personal
from guanxi_retail.checks import money, named, quantity, several
from guanxi_retail.purchases.events import ReceiptLine, ReturnedLine, Tender


def lines_sold(instance: Any, attribute: attrs.Attribute[Any], value: tuple[ReceiptLine, ...]) -> None:
    """Refuse lines with amounts below nothing, inexact amounts, or pieces below nothing (RET-IN-a)."""
    for line in value:
        _amounts(instance, attribute, (line.list_price, line.cash_off, line.net, line.paid))
        quantity(instance, attribute, line.quantity)
        quantity(instance, attribute, line.number)


def lines_returned(instance: Any, attribute: attrs.Attribute[Any], value: tuple[ReturnedLine, ...]) -> None:
    """Refuse returned lines with amounts or pieces below nothing, or inexact amounts (RET-IN-a)."""
    for line in value:
        _amounts(instance, attribute, (line.net, line.paid))
        quantity(instance, attribute, line.quantity)
        quantity(instance, attribute, line.number)


def tender_amounts(instance: Any, attribute: attrs.Attribute[Any], value: tuple[Tender, ...]) -> None:
    """Refuse tenders below nothing, or inexact ones (RET-IN-a)."""
    _amounts(instance, attribute, [tender.amount for tender in value])


def _amounts(instance: Any, attribute: attrs.Attribute[Any], amounts: Iterable[Decimal | None]) -> None:
    # Where a command names no currency the receipt that it is about has one, with two decimals as a rule.
    whole = getattr(instance, "paid", None)
    currency = whole.currency if isinstance(whole, Money) else "CNY"
    for amount in amounts:
        if amount is not None:
            money(instance, attribute, Money(amount, currency))


@command("retail.record_purchase")
class RecordPurchase(Command):
    """Record a purchase.

    Args:
        receipt: its number; once per customer.
        paid: money paid, after discounts, without vouchers and points; 0 counts as a purchase too.
        quantity: pieces.
        area: floor or department, for points multipliers.
        outlet: store.
        conditions: what held at the till, such as ``vip`` or ``demonstration``, one or several; multipliers may ask for it.
        lines: what was bought, line by line; their money adds up to what was paid. One line where none is given.
        tenders: how it was paid; one sum of money where nothing is given.
        salesperson: who sold it.
        card: the member card that was shown.
        phone: the telephone number on the receipt.
    """

    receipt: str = field(validator=named)
    paid: Money = field(validator=money)
    quantity: int = field(default=1, validator=quantity)
    area: str | None = field(default=None)
    outlet: str | None = field(default=None)
    conditions: tuple[str, ...] = field(default=(), converter=several(str))
    lines: tuple[ReceiptLine, ...] = field(default=(), converter=several(ReceiptLine), validator=lines_sold)
    tenders: tuple[Tender, ...] = field(default=(), converter=several(Tender), validator=tender_amounts)
    salesperson: str | None = field(default=None)
    card: str | None = personal("contact", default=None)
    phone: str | None = personal("contact", default=None)


@command("retail.refund_purchase")
class RefundPurchase(Command):
    """Refund a purchase, whole or in part.

    Args:
        refund: its number; once per customer.
        receipt: the purchase's.
        paid: money returned.
        quantity: pieces returned.
        lines: what came back, line by line; needed where the receipt has several.
        tenders: how it was paid out; money where nothing is given.
        reason: why it came back.
    """

    refund: str = field(validator=named)
    receipt: str = field(validator=named)
    paid: Money = field(validator=money)
    quantity: int = field(default=0, validator=quantity)
    lines: tuple[ReturnedLine, ...] = field(
        default=(), converter=several(ReturnedLine), validator=lines_returned
    )
    tenders: tuple[Tender, ...] = field(default=(), converter=several(Tender), validator=tender_amounts)
    reason: str | None = personal("dealings", default=None)


COMMANDS = (RecordPurchase, RefundPurchase)
