"""The rows that a plugin's function shows, as they are taken over: a cell for every column, and no inexact one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from guanxi.kernel.errors import PluginError, failures_named, name_of_handler
from guanxi.kernel.reports import Column


def taken(
    handler: Callable[..., Any], rows: Iterable[Any], columns: Sequence[Column], name: str
) -> tuple[tuple[Any, ...], ...]:
    """Return rows that a plugin's function made, each as a tuple. Messages name places, never what a cell holds.

    Args:
        handler: the function, for messages.
        rows: what it made; may be made only now, while they are taken.
        columns: what each row has a cell for.
        name: of the report or overview.

    Raises:
        PluginError: ``handler_failed``, ``row_wrong`` for one of another length, ``inexact_cell`` for a binary float.
    """
    with failures_named(name):
        given = list(rows)
    kinds: set[type[Any]] = set()
    for n, row in enumerate(given, 1):
        if not isinstance(row, Sequence) or isinstance(row, str | bytes) or len(row) != len(columns):
            raise _misfit(handler, row, n, columns, name)
        kinds.update(map(type, row))
    out = tuple(map(tuple, given))
    # Looked for by type first: a report may have a hundred thousand rows, and hardly ever a float.
    if any(issubclass(kind, float | complex) for kind in kinds):
        raise _inexact(handler, out, columns, name)
    return out


def _misfit(
    handler: Callable[..., Any], row: Any, n: int, columns: Sequence[Column], name: str
) -> PluginError:
    where, wanted = name_of_handler(handler), ", ".join(c.name for c in columns)
    if isinstance(row, Sequence) and not isinstance(row, str | bytes):
        what, what_zh = f"has {len(row)} cells", f"有 {len(row)} 个单元格"
    else:
        what, what_zh = f"is of type {type(row).__name__}", f"的类型为 {type(row).__name__}"
    return PluginError(
        "row_wrong",
        f"{where}: row {n} of {name} {what}, and there are {len(columns)} columns",
        zh=f"{where}：{name} 的第 {n} 行{what_zh}，而列数为 {len(columns)}",
        accepts=f"a tuple of {wanted}",
    )


def _inexact(
    handler: Callable[..., Any], rows: Sequence[tuple[Any, ...]], columns: Sequence[Column], name: str
) -> PluginError:
    n, column = next(
        (n, column.name)
        for n, row in enumerate(rows, 1)
        for column, cell in zip(columns, row, strict=True)
        if isinstance(cell, float | complex)
    )
    where = name_of_handler(handler)
    return PluginError(
        "inexact_cell",
        f"{where}: the cell {column!r} in row {n} of {name} is a binary float",
        zh=f"{where}：{name} 第 {n} 行的单元格 {column!r} 是二进制浮点数",
        accepts="Decimal or int: sums have to be exact",
    )
