"""Migration matrix (等级迁移矩阵): how many members went from which tier to which between two days (RET-28)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Literal

import attrs

from guanxi import Asked, Column, Content, Drawing, Label, Reader, Report, add_months
from guanxi_retail.reporting import option, percent
from guanxi_retail.tiers.reports._standing import (
    HEATMAP,
    LEFT,
    LONG,
    READS,
    SANKEY,
    TOTAL,
    Migration,
    changes_by_stream,
    migrated,
    standing_on,
)

_YEAR = 12


@attrs.frozen
class MigrationParameters:
    """From which day to the cut, and how it is shown."""

    since: date | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, Label("opening day; a year before the cut if not given", "期初日期，默认一年前")
    )
    view: Literal["matrix", "long"] = option(
        "matrix", Label("as a matrix, or a row for each cell", "矩阵或逐格")
    )
    picture: Literal["matrix", "sankey"] = option("matrix", Label("what is drawn", "图形：矩阵或流向"))


FROM = Column("from", Label("From", "期初等级"), "code")
ALL = Column("total", Label("Total", "合计"), "integer")
OPENING = Label("members at the opening", "期初会员数")
_LEFT = Label("Left", "已退出")
CLOSING = Label("members at the closing", "期末会员数")


def _build(reader: Reader, parameters: MigrationParameters, asked: Asked) -> Content:
    changes = changes_by_stream(reader)
    since = parameters.since or add_months(asked.day, -_YEAR)
    found = migrated(
        standing_on(reader, asked, since, changes), standing_on(reader, asked, asked.day, changes)
    )
    notes = [
        (OPENING, f"{since}: {len(found.opening.tiers):,}"),
        (CLOSING, f"{asked.day}: {len(found.closing.tiers):,}"),
    ]
    long = list(found.long())
    drawing = (
        Drawing(SANKEY, found.columns(), [row for row in long if row[2]])
        if parameters.picture == "sankey"
        else Drawing(HEATMAP, found.columns(), long)
    )
    if parameters.view == "long":
        return Content(long, notes, found.columns(), drawing, found.trouble())
    return Content(_rows(found), notes, _columns(found), drawing, found.trouble())


def _columns(found: Migration) -> tuple[Column, ...]:
    names = [_LEFT if target == LEFT else Label(target, target) for target in found.targets]
    counts = [Column(f"to_{n}", name, "integer") for n, name in enumerate(names)]
    shares = [
        Column(f"share_{n}", Label(f"{name.en} %", f"{name.zh} %"), "percent") for n, name in enumerate(names)
    ]
    return (FROM, *counts, ALL, *shares)


def _rows(found: Migration) -> list[tuple[Any, ...]]:
    rows = [_row(s, [found.moved[s, t] for t in found.targets]) for s in found.sources]
    return [*rows, _row(TOTAL, [found.arrived(t) for t in found.targets])]


def _row(name: str, counts: list[int]) -> tuple[Any, ...]:
    total = sum(counts)
    return name, *counts, total, *(percent(Fraction(n, total)) if total else None for n in counts)


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    """Yield rows and columns of the matrix that do not add up, or cells whose share of their row is wrong."""
    if not rows or rows[-1][0] != TOTAL:
        totals: Counter[str] = Counter()
        for source, _, n, _ in rows:
            totals[source] += n
        for source, target, n, share in rows:
            if share != (percent(Fraction(n, totals[source])) if totals[source] else None):
                yield f"{source} to {target}: the share is not that of the row"
        return
    width = len(rows[0]) // 2 - 1
    for row in rows:
        if sum(row[1 : width + 1]) != row[width + 1]:
            yield f"row {row[0]} is not its total"
    for n in range(1, width + 2):
        if sum(row[n] for row in rows[:-1]) != rows[-1][n]:
            yield f"column {n} is not its total"


migration = Report(
    name="retail.tier_migration",
    title=Label("Tier migration matrix", "等级迁移矩阵"),
    reads=READS,
    columns=LONG,
    build=_build,
    parameters=MigrationParameters,
    foots=_foots,
    picture=HEATMAP,
    rules=("RET-28",),
)
