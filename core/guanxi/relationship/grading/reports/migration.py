"""Report 30: how many customers are in which class, and where they came from (CORE-53)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.kernel.times import add_months
from guanxi.relationship.grading.events import FOUR_CLASS
from guanxi.relationship.grading.gradings import GradingRow, gradings
from guanxi.relationship.grading.members import MemberRow, members, owners
from guanxi.relationship.grading.reports.shared import (
    option,
)
from guanxi.relationship.grading.rules import (
    WHOLE,
)

NEW, LEFT = "new", "left"


@attrs.frozen
class MigrationParameters:
    """Which scheme, and from when to the cut."""

    scheme: str = option(FOUR_CLASS, "scheme", "分级方案")
    since: date | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, "opening day; a year before the cut if not given", "期初日期；默认一年前"
    )


def _migration(reader: Reader, parameters: MigrationParameters, asked: Asked) -> Content:
    opening = parameters.since or add_months(asked.day, -12)
    files = {stream: row for stream, row in reader.rows(members) if row.opened_on is not None}
    rows_of: dict[str, list[GradingRow]] = {}
    for stream, row in reader.rows(gradings):
        if row.scheme == parameters.scheme:
            rows_of.setdefault(stream, []).append(row)
    owner = owners(reader)
    before = {s: g for s in files if (g := _grade_on(rows_of.get(s, []), opening)) is not None}
    after = _closing(files, rows_of, owner, asked.day)
    moved: dict[tuple[str, str], int] = {}
    for stream in before.keys() | after.keys():
        pair = (before.get(stream, NEW), after.get(stream, LEFT))
        moved[pair] = moved.get(pair, 0) + 1
    order = _ladder(rows_of)
    sums: dict[str, int] = {}
    for (first, _), count in moved.items():
        sums[first] = sums.get(first, 0) + count
    rows = [
        (first, then, count, Decimal(count) * WHOLE / sums[first])
        for (first, then), count in sorted(moved.items(), key=lambda p: (order(p[0][0]), order(p[0][1])))
    ]
    opened = sum(n for (first, _), n in moved.items() if first != NEW)
    closing = sum(n for (_, then), n in moved.items() if then != LEFT)
    trouble = []
    if opened != len(before) or closing != len(after):
        trouble.append(f"rows sum to {opened} and {closing} against {len(before)} and {len(after)}")
    notes = [
        (Label("Classed at the opening", "期初在册"), f"{opening}: {len(before)}"),
        (Label("Classed at the closing", "期末在册"), f"{asked.day}: {len(after)}"),
    ]
    return Content(rows, notes=notes, trouble=trouble)


def _grade_on(rows: list[GradingRow], day: date) -> str | None:
    found = [r for r in rows if r.set_on <= day]
    return max(found, key=lambda r: (r.graded_on, r.set_on, -r.rank)).grade if found else None


def _closing(
    files: dict[str, MemberRow], rows_of: dict[str, list[GradingRow]], owner: dict[str, str], day: date
) -> dict[str, str]:
    """Return the classes at the cut: of files that became one, that of the better; closed and absorbed files have left."""
    shown: dict[str, list[GradingRow]] = {}
    for stream, rows in rows_of.items():
        shown.setdefault(owner.get(stream, stream), []).extend(rows)
    return {
        stream: grade
        for stream, row in files.items()
        if row.closed_on is None
        and row.absorbed_by is None
        and (grade := _grade_on(shown.get(stream, []), day)) is not None
    }


def _ladder(rows_of: dict[str, list[GradingRow]]) -> Any:
    ranks = {row.grade: row.rank for rows in rows_of.values() for row in rows}
    last = max(ranks.values(), default=0) + 1

    def order(grade: str) -> tuple[int, str]:
        return {NEW: (last, ""), LEFT: (last + 1, "")}.get(grade, (ranks.get(grade, last), grade))

    return order


migration = Report(
    name="core.class_migration",
    title=Label("Class distribution and migration", "分级及迁移"),
    reads=(members, gradings),
    parameters=MigrationParameters,
    columns=(
        Column("before", Label("From", "期初等级"), "code"),
        Column("after", Label("To", "期末等级"), "code"),
        Column("customers", Label("Customers", "客户数"), "integer"),
        Column("share", Label("Share of those before", "占期初比例"), "percent"),
    ),
    build=_migration,
    picture=Picture("sankey", "before", "after", Label("Migration between classes", "等级迁移"), "customers"),
    rules=("CORE-53", "CORE-94"),
)
