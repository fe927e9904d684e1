"""What part of an order line is worth, exactly."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from guanxi.kernel.values import MINOR_UNITS

NOTHING = Decimal(0)


def worth(amount: Decimal, ordered: Decimal, quantity: Decimal, currency: str) -> Decimal:
    """Return what a quantity of a line is worth, rounded half up; the whole quantity is worth the whole amount.

    Args:
        amount: what the line comes to.
        ordered: its quantity.
        quantity: how much of it.
        currency: of the amount.
    """
    if quantity == ordered:
        return in_units(amount, currency)
    return in_units(amount * quantity / ordered if ordered else NOTHING, currency)


def in_units(amount: Decimal, currency: str) -> Decimal:
    """Return an amount with as many decimals as its currency has, rounded half up."""
    return amount.quantize(Decimal(1).scaleb(-MINOR_UNITS.get(currency, 2)), ROUND_HALF_UP)
