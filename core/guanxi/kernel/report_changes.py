"""What differs between two answers of a report, row by row; and two sets of throw-away tables folded in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from queue import Queue
from threading import Event, Thread
from typing import Any

import attrs

from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.ports import Projector
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.kernel.reports import Column, Manifest, ReportResult, canonical

_LEADING = ("text", "code", "date", "instant")
_AHEAD = 64
"""How many streams one set of tables may be ahead of the other."""

Behind = Callable[[Sequence[Sequence[Any]]], Mapping[str, tuple[str, ...]]]


@attrs.frozen
class RowChange:
    """A row that differs.

    Args:
        key: its cells in the key columns; all of its cells where no columns tell rows apart.
        before: the row before; None for one that is not there.
        after: the row after; None for one that is gone.
        cells: the cells that differ, by column name, each with its value before and after.
        entries: ids of the entries behind it, for rows that lead with an account number.
    """

    key: tuple[Any, ...]
    before: tuple[Any, ...] | None
    after: tuple[Any, ...] | None
    cells: Mapping[str, tuple[Any, Any]]
    entries: tuple[str, ...] = ()


@attrs.frozen
class Table:
    """A report's rows with what names and proves them.

    Args:
        report: the report's name.
        columns: its columns.
        rows: its rows; cells typed or canonical.
        digest: of the canonical table.
    """

    report: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    digest: str


@attrs.frozen
class Refusal:
    """What kept a report from an answer.

    Args:
        code: what kind of refusal.
        en: in English.
        zh: in Chinese.
    """

    code: str
    en: str
    zh: str

    @classmethod
    def of(cls, error: GuanxiError) -> Refusal:
        """Return what an error says."""
        return cls(error.code, error.message, error.zh)


@attrs.frozen
class ReportChange:
    """What differs between two answers of a report.

    Args:
        before: one answer.
        after: the other.
        key: names of the columns that tell rows apart; empty where none do, and rows are compared whole.
        rows: those that differ, in the report's order.
        columns_gone: columns only before.
        columns_new: columns only after.
        manifests: of both answers; that of supposed rules is hypothetical. None where either refuses.
        refusals: what kept the report from an answer before and after; the table is empty there.
    """

    before: Table
    after: Table
    key: tuple[str, ...]
    rows: tuple[RowChange, ...]
    columns_gone: tuple[str, ...] = ()
    columns_new: tuple[str, ...] = ()
    manifests: tuple[Manifest, Manifest] | None = None
    refusals: tuple[Refusal | None, Refusal | None] = (None, None)

    @property
    def report(self) -> str:
        """The report's name."""
        return self.before.report

    @property
    def same(self) -> bool:
        """Whether nothing differs; a report that refuses on both sides for one reason does not."""
        before, after = (r and r.code for r in self.refusals)
        return before == after and not (self.rows or self.columns_gone or self.columns_new)


def report_change(before: ReportResult, after: ReportResult, behind: Behind | None = None) -> ReportChange:
    """Return what differs between two answers of one report.

    Args:
        before: one answer.
        after: the other.
        behind: names the entries behind rows, asked once with the keys of all that differ.
    """
    change = table_change(_table(before), _table(after), behind)
    return attrs.evolve(change, manifests=(before.manifest, after.manifest))


def refused_change(
    report: str,
    columns: tuple[Column, ...],
    before: ReportResult | Table | Refusal,
    after: ReportResult | Table | Refusal,
) -> ReportChange:
    """Return the change of a report that refuses on one side at least.

    Args:
        report: its name.
        columns: its columns.
        before: one answer or refusal.
        after: the other.
    """
    one, other = (
        Table(report, columns, (), "") if isinstance(a, Refusal) else a if isinstance(a, Table) else _table(a)
        for a in (before, after)
    )
    return ReportChange(
        one,
        other,
        (),
        (),
        refusals=(
            before if isinstance(before, Refusal) else None,
            after if isinstance(after, Refusal) else None,
        ),
    )


def table_change(before: Table, after: Table, behind: Behind | None = None) -> ReportChange:
    """Return what differs between two tables of one report: row by row where leading columns tell rows apart."""
    names = [c.name for c in after.columns]
    old = [c.name for c in before.columns]
    gone, new = [n for n in old if n not in names], [n for n in names if n not in old]
    shared = [n for n in names if n in old]
    left = [_cells(old, row, shared) for row in before.rows]
    right = [_cells(names, row, shared) for row in after.rows]
    types = {c.name: c.type for c in after.columns}
    width = _key_width([types[n] for n in shared], left, right)
    rows = _keyed(shared, width, left, right) if width else _whole(shared, left, right)
    entries = behind([r.key for r in rows]) if behind is not None and rows else {}
    if entries:
        rows = [attrs.evolve(r, entries=entries.get(str(r.key[0]), ())) for r in rows]
    return ReportChange(before, after, tuple(shared[:width]), tuple(rows), tuple(gone), tuple(new))


def _table(result: ReportResult) -> Table:
    return Table(result.report.name, result.columns, result.rows, result.manifest.digest)


def _cells(names: Sequence[str], row: Sequence[Any], wanted: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[names.index(n)] for n in wanted) if list(names) != list(wanted) else tuple(row)


def _key_width(
    types: Sequence[str], left: Sequence[tuple[Any, ...]], right: Sequence[tuple[Any, ...]]
) -> int:
    """Return how many leading columns tell rows apart on both sides, 0 if none do; a number leads only where nothing else does."""
    leading = next((n for n, t in enumerate(types) if t not in _LEADING), len(types))
    if leading == 0 and types and types[0] == "integer":
        leading = 1
    for width in range(1, leading + 1):
        if all(len({_same(r[:width]) for r in rows}) == len(rows) for rows in (left, right)):
            return width
    return 0


def _keyed(
    names: Sequence[str], width: int, left: Sequence[tuple[Any, ...]], right: Sequence[tuple[Any, ...]]
) -> list[RowChange]:
    mine, theirs = ({_same(r[:width]): r for r in rows} for rows in (left, right))
    out: list[RowChange] = []
    for key in dict.fromkeys([*mine, *theirs]):
        one, other = mine.get(key), theirs.get(key)
        if one is None or other is None:
            row = one if one is not None else other
            assert row is not None
            out.append(RowChange(row[:width], one, other, {}))
            continue
        cells = {n: (a, b) for n, a, b in zip(names, one, other, strict=True) if canonical(a) != canonical(b)}
        if cells:
            out.append(RowChange(one[:width], one, other, cells))
    return out


def _whole(
    names: Sequence[str], left: Sequence[tuple[Any, ...]], right: Sequence[tuple[Any, ...]]
) -> list[RowChange]:
    mine, theirs = Counter(map(_same, left)), Counter(map(_same, right))
    out: list[RowChange] = []
    for rows, surplus, gone in ((left, mine - theirs, True), (right, theirs - mine, False)):
        for row in rows:
            if surplus[_same(row)] > 0:
                surplus[_same(row)] -= 1
                out.append(RowChange(row, row if gone else None, None if gone else row, {}))
    return out


def _same(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(canonical(v) for v in row)


def two_readers(
    projector: Projector,
    models: Sequence[ReadModel[Any]],
    compared: Iterator[tuple[str, list[Any], list[Any]]],
) -> tuple[Reader, Reader]:
    """Return readers over two sets of throw-away tables, folded side by side so that no timeline is kept or made twice.

    Args:
        projector: makes the tables.
        models: which.
        compared: (stream, its timeline on one side, on the other).
    """
    waiting: Queue[tuple[str, list[Any]] | None] = Queue(_AHEAD)
    result: list[Reader] = []
    failed: list[BaseException] = []
    ended = Event()

    def second() -> Iterator[tuple[str, list[Any]]]:
        while (part := waiting.get()) is not None:
            yield part
        ended.set()

    def work() -> None:
        try:
            result.append(projector.scratch(models, second()))
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for it
            failed.append(error)
            while not ended.is_set() and waiting.get() is not None:
                pass

    def first() -> Iterator[tuple[str, list[Any]]]:
        for stream, one, other in compared:
            waiting.put((stream, other))
            yield stream, one

    worker = Thread(target=work, name="guanxi-scratch", daemon=True)
    worker.start()
    try:
        reader = projector.scratch(models, first())
    finally:
        waiting.put(None)
        worker.join()
    if failed:
        raise failed[0]
    return reader, result[0]
