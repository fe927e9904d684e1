"""Stories of buying: points that pay, are undone, adjusted and corrected; receipts without a card; silence and return."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from guanxi_retail.analysis.commands import RecordExitReason
from guanxi_retail.membership.commands import IssueMemberCard
from guanxi_retail.points.commands import AdjustPoints, DecideAdjustment, RedeemPoints, UndoRedemption
from guanxi_retail.promotions.rules import StackedDiscountRules
from guanxi_retail.purchases.commands import RecordPurchase, RefundPurchase
from guanxi_retail.purchases.events import ReceiptLine, Tender
from guanxi_retail.store.commands import CompleteSale, DecideCompletion, RecordStoreReceipt
from guanxi_retail.store.streams import day_stream
from guanxi_retail.synthetic.basket import GOODS, given_back, line, receipt
from guanxi_retail.synthetic.ruling import made
from guanxi_retail.synthetic.telling import Step, Teller, yuan
from guanxi_retail.tiers.commands import DecideTier, SetTier

COAT, CREAM, SERUM, TEA = GOODS[0], GOODS[3], GOODS[4], GOODS[6]


def sold(t: Teller, number: str, lines: Sequence[ReceiptLine], **more: Any) -> RecordPurchase:
    """Return a receipt of lines at their prices in the member's shop.

    Args:
        t: the story's.
        number: of the receipt.
        lines: what is bought.
        **more: as for ``basket.receipt``.
    """
    fields: dict[str, Any] = {
        "discount": made(StackedDiscountRules),
        "outlet": t.member.outlet,
        "salesperson": t.member.staff("seller"),
        "card": t.member.mobile,
        **more,
    }
    return receipt(t.draw, number, lines, **fields)


def paying_with_points(t: Teller) -> Iterator[Step]:
    """A large receipt earns points, and some of them pay part of the next one; now and then that one comes back."""
    first = sold(t, t.code("R", 1), (line(t.draw.randint(300, 500), COAT), line(60, TEA, 2)))
    yield t.say(0, 15, first)
    points = Tender(kind="points", amount=Decimal(t.draw.randint(2, 8) * 10), number=t.code("X"))
    second = sold(t, t.code("R", 2), (line(t.draw.randint(120, 260), SERUM), line(90, TEA, 2)), other=points)
    yield t.order(8, 16, second)
    if t.draw.random() < 0.3:
        back = given_back(t.code("Q"), second, second.lines[:1], "合成：不合适")
        yield t.order(10, 17, back)


def redeeming(t: Teller) -> Iterator[Step]:
    """Points are paid with, taken back, and asked for beyond what there is."""
    yield t.say(0, 15, sold(t, t.code("R", 1), (line(260, COAT), line(120, SERUM, 2))))
    number = t.code("X", 1)
    yield t.order(6, 11, RedeemPoints(redemption=number, points=100, purpose="gift"), "desk")
    yield t.order(7, 11, UndoRedemption(redemption=number), "desk")
    yield t.order(9, 12, RedeemPoints(redemption=t.code("X", 2), points=9_000_000), "desk")


def adjusting(t: Teller) -> Iterator[Step]:
    """Points are set right by hand: at once by two persons, or once the second has agreed."""
    added = AdjustPoints(
        adjustment=t.code("J", 1),
        points=t.draw.randint(2, 9) * 10,
        reason_code="goodwill",
        approved_by=t.member.staff("head"),
    )
    yield t.order(0, 10, added, "desk")
    asked = AdjustPoints(adjustment=t.code("J", 2), points=30, reason_code="till_error")
    yield t.order(1, 10, asked, "desk")
    yield t.order(2, 10, DecideAdjustment(adjustment=t.code("J", 2)), "head")


def corrected(t: Teller) -> Iterator[Step]:
    """A receipt was keyed wrong, and another was somebody else's, after its points had been paid with."""
    wrong = RecordPurchase(
        receipt=t.code("R", 1), paid=yuan(200), outlet=t.member.outlet, area="books", phone=t.member.mobile
    )
    yield t.say(0, 11, wrong, mark="correct", fields={"paid": yuan(180)})
    others = RecordPurchase(
        receipt=t.code("R", 2), paid=yuan(150), outlet=t.member.outlet, area="food", phone=t.member.mobile
    )
    yield t.say(1, 11, others, mark="void")
    yield t.say(1, 13, sold(t, t.code("R", 3), (line(300, COAT),)))
    yield t.order(9, 12, RedeemPoints(redemption=t.code("X"), points=330, purpose="gift"), "desk")


def late_papers(t: Teller) -> Iterator[Step]:
    """Slips that lay behind the till are sent in a month later: a receipt, and a refund of part of it."""
    told = sold(t, t.code("R"), (line(140, COAT), line(55, TEA, 2)))
    yield t.say(0, 15, told, late=1)
    yield t.say(5, 15, given_back(t.code("Q"), told, told.lines[1:], "合成：破损"), late=1)


def entitled(t: Teller) -> Iterator[Step]:
    """A receipt entitles to a card; the goods come back before it is handed over, and another one does it."""
    first = sold(t, t.code("R", 1), (line(340, CREAM), line(280, SERUM, 2)))
    yield t.order(0, 14, first)
    yield t.order(2, 14, given_back(t.code("Q"), first, first.lines, "合成：过敏"))
    yield t.order(6, 14, sold(t, t.code("R", 2), (line(560, SERUM),)))
    yield t.order(6, 15, IssueMemberCard(ground="purchase", card_class="standard"), "desk")


def without_card(t: Teller) -> Iterator[Step]:
    """A receipt made without a card is shown some days later; what the sale lacked is brought in."""
    number, day = t.code("W"), day_stream(t.member.outlet, t.day(0))
    lines = (line(180, COAT), line(75, TEA, 2))
    bought = RecordStoreReceipt(
        receipt=number,
        paid=yuan(255),
        lines=lines,
        salesperson=t.member.staff("seller"),
        tenders=(Tender(kind="cash", amount=Decimal(255)),),
    )
    yield t.order(0, 15, bought, subject=day)
    fields = {"receipt": number, "day": t.day(0), "outlet": t.member.outlet, "card": t.member.mobile}
    yield t.say(3, 16, None, "desk", order=True, deed="claim", fields=fields)
    yield t.order(3, 17, CompleteSale(receipt=number, phone_given=True), "desk")
    yield t.order(4, 10, DecideCompletion(receipt=number), "head")


def claimed_in_error(t: Teller) -> Iterator[Step]:
    """A receipt was claimed by whom it did not belong to: the purchase is voided, and then all of the claim."""
    number, day = t.code("W"), day_stream(t.member.outlet, t.day(0))
    bought = RecordStoreReceipt(receipt=number, paid=yuan(96), lines=(line(96, TEA, 1),))
    yield t.order(0, 15, bought, subject=day)
    fields = {"receipt": number, "day": t.day(0), "outlet": t.member.outlet, "card": t.member.mobile}
    yield t.say(2, 16, None, "desk", order=True, deed="claim", fields=fields)
    yield t.say(5, 9, None, "head", order=True, deed="void_purchase", fields={"receipt": number})
    yield t.say(5, 10, None, "head", order=True, deed="void_receipt", fields={"receipt": number})


def by_hand(t: Teller) -> Iterator[Step]:
    """A tier is set by hand for some months: by two persons at once, then for longer once the second has agreed."""
    told = SetTier(
        setting=t.code("T"),
        tier="Gold",
        until=t.day(70),
        reason_code="event",
        approved_by=t.member.staff("head"),
    )
    yield t.order(0, 10, told, "desk")
    longer = SetTier(setting=t.code("T", 2), tier="Gold", until=t.day(100), reason_code="event")
    yield t.order(20, 10, longer, "desk")
    yield t.order(21, 10, DecideTier(setting=t.code("T", 2)), "head")


def spending(t: Teller) -> Iterator[Step]:
    """A large purchase lifts the tier."""
    yield t.order(0, 15, sold(t, t.code("R"), (line(1_150, COAT), line(240, SERUM, 2))))


def gone_quiet(t: Teller) -> Iterator[Step]:
    """After half a year of silence somebody asks why, and later wins the customer back."""
    yield t.say(0, 15, RecordExitReason(reason_code="competitor", detail="合成：附近新店"), "desk")
    yield t.say(45, 15, sold(t, t.code("R"), (line(210, COAT),)))


def second_thoughts(t: Teller) -> Iterator[Step]:
    """A receipt comes back whole after its points were paid with: they are owed."""
    told = sold(t, t.code("R"), (line(420, COAT),))
    yield t.order(0, 12, told)
    yield t.order(5, 12, RedeemPoints(redemption=t.code("X"), points=60, purpose="gift"), "desk")
    back = RefundPurchase(refund=t.code("Q"), receipt=told.receipt, paid=yuan(420), quantity=1)
    yield t.order(9, 12, back)
