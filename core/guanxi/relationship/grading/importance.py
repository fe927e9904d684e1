"""The classes in force, and how important they make a customer; computed, never stored (CORE-53, CORE-58)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import attrs

from guanxi.kernel.facets import Facet
from guanxi.kernel.labels import Label
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import Reader, ReadModel, Rows, column
from guanxi.kernel.reports import Asked
from guanxi.relationship.grading.events import (
    IMPORTANCE,
    ClassStated,
    GradeOverridden,
    GradeSet,
)
from guanxi.relationship.grading.members import owners
from guanxi.relationship.grading.rules import LOWEST, ImportanceRules

GRADED, OVERRIDDEN, STATED = "graded", "overridden", "stated"
_BEFORE = (OVERRIDDEN, GRADED, STATED)


@attrs.define
class ClassRow:
    """A class of a customer: graded, set by somebody until a day, or stated by a plugin; both days included."""

    scheme: str = column(key=True)
    how: str = column(key=True)
    source: str = column(key=True)
    grade: str = ""
    rank: int = 0
    graded_on: date | None = None
    since: date = date.min
    until: date | None = None
    approver: str = ""

    def in_force(self, day: date) -> bool:
        """Return whether it counts on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


def _graded(row: ClassRow, e: GradeSet, at: datetime) -> None:
    if row.graded_on == e.graded_on and row.rank <= e.rank and row.grade:
        return  # two files that became one were graded in the same run: the better class counts (CORE-94)
    if row.graded_on is not None and e.graded_on < row.graded_on:
        return
    row.grade, row.rank, row.graded_on, row.since = e.grade, e.rank, e.graded_on, at.date()


def _overridden(row: ClassRow, e: GradeOverridden, at: datetime) -> None:
    row.grade, row.since, row.until = e.grade, at.date(), e.until
    row.approver = e.approver


def _stated(row: ClassRow, e: ClassStated, at: datetime) -> None:
    row.grade, row.since, row.until = e.grade, e.since, e.until


def classes_in_force(rows: Iterable[ClassRow], day: date) -> dict[str, ClassRow]:
    """Return the class that counts in each scheme on a day: an override's before a computed one.

    Args:
        rows: a customer's classes.
        day: the day.
    """
    found: dict[str, ClassRow] = {}
    for row in sorted(rows, key=lambda r: (_BEFORE.index(r.how), r.source)):
        if row.in_force(day):
            found.setdefault(row.scheme, row)
    return found


def level_of(rows: Iterable[ClassRow], day: date, rules: ImportanceRules) -> int:
    """Return how important a customer is on a day, 1 for the most; the highest level of his classes wins (CORE-58).

    Args:
        rows: his classes.
        day: the day.
        rules: which class gives which level.
    """
    classes = classes_in_force(rows, day)
    override = classes.pop(IMPORTANCE, None)
    if override is not None:
        return int(override.grade)
    return min((rules.level(scheme, row.grade) for scheme, row in classes.items()), default=LOWEST)


@attrs.define
class Importance:
    """The classes of a customer; facets that read it ask for the level on a day.

    Args:
        classes: by scheme, how the class came about, and who stated it.
        figures: what a class that was graded rests on, by the same key.
        reasons: why somebody set a class, by the same key.
    """

    classes: dict[tuple[str, str, str], ClassRow] = attrs.field(factory=dict)
    figures: dict[tuple[str, str, str], tuple[tuple[str, str], ...]] = attrs.field(factory=dict)
    reasons: dict[tuple[str, str, str], str | Erased | None] = attrs.field(factory=dict)

    def level(self, day: date, rules: ImportanceRules) -> int:
        """Return how important the customer is on a day, 1 for the most and 4 for the rest.

        Args:
            day: the day.
            rules: the rules in force.
        """
        return level_of(self.classes.values(), day, rules)

    def in_force(self, scheme: str, day: date) -> str | None:
        """Return the class of a scheme that counts on a day, or None.

        Args:
            scheme: which.
            day: the day.
        """
        found = classes_in_force(self.classes.values(), day).get(scheme)
        return None if found is None else found.grade

    def _row(self, scheme: str, how: str, source: str = "") -> ClassRow:
        return self.classes.setdefault((scheme, how, source), ClassRow(scheme=scheme, how=how, source=source))


importance = Facet("core.importance", Importance, title=Label("Importance", "重要程度"))


@importance.evolve
def _set(s: Importance, e: GradeSet, at: datetime) -> None:
    row = s._row(e.scheme, GRADED)
    before = (row.grade, row.rank, row.graded_on)
    _graded(row, e, at)
    if before != (row.grade, row.rank, row.graded_on):
        s.figures[e.scheme, GRADED, ""] = e.inputs


@importance.evolve
def _ruled(s: Importance, e: GradeOverridden, at: datetime) -> None:
    _overridden(s._row(e.scheme, OVERRIDDEN), e, at)
    s.reasons[e.scheme, OVERRIDDEN, ""] = e.reason


@importance.evolve
def _told(s: Importance, e: ClassStated, at: datetime) -> None:
    _stated(s._row(e.scheme, STATED, e.plugin), e, at)


classes = ReadModel("core.classes", ClassRow, title=Label("Classes", "客户类别"))
"""Every customer's classes; ``levels_at`` reads the importance from it."""


@classes.on
def _row_set(rows: Rows[ClassRow], e: GradeSet, at: datetime) -> None:
    _graded(rows[e.scheme, GRADED, ""], e, at)


@classes.on
def _row_ruled(rows: Rows[ClassRow], e: GradeOverridden, at: datetime) -> None:
    _overridden(rows[e.scheme, OVERRIDDEN, ""], e, at)


@classes.on
def _row_told(rows: Rows[ClassRow], e: ClassStated, at: datetime) -> None:
    _stated(rows[e.scheme, STATED, e.plugin], e, at)


def classes_by_stream(reader: Reader) -> dict[str, list[ClassRow]]:
    """Return every customer's classes, by the stream of the file that shows them.

    Of files that became one the better class counts where one run graded both, else the later (CORE-94).

    Args:
        reader: at a cut; what reads it declares ``classes`` and ``members``.
    """
    owner = owners(reader)
    found: dict[str, dict[tuple[str, str, str], ClassRow]] = {}
    for stream, row in reader.rows(classes):
        own = found.setdefault(owner.get(stream, stream), {})
        key = (row.scheme, row.how, row.source)
        own[key] = row if key not in own else max(own[key], row, key=_counts)
    return {stream: list(own.values()) for stream, own in found.items()}


def _counts(row: ClassRow) -> tuple[date, int]:
    return row.graded_on or row.since, -row.rank


def levels_at(reader: Reader, asked: Asked) -> dict[str, int]:
    """Return how important every classed customer is at the cut, by stream; who is not in it is of level 4.

    Args:
        reader: at a cut; what reads it declares ``classes`` and ``members``.
        asked: the cut.
    """
    rules = asked.rules(ImportanceRules)
    return {stream: level_of(rows, asked.day, rules) for stream, rows in classes_by_stream(reader).items()}
