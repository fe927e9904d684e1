"""A customer's history at any cut: entries as a person reads them, states, differences, and why a value is what it is."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from guanxi.kernel.differing import differences
from guanxi.kernel.entries import Entry, Kind
from guanxi.kernel.errors import Unknown
from guanxi.kernel.explaining import Explaining
from guanxi.kernel.facets import Facet
from guanxi.kernel.judging import Judge, Judgement
from guanxi.kernel.lines import Change, DueMoment, Explanation, Line, Step
from guanxi.kernel.links import MERGE, WHOLE, Span, spans_of
from guanxi.kernel.messages import ROLE, Decision, Event, fields_of
from guanxi.kernel.near import names_like
from guanxi.kernel.privacy import is_sealed
from guanxi.kernel.rules import RuleBook
from guanxi.kernel.standard import (
    BreachRecorded,
    DecisionEnded,
    DecisionWithdrawn,
    EntryCorrected,
    EntryVoided,
)
from guanxi.kernel.timeline import Cut, Item, cut, key_text_of
from guanxi.kernel.times import LATEST, stamp
from guanxi.kernel.walk import Difference, Draft

if TYPE_CHECKING:
    from guanxi.kernel.ledger import Ledger

_GONE = ("replaced", "withdrawn", "corrected", "voided")


class History:
    """One customer's history at a cut; now, as known now, unless narrowed.

    Args:
        ledger: where it is kept.
        stream: the relationship's opaque id.
        at: the cut.
        taken_back: the position of the log that was asked for, where the cut's was taken back from it.
    """

    def __init__(
        self, ledger: Ledger, stream: str, at: Cut | None = None, taken_back: int | None = None
    ) -> None:
        self._ledger, self.stream, self.cut, self.taken_back = ledger, stream, at or Cut(), taken_back
        self._judged: Judgement | None = None
        head = ledger.store.heads([stream]).get(stream)
        if head is None:
            raise Unknown("unknown_relationship", f"there is no stream {stream}", zh=f"没有关系 {stream}")
        self._head = head

    # ------------------------------------------------------------ cuts

    def as_of(self, moment: datetime | str) -> History:
        """Return this history without what counts from later than a moment; a bare date means that day's end."""
        as_of = cut(moment, None, self._ledger.tz).as_of
        return History(self._ledger, self.stream, attrs.evolve(self.cut, as_of=as_of), self.taken_back)

    def as_known(self, moment: datetime | str | int) -> History:
        """Return this history without what was learned later than a moment, or than a position of the log.

        A position is taken back to the last one that ends a transaction, which is known whole or not at all.

        Raises:
            Invalid: ``no_such_position`` for a position that the log has not reached.
        """
        other = cut(None, moment, self._ledger.tz)
        asked = other.position
        position = None if asked is None else self._ledger.reporting.known_whole(asked)
        return History(
            self._ledger,
            self.stream,
            attrs.evolve(self.cut, as_known=other.as_known, position=position),
            asked if position != asked else None,
        )

    # ------------------------------------------------------------ states

    def book(self) -> RuleBook:
        """Return the rule sets as published up to the cut."""
        book, position = self._ledger.rule_book(), self.cut.position
        return book if position is None else book.up_to(position)

    def judged(self) -> Judgement:
        """Return the judged timeline and states at the cut."""
        if self._judged is None:
            rows = self._ledger.store.fold_rows(self.stream)
            now = self._ledger.reporting.known_at(self.cut, stamp(self._ledger.clock()))
            judge = self._ledger.judge()
            self._judged = Judge(judge.house, self.book(), judge.timelines, judge.tz).state(
                self._head.subject,
                self.stream,
                rows,
                self.cut,
                now,
                self._ledger.linked(self.stream, rows),
                facets_changed=self._ledger.stale(self._head, self.cut),
            )
        return self._judged

    def state(self, facet: str | Facet[Any] | type[Any]) -> Any:
        """Return a facet's state at the cut, by the facet, its name, or its state's class.

        Raises:
            Unknown: no such facet is installed.
        """
        judged = self.judged()
        if isinstance(facet, type):
            index = judged.room.states.get(facet)
        else:
            index = judged.room.index.get(facet if isinstance(facet, str) else facet.name)
        if index is None:
            raise Unknown(
                "unknown_facet",
                f"no facet {facet!r} is installed",
                zh=f"没有安装主题 {facet!r}",
                accepts=", ".join(judged.room.index),
            )
        return judged.states[index]

    def values(self) -> dict[str, Any]:
        """Return every facet's state as flat ``facet.attribute`` values, in the facets' order."""
        judged = self.judged()
        out: dict[str, Any] = {}
        for place, facet in enumerate(judged.room.facets):
            state = judged.states[place]
            for name in _attributes(state):
                out[f"{facet.name}.{name}"] = getattr(state, name)
        return out

    def fields(self) -> dict[str, list[str]]:
        """Return what can be explained: the attributes of every facet, by its name."""
        return {f.name: _attributes(f.state()) for f in self.judged().room.facets}

    def diff(self, first: datetime | str, second: datetime | str) -> list[Change]:
        """Return what differs between two as-of moments, under this history's knowledge."""
        before, after = self.as_of(first).values(), self.as_of(second).values()
        return _changes(before, after)

    def diff_known(self, first: datetime | str | int, second: datetime | str | int) -> list[Change]:
        """Return what differs between what was known at two moments, at this history's as-of moment."""
        return _changes(self.as_known(first).values(), self.as_known(second).values())

    def would_differ(self) -> list[Difference]:
        """Return the decisions that stand at the cut although they would come out otherwise with what is known at it (CORE-93)."""
        ledger, at = self._ledger, self.cut
        rows = [
            row
            for row in ledger.store.fold_rows(self.stream)
            if row.recorded_at <= (at.as_known or LATEST)
            and (at.position is None or row.position <= at.position)
        ]
        if not rows:
            return []
        known = max(ledger.reporting.known_at(at, stamp(ledger.clock())), rows[-1].recorded_at)
        linked = ledger.linked(self.stream, rows)
        plain = ledger.judge()
        judge = Judge(plain.house, ledger.reporting.book(at), plain.timelines, plain.tz)
        if linked is not None:
            linked = judge.caught_up(self._head.subject, self.stream, rows, linked, known)
        found = differences(judge, self._head.subject, self.stream, rows, known, linked)
        return [one for one in found if one.effective <= (at.as_of or LATEST)]

    # ------------------------------------------------------------ lines

    def lines(self) -> list[Line]:
        """Return the entries known at the cut, in order of entry, pending decisions last, each with what became of it."""
        bound = self.cut.as_of
        return [line for line in self.all_lines() if bound is None or stamp(line.effective_from) <= bound]

    def all_lines(self) -> list[Line]:
        """Return the lines of everything known at the cut, also of what counts from later."""
        entries = self.entries()
        out = self.lines_among(entries)
        stored = {e.id for e in entries}
        return out + [self.pending(item) for item in self.judged().items if item.id not in stored]

    def lines_among(self, entries: Iterable[Entry]) -> list[Line]:
        """Return the lines of entries, each with what became of it among them and through what is pending."""
        entries = list(entries)
        fate = _fates(entries, self.judged().drafts)
        again = self._drawn_again(entries)
        fallen = _fallen(entries, fate, again)
        return [self._line(e, fate, again.get(e.id), fallen) for e in entries]

    def _drawn_again(self, entries: Sequence[Entry]) -> dict[str, str]:
        """Return which withdrawal each decision takes back that was drawn again after it, by the decision's id."""
        by_id = {e.id: e for e in entries}
        withdrawn: dict[tuple[Any, ...], str] = {}
        out: dict[str, str] = {}
        for e in entries:
            if e.name == DecisionWithdrawn.stored_name:
                gone = next((by_id[i] for i in (e.replaces or "").split() if i in by_id), None)
                if gone is not None and (ident := self._ident(gone)):
                    withdrawn[ident] = e.id
            elif withdrawn and e.kind == Kind.DECISION.value and e.replaces is None and e.succeeds is None:
                before = withdrawn.pop(self._ident(e), None)
                if before is not None:
                    out[e.id] = before
        return out

    def _ident(self, e: Entry) -> tuple[Any, ...]:
        """Return what makes a decision the same one again; nothing where only its place does."""
        event = self._ledger.codec.decode(e.name, e.schema_version, e.payload, e.stream, e.version)
        keys = () if event is None else key_text_of(event)
        return (e.stream, *keys) if len(keys) > 1 else ()

    def entries(self) -> list[Entry]:
        """Return the stored entries known at the cut, in order of entry.

        Of linked streams, those that count here, those that no longer count, and what took their place or marks them.
        """
        own = self.known(self._ledger.store.entries(self.stream))
        shown = {i.id: i.origin.stream for i in self.judged().items if i.origin.stream != self.stream}
        if not shown:
            return own
        found = list(own)
        for stream in sorted(set(shown.values())):
            theirs = self.known(self._ledger.store.entries(stream))
            found += self._seen(theirs, _fates([*own, *theirs], self.judged().drafts), shown)
        return sorted(found, key=lambda e: e.position)

    def _seen(
        self, entries: Sequence[Entry], fates: Mapping[str, tuple[str, str]], shown: Container[str]
    ) -> list[Entry]:
        """Return what of a linked stream a reader sees here, in order of entry."""
        own = [i for i in self.judged().items if i.origin.stream == self.stream]
        spans = [s for s in spans_of(own) if entries and s.other == entries[0].stream]
        seen: dict[str, Entry] = {}
        for e in entries:
            cls = self._ledger.registry.find(e.name)
            about = [*(e.replaces or "").split(), *([e.target] if e.target else ())]
            gone = e.id in fates and cls is not None and _carried(cls, spans) and _within(e, spans)
            if e.id in shown or (gone and not about) or any(x in seen for x in about):
                seen[e.id] = e
        return list(seen.values())

    def known(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return those of some entries that were known at the cut."""
        known, top = self.cut.as_known, self.cut.position
        return [
            e
            for e in entries
            if (known is None or e.recorded_at <= known) and (top is None or e.position <= top)
        ]

    def _line(
        self,
        e: Entry,
        fate: Mapping[str, tuple[str, str]],
        takes_back: str | None,
        fallen: Container[str],
    ) -> Line:
        codec, tz = self._ledger.codec, self._ledger.tz
        readable = codec.reads(e.name, e.schema_version)
        fields = codec.fields(e.name, e.schema_version, e.payload, e.stream, e.version) if readable else None
        status, by = fate.get(e.id, ("in force", ""))
        if not readable:
            status = "opaque"
        reason = e.reason
        if is_sealed(reason):
            reason = str(self._ledger.sealing.unseal(f"{e.stream}/{e.version}#@reason", reason or ""))
        return Line(
            id=e.id,
            kind=e.kind,
            name=e.name,
            effective_from=datetime.fromisoformat(e.effective_from).astimezone(tz),
            recorded_at=datetime.fromisoformat(e.recorded_at).astimezone(tz),
            fields=fields,
            entry=e,
            status=status,
            reason=reason,
            replaced_by=by or None,
            rule=e.rule,
            rule_sets=_rule_sets(e.rule_sets),
            causation=e.causation,
            event=None if fields is None else codec.build(e.name, fields),
            place=e.place,
            due=_due_moment(e.place, datetime.fromisoformat(e.effective_from).astimezone(tz)),
            replaces=e.replaces or takes_back,
            without_ground=e.kind != Kind.DECISION.value and (e.causation or "") in fallen,
        )

    def pending(self, item: Item) -> Line:
        """Return the line of what is not written down yet."""
        event, row = item.event, item.row
        return Line(
            id=item.id,
            kind=type(event).entry_kind.value,
            name=event.stored_name,
            effective_from=item.at(self._ledger.tz),
            recorded_at=None,
            fields=msgspec.to_builtins(event, enc_hook=str),
            entry=None,
            status="pending",
            rule=row.rule,
            rule_sets=_rule_sets(row.rule_sets),
            causation=row.causation,
            event=event,
            place=row.place,
            due=_due_moment(row.place, item.at(self._ledger.tz)),
            replaces=row.replaces,
        )

    # ------------------------------------------------------------ explanations

    def explain(self, field: str) -> Explanation:
        """Say why a value is what it is, down to the first facts; and what was replaced, and why it was.

        Each entry that changed it comes with rule, rule-set version, inputs, threshold, actor and reason.

        Args:
            field: ``facet.attribute`` such as ``retail.points.balance``, or a facet such as ``retail.points``.

        Raises:
            Unknown: there is no such facet or attribute.
        """
        judged = self.judged()
        facet, attribute = self._facet_of(field, judged)
        explaining = Explaining(self, self._ledger)
        steps = self._trace(facet, attribute, judged, explaining)
        touched = tuple(facet.evolvers)
        superseded = tuple(
            explaining.superseded(line)
            for line in self.lines()
            if line.status in _GONE and issubclass(self._ledger.registry.find(line.name) or object, touched)
        )
        state = self.state(facet)
        value = getattr(state, attribute) if attribute else {n: getattr(state, n) for n in _attributes(state)}
        return Explanation(field, value, tuple(steps), superseded)

    def _facet_of(self, field: str, judged: Judgement) -> tuple[Facet[Any], str]:
        facets = {f.name: f for f in judged.room.facets}
        if field in facets:
            return facets[field], ""
        name, _, attribute = field.rpartition(".")
        if name in facets and attribute in _attributes(facets[name].state()):
            return facets[name], attribute
        options = sorted(f"{facet}.{a}" for facet, attributes in self.fields().items() for a in attributes)
        raise Unknown(
            "unknown_field",
            f"there is no field {field}",
            zh=f"没有字段 {field}",
            accepts=names_like(field, options) or "none: no facet is installed",
        )

    def _trace(
        self, facet: Facet[Any], attribute: str, judged: Judgement, explaining: Explaining
    ) -> list[Step]:
        state = facet.state()
        names = [attribute] if attribute else _attributes(state)
        steps: list[Step] = []
        before = _snapshot(state, names)
        tz = self._ledger.tz
        for item in judged.items:
            found = facet.evolver_of(type(item.event))
            if found is not None:
                handler, wide = found
                handler(state, item.event, item.at(tz)) if wide else handler(state, item.event)
            elif (
                isinstance(item.event, DecisionEnded)
                and item.ended is not None
                and type(item.ended) in facet.endings
            ):
                facet.endings[type(item.ended)](state, item.ended)
            else:
                continue
            after = _snapshot(state, names)
            if after != before:
                line = explaining.line(item.id) or self.pending(item)
                was, now = (before, after) if not attribute else (before[attribute], after[attribute])
                steps.append(_step(explaining, line, item.event, was, now))
                before = after
        return steps


def _step(explaining: Explaining, line: Line, event: Event, before: Any, after: Any) -> Step:
    inputs, thresholds = _roles(event)
    row, because = line.entry, explaining.behind(line)
    again = line.replaces is not None or (row is not None and row.succeeds is not None)
    return Step(
        line,
        before,
        after,
        inputs,
        thresholds,
        because,
        explaining.rules(line, because),
        explaining.triggers(line, explaining.gone(line)) if again else (),
    )


def _attributes(state: Any) -> list[str]:
    """Return what of a state can be asked for: its fields, then its properties."""
    cls = type(state)
    fields: Iterable[Any] = attrs.fields(cls) if attrs.has(cls) else ()
    names = [a.name for a in fields if not a.name.startswith("_")]
    names += sorted(
        n for n in dir(cls) if isinstance(getattr(cls, n, None), property) and not n.startswith("_")
    )
    return names


def _snapshot(state: Any, names: Iterable[str]) -> dict[str, Any]:
    return {n: _frozen(getattr(state, n)) for n in names}


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _frozen(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_frozen(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted(value)
    if attrs.has(type(value)):
        return attrs.asdict(value)
    return value


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    return [
        Change(k, before.get(k), after.get(k))
        for k in dict.fromkeys([*before, *after])
        if before.get(k) != after.get(k)
    ]


def _roles(event: Event) -> tuple[dict[str, Any], dict[str, Any]]:
    if not isinstance(event, Decision):
        return {}, {}
    picked: dict[str, dict[str, Any]] = {"given": {}, "limit": {}}
    for a in fields_of(type(event)):
        role = a.metadata.get(ROLE)
        if role in picked:
            picked[role][a.name] = getattr(event, a.name)
    return picked["given"], picked["limit"]


def _rule_sets(text: str | None) -> Mapping[str, int] | None:
    versions: Mapping[str, int] | None = msgspec.json.decode(text) if text else None
    return versions


def _due_moment(place: str | None, at: datetime) -> DueMoment | None:
    """Return the moment that a place names, None behind a fact."""
    if place is None or not place.startswith("@"):
        return None
    name, _, rest = place[1:].partition("|")
    return DueMoment(name, msgspec.json.decode(rest.rpartition("|")[0]), at)


def _carried(cls: type[Event], spans: Sequence[Span]) -> bool:
    return cls.is_merged if any(s.link_type == MERGE for s in spans) else cls.is_carried


def _within(entry: Entry, spans: Sequence[Span]) -> bool:
    """Return whether a link can show an entry by its day."""
    return any(
        s.mode == WHOLE
        or (s.begins <= entry.effective_from and (s.ends is None or entry.effective_from < s.ends))
        for s in spans
    )


def _fates(entries: Iterable[Entry], drafts: Iterable[Draft] = ()) -> dict[str, tuple[str, str]]:
    """Return what became of entries that no longer stand: by which entry they were replaced, corrected or voided."""
    entries = list(entries)
    voided = {e.target for e in entries if e.target is not None and e.name == EntryVoided.stored_name}
    out: dict[str, tuple[str, str]] = {}
    taken = [(e.replaces, e.name, e.id) for e in entries if e.replaces]
    taken += [(d.replaces, d.event.stored_name, d.id) for d in drafts if d.replaces]
    for replaces, name, by in taken:
        for gone in (replaces or "").split():
            out[gone] = ("withdrawn" if name == DecisionWithdrawn.stored_name else "replaced", by)
    for e in entries:
        # A voided correction gives back what it had corrected.
        if e.target is not None and e.id not in voided:
            out[e.target] = ("corrected" if e.name == EntryCorrected.stored_name else "voided", e.id)
    for e in entries:
        # A breach falls with the fact that it was kept with.
        if e.name == BreachRecorded.stored_name and e.causation in voided and e.id not in out:
            out[e.id] = out[e.causation]
    return out


def _fallen(
    entries: Sequence[Entry], fate: Mapping[str, tuple[str, str]], again: Mapping[str, str]
) -> frozenset[str]:
    """Return the decisions that stand no more, neither themselves nor as another that took their place.

    Args:
        entries: those known.
        fate: what became of those that no longer stand.
        again: by decision, the withdrawal that it takes back.
    """
    redrawn = {withdrawal: decision for decision, withdrawal in again.items()}
    ended = {e.succeeds for e in entries if e.name == DecisionEnded.stored_name}

    def stands(decision: str) -> bool:
        seen = set[str]()
        while decision in fate and decision not in seen:
            seen.add(decision)
            status, by = fate[decision]
            if status == "withdrawn" and by not in redrawn:
                return False
            decision = redrawn[by] if status == "withdrawn" else by
        return decision not in ended

    return frozenset(e.id for e in entries if e.kind == Kind.DECISION.value and not stands(e.id))


__all__ = ["Change", "Explanation", "History", "Line", "Step"]
