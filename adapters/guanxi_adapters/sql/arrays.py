"""PostgreSQL's arrays as text: the driver takes a list apart value by value, which costs more than the insert that it is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast


def array_text(values: Sequence[str | int | None]) -> str:
    """Return texts, or whole numbers, as the text of a PostgreSQL array.

    Args:
        values: all of one type, but for None.

    Raises:
        TypeError: one is neither a text nor a whole number.
    """
    if not values:
        return "{}"
    if None in values:
        return "{" + ",".join(["NULL" if v is None else _quoted(v) for v in values]) + "}"
    if isinstance(values[0], int):
        return "{" + ",".join(map(int.__repr__, cast("Sequence[int]", values))) + "}"
    texts = cast("Sequence[str]", values)
    joined = '","'.join(texts)
    if "\\" in joined or joined.count('"') != 2 * (len(texts) - 1):
        joined = '","'.join(map(_escaped, texts))
    return f'{{"{joined}"}}'


def _quoted(value: str | int) -> str:
    return int.__repr__(value) if isinstance(value, int) else f'"{_escaped(value)}"'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
