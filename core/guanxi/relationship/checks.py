"""Validators that the commands of every room share."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import attrs

from guanxi.kernel.errors import Invalid, Unknown

Check = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def filled(accepts: str) -> Check:
    """Return a validator that refuses what is no text, or a text that says nothing.

    Args:
        accepts: what would be accepted, in words.
    """

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not (isinstance(value, str) and value.strip()):
            raise Invalid("blank", f"{attribute.name} is blank", zh=f"{attribute.name} 为空", accepts=accepts)

    return check


def or_none(check: Check) -> Check:
    """Return a validator that lets None pass, and checks anything else.

    Args:
        check: what anything else has to stand.
    """

    def checked(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value is not None:
            check(instance, attribute, value)

    return checked


def one_of(*options: str, rule: str = "") -> Check:
    """Return a validator that refuses any other code.

    Args:
        *options: the codes.
        rule: id of the rule that lists them.
    """

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in options:
            raise Unknown(
                "unknown_code",
                f"{value!r} is no {attribute.name}",
                zh=f"{attribute.name} 不能为 {value!r}",
                rule=rule,
                accepts=", ".join(options),
            )

    return check


def coded(literal: Any, rule: str = "") -> Check:
    """Return a validator that refuses any code but those of a ``Literal``.

    Args:
        literal: the type.
        rule: id of the rule that lists them.
    """
    return one_of(*typing.get_args(literal), rule=rule)


named = filled("a word or a number")
named_or_none = or_none(named)
