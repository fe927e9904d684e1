"""How this room refuses: an order with the outcome its code has; what already happened is kept and flagged."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Invalid, Refusal, Unknown
from guanxi.kernel.facets import Now
from guanxi.kernel.values import Money
from guanxi.relationship.checks import filled, or_none

QUANTITY_PLACES = 6
"""Decimals that a quantity may have."""
_MOST = Decimal(10) ** 9


def demand(
    now: Now,
    ok: bool,
    outcome: type[Refusal],
    code: str,
    rule: str,
    en: str,
    *,
    zh: str,
    accepts: str,
    **facts: object,
) -> None:
    """Refuse an order with an outcome of its own; keep and flag what has already happened."""
    if not ok:
        now.forbid(outcome(code, en, zh=zh, rule=rule, accepts=accepts, **facts))


def unknown(what: str, zh: str, number: str, rule: str) -> Unknown:
    """Return the refusal of a number that names nothing here."""
    return Unknown(
        "unknown_code",
        f"there is no {what} {number}",
        zh=f"没有{zh} {number}",
        rule=rule,
        accepts=f"the number of a known {what}",
    )


def taken(what: str, zh: str, number: str, rule: str) -> Conflict:
    """Return the refusal of a number that another entry bears already."""
    return Conflict(
        "source_conflict",
        f"the {what} {number} is on record",
        zh=f"{zh} {number} 已登记",
        rule=rule,
        accepts=f"another number, or a correction of the first {what}",
    )


def reason_given(now: Now, reason: str | None, rule: str) -> None:
    """Refuse an act without a reason."""
    demand(
        now,
        bool(reason and reason.strip()),
        Incomplete,
        "reason_missing",
        rule,
        "a reason is missing",
        zh="缺少理由",
        accepts="a reason in words",
    )


# ---------------------------------------------------------------- validators of commands


text = or_none(filled("text, or None where it is not known"))


def documented(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse what has no document's number (CORE-31)."""
    if not (isinstance(value, str) and value.strip()):
        raise Incomplete(
            "document_missing",
            f"{attribute.name} is missing: nothing is entered without its document",
            zh=f"缺少单据号 {attribute.name}",
            rule="CORE-31",
            accepts="the number of the document",
        )


def _sign(name: str) -> Invalid:
    return Invalid(
        "amount_sign",
        f"{name} is negative",
        zh=f"{name} 为负数",
        accepts="a positive amount; a return, reversal or correction names its original",
    )


def _zero(name: str) -> Invalid:
    return Invalid("amount_zero", f"{name} is zero", zh=f"{name} 为零", accepts="an amount above zero")


def some_money(_: object, attribute: attrs.Attribute[Any], value: Money | None) -> None:
    """Refuse an amount that is not above zero."""
    if value is not None and value.amount < 0:
        raise _sign(attribute.name)
    if value is not None and not value.amount:
        raise _zero(attribute.name)


def no_less_than_nothing(_: object, attribute: attrs.Attribute[Any], value: Money) -> None:
    """Refuse a negative amount."""
    if value.amount < 0:
        raise _sign(attribute.name)


def quantity(value: object, name: str) -> None:
    """Refuse a quantity that is negative or cannot be kept exactly."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int) or not Decimal(value).is_finite():
        raise Invalid(
            "inexact_amount",
            f"{name} {value!r} is no exact quantity",
            zh=f"{name} {value!r} 不是精确数量",
            accepts="a Decimal or a whole number",
        )
    if value < 0:
        raise _sign(name)
    if value >= _MOST or value != round(value, QUANTITY_PLACES):
        raise Invalid(
            "out_of_scale",
            f"{name} {value} is out of scale",
            zh=f"{name} {value} 超出范围",
            accepts=f"less than {_MOST}, with at most {QUANTITY_PLACES} decimals",
        )


def some_quantity(_: object, attribute: attrs.Attribute[Any], value: Decimal | None) -> None:
    """Refuse a quantity that is not above zero."""
    if value is None:
        return
    quantity(value, attribute.name)
    if not value:
        raise _zero(attribute.name)


def days(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse a term of less than no days."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise Invalid(
            "out_of_scale",
            f"{attribute.name} is {value!r}",
            zh=f"{attribute.name} 为 {value!r}",
            accepts="0 or more days",
        )


def some(_: object, attribute: attrs.Attribute[Any], value: tuple[Any, ...]) -> None:
    """Refuse an entry without lines."""
    if not value:
        raise Invalid(
            "out_of_scale",
            f"{attribute.name} is empty",
            zh=f"{attribute.name} 为空",
            accepts="at least one line",
        )
