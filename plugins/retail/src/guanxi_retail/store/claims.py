"""A receipt that was made without a card and is shown later: it counts as the member's from its own day (RET-15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi import (
    TICK,
    Conflict,
    Decision,
    Due,
    Facet,
    Fact,
    Label,
    Ledger,
    Now,
    Outcome,
    RuleNotMet,
    To,
    Unknown,
)
from guanxi_retail.points.rules import PointsRules
from guanxi_retail.promotions.events import ActStands, PartMissing
from guanxi_retail.purchases.events import PurchaseRecorded
from guanxi_retail.purchases.purchases import Purchases, purchases
from guanxi_retail.store.commands import ClaimReceipt, HandOverReceipt
from guanxi_retail.store.events import ReceiptClaimed
from guanxi_retail.store.streams import day_stream
from guanxi_retail.store.walk_ins import StoreDay


@attrs.define
class ClaimedReceipts:
    """Which of a member's receipts were shown later, and when."""

    shown_on: dict[str, date] = attrs.field(factory=dict)


claimed_receipts = Facet(
    "retail.claimed_receipts",
    ClaimedReceipts,
    reads=(purchases,),
    title=Label("Receipts shown later", "补登小票"),
)


@claimed_receipts.evolve
def _shown(s: ClaimedReceipts, e: ReceiptClaimed) -> None:
    s.shown_on[e.receipt] = e.shown_on


@claimed_receipts.due
def _has_to_stand(s: ClaimedReceipts, e: ReceiptClaimed, now: Now) -> Iterator[tuple[datetime, Due]]:
    # Behind the purchase, which comes after the claim.
    yield now.at + TICK, ActStands(act="claim", number=e.receipt)


@claimed_receipts.react("RET-57")
def _purchase_is_missing(s: ClaimedReceipts, due: ActStands, now: Now) -> Iterator[Decision]:
    """Flag a claim whose purchase was voided alone: the store has handed the receipt over, and it counts nowhere."""
    sale = now.of(Purchases).sales.get(due.number)
    if due.act == "claim" and (sale is None or sale.at != now.at - TICK):
        yield PartMissing(act="claim", number=due.number)


@claimed_receipts.decide
def _claim(s: ClaimedReceipts, c: ClaimReceipt, now: Now) -> Iterator[Fact | To]:
    if c.receipt in now.of(Purchases).sales:
        raise Conflict(
            "source_conflict",
            f"receipt {c.receipt} is on record",
            zh=f"小票 {c.receipt} 已登记",
            rule="RET-15",
            accepts="a receipt that is nobody's yet",
        )
    day, days = now.at.date(), now.rules(PointsRules).claim_days
    shown_on = c.shown_on or now.known.astimezone(now.at.tzinfo).date()
    now.require(
        (shown_on - day).days <= days,
        "claim_expired",
        "RET-15",
        f"the receipt of {day} is shown on {shown_on}",
        zh=f"{day} 的小票于 {shown_on} 出示",
        accepts=f"a receipt at most {days} days old",
    )
    yield ReceiptClaimed(
        receipt=c.receipt,
        outlet=c.outlet,
        shown_on=shown_on,
        phone_given=c.phone_given,
        card=c.card,
        proof=c.proof,
    )
    yield PurchaseRecorded(
        receipt=c.receipt,
        paid=c.paid,
        quantity=c.quantity,
        area=c.area,
        outlet=c.outlet,
        conditions=c.conditions,
        lines=c.lines,
        tenders=c.tenders,
        salesperson=c.salesperson,
        card=c.card,
    )
    yield To(
        day_stream(c.outlet, day), HandOverReceipt(receipt=c.receipt, paid=c.paid, claimed_by=now.stream)
    )


def claim_receipt(
    ledger: Ledger,
    member: str,
    receipt: str,
    *,
    outlet: str,
    day: date,
    actor: str,
    card: str | None = None,
    proof: str | None = None,
    reason: str = "receipt shown later",
) -> Outcome:
    """Have a receipt that was made without a card count as a member's, dated its own moment (RET-15).

    Args:
        ledger: where it is recorded.
        member: whose it is.
        receipt: its number.
        outlet: the store that made it.
        day: the day it was made.
        actor: who enters it.
        card: the card that is shown with it.
        proof: what proves that it is the member's.
        reason: why it is entered now.

    Raises:
        Unknown: ``unknown_receipt``; that store made no such receipt without a member that day.
        RuleNotMet: ``claim_expired`` where it is shown too late, ``exceeds_original`` where goods of it came back.
        Conflict: ``source_conflict``; it is somebody's already.
    """
    try:
        sale = ledger.history(day_stream(outlet, day)).state(StoreDay).receipts[receipt]
    except (Unknown, KeyError):
        raise Unknown(
            "unknown_receipt",
            f"{outlet} made no receipt {receipt} without a member on {day}",
            zh=f"{outlet} 于 {day} 没有未登记会员的小票 {receipt}",
            rule="RET-IN-b",
            accepts="a receipt on record",
        ) from None
    if sale.refunded:
        raise RuleNotMet(
            "exceeds_original",
            f"goods of receipt {receipt} came back",
            zh=f"小票 {receipt} 已有退货",
            rule="RET-15",
            accepts="a receipt of which nothing came back",
        )
    told = sale.told
    return ledger.execute(
        member,
        ClaimReceipt(
            receipt=receipt,
            outlet=outlet,
            paid=told.paid,
            quantity=told.quantity,
            area=told.area,
            conditions=told.conditions,
            lines=told.lines,
            tenders=told.tenders,
            salesperson=told.salesperson,
            phone_given=told.phone_given,
            card=card,
            proof=proof,
        ),
        actor=actor,
        reason=reason,
        occurred_at=sale.at,
    )
