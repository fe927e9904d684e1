"""What streams are to gain: loads a stream with all that its judgement needs, and judges it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from guanxi.kernel.desk import Desk
from guanxi.kernel.entries import FoldRow, Head
from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import To
from guanxi.kernel.judging import Judge, Judgement, Linked, Mark
from guanxi.kernel.links import linked_streams
from guanxi.kernel.ports import VersionConflict
from guanxi.kernel.rule_books import RuleBooks
from guanxi.kernel.rules import RuleBook
from guanxi.kernel.standard import StreamLinked
from guanxi.kernel.walk import Draft, Intake

GUARDED = Linked()
"""Marks the plan of a stream that was folded for another and must not have moved meanwhile."""


@attrs.define
class Plan:
    """What one stream is to gain, while a transaction is put together."""

    stream: str
    subject: str
    head: Head | None
    rows: list[FoldRow]
    drafts: list[Draft]
    next_due: str | None
    known: str
    outbox: list[To] = attrs.field(factory=list)
    linked: Linked | None = None


@attrs.define(eq=False, slots=False)
class Plans:
    """Loads and judges the streams of one ledger.

    Args:
        desk: what the ledger works with.
        rules: the rule sets published so far.
    """

    _desk: Desk
    _rules: RuleBooks

    def load(self, stream: str, kind: str, recorded: str, connection: Any) -> Plan:
        """Return a stream as it stands, with nothing yet to gain."""
        head = self._desk.store.heads([stream], connection).get(stream)
        if head is not None and head.subject != kind:
            raise _other_subject(stream, head.subject, kind)
        rows = self._desk.store.fold_rows(stream, connection) if head is not None else []
        if head is not None and rows and rows[-1].version != head.version:
            raise VersionConflict(stream)
        known = max(recorded, head.recorded_at if head else "", self._rules.latest)
        return Plan(
            stream,
            kind,
            head,
            rows,
            [],
            head.next_due if head else None,
            known,
            linked=self.linked(stream, rows, connection),
        )

    def run(
        self,
        plan: Plan,
        intakes: Sequence[Intake],
        book: RuleBook,
        actor: str,
        *,
        deeds: bool = True,
        marks: Sequence[Mark] = (),
    ) -> Judgement:
        """Judge a stream with what is told of it, after what it is to gain already."""
        judge = Judge(self._desk.house, book, self._desk.timelines, self._desk.tz)
        rows = plan.rows + [judge.row_of(plan.stream, d, plan.known) for d in plan.drafts]
        changed = (
            plan.head is not None
            and plan.head.judged_by != self._desk.house.room(plan.subject).digest
            and not plan.drafts
        )
        return judge.judge(
            plan.subject,
            plan.stream,
            rows,
            plan.known,
            intakes=intakes,
            marks=marks,
            actor=actor,
            deeds=deeds,
            facets_changed=changed,
            linked=plan.linked,
        )

    def linked(self, stream: str, rows: Sequence[FoldRow], connection: Any = None) -> Linked | None:
        """Return the rows of every stream that one ever linked; None for most, which linked none."""
        if not linked_streams(rows):
            return None
        others = {
            i.event.other
            for i in self._desk.timelines.build(stream, rows)
            if isinstance(i.event, StreamLinked)
        }
        found = self._desk.store.fold_rows_of(sorted(others), connection=connection)
        return Linked({s: found.get(s, []) for s in others})

    def judge(self, book: RuleBook | None = None) -> Judge:
        """Return a judge under a rule book; the one published so far if none is given."""
        return Judge(self._desk.house, book or self._rules.book(), self._desk.timelines, self._desk.tz)


def _other_subject(stream: str, there: str, wanted: str) -> Conflict:
    return Conflict(
        "subject_differs",
        f"{stream} is a stream of {there}, not of {wanted}",
        zh=f"{stream} 属于 {there}，不是 {wanted}",
        accepts=f"a command for {there}, or another subject",
    )
