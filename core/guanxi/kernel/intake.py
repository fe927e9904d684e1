"""Takes in single commands: checks what is told, recognises what is on record, and has the rest judged and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import attrs
import msgspec

from guanxi.kernel.appending import Appending
from guanxi.kernel.claims import NOTHING_FOUND, Claims, Found
from guanxi.kernel.clocks import ClockRules
from guanxi.kernel.codec import check_length
from guanxi.kernel.desk import CUSTOMER, Desk, told_stamp, unknown_customer
from guanxi.kernel.entries import FoldRow, Kind
from guanxi.kernel.errors import Conflict, Incomplete, Invalid, Refusal, Unknown
from guanxi.kernel.facets import To
from guanxi.kernel.finding import Finding
from guanxi.kernel.house import Room
from guanxi.kernel.judging import Judgement, Linked
from guanxi.kernel.links import MERGE, spans_of
from guanxi.kernel.messages import Command, Decision, Event, fields_of
from guanxi.kernel.placing import Placing
from guanxi.kernel.plans import Plan, Plans
from guanxi.kernel.ports import ClaimChange, CommandRecord
from guanxi.kernel.rule_books import RuleBooks
from guanxi.kernel.rules import RuleBook
from guanxi.kernel.standard import CLAIM_DENIED, BreachRecorded, ClaimShared, StreamLinked
from guanxi.kernel.telling import Outcome, Telling
from guanxi.kernel.timeline import require_precision
from guanxi.kernel.times import DAY, midnight, stamp
from guanxi.kernel.walk import Intake, Moment, Walk, not_handed_over

_encode = msgspec.json.Encoder(order="deterministic").encode

LAST_YEAR = 9000
"""Deadlines are counted from what is entered, and must find room in the calendar."""


@attrs.define(eq=False, slots=False)
class Intaking:
    """Takes single commands into one ledger.

    Args:
        desk: what the ledger works with.
        rules: the rule sets published so far.
        plans: loads and judges streams.
        claims: collects claims.
        appending: writes what was judged.
        finding: finds streams.
        after_opening: told which accounts were opened.
    """

    _desk: Desk
    _rules: RuleBooks
    _plans: Plans
    _claims: Claims
    _appending: Appending
    _finding: Finding
    _after_opening: Callable[[Sequence[str]], None]
    placing: Placing = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.placing = Placing(self._desk)

    def execute(self, telling: Telling, connection: Any, book: RuleBook | None = None) -> Outcome:
        """Carry out a command, again where another writer was met; see ``Ledger.execute``.

        Args:
            telling: the command with its envelope.
            connection: the host's own connection.
            book: the rule sets that its times are checked against, where the caller has them at hand.
        """
        try:
            return self._desk.repeated(lambda: self._execute_once(telling, connection, book))
        except Refusal as refusal:
            if refusal.kept:
                self.keep(refusal, telling, connection)
            raise

    def keep(self, refusal: Refusal, telling: Telling, connection: Any = None) -> None:
        """Put on record what a refusal leaves behind, in a transaction of its own, or in the host's that it hands over."""
        self._desk.repeated(lambda: self._keep_once(refusal, telling, connection))

    def _keep_once(self, refusal: Refusal, telling: Telling, connection: Any) -> None:
        now = self._desk.now()
        telling = attrs.evolve(self.prepared(telling, now), happened=True)
        key, digest = self.command_key(telling), self.digest(telling)
        key = None if key is None else f"{key}#kept"
        if key is not None and key in self._desk.store.commands([key], connection):
            return
        plans: dict[str, Plan] = {}
        claims: list[ClaimChange] = []
        book, recorded = self._rules.book(connection), stamp(now)
        if facts := [kept for kept in refusal.kept if isinstance(kept, Event)]:
            self._keep_facts(facts, telling, recorded, book, plans, connection)
        for to in refusal.kept:
            if isinstance(to, To):
                other = attrs.evolve(
                    telling, subject=to.subject, command=to.command, source=None, command_id=None
                )
                self.judge_one(other, to.subject, to.command, recorded, book, plans, claims, connection)
        commands = [] if key is None else [(key, digest, next(iter(plans)))]
        self._appending.append(list(plans.values()), telling, claims, commands, connection)

    def _keep_facts(
        self,
        facts: Sequence[Event],
        telling: Telling,
        recorded: str,
        book: RuleBook,
        plans: dict[str, Plan],
        connection: Any,
    ) -> None:
        kind = self._finding.subject_kind(telling.command)
        stream = self._finding.stream_of(telling.subject, telling.command, kind, connection)
        plan = self._plans.load(stream, kind, recorded, connection)
        assert telling.effective_from is not None
        intake = Intake(
            told_stamp(telling.effective_from),
            lambda walk, now: iter(facts),
            True,
            telling,
            subject=telling.subject,
        )
        judged = self._plans.run(plan, [intake], book, telling.actor, deeds=telling.batch is None)
        plan.drafts, plan.next_due, plans[stream] = judged.drafts, judged.next_due, plan

    def _execute_once(self, telling: Telling, connection: Any, book: RuleBook | None) -> Outcome:
        now = self._desk.now()
        clocks = None if book is None else book.find(ClockRules, stamp(now), stamp(now))[0]
        prepared = self.prepared(telling, now, clocks)
        try:
            outcome = self._attempt(prepared, stamp(now), connection)
        except Refusal:
            if (done := self._done_meanwhile(prepared, connection)) is not None:
                return done
            raise
        if type(telling.command).opens_file and connection is None:
            self._after_opening([telling.subject])
        return outcome

    def prepared(self, telling: Telling, now: datetime, clocks: ClockRules | None = None) -> Telling:
        """Check what can be checked without the stream, and fill in the times."""
        if not isinstance(telling.command, Command):
            raise Invalid(
                "not_a_command",
                f"{telling.command!r} is not a command",
                zh=f"{telling.command!r} 不是命令",
                accepts="an instance of a command class",
            )
        check_envelope(telling)
        command = self._desk.codec.check(telling.command)
        if command is not telling.command:
            telling = attrs.evolve(telling, command=command)
        told: tuple[Any, ...] = (telling.occurred_at, telling.effective_from)
        for moment in told:
            if moment is not None and not isinstance(moment, datetime):
                stamp(moment)
        occurred = telling.occurred_at or now
        by_hand = telling.source is None and telling.batch is None
        if telling.precision == DAY and by_hand and occurred.time() != time.min:
            occurred = midnight(occurred.astimezone(self._desk.tz).date(), self._desk.tz)
        effective = telling.effective_from or occurred
        if effective.year > LAST_YEAR:
            raise Invalid(
                "invalid_date",
                f"{effective.isoformat()} lies at the end of the calendar",
                zh=f"{effective.isoformat()} 已到日历尽头",
                accepts=f"a moment up to the year {LAST_YEAR}",
            )
        at, counts_from = told_stamp(occurred), told_stamp(effective)
        if clocks is None:
            recorded = stamp(now)
            clocks, _ = self._rules.book().find(ClockRules, recorded, recorded)
        if occurred - now > timedelta(minutes=clocks.clock_skew_minutes):
            raise Invalid(
                "future_dated",
                f"{at} lies ahead of {stamp(now)}",
                zh=f"发生时间 {at} 晚于记录时间 {stamp(now)}",
                rule="CORE-02",
                accepts="effective_from for what is still to come",
            )
        if not telling.reason and telling.source is None and telling.batch is None:
            earliest = occurred if at <= counts_from else effective
            days = (now.astimezone(self._desk.tz).date() - earliest.astimezone(self._desk.tz).date()).days
            if days > clocks.late_after_days:
                raise Incomplete(
                    "late_entry_needs_reason",
                    f"it is entered {days} days after the day it counts from",
                    zh=f"补录迟了 {days} 天，需要说明原因",
                    rule="CORE-02",
                    accepts="reason=...",
                )
        if telling.occurred_at is occurred and telling.effective_from is effective:
            return telling
        return attrs.evolve(
            telling,
            occurred_at=occurred,
            effective_from=effective,
            untimed=telling.untimed or telling.occurred_at is None,
        )

    def _attempt(self, telling: Telling, recorded: str, connection: Any) -> Outcome:
        digest = self.digest(telling)
        key = self.command_key(telling)
        if key is not None and (seen := self._desk.store.commands([key], connection).get(key)) is not None:
            return self._again(seen, digest, telling, connection)
        book = self._rules.book(connection)
        plans: dict[str, Plan] = {}
        claims: list[ClaimChange] = []
        first = self.judge_one(
            telling, telling.subject, telling.command, recorded, book, plans, claims, connection
        )
        appended = self._appending.append(
            list(plans.values()),
            telling,
            claims,
            [] if key is None else [(key, digest, first.stream)],
            connection,
        )
        mine = [e for e in appended if e.stream == first.stream]
        return Outcome(
            first.stream,
            tuple(mine),
            tuple(e for e in appended if e.stream != first.stream),
            False,
            self._desk.codec,
        )

    def _done_meanwhile(self, telling: Telling, connection: Any) -> Outcome | None:
        """Return the first outcome of a command that somebody else carried out while it was judged here, if so."""
        key = self.command_key(telling)
        seen = None if key is None else self._desk.store.commands([key], connection).get(key)
        if seen is None or seen.digest != self.digest(telling):
            return None
        return self._again(seen, seen.digest, telling, connection)

    def judge_one(
        self,
        telling: Telling,
        subject: str,
        command: Command,
        recorded: str,
        book: RuleBook,
        plans: dict[str, Plan],
        claims: list[ClaimChange],
        connection: Any,
    ) -> Plan:
        """Judge a command and what it sends to other subjects; add to ``plans`` and ``claims`` what comes of it."""
        kind = self._finding.subject_kind(command)
        stream = self._finding.stream_of(subject, command, kind, connection)
        plan = plans.get(stream) or self._plans.load(stream, kind, recorded, connection)
        if telling.ground is not None:
            self._check_ground(telling.ground, plan, connection)
        room = self._desk.house.room(kind)
        place = self.placing.place(stream, plan.rows, telling, command, connection)
        decided: Judgement | None = None
        decider: Plan | None = None
        if place is not None:
            # A thing of a merged party: ruled on by what the survivor shows, entered where it began.
            stream = place.home
            decider = plans.get(place.decides) or self._plans.load(place.decides, kind, recorded, connection)
            asked = self.intake(room, command, telling, telling, connection=connection)
            decided = self._plans.run(decider, [asked], book, telling.actor, deeds=False)
            plan = plans.get(stream) or self._plans.load(stream, kind, recorded, connection)
        facts = None if decided is None else [d.event for d in decided.drafts if d.tag is telling]
        intake = self.intake(room, command, telling, telling, connection=connection, facts=facts)
        judged = self._plans.run(plan, [intake], book, telling.actor, deeds=telling.batch is None)
        if self.link(plan, judged, connection):
            judged = self._plans.run(plan, [intake], book, telling.actor, deeds=telling.batch is None)
        found = self._claims.collect(
            plan,
            room,
            judged,
            claims,
            telling.happened,
            connection,
            opening=plan.head is None and kind == CUSTOMER,
        )
        if found is not NOTHING_FOUND:
            judged = self._plans.run(
                plan,
                [self.intake(room, command, telling, telling, found, connection, facts)],
                book,
                telling.actor,
                deeds=telling.batch is None,
            )
        plan.drafts += judged.drafts
        plan.next_due = judged.next_due
        plans[stream] = plan
        if decider is not None and plan.drafts:
            plans.setdefault(decider.stream, decider)  # what it was decided on must not have moved meanwhile
        for sent in (judged if decided is None else decided).outbox:
            to = sent.to
            other = attrs.evolve(
                telling, subject=to.subject, command=to.command, source=None, command_id=None
            )
            self.judge_one(other, to.subject, to.command, recorded, book, plans, claims, connection)
        return plan

    def link(self, plan: Plan, judged: Judgement, connection: Any) -> bool:
        """Have a plan see the streams that a command has just linked; return whether there are any it did not see yet."""
        seen = {} if plan.linked is None else plan.linked.rows
        new = [
            d.event.other
            for d in judged.drafts
            if isinstance(d.event, StreamLinked) and d.event.other not in seen
        ]
        if new:
            rows = self._desk.store.fold_rows_of(new, connection=connection)
            for d in judged.drafts:
                if isinstance(d.event, StreamLinked) and d.event.link_type == MERGE and d.event.other in rows:
                    self._refuse_clash(plan, d.event.other, rows[d.event.other])
            before = None if plan.linked is None else plan.linked.decided
            plan.linked = Linked({**seen, **{s: rows.get(s, []) for s in new}}, decided=before)
            self._plans.catch_up_linked(plan, connection, new=new)
        return bool(new)

    def _refuse_clash(self, plan: Plan, other: str, rows: Sequence[FoldRow]) -> None:
        """Refuse to show two files as one where both have something of the same number (CORE-13).

        What both have from the same place in the same source is one thing, and counts once.
        """
        mine, theirs = self._numbers(plan.stream, plan.rows), self._numbers(other, rows)
        if plan.linked is not None:
            own = self._desk.timelines.build(plan.stream, plan.rows)
            for shown in {s.other for s in spans_of(own) if s.link_type == MERGE and s.lasts(plan.known)}:
                for key, sources in self._numbers(shown, plan.linked.rows.get(shown, ())).items():
                    mine.setdefault(key, set()).update(sources)
        same = [key for key in mine.keys() & theirs.keys() if not mine[key] & theirs[key]]
        if same:
            told = ", ".join(sorted(f"{number} ({name})" for name, number in same))
            raise Conflict(
                "numbers_clash",
                f"both files have {told}",
                zh=f"两份档案都有 {told}",
                rule="CORE-13",
                accepts="a merge after one of each was voided, or entered anew under another number",
            )

    def _numbers(self, stream: str, rows: Sequence[FoldRow]) -> dict[tuple[str, str], set[str]]:
        """Return under which numbers things begin in a stream, with the source references they came from."""
        found: dict[tuple[str, str], set[str]] = {}
        for item in self._desk.timelines.build(stream, rows):
            if isinstance(item.event, Decision):
                continue  # what the rules drew in both is told apart by its stream
            for field in item.event.number_fields:
                if (number := getattr(item.event, field)) is not None:
                    sources = found.setdefault((item.event.stored_name, str(number)), set())
                    sources.update([item.row.source] if item.row.source is not None else ())
        return found

    def intake(
        self,
        room: Room,
        command: Command,
        telling: Telling,
        tag: Any,
        found: Found = NOTHING_FOUND,
        connection: Any = None,
        facts: Sequence[Event] | None = None,
    ) -> Intake:
        """Return what a judge takes in for a command, with the claims denied to it and those that others share.

        Args:
            room: the facets of the stream's kind.
            command: what is told.
            telling: its envelope.
            tag: what its entries are known by.
            found: what others claim.
            connection: the host's own connection.
            facts: what comes of it, where another stream decided that.
        """
        index, handler = room.deciders[type(command)]
        named = getattr(command, command.names_other) if command.names_other else None
        other = None if named is None else self._finding.find(named, connection)

        def decided(walk: Walk, now: Moment) -> Iterator[Any]:
            for i, kinds, gate in room.gates:
                if isinstance(command, kinds):
                    now.index = i
                    gate(walk.states[i], command, now)
            now.index = index
            yield from handler(walk.states[index], command, now)

        def produce(walk: Walk, now: Moment) -> Iterator[Any]:
            if named is not None and other is None:
                raise unknown_customer(named)
            now.other, now.actor = other or "", telling.actor
            denied = list(found.denied)
            for fact in decided(walk, now) if facts is None else facts:
                if room.unknown(fact):
                    raise not_handed_over(handler, room.facets[index].name, fact)
                yield fact
                for claim in room.claimers.get(type(fact), ()) if denied else ():
                    for kind in {c.kind for c in claim(fact)}.intersection(denied):
                        denied.remove(kind)
                        yield BreachRecorded(rule="CORE-95", code=CLAIM_DENIED)
            for _ in denied:
                yield BreachRecorded(rule="CORE-95", code=CLAIM_DENIED)
            for kind, others in found.shared:
                yield ClaimShared(kind=kind, others=others)

        assert telling.effective_from is not None
        return Intake(
            told_stamp(telling.effective_from), produce, telling.happened, tag, subject=telling.subject
        )

    def _check_ground(self, ground: str, plan: Plan, connection: Any) -> None:
        stream, _, version = ground.rpartition("/")
        rows = plan.rows if stream == plan.stream else self._desk.store.fold_rows(stream, connection)
        if not version.isdigit() or not any(
            r.version == int(version) and r.kind == Kind.DECISION for r in rows
        ):
            raise Unknown(
                "unknown_entry",
                f"there is no decision {ground}",
                zh=f"没有判定 {ground}",
                rule="CORE-05",
                accepts="the id of a decision as history shows it",
            )

    def command_key(self, telling: Telling) -> str | None:
        """Return the key under which a telling is taken in once, if it has one."""
        if telling.command_id is not None:
            return "c:" + telling.command_id
        if telling.source is not None:
            s = telling.source
            return "s:" + self._desk.sealing.token(
                "source", "\x1f".join((telling.subject, s.system, s.document or "", s.line or ""))
            )
        return None

    def digest(self, telling: Telling) -> str:
        """Return what a repeated telling must agree with."""
        assert telling.occurred_at is not None
        timed = telling.source is not None and not telling.untimed
        command = telling.command
        body = [
            command.stored_name,
            telling.subject,
            told_stamp(telling.occurred_at) if timed else None,
        ]
        # Fields at their defaults are left out, so that a command may gain optional fields without old references conflicting.
        told = {
            name: value
            for name, default in _told_fields(type(command))
            if (value := getattr(command, name)) != default
        }
        return self._desk.sealing.token("command", _encode([*body, told]).decode())

    def _again(self, seen: CommandRecord, digest: str, telling: Telling, connection: Any) -> Outcome:
        if seen.digest != digest:
            raise differs_on_record(telling, f"{seen.stream}/{seen.first_version}")
        entries = [
            e
            for e in self._desk.store.entries(seen.stream, connection)
            if seen.first_version <= e.version <= seen.last_version
        ]
        return Outcome(seen.stream, tuple(entries), (), True, self._desk.codec)


def check_envelope(telling: Telling) -> None:
    """Refuse an envelope that could not be kept as it is told."""
    require_precision(telling.precision)
    if not telling.actor or not str(telling.actor).strip():
        raise Incomplete(
            "actor_missing", "an entry needs somebody who enters it", zh="缺少经办人", accepts="actor=..."
        )
    for name in (
        "subject",
        "actor",
        "reason",
        "on_behalf_of",
        "channel",
        "section",
        "command_id",
        "correlation",
        "ground",
        "batch",
    ):
        value = getattr(telling, name)
        if value is not None and not (
            isinstance(value, str) and value.strip() and value.isprintable() | (name == "reason")
        ):
            raise Invalid(
                "blank",
                f"{name} is {value!r}",
                zh=f"{name} 为 {value!r}",
                accepts="text that says something, or None",
            )
        check_length(name, value)


_FIELDS: dict[type[Any], tuple[tuple[str, Any], ...]] = {}


def _told_fields(command: type[Any]) -> tuple[tuple[str, Any], ...]:
    """Return a command's fields with their defaults; a field without one is always told."""
    if command not in _FIELDS:
        fields = fields_of(command)
        _FIELDS[command] = tuple((a.name, _default(a)) for a in sorted(fields, key=lambda a: str(a.name)))
    return _FIELDS[command]


def _default(attribute: attrs.Attribute[Any]) -> Any:
    default: Any = attribute.default
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]


def differs_on_record(telling: Telling, first: str) -> Conflict:
    """Return the refusal of a telling that is on record with other content."""
    if telling.command_id is None:
        code, what, zh = (
            "source_conflict",
            f"the source reference {telling.source}",
            "同一来源编号已有不同内容",
        )
    else:
        code, what, zh = (
            "command_conflict",
            f"the command id {telling.command_id}",
            "同一命令编号已有不同内容",
        )
    return Conflict(
        code,
        f"{what} is on record with other content",
        zh=zh,
        rule="CORE-03",
        accepts="the same content, or another reference",
        first=first,
    )
