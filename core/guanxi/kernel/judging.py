"""Judging: what is to be appended to a stream when something comes in or time has passed; hindsight, re-enactment, re-derivation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from guanxi.kernel.collecting import collector_paused
from guanxi.kernel.entries import FoldRow
from guanxi.kernel.errors import GuanxiError, handler_failed
from guanxi.kernel.house import House, Room, States
from guanxi.kernel.links import (
    WHOLE,
    Span,
    boundaries,
    linked_streams,
    references,
    shown_from,
    spans_of,
    visible,
)
from guanxi.kernel.messages import Decision, Due, Event
from guanxi.kernel.rules import RuleBook
from guanxi.kernel.standard import (
    DecisionWithdrawn,
    EntryCorrected,
    EntryVoided,
    StreamLinked,
    StreamUnlinked,
)
from guanxi.kernel.timeline import FACT_PHASE, NOW_CUT, Cut, Item, OrderKey, Origin, Timelines
from guanxi.kernel.times import EARLIEST, LATEST
from guanxi.kernel.walk import Difference, Draft, Intake, Sent, Spoilt, Walk, source_of

_BEGINNING: OrderKey = ("", 0)
_FIRST = EARLIEST
_UNFOLDED = (DecisionWithdrawn, EntryCorrected, EntryVoided)
_MANY = 500
"""Streams of fewer rows are folded faster than pausing the collector pays for."""


@attrs.define
class Judgement:
    """What follows for one stream.

    Args:
        drafts: entries to append, in this order.
        items: the live timeline that results, in fold order.
        states: the facets' states at its end, by their places in the room.
        next_due: stamp of the next moment that waits.
        outbox: commands for other relationships.
        differences: decisions that stand although they would come out otherwise.
        apart: whether something may stand otherwise than it would be drawn from the beginning. False proves that nothing
            does, as long as it was never true of the stream before, and the same facets judge it.
    """

    drafts: list[Draft]
    items: list[Item]
    states: States
    next_due: str | None
    outbox: list[Sent]
    differences: list[Difference]
    room: Room
    apart: bool = False


@attrs.frozen
class Linked:
    """The streams a relationship ever linked, as far as judging it needs them.

    Args:
        rows: their rows, by stream.
        touched: stamp of the earliest new entry in them, when something was just entered there.
        before: their rows without what was just entered.
        decided: until when this relationship was decided before that; reckoned from the rows if None.
    """

    rows: Mapping[str, Sequence[FoldRow]] = attrs.field(factory=dict)
    touched: str | None = None
    decided: str | None = None
    before: Mapping[str, Sequence[FoldRow]] | None = None


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
        done: Sequence[tuple[Event, Any]] = (),
        facets_changed: bool = False,
        linked: Linked | None = None,
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
            done: deeds that a re-run finds on record, with their tags; taken in as they are.
            facets_changed: whether other facets judged the stream last, so that all of it is judged again.
            linked: the streams it ever linked, where it did.
            at: leave out what counts from later than ``at.as_of``; for questions, never for appends.

        Raises:
            Refusal: an order was refused; nothing follows then.
            PluginError: ``handler_failed``, naming the handler that did.
        """
        with collector_paused() if len(rows) >= _MANY else nullcontext():
            try:
                session = _Session(
                    self,
                    self.house.room(subject),
                    stream,
                    rows,
                    linked or Linked(),
                    known,
                    actor,
                    at or Cut(),
                )
                return session.judge(intakes, marks, deeds, done, facets_changed)
            except (GuanxiError, Spoilt):
                raise
            except Exception as error:  # a handler may fail in any way; a host catches one kind of error
                raise handler_failed(error, stream) from error

    def state(
        self,
        subject: str,
        stream: str,
        rows: Sequence[FoldRow],
        cut: Cut,
        known: str,
        linked: Linked | None = None,
        *,
        facets_changed: bool = False,
    ) -> Judgement:
        """Return the states at a cut, with moments that have come but are not written down yet drawn in memory."""
        visible = _known(rows, cut)
        moment = min(t for t in (known, cut.as_known) if t is not None)
        if visible and visible[-1].recorded_at > moment:
            moment = visible[-1].recorded_at
        at = Cut(as_of=cut.as_of)
        if linked is not None:
            linked = Linked({s: _known(r, cut) for s, r in linked.rows.items()})
            linked = self.caught_up(subject, stream, visible, linked, moment, at)
        return self.judge(
            subject, stream, visible, moment, linked=linked, facets_changed=facets_changed, at=at
        )

    def caught_up(
        self,
        subject: str,
        stream: str,
        rows: Sequence[FoldRow],
        linked: Linked,
        known: str,
        at: Cut = NOW_CUT,
    ) -> Linked:
        """Return linked streams with what fell due in them drawn in memory: none may depend on whether a job wrote it down yet.

        Args:
            subject: kind of stream.
            stream: whose links they are.
            rows: its own.
            linked: the streams it ever linked.
            known: stamp until which moments arrive.
            at: leave out what counts from later than ``at.as_of``.
        """
        return self._caught_up(subject, stream, rows, linked, known, at, frozenset((stream,)))

    def _caught_up(
        self,
        subject: str,
        stream: str,
        rows: Sequence[FoldRow],
        linked: Linked,
        known: str,
        at: Cut,
        above: frozenset[str],
    ) -> Linked:
        own = self.timelines.build(stream, rows)
        decided = decided_until(own, rows, linked)
        fresh: dict[str, Sequence[FoldRow]] = dict(linked.rows)
        for other in shown_from(own, decided, known):
            theirs = fresh.get(other)
            if not theirs or other in above:
                continue
            inner = None
            if linked_streams(theirs):
                inner = Linked({s: r for s, r in linked.rows.items() if s != other})
                inner = self._caught_up(subject, other, theirs, inner, known, at, above | {other})
            moment = max(known, theirs[-1].recorded_at)
            drafts = self.judge(subject, other, theirs, moment, linked=inner, at=at).drafts
            if drafts:
                fresh[other] = [*theirs, *(self.row_of(other, d, moment) for d in drafts)]
        return attrs.evolve(linked, rows=fresh, decided=decided)

    # ------------------------------------------------------------ re-runs

    def reenact(
        self, subject: str, stream: str, rows: Sequence[FoldRow], groups: Sequence[Sequence[FoldRow]]
    ) -> list[str]:
        """Run each transaction again with what was known then; return texts that say where the outcome differs.

        Args:
            subject: kind of stream.
            stream: its id.
            rows: the whole stream, by version.
            groups: the same rows, transaction by transaction.
        """
        from guanxi.kernel.replaying import Past, Reenactment, Transaction, remembering

        company = {stream: Past(stream, subject, [Transaction(stream, tuple(g)) for g in groups])}
        return [
            f"{stream} at {d.transaction.recorded}: stored {[e for _, e in d.stored]!r}, "
            f"re-enacted {[m.event for m in d.made]!r}"
            for d in Reenactment(remembering(self), company).departures(stream)
        ]

    def rederive(
        self, subject: str, stream: str, rows: Sequence[FoldRow], known: str, book: RuleBook | None = None
    ) -> Judgement:
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

    def replay(
        self, subject: str, stream: str, groups: Sequence[Sequence[FoldRow]], known: str
    ) -> list[Item]:
        """Derive all decisions afresh by going through the moments of knowledge, and return the resulting timeline.

        Differs from ``reenact`` in that each step builds on what this replay drew before, not on what is stored.
        """
        from guanxi.kernel.replaying import Past, Replay, Transaction, remembering

        company = {stream: Past(stream, subject, [Transaction(stream, tuple(g)) for g in groups])}
        return Replay(remembering(self), company).derived(stream, known).items

    def row_of(self, stream: str, d: Draft, recorded: str) -> FoldRow:
        """Return the fold row a draft will have."""
        payload, _ = self.timelines.codec.encode(d.event, stream, d.version)
        return d.row(recorded, payload)


class _Session:
    """One call of ``judge``: passes over the stream, each beginning where the one before left the timeline."""

    def __init__(
        self,
        judge: Judge,
        room: Room,
        stream: str,
        rows: Sequence[FoldRow],
        linked: Linked,
        known: str,
        actor: str,
        cut: Cut,
    ) -> None:
        self.judge_, self.room, self.stream, self.rows, self.linked = judge, room, stream, rows, linked
        self.known, self.actor, self.as_of = known, actor, cut.as_of
        self.until = known if cut.as_of is None else min(known, cut.as_of)
        self.version = (rows[-1].version if rows else 0) + 1
        self.drafts: list[Draft] = []
        self.outbox: list[Sent] = []
        self.differences: list[Difference] = []
        # What a stream shows of others counts without having been judged in it.
        self.apart = bool(self.linked.rows)
        self.walk: Walk | None = None
        self.spans: list[Span] = []
        self.bounds: list[str] = []
        self.foreign: dict[str, list[Item]] = {}
        self.coming: frozenset[str] = frozenset()
        self.ahead: frozenset[str] = frozenset()
        if cut.as_of is not None and linked.rows:
            # What is on record here counts as this relationship's own, also before the day from which it counts.
            known_here = judge.timelines.build(stream, rows, attrs.evolve(cut, as_of=None))
            self.ahead = references(known_here)
        self.absent = self._of_absent_plugins()
        self._take_items(judge.timelines.build(stream, rows, cut))

    def _of_absent_plugins(self) -> frozenset[str]:
        """Return the ids of entries, here and in linked streams, whose plugin is away."""
        find = self.judge_.timelines.codec.registry.find
        everything = {self.stream: self.rows, **self.linked.rows}
        names = {r.name for rows in everything.values() for r in rows}
        if not (unknown := {name for name in names if find(name) is None}):
            return frozenset()
        return frozenset(
            f"{s}/{r.version}" for s, rows in everything.items() for r in rows if r.name in unknown
        )

    def judge(
        self,
        intakes: Sequence[Intake],
        marks: Sequence[Mark],
        deeds: bool,
        done: Sequence[tuple[Event, Any]],
        facets_changed: bool,
    ) -> Judgement:
        """Go through what is stale, what fell due, what was corrected and what comes in, in that order."""
        decided = decided_until(self.own, self.rows, self.linked)
        self.coming = frozenset(s for i in intakes if (s := source_of(i.tag)) is not None)
        book = self.judge_.book
        stale = [p for p in book.retroactive if decided < p.recorded_at <= self.known] if self.rows else []
        if facets_changed and self.rows:
            self.again(_BEGINNING, decided, by_rules=False)
            self.apart = self.apart or not self._in_order() or self._reached(decided)
        if self.rows and any(since <= decided < at <= self.known for since, at in book.taken_back):
            self.apart = True
        for published in stale:
            self.catch_up(decided, published.recorded_at)
            self.again((published.effective_from, 0), published.recorded_at, by_rules=True)
            decided = published.recorded_at
        if self.linked.touched is not None:
            self._touched(self.linked.touched, decided)
            decided = self.known
        if marks:
            self.catch_up(decided, self.known)
            self.mark(marks)
            decided = self.known
        if any(decided < b <= self.known for b in self.bounds):
            self.catch_up(decided, self.known)
            decided = self.known
        self.take(decided, intakes, deeds=deeds, done=done)
        self._follow_links()
        return self.result()

    def _in_order(self) -> bool:
        """Return whether all that is stored was entered in the order in which it counts, so that any past is the present's beginning."""
        last = ""
        for row in self.rows:
            if row.effective_from < last or row.replaces or row.succeeds or row.target:
                return False
            last = row.effective_from
        return True

    def _reached(self, decided: str) -> bool:
        """Return whether a publication with effect in the past found something here."""
        first = self.rows[0].recorded_at
        return any(
            first < p.recorded_at <= decided and p.effective_from <= decided
            for p in self.judge_.book.retroactive
        )

    def _touched(self, touched: str, decided: str) -> None:
        """Take in what was just entered in a linked stream, like what is told here: in hindsight where something lies behind it.

        What fell due before comes first, so that it makes no difference whether anybody had asked for it.
        """
        shown = self.foreign
        if self.linked.before is not None:
            self.foreign = self._timelines_of(self.linked.before)
        self.catch_up(decided, self.known)
        assert self.walk is not None
        last = self.walk.last_effective
        self.foreign = shown
        self._take_items(self.own)
        self.again((touched, 1), last if last < touched else self.known, by_rules=False)

    # ------------------------------------------------------------ what is shown

    def _take_items(self, own: list[Item]) -> None:
        self.own = own
        if not self.linked.rows:
            return
        self.spans = spans_of(own)
        self.bounds = boundaries(self.spans)
        if not self.foreign:
            self.foreign = self._timelines_of(self.linked.rows)

    def _timelines_of(self, rows: Mapping[str, Sequence[FoldRow]]) -> dict[str, list[Item]]:
        build = self.judge_.timelines.build
        return {s: build(s, r, Cut(as_of=self.as_of)) for s, r in rows.items()}

    def view(self, moment: str) -> list[Item]:
        """Return the live items under the links in force at a moment, in fold order."""
        if not self.spans:
            return self.own
        replaced = [(r.effective_from, r.replaces) for r in self.rows if r.replaces]
        replaced += [(d.effective, d.replaces) for d in self.drafts if d.replaces]
        since = {s.other: s.begins for s in self.spans if s.mode == WHOLE and s.lasts(moment)}
        # What was drawn while an earlier link to the same stream lasted went with that one.
        gone = {
            i
            for effective, ids in replaced
            for i in ids.split(" ")
            if effective >= since.get(i.rpartition("/")[0], "")
        }
        return visible(self.own, self.foreign, self.spans, moment, frozenset(gone), self.coming | self.ahead)

    def _segments(self, start: str, end: str) -> list[tuple[str, str]]:
        """Return the stretches from a moment on in which the set of links does not change."""
        inner = [b for b in self.bounds if start < b <= end]
        edges = [start, *inner]
        return list(zip(edges, [*inner, LATEST], strict=True))

    # ------------------------------------------------------------ passes

    def _walk_from(
        self, items: list[Item], start: OrderKey, horizon: tuple[str, int], known: str, by_rules: bool
    ) -> tuple[Walk, list[Item]]:
        base, tail = _split(items, start)
        walk = Walk(
            self.room,
            self.judge_.book,
            self.stream,
            self.version,
            known,
            self.judge_.tz,
            self.actor,
            by_rules,
            self.as_of,
        )
        walk.absent = self.absent
        walk.fold(base, horizon)
        if tail or by_rules or self.room.effects:
            walk.note_settled(base)
        return walk, tail

    def _pass(
        self,
        start: OrderKey,
        horizon: tuple[str, int],
        known: str,
        judged_until: str,
        *,
        by_rules: bool = False,
        intakes: Sequence[Intake] = (),
        fired: Sequence[tuple[str, Due]] = (),
    ) -> Walk:
        """Judge everything from a place on, stretch by stretch where links begin or end; return the last walk, not yet absorbed."""
        until = min(known, self.until)
        walk: Walk | None = None
        for n, (begins, ends) in enumerate(self._segments(start[0], until)):
            if walk is not None:
                self._absorb(walk, self.known)
            here: tuple[OrderKey, tuple[str, int]] = (
                (start, horizon) if n == 0 else ((begins, 2), (begins, 1))
            )
            walk, tail = self._walk_from(self.view(begins or _FIRST), here[0], here[1], known, by_rules)
            if n == 0:
                walk.fired += fired
            tail = [i for i in tail if i.effective <= ends]
            mine = [i for i in intakes if (n == 0 or i.effective > begins) and i.effective <= ends]
            walk.run(tail, mine, min(until, ends), judged_until)
        assert walk is not None
        return walk

    def _absorb(self, walk: Walk, recorded: str) -> None:
        """Take over what a pass drafted: replaced items leave, new ones find their places."""
        new, self.version = walk.out, walk.next_version
        self.drafts += new
        self.outbox += walk.outbox
        self.differences += walk.differences
        self.apart = self.apart or walk.apart
        self.walk = walk
        if not new:
            return
        gone = {i for d in new if d.replaces for i in d.replaces.split(" ")}
        own = [i for i in self.own if i.id not in gone] if gone else list(self.own)
        origin = Origin(self.stream, (), self.judge_.timelines.due_rank)
        own += [d.as_item(recorded, origin) for d in new if not isinstance(d.event, _UNFOLDED)]
        own.sort(key=lambda i: i.key)
        self._take_items(own)

    def catch_up(self, decided: str, known: str) -> None:
        """Let what fell due arrive."""
        self._absorb(self._pass((decided, 2), (decided, 1), known, decided), known)

    def again(self, start: OrderKey, judged_until: str, *, by_rules: bool) -> None:
        """Judge everything from a moment on again."""
        known = judged_until if by_rules or start == _BEGINNING else self.known
        walk = self._pass(start, (start[0], start[1]), known, judged_until, by_rules=by_rules)
        # What rules for the past drew anew, the next judgement draws by those rules, beside what keeps its own.
        self.apart = self.apart or (by_rules and bool(walk.out))
        self._absorb(walk, self.known)

    def mark(self, marks: Sequence[Mark]) -> None:
        """Enter corrections and voids, then judge again from the earliest place they touch."""
        before = {i.key: i.event for i in self.own}
        judge = self.judge_
        added = [judge.row_of(self.stream, d, self.known) for d in self.drafts]
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
            self.drafts.append(draft)
            added.append(judge.row_of(self.stream, draft, self.known))
        self._take_items(judge.timelines.build(self.stream, [*self.rows, *added], Cut(as_of=self.as_of)))
        after = {i.key: i.event for i in self.own}
        touched = [k for k in before.keys() | after.keys() if before.get(k) != after.get(k)]
        if touched:
            self.again(min(touched), self.known, by_rules=False)

    def take(
        self, decided: str, intakes: Sequence[Intake], *, deeds: bool, done: Sequence[tuple[Event, Any]]
    ) -> None:
        """Catch up, then take in what comes: in order where nothing lies behind it, in hindsight otherwise."""
        walk, tail = self._walk_from(
            self.view(self.until), (decided, 2), (decided, 1), self.known, by_rules=False
        )
        walk.run(tail, (), self.until if decided or not intakes else "", decided)
        if intakes:
            first = min(i.effective for i in intakes)
            ordered = sorted(intakes, key=lambda i: i.effective)
            if first >= walk.last_effective and not any(first < b for b in self.bounds):
                walk.run((), ordered, self.until, "")
            else:
                self._absorb(walk, self.known)
                walk = self._pass(
                    (first, 2), (first, 1), self.known, self.known, intakes=ordered, fired=walk.fired
                )
        if deeds:
            walk.act([*self.drafts, *walk.out], list(walk.fired))
        walk.done_before(done)
        walk.settle(self.until)
        self._absorb(walk, self.known)

    def _follow_links(self) -> None:
        """Where a link began or ended just now, go on with what is shown from then on."""
        began = [d.effective for d in self.drafts if isinstance(d.event, StreamLinked | StreamUnlinked)]
        if began and self.spans:
            self.again((min(began), 2), self.known, by_rules=False)

    def result(self) -> Judgement:
        """Return what follows."""
        walk = self.walk
        assert walk is not None
        return Judgement(
            self.drafts,
            self.view(self.until),
            walk.states,
            walk.next_due(),
            self.outbox,
            self.differences,
            self.room,
            self.apart,
        )


def decided_until(own: Sequence[Item], rows: Sequence[FoldRow], linked: Linked) -> str:
    """Return until when everything was decided: every append decides all that is due, here and where it is linked by then.

    Args:
        own: a relationship's own live items.
        rows: what is stored of it.
        linked: the streams it ever linked.
    """
    if linked.decided is not None:
        return linked.decided
    since = {i.event.other: i.row.recorded_at for i in reversed(own) if isinstance(i.event, StreamLinked)}
    lasts = [rows[-1].recorded_at] if rows else []
    for other, theirs in linked.rows.items():
        if theirs and other in since and theirs[-1].recorded_at >= since[other]:
            lasts.append(theirs[-1].recorded_at)
    return max(lasts, default="")


def _known(rows: Sequence[FoldRow], cut: Cut) -> list[FoldRow]:
    known, top = cut.as_known, cut.position
    if known is None and top is None:
        return list(rows)
    return [
        r for r in rows if (known is None or r.recorded_at <= known) and (top is None or r.position <= top)
    ]


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
