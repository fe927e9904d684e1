"""Puts the lines of one document together: a receipt of several lines becomes one command."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from guanxi import Conflict
from guanxi_adapters.files.converting import PENDING, Kind

_decode, _encode = msgspec.json.decode, msgspec.json.encode


def joined(kind: Kind, document: str, lines: Sequence[tuple[int, str, bytes]]) -> bytes:
    """Return the command that the lines of a document become, as JSON.

    Args:
        kind: of the lines.
        document: its number.
        lines: number, moment and what each gives, in the file's order.

    Raises:
        Conflict: ``document_differs`` where lines do not agree on what they say of the whole document.
        Refusal: what the command refuses.
    """
    values: dict[str, Any] = {}
    items: list[Any] = []
    at = lines[0][1]
    for number, moment, told in lines:
        own, item = _decode(told)
        if moment != at:
            raise _differs(document, number, "the moment", "时间")
        items.append(item)
        for name in {**values, **own}:
            value = own.get(name)
            if len(items) == 1 or (name in kind.sums and values.get(name) is None):
                values[name] = value
            elif name in kind.sums:
                values[name] = _added(document, number, name, values[name], value)
            elif values.get(name) != value:
                raise _differs(document, number, name, name)
    whole = {**values, str(kind.each): items, **dict.fromkeys(kind.generated, PENDING)}
    # Decoded once here, so that what the command refuses is known before anything is told.
    return _encode(kind.decode(_encode(whole)))


def of_several(document: str, number: int) -> Conflict:
    """Return the refusal of a document whose lines name several customers.

    Args:
        document: its number.
        number: the first line that names another one.
    """
    return _differs(document, number, "the customer", "客户")


def _added(document: str, number: int, name: str, one: Any, other: Any) -> Any:
    if other is None:
        return one
    if isinstance(one, dict):
        if one["currency"] != other["currency"]:
            raise _differs(document, number, f"the currency of {name}", f"{name} 的币种")
        return {**one, "amount": str(Decimal(one["amount"]) + Decimal(other["amount"]))}
    return one + other if isinstance(one, int) else str(Decimal(one) + Decimal(other))


def _differs(document: str, number: int, what: str, zh: str) -> Conflict:
    return Conflict(
        "document_differs",
        f"line {number} says {what} of {document} otherwise than the lines before it",
        zh=f"第 {number} 行所述{zh}与 {document} 的前几行不一致",
        rule="RET-06",
        accepts="lines that agree on it, or a column of its own under each",
    )
