"""How this room refuses: an order that the rules forbid is refused in its class; what happened is kept and flagged."""

from __future__ import annotations

from typing import Any

import attrs

from guanxi.kernel.errors import Incomplete
from guanxi.relationship.checks import filled, or_none

said = filled("text that says who or what")
said_or_none = or_none(said)


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
