"""What stands in the tables of read models: the digest of their rows, and how two of them compare; both read, never write."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from guanxi.kernel.errors import Altered
from guanxi.kernel.read_models import STREAM, TENANT, ReadModel, Sealer
from guanxi.kernel.rebuilding import CellDifference, Comparison, RowDifference

EXAMPLES = 10
"""Rows that a comparison shows."""

_AT_ONCE = 5_000


def digest(connection: sa.Connection, model: ReadModel[Any], table: sa.Table, tenant: str) -> tuple[int, str]:
    """Return how many rows a tenant has in a table, and their SHA-256 in order of stream and key.

    Personal cells are left out: what seals them may be destroyed, which changes what a rebuild puts there. All other cells
    are taken as stored, so that the digest is the same on every database.
    """
    personal = {cell.name for cell in model.personal}
    names = [name for name in _columns(table) if name not in personal]
    found, count = hashlib.sha256(msgspec.json.encode([model.name, names])), 0
    encode = msgspec.json.Encoder().encode
    for row in _scan(connection, table, tenant, names):
        found.update(b"\n" + encode(row))
        count += 1
    return count, found.hexdigest()


def compare(
    connection: sa.Connection,
    model: ReadModel[Any],
    live: sa.Table,
    new: sa.Table,
    tenant: str,
    sealer: Sealer | None,
) -> Comparison:
    """Return how a tenant's rows in two tables with the same columns compare, its position left at 0.

    Sealed cells that are not the same text are compared by what they hold; what was erased equals what was erased.
    """
    names, examples = _columns(new), list[RowDifference]()
    counts = dict.fromkeys(("equal", "only_live", "only_new", "different"), 0)
    width = len(_ordering(new))
    for left, right in _paired(
        _scan(connection, live, tenant, names), _scan(connection, new, tenant, names), width
    ):
        found: Any = "equal"
        cells: tuple[CellDifference, ...] = ()
        if left is None or right is None:
            found = "only_new" if left is None else "only_live"
        elif left != right and (cells := tuple(_differing(model, names, left, right, sealer))):
            found = "different"
        counts[found] += 1
        if found != "equal" and len(examples) < EXAMPLES:
            first: Any = (left or right or ())[:width]
            examples.append(RowDifference(first[0], tuple(first[1:]), found, cells))
    return Comparison(
        model.name,
        0,
        equal=counts["equal"],
        only_live=counts["only_live"],
        only_new=counts["only_new"],
        different=counts["different"],
        examples=tuple(examples),
    )


def _ordering(table: sa.Table) -> list[str]:
    return [STREAM, *[str(c.name) for c in table.primary_key.columns if c.name not in (TENANT, STREAM)]]


def _columns(table: sa.Table) -> list[str]:
    """Return the columns to be read: what rows are ordered by, then all others."""
    first = _ordering(table)
    return [*first, *[str(c.name) for c in table.columns if c.name != TENANT and c.name not in first]]


def _scan(
    connection: sa.Connection, table: sa.Table, tenant: str, names: list[str]
) -> Iterator[tuple[Any, ...]]:
    query = (
        sa.select(*[table.c[name] for name in names])
        .where(table.c[TENANT] == tenant)
        .order_by(*[table.c[name] for name in _ordering(table)])
    )
    for part in connection.execute(query, execution_options={"yield_per": _AT_ONCE}).partitions():
        for row in part:
            yield tuple(row)


def _paired(
    left: Iterator[tuple[Any, ...]], right: Iterator[tuple[Any, ...]], width: int
) -> Iterator[tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]]:
    """Merge rows that come in order of their first cells."""
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[:width] < other[:width]):
            yield one, None
            one = next(left, None)
        elif one is None or other[:width] < one[:width]:
            yield None, other
            other = next(right, None)
        else:
            yield one, other
            one, other = next(left, None), next(right, None)


def _differing(
    model: ReadModel[Any], names: list[str], left: tuple[Any, ...], right: tuple[Any, ...], sealer: Any
) -> Iterator[CellDifference]:
    personal = {cell.name for cell in model.personal}
    for name, live, new in zip(names, left, right, strict=True):
        if live == new:
            continue
        if name not in personal:
            yield CellDifference(name, live, new)
        elif _unsealed(model, names, left, name, sealer) != _unsealed(model, names, right, name, sealer):
            yield CellDifference(name, None, None, personal=True)


def _unsealed(
    model: ReadModel[Any], names: list[str], row: tuple[Any, ...], name: str, sealer: Any
) -> tuple[str, Any]:
    """Return what a sealed cell holds, or that it does not say, beside a mark that tells the two apart."""
    by_name = dict(zip(names, row, strict=True))
    cells = [by_name[c.name] if c.name == name or c.name in model.keys else None for c in model.cells]
    text = by_name[name]
    if text is None or sealer is None:
        return "plain", text
    try:
        held = getattr(model.from_db(by_name[STREAM], cells, sealer), name)
    except (Altered, ValueError):
        return "altered", text
    return "held", held
