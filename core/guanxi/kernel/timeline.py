"""The timeline: which entries of a stream count at a cut, and in which order they are folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from guanxi.kernel.codec import Codec
from guanxi.kernel.entries import FoldRow
from guanxi.kernel.errors import Invalid
from guanxi.kernel.messages import Event
from guanxi.kernel.standard import (
    BreachRecorded,
    DecisionEnded,
    DecisionWithdrawn,
    EntryCorrected,
    EntryVoided,
)
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


def cut(
    as_of: datetime | date | str | None, as_known: datetime | date | str | int | None, tz: ZoneInfo
) -> Cut:
    """Return a cut from what a person or a program asked for.

    Args:
        as_of: an aware datetime, or ISO text; a bare date means that day's end.
        as_known: the same, or a position of the log.
        tz: the programme's zone, for text without an offset.

    Raises:
        Invalid: ``invalid_date`` or ``naive_datetime``.
    """

    def text_of(value: datetime | date | str) -> str:
        if isinstance(value, datetime):
            return stamp(value)
        if isinstance(value, date):
            return stamp(end_of(value, tz))
        return stamp(read_instant(value, tz, end_of_day=True)[0])

    if isinstance(as_known, int):
        return Cut(None if as_of is None else text_of(as_of), None, as_known)
    return Cut(None if as_of is None else text_of(as_of), None if as_known is None else text_of(as_known))


class Origin:
    """The stream that items come from; knows where each of them stands."""

    __slots__ = ("due_rank", "rows", "stream")

    def __init__(self, stream: str, rows: Sequence[FoldRow], due_rank: Mapping[str, int]) -> None:
        self.stream, self.rows, self.due_rank = stream, rows, due_rank

    def key(self, row: FoldRow, effective: str) -> OrderKey:
        """Return where a row's event stands in the fold, counting from ``effective``."""
        place = row.place
        if place is None:
            return (effective, FACT_PHASE, row.recorded_at, self.stream, row.version, 0)
        if place[0] == "@":
            name, _, rest = place[1:].partition("|")
            key_text, _, turn = rest.rpartition("|")
            return (effective, DUE_PHASE, self.due_rank.get(name, 0), name, key_text, int(turn))
        root_text, _, turn = place.rpartition(".")
        if "/" in root_text:
            behind, _, recorded = root_text.partition("@")
            stream, _, version = behind.rpartition("/")
            return (effective, FACT_PHASE, recorded, stream, int(version), int(turn))
        root = int(root_text)
        rows = self.rows
        recorded = (
            rows[root - 1].recorded_at
            if root <= len(rows) and rows[root - 1].version == root
            else row.recorded_at
        )
        return (effective, FACT_PHASE, recorded, self.stream, root, int(turn))


class Item:
    """One event at its place on a timeline, beside the row it comes from.

    Keys and ids are made when asked for: most folds ask for neither.
    """

    __slots__ = ("_at", "_key", "effective", "ended", "event", "origin", "row")

    def __init__(
        self, event: Event, row: FoldRow, effective: str, origin: Origin, key: OrderKey | None = None
    ) -> None:
        self.event, self.row, self.effective, self.origin = event, row, effective, origin
        self.ended: Event | None = None
        self._key = key
        self._at: datetime | None = None

    @property
    def key(self) -> OrderKey:
        """Where it stands in the fold."""
        if self._key is None:
            self._key = self.origin.key(self.row, self.effective)
        return self._key

    @property
    def id(self) -> str:
        """The entry's id."""
        return f"{self.origin.stream}/{self.row.version}"

    @property
    def place(self) -> str | None:
        """What it stands behind, as stored."""
        return self.row.place

    @property
    def succeeds(self) -> str | None:
        """The decision it follows from its own day on."""
        return self.row.succeeds

    @property
    def drawn_first(self) -> str:
        """When a decision was first drawn that has this one's place now; empty where that is not among the rows."""
        rows, row = self.origin.rows, self.row
        while row.replaces is not None:
            version = int(row.replaces.partition(" ")[0].rpartition("/")[2])
            if version > len(rows) or rows[version - 1].version != version:
                return ""
            row = rows[version - 1]
        return row.recorded_at

    def carried_to(self, effective: str) -> Item:
        """Return it as a link carries it in: standing from the link's beginning."""
        return Item(self.event, self.row, effective, self.origin)

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


def place_behind_other(stream: str, root_version: int, recorded: str, turn: int) -> str:
    """Return the place of a decision behind a fact of a linked stream."""
    return f"{stream}/{root_version}@{recorded}.{turn}"


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
        origin = Origin(stream, rows, self.due_rank)
        if plain:
            items, sorted_already = self._plain(origin, rows)
        else:
            items, sorted_already = self._resolved(origin, rows), False
        if at.as_of is not None:
            items = [i for i in items if i.effective <= at.as_of]
        if not sorted_already:
            items.sort(key=_key_of)
        return items

    def _plain(self, origin: Origin, rows: Sequence[FoldRow]) -> tuple[list[Item], bool]:
        """Return the items of a stream in which nothing was corrected or replaced, and whether they stand in order already."""
        decode, readers, stream, key_of = self.codec.decode, self.codec.readers, origin.stream, origin.key
        items: list[Item] = []
        add = items.append
        in_order = True
        last: OrderKey = ("",)
        behind, root, root_recorded = "\n", 0, ""
        for r in rows:
            version, _, _, name, schema_version, effective, recorded, place, _, _, _, _, _, _, payload, _ = r
            reader = readers.get((name, schema_version))
            event = (
                decode(name, schema_version, payload, stream, version) if reader is None else reader(payload)
            )
            if event is None:
                continue
            if place is None:
                behind, root, root_recorded = f"{version}.", version, recorded
                key: OrderKey = (effective, FACT_PHASE, recorded, stream, version, 0)
            elif place.startswith(behind) and (turn := place[len(behind) :]).isdigit():
                # Right behind the last fact, as most decisions stand.
                key = (effective, FACT_PHASE, root_recorded, stream, root, int(turn))
            else:
                key = key_of(r, effective)
            if in_order:
                in_order = last < key
                last = key
            add(Item(event, r, effective, origin, key))
        return items, in_order

    def _resolved(self, origin: Origin, rows: Sequence[FoldRow]) -> list[Item]:
        stream = origin.stream
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
        moved: dict[str, str] = {}
        for entry_id, r in by_id.items():
            if entry_id in gone or entry_id in voided or r.name in _UNFOLDED:
                continue
            kept_with = r.causation if r.name == BreachRecorded.stored_name else None
            if kept_with in voided:
                continue
            corrections = [m for m in marks.get(entry_id, ()) if f"{stream}/{m.version}" not in voided]
            if corrections:
                corrected = self._corrected(origin, rows, r, corrections, voided)
                if corrected:
                    moved[entry_id] = corrected[0].effective
                items += corrected
                continue
            event = self.codec.decode(r.name, r.schema_version, r.payload, stream, r.version)
            if event is None:
                continue
            counts_from = moved.get(kept_with, r.effective_from) if kept_with else r.effective_from
            item = Item(event, r, counts_from, origin)
            if isinstance(event, DecisionEnded):
                before = by_id.get(event.decision)
                if before is not None:
                    item.ended = self.codec.decode(
                        before.name, before.schema_version, before.payload, stream, before.version
                    )
            items.append(item)
        return items

    def _corrected(
        self,
        origin: Origin,
        rows: Sequence[FoldRow],
        r: FoldRow,
        corrections: Sequence[FoldRow],
        voided: set[str],
    ) -> list[Item]:
        """Resolve corrections field by field, the last recorded counting; those limited to days stand on those days only."""
        if self.codec.registry.find(r.name) is None:
            return []
        stream = origin.stream
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

        def item(fields: dict[str, Any], counts_from: str, turn: int = 0) -> Item:
            key = origin.key(r, counts_from)
            return Item(
                self.codec.build(r.name, fields), r, counts_from, origin, (*key[:-1], turn) if turn else key
            )

        out = [item(whole, effective)]
        for n, (first, last, fields) in enumerate(spans, 1):
            begins = stamp(read_instant(first, self.tz)[0])
            after = stamp(end_of(read_instant(last, self.tz)[0].date(), self.tz) + TICK)
            out.append(item({**whole, **fields}, begins, 2 * n))
            if not self._overtaken(stream, rows, r, after, voided):
                out.append(item(whole, after, 2 * n + 1))
        return out

    def _overtaken(
        self, stream: str, rows: Sequence[FoldRow], r: FoldRow, moment: str, voided: set[str]
    ) -> bool:
        """Return whether the next value of the same keys has begun by a moment."""
        cls = self.codec.registry.find(r.name)
        keys = cls.key_fields if cls else ()

        def values(row: FoldRow) -> list[Any]:
            fields = self.codec.fields(row.name, row.schema_version, row.payload, stream, row.version)
            return [fields.get(k) for k in keys]

        return any(
            o.name == r.name
            and o.version != r.version
            and r.effective_from < o.effective_from <= moment
            and f"{stream}/{o.version}" not in voided
            and values(o) == values(r)
            for o in rows
        )


def _key_of(item: Item) -> OrderKey:
    return item.key


def key_text_of(event: Event) -> tuple[Any, ...]:
    """Return a decision's identity: its name and its key fields."""
    return (event.stored_name, *(getattr(event, k) for k in event.key_fields))


def require_precision(precision: str) -> str:
    """Return a known precision.

    Raises:
        Invalid: ``out_of_scale``.
    """
    if precision not in (DAY, "instant"):
        raise Invalid("out_of_scale", f"precision {precision!r}", accepts="instant or day")
    return precision
