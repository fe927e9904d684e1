"""Tables of group purchase: times on the VIP list, stocks, who answers for whom, reports handed in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import attrs

from guanxi import Label, ReadModel, Rows, column, stamp
from guanxi.relationship.dealings.events import GoodsDelivered, GoodsReturned, OrderPlaced
from guanxi.relationship.file.events import ProfileFactRecorded, RelationshipClosed, RelationshipReopened
from guanxi.relationship.governance.events import ReportIssued
from guanxi.relationship.ownership.events import (
    MaintainerChange,
    MaintainerDrawn,
    maintainer_after,
    takes_over,
)
from guanxi_retail.group_purchase.events import (
    CustomerStockCounted,
    ReplenishmentDueSet,
    VipAdmitted,
    VipRemoved,
)
from guanxi_retail.group_purchase.stock import product_of

_LISTED = ""
"""In place of an application's number: on which the customer is listed at present."""


@attrs.define
class StayRow:
    """One time on the VIP list; the row without a number tells on which application a customer is on it."""

    application: str = column(key=True)
    listed: str | None = None
    route: str = ""
    test: str = ""
    receipt: str | None = None
    month: str | None = None
    amount: Decimal | None = column(default=None, scale=2)  # noqa: RUF009 - an attrs field, not a default
    threshold: Decimal | None = column(default=None, scale=2)  # noqa: RUF009 - an attrs field, not a default
    least_rank: str | None = None
    approved_by: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    cause: str | None = None


vip_stays = ReadModel("retail.vip_stays", StayRow, title=Label("Times on the VIP list", "VIP名单沿革"))


@vip_stays.on
def _admitted(rows: Rows[StayRow], e: VipAdmitted, at: datetime) -> None:
    head = rows[_LISTED]
    if head.listed not in (None, e.application):
        return
    head.listed, row = e.application, rows[e.application]
    row.since = row.since or at
    row.route, row.test, row.receipt, row.month = e.route, e.test, e.receipt, e.month
    row.amount, row.threshold, row.least_rank, row.approved_by = (
        e.amount,
        e.threshold,
        e.least_rank,
        e.approved_by,
    )


@vip_stays.on
def _removed(rows: Rows[StayRow], e: VipRemoved, at: datetime) -> None:
    head = rows[_LISTED]
    if head.listed == e.application:
        head.listed = None
        rows[e.application].until, rows[e.application].cause = at, e.cause


@attrs.define
class MoveRow:
    """A count of a customer's stock, a delivery or a return; rows of orders only tell which line is of which product."""

    kind: str = column(key=True)
    number: str = column(key=True)
    product: str = ""
    at: datetime | None = None
    quantity: Decimal = column(default=Decimal(0), scale=3)  # noqa: RUF009 - an attrs field, not a default


stock_moves = ReadModel("retail.stock_moves", MoveRow, title=Label("Stock seen and delivered", "盘点与送货"))
COUNT, DELIVERY, RETURN, USE, ORDER = "count", "delivery", "return", "use", "order"


@stock_moves.on
def _ordered(rows: Rows[MoveRow], e: OrderPlaced, at: datetime) -> None:
    for line in e.lines:
        rows[ORDER, f"{e.order}/{line.line}"].product = line.product


@stock_moves.on
def _counted(rows: Rows[MoveRow], e: CustomerStockCounted, at: datetime) -> None:
    row = rows[COUNT, f"{e.product}@{stamp(at)}"]
    row.product, row.at, row.quantity = e.product, at, e.quantity


@stock_moves.on
def _moved(rows: Rows[MoveRow], e: GoodsDelivered | GoodsReturned, at: datetime) -> None:
    kind = DELIVERY if isinstance(e, GoodsDelivered) else RETURN
    for part in e.lines:
        row = rows[kind, f"{e.order}/{part.line}@{stamp(at)}"]
        row.product, row.at = rows[ORDER, f"{e.order}/{part.line}"].product, at
        row.quantity += part.quantity


@stock_moves.on
def _used(rows: Rows[MoveRow], e: ProfileFactRecorded, at: datetime) -> None:
    if (product := product_of(e)) is not None:
        row = rows[USE, f"{product}@{stamp(at)}"]
        row.product, row.at = product, at


@attrs.define
class ReplenishmentRow:
    """When a product runs out at a customer's, as one entry made it; exact fractions as text."""

    product: str = column(key=True)
    entry: str = column(key=True)
    at: datetime | None = None
    on: date | None = None
    stock: str = "0"
    rate: str = "0"
    rate_source: str = ""
    run_out_on: date | None = None
    due_on: date | None = None


replenishments = ReadModel(
    "retail.replenishments", ReplenishmentRow, title=Label("Run-out and delivery", "用完与送货日")
)


@replenishments.on
def _due_set(rows: Rows[ReplenishmentRow], e: ReplenishmentDueSet, at: datetime) -> None:
    row = rows[e.product, e.entry]
    row.at, row.on, row.stock, row.rate, row.rate_source = at, e.on, e.stock, e.rate, e.rate_source
    row.run_out_on, row.due_on = e.run_out_on, e.due_on


@attrs.define
class ManagerRow:
    """A stretch of time in which somebody answered for an open relationship; number 0 tells how it stands at present."""

    number: int = column(key=True)
    person: str = ""
    since: datetime | None = None
    until: datetime | None = None
    stretches: int = 0
    closed: bool = False
    drawn: bool = False


managers = ReadModel("retail.account_managers", ManagerRow, title=Label("Account managers", "客户经理"))
_PRESENT = 0


def _change(rows: Rows[ManagerRow], at: datetime) -> None:
    """Let the stretch end that lasts, and another begin if somebody answers for an open relationship."""
    head = rows[_PRESENT]
    if head.stretches and rows[head.stretches].until is None:
        rows[head.stretches].until = at
    if head.person and not head.closed:
        head.stretches += 1
        row = rows[head.stretches]
        row.person, row.since = head.person, at


@managers.on
def _maintained(rows: Rows[ManagerRow], e: MaintainerChange, at: datetime) -> None:
    head = rows[_PRESENT]
    if takes_over(e, head.person or None, drawn=head.drawn):
        head.person, head.drawn = maintainer_after(e) or "", isinstance(e, MaintainerDrawn)
        _change(rows, at)


@managers.on
def _closed(rows: Rows[ManagerRow], e: RelationshipClosed, at: datetime) -> None:
    rows[_PRESENT].closed = True
    _change(rows, at)


@managers.on
def _reopened(rows: Rows[ManagerRow], e: RelationshipReopened, at: datetime) -> None:
    rows[_PRESENT].closed = False
    _change(rows, at)


@attrs.define
class HandedInRow:
    """A weekly report that an account manager handed in; further ones for a week are new versions of it."""

    issue: str = column(key=True)
    week: date | None = None
    manager: str = ""
    superior: str | None = None
    at: datetime | None = None


handed_in = ReadModel(
    "retail.weekly_reports", HandedInRow, title=Label("Weekly reports handed in", "周报提交")
)
WEEKLY_SALES = "retail.weekly_sales"
"""Stored name of the report that is handed in."""


@handed_in.on
def _issued(rows: Rows[HandedInRow], e: ReportIssued, at: datetime) -> None:
    week, manager = e.parameters.get("week"), e.parameters.get("manager")
    if e.report == WEEKLY_SALES and isinstance(week, str) and isinstance(manager, str):
        row = rows[e.issue]
        row.week, row.manager, row.at = monday_of(date.fromisoformat(week)), manager, at
        row.superior = e.parameters.get("superior")


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


READ_MODELS = (vip_stays, stock_moves, replenishments, managers, handed_in)
