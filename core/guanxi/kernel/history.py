"""A customer's history at any cut: entries as a person reads them, states, differences, and why a value is what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from guanxi.kernel.entries import Entry
from guanxi.kernel.errors import Unknown
from guanxi.kernel.facets import Facet
from guanxi.kernel.judging import Judgement
from guanxi.kernel.messages import ROLE, Decision, Event, fields_of
from guanxi.kernel.privacy import is_sealed
from guanxi.kernel.standard import DecisionEnded, DecisionWithdrawn, EntryCorrected, EntryVoided
from guanxi.kernel.timeline import Cut, Item, cut
from guanxi.kernel.times import stamp
from guanxi.kernel.walk import Difference

if TYPE_CHECKING:
    from guanxi.kernel.ledger import Ledger

_GONE = ("replaced", "withdrawn", "corrected", "voided")


@attrs.frozen
class Line:
    """One entry of a history, with everything a reader asks: who, what, when, why, and what became of it.

    Args:
        id: the entry's id; for what is not written down yet, the place it will have.
        kind: fact, act, decision, deed or run.
        name: stored event name.
        fields: the event's fields, personal ones unsealed or ``(erased)``; None for an absent plugin's entry.
        entry: the stored entry; None for a pending decision.
        status: ``in force``, ``replaced``, ``withdrawn``, ``corrected``, ``voided``, ``pending`` or ``opaque``.
        replaced_by: id of the entry that replaced, withdrew, corrected or voided it.
        causation: id of the entry that it was drawn from.
        event: the same as ``fields``, as the event's class; None for an absent plugin's entry.
    """

    id: str
    kind: str
    name: str
    effective_from: datetime
    recorded_at: datetime | None
    fields: Mapping[str, Any] | None
    entry: Entry | None
    status: str
    reason: str | None = None
    replaced_by: str | None = None
    rule: str | None = None
    rule_sets: Mapping[str, int] | None = None
    causation: str | None = None
    event: Event | None = None


@attrs.frozen
class Change:
    """A value that differs between two cuts."""

    field: str
    before: Any
    after: Any


@attrs.frozen
class Step:
    """One entry that changed an explained value: what it was before and after, and why."""

    line: Line
    before: Any
    after: Any
    inputs: Mapping[str, Any]
    thresholds: Mapping[str, Any]


@attrs.frozen
class Explanation:
    """Why a field of a facet's state is what it is.

    Args:
        field: ``facet.attribute``, or the facet alone.
        value: its value at the cut.
        steps: the entries that changed it, in order.
        superseded: entries of the facet that were replaced or withdrawn, with what took their place.
    """

    field: str
    value: Any
    steps: tuple[Step, ...]
    superseded: tuple[Line, ...]


class History:
    """One customer's history at a cut; now, as known now, unless narrowed.

    Args:
        ledger: where it is kept.
        stream: the relationship's opaque id.
        at: the cut.
    """

    def __init__(self, ledger: Ledger, stream: str, at: Cut | None = None) -> None:
        self._ledger, self.stream, self.cut = ledger, stream, at or Cut()
        self._judged: Judgement | None = None
        head = ledger.store.heads([stream]).get(stream)
        if head is None:
            raise Unknown("unknown_relationship", f"there is no stream {stream}", zh=f"没有关系 {stream}")
        self._head = head

    # ------------------------------------------------------------ cuts

    def as_of(self, moment: datetime | str) -> History:
        """Return this history without what counts from later than a moment; a bare date means that day's end."""
        return History(
            self._ledger, self.stream, attrs.evolve(self.cut, as_of=cut(moment, None, self._ledger.tz).as_of)
        )

    def as_known(self, moment: datetime | str | int) -> History:
        """Return this history without what was learned later than a moment, or than a position of the log."""
        other = cut(None, moment, self._ledger.tz)
        return History(
            self._ledger,
            self.stream,
            attrs.evolve(self.cut, as_known=other.as_known, position=other.position),
        )

    # ------------------------------------------------------------ states

    def judged(self) -> Judgement:
        """Return the judged timeline and states at the cut."""
        if self._judged is None:
            rows = self._ledger.store.fold_rows(self.stream)
            now = stamp(self._ledger.clock())
            self._judged = self._ledger.judge().state(
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
        for facet, state in zip(judged.room.facets, judged.states, strict=True):
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
        """Return the decisions that stand although they would come out otherwise with what is known now (CORE-93)."""
        rows = self._ledger.store.fold_rows(self.stream)
        known = max(stamp(self._ledger.clock()), self._head.recorded_at)
        linked = self._ledger.linked(self.stream, rows)
        judge = self._ledger.judge()
        return judge.judge(
            self._head.subject, self.stream, rows, known, facets_changed=True, linked=linked
        ).differences

    # ------------------------------------------------------------ lines

    def lines(self) -> list[Line]:
        """Return the entries known at the cut, in order of entry, pending decisions last, each with what became of it."""
        entries = self.entries()
        fate = _fates(entries)
        out = [
            self._line(e, fate)
            for e in entries
            if self.cut.as_of is None or e.effective_from <= self.cut.as_of
        ]
        stored = {e.id for e in entries}
        for item in self.judged().items:
            if item.id not in stored:
                out.append(self._pending(item))
        return out

    def entries(self) -> list[Entry]:
        """Return the stored entries known at the cut, in order of entry; of linked streams, those that count here."""
        known, top = self.cut.as_known, self.cut.position
        found = [
            e
            for e in self._ledger.store.entries(self.stream)
            if (known is None or e.recorded_at <= known) and (top is None or e.position <= top)
        ]
        shown = {i.id: i.origin.stream for i in self.judged().items if i.origin.stream != self.stream}
        for stream in sorted(set(shown.values())):
            found += [e for e in self._ledger.store.entries(stream) if e.id in shown]
        return sorted(found, key=lambda e: e.position) if shown else found

    def _line(self, e: Entry, fate: Mapping[str, tuple[str, str]]) -> Line:
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
        )

    def _pending(self, item: Item) -> Line:
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
        )

    # ------------------------------------------------------------ explanations

    def explain(self, field: str) -> Explanation:
        """Say why a value is what it is: the entries that changed it, each with rule, inputs, threshold, actor and reason.

        Args:
            field: ``facet.attribute`` such as ``retail.points.balance``, or a facet such as ``retail.points``.

        Raises:
            Unknown: there is no such facet or attribute.
        """
        judged = self.judged()
        facet, attribute = self._facet_of(field, judged)
        steps = self._trace(facet, attribute, judged)
        lines = self.lines()
        touched = set(facet.evolvers)
        superseded = tuple(
            line
            for line in lines
            if line.status in _GONE and self._ledger.registry.find(line.name) in touched
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
            accepts=", ".join(options) or "none: no facet is installed",
        )

    def _trace(self, facet: Facet[Any], attribute: str, judged: Judgement) -> list[Step]:
        lines = {line.id: line for line in self.lines()}
        state = facet.state()
        names = [attribute] if attribute else _attributes(state)
        steps: list[Step] = []
        before = _snapshot(state, names)
        tz = self._ledger.tz
        for item in judged.items:
            found = facet.evolvers.get(type(item.event))
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
                line = lines.get(item.id) or self._pending(item)
                inputs, thresholds = _roles(item.event)
                was, now = (before, after) if not attribute else (before[attribute], after[attribute])
                steps.append(Step(line, was, now, inputs, thresholds))
                before = after
        return steps


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


def _fates(entries: Iterable[Entry]) -> dict[str, tuple[str, str]]:
    """Return what became of entries that no longer stand: by which entry they were replaced, corrected or voided."""
    entries = list(entries)
    voided = {e.target for e in entries if e.target is not None and e.name == EntryVoided.stored_name}
    out: dict[str, tuple[str, str]] = {}
    for e in entries:
        for gone in (e.replaces or "").split():
            out[gone] = ("withdrawn" if e.name == DecisionWithdrawn.stored_name else "replaced", e.id)
        # A voided correction gives back what it had corrected.
        if e.target is not None and e.id not in voided:
            out[e.target] = ("corrected" if e.name == EntryCorrected.stored_name else "voided", e.id)
    return out
