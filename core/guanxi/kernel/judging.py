"""Judging: what is to be appended to a stream when something comes in or time has passed; hindsight, re-enactment, re-derivation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from guanxi.kernel.collecting import collector_paused
from guanxi.kernel.entries import FoldRow
from guanxi.kernel.facets import To
from guanxi.kernel.house import House, Room
from guanxi.kernel.messages import Decision, Event
from guanxi.kernel.rules import RuleBook
from guanxi.kernel.standard import DecisionWithdrawn, EntryCorrected, EntryVoided
from guanxi.kernel.timeline import FACT_PHASE, Cut, Item, OrderKey, Origin, Timelines
from guanxi.kernel.walk import Difference, Draft, Intake, Walk

_BEGINNING: OrderKey = ("", 0)
_MANY = 500
"""Streams of fewer rows are folded faster than pausing the collector pays for."""


@attrs.define
class Judgement:
    """What follows for one stream.

    Args:
        drafts: entries to append, in this order.
        items: the live timeline that results, in fold order.
        states: the facets' states at its end, in the room's order.
        next_due: stamp of the next moment that waits.
        outbox: commands for other relationships.
        differences: decisions that stand although they would come out otherwise.
    """

    drafts: list[Draft]
    items: list[Item]
    states: list[Any]
    next_due: str | None
    outbox: list[To]
    differences: list[Difference]
    room: Room


@attrs.frozen
class Mark:
    """A correction or void on its way in, beside the fold row it will have."""

    event: EntryCorrected | EntryVoided
    row: FoldRow
    tag: Any = None


class Judge:
    """Judges streams under one house, book and zone. Holds no state between calls.

    Args:
        house: the installed facets.
        book: rule sets, as far as they are known.
        timelines: builds timelines of stored rows.
        tz: the programme's zone.
    """

    def __init__(self, house: House, book: RuleBook, timelines: Timelines, tz: ZoneInfo) -> None:
        self.house, self.book, self.timelines, self.tz = house, book, timelines, tz

    def judge(
        self,
        subject: str,
        stream: str,
        rows: Sequence[FoldRow],
        known: str,
        *,
        intakes: Sequence[Intake] = (),
        marks: Sequence[Mark] = (),
        actor: str = "system",
        deeds: bool = False,
        facets_changed: bool = False,
        at: Cut | None = None,
    ) -> Judgement:
        """Return what is to be appended when something is entered at ``known``; first what fell due until then.

        Args:
            subject: kind of stream.
            stream: its id.
            rows: what is stored, by version.
            known: stamp of the moment of knowledge; not before the last row's.
            intakes: facts and commands coming in.
            marks: corrections and voids coming in.
            actor: who enters.
            deeds: whether effects are carried out.
            facets_changed: whether other facets judged the stream last, so that all of it is judged again.
            at: leave out what counts from later than ``at.as_of``; for questions, never for appends.

        Raises:
            Refusal: an order was refused; nothing follows then.
        """
        if len(rows) < _MANY:
            return self._judge(subject, stream, rows, known, intakes, marks, actor, deeds, facets_changed, at or Cut())
        with collector_paused():
            return self._judge(subject, stream, rows, known, intakes, marks, actor, deeds, facets_changed, at or Cut())

    def _judge(
        self,
        subject: str,
        stream: str,
        rows: Sequence[FoldRow],
        known: str,
        intakes: Sequence[Intake],
        marks: Sequence[Mark],
        actor: str,
        deeds: bool,
        facets_changed: bool,
        cut: Cut,
    ) -> Judgement:
        room = self.house.room(subject)
        items = self.timelines.build(stream, rows, cut)
        decided = rows[-1].recorded_at if rows else ""
        session = _Session(self, room, stream, items, (rows[-1].version if rows else 0) + 1, known, actor, cut.as_of)
        stale = [p for p in self.book.retroactive if decided < p.recorded_at <= known] if rows else []
        if facets_changed and rows:
            session.again(_BEGINNING, decided, by_rules=False)
        for published in stale:
            session.catch_up(decided, published.recorded_at)
            session.again((published.effective_from, 0), published.recorded_at, by_rules=True)
            decided = published.recorded_at
        if marks:
            session.catch_up(decided, known)
            session.mark(rows, marks, self.timelines)
            decided = known
        session.take(decided, intakes, deeds=deeds)
        return session.result()

    def state(self, subject: str, stream: str, rows: Sequence[FoldRow], cut: Cut, known: str) -> Judgement:
        """Return the states at a cut, with moments that have come but are not written down yet drawn in memory."""
        visible = [
            r for r in rows if (cut.as_known is None or r.recorded_at <= cut.as_known) and (cut.position is None or r.position <= cut.position)
        ]
        moment = min(t for t in (known, cut.as_known) if t is not None)
        if visible and visible[-1].recorded_at > moment:
            moment = visible[-1].recorded_at
        return self.judge(subject, stream, visible, moment, at=Cut(as_of=cut.as_of))

    # ------------------------------------------------------------ re-runs

    def reenact(self, subject: str, stream: str, rows: Sequence[FoldRow], groups: Sequence[Sequence[FoldRow]]) -> list[str]:
        """Run each transaction again with what was known then; return texts that say where the outcome differs.

        Args:
            subject: kind of stream.
            stream: its id.
            rows: the whole stream, by version.
            groups: the same rows, transaction by transaction.
        """
        trouble: list[str] = []
        past: list[FoldRow] = []
        for group in groups:
            trouble += self._reenact_one(subject, stream, past, group)
            past += group
        return trouble

    def _reenact_one(self, subject: str, stream: str, past: list[FoldRow], group: Sequence[FoldRow]) -> list[str]:
        known = group[-1].recorded_at
        decode = self.timelines.codec.decode
        told: list[tuple[FoldRow, Event]] = []
        for r in group:
            event = decode(r.name, r.schema_version, r.payload, stream, r.version)
            if event is None:
                return []
            if not isinstance(event, Decision):
                told.append((r, event))
        marks = [Mark(e, r) for r, e in told if isinstance(e, EntryCorrected | EntryVoided)]
        facts = [
            Intake(r.effective_from, lambda _walk, _now, e=e: (e,), happened=True)  # type: ignore[misc]
            for r, e in told
            if not isinstance(e, EntryCorrected | EntryVoided)
        ]
        got = self.judge(subject, stream, past, known, intakes=facts, marks=marks).drafts
        stored = [(r.name, r.effective_from, r.place, r.replaces, r.succeeds, decode(r.name, r.schema_version, r.payload, stream, r.version)) for r in group]
        made = [(d.event.stored_name, d.effective, d.place, d.replaces, d.succeeds, d.event) for d in got]
        if [s[:5] for s in stored] == [m[:5] for m in made] and all(s[5] == m[5] for s, m in zip(stored, made, strict=True)):
            return []
        return [f"{stream} at {known}: stored {s!r}, re-enacted {m!r}" for s, m in _paired(stored, made) if s != m]

    def rederive(self, subject: str, stream: str, rows: Sequence[FoldRow], known: str, book: RuleBook | None = None) -> Judgement:
        """Derive all decisions afresh from the facts as known now, in the order in which they count.

        Args:
            subject: kind of stream.
            stream: its id.
            rows: what is stored.
            known: stamp until which moments arrive.
            book: other rule sets, for what-if questions.
        """
        room = self.house.room(subject)
        facts = [i for i in self.timelines.build(stream, rows) if not isinstance(i.event, Decision)]
        walk = Walk(room, book or self.book, stream, 1, known, self.tz)
        walk.run(facts, (), known, "")
        origin = Origin(stream, rows, self.timelines.due_rank)
        items = sorted([*facts, *(d.as_item(known, origin) for d in walk.out)], key=lambda i: i.key)
        return Judgement(walk.out, items, walk.states, walk.next_due(), [], [], room)

    def replay(self, subject: str, stream: str, groups: Sequence[Sequence[FoldRow]], known: str) -> list[Item]:
        """Derive all decisions afresh by going through the moments of knowledge, and return the resulting timeline.

        Differs from ``reenact`` in that each step builds on what this replay drew before, not on what is stored.
        """
        drawn: list[Draft] = []
        past: list[FoldRow] = []
        codec = self.timelines.codec
        names: dict[str, str] = {}
        for group in groups:
            at = group[-1].recorded_at
            intakes: list[Intake] = []
            marks: list[Mark] = []
            version = len(past)
            for r in group:
                event = codec.decode(r.name, r.schema_version, r.payload, stream, r.version)
                if event is None or isinstance(event, Decision):
                    continue
                if isinstance(event, EntryCorrected | EntryVoided):
                    marks.append(Mark(event, r._replace(target=names.get(r.target or "", r.target))))
                else:
                    intakes.append(Intake(r.effective_from, lambda _w, _n, e=event: (e,), happened=True, tag=r))  # type: ignore[misc]
            got = self.judge(subject, stream, past, at, intakes=intakes, marks=marks).drafts
            for d in got:
                version += 1
                if d.tag is not None:
                    names[f"{stream}/{d.tag.version}"] = d.id
                past.append(self.row_of(stream, d, at))
            drawn += got
        final = self.judge(subject, stream, past, known)
        return final.items

    def row_of(self, stream: str, d: Draft, recorded: str) -> FoldRow:
        """Return the fold row a draft will have."""
        payload, _ = self.timelines.codec.encode(d.event, stream, d.version)
        return d.row(recorded, payload)


class _Session:
    """One call of ``judge``: passes over the stream, each beginning where the one before left the timeline."""

    def __init__(
        self, judge: Judge, room: Room, stream: str, items: list[Item], version: int, known: str, actor: str, as_of: str | None
    ) -> None:
        self.judge, self.room, self.stream, self.items = judge, room, stream, items
        self.version, self.known, self.actor = version, known, actor
        self.until = known if as_of is None else min(known, as_of)
        self.as_of = as_of
        self.drafts: list[Draft] = []
        self.outbox: list[To] = []
        self.differences: list[Difference] = []
        self.walk: Walk | None = None

    def _walk_from(self, start: OrderKey, horizon: tuple[str, int], known: str, by_rules: bool) -> tuple[Walk, list[Item]]:
        base, tail = _split(self.items, start)
        walk = Walk(self.room, self.judge.book, self.stream, self.version, known, self.judge.tz, self.actor, by_rules)
        walk.fold(base, horizon)
        if tail or by_rules or self.room.effects:
            walk.note_settled(base)
        return walk, tail

    def _absorb(self, walk: Walk, recorded: str) -> None:
        """Take over what a pass drafted: replaced items leave, new ones find their places."""
        new, self.version = walk.out, walk.next_version
        self.drafts += new
        self.outbox += walk.outbox
        self.differences += walk.differences
        self.walk = walk
        if not new:
            return
        gone = {i for d in new if d.replaces for i in d.replaces.split(" ")}
        if gone:
            self.items = [i for i in self.items if i.id not in gone]
        origin = Origin(self.stream, (), self.judge.timelines.due_rank)
        added = [d.as_item(recorded, origin) for d in new if not isinstance(d.event, DecisionWithdrawn | EntryCorrected | EntryVoided)]
        self.items += added
        self.items.sort(key=lambda i: i.key)

    def catch_up(self, decided: str, known: str) -> None:
        """Let what fell due arrive."""
        walk, tail = self._walk_from((decided, 2), (decided, 1), known, by_rules=False)
        walk.run(tail, (), min(known, self.until), decided)
        self._absorb(walk, known)

    def again(self, start: OrderKey, known: str, *, by_rules: bool) -> None:
        """Judge everything from a moment on again."""
        walk, tail = self._walk_from(start, (start[0], start[1]), known, by_rules)
        walk.run(tail, (), min(known, self.until), known)
        self._absorb(walk, known)

    def mark(self, rows: Sequence[FoldRow], marks: Sequence[Mark], timelines: Timelines) -> None:
        """Enter corrections and voids, then judge again from the earliest place they touch."""
        before = {i.key: i.event for i in self.items}
        entered: list[Draft] = []
        added: list[FoldRow] = [self.judge.row_of(self.stream, d, self.known) for d in self.drafts]
        for mark in marks:
            row = mark.row._replace(version=self.version, recorded_at=self.known)
            draft = Draft(
                event=mark.event,
                effective=row.effective_from,
                version=self.version,
                id=f"{self.stream}/{self.version}",
                key=(row.effective_from, FACT_PHASE, self.known, self.stream, self.version, 0),
                target=row.target,
                late=True,
                tag=mark.tag,
            )
            self.version += 1
            entered.append(draft)
            added.append(self.judge.row_of(self.stream, draft, self.known))
        self.drafts += entered
        cut = Cut(as_of=self.as_of)
        self.items = timelines.build(self.stream, [*rows, *added], cut)
        after = {i.key: i.event for i in self.items}
        touched = [k for k in before.keys() | after.keys() if before.get(k) != after.get(k)]
        if touched:
            self.again(min(touched), self.known, by_rules=False)

    def take(self, decided: str, intakes: Sequence[Intake], *, deeds: bool) -> None:
        """Catch up, then take in what comes: in order where nothing lies behind it, in hindsight otherwise."""
        walk, tail = self._walk_from((decided, 2), (decided, 1), self.known, by_rules=False)
        walk.run(tail, (), self.until if decided or not intakes else "", decided)
        if not intakes:
            if deeds:
                walk.act(list(walk.out), list(walk.fired))
                walk.settle(self.until)
            self._absorb(walk, self.known)
            return
        first = min(i.effective for i in intakes)
        ordered = sorted(intakes, key=lambda i: i.effective)
        if first >= walk.last_effective:
            walk.run((), ordered, self.until, "")
        else:
            caught = walk
            self._absorb(caught, self.known)
            walk, tail = self._walk_from((first, 2), (first, 1), self.known, by_rules=False)
            walk.fired += caught.fired
            walk.run(tail, ordered, self.until, self.known)
        if deeds:
            walk.act(list(walk.out), list(walk.fired))
            walk.settle(self.until)
        self._absorb(walk, self.known)

    def result(self) -> Judgement:
        walk = self.walk
        assert walk is not None
        drafts = [d for d in self.drafts if d.version]
        return Judgement(drafts, self.items, walk.states, walk.next_due(), self.outbox, self.differences, self.room)


def _split(items: list[Item], start: OrderKey) -> tuple[list[Item], list[Item]]:
    if not items or items[-1].key < start:
        return items, []
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle].key < start:
            low = middle + 1
        else:
            high = middle
    return items[:low], items[low:]


def _paired(left: Sequence[Any], right: Sequence[Any]) -> Iterable[tuple[Any, Any]]:
    for n in range(max(len(left), len(right))):
        yield (left[n] if n < len(left) else None, right[n] if n < len(right) else None)


def decisions_in_force(items: Iterable[Item]) -> list[Item]:
    """Return the decisions of a timeline, breach flags included."""
    return [i for i in items if isinstance(i.event, Decision)]


def facts_of(items: Iterable[Item]) -> list[Item]:
    """Return what was told: everything but decisions."""
    return [i for i in items if not isinstance(i.event, Decision)]
