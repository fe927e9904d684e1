"""The ledger: takes commands in, has them judged, and appends what follows, in one transaction, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
from eventsourcing.application import Application

from guanxi.kernel.clocks import ClockRules
from guanxi.kernel.codec import Codec
from guanxi.kernel.entries import ALGORITHMS, Entry, FoldRow, Head, seal_chain
from guanxi.kernel.errors import Conflict, Incomplete, Invalid, NotPermitted, PluginError, Refusal, RuleNotMet, Unknown
from guanxi.kernel.facets import ADVISORY, To
from guanxi.kernel.history import History
from guanxi.kernel.house import House, Room, check_endings
from guanxi.kernel.judging import Judge, Judgement, Mark
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Command, Decision, Event
from guanxi.kernel.plugins import Installed, Parts, check_together
from guanxi.kernel.ports import Append, ClaimChange, ClaimTaken, Clock, CommandRecord, CommandSeen, Keyring, Store, StreamAppend, VersionConflict
from guanxi.kernel.privacy import Sealing
from guanxi.kernel.projection import ProjectionSource
from guanxi.kernel.recording import EntryMapper, RelationshipRepository
from guanxi.kernel.registry import Registry
from guanxi.kernel.reporting import Reporting
from guanxi.kernel.rules import Published, RuleBook, RuleSet, parameters_of, rule_set_from
from guanxi.kernel.standard import MECHANISM, BreachRecorded, EntryCorrected, EntryVoided, RuleSetPublished
from guanxi.kernel.telling import ACCOUNT, Outcome, Source, Telling, Verdict
from guanxi.kernel.timeline import Cut, Timelines, cut
from guanxi.kernel.times import DAY, DEFAULT_ZONE, INSTANT, stamp, zone
from guanxi.kernel.walk import Draft, Intake, Moment, Walk, kind_of

if TYPE_CHECKING:
    from eventsourcing.persistence import ApplicationRecorder, Mapper
    from guanxi.kernel.reports import ReportResult

RULES_STREAM = "rules"
RULES_SUBJECT = "rules"
CUSTOMER = "customer"
ATTEMPTS = 12
SYSTEM = "system"

Progress = Callable[[int, int], None]


@attrs.frozen
class Backend:
    """What an adapter hands to the kernel: a store with its keyring, a clock, and a source of opaque ids."""

    store: Store
    keyring: Keyring
    clock: Clock
    new_id: Callable[[], str]


@attrs.define
class _Plan:
    """What one stream is to gain, while a transaction is put together."""

    stream: str
    subject: str
    head: Head | None
    rows: list[FoldRow]
    drafts: list[Draft]
    next_due: str | None
    known: str


class Ledger(Application[str]):
    """Customer relationships of one tenant, kept as an append-only log.

    Made by ``guanxi.open``. Safe to share between threads.

    Args:
        backend: store, keyring, clock and ids.
        plugins: what ``discover`` found, or parts handed over directly.
        core: the parts that are always there.
    """

    name = "guanxi"

    def __init__(self, backend: Backend, plugins: Sequence[Installed | Parts] = (), *, core: Sequence[Parts] = ()) -> None:
        self.backend, self.store, self.clock = backend, backend.store, backend.clock
        self.installed: tuple[Installed, ...] = tuple(
            p if isinstance(p, Installed) else Installed(p.name, f"{p.name} {p.version}", p) for p in plugins
        )
        self.parts: tuple[Parts, ...] = (*core, *(p.parts for p in self.installed if p.parts is not None))
        check_together(self.parts)
        meta = self.store.meta()
        self.zone_name = meta.get("zone", DEFAULT_ZONE)
        self.tz = zone(self.zone_name)
        self.sealing = Sealing(self.store.tenant, backend.keyring)
        events = [*MECHANISM, *(e for p in self.parts for e in p.events)]
        self.registry = Registry(dict.fromkeys(events), [u for p in self.parts for u in p.upcasters])
        self.house = House([f for p in self.parts for f in p.facets])
        check_endings(self.house, [c for c in self.registry.classes.values() if issubclass(c, Decision)])
        self.codec = Codec(self.registry, self.sealing)
        ranks = {name: rank for room in self.house.rooms.values() for name, rank in room.due_rank.items()}
        self.timelines = Timelines(self.codec, self.tz, ranks)
        self.owners = {e.stored_name: (p.name, p.version) for p in self.parts for e in p.events}
        self.labels: dict[str, Label] = {k: v for p in self.parts for k, v in p.labels.items()}
        self.commands: dict[str, type[Command]] = {c.stored_name: c for p in self.parts for c in p.commands}
        self._rule_classes: tuple[type[RuleSet], ...] = (ClockRules, *(r for p in self.parts for r in p.rule_sets))
        self._book: tuple[int, RuleBook] = (-1, RuleBook(self._rule_classes))
        self._lock = RLock()
        self.reporting = Reporting(self)
        super().__init__()

    # ------------------------------------------------------------ the eventsourcing library's hooks

    def construct_recorder(self) -> ApplicationRecorder:
        """Return this ledger's log as a recorder."""
        return self.store.recorder()

    def construct_mapper(self) -> Mapper[str]:
        """Return the mapper between stored events and entries."""
        return EntryMapper(self.codec, self.tz)

    def construct_repository(self) -> RelationshipRepository:
        """Return a repository whose aggregates are relationships as of now."""
        return RelationshipRepository(self.events, self.relationship)

    def relationship(self, stream: str) -> Judgement:
        """Return the states of a stream as of now."""
        head = self.store.heads([stream]).get(stream)
        if head is None:
            raise _unknown(stream)
        return self._judge().state(head.subject, stream, self.store.fold_rows(stream), Cut(), stamp(self.clock()))

    def close(self) -> None:
        """Release every connection."""
        super().close()
        self.store.close()
        self.backend.keyring.close()

    # ------------------------------------------------------------ taking in

    def execute(
        self,
        subject: str,
        command: Command,
        *,
        actor: str,
        reason: str | None = None,
        occurred_at: datetime | None = None,
        effective_from: datetime | None = None,
        precision: str = INSTANT,
        happened: bool = False,
        source: Source | None = None,
        on_behalf_of: str | None = None,
        channel: str | None = None,
        section: str | None = None,
        command_id: str | None = None,
        correlation: str | None = None,
        connection: Any = None,
    ) -> Outcome:
        """Carry out a command, or take in the report of something that already happened.

        Args:
            subject: the customer's account number, or the opaque id of a stream.
            command: what is ordered or told.
            actor: who enters it.
            reason: why, in free text; sealed, since it may be personal.
            occurred_at: when it happened; now if not given.
            effective_from: from when it counts; ``occurred_at`` if not given.
            precision: ``"instant"`` or ``"day"``.
            happened: whether it already happened outside, so that a broken rule flags it instead of refusing it.
            source: reference in the system it came from; the same reference is taken in once (CORE-03).
            on_behalf_of: for whom the actor acts.
            channel: where it came in.
            section: business unit it belongs to.
            command_id: id under which a retry is recognised.
            correlation: id that links entries of one business transaction.
            connection: the host's own SQLAlchemy connection; the append is provisional until the host commits.

        Returns:
            What was appended; the first outcome again for a command id or source reference seen before.

        Raises:
            Refusal: the input was not accepted; nothing was recorded.
        """
        telling = Telling(
            subject=subject,
            command=command,
            actor=actor,
            reason=reason,
            occurred_at=occurred_at,
            effective_from=effective_from,
            precision=precision,
            happened=happened,
            source=source,
            on_behalf_of=on_behalf_of,
            channel=channel,
            section=section,
            command_id=command_id,
            correlation=correlation,
        )
        for _ in range(ATTEMPTS):
            now = self.clock()
            prepared = self._prepared(telling, now)
            try:
                return self._attempt(prepared, stamp(now), connection)
            except (VersionConflict, ClaimTaken, CommandSeen):
                continue
        raise Conflict(
            "too_many_writers",
            f"{ATTEMPTS} attempts met other writers each time",
            zh=f"连续 {ATTEMPTS} 次与其他写入者冲突",
            accepts="the same command again, a little later",
        )

    def _prepared(self, telling: Telling, now: datetime) -> Telling:
        """Check what can be checked without the stream, and fill in the times."""
        if not isinstance(telling.command, Command):
            raise Invalid("not_a_command", f"{telling.command!r} is not a command", accepts="an instance of a command class")
        if not telling.actor:
            raise Incomplete("actor_missing", "an entry needs somebody who enters it", zh="缺少经办人", accepts="actor=...")
        occurred = telling.occurred_at or now
        effective = telling.effective_from or occurred
        at, recorded = stamp(occurred), stamp(now)
        stamp(effective)
        rules, _ = self.rule_book().find(ClockRules, recorded, recorded)
        if occurred - now > timedelta(minutes=rules.clock_skew_minutes):
            raise Invalid(
                "future_dated",
                f"{at} lies ahead of {recorded}",
                zh=f"发生时间 {at} 晚于记录时间 {recorded}",
                rule="CORE-02",
                accepts="effective_from for what is still to come",
            )
        earliest = min(occurred, effective)
        days = (now.astimezone(self.tz).date() - earliest.astimezone(self.tz).date()).days
        if days > rules.late_after_days and not telling.reason and telling.source is None and telling.batch is None:
            raise Incomplete(
                "late_entry_needs_reason",
                f"it is entered {days} days after the day it counts from",
                zh=f"补录迟了 {days} 天，需要说明原因",
                rule="CORE-02",
                accepts="reason=...",
            )
        return attrs.evolve(telling, occurred_at=occurred, effective_from=effective)

    def _attempt(self, telling: Telling, recorded: str, connection: Any) -> Outcome:
        digest = self._digest(telling)
        key = self._command_key(telling)
        if key is not None and (seen := self.store.commands([key], connection).get(key)) is not None:
            return self._again(seen, digest, telling)
        book = self.rule_book(connection)
        plans: dict[str, _Plan] = {}
        claims: list[ClaimChange] = []
        first = self._judge_one(telling, telling.subject, telling.command, recorded, book, plans, claims, connection)
        appended = self._append(list(plans.values()), telling, claims, [] if key is None else [(key, digest, first.stream)], connection)
        mine = [e for e in appended if e.stream == first.stream]
        return Outcome(first.stream, tuple(mine), tuple(e for e in appended if e.stream != first.stream), False, self.codec)

    def _judge_one(
        self,
        telling: Telling,
        subject: str,
        command: Command,
        recorded: str,
        book: RuleBook,
        plans: dict[str, _Plan],
        claims: list[ClaimChange],
        connection: Any,
    ) -> _Plan:
        kind = self._subject_kind(command)
        stream = self._stream_of(subject, command, kind, connection)
        plan = plans.get(stream) or self._load(stream, kind, recorded, connection)
        room = self.house.room(kind)
        intake = self._intake(room, command, telling, telling)
        judged = self._run(plan, [intake], book, telling.actor, deeds=telling.batch is None)
        denied = self._claims(stream, room, judged.drafts, claims, telling.happened, connection)
        if denied:
            judged = self._run(plan, [self._intake(room, command, telling, telling, denied)], book, telling.actor, deeds=telling.batch is None)
        plan.drafts += judged.drafts
        plan.next_due = judged.next_due
        plans[stream] = plan
        for to in judged.outbox:
            other = attrs.evolve(telling, subject=to.subject, command=to.command, source=None, command_id=None)
            self._judge_one(other, to.subject, to.command, recorded, book, plans, claims, connection)
        return plan

    def _run(self, plan: _Plan, intakes: Sequence[Intake], book: RuleBook, actor: str, *, deeds: bool = True, marks: Sequence[Mark] = ()) -> Judgement:
        judge = Judge(self.house, book, self.timelines, self.tz)
        rows = plan.rows + [judge.row_of(plan.stream, d, plan.known) for d in plan.drafts]
        changed = plan.head is not None and plan.head.judged_by != self.house.room(plan.subject).digest and not plan.drafts
        return judge.judge(
            plan.subject, plan.stream, rows, plan.known, intakes=intakes, marks=marks, actor=actor, deeds=deeds, facets_changed=changed
        )

    def _intake(self, room: Room, command: Command, telling: Telling, tag: Any, denied: Sequence[str] = ()) -> Intake:
        index, handler = room.deciders[type(command)]

        def produce(walk: Walk, now: Moment) -> Iterator[Any]:
            for i, kinds, gate in room.gates:
                if isinstance(command, kinds):
                    gate(walk.states[i], command, now)
            yield from handler(walk.states[index], command, now)
            for _ in denied:
                yield BreachRecorded(rule="CORE-95", code="claim_denied")

        assert telling.effective_from is not None
        return Intake(stamp(telling.effective_from), produce, telling.happened, tag, subject=telling.subject)

    # ------------------------------------------------------------ streams, claims, commands

    def _subject_kind(self, command: Command) -> str:
        kind = self.house.deciders.get(type(command))
        if kind is None:
            raise Unknown("unknown_command", f"no installed facet decides {type(command).__name__}", zh=f"没有安装可处理 {type(command).__name__} 的模块")
        return kind

    def find(self, subject: str, connection: Any = None) -> str | None:
        """Return the stream of an account number (or of a stream's own id), or None.

        Args:
            subject: account number or stream id.
            connection: the host's own connection, to see what it has not committed yet.
        """
        token = self.sealing.token(ACCOUNT, subject)
        held = self.store.holders([(ACCOUNT, token)], connection).get((ACCOUNT, token))
        if held is not None:
            return held
        return subject if subject in self.store.heads([subject], connection) else None

    def find_by(self, scheme: str, value: str) -> list[str]:
        """Return the streams that hold an external id.

        Args:
            scheme: the claim's kind, such as ``core.identifier.till``.
            value: its normalised value.
        """
        token = self.sealing.token(scheme, value)
        held = self.store.holders([(scheme, token)]).get((scheme, token))
        return [] if held is None else [held]

    def _stream_of(self, subject: str, command: Command, kind: str, connection: Any) -> str:
        if kind != CUSTOMER:
            return subject
        stream = self.find(subject, connection)
        if stream is not None:
            return stream
        if not type(command).opens_file:
            raise _unknown(subject)
        return self.backend.new_id()

    def _load(self, stream: str, kind: str, recorded: str, connection: Any) -> _Plan:
        head = self.store.heads([stream], connection).get(stream)
        rows = self.store.fold_rows(stream, connection) if head is not None else []
        if head is not None and rows and rows[-1].version != head.version:
            raise VersionConflict(stream)
        known = recorded if head is None else max(recorded, head.recorded_at)
        return _Plan(stream, kind, head, rows, [], head.next_due if head else None, known)

    def _claims(
        self, stream: str, room: Room, drafts: Sequence[Draft], out: list[ClaimChange], happened: bool, connection: Any
    ) -> list[str]:
        """Collect the claims that drafts take or release; return the kinds denied to what has already happened."""
        wanted: list[ClaimChange] = []
        for d in drafts:
            for handler in room.claimers.get(type(d.event), ()):
                for c in handler(d.event):
                    wanted.append(ClaimChange(c.kind, self.sealing.token(c.kind, c.value), stream, c.policy, c.release))
        taken = {(c.kind, c.token) for c in wanted if not c.release and c.policy != ADVISORY}
        holders = self.store.holders(sorted(taken), connection) if taken else {}
        denied: list[str] = []
        for c in wanted:
            holder = holders.get((c.kind, c.token))
            if c.release or c.policy == ADVISORY or holder in (None, stream):
                if not (holder == stream and not c.release):
                    out.append(c)
            elif happened:
                denied.append(c.kind)
            else:
                raise Conflict(
                    "identifier_taken",
                    f"that {c.kind} is held by another file",
                    zh=f"该标识（{c.kind}）已被其他档案占用",
                    rule="CORE-95",
                    held_by=holder,
                )
        return denied

    def _command_key(self, telling: Telling) -> str | None:
        if telling.command_id is not None:
            return "c:" + telling.command_id
        if telling.source is not None:
            s = telling.source
            return "s:" + self.sealing.token("source", "\x1f".join((telling.subject, s.system, s.document or "", s.line or "")))
        return None

    def _digest(self, telling: Telling) -> str:
        assert telling.occurred_at is not None
        timed = telling.command_id is None or telling.source is not None
        body = [type(telling.command).stored_name, telling.subject, stamp(telling.occurred_at) if timed and telling.source else None]
        return self.sealing.token("command", msgspec.json.encode([*body, msgspec.to_builtins(telling.command)]).decode())

    def _again(self, seen: CommandRecord, digest: str, telling: Telling) -> Outcome:
        if seen.digest != digest:
            if telling.command_id is None:
                code, what, zh = "source_conflict", f"the source reference {telling.source}", "同一来源编号已有不同内容"
            else:
                code, what, zh = "command_conflict", f"the command id {telling.command_id}", "同一命令编号已有不同内容"
            raise Conflict(
                code,
                f"{what} is on record with other content",
                zh=zh,
                rule="CORE-03",
                accepts="the same content, or another reference",
                first=f"{seen.stream}/{seen.first_version}",
            )
        entries = [e for e in self.store.entries(seen.stream) if seen.first_version <= e.version <= seen.last_version]
        return Outcome(seen.stream, tuple(entries), (), True, self.codec)

    # ------------------------------------------------------------ appending

    def _append(
        self, plans: Sequence[_Plan], telling: Telling | None, claims: Sequence[ClaimChange], commands: Sequence[tuple[str, str, str]], connection: Any
    ) -> list[Entry]:
        streams: list[StreamAppend] = []
        records: list[CommandRecord] = []
        for plan in sorted(plans, key=lambda p: p.stream):
            streams.append(self._stream_append(plan, telling))
        for key, digest, stream in commands:
            plan = next(p for p in plans if p.stream == stream)
            first = (plan.rows[-1].version if plan.rows else 0) + 1
            records.append(CommandRecord(key, digest, stream, first, first + len(plan.drafts) - 1))
        batch = Append(self.store.tenant, tuple(streams), tuple(claims), tuple(records))
        positions = iter(self.store.append(batch, connection))
        return [e._replace(position=next(positions)) for s in streams for e in s.entries]

    def _stream_append(self, plan: _Plan, telling: Telling | None) -> StreamAppend:
        previous = plan.head.hash if plan.head else ""
        expected = plan.head.version if plan.head else 0
        entries: list[Entry] = []
        correlation = (telling.correlation if telling else None) or (plan.drafts[0].id if plan.drafts else None)
        for d in plan.drafts:
            entry = seal_chain(self._entry(plan, d, d.tag if isinstance(d.tag, Telling) else telling, correlation), previous)
            previous = entry.hash
            entries.append(entry)
        head = Head(
            plan.stream,
            plan.subject,
            expected + len(entries),
            previous,
            plan.known if entries else (plan.head.recorded_at if plan.head else plan.known),
            plan.next_due,
            self.house.room(plan.subject).digest,
        )
        return StreamAppend(plan.stream, plan.subject, expected, tuple(entries), head)

    def _entry(self, plan: _Plan, d: Draft, telling: Telling | None, correlation: str | None) -> Entry:
        event, told = d.event, telling if isinstance(d.tag, Telling) else None
        payload, subject = self.codec.encode(event, plan.stream, d.version)
        owner = self.owners.get(event.stored_name, ("core", "0"))
        source = told.source if told else None
        occurred = stamp(told.occurred_at) if told and told.occurred_at else d.effective
        return Entry(
            tenant=self.store.tenant,
            stream=plan.stream,
            version=d.version,
            kind=kind_of(event),
            name=event.stored_name,
            schema_version=type(event).schema_version,
            occurred_at=occurred,
            precision=told.precision if told else INSTANT,
            effective_from=d.effective,
            recorded_at=plan.known,
            actor=told.actor if told else SYSTEM,
            on_behalf_of=told.on_behalf_of if told else None,
            reason=self._reason(plan, d.version, told),
            channel=told.channel if told else None,
            section=told.section if told else None,
            source_system=source.system if source else None,
            source_document=source.document if source else None,
            source_line=source.line if source else None,
            batch=telling.batch if telling else None,
            correlation=correlation,
            causation=d.causation,
            command_id=told.command_id if told else None,
            place=d.place,
            late=int(d.late),
            plugin=owner[0],
            plugin_version=owner[1],
            rule=d.rule,
            rule_sets=d.rule_sets_text(),
            target=d.target,
            replaces=d.replaces,
            succeeds=d.succeeds,
            data_subject=subject,
            payload=payload,
            algorithms=ALGORITHMS,
            previous_hash="",
        )

    def _reason(self, plan: _Plan, version: int, told: Telling | None) -> str | None:
        if told is None or told.reason is None or told.batch is not None:
            return None
        if plan.subject != CUSTOMER:
            return told.reason
        return self.sealing.seal(plan.stream, "dealings", f"{plan.stream}/{version}#@reason", told.reason)

    # ------------------------------------------------------------ corrections

    def correct(
        self,
        entry: str,
        fields: Mapping[str, Any] | None = None,
        *,
        actor: str,
        reason: str,
        effective_from: datetime | None = None,
        days: tuple[str, str] | None = None,
        connection: Any = None,
    ) -> Outcome:
        """Set a wrong entry right; it stays readable, and what followed from it is judged again (CORE-01).

        Args:
            entry: id of the entry, or of an earlier correction of it.
            fields: the fields that were wrong, with their right values.
            actor: who corrects.
            reason: why.
            effective_from: the right moment, if that was wrong.
            days: first and last day, for a value that stands over days and was wrong on some of them.
            connection: the host's own connection.

        Raises:
            Unknown: there is no such entry.
            RuleNotMet: it is a decision, which only later knowledge replaces.
            Invalid: a field does not exist or a value does not fit.
        """
        patch = {k: msgspec.to_builtins(v) for k, v in (fields or {}).items()}

        def event(name: str) -> EntryCorrected:
            return EntryCorrected(
                target_name=name,
                fields=patch,
                effective_from=None if effective_from is None else stamp(effective_from),
                days_from=days[0] if days else None,
                days_until=days[1] if days else None,
            )

        return self._mark(entry, event, patch, actor, reason, connection)

    def void(self, entry: str, *, actor: str, reason: str, belongs_to: str | None = None, connection: Any = None) -> Outcome:
        """Declare that an entry counts as never having happened; voiding a correction brings back what stood before it (CORE-01).

        Args:
            entry: id of the entry.
            actor: who voids.
            reason: why.
            belongs_to: id of the entry in the right file, where this one was entered in the wrong one.
            connection: the host's own connection.

        Raises:
            Conflict: it is voided already.
            Unknown, RuleNotMet: as for ``correct``.
        """
        return self._mark(entry, lambda name: EntryVoided(target_name=name, belongs_to=belongs_to), None, actor, reason, connection)

    def _mark(
        self, entry: str, event: Callable[[str], Any], patch: Mapping[str, Any] | None, actor: str, reason: str, connection: Any
    ) -> Outcome:
        if not reason:
            raise Incomplete("reason_missing", "a correction needs a reason", zh="更正需要说明原因", rule="CORE-01", accepts="reason=...")
        stream, _, text = entry.rpartition("/")
        for _ in range(ATTEMPTS):
            now = self.clock()
            head = self.store.heads([stream], connection).get(stream)
            if head is None or not text.isdigit() or not 0 < int(text) <= head.version:
                raise Unknown("unknown_entry", f"there is no entry {entry}", zh=f"没有记录 {entry}", accepts="an id as history shows it")
            plan = self._load(stream, head.subject, stamp(now), connection)
            target = plan.rows[int(text) - 1]
            self._check_mark(plan, target, entry, patch)
            telling = Telling(subject=stream, command=None, actor=actor, reason=reason, occurred_at=now, effective_from=now)
            base = plan.rows[self._base_of(plan, target) - 1]
            row = FoldRow(0, 0, "act", "", 1, stamp(now), plan.known, None, entry, None, None, None, None, None, "")
            mark = Mark(event(base.name), row, telling)
            judged = self._run(plan, (), self.rule_book(connection), actor, marks=(mark,))
            plan.drafts, plan.next_due = judged.drafts, judged.next_due
            try:
                appended = self._append([plan], telling, (), (), connection)
            except VersionConflict:
                continue
            return Outcome(stream, tuple(appended), (), False, self.codec)
        raise Conflict("too_many_writers", f"{ATTEMPTS} attempts met other writers each time", accepts="the same again, a little later")

    def _base_of(self, plan: _Plan, row: FoldRow) -> int:
        while row.target is not None:
            row = plan.rows[int(row.target.rpartition("/")[2]) - 1]
        return row.version

    def _check_mark(self, plan: _Plan, target: FoldRow, entry: str, patch: Mapping[str, Any] | None) -> None:
        if target.kind == "decision":
            raise RuleNotMet(
                "decision_not_correctable",
                f"{entry} is a decision",
                zh=f"{entry} 是判定，不能更正",
                rule="CORE-01",
                accepts="a correction of the fact it was drawn from",
            )
        if target.name == EntryVoided.stored_name or any(r.name == EntryVoided.stored_name and r.target == entry for r in plan.rows):
            raise Conflict("already_voided", f"{entry} is voided, or is a void", zh=f"{entry} 已作废", rule="CORE-01", accepts="the fact entered anew")
        if patch is None:
            return
        base = plan.rows[self._base_of(plan, target) - 1]
        cls = self.registry.find(base.name)
        if cls is None:
            raise PluginError("plugin_absent", f"{base.name} belongs to a plugin that is not installed")
        fields: Any = attrs.fields(cls)  # type: ignore[arg-type]
        names = {a.name for a in fields}
        if extra := sorted(set(patch) - names):
            raise Invalid("unknown_field", f"{base.name} has no field {', '.join(extra)}", zh=f"{base.name} 没有字段 {', '.join(extra)}", accepts=", ".join(sorted(names)))
        whole = self.codec.fields(base.name, base.schema_version, base.payload, plan.stream, base.version)
        try:
            self.codec.build(base.name, {**whole, **patch})
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            raise Invalid("out_of_scale", f"{base.name}: {error}", zh=f"{base.name}：{error}") from error

    # ------------------------------------------------------------ many at once

    def take_in(self, tellings: Sequence[Telling]) -> list[Verdict]:
        """Take in many reports of what happened, as one moment of knowledge, in one transaction (CORE-98).

        Each telling needs ``source`` (or ``command_id``), ``occurred_at`` and ``batch``. Lines of one customer go by their own days,
        interleaved with what time brings between them.

        Returns:
            One verdict per telling, in the order given.
        """
        for _ in range(ATTEMPTS):
            try:
                return self._take_in(tellings)
            except (VersionConflict, ClaimTaken, CommandSeen):
                continue
        raise Conflict("too_many_writers", f"{ATTEMPTS} attempts met other writers each time", accepts="the same again, a little later")

    def _take_in(self, tellings: Sequence[Telling]) -> list[Verdict]:
        now = self.clock()
        recorded = stamp(now)
        verdicts: list[Verdict | None] = [None] * len(tellings)
        prepared: list[Telling | None] = []
        for n, t in enumerate(tellings):
            try:
                prepared.append(self._prepared(t, now))
            except Refusal as refusal:
                prepared.append(None)
                verdicts[n] = Verdict("refused", refusal=refusal)
        keys = [None if t is None else self._command_key(t) for t in prepared]
        seen = self.store.commands([k for k in keys if k is not None])
        fresh: dict[str, list[int]] = {}
        for n, t in enumerate(prepared):
            if t is None:
                continue
            record = seen.get(keys[n] or "")
            if record is None:
                fresh.setdefault(t.subject, []).append(n)
            elif record.digest == self._digest(t):
                verdicts[n] = Verdict("known", entry=f"{record.stream}/{record.first_version}")
            else:
                verdicts[n] = Verdict("refused", refusal=self._conflict(t, record))
        if fresh:
            self._take_fresh(fresh, prepared, keys, verdicts, recorded)
        return [v if v is not None else Verdict("accepted") for v in verdicts]

    def _conflict(self, telling: Telling, record: CommandRecord) -> Refusal:
        try:
            self._again(record, "", telling)
        except Conflict as conflict:
            return conflict
        raise AssertionError("unreachable")

    def _take_fresh(
        self, fresh: Mapping[str, Sequence[int]], prepared: Sequence[Telling | None], keys: Sequence[str | None], verdicts: list[Verdict | None], recorded: str
    ) -> None:
        tokens = {s: (ACCOUNT, self.sealing.token(ACCOUNT, s)) for s in fresh}
        holders = self.store.holders(list(tokens.values()))
        known_streams = {s: holders[t] for s, t in tokens.items() if t in holders}
        strangers = [s for s in fresh if s not in known_streams]
        known_streams.update({s: s for s in self.store.heads(strangers)})
        heads = self.store.heads(list(known_streams.values()))
        rows = self.store.fold_rows_of(list(known_streams.values()))
        book = self.rule_book()
        plans: list[_Plan] = []
        claims: list[ClaimChange] = []
        commands: list[tuple[str, str, str]] = []
        for subject, indexes in fresh.items():
            told = [(n, t) for n in indexes if (t := prepared[n]) is not None]
            stream = known_streams.get(subject)
            if stream is None:
                if not any(type(t.command).opens_file for _, t in told):
                    for n, _ in told:
                        verdicts[n] = Verdict("waiting", refusal=_unknown(subject))
                    continue
                stream = self.backend.new_id()
            head = heads.get(stream)
            plan = _Plan(stream, CUSTOMER, head, rows.get(stream, []), [], head.next_due if head else None, max(recorded, head.recorded_at) if head else recorded)
            self._take_one(plan, told, keys, verdicts, book, claims, commands)
            if plan.drafts:
                plans.append(plan)
        if plans:
            self._append_many(plans, claims, commands)

    def _take_one(
        self,
        plan: _Plan,
        told: Sequence[tuple[int, Telling]],
        keys: Sequence[str | None],
        verdicts: list[Verdict | None],
        book: RuleBook,
        claims: list[ClaimChange],
        commands: list[tuple[str, str, str]],
    ) -> None:
        room = self.house.room(plan.subject)
        refused: set[int] = set()

        def refuse(n: int) -> Callable[[Refusal], None]:
            def note(refusal: Refusal) -> None:
                verdicts[n] = Verdict("refused", refusal=refusal)
                refused.add(n)

            return note

        denied: list[str] = []
        while True:
            intakes = []
            for n, t in told:
                self._subject_kind(t.command)
                intake = self._intake(room, t.command, t, t, denied)
                intake.refused = refuse(n)
                intakes.append(intake)
            mine: list[ClaimChange] = []
            judged = self._run(plan, intakes, book, told[0][1].actor, deeds=False)
            if denied or not (denied := self._claims(plan.stream, room, judged.drafts, mine, True, None)):
                break
        claims += mine
        plan.drafts, plan.next_due = judged.drafts, judged.next_due
        for n, t in told:
            key = keys[n]
            if n not in refused and key is not None:
                commands.append((key, self._digest(t), plan.stream))
                verdicts[n] = Verdict("accepted")

    def _append_many(self, plans: Sequence[_Plan], claims: Sequence[ClaimChange], commands: Sequence[tuple[str, str, str]]) -> None:
        spans = {p.stream: ((p.rows[-1].version if p.rows else 0) + 1, len(p.drafts)) for p in plans}
        pairs = {(p.stream, family) for p in plans for d in p.drafts for family in self.codec.families(d.event)}
        if pairs:
            self.backend.keyring.keys_for(sorted(pairs))
        first_told = {p.stream: next((d.tag for d in p.drafts if isinstance(d.tag, Telling)), None) for p in plans}
        streams = tuple(self._stream_append(p, first_told[p.stream]) for p in sorted(plans, key=lambda p: p.stream))
        records = tuple(CommandRecord(k, digest, s, spans[s][0], spans[s][0] + spans[s][1] - 1) for k, digest, s in commands)
        self.store.append(Append(self.store.tenant, streams, tuple(claims), records))

    # ------------------------------------------------------------ time

    def advance(self, until: datetime | None = None, *, progress: Progress | None = None) -> int:
        """Write down what fell due; only catching up, since every answer derives it anyway. Return how many entries that took.

        Args:
            until: moment up to which; now if not given, and never beyond now.
            progress: called with (streams done, streams found so far).
        """
        now = self.clock()
        moment = stamp(min(until, now) if until is not None else now)
        written = done = 0
        for kind in self.house.rooms:
            digest = self.house.room(kind).digest
            after = ""
            while heads := self.store.due(moment, digest, after=after):
                after = heads[-1].stream
                for head in heads:
                    if head.subject == kind:
                        written += self._advance_one(head, moment)
                        done += 1
                if progress is not None:
                    progress(done, done)
        return written

    def _advance_one(self, head: Head, moment: str) -> int:
        for _ in range(ATTEMPTS):
            try:
                plan = self._load(head.stream, head.subject, moment, None)
                judged = self._run(plan, (), self.rule_book(), SYSTEM)
                plan.drafts, plan.next_due = judged.drafts, judged.next_due
                return len(self._append([plan], None, (), (), None))
            except VersionConflict:
                continue
        return 0

    # ------------------------------------------------------------ rule sets

    def rule_book(self, connection: Any = None) -> RuleBook:
        """Return the rule sets published so far."""
        head = self.store.heads([RULES_STREAM], connection).get(RULES_STREAM)
        version = head.version if head else 0
        with self._lock:
            if self._book[0] == version and connection is None:
                return self._book[1]
        classes = {c.stored_name: c for c in self._rule_classes}
        published: list[Published] = []
        for r in self.store.fold_rows(RULES_STREAM, connection) if version else []:
            event = self.codec.decode(r.name, r.schema_version, r.payload, RULES_STREAM, r.version)
            if isinstance(event, RuleSetPublished) and event.rule_set in classes:
                value = rule_set_from(classes[event.rule_set], event.parameters)
                published.append(
                    Published(event.rule_set, event.version, r.effective_from, r.recorded_at, value, event.retroactive, f"{RULES_STREAM}/{r.version}")
                )
        book = RuleBook(self._rule_classes, published)
        if connection is None:
            with self._lock:
                self._book = (version, book)
        return book

    def publish(
        self,
        rules: RuleSet,
        *,
        effective_from: datetime,
        by: str,
        approved_by: str,
        reason: str | None = None,
        retroactive: str | None = None,
    ) -> int:
        """Publish a version of a rule set; open due moments follow it, decided ones only where it is retroactive (CORE-73, CORE-93).

        Args:
            rules: the values.
            effective_from: from when they are in force.
            by: who drafted them.
            approved_by: who approved them; somebody else.
            reason: the change record.
            retroactive: why they take effect in the past, where they do.

        Returns:
            The version's number.

        Raises:
            RuleNotMet: ``retroactive_rule`` for an effect in the past without that mark.
            NotPermitted: drafter and approver are the same.
        """
        if not approved_by:
            raise Incomplete("signature_missing", "an unsigned rule set is not in force", zh="未经批准的规则集不生效", rule="CORE-73", accepts="approved_by=...")
        if approved_by == by:
            raise NotPermitted("approver_conflict", f"{by} drafted it and cannot approve it", zh="起草人不能批准", rule="CORE-73", accepts="another approver")
        cls = next((c for c in self._rule_classes if c.stored_name == type(rules).stored_name), None)
        if cls is None:
            raise Unknown("unknown_rule_set", f"no installed plugin has {type(rules).stored_name}")
        for _ in range(ATTEMPTS):
            now = self.clock()
            plan = self._load(RULES_STREAM, RULES_SUBJECT, stamp(now), None)
            if effective_from < now and stamp(effective_from) < plan.known and not retroactive:
                raise RuleNotMet(
                    "retroactive_rule",
                    f"{stamp(effective_from)} lies before its publication",
                    zh="生效日早于发布日",
                    rule="CORE-73",
                    accepts="retroactive=<reason>",
                )
            version = len(self.rule_book().versions(cls.stored_name)) + 1
            event = RuleSetPublished(rule_set=cls.stored_name, version=version, parameters=parameters_of(rules), approved_by=approved_by, retroactive=retroactive)
            telling = Telling(subject=RULES_STREAM, command=None, actor=by, reason=reason, occurred_at=now, effective_from=effective_from)
            number = (plan.rows[-1].version if plan.rows else 0) + 1
            draft = Draft(event=event, effective=stamp(effective_from), version=number, id=f"{RULES_STREAM}/{number}", key=(), tag=telling)
            plan.drafts, plan.next_due = [draft], None
            try:
                self._append([plan], telling, (), (), None)
            except VersionConflict:
                continue
            self._refresh(retroactive is not None)
            return version
        raise Conflict("too_many_writers", f"{ATTEMPTS} attempts met other writers each time", accepts="the same again, a little later")

    def _refresh(self, everything: bool) -> None:
        """Reckon anew what is next due, and judge again where a rule set reaches into the past."""
        after = ""
        moment = stamp(self.clock())
        while heads := self.store.streams(CUSTOMER, after):
            after = heads[-1].stream
            for head in heads:
                if everything or head.next_due is not None:
                    self._advance_one(head, moment)

    # ------------------------------------------------------------ asking

    def history(self, subject: str) -> History:
        """Return a customer's history, to be asked at any cut.

        Raises:
            Unknown: there is no such customer file.
        """
        stream = self.find(subject)
        if stream is None:
            raise _unknown(subject)
        return History(self, stream)

    def report(
        self, name: str, *, as_of: datetime | str | None = None, as_known: datetime | str | int | None = None, **parameters: Any
    ) -> ReportResult:
        """Return a report at a cut; now, as known now, if none is given.

        Args:
            name: the report's name.
            as_of: leave out what counts from later; a bare date means that day's end.
            as_known: leave out what was learned later: a moment, or a position of the log.
            **parameters: the report's own parameters.

        Raises:
            Unknown: there is no such report.
            Invalid: a parameter does not exist or does not fit.
        """
        return self.reporting.run(name, cut(as_of, as_known, self.tz), parameters)

    def source(self) -> ProjectionSource:
        """Return what projectors read events with."""
        return ProjectionSource(self.codec, self.timelines, self.sealing)

    def judge(self) -> Judge:
        """Return a judge under the rule sets published so far."""
        return self._judge()

    def _judge(self, book: RuleBook | None = None) -> Judge:
        return Judge(self.house, book or self.rule_book(), self.timelines, self.tz)

    @contextmanager
    def seen_from(self, connection: Any) -> Iterator[_Hosted]:
        """Yield this ledger bound to the host's own connection, so that appends join its transaction."""
        yield _Hosted(self, connection)


class _Hosted:
    """A ledger whose appends are provisional until the host commits."""

    def __init__(self, ledger: Ledger, connection: Any) -> None:
        self._ledger, self._connection = ledger, connection

    def execute(self, subject: str, command: Command, **keywords: Any) -> Outcome:
        """Carry out a command within the host's transaction; see ``Ledger.execute``."""
        return self._ledger.execute(subject, command, connection=self._connection, **keywords)


def _unknown(subject: str) -> Unknown:
    return Unknown(
        "unknown_relationship", f"there is no customer file {subject}", zh=f"没有客户档案 {subject}", rule="CORE-IN-g", accepts="an account number that was opened"
    )


def spread(tellings: Iterable[Telling]) -> dict[str, list[Telling]]:
    """Return tellings by subject, each in the order given."""
    out: dict[str, list[Telling]] = {}
    for t in tellings:
        out.setdefault(t.subject, []).append(t)
    return out


__all__ = ["CUSTOMER", "DAY", "RULES_STREAM", "Backend", "Ledger", "To"]
