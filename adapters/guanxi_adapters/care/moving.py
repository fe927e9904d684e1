"""Moving a ledger's rows, log or keys, from one place to another: page by page, as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from guanxi.kernel.times import stamp
from guanxi_adapters.care.places import (
    Place,
    Progress,
    as_tenant,
    last_position,
    put_settings,
    settings_of,
)
from guanxi_adapters.sql import schema
from guanxi_adapters.sql.keys import KeyTables

AT_ONCE = 5_000

COPIED_FROM = "copied_from"
"""Setting that says which database this one is a copy of, when it was made and up to which position."""

UNFINISHED = "unfinished"
"""Setting of keys that were copied for a log which has not arrived yet: its URL."""

_OF_THE_PLACE = schema.OF_THE_DATABASE | {COPIED_FROM, UNFINISHED}
"""Settings that say how a database was made, not what it holds."""

_MADE_ANEW = frozenset({schema.read_models.name, schema.counter.name, schema.meta.name})


def log_tables() -> list[sa.Table]:
    """Return the tables whose rows make up a log, the entries first."""
    kept = [t for t in schema.metadata.sorted_tables if t.name not in _MADE_ANEW]
    return sorted(kept, key=lambda table: table.name != schema.entries.name)


def move_log(
    source: Place, target: Place, tenants: Sequence[str], *, whole: bool, progress: Progress | None
) -> int:
    """Copy the logs of tenants into tables that were just made; positions go on above the highest ever given there.

    Both places are inside one snapshot, or one transaction.

    Args:
        source: read from.
        target: written to.
        tenants: whose.
        whole: whether these are all tenants of the source.
        progress: told of every page.

    Returns:
        How many entries there are.
    """
    tables, moved, total = [(t, _columns(source, t)) for t in log_tables()], 0, 0
    if progress is not None:
        total = sum(_count(source, schema.entries, tenant) for tenant in tenants)

    def count(rows: int) -> None:
        nonlocal moved
        moved += rows
        if progress is not None:
            progress("copying", moved, total)

    for tenant in tenants:
        for table, names in tables:
            if names:
                told = count if table is schema.entries else None
                _move(source, target, table, table, names, tenant, told)
        _move_settings(source, target, schema.meta, schema.meta, tenant)
    last = max((last_position(source, tenant) for tenant in tenants), default=0)
    _move_settings(source, target, schema.meta, schema.meta, schema.EVERY_TENANT)
    _go_on_above(source, target, last, moved, whole=whole)
    _say_where_from(source, target, last)
    return moved


def move_keys(source: Place, target: Place, tenants: Sequence[str], progress: Progress | None) -> int:
    """Copy the keys of tenants into tables that are there, destroyed ones as what is left of them; return how many are alive."""
    old, new = KeyTables(source), KeyTables(target)
    pairs = [(old.keys, new.keys), (old.token_keys, new.token_keys)]
    tables = [(theirs, ours, _columns(source, theirs)) for theirs, ours in pairs]
    for number, tenant in enumerate(tenants, 1):
        for theirs, ours, names in tables:
            _move(source, target, theirs, ours, names, tenant, None)
        _move_settings(source, target, old.settings, new.settings, tenant)
        if progress is not None:
            progress("keys", number, len(tenants))
    _move_settings(source, target, old.settings, new.settings, schema.EVERY_TENANT)
    alive = target.compile(sa.select(sa.func.count()).where(new.keys.c.destroyed_at.is_(None)))
    with target.reading() as cursor:
        cursor.execute(alive.sql, alive())
        return int(cursor.fetchone()[0])


def read_marks(source: Place, tenants: Sequence[str]) -> dict[str, bytes]:
    """Return the secrets of tenants' own by which their keyrings are recognised."""
    tokens = KeyTables(source).token_keys
    query = sa.select(tokens.c.secret).where(tokens.c.tenant == sa.bindparam("tenant"))
    statement = source.compile(query)
    found: dict[str, bytes] = {}
    for tenant in tenants:
        with source.reading() as cursor:
            as_tenant(source, cursor, tenant)
            cursor.execute(statement.sql, statement(tenant=tenant))
            if (row := cursor.fetchone()) is not None:
                found[tenant] = bytes(row[0])
    return found


def _move(
    source: Place,
    target: Place,
    old: sa.Table,
    new: sa.Table,
    names: Sequence[str],
    tenant: str,
    told: Callable[[int], None] | None,
) -> None:
    order = [old.c.position] if "position" in old.c else list(old.primary_key.columns)
    query = sa.select(*[old.c[name] for name in names]).where(old.c.tenant == sa.bindparam("tenant"))
    statement = source.compile(query.order_by(*order))
    for rows in _pages(source, statement.sql, statement(tenant=tenant), tenant):
        _write(target, new, names, rows)
        if told is not None:
            told(len(rows))


def _pages(source: Place, sql: str, values: tuple[Any, ...], tenant: str) -> Iterator[list[tuple[Any, ...]]]:
    with source.reading() as cursor:
        if source.is_sqlite:
            cursor.execute(sql, values)
            while rows := cursor.fetchmany(AT_ONCE):
                yield rows
            return
        as_tenant(source, cursor, tenant)
        # A cursor of the server's own: the driver would fetch every row at once.
        with cursor.connection.cursor(name="guanxi_moving") as served:
            served.execute(sql, values)
            while rows := served.fetchmany(AT_ONCE):
                yield rows


def _write(target: Place, table: sa.Table, names: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    columns = ", ".join(names)
    with target.writing() as cursor:
        if target.is_sqlite:
            marks = ", ".join("?" * len(names))
            cursor.executemany(f"INSERT INTO {table.fullname} ({columns}) VALUES ({marks})", rows)
            return
        with cursor.copy(f"COPY {table.fullname} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _move_settings(source: Place, target: Place, old: sa.Table, new: sa.Table, tenant: str) -> None:
    with source.reading() as cursor:
        as_tenant(source, cursor, tenant)
        found = settings_of(source, cursor, tenant, old)
    mine = found if tenant else {k: v for k, v in found.items() if k not in _OF_THE_PLACE}
    put_settings(target, tenant, mine, new)


def _go_on_above(source: Place, target: Place, last: int, moved: int, *, whole: bool) -> None:
    """Let positions go on above the highest that the source ever gave, and remember how many are rightly empty below."""
    given = max(last, _given(source))
    with target.writing() as cursor:
        if target.is_sqlite:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = 'guanxi_entries'")
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('guanxi_entries', ?)", (given,))
        elif _has(target, schema.counter):
            cursor.execute(
                f"UPDATE {schema.counter.name} SET last = %s WHERE name = %s", (given, schema.entries.name)
            )
        elif given:
            cursor.execute("SELECT setval(%s, %s)", (schema.POSITIONS, given))
    if not target.is_sqlite:
        return
    # On SQLite every position is filled, and one that is empty was deleted; but not what a server's log never filled.
    gaps = _gaps(source) if source.is_sqlite and whole else given - moved
    if gaps:
        put_settings(target, schema.EVERY_TENANT, {schema.GAPS_SETTING: str(gaps)})


def _given(source: Place) -> int:
    with source.reading() as cursor:
        if source.is_sqlite:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'guanxi_entries'")
        elif _has(source, schema.counter):
            cursor.execute(f"SELECT last FROM {schema.counter.name} WHERE name = '{schema.entries.name}'")
        else:
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {schema.POSITIONS}")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _gaps(source: Place) -> int:
    with source.reading() as cursor:
        return int(settings_of(source, cursor, schema.EVERY_TENANT).get(schema.GAPS_SETTING, 0))


def say_where_from(place: Place, database_id: str, last: int) -> None:
    """Record which database a copy was taken of, up to which position and when."""
    told = {"database_id": database_id, "position": last, "at": stamp(datetime.now(UTC))}
    put_settings(place, schema.EVERY_TENANT, {COPIED_FROM: msgspec.json.encode(told).decode()})


def _say_where_from(source: Place, target: Place, last: int) -> None:
    with source.reading() as cursor:
        known = settings_of(source, cursor, schema.EVERY_TENANT).get("database_id", "")
    say_where_from(target, known, last)


def _count(place: Place, table: sa.Table, tenant: str) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(table.c.tenant == sa.bindparam("tenant"))
    statement = place.compile(query)
    with place.reading() as cursor:
        as_tenant(place, cursor, tenant)
        cursor.execute(statement.sql, statement(tenant=tenant))
        return int(cursor.fetchone()[0])


def _has(place: Place, table: sa.Table) -> bool:
    with place.reading() as cursor:
        return schema.has_table(place, cursor, table.name, table.schema)


def _columns(place: Place, table: sa.Table) -> list[str]:
    """Return which columns of a table, which an earlier program may have made, are there; none if the table is not."""
    with place.reading() as cursor:
        if place.is_sqlite:
            cursor.execute("SELECT name FROM pragma_table_info(?)", (table.name,))
        else:
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
                (table.fullname,),
            )
        there = {row[0] for row in cursor.fetchall()}
    return [str(c.name) for c in table.columns if c.name in there]
