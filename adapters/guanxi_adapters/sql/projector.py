"""Keeping read models level with the log: one read of it for all of them, rows and positions in one transaction."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import attrs
import sqlalchemy as sa
import sqlalchemy.exc

from guanxi.kernel.collecting import collector_paused
from guanxi.kernel.entries import FoldRow, Passing
from guanxi.kernel.errors import Invalid, StoreError, Unavailable, Unknown
from guanxi.kernel.following import Follower, FollowState
from guanxi.kernel.labels import Label
from guanxi.kernel.privacy import Unkept
from guanxi.kernel.projection import touched_by
from guanxi.kernel.read_models import ReadModel, Sealer, Sorted
from guanxi.kernel.rebuilding import Building, Cleaned, Comparison, ModelStatus, Rebuilt
from guanxi.kernel.temporal import Step, Version
from guanxi.kernel.timeline import NOW_CUT, Cut
from guanxi.kernel.times import stamp
from guanxi_adapters.sql import contents, crew, row_security, schema, standings
from guanxi_adapters.sql.engine import Database, compiled
from guanxi_adapters.sql.model_tables import Changes, ModelTable, sent_together, table_of
from guanxi_adapters.sql.reader import SqlReader
from guanxi_adapters.sql.standings import (
    APART,
    BUILDING,
    LIVE,
    OLD,
    Standing,
    Statements,
    line_name,
    suffix_of,
)
from guanxi_adapters.sql.temporal import TemporalChanges, TemporalTable, reach_of, wanted_by

if TYPE_CHECKING:
    from guanxi_adapters.sql.log import SqlStore

T = TypeVar("T")

PAGE = 2_000
"""Entries read, folded and written at once."""

_PATIENCE_MS = 250
"""Milliseconds to wait for readers of a superseded table before it is left for another time."""

_OPENINGS = 5
_SCRATCH_ROWS = 5_000
_ERROR_CHARACTERS = 2_000


class Source(Protocol):
    """What the kernel tells a projector about entries."""

    @property
    def sealer(self) -> Sealer:
        """What seals personal cells."""
        ...

    def extend_or_remake(self, page: list[Passing]) -> tuple[dict[str, list[tuple[Any, datetime]]], set[str]]:
        """Return the events that extend each stream's rows, and the streams whose rows must be made anew."""
        ...

    def timeline(self, stream: str, rows: list[FoldRow]) -> list[tuple[Any, datetime]]:
        """Return a stream's whole timeline."""
        ...

    def knowledge(
        self,
        page: list[Passing],
        fetch: Callable[[list[str]], Mapping[str, list[FoldRow]]],
        wanted: Collection[str],
    ) -> Mapping[str, list[Step]]:
        """Return the states of knowledge that a page leads to, by stream, for temporal models."""
        ...


class _Overtaken(Exception):
    """Another worker moved a read model on meanwhile; nothing was written here."""


class _Target:
    """A table that is being kept level: a model's live one, or the one that will take its place."""

    def __init__(self, table: ModelTable, standing: Standing) -> None:
        self.table, self.model, self.standing = table, table.model, standing
        self.position, self.parked = standing.position, standing.parked_at is not None

    @property
    def building(self) -> bool:
        """Whether this table is still being built."""
        return self.standing.kind != LIVE

    @property
    def private(self) -> bool:
        """Whether it is built by this process alone."""
        return self.standing.kind == APART


class SqlProjector:
    """Keeps the tables of read models level with the log; see ``guanxi.kernel.ports.Projector``.

    Any number of processes may run one over the same log. Each page's rows are written together with the positions they
    lead to, and only if these are where they were when the page was read; whoever comes second starts again from there.

    Args:
        store: the log.
        models: the read models.
        source: the kernel's knowledge of entries.
        page: entries read at once.
    """

    def __init__(
        self, store: SqlStore, models: Sequence[ReadModel[Any]], source: Source, *, page: int = PAGE
    ) -> None:
        self.store, self.source, self.page = store, source, page
        self.models = {model.name: model for model in models}
        self._database, self._tenant = store.database, store.tenant
        self._sql = compiled(Statements, self._database)
        self._tables: dict[str, ModelTable] = {}
        self._begun = set[str]()
        """Read models whose tables this process has seen made."""
        self._left: set[str] = set()
        self._lock = threading.RLock()

    # The projector's face

    def catch_up(self, progress: Any = None) -> int:
        """Bring every read model level and return the position they stand at.

        Args:
            progress: called as ``progress(position, last)`` after each page.

        Raises:
            StoreError: the database refused. What was written before stays, rows and positions in step.
        """
        with self._lock:
            self._prepare()
            self._begin_together(progress)
            return self._run(progress)

    def rebuild(
        self,
        names: Sequence[str] | None = None,
        progress: Any = None,
        *,
        workers: int | None = None,
        compare: bool = False,
        swap: bool | None = None,
    ) -> Rebuilt:
        """Make the named read models (all, if none are named) anew from the log, beside the live ones, and swap them.

        One worker's work that is broken off is carried on by whoever catches up next. What several workers fold, and what
        is to be compared, belongs to this call alone: if it is broken off, the next one begins again.

        Args:
            names: which.
            progress: called as ``progress(done, last)``.
            workers: processes that fold; if not given, up to four for a log of more than 200,000 entries, else one.
            compare: whether to compare new rows with live ones first.
            swap: whether to swap also where they differ (True), or in no case (False); if not given, where they don't.

        Raises:
            Unknown: ``unknown_read_model``.
            Invalid: ``out_of_scale`` for less than one worker.
            Unavailable: ``worker_failed``, or ``build_taken_over`` by another process. The live rows are as they were.
        """
        chosen = self._chosen(names)
        if workers is not None and workers < 1:
            raise Invalid(
                "out_of_scale",
                f"{workers} workers fold nothing",
                zh=f"{workers} 个工作进程无法工作",
                accepts="1 or more",
            )
        with self._lock:
            self._prepare([model.name for model in chosen])
            count, recipe = crew.wanted(workers, self.store.last_position()), None
            alone: Label | None = None
            if count > 1:
                found = crew.recipe_for(self.store, self.source)
                recipe, alone = (found, None) if isinstance(found, crew.Recipe) else (None, found)
            if recipe is None and not compare and swap is not False:
                begun = self._begin_building(chosen)
                return self._told(self._run(progress), begun, alone)
            return self._rebuild_apart(chosen, progress, recipe, alone, count, compare=compare, swap=swap)

    def retry(self, names: Sequence[str] | None = None, progress: Any = None) -> list[ModelStatus]:
        """Take up parked read models (all, if none are named) at the entry they stopped at; return where these stand then.

        One that fails again is parked again, with its new error.

        Raises:
            Unknown: ``unknown_read_model``.
        """
        chosen = {model.name: model for model in self._chosen(names)}
        with self._lock:
            self._prepare()
            lines = [
                line
                for line in self._standings().values()
                if line.parked_at is not None
                and line.model in chosen
                and line.version == chosen[line.model].version
            ]
            update = self._sql.unpark
            if lines:
                with self._database.writing() as cursor:
                    for line in sorted(lines):
                        values = {"in_tenant": self._tenant, "of_name": line.name, "of_version": line.version}
                        cursor.execute(update.sql, update(**values, was_parked_at=line.parked_at))
                self._run(progress)
        retried = {line.model for line in lines}
        return [s for s in self.status() if s.name in retried and not s.absent]

    def clean(self, *, absent: bool = False, broken_off: bool = False) -> list[Cleaned]:
        """Remove tables that nothing will read again.

        These are superseded versions, builds that another version overtook or whose plugin is gone, and those that a process
        kept to itself: one that still works there is told so when it comes back to them.

        Args:
            absent: whether to remove the live rows of absent plugins' read models as well; they can be made anew only once
                the plugin is back.
            broken_off: whether to remove builds of the present version as well, which whoever catches up next would carry on.
        """
        with self._lock:
            gone: list[Cleaned] = []
            for line in self._standings().values():
                why = self._why_clean(line, absent=absent, broken_off=broken_off)
                if why is not None and self._remove(line):
                    gone.append(Cleaned(line.model, line.version, self._table_name(line), why))
            return gone + self._remove_strays()

    def status(self, *, checksum: bool = False) -> list[ModelStatus]:
        """Return where each read model stands, in the order in which the models were given; those of absent plugins last.

        Args:
            checksum: whether to digest their rows, which reads all of them.
        """
        lines, last, now = self._standings(), self.store.last_position(), datetime.now(UTC)
        sums = self._sums()
        found = [self._status(model, lines, last, now, sums) for model in self.models.values()]
        found += [
            self._absent(line, last, now)
            for line in sorted(lines.values())
            if line.kind == LIVE and line.name not in self.models
        ]
        return [attrs.evolve(s, checksum=self._checksum(s)) for s in found] if checksum else found

    def wait_for(self, position: int, timeout: float = 5.0) -> None:
        """Return when every read model has reached a position, catching up where no one else does.

        Args:
            position: of the log.
            timeout: seconds.

        Raises:
            Unavailable: ``read_models_behind`` when the time passes first, or one of them is parked before it.
        """
        deadline, pause = time.monotonic() + timeout, 0.01
        while True:
            if not self.store.database.read_only:
                self.catch_up()
            behind = [s for s in self.status() if s.position < position and not s.absent]
            if not behind:
                return
            parked = [s.name for s in behind if s.parked_at is not None]
            if parked or time.monotonic() > deadline:
                waits = self.store.in_flight()
                raise Unavailable(
                    "read_models_behind",
                    f"{', '.join(s.name for s in behind)} did not reach position {position}"
                    + (f"; parked: {', '.join(parked)}" if parked else f" in {timeout} s")
                    + (f"; readers wait for an append in flight at {waits[0].position}" if waits else ""),
                    zh=f"读模型 {', '.join(s.name for s in behind)} 未到达位置 {position}"
                    + (f"；读取者在等位置 {waits[0].position} 处尚未结束的追加" if waits else ""),
                    accepts="a position that was recorded, more time, or a retry once the cause of parking is mended",
                )
            time.sleep(pause)
            pause = min(pause * 2, 0.25)

    def follow(self, stop: threading.Event, on_change: Callable[[FollowState], None] | None = None) -> None:
        """Keep every read model level until told to stop, or stand by while another process of the tenant does.

        Args:
            stop: set by any thread to end it.
            on_change: called with every new state, in this thread.

        Raises:
            StoreError: the database refused for good. One that is away is waited for.
        """
        from guanxi_adapters.sql.following import Following

        Following(self).run(stop, on_change)

    def followers(self) -> list[Follower]:
        """Return which processes keep the tenant's read models level, and which stand by."""
        from guanxi_adapters.sql.following import followers
        from guanxi_adapters.sql.leases import Leases

        return followers(Leases(self._database, self._tenant))

    def standing(self) -> tuple[int, dict[str, int]]:
        """Return up to which entry readers see all read models that are not parked, and where the parked ones stopped."""
        lines = [line for line in self._standings().values() if self._is_present(line)]
        parked = {line.model: line.parked_at for line in lines if line.parked_at is not None}
        live = [line for line in lines if line.kind == LIVE]
        moving = [line.position for line in live if line.model not in parked]
        return min(moving or [line.position for line in live], default=0), parked

    def _is_present(self, line: Standing) -> bool:
        model = self.models.get(line.model)
        return model is not None and line.version == model.version and line.kind in (LIVE, BUILDING)

    def reader(self, cut: Cut = NOW_CUT, models: Sequence[ReadModel[Any]] = ()) -> SqlReader:
        """Return a reader over the live tables as they stand now.

        Args:
            cut: as of and as known at which stamps it shows the rows of temporal models; now, if not given.
            models: what is to be read; all of them if none are named. The fewer, the sooner.
        """
        wanted = tuple(models) or tuple(self.models.values())
        begun = bool(models) and self._begun.issuperset(m.name for m in wanted)
        if not self._database.read_only and not begun:
            with self._lock:
                self._prepare()
                self._begun.update(self.models)
        where = partial(self._where_all_stand, wanted)
        for _ in range(_OPENINGS):
            with suppress(_Overtaken):
                return SqlReader(self._database, self._tenant, self.source.sealer, where, cut=cut)
        raise Unavailable(
            "read_models_moving",
            "read models were swapped again and again while a reader was being opened",
            zh="打开读取器期间读模型反复被替换",
            accepts="the same call again",
        )

    def scratch(
        self, models: Sequence[ReadModel[Any]], histories: Iterable[tuple[str, list[tuple[Any, datetime]]]]
    ) -> SqlReader:
        """Return a reader over throw-away tables folded from the given timelines; its position is 0 until it is set."""
        database, sealer = Database("sqlite://"), Unkept()
        tables = [ModelTable(model, database, self._tenant, plain=True) for model in models]
        with database.writing() as cursor:
            for table in tables:
                table.make(cursor)
            parts = _chunked(histories)
            while True:
                with collector_paused():
                    part = next(parts, None)
                    if part is None:
                        break
                    for table in tables:
                        changes = Changes(table, sealer)
                        for stream, whole in part:
                            if timeline := whole.of(table.model):
                                changes.extend(stream, timeline, {})
                        changes.apply(cursor)
        return SqlReader(database, self._tenant, sealer, lambda _connection: (0, {}), plain=True)

    # Keeping level

    def _run(self, progress: Any, apart: list[_Target] | None = None, *, compared: bool = False) -> int:
        """Bring all tables level and swap those that anybody may; those built apart are moved on and left to the caller.

        Args:
            progress: called after each page.
            apart: what is built apart.
            compared: whether that is to be compared with the live rows, which have to be level then.
        """
        while True:
            targets = self._targets()
            if apart:
                apart[:] = [self._again(target) for target in apart]
                own = {target.model.name for target in apart}
                # What nobody has folded yet waits for what takes its place, unless the two are to be compared.
                targets = [
                    t
                    for t in targets
                    if t.model.name not in own or not (t.building or (t.position == 0 and not compared))
                ] + apart
            try:
                while self._step(targets, progress):
                    pass
                self._swap_all(targets)
                break
            except _Overtaken:
                continue
        standing = [t.position for t in targets if not t.parked] or [t.position for t in targets]
        return min(standing, default=self.store.last_position())

    def _step(self, targets: Sequence[_Target], progress: Any) -> bool:
        """Bring the hindmost tables one page on, at most to where the next ones stand; False at the log's end."""
        moving = [t for t in targets if not t.parked]
        if not moving:
            return False
        low = min(t.position for t in moving)
        ahead = min((t.position for t in moving if t.position > low), default=None)
        page = self.store.passing(low, self.page)
        if ahead is not None:
            page = [entry for entry in page if entry.position <= ahead]
        if not page and ahead is None:
            return False
        self._advance(
            [t for t in moving if t.position == low], page, page[-1].position if page else ahead or low
        )
        if progress is not None:
            progress(page[-1].position if page else ahead, self.store.last_position())
        return True

    def _advance(self, targets: Sequence[_Target], page: list[Passing], to: int) -> None:
        with collector_paused():
            folded, failed = self._fold(targets, page)
        self._write(folded, to)
        for target, error in failed:
            self._find_culprit(target, page, to, error)

    def _find_culprit(self, target: _Target, page: list[Passing], to: int, error: Exception) -> None:
        """Halve the page until the entry that a model cannot fold stands alone, and park the model there."""
        if len(page) == 1:
            self._park(target, page[0].position, error)
            return
        half = len(page) // 2
        self._advance([target], page[:half], page[half - 1].position)
        if not target.parked:
            self._advance([target], page[half:], to)

    def _fold(
        self, targets: Sequence[_Target], page: list[Passing]
    ) -> tuple[list[tuple[_Target, Changes | TemporalChanges]], list[tuple[_Target, Exception]]]:
        extend, remake = self.source.extend_or_remake(page) if page else ({}, set[str]())
        kinds = {s: {type(event) for event, _ in all_} for s, all_ in extend.items() if s not in remake}
        begun = {entry.stream for entry in page if entry.version == 1}
        whole = self._timelines(remake, page)
        folded: list[tuple[_Target, Changes | TemporalChanges]] = []
        failed: list[tuple[_Target, Exception]] = []
        temporal = [t.model for t in targets if t.model.temporal]
        steps = self._knowledge(page, temporal) if temporal else {}
        for target in targets:
            if target.model.temporal:
                self._follow(target, steps, folded, failed)
                continue
            handled = target.model.handlers.keys()
            names = {kind.stored_name for kind in handled}
            wanted = {s: extend[s] for s, found in kinds.items() if not handled.isdisjoint(found)}
            known = self._load(target, [stream for stream in wanted if stream not in begun])
            changes = Changes(target.table, self.source.sealer)
            try:
                for stream, timeline in wanted.items():
                    changes.extend(stream, timeline, known.get(stream, {}))
                for stream, (history, touched) in whole.items():
                    if touched is None or not touched.isdisjoint(names):
                        changes.remake(stream, history.of(target.model))
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a model's handler raises parks that model alone
                failed.append((target, error))
            else:
                folded.append((target, changes))
        return folded, failed

    def _knowledge(self, page: list[Passing], models: Sequence[ReadModel[Any]]) -> Mapping[str, list[Step]]:
        """Return the states of knowledge that a page leads to, as far as they matter to these models."""

        def fetch(streams: list[str]) -> Mapping[str, list[FoldRow]]:
            return self.store.fold_rows_of(sorted(streams), up_to_position=page[-1].position)

        names = {kind.stored_name for model in models for kind in model.handlers}
        return self.source.knowledge(page, fetch, names) if page else {}

    def _follow(
        self,
        target: _Target,
        steps: Mapping[str, list[Step]],
        folded: list[tuple[_Target, Changes | TemporalChanges]],
        failed: list[tuple[_Target, Exception]],
    ) -> None:
        """Let a temporal model take in states of knowledge."""
        table = target.table
        assert isinstance(table, TemporalTable)
        wanted = wanted_by(target.model, steps)
        held: dict[str, list[Version]] = {}
        for streams, valid, known in reach_of(wanted):
            held |= self._reading(target, partial(table.held, streams=streams, valid=valid, known=known))
        changes = TemporalChanges(table, self.source.sealer)
        try:
            for stream, mine in wanted.items():
                changes.follow(stream, mine, held.get(stream, ()))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - as for ordinary models
            failed.append((target, error))
        else:
            folded.append((target, changes))

    def _load(self, target: _Target, streams: list[str]) -> dict[str, dict[Any, tuple[Any, ...]]]:
        if not streams:
            return {}
        return self._reading(target, lambda cursor: target.table.load(cursor, streams))

    def _reading(self, target: _Target, read: Callable[[Any], T]) -> T:
        with self._unless_overtaken(target), self._database.reading() as cursor:
            return read(cursor)

    @contextmanager
    def _unless_overtaken(self, target: _Target) -> Generator[None]:
        """Tell a refusal apart from a table that another worker has put into its place meanwhile."""
        try:
            yield
        except StoreError as error:
            now = self._standings().get(target.standing.name)
            if now != target.standing._replace(position=target.position):
                raise _Overtaken from error
            raise

    def _timelines(self, streams: set[str], page: list[Passing]) -> dict[str, tuple[Sorted, set[str] | None]]:
        """Return the whole timelines of streams, each with the names of the events in it that the page touched."""
        if not streams:
            return {}
        mine: dict[str, list[Passing]] = {stream: [] for stream in sorted(streams)}
        for entry in page:
            if entry.stream in mine:
                mine[entry.stream].append(entry)
        rows = self.store.fold_rows_of(list(mine), up_to_position=page[-1].position)
        found: dict[str, tuple[Sorted, set[str] | None]] = {}
        for stream, entries in mine.items():
            stored = rows.get(stream, [])
            timeline = Sorted(self.source.timeline(stream, stored))
            found[stream] = timeline, touched_by(stream, entries, stored)
        return found

    def _write(self, folded: Sequence[tuple[_Target, Changes | TemporalChanges]], to: int) -> None:
        if not folded:
            return
        update = self._sql.advance
        with self._database.writing() as cursor:
            # In one order everywhere: workers that meet wait for each other once, and none of them for ever.
            lines = sorted((target.standing.name, target) for target, _ in folded)
            moves = [
                update(**self._guard(target.standing, target.position), new_position=to)
                for _, target in lines
            ]
            cursor.executemany(update.sql, moves)
            if cursor.rowcount != len(moves):
                raise _Overtaken
            with sent_together(self._database, cursor):
                for _, changes in folded:
                    changes.apply(cursor)
        for target, _ in folded:
            target.position = to

    def _park(self, target: _Target, position: int, error: Exception) -> None:
        update = self._sql.park
        with self._database.writing() as cursor:
            values = self._guard(target.standing, target.position)
            cursor.execute(update.sql, update(**values, new_parked_at=position, new_error=_described(error)))
            if cursor.rowcount != 1:
                raise _Overtaken
        target.parked = True

    def _guard(self, line: Standing, position: int) -> dict[str, Any]:
        return {
            "in_tenant": self._tenant,
            "of_name": line.name,
            "of_version": line.version,
            "at_position": position,
            "since": line.rebuilt_at or "",
        }

    # Building apart

    def _begin_together(self, progress: Any) -> None:
        """Let several workers fold what has no rows yet, where the log is long enough for that to be quicker.

        Whatever comes in their way, it is folded page by page then, as it would be without them.
        """
        count = crew.wanted(None, self.store.last_position())
        begun = self._at_the_beginning() if count > 1 else []
        recipe = crew.recipe_for(self.store, self.source) if begun else None
        if not isinstance(recipe, crew.Recipe):
            return
        try:
            self._rebuild_apart(begun, progress, recipe, None, count, compare=False, swap=None)
        except Unavailable as error:
            if error.code not in ("worker_failed", "build_taken_over"):
                raise
        lines = self._standings()
        for model in begun:
            stopped, live = lines.get(self._name(model, BUILDING)), lines.get(model.name)
            if stopped is not None and live is not None and live.version == model.version:
                self._remove(stopped)  # parked: the live rows are taken to the same entry, and stop there

    def _at_the_beginning(self) -> list[ReadModel[Any]]:
        """Return the models of which no entry was folded yet; temporal ones are folded one entry after another anyway."""
        lines, found = self._standings(), list[ReadModel[Any]]()
        for model in self.models.values():
            live, building = lines.get(model.name), lines.get(self._name(model, BUILDING))
            current = live is not None and live.version == model.version
            line = building if building is not None and not current else live
            if line is not None and line.version == model.version and not model.temporal:
                found += [model] if line.position == 0 and line.parked_at is None else []
        return found

    def _rebuild_apart(
        self,
        models: Sequence[ReadModel[Any]],
        progress: Any,
        recipe: crew.Recipe | None,
        alone: Label | None,
        count: int,
        *,
        compare: bool,
        swap: bool | None,
    ) -> Rebuilt:
        begun = self._begin_building(models, APART)
        apart, workers = [self._target(model, line) for model, line in zip(models, begun, strict=True)], 1
        try:
            if recipe is not None:
                try:
                    self._fill(apart, recipe, count, progress)
                    workers = count
                except crew.NoCrew as error:
                    alone = Label(
                        f"the workers could not open the ledger: {error}", f"工作进程无法打开账本：{error}"
                    )
            return self._settle(apart, progress, workers, alone, compare=compare, swap=swap)
        except BaseException:
            with suppress(StoreError):
                for target in apart:
                    self._remove(target.standing)
            raise

    def _fill(self, apart: list[_Target], recipe: crew.Recipe, count: int, progress: Any) -> None:
        """Let workers fold whole timelines up to the log's present end.

        Temporal models, and those that fail in a worker, are left at the beginning: states of knowledge come one after
        another, and so does what leads to the entry that cannot be folded.
        """
        last, failed, done = self.store.last_position(), set[int](), 0
        places = [n for n, target in enumerate(apart) if not target.model.temporal]
        if not places or not last:
            return
        targets = [apart[n] for n in places]
        with crew.Crew(recipe, [t.model for t in targets], last, count) as workers:
            for frame in workers.frames():
                failed.update(frame.failed)
                self._put(targets, [(n, rows) for n, rows in frame.rows if n not in failed])
                done += frame.entries
                if progress is not None and frame.entries:
                    progress(min(done, last), last)
        for n, (place, target) in enumerate(zip(places, targets, strict=True)):
            if n in failed:
                (line,) = self._begin_building([target.model], APART)
                apart[place] = self._target(target.model, line)
            else:
                self._write([(target, Changes(target.table, None))], last)

    def _put(self, targets: Sequence[_Target], rows: Sequence[tuple[int, list[tuple[Any, ...]]]]) -> None:
        if not rows:
            return
        update = self._sql.advance
        with self._database.writing() as cursor:
            for n in sorted((n for n, _ in rows), key=lambda n: targets[n].standing.name):
                cursor.execute(update.sql, update(**self._guard(targets[n].standing, 0), new_position=0))
                if cursor.rowcount != 1:
                    raise _taken_over(targets[n].model)
            for n, cells in rows:
                targets[n].table.fill(cursor, cells)

    def _settle(
        self,
        apart: list[_Target],
        progress: Any,
        workers: int,
        alone: Label | None,
        *,
        compare: bool,
        swap: bool | None,
    ) -> Rebuilt:
        """Bring what was built apart level, compare it if asked, and swap it or let it go."""
        begun = [target.standing for target in apart]
        comparisons: list[Comparison] = []
        kept: list[str] = []
        while True:
            position = self._run(progress, apart, compared=compare)
            if not apart:
                return self._told(position, begun, alone, workers, comparisons, kept)
            with suppress(_Overtaken):
                # All is read before anything is put in place: whoever reads tables after others were made or went, reads
                # the definitions of all of them again.
                compared = [self._compare(target) if compare else None for target in apart]
                wanted = [
                    swap if swap is not None else found is None or not found.faulty for found in compared
                ]
                finished = [t for t, swaps in zip(apart, wanted, strict=True) if swaps and not t.parked]
                totals = iter(self._digests(finished))
                for found, swaps in zip(compared, wanted, strict=True):
                    target = apart[0]
                    if not swaps:
                        self._remove(target.standing)
                        kept.append(target.model.name)
                    elif target.parked:
                        self._release(target)
                    else:
                        self._swap(target, *next(totals))
                    comparisons += [found] if found is not None else []
                    del apart[0]

    def _compare(self, target: _Target) -> Comparison:
        model = target.model
        with self._database.shared_memory(), self._database.connected(snapshot=True) as connection:
            lines = self._lines(connection, tuple(self.models.values()))
            live, new = lines.get(model.name), lines.get(target.standing.name)
            if new is None or new.rebuilt_at != target.standing.rebuilt_at:
                raise _taken_over(model)
            why = self._why_not_compared(connection, model, live, new)
            if why is not None or live is None:
                return Comparison(model.name, new.position, why_not=why)
            if live.position != new.position:
                raise _Overtaken
            old, table = table_of(model, version=live.version), target.table.table
            found = contents.compare(connection, model, old, table, self._tenant, self.source.sealer)
            _, checksum = contents.digest(connection, model, table, self._tenant)
            return attrs.evolve(found, position=new.position, checksum=checksum)

    def _why_not_compared(
        self, connection: sa.Connection, model: ReadModel[Any], live: Standing | None, new: Standing
    ) -> Label | None:
        if new.parked_at is not None:
            said = f"{new.parked_at}: {new.error}"
            return Label(f"the new rows stop at the entry at position {said}", f"新数据行停在位置 {said}")
        if live is None:
            return Label("there are no live rows", "没有现有数据行")
        if live.parked_at is not None:
            where = live.parked_at
            return Label(f"the live rows are parked at position {where}", f"现有数据行停在位置 {where}")
        there = sa.inspect(connection).get_columns(standings.table_name(model.name, live.version))
        if {column["name"] for column in there} != {column.name for column in table_of(model).columns}:
            return Label("the live rows have other columns", "现有数据行的列不同")
        return None

    def _told(
        self,
        position: int,
        begun: Sequence[Standing],
        alone: Label | None,
        workers: int = 1,
        comparisons: Sequence[Comparison] = (),
        kept: Sequence[str] = (),
    ) -> Rebuilt:
        """Return what came of it; rows that another process swapped in since are new as well."""
        lines = self._standings()
        swapped = [
            line.model
            for line in begun
            if line.model not in kept
            and (live := lines.get(line.model)) is not None
            and live.version == line.version
            and (live.rebuilt_at or "") > (line.rebuilt_at or "")
        ]
        return Rebuilt(position, workers, alone, tuple(swapped), tuple(kept), tuple(comparisons))

    # Which tables there are

    def _chosen(self, names: Sequence[str] | None) -> list[ReadModel[Any]]:
        for name in names or ():
            if name not in self.models:
                raise Unknown(
                    "unknown_read_model",
                    f"there is no read model {name}",
                    zh=f"没有读模型 {name}",
                    accepts=", ".join(sorted(self.models)),
                )
        return [self.models[name] for name in dict.fromkeys(self.models if names is None else names)]

    def _standings(self) -> dict[str, Standing]:
        select = self._sql.standings
        with self._database.reading() as cursor:
            cursor.execute(select.sql, select(tenant=self._tenant))
            return {row[0]: Standing(*row) for row in cursor.fetchall()}

    def _lines(self, connection: sa.Connection, wanted: Sequence[ReadModel[Any]]) -> dict[str, Standing]:
        table = schema.read_models
        query = sa.select(*[table.c[name] for name in Standing._fields]).where(table.c.tenant == self._tenant)
        if len(wanted) < len(self.models):
            query = query.where(table.c.name.in_([m.name for m in wanted]))
        return {row[0]: Standing(*row) for row in connection.execute(query)}

    def _targets(self) -> list[_Target]:
        lines, found = self._standings(), []
        for model in self.models.values():
            live, building = lines.get(model.name), lines.get(self._name(model, BUILDING))
            if live is not None and live.version == model.version:
                found.append(self._target(model, live))
            if building is not None:
                found.append(self._target(model, building))
        return found

    def _target(self, model: ReadModel[Any], line: Standing) -> _Target:
        return _Target(self._table(model, line.suffix(self._tenant)), line)

    def _again(self, target: _Target) -> _Target:
        """Look again at a table that is built apart."""
        line = self._standings().get(target.standing.name)
        if line is None or line.rebuilt_at != target.standing.rebuilt_at:
            raise _taken_over(target.model)
        return _Target(target.table, line)

    def _name(self, model: ReadModel[Any], kind: str) -> str:
        return line_name(model.name, model.version, kind, self._tenant)

    def _table_name(self, line: Standing) -> str:
        return standings.table_name(line.model, line.version, line.suffix(self._tenant))

    def _table(self, model: ReadModel[Any], suffix: str = "") -> ModelTable:
        table = self._tables.get(model.name + suffix)
        if table is None:
            kind = TemporalTable if model.temporal else ModelTable
            table = self._tables[model.name + suffix] = kind(model, self._database, self._tenant, suffix)
        return table

    def _prepare(self, chosen: Collection[str] = ()) -> None:
        """Make the tables of new models, begin to build those whose version was raised, and clear away what these supersede.

        A read model whose live rows are of a newer version is left to the newer program that made them.

        Args:
            chosen: read models that are about to be built in another way.
        """
        lines = self._standings()
        unbuilt = [m for m in self.models.values() if self._name(m, BUILDING) not in lines]
        self._begin_live([m for m in unbuilt if m.name not in lines])
        behind = [m for m in unbuilt if m.name not in chosen and m.name in lines]
        self._begin_building([m for m in behind if lines[m.name].version < m.version])
        for line in lines.values():
            if self._is_superseded(line) and line.name not in self._left and not self._remove(line):
                self._left.add(line.name)  # somebody reads it: left to another process, or to ``clean``

    def _is_superseded(self, line: Standing) -> bool:
        model = self.models.get(line.model)
        if line.kind in (BUILDING, APART):
            return model is not None and line.version < model.version
        return line.kind == OLD

    def _begin_live(self, models: Sequence[ReadModel[Any]]) -> None:
        """Make new models' tables, all of them or none."""
        if not models:
            return
        insert = self._sql.begin
        with self._database.writing() as cursor:
            self._take_turn(cursor)
            there = schema.tables_among(self._database, cursor, [self._table(m).name for m in models])
            for model in models:
                table = self._table(model)
                if table.name in there:
                    self._refuse_stranger(cursor, model)
                table.make(cursor)
                cursor.execute(insert.sql, insert(**self._line(model.name, model.version)))
                if cursor.rowcount == 1 and table.name in there:
                    table.clear_all(cursor)

    def _begin_building(self, models: Sequence[ReadModel[Any]], kind: str = BUILDING) -> list[Standing]:
        """Make the tables that models are built in, all of them or none, and return their lines."""
        if not models:
            return []
        delete, insert, now = self._sql.forget, self._sql.begin, _now()
        begun: list[Standing] = []
        with self._database.writing() as cursor:
            self._take_turn(cursor)
            there = schema.tables_among(self._database, cursor, [self._table(m).name for m in models])
            for model in models:
                table = self._table(model, suffix_of(kind, self._tenant))
                line = Standing(self._name(model, kind), model.version, 0, now, None, None)
                if self._table(model).name in there:
                    self._refuse_stranger(cursor, model)
                # Lines before tables, here as everywhere: a worker that writes a page locks them in that order.
                cursor.execute(delete.sql, delete(tenant=self._tenant, name=line.name))
                table.remove(cursor)
                table.make(cursor)
                cursor.execute(insert.sql, insert(tenant=self._tenant, **line._asdict()))
                begun.append(line)
        return begun

    def _refuse_stranger(self, cursor: Any, model: ReadModel[Any]) -> None:
        """Refuse to take over a table that is there and was made for something else."""
        if not self._holders(cursor, model.name, model.version):
            name = self._table(model).name
            raise StoreError(
                "table_in_the_way",
                f"a table {name} is there that was not made for the read model {model.name}",
                zh=f"数据表 {name} 已存在，且并非为读模型 {model.name} 所建",
                accepts="a database, or a schema, of the ledger's own; or that table renamed",
            )

    def _holders(self, cursor: Any, model: str, version: int) -> set[str]:
        """Return the tenants that have rows in a version's table, live or superseded."""
        select, old = self._sql.holders, line_name(model, version, OLD, self._tenant)
        cursor.execute(select.sql, select(version=version, live=model, old=old))
        found = {row[0] for row in cursor.fetchall()}
        if row_security.hides(self._database, cursor, standings.table_name(model, version)):
            found.add(schema.EVERY_TENANT)  # others can't be seen: there may be some
        return found

    def _line(self, name: str, version: int, **more: Any) -> dict[str, Any]:
        empty = {"position": 0, "rebuilt_at": None, "parked_at": None, "error": None}
        return {"tenant": self._tenant, "name": name, "version": version, **empty, **more}

    def _swap_all(self, targets: Sequence[_Target]) -> None:
        ready = [t for t in targets if t.building and not t.parked and not t.private]
        for target, (rows, checksum) in zip(ready, self._digests(ready), strict=True):
            self._swap(target, rows, checksum)

    def _swap(self, target: _Target, rows: int, checksum: str) -> None:
        """Put finished rows in the live ones' place: readers see the whole old ones, then the whole new ones.

        A version that is superseded keeps its own table, which other tenants may still use; this tenant's rows there go as
        soon as nobody reads them.
        """
        model, sql = target.model, self._sql
        with self._database.writing() as cursor:
            self._take_turn(cursor)
            cursor.execute(sql.standings.sql, sql.standings(tenant=self._tenant))
            lines = {row[0]: Standing(*row) for row in cursor.fetchall()}
            live = lines.get(model.name)
            superseded = None
            if live is not None and live.version != model.version:
                superseded = live._replace(name=line_name(model.name, live.version, OLD, self._tenant))
            rivals = self._forget_rivals(cursor, target, lines)
            if superseded is not None:
                cursor.execute(sql.begin.sql, sql.begin(tenant=self._tenant, **superseded._asdict()))
                self._left.discard(superseded.name)
            for line in rivals:
                self._table(model, line.suffix(self._tenant)).remove(cursor)
            others = self._holders(cursor, model.name, model.version) - {self._tenant}
            target.table.replace(cursor, self._table(model), rows=rows, shared=bool(others))
            fresh = self._line(model.name, model.version, position=target.position, rebuilt_at=_now())
            cursor.execute(sql.begin.sql, sql.begin(**fresh))
            self._put_sum(cursor, standings.Sum(model.name, model.version, target.position, rows, checksum))
        if superseded is not None:
            self._remove(superseded)

    def _forget_rivals(self, cursor: Any, target: _Target, lines: Mapping[str, Standing]) -> list[Standing]:
        """Take away the lines that a finished table leaves no place for, its own among them; return a build not needed now.

        What one process builds apart is left to it: it may be there to be compared.
        """
        model, sql, own = target.model, self._sql, target.standing.name
        names = {self._name(model, kind) for kind in (LIVE, BUILDING, OLD)}
        for name in sorted(names & lines.keys() | {own}):  # in the order in which other workers lock them
            if name == own:
                cursor.execute(sql.finish.sql, sql.finish(**self._guard(target.standing, target.position)))
                if cursor.rowcount != 1:
                    raise _Overtaken
            else:
                cursor.execute(sql.forget.sql, sql.forget(tenant=self._tenant, name=name))
        rival = lines.get(self._name(model, BUILDING))
        return [rival] if rival is not None and rival.name != own else []

    def _release(self, target: _Target) -> None:
        """Leave a parked table that was built apart to whoever retries it."""
        model, sql, line = target.model, self._sql, target.standing
        table, name = self._table(model, suffix_of(BUILDING, self._tenant)), self._name(model, BUILDING)
        with self._database.writing() as cursor:
            self._take_turn(cursor)
            cursor.execute(sql.forget.sql, sql.forget(tenant=self._tenant, name=name))
            values = {"in_tenant": self._tenant, "of_name": line.name, "of_version": line.version}
            cursor.execute(sql.rename.sql, sql.rename(**values, since=line.rebuilt_at or "", new_name=name))
            if cursor.rowcount != 1:
                raise _Overtaken
            table.remove(cursor)
            target.table.rename(cursor, table)

    # What nobody reads again

    def _why_clean(self, line: Standing, *, absent: bool, broken_off: bool) -> Any:
        model = self.models.get(line.model)
        if line.kind == LIVE:
            return "absent" if absent and model is None else None
        if line.kind == OLD:
            return "superseded"
        if model is None:
            return "abandoned"
        if line.version < model.version:
            return "superseded"
        given_up = line.kind == APART or broken_off
        return "abandoned" if given_up and line.version == model.version else None

    def _remove(self, line: Standing) -> bool:
        """Remove a line and its rows, and the table unless other tenants use it; False where somebody reads it just now."""
        sql, name = self._sql, self._table_name(line)
        quoted = self._database.dialect.identifier_preparer.quote(name)
        mark = "?" if self._database.is_sqlite else "%s"
        try:
            with self._database.writing() as cursor:
                self._take_turn(cursor)
                if not self._database.is_sqlite:
                    cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE_MS}ms'")
                cursor.execute(sql.forget.sql, sql.forget(tenant=self._tenant, name=line.name))
                if line.kind == LIVE and schema.has_table(self._database, cursor, standings.sums.name):
                    cursor.execute(sql.forget_sum.sql, sql.forget_sum(tenant=self._tenant, name=line.name))
                if line.kind in (LIVE, OLD) and self._holders(cursor, line.model, line.version):
                    cursor.execute(f"DELETE FROM {quoted} WHERE tenant = {mark}", (self._tenant,))
                else:
                    cursor.execute(f"DROP TABLE IF EXISTS {quoted}")
        except Unavailable as error:
            if error.code != "database_locked":
                raise
            return False
        return True

    def _remove_strays(self) -> list[Cleaned]:
        """Remove tables of this tenant's builds that no line speaks of."""
        known = {self._table_name(line) for line in self._standings().values()}
        endings = tuple(suffix_of(kind, self._tenant) for kind in (BUILDING, APART))
        with self._database.shared_memory(), self._database.connected() as connection:
            names = sa.inspect(connection).get_table_names()
        strays = sorted(n for n in names if n.endswith(endings) and n not in known)
        for name in strays:
            with self._database.writing() as cursor:
                quoted = self._database.dialect.identifier_preparer.quote(name)
                cursor.execute(f"DROP TABLE IF EXISTS {quoted}")
        return [Cleaned(name, 0, name, "abandoned") for name in strays]

    # What the rows sum to

    def _digests(self, targets: Sequence[_Target]) -> list[tuple[int, str]]:
        """Return what the rows of finished tables sum to."""
        if not targets:
            return []
        with self._database.shared_memory(), self._database.connected(snapshot=True) as connection:
            sums: list[tuple[int, str]] = []
            for target in targets:
                with self._unless_overtaken(target), self._database.translating():
                    sums.append(contents.digest(connection, target.model, target.table.table, self._tenant))
            return sums

    def _digest(self, table: ModelTable) -> tuple[int, str]:
        with self._database.shared_memory(), self._database.connected(snapshot=True) as connection:
            return contents.digest(connection, table.model, table.table, self._tenant)

    def _checksum(self, status: ModelStatus) -> str | None:
        if status.absent or status.live_version != status.version:
            return None
        return self._digest(self._table(self.models[status.name]))[1]

    def _put_sum(self, cursor: Any, total: standings.Sum) -> None:
        for statement in schema.definition(self._database, standings.sums):
            cursor.execute(statement)
        row_security.follow(self._database, cursor, standings.sums.name)
        cursor.execute(self._sql.put_sum.sql, self._sql.put_sum(tenant=self._tenant, **total._asdict()))

    def _sums(self) -> dict[str, standings.Sum]:
        with self._database.reading() as cursor:
            if not schema.has_table(self._database, cursor, standings.sums.name):
                return {}
            cursor.execute(self._sql.sums.sql, self._sql.sums(tenant=self._tenant))
            return {row[0]: standings.Sum(*row) for row in cursor.fetchall()}

    def _take_turn(self, cursor: Any) -> None:
        """On PostgreSQL, let one transaction at a time make or swap tables."""
        if not self._database.is_sqlite:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (schema.MAKING_TABLES,))

    # What others see

    def _status(
        self,
        model: ReadModel[Any],
        lines: Mapping[str, Standing],
        last: int,
        now: datetime,
        sums: Mapping[str, standings.Sum],
    ) -> ModelStatus:
        live, total = lines.get(model.name), sums.get(model.name)
        building = lines.get(self._name(model, APART)) or lines.get(self._name(model, BUILDING))
        # A version that is still being built has no live rows of its own, but it may be parked already.
        outdated = live is None or live.version != model.version
        stopped = building if building is not None and (outdated or building.parked_at is not None) else live
        position = 0 if live is None or outdated else live.position
        if live is None or total is None or total.version != live.version:
            total = None
        return ModelStatus(
            name=model.name,
            version=model.version,
            position=position,
            lag=self._lag(position, last),
            lag_seconds=self._lag_seconds(position, last, now),
            rebuilt_at=None if live is None else live.rebuilt_at,
            parked_at=None if stopped is None else stopped.parked_at,
            error=None if stopped is None else stopped.error,
            live_version=None if live is None else live.version,
            building=None
            if building is None
            else Building(building.version, building.position, building.kind == APART, building.rebuilt_at),
            rebuilt_checksum=None if total is None else total.checksum,
            rebuilt_position=None if total is None else total.position,
        )

    def _absent(self, line: Standing, last: int, now: datetime) -> ModelStatus:
        return ModelStatus(
            name=line.name,
            version=line.version,
            position=line.position,
            lag=self._lag(line.position, last),
            lag_seconds=self._lag_seconds(line.position, last, now),
            rebuilt_at=line.rebuilt_at,
            parked_at=line.parked_at,
            error=line.error,
            live_version=line.version,
            absent=True,
        )

    def _lag(self, position: int, last: int) -> int:
        """Return how many entries lie behind a position; positions have gaps, and other tenants' entries between them."""
        if position >= last:
            return 0
        return self.store.count_after(position)

    def _lag_seconds(self, position: int, last: int, now: datetime) -> float:
        if position >= last:
            return 0.0
        following = self.store.page(position, 1)
        if not following:
            return 0.0
        return max(0.0, (now - datetime.fromisoformat(following[0].recorded_at)).total_seconds())

    def _where_all_stand(
        self, wanted: Sequence[ReadModel[Any]], connection: sa.Connection
    ) -> tuple[int, Mapping[str, Unavailable]]:
        """Return the position that a reader stands at, and the errors of the models that don't stand there."""
        lines = self._lines(connection, wanted)
        live = {m.name: lines.get(m.name) for m in wanted}
        standing = [line.position for line in live.values() if line is not None and line.parked_at is None]
        position = max(standing or [line.position for line in live.values() if line is not None], default=0)
        errors: dict[str, Unavailable] = {}
        for model in wanted:
            error = _why_unreadable(model, live[model.name], position)
            if error is not None:
                errors[model.name] = error
        self._hold(connection, [m for m in wanted if m.name not in errors])
        return position, errors

    def _hold(self, connection: sa.Connection, models: Sequence[ReadModel[Any]]) -> None:
        """Keep others from dropping, under a reader on PostgreSQL, the tables that it is going to read."""
        if self._database.is_sqlite or not models:
            return
        quote = self._database.dialect.identifier_preparer.quote
        names = ", ".join(quote(self._table(model).name) for model in models)
        try:
            connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS SHARE MODE")
        except sqlalchemy.exc.ProgrammingError as error:
            raise _Overtaken from error  # one of them went between the look at the lines and the lock


def _why_unreadable(model: ReadModel[Any], line: Standing | None, position: int) -> Unavailable | None:
    if line is None or line.version != model.version:
        found = "not built"
        if line is not None:
            found = f"{'still' if line.version < model.version else 'already'} of version {line.version}"
        return Unavailable(
            "read_model_not_ready",
            f"{model.name} v{model.version} is {found}",
            zh=f"读模型 {model.name} v{model.version} 尚未建成",
            accepts="a catch-up first, or a retry if it is parked; where it is already of a newer version, the program that made it",
        )
    if line.parked_at is not None:
        return Unavailable(
            "read_model_parked",
            f"{model.name} could not fold the entry at position {line.parked_at}: {line.error}",
            zh=f"读模型 {model.name} 无法处理位置 {line.parked_at} 的记录：{line.error}",
            accepts="a retry once the cause is mended",
        )
    if line.position != position:
        return Unavailable(
            "read_model_behind",
            f"{model.name} stands at {line.position}, the others at {position}",
            zh=f"读模型 {model.name} 位于 {line.position}，其余位于 {position}",
            accepts="a catch-up first",
        )
    return None


def _taken_over(model: ReadModel[Any]) -> Unavailable:
    return Unavailable(
        "build_taken_over",
        f"another process began to build {model.name} anew, or cleaned this build away; the live rows are as they were",
        zh=f"其他进程重新开始构建 {model.name}，或已清理此次构建；现有数据行未受影响",
        accepts="the same call again, once the other process has done",
    )


def _chunked(
    histories: Iterable[tuple[str, list[tuple[Any, datetime]]]],
) -> Iterator[list[tuple[str, Sorted]]]:
    part: list[tuple[str, Sorted]] = []
    size = 0
    for stream, timeline in histories:
        part.append((stream, Sorted(timeline)))
        size += len(timeline)
        if size >= _SCRATCH_ROWS:
            yield part
            part, size = [], 0
    if part:
        yield part


def _now() -> str:
    return stamp(datetime.now(UTC))


def _described(error: Exception) -> str:
    """Return what went wrong and where, for whoever mends the model."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].name}, line {frames[-1].lineno} of {frames[-1].filename})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"[:_ERROR_CHARACTERS]
