"""What holds an order or contract, and what lets it go: credit, term, old arrears (CORE-29, CORE-30)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import NotPermitted
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Due, Event, Fact, due
from guanxi.kernel.standard import StreamLinked, StreamUnlinked
from guanxi.kernel.times import TICK
from guanxi.relationship.dealings.commands import ReleaseOrder
from guanxi.relationship.dealings.credit import Credit, credit
from guanxi.relationship.dealings.events import (
    AdvanceReturned,
    CreditTermsSet,
    GoodsDelivered,
    GoodsReturned,
    HeldKind,
    HoldCause,
    InstallationAccepted,
    InstalmentPlanned,
    InvoiceIssued,
    OrderCancelled,
    OrderHeld,
    OrderPlaced,
    OrderReleaseApproved,
    OrderReleased,
    ReceiptAllocated,
    ReceiptRecorded,
    ReceiptReversed,
    ReceivableWrittenOff,
)
from guanxi.relationship.dealings.exposure import exposure
from guanxi.relationship.dealings.orders import Order, Orders, orders
from guanxi.relationship.dealings.receivables import Receivables, receivables
from guanxi.relationship.dealings.refusing import demand, reason_given, unknown
from guanxi.relationship.dealings.rules import ArrearsRules
from guanxi.relationship.dealings.values import NOTHING
from guanxi.relationship.pipeline.events import ContractSigned
from guanxi.relationship.retracing import Retracing


@attrs.frozen
class Ground:
    """Why something is held: what was compared with what."""

    cause: HoldCause
    value: str
    threshold: str


@attrs.define
class Holding:
    """Nothing but what is needed to judge anew when another file no longer shows: what is held stands with the orders."""

    _told: list[tuple[Event, datetime]] = attrs.field(factory=list)
    _linked: set[str] = attrs.field(factory=set)

    def tell(self, event: Event, at: datetime) -> None:
        """Keep what holds or lets go."""
        self._told.append((event, at))

    def told(self) -> Iterator[tuple[Event, datetime]]:
        """Yield what held or let go so far, each with its moment."""
        yield from self._told

    def show(self, e: StreamLinked | StreamUnlinked) -> None:
        """Note which other files show in this one."""
        if isinstance(e, StreamLinked):
            self._linked.add(e.other)
        else:
            self._linked.discard(e.other)

    @property
    def shows_others(self) -> bool:
        """Whether any other file shows in this one."""
        return bool(self._linked)


@due("core.holds_come_together")
class HoldsComeTogether(Due):
    """Another file's orders and receivables show in this one."""


@due("core.holds_part")
class HoldsPart(Due):
    """Another file's orders and receivables show in this one no longer."""


holding = Facet(
    "core.holding", Holding, reads=(orders, receivables, credit), title=Label("Held orders", "扣留订单")
)


@holding.evolve
def _told(
    s: Holding,
    e: CreditTermsSet
    | OrderPlaced
    | OrderCancelled
    | OrderReleaseApproved
    | GoodsDelivered
    | GoodsReturned
    | InstallationAccepted
    | ContractSigned
    | InstalmentPlanned
    | InvoiceIssued
    | ReceiptRecorded
    | ReceiptAllocated
    | ReceiptReversed
    | AdvanceReturned
    | ReceivableWrittenOff,
    at: datetime,
) -> None:
    s.tell(e, at)


@holding.evolve
def _shown(s: Holding, e: StreamLinked | StreamUnlinked) -> None:
    s.show(e)


@holding.due
def _together(s: Holding, e: StreamLinked | StreamUnlinked, now: Now) -> Iterator[tuple[datetime, Due]]:
    # What a link brings or takes away shows just after the link itself.
    yield now.at + TICK, HoldsComeTogether() if isinstance(e, StreamLinked) else HoldsPart()


def _arrears(now: Now) -> Iterator[Ground]:
    """Yield the ground when old receivables are overdue (CORE-30)."""
    rules = now.rules(ArrearsRules)
    overdue = now.of(Receivables).overdue(now.at.date(), rules.arrears_grace_days)
    for currency, amount in sorted(overdue.items()):
        if amount >= rules.arrears_min:
            yield Ground("arrears_open", f"{amount} {currency}", str(rules.arrears_min))
            return


def _credit(order: Order, now: Now, released: tuple[str, ...] = ()) -> Iterator[Ground]:
    """Yield the grounds by limit and term for an order on credit, as if it and some others were released (CORE-29)."""
    if not order.credit:
        return
    terms = now.of(Credit).on(now.at.date(), order.currency)
    going = (*released, order.number)
    there = exposure(now.of(Orders), now.of(Receivables), order.currency, released=going)
    limit = NOTHING if terms is None else terms.limit
    if terms is None or there > limit:
        yield Ground("credit_exceeded", f"{there} {order.currency}", f"{limit} {order.currency}")
    if terms is not None and order.term_days is not None and order.term_days > terms.term_days:
        yield Ground("term_exceeded", str(order.term_days), str(terms.term_days))


def grounds(order: Order, now: Now) -> list[Ground]:
    """Return why a new order is to be held."""
    return [*_credit(order, now), *_arrears(now)]


@holding.react("CORE-29")
def _over_credit(s: Holding, e: OrderPlaced, now: Now) -> Iterator[Decision]:
    for ground in _credit(now.of(Orders).orders[e.order], now):
        yield OrderHeld(order=e.order, cause=ground.cause, value=ground.value, threshold=ground.threshold)


@holding.react("CORE-30")
def _in_arrears(s: Holding, e: OrderPlaced | ContractSigned, now: Now) -> Iterator[Decision]:
    for ground in _arrears(now):
        number, kind = (e.order, "order") if isinstance(e, OrderPlaced) else (e.contract, "contract")
        yield OrderHeld(
            order=number,
            cause=ground.cause,
            kind="order" if kind == "order" else "contract",
            value=ground.value,
            threshold=ground.threshold,
        )


# ---------------------------------------------------------------- letting go


@holding.react("CORE-29")
def _approved(s: Holding, e: OrderReleaseApproved, now: Now) -> Iterator[Decision]:
    state = now.of(Orders)
    order = state.orders.get(e.order)
    held = state.held_contracts.get(e.order, {}) if e.kind == "contract" else order.held if order else {}
    for cause in held:
        yield OrderReleased(
            order=e.order, cause=_cause(cause), kind=e.kind, ground="approved", releaser=e.releaser
        )


@holding.react("CORE-29")
def _within_credit(
    s: Holding,
    e: OrderHeld
    | HoldsComeTogether
    | CreditTermsSet
    | OrderCancelled
    | GoodsReturned
    | ReceiptRecorded
    | ReceiptAllocated
    | ReceivableWrittenOff,
    now: Now,
) -> Iterator[Decision]:
    state = now.of(Orders)
    in_arrears = bool(list(_arrears(now)))
    # What only old arrears held goes on at the same moment, and counts before what limit and term hold.
    released = tuple(
        order.number
        for order in state.orders.values()
        if not in_arrears and set(state.held(order)) == {"arrears_open"}
    )
    for order in state.orders.values():
        held = [c for c in order.held if c != "arrears_open"]
        if not held or (order.credit and now.of(Credit).on(now.at.date(), order.currency) is None):
            continue  # terms that have run out bear nothing
        grounds = [g.cause for g in _credit(order, now, released)]
        gone = [c for c in held if c not in grounds]
        for cause in gone:
            yield OrderReleased(order=order.number, cause=_cause(cause), receipt=_receipt(e))
        if len(gone) == len(held) and not (in_arrears and "arrears_open" in state.held(order)):
            released = (*released, order.number)


@holding.react("CORE-30")
def _nothing_overdue(
    s: Holding,
    e: OrderHeld
    | HoldsComeTogether
    | ReceiptRecorded
    | ReceiptAllocated
    | ReceivableWrittenOff
    | AdvanceReturned,
    now: Now,
) -> Iterator[Decision]:
    state = now.of(Orders)
    waiting = [order.number for order in state.orders.values() if "arrears_open" in order.held]
    contracts = [number for number, held in state.held_contracts.items() if "arrears_open" in held]
    if not (waiting or contracts) or list(_arrears(now)):
        return
    book = now.of(Receivables)
    # A hold that stands although nothing was overdue lost its ground by a receipt that came in late.
    paid = book.last_receipt if isinstance(e, OrderHeld) and not book.overdue(now.at.date()) else _receipt(e)
    for number in waiting:
        yield OrderReleased(order=number, cause="arrears_open", receipt=paid)
    for number in contracts:
        yield OrderReleased(order=number, cause="arrears_open", kind="contract", receipt=paid)


@holding.react("CORE-13")
def _parts(s: Holding, d: HoldsPart, now: Now) -> Iterator[Decision]:
    """Hold and let go as if no other file had ever shown in this one."""
    if s.shows_others:
        return
    retracing = Retracing(now, holding, orders, receivables, credit)
    for event, at in s.told():
        retracing.take(event, at)
    retracing.draw(HoldsComeTogether(), now.at)
    held = {(e.kind, e.order, e.cause): e for e in retracing.drawn if isinstance(e, OrderHeld)}
    here, alone = _held_in(now.of(Orders)), _held_in(retracing.of(Orders))
    for kind, number, cause in here:
        if (kind, number, cause) not in alone:
            yield OrderReleased(order=number, cause=cause, kind=kind)
    for key in alone:
        if key not in here:
            yield held[key]


def _held_in(state: Orders) -> list[tuple[HeldKind, str, HoldCause]]:
    """Return what is held and why."""
    found: list[tuple[HeldKind, str, HoldCause]] = [
        ("order", order.number, _cause(c)) for order in state.orders.values() for c in order.held
    ]
    return found + [("contract", n, _cause(c)) for n, held in state.held_contracts.items() for c in held]


_CAUSES: dict[str, HoldCause] = {
    "credit_exceeded": "credit_exceeded",
    "term_exceeded": "term_exceeded",
    "arrears_open": "arrears_open",
}


def _cause(code: str) -> HoldCause:
    return _CAUSES[code]


def _receipt(e: object) -> str | None:
    return e.receipt if isinstance(e, ReceiptRecorded | ReceiptAllocated) else None


@holding.decide
def _release(s: Holding, c: ReleaseOrder, now: Now) -> Iterator[Fact]:
    state, book = now.of(Orders), now.of(Receivables)
    order = state.orders.get(c.order)
    held = state.held_contracts.get(c.order) if c.kind == "contract" else order.held if order else None
    if not held:
        raise unknown(
            f"held {c.kind}", "扣留的订单" if c.kind == "order" else "扣留的合同", c.order, "CORE-29"
        )
    seller = order.seller if c.kind == "order" and order is not None else None
    demand(
        now,
        now.actor != (seller or book.maintainer),
        NotPermitted,
        "approver_conflict",
        "CORE-29",
        "the seller cannot release his own order",
        zh="销售人员不能放行自己的订单",
        accepts="an approver other than the seller",
    )
    reason_given(now, c.reason, "CORE-29")
    yield OrderReleaseApproved(order=c.order, releaser=now.actor, kind=c.kind, reason=c.reason)
