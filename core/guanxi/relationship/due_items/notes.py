"""What the core tells the kernel's list of due items: whose they are, who answers for them, and what was ruled (CORE-99)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from guanxi.kernel.cadences import DueMark, Ruling, Whose
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.relationship.due_items.commands import AssignDueItem, WaiveDueItem
from guanxi.relationship.due_items.marks import own_item
from guanxi.relationship.due_items.read_models import AnswerableRow, answerable, due_mark_rows, due_owners
from guanxi.relationship.file.read_models import absorbed_files, merged_files
from guanxi.relationship.file.spans import within
from guanxi.relationship.file.standing import survivor


class CoreDueNotes:
    """Reads what the rooms of the core know of due items."""

    reads: tuple[ReadModel[Any], ...] = (
        due_owners,
        answerable,
        due_mark_rows,
        merged_files,
        absorbed_files,
    )

    def whose(self, reader: Reader, stream: str, moment: datetime | None = None) -> Whose:
        """Return whose items a stream's are: an absorbed file's are its survivor's; nobody's account where it is no customer's."""
        top = stream if moment is None else survivor(reader, stream, moment)
        row = reader.row(due_owners, top)
        if row is None:
            return Whose()

        turns: dict[str, list[AnswerableRow]] = {}

        def answering(at: datetime) -> str | None:
            there = stream if moment is None else survivor(reader, stream, at)
            if there not in turns:
                turns[there] = list(_turns(reader, there))
            return next((t.person for t in turns[there] if t.since is None or t.since <= at), None)

        return Whose(row.account, row.section, answering, None if top == stream else top)

    def shown(self, reader: Reader, stream: str, moment: datetime) -> Sequence[str]:
        """Return the files that a survivor shows at a moment, those that they absorbed before included."""
        found: dict[str, None] = {}
        waiting = [stream]
        while waiting:
            for row in reader.rows_of(merged_files, waiting.pop()):
                if within(row.spans, moment) and row.absorbed not in (stream, *found):
                    found[row.absorbed] = None
                    waiting.append(row.absorbed)
        return tuple(found)

    def marks(self, reader: Reader, stream: str | None = None) -> Mapping[tuple[str, str, str], DueMark]:
        """Return what was ruled about items, by stream, cadence and key; in one stream, where it is named."""
        rows = (
            reader.rows(due_mark_rows)
            if stream is None
            else ((stream, row) for row in reader.rows_of(due_mark_rows, stream))
        )
        return {
            (where, row.cadence, row.number): DueMark(row.person, row.waived_at, row.waived_by, row.reason)
            for where, row in rows
        }

    def ruling(self, command: Any) -> Ruling | None:
        """Return what a command rules about a due item; nobody waives what he is to do himself."""
        if isinstance(command, AssignDueItem):
            return Ruling(command.cadence, command.number)
        return (
            Ruling(command.cadence, command.number, own_item) if isinstance(command, WaiveDueItem) else None
        )


def _turns(reader: Reader, stream: str) -> Iterator[AnswerableRow]:
    """Yield who answered for a relationship, the latest first, and nobody at last."""
    yield from (
        row for row in reversed(reader.rows_of(answerable, stream)) if row.number
    )  # the first one counts them
    yield AnswerableRow(0)
