"""Answering reports: from the live tables now, from scratch tables at any past cut; every answer with its manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from guanxi.kernel.absence import absence
from guanxi.kernel.cells import taken
from guanxi.kernel.clocks import ClockRules
from guanxi.kernel.collecting import collector_paused
from guanxi.kernel.due_list import due_report
from guanxi.kernel.entries import Entry, FoldRow, Head, ToldLate, one_transaction
from guanxi.kernel.errors import (
    Invalid,
    PluginError,
    Unavailable,
    Unknown,
    failures_named,
    name_of_handler,
)
from guanxi.kernel.following import Follower
from guanxi.kernel.judging import Judge
from guanxi.kernel.labels import Label, label_of
from guanxi.kernel.messages import Decision
from guanxi.kernel.near import names_like
from guanxi.kernel.plugins import CORE, Parts
from guanxi.kernel.ports import Projector
from guanxi.kernel.read_models import Reader, ReadModel, StreamReader
from guanxi.kernel.rebuilding import Cleaned, Comparison, ModelStatus, Rebuilt
from guanxi.kernel.reports import (
    Asked,
    Content,
    Hypothetical,
    Manifest,
    Report,
    ReportResult,
    codes_in,
    digest_of,
    parameters_from,
)
from guanxi.kernel.rules import RuleBook, RuleSet
from guanxi.kernel.standard import StreamLinked
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import LATEST, TICK, instant, stamp

if TYPE_CHECKING:
    from guanxi.kernel.ledger import Ledger

RULE_SET = Label("rule set", "规则集")
"""Heads the note that names a rule set's version; 0 is the default."""

_PATIENCE, _POLL = 10.0, 0.02
"""Seconds for which a report waits for an append that had begun by its moment of knowledge, and between two looks."""
_BACK = 500
"""Entries read at once while looking for where a transaction begins."""


class _Declared:
    """A reader that refuses read models which a report does not declare to read: at another cut they would not be there."""

    def __init__(self, reader: Reader, report: Report) -> None:
        self._reader, self._report = reader, report
        self.position = reader.position

    def _require(self, *models: ReadModel[Any]) -> None:
        report = self._report
        for model in models:
            if model not in report.reads:
                name = getattr(model, "name", repr(model))
                raise PluginError(
                    "read_undeclared",
                    f"the report {report.name} reads {name}, which it does not declare to read",
                    zh=f"报表 {report.name} 读取 {name}，但没有声明读取它",
                    accepts=f"reads=(...,) with {name}; declared are {', '.join(m.name for m in report.reads) or 'none'}",
                )

    def rows(self, model: ReadModel[Any]) -> Iterator[tuple[str, Any]]:
        self._require(model)
        return self._reader.rows(model)

    def rows_of(self, model: ReadModel[Any], stream: str) -> list[Any]:
        self._require(model)
        return self._reader.rows_of(model, stream)

    def row(self, model: ReadModel[Any], stream: str, key: Any = ()) -> Any:
        self._require(model)
        return self._reader.row(model, stream, key)

    def select(self, build: Any, *models: ReadModel[Any]) -> list[tuple[Any, ...]]:
        self._require(*models)
        return self._reader.select(build, *models)


class _Knowledge:
    """Tells cadences and reports what was known when, of one stream at a time.

    Args:
        ledger: whose.
        book: the rule sets.
        as_known: stamp of the knowledge of them.
    """

    def __init__(self, ledger: Ledger, book: RuleBook, as_known: str) -> None:
        self._ledger, self._book, self._as_known = ledger, book, as_known
        self._places: dict[str, int] = {}

    def told_late(self, streams: Sequence[str]) -> dict[str, list[ToldLate]]:
        return self._ledger.store.told_late(streams)

    def at(
        self, models: Sequence[ReadModel[Any]], stream: str, recorded: str, *, before: bool
    ) -> tuple[Reader, Asked]:
        known = stamp(instant(recorded, None) - TICK) if before else recorded
        reporting = self._ledger.reporting
        # A batch tells of many customers at one moment.
        if known not in self._places:
            self._places[known] = self._ledger.store.position_known_at(known)
        reader = reporting.of_stream(models, stream, Cut(recorded, known), known, self._places[known])
        asked, _ = reporting.asked(recorded, self._as_known, self._book)
        return reader, asked


class Reporting:
    """Read models and reports of one ledger.

    Args:
        ledger: whose.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._owner: dict[str, Parts] = {r.name: p for p in ledger.parts for r in p.reports}
        self.reports: dict[str, Report] = {r.name: r for p in ledger.parts for r in p.reports}
        self._list_due_items()
        self.models: tuple[ReadModel[Any], ...] = tuple(m for p in ledger.parts for m in p.models)
        self._projector: Projector | None = None
        self._any_link, self._unlinked_until = False, 0
        self._lock = RLock()

    def _list_due_items(self) -> None:
        """Have the list of due items among the reports: it is the core's, over the cadences of all plugins."""
        parts = self._ledger.parts
        core = next((p for p in parts if p.name == CORE), None)
        if core is not None:
            notes = next((p.due_notes for p in parts if p.due_notes is not None), None)
            report = due_report([c for p in parts for c in p.cadences], notes)
            self.reports[report.name], self._owner[report.name] = report, core

    @property
    def projector(self) -> Projector:
        """The projector of all installed read models."""
        with self._lock:
            if self._projector is None:
                self._projector = self._ledger.store.projector(self.models, self._ledger.source())
            return self._projector

    def project(self, progress: Any = None) -> int:
        """Bring every read model level with the log and return the position."""
        return self.projector.catch_up(progress)

    def rebuild(
        self,
        names: str | Sequence[str] | None = None,
        progress: Any = None,
        *,
        workers: int | None = None,
        compare: bool = False,
        swap: bool | None = None,
    ) -> Rebuilt:
        """Make read models anew from the log, beside the live ones, and swap them when level.

        Args:
            names: which; all if None.
            progress: called as ``progress(done, last)``.
            workers: processes that fold; if not given, several for a large log. Where the ledger cannot be opened by another
                process, one folds, and the result says why.
            compare: whether to compare new rows with live ones first.
            swap: whether to swap also where they differ (True), or in no case (False); if not given, where they don't.

        Raises:
            Unknown: ``unknown_read_model``.
            Unavailable: ``worker_failed`` or ``build_taken_over``; the live rows are as they were.
        """
        return self.projector.rebuild(
            self._named(names), progress, workers=workers, compare=compare, swap=swap
        )

    def check(
        self, names: str | Sequence[str] | None = None, progress: Any = None, *, workers: int | None = None
    ) -> list[Comparison]:
        """Fold read models anew beside the live ones and compare them, changing nothing that anyone reads.

        What somebody wrote into a read model's table by other means is found here: ``verify`` looks at the log alone.

        Args:
            names: which; all if None.
            progress: called as ``progress(done, last)``.
            workers: processes that fold; see ``rebuild``.

        Raises:
            Unknown: ``unknown_read_model``.
        """
        done = self.projector.rebuild(self._named(names), progress, workers=workers, compare=True, swap=False)
        return list(done.comparisons)

    def retry(self, names: str | Sequence[str] | None = None, progress: Any = None) -> list[ModelStatus]:
        """Take up parked read models at the entry they stopped at, once the cause is mended; return where these stand then.

        What they folded before stays, so this is for handlers that failed; one that folded wrongly needs a new version.

        Args:
            names: which; all that are parked if None.
            progress: called as ``progress(position, last)``.

        Raises:
            Unknown: ``unknown_read_model``.
        """
        return self.projector.retry(self._named(names), progress)

    def _named(self, names: str | Sequence[str] | None) -> Sequence[str] | None:
        """Return the names of read models; a single text is one name."""
        if names is None:
            return None
        there = sorted(m.name for m in self.models)
        chosen = [names] if isinstance(names, str) else list(names)
        for name in chosen:
            if name not in there:
                note = absence(self._ledger.installed, name)
                raise Unknown(
                    "unknown_read_model",
                    f"there is no read model {name}{note.en}",
                    zh=f"没有读模型 {name}{note.zh}",
                    accepts=", ".join(there),
                )
        return chosen

    def clean(self, *, absent: bool = False, broken_off: bool = False) -> list[Cleaned]:
        """Remove tables of read models that nothing will read again.

        Args:
            absent: whether to remove those of absent plugins' read models, too.
            broken_off: whether to remove builds of the present version, too; else whoever catches up next carries them on.
        """
        return self.projector.clean(absent=absent, broken_off=broken_off)

    def status(self, *, checksum: bool = False) -> list[ModelStatus]:
        """Return where each read model stands, those of absent plugins last.

        Args:
            checksum: whether to digest their rows, which reads all of them.
        """
        return self.projector.status(checksum=checksum)

    def followers(self) -> list[Follower]:
        """Return which processes keep the read models level, see ``Ledger.follow``, and which stand by to."""
        return self.projector.followers()

    def wait_for(self, position: int, timeout: float = 5.0) -> None:
        """Return when every read model shows what was appended up to a position."""
        self.projector.wait_for(position, timeout)

    def find(self, name: str) -> Report:
        """Return a report by name.

        Raises:
            Unknown: there is none.
        """
        report = self.reports.get(name)
        if report is None:
            note = absence(self._ledger.installed, name)
            raise Unknown(
                "unknown_report",
                f"there is no report {name}{note.en}",
                zh=f"没有报表 {name}{note.zh}",
                accepts=names_like(name, self.reports) or "none installed",
            )
        return report

    def run(self, name: str, cut: Cut, given: Mapping[str, Any]) -> ReportResult:
        """Return a report at a cut; see ``Ledger.report``."""
        ledger, report = self._ledger, self.find(name)
        parameters_from(name, report.parameters, given)  # refused before anything is folded for it
        now = stamp(ledger.clock())
        cut = self.possible(cut, now)
        if cut == Cut():
            ledger.advance()
            self.project()
            reader = self.projector.reader(models=report.reads)
        else:
            reader = self.at(report.reads, cut, self.known_at(cut, now))
        position = reader.position if cut == Cut() else None
        return self.answer(report, cut, given, reader, book=self.book(cut), position=position)

    def answer(
        self,
        report: Report,
        cut: Cut,
        given: Mapping[str, Any],
        reader: Reader,
        *,
        book: RuleBook,
        position: int | None = None,
        hypothetical: frozenset[str] = frozenset(),
    ) -> ReportResult:
        """Return what a report answers over tables that are there already.

        Args:
            report: which.
            cut: the cut that the tables stand for.
            given: the report's own parameters.
            reader: over the tables.
            book: its rule sets.
            position: place in the log that the tables stand at; the cut's if not given.
            hypothetical: names of rule sets that are supposed only; the manifest says so.

        Raises:
            Invalid: ``does_not_foot``.
            PluginError: ``handler_failed``, ``content_wrong``, ``row_wrong`` or ``inexact_cell``, naming the report and its function.
        """
        ledger, name = self._ledger, report.name
        parameters = parameters_from(name, report.parameters, given)
        now = stamp(ledger.clock())
        as_of, as_known = min(cut.as_of or now, LATEST), self.known_at(cut, now)
        asked, used = self.asked(as_of, as_known, book)
        with failures_named(name):
            if report.over is not None:
                content = report.over(ledger, parameters, asked, cut)
            else:
                # A report over millions of rows makes as many small objects, and no cycles worth looking for among them.
                with collector_paused():
                    content = report.build(_Declared(reader, report), parameters, asked)
        parts = self._owner[name]
        kind = Hypothetical if hypothetical else Manifest
        manifest = kind(
            report=name,
            plugin=parts.name,
            plugin_version=parts.version,
            parameters=plain(parameters),
            as_of=as_of,
            as_known=as_known,
            position=self._place(cut) if position is None else position,
            zone=ledger.zone_name,
            rows=0,
            digest="",
        )
        handler = report.build if report.over is None else report.over
        return answer_of(report, handler, content, manifest, used, ledger.labels, hypothetical=hypothetical)

    def asked(self, as_of: str, as_known: str, book: RuleBook) -> tuple[Asked, dict[str, int]]:
        """Return what a plugin's function may know at a cut, and the versions of the rule sets that it will have looked at.

        Args:
            as_of: stamp of the cut.
            as_known: stamp of the knowledge.
            book: the rule sets.
        """
        used: dict[str, int] = {}

        def find(rule_set: type[RuleSet], at: datetime | None = None) -> RuleSet:
            value, version = book.find(rule_set, as_of if at is None else stamp(at), as_known)
            if at is None or rule_set.stored_name not in used:
                used[rule_set.stored_name] = version
            return value

        tz = self._ledger.tz
        late: dict[str, dict[tuple[str, str], tuple[str, bool]]] = {}

        def heard(stream: str, name: str, at: datetime, imported: bool) -> datetime:
            if stream not in late:
                late[stream] = _told_later(self._ledger.store.entries(stream), as_known)
            recorded, by_batch = late[stream].get((name, stamp(at)), (None, False))
            if recorded is None or (imported and not by_batch):
                return at
            return instant(recorded, tz)

        there = frozenset(p.name for p in self._ledger.parts)
        zone = self._ledger.zone_name
        known = _Knowledge(self._ledger, book, as_known)
        return Asked(instant(as_of, tz), instant(as_known, tz), zone, find, there, heard, known), used

    def _place(self, cut: Cut) -> int:
        """Return the place in the log that a past cut's knowledge is fixed to."""
        store = self._ledger.store
        if cut.position is not None:
            return cut.position
        return store.last_position() if cut.as_known is None else store.position_known_at(cut.as_known)

    def possible(self, cut: Cut, now: str) -> Cut:
        """Return a cut as it can be answered: what will be known is not known yet, and a transaction is known whole.

        A position is taken back to the last one that ends a transaction. Entries of one stream belong together by their
        correlation; so do neighbours in the log, in order of their streams, that share the stamp of recording without
        being lines of a batch.

        Args:
            cut: what is asked for.
            now: stamp of the present.

        What was begun by a moment of knowledge belongs to it: it is waited for (CORE-76).

        Raises:
            Invalid: ``no_such_position`` for a position that the log has not reached.
            Unavailable: ``append_in_flight`` where what was begun by then does not end.
        """
        if cut.as_known is not None and cut.as_known > now:
            cut = attrs.evolve(cut, as_known=now)
        if cut.as_known is not None and cut.position is None:
            self._wait_for_what_began(cut.as_known, now)
        return cut if cut.position is None else attrs.evolve(cut, position=self.known_whole(cut.position))

    def _wait_for_what_began(self, known: str, now: str) -> None:
        """Return when every append that had begun by a moment has ended; the server's clock may be ahead by the usual skew."""
        store = self._ledger.store
        waits = store.in_flight()
        if not waits:
            return
        clocks, _ = self._ledger.rule_book().find(ClockRules, now, now)
        latest = instant(known, self._ledger.tz) + timedelta(minutes=clocks.clock_skew_minutes)
        begun = {
            (w.pid, w.since) for w in waits if w.since is None or datetime.fromisoformat(w.since) <= latest
        }
        deadline = time.monotonic() + _PATIENCE
        while begun and (waits := [w for w in store.in_flight() if (w.pid, w.since) in begun]):
            if time.monotonic() > deadline:
                first = waits[0]
                raise Unavailable(
                    "append_in_flight",
                    f"an append at {first.position}, begun by {known}, has not ended ({first.who})",
                    zh=f"在 {known} 前开始的位置 {first.position} 处的追加尚未结束（{first.who}）",
                    rule="CORE-76",
                    accepts="the same again once that transaction has ended, or an earlier moment",
                )
            time.sleep(_POLL)

    def known_whole(self, position: int) -> int:
        """Return the last position up to an asked one that ends a transaction: within one, nobody believed what stands there.

        Args:
            position: of the log.

        Raises:
            Invalid: ``no_such_position`` for a position that the log has not reached.
            Unavailable: ``append_in_flight`` for one that readers may not see yet.
        """
        last = self._ledger.store.last_position()
        waits = self._ledger.store.in_flight() if position > last else []
        if waits and position >= waits[0].position:
            raise Unavailable(
                "append_in_flight",
                f"the log can be read up to position {last} for now: an append at {waits[0].position} has not ended ({waits[0].who})",
                zh=f"日志目前只能读到位置 {last}：位置 {waits[0].position} 处的追加尚未结束（{waits[0].who}）",
                accepts="the same again once that transaction has ended",
            )
        if not 0 <= position <= last:
            raise Invalid(
                "no_such_position",
                f"the log ends at position {last}; {position} is not in it",
                zh=f"日志止于位置 {last}；其中没有位置 {position}",
                accepts=f"a position from 0 to {last}",
            )
        return self._end_of_transaction(position)

    def known_at(self, cut: Cut, now: str) -> str:
        """Return the stamp of the knowledge that a cut stands for: that of the last entry at a position.

        What fell due later was not known there, and neither was a rule set published later.

        Args:
            cut: as known when.
            now: stamp of the present.
        """
        if cut.position is None:
            return now if cut.as_known is None else min(now, cut.as_known)
        store, position = self._ledger.store, cut.position
        while position > 0:
            start = max(0, position - _BACK)
            found = [e.recorded_at for e in store.page(start, _BACK) if e.position <= position]
            if found:
                return found[-1] if cut.as_known is None else min(found[-1], cut.as_known)
            position = start
        first = store.page(0, 1)
        return first[0].recorded_at if first else now

    def may_differ(self) -> list[str]:
        """Return the streams in which decisions may stand that would come out otherwise (CORE-93); in no other does any, at whatever cut.

        What was erased since is no knowledge: that a decision could not be drawn without it is nothing that this tells of.
        """
        ledger = self._ledger
        store, house, book = ledger.store, ledger.house, ledger.rule_book()
        digests = {house.room(kind).digest for kind in (*house.rooms, "")}
        found = set(store.apart(digests))
        since = book.reach("")
        if since is not None:
            reaches: dict[str, str | None] = {}
            for head in store.behind_rules(book.latest, since):
                known = head.rules_known
                reach = reaches[known] if known in reaches else reaches.setdefault(known, book.reach(known))
                if reach is not None and reach <= head.recorded_at:
                    found.add(head.stream)
        return sorted(found)

    def book(self, cut: Cut) -> RuleBook:
        """Return the rule sets as published up to a cut's position; what its time bounds is for the book to find."""
        book = self._ledger.rule_book()
        return book if cut.position is None else book.up_to(cut.position)

    def _end_of_transaction(self, position: int) -> int:
        store = self._ledger.store
        beyond = store.page(position, 1)
        if not beyond:
            return position
        following = beyond[0]
        while position > 0:
            start = max(0, position - _BACK)
            for entry in reversed([e for e in store.page(start, _BACK) if e.position <= position]):
                if not _together(entry, following):
                    return entry.position
                following = entry
            position = start
        return 0

    def at(self, models: Sequence[ReadModel[Any]], cut: Cut, known: str) -> Reader:
        """Return a reader at a past cut: over the live tables where all models are temporal and tell it, else over throw-away ones.

        Args:
            models: what is to be read.
            cut: as of and as known when.
            known: stamp of the knowledge; see ``known_at``.
        """
        if cut.position is None and all(m.temporal for m in models) and self._all_told(models):
            return self.projector.reader(cut, models)
        return self.scratch(models, cut, known)

    def _all_told(self, models: Sequence[ReadModel[Any]]) -> bool:
        """Return whether the tables tell all there is to know: what fell due is written down, and no link changes what was decided."""
        if _decided(models) and self._linked():
            return False
        try:
            self._ledger.advance()
            self.project()
        except Unavailable:
            return False  # a store that cannot be written now; the answer can be drawn without it
        return True

    def _linked(self) -> bool:
        """Return whether any relationship ever linked another."""
        store = self._ledger.store
        with self._lock:
            if not self._any_link:
                last = store.last_position()
                first = store.first_named(StreamLinked.stored_name, self._unlinked_until)
                self._any_link, self._unlinked_until = first is not None, last
            return self._any_link

    def scratch(self, models: Sequence[ReadModel[Any]], cut: Cut, known: str) -> Reader:
        """Return a reader over throw-away tables at a past cut, folded from only the entries that they need.

        Args:
            models: what is to be read.
            cut: as of and as known when.
            known: stamp until which moments that fell due have come.
        """
        handled = {kind for model in models for kind in model.handlers}
        if _decided(models):
            return self.projector.scratch(models, self._histories(models, cut, known))
        return self.projector.scratch(models, self._told(handled, cut))

    def of_stream(
        self,
        models: Sequence[ReadModel[Any]],
        stream: str,
        cut: Cut,
        known: str,
        place: int | None = None,
    ) -> Reader:
        """Return a reader that lists one stream's rows, folded in memory; a row of another stream is folded when it is asked for.

        Args:
            models: what is to be read.
            stream: whose rows it lists.
            cut: as of and as known when.
            known: stamp until which moments that fell due have come.
            place: in the log, of that knowledge; looked up if not given.
        """
        return StreamReader(
            stream,
            models,
            self._place(cut) if place is None else place,
            lambda one: self._timeline(models, one, cut, known),
        )

    def _timeline(
        self, models: Sequence[ReadModel[Any]], stream: str, cut: Cut, known: str
    ) -> list[tuple[Any, datetime]]:
        """Return what models fold of one stream: what was told, or what is judged too where they read decisions."""
        ledger = self._ledger
        head = ledger.store.heads([stream]).get(stream)
        if head is None:
            return []
        rows = ledger.store.fold_rows(stream)
        if _decided(models):
            plain = ledger.judge()
            judge = Judge(plain.house, self.book(cut), plain.timelines, plain.tz)
            return self._judged(judge, head, rows, cut, known)
        names = {kind.stored_name for model in models for kind in model.handlers}
        mine = [r for r in rows if r.name in names or r.target is not None]
        return [(i.event, i.at(ledger.tz)) for i in ledger.timelines.build(stream, mine, cut)]

    def _told(self, handled: Collection[type[Any]], cut: Cut) -> Iterator[tuple[str, list[Any]]]:
        """Yield timelines of what was told alone: nobody has to judge what no rule draws."""
        ledger = self._ledger
        names, tz = sorted(kind.stored_name for kind in handled), ledger.tz
        after = ""
        while heads := ledger.store.streams(None, after, 500):
            after = heads[-1].stream
            for stream, mine in ledger.store.fold_rows_of([h.stream for h in heads], kinds=names).items():
                items = ledger.timelines.build(stream, mine, cut)
                yield stream, [(i.event, i.at(tz)) for i in items]

    def _histories(
        self, models: Sequence[ReadModel[Any]], cut: Cut, known: str
    ) -> Iterator[tuple[str, list[Any]]]:
        ledger = self._ledger
        plain = ledger.judge()
        judge = Judge(plain.house, self.book(cut), plain.timelines, plain.tz)
        after = ""
        while heads := ledger.store.streams(None, after, 500):
            after = heads[-1].stream
            rows = ledger.store.fold_rows_of([h.stream for h in heads])
            for head in heads:
                mine = rows.get(head.stream)
                if mine:
                    yield head.stream, self._judged(judge, head, mine, cut, known)

    def _judged(
        self, judge: Judge, head: Head, rows: Sequence[FoldRow], cut: Cut, known: str
    ) -> list[tuple[Any, datetime]]:
        """Return what a stream holds of its own at a cut, judged."""
        ledger = self._ledger
        judged = judge.state(
            head.subject,
            head.stream,
            rows,
            cut,
            known,
            ledger.linked(head.stream, rows),
            facets_changed=ledger.stale(head, cut),
        )
        # What hindsight dates later than the cut was drawn on the way, but does not count yet.
        bound = cut.as_of or LATEST
        return [
            (i.event, i.at(ledger.tz))
            for i in judged.items
            if i.origin.stream == head.stream and i.effective <= bound
        ]


def _told_later(entries: Sequence[Entry], as_known: str) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return what was first recorded later than it counts, by name and moment: when, and whether an import batch told it."""
    first: dict[tuple[str, str], tuple[str, bool]] = {}
    for entry in entries:
        if entry.recorded_at <= as_known:
            first.setdefault((entry.name, entry.effective_from), (entry.recorded_at, entry.batch is not None))
    return {what: told for what, told in first.items() if told[0] > what[1]}


def answer_of(
    report: Report,
    handler: Callable[..., Any],
    content: Any,
    manifest: Manifest,
    used: Mapping[str, int],
    texts: Mapping[str, Label],
    *,
    hypothetical: frozenset[str] = frozenset(),
) -> ReportResult:
    """Return what a report's function made as an answer: looked at, footing, with its rule sets, digest and texts.

    Args:
        report: which.
        handler: the function that made the content, for messages.
        content: what it made.
        manifest: what names the answer, but for its rows and their digest.
        used: versions of the rule sets that were looked at.
        texts: what codes are called.
        hypothetical: names of rule sets that are supposed only.

    Raises:
        Invalid: ``does_not_foot``.
        PluginError: ``content_wrong``, ``row_wrong`` or ``inexact_cell``, naming the report and its function.
    """
    name = report.name
    if not isinstance(content, Content):
        raise _no_content(handler, name, content)
    columns = tuple(content.columns or report.columns)
    rows = taken(handler, content.rows, columns, name)
    codes = codes_in(columns, rows)
    if (drawing := content.drawing) is not None:
        taken(handler, drawing.rows, drawing.columns, name)
        codes |= codes_in(drawing.columns, drawing.rows)
    if trouble := [*content.trouble, *_not_footing(report, rows)]:
        raise Invalid(
            "does_not_foot", f"{name}: {'; '.join(trouble)}", zh=f"{name} 勾稽不平：{'；'.join(trouble)}"
        )
    notes = [(RULE_SET, _version(key, number, hypothetical)) for key, number in sorted(used.items())]
    labels = {code: label for code in codes if (label := label_of(texts, code, name)) is not None}
    return ReportResult(
        report if drawing is None else attrs.evolve(report, picture=None),  # its own would not fit these rows
        columns,
        rows,
        (*content.notes, *notes),
        attrs.evolve(manifest, rows=len(rows), digest=digest_of(name, columns, rows, manifest.zone)),
        drawing,
        labels,
    )


def plain(parameters: Any) -> dict[str, Any]:
    """Return a report's parameters as its manifest tells them."""
    return {} if parameters is None else dict(msgspec.to_builtins(parameters))


def _no_content(handler: Any, name: str, content: object) -> PluginError:
    """Return the error of a report's function that returns something else than it should; a generator is the usual slip."""
    where, what = name_of_handler(handler), type(content).__name__
    return PluginError(
        "content_wrong",
        f"{where} returned a {what} for the report {name}",
        zh=f"{where} 为报表 {name} 返回了 {what}",
        accepts="Content(rows)",
    )


def _not_footing(report: Report, rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Return what a report says does not add up."""
    handler = report.foots
    if handler is None:
        return []
    with failures_named(report.name):
        return list(handler(rows))


def _version(rule_set: str, number: int, hypothetical: frozenset[str]) -> str:
    return f"{rule_set} (?)" if rule_set in hypothetical else f"{rule_set} v{number}"


def _decided(models: Sequence[ReadModel[Any]]) -> bool:
    """Return whether any of the models reads decisions, and not only what was told."""
    return any(issubclass(kind, Decision) for model in models for kind in model.handlers)


def _together(entry: Entry, following: Entry) -> bool:
    """Return whether two neighbours in the log were appended by one transaction."""
    if entry.stream == following.stream:
        return one_transaction(entry, following)
    return (
        entry.recorded_at == following.recorded_at
        and entry.stream < following.stream
        and entry.batch is None
        and following.batch is None
    )


__all__ = ["Reporting"]
