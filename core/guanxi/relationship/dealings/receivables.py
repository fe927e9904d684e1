"""Receivables and receipts: plans, invoices, money in, what it covers, what is given up and who collects (CORE-31, CORE-32, CORE-80)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from guanxi.kernel.errors import Conflict, Invalid, NotPermitted, RuleNotMet
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Event, Fact
from guanxi.kernel.values import Money
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.dealings.book import Book, Invoice
from guanxi.relationship.dealings.commands import (
    AllocateReceipt,
    ConfirmBalance,
    IssueInvoice,
    NameCollector,
    PlanInstalment,
    RecordReceipt,
    ReturnAdvance,
    ReverseReceipt,
    WriteOffReceivable,
)
from guanxi.relationship.dealings.credit import Credit, credit
from guanxi.relationship.dealings.events import (
    AdvanceReturned,
    BalanceConfirmed,
    CollectorNamed,
    InstalmentPlanned,
    InvoiceIssued,
    ReceiptAllocated,
    ReceiptRecorded,
    ReceiptReversed,
    ReceivableWrittenOff,
)
from guanxi.relationship.dealings.orders import Orders, orders
from guanxi.relationship.dealings.refusing import demand, reason_given, taken, unknown
from guanxi.relationship.ownership.events import (
    MaintainerChange,
    maintainer_after,
)

RECEIVABLE = ("receivable", "应收款")
RECEIPT = ("receipt", "回款")


def enter(book: Book, e: Event) -> None:
    """Enter an event into a book."""
    match e:
        case InstalmentPlanned():
            book.plan(e.receivable, e.due_on, e.amount.amount, e.amount.currency, e.contract)
        case InvoiceIssued():
            book.bill(invoice_of(e), e.due_on)
        case ReceiptRecorded():
            book.receive(e.receipt, e.amount.amount, e.amount.currency, e.earmarked_for)
        case ReceiptAllocated():
            book.allocate(e.receipt, e.receivable, e.amount.amount)
        case ReceiptReversed():
            book.reverse(e.receipt)
        case AdvanceReturned():
            book.give_back(e.amount.amount, e.amount.currency, e.receipt)
        case ReceivableWrittenOff():
            book.write_off(e.receivable, e.amount.amount)


def invoice_of(e: InvoiceIssued) -> Invoice:
    """Return an invoice as the book keeps it."""
    return Invoice(
        e.invoice,
        e.bills or e.invoice,
        e.contract,
        e.order,
        e.amount.amount,
        e.amount.currency,
        tuple((line.line, line.amount.amount) for line in e.lines),
    )


@attrs.define
class Receivables(Book):
    """The customer's book, who collects what, and who answers for him."""

    collectors: dict[str, str] = attrs.field(factory=dict)
    collector: str | None = None
    maintainer: str | None = None
    last_receipt: str | None = None

    def collector_of(self, receivable: str) -> str | None:
        """Return who is named to collect a receivable."""
        return self.collectors.get(receivable, self.collector)


receivables = Facet(
    "core.receivables",
    Receivables,
    reads=(orders, credit),
    title=Label("Receivables and receipts", "应收与回款"),
)


@receivables.evolve
def _entered(
    s: Receivables,
    e: InstalmentPlanned
    | InvoiceIssued
    | ReceiptRecorded
    | ReceiptAllocated
    | ReceiptReversed
    | AdvanceReturned
    | ReceivableWrittenOff,
) -> None:
    enter(s, e)
    if isinstance(e, ReceiptRecorded):
        s.last_receipt = e.receipt


@receivables.evolve
def _collector(s: Receivables, e: CollectorNamed) -> None:
    if e.receivable is None:
        s.collector = e.person
    else:
        s.collectors[e.receivable] = e.person


@receivables.evolve
def _maintainer(s: Receivables, e: MaintainerChange) -> None:
    s.maintainer = maintainer_after(e)


# ---------------------------------------------------------------- what may be entered


@receivables.decide
def _plan(s: Receivables, c: PlanInstalment, now: Now) -> Iterator[Fact]:
    planned = InstalmentPlanned(
        contract=c.contract, instalment=c.instalment, due_on=c.due_on, amount=c.amount
    )
    if planned.receivable in s.receivables:
        raise taken("instalment", "分期", planned.receivable, "CORE-32")
    yield planned


@receivables.decide
def _invoice(s: Receivables, c: IssueInvoice, now: Now) -> Iterator[Fact]:
    if c.invoice in s.invoices or c.invoice in s.receivables:
        raise taken("invoice", "发票", c.invoice, "CORE-32")
    order = now.of(Orders).orders.get(c.order) if c.order is not None else None
    if c.order is not None and order is None:
        raise unknown("order", "订单", c.order, "CORE-31")
    for line in c.lines:
        if order is None or line.line not in order.lines:
            raise unknown("order line", "订单行", line.line, "CORE-31")
    if order is not None:
        _same_currency(order.currency, c.amount)
    contract = c.contract or (order.contract if order is not None else None)
    if c.instalment is not None:
        billed = s.receivables.get(f"{contract}/{c.instalment}")
        if billed is None:
            raise unknown("instalment", "分期", f"{contract}/{c.instalment}", "CORE-32")
        _same_currency(billed.currency, c.amount)
    yield InvoiceIssued(
        invoice=c.invoice,
        amount=c.amount,
        due_on=c.due_on or _due(s, c, contract, now),
        contract=contract,
        order=c.order,
        instalment=c.instalment,
        lines=c.lines,
    )


def _due(s: Receivables, c: IssueInvoice, contract: str | None, now: Now) -> date:
    """Return the last day for payment: the instalment's, or by the order's term, else by the customer's (CORE-29)."""
    if c.instalment is not None:
        return s.receivables[f"{contract}/{c.instalment}"].due_on
    day = now.at.date()
    order = now.of(Orders).orders.get(c.order or "")
    if order is not None and not order.credit:
        return day
    days = None if order is None else order.term_days
    if days is None:
        terms = now.of(Credit).on(day, c.amount.currency)
        days = 0 if terms is None else terms.term_days
    return day if not days else now.rules(CalendarRules).days(day, days).last_day


@receivables.decide
def _receive(s: Receivables, c: RecordReceipt, now: Now) -> Iterator[Fact]:
    if c.receipt in s.receipts:
        raise taken(*RECEIPT, c.receipt, "CORE-32")
    yield ReceiptRecorded(
        receipt=c.receipt, amount=c.amount, payer=c.payer, purpose=c.purpose, earmarked_for=c.earmarked_for
    )
    if c.receivable is not None:
        _may_cover(s, c.receivable, c.amount, c.earmarked_for, now)
        yield ReceiptAllocated(receipt=c.receipt, receivable=c.receivable, amount=c.amount)


@receivables.decide
def _allocate(s: Receivables, c: AllocateReceipt, now: Now) -> Iterator[Fact]:
    paid = s.receipts.get(c.receipt)
    if paid is None:
        raise unknown(*RECEIPT, c.receipt, "CORE-32")
    _may_cover(s, c.receivable, c.amount, paid.earmark, now)
    _same_currency(paid.currency, c.amount)
    left = paid.amount - paid.returned - sum(paid.stated.values())
    now.require(
        c.amount.amount <= left,
        "quantity_exceeded",
        "CORE-32",
        f"{left} of receipt {c.receipt} is not stated to be for something yet",
        zh=f"回款 {c.receipt} 未指定用途的余额为 {left}",
        accepts=f"at most {left}",
    )
    yield ReceiptAllocated(receipt=c.receipt, receivable=c.receivable, amount=c.amount)


def _may_cover(s: Receivables, receivable: str, amount: Money, earmark: str | None, now: Now) -> None:
    item = s.receivables.get(receivable)
    if item is None:
        raise unknown(*RECEIVABLE, receivable, "CORE-32")
    _same_currency(item.currency, amount)
    demand(
        now,
        item.serves(earmark),
        RuleNotMet,
        "earmark_broken",
        "CORE-31",
        f"the receipt is for {earmark} only",
        zh=f"该款项专用于 {earmark}",
        accepts=f"a receivable of {earmark}",
    )


def _same_currency(currency: str, amount: Money) -> None:
    if amount.currency != currency:
        raise Invalid(
            "unit_mismatch",
            f"it is in {currency}, not {amount.currency}",
            zh=f"币种为 {currency}，不是 {amount.currency}",
            rule="CORE-32",
            accepts=f"an amount in {currency}",
        )


@receivables.decide
def _reverse(s: Receivables, c: ReverseReceipt, now: Now) -> Iterator[Fact]:
    if c.receipt not in s.receipts:
        raise unknown(*RECEIPT, c.receipt, "CORE-32")
    if not s.receipts[c.receipt].amount:
        raise Conflict(
            "source_conflict",
            f"receipt {c.receipt} is reversed already",
            zh=f"回款 {c.receipt} 已冲回",
            rule="CORE-32",
            accepts="a receipt that stands",
        )
    reason_given(now, c.reason, "CORE-32")
    yield ReceiptReversed(receipt=c.receipt, reason=c.reason)


@receivables.decide
def _give_back(s: Receivables, c: ReturnAdvance, now: Now) -> Iterator[Fact]:
    if c.receipt is not None and c.receipt not in s.receipts:
        raise unknown(*RECEIPT, c.receipt, "CORE-80")
    there = s.receipts[c.receipt].advance if c.receipt else s.advance(c.amount.currency)
    now.require(
        c.amount.amount <= there,
        "quantity_exceeded",
        "CORE-80",
        f"only {there} was paid ahead",
        zh=f"预收款仅 {there}",
        accepts=f"at most {there}",
    )
    yield AdvanceReturned(amount=c.amount, receipt=c.receipt)


@receivables.decide
def _write_off(s: Receivables, c: WriteOffReceivable, now: Now) -> Iterator[Fact]:
    item = s.receivables.get(c.receivable)
    if item is None or item.open <= 0:
        raise unknown("open receivable", "未收款项", c.receivable, "CORE-80")
    demand(
        now,
        now.actor not in (s.maintainer, s.collector_of(c.receivable)),
        NotPermitted,
        "approver_conflict",
        "CORE-80",
        "maintainer and collector cannot approve that it is written off",
        zh="维护人与清欠责任人不能批准核销",
        accepts="an approver who is neither maintainer nor collector",
    )
    reason_given(now, c.reason, "CORE-80")
    amount = c.amount or Money(item.open, item.currency)
    _same_currency(item.currency, amount)
    now.require(
        amount.amount <= item.open,
        "quantity_exceeded",
        "CORE-80",
        f"only {item.open} is open",
        zh=f"未收仅 {item.open}",
        accepts=f"at most {item.open}",
    )
    yield ReceivableWrittenOff(receivable=c.receivable, amount=amount, approver=now.actor, reason=c.reason)


@receivables.decide
def _name(s: Receivables, c: NameCollector, now: Now) -> Iterator[Fact]:
    if c.receivable is not None and c.receivable not in s.receivables:
        raise unknown(*RECEIVABLE, c.receivable, "CORE-80")
    yield CollectorNamed(person=c.person, receivable=c.receivable)


@receivables.decide
def _confirm(s: Receivables, c: ConfirmBalance, now: Now) -> Iterator[Fact]:
    if c.as_of > now.at.date():
        raise Invalid(
            "future_dated",
            f"{c.as_of} has not come yet",
            zh=f"{c.as_of} 尚未到来",
            rule="CORE-80",
            accepts="a day that is over",
        )
    yield BalanceConfirmed(
        as_of=c.as_of, advances=c.advances, receivables=c.receivables, confirmed_by=c.confirmed_by
    )
