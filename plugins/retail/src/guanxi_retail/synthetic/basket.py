"""What is bought when: the seasons and the rhythm of the week, goods and their prices, and how a receipt is paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import Random

import attrs

from guanxi_retail.promotions.pricing import priced
from guanxi_retail.promotions.rules import CashOffRules, StackedDiscountRules
from guanxi_retail.purchases.commands import RecordPurchase, RefundPurchase
from guanxi_retail.purchases.events import ReceiptLine, ReturnedLine, Tender
from guanxi_retail.synthetic.telling import yuan

SEASON = (1.5, 0.8, 0.9, 1.0, 1.1, 1.0, 0.8, 0.8, 1.1, 1.3, 1.2, 1.4)
"""How much is bought in each month of a year, compared with an ordinary one."""
WEEK = (0.8, 0.8, 0.8, 0.9, 1.2, 1.8, 1.7)
"""How much is bought on each day of a week, Monday first."""
HOURS = (10, 11, 12, 14, 15, 16, 17, 18, 19, 19, 20, 20)
COMMON_FACTORS = (Decimal("0.60"), Decimal("0.70"), Decimal("0.80"))
LINES = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4)
"""How many lines receipts have; one of them is drawn."""


@attrs.frozen
class Good:
    """Something that is sold.

    Args:
        product: which.
        area: where.
        brand: its brand.
        least: its least price, in whole money.
        most: its greatest price.
        grade: its grade.
    """

    product: str
    area: str
    brand: str
    least: int
    most: int
    grade: str = "mid"


GOODS = (
    Good("syn-coat", "clothing", "ONLY", 180, 420),
    Good("syn-shirt", "clothing", "JACK JONES", 80, 200, "low"),
    Good("syn-dress", "clothing", "VERO MODA", 120, 320),
    Good("syn-cream", "cosmetics", "合成妆", 90, 260),
    Good("syn-serum", "cosmetics", "合成妆", 150, 380, "high"),
    Good("syn-book", "books", "合成书", 25, 80, "low"),
    Good("syn-tea", "food", "合成茶", 40, 160),
    Good("rice", "food", "合成米", 30, 90, "low"),
)


def shopping_day(draw: Random, first: date, days: Sequence[date]) -> date:
    """Return one of several days, drawn by the rhythm of the week.

    Args:
        draw: what is left to chance.
        first: taken where there are none.
        days: the days.
    """
    if not days:
        return first
    return draw.choices(days, [WEEK[day.weekday()] for day in days])[0]


def drawn(draw: Random, discount: StackedDiscountRules, day: date) -> tuple[ReceiptLine, ...]:
    """Return lines of a receipt with list prices and factors, of one area or several.

    Args:
        draw: what is left to chance.
        discount: the campaign's percentages.
        day: the day.
    """
    lines = []
    for number in range(1, draw.choice(LINES) + 1):
        good = draw.choice(GOODS)
        pieces = draw.choice((1, 1, 1, 2))
        each = Decimal(draw.randint(good.least * 10, good.most * 10)) / 10
        factors: tuple[Decimal, ...] = ()
        if discount.runs_on(day) and good.area in ("clothing", "cosmetics"):
            factors = (draw.choice(COMMON_FACTORS),)
            factors += (discount.extra,) if draw.random() < 0.3 else ()
        price = (each * pieces).quantize(Decimal("0.01"))
        lines.append(
            ReceiptLine(
                number=number,
                product=good.product,
                grade=good.grade,
                area=good.area,
                counter=f"{good.area}-{draw.randint(1, 3)}",
                brand=good.brand,
                quantity=pieces,
                list_price=price,
                discounts=factors,
                net=price,
                paid=price,
            )
        )
    return tuple(lines)


def line(net: Decimal | int, good: Good, number: int = 1) -> ReceiptLine:
    """Return one line at a price, paid in money.

    Args:
        net: what it comes to.
        good: what is bought.
        number: on the receipt.
    """
    price = Decimal(net).quantize(Decimal("0.01"))
    return ReceiptLine(
        number=number,
        product=good.product,
        grade=good.grade,
        area=good.area,
        brand=good.brand,
        list_price=price,
        net=price,
        paid=price,
    )


def receipt(
    draw: Random,
    number: str,
    lines: Sequence[ReceiptLine],
    *,
    discount: StackedDiscountRules,
    cash_off: CashOffRules | None = None,
    other: Tender | None = None,
    outlet: str,
    salesperson: str,
    card: str | None = None,
    conditions: tuple[str, ...] = (),
) -> RecordPurchase:
    """Return a receipt in the order of RET-08: percentages, cash-off, vouchers and points, money.

    Args:
        draw: what is left to chance.
        number: its number.
        lines: with list prices and factors.
        discount: the campaign's percentages.
        cash_off: the campaign's cash-off, where one runs.
        other: a voucher or points that pay part of it.
        outlet: the shop.
        salesperson: who sold it.
        card: the card that was shown.
        conditions: what held at the till.
    """
    sold = priced(lines, discount=discount, cash_off=cash_off, tendered=other.amount if other else Decimal(0))
    tenders = _in_money(draw, sold.paid)
    if other is not None:
        tenders = (other, *tenders)
    return RecordPurchase(
        receipt=number,
        paid=yuan(sold.paid),
        quantity=sum(one.quantity for one in sold.lines),
        outlet=outlet,
        conditions=conditions,
        lines=sold.lines,
        tenders=tenders,
        salesperson=salesperson,
        card=card,
        phone=card,
    )


def _in_money(draw: Random, amount: Decimal) -> tuple[Tender, ...]:
    """Return how an amount is paid: in one way, or in two now and then."""
    kind = draw.choice(("mobile", "mobile", "mobile", "card", "cash"))
    if amount <= 100 or draw.random() > 0.1:
        return (Tender(kind=kind, amount=amount),) if amount else ()
    coins = Decimal(draw.randint(1, 9) * 10)
    return (
        Tender(kind="cash", amount=coins),
        Tender(kind="card", amount=amount - coins),
    )


def given_back(number: str, sold: RecordPurchase, lines: Sequence[ReceiptLine], why: str) -> RefundPurchase:
    """Return a refund of whole lines of a receipt.

    Args:
        number: its number.
        sold: the receipt.
        lines: those that come back.
        why: the reason that is given.
    """
    back = tuple(
        ReturnedLine(number=one.number, quantity=one.quantity, net=one.net, paid=one.paid) for one in lines
    )
    return RefundPurchase(
        refund=number,
        receipt=sold.receipt,
        paid=yuan(sum((one.paid for one in lines), Decimal(0))),
        quantity=sum(one.quantity for one in lines),
        lines=back,
        reason=why,
    )
