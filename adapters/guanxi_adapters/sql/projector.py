"""Keeping read models level with the log: one read of it for all of them, rows and positions in one transaction."""

from __future__ import annotations

import hashlib
import threading
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import sqlalchemy as sa

from guanxi.kernel.entries import FoldRow, Passing
from guanxi.kernel.errors import StoreError, Unavailable, Unknown
from guanxi.kernel.ports import ModelStatus
from guanxi.kernel.read_models import ReadModel, Sealer
from guanxi.kernel.times import stamp
from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.model_tables import Changes, ModelTable
from guanxi_adapters.sql.reader import SqlReader

if TYPE_CHECKING:
    from guanxi_adapters.sql.log import SqlStore

PAGE = 2_000
"""Entries read, folded and written at once."""

BUILDING = "__building"
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


class _Overtaken(Exception):
    """Another worker moved a read model on meanwhile; nothing was written here."""


class _Standing(NamedTuple):
    """A line of the table of read models."""

    name: str
    version: int
    position: int
    rebuilt_at: str | None
    parked_at: int | None
    error: str | None


class _Target:
    """A table that is being kept level: a model's live one, or the one that will take its place."""

    def __init__(self, table: ModelTable, standing: _Standing) -> None:
        self.table, self.model, self.standing = table, table.model, standing
        self.position, self.parked = standing.position, standing.parked_at is not None

    @property
    def building(self) -> bool:
        """Whether this table is still being built."""
        return self.standing.name != self.model.name


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
        self._suffix = f"{BUILDING}_{hashlib.sha256(self._tenant.encode()).hexdigest()[:8]}"
        self._sql = _Statements(self._database)
        self._tables: dict[str, ModelTable] = {}
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
            return self._run(progress)

    def rebuild(self, names: Sequence[str] | None = None, progress: Any = None) -> int:
        """Make the named read models (all, if none are named) anew from the log, beside the live ones, and swap them.

        Raises:
            Unknown: ``unknown_read_model``.
        """
        chosen = list(self.models) if names is None else list(names)
        for name in chosen:
            if name not in self.models:
                raise Unknown(
                    "unknown_read_model",
                    f"there is no read model {name}",
                    zh=f"没有读模型 {name}",
                    accepts=", ".join(sorted(self.models)),
                )
        with self._lock:
            self._prepare()
            for name in chosen:
                self._begin_building(self.models[name])
            return self._run(progress)

    def status(self) -> list[ModelStatus]:
        """Return where each read model stands, in the order in which the models were given."""
        lines, last, now = self._standings(), self.store.last_position(), datetime.now(UTC)
        return [self._status(model, lines, last, now) for model in self.models.values()]

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
            behind = [s for s in self.status() if s.position < position]
            if not behind:
                return
            parked = [s.name for s in behind if s.parked_at is not None]
            if parked or time.monotonic() > deadline:
                raise Unavailable(
                    "read_models_behind",
                    f"{', '.join(s.name for s in behind)} did not reach position {position}"
                    + (f"; parked: {', '.join(parked)}" if parked else f" in {timeout} s"),
                    zh=f"读模型 {', '.join(s.name for s in behind)} 未到达位置 {position}",
                    accepts="a position that was recorded, more time, or a rebuild once the cause of parking is mended",
                )
            time.sleep(pause)
            pause = min(pause * 2, 0.25)

    def reader(self) -> SqlReader:
        """Return a reader over the live tables as they stand now."""
        if not self._database.read_only:
            with self._lock:
                self._prepare()
        return SqlReader(self._database, self._tenant, self.source.sealer, self._where_all_stand)

    def scratch(
        self, models: Sequence[ReadModel[Any]], histories: Iterable[tuple[str, list[tuple[Any, datetime]]]]
    ) -> SqlReader:
        """Return a reader over throw-away tables folded from the given timelines; its position is 0 until it is set."""
        database = Database("sqlite://")
        tables = [ModelTable(model, database, self._tenant) for model in models]
        with database.writing() as cursor:
            for table in tables:
                table.make(cursor)
            for part in _chunked(histories):
                for table in tables:
                    changes = Changes(table, self.source.sealer)
                    for stream, timeline in part:
                        if timeline := _for_model(table.model, timeline):
                            changes.extend(stream, timeline, {})
                    changes.apply(cursor)
        return SqlReader(database, self._tenant, self.source.sealer, lambda _connection: (0, {}))

    # Keeping level

    def _run(self, progress: Any) -> int:
        targets = self._targets()
        while True:
            try:
                if not self._step(targets, progress):
                    self._swap_all(targets)
                    break
            except _Overtaken:
                targets = self._targets()
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
    ) -> tuple[list[tuple[_Target, Changes]], list[tuple[_Target, Exception]]]:
        extend, remake = self.source.extend_or_remake(page) if page else ({}, set[str]())
        begun = {entry.stream for entry in page if entry.version == 1}
        whole = self._timelines(remake, page)
        folded: list[tuple[_Target, Changes]] = []
        failed: list[tuple[_Target, Exception]] = []
        for target in targets:
            wanted = {
                s: t
                for s, all_ in extend.items()
                if s not in remake and (t := _for_model(target.model, all_))
            }
            known = self._load(target, [stream for stream in wanted if stream not in begun])
            changes = Changes(target.table, self.source.sealer)
            try:
                for stream, timeline in wanted.items():
                    changes.extend(stream, timeline, known.get(stream, {}))
                for stream, timeline in whole.items():
                    changes.remake(stream, timeline)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a model's handler raises parks that model alone
                failed.append((target, error))
            else:
                folded.append((target, changes))
        return folded, failed

    def _load(self, target: _Target, streams: list[str]) -> dict[str, dict[Any, tuple[Any, ...]]]:
        if not streams:
            return {}
        try:
            with self._database.reading() as cursor:
                return target.table.load(cursor, streams)
        except StoreError as error:
            # Another worker may have put the table into its place meanwhile.
            if self._standings().get(target.standing.name) != target.standing._replace(
                position=target.position
            ):
                raise _Overtaken from error
            raise

    def _timelines(self, streams: set[str], page: list[Passing]) -> dict[str, list[tuple[Any, datetime]]]:
        if not streams:
            return {}
        rows = self.store.fold_rows_of(sorted(streams), up_to_position=page[-1].position)
        return {stream: self.source.timeline(stream, rows.get(stream, [])) for stream in sorted(streams)}

    def _write(self, folded: Sequence[tuple[_Target, Changes]], to: int) -> None:
        if not folded:
            return
        update = self._sql.advance
        with self._database.writing() as cursor:
            for target, _ in sorted(folded, key=lambda pair: pair[0].standing.name):
                line = target.standing
                cursor.execute(update.sql, update(**self._guard(line, target.position), new_position=to))
                if cursor.rowcount != 1:
                    raise _Overtaken
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

    def _guard(self, line: _Standing, position: int) -> dict[str, Any]:
        return {
            "in_tenant": self._tenant,
            "of_name": line.name,
            "of_version": line.version,
            "at_position": position,
            "since": line.rebuilt_at or "",
        }

    # Which tables there are

    def _standings(self) -> dict[str, _Standing]:
        select = self._sql.standings
        with self._database.reading() as cursor:
            cursor.execute(select.sql, select(tenant=self._tenant))
            return {row[0]: _Standing(*row) for row in cursor.fetchall()}

    def _targets(self) -> list[_Target]:
        lines, found = self._standings(), []
        for model in self.models.values():
            live, building = lines.get(model.name), lines.get(model.name + self._suffix)
            if live is not None and live.version == model.version:
                found.append(_Target(self._table(model), live))
            if building is not None and building.version == model.version:
                found.append(_Target(self._table(model, self._suffix), building))
        return found

    def _table(self, model: ReadModel[Any], suffix: str = "") -> ModelTable:
        table = self._tables.get(model.name + suffix)
        if table is None:
            table = self._tables[model.name + suffix] = ModelTable(
                model, self._database, self._tenant, suffix
            )
        return table

    def _prepare(self) -> None:
        """Make the tables of new models, and begin to build those of models whose version changed."""
        lines = self._standings()
        for model in self.models.values():
            live, building = lines.get(model.name), lines.get(model.name + self._suffix)
            if live is not None and live.version == model.version:
                continue
            if building is not None and building.version == model.version:
                continue
            if live is None and self._begin_live(model):
                continue
            self._begin_building(model)

    def _begin_live(self, model: ReadModel[Any]) -> bool:
        """Make a new model's table; False where other tenants still have it in another version."""
        table, select, insert = self._table(model), self._sql.versions, self._sql.begin
        with self._database.writing() as cursor:
            self._take_turn(cursor)
            cursor.execute(select.sql, select(name=model.name))
            versions = {row[0] for row in cursor.fetchall()}
            if versions - {model.version}:
                return False
            if not versions and schema.has_table(self._database, cursor, table.name):
                raise StoreError(
                    "table_in_the_way",
                    f"a table {table.name} is there that was not made for the read model {model.name}",
                    zh=f"数据表 {table.name} 已存在，且并非为读模型 {model.name} 所建",
                    accepts="a database, or a schema, of the ledger's own; or that table renamed",
                )
            table.make(cursor)
            cursor.execute(insert.sql, insert(**self._line(model.name, model.version)))
            if cursor.rowcount == 1:
                table.clear_all(cursor)
        return True

    def _begin_building(self, model: ReadModel[Any]) -> None:
        table, name = self._table(model, self._suffix), model.name + self._suffix
        delete, insert = self._sql.forget, self._sql.begin
        with self._database.writing() as cursor:
            self._take_turn(cursor)
            # Lines before tables, here as everywhere: a worker that writes a page locks them in that order.
            cursor.execute(delete.sql, delete(tenant=self._tenant, name=name))
            table.remove(cursor)
            table.make(cursor)
            cursor.execute(insert.sql, insert(**self._line(name, model.version, rebuilt_at=_now())))

    def _line(self, name: str, version: int, **more: Any) -> dict[str, Any]:
        empty = {"position": 0, "rebuilt_at": None, "parked_at": None, "error": None}
        return {"tenant": self._tenant, "name": name, "version": version, **empty, **more}

    def _swap_all(self, targets: Sequence[_Target]) -> None:
        for target in targets:
            if target.building and not target.parked:
                self._swap(target)

    def _swap(self, target: _Target) -> None:
        """Put a finished table in the live one's place: readers see the whole old one, then the whole new one."""
        model, sql = target.model, self._sql
        live = self._table(model)
        with self._database.writing() as cursor:
            self._take_turn(cursor)
            cursor.execute(sql.versions.sql, sql.versions(name=model.name))
            others = {version for version, tenant in cursor.fetchall() if tenant != self._tenant}
            cursor.execute(sql.forget.sql, sql.forget(tenant=self._tenant, name=model.name))
            cursor.execute(sql.finish.sql, sql.finish(**self._guard(target.standing, target.position)))
            if cursor.rowcount != 1:
                raise _Overtaken
            reset = sql.reset(of_name=model.name, of_version=model.version, in_tenant=self._tenant)
            cursor.execute(sql.reset.sql, reset)
            target.table.replace(cursor, live, keep_others=model.version in others)
            line = self._line(model.name, model.version, position=target.position, rebuilt_at=_now())
            cursor.execute(sql.begin.sql, sql.begin(**line))

    def _take_turn(self, cursor: Any) -> None:
        """On PostgreSQL, let one transaction at a time make or swap tables."""
        if not self._database.is_sqlite:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (schema.MAKING_TABLES,))

    # What others see

    def _status(
        self, model: ReadModel[Any], lines: Mapping[str, _Standing], last: int, now: datetime
    ) -> ModelStatus:
        live = lines.get(model.name) or _Standing(model.name, model.version, 0, None, None, None)
        building = lines.get(model.name + self._suffix)
        # A version that is still being built has no live rows of its own, but it may be parked already.
        outdated = live.version != model.version
        shown = building if building is not None and (outdated or building.parked_at is not None) else live
        position = 0 if outdated else live.position
        return ModelStatus(
            name=model.name,
            version=model.version,
            position=position,
            lag=max(0, last - position),
            lag_seconds=self._lag_seconds(position, last, now),
            rebuilt_at=live.rebuilt_at,
            parked_at=shown.parked_at,
            error=shown.error,
        )

    def _lag_seconds(self, position: int, last: int, now: datetime) -> float:
        if position >= last:
            return 0.0
        following = self.store.page(position, 1)
        if not following:
            return 0.0
        return max(0.0, (now - datetime.fromisoformat(following[0].recorded_at)).total_seconds())

    def _where_all_stand(self, connection: sa.Connection) -> tuple[int, Mapping[str, Unavailable]]:
        """Return the position that a reader stands at, and the errors of the models that don't stand there."""
        table = schema.read_models
        query = sa.select(*[table.c[name] for name in _Standing._fields]).where(
            table.c.tenant == self._tenant
        )
        lines = {row[0]: _Standing(*row) for row in connection.execute(query)}
        live = {m.name: lines.get(m.name) for m in self.models.values()}
        standing = [line.position for line in live.values() if line is not None and line.parked_at is None]
        position = max(standing or [line.position for line in live.values() if line is not None], default=0)
        errors: dict[str, Unavailable] = {}
        for model in self.models.values():
            error = _why_unreadable(model, live[model.name], position)
            if error is not None:
                errors[model.name] = error
        return position, errors


def _why_unreadable(model: ReadModel[Any], line: _Standing | None, position: int) -> Unavailable | None:
    if line is None or line.version != model.version:
        found = "not built" if line is None else f"still of version {line.version}"
        return Unavailable(
            "read_model_not_ready",
            f"{model.name} v{model.version} is {found}",
            zh=f"读模型 {model.name} v{model.version} 尚未建成",
            accepts="a catch-up first; if the model is parked, a rebuild once the cause is mended",
        )
    if line.parked_at is not None:
        return Unavailable(
            "read_model_parked",
            f"{model.name} could not fold the entry at position {line.parked_at}: {line.error}",
            zh=f"读模型 {model.name} 无法处理位置 {line.parked_at} 的记录：{line.error}",
            accepts="a rebuild once the cause is mended",
        )
    if line.position != position:
        return Unavailable(
            "read_model_behind",
            f"{model.name} stands at {line.position}, the others at {position}",
            zh=f"读模型 {model.name} 位于 {line.position}，其余位于 {position}",
            accepts="a catch-up first",
        )
    return None


class _Statements:
    def __init__(self, database: Database) -> None:
        b, compile_, t = sa.bindparam, database.compile, schema.read_models
        mine = t.c.tenant == b("tenant")
        self.standings = compile_(sa.select(*[t.c[name] for name in _Standing._fields]).where(mine))
        self.versions = compile_(sa.select(t.c.version, t.c.tenant).where(t.c.name == b("name")))
        insert = database.insert(t).values({c.name: b(c.name) for c in t.columns})
        self.begin = compile_(insert.on_conflict_do_nothing())
        self.forget = compile_(sa.delete(t).where(mine, t.c.name == b("name")))
        guard = (
            t.c.tenant == b("in_tenant"),
            t.c.name == b("of_name"),
            t.c.version == b("of_version"),
            t.c.position == b("at_position"),
            sa.func.coalesce(t.c.rebuilt_at, "") == b("since"),
            t.c.parked_at.is_(None),
        )
        self.advance = compile_(sa.update(t).values(position=b("new_position")).where(*guard))
        parked: dict[str, Any] = {"parked_at": b("new_parked_at"), "error": b("new_error")}
        self.park = compile_(sa.update(t).values(parked).where(*guard))
        self.finish = compile_(sa.delete(t).where(*guard))
        others = (t.c.tenant != b("in_tenant"), t.c.name == b("of_name"), t.c.version != b("of_version"))
        self.reset = compile_(sa.update(t).values(position=0).where(*others))


def _for_model(model: ReadModel[Any], timeline: list[tuple[Any, datetime]]) -> list[tuple[Any, datetime]]:
    handlers = model.handlers
    return [pair for pair in timeline if type(pair[0]) in handlers]


def _chunked(
    histories: Iterable[tuple[str, list[tuple[Any, datetime]]]],
) -> Iterator[list[tuple[str, list[tuple[Any, datetime]]]]]:
    part: list[tuple[str, list[tuple[Any, datetime]]]] = []
    size = 0
    for stream, timeline in histories:
        part.append((stream, timeline))
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
