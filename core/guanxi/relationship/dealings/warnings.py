"""Early warning: receivables falling due or overdue, exposure near its limit, contracts about to end (CORE-33)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Due, due
from guanxi.kernel.standard import DecisionEnded, StreamLinked, StreamUnlinked
from guanxi.kernel.times import TICK, midnight
from guanxi.relationship.dealings.credit import Credit, credit
from guanxi.relationship.dealings.events import (
    AdvanceReturned,
    CreditTermsSet,
    GoodsDelivered,
    GoodsReturned,
    InstalmentPlanned,
    InvoiceIssued,
    OrderCancelled,
    OrderHeld,
    OrderPlaced,
    OrderReleased,
    ReceiptAllocated,
    ReceiptRecorded,
    ReceiptReversed,
    ReceivableWrittenOff,
    WarningCleared,
    WarningRaised,
)
from guanxi.relationship.dealings.exposure import exposure
from guanxi.relationship.dealings.holding import grounds
from guanxi.relationship.dealings.orders import Orders, orders
from guanxi.relationship.dealings.receivables import Receivables, receivables
from guanxi.relationship.dealings.rules import WarningRules
from guanxi.relationship.grading.events import ClassStated, GradeOverridden, GradeSet
from guanxi.relationship.grading.importance import Importance, importance
from guanxi.relationship.pipeline.events import ContractAmended, ContractEnded, ContractSigned

DUE_SOON, OVERDUE, NEAR_LIMIT, OVER_LIMIT, CONTRACT_ENDS = (
    "due_soon",
    "overdue",
    "exposure_near_limit",
    "exposure_over_limit",
    "contract_ends",
)
KINDS = (DUE_SOON, OVERDUE, NEAR_LIMIT, OVER_LIMIT, CONTRACT_ENDS)
"""Kinds of warnings that this room draws; other rooms draw kinds of their own by the same events."""


@due("core.warning_line_reached")
class WarningLineReached(Due):
    """A day has come from which something may have to be warned of, or no longer."""

    about: str


@due("core.books_come_together")
class BooksComeTogether(Due):
    """Another file's orders and receivables show in this one, or no longer do."""


@attrs.define
class Warnings:
    """The warnings in force, and what they are drawn from besides the books."""

    raised: dict[tuple[str, str], None] = attrs.field(factory=dict)
    contract_ends: dict[str, date] = attrs.field(factory=dict)

    def of_kind(self, kind: str) -> list[str]:
        """Return the causes that are warned of now, of one kind."""
        return [cause for k, cause in self.raised if k == kind]


warnings = Facet(
    "core.warnings",
    Warnings,
    reads=(orders, receivables, credit, importance),
    title=Label("Early warnings", "预警"),
)


@warnings.evolve
def _warned(s: Warnings, e: WarningRaised | WarningCleared) -> None:
    if isinstance(e, WarningRaised):
        s.raised[e.kind, e.cause] = None
    else:
        s.raised.pop((e.kind, e.cause), None)


@warnings.evolve
def _contract(s: Warnings, e: ContractSigned | ContractAmended | ContractEnded) -> None:
    if isinstance(e, ContractEnded):
        s.contract_ends.pop(e.contract, None)
    elif e.ends_on is not None:
        s.contract_ends[e.contract] = e.ends_on


# ---------------------------------------------------------------- when a line is reached


@warnings.due
def _receivable_lines(
    s: Warnings, e: InstalmentPlanned | InvoiceIssued, now: Now
) -> Iterator[tuple[datetime, Due]]:
    number = e.receivable if isinstance(e, InstalmentPlanned) else e.bills or e.invoice
    rules = now.rules(WarningRules)
    # The risk mark may be another by then, so that every line that there is may be the one that counts.
    ahead = {rules.due_soon_days, *rules.due_soon_days_by_mark.values()}
    lines = (e.due_on - timedelta(days=n) for n in sorted(ahead, reverse=True))
    for day in (*lines, e.due_on + timedelta(days=rules.overdue_days)):
        yield midnight(day, now.at.tzinfo), WarningLineReached(about=number)


@warnings.due
def _contract_lines(
    s: Warnings, e: ContractSigned | ContractAmended, now: Now
) -> Iterator[tuple[datetime, Due]]:
    if e.ends_on is not None:
        first = e.ends_on - timedelta(days=now.rules(WarningRules).contract_end_days)
        for day in (first, e.ends_on + timedelta(days=1)):
            yield midnight(day, now.at.tzinfo), WarningLineReached(about=e.contract)


@warnings.due
def _terms_lines(s: Warnings, e: CreditTermsSet, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.valid_until is not None:
        yield (
            midnight(e.valid_until + timedelta(days=1), now.at.tzinfo),
            WarningLineReached(about=e.limit.currency),
        )


@warnings.due
def _mark_lines(s: Warnings, e: ClassStated | GradeOverridden, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.scheme != now.rules(WarningRules).mark_scheme:
        return
    if isinstance(e, ClassStated) and e.since > now.at.date():
        yield midnight(e.since, now.at.tzinfo), WarningLineReached(about=e.scheme)
    if e.until is not None:
        yield midnight(e.until + timedelta(days=1), now.at.tzinfo), WarningLineReached(about=e.scheme)


@warnings.due
def _together(s: Warnings, e: StreamLinked | StreamUnlinked, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield (
        now.at + TICK,
        BooksComeTogether(),
    )  # what a link brings or takes away shows just after the link itself


# ---------------------------------------------------------------- what is to be warned of


def _wanted(s: Warnings, now: Now) -> Iterator[WarningRaised]:
    """Yield every warning that there is ground for at this moment."""
    rules, day, book = now.rules(WarningRules), now.at.date(), now.of(Receivables)
    mark = now.of(Importance).in_force(rules.mark_scheme, day) or ""
    soon = rules.soon(mark)
    for item in book.open_items():
        days = (day - item.due_on).days
        if days >= rules.overdue_days:
            yield WarningRaised(
                kind=OVERDUE, cause=item.number, value=str(days), threshold=str(rules.overdue_days)
            )
        elif -soon <= days <= 0:
            yield WarningRaised(kind=DUE_SOON, cause=item.number, value=str(-days), threshold=str(soon))
    for currency in now.of(Credit).terms:
        terms = now.of(Credit).on(day, currency)
        if terms is None:
            continue
        there = exposure(now.of(Orders), book, currency)
        line = rules.exposure_line(terms.limit, mark)
        if there >= line and there > 0:
            yield WarningRaised(kind=NEAR_LIMIT, cause=currency, value=str(there), threshold=str(line))
        if there > terms.limit:
            yield WarningRaised(kind=OVER_LIMIT, cause=currency, value=str(there), threshold=str(terms.limit))
    for contract, ends in s.contract_ends.items():
        left = (ends - day).days
        if 0 <= left <= rules.contract_end_days:
            yield WarningRaised(
                kind=CONTRACT_ENDS,
                cause=contract,
                value=str(left),
                threshold=str(rules.contract_end_days),
            )


@warnings.react("CORE-33")
def _review(
    s: Warnings,
    e: WarningLineReached
    | BooksComeTogether
    | InstalmentPlanned
    | InvoiceIssued
    | ReceiptRecorded
    | ReceiptAllocated
    | ReceiptReversed
    | AdvanceReturned
    | ReceivableWrittenOff
    | CreditTermsSet
    | OrderPlaced
    | OrderCancelled
    | OrderHeld
    | OrderReleased
    | DecisionEnded
    | GoodsDelivered
    | GoodsReturned
    | ContractSigned
    | ContractAmended
    | ContractEnded
    | GradeSet
    | GradeOverridden
    | ClassStated,
    now: Now,
) -> Iterator[Decision]:
    """Compare the warnings that there is ground for with those in force: raise once, clear when the cause is gone."""
    if isinstance(e, OrderPlaced) and grounds(now.of(Orders).orders[e.order], now):
        return  # it is about to be held, and is no exposure then
    wanted = {(w.kind, w.cause): w for w in _wanted(s, now)}
    for kind, cause in list(s.raised):
        if kind in KINDS and (kind, cause) not in wanted:
            yield WarningCleared(kind=kind, cause=cause)
    for key, warning in wanted.items():
        if key not in s.raised:
            yield warning
