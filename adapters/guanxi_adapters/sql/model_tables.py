"""One read model's table in one database: its definition, and the statements that load, write and swap its rows."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from guanxi.kernel.read_models import STREAM, TENANT, ReadModel, Rows, Sealer
from guanxi_adapters.sql import row_security
from guanxi_adapters.sql.arrays import array_text
from guanxi_adapters.sql.engine import Database, Statement
from guanxi_adapters.sql.schema import definition, has_table, text
from guanxi_adapters.sql.standings import table_name

_STREAMS_AT_ONCE = 5_000

Cells = tuple[Any, ...]


def table_of(
    model: ReadModel[Any], suffix: str = "", *, plain: bool = False, version: int | None = None
) -> sa.Table:
    """Return a model's table; on PostgreSQL its texts sort by their bytes, as they do on SQLite.

    Args:
        model: whose table.
        suffix: what its name ends with.
        plain: whether it shows one cut only, so that even a temporal model has one version of each row.
        version: another version, whose table is taken to have the same columns.
    """
    table = model.table(sa.MetaData(), suffix, temporal=model.temporal and not plain)
    table.name = table_name(model.name, model.version if version is None else version, suffix)
    for column in table.columns:
        if isinstance(column.type, sa.Text):
            column.type = text()
    return table


class Texts:
    """The statements of one model's table in one kind of database, each compiled when it is first asked for.

    Args:
        model: whose rows.
        database: one of that kind.
        suffix: what the table's name ends with.
        plain: whether it shows one cut only.
    """

    def __init__(self, model: ReadModel[Any], database: Database, suffix: str, plain: bool) -> None:
        self.table = table_of(model, suffix, plain=plain)
        self.definition = definition(database, self.table)
        self._compile, self._among, self._insert = database.compile, database.among, database.insert
        self._is_sqlite = database.is_sqlite
        self._cells = [self.table.c[c.name] for c in model.cells]
        self._mine = self.table.c[TENANT] == sa.bindparam("tenant")
        self._keys = [c.name for c in self.table.primary_key.columns]

    @cached_property
    def load(self) -> Statement:
        """Reads the rows of the named streams."""
        stream = self.table.c[STREAM]
        return self._compile(sa.select(stream, *self._cells).where(self._mine, self._among(stream)))

    @cached_property
    def clear(self) -> Statement:
        """Deletes the rows of the named streams."""
        return self._compile(sa.delete(self.table).where(self._mine, self._among(self.table.c[STREAM])))

    @cached_property
    def clear_all(self) -> Statement:
        """Deletes all rows of the tenant."""
        return self._compile(sa.delete(self.table).where(self._mine))

    @cached_property
    def drop(self) -> Statement:
        """Deletes one row."""
        key = [self.table.c[name] == sa.bindparam(name) for name in self._keys if name != TENANT]
        return self._compile(sa.delete(self.table).where(self._mine, *key))

    @cached_property
    def write(self) -> Statement:
        """Inserts rows, or replaces those of their keys."""
        b, names = sa.bindparam, [c.name for c in self.table.columns]
        insert = self._insert(self.table)
        if self._is_sqlite:
            insert = insert.values({name: b(name) for name in names})
        else:
            listed = [b(c.name, type_=postgresql.ARRAY(c.type)) for c in self.table.columns]
            source = sa.func.unnest(*listed).table_valued(*names, name="rows").render_derived()
            insert = insert.from_select(names, sa.select(*[source.c[n] for n in names]))
        changed = {n: insert.excluded[n] for n in names if n not in self._keys}
        if changed:
            insert = insert.on_conflict_do_update(index_elements=self._keys, set_=changed)
        else:
            insert = insert.on_conflict_do_nothing()
        return self._compile(insert)


_FEW = 5_000
"""Rows that are sooner moved to another table than a table is renamed, on SQLite."""

_texts: WeakKeyDictionary[ReadModel[Any], dict[tuple[str, str, bool], Texts]] = WeakKeyDictionary()
"""Compiling takes its time, and a process that opens many ledgers compiles for all of them alike."""


def texts_of(model: ReadModel[Any], database: Database, suffix: str, *, plain: bool) -> Texts:
    """Return the statements of a model's table, made once for each kind of database."""
    known, key = _texts.setdefault(model, {}), (database.dialect.name, suffix, plain)
    if key not in known:
        known[key] = Texts(model, database, suffix, plain)
    return known[key]


class ModelTable:
    """The rows of one model, live or being built, of one tenant.

    Args:
        model: whose rows.
        database: where.
        tenant: whose.
        suffix: what the table's name ends with while it is being built.
        plain: whether it shows one cut only; see ``table_of``.
    """

    def __init__(
        self,
        model: ReadModel[Any],
        database: Database,
        tenant: str,
        suffix: str = "",
        *,
        plain: bool = False,
    ) -> None:
        self.model, self.database, self.tenant = model, database, tenant
        self._texts = texts_of(model, database, suffix, plain=plain)
        self.table, self.name = self._texts.table, self._texts.table.name
        self._keys = [(place, cell) for place, cell in enumerate(model.cells) if cell.name in model.keys]

    def key_of(self, cells: Cells) -> Any:
        """Return the key, within its stream, of a row's stored cells."""
        values = tuple([cell.decode(cells[place]) for place, cell in self._keys])
        return values[0] if len(values) == 1 else values

    def load(self, cursor: Any, streams: Sequence[str]) -> dict[str, dict[Any, Cells]]:
        """Return the stored cells of the named streams' rows, by stream and key."""
        found: dict[str, dict[Any, Cells]] = {}
        for start in range(0, len(streams), _STREAMS_AT_ONCE):
            names = self.database.list_of(streams[start : start + _STREAMS_AT_ONCE])
            cursor.execute(self._texts.load.sql, self._texts.load(tenant=self.tenant, names=names))
            for row in cursor.fetchall():
                cells = row[1:]
                found.setdefault(row[0], {})[self.key_of(cells)] = cells
        return found

    def write(self, cursor: Any, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert or replace rows, given as tenant, stream and cells."""
        if not rows:
            return
        if self.database.is_sqlite:
            cursor.executemany(self._texts.write.sql, rows)
        else:
            cursor.execute(self._texts.write.sql, [array_text(column) for column in zip(*rows, strict=True)])

    def fill(self, cursor: Any, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows, given as for ``write``, of streams that have none yet."""
        if self.database.is_sqlite or row_security.hides(self.database, cursor, self.name):
            self.write(cursor, rows)  # COPY knows no policies
            return
        names = ", ".join(self._quoted(c.name) for c in self.table.columns)
        with cursor.copy(f"COPY {self._quoted(self.name)} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def clear(self, cursor: Any, streams: Iterable[str]) -> None:
        """Delete every row of the named streams."""
        names = list(streams)
        for start in range(0, len(names), _STREAMS_AT_ONCE):
            part = self.database.list_of(names[start : start + _STREAMS_AT_ONCE])
            cursor.execute(self._texts.clear.sql, self._texts.clear(tenant=self.tenant, names=part))

    def drop_rows(self, cursor: Any, keys: Iterable[tuple[str, Any]]) -> None:
        """Delete single rows, given as stream and key."""
        cells = [cell for _, cell in self._keys]
        for stream, key in keys:
            values = (key,) if len(cells) == 1 else key
            stored = {c.name: c.encode(v) for c, v in zip(cells, values, strict=True)}
            cursor.execute(
                self._texts.drop.sql, self._texts.drop(tenant=self.tenant, stream=stream, **stored)
            )

    def clear_all(self, cursor: Any) -> None:
        """Delete every row of the tenant."""
        cursor.execute(self._texts.clear_all.sql, self._texts.clear_all(tenant=self.tenant))

    def make(self, cursor: Any) -> None:
        """Make the table if it is absent."""
        for sql in self._texts.definition:
            cursor.execute(sql)
        row_security.follow(self.database, cursor, self.name)

    def remove(self, cursor: Any) -> None:
        """Remove the table if it is there."""
        cursor.execute(f"DROP TABLE IF EXISTS {self._quoted(self.name)}")

    def replace(self, cursor: Any, live: ModelTable, *, rows: int, shared: bool) -> None:
        """Put this table's rows in the place of the tenant's live ones.

        On SQLite, the table itself takes the live one's name where no other tenant has rows there: a reader keeps the
        whole of the database in view, names and all. Few rows move, since a renaming has SQLite read the definitions of
        all tables again. On PostgreSQL a name is looked up as it stands now, and a reader that looked before would find a
        table whose rows came after; so there the rows move.

        Args:
            cursor: of the transaction that swaps.
            live: the table that readers look into.
            rows: how many there are here.
            shared: whether other tenants have rows in the live table.
        """
        new, old = self._quoted(self.name), self._quoted(live.name)
        few = self.database.is_sqlite and rows <= _FEW
        there = has_table(self.database, cursor, live.name)
        if few and not there:
            live.make(cursor)
            there = True
        if there and (few or shared or not self.database.is_sqlite):
            live.clear_all(cursor)
            names = ", ".join(self._quoted(c.name) for c in self.table.columns)
            cursor.execute(f"INSERT INTO {old} ({names}) SELECT {names} FROM {new}")
            self.remove(cursor)
            return
        if there:
            live.remove(cursor)
        cursor.execute(f"ALTER TABLE {new} RENAME TO {old}")

    def rename(self, cursor: Any, other: ModelTable) -> None:
        """Give this table the name of another one, which must not be there."""
        cursor.execute(f"ALTER TABLE {self._quoted(self.name)} RENAME TO {self._quoted(other.name)}")

    def _quoted(self, name: str) -> str:
        return self.database.dialect.identifier_preparer.quote(name)


class Changes:
    """What one page does to one model's rows.

    Args:
        table: where the rows stand.
        sealer: seals personal cells.
    """

    def __init__(self, table: ModelTable, sealer: Sealer | None) -> None:
        self._table, self._sealer = table, sealer
        self.rows: list[tuple[Any, ...]] = []
        self.cleared: list[str] = []
        self.dropped: list[tuple[str, Any]] = []

    def extend(self, stream: str, timeline: Any, known: dict[Any, Cells]) -> None:
        """Fold further events onto a stream's stored rows."""
        model, sealer, loaded = self._table.model, self._sealer, set[Any]()

        def load(key: Any) -> Any:
            cells = known.pop(key, None)  # once: a row deleted and begun again on one page begins empty
            if cells is None:
                return None
            loaded.add(key)
            return model.from_db(stream, cells, sealer)

        rows = fold(model, stream, timeline, load)
        self._keep(stream, rows)
        self.dropped += [(stream, key) for key in loaded if key not in rows]

    def remake(self, stream: str, timeline: Any) -> None:
        """Fold a stream's rows anew; those that are stored go."""
        self.cleared.append(stream)
        self._keep(stream, fold(self._table.model, stream, timeline, _nothing))

    def apply(self, cursor: Any) -> None:
        """Write what was folded."""
        self._table.clear(cursor, self.cleared)
        self._table.drop_rows(cursor, self.dropped)
        self._table.write(cursor, self.rows)

    def _keep(self, stream: str, rows: Any) -> None:
        to_db, sealer, tenant = self._table.model.to_db, self._sealer, self._table.tenant
        self.rows += [(tenant, stream, *to_db(stream, row, sealer)) for row in rows.values()]


@contextmanager
def sent_together(database: Database, cursor: Any) -> Generator[None]:
    """Send the statements of a block, none of which reads anything, to PostgreSQL in one round trip."""
    if database.is_sqlite or not database.driver.Pipeline.is_supported():
        yield
        return
    with cursor.connection.pipeline():
        yield


def fold(model: ReadModel[Any], stream: str, timeline: Any, load: Any) -> Rows[Any]:
    """Fold a timeline into a stream's rows, those that are stored coming from ``load``."""
    rows: Rows[Any] = Rows(model.make, load, stream)
    model.fold(rows, timeline)
    return rows


def _nothing(_key: Any) -> None:
    return None
