"""Relationships that others' entries touch through dated links, judged along in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from guanxi.kernel.desk import SYSTEM, Desk
from guanxi.kernel.entries import FoldRow
from guanxi.kernel.links import joined, joiners
from guanxi.kernel.plans import GUARDED, Plan, Plans
from guanxi.kernel.ports import VersionConflict
from guanxi.kernel.rule_books import RuleBooks
from guanxi.kernel.standard import StreamJoined
from guanxi.kernel.walk import Draft


@attrs.define(eq=False, slots=False)
class Touching:
    """Judges along what shows the entries of other streams.

    Args:
        desk: what the ledger works with.
        rules: the rule sets published so far.
        plans: loads and judges streams.
    """

    _desk: Desk
    _rules: RuleBooks
    _plans: Plans

    def with_linked(self, plans: Sequence[Plan], connection: Any) -> list[Plan]:
        """Add the relationships that show what is about to be entered elsewhere, judged, and guards on all that was folded for them."""
        all_plans = {p.stream: p for p in plans}
        heard: dict[str, int] = {}
        waiting = [p for p in plans if p.drafts]
        for plan in plans:
            waiting += self._along(plan, all_plans)
        while waiting:
            plan = waiting.pop()
            # Two files that absorbed each other at different times touch each other: only what is new is passed on.
            before = heard.get(plan.stream, 0)
            new = plan.drafts[before:]
            heard[plan.stream] = len(plan.drafts)
            told = [d for d in new if not isinstance(d.event, StreamJoined)]
            if not told or not joined(plan.rows):
                continue
            for stream in joiners(self._desk.timelines.build(plan.stream, plan.rows)):
                shows = all_plans.get(stream)
                if not before and shows is not None and shows.along.get(plan.stream) is plan:
                    continue  # it was judged with this in view
                touched = self._touch(stream, plan, told, all_plans, connection)
                if len(touched.drafts) > heard.get(stream, 0):
                    waiting.append(touched)
                waiting += self._along(touched, all_plans)
        for plan in list(all_plans.values()):
            for other, rows in (plan.linked.rows if plan.linked else {}).items():
                if other not in all_plans and rows:
                    head = self._desk.store.heads([other], connection)[other]
                    if head.version != rows[-1].version:
                        raise VersionConflict(other)
                    all_plans[other] = Plan(
                        other,
                        head.subject,
                        head,
                        list(rows),
                        [],
                        head.next_due,
                        head.recorded_at,
                        linked=GUARDED,
                    )
        return list(all_plans.values())

    def _along(self, plan: Plan, all_plans: dict[str, Plan]) -> list[Plan]:
        """Take in the linked streams in which something fell due that a plan was judged with; return them."""
        new = [p for s, p in plan.along.items() if p.drafts and s not in all_plans]
        all_plans.update({p.stream: p for p in new})
        return new

    def _touch(
        self, stream: str, entered: Plan, told: Sequence[Draft], all_plans: dict[str, Plan], connection: Any
    ) -> Plan:
        """Judge a relationship again because of what was just entered in a stream it links."""
        plan = all_plans.get(stream)
        asked = plan is not None
        if plan is None:
            plan = self._plans.load(
                stream,
                self._desk.store.heads([stream], connection)[stream].subject,
                entered.known,
                connection,
            )
            all_plans[stream] = plan
        if plan.linked is None:
            return plan
        book = self._rules.book(connection)
        rows = entered.rows_after(self._plans.judge(book))
        before = _alike(plan.linked.rows.get(entered.stream, ()), rows)
        new = [d for d in told if d.version > (before[-1].version if before else 0)]
        if not new and asked:
            return plan
        seen = plan.linked.rows
        plan.linked = attrs.evolve(plan.linked, rows={**seen, entered.stream: rows})
        if new:
            touched = min(min(d.effective, _target_effective(entered.rows, d)) for d in new)
            before_it = {**seen, entered.stream: before}
            plan.linked = attrs.evolve(plan.linked, touched=touched, before=before_it)
        judged = self._plans.run(plan, (), book, SYSTEM)
        plan.drafts += judged.drafts
        plan.next_due = judged.next_due
        # What the next stream entered brings is judged beside this.
        plan.linked = attrs.evolve(plan.linked, touched=None, before=None)
        return plan


def _alike(seen: Sequence[FoldRow], rows: Sequence[FoldRow]) -> Sequence[FoldRow]:
    """Return what of a stream's rows a relationship was judged with already."""
    count = 0
    for one, other in zip(seen, rows, strict=False):
        if one[2:6] + one[7:] != other[2:6] + other[7:]:
            break
        count += 1
    return rows[:count]


def _target_effective(rows: Sequence[FoldRow], draft: Draft) -> str:
    effective, target = draft.effective, draft.target
    while target is not None:
        row = rows[int(target.rpartition("/")[2]) - 1]
        effective, target = min(effective, row.effective_from), row.target
    return effective
