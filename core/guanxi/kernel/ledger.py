"""The ledger: takes commands in, has them judged, and appends what follows, in one transaction, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, time, timedelta
from functools import lru_cache
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import attrs
import msgspec
from eventsourcing.application import Application

from guanxi.kernel.clocks import ClockRules
from guanxi.kernel.codec import Codec
from guanxi.kernel.collecting import collector_paused
from guanxi.kernel.entries import ALGORITHMS, Entry, FoldRow, Head, seal_chain
from guanxi.kernel.errors import (
    Conflict,
    Incomplete,
    Invalid,
    NotPermitted,
    PluginError,
    Refusal,
    RuleNotMet,
    StoreError,
    Unknown,
)
from guanxi.kernel.facets import ADVISORY, To
from guanxi.kernel.history import History
from guanxi.kernel.house import House, Room, check_endings
from guanxi.kernel.judging import Judge, Judgement, Linked, Mark
from guanxi.kernel.labels import Label
from guanxi.kernel.links import joined, joiners, linked_streams, spans_of
from guanxi.kernel.messages import Command, Decision, Event
from guanxi.kernel.messages import command as command_class
from guanxi.kernel.plugins import Installed, Parts, check, check_together
from guanxi.kernel.ports import (
    Append,
    ClaimChange,
    ClaimTaken,
    Clock,
    CommandRecord,
    CommandSeen,
    Keyring,
    Store,
    StreamAppend,
    VersionConflict,
)
from guanxi.kernel.privacy import Sealing
from guanxi.kernel.projection import ProjectionSource
from guanxi.kernel.recording import EntryMapper, RelationshipRepository
from guanxi.kernel.registry import Registry
from guanxi.kernel.reporting import Reporting
from guanxi.kernel.rules import Published, RuleBook, RuleSet, parameters_of, rule_set_from
from guanxi.kernel.standard import (
    MECHANISM,
    BreachFlagged,
    BreachRecorded,
    EntryCorrected,
    EntryVoided,
    RuleSetPublished,
    StreamJoined,
    StreamLinked,
    StreamUnlinked,
)
from guanxi.kernel.telling import ACCOUNT, Outcome, Source, Telling, Verdict
from guanxi.kernel.timeline import Cut, Item, Timelines, cut, require_precision
from guanxi.kernel.times import (
    DAY,
    DEFAULT_ZONE,
    INSTANT,
    after_tick,
    instant,
    midnight,
    read_instant,
    stamp,
    zone,
)
from guanxi.kernel.walk import Draft, Intake, Moment, Walk

if TYPE_CHECKING:
    from eventsourcing.persistence import ApplicationRecorder, Mapper

    from guanxi.kernel.reports import ReportResult

_encode = msgspec.json.Encoder(order="deterministic").encode
_told_stamp = lru_cache(maxsize=4_096)(stamp)
"""Stamps of tellings: those of a batch share their moments, and each asks for its own five times."""

RULES_STREAM = "rules"
RULES_SUBJECT = "rules"
CUSTOMER = "customer"
ATTEMPTS = 12
LAST_YEAR = 9000
"""Deadlines are counted from what is entered, and must find room in the calendar."""
SYSTEM = "system"

Progress = Callable[[int, int], None]
_Wanted = tuple[ClaimChange, Any]


@attrs.frozen
class Backend:
    """What an adapter hands to the kernel: a store with its keyring, a clock, and a source of opaque ids.

    ``pause`` waits a little, longer with each attempt, after another writer was met.
    """

    store: Store
    keyring: Keyring
    clock: Clock
    new_id: Callable[[], str]
    pause: Callable[[int], None] = lambda attempt: None


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
    outbox: list[To] = attrs.field(factory=list)
    linked: Linked | None = None


@attrs.frozen
class _Told:
    """One telling of many, with its place among them and the key under which it is taken in once."""

    index: int
    telling: Telling
    key: str | None


@attrs.define
class _Intakes:
    """What one transaction of many tellings comes to, stream by stream."""

    book: RuleBook
    recorded: str
    verdicts: list[Verdict | None]
    plans: dict[str, _Plan] = attrs.field(factory=dict)
    claims: list[ClaimChange] = attrs.field(factory=list)
    commands: list[CommandRecord] = attrs.field(factory=list)
    opened: list[str] = attrs.field(factory=list)


class Ledger(Application[str]):
    """Customer relationships of one tenant, kept as an append-only log.

    Made by ``guanxi.open``. Safe to share between threads.

    Args:
        backend: store, keyring, clock and ids.
        plugins: what ``discover`` found, or parts handed over directly.
        core: the parts that are always there.
    """

    name = "guanxi"

    def __init__(
        self, backend: Backend, plugins: Sequence[Installed | Parts] = (), *, core: Sequence[Parts] = ()
    ) -> None:
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
        for parts in self.parts:
            check(parts)
        self.house = House([f for p in self.parts for f in p.facets])
        check_endings(self.house, [c for c in self.registry.classes.values() if issubclass(c, Decision)])
        self.codec = Codec(self.registry, self.sealing)
        ranks = {name: rank for room in self.house.rooms.values() for name, rank in room.due_rank.items()}
        self.timelines = Timelines(self.codec, self.tz, ranks)
        self.owners = {e.stored_name: (p.name, p.version) for p in self.parts for e in p.events}
        self.labels: dict[str, Label] = {k: v for p in self.parts for k, v in p.labels.items()}
        self.commands: dict[str, type[Command]] = {c.stored_name: c for p in self.parts for c in p.commands}
        self.after_opening = tuple(p.after_opening for p in self.parts if p.after_opening is not None)
        self._rule_classes: tuple[type[RuleSet], ...] = (
            ClockRules,
            *(r for p in self.parts for r in p.rule_sets),
        )
        self._book: tuple[int, RuleBook] = (-1, RuleBook(self._rule_classes))
        self._of_class: dict[type[Event], tuple[str, str, int, str, str]] = {}
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
        rows = self.store.fold_rows(stream)
        return self._judge().state(
            head.subject, stream, rows, Cut(), stamp(self.clock()), self.linked(stream, rows)
        )

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
        for attempt in range(ATTEMPTS):
            now = self.clock()
            prepared = self._prepared(telling, now)
            try:
                outcome = self._attempt(prepared, stamp(now), connection)
            except (VersionConflict, ClaimTaken, CommandSeen):
                self.backend.pause(attempt)
                continue
            except Refusal:
                if (done := self._done_meanwhile(prepared, connection)) is not None:
                    return done
                raise
            if type(command).opens_file and connection is None:
                self._after_opening([subject])
            return outcome
        raise _too_many_writers()

    def _prepared(self, telling: Telling, now: datetime, clocks: ClockRules | None = None) -> Telling:
        """Check what can be checked without the stream, and fill in the times."""
        if not isinstance(telling.command, Command):
            raise Invalid(
                "not_a_command",
                f"{telling.command!r} is not a command",
                zh=f"{telling.command!r} 不是命令",
                accepts="an instance of a command class",
            )
        _check_envelope(telling)
        self.codec.check(telling.command)
        occurred = telling.occurred_at or now
        by_hand = telling.source is None and telling.batch is None
        if telling.precision == DAY and by_hand and occurred.time() != time.min:
            occurred = midnight(occurred.astimezone(self.tz).date(), self.tz)
        effective = telling.effective_from or occurred
        if effective.year > LAST_YEAR:
            raise Invalid(
                "invalid_date",
                f"{effective.isoformat()} lies at the end of the calendar",
                zh=f"{effective.isoformat()} 已到日历尽头",
                accepts=f"a moment up to the year {LAST_YEAR}",
            )
        at, counts_from = _told_stamp(occurred), _told_stamp(effective)
        if clocks is None:
            recorded = stamp(now)
            clocks, _ = self.rule_book().find(ClockRules, recorded, recorded)
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
            days = (now.astimezone(self.tz).date() - earliest.astimezone(self.tz).date()).days
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
        digest = self._digest(telling)
        key = self._command_key(telling)
        if key is not None and (seen := self.store.commands([key], connection).get(key)) is not None:
            return self._again(seen, digest, telling, connection)
        book = self.rule_book(connection)
        plans: dict[str, _Plan] = {}
        claims: list[ClaimChange] = []
        first = self._judge_one(
            telling, telling.subject, telling.command, recorded, book, plans, claims, connection
        )
        appended = self._append(
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
            self.codec,
        )

    def _done_meanwhile(self, telling: Telling, connection: Any) -> Outcome | None:
        """Return the first outcome of a command that somebody else carried out while it was judged here, if so."""
        key = self._command_key(telling)
        seen = None if key is None else self.store.commands([key], connection).get(key)
        if seen is None or seen.digest != self._digest(telling):
            return None
        return self._again(seen, seen.digest, telling, connection)

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
            judged = self._run(
                plan,
                [self._intake(room, command, telling, telling, denied)],
                book,
                telling.actor,
                deeds=telling.batch is None,
            )
        plan.drafts += judged.drafts
        plan.next_due = judged.next_due
        plans[stream] = plan
        for to in judged.outbox:
            other = attrs.evolve(
                telling, subject=to.subject, command=to.command, source=None, command_id=None
            )
            self._judge_one(other, to.subject, to.command, recorded, book, plans, claims, connection)
        return plan

    def _run(
        self,
        plan: _Plan,
        intakes: Sequence[Intake],
        book: RuleBook,
        actor: str,
        *,
        deeds: bool = True,
        marks: Sequence[Mark] = (),
    ) -> Judgement:
        judge = Judge(self.house, book, self.timelines, self.tz)
        rows = plan.rows + [judge.row_of(plan.stream, d, plan.known) for d in plan.drafts]
        changed = (
            plan.head is not None
            and plan.head.judged_by != self.house.room(plan.subject).digest
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

    def _intake(
        self, room: Room, command: Command, telling: Telling, tag: Any, denied: Sequence[str] = ()
    ) -> Intake:
        index, handler = room.deciders[type(command)]

        def produce(walk: Walk, now: Moment) -> Iterator[Any]:
            for i, kinds, gate in room.gates:
                if isinstance(command, kinds):
                    gate(walk.states[i], command, now)
            yield from handler(walk.states[index], command, now)
            for _ in denied:
                yield BreachRecorded(rule="CORE-95", code="claim_denied")

        assert telling.effective_from is not None
        return Intake(
            _told_stamp(telling.effective_from), produce, telling.happened, tag, subject=telling.subject
        )

    # ------------------------------------------------------------ streams, claims, commands

    def _subject_kind(self, command: Command) -> str:
        kind = self.house.deciders.get(type(command))
        if kind is None:
            raise Unknown(
                "unknown_command",
                f"no installed facet decides {type(command).__name__}",
                zh=f"没有安装可处理 {type(command).__name__} 的模块",
                accepts=", ".join(sorted(c.stored_name for c in self.house.deciders))
                or "none: no facet is installed",
            )
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
        head = self.store.heads([subject], connection).get(subject)
        return subject if head is not None and head.subject == CUSTOMER else None

    def find_all(self, subjects: Sequence[str], connection: Any = None) -> dict[str, str]:
        """Return the streams of those account numbers (or streams' own ids) that there are, in few round trips.

        Args:
            subjects: account numbers or stream ids.
            connection: the host's own connection, to see what it has not committed yet.
        """
        tokens = {s: (ACCOUNT, self.sealing.token(ACCOUNT, s)) for s in subjects}
        holders = self.store.holders(list(tokens.values()), connection)
        found = {s: holders[t] for s, t in tokens.items() if t in holders}
        heads = self.store.heads([s for s in tokens if s not in found], connection)
        found.update({s: s for s, head in heads.items() if head.subject == CUSTOMER})
        return found

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
        if head is not None and head.subject != kind:
            raise _other_subject(stream, head.subject, kind)
        rows = self.store.fold_rows(stream, connection) if head is not None else []
        if head is not None and rows and rows[-1].version != head.version:
            raise VersionConflict(stream)
        known = max(recorded, head.recorded_at if head else "", self._book[1].latest)
        return _Plan(
            stream,
            kind,
            head,
            rows,
            [],
            head.next_due if head else None,
            known,
            linked=self.linked(stream, rows, connection),
        )

    def _claims(
        self,
        stream: str,
        room: Room,
        drafts: Sequence[Draft],
        out: list[ClaimChange],
        happened: bool,
        connection: Any,
    ) -> list[str]:
        """Collect the claims that drafts take or release; return the kinds denied to what has already happened."""
        wanted = self._wanted(stream, room, drafts)
        taken = _exclusive(wanted)
        denied = _settled(
            wanted, self.store.holders(sorted(taken), connection) if taken else {}, out, happened
        )
        return [kind for kind, _ in denied]

    def _wanted(self, stream: str, room: Room, drafts: Sequence[Draft]) -> list[_Wanted]:
        """Return the claims that drafts take or release, each with the tag of its draft."""
        claimers = room.claimers
        return [
            (ClaimChange(c.kind, self.sealing.token(c.kind, c.value), stream, c.policy, c.release), d.tag)
            for d in drafts
            if type(d.event) in claimers
            for handler in claimers[type(d.event)]
            for c in handler(d.event)
        ]

    def _command_key(self, telling: Telling) -> str | None:
        if telling.command_id is not None:
            return "c:" + telling.command_id
        if telling.source is not None:
            s = telling.source
            return "s:" + self.sealing.token(
                "source", "\x1f".join((telling.subject, s.system, s.document or "", s.line or ""))
            )
        return None

    def _digest(self, telling: Telling) -> str:
        assert telling.occurred_at is not None
        timed = telling.source is not None and not telling.untimed
        command = telling.command
        body = [
            command.stored_name,
            telling.subject,
            _told_stamp(telling.occurred_at) if timed else None,
        ]
        # Fields at their defaults are left out, so that a command may gain optional fields without old references conflicting.
        told = {
            name: value
            for name, default in _told_fields(type(command))
            if (value := getattr(command, name)) != default
        }
        return self.sealing.token("command", _encode([*body, told]).decode())

    def _again(self, seen: CommandRecord, digest: str, telling: Telling, connection: Any) -> Outcome:
        if seen.digest != digest:
            raise _conflict(telling, f"{seen.stream}/{seen.first_version}")
        entries = [
            e
            for e in self.store.entries(seen.stream, connection)
            if seen.first_version <= e.version <= seen.last_version
        ]
        return Outcome(seen.stream, tuple(entries), (), True, self.codec)

    # ------------------------------------------------------------ appending

    def _append(
        self,
        plans: Sequence[_Plan],
        telling: Telling | None,
        claims: Sequence[ClaimChange],
        commands: Sequence[tuple[str, str, str]],
        connection: Any,
    ) -> list[Entry]:
        streams: list[StreamAppend] = []
        records: list[CommandRecord] = []
        plans = self._with_linked(plans, connection)
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
        correlation = (telling.correlation if telling else None) or (
            plan.drafts[0].id if plan.drafts else None
        )
        for d in plan.drafts:
            entry = seal_chain(
                self._entry(plan, d, d.tag if isinstance(d.tag, Telling) else telling, correlation), previous
            )
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
        if not entries and plan.linked is _GUARDED and plan.head is not None:
            head = plan.head
        return StreamAppend(plan.stream, plan.subject, expected, tuple(entries), head)

    def _entry(self, plan: _Plan, d: Draft, telling: Telling | None, correlation: str | None) -> Entry:
        event, told = d.event, telling if isinstance(d.tag, Telling) else None
        payload, subject = self.codec.encode(event, plan.stream, d.version)
        of_class = self._of_class.get(type(event)) or self._learn_class(type(event))
        kind, name, schema_version, plugin, plugin_version = of_class
        source = told.source if told else None
        # In the order of the columns, since naming thirty-six of them for each entry of an import takes its time.
        return Entry(
            self.store.tenant,
            plan.stream,
            d.version,
            kind,
            name,
            schema_version,
            _told_stamp(told.occurred_at) if told and told.occurred_at else d.effective,
            told.precision if told else INSTANT,
            d.effective,
            plan.known,
            told.actor if told else SYSTEM,
            told.on_behalf_of if told else None,
            self._reason(plan, d.version, told) if told else None,
            told.channel if told else None,
            told.section if told else None,
            source.system if source else None,
            source.document if source else None,
            source.line if source else None,
            telling.batch if telling else None,
            correlation,
            d.causation,
            told.command_id if told else None,
            d.place,
            int(d.late),
            plugin,
            plugin_version,
            d.rule,
            d.rule_sets_text(),
            d.target,
            d.replaces,
            d.succeeds,
            subject,
            payload,
            ALGORITHMS,
            "",
        )

    def _learn_class(self, cls: type[Event]) -> tuple[str, str, int, str, str]:
        owner = self.owners.get(cls.stored_name, ("core", "0"))
        self._of_class[cls] = cls.entry_kind.value, cls.stored_name, cls.schema_version, *owner
        return self._of_class[cls]

    def _reason(self, plan: _Plan, version: int, told: Telling | None) -> str | None:
        if told is None or told.reason is None or told.batch is not None:
            return None
        if plan.subject != CUSTOMER:
            return told.reason
        return self.sealing.seal(plan.stream, "dealings", f"{plan.stream}/{version}#@reason", told.reason)

    # ------------------------------------------------------------ dated links

    def link(
        self,
        subject: str,
        other: str,
        *,
        mode: Literal["whole", "days"],
        link_type: str,
        actor: str,
        reason: str,
        effective_from: datetime | None = None,
        connection: Any = None,
    ) -> Outcome:
        """Show another stream's entries in a relationship from a day on; nothing is moved, and what is entered there is judged in both.

        Args:
            subject: the relationship that is to show them.
            other: account number or stream id of the other.
            mode: ``"whole"`` brings its whole past while the link lasts; ``"days"`` only what counts within the linked days,
                with standing values carried in.
            link_type: what sort of link, such as ``merge``, ``member``, ``account``.
            actor: who links.
            reason: why.
            effective_from: from when; now if not given.
            connection: the host's own connection.

        Raises:
            Unknown: one of them does not exist.
            Invalid: ``link_to_itself``.
            Conflict: ``already_linked`` at that moment.
        """
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
        effective_from: datetime | None = None,
        connection: Any = None,
    ) -> Outcome:
        """End a link from a day on: each entry shows again only where it was entered; the linked days stay as they were.

        Args:
            subject: the relationship that shows the other.
            other: account number or stream id of the other.
            actor: who ends it.
            reason: why.
            effective_from: from when; now if not given.
            connection: the host's own connection.

        Raises:
            Unknown: ``not_linked`` at that moment, or one of them does not exist.
        """
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
        here, there = self.find(subject, connection), self.find(other, connection)
        if here is None or there is None:
            raise _unknown(subject if here is None else other)
        if here == there:
            raise Invalid(
                "link_to_itself",
                f"{subject} cannot be linked to itself",
                zh=f"{subject} 不能与自身关联",
                accepts="another stream",
            )
        for _ in range(ATTEMPTS):
            now = self.clock()
            telling = self._prepared(
                Telling(
                    subject=subject,
                    command=_Linking(),
                    actor=actor,
                    reason=reason,
                    effective_from=effective_from,
                    occurred_at=now,
                ),
                now,
            )
            try:
                return self._attempt_link(here, there, kind, mode, link_type, telling, stamp(now), connection)
            except VersionConflict:
                continue
        raise _too_many_writers()

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
        heads = self.store.heads([here, there], connection)
        mine = self._load(here, heads[here].subject, recorded, connection)
        theirs = self._load(there, heads[there].subject, recorded, connection)
        assert telling.effective_from is not None
        at = stamp(telling.effective_from)
        lasting = any(
            s.other == there and s.begins <= at and (s.ends is None or at < s.ends)
            for s in spans_of(self.timelines.build(here, mine.rows))
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
        book = self.rule_book(connection)
        mine.linked = Linked({**(mine.linked.rows if mine.linked else {}), there: theirs.rows})
        event: Event = (
            StreamLinked(other=there, mode=mode, link_type=link_type)
            if kind is StreamLinked
            else StreamUnlinked(other=there)
        )
        plans = [mine]
        self._take_act(mine, event, telling, book)
        if kind is StreamLinked and here not in joiners(self.timelines.build(there, theirs.rows)):
            self._take_act(theirs, StreamJoined(by=here, link_type=link_type), telling, book)
            plans.append(theirs)
        appended = self._append(plans, telling, (), (), connection)
        return Outcome(
            here,
            tuple(e for e in appended if e.stream == here),
            tuple(e for e in appended if e.stream != here),
            False,
            self.codec,
        )

    def _take_act(self, plan: _Plan, event: Event, telling: Telling, book: RuleBook) -> None:
        assert telling.effective_from is not None
        intake = Intake(
            stamp(telling.effective_from), lambda _walk, _now: (event,), happened=True, tag=telling
        )
        judged = self._run(plan, [intake], book, telling.actor)
        plan.drafts, plan.next_due = judged.drafts, judged.next_due

    def linked(self, stream: str, rows: Sequence[FoldRow], connection: Any = None) -> Linked | None:
        """Return the rows of every stream that one ever linked; None for most, which linked none.

        Args:
            stream: whose links.
            rows: its own rows.
            connection: the host's own connection.
        """
        if not linked_streams(rows):
            return None
        others = {
            i.event.other for i in self.timelines.build(stream, rows) if isinstance(i.event, StreamLinked)
        }
        found = self.store.fold_rows_of(sorted(others), connection=connection)
        return Linked({s: found.get(s, []) for s in others})

    def _with_linked(self, plans: Sequence[_Plan], connection: Any) -> list[_Plan]:
        """Add the relationships that show what is about to be entered elsewhere, judged, and guards on all that was folded for them."""
        all_plans = {p.stream: p for p in plans}
        waiting = [p for p in plans if p.drafts]
        while waiting:
            plan = waiting.pop()
            told = [d for d in plan.drafts if not isinstance(d.event, StreamJoined)]
            if not told or not joined(plan.rows):
                continue
            for stream in joiners(self.timelines.build(plan.stream, plan.rows)):
                touched = self._touch(stream, plan, told, all_plans, connection)
                if touched.drafts:
                    waiting.append(touched)
        for plan in list(all_plans.values()):
            for other, rows in (plan.linked.rows if plan.linked else {}).items():
                if other not in all_plans and rows:
                    head = self.store.heads([other], connection)[other]
                    if head.version != rows[-1].version:
                        raise VersionConflict(other)
                    all_plans[other] = _Plan(
                        other,
                        head.subject,
                        head,
                        list(rows),
                        [],
                        head.next_due,
                        head.recorded_at,
                        linked=_GUARDED,
                    )
        return list(all_plans.values())

    def _touch(
        self, stream: str, entered: _Plan, told: Sequence[Draft], all_plans: dict[str, _Plan], connection: Any
    ) -> _Plan:
        """Judge a relationship again because of what was just entered in a stream it links."""
        plan = all_plans.get(stream)
        if plan is None:
            plan = self._load(
                stream, self.store.heads([stream], connection)[stream].subject, entered.known, connection
            )
            all_plans[stream] = plan
        if plan.linked is None:
            return plan
        judge = self._judge(self.rule_book(connection))
        decided = max(r[-1].recorded_at for r in (plan.rows, *plan.linked.rows.values()) if r)
        first = min(min(d.effective, _target_effective(entered.rows, d)) for d in told)
        rows = [*entered.rows, *(judge.row_of(entered.stream, d, entered.known) for d in entered.drafts)]
        plan.linked = Linked({**plan.linked.rows, entered.stream: rows}, touched=first, decided=decided)
        judged = self._run(plan, (), self.rule_book(connection), SYSTEM)
        plan.drafts += judged.drafts
        plan.next_due = judged.next_due
        plan.linked = Linked({**plan.linked.rows, entered.stream: entered.rows})
        return plan

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

    def void(
        self, entry: str, *, actor: str, reason: str, belongs_to: str | None = None, connection: Any = None
    ) -> Outcome:
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
        return self._mark(
            entry,
            lambda name: EntryVoided(target_name=name, belongs_to=belongs_to),
            None,
            actor,
            reason,
            connection,
        )

    def _mark(
        self,
        entry: str,
        event: Callable[[str], Any],
        patch: Mapping[str, Any] | None,
        actor: str,
        reason: str,
        connection: Any,
    ) -> Outcome:
        _check_envelope(Telling(subject="-", command=None, actor=actor))
        if not reason or not reason.strip():
            raise Incomplete(
                "reason_missing",
                "a correction needs a reason",
                zh="更正需要说明原因",
                rule="CORE-01",
                accepts="reason=...",
            )
        stream, _, text = entry.rpartition("/")
        for attempt in range(ATTEMPTS):
            now = self.clock()
            head = self.store.heads([stream], connection).get(stream)
            if head is None or not text.isdigit() or not 0 < int(text) <= head.version:
                raise Unknown(
                    "unknown_entry",
                    f"there is no entry {entry}",
                    zh=f"没有记录 {entry}",
                    accepts="an id as history shows it",
                )
            plan = self._load(stream, head.subject, stamp(now), connection)
            target = plan.rows[int(text) - 1]
            self._check_mark(plan, target, entry, patch, event)
            telling = Telling(
                subject=stream, command=None, actor=actor, reason=reason, occurred_at=now, effective_from=now
            )
            base = plan.rows[self._base_of(plan, target) - 1]
            row = FoldRow(
                0, 0, "act", "", 1, stamp(now), plan.known, None, entry, None, None, None, None, None, ""
            )
            mark = Mark(event(base.name), row, telling)
            judged = self._run(plan, (), self.rule_book(connection), actor, marks=(mark,))
            plan.drafts, plan.next_due = judged.drafts, judged.next_due
            _refuse_broken(f"{stream}/{base.version}", judged.drafts)
            claims = self._claims_after(plan, connection)
            try:
                appended = self._append([plan], telling, claims, (), connection)
            except (VersionConflict, ClaimTaken):
                self.backend.pause(attempt)
                continue
            return Outcome(stream, tuple(appended), (), False, self.codec)
        raise _too_many_writers()

    def _claims_after(self, plan: _Plan, connection: Any) -> list[ClaimChange]:
        """Return which claims a correction or void gives back or takes, so that they follow what counts."""
        room = self.house.room(plan.subject)
        if not room.claimers:
            return []
        judge = self._judge()
        rows = [*plan.rows, *(judge.row_of(plan.stream, d, plan.known) for d in plan.drafts)]
        before = self._held(plan.stream, room, self.timelines.build(plan.stream, plan.rows))
        after = self._held(plan.stream, room, self.timelines.build(plan.stream, rows))
        changes = [attrs.evolve(c, release=True) for key, c in before.items() if key not in after]
        wanted: list[_Wanted] = [(c, None) for key, c in after.items() if key not in before]
        taken = _exclusive(wanted)
        _settled(
            wanted, self.store.holders(sorted(taken), connection) if taken else {}, changes, happened=False
        )
        return changes

    def _held(self, stream: str, room: Room, items: Sequence[Item]) -> dict[tuple[str, str], ClaimChange]:
        held: dict[tuple[str, str], ClaimChange] = {}
        for item in items:
            for handler in room.claimers.get(type(item.event), ()):
                for c in handler(item.event):
                    change = ClaimChange(c.kind, self.sealing.token(c.kind, c.value), stream, c.policy)
                    if c.release:
                        held.pop((change.kind, change.token), None)
                    else:
                        held[change.kind, change.token] = change
        return held

    def _base_of(self, plan: _Plan, row: FoldRow) -> int:
        while row.target is not None:
            row = plan.rows[int(row.target.rpartition("/")[2]) - 1]
        return row.version

    def _check_mark(
        self,
        plan: _Plan,
        target: FoldRow,
        entry: str,
        patch: Mapping[str, Any] | None,
        event: Callable[[str], Any],
    ) -> None:
        if target.kind == "decision":
            raise RuleNotMet(
                "decision_not_correctable",
                f"{entry} is a decision",
                zh=f"{entry} 是判定，不能更正",
                rule="CORE-01",
                accepts="a correction of the fact it was drawn from",
            )
        if plan.subject == RULES_SUBJECT and patch is not None:
            raise RuleNotMet(
                "published_not_correctable",
                f"{entry} is a published rule set",
                zh=f"{entry} 是已发布的规则集",
                rule="CORE-73",
                accepts="a further version",
            )
        root = f"{plan.stream}/{self._base_of(plan, target)}"
        if target.name == EntryVoided.stored_name or any(
            r.name == EntryVoided.stored_name and r.target in (entry, root) for r in plan.rows
        ):
            raise Conflict(
                "already_voided",
                f"{entry} is voided, or is a void",
                zh=f"{entry} 已作废",
                rule="CORE-01",
                accepts="the fact entered anew",
            )
        if patch is None:
            return
        base = plan.rows[self._base_of(plan, target) - 1]
        cls = self.registry.find(base.name)
        _check_correction(event(base.name), cls, base.name, self.tz)
        if cls is None:
            raise PluginError(
                "plugin_absent",
                f"{base.name} belongs to a plugin that is not installed",
                zh=f"{base.name} 所属插件未安装",
                accepts="a correction once the plugin is back",
            )
        fields: Any = attrs.fields(cls)  # type: ignore[arg-type]
        names = {a.name for a in fields}
        if extra := sorted(set(patch) - names):
            raise Invalid(
                "unknown_field",
                f"{base.name} has no field {', '.join(extra)}",
                zh=f"{base.name} 没有字段 {', '.join(extra)}",
                accepts=", ".join(sorted(names)),
            )
        whole = self.codec.fields(base.name, base.schema_version, base.payload, plan.stream, base.version)
        try:
            self.codec.build(base.name, {**whole, **patch})
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            raise Invalid(
                "out_of_scale",
                f"{base.name}: {error}",
                zh=f"{base.name}：{error}",
                accepts="a value of the field's own type, whole: money with its currency",
            ) from error

    # ------------------------------------------------------------ many at once

    def take_in(
        self, tellings: Sequence[Telling], *, recorded_at: str | None = None, dry: bool = False
    ) -> list[Verdict]:
        """Take in many reports of what happened, as one moment of knowledge, in one transaction (CORE-98).

        Each telling needs ``source`` (or ``command_id``), ``occurred_at`` and ``batch``. Lines of one customer go by their own days,
        interleaved with what time brings between them. Lines that name the same ``whole`` enter together or not at all.

        Args:
            tellings: what is reported; any order.
            recorded_at: stamp of the batch's moment of knowledge; now if not given. A stream that knows of something later
                takes its own last moment instead.
            dry: judge only, and record nothing.

        Returns:
            One verdict per telling, in the order given.
        """
        for attempt in range(ATTEMPTS):
            try:
                verdicts, opened = self._take_in(tellings, recorded_at, dry)
            except (VersionConflict, ClaimTaken, CommandSeen):
                self.backend.pause(attempt)
                continue
            if opened and not dry:
                self._after_opening(opened)
            return verdicts
        raise _too_many_writers()

    def _after_opening(self, accounts: Sequence[str]) -> None:
        """Let what waited for these files in. It is recorded as waiting already, so a busy store only puts this off."""
        for handler in self.after_opening:
            with suppress(StoreError):
                handler(self, accounts)

    def _take_in(
        self, tellings: Sequence[Telling], recorded_at: str | None, dry: bool
    ) -> tuple[list[Verdict], list[str]]:
        now = self.clock() if recorded_at is None else instant(recorded_at, self.tz)
        recorded, book = stamp(now), self.rule_book()
        work = _Intakes(book, recorded, [None] * len(tellings))
        echoes: dict[int, int] = {}
        with collector_paused():
            self._take_fresh(self._fresh(tellings, now, work, echoes), work)
            if not dry and work.plans:
                self._append_many(list(work.plans.values()), work.claims, work.commands)
        for n, first in echoes.items():
            verdict = work.verdicts[first]
            work.verdicts[n] = (
                Verdict("known", entry=verdict.entry) if verdict and verdict.status == "accepted" else verdict
            )
        return [v for v in work.verdicts if v is not None], work.opened

    def _fresh(
        self, tellings: Sequence[Telling], now: datetime, work: _Intakes, echoes: dict[int, int]
    ) -> dict[tuple[str, str], list[_Told]]:
        """Return what is not on record yet, by kind and name of its subject; give the rest its verdict.

        A telling that repeats an earlier one of the same call is put among ``echoes``, with the index of that one.
        """
        clocks, _ = work.book.find(ClockRules, work.recorded, work.recorded)
        fresh: dict[tuple[str, str], list[_Told]] = {}
        prepared: list[tuple[str, _Told]] = []
        for n, telling in enumerate(tellings):
            try:
                ready = self._prepared(telling, now, clocks)
                prepared.append(
                    (self._subject_kind(ready.command), _Told(n, ready, self._command_key(ready)))
                )
            except Refusal as refusal:
                work.verdicts[n] = Verdict("refused", refusal=refusal)
        seen = self.store.commands([t.key for _, t in prepared if t.key is not None])
        firsts: dict[str, _Told] = {}
        for kind, told in prepared:
            record = seen.get(told.key or "")
            if record is None:
                first = told if told.key is None else firsts.setdefault(told.key, told)
                if first is told:
                    fresh.setdefault((kind, told.telling.subject), []).append(told)
                elif self._digest(first.telling) == self._digest(told.telling):
                    echoes[told.index] = first.index
                else:
                    work.verdicts[told.index] = Verdict(
                        "refused", refusal=_conflict(told.telling, f"line {first.index + 1} of this call")
                    )
            elif record.digest == self._digest(told.telling):
                work.verdicts[told.index] = Verdict("known", entry=f"{record.stream}/{record.first_version}")
            else:
                first_entry = f"{record.stream}/{record.first_version}"
                work.verdicts[told.index] = Verdict("refused", refusal=_conflict(told.telling, first_entry))
        self._keep_whole(tellings, fresh, work)
        return fresh

    def _keep_whole(
        self, tellings: Sequence[Telling], fresh: Mapping[tuple[str, str], list[_Told]], work: _Intakes
    ) -> None:
        """Refuse new lines of a whole of which another line was refused already; one that conflicts is on record, so nothing is missing."""
        broken = {
            (t.subject, t.whole)
            for t, v in zip(tellings, work.verdicts, strict=True)
            if t.whole and v is not None and v.refusal is not None and not isinstance(v.refusal, Conflict)
        }
        if broken:
            for told in fresh.values():
                for t in told:
                    if (t.telling.subject, t.telling.whole) in broken:
                        work.verdicts[t.index] = Verdict("refused", refusal=_not_whole(t.telling))
                told[:] = [t for t in told if work.verdicts[t.index] is None]

    def _take_fresh(self, fresh: Mapping[tuple[str, str], Sequence[_Told]], work: _Intakes) -> None:
        known = self.find_all([name for kind, name in fresh if kind == CUSTOMER])
        streams = {(kind, name): known.get(name) if kind == CUSTOMER else name for kind, name in fresh}
        existing = [s for s in streams.values() if s is not None]
        heads, rows = self.store.heads(existing), self.store.fold_rows_of(existing)
        judged: list[tuple[_Plan, list[_Told], list[_Wanted]]] = []
        for (kind, name), told in fresh.items():
            told, stream = list(told), streams[kind, name]
            if stream is not None and kind == CUSTOMER:
                self._refuse_second_opening(told, work)
            if stream is None:
                if not any(type(t.telling.command).opens_file for t in told):
                    for t in told:
                        work.verdicts[t.index] = Verdict("waiting", refusal=_unknown(name))
                    continue
                stream = self.backend.new_id()
                work.opened.append(name)
            if not told:
                continue
            head = heads.get(stream)
            if head is not None and (not rows.get(stream) or rows[stream][-1].version != head.version):
                raise VersionConflict(stream)
            at = max(work.recorded, head.recorded_at if head else "", work.book.latest)
            own = rows.get(stream, [])
            plan = _Plan(
                stream,
                kind,
                head,
                own,
                [],
                head.next_due if head else None,
                at,
                linked=self.linked(stream, own),
            )
            self._judge_told(plan, told, work)
            judged.append((plan, told, self._wanted(stream, self.house.room(kind), plan.drafts)))
        self._settle_claims(judged, work)
        for plan, told, _ in judged:
            self._accept(plan, told, work)
        for plan, told, _ in judged:
            for to in plan.outbox:
                other = attrs.evolve(
                    told[0].telling,
                    subject=to.subject,
                    command=to.command,
                    source=None,
                    command_id=None,
                    whole=None,
                )
                self._judge_one(
                    other, to.subject, to.command, work.recorded, work.book, work.plans, work.claims, None
                )

    def _refuse_second_opening(self, told: list[_Told], work: _Intakes) -> None:
        for t in told:
            if type(t.telling.command).opens_file:
                work.verdicts[t.index] = Verdict("refused", refusal=_taken(t.telling.subject))
        told[:] = [t for t in told if work.verdicts[t.index] is None]

    def _judge_told(
        self, plan: _Plan, told: list[_Told], work: _Intakes, denied: Sequence[tuple[str, Any]] = ()
    ) -> None:
        """Judge what is told of one stream; what is refused leaves ``told``, and takes with it the whole it is part of."""
        room = self.house.room(plan.subject)
        plan.drafts = []

        def refuse(index: int) -> Callable[[Refusal], None]:
            def note(refusal: Refusal) -> None:
                work.verdicts[index] = Verdict("refused", refusal=refusal)

            return note

        while True:
            intakes = []
            for t in told:
                mine = [kind for kind, tag in denied if tag is t.telling]
                intake = self._intake(room, t.telling.command, t.telling, t.telling, mine)
                intake.refused = refuse(t.index)
                intakes.append(intake)
            judged = self._run(
                plan, intakes, work.book, told[0].telling.actor if told else SYSTEM, deeds=False
            )
            left = [t for t in told if work.verdicts[t.index] is None]
            broken = {t.telling.whole for t in told if t.telling.whole and work.verdicts[t.index] is not None}
            torn = [t for t in left if t.telling.whole in broken]
            for t in torn:
                work.verdicts[t.index] = Verdict("refused", refusal=_not_whole(t.telling))
            told[:] = [t for t in left if work.verdicts[t.index] is None]
            if not torn:
                break
        plan.drafts, plan.next_due, plan.outbox = (
            (judged.drafts, judged.next_due, judged.outbox) if told else ([], None, [])
        )

    def _settle_claims(
        self, judged: Sequence[tuple[_Plan, list[_Told], list[_Wanted]]], work: _Intakes
    ) -> None:
        """Look all claims up at once; what has happened against a holder is judged again with the denial on it."""
        wanted = {key for *_, claims in judged for key in _exclusive(claims)}
        holders = self.store.holders(sorted(wanted)) if wanted else {}
        for plan, told, claims in judged:
            denied = _settled(claims, holders, work.claims, happened=True)
            if denied:
                self._judge_told(plan, told, work, denied)
            holders.update({key: plan.stream for key in _exclusive(claims) if key not in holders})

    def _accept(self, plan: _Plan, told: Sequence[_Told], work: _Intakes) -> None:
        """Note what was taken in under which key, and which of it is kept although it broke a rule."""
        if not plan.drafts:
            for t in told:
                work.verdicts[t.index] = Verdict("known")
            return
        work.plans[plan.stream] = plan
        own: dict[int, list[Draft]] = {}
        flags: dict[int, list[str]] = {}
        teller: dict[str, int] = {}
        for d in plan.drafts:
            if isinstance(d.tag, Telling):
                own.setdefault(id(d.tag), []).append(d)
                teller[d.id] = id(d.tag)
            code = _breach(d.event, teller)
            if code is not None:
                flags.setdefault(teller.get(getattr(d.event, "entry", d.id), 0), []).append(code)
        for t in told:
            mine = own.get(id(t.telling))
            if mine is None:
                work.verdicts[t.index] = Verdict("known")
                continue
            if t.key is not None:
                work.commands.append(
                    CommandRecord(
                        t.key, self._digest(t.telling), plan.stream, mine[0].version, mine[-1].version
                    )
                )
            work.verdicts[t.index] = Verdict(
                "accepted", entry=mine[0].id, flags=tuple(flags.get(id(t.telling), ()))
            )

    def _append_many(
        self, plans: Sequence[_Plan], claims: Sequence[ClaimChange], commands: Sequence[CommandRecord]
    ) -> None:
        pairs = {
            (p.stream, family) for p in plans for d in p.drafts for family in self.codec.families(d.event)
        }
        if pairs:
            self.backend.keyring.keys_for(sorted(pairs))
        plans = self._with_linked(plans, None)
        streams = tuple(self._stream_append(p, _first_told(p)) for p in sorted(plans, key=lambda p: p.stream))
        self.store.append(Append(self.store.tenant, streams, tuple(claims), tuple(commands)))

    # ------------------------------------------------------------ time

    def advance(self, until: datetime | None = None, *, progress: Progress | None = None) -> int:
        """Write down what fell due; only catching up, since every answer derives it anyway. Return how many entries that took.

        Args:
            until: moment up to which; now if not given, and never beyond now.
            progress: called with (streams done, streams found so far).
        """
        now = self.clock()
        moment = stamp(now) if until is None else min(stamp(until), stamp(now))
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
        rows = self.store.fold_rows(RULES_STREAM, connection) if version else []
        for item in self.timelines.build(RULES_STREAM, rows):
            event, r = item.event, item.row
            if isinstance(event, RuleSetPublished) and event.rule_set in classes:
                value = rule_set_from(classes[event.rule_set], event.parameters)
                published.append(
                    Published(
                        event.rule_set,
                        event.version,
                        item.effective,
                        r.recorded_at,
                        value,
                        event.retroactive,
                        f"{RULES_STREAM}/{r.version}",
                    )
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
            raise Incomplete(
                "signature_missing",
                "an unsigned rule set is not in force",
                zh="未经批准的规则集不生效",
                rule="CORE-73",
                accepts="approved_by=...",
            )
        if approved_by == by:
            raise NotPermitted(
                "approver_conflict",
                f"{by} drafted it and cannot approve it",
                zh="起草人不能批准",
                rule="CORE-73",
                accepts="another approver",
            )
        cls = next((c for c in self._rule_classes if c.stored_name == type(rules).stored_name), None)
        if cls is None:
            raise Unknown(
                "unknown_rule_set",
                f"no installed plugin has {type(rules).stored_name}",
                zh=f"没有安装含 {type(rules).stored_name} 的插件",
                accepts=", ".join(sorted(c.stored_name for c in self._rule_classes)),
            )
        for _ in range(ATTEMPTS):
            now = self.clock()
            plan = self._load(RULES_STREAM, RULES_SUBJECT, stamp(now), None)
            if stamp(effective_from) < min(stamp(now), plan.known) and not retroactive:
                raise RuleNotMet(
                    "retroactive_rule",
                    f"{stamp(effective_from)} lies before its publication",
                    zh="生效日早于发布日",
                    rule="CORE-73",
                    accepts="retroactive=<reason>",
                )
            version = len(self.rule_book().versions(cls.stored_name)) + 1
            event = RuleSetPublished(
                rule_set=cls.stored_name,
                version=version,
                parameters=parameters_of(rules),
                approved_by=approved_by,
                retroactive=retroactive,
            )
            telling = Telling(
                subject=RULES_STREAM,
                command=None,
                actor=by,
                reason=reason,
                occurred_at=now,
                effective_from=effective_from,
            )
            # One tick after all that is on record, so that nobody can wonder which of two entries was known first.
            plan.known = max(plan.known, after_tick(self.store.last_recorded()))
            number = (plan.rows[-1].version if plan.rows else 0) + 1
            draft = Draft(
                event=event,
                effective=stamp(effective_from),
                version=number,
                id=f"{RULES_STREAM}/{number}",
                key=(),
                tag=telling,
            )
            plan.drafts, plan.next_due = [draft], None
            try:
                self._append([plan], telling, (), (), None)
            except VersionConflict:
                continue
            self._refresh(plan.known, everything=retroactive is not None)
            return version
        raise _too_many_writers()

    def _refresh(self, moment: str, *, everything: bool) -> None:
        """Reckon anew what is next due, and judge again where a rule set reaches into the past."""
        after = ""
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
        self,
        name: str,
        *,
        as_of: datetime | str | None = None,
        as_known: datetime | str | int | None = None,
        **parameters: Any,
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

    def stale(self, head: Head, at: Cut) -> bool:
        """Return whether other facets than today's judged a stream last, so that an answer of now has to judge it anew.

        Args:
            head: the stream's head.
            at: the cut that is asked for; what was known at a past moment was known to the facets of that moment.
        """
        return (
            at.as_known is None
            and at.position is None
            and head.judged_by != self.house.room(head.subject).digest
        )

    def judge(self) -> Judge:
        """Return a judge under the rule sets published so far."""
        return self._judge()

    def _judge(self, book: RuleBook | None = None) -> Judge:
        return Judge(self.house, book or self.rule_book(), self.timelines, self.tz)

    @contextmanager
    def seen_from(self, connection: Any) -> Iterator[_Hosted]:
        """Yield this ledger bound to the host's own connection, so that appends join its transaction."""
        yield _Hosted(self, connection)


_GUARDED = Linked()
"""Marks the plan of a stream that was folded for another and must not have moved meanwhile."""


def _other_subject(stream: str, there: str, wanted: str) -> Conflict:
    return Conflict(
        "subject_differs",
        f"{stream} is a stream of {there}, not of {wanted}",
        zh=f"{stream} 属于 {there}，不是 {wanted}",
        accepts=f"a command for {there}, or another subject",
    )


@command_class("core.link")
class _Linking(Command):
    """Stands for the act of linking while its times are checked."""


def _check_envelope(telling: Telling) -> None:
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


def _too_many_writers() -> Conflict:
    return Conflict(
        "too_many_writers",
        f"{ATTEMPTS} attempts met other writers each time",
        zh=f"连续 {ATTEMPTS} 次与其他写入者冲突",
        accepts="the same again, a little later",
    )


def _check_correction(event: EntryCorrected, cls: type[Event] | None, name: str, tz: ZoneInfo) -> None:
    """Refuse a correction that changes nothing, or whose days make no sense."""
    if not event.fields and event.effective_from is None:
        raise Incomplete(
            "nothing_corrected",
            "a correction names what was wrong",
            zh="更正需要指明有误的内容",
            rule="CORE-01",
            accepts="fields with their right values, or effective_from",
        )
    if event.days_from is None and event.days_until is None:
        return
    first, last = (read_instant(text or "", tz)[0] for text in (event.days_from, event.days_until))
    if cls is None or not cls.is_standing:
        raise Invalid(
            "does_not_stand",
            f"{name} is an act of one moment, not a value that stands over days",
            zh=f"{name} 不是延续若干天的值",
            rule="CORE-01",
            accepts="a correction without days",
        )
    if last < first:
        raise Invalid(
            "invalid_date",
            f"{event.days_until} lies before {event.days_from}",
            zh=f"{event.days_until} 早于 {event.days_from}",
            accepts="a first day and a last day, in that order",
        )


def _refuse_broken(entry: str, drafts: Sequence[Draft]) -> None:
    """Refuse a correction that would itself break a rule; what it does to later entries is flagged there."""
    for d in drafts:
        if isinstance(d.event, BreachFlagged) and d.event.entry == entry:
            raise RuleNotMet(d.event.code, rule=d.event.rule, entry=entry)


def _target_effective(rows: Sequence[FoldRow], draft: Draft) -> str:
    effective, target = draft.effective, draft.target
    while target is not None:
        row = rows[int(target.rpartition("/")[2]) - 1]
        effective, target = min(effective, row.effective_from), row.target
    return effective


class _Hosted:
    """A ledger whose appends are provisional until the host commits."""

    def __init__(self, ledger: Ledger, connection: Any) -> None:
        self._ledger, self._connection = ledger, connection

    def execute(self, subject: str, command: Command, **keywords: Any) -> Outcome:
        """Carry out a command within the host's transaction; see ``Ledger.execute``."""
        return self._ledger.execute(subject, command, connection=self._connection, **keywords)


def _unknown(subject: str) -> Unknown:
    return Unknown(
        "unknown_relationship",
        f"there is no customer file {subject}",
        zh=f"没有客户档案 {subject}",
        rule="CORE-IN-g",
        accepts="an account number that was opened",
    )


_FIELDS: dict[type[Any], tuple[tuple[str, Any], ...]] = {}


def _told_fields(command: type[Any]) -> tuple[tuple[str, Any], ...]:
    """Return a command's fields with their defaults; a field without one is always told."""
    if command not in _FIELDS:
        fields: Any = attrs.fields(command)
        _FIELDS[command] = tuple((a.name, a.default) for a in sorted(fields, key=lambda a: str(a.name)))
    return _FIELDS[command]


def _conflict(telling: Telling, first: str) -> Conflict:
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


def _taken(subject: str) -> Conflict:
    return Conflict(
        "identifier_taken",
        f"the account number {subject} names a file already",
        zh=f"户号 {subject} 已有档案",
        rule="CORE-95",
        accepts="another account number; an account number names one file for ever",
    )


def _not_whole(telling: Telling) -> Incomplete:
    return Incomplete(
        "receipt_incomplete",
        f"another line of {telling.whole} was refused, and it enters whole or not at all",
        zh=f"{telling.whole} 的另一行被拒收，须整单收录或整单拒收",
        rule="RET-59",
        accepts="all of its lines in order",
    )


def _breach(event: Event, teller: Mapping[str, int]) -> str | None:
    """Return the code of the breach that an event notes on what is being taken in now."""
    if isinstance(event, BreachRecorded) or (isinstance(event, BreachFlagged) and event.entry in teller):
        return event.code
    return None


def _first_told(plan: _Plan) -> Telling | None:
    return next((d.tag for d in plan.drafts if isinstance(d.tag, Telling)), None)


def _exclusive(wanted: Iterable[_Wanted]) -> set[tuple[str, str]]:
    return {(c.kind, c.token) for c, _ in wanted if not c.release and c.policy != ADVISORY}


def _settled(
    wanted: Sequence[_Wanted], holders: Mapping[tuple[str, str], str], out: list[ClaimChange], happened: bool
) -> list[tuple[str, Any]]:
    """Collect the claims that can be had; return the kinds that another stream holds, each with the tag that wants it."""
    denied: list[tuple[str, Any]] = []
    for c, tag in wanted:
        holder = holders.get((c.kind, c.token))
        if c.release or c.policy == ADVISORY or holder in (None, c.stream):
            if not (holder == c.stream and not c.release):
                out.append(c)
        elif happened:
            denied.append((c.kind, tag))
        else:
            raise Conflict(
                "identifier_taken",
                f"that {c.kind} is held by another file",
                zh=f"该标识（{c.kind}）已被其他档案占用",
                rule="CORE-95",
                held_by=holder,
            )
    return denied


def spread(tellings: Iterable[Telling]) -> dict[str, list[Telling]]:
    """Return tellings by subject, each in the order given."""
    out: dict[str, list[Telling]] = {}
    for t in tellings:
        out.setdefault(t.subject, []).append(t)
    return out


__all__ = ["CUSTOMER", "DAY", "RULES_STREAM", "Backend", "Ledger", "To"]
