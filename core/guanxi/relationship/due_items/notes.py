"""What the core tells the kernel's list of due items: whose they are, who answers for them, and what was ruled (CORE-99)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from guanxi.kernel.cadences import DueMark, Ruling, Whose
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.relationship.due_items.commands import AssignDueItem, WaiveDueItem
from guanxi.relationship.due_items.marks import own_item
from guanxi.relationship.due_items.read_models import AnswerableRow, answerable, due_mark_rows, due_owners


class CoreDueNotes:
    """Reads what the rooms of the core know of due items."""

    reads: tuple[ReadModel[Any], ...] = (due_owners, answerable, due_mark_rows)

    def whose(self, reader: Reader, stream: str) -> Whose:
        """Return whose items a stream's are; nobody's account where the stream is no customer's."""
        row = reader.row(due_owners, stream)
        if row is None:
            return Whose()

        turns: list[AnswerableRow] = []

        def answering(moment: datetime) -> str | None:
            if not turns:
                turns.extend(_turns(reader, stream))
            return next((t.person for t in turns if t.since is None or t.since <= moment), None)

        return Whose(row.account, row.section, answering)

    def marks(self, reader: Reader) -> Mapping[tuple[str, str, str], DueMark]:
        """Return what was ruled about items, by stream, cadence and key."""
        return {
            (stream, row.cadence, row.number): DueMark(row.person, row.waived_at, row.waived_by, row.reason)
            for stream, row in reader.rows(due_mark_rows)
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
