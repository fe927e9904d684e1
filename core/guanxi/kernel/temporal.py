"""Temporal read models: how rows change along both clocks, kept as versions with half-open intervals. Pure; no engine.

A version of a row says: from ``valid_from`` until just before ``valid_until`` the row reads so, as known from
``known_from`` until just before ``known_until``. The versions of a stream are a function of its states of knowledge
alone: neither pages nor restarts show in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from guanxi.kernel.entries import FoldRow, Passing
from guanxi.kernel.read_models import ReadModel, Row, Rows

FOREVER = "forever"
"""Ends an interval that has no end; as text it comes after every stamp."""

Cells = tuple[Any, ...]


class Change(NamedTuple):
    """An event beside the moment it counts from, as stamp and as datetime."""

    event: Any
    effective: str
    at: datetime


class Step(NamedTuple):
    """A state of knowledge of one stream.

    Args:
        known: stamp from which it is known.
        whole: whether ``changes`` are the stream's whole timeline, or only what follows the state before.
        changes: events in fold order.
    """

    known: str
    whole: bool
    changes: Sequence[Change]


class Span(NamedTuple):
    """A stretch of valid time in which a row reads the same."""

    valid_from: str
    valid_until: str
    cells: Cells


class Version(NamedTuple):
    """One stretch of a row on both clocks, with its cells as stored."""

    key: Any
    valid_from: str
    valid_until: str
    known_from: str
    known_until: str
    cells: Cells

    @property
    def place(self) -> Place:
        """What tells it from the stream's other versions."""
        return self.key, self.valid_from, self.known_from


Place = tuple[Any, str, str]


def changed(spans: list[Span], moment: str, cells: Cells | None) -> None:
    """Let a row read otherwise from a moment on, at or after which nothing else was known of it.

    Args:
        spans: the row's spans in order; changed in place.
        moment: stamp from which.
        cells: how it reads from then on, or None where there is no row any more.
    """
    while spans and spans[-1].valid_from >= moment:
        spans.pop()
    if spans and spans[-1].valid_until > moment:
        spans[-1] = spans[-1]._replace(valid_until=moment)
    if cells is None:
        return
    if spans and spans[-1].valid_until == moment and spans[-1].cells == cells:
        spans[-1] = spans[-1]._replace(valid_until=FOREVER)
    else:
        spans.append(Span(moment, FOREVER, cells))


class Reading(NamedTuple):
    """How a row reads from a moment on: its spans that reach that moment or begin later."""

    since: str
    spans: list[Span]


class _Band:
    """The versions of one row: those known to the end, in order of valid time, and those known no longer."""

    __slots__ = ("ended", "last", "open")

    def __init__(self) -> None:
        self.open: list[Version] = []
        self.ended: list[Version] = []
        self.last = ""

    def reaching(self, moment: str) -> int:
        """Return the index of the first open version that reaches a moment."""
        n = len(self.open)
        while n and self.open[n - 1].valid_until >= moment:
            n -= 1
        return n

    def settle(self, key: Any, known: str, reading: Reading) -> None:
        wanted = {s.valid_from: s for s in reading.spans}
        n = self.reaching(reading.since)
        tail = self.open[n:]
        del self.open[n:]
        if known <= self.last:
            tail += [v for v in self.ended if v.known_until >= known and v.valid_until >= reading.since]
            self.ended = [v for v in self.ended if v.known_until < known or v.valid_until < reading.since]
        kept: list[Version] = []
        for v in tail:
            if v.known_from >= known:
                continue
            if wanted.get(v.valid_from) == (v.valid_from, v.valid_until, v.cells):
                del wanted[v.valid_from]
                kept.append(v._replace(known_until=FOREVER))
            else:
                self.ended.append(v._replace(known_until=known))
        kept += [Version(key, s.valid_from, s.valid_until, known, FOREVER, s.cells) for s in wanted.values()]
        self.open += sorted(kept, key=_valid_from)
        self.last = known


class Strip:
    """The versions of one stream's rows while further knowledge comes in.

    Args:
        versions: those on record that the knowledge to come may touch.
    """

    def __init__(self, versions: Iterable[Version] = ()) -> None:
        self._before = {v.place: v for v in versions}
        self._rows: dict[Any, _Band] = {}
        for v in sorted(self._before.values(), key=_valid_from):
            row = self._rows.setdefault(v.key, _Band())
            (row.open if v.known_until == FOREVER else row.ended).append(v)
            row.last = max(row.last, v.known_from, "" if v.known_until == FOREVER else v.known_until)

    def spans(self, key: Any, since: str = "") -> list[Span]:
        """Return a row's spans that reach a moment, as known last, in order."""
        row = self._rows.get(key)
        if row is None:
            return []
        return [Span(v.valid_from, v.valid_until, v.cells) for v in row.open[row.reaching(since) :]]

    def latest(self, key: Any) -> Cells | None:
        """Return how a row reads in the end, as known last."""
        row = self._rows.get(key)
        if row is None or not row.open or row.open[-1].valid_until != FOREVER:
            return None
        return row.open[-1].cells

    def settle(self, known: str, rows: Mapping[Any, Reading], *, whole: bool) -> None:
        """Take over how rows read as known from a stamp on; what was held known from then or later gives way.

        Args:
            known: the stamp.
            rows: how rows read, by key.
            whole: whether keys that are not given have no row.
        """
        for key in list({**self._rows, **rows}) if whole else rows:
            row = self._rows.get(key)
            if row is None:
                row = self._rows[key] = _Band()
            row.settle(key, known, rows.get(key, _NO_ROW))

    def difference(self) -> tuple[list[Place], list[Version]]:
        """Return the places of versions that are gone, and those that are new or end otherwise than on record."""
        now = {v.place: v for row in self._rows.values() for v in (*row.open, *row.ended)}
        gone = [place for place in self._before if place not in now]
        return gone, [v for place, v in now.items() if self._before.get(place) != v]


_NO_ROW = Reading("", [])


def _valid_from(version: Version) -> str:
    return version.valid_from


class _Noted(Rows[Row]):
    """Rows that note which of them were touched, and load each but once."""

    def __init__(self, make: Callable[[Any], Row], load: Callable[[Any], Row | None], stream: str) -> None:
        super().__init__(make, self._load_once, stream)
        self._from_record = load
        self._asked: set[Any] = set()
        self.touched: set[Any] = set()

    def _load_once(self, key: Any) -> Row | None:
        if key in self._asked:
            return None  # a row deleted and begun again begins empty
        self._asked.add(key)
        return self._from_record(key)

    def __getitem__(self, key: Any) -> Row:
        self.touched.add(key)
        return super().__getitem__(key)

    def __setitem__(self, key: Any, row: Row) -> None:
        self._asked.add(key)
        self.touched.add(key)
        super().__setitem__(key, row)

    def __delitem__(self, key: Any) -> None:
        super().__delitem__(key)
        self.touched.add(key)

    def get(self, key: Any, default: Any = None) -> Any:
        if key in self:
            self.touched.add(key)
        return super().get(key, default)

    def pop(self, key: Any, *default: Any) -> Any:
        if key in self:
            self.touched.add(key)
        return super().pop(key, *default)

    def values(self) -> Any:
        self.touched |= self.keys()
        return super().values()

    def items(self) -> Any:
        self.touched |= self.keys()
        return super().items()


class Follower:
    """Follows one stream's states of knowledge for one model.

    Args:
        model: the read model.
        stream: whose rows.
        strip: the versions on record.
        to_cells: ``to_cells(row)`` returns a row's cells as stored.
        from_cells: ``from_cells(cells)`` returns the row behind stored cells.
    """

    def __init__(
        self,
        model: ReadModel[Any],
        stream: str,
        strip: Strip,
        to_cells: Callable[[Any], Cells],
        from_cells: Callable[[Cells], Any],
    ) -> None:
        self._model, self._stream, self.strip = model, stream, strip
        self._to_cells, self._from_cells = to_cells, from_cells
        self._rows: _Noted[Any] = self._fresh(self._load)

    def follow(self, steps: Iterable[Step]) -> None:
        """Take in states of knowledge, in order."""
        for step in steps:
            if step.whole:
                self._rows = self._fresh(_nothing)
            self.strip.settle(step.known, self._fold(step), whole=step.whole)

    def _fold(self, step: Step) -> dict[Any, Reading]:
        handlers, rows, read = self._model.handlers, self._rows, dict[Any, Reading]()
        for moment, changes in groupby(step.changes, _effective):
            for change in changes:
                handler = handlers.get(type(change.event))
                if handler is not None:
                    handler(rows, change.event, change.at)
            touched, rows.touched = rows.touched, set()
            for key in touched:
                if key not in read:
                    read[key] = (
                        Reading("", []) if step.whole else Reading(moment, self.strip.spans(key, moment))
                    )
                row = dict.get(rows, key)
                changed(read[key].spans, moment, None if row is None else self._to_cells(row))
        return read

    def _load(self, key: Any) -> Any:
        cells = self.strip.latest(key)
        return None if cells is None else self._from_cells(cells)

    def _fresh(self, load: Callable[[Any], Any]) -> _Noted[Any]:
        return _Noted(self._model.make, load, self._stream)


def _nothing(_key: Any) -> None:
    return None


def _effective(change: Change) -> str:
    return change.effective


# What was known when


class Stretch(NamedTuple):
    """Entries of one stream that became known at one stamp, as far as a page shows them.

    Args:
        recorded: the stamp.
        passing: the entries on the page, in order of version.
        earlier: the versions before the page that share the stamp.
        before: stamp at which the stream was last recorded before, or the empty text.
    """

    recorded: str
    passing: list[Passing]
    earlier: Sequence[FoldRow]
    before: str

    @property
    def ordered(self) -> bool:
        """Whether these entries only extend what was there."""
        return not any(disturbs(e) for e in self.passing)

    def pending(self) -> int:
        """Return how many of the page's entries open the transaction with what time brought before anything was told."""
        if any(not derived(r) for r in self.earlier):
            return 0
        count = 0
        for e in self.passing:
            if not derived(e):
                break
            count += 1
        return count


def disturbs(entry: Passing) -> bool:
    """Return whether an entry came late, or changes what another means."""
    return bool(entry.late or entry.replaces or entry.target or entry.succeeds)


def derived(entry: Passing | FoldRow) -> bool:
    """Return whether an entry was drawn by rules rather than told."""
    return entry.kind == "decision"


def of_due_moment(entry: Passing | FoldRow) -> bool:
    """Return whether a due moment brought an entry."""
    return entry.place is not None and entry.place[0] == "@"


def stretches(page: Sequence[Passing], rows: Sequence[FoldRow] | None) -> list[Stretch]:
    """Sort one stream's entries of a page by the stamp at which they became known.

    Args:
        page: the stream's entries on the page, in order of version.
        rows: the stream's rows up to the page's end, where they are needed to tell what came before.
    """
    first = page[0].version
    earlier: Sequence[FoldRow] = ()
    before = ""
    if rows is not None and first > 1:
        n = first - 1
        while n > 0 and rows[n - 1].recorded_at == page[0].recorded_at:
            n -= 1
        earlier, before = rows[n : first - 1], rows[n - 1].recorded_at if n else ""
    out: list[Stretch] = []
    for recorded, entries in groupby(page, lambda e: e.recorded_at):
        out.append(Stretch(recorded, list(entries), earlier, before))
        earlier, before = (), recorded
    return out
