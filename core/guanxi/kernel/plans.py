"""What streams are to gain: loads a stream with all that its judgement needs, and judges it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import attrs

from guanxi.kernel.desk import SYSTEM, Desk
from guanxi.kernel.entries import FoldRow, Head
from guanxi.kernel.errors import Conflict
from guanxi.kernel.judging import Judge, Judgement, Linked, Mark, decided_until
from guanxi.kernel.links import linked_streams, shown_from
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
    linked: Linked | None = None
    along: dict[str, Plan] = attrs.field(factory=dict)
    """The linked streams in which something fell due that is to be written with it."""
    apart: bool = False
    """Whether a judgement found that something may stand in it otherwise than it would be drawn."""
    rules_known: str | None = None
    """When the last rules were published that it was judged by; None while it was not judged."""

    def rows_after(self, judge: Judge) -> list[FoldRow]:
        """Return its rows with those it is to gain."""
        return self.rows + [judge.row_of(self.stream, d, self.known) for d in self.drafts]


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
        """Return a stream as it stands, with nothing yet to gain, and the streams that it shows with all that fell due in them."""
        return self._load(stream, kind, recorded, connection, frozenset(), {})

    def _load(
        self,
        stream: str,
        kind: str,
        recorded: str,
        connection: Any,
        above: frozenset[str],
        along: dict[str, Plan],
    ) -> Plan:
        head = self._desk.store.heads([stream], connection).get(stream)
        if head is not None and head.subject != kind:
            raise _other_subject(stream, head.subject, kind)
        rows = self._desk.store.fold_rows(stream, connection) if head is not None else []
        if head is not None and rows and rows[-1].version != head.version:
            raise VersionConflict(stream)
        known = max(recorded, head.recorded_at if head else "", self._rules.latest)
        plan = Plan(
            stream,
            kind,
            head,
            rows,
            [],
            head.next_due if head else None,
            known,
            linked=self.linked(stream, rows, connection),
            along=along,
        )
        if plan.linked is not None:
            self.catch_up_linked(plan, connection, above)
        return plan

    def catch_up_linked(
        self, plan: Plan, connection: Any, above: frozenset[str] = frozenset(), new: Collection[str] = ()
    ) -> None:
        """Draw what fell due in the streams that one shows before it is judged itself, to be written along with it.

        So what it draws never depends on whether a job advanced them before.

        Args:
            plan: of the stream that shows them.
            connection: the host's own connection.
            above: the streams for which it is loaded itself.
            new: streams that it is about to link.
        """
        assert plan.linked is not None
        own = self._desk.timelines.build(plan.stream, plan.rows)
        decided = decided_until(own, plan.rows, plan.linked)
        rows, judge = dict(plan.linked.rows), self.judge(self._rules.book(connection))
        for other in sorted({*shown_from(own, decided, plan.known), *new}):
            if other in above or other == plan.stream or not rows.get(other):
                continue
            if other not in plan.along:
                found = self._load(
                    other, plan.subject, plan.known, connection, above | {plan.stream}, plan.along
                )
                judged = self.run(found, (), self._rules.book(connection), SYSTEM)
                found.drafts, found.next_due = judged.drafts, judged.next_due
                plan.along[other] = found
            rows[other] = plan.along[other].rows_after(judge)
        plan.linked = attrs.evolve(plan.linked, rows=rows, decided=decided)

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
        rows, linked = plan.rows_after(judge), plan.linked
        if plan.drafts and linked is not None and linked.decided is not None:
            linked = attrs.evolve(linked, decided=plan.known)
        changed = (
            plan.head is not None
            and plan.head.judged_by != self._desk.house.room(plan.subject).digest
            and not plan.drafts
        )
        judged = judge.judge(
            plan.subject,
            plan.stream,
            rows,
            plan.known,
            intakes=intakes,
            marks=marks,
            actor=actor,
            deeds=deeds,
            facets_changed=changed,
            linked=linked,
        )
        plan.apart = plan.apart or judged.apart
        plan.rules_known = min(book.latest, plan.known)
        return judged

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
