"""Relationships that others' entries touch through dated links, judged along in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from guanxi.kernel.desk import SYSTEM, Desk
from guanxi.kernel.entries import FoldRow
from guanxi.kernel.judging import Linked
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
        while waiting:
            plan = waiting.pop()
            # Two files that absorbed each other at different times touch each other: only what is new is passed on.
            new = plan.drafts[heard.get(plan.stream, 0) :]
            heard[plan.stream] = len(plan.drafts)
            told = [d for d in new if not isinstance(d.event, StreamJoined)]
            if not told or not joined(plan.rows):
                continue
            for stream in joiners(self._desk.timelines.build(plan.stream, plan.rows)):
                touched = self._touch(stream, plan, told, all_plans, connection)
                if len(touched.drafts) > heard.get(stream, 0):
                    waiting.append(touched)
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

    def _touch(
        self, stream: str, entered: Plan, told: Sequence[Draft], all_plans: dict[str, Plan], connection: Any
    ) -> Plan:
        """Judge a relationship again because of what was just entered in a stream it links."""
        plan = all_plans.get(stream)
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
        judge = self._plans.judge(self._rules.book(connection))
        decided = plan.linked.decided or max(
            r[-1].recorded_at for r in (plan.rows, *plan.linked.rows.values()) if r
        )
        first = min(min(d.effective, _target_effective(entered.rows, d)) for d in told)
        rows = [*entered.rows, *(judge.row_of(entered.stream, d, entered.known) for d in entered.drafts)]
        plan.linked = Linked({**plan.linked.rows, entered.stream: rows}, touched=first, decided=decided)
        judged = self._plans.run(plan, (), self._rules.book(connection), SYSTEM)
        plan.drafts += judged.drafts
        plan.next_due = judged.next_due
        plan.linked = attrs.evolve(
            plan.linked, touched=None
        )  # what the next stream entered brings is judged beside this
        return plan


def _target_effective(rows: Sequence[FoldRow], draft: Draft) -> str:
    effective, target = draft.effective, draft.target
    while target is not None:
        row = rows[int(target.rpartition("/")[2]) - 1]
        effective, target = min(effective, row.effective_from), row.target
    return effective
