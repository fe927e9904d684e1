"""Read models of purchases: customers' profiles, their receipts, and lines sold and returned."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi import Label, ReadModel, Rows, column
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded


@attrs.define
class CustomerRow:
    """A customer's purchases in figures; the difference of an exchange is money, and no purchase (RET-54)."""

    first_on: date | None = None
    last_on: date | None = None
    purchases: int = 0
    quantity: int = 0
    spent: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    currency: str = ""


customers = ReadModel(
    "retail.customers", CustomerRow, version=2, title=Label("Customer profile", "客户消费概况")
)


@customers.on
def _bought(rows: Rows[CustomerRow], e: PurchaseRecorded, at: datetime) -> None:
    row, day = rows[()], at.date()
    row.spent += e.paid.amount
    row.currency = e.paid.currency
    if not e.is_occasion:
        return
    row.first_on = day if row.first_on is None else min(row.first_on, day)
    row.last_on = day if row.last_on is None else max(row.last_on, day)
    row.purchases += 1
    row.quantity += e.quantity


@customers.on
def _refunded(rows: Rows[CustomerRow], e: PurchaseRefunded, at: datetime) -> None:
    rows[()].refunded += e.paid.amount


@attrs.define
class ReceiptRow:
    """One purchase: the day it counts on, what was paid and what came back; no day where only a refund is known.

    The difference that an exchange brings is money of the receipt whose goods were exchanged: an exchange is neither a
    receipt nor an occasion. Its own number has a row without a day, which names the receipt that it ``replaces`` goods of
    (RET-54). The lines that were sold keep their own days.
    """

    receipt: str = column(key=True)
    day: date | None = None
    paid: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    quantity: int = 0
    currency: str = ""
    outlet: str | None = None
    salesperson: str | None = None
    net: Decimal = Decimal(0)
    exchange: str | None = None
    replaces: str | None = None


receipts = ReadModel("retail.receipts", ReceiptRow, version=2, title=Label("Receipts", "小票"))


@receipts.on
def _receipt(rows: Rows[ReceiptRow], e: PurchaseRecorded, at: datetime) -> None:
    row = rows[e.receipt]
    row.currency, row.outlet, row.salesperson = e.paid.currency, e.outlet, e.salesperson
    if e.replaces is None:
        row.day, row.quantity = at.date(), e.quantity
    else:
        row.exchange, row.replaces = e.exchange, e.replaces
        row = rows[e.replaces]
    row.paid += e.paid.amount
    row.net += e.net


@receipts.on
def _came_back(rows: Rows[ReceiptRow], e: PurchaseRefunded, at: datetime) -> None:
    rows[rows[e.receipt].replaces or e.receipt].refunded += e.paid.amount


@attrs.define
class SoldLineRow:
    """One line of a receipt, and what of it came back."""

    receipt: str = column(key=True)
    line: int = column(key=True)
    day: date | None = None
    outlet: str | None = None
    salesperson: str | None = None
    product: str | None = None
    grade: str | None = None
    area: str | None = None
    counter: str | None = None
    brand: str | None = None
    quantity: int = 0
    net: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    refunded_net: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    returned: int = 0
    currency: str = ""
    exchange: str | None = None


receipt_lines = ReadModel("retail.receipt_lines", SoldLineRow, title=Label("Lines sold", "销售明细"))


@receipt_lines.on
def _sold(rows: Rows[SoldLineRow], e: PurchaseRecorded, at: datetime) -> None:
    for line in e.each_line:
        row = rows[e.receipt, line.number]
        row.day, row.outlet, row.salesperson = at.date(), e.outlet, e.salesperson
        row.product, row.grade, row.area = line.product, line.grade, line.area
        row.counter, row.brand, row.quantity = line.counter, line.brand, line.quantity
        row.net, row.paid, row.currency, row.exchange = line.net, line.paid, e.paid.currency, e.exchange


@receipt_lines.on
def _line_came_back(rows: Rows[SoldLineRow], e: PurchaseRefunded, at: datetime) -> None:
    for back in e.each_line:
        row = rows[e.receipt, back.number]
        row.refunded_net += back.net
        row.refunded += back.paid
        row.returned += back.quantity


@attrs.define
class ReturnedLineRow:
    """What of a receipt's line came back with one refund, on the refund's own day."""

    refund: str = column(key=True)
    line: int = column(key=True)
    receipt: str = ""
    day: date | None = None
    quantity: int = 0
    net: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    currency: str = ""
    exchange: str | None = None


returned_lines = ReadModel(
    "retail.returned_lines", ReturnedLineRow, title=Label("Lines returned", "退货明细")
)


@returned_lines.on
def _returned(rows: Rows[ReturnedLineRow], e: PurchaseRefunded, at: datetime) -> None:
    for back in e.each_line:
        row = rows[e.refund, back.number]
        row.receipt, row.day, row.quantity = e.receipt, at.date(), back.quantity
        row.net, row.paid, row.currency, row.exchange = back.net, back.paid, e.paid.currency, e.exchange


READ_MODELS = (customers, receipts, receipt_lines, returned_lines)
