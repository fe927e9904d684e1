"""Dated links between streams: begins and ends them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import attrs

from guanxi.kernel.appending import Appending
from guanxi.kernel.desk import Desk, unknown_customer
from guanxi.kernel.errors import Conflict, Invalid, Unknown
from guanxi.kernel.finding import Finding
from guanxi.kernel.intake import Intaking
from guanxi.kernel.judging import Linked
from guanxi.kernel.links import joiners, spans_of
from guanxi.kernel.messages import Command, Event
from guanxi.kernel.messages import command as command_class
from guanxi.kernel.plans import Plan, Plans
from guanxi.kernel.rule_books import RuleBooks
from guanxi.kernel.rules import RuleBook
from guanxi.kernel.standard import StreamJoined, StreamLinked, StreamUnlinked
from guanxi.kernel.telling import Outcome, Telling
from guanxi.kernel.times import stamp
from guanxi.kernel.walk import Intake


@command_class("core.link")
class _Linking(Command):
    """Stands for the act of linking while its times are checked."""


@attrs.define(eq=False, slots=False)
class Linking:
    """Links the streams of one ledger.

    Args:
        desk: what the ledger works with.
        rules: the rule sets published so far.
        plans: loads and judges streams.
        appending: writes what was judged.
        finding: finds streams.
        intaking: takes in single commands.
    """

    _desk: Desk
    _rules: RuleBooks
    _plans: Plans
    _appending: Appending
    _finding: Finding
    _intaking: Intaking

    def link(
        self,
        subject: str,
        other: str,
        *,
        mode: Literal["whole", "days"],
        link_type: str,
        actor: str,
        reason: str,
        effective_from: datetime | None,
        connection: Any,
    ) -> Outcome:
        """Show another stream's entries in a relationship from a day on; see ``Ledger.link``."""
        return self._link(
            subject, other, StreamLinked, mode, link_type, actor, reason, effective_from, connection
        )

    def unlink(
        self,
        subject: str,
        other: str,
        *,
        actor: str,
        reason: str,
        effective_from: datetime | None,
        connection: Any,
    ) -> Outcome:
        """End a link from a day on; see ``Ledger.unlink``."""
        return self._link(
            subject, other, StreamUnlinked, "whole", "", actor, reason, effective_from, connection
        )

    def _link(
        self,
        subject: str,
        other: str,
        kind: type[StreamLinked | StreamUnlinked],
        mode: Literal["whole", "days"],
        link_type: str,
        actor: str,
        reason: str,
        effective_from: datetime | None,
        connection: Any,
    ) -> Outcome:
        here, there = self._finding.find(subject, connection), self._finding.find(other, connection)
        if here is None or there is None:
            raise unknown_customer(subject if here is None else other)
        if here == there:
            raise Invalid(
                "link_to_itself",
                f"{subject} cannot be linked to itself",
                zh=f"{subject} 不能与自身关联",
                accepts="another stream",
            )

        def attempt() -> Outcome:
            now = self._desk.now()
            told = Telling(
                subject=subject,
                command=_Linking(),
                actor=actor,
                reason=reason,
                effective_from=effective_from,
                occurred_at=now,
            )
            telling = self._intaking.prepared(told, now)
            return self._attempt_link(here, there, kind, mode, link_type, telling, stamp(now), connection)

        return self._desk.repeated(attempt)

    def _attempt_link(
        self,
        here: str,
        there: str,
        kind: type[StreamLinked | StreamUnlinked],
        mode: Literal["whole", "days"],
        link_type: str,
        telling: Telling,
        recorded: str,
        connection: Any,
    ) -> Outcome:
        heads = self._desk.store.heads([here, there], connection)
        mine = self._plans.load(here, heads[here].subject, recorded, connection)
        theirs = self._plans.load(there, heads[there].subject, recorded, connection)
        assert telling.effective_from is not None
        at = stamp(telling.effective_from)
        lasting = any(
            s.other == there and s.begins <= at and (s.ends is None or at < s.ends)
            for s in spans_of(self._desk.timelines.build(here, mine.rows))
        )
        if kind is StreamLinked and lasting:
            raise Conflict(
                "already_linked",
                f"{there} is linked to {here} then",
                zh="此时已关联",
                accepts="a moment outside that link",
            )
        if kind is StreamUnlinked and not lasting:
            raise Unknown(
                "not_linked",
                f"{there} is not linked to {here} then",
                zh="此时没有关联",
                accepts="a moment within a link",
            )
        book = self._rules.book(connection)
        if mine.linked is None or there not in mine.linked.rows:
            seen = {} if mine.linked is None else mine.linked.rows
            before = None if mine.linked is None else mine.linked.decided
            mine.linked = Linked({**seen, there: theirs.rows}, decided=before)
            self._plans.catch_up_linked(mine, connection, new=(there,))
        event: Event = (
            StreamLinked(other=there, mode=mode, link_type=link_type)
            if kind is StreamLinked
            else StreamUnlinked(other=there)
        )
        plans = [mine]
        self._take_act(mine, event, telling, book)
        if kind is StreamLinked and here not in joiners(self._desk.timelines.build(there, theirs.rows)):
            self._take_act(theirs, StreamJoined(by=here, link_type=link_type), telling, book)
            plans.append(theirs)
        appended = self._appending.append(plans, telling, (), (), connection)
        return Outcome(
            here,
            tuple(e for e in appended if e.stream == here),
            tuple(e for e in appended if e.stream != here),
            False,
            self._desk.codec,
        )

    def _take_act(self, plan: Plan, event: Event, telling: Telling, book: RuleBook) -> None:
        assert telling.effective_from is not None
        intake = Intake(
            stamp(telling.effective_from), lambda _walk, _now: (event,), happened=True, tag=telling
        )
        judged = self._plans.run(plan, [intake], book, telling.actor)
        plan.drafts, plan.next_due = judged.drafts, judged.next_due
