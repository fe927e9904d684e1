"""Shares as reports show them: exact until they are rounded, half up, and not available where there is nothing to share."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def percent(part: int | Decimal, whole: int | Decimal, places: int = 2) -> Decimal | None:
    """Return a part in percent of a whole, rounded half up; None of nothing, never 0.

    Args:
        part: what is compared.
        whole: what it is compared with.
        places: decimals kept.
    """
    if not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
