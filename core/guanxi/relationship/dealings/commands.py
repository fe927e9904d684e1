"""What may be ordered or told about credit, orders, receivables, expenses and installed products."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.messages import Command, command, field
from guanxi.kernel.values import Money
from guanxi.relationship.checks import one_of
from guanxi.relationship.dealings.events import (
    CostKind,
    HeldKind,
    LineAmount,
    LineQuantity,
    MaterialMovement,
    OrderLine,
    ReviewOutcome,
)
from guanxi.relationship.dealings.refusing import (
    days,
    documented,
    no_less_than_nothing,
    quantity,
    some,
    some_money,
    some_quantity,
    text,
)


def _each_once(lines: tuple[Any, ...]) -> None:
    numbers = [line.line for line in lines]
    if twice := sorted({n for n in numbers if numbers.count(n) > 1}):
        raise Invalid(
            "out_of_scale",
            f"line {', '.join(twice)} is there twice",
            zh=f"行号 {'、'.join(twice)} 重复",
            accepts="each line once",
        )


def _order_lines(_: object, attribute: attrs.Attribute[Any], value: tuple[OrderLine, ...]) -> None:
    some(_, attribute, value)
    _each_once(value)
    for line in value:
        text(_, attribute, line.line)
        quantity(line.quantity, "quantity")
        if not line.unit.strip():
            raise Invalid(
                "unit_missing",
                f"line {line.line} has no unit",
                zh=f"第 {line.line} 行缺少单位",
                accepts="a unit such as pieces",
            )
        if line.amount.amount < 0:
            raise Invalid(
                "amount_sign",
                f"line {line.line} has a negative amount",
                zh=f"第 {line.line} 行金额为负",
                accepts="an amount of zero or more; goods that come back are a return",
            )
    if len({line.amount.currency for line in value}) > 1:
        raise Invalid(
            "unit_mismatch",
            "the lines are in several currencies",
            zh="各行币种不一",
            accepts="an order for each currency",
        )


def _quantities(_: object, attribute: attrs.Attribute[Any], value: tuple[LineQuantity, ...]) -> None:
    some(_, attribute, value)
    _each_once(value)
    for line in value:
        quantity(line.quantity, "quantity")


def _amounts(instance: Any, attribute: attrs.Attribute[Any], value: tuple[LineAmount, ...]) -> None:
    _each_once(value)
    if not value:
        return
    if {line.amount.currency for line in value} != {instance.amount.currency}:
        raise Invalid(
            "unit_mismatch", "the lines are in another currency", zh="各行币种不一", accepts="one currency"
        )
    if sum(line.amount.amount for line in value) != instance.amount.amount:
        raise Invalid(
            "out_of_scale",
            f"the lines do not come to {instance.amount}",
            zh=f"各行合计不等于 {instance.amount}",
            accepts="lines that sum to the amount",
        )


# ---------------------------------------------------------------- credit and orders


@command("core.set_credit_terms")
class SetCreditTerms(Command):
    """Set how much may be owed and for how long; what is set for a later day is given that ``effective_from`` (CORE-29).

    Args:
        limit: highest exposure.
        term_days: longest payment term.
        valid_until: last day on which the terms hold; None for no end.
        approver: who approved them, if not the actor.
    """

    limit: Money = field(validator=no_less_than_nothing)
    term_days: int = field(validator=days)
    valid_until: date | None = field(default=None)
    approver: str | None = field(default=None, validator=text)


@command("core.place_order")
class PlaceOrder(Command):
    """Take an order (CORE-29, CORE-30, CORE-78). What may not go on yet is kept, and held.

    Args:
        order: its number.
        lines: what is ordered, each line with its own number.
        on_credit: whether it is to be paid later.
        term_days: payment term asked for; the customer's own if not given.
        contract: the contract it belongs to.
        channel: where it came in.
        installs: whether installation is part of it; the contract's deal type decides if not given.
        funded: whether the goods go out ahead of payment by our own decision (CORE-80).
        seller: who sells; the actor if not given.
    """

    order: str = field(validator=documented)
    lines: tuple[OrderLine, ...] = field(validator=_order_lines)
    on_credit: bool = field(default=False)
    term_days: int | None = field(default=None, validator=days)
    contract: str | None = field(default=None, validator=text)
    channel: str | None = field(default=None, validator=text)
    installs: bool | None = field(default=None)
    funded: bool = field(default=False)
    seller: str | None = field(default=None, validator=text)


@command("core.move_order_promise")
class MoveOrderPromise(Command):
    """Move a promised date, with the customer's agreement (CORE-78).

    Args:
        order: number of the order.
        line: number of the line.
        promised_on: the new date.
        agreed_by: who agreed on the customer's side.
    """

    order: str
    line: str
    promised_on: date
    agreed_by: str | None = field(default=None)


@command("core.cancel_order")
class CancelOrder(Command):
    """Cancel what is still open of an order, of a line, or a quantity of a line.

    Args:
        order: number of the order.
        line: number of the line; all lines if not given.
        quantity: how much of the line; all that is open if not given.
        reason: why.
    """

    order: str
    line: str | None = field(default=None, validator=text)
    quantity: Decimal | None = field(default=None, validator=some_quantity)
    reason: str | None = field(default=None)


@command("core.release_order")
class ReleaseOrder(Command):
    """Let a held order or contract go on; the actor approves it (CORE-29, CORE-30).

    Args:
        order: number of the order, or of the contract.
        reason: why.
        kind: ``order`` or ``contract``.
    """

    order: str
    reason: str | None = field(default=None)
    kind: HeldKind = field(default="order", validator=one_of("order", "contract"))


@command("core.deliver_goods")
class DeliverGoods(Command):
    """Send goods out, or tell that they left (CORE-31, CORE-78).

    Args:
        order: number of the order.
        lines: how much of which line.
        delivery_note: its number.
    """

    order: str
    lines: tuple[LineQuantity, ...] = field(validator=_quantities)
    delivery_note: str | None = field(default=None, validator=text)


@command("core.return_goods", after_closing=True)
class ReturnGoods(Command):
    """Take goods back.

    Args:
        order: number of the order.
        lines: how much of which line.
        delivery_note: its number.
        reason: why.
    """

    order: str
    lines: tuple[LineQuantity, ...] = field(validator=_quantities)
    delivery_note: str | None = field(default=None, validator=text)
    reason: str | None = field(default=None)


@command("core.accept_installation")
class AcceptInstallation(Command):
    """Note that the customer accepted what was installed.

    Args:
        order: number of the order.
        lines: how much of which line.
        document: number of the signed acceptance.
    """

    order: str
    lines: tuple[LineQuantity, ...] = field(validator=_quantities)
    document: str | None = field(default=None, validator=text)


@command("core.approve_funded_goods")
class ApproveFundedGoods(Command):
    """Approve that an order's goods go out ahead of payment; the actor approves it (CORE-80).

    Args:
        order: number of the order.
        goods: what goes out.
        amount: up to which value.
    """

    order: str
    goods: str = field(validator=text)
    amount: Money = field(validator=some_money)


# ---------------------------------------------------------------- receivables


@command("core.plan_instalment")
class PlanInstalment(Command):
    """Plan an instalment of a contract (CORE-32).

    Args:
        contract: number of the contract.
        instalment: its number in the plan.
        due_on: last day for payment.
        amount: what is due.
    """

    contract: str = field(validator=text)
    instalment: str = field(validator=text)
    due_on: date
    amount: Money = field(validator=some_money)


@command("core.issue_invoice")
class IssueInvoice(Command):
    """Issue an invoice (CORE-29, CORE-31, CORE-32).

    Args:
        invoice: its number.
        amount: what it comes to.
        due_on: last day for payment; from the order's term, else the customer's own, if not given.
        order: the order that it bills.
        contract: the contract that it bills; the order's if not given.
        instalment: the instalment of that contract that it bills, which is a receivable already.
        lines: how much of it is for which line of the order.
    """

    invoice: str = field(validator=documented)
    amount: Money = field(validator=some_money)
    due_on: date | None = field(default=None)
    order: str | None = field(default=None, validator=text)
    contract: str | None = field(default=None, validator=text)
    instalment: str | None = field(default=None, validator=text)
    lines: tuple[LineAmount, ...] = field(default=(), validator=_amounts)


@command("core.record_receipt", after_closing=True)
class RecordReceipt(Command):
    """Record money that came in; it counts from its value date, which is when it happened (CORE-31, CORE-32).

    Args:
        receipt: number of its document.
        amount: how much.
        payer: who paid.
        purpose: what for, in the payer's words.
        earmarked_for: the order, contract or receivable that it may be used for, and nothing else.
        receivable: what it was for, as stated with it; the oldest due first if not given.
    """

    receipt: str = field(validator=documented)
    amount: Money = field(validator=some_money)
    payer: str | None = field(default=None, validator=text)
    purpose: str | None = field(default=None, validator=text)
    earmarked_for: str | None = field(default=None, validator=text)
    receivable: str | None = field(default=None, validator=text)


@command("core.allocate_receipt", after_closing=True)
class AllocateReceipt(Command):
    """State what a receipt, or a part of it, was for (CORE-31, CORE-32).

    Args:
        receipt: its number.
        receivable: an invoice's number, or ``contract/instalment``.
        amount: how much of it.
    """

    receipt: str
    receivable: str
    amount: Money = field(validator=some_money)


@command("core.reverse_receipt", after_closing=True)
class ReverseReceipt(Command):
    """Take a receipt back whole, as when a cheque is returned (CORE-32).

    Args:
        receipt: its number.
        reason: why.
    """

    receipt: str
    reason: str | None = field(default=None)


@command("core.return_advance", after_closing=True)
class ReturnAdvance(Command):
    """Give back money that was paid ahead (CORE-80).

    Args:
        amount: how much.
        receipt: of which receipt; of the oldest ones if not given.
    """

    amount: Money = field(validator=some_money)
    receipt: str | None = field(default=None, validator=text)


@command("core.write_off_receivable", after_closing=True)
class WriteOffReceivable(Command):
    """Give up what is open of a receivable; the actor approves it (CORE-80).

    Args:
        receivable: an invoice's number, or ``contract/instalment``.
        reason: why.
        amount: how much; all that is open if not given.
    """

    receivable: str
    reason: str | None = field(default=None)
    amount: Money | None = field(default=None, validator=some_money)


@command("core.name_collector")
class NameCollector(Command):
    """Name who collects a receivable, or all of the customer's (CORE-80).

    Args:
        person: who.
        receivable: what; all of the customer's if not given.
    """

    person: str = field(validator=text)
    receivable: str | None = field(default=None, validator=text)


@command("core.confirm_balance", after_closing=True)
class ConfirmBalance(Command):
    """Note the balances that the customer confirmed (CORE-80).

    Args:
        as_of: the day they are of.
        advances: money paid ahead and not used.
        receivables: what is owed.
        confirmed_by: who confirmed them.
    """

    as_of: date
    advances: Money = field(validator=no_less_than_nothing)
    receivables: Money = field(validator=no_less_than_nothing)
    confirmed_by: str | None = field(default=None, validator=text)


@command("core.move_toll_material")
class MoveTollMaterial(Command):
    """Note a movement of the customer's own material (CORE-80).

    Args:
        toll_material: which.
        movement: ``received``, ``used`` or ``returned``.
        quantity: how much.
        unit: what it is counted in.
        document: number of its document.
    """

    toll_material: str = field(validator=text)
    movement: MaterialMovement = field(validator=one_of("received", "used", "returned"))
    quantity: Decimal = field(validator=some_quantity)
    unit: str = field(validator=text)
    document: str | None = field(default=None, validator=text)


# ---------------------------------------------------------------- expenses and costs


@command("core.claim_expense")
class ClaimExpense(Command):
    """Claim a sales expense spent on this customer (CORE-31).

    Args:
        expense: number of the claim.
        amount: how much.
        purpose: what for.
        claimant: who claims it; the actor if not given.
        contract: the contract it was spent on.
    """

    expense: str = field(validator=documented)
    amount: Money = field(validator=some_money)
    purpose: str = field(validator=text)
    claimant: str | None = field(default=None, validator=text)
    contract: str | None = field(default=None, validator=text)


@command("core.review_expense")
class ReviewExpense(Command):
    """Review a claim; the actor reviews it (CORE-31).

    Args:
        expense: number of the claim.
        outcome: ``approved`` or ``refused``.
        reason: why, when refused.
    """

    expense: str
    outcome: ReviewOutcome = field(default="approved", validator=one_of("approved", "refused"))
    reason: str | None = field(default=None)


@command("core.pay_expense")
class PayExpense(Command):
    """Pay a reviewed expense (CORE-31).

    Args:
        expense: number of the claim.
    """

    expense: str


@command("core.record_cost")
class RecordCost(Command):
    """Record what the customer cost (CORE-54, CORE-57).

    Args:
        cost: ``direct``, or ``indirect`` for an allocated share.
        amount: how much.
        product: of which product.
        product_family: of which product family.
        since: first day of the period it is for; the day it counts from if not given.
        until: first day after that period.
        what: what it was.
    """

    cost: CostKind = field(validator=one_of("direct", "indirect"))
    amount: Money = field(validator=no_less_than_nothing)
    product: str | None = field(default=None, validator=text)
    product_family: str | None = field(default=None, validator=text)
    since: date | None = field(default=None)
    until: date | None = field(default=None)
    what: str | None = field(default=None, validator=text)


# ---------------------------------------------------------------- installed products


@command("core.install_product")
class InstallProduct(Command):
    """Install a product at the customer, or tell that it stands there (CORE-87).

    Args:
        serial: its serial number.
        product: what it is.
        site: where it stands.
        parts: serial numbers or names of its parts.
        warranty_until: last day of its warranty; from the product's months if not given.
        order: the order it came with.
        line: the line of that order.
    """

    serial: str = field(validator=text)
    product: str = field(validator=text)
    site: str | None = field(default=None, validator=text)
    parts: tuple[str, ...] = field(default=())
    warranty_until: date | None = field(default=None)
    order: str | None = field(default=None, validator=text)
    line: str | None = field(default=None, validator=text)


@command("core.replace_part")
class ReplacePart(Command):
    """Replace a part of an installed product (CORE-87).

    Args:
        serial: the product's serial number.
        old_part: what is taken out.
        new_part: what is put in.
    """

    serial: str
    old_part: str = field(validator=text)
    new_part: str = field(validator=text)


@command("core.remove_product")
class RemoveProduct(Command):
    """Note that a product no longer stands at the customer; its serial number is free again (CORE-87).

    Args:
        serial: its serial number.
        reason: why.
    """

    serial: str
    reason: str | None = field(default=None, validator=text)


COMMANDS = (
    SetCreditTerms,
    PlaceOrder,
    MoveOrderPromise,
    CancelOrder,
    ReleaseOrder,
    DeliverGoods,
    ReturnGoods,
    AcceptInstallation,
    ApproveFundedGoods,
    PlanInstalment,
    IssueInvoice,
    RecordReceipt,
    AllocateReceipt,
    ReverseReceipt,
    ReturnAdvance,
    WriteOffReceivable,
    NameCollector,
    ConfirmBalance,
    MoveTollMaterial,
    ClaimExpense,
    ReviewExpense,
    PayExpense,
    RecordCost,
    InstallProduct,
    ReplacePart,
    RemoveProduct,
)
