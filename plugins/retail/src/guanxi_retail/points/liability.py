"""What a sale owes for the points it gave, and what of that is earned as they are used (RET-23); pure functions."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from guanxi import Invalid
from guanxi_retail.points.rules import PointsLiabilityRules


def allocated(price: Decimal, points: int, rules: PointsLiabilityRules) -> tuple[Decimal, Decimal]:
    """Return what of a price goods and points stand for, by their relative stand-alone selling prices.

    Args:
        price: of the goods alone, and what was paid for both.
        points: that came with them.
        rules: value of a point, share that is expected to be redeemed, unit of rounding.
    """
    for_points = points * rules.value_per_point * rules.expected_share
    if price + for_points <= 0:
        return price, Decimal(0)
    part = rounded(price * for_points / (price + for_points), rules.unit)
    return price - part, part


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
