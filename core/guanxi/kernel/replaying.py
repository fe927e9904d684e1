"""Going through a log's transactions again: re-enactment with what was known then, and replay that builds on itself.

Streams that were ever linked form a company, whose transactions are gone through together, as they were entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import msgspec

from guanxi.kernel.codec import Codec
from guanxi.kernel.entries import Entry, FoldRow, Kind, one_transaction, source_text
from guanxi.kernel.judging import Judge, Judgement, Linked, Mark, decided_until
from guanxi.kernel.links import joiners, shown_from
from guanxi.kernel.messages import Decision, Deed, Event
from guanxi.kernel.standard import (
    BreachRecorded,
    EntryCorrected,
    EntryVoided,
    StreamJoined,
    StreamLinked,
    StreamUnlinked,
)
from guanxi.kernel.timeline import Cut, Timelines
from guanxi.kernel.walk import Draft, Intake, Moment, Walk

_MARKERS = (EntryCorrected, EntryVoided)
_LINKING = tuple(kind.stored_name for kind in (StreamLinked, StreamUnlinked, StreamJoined))


@attrs.frozen
class Transaction:
    """What one transaction added to one stream.

    Args:
        stream: which.
        rows: its rows, by version.
        actor: who entered what was told.
    """

    stream: str
    rows: tuple[FoldRow, ...]
    actor: str = "system"

    @property
    def recorded(self) -> str:
        """Stamp of its moment of knowledge."""
        return self.rows[-1].recorded_at


@attrs.define
class Past:
    """A stream with all that going through it again needs.

    Args:
        stream: its id.
        subject: its kind.
        transactions: what was added to it, in order.
    """

    stream: str
    subject: str
    transactions: list[Transaction]

    @property
    def rows(self) -> list[FoldRow]:
        """Its rows, by version."""
        return [r for t in self.transactions for r in t.rows]


@attrs.frozen
class Departure:
    """A transaction that comes out otherwise with what was known then.

    Args:
        transaction: which.
        stored: the rows of it that have no match, each with its event.
        made: the drafts that have no match.
    """

    transaction: Transaction
    stored: tuple[tuple[FoldRow, Event], ...]
    made: tuple[Draft, ...]


def row_of_entry(e: Entry) -> FoldRow:
    """Return the columns of an entry that folding needs."""
    return FoldRow(
        e.version,
        e.position,
        e.kind,
        e.name,
        e.schema_version,
        e.effective_from,
        e.recorded_at,
        e.place,
        e.target,
        e.replaces,
        e.succeeds,
        e.causation,
        e.rule,
        e.rule_sets,
        e.payload,
        None if e.source_system is None else source_text(e.source_system, e.source_document, e.source_line),
    )


def transactions(entries: Sequence[Entry]) -> list[Transaction]:
    """Return a stream's entries, transaction by transaction: those of one lie together in the log."""
    groups: list[list[Entry]] = []
    last: Entry | None = None
    for e in entries:
        if last is None or not one_transaction(last, e):
            groups.append([])
        groups[-1].append(e)
        last = e
    return [
        Transaction(
            g[0].stream,
            tuple(row_of_entry(e) for e in g),
            next((e.actor for e in g if e.kind not in ("decision", "deed")), "system"),
        )
        for g in groups
    ]


def others_of(codec: Codec, stream: str, rows: Iterable[FoldRow], *, joining: bool = True) -> set[str]:
    """Return the streams that one ever linked and, with ``joining``, those that ever linked it."""
    out: set[str] = set()
    for r in rows:
        if r.name == StreamLinked.stored_name or (joining and r.name == StreamJoined.stored_name):
            event = codec.decode(r.name, r.schema_version, r.payload, stream, r.version)
            if isinstance(event, StreamLinked):
                out.add(event.other)
            elif isinstance(event, StreamJoined):
                out.add(event.by)
    return out


class Remembering(Codec):
    """A codec that keeps events as they are, so that going through a stream again encodes and seals nothing.

    Args:
        codec: reads what is stored.
    """

    def __init__(self, codec: Codec) -> None:
        self.registry, self.sealing = codec.registry, codec.sealing
        self._codec = codec
        self._shapes = codec._shapes
        self.readers: dict[tuple[str, int], Callable[[str], Any]] = {}
        self._kept: list[Event] = []
        self._origins: dict[int, tuple[Event, str, FoldRow]] = {}
        self._read: dict[tuple[str, int], tuple[str, Event | None]] = {}

    def encode(self, event: Event, stream: str, version: int) -> tuple[str, str | None]:
        """Keep an event and return the token under which ``decode`` finds it."""
        self._kept.append(event)
        return f"={len(self._kept) - 1}", None

    def decode(self, name: str, schema_version: int, payload: str, stream: str, version: int) -> Event | None:
        """Return the event kept under a token, or the one behind a stored payload."""
        if payload[:1] == "=":
            return self._kept[int(payload[1:])]
        read = self._read.get((stream, version))
        if read is None or read[0] != payload:
            read = payload, self._codec.decode(name, schema_version, payload, stream, version)
            self._read[stream, version] = read
        return read[1]

    def told(self, stream: str, row: FoldRow) -> Event | None:
        """Return the event of a stored row, and remember which row it came from."""
        event = self.decode(row.name, row.schema_version, row.payload, stream, row.version)
        if event is not None:
            self._origins[id(event)] = event, stream, row
        return event

    def fields(
        self, name: str, schema_version: int, payload: str, stream: str, version: int
    ) -> dict[str, Any]:
        """Return an event as plain values, as they were stored."""
        if payload[:1] != "=":
            return self._codec.fields(name, schema_version, payload, stream, version)
        event = self._kept[int(payload[1:])]
        origin = self._origins.get(id(event))
        if origin is None:
            plain: dict[str, Any] = msgspec.to_builtins(event, enc_hook=str)
            return plain
        _, source, row = origin
        return self._codec.fields(row.name, row.schema_version, row.payload, source, row.version)


def remembering(judge: Judge) -> Judge:
    """Return a judge like this one that remembers what it read; for one company of streams, then to be dropped."""
    t = judge.timelines
    return Judge(judge.house, judge.book, Timelines(Remembering(t.codec), t.tz, t.due_rank), judge.tz)


@attrs.define
class _Told:
    """What a transaction told, as a judge takes it in."""

    intakes: list[Intake] = attrs.field(factory=list)
    marks: list[Mark] = attrs.field(factory=list)
    done: list[tuple[Event, Any]] = attrs.field(factory=list)
    links: list[str] = attrs.field(factory=list)


def _told_by(judge: Judge, t: Transaction, names: Mapping[str, str]) -> _Told:
    """Return what a transaction told, with targets under the names they have now; what nobody here reads is left out."""
    told = _Told()
    codec = judge.timelines.codec
    assert isinstance(codec, Remembering)
    mine = {f"{t.stream}/{r.version}": r for r in t.rows if r.name != BreachRecorded.stored_name}
    for r in t.rows:
        event = codec.told(t.stream, r)
        if event is None or isinstance(event, Decision):
            continue
        if isinstance(event, _MARKERS):
            told.marks.append(Mark(event, r._replace(target=names.get(r.target or "", r.target)), r))
        elif isinstance(event, Deed):
            told.done.append((event, r))
        else:
            if isinstance(event, StreamLinked):
                told.links.append(event.other)
            behind = mine.get(r.causation or "") if isinstance(event, BreachRecorded) else None
            told.intakes.append(
                Intake(r.effective_from, _yielding(event), happened=True, tag=r, behind=behind)
            )
    return told


def _yielding(event: Event) -> Callable[[Walk, Moment], Iterable[Event]]:
    return lambda _walk, _now: (event,)


# ---------------------------------------------------------------- re-enactment


class Reenactment:
    """Runs each transaction of a company again with what was known then.

    Args:
        judge: draws decisions; one that remembers.
        company: the streams, by id.
    """

    def __init__(self, judge: Judge, company: Mapping[str, Past]) -> None:
        self._judge, self._company = judge, company

    def departures(self, stream: str) -> Iterator[Departure]:
        """Yield the transactions of a stream that come out otherwise."""
        past: list[FoldRow] = []
        mine = self._company[stream]
        for t in mine.transactions:
            departure = self._one(mine.subject, past, t)
            if departure is not None:
                yield departure
            past += t.rows

    def _one(self, subject: str, past: Sequence[FoldRow], t: Transaction) -> Departure | None:
        decode = self._judge.timelines.codec.decode
        stored = [
            (r, e)
            for r in t.rows
            if (e := decode(r.name, r.schema_version, r.payload, t.stream, r.version)) is not None
        ]
        if len(stored) < len(t.rows):
            return None
        first: list[Draft] | None = None
        for made in self._ways(subject, past, t):
            if _same(stored, made):
                return None
            first = made if first is None else first
        left, right = _unmatched(stored, first or [])
        return Departure(t, tuple(left), tuple(right))

    def _ways(self, subject: str, past: Sequence[FoldRow], t: Transaction) -> Iterator[list[Draft]]:
        """Yield what the transaction comes to, the likeliest way first.

        The log does not say whether a linked stream's entry that stands beside it was entered in the same transaction, nor
        whether other facets had judged the stream before.
        """
        told = _told_by(self._judge, t, {})
        others = self._linked(past, t)
        before = {s: [r for r in p.rows if r.position < t.rows[0].position] for s, p in others.items()}
        beside = self._beside(t, others) if others else []
        alone = not (told.intakes or told.marks) and beside
        if beside:
            yield from self._in_view(subject, past, t, told, before, beside)
        for along in [*([b] for b in beside), []] if alone else [[], *([b] for b in beside)]:
            yield self._judged(subject, past, t, told, before, along)
        if len(beside) > 1:
            yield self._judged(subject, past, t, told, before, beside[::-1])
            yield self._judged(subject, past, t, told, before, beside)
        if told.done and not alone:  # a batch leaves deeds to what it touches
            for along in [*([b] for b in beside), *([beside] if len(beside) > 1 else [])]:
                yield self._judged(subject, past, t, told, before, along, deeds_last=True)
        if past:
            yield self._judged(subject, past, t, told, before, [], facets_changed=True)

    def _in_view(
        self,
        subject: str,
        past: Sequence[FoldRow],
        t: Transaction,
        told: _Told,
        before: Mapping[str, Sequence[FoldRow]],
        beside: Sequence[Transaction],
    ) -> Iterator[list[Draft]]:
        """Yield what it comes to where it was judged with what had fallen due in linked streams in view."""
        seen, rest = dict(before), list[Transaction]()
        for o in beside:
            count = next((n for n, r in enumerate(o.rows) if r.kind != Kind.DECISION), len(o.rows))
            seen[o.stream] = [*seen[o.stream], *o.rows[:count]]
            if any(r.kind not in (Kind.DECISION, Kind.DEED) for r in o.rows[count:]):
                rest.append(o)
        if any(len(seen[s]) > len(before[s]) for s in seen):
            for along in [[], *([o] for o in rest)]:
                yield self._judged(subject, past, t, told, before, along, in_view=seen)

    def _linked(self, past: Sequence[FoldRow], t: Transaction) -> dict[str, Past]:
        if len(self._company) == 1:
            return {}
        codec = self._judge.timelines.codec
        others = others_of(codec, t.stream, (*past, *t.rows), joining=False)
        return {s: self._company[s] for s in sorted(others) if s in self._company}

    def _beside(self, t: Transaction, others: Mapping[str, Past]) -> list[Transaction]:
        """Return transactions of linked streams that may be this very one: recorded at once, where its streams' order puts them."""
        first, last = t.rows[0].position, t.rows[-1].position
        found: list[Transaction] = []
        for p in others.values():
            before = [o for o in p.transactions if o.rows[-1].position < first]
            after = [o for o in p.transactions if o.rows[0].position > last]
            if before and before[-1].recorded == t.recorded and p.stream < t.stream:
                found.append(before[-1])
            if after and after[0].recorded == t.recorded and p.stream > t.stream:
                found.append(after[0])
        return sorted(found, key=lambda o: o.rows[0].position)

    def _judged(
        self,
        subject: str,
        past: Sequence[FoldRow],
        t: Transaction,
        told: _Told,
        before: Mapping[str, Sequence[FoldRow]],
        along: Sequence[Transaction],
        *,
        facets_changed: bool = False,
        deeds_last: bool = False,
        in_view: Mapping[str, Sequence[FoldRow]] | None = None,
    ) -> list[Draft]:
        known = t.recorded
        rows, drafts = list(past), list[Draft]()
        seen, linked = dict(before), None
        for o in along:
            seen[o.stream] = [r for r in seen[o.stream] if r.position < o.rows[0].position]
        if in_view is not None:
            seen = dict(in_view)
            items = self._judge.timelines.build(t.stream, past)
            linked = Linked(in_view, decided=decided_until(items, past, Linked(before)))
        elif seen:
            linked = Linked(seen)
        own = bool(told.intakes or told.marks or not along or in_view is not None)
        if own:
            drafts = self._judge.judge(
                subject,
                t.stream,
                rows,
                known,
                intakes=told.intakes,
                marks=told.marks,
                actor=t.actor,
                done=() if deeds_last else told.done,
                facets_changed=facets_changed,
                linked=linked,
            ).drafts
            rows += [self._judge.row_of(t.stream, d, known) for d in drafts]
        decided = max((r[-1].recorded_at for r in (past, *before.values()) if r), default="")
        for n, o in enumerate(along):
            prior = seen[o.stream]
            new = [*(r for r in before[o.stream] if r.position < o.rows[0].position), *o.rows]
            touched = touched_from(new, [r for r in new[len(prior) :] if r.name != StreamJoined.stored_name])
            if touched is None:
                continue
            earlier = dict(seen)
            seen[o.stream] = new
            until = known if drafts else decided
            linked = Linked(dict(seen), touched=touched, decided=until, before=earlier)
            done = told.done if (deeds_last or not own) and n == len(along) - 1 else ()
            more = self._judge.judge(subject, t.stream, rows, known, done=done, linked=linked).drafts
            rows += [self._judge.row_of(t.stream, d, known) for d in more]
            drafts = [*drafts, *more]
        return drafts


def touched_from(rows: Sequence[FoldRow], told: Iterable[FoldRow]) -> str | None:
    """Return the earliest moment that new rows of a stream touch, following what corrections and voids name; None without any."""
    moments: list[str] = []
    for r in told:
        effective, target = r.effective_from, r.target
        while target is not None:
            row = rows[int(target.rpartition("/")[2]) - 1]
            effective, target = min(effective, row.effective_from), row.target
        moments.append(effective)
    return min(moments, default=None)


def _same(stored: Sequence[tuple[FoldRow, Event]], made: Sequence[Draft]) -> bool:
    return len(stored) == len(made) and all(_alike(r, e, d) for (r, e), d in zip(stored, made, strict=True))


def _alike(r: FoldRow, event: Event, d: Draft) -> bool:
    return (
        r.name == d.event.stored_name
        and r.effective_from == d.effective
        and r.place == d.place
        and r.replaces == d.replaces
        and r.succeeds == d.succeeds
        and event == d.event
        and (r.kind != "decision" or (r.rule, r.rule_sets) == (d.rule, d.rule_sets_text()))
    )


def _unmatched(
    stored: Sequence[tuple[FoldRow, Event]], made: Sequence[Draft]
) -> tuple[list[tuple[FoldRow, Event]], list[Draft]]:
    left, right = list(stored), list(made)
    for pair in list(left):
        match = next((d for d in right if _alike(*pair, d)), None)
        if match is not None:
            left.remove(pair)
            right.remove(match)
    return left, right


# ---------------------------------------------------------------- replay


def in_order(steps: Iterable[Transaction]) -> list[Transaction]:
    """Return transactions of several streams in the order of knowing.

    What follows in one stream from an entry in another was written with it, and by the streams' names it may stand before
    it; so where several were recorded at once, those that tell nothing come last.
    """
    ordered = sorted(steps, key=lambda t: t.rows[0].position)
    runs: list[list[Transaction]] = []
    for t in ordered:
        if not runs or runs[-1][-1].recorded != t.recorded:
            runs.append([])
        runs[-1].append(t)
    return [t for run in runs for t in sorted(run, key=_tells_nothing)]


def appended(steps: Iterable[Transaction]) -> Iterator[list[Transaction]]:
    """Yield transactions in groups that may have been appended at once: recorded at once, in the order of their streams.

    What links streams, or parts them, is taken in by itself: it is what the others are seen by.
    """
    group: list[Transaction] = []
    for t in steps:
        last = group[-1] if group else None
        if last is not None and not (
            last.recorded == t.recorded and last.stream < t.stream and _only_tells(last) and _only_tells(t)
        ):
            yield group
            group = []
        group.append(t)
    if group:
        yield group


def _only_tells(t: Transaction) -> bool:
    return not _tells_nothing(t) and not any(r.name in _LINKING for r in t.rows)


def _tells_nothing(t: Transaction) -> bool:
    return all(r.kind in ("decision", "deed") for r in t.rows)


class Replay:
    """Derives the decisions of a company afresh by going through its moments of knowledge, each building on what was drawn before.

    Args:
        judge: draws decisions; one that remembers.
        company: the streams, by id.
        cut: what was known; later transactions are left out.
    """

    def __init__(self, judge: Judge, company: Mapping[str, Past], cut: Cut = Cut()) -> None:  # noqa: B008 - frozen
        self._judge, self._company, self._cut, self.tz = judge, company, cut, judge.tz
        self.rows: dict[str, list[FoldRow]] = {s: [] for s in company}
        self.names: dict[str, str] = {}
        """Ids that the replay gives to what was told, by their stored ids."""
        self._links: dict[str, list[str]] = {}
        self._caught_up: dict[str, str] = {}
        for steps in appended(
            in_order(t for p in company.values() for t in p.transactions if _known(t, cut))
        ):
            self._take(steps)
        self.stored: dict[str, str] = {v: k for k, v in self.names.items()}
        """Stored ids of what was told, by the ids that the replay gives."""

    def _take(self, steps: Sequence[Transaction]) -> None:
        """Take in what was appended at once: each stream is judged as the others stood before, then along with what is new in them."""
        tellings = [_told_by(self._judge, t, self.names) for t in steps]
        if len(self._company) > 1:
            for t, told in zip(steps, tellings, strict=True):
                self._level(t.stream, t.recorded, told.links)
        for t, told in zip(steps, tellings, strict=True):
            links = self._links.setdefault(t.stream, [])
            links += [s for s in told.links if s in self._company and s not in links]
        drawn = [
            self._judge.judge(
                self._company[t.stream].subject,
                t.stream,
                self.rows[t.stream],
                t.recorded,
                intakes=told.intakes,
                marks=told.marks,
                actor=t.actor,
                done=told.done,
                linked=self._linked(t.stream),
            ).drafts
            for t, told in zip(steps, tellings, strict=True)
        ]
        new = [self._keep(t.stream, drafts, t.recorded) for t, drafts in zip(steps, drawn, strict=True)]
        for t, rows in zip(steps, new, strict=True):
            self._along(t.stream, rows, t.recorded)

    def _level(self, stream: str, known: str, new: Sequence[str], level: set[str] | None = None) -> None:
        """Draw what fell due in a stream, in those that it shows or is about to show, and in those that show it, lowest first.

        Args:
            stream: which.
            known: stamp of the moment until which.
            new: streams that it is about to link.
            level: those that are level already.
        """
        level = set() if level is None else level
        own = self._judge.timelines.build(stream, self.rows[stream])
        shown = shown_from(own, self._decided(stream, known), known)
        level.add(stream)
        for other in sorted({*shown, *new} & self._company.keys() - level):
            self._level(other, known, (), level)
        self._catch_up(stream, known)
        for other in joiners(own):
            if other in self._company and other not in level and stream in self._links.get(other, ()):
                self._level(other, known, (), level)

    def _catch_up(self, stream: str, known: str) -> None:
        rows = self.rows[stream]
        if rows and self._caught_up.get(stream) != known:
            self._caught_up[stream] = known
            moment = max(known, rows[-1].recorded_at)
            linked = self._linked(stream)
            if linked is not None:
                linked = attrs.evolve(linked, decided=self._decided(stream, known))
            drafts = self._judge.judge(
                self._company[stream].subject, stream, rows, moment, linked=linked
            ).drafts
            rows += [self._judge.row_of(stream, d, moment) for d in drafts]

    def _keep(self, stream: str, drafts: Sequence[Draft], recorded: str) -> list[FoldRow]:
        """Take over what was drawn, and return its rows."""
        new = [self._judge.row_of(stream, d, recorded) for d in drafts]
        self.rows[stream] += new
        for d in drafts:
            if isinstance(d.tag, FoldRow):
                self.names[f"{stream}/{d.tag.version}"] = d.id
        return new

    def _along(self, stream: str, new: Sequence[FoldRow], recorded: str) -> None:
        """Judge along the relationships that show a stream what is new in it."""
        told = [r for r in new if r.name != StreamJoined.stored_name]
        if not told or len(self._company) == 1:
            return
        rows = self.rows[stream]
        before = [r for r in rows if r.version < new[0].version]
        for other in joiners(self._judge.timelines.build(stream, before)):
            if other in self._company and stream in self._links.get(other, ()):
                linked = self._linked(other)
                assert linked is not None
                known = max([recorded, *(r.recorded_at for r in self.rows[other][-1:])])
                linked = attrs.evolve(
                    linked,
                    touched=touched_from(rows, told),
                    decided=known,
                    before={**linked.rows, stream: before},
                )
                judged = self._judge.judge(
                    self._company[other].subject,
                    other,
                    self.rows[other],
                    known,
                    linked=linked,
                )
                self._along(other, self._keep(other, judged.drafts, known), known)

    def _linked(self, stream: str) -> Linked | None:
        others = self._links.get(stream)
        return Linked({s: self.rows[s] for s in others}) if others else None

    def _decided(self, stream: str, moment: str) -> str:
        """Return until when a relationship was decided before a moment of knowledge."""
        seen = (self.rows[stream], *(self.rows[s] for s in self._links.get(stream, ())))
        return max(
            (next((r.recorded_at for r in reversed(rows) if r.recorded_at < moment), "") for rows in seen),
            default="",
        )

    def derived(self, stream: str, known: str) -> Judgement:
        """Return what the replay comes to for one of its streams.

        Args:
            stream: which.
            known: stamp until which moments arrive, unless the cut is earlier.
        """
        rows, cut = self.rows[stream], self._cut
        moment = min(t for t in (known, cut.as_known) if t is not None)
        if rows and rows[-1].recorded_at > moment:
            moment = rows[-1].recorded_at
        subject = self._company[stream].subject
        linked, at = self._linked(stream), Cut(as_of=cut.as_of)
        if linked is not None:
            linked = self._judge.caught_up(subject, stream, rows, linked, moment, at)
        return self._judge.judge(subject, stream, rows, moment, linked=linked, at=at)


def _known(t: Transaction, cut: Cut) -> bool:
    return (cut.as_known is None or t.recorded <= cut.as_known) and (
        cut.position is None or t.rows[-1].position <= cut.position
    )
