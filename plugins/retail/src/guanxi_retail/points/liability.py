"""What a sale owes for the points it gave, and what of that is earned as they are used (RET-23); pure functions."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from guanxi import Invalid
from guanxi_retail.points.rules import PointsLiabilityRules


def allocated(price: Decimal, points: int, rules: PointsLiabilityRules) -> tuple[Decimal, Decimal]:
    """Return what of a price goods and points stand for, by their relative stand-alone selling prices.

    Args:
        price: of the goods alone, and what was paid for both.
        points: that came with them.
        rules: value of a point, share that is expected to be redeemed, unit of rounding.
    """
    places = max(0, -int(price.as_tuple().exponent))
    part = allocation_by(rules, places)(int(price.scaleb(places)), points) * rules.unit
    return price - part, part


def allocation_by(rules: PointsLiabilityRules, places: int) -> Callable[[int, int], int]:
    """Return what tells the part of a price that points stand for, given price and points; as ``allocated``.

    It counts in whole numbers, for it is asked of every lot there is.

    Args:
        rules: what holds for all of them.
        places: decimal places of the prices; they are given, and the part is told in ``rules.unit``, as whole numbers.
    """
    a_point, unit = Fraction(rules.value_per_point) * Fraction(rules.expected_share), Fraction(rules.unit)
    each, up = a_point.numerator * int(10**places), a_point.numerator * unit.denominator
    of_price, down = a_point.denominator, unit.numerator

    def part(price: int, points: int) -> int:
        whole = price * of_price + points * each
        if whole <= 0:
            return 0
        divided, by = price * points * up, whole * down
        found = (abs(divided) * 2 + by) // (by * 2)
        return found if divided >= 0 else -found

    return part


def recognised(allocation: Decimal, redeemed: int, expected: Decimal, unit: Decimal) -> Decimal:
    """Return what of an allocation is revenue to date, no more than all of it.

    Args:
        allocation: what sales to date owed for points.
        redeemed: points redeemed to date.
        expected: points expected to be redeemed in all, by the estimate in force.
        unit: of rounding.

    Raises:
        Invalid: ``out_of_scale`` where points were redeemed and none are expected to be.
    """
    if redeemed <= 0:
        return Decimal(0) * unit
    if expected <= 0:
        raise Invalid(
            "out_of_scale",
            f"{redeemed} points are redeemed and {expected} expected",
            zh=f"已兑换 {redeemed} 积分，预计 {expected}",
            rule="RET-23",
            accepts="an estimate above 0",
        )
    return rounded(allocation * min(Decimal(redeemed), expected) / expected, unit)


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """Return an amount in whole units, half up."""
    return (amount / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
