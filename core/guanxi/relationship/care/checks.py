"""Checks that several subjects of care share."""

from __future__ import annotations

from typing import Any

import attrs

from guanxi.kernel.errors import Invalid, Refusal, Unknown
from guanxi.kernel.facets import Now
from guanxi.kernel.values import Money


def named(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse a number, code or name that says nothing."""
    if not (isinstance(value, str) and value.strip()):
        raise Invalid(
            "blank", f"{attribute.name} is blank", zh=f"{attribute.name} 为空", accepts="a word or a number"
        )


def named_or_none(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse a blank text where one may be left out."""
    if value is not None:
        named(instance, attribute, value)


def one_of(*options: str) -> Any:
    """Return a validator that refuses any other code."""

    def check(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
        if value not in options:
            raise Unknown(
                "unknown_code",
                f"{value!r} is no {attribute.name}",
                zh=f"{attribute.name} 不能为 {value!r}",
                accepts=", ".join(options),
            )

    return check


def not_negative(_: object, attribute: attrs.Attribute[Any], value: Money | None) -> None:
    """Refuse an amount below nothing."""
    if value is not None and value.amount < 0:
        raise Invalid(
            "amount_sign",
            f"{attribute.name} is {value}",
            zh=f"{attribute.name} 为 {value}",
            accepts="an amount of at least zero",
        )


def forbid(now: Now, refusal: Refusal) -> None:
    """Refuse an order in the class of its outcome; keep and flag what has already happened (CORE-04)."""
    if not now.happened:
        raise refusal
    now.require(False, refusal.code, refusal.rule, refusal.message, zh=refusal.zh, accepts=refusal.accepts)
