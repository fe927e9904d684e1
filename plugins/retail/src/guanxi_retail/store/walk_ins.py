"""What happens in a store on one day with people who are no member: receipts, refunds, visits, footfall."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

import attrs

from guanxi import Conflict, Facet, Fact, Invalid, Label, Now, Unknown
from guanxi_retail.purchases.events import ReturnedLine
from guanxi_retail.purchases.returns import is_covered, require_left, require_lines, require_sum, take_back
from guanxi_retail.store.commands import (
    CountFootfall,
    HandOverReceipt,
    RecordStoreReceipt,
    RecordWalkInVisit,
    RefundStoreReceipt,
)
from guanxi_retail.store.events import (
    FootfallCounted,
    StoreReceiptHandedOver,
    StoreReceiptRecorded,
    StoreReceiptRefunded,
    StoreVisitRecorded,
)
from guanxi_retail.store.rules import StoreRules
from guanxi_retail.store.streams import STORE_DAY, require_day_of


@attrs.define
class LineSold:
    """One line of a receipt and what of it came back."""

    net: Decimal
    paid: Decimal
    quantity: int
    refunded_net: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    returned: int = 0


@attrs.define
class WalkInSale:
    """A receipt without a member, as it was told, and what of it came back."""

    told: StoreReceiptRecorded
    at: datetime
    lines: dict[int, LineSold]
    handed_over: bool = False

    @property
    def refunded(self) -> bool:
        """Whether anything of it came back."""
        return any(line.refunded_net or line.returned for line in self.lines.values())


@attrs.define
class StoreDay:
    """A day in a store."""

    receipts: dict[str, WalkInSale] = attrs.field(factory=dict)
    refunds: set[str] = attrs.field(factory=set)
    visits: set[str] = attrs.field(factory=set)
    currencies: dict[str, int] = attrs.field(factory=dict)


store_day = Facet("retail.store_day", StoreDay, subject=STORE_DAY, title=Label("Day in a store", "门店日"))


@store_day.evolve
def _sold(s: StoreDay, e: StoreReceiptRecorded, at: datetime) -> None:
    lines = {line.number: LineSold(line.net, line.paid, line.quantity) for line in e.each_line}
    s.receipts[e.receipt] = WalkInSale(e, at, lines)
    s.currencies[e.paid.currency] = s.currencies.get(e.paid.currency, 0) + 1


@store_day.evolve
def _came_back(s: StoreDay, e: StoreReceiptRefunded) -> None:
    s.refunds.add(e.refund)
    if (sale := s.receipts.get(e.receipt)) is None:
        return
    for back in e.lines:
        if (line := sale.lines.get(back.number)) is not None:
            take_back(line, back)


@store_day.evolve
def _handed_over(s: StoreDay, e: StoreReceiptHandedOver) -> None:
    if (sale := s.receipts.get(e.receipt)) is not None:
        sale.handed_over = True


@store_day.evolve
def _visited(s: StoreDay, e: StoreVisitRecorded) -> None:
    s.visits.add(e.visit)


@store_day.decide
def _record(s: StoreDay, c: RecordStoreReceipt, now: Now) -> Iterator[Fact]:
    outlet = require_day_of(now.subject, now.at.date())
    _fresh(s.receipts, "receipt", "小票", c.receipt)
    if others := [one for one in s.currencies if one != c.paid.currency]:
        raise Invalid(
            "unit_mismatch",
            f"the day's receipts are in {others[0]}, not {c.paid.currency}",
            zh=f"当日小票币种为 {others[0]}，不是 {c.paid.currency}",
            rule="RET-IN-a",
            accepts=f"an amount in {others[0]}",
        )
    require_sum(c.lines, c.paid.amount)
    yield StoreReceiptRecorded(
        receipt=c.receipt,
        outlet=outlet,
        paid=c.paid,
        quantity=sum(line.quantity for line in c.lines) if c.lines else c.quantity,
        area=c.area,
        conditions=c.conditions,
        lines=c.lines,
        tenders=c.tenders,
        salesperson=c.salesperson,
        phone_given=c.phone_given,
    )


@store_day.decide
def _refund(s: StoreDay, c: RefundStoreReceipt, now: Now) -> Iterator[Fact]:
    sale = _of_nobody(s, c.receipt)
    _fresh(s.refunds, "refund", "退货", c.refund)
    lines = _returned(sale, c)
    for back in lines:
        require_left(sale.lines[back.number], back, now)
    yield StoreReceiptRefunded(refund=c.refund, receipt=c.receipt, paid=c.paid, lines=lines)


@store_day.decide
def _hand_over(s: StoreDay, c: HandOverReceipt, now: Now) -> Iterator[Fact]:
    sale = _of_nobody(s, c.receipt)
    if sale.told.paid != c.paid:
        raise Conflict(
            "source_conflict",
            f"on receipt {c.receipt} {sale.told.paid} was paid, not {c.paid}",
            zh=f"小票 {c.receipt} 实付 {sale.told.paid}，不是 {c.paid}",
            rule="RET-15",
            accepts="what the receipt says",
        )
    yield StoreReceiptHandedOver(receipt=c.receipt, lines=tuple(sale.lines), claimed_by=c.claimed_by)


@store_day.decide
def _visit(s: StoreDay, c: RecordWalkInVisit, now: Now) -> Iterator[Fact]:
    outlet = require_day_of(now.subject, now.at.date())
    _fresh(s.visits, "visit", "接待", c.visit)
    check_lost_reason(c.lost_reason, now)
    yield StoreVisitRecorded(
        visit=c.visit,
        outlet=outlet,
        received_by=c.received_by,
        role=c.role,
        outcome=c.outcome,
        lost_reason=c.lost_reason,
        contact_given=c.contact_given,
    )


@store_day.decide
def _count(s: StoreDay, c: CountFootfall, now: Now) -> Iterator[Fact]:
    yield FootfallCounted(
        outlet=require_day_of(now.subject, c.begins.astimezone(now.at.tzinfo).date()),
        entrance=c.entrance,
        begins=c.begins,
        ends=c.ends,
        persons=c.persons,
    )


@store_day.holds("RET-57", "without_ground")
def _handed_over_what_was_made(s: StoreDay, e: StoreReceiptHandedOver) -> bool:
    return e.receipt in s.receipts


@store_day.holds("RET-IN-i", "exceeds_original")
def _not_more_than_was_sold(s: StoreDay, e: StoreReceiptRefunded) -> bool:
    sale = s.receipts.get(e.receipt)
    return sale is not None and all(
        back.number in sale.lines and is_covered(sale.lines[back.number]) for back in e.lines
    )


def check_lost_reason(reason: str | None, now: Now) -> None:
    """Refuse a reason that the store's rules do not name (RET-34).

    Raises:
        Unknown: ``unknown_code``.
    """
    known = now.rules(StoreRules).lost_reasons
    if reason is not None and reason not in known:
        raise Unknown(
            "unknown_code",
            f"{reason!r} is no reason why a visit ends without a purchase",
            zh=f"{reason!r} 不是未成交原因",
            rule="RET-34",
            accepts=", ".join(known),
        )


def _of_nobody(s: StoreDay, receipt: str) -> WalkInSale:
    sale = s.receipts.get(receipt)
    if sale is None:
        raise Unknown(
            "unknown_receipt",
            f"no receipt {receipt} without a member was made that day",
            zh=f"当日没有未登记会员的小票 {receipt}",
            rule="RET-IN-b",
            accepts=", ".join(s.receipts)
            or 'a receipt on record, told to the record of the day of its sale: day_stream("S1", day)',
        )
    if sale.handed_over:
        raise Conflict(
            "source_conflict",
            f"receipt {receipt} is a member's already",
            zh=f"小票 {receipt} 已归会员",
            rule="RET-15",
            accepts="another receipt, or a refund in the member's file",
        )
    return sale


def _returned(sale: WalkInSale, c: RefundStoreReceipt) -> tuple[ReturnedLine, ...]:
    require_lines(c.receipt, sale.lines, c.lines, c.paid.amount)
    if c.lines:
        return c.lines
    (number,) = sale.lines
    paid = c.paid.amount
    return (ReturnedLine(number=number, quantity=c.quantity, net=paid, paid=paid),)


def _fresh(known: Collection[str] | Mapping[str, object], what: str, zh: str, number: str) -> None:
    if number in known:
        raise Conflict(
            "source_conflict",
            f"{what} {number} is on record that day",
            zh=f"当日{zh} {number} 已登记",
            rule="RET-06",
            accepts="another number, or a correction of the first entry",
        )
