"""How this room refuses: an order that the rules forbid is refused in its class; what happened is kept and flagged."""

from __future__ import annotations

from typing import Any

import attrs

from guanxi.kernel.errors import Incomplete, Invalid, Refusal
from guanxi.kernel.facets import Now


def forbid(now: Now, refusal: Refusal) -> None:
    """Refuse an order, or flag what has already happened.

    Args:
        now: of the decider or gate.
        refusal: with what an order is refused.

    Raises:
        Refusal: that one, for an order.
    """
    if not now.happened:
        raise refusal
    now.require(False, refusal.code, refusal.rule)


def said(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse a blank text, or nothing where something is to be said."""
    if not (isinstance(value, str) and value.strip()):
        raise Invalid(
            "blank",
            f"{attribute.name} is blank",
            zh=f"{attribute.name} 为空",
            accepts="text that says who or what",
        )


def said_or_none(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse a blank text; None says that it is not known."""
    if value is not None:
        said(instance, attribute, value)


def reasoned(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse a ruling that gives no reason."""
    if not (isinstance(value, str) and value.strip()):
        raise Incomplete(
            "reason_missing",
            "a reason is missing",
            zh="缺少原因",
            rule="CORE-04",
            accepts=f"{attribute.name}, in a word or a sentence",
        )


def signed(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse a paper on which a signature is missing."""
    if not (isinstance(value, str) and value.strip()):
        raise Incomplete(
            "signature_missing",
            f"{attribute.name} is missing",
            zh=f"缺少 {attribute.name}",
            rule="CORE-20",
            accepts="the name or the number under which it was signed",
        )
