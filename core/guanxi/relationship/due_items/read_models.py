"""Tables from which the list of due items learns whose they are, and what was ruled about them."""

from __future__ import annotations

from datetime import datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.due_items.events import DueItemAssigned, DueItemWaived
from guanxi.relationship.file.events import FileOpened, FilesMerged, MergeUndone
from guanxi.relationship.ownership.events import (
    MaintainerChange,
    MaintainerDrawn,
    SectionAssigned,
    maintainer_after,
    takes_over,
)


@attrs.define
class DueOwnerRow:
    """Whose due items a stream's are."""

    account: str | None = None
    section: str | None = None


due_owners = ReadModel("core.due_owners", DueOwnerRow, title=Label("Whose due items", "待办事项所属"))


@due_owners.on
def _opened(rows: Rows[DueOwnerRow], e: FileOpened, at: datetime) -> None:
    rows[()].account = e.account


@due_owners.on
def _section(rows: Rows[DueOwnerRow], e: SectionAssigned, at: datetime) -> None:
    rows[()].section = e.section


@attrs.define
class AnswerableRow:
    """One change of who answers for a relationship; the latest number up to a moment tells who does.

    Where a merge named him, ``merge`` is the absorbed file, and ``before`` who had answered until then.
    """

    number: int = column(key=True)
    person: str | None = None
    since: datetime | None = None
    drawn: bool = False
    merge: str = ""
    before: str | None = None


answerable = ReadModel("core.due_answerable", AnswerableRow, title=Label("Who answers when", "责任人沿革"))


def _last(rows: Rows[AnswerableRow]) -> tuple[int, AnswerableRow]:
    """Return the number and row of the change so far last; the first row counts them."""
    count = rows[0]
    number = 0 if count.person is None else int(count.person)
    return number, rows[number] if number else AnswerableRow(0)


def _turn(rows: Rows[AnswerableRow], person: str | None, at: datetime, *, drawn: bool = False) -> None:
    number, _ = _last(rows)
    rows[0].person = str(number + 1)
    row = rows[number + 1]
    row.person, row.since, row.drawn = person, at, drawn


@answerable.on
def _changed(rows: Rows[AnswerableRow], e: MaintainerChange, at: datetime) -> None:
    _, last = _last(rows)
    if takes_over(e, last.person, drawn=last.drawn):
        _turn(rows, maintainer_after(e), at, drawn=isinstance(e, MaintainerDrawn))


@answerable.on
def _merged(rows: Rows[AnswerableRow], e: FilesMerged, at: datetime) -> None:
    number, last = _last(rows)
    if e.here == "survivor" and e.maintainer is not None and e.maintainer != last.person:
        _turn(rows, e.maintainer, at)
        rows[number + 1].merge, rows[number + 1].before = e.absorbed, last.person


@answerable.on
def _unmerged(rows: Rows[AnswerableRow], e: MergeUndone, at: datetime) -> None:
    _, last = _last(rows)
    if e.here == "survivor" and last.merge == e.absorbed:
        _turn(rows, last.before, at)


@attrs.define
class DueMarkRow:
    """What was ruled about one due item."""

    cadence: str = column(key=True)
    number: str = column(key=True)
    person: str | None = None
    waived_at: datetime | None = None
    waived_by: str | None = None
    reason: str | Erased | None = personal("access", default=None)  # noqa: RUF009 - an attrs field, not a default


due_mark_rows = ReadModel("core.due_marks", DueMarkRow, title=Label("Rulings on due items", "待办事项处置"))


@due_mark_rows.on
def _named(rows: Rows[DueMarkRow], e: DueItemAssigned, at: datetime) -> None:
    rows[e.cadence, e.number].person = e.person


@due_mark_rows.on
def _waived(rows: Rows[DueMarkRow], e: DueItemWaived, at: datetime) -> None:
    row = rows[e.cadence, e.number]
    if row.waived_at is None:
        row.waived_at, row.waived_by, row.reason = at, e.approver, e.reason
