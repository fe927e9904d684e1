"""Reading the rows of read models, all at one position of the log."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from decimal import Decimal
from typing import Any, TypeVar

import sqlalchemy as sa
import sqlalchemy.exc

from guanxi.kernel.errors import Unavailable
from guanxi.kernel.read_models import STREAM, TENANT, ReadModel, Sealer
from guanxi.kernel.timeline import NOW_CUT, Cut
from guanxi_adapters.sql.engine import Database, Statement
from guanxi_adapters.sql.model_tables import table_of
from guanxi_adapters.sql.temporal import shown_at

Row = TypeVar("Row")


_OF_STREAM: weakref.WeakKeyDictionary[Database, dict[tuple[str, int, bool], Statement]] = (
    weakref.WeakKeyDictionary()
)
"""What reads one stream's rows of a read model, by its name and version, and whether it is a throw-away table."""


class SqlReader:
    """Reads rows at one cut, for one tenant; see ``guanxi.kernel.read_models.Reader``.

    It keeps one state of the database in view until it is closed or forgotten, however far the live tables move on
    meanwhile. (In an in-memory database there is but one connection, and it reads what is there.)

    Args:
        database: where the tables are.
        tenant: whose rows.
        sealer: unseals personal cells.
        standing: ``standing(connection)`` returns the position the tables stand at, and of each model that cannot be
            read there the error to raise.
        cut: as of and as known at which stamps temporal models are read; an ordinary one can be read at now alone.
        plain: whether the tables show one cut only, as throw-away ones do, those of temporal models too.
    """

    position: int

    def __init__(
        self,
        database: Database,
        tenant: str,
        sealer: Sealer | None,
        standing: Callable[[sa.Connection], tuple[int, Mapping[str, Unavailable]]],
        *,
        cut: Cut = NOW_CUT,
        plain: bool = False,
    ) -> None:
        self._database, self._tenant, self._sealer = database, tenant, sealer
        self._cut, self._plain = cut, plain
        self._tables: dict[str, sa.Table] = {}
        self._lock = threading.RLock()
        self._held: sa.Connection | None = None
        if not database.is_memory:
            self._held = database.open_connection(snapshot=True)
            self._release = weakref.finalize(self, _let_go, self._held)
        with self._connection() as connection:
            self.position, self._unreadable = standing(connection)

    def __enter__(self) -> SqlReader:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the state of the database that was kept in view."""
        if self._held is not None:
            self._release()

    def rows(self, model: ReadModel[Row]) -> Iterator[tuple[str, Row]]:
        """Yield (stream, row) pairs in order of stream and key."""
        self._check(model)
        table, cells = self._table(model), [c.name for c in model.cells]
        query = (
            sa.select(table.c[STREAM], *[table.c[name] for name in cells])
            .where(*self._shown(model, table))
            .order_by(table.c[STREAM], *[table.c[name] for name in model.keys])
        )
        for row in self._fetch(query):
            yield row[0], model.from_db(row[0], row[1:], self._sealer)

    def rows_of(self, model: ReadModel[Row], stream: str) -> list[Row]:
        """Return one stream's rows in order of key."""
        self._check(model)
        if model.temporal:
            table = self._table(model)
            query = self._rows_of(model, table).where(*self._shown(model, table), table.c[STREAM] == stream)
            found = self._fetch(query)
        else:
            statement = self._compiled(model)
            with self._connection() as connection:
                values = statement(tenant=self._tenant, stream=stream)
                found = [tuple(row) for row in connection.exec_driver_sql(statement.sql, values)]
        return [model.from_db(stream, row, self._sealer) for row in found]

    def _compiled(self, model: ReadModel[Any]) -> Statement:
        """Return what reads one stream's rows, compiled once: it is asked while somebody waits on the telephone."""
        statements, key = _OF_STREAM.setdefault(self._database, {}), (model.name, model.version, self._plain)
        if key not in statements:
            table = self._table(model)
            mine = table.c[TENANT] == sa.bindparam(TENANT), table.c[STREAM] == sa.bindparam(STREAM)
            statements[key] = self._database.compile(self._rows_of(model, table).where(*mine))
        return statements[key]

    def _rows_of(self, model: ReadModel[Any], table: sa.Table) -> sa.Select[Any]:
        cells = [table.c[c.name] for c in model.cells]
        return sa.select(*cells).order_by(*[table.c[name] for name in model.keys])

    def row(self, model: ReadModel[Row], stream: str, key: Any = ()) -> Row | None:
        """Return one row, or None.

        Args:
            model: the read model.
            stream: whose row.
            key: the value of the row's key field, or a tuple of them; nothing for one row per stream.
        """
        self._check(model)
        table, keys = self._table(model), [c for c in model.cells if c.name in model.keys]
        values = (key,) if len(keys) == 1 else key
        query = sa.select(*[table.c[c.name] for c in model.cells]).where(
            *self._shown(model, table),
            table.c[STREAM] == stream,
            *[table.c[c.name] == c.encode(v) for c, v in zip(keys, values, strict=True)],
        )
        found = self._fetch(query)
        return model.from_db(stream, found[0], self._sealer) if found else None

    def select(self, build: Callable[..., sa.Select[Any]], *models: ReadModel[Any]) -> list[tuple[Any, ...]]:
        """Run a query built over the models' tables, each already narrowed to the tenant.

        Args:
            build: receives one selectable per model, in order, with its stream and its cells as stored (amounts as
                whole units, dates as text, personal cells sealed), and returns the statement.
            models: the read models it reads.
        """
        for model in models:
            self._check(model)
        return self._fetch(build(*[self._narrowed(model) for model in models]))

    def _narrowed(self, model: ReadModel[Any]) -> sa.Subquery:
        table = self._table(model)
        columns = [_plain(table.c[name]) for name in (STREAM, *[c.name for c in model.cells])]
        return sa.select(*columns).where(*self._shown(model, table)).subquery(name=model.table_name)

    def _table(self, model: ReadModel[Any]) -> sa.Table:
        # The same table gives the same statement, which the library then compiles once however many rows are asked for.
        if model.name not in self._tables:
            self._tables[model.name] = table_of(model, plain=self._plain)
        return self._tables[model.name]

    def _shown(self, model: ReadModel[Any], table: sa.Table) -> list[sa.ColumnElement[bool]]:
        mine = table.c[TENANT] == self._tenant
        return [mine, *shown_at(table, self._cut)] if model.temporal and not self._plain else [mine]

    def _check(self, model: ReadModel[Any]) -> None:
        error = self._unreadable.get(model.name)
        if error is not None:
            raise error
        if self._cut != NOW_CUT and not model.temporal:
            raise Unavailable(
                "not_temporal",
                f"{model.name} keeps its rows of now alone",
                zh=f"{model.name} 只保存当前行",
                accepts="a temporal read model, or a scratch projection at that cut",
            )

    def _fetch(self, query: sa.Select[Any]) -> list[tuple[Any, ...]]:
        with self._connection() as connection:
            rows = connection.execute(query).fetchall()
        if self._database.is_sqlite:
            return [tuple(row) for row in rows]
        return [tuple([_whole(value) for value in row]) for row in rows]

    def _connection(self) -> AbstractContextManager[sa.Connection]:
        return self._database.connected() if self._held is None else self._holding(self._held)

    @contextmanager
    def _holding(self, connection: sa.Connection) -> Generator[sa.Connection]:
        with self._lock, self._database.translating():
            yield connection


def _let_go(connection: sa.Connection) -> None:
    # A reader may be forgotten long after its server went away; that is no one's error.
    with suppress(sqlalchemy.exc.SQLAlchemyError):
        connection.close()


def _whole(value: Any) -> Any:
    """Return PostgreSQL's sum of whole numbers as a whole number, as SQLite does."""
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:
        return int(value)
    return value


def _plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return a column that queries compare as plain text, still sorted by its bytes.

    With the collation in its type, every value it is compared with would be rendered with one, and PostgreSQL takes
    none there within BETWEEN.
    """
    if not isinstance(column.type, sa.Text):
        return column
    return sa.type_coerce(column, sa.Text()).label(column.name)
