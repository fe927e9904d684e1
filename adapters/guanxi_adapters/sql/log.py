"""The log itself: appending under guard and reading back, on plain tuples and the driver's own cursor."""

from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from guanxi.kernel.entries import COLUMNS, Entry, FoldRow, Head, Passing
from guanxi.kernel.errors import Invalid, StoreError
from guanxi.kernel.ports import (
    Append,
    ClaimChange,
    ClaimTaken,
    CommandRecord,
    CommandSeen,
    SourceReference,
    StreamAppend,
    VersionConflict,
)
from guanxi.kernel.read_models import ReadModel
from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import Database, Statement
from guanxi_adapters.sql.errors import is_unique_violation

if TYPE_CHECKING:
    from guanxi_adapters.sql.log_recorder import LogRecorder
    from guanxi_adapters.sql.projector import SqlProjector

APPENDING = 0x6775_616E_7869_0002
"""Number of PostgreSQL's advisory lock, together with the table's own number, under which entries get positions."""

COPY_FROM = 24
"""Entries from which on PostgreSQL's COPY is faster than an insert for each."""

_NAMES_AT_ONCE = 5_000
_DUE_PROBE = 8
_STORED = COLUMNS[:-1]
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


class _HeadMoved(Exception):
    """A stream is no longer where its writer saw it."""


class SqlStore:
    """The log of one database, bound to one tenant; see ``guanxi.kernel.ports.Store``.

    Any number of threads may use it, and a forked child goes on with connections of its own.
    """

    def __init__(self, database: Database, tenant: str, *, create: bool = True) -> None:
        schema.ensure(database, create)
        self.database, self.tenant, self.url = database, tenant, database.url
        self._sql = _Statements(database)
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

        Args:
            batch: what to write; streams in order of name.
            connection: the host's own connection to this database, to write under a savepoint of its transaction.

        Raises:
            VersionConflict: a stream is no longer at its expected version. Nothing was written.
            ClaimTaken: a claim is held by another stream. Nothing was written.
            CommandSeen: a command id is on record already. Nothing was written.
            StoreError: the database refused, or the batch contradicts itself. Nothing was written.
        """
        self._check(batch)
        self._check_host(connection)
        try:
            with self.database.writing(connection) as cursor:
                self._take_turn(cursor)
                self._move_heads(cursor, batch.streams)
                self._change_claims(cursor, batch.claims)
                self._note_commands(cursor, batch.commands)
                return self._insert(cursor, [entry for stream in batch.streams for entry in stream.entries])
        except _HeadMoved:
            raise self._conflict(batch.streams, connection) from None

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

    def _take_turn(self, cursor: Any) -> None:
        """On PostgreSQL, let one transaction at a time give positions, so that none appears below one already seen.

        It is taken before the heads' row locks: a host's transaction appends more than once, and whoever held a head
        while waiting for a turn could wait for ever.
        """
        if not self.database.is_sqlite:
            cursor.execute(
                "SELECT pg_advisory_xact_lock((%s::bigint + 'guanxi_entries'::regclass::oid::bigint))",
                (APPENDING,),
            )

    def _move_heads(self, cursor: Any, streams: Sequence[StreamAppend]) -> None:
        new = [s for s in streams if s.expected == 0]
        old = [s for s in streams if s.expected]
        if new:
            insert = self._sql.insert_head
            rows = [(self.tenant, *s.head) for s in new]
            _executemany(cursor, insert.sql, rows)
            if cursor.rowcount != len(rows):
                raise _HeadMoved
        if old:
            update = self._sql.move_head
            moves = [(*s.head[1:], self.tenant, s.stream, s.expected) for s in old]
            _executemany(cursor, update.sql, moves)
            if cursor.rowcount != len(moves):
                raise _HeadMoved

    def _conflict(self, streams: Sequence[StreamAppend], connection: sa.Connection | None) -> VersionConflict:
        """Name the stream that had moved on."""
        found = self.heads([s.stream for s in streams], connection)
        moved = [
            s.stream for s in streams if (found[s.stream].version if s.stream in found else 0) != s.expected
        ]
        return VersionConflict((moved or [streams[0].stream])[0])

    def _change_claims(self, cursor: Any, claims: Sequence[ClaimChange]) -> None:
        for release, group in groupby(claims, key=lambda claim: claim.release):
            changes = list(group)
            if release:
                rows = [(self.tenant, c.kind, c.token, c.stream) for c in changes]
                _executemany(cursor, self._sql.release_claim.sql, rows)
            else:
                self._take_claims(cursor, changes)

    def _take_claims(self, cursor: Any, claims: Sequence[ClaimChange]) -> None:
        rows = [(self.tenant, c.kind, c.token, c.stream, c.policy) for c in claims]
        _executemany(cursor, self._sql.take_claim.sql, rows)
        if cursor.rowcount == len(rows):
            return
        held = self._holders(cursor, [(c.kind, c.token) for c in claims if c.policy != "advisory"])
        for c in claims:
            holder = held.get((c.kind, c.token), c.stream) if c.policy != "advisory" else c.stream
            if holder != c.stream:
                raise ClaimTaken(c.kind, c.token, holder)

    def _note_commands(self, cursor: Any, commands: Sequence[CommandRecord]) -> None:
        if not commands:
            return
        rows = [
            (self.tenant, c.command_id, c.digest, c.stream, c.first_version, c.last_version) for c in commands
        ]
        before = self._commands(cursor, [c.command_id for c in commands]) if len(rows) > 1 else {}
        for c in commands:
            if c.command_id in before:
                raise CommandSeen(c.command_id)
        _executemany(cursor, self._sql.note_command.sql, rows)
        if cursor.rowcount != len(rows):
            raise CommandSeen(commands[0].command_id)

    def _insert(self, cursor: Any, entries: Sequence[Entry]) -> list[int]:
        if not entries:
            return []
        try:
            if self.database.is_sqlite:
                return self._insert_sqlite(cursor, entries)
            return self._insert_postgres(cursor, entries)
        except self.database.driver.IntegrityError as error:
            if is_unique_violation(error):
                raise StoreError(
                    "log_inconsistent",
                    "the log holds an entry that its stream's head does not know of; nothing was recorded",
                    zh="日志中有一条记录与其流的头部不一致；未记录任何内容",
                    accepts="a log that passes verification; rebuild the heads from it",
                ) from error
            raise

    def _insert_sqlite(self, cursor: Any, entries: Sequence[Entry]) -> list[int]:
        cursor.executemany(self._sql.insert_entry.sql, [entry[:-1] for entry in entries])
        cursor.execute("SELECT last_insert_rowid()")
        last = cursor.fetchone()[0]
        return list(range(last - len(entries) + 1, last + 1))

    def _insert_postgres(self, cursor: Any, entries: Sequence[Entry]) -> list[int]:
        cursor.execute(
            f"SELECT setval('{schema.POSITIONS}', nextval('{schema.POSITIONS}') + %s)", (len(entries) - 1,)
        )
        last: int = cursor.fetchone()[0]
        given = range(last - len(entries) + 1, last + 1)
        rows = [(*entry[:-1], position) for entry, position in zip(entries, given, strict=True)]
        if len(rows) < COPY_FROM:
            _executemany(cursor, self._sql.insert_entry.sql, rows)
        else:
            with cursor.copy(f"COPY guanxi_entries ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        return list(given)

    # Reading streams

    def heads(self, streams: Iterable[str], connection: sa.Connection | None = None) -> dict[str, Head]:
        """Return the heads of those of the named streams that exist."""
        self._check_host(connection)
        with self.database.reading(connection) as cursor:
            return self._heads(cursor, list(streams))

    def _heads(self, cursor: Any, streams: Sequence[str]) -> dict[str, Head]:
        found: dict[str, Head] = {}
        for names in _chunks(streams):
            rows = self._named(cursor, self._sql.heads, self._sql.head, names)
            found.update((row[0], _row_of_head(row)) for row in rows)
        return found

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
        up_to_position: int | None = None,
        connection: sa.Connection | None = None,
    ) -> dict[str, list[FoldRow]]:
        """Return the rows of many streams in few round trips; a stream without rows is absent."""
        self._check_host(connection)
        limit: dict[str, int] = {}
        select = self._sql.fold_rows_of
        if up_to_position is not None:
            select, limit = self._sql.fold_rows_of_up_to, {"up_to": up_to_position}
        found: defaultdict[str, list[FoldRow]] = defaultdict(list)
        with self.database.reading(connection) as cursor:
            for names in _chunks(streams):
                cursor.execute(select.sql, select(tenant=self.tenant, names=self._list(names), **limit))
                for row in cursor.fetchall():
                    found[row[0]].append(_row_to_fold(row[1:]))
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
        select = self._sql.page
        with self.database.reading() as cursor:
            cursor.execute(select.sql, select(tenant=self.tenant, after=after, limit=limit))
            return list(map(_row_of_entry, cursor.fetchall()))

    def passing(self, after: int, limit: int) -> list[Passing]:
        """Return the same page as ``page``, of each entry only what keeping read models level needs."""
        select = self._sql.passing
        with self.database.reading() as cursor:
            cursor.execute(select.sql, select(tenant=self.tenant, after=after, limit=limit))
            return list(map(_row_passing, cursor.fetchall()))

    def count(self) -> int:
        """Return how many entries the log holds."""
        return int(self._one(self._sql.count, tenant=self.tenant) or 0)

    def last_position(self) -> int:
        """Return the position of the last entry, 0 for an empty log."""
        return int(self._one(self._sql.last_position, tenant=self.tenant) or 0)

    def first_named(self, name: str, after: int = 0) -> int | None:
        """Return the position of the first entry of that event name above another position, or None."""
        found = self._one(self._sql.first_named, tenant=self.tenant, name=name, after=after)
        return None if found is None else int(found)

    def position_known_at(self, recorded_at: str) -> int:
        """Return the last position recorded at or before that stamp, 0 if none.

        Stamps follow positions but for clocks that differ and batches that last; so the index names a candidate, and
        the shorter side of the log is searched for a later one.
        """
        values = {"tenant": self.tenant, "recorded_at": recorded_at}
        candidate = self._one(self._sql.latest_recorded, **values)
        if candidate is None:
            return 0
        if candidate * 2 > self.last_position():
            return int(self._one(self._sql.recorded_after, **values, after=candidate) or candidate)
        return int(self._one(self._sql.recorded_by, **values))

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

    def due(self, until: str, judged_by: str, limit: int = 500, after: str = "") -> list[Head]:
        """Return heads whose next due moment is at or before ``until``, or that other facets judged last; by stream.

        While few are due, the indexes find them; where many are, walking the heads in order meets enough of them soon.
        """
        values = {"tenant": self.tenant, "until": until, "judged_by": judged_by, "after": after}
        probe = limit * _DUE_PROBE
        with self.database.reading() as cursor:
            select = self._sql.due_streams
            cursor.execute(select.sql, select(**values, limit=probe))
            names = sorted({row[0] for row in cursor.fetchall()})
            if len(names) < probe:
                chosen = self._heads(cursor, names[:limit])
                return [chosen[name] for name in names[:limit] if name in chosen]
        return self._head_rows(self._sql.due, {**values, "limit": limit})

    def holders(
        self, tokens: Iterable[tuple[str, str]], connection: sa.Connection | None = None
    ) -> dict[tuple[str, str], str]:
        """Return who holds each (kind, token) pair: a mapping to stream names; of many holders, the first by name."""
        self._check_host(connection)
        with self.database.reading(connection) as cursor:
            return self._holders(cursor, list(tokens))

    def _holders(self, cursor: Any, tokens: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        by_kind = defaultdict[str, list[str]](list)
        for kind, token in tokens:
            by_kind[kind].append(token)
        for kind, wanted in by_kind.items():
            for names in _chunks(wanted):
                rows = self._named(cursor, self._sql.holders, self._sql.holder, names, kind=kind)
                for token, stream in rows:
                    found.setdefault((kind, token), stream)
        return found

    def commands(
        self, ids: Iterable[str], connection: sa.Connection | None = None
    ) -> dict[str, CommandRecord]:
        """Return the records of those command ids that were carried out."""
        self._check_host(connection)
        with self.database.reading(connection) as cursor:
            return self._commands(cursor, list(ids))

    def _commands(self, cursor: Any, ids: Sequence[str]) -> dict[str, CommandRecord]:
        found: dict[str, CommandRecord] = {}
        for names in _chunks(ids):
            rows = self._named(cursor, self._sql.commands, self._sql.command, names)
            found.update((row[0], CommandRecord(*row)) for row in rows)
        return found

    # Settings

    def meta(self) -> Mapping[str, str]:
        """Return the ledger's settings, those of the whole database among them."""
        select = self._sql.meta
        with self.database.reading() as cursor:
            cursor.execute(select.sql, select(tenant=self.tenant))
            return dict(cursor.fetchall())

    def positions_given(self) -> int | None:
        """Return the last position SQLite ever gave, whatever was deleted since; None on PostgreSQL, or beside other tenants."""
        if not self.database.is_sqlite:
            return None
        with self.database.reading() as cursor:
            cursor.execute("SELECT count(*) FROM guanxi_entries WHERE tenant <> ?", (self.tenant,))
            if cursor.fetchone()[0]:
                return None
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'guanxi_entries'")
            found = cursor.fetchone()
        return int(found[0]) if found else 0

    def last_recorded(self) -> str:
        """Return the latest stamp at which anything was recorded, the empty text for an empty log."""
        return str(self._one(self._sql.last_recorded, tenant=self.tenant) or "")

    def put_meta(self, values: Mapping[str, str]) -> None:
        """Record settings of the tenant's ledger; one that is there takes the new value.

        Raises:
            Invalid: ``reserved_setting`` for a setting that belongs to the whole database.
        """
        reserved = {"schema_version", "program_version", "database_id"} & set(values)
        if reserved:
            raise Invalid(
                "reserved_setting",
                f"{sorted(reserved)} are settings of the whole database",
                zh=f"{sorted(reserved)} 属于整个数据库",
                accepts="names of the ledger's own",
            )
        with self.database.writing() as cursor:
            _executemany(cursor, self._sql.put_meta.sql, [(self.tenant, k, v) for k, v in values.items()])

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

    def close(self) -> None:
        """Release every connection."""
        self.database.close()

    # Helpers

    def _named(
        self, cursor: Any, many: Statement, one: Statement, names: Sequence[str], **values: str
    ) -> list[tuple[Any, ...]]:
        """Return the rows of the names; most often there is but one, and SQLite takes long over a list of one."""
        if len(names) == 1:
            cursor.execute(one.sql, one(tenant=self.tenant, names=names[0], **values))
        else:
            cursor.execute(many.sql, many(tenant=self.tenant, names=self._list(names), **values))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

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
        if connection is None or connection.engine in self._hosts:
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


class _Statements:
    """Every statement of the log, compiled once for the database at hand."""

    def __init__(self, database: Database) -> None:
        b, compile_ = sa.bindparam, database.compile
        e, h, c, k, m = schema.entries, schema.heads, schema.claims, schema.commands, schema.meta
        head, fold = [h.c[name] for name in Head._fields], [e.c[name] for name in FoldRow._fields]
        whole = [e.c[name] for name in COLUMNS]
        mine, stream = e.c.tenant == b("tenant"), e.c.stream == b("stream")
        among = database.among

        stored = _STORED if database.is_sqlite else COLUMNS
        self.insert_entry = compile_(sa.insert(e).values({name: b(name) for name in stored}))
        self.insert_head = compile_(_ignoring(database, h))
        move = sa.update(h).values({name: b(f"new_{name}") for name in Head._fields[1:]})
        self.move_head = compile_(
            move.where(
                h.c.tenant == b("in_tenant"), h.c.stream == b("of_stream"), h.c.version == b("expected")
            )
        )
        self.take_claim = compile_(_ignoring(database, c))
        key = [c.c[name] == b(name) for name in ("tenant", "kind", "token", "stream")]
        self.release_claim = compile_(sa.delete(c).where(*key))
        self.note_command = compile_(_ignoring(database, k))

        my_heads = sa.select(*head).where(h.c.tenant == b("tenant"))
        self.heads = compile_(my_heads.where(among(h.c.stream)))
        self.head = compile_(my_heads.where(h.c.stream == b("names")))
        rest = my_heads.where(h.c.stream > b("after")).order_by(h.c.stream).limit(b("limit"))
        self.streams = compile_(rest)
        self.streams_of = compile_(rest.where(h.c.subject == b("subject")))
        self.due = compile_(rest.where((h.c.next_due <= b("until")) | (h.c.judged_by != b("judged_by"))))
        later = sa.select(h.c.stream).where(h.c.tenant == b("tenant"), h.c.stream > b("after"))
        either = (h.c.next_due <= b("until"), h.c.judged_by < b("judged_by"), h.c.judged_by > b("judged_by"))
        self.due_streams = compile_(sa.union_all(*[later.where(part) for part in either]).limit(b("limit")))

        one = sa.select(*fold).where(mine, stream).order_by(e.c.version)
        self.fold_rows = compile_(one)
        self.fold_rows_up_to = compile_(one.where(e.c.position <= b("up_to")))
        many = sa.select(e.c.stream, *fold).where(mine, among(e.c.stream)).order_by(e.c.stream, e.c.version)
        self.fold_rows_of = compile_(many)
        self.fold_rows_of_up_to = compile_(many.where(e.c.position <= b("up_to")))
        self.entries = compile_(sa.select(*whole).where(mine, stream).order_by(e.c.version))

        ours = database.unindexed("tenant") == b("tenant")
        after = e.c.position > b("after")
        self.page = compile_(sa.select(*whole).where(ours, after).order_by(e.c.position).limit(b("limit")))
        passing = sa.select(*[e.c[name] for name in Passing._fields]).where(ours, after)
        self.passing = compile_(passing.order_by(e.c.position).limit(b("limit")))
        self.count = compile_(sa.select(sa.func.count()).select_from(e).where(mine))
        position = sa.select(e.c.position).where(mine)
        last = sa.select(e.c.position).where(ours).order_by(e.c.position.desc()).limit(1)
        self.last_position = compile_(last)
        self.last_recorded = compile_(sa.select(sa.func.max(e.c.recorded_at)).where(ours))
        known = e.c.recorded_at <= b("recorded_at")
        latest = position.where(known).order_by(e.c.recorded_at.desc(), e.c.position.desc())
        self.latest_recorded = compile_(latest.limit(1))
        named = sa.select(e.c.position).where(ours, after, e.c.name == b("name"))
        self.first_named = compile_(named.order_by(e.c.position).limit(1))
        self.recorded_by = compile_(sa.select(sa.func.max(e.c.position)).where(mine, known))
        self.recorded_after = compile_(
            last.where(database.unindexed("recorded_at") <= b("recorded_at"), after)
        )

        place = (e.c.source_document, e.c.source_line, e.c.position)
        sourced = sa.select(
            e.c.source_document, e.c.source_line, e.c.stream, e.c.version, e.c.name, e.c.position
        )
        named = sourced.where(
            mine,
            e.c.source_system == b("system"),
            e.c.source_line.is_not(None),
            sa.tuple_(*place) > sa.tuple_(b("document"), b("line"), b("position")),
        )
        self.of_source = compile_(named.order_by(*place).limit(b("limit")))
        self.of_source_and_batch = compile_(
            named.where(e.c.batch == b("batch")).order_by(*place).limit(b("limit"))
        )

        mine_of_kind = (c.c.tenant == b("tenant"), c.c.kind == b("kind"))
        held = sa.select(c.c.token, c.c.stream).where(*mine_of_kind)
        held = held.order_by(c.c.policy == "advisory", c.c.stream)
        self.holders = compile_(held.where(among(c.c.token)))
        self.holder = compile_(held.where(c.c.token == b("names")))
        record = [k.c[name] for name in ("command_id", "digest", "stream", "first_version", "last_version")]
        recorded = sa.select(*record).where(k.c.tenant == b("tenant"))
        self.commands = compile_(recorded.where(among(k.c.command_id)))
        self.command = compile_(recorded.where(k.c.command_id == b("names")))
        both = m.c.tenant.in_([sa.literal_column(f"'{schema.EVERY_TENANT}'"), b("tenant")])
        self.meta = compile_(sa.select(m.c.key, m.c.value).where(both))
        put = database.insert(m)
        newer = {"value": put.excluded.value}
        self.put_meta = compile_(put.on_conflict_do_update(index_elements=["tenant", "key"], set_=newer))


def _ignoring(database: Database, table: sa.Table) -> Any:
    """Return an insert that leaves a row alone that is there: the count of rows tells, and no transaction is spoilt."""
    return (
        database.insert(table)
        .values({c.name: sa.bindparam(c.name) for c in table.columns})
        .on_conflict_do_nothing()
    )


def _executemany(cursor: Any, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if len(rows) == 1:
        cursor.execute(sql, rows[0])
    else:
        cursor.executemany(sql, rows)


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _NAMES_AT_ONCE):
        yield names[start : start + _NAMES_AT_ONCE]


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
