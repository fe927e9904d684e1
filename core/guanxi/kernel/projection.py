"""What a projector needs from the kernel: events of a page of entries, whole timelines, and who seals personal cells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from guanxi.kernel.codec import Codec
from guanxi.kernel.entries import FoldRow, Passing
from guanxi.kernel.plugins import Installed
from guanxi.kernel.privacy import Sealing
from guanxi.kernel.standard import BreachRecorded
from guanxi.kernel.temporal import Change, Step, Stretch, derived, disturbs, of_due_moment, stretches
from guanxi.kernel.timeline import Cut, Item, Timelines
from guanxi.kernel.times import instant

if TYPE_CHECKING:
    from guanxi.kernel.ledger import Ledger

Fetch = Callable[[list[str]], Mapping[str, list[FoldRow]]]


class Pending(Protocol):
    """Draws what had come at a moment but was not written down yet."""

    def published(self) -> list[str]:
        """Return the stamps at which rule sets with effect in the past were published."""
        ...

    def items(self, stream: str, rows: Sequence[FoldRow], known: str) -> list[Item]:
        """Return a stream's timeline as known at a stamp."""
        ...


class Undrawn:
    """Draws a ledger's pending decisions with the facets and rule sets it has; see ``Pending``.

    Args:
        ledger: whose.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def published(self) -> list[str]:
        """Return the stamps at which rule sets with effect in the past were published."""
        return [p.recorded_at for p in self._ledger.rule_book().retroactive]

    def items(self, stream: str, rows: Sequence[FoldRow], known: str) -> list[Item]:
        """Return a stream's timeline as known at a stamp."""
        ledger = self._ledger
        subject = ledger.store.heads([stream])[stream].subject
        linked = ledger.linked(stream, rows)
        judged = ledger.judge().state(subject, stream, rows, Cut(as_known=known), known, linked)
        return [i for i in judged.items if i.origin.stream == stream]


Happening = tuple[Any, datetime]


def touched_by(stream: str, page: Sequence[Passing], rows: Sequence[FoldRow]) -> set[str] | None:
    """Return the stored names of the events that a page puts into a stream's timeline, moves in it or takes from it.

    What a read model handles none of is folded from the same events after the page as before it.

    Args:
        stream: its id.
        page: its entries on the page.
        rows: all that is stored of it up to the page's end.

    Returns:
        The names; None where a page speaks of entries that are not the stream's, so that nobody can tell.
    """
    by_version = {row.version: row for row in rows}
    names, seen, waiting = set[str](), set[int](), [entry.version for entry in page]
    while waiting:
        version = waiting.pop()
        row = by_version.get(version)
        if row is None:
            return None
        names.add(row.name)
        seen.add(version)
        if row.target:
            names.add(BreachRecorded.stored_name)  # it is kept with its fact, and goes with it
        for ids in (row.target, row.replaces, row.succeeds):
            for entry in ids.split(" ") if ids else ():
                whose, _, number = entry.rpartition("/")
                if whose != stream or not number.isdigit():
                    return None
                if int(number) not in seen:
                    waiting.append(int(number))
    return names


class _Asked(NamedTuple):
    """What a page's states of knowledge are drawn with."""

    fetch: Fetch
    wanted: Collection[str]
    published: Sequence[str]


class ProjectionSource:
    """Turns log pages and streams into what read models fold.

    Args:
        codec: decodes payloads.
        timelines: orders streams.
        sealer: seals personal cells of rows.
        pending: draws what was not written down yet, for temporal read models.
        installed: the plugins whose read models they are, for whoever opens the ledger again in another process.
    """

    def __init__(
        self,
        codec: Codec,
        timelines: Timelines,
        sealer: Sealing,
        pending: Pending,
        installed: Sequence[Installed] | None = None,
    ) -> None:
        self.codec, self.timelines, self.sealer, self.pending = codec, timelines, sealer, pending
        self.installed = installed

    def extend_or_remake(self, page: Sequence[Passing]) -> tuple[dict[str, list[Happening]], set[str]]:
        """Sort a page's streams into those whose rows can be extended and those whose rows must be made anew.

        Args:
            page: entries in order of position.

        Returns:
            Events with their moments by stream, in order; and the streams in which an entry came late or replaced another.
        """
        extend: dict[str, list[Happening]] = {}
        decode, readers, tz = self.codec.decode, self.codec.readers, self.timelines.tz
        remake = {e.stream for e in page if e.late or e.replaces or e.target or e.succeeds}
        for _, stream, version, name, schema_version, effective, _, _, _, _, payload, _, _, _ in page:
            if stream in remake:
                continue
            reader = readers.get((name, schema_version))
            event = (
                decode(name, schema_version, payload, stream, version) if reader is None else reader(payload)
            )
            if event is not None:
                happening = (event, instant(effective, tz))
                if stream in extend:
                    extend[stream].append(happening)
                else:
                    extend[stream] = [happening]
        return extend, remake

    def timeline(self, stream: str, rows: Sequence[FoldRow]) -> list[Happening]:
        """Return a stream's whole timeline: every live event with its moment, in fold order."""
        tz = self.timelines.tz
        return [(item.event, item.at(tz)) for item in self.timelines.build(stream, rows)]

    def knowledge(
        self, page: Sequence[Passing], fetch: Fetch, wanted: Collection[str]
    ) -> dict[str, list[Step]]:
        """Return the states of knowledge that a page leads to, stream by stream.

        What a due moment brought is known from that moment, or from the recording of what was known before it; not from
        when a job wrote it down. Where rules published with effect in the past, or a late entry, had their say in
        between, the judge tells what was known when.

        Args:
            page: entries in order of position.
            fetch: returns the rows of streams up to the page's end.
            wanted: stored names of the events that matter.
        """
        by_stream: dict[str, list[Passing]] = {}
        for entry in page:
            by_stream.setdefault(entry.stream, []).append(entry)
        rows = fetch([stream for stream, entries in by_stream.items() if _needs_past(entries)])
        asked = _Asked(fetch, wanted, self.pending.published())
        found: dict[str, list[Step]] = {}
        for stream, entries in by_stream.items():
            steps: list[Step] = []
            for stretch in stretches(entries, rows.get(stream)):
                steps += self._steps(stream, stretch, rows.get(stream), asked)
            found[stream] = steps
        return found

    def _steps(
        self,
        stream: str,
        stretch: Stretch,
        rows: list[FoldRow] | None,
        asked: _Asked,
    ) -> list[Step]:
        count, passing, recorded = stretch.pending(), stretch.passing, stretch.recorded
        steps: list[Step] = []
        if count and stretch.before and any(e.effective_from < recorded for e in passing[:count]):
            simple = all(map(_brought, passing[:count])) and all(map(_of_rest, stretch.earlier))
            between = [p for p in asked.published if stretch.before < p <= recorded]
            if simple and not between:
                for entry in passing[:count]:
                    known = min(max(entry.effective_from, stretch.before), recorded)
                    steps.append(Step(known, False, self._changes(stream, [entry], asked.wanted)))
                passing = passing[count:]
            else:
                rows = asked.fetch([stream]).get(stream, []) if rows is None else rows
                steps += self._drawn(stream, stretch, rows, count, between)
        if not passing:
            return steps
        if any(map(disturbs, passing)) or (steps and steps[-1].whole):
            known_then = [r for r in rows or () if r.version <= passing[-1].version]
            steps.append(Step(recorded, True, self._whole(self.timelines.build(stream, known_then))))
        else:
            steps.append(Step(recorded, False, self._changes(stream, passing, asked.wanted)))
        return steps

    def _drawn(
        self,
        stream: str,
        stretch: Stretch,
        rows: Sequence[FoldRow],
        count: int,
        published: Sequence[str],
    ) -> list[Step]:
        """Return the states of knowledge between two recordings as the judge draws them."""
        before, recorded = stretch.before, stretch.recorded
        stamps = {r.effective_from for r in stretch.earlier} | {
            e.effective_from for e in stretch.passing[:count]
        }
        stamps.update(published)
        past = [r for r in rows if r.recorded_at <= before]
        return [
            Step(known, True, self._whole(self.pending.items(stream, past, known)))
            for known in sorted(stamps)
            if before < known < recorded
        ]

    def _whole(self, items: Sequence[Item]) -> list[Change]:
        tz = self.timelines.tz
        return [Change(i.event, i.effective, i.at(tz)) for i in items]

    def _changes(self, stream: str, entries: Sequence[Passing], wanted: Collection[str]) -> list[Change]:
        decode, tz = self.codec.decode, self.timelines.tz
        changes: list[Change] = []
        for e in entries:
            if e.name not in wanted:
                continue
            event = decode(e.name, e.schema_version, e.payload, stream, e.version)
            if event is not None:
                changes.append(Change(event, e.effective_from, instant(e.effective_from, tz)))
        return changes


def _needs_past(entries: Sequence[Passing]) -> bool:
    """Return whether a stream's earlier rows are needed to tell what was known when."""
    first = entries[0]
    opens = first.version > 1 and derived(first) and of_due_moment(first)
    return (opens and first.effective_from < first.recorded_at) or any(map(disturbs, entries))


def _brought(entry: Passing) -> bool:
    return of_due_moment(entry) and not disturbs(entry)


def _of_rest(row: FoldRow) -> bool:
    return of_due_moment(row) and not (row.replaces or row.target or row.succeeds)
