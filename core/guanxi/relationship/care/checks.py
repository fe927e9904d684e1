"""Checks that several subjects of care share."""

from __future__ import annotations

from typing import Any

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.values import Money


def not_negative(_: object, attribute: attrs.Attribute[Any], value: Money | None) -> None:
    """Refuse an amount below nothing."""
    if value is not None and value.amount < 0:
        raise Invalid(
            "amount_sign",
            f"{attribute.name} is {value}",
            zh=f"{attribute.name} 为 {value}",
            accepts="an amount of at least zero",
        )
