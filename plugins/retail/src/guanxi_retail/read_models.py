"""Read models of retail: customers' profiles, their purchase days, and points movements by month."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi import Label, ReadModel, Rows, column
from guanxi_retail.events import (
    PointsActivated,
    PointsAdjusted,
    PointsClawedBack,
    PointsEarned,
    PointsExpired,
    PointsRedeemed,
    PointsRestored,
    PurchaseRecorded,
    PurchaseRefunded,
)


@attrs.define
class CustomerRow:
    """A customer's purchases in figures."""

    first_on: date | None = None
    last_on: date | None = None
    purchases: int = 0
    quantity: int = 0
    spent: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    currency: str = ""


customers = ReadModel("retail.customers", CustomerRow, title=Label("Customer profile", "客户消费概况"))


@customers.on
def _bought(rows: Rows[CustomerRow], e: PurchaseRecorded, at: datetime) -> None:
    row, day = rows[()], at.date()
    row.first_on = day if row.first_on is None else min(row.first_on, day)
    row.last_on = day if row.last_on is None else max(row.last_on, day)
    row.purchases += 1
    row.quantity += e.quantity
    row.spent += e.paid.amount
    row.currency = e.paid.currency


@customers.on
def _refunded(rows: Rows[CustomerRow], e: PurchaseRefunded, at: datetime) -> None:
    rows[()].refunded += e.paid.amount


@attrs.define
class ReceiptRow:
    """One purchase: the day it counts on, what was paid and what came back; no day where only a refund is known."""

    receipt: str = column(key=True)
    day: date | None = None
    paid: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    quantity: int = 0
    currency: str = ""


receipts = ReadModel("retail.receipts", ReceiptRow, title=Label("Receipts", "小票"))


@receipts.on
def _receipt(rows: Rows[ReceiptRow], e: PurchaseRecorded, at: datetime) -> None:
    row = rows[e.receipt]
    row.day, row.paid, row.quantity, row.currency = at.date(), e.paid.amount, e.quantity, e.paid.currency


@receipts.on
def _came_back(rows: Rows[ReceiptRow], e: PurchaseRefunded, at: datetime) -> None:
    rows[e.receipt].refunded += e.paid.amount


@attrs.define
class PointsMonthRow:
    """Movements of a member's points in a month (RET-22)."""

    month: str = column(key=True)
    earned: int = 0
    activated: int = 0
    restored: int = 0
    adjusted: int = 0
    redeemed: int = 0
    expired: int = 0
    clawed_back: int = 0
    clawed_back_pending: int = 0


points_month = ReadModel(
    "retail.points_month", PointsMonthRow, title=Label("Points by month", "积分月度变动")
)


@points_month.on
def _earned(rows: Rows[PointsMonthRow], e: PointsEarned, at: datetime) -> None:
    rows[f"{at:%Y-%m}"].earned += e.points


@points_month.on
def _activated(rows: Rows[PointsMonthRow], e: PointsActivated, at: datetime) -> None:
    rows[f"{at:%Y-%m}"].activated += e.points


@points_month.on
def _adjusted(rows: Rows[PointsMonthRow], e: PointsAdjusted, at: datetime) -> None:
    rows[f"{at:%Y-%m}"].adjusted += e.points


@points_month.on
def _redeemed(rows: Rows[PointsMonthRow], e: PointsRedeemed, at: datetime) -> None:
    rows[f"{at:%Y-%m}"].redeemed += e.points


@points_month.on
def _restored(rows: Rows[PointsMonthRow], e: PointsRestored, at: datetime) -> None:
    rows[f"{at:%Y-%m}"].restored += sum(n for _, n in e.lots) + e.to_debt


@points_month.on
def _expired(rows: Rows[PointsMonthRow], e: PointsExpired, at: datetime) -> None:
    rows[f"{at:%Y-%m}"].expired += e.points


@points_month.on
def _clawed_back(rows: Rows[PointsMonthRow], e: PointsClawedBack, at: datetime) -> None:
    row = rows[f"{at:%Y-%m}"]
    row.clawed_back += e.from_own_lot + sum(n for _, n in e.from_other_lots) + e.debt
    row.clawed_back_pending += e.from_pending
