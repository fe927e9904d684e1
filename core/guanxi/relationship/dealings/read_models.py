"""Read models of orders, money, warnings and installed products; dates and amounts only, never what passing time makes of them."""

# ruff: noqa: RUF009 - attrs fields, not defaults

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs
import msgspec

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.dealings.events import (
    AdvanceReturned,
    BalanceConfirmed,
    CollectorNamed,
    CostRecorded,
    FundedGoodsApproved,
    GoodsDelivered,
    GoodsReturned,
    InstallationAccepted,
    InstalmentPlanned,
    InvoiceIssued,
    OrderCancelled,
    OrderHeld,
    OrderPlaced,
    OrderPromiseMoved,
    OrderReleased,
    PartReplaced,
    ProductInstalled,
    ProductRemoved,
    ReceiptAllocated,
    ReceiptRecorded,
    ReceiptReversed,
    ReceivableWrittenOff,
    TollMaterialMoved,
    WarningCleared,
    WarningRaised,
)
from guanxi.relationship.dealings.refusing import QUANTITY_PLACES
from guanxi.relationship.dealings.values import NOTHING
from guanxi.relationship.file.events import FileOpened
from guanxi.relationship.ownership.events import (
    MaintainerChange,
    maintainer_after,
)
from guanxi.relationship.service.events import ServiceRequested

MONEY_PLACES = 3
"""Decimals kept of amounts: as many as any currency has."""


def _money() -> Any:
    return column(scale=MONEY_PLACES, default=NOTHING)


def _amount() -> Any:
    return column(scale=QUANTITY_PLACES, default=NOTHING)


# ---------------------------------------------------------------- who


@attrs.define
class CustomerRow:
    """Whose dealings these are, and who answers for them."""

    account: str = ""
    opened_on: date | None = None
    maintainer: str | None = None


customers = ReadModel("core.dealing_customers", CustomerRow, title=Label("Customers in dealings", "往来客户"))


@customers.on
def _opened(rows: Rows[CustomerRow], e: FileOpened, at: datetime) -> None:
    row = rows[()]
    row.account, row.opened_on = e.account, at.date()


@customers.on
def _maintained(rows: Rows[CustomerRow], e: MaintainerChange, at: datetime) -> None:
    rows[()].maintainer = maintainer_after(e)


@attrs.define
class CollectorRow:
    """Who collects a receivable; of all of the customer's where its number is blank."""

    receivable: str = column(key=True)
    person: str = ""
    since: datetime | None = None


collectors = ReadModel("core.collectors", CollectorRow, title=Label("Collectors", "清欠责任人"))


@collectors.on
def _collector(rows: Rows[CollectorRow], e: CollectorNamed, at: datetime) -> None:
    row = rows[e.receivable or ""]
    row.person = e.person
    row.since = row.since or at


# ---------------------------------------------------------------- money


@attrs.define
class MoveRow:
    """One movement of the customer's book, in the order in which they count; number 0 counts them."""

    seq: int = column(key=True)
    count: int = 0
    at: datetime | None = None
    move: str = ""
    number: str = ""
    other: str | None = None
    contract: str | None = None
    order: str | None = None
    due_on: date | None = None
    amount: Decimal = _money()
    currency: str = ""
    lines: str = ""


moves = ReadModel(
    "core.money_moves", MoveRow, title=Label("Movements of receivables and receipts", "应收与回款变动")
)


@moves.on
def _move(
    rows: Rows[MoveRow],
    e: InstalmentPlanned
    | InvoiceIssued
    | ReceiptRecorded
    | ReceiptAllocated
    | ReceiptReversed
    | AdvanceReturned
    | ReceivableWrittenOff,
    at: datetime,
) -> None:
    rows[0].count += 1
    row = rows[rows[0].count]
    row.at = at
    match e:
        case InstalmentPlanned():
            row.move, row.number, row.contract, row.due_on = "plan", e.receivable, e.contract, e.due_on
        case InvoiceIssued():
            row.move, row.number, row.other = "bill", e.invoice, e.bills
            row.contract, row.order, row.due_on = e.contract, e.order, e.due_on
            row.lines = msgspec.json.encode([[n.line, str(n.amount.amount)] for n in e.lines]).decode()
        case ReceiptRecorded():
            row.move, row.number, row.other = "receive", e.receipt, e.earmarked_for
        case ReceiptAllocated():
            row.move, row.number, row.other = "allocate", e.receipt, e.receivable
        case ReceiptReversed():
            row.move, row.number = "reverse", e.receipt
        case AdvanceReturned():
            row.move, row.other = "give_back", e.receipt
        case ReceivableWrittenOff():
            row.move, row.number = "write_off", e.receivable
    if not isinstance(e, ReceiptReversed):
        row.amount, row.currency = e.amount.amount, e.amount.currency


@attrs.define
class ConfirmationRow:
    """Balances that were confirmed, by the day they are of."""

    as_of: str = column(key=True)
    currency: str = column(key=True)
    at: datetime | None = None
    advances: Decimal = _money()
    receivables: Decimal = _money()


confirmations = ReadModel(
    "core.balance_confirmations", ConfirmationRow, title=Label("Confirmed balances", "对账确认")
)


@confirmations.on
def _confirmed(rows: Rows[ConfirmationRow], e: BalanceConfirmed, at: datetime) -> None:
    for currency in {e.advances.currency: None, e.receivables.currency: None}:
        row = rows[e.as_of.isoformat(), currency]
        row.at = at
        row.advances = e.advances.amount if e.advances.currency == currency else NOTHING
        row.receivables = e.receivables.amount if e.receivables.currency == currency else NOTHING


@attrs.define
class TollRow:
    """What of a material of the customer's moved on a day."""

    material: str = column(key=True)
    day: str = column(key=True)
    unit: str = ""
    received: Decimal = _amount()
    used: Decimal = _amount()
    returned: Decimal = _amount()


toll_rows = ReadModel("core.toll_days", TollRow, title=Label("Toll material by day", "来料日账"))


@toll_rows.on
def _toll(rows: Rows[TollRow], e: TollMaterialMoved, at: datetime) -> None:
    row = rows[e.toll_material, at.date().isoformat()]
    row.unit = e.unit
    match e.movement:
        case "received":
            row.received += e.quantity
        case "used":
            row.used += e.quantity
        case "returned":
            row.returned += e.quantity


@attrs.define
class CostRow:
    """One cost of the customer; number 0 counts them."""

    seq: int = column(key=True)
    count: int = 0
    since: date | None = None
    until: date | None = None
    cost: str = ""
    amount: Decimal = _money()
    currency: str = ""
    product: str | None = None
    family: str | None = None


costs = ReadModel("core.customer_costs", CostRow, title=Label("Costs of customers", "客户成本"))


@costs.on
def _cost(rows: Rows[CostRow], e: CostRecorded, at: datetime) -> None:
    rows[0].count += 1
    row = rows[rows[0].count]
    row.since, row.until = e.since or at.date(), e.until
    row.cost, row.product, row.family = e.cost, e.product, e.product_family
    row.amount, row.currency = e.amount.amount, e.amount.currency


# ---------------------------------------------------------------- orders


@attrs.define
class OrderRow:
    """An order."""

    order: str = column(key=True)
    at: datetime | None = None
    amount: Decimal = _money()
    currency: str = ""
    channel: str | None = None
    contract: str | None = None
    credit: bool = False
    installs: bool = False
    funded: bool = False
    approved: Decimal = _money()
    seller: str | None = None
    held: str = ""


order_register = ReadModel("core.order_register", OrderRow, title=Label("Order register", "订单登记"))


@order_register.on
def _ordered(rows: Rows[OrderRow], e: OrderPlaced, at: datetime) -> None:
    row = rows[e.order]
    row.at, row.amount, row.currency, row.channel = at, e.total, e.currency, e.channel
    row.contract, row.credit, row.installs, row.funded = e.contract, e.on_credit, e.installs, e.funded
    row.seller = e.seller


@order_register.on
def _funds(rows: Rows[OrderRow], e: FundedGoodsApproved, at: datetime) -> None:
    rows[e.order].approved += e.amount.amount


@order_register.on
def _held(rows: Rows[OrderRow], e: OrderHeld | OrderReleased, at: datetime) -> None:
    if e.kind == "contract":
        return
    causes = [c for c in rows[e.order].held.split(" ") if c and c != e.cause]
    rows[e.order].held = " ".join([*causes, e.cause] if isinstance(e, OrderHeld) else causes)


@attrs.define
class OrderLineRow:
    """An order line and what became of it; the promised dates are the first and the last."""

    order: str = column(key=True)
    line: str = column(key=True)
    placed_at: datetime | None = None
    product: str = ""
    family: str | None = None
    unit: str = ""
    contract: str | None = None
    channel: str | None = None
    installs: bool = False
    funded: bool = False
    amount: Decimal = _money()
    currency: str = ""
    ordered: Decimal = _amount()
    shipped: Decimal = _amount()
    returned: Decimal = _amount()
    cancelled: Decimal = _amount()
    installed: Decimal = _amount()
    first_promised_on: date | None = None
    promised_on: date | None = None
    shipped_at: datetime | None = None
    installed_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def open(self) -> Decimal:
        """What is still to be shipped (CORE-78)."""
        return self.ordered - self.shipped - self.cancelled

    @property
    def waits(self) -> bool:
        """Whether it is still to be shipped, or to be installed where that is part of the deal."""
        return self.open > 0 or (self.installs and self.installed < self.ordered - self.cancelled)

    @property
    def done_at(self) -> datetime | None:
        """When nothing of it waited any more; None while something does, or where all of it was cancelled."""
        if self.waits or self.cancelled >= self.ordered > 0:
            return None
        ends = [
            at for at in (self.shipped_at, self.installed_at if self.installs else None) if at is not None
        ]
        return max(ends, default=None)


order_lines = ReadModel("core.order_lines", OrderLineRow, title=Label("Order lines", "订单行"))


@order_lines.on
def _lines(rows: Rows[OrderLineRow], e: OrderPlaced, at: datetime) -> None:
    # The row without a line number lists the lines, so that a whole order can be cancelled.
    rows[e.order, ""].product = msgspec.json.encode([line.line for line in e.lines]).decode()
    for line in e.lines:
        row = rows[e.order, line.line]
        row.placed_at, row.product, row.family, row.unit = at, line.product, line.family, line.unit
        row.contract, row.channel, row.installs, row.funded = e.contract, e.channel, e.installs, e.funded
        row.amount, row.currency, row.ordered = line.amount.amount, line.amount.currency, line.quantity
        row.first_promised_on = row.promised_on = line.promised_on


@order_lines.on
def _goods(
    rows: Rows[OrderLineRow], e: GoodsDelivered | GoodsReturned | InstallationAccepted, at: datetime
) -> None:
    for part in e.lines:
        row = rows[e.order, part.line]
        match e:
            case GoodsDelivered():
                row.shipped += part.quantity
                row.shipped_at = at
            case GoodsReturned():
                row.returned += part.quantity
            case InstallationAccepted():
                row.installed += part.quantity
                row.installed_at = at


@order_lines.on
def _promised(rows: Rows[OrderLineRow], e: OrderPromiseMoved, at: datetime) -> None:
    row = rows[e.order, e.line]
    row.first_promised_on = row.first_promised_on or e.promised_on
    row.promised_on = e.promised_on


@order_lines.on
def _cancelled(rows: Rows[OrderLineRow], e: OrderCancelled, at: datetime) -> None:
    if e.line is not None:
        numbers: list[str] = [e.line]
    else:
        listed = rows[e.order, ""].product
        numbers = msgspec.json.decode(listed) if listed else []
    for number in numbers:
        row = rows[e.order, number]
        row.cancelled += max(NOTHING, row.open) if e.quantity is None else e.quantity
        row.cancelled_at = at


# ---------------------------------------------------------------- warnings


@attrs.define
class WarningRow:
    """A warning that was raised, and when its cause was gone; number 0 counts those of a kind and cause."""

    kind: str = column(key=True)
    cause: str = column(key=True)
    nth: int = column(key=True)
    count: int = 0
    raised_at: datetime | None = None
    cleared_at: datetime | None = None
    value: str = ""
    threshold: str = ""
    reasons: str = ""


warning_log = ReadModel("core.warning_log", WarningRow, title=Label("Warnings", "预警记录"))


@warning_log.on
def _raised(rows: Rows[WarningRow], e: WarningRaised, at: datetime) -> None:
    rows[e.kind, e.cause, 0].count += 1
    row = rows[e.kind, e.cause, rows[e.kind, e.cause, 0].count]
    row.raised_at, row.value, row.threshold, row.reasons = at, e.value, e.threshold, ", ".join(e.reasons)


@warning_log.on
def _cleared(rows: Rows[WarningRow], e: WarningCleared, at: datetime) -> None:
    if count := rows[e.kind, e.cause, 0].count:
        row = rows[e.kind, e.cause, count]
        row.cleared_at = row.cleared_at or at


# ---------------------------------------------------------------- installed products


@attrs.define
class InstalledRow:
    """A product that stands or stood at the customer; number 0 counts how often one of its serial number did."""

    serial: str = column(key=True)
    nth: int = column(key=True)
    count: int = 0
    product: str = ""
    site: str | Erased | None = personal("dealings", default=None)
    installed_on: date | None = None
    warranty_until: date | None = None
    removed_on: date | None = None
    order: str | None = None
    requests: int = 0


installed_rows = ReadModel(
    "core.installed_register", InstalledRow, title=Label("Installed products", "装机登记")
)


@installed_rows.on
def _installed(rows: Rows[InstalledRow], e: ProductInstalled, at: datetime) -> None:
    head = rows[e.serial, 0]
    if head.count and rows[e.serial, head.count].removed_on is None:
        return
    head.count += 1
    row = rows[e.serial, head.count]
    row.product, row.site, row.installed_on = e.product, e.site, at.date()
    row.warranty_until, row.order = e.warranty_until, e.order


@installed_rows.on
def _removed(rows: Rows[InstalledRow], e: ProductRemoved, at: datetime) -> None:
    if count := rows[e.serial, 0].count:
        rows[e.serial, count].removed_on = at.date()


@installed_rows.on
def _requested(rows: Rows[InstalledRow], e: ServiceRequested, at: datetime) -> None:
    if e.serial is not None and (count := rows[e.serial, 0].count):
        rows[e.serial, count].requests += 1


@attrs.define
class PartRow:
    """A part of an installed product, and from when until when it was in it."""

    serial: str = column(key=True)
    part: str = column(key=True)
    fitted_on: date | None = None
    removed_on: date | None = None


part_rows = ReadModel("core.installed_parts", PartRow, title=Label("Parts of installed products", "装机部件"))


@part_rows.on
def _fitted(rows: Rows[PartRow], e: ProductInstalled, at: datetime) -> None:
    for part in e.parts:
        row = rows[e.serial, part]
        row.fitted_on, row.removed_on = at.date(), None


@part_rows.on
def _replaced(rows: Rows[PartRow], e: PartReplaced, at: datetime) -> None:
    rows[e.serial, e.old_part].removed_on = at.date()
    row = rows[e.serial, e.new_part]
    row.fitted_on, row.removed_on = at.date(), None


READ_MODELS = (
    customers,
    collectors,
    moves,
    confirmations,
    toll_rows,
    costs,
    order_register,
    order_lines,
    warning_log,
    installed_rows,
    part_rows,
)
