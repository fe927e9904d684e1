"""What a basket comes to: percentages per line, cash-off, vouchers and points, money (RET-07 to RET-09)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import ROUND_HALF_UP, Decimal

import attrs

from guanxi import MINOR_UNITS
from guanxi_retail.checks import spread
from guanxi_retail.promotions.rules import CashOffRules, StackedDiscountRules
from guanxi_retail.purchases.events import ReceiptLine

CENT = Decimal("0.01")


@attrs.frozen
class Priced:
    """A basket as it comes to the till.

    Args:
        lines: with what each comes to, and what of it is money.
        cash_off: taken off in all.
        net: of all lines.
        paid: money of all lines.
    """

    lines: tuple[ReceiptLine, ...]
    cash_off: Decimal
    net: Decimal
    paid: Decimal


def discounted(
    list_price: Decimal,
    factors: Sequence[Decimal],
    *,
    fixed: bool = False,
    rules: StackedDiscountRules,
    unit: Decimal = CENT,
) -> Decimal:
    """Return a line's price after percentages, rounded half up once, at the end (RET-07).

    Args:
        list_price: of the whole line.
        factors: what is multiplied on it.
        fixed: whether it is a fixed special price, which takes no percentage unless the rules say so.
        rules: the campaign's.
        unit: the currency's smallest.
    """
    price = list_price
    if not fixed or rules.stack_on_fixed:
        for factor in factors:
            price *= factor
    return price.quantize(unit, ROUND_HALF_UP)


def nets_of(line: ReceiptLine, currency: str, rules: StackedDiscountRules) -> tuple[Decimal, ...]:
    """Return what a line may come to by its own list price, factors and cash-off, lowest first (RET-07, RET-08).

    Nothing where it tells no list price, or is sold at a fixed one. A counter that does not take part may have taken its
    own percentage off, or none.

    Args:
        line: as it was told.
        currency: the receipt's.
        rules: of percentages.
    """
    if line.list_price is None or line.fixed_price:
        return ()
    unit = Decimal(1).scaleb(-MINOR_UNITS.get(currency, 2))
    ways = ((), line.discounts) if line.counter in rules.excluded_counters else (line.discounts,)
    prices = {discounted(line.list_price, way, rules=rules, unit=unit) for way in ways}
    return tuple(sorted(price - line.cash_off for price in prices))


def priced(
    lines: Sequence[ReceiptLine],
    *,
    discount: StackedDiscountRules,
    cash_off: CashOffRules | None = None,
    tendered: Decimal = Decimal(0),
    tendered_on: Collection[int] | None = None,
) -> Priced:
    """Return a basket in the order of RET-08: percentages, cash-off on eligible lines, vouchers and points, money.

    Args:
        lines: with list prices and factors; what they came to is computed.
        discount: the rules of percentages.
        cash_off: the rules of the cash-off, where one runs.
        tendered: what vouchers and points pay.
        tendered_on: numbers of the lines that these may pay for; all where not given.
    """
    after = [
        discounted(
            line.net if line.list_price is None else line.list_price,
            () if line.counter in discount.excluded_counters else line.discounts,
            fixed=line.fixed_price,
            rules=discount,
        )
        for line in lines
    ]
    eligible = [
        price if cash_off is not None and cash_off.area in (None, line.area) else Decimal(0)
        for line, price in zip(lines, after, strict=True)
    ]
    off = cash_off.reduction(sum(eligible, Decimal(0))) if cash_off is not None else Decimal(0)
    offs = spread(off, eligible)
    nets = [price - part for price, part in zip(after, offs, strict=True)]
    weights = [
        net if tendered_on is None or line.number in tendered_on else Decimal(0)
        for line, net in zip(lines, nets, strict=True)
    ]
    parts = spread(tendered, weights)
    out = tuple(
        attrs.evolve(line, cash_off=part_off, net=net, paid=net - part)
        for line, part_off, net, part in zip(lines, offs, nets, parts, strict=True)
    )
    net = sum(nets, Decimal(0))
    return Priced(out, sum(offs, Decimal(0)), net, net - sum(parts, Decimal(0)))
