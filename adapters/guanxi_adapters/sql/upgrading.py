"""Upgrades of the log's own tables: ordered steps from one schema version to the next, each one transaction, none changing an entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.functions import FUNCTIONS


@attrs.frozen
class Step:
    """The way from one schema version to the next.

    Args:
        version: which it leads to.
        en: what it does, in English.
        zh: the same in Chinese.
        change: does it, on a cursor of the transaction that records the new version.
    """

    version: int
    en: str
    zh: str
    change: Callable[[Database, Any], None]


_LOOKUPS_OF_1 = (
    "name",
    "occurred_at",
    "effective_from",
    "recorded_at",
    "actor",
    "command_id",
    "section",
    "batch",
)


def _to_2(database: Database, cursor: Any) -> None:
    for name in _LOOKUPS_OF_1:
        cursor.execute(f"DROP INDEX IF EXISTS guanxi_entries_{name}")
    if not database.is_sqlite:
        for sql in _POSTGRES_TO_2:
            cursor.execute(sql)
    for table in (schema.spans, schema.lookup):
        for sql in schema.definition(database, table):
            cursor.execute(sql)
    for sql in () if database.is_sqlite else FUNCTIONS:
        cursor.execute(sql)
    _record(database, cursor, schema.Making().settings)


# Positions have come from a sequence of the table's own; since then whoever gives them takes them from it by name. That each
# is unique is no key's matter any more, since a table in parts could have none.
_POSTGRES_TO_2 = (
    "ALTER TABLE guanxi_entries ALTER COLUMN position DROP DEFAULT",
    "ALTER SEQUENCE guanxi_entries_position_seq OWNED BY NONE",
    "ALTER TABLE guanxi_entries DROP CONSTRAINT guanxi_entries_pkey",
    "CREATE UNIQUE INDEX guanxi_entries_tail ON guanxi_entries (tenant, position)",
    "ALTER TABLE guanxi_heads SET (fillfactor = 70)",
)


def _to_3(database: Database, cursor: Any) -> None:
    if database.is_sqlite:
        # Made anew, so that it has the very columns, in the very text, of one that is made today.
        cursor.execute("CREATE TABLE guanxi_heads_before AS SELECT * FROM guanxi_heads")
        cursor.execute("DROP TABLE guanxi_heads")
    else:
        cursor.execute('ALTER TABLE guanxi_heads ADD COLUMN apart_since TEXT COLLATE "C"')
        cursor.execute(
            "ALTER TABLE guanxi_heads ADD COLUMN rules_known TEXT COLLATE \"C\" DEFAULT '' NOT NULL"
        )
    for sql in schema.definition(database, schema.heads):
        cursor.execute(sql)
    if database.is_sqlite:
        cursor.execute(
            f"INSERT INTO guanxi_heads ({_HEADS_OF_2}) SELECT {_HEADS_OF_2} FROM guanxi_heads_before"
        )
        cursor.execute("DROP TABLE guanxi_heads_before")
    # What was stored before says nothing about itself: only judging a stream again shows that nothing stands apart in it.
    cursor.execute(
        "UPDATE guanxi_heads SET apart_since ="
        " (SELECT min(e.recorded_at) FROM guanxi_entries AS e WHERE e.tenant = guanxi_heads.tenant AND e.stream = guanxi_heads.stream)"
    )
    if not database.is_sqlite and _positions(cursor) != schema.SERIALISED:
        for sql in FUNCTIONS:
            cursor.execute(sql)


_HEADS_OF_2 = "tenant, stream, subject, version, hash, recorded_at, next_due, judged_by"


def _positions(cursor: Any) -> str | None:
    cursor.execute(
        f"SELECT value FROM {schema.meta.name} WHERE tenant = %s AND key = %s",
        (schema.EVERY_TENANT, schema.POSITIONS_SETTING),
    )
    row = cursor.fetchone()
    return row[0] if row else None


STEPS = (
    Step(
        2,
        "indexes of single entries give way to an index of stretches of the log; PostgreSQL gives positions without a lasting lock",
        "以日志区段索引取代逐条索引；PostgreSQL 不再以持久锁分配位置",
        _to_2,
    ),
    Step(
        3,
        "the head of each stream says since when something may stand in it otherwise than it would be drawn",
        "各流的头记录说明自何时起可能有判定与重新推导不符",
        _to_3,
    ),
)
"""All steps there ever were, in order."""


def steps_from(version: int) -> tuple[Step, ...]:
    """Return the steps that lead from a schema version to this program's."""
    return tuple(step for step in STEPS if step.version > version)


def upgrade(database: Database) -> tuple[Step, ...]:
    """Take the steps that lead from what a database holds to this program's schema version, and return them.

    Whoever else upgrades the same database meanwhile takes turns with this.

    Raises:
        Unavailable: ``database_locked`` where somebody uses the tables for longer than the time allowed.
        SchemaTooNew: a newer program made the tables.
    """
    with database.reading() as cursor:
        found = _found(database, cursor)
    taken: list[Step] = []
    for step in () if found is None else steps_from(found):
        with database.writing() as cursor:
            if not database.is_sqlite:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", (schema.MAKING_TABLES,))
            found = _found(database, cursor)
            if found is None or found >= step.version:
                continue
            if not database.is_sqlite:
                cursor.execute(
                    f"LOCK TABLE {schema.entries.name}, {schema.heads.name} IN ACCESS EXCLUSIVE MODE"
                )
            step.change(database, cursor)
            _record(
                database,
                cursor,
                {"schema_version": str(step.version), "program_version": schema.program_version()},
            )
            taken.append(step)
    return tuple(taken)


def _found(database: Database, cursor: Any) -> int | None:
    found = schema.found_version(database, cursor, schema.meta)
    if found is not None and found > schema.SCHEMA_VERSION:
        raise schema.too_new(found, database)
    return found


def _record(database: Database, cursor: Any, settings: dict[str, str]) -> None:
    put = database.insert(schema.meta)
    named = put.values({name: sa.bindparam(name) for name in ("tenant", "key", "value")})
    newer = {"value": put.excluded.value}
    statement = database.compile(named.on_conflict_do_update(index_elements=["tenant", "key"], set_=newer))
    for key, value in settings.items():
        cursor.execute(statement.sql, statement(tenant=schema.EVERY_TENANT, key=key, value=value))
