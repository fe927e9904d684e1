"""Tables from which the list of due items learns whose they are, and what was ruled about them."""

from __future__ import annotations

from datetime import datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.due_items.events import DueItemAssigned, DueItemWaived
from guanxi.relationship.file.events import FileOpened
from guanxi.relationship.ownership.events import (
    HandoverAccepted,
    MaintainerAssigned,
    MaintainerDrawn,
    MaintainerReleased,
    SectionAssigned,
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
    """One change of who answers for a relationship; the latest number up to a moment tells who does."""

    number: int = column(key=True)
    person: str | None = None
    since: datetime | None = None
    drawn: bool = False


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
def _assigned(rows: Rows[AnswerableRow], e: MaintainerAssigned, at: datetime) -> None:
    _, last = _last(rows)
    if last.person in (None, e.person) or last.drawn:
        _turn(rows, e.person, at)


@answerable.on
def _drawn(rows: Rows[AnswerableRow], e: MaintainerDrawn, at: datetime) -> None:
    if _last(rows)[1].person is None:
        _turn(rows, e.person, at, drawn=True)


@answerable.on
def _released(rows: Rows[AnswerableRow], e: MaintainerReleased, at: datetime) -> None:
    if _last(rows)[1].person == e.person:
        _turn(rows, None, at)


@answerable.on
def _handed_over(rows: Rows[AnswerableRow], e: HandoverAccepted, at: datetime) -> None:
    _, last = _last(rows)
    if last.person in (None, e.giver, e.receiver) or last.drawn:
        _turn(rows, e.receiver, at)


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
