"""The timeline: which entries of a stream count at a cut, and in which order they are folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from guanxi.kernel.codec import Codec
from guanxi.kernel.entries import FoldRow
from guanxi.kernel.errors import Invalid
from guanxi.kernel.messages import Decision, Event
from guanxi.kernel.standard import DecisionEnded, DecisionWithdrawn, EntryCorrected, EntryVoided
from guanxi.kernel.times import DAY, LATEST, TICK, end_of, instant, read_instant, stamp

OrderKey = tuple[Any, ...]
DUE_PHASE, FACT_PHASE = 0, 1
_MARKERS = (EntryCorrected.stored_name, EntryVoided.stored_name)
_UNFOLDED = (*_MARKERS, DecisionWithdrawn.stored_name)


@attrs.frozen
class Cut:
    """Two questions at once: as of which moment, as known when.

    Args:
        as_of: entries that count from later than this are left out; None for no bound.
        as_known: entries learned later than this are left out; None for no bound.
        position: entries at a higher position of the log are left out; None for no bound.
    """

    as_of: str | None = None
    as_known: str | None = None
    position: int | None = None


NOW_CUT = Cut()


def cut(as_of: datetime | str | None, as_known: datetime | str | int | None, tz: ZoneInfo) -> Cut:
    """Return a cut from what a person or a program asked for.

    Args:
        as_of: an aware datetime, or ISO text; a bare date means that day's end.
        as_known: the same, or a position of the log.
        tz: the programme's zone, for text without an offset.

    Raises:
        Invalid: ``invalid_date`` or ``naive_datetime``.
    """

    def text_of(value: datetime | str) -> str:
        if isinstance(value, datetime):
            return stamp(value)
        return stamp(read_instant(value, tz, end_of_day=True)[0])

    if isinstance(as_known, int):
        return Cut(None if as_of is None else text_of(as_of), None, as_known)
    return Cut(None if as_of is None else text_of(as_of), None if as_known is None else text_of(as_known))


class Item:
    """One event at its place on a timeline, with just enough of its entry to judge and explain it."""

    __slots__ = ("_at", "causation", "effective", "ended", "event", "id", "key", "place", "recorded", "rule", "rule_sets", "succeeds", "version")

    def __init__(
        self, key: OrderKey, event: Event, entry_id: str, version: int, effective: str, recorded: str, place: str | None, succeeds: str | None
    ) -> None:
        self.key, self.event, self.id, self.version = key, event, entry_id, version
        self.effective, self.recorded, self.place, self.succeeds = effective, recorded, place, succeeds
        self.ended: Event | None = None
        self.causation: str | None = None
        self.rule: str | None = None
        self.rule_sets: str | None = None
        self._at: datetime | None = None

    def at(self, tz: ZoneInfo) -> datetime:
        """Return the moment it counts from, in the programme's zone."""
        if self._at is None:
            self._at = instant(self.effective, tz)
        return self._at

    def __repr__(self) -> str:
        return f"<{self.id} {self.event!r} from {self.effective}>"


def fact_key(effective: str, recorded: str, stream: str, version: int) -> OrderKey:
    """Return where a fact stands: by its day, then in order of entry."""
    return (effective, FACT_PHASE, recorded, stream, version, 0)


def due_key(effective: str, rank: int, name: str, key_text: str, turn: int = 0) -> OrderKey:
    """Return where what a due moment brings stands: before the facts of its instant, in facet order."""
    return (effective, DUE_PHASE, rank, name, key_text, turn)


def place_behind(root_version: int, turn: int) -> str:
    """Return the place of a decision behind the fact that set it off."""
    return f"{root_version}.{turn}"


def place_due(name: str, key_text: str, turn: int) -> str:
    """Return the place of a decision that a due moment brought."""
    return f"@{name}|{key_text}|{turn}"


class Timelines:
    """Builds timelines for one tenant's streams."""

    def __init__(self, codec: Codec, tz: ZoneInfo, due_rank: Mapping[str, int]) -> None:
        self.codec, self.tz, self.due_rank = codec, tz, due_rank

    def build(self, stream: str, rows: Sequence[FoldRow], at: Cut = NOW_CUT) -> list[Item]:
        """Return the live items of a stream at a cut, in fold order; what this process cannot read is left out."""
        if at.as_known is not None or at.position is not None:
            known, top = at.as_known or LATEST, at.position
            rows = [r for r in rows if r.recorded_at <= known and (top is None or r.position <= top)]
        plain = True
        for r in rows:
            if r.replaces is not None or r.target is not None or r.succeeds is not None:
                plain = False
                break
        if plain:
            items = self._plain(stream, rows)
        else:
            items = self._resolved(stream, rows)
        if at.as_of is not None:
            items = [i for i in items if i.effective <= at.as_of]
        items.sort(key=_key_of)
        return items

    def _plain(self, stream: str, rows: Sequence[FoldRow]) -> list[Item]:
        decode, prefix = self.codec.decode, stream + "/"
        items = []
        for r in rows:
            event = decode(r.name, r.schema_version, r.payload, stream, r.version)
            if event is not None:
                item = Item(self._key(stream, rows, r), event, prefix + str(r.version), r.version, r.effective_from, r.recorded_at, r.place, None)
                if r.rule is not None:
                    item.causation, item.rule, item.rule_sets = r.causation, r.rule, r.rule_sets
                items.append(item)
        return items

    def _key(self, stream: str, rows: Sequence[FoldRow], r: FoldRow) -> OrderKey:
        place = r.place
        if place is None:
            return (r.effective_from, FACT_PHASE, r.recorded_at, stream, r.version, 0)
        if place[0] == "@":
            name, key_text, turn = place[1:].split("|", 1)[0], *place[1:].split("|", 1)[1].rsplit("|", 1)
            return (r.effective_from, DUE_PHASE, self.due_rank.get(name, 0), name, key_text, int(turn))
        root_text, _, turn = place.partition(".")
        root = int(root_text)
        recorded = rows[root - 1].recorded_at if root <= len(rows) and rows[root - 1].version == root else r.recorded_at
        return (r.effective_from, FACT_PHASE, recorded, stream, root, int(turn))

    def _resolved(self, stream: str, rows: Sequence[FoldRow]) -> list[Item]:
        gone: set[str] = set()
        targets: dict[str, str] = {}
        for r in rows:
            if r.replaces:
                gone.update(r.replaces.split(" "))
            if r.target:
                targets[f"{stream}/{r.version}"] = r.target
        marks: dict[str, list[FoldRow]] = {}
        voided: set[str] = set()
        for r in rows:
            if r.target is None or r.name not in _MARKERS:
                continue
            if r.name == EntryVoided.stored_name:
                voided.add(r.target)
            else:
                final = r.target
                while final in targets:
                    final = targets[final]
                marks.setdefault(final, []).append(r)
        by_id = {f"{stream}/{r.version}": r for r in rows}
        items: list[Item] = []
        for entry_id, r in by_id.items():
            if entry_id in gone or entry_id in voided or r.name in _UNFOLDED:
                continue
            corrections = [m for m in marks.get(entry_id, ()) if f"{stream}/{m.version}" not in voided]
            if corrections:
                items += self._corrected(stream, rows, r, corrections)
                continue
            event = self.codec.decode(r.name, r.schema_version, r.payload, stream, r.version)
            if event is None:
                continue
            item = Item(self._key(stream, rows, r), event, entry_id, r.version, r.effective_from, r.recorded_at, r.place, r.succeeds)
            item.causation, item.rule, item.rule_sets = r.causation, r.rule, r.rule_sets
            if isinstance(event, DecisionEnded):
                before = by_id.get(event.decision)
                if before is not None:
                    item.ended = self.codec.decode(before.name, before.schema_version, before.payload, stream, before.version)
            items.append(item)
        return items

    def _corrected(self, stream: str, rows: Sequence[FoldRow], r: FoldRow, corrections: Sequence[FoldRow]) -> list[Item]:
        """Resolve corrections field by field, the last recorded counting; those limited to days stand on those days only."""
        if self.codec.registry.find(r.name) is None:
            return []
        original = self.codec.fields(r.name, r.schema_version, r.payload, stream, r.version)
        whole, effective = dict(original), r.effective_from
        spans: list[tuple[str, str, dict[str, Any]]] = []
        for c in corrections:
            patch = self.codec.fields(c.name, c.schema_version, c.payload, stream, c.version)
            if patch.get("days_from"):
                spans.append((patch["days_from"], patch["days_until"], patch["fields"]))
                continue
            whole.update(patch["fields"])
            effective = patch.get("effective_from") or effective
        moved = r._replace(effective_from=effective)

        def item(fields: dict[str, Any], row: FoldRow, turn: int = 0) -> Item:
            k = self._key(stream, rows, row)
            return Item(
                (*k[:-1], turn) if turn else k,
                self.codec.build(r.name, fields),
                f"{stream}/{r.version}",
                r.version,
                row.effective_from,
                r.recorded_at,
                r.place,
                r.succeeds,
            )

        out = [item(whole, moved)]
        for n, (first, last, fields) in enumerate(spans, 1):
            begins = stamp(read_instant(first, self.tz)[0])
            ends = stamp(end_of(read_instant(last, self.tz)[0].date(), self.tz))
            after = stamp(instant(ends, self.tz) + TICK)
            out.append(item({**whole, **fields}, moved._replace(effective_from=begins), 2 * n))
            if not self._overtaken(rows, r, after):
                out.append(item(whole, moved._replace(effective_from=after), 2 * n + 1))
        return out

    def _overtaken(self, rows: Sequence[FoldRow], r: FoldRow, moment: str) -> bool:
        return any(o.name == r.name and o.version != r.version and r.effective_from < o.effective_from <= moment for o in rows)


def _key_of(item: Item) -> OrderKey:
    return item.key


def key_text_of(event: Event) -> tuple[Any, ...]:
    """Return a decision's identity: its name and its key fields."""
    return (event.stored_name, *(getattr(event, k) for k in event.key_fields))


def is_decision(item: Item) -> bool:
    """Return whether an item was drawn by rules."""
    return isinstance(item.event, Decision)


def require_precision(precision: str) -> str:
    """Return a known precision.

    Raises:
        Invalid: ``out_of_scale``.
    """
    if precision not in (DAY, "instant"):
        raise Invalid("out_of_scale", f"precision {precision!r}", accepts="instant or day")
    return precision
