"""The log itself: appending under guard and reading back, on plain tuples and the driver's own cursor."""

from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from guanxi.kernel.entries import Entry, FoldRow, Head, Passing, ToldLate
from guanxi.kernel.errors import Invalid, StoreError
from guanxi.kernel.ports import Append, CommandRecord, InFlight, SourceReference, StreamAppend, Unheaded
from guanxi.kernel.read_models import ReadModel
from guanxi_adapters.sql import schema
from guanxi_adapters.sql.appending import Appending
from guanxi_adapters.sql.capabilities import capabilities_of
from guanxi_adapters.sql.engine import Database, Statement, compiled
from guanxi_adapters.sql.horizon import EVERYTHING, Horizon
from guanxi_adapters.sql.server_writing import ServerWriter
from guanxi_adapters.sql.spans import Spans
from guanxi_adapters.sql.statements import Statements
from guanxi_adapters.sql.wakeups import Bell
from guanxi_adapters.sql.writing import Looking, PlainWriter, Writer, chunks, executemany

if TYPE_CHECKING:
    from guanxi_adapters.sql.log_recorder import LogRecorder
    from guanxi_adapters.sql.projector import SqlProjector
    from guanxi_adapters.sql.subscriptions import LogSubscription

_NAMES_AT_ONCE = 5_000
_PLACE_IN_ENTRY, _PLACE_IN_PASSING = (row._fields.index("position") for row in (Entry, Passing))
_DUE_PROBE = 8
_PRAGMAS = ("journal_mode", "synchronous", "wal_autocheckpoint", "busy_timeout", "page_size", "query_only")
_SYNCHRONOUS = ("off", "normal", "full", "extra")
_PARAMETERS = (
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_level",
    "lock_timeout",
    "statement_timeout",
    "server_version",
)
# The drivers' rows have the right length already, and `_make` checks it in Python.
_row_of_entry: Callable[[tuple[Any, ...]], Entry] = partial(tuple.__new__, Entry)
_row_to_fold: Callable[[tuple[Any, ...]], FoldRow] = partial(tuple.__new__, FoldRow)
_row_passing: Callable[[tuple[Any, ...]], Passing] = partial(tuple.__new__, Passing)
_row_of_head: Callable[[tuple[Any, ...]], Head] = partial(tuple.__new__, Head)


class SqlStore:
    """The log of one database, bound to one tenant; see ``guanxi.kernel.ports.Store``.

    Any number of threads may use it, and a forked child goes on with connections of its own.
    """

    def __init__(
        self,
        database: Database,
        tenant: str,
        *,
        create: bool = True,
        making: schema.Making | None = None,
    ) -> None:
        schema.ensure(database, create, making)
        self.database, self.tenant, self.url = database, tenant, database.url
        self._sql = compiled(Statements, database)
        settings = self.meta()
        _refuse_otherwise(making, settings, database)
        self.capabilities = capabilities_of(database, settings)
        self.bell = Bell(database, listens=self.capabilities.listen)
        self._horizon = Horizon(database, registered=self.capabilities.advisory_locks)
        self._spans = Spans(database, self._sql, tenant, self._horizon)
        self._looking = Looking(database, self._sql, tenant)
        writer = ServerWriter if self.capabilities.functions else PlainWriter
        self._writer: Writer = writer(database, self._sql, tenant)
        self._appending = Appending(self._writer, patience=database.timeout, stored=self._stored)
        self._hosts: weakref.WeakSet[sa.Engine] = weakref.WeakSet()
        self._database_id: str | None = None

    def __repr__(self) -> str:
        return f"<SqlStore {self.url} tenant={self.tenant}>"

    @property
    def engine(self) -> sa.Engine:
        """The SQLAlchemy engine, for hosts that want the ledger's connections to be their own."""
        return self.database.engine

    # Writing

    def append(self, batch: Append, connection: sa.Connection | None = None) -> list[int]:
        """Write a batch in one transaction and return the positions of its entries, in the order given.

        Batches that several threads append at once may share a transaction; each is written wholly or not at all.

        Args:
            batch: what to write; streams in order of name.
            connection: the host's own connection to this database, to write under a savepoint of its transaction.

        Raises:
            VersionConflict: a stream is no longer at its expected version. Nothing was written.
            ClaimTaken: a claim is held by another stream. Nothing was written.
            CommandSeen: a command id is on record already. Nothing was written.
            StoreError: the database refused, or the batch contradicts itself. Nothing was written; but for
                ``commit_unknown``, when the server was lost while it wrote and did not come back.
        """
        self._check(batch)
        self._check_host(connection)
        if connection is not None:
            outcome = self._writer.write_hosted(batch, connection)
            if isinstance(outcome, Exception):
                raise outcome
            if outcome:
                self.bell.ring(connection)
            return outcome
        positions = self._appending.append(batch)
        if positions:
            self.bell.ring()
            if positions[-1] >= self._spans.due:
                self._follow(positions[-1])
        return positions

    def index(self) -> None:
        """Index what of the log is long enough; appends do so by themselves, but the first one after much came otherwise takes long."""
        self._spans.follow(self.last_position())

    def _follow(self, position: int) -> None:
        # The entries are on record; an index that could not be made now is made with the next stretch.
        with suppress(StoreError):
            self._spans.follow(position)

    def _stored(self, batch: Append) -> list[int] | None:
        """Return the positions of a batch's entries if it has any and they are on record exactly so, else None."""
        found: list[int] = []
        select = self._sql.stored
        with self.database.reading() as cursor:
            for stream in batch.streams:
                if not stream.entries:
                    continue
                values = {"tenant": self.tenant, "stream": stream.stream, "after": stream.expected}
                cursor.execute(select.sql, select(**values))
                rows = cursor.fetchmany(len(stream.entries))
                if [(row[1], row[2]) for row in rows] != [(e.version, e.hash) for e in stream.entries]:
                    return None
                found += [int(row[3]) for row in rows]
        return found or None

    def _check(self, batch: Append) -> None:
        if batch.tenant != self.tenant:
            raise Invalid(
                "other_tenant",
                f"a batch of tenant {batch.tenant!r} was given to the store of {self.tenant!r}",
                zh=f"租户 {batch.tenant!r} 的批次被交给了租户 {self.tenant!r} 的存储",
                accepts="a batch of the store's own tenant",
            )
        last = ""
        for stream in batch.streams:
            if stream.stream <= last:
                raise _malformed(
                    f"{stream.stream!r} follows {last!r}", "streams in ascending order, each once"
                )
            last = stream.stream
            _check_stream(stream, self.tenant)

    # Reading streams

    def heads(self, streams: Iterable[str], connection: sa.Connection | None = None) -> dict[str, Head]:
        """Return the heads of those of the named streams that exist."""
        self._check_host(connection)
        with self.database.reading(connection) as cursor:
            return self._looking.heads(cursor, list(streams))

    def fold_rows(
        self, stream: str, connection: sa.Connection | None = None, *, up_to_position: int | None = None
    ) -> list[FoldRow]:
        """Return a stream's rows in order of version, those up to a position if one is given."""
        self._check_host(connection)
        values: dict[str, Any] = {"tenant": self.tenant, "stream": stream}
        select = self._sql.fold_rows
        if up_to_position is not None:
            select, values = self._sql.fold_rows_up_to, {**values, "up_to": up_to_position}
        with self.database.reading(connection) as cursor:
            cursor.execute(select.sql, select(**values))
            return list(map(_row_to_fold, cursor.fetchall()))

    def fold_rows_of(
        self,
        streams: Sequence[str],
        *,
        kinds: Sequence[str] | None = None,
        up_to_position: int | None = None,
        connection: sa.Connection | None = None,
    ) -> dict[str, list[FoldRow]]:
        """Return the rows of many streams in few round trips; a stream without rows is absent.

        Args:
            streams: whose.
            kinds: stored names of events; rows of others are left out, unless they change or void one. All if None.
            up_to_position: the last place in the log that counts; all if None.
            connection: a host's, to read within its transaction.
        """
        self._check_host(connection)
        select = self._sql.fold_rows_of[kinds is not None, up_to_position is not None]
        fixed: dict[str, Any] = {"tenant": self.tenant}
        if kinds is not None:
            fixed["kinds"] = self._list(kinds)
        if up_to_position is not None:
            fixed["up_to"] = up_to_position
        found: defaultdict[str, list[FoldRow]] = defaultdict(list)
        with self.database.reading(connection) as cursor:
            for names in chunks(streams):
                cursor.execute(select.sql, select(names=self._list(names), **fixed))
                for row in cursor.fetchall():
                    found[row[0]].append(_row_to_fold(row[1:]))
        return dict(found)

    def told_late(self, streams: Sequence[str]) -> dict[str, list[ToldLate]]:
        """Return when streams were told of what had counted before, in order of recording; a stream without is absent."""
        found: defaultdict[str, list[ToldLate]] = defaultdict(list)
        select = self._sql.told_late
        with self.database.reading() as cursor:
            for names in chunks(streams):
                cursor.execute(select.sql, select(tenant=self.tenant, names=self._list(names)))
                for stream, recorded, imported, first, earliest, kinds in cursor.fetchall():
                    told = ToldLate(recorded, bool(imported), first, earliest, frozenset(kinds.split(" ")))
                    found[stream].append(told)
        return dict(found)

    def entries(self, stream: str, connection: sa.Connection | None = None) -> list[Entry]:
        """Return a stream's whole entries in order of version."""
        self._check_host(connection)
        select = self._sql.entries
        with self.database.reading(connection) as cursor:
            cursor.execute(select.sql, select(tenant=self.tenant, stream=stream))
            return list(map(_row_of_entry, cursor.fetchall()))

    # Reading the log

    def page(self, after: int, limit: int) -> list[Entry]:
        """Return up to ``limit`` entries with positions above ``after``, in order of position."""
        return list(map(_row_of_entry, self._in_order(self._sql.page, _PLACE_IN_ENTRY, after, limit)))

    def passing(self, after: int, limit: int) -> list[Passing]:
        """Return the same page as ``page``, of each entry only what keeping read models level needs."""
        return list(map(_row_passing, self._in_order(self._sql.passing, _PLACE_IN_PASSING, after, limit)))

    def _in_order(self, select: Statement, place: int, after: int, limit: int) -> list[tuple[Any, ...]]:
        """Return a page of the log; how far it can be read is asked for anew only where the page is not full.

        All over one connection: as long as that lasts, the server was not restarted.
        """
        rows: list[tuple[Any, ...]] = []
        with self.database.reading() as cursor:
            horizon = self._horizon.beyond(after, cursor)
            while True:
                values = {"tenant": self.tenant, "limit": limit - len(rows), "horizon": horizon}
                cursor.execute(select.sql, select(**values, after=after))
                found = cursor.fetchall()
                rows += found
                if len(rows) == limit or horizon == EVERYTHING:
                    return rows
                if found:
                    after = found[-1][place]
                before, horizon = horizon, self._horizon.seen_by(cursor)
                if horizon <= before:
                    return rows

    def horizon(self) -> int:
        """Return the position at or below which every append has ended; see ``guanxi.kernel.ports.Store.horizon``."""
        with self.database.reading() as cursor:
            reached = self._horizon.seen_by(cursor)
            return min(reached, schema.last_given(self.database, cursor, self.capabilities.functions))

    def reached(self, cursor: Any) -> int:
        """Return how far the log can be read over a connection, for reading there and nowhere else."""
        return self._horizon.seen_by(cursor)

    def last_given(self) -> int:
        """Return the last position ever given in this database, to any tenant."""
        with self.database.reading() as cursor:
            return schema.last_given(self.database, cursor, self.capabilities.functions)

    def in_flight(self) -> list[InFlight]:
        """Return the appends that readers wait for: begun, neither committed nor rolled back."""
        return self._horizon.in_flight()

    def unheaded(self) -> list[Unheaded]:
        """Return the streams that have entries and no head, in order of the log; also those above the horizon."""
        select = self._sql.unheaded
        with self.database.reading() as cursor:
            cursor.execute(select.sql, select(tenant=self.tenant))
            return [Unheaded(*row) for row in cursor.fetchall()]

    def count(self, *, thorough: bool = False) -> int:
        """Return how many entries the log holds.

        Args:
            thorough: count each of them, rather than rely on the index.
        """
        if not thorough:
            return self._spans.count()
        return self._up_to_horizon(self._sql.count, after=0)

    def count_after(self, position: int) -> int:
        """Return how many entries lie behind a position."""
        return self._spans.count_after(position)

    def last_position(self) -> int:
        """Return the position of the last entry that can be read, 0 for an empty log."""
        return self._up_to_horizon(self._sql.last_position)

    def _up_to_horizon(self, select: Statement, **values: int) -> int:
        with self.database.reading() as cursor:
            horizon = self._horizon.seen_by(cursor)
            cursor.execute(select.sql, select(tenant=self.tenant, horizon=horizon, **values))
            row = cursor.fetchone()
            return int(row[0]) if row else 0

    def first_named(self, name: str, after: int = 0) -> int | None:
        """Return the position of the first entry of that event name above another position, or None."""
        return self._spans.first_named(name, after)

    def position_known_at(self, recorded_at: str) -> int:
        """Return the last position recorded at or before that stamp, 0 if none."""
        return self._spans.position_known_at(recorded_at)

    def search(
        self,
        *,
        wanted: Mapping[str, str] | None = None,
        between: Mapping[str, tuple[str, str]] | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> list[Entry]:
        """Return entries that hold all the given values, in order of position.

        Args:
            wanted: values by field: ``name``, ``actor``, ``section``, ``batch``.
            between: first stamp, and the stamp before which, by field: ``occurred_at``, ``effective_from``.
            after: the position behind which to begin.
            limit: how many at most.
        """
        return self._spans.search(wanted or {}, between or {}, after, limit)

    def source_references(self, system: str, batch: str | None = None) -> Iterator[SourceReference]:
        """Yield the references of a source that are on record, in order of document and line; those without either are left out."""
        select = self._sql.of_source if batch is None else self._sql.of_source_and_batch
        values: dict[str, Any] = {"tenant": self.tenant, "system": system, "limit": _NAMES_AT_ONCE}
        if batch is not None:
            values["batch"] = batch
        after: dict[str, Any] = {"document": "", "line": "", "position": 0}
        while True:
            with self.database.reading() as cursor:
                cursor.execute(select.sql, select(**values, **after))
                rows = cursor.fetchall()
            for document, line, stream, version, name, _ in rows:
                yield SourceReference(document, line, f"{stream}/{version}", name)
            if len(rows) < _NAMES_AT_ONCE:
                return
            after = {"document": rows[-1][0], "line": rows[-1][1], "position": rows[-1][5]}

    # Reading what is kept beside the log

    def streams(self, subject: str | None = None, after: str = "", limit: int = 1000) -> list[Head]:
        """Return heads in order of stream name, for walking all of them page by page."""
        values: dict[str, Any] = {"tenant": self.tenant, "after": after, "limit": limit}
        select = self._sql.streams
        if subject is not None:
            select, values = self._sql.streams_of, {**values, "subject": subject}
        return self._head_rows(select, values)

    def due(self, until: str, judged_by: Collection[str], limit: int = 500, after: str = "") -> list[Head]:
        """Return heads whose next due moment is at or before ``until``, or that other facets judged last; by stream.

        While few are due, the indexes find them; where many are, walking the heads in order meets enough of them soon.
        """
        values: dict[str, Any] = {"tenant": self.tenant, "until": until, "after": after}
        probe = limit * _DUE_PROBE
        sql = self._sql
        with self.database.reading() as cursor:
            cursor.execute(sql.judges.sql, sql.judges(tenant=self.tenant))
            others = [row[0] for row in cursor.fetchall() if row[0] not in judged_by]
            names = self.database.list_of(others)
            cursor.execute(sql.due_streams.sql, sql.due_streams(**values, limit=probe))
            found = {row[0] for row in cursor.fetchall()}
            if others:
                select = sql.judged_streams
                cursor.execute(select.sql, select(tenant=self.tenant, after=after, names=names, limit=probe))
                found.update(row[0] for row in cursor.fetchall())
            if len(found) < probe:
                first = sorted(found)[:limit]
                chosen = self._looking.heads(cursor, first)
                return [chosen[name] for name in first if name in chosen]
        return self._head_rows(sql.due, {**values, "names": names, "limit": limit})

    def apart(self, judged_by: Collection[str]) -> list[str]:
        """Return the streams in which something may stand otherwise than it would be drawn, and those that other facets judged last."""
        sql = self._sql
        with self.database.reading() as cursor:
            cursor.execute(sql.apart.sql, sql.apart(tenant=self.tenant))
            found = {row[0] for row in cursor.fetchall()}
            cursor.execute(sql.judges.sql, sql.judges(tenant=self.tenant))
            others = [row[0] for row in cursor.fetchall() if row[0] not in judged_by]
            if others:
                names = self.database.list_of(others)
                cursor.execute(sql.judged_by.sql, sql.judged_by(tenant=self.tenant, names=names))
                found.update(row[0] for row in cursor.fetchall())
        return sorted(found)

    def behind_rules(self, published: str, since: str) -> list[Head]:
        """Return heads of streams that were judged last without what was published by a moment, and have entries recorded since another."""
        values = {"tenant": self.tenant, "published": published, "since": since}
        return self._head_rows(self._sql.behind_rules, values)

    def holders(
        self, tokens: Iterable[tuple[str, str]], connection: sa.Connection | None = None
    ) -> dict[tuple[str, str], str]:
        """Return who holds each (kind, token) pair: a mapping to stream names; of many holders, the first by name."""
        self._check_host(connection)
        with self.database.reading(connection) as cursor:
            return self._looking.holders(cursor, list(tokens))

    def sharers(
        self, tokens: Iterable[tuple[str, str]], connection: sa.Connection | None = None
    ) -> dict[tuple[str, str], list[str]]:
        """Return all that hold each (kind, token) pair, in order of name; several may hold advisory ones."""
        self._check_host(connection)
        with self.database.reading(connection) as cursor:
            return self._looking.sharers(cursor, list(tokens))

    def commands(
        self, ids: Iterable[str], connection: sa.Connection | None = None
    ) -> dict[str, CommandRecord]:
        """Return the records of those command ids that were carried out."""
        self._check_host(connection)
        with self.database.reading(connection) as cursor:
            return self._looking.commands(cursor, list(ids))

    # Settings

    def meta(self) -> Mapping[str, str]:
        """Return the ledger's settings, those of the whole database among them."""
        select = self._sql.meta
        with self.database.reading() as cursor:
            cursor.execute(select.sql, select(tenant=self.tenant))
            return dict(cursor.fetchall())

    def positions_given(self) -> int | None:
        """Return how many positions SQLite ever gave, whatever was deleted since; None on PostgreSQL, or beside other tenants."""
        if not self.database.is_sqlite:
            return None
        with self.database.reading() as cursor:
            cursor.execute("SELECT count(*) FROM guanxi_entries WHERE tenant <> ?", (self.tenant,))
            if cursor.fetchone()[0]:
                return None
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'guanxi_entries'")
            found = cursor.fetchone()
            select = self._sql.meta
            cursor.execute(select.sql, select(tenant=schema.EVERY_TENANT))
            gaps = int(dict(cursor.fetchall()).get(schema.GAPS_SETTING, 0))
        return (int(found[0]) if found else 0) - gaps

    def last_recorded(self) -> str:
        """Return the latest stamp at which anything was recorded, the empty text for an empty log."""
        return self._spans.last_recorded()

    def put_meta(self, values: Mapping[str, str]) -> None:
        """Record settings of the tenant's ledger; one that is there takes the new value.

        Raises:
            Invalid: ``reserved_setting`` for a setting that belongs to the whole database.
        """
        reserved = schema.OF_THE_DATABASE & set(values)
        if reserved:
            raise Invalid(
                "reserved_setting",
                f"{sorted(reserved)} are settings of the whole database",
                zh=f"{sorted(reserved)} 属于整个数据库",
                accepts="names of the ledger's own",
            )
        with self.database.writing() as cursor:
            executemany(cursor, self._sql.put_meta.sql, [(self.tenant, k, v) for k, v in values.items()])

    def settings(self) -> Mapping[str, str]:
        """Return the effective durability settings, as a live connection of the database reports them."""
        names, query = (_PRAGMAS, "PRAGMA {}") if self.database.is_sqlite else (_PARAMETERS, "SHOW {}")
        found: dict[str, str] = {}
        with self.database.reading() as cursor:
            for name in names:
                cursor.execute(query.format(name))
                found[name] = str(cursor.fetchone()[0])
        if self.database.is_sqlite:
            found["synchronous"] = _SYNCHRONOUS[int(found["synchronous"])]
        return found

    # What is built on the log

    def projector(self, models: Sequence[ReadModel[Any]], source: Any) -> SqlProjector:
        """Return the projector that keeps these read models level with this log."""
        from guanxi_adapters.sql.projector import SqlProjector

        return SqlProjector(self, models, source)

    def recorder(self) -> LogRecorder:
        """Return this log as a recorder of the ``eventsourcing`` library."""
        from guanxi_adapters.sql.log_recorder import LogRecorder

        return LogRecorder(self)

    def subscribe(self, after: int = 0, names: Sequence[str] = (), *, page: int = 500) -> LogSubscription:
        """Return the entries behind a position, those of some event names or all, in order and without end."""
        from guanxi_adapters.sql.subscriptions import LogSubscription

        return LogSubscription(self, after, names, page=page)

    def close(self) -> None:
        """Release every connection."""
        self.database.close()

    # Helpers

    def _list(self, names: Sequence[str]) -> Any:
        return self.database.list_of(names)

    def _one(self, select: Statement, **values: Any) -> Any:
        with self.database.reading() as cursor:
            cursor.execute(select.sql, select(**values))
            row = cursor.fetchone()
            return row[0] if row else None

    def _head_rows(self, select: Statement, values: Mapping[str, Any]) -> list[Head]:
        with self.database.reading() as cursor:
            cursor.execute(select.sql, select(**values))
            return list(map(_row_of_head, cursor.fetchall()))

    def _check_host(self, connection: sa.Connection | None) -> None:
        """Make sure that a host's connection leads to this very database, once for each of its engines."""
        if connection is None:
            return
        if not isinstance(connection, sa.Connection):
            raise Invalid(
                "no_connection",
                f"a {type(connection).__name__} is no SQLAlchemy connection",
                zh=f"{type(connection).__name__} 不是 SQLAlchemy 连接",
                accepts="an SQLAlchemy Connection; of an ORM session, session.connection()",
            )
        if connection.engine in self._hosts:
            return
        driver = connection.dialect.driver
        own = self.engine.dialect.driver
        if connection.engine is not self.engine and (
            driver != own or self._id_at(connection) != self._own_id()
        ):
            raise Invalid(
                "other_database",
                f"the given connection ({driver}) does not lead to {self.url}",
                zh=f"给定的连接（{driver}）并不指向 {self.url}",
                accepts=f"an SQLAlchemy connection to the same database through {own}",
            )
        self._hosts.add(connection.engine)

    def _own_id(self) -> str:
        if self._database_id is None:
            self._database_id = self.meta().get("database_id", "")
        return self._database_id

    def _id_at(self, connection: sa.Connection) -> str | None:
        with self.database.reading(connection) as cursor:
            if not schema.has_table(self.database, cursor, schema.meta.name):
                return None
            select = self._sql.meta
            cursor.execute(select.sql, select(tenant=schema.EVERY_TENANT))
            return dict(cursor.fetchall()).get("database_id")


def _refuse_otherwise(making: schema.Making | None, settings: Mapping[str, str], database: Database) -> None:
    """Refuse to open a log as one that was made in another way than it was."""
    if making is None or making == schema.Making():
        return
    made = {name: settings.get(name) for name in making.settings}
    if database.is_sqlite or made != making.settings:
        raise Invalid(
            "made_otherwise",
            "how positions are given, and into how many parts the log is divided, is settled when it is made",
            zh="位置的分配方式与日志的分区数在创建时已定",
            accepts="a new database on PostgreSQL, or neither portable nor partitions",
            database=database.url,
        )


def _check_stream(stream: StreamAppend, tenant: str) -> None:
    versions = range(stream.expected + 1, stream.expected + 1 + len(stream.entries))
    for entry, version in zip(stream.entries, versions, strict=True):
        if entry.version != version or entry.stream != stream.stream or entry.tenant != tenant:
            raise _malformed(
                f"entry {entry.id} stands where {stream.stream}/{version} belongs", "consecutive versions"
            )
    if stream.head.version != versions.stop - 1 or stream.head.stream != stream.stream:
        raise _malformed(
            f"the head of {stream.stream} is at {stream.head.version}", f"version {versions.stop - 1}"
        )


def _malformed(what: str, accepts: str) -> Invalid:
    message = f"the batch contradicts itself: {what}"
    return Invalid("malformed_batch", message, zh=f"批次自相矛盾：{what}", accepts=accepts)
