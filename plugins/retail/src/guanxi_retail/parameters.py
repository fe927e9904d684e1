"""How retail's rule sets declare what no source gives, and the units they share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guanxi import Label, parameter

POINTS, TIMES, MONEY = Label("points", "积分"), Label("times", "倍"), Label("money", "金额")
DAYS, WEEKS, MONTHS = Label("days", "天"), Label("weeks", "周"), Label("months", "个月")

Bound = int | Decimal | None


def ours(
    default: Any,
    en: str,
    zh: str,
    unit: str | Label = "",
    *,
    minimum: Bound = None,
    maximum: Bound = None,
    above: Bound = None,
) -> Any:
    """Declare a parameter whose default no source gives."""
    label = Label(en, zh)
    return parameter(
        default, label=label, unit=unit, minimum=minimum, maximum=maximum, above=above, ours=True
    )
