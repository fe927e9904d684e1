"""Where a ledger lies, or is to lie: one state of it to read from, one transaction to write it in, and what is there already."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi import Conflict, GuanxiError, Invalid, Unavailable
from guanxi_adapters.sql import row_security, schema
from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.horizon import Horizon
from guanxi_adapters.sql.session import TENANT
from guanxi_adapters.sql.statements import of_tenant

Progress = Callable[[str, int, int], None]
"""Called with what is being done (``copying``, ``keys``, ``verifying``, ``read models``), how much of it, and of how much."""

_FOR_A_QUIET_MOMENT = 3.0
_BETWEEN_LOOKS = 0.01


class Place(Database):
    """A database whose every read and write goes through one transaction, while ``snapshot`` or ``transaction`` lasts."""

    _within: Any = None

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """Read one state of the database from here on, whatever others write meanwhile."""
        with super().reading() as cursor:
            cursor.execute("BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            try:
                # The state is that of the first statement which looks at a table.
                cursor.execute(f"SELECT count(*) FROM {'sqlite_master' if self.is_sqlite else 'pg_class'}")
                cursor.fetchall()
                with self._inside(cursor):
                    yield
            finally:
                cursor.connection.rollback()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Write in one transaction from here on: all of it is there in the end, or nothing."""
        with super().writing() as cursor, self._inside(cursor):
            yield

    @contextmanager
    def _inside(self, cursor: Any) -> Generator[None]:
        self._within = cursor.connection
        try:
            yield
        finally:
            self._within = None

    @contextmanager
    def reading(self, connection: sa.Connection | None = None) -> Generator[Any]:
        """Give a cursor to read with, inside the snapshot or transaction if there is one."""
        if self._within is None or connection is not None:
            with super().reading(connection) as cursor:
                yield cursor
            return
        with self.translating():
            yield self._within.cursor()

    @contextmanager
    def writing(self, connection: sa.Connection | None = None) -> Generator[Any]:
        """Give a cursor to write with, inside the transaction if there is one."""
        if self._within is None or connection is not None:
            with super().writing(connection) as cursor:
                yield cursor
            return
        with self.translating():
            yield self._within.cursor()


@contextmanager
def opened(url: str, **options: Any) -> Generator[Place]:
    """Give a place that no statement's length is bounded in, and close it in the end.

    Args:
        url: where.
        **options: for the database.
    """
    # Between two pages the other side may be busy for long.
    place = Place(url, statement_timeout=0, session={"idle_in_transaction_session_timeout": "0"}, **options)
    try:
        yield place
    finally:
        place.close()


@attrs.frozen
class Contents:
    """What a place holds of a ledger.

    Args:
        version: schema version of its tables.
        database_id: by which it is told from any other.
        registered: whether appends are registered while they are in flight.
    """

    version: int
    database_id: str
    registered: bool


def contents(place: Place) -> Contents:
    """Return what a place holds, of the present schema version or an earlier one.

    Raises:
        Unavailable: ``no_ledger_here``.
        SchemaTooNew: a newer program made it.
    """
    try:
        schema.ensure(place, create=False)
    except Unavailable as error:
        if error.code != "schema_too_old":
            raise
    with place.reading() as cursor:
        found = schema.found_version(place, cursor, schema.meta)
        settings = settings_of(place, cursor, schema.EVERY_TENANT)
    positions = settings.get(schema.POSITIONS_SETTING)
    return Contents(
        found or 0,
        settings.get("database_id", ""),
        not place.is_sqlite and positions == schema.IN_FLIGHT,
    )


@contextmanager
def one_state(place: Place, tenant: str | None = None) -> Generator[None]:
    """Read one state of a ledger, if possible one below whose last entry nothing is in flight any more.

    Whatever was committed is in it. Where an append that takes long got its positions before others that are in it already,
    its own will stay empty here: waiting for it would leave out what was acknowledged meanwhile.

    Args:
        place: where it is.
        tenant: the one that matters; all, if not given.
    """
    horizon = Horizon(place, registered=contents(place).registered)
    give_up = time.monotonic() + _FOR_A_QUIET_MOMENT
    while True:
        with place.reading() as cursor:
            reached = horizon.seen_by(cursor)
        with place.snapshot():
            names = tenants_of(place, tenant)
            last = max((last_position(place, name) for name in names), default=0)
            if last <= reached or time.monotonic() > give_up:
                yield
                return
        time.sleep(_BETWEEN_LOOKS)


def tenants_of(place: Place, only: str | None = None) -> list[str]:
    """Return the tenants of a place.

    Args:
        place: where.
        only: the one that is wanted.

    Raises:
        Unavailable: ``tenants_hidden`` where row-level security shows some of them alone.
        Invalid: ``unknown_tenant``.
    """
    found = row_security.tenants(place)
    names = [line.name for line in found.lines]
    if only is None:
        if not found.whole:
            raise Unavailable(
                "tenants_hidden",
                "row-level security shows this role some tenants alone; a copy would be without the others",
                zh="行级安全只向此角色显示部分租户；副本会缺少其余租户",
                accepts="the role that owns the tables, or one tenant by name",
                database=place.url,
            )
        return names
    if only not in names and found.whole:
        raise Invalid(
            "unknown_tenant",
            f"there is no tenant {only!r} in {place.url}",
            zh=f"{place.url} 中没有租户 {only!r}",
            accepts=", ".join(names) or "none: there is none yet",
        )
    return [only]


def as_tenant(place: Place, cursor: Any, tenant: str) -> None:
    """Show a connection the rows of a tenant, where row-level security hides them otherwise."""
    if not place.is_sqlite:
        cursor.execute("SELECT set_config(%s, %s, true)", (TENANT, tenant))


def last_position(place: Place, tenant: str) -> int:
    """Return the position of a tenant's last entry, 0 if there is none."""
    e = schema.entries
    query = sa.select(e.c.position).where(of_tenant(place))
    if not place.is_sqlite:
        query = sa.select(e.c.position).where(e.c.tenant == sa.bindparam("tenant"))
    statement = place.compile(query.order_by(e.c.position.desc()).limit(1))
    with place.reading() as cursor:
        as_tenant(place, cursor, tenant)
        cursor.execute(statement.sql, statement(tenant=tenant))
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def settings_of(place: Place, cursor: Any, tenant: str, settings: sa.Table = schema.meta) -> dict[str, str]:
    """Return the settings of a tenant, or those of the whole database for the empty name."""
    query = sa.select(settings.c.key, settings.c.value).where(settings.c.tenant == sa.bindparam("tenant"))
    statement = place.compile(query)
    cursor.execute(statement.sql, statement(tenant=tenant))
    return dict(cursor.fetchall())


def put_settings(place: Place, tenant: str, values: dict[str, str], settings: sa.Table = schema.meta) -> None:
    """Record settings of a tenant, or of the whole database."""
    put = place.insert(settings)
    newer = put.values({name: sa.bindparam(name) for name in ("tenant", "key", "value")})
    statement = place.compile(
        newer.on_conflict_do_update(index_elements=["tenant", "key"], set_={"value": put.excluded.value})
    )
    with place.writing() as cursor:
        for key, value in values.items():
            cursor.execute(statement.sql, statement(tenant=tenant, key=key, value=value))


def refuse_taken(place: Place, tables: Sequence[sa.Table]) -> None:
    """Refuse a place where any of these tables is.

    Raises:
        Conflict: ``place_taken``, naming the tables.
    """
    with place.reading() as cursor:
        there = [t.fullname for t in tables if schema.has_table(place, cursor, t.name, t.schema)]
    if there:
        raise Conflict(
            "place_taken",
            f"there is something already: {', '.join(sorted(there))}",
            zh=f"该处已有内容：{', '.join(sorted(there))}",
            accepts="a database without a ledger and without keys",
            database=place.url,
        )


def refuse_memory(place: Place) -> None:
    """Refuse a database in memory: nobody else could open what is put there.

    Raises:
        Invalid: ``in_memory``.
    """
    if place.is_memory:
        raise Invalid(
            "in_memory",
            "a database in memory ends with the process that opened it",
            zh="内存数据库随打开它的进程一同消失",
            accepts="sqlite:///file.db or postgresql+psycopg://…",
        )


def absent(error: GuanxiError) -> bool:
    """Return whether an error says that there is nothing at a place."""
    return error.code in ("no_ledger_here", "no_keys_here", "no_such_file")
