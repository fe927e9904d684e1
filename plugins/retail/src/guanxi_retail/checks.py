"""What commands accept in their fields: names, whole numbers, money, several of a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import attrs

from guanxi import Invalid, Money, exact


def named(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse a blank name or number."""
    if not isinstance(value, str) or not value.strip():
        raise Invalid(
            "blank", f"{attribute.name} is blank", zh=f"{attribute.name} 为空", accepts="a number or name"
        )


def several(*kinds: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a converter that takes one of a kind, or several, as several; a text is one, never its letters.

    Args:
        kinds: what each may be.
    """

    def convert(value: Any) -> tuple[Any, ...]:
        if isinstance(value, kinds):
            return (value,)
        if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
            many = tuple(value)
            if all(isinstance(one, kinds) for one in many):
                return many
        names = " or ".join(kind.__name__ for kind in kinds)
        raise Invalid(
            "out_of_scale",
            f"{value!r} is not several of {names}",
            zh=f"{value!r} 类型不符，应为 {names}",
            accepts=f"a {names}, or several",
        )

    return convert


def amount(value: Any) -> Decimal:
    """Return an exact amount; a whole number or decimal text becomes one (RET-IN-a).

    Raises:
        Invalid: ``inexact_amount``; a float, or what is no number.
    """
    return exact(value)


def amount_if_told(value: Any) -> Decimal | None:
    """Return an exact amount, or None where none is told."""
    return None if value is None else exact(value)


def factors(value: Any) -> tuple[Decimal, ...]:
    """Return exact factors; one alone is one of several (RET-07).

    Raises:
        Invalid: ``inexact_amount``; a float, or what is no number.
    """
    many = value if isinstance(value, Iterable) and not isinstance(value, (str, bytes)) else (value,)
    return tuple(exact(one) for one in many)


def positive(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse what is not a whole number above 0."""
    _whole(attribute, value, 1, "a whole number above 0")


def quantity(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse what is not a whole number from 0."""
    _whole(attribute, value, 0, "a whole number, 0 or more")


def signed(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse what is not a whole number other than 0."""
    _whole(attribute, value, None if value else 1, "a whole number other than 0")


def money(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse what is not an amount of money with its currency, 0 or more."""
    if not isinstance(value, Money):
        raise Invalid(
            "unit_missing",
            f"{attribute.name} is {value!r}",
            zh=f"{attribute.name} 缺少币种",
            accepts='Money("128.00", "CNY")',
        )
    if value.amount < 0:
        raise Invalid(
            "amount_sign",
            f"{attribute.name} is {value}",
            zh=f"{attribute.name} 为负数：{value}",
            rule="RET-IN-h",
            accepts="0 or more; a negative amount only as a refund naming its purchase",
        )


def _whole(attribute: attrs.Attribute[Any], value: Any, at_least: int | None, accepts: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or (at_least is not None and value < at_least):
        raise Invalid(
            "amount_sign",
            f"{attribute.name} is {value!r}",
            zh=f"{attribute.name} 为 {value!r}",
            rule="RET-IN-h",
            accepts=accepts,
        )


def spread(amount: Decimal, weights: Sequence[Decimal], unit: Decimal = Decimal("0.01")) -> list[Decimal]:
    """Return an amount spread in proportion, units by largest remainder, the earlier part first among equals (RET-08).

    Args:
        amount: what is spread, a multiple of the unit.
        weights: in proportion to what; nothing is spread where they add up to 0.
        unit: the smallest part.
    """
    total = sum(weights, Decimal(0))
    if not total:
        return [Decimal(0)] * len(weights)
    units = int(amount / unit)
    exact = [Fraction(w) * units / Fraction(total) for w in weights]
    parts = [floor(e) for e in exact]
    order = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: units - sum(parts)]:
        parts[i] += 1
    return [unit * p for p in parts]
