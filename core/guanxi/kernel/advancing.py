"""Writes down what fell due, stream by stream."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import attrs

from guanxi.kernel.appending import Appending
from guanxi.kernel.desk import SYSTEM, TOO_MANY_WRITERS, Desk
from guanxi.kernel.entries import Head
from guanxi.kernel.errors import Conflict
from guanxi.kernel.plans import Plan, Plans
from guanxi.kernel.rule_books import RuleBooks
from guanxi.kernel.rules import RuleBook
from guanxi.kernel.times import stamp

Progress = Callable[[int, int], None]


@attrs.define(eq=False, slots=False)
class Advancing:
    """Catches up the streams of one ledger.

    Args:
        desk: what the ledger works with.
        rules: the rule sets published so far.
        plans: loads and judges streams.
        appending: writes what was judged.
    """

    _desk: Desk
    _rules: RuleBooks
    _plans: Plans
    _appending: Appending

    def advance(self, until: datetime | None, progress: Progress | None) -> int:
        """Write down what fell due; see ``Ledger.advance``."""
        now = self._desk.now()
        moment = stamp(now) if until is None else min(stamp(until), stamp(now))
        written = done = 0
        kinds = set(self._desk.house.rooms)
        digests = {self._desk.house.room(kind).digest for kind in kinds}
        after = ""
        while heads := self._desk.store.due(moment, digests, after=after):
            after = heads[-1].stream
            for head in heads:
                if head.subject in kinds:
                    written += self.advance_one(head, moment)
                    done += 1
            if progress is not None:
                progress(done, done)
        return written

    def advance_one(self, head: Head, moment: str) -> int:
        """Write down what fell due in one stream and return how many entries that took."""
        try:
            return self._desk.repeated(lambda: self._advance_once(head, moment))
        except Conflict as conflict:
            if conflict.code != TOO_MANY_WRITERS:
                raise
            return 0  # others write here all the time, and each append decides what is due

    def _advance_once(self, head: Head, moment: str) -> int:
        plan = self._plans.load(head.stream, head.subject, moment, None)
        book = self._rules.book()
        judged = self._plans.run(plan, (), book, SYSTEM)
        if not judged.drafts and self._stands(plan, judged.next_due) and not _news(plan, book):
            return 0
        plan.drafts, plan.next_due = judged.drafts, judged.next_due
        return len(self._appending.append([plan], None, (), (), None))

    def _stands(self, plan: Plan, next_due: str | None) -> bool:
        """Return whether a stream's head says already what is next due, as the facets of today see it."""
        digest = self._desk.house.room(plan.subject).digest
        return plan.head is not None and plan.head.next_due == next_due and plan.head.judged_by == digest


def _news(plan: Plan, book: RuleBook) -> bool:
    """Return whether a stream's head does not say yet that something stands apart in it, or that rules for its past were looked at."""
    head = plan.head
    if head is None or (plan.apart and head.apart_since is None):
        return True
    since = book.reach(head.rules_known)
    return since is not None and since <= head.recorded_at
