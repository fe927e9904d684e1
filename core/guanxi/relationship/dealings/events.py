"""What is told and decided about credit, orders, deliveries, receivables, receipts, warnings and installed products."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

import attrs

from guanxi.kernel.messages import (
    FROM_NOW,
    REVISE,
    Act,
    Decision,
    Fact,
    event,
    field,
    given,
    key,
    limit,
    personal,
)
from guanxi.kernel.privacy import Erased
from guanxi.kernel.values import Money

HoldCause = Literal["credit_exceeded", "term_exceeded", "arrears_open"]
HeldKind = Literal["order", "contract"]
ReleaseGround = Literal["approved", "cause_gone"]
ReviewOutcome = Literal["approved", "refused"]
MaterialMovement = Literal["received", "used", "returned"]
CostKind = Literal["direct", "indirect"]

# ---------------------------------------------------------------- lines


@attrs.frozen(kw_only=True)
class OrderLine:
    """One line of an order.

    Args:
        line: its number in the order.
        product: what is ordered.
        quantity: how much of it.
        unit: what that is counted in.
        amount: what the whole line comes to.
        family: the product's family, if known.
        promised_on: the day it was promised for, if one was.
    """

    line: str
    product: str
    quantity: Decimal
    unit: str
    amount: Money
    family: str | None = None
    promised_on: date | None = None


@attrs.frozen(kw_only=True)
class LineQuantity:
    """So much of an order line."""

    line: str
    quantity: Decimal


@attrs.frozen(kw_only=True)
class LineAmount:
    """So much money for an order line."""

    line: str
    amount: Money


# ---------------------------------------------------------------- credit and orders


@event("core.credit_terms_set")
class CreditTermsSet(Act):
    """How much may be owed, and for how long, from when the act takes effect (CORE-29)."""

    limit: Money
    term_days: int
    valid_until: date | None = field(default=None)
    approver: str | None = field(default=None)


@event("core.order_placed", number="order")
class OrderPlaced(Fact):
    """The customer ordered (CORE-29, CORE-78)."""

    order: str
    lines: tuple[OrderLine, ...]
    on_credit: bool = field(default=False)
    term_days: int | None = field(default=None)
    contract: str | None = field(default=None)
    channel: str | None = field(default=None)
    installs: bool = field(default=False)
    funded: bool = field(default=False)
    seller: str | None = field(default=None)

    @property
    def total(self) -> Decimal:
        """What the whole order comes to, in its one currency."""
        return sum((line.amount.amount for line in self.lines), Decimal(0))

    @property
    def currency(self) -> str:
        """The currency of its lines."""
        return self.lines[0].amount.currency if self.lines else ""


@event("core.order_promise_moved")
class OrderPromiseMoved(Fact):
    """A promised date was moved with the customer's agreement (CORE-78)."""

    order: str
    line: str
    promised_on: date
    agreed_by: str | Erased | None = personal("dealings", default=None)


@event("core.order_cancelled")
class OrderCancelled(Fact):
    """An order was cancelled, or one line of it, or a quantity of that line."""

    order: str
    line: str | None = field(default=None)
    quantity: Decimal | None = field(default=None)
    reason: str | Erased | None = personal("dealings", default=None)


@event("core.order_held")
class OrderHeld(Decision, late=FROM_NOW, retroactive=FROM_NOW):
    """An order or contract waits for an approval (CORE-29, CORE-30).

    ``order`` is the number of the order, or of the contract where ``kind`` says so.
    """

    order: str = key()
    cause: HoldCause = key()
    kind: HeldKind = key(default="order")
    value: str = given(default="")
    threshold: str = limit(default="")


@event("core.order_release_approved")
class OrderReleaseApproved(Act):
    """Somebody other than the seller let a held order or contract go (CORE-29, CORE-30)."""

    order: str
    releaser: str
    kind: HeldKind = field(default="order")
    reason: str | Erased | None = personal("dealings", default=None)


@event("core.order_released")
class OrderReleased(Decision, late=FROM_NOW, retroactive=FROM_NOW):
    """A held order or contract may go on: it was approved, or the cause is gone, with ``receipt`` if one did it."""

    order: str = key()
    cause: HoldCause = key()
    kind: HeldKind = key(default="order")
    ground: ReleaseGround = field(default="cause_gone")
    releaser: str | None = given(default=None)
    receipt: str | None = given(default=None)


@event("core.goods_delivered")
class GoodsDelivered(Fact):
    """Goods left for the customer (CORE-78)."""

    order: str
    lines: tuple[LineQuantity, ...]
    delivery_note: str | None = field(default=None)


@event("core.goods_returned")
class GoodsReturned(Fact):
    """Goods came back from the customer."""

    order: str
    lines: tuple[LineQuantity, ...]
    delivery_note: str | None = field(default=None)
    reason: str | Erased | None = personal("dealings", default=None)


@event("core.installation_accepted")
class InstallationAccepted(Fact):
    """The customer accepted what was installed (CORE-78)."""

    order: str
    lines: tuple[LineQuantity, ...]
    document: str | None = field(default=None)


# ---------------------------------------------------------------- receivables


@event("core.instalment_planned", number="receivable")
class InstalmentPlanned(Fact):
    """An instalment of a contract was agreed; it is the receivable ``contract/instalment`` (CORE-32)."""

    contract: str
    instalment: str
    due_on: date
    amount: Money

    @property
    def receivable(self) -> str:
        """The number under which receipts are allocated to it."""
        return f"{self.contract}/{self.instalment}"


@event("core.invoice_issued", number=("invoice", "receivable"))
class InvoiceIssued(Fact):
    """An invoice was issued: a receivable of its own, unless it bills an instalment that is one already (CORE-32)."""

    invoice: str
    amount: Money
    due_on: date
    contract: str | None = field(default=None)
    order: str | None = field(default=None)
    instalment: str | None = field(default=None)
    lines: tuple[LineAmount, ...] = field(default=())

    @property
    def bills(self) -> str | None:
        """The receivable of the instalment that it bills, if it bills one."""
        return None if self.instalment is None else f"{self.contract}/{self.instalment}"

    @property
    def receivable(self) -> str:
        """The number under which receipts are allocated to it."""
        return self.bills or self.invoice


@event("core.receipt_recorded", number="receipt")
class ReceiptRecorded(Fact):
    """Money came in; it counts from its value date (CORE-32)."""

    receipt: str
    amount: Money
    payer: str | Erased | None = personal("dealings", default=None)
    purpose: str | Erased | None = personal("dealings", default=None)
    earmarked_for: str | None = field(default=None)


@event("core.receipt_allocated")
class ReceiptAllocated(Fact):
    """It was stated what a receipt, or a part of it, was for (CORE-32)."""

    receipt: str
    receivable: str
    amount: Money


@event("core.receipt_reversed")
class ReceiptReversed(Fact):
    """A receipt fell away whole, as when a cheque is returned (CORE-32)."""

    receipt: str
    reason: str | Erased | None = personal("dealings", default=None)


@event("core.advance_returned")
class AdvanceReturned(Fact):
    """Money paid ahead was given back to the customer (CORE-80)."""

    amount: Money
    receipt: str | None = field(default=None)


@event("core.receivable_written_off")
class ReceivableWrittenOff(Act):
    """What is still open of a receivable was given up; a later receipt is a recovery (CORE-80)."""

    receivable: str
    amount: Money
    approver: str
    reason: str | Erased | None = personal("dealings", default=None)


@event("core.collector_named")
class CollectorNamed(Act):
    """Somebody was named to collect a receivable, or all of the customer's (CORE-80)."""

    person: str
    receivable: str | None = field(default=None)


@event("core.balance_confirmed")
class BalanceConfirmed(Fact):
    """The customer's balances as of a day were reconciled with him (CORE-80)."""

    as_of: date
    advances: Money
    receivables: Money
    confirmed_by: str | Erased | None = personal("dealings", default=None)


@event("core.toll_material_moved")
class TollMaterialMoved(Fact):
    """The customer's own material came in, was used or went back; it is neither our stock nor owed to us (CORE-80)."""

    toll_material: str
    movement: MaterialMovement
    quantity: Decimal
    unit: str
    document: str | None = field(default=None)


@event("core.funded_goods_approved")
class FundedGoodsApproved(Act):
    """Goods may be sent out ahead of payment by our own decision, up to an amount (CORE-80)."""

    order: str
    goods: str | Erased = personal("dealings")
    amount: Money
    approver: str


# ---------------------------------------------------------------- expenses and costs


@event("core.expense_claimed", number="expense")
class ExpenseClaimed(Fact):
    """Somebody claims a sales expense spent on this customer (CORE-31)."""

    expense: str
    amount: Money
    purpose: str | Erased = personal("dealings")
    claimant: str
    contract: str | None = field(default=None)


@event("core.expense_reviewed")
class ExpenseReviewed(Act):
    """A claim was reviewed by somebody else (CORE-31)."""

    expense: str
    reviewer: str
    outcome: ReviewOutcome = field(default="approved")
    reason: str | Erased | None = personal("dealings", default=None)


@event("core.expense_paid")
class ExpensePaid(Fact):
    """A reviewed expense was paid out (CORE-31)."""

    expense: str
    amount: Money


@event("core.cost_recorded")
class CostRecorded(Fact):
    """What the customer cost: directly, or as his allocated share (CORE-54, CORE-57).

    It belongs to the day from which it counts, or to the days from ``since`` until before ``until``.
    """

    cost: CostKind
    amount: Money
    product: str | None = field(default=None)
    product_family: str | None = field(default=None)
    since: date | None = field(default=None)
    until: date | None = field(default=None)
    what: str | Erased | None = personal("dealings", default=None)


# ---------------------------------------------------------------- warnings


@event("core.warning_raised")
class WarningRaised(Decision, late=REVISE, retroactive=REVISE):
    """A signal with its cause; once for a cause and kind, until it is cleared (CORE-17, CORE-33, CORE-60).

    ``kind`` is a code such as ``overdue``, ``cause`` the number of what it is about; ``value`` was compared with ``threshold``.
    """

    kind: str = key()
    cause: str = key()
    value: str = given(default="")
    threshold: str = limit(default="")
    reasons: tuple[str, ...] = given(default=())


@event("core.warning_cleared")
class WarningCleared(Decision, late=REVISE, retroactive=REVISE):
    """The cause of a warning is gone."""

    kind: str = key()
    cause: str = key()
    value: str = given(default="")


# ---------------------------------------------------------------- installed products


@event("core.product_installed")
class ProductInstalled(Fact):
    """A product stands at the customer (CORE-87)."""

    serial: str
    product: str
    site: str | Erased | None = personal("dealings", default=None)
    parts: tuple[str, ...] = field(default=())
    warranty_until: date | None = field(default=None)
    order: str | None = field(default=None)
    line: str | None = field(default=None)


@event("core.part_replaced")
class PartReplaced(Fact):
    """A part of an installed product was replaced by another (CORE-87)."""

    serial: str
    old_part: str
    new_part: str


@event("core.product_removed")
class ProductRemoved(Fact):
    """A product no longer stands at the customer (CORE-87)."""

    serial: str
    reason: str | Erased | None = personal("dealings", default=None)


EVENTS = (
    CreditTermsSet,
    OrderPlaced,
    OrderPromiseMoved,
    OrderCancelled,
    OrderHeld,
    OrderReleaseApproved,
    OrderReleased,
    GoodsDelivered,
    GoodsReturned,
    InstallationAccepted,
    InstalmentPlanned,
    InvoiceIssued,
    ReceiptRecorded,
    ReceiptAllocated,
    ReceiptReversed,
    AdvanceReturned,
    ReceivableWrittenOff,
    CollectorNamed,
    BalanceConfirmed,
    TollMaterialMoved,
    FundedGoodsApproved,
    ExpenseClaimed,
    ExpenseReviewed,
    ExpensePaid,
    CostRecorded,
    WarningRaised,
    WarningCleared,
    ProductInstalled,
    PartReplaced,
    ProductRemoved,
)
