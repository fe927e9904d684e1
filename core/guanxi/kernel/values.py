"""Exact values that events carry: money. Nothing inexact gets past its constructor."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from guanxi.kernel.errors import Invalid


def exact(value: object) -> Decimal:
    """Return a decimal from a Decimal, a whole number or decimal text.

    Raises:
        Invalid: ``inexact_amount`` for a binary float, NaN, infinity, or text that is no plain number.
    """
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, int) and not isinstance(value, bool):
        number = Decimal(value)
    elif isinstance(value, str):
        try:
            number = Decimal("" if "_" in value else value)
        except InvalidOperation as error:
            raise _inexact(value) from error
    else:
        raise _inexact(value)
    if not number.is_finite():
        raise _inexact(value)
    return number


def _inexact(value: object) -> Invalid:
    return Invalid(
        "inexact_amount",
        f"{value!r} is not an exact amount",
        zh=f"{value!r} 不是精确金额",
        accepts='a Decimal, an int, or text such as "128.00"; never a float',
    )


def _currency(value: Any) -> str:
    if not (isinstance(value, str) and len(value) == 3 and value.isascii() and value.isupper()):
        raise Invalid(
            "unit_missing",
            f"{value!r} is not a currency",
            zh=f"{value!r} 不是货币代码",
            accepts="an ISO 4217 code such as CNY",
        )
    return value


MOST = Decimal(10) ** 15
"""Amounts stay below this: exact in any sum that a database's whole numbers hold."""

MINOR_UNITS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3}
"""Decimals of currencies that have other than two."""


@attrs.frozen
class Money:
    """An exact amount with its currency.

    Args:
        amount: Decimal, int or decimal text; at most the currency's minor unit (two decimals for most).
        currency: ISO 4217 code.

    Raises:
        Invalid: ``inexact_amount``, ``unit_missing`` or ``out_of_scale``.
    """

    amount: Decimal = attrs.field(converter=exact)
    currency: str = attrs.field(converter=_currency)

    def __attrs_post_init__(self) -> None:
        # What is decoded comes in past the converters.
        exact(self.amount)
        _currency(self.currency)
        if abs(self.amount) >= MOST:
            raise Invalid(
                "out_of_scale",
                f"{self.amount} {self.currency} is no amount of money",
                zh=f"金额 {self.amount} {self.currency} 超出范围",
                accepts=f"less than {MOST}",
            )
        places = MINOR_UNITS.get(self.currency, 2)
        exponent = self.amount.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > places and self.amount != round(self.amount, places):
            raise Invalid(
                "inexact_amount",
                f"{self.amount} {self.currency} has more than {places} decimals",
                zh=f"{self.amount} {self.currency} 超过 {places} 位小数",
                accepts=f"at most {places} decimals",
            )

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise Invalid(
                "unit_mismatch",
                f"{self.currency} and {other.currency} cannot be added",
                zh=f"{self.currency} 与 {other.currency} 不能相加",
            )
