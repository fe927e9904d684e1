"""The tables of the log: what they are called, how they are indexed, and which version of them a database holds."""

from __future__ import annotations

import secrets
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from guanxi.kernel.entries import COLUMNS
from guanxi.kernel.errors import SchemaTooNew, Unavailable
from guanxi_adapters.sql.engine import Database

SCHEMA_VERSION = 1
EVERY_TENANT = ""
"""The tenant under which settings of the whole database are kept."""

MAKING_TABLES = 0x6775_616E_7869_0001
"""Number of the advisory lock under which tables are made on PostgreSQL."""

_INTEGERS = frozenset({"version", "schema_version", "late"})
_NULLABLE = frozenset(
    {
        "on_behalf_of", "reason", "channel", "section", "source_system", "source_document", "source_line", "batch",
        "correlation", "causation", "command_id", "place", "rule", "rule_sets", "target", "replaces", "succeeds",
        "data_subject",
    }
)  # fmt: skip

metadata = sa.MetaData()


def text() -> sa.types.TypeEngine[str]:
    """Return the type of every text column: on PostgreSQL sorted by its bytes, so that stamps sort as time does."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _entry_column(name: str) -> sa.Column[Any]:
    if name == "position":
        whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
        return sa.Column(name, whole, primary_key=True, autoincrement=True)
    kind: Any = sa.BigInteger() if name in _INTEGERS else text()
    return sa.Column(name, kind, nullable=name in _NULLABLE)


POSITIONS = "guanxi_entries_position_seq"
"""What gives positions on PostgreSQL, under the append lock; a transaction rolled back leaves a gap, never a reuse."""

entries = sa.Table(
    "guanxi_entries",
    metadata,
    *[_entry_column(name) for name in COLUMNS],
    sa.UniqueConstraint("tenant", "stream", "version", name="guanxi_entries_stream"),
    sqlite_autoincrement=True,
)


def _index(name: str, *columns: str, partial: bool = False) -> sa.Index:
    where = entries.c[columns[0]].is_not(None) if partial else None
    return sa.Index(
        f"guanxi_entries_{name}",
        entries.c.tenant,
        *[entries.c[c] for c in columns],
        sqlite_where=where,
        postgresql_where=where,
    )


_index("name", "name")
_index("occurred_at", "occurred_at")
_index("effective_from", "effective_from")
_index("recorded_at", "recorded_at")
_index("actor", "actor")
_index("command_id", "command_id", partial=True)
_index("section", "section", partial=True)
_index("batch", "batch", partial=True)
_index("source", "source_system", "source_document", "source_line", partial=True)

heads = sa.Table(
    "guanxi_heads",
    metadata,
    sa.Column("tenant", text(), primary_key=True),
    sa.Column("stream", text(), primary_key=True),
    sa.Column("subject", text(), nullable=False),
    sa.Column("version", sa.BigInteger(), nullable=False),
    sa.Column("hash", text(), nullable=False),
    sa.Column("recorded_at", text(), nullable=False),
    sa.Column("next_due", text()),
    sa.Column("judged_by", text(), nullable=False),
    sqlite_with_rowid=False,
)
_has_due = heads.c.next_due.is_not(None)
sa.Index(
    "guanxi_heads_due", heads.c.tenant, heads.c.next_due, sqlite_where=_has_due, postgresql_where=_has_due
)
sa.Index("guanxi_heads_subject", heads.c.tenant, heads.c.subject)
sa.Index("guanxi_heads_judged_by", heads.c.tenant, heads.c.judged_by)

claims = sa.Table(
    "guanxi_claims",
    metadata,
    sa.Column("tenant", text(), primary_key=True),
    sa.Column("kind", text(), primary_key=True),
    sa.Column("token", text(), primary_key=True),
    sa.Column("stream", text(), primary_key=True),
    sa.Column("policy", text(), nullable=False),
    sqlite_with_rowid=False,
)
_exclusive = claims.c.policy != "advisory"
sa.Index(
    "guanxi_claims_holder",
    claims.c.tenant,
    claims.c.kind,
    claims.c.token,
    unique=True,
    sqlite_where=_exclusive,
    postgresql_where=_exclusive,
)

commands = sa.Table(
    "guanxi_commands",
    metadata,
    sa.Column("tenant", text(), primary_key=True),
    sa.Column("command_id", text(), primary_key=True),
    sa.Column("digest", text(), nullable=False),
    sa.Column("stream", text(), nullable=False),
    sa.Column("first_version", sa.BigInteger(), nullable=False),
    sa.Column("last_version", sa.BigInteger(), nullable=False),
    sqlite_with_rowid=False,
)

meta = sa.Table(
    "guanxi_meta",
    metadata,
    sa.Column("tenant", text(), primary_key=True),
    sa.Column("key", text(), primary_key=True),
    sa.Column("value", text(), nullable=False),
)

read_models = sa.Table(
    "guanxi_read_models",
    metadata,
    sa.Column("tenant", text(), primary_key=True),
    sa.Column("name", text(), primary_key=True),
    sa.Column("version", sa.BigInteger(), nullable=False),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("rebuilt_at", text()),
    sa.Column("parked_at", sa.BigInteger()),
    sa.Column("error", text()),
)


def program_version() -> str:
    """Return the version of the installed program."""
    try:
        return version("guanxi")
    except PackageNotFoundError:
        return "0"


def ensure(database: Database, create: bool) -> None:
    """Make the log's tables where they are absent, and refuse those of a newer program.

    Any number of processes may do so at once: they take turns under a lock of the database.

    Raises:
        SchemaTooNew: a newer program made the tables.
        Unavailable: ``no_ledger_here`` when there are none and ``create`` is false.
    """
    with database.reading() as cursor:
        found = found_version(database, cursor, meta)
    if found is None and (not create or database.read_only):
        raise Unavailable(
            "no_ledger_here",
            "this database holds no ledger",
            zh="该数据库中没有账本",
            accepts="a database that a ledger was made in, or create=True",
            database=database.url,
        )
    if found is None:
        values = {"program_version": program_version(), "database_id": secrets.token_hex(16)}
        found = make_tables(database, metadata, meta, values)
    if found > SCHEMA_VERSION:
        raise too_new(found, database)


def too_new(found: int, database: Database) -> SchemaTooNew:
    """Return the refusal of tables that a newer program made."""
    return SchemaTooNew(
        "schema_too_new",
        f"the tables are of schema version {found}; this program ({program_version()}) knows up to {SCHEMA_VERSION}",
        zh=f"数据表的结构版本为 {found}，而本程序（{program_version()}）只支持到版本 {SCHEMA_VERSION}",
        accepts="a newer release of guanxi, or a copy of the database made before it was upgraded",
        database=database.url,
    )


def found_version(database: Database, cursor: Any, settings: sa.Table) -> int | None:
    """Return the schema version that a settings table records, None where the table is absent."""
    if not has_table(database, cursor, settings.name, settings.schema):
        return None
    query = sa.select(settings.c.value).where(
        settings.c.key == "schema_version", settings.c.tenant == EVERY_TENANT
    )
    statement = database.compile(query)
    cursor.execute(statement.sql, statement())
    row = cursor.fetchone()
    return None if row is None else int(row[0])


def has_table(database: Database, cursor: Any, name: str, space: str | None = None) -> bool:
    """Return whether the database has a table of that name, in a PostgreSQL schema if one is given."""
    if database.is_sqlite:
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", (name,))
    else:
        # Not to_regclass(): within a transaction it keeps saying no to a table that another has made meanwhile.
        spaces = [space] if space else None
        cursor.execute(
            "SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename = %s"
            " AND schemaname = ANY(coalesce(%s::text[], current_schemas(false)))",
            (name, spaces),
        )
    return bool(cursor.fetchone()[0])


def make_tables(
    database: Database,
    tables: sa.MetaData,
    settings: sa.Table,
    values: dict[str, str],
) -> int:
    """Make tables and record their version in one transaction, unless another process was first.

    Returns:
        The schema version that the database holds then.
    """
    with database.writing() as cursor:
        if not database.is_sqlite:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (MAKING_TABLES,))
        found = found_version(database, cursor, settings)
        if found is not None:
            return found
        for sql in _definitions(database, tables):
            cursor.execute(sql)
        insert = database.compile(sa.insert(settings))
        rows = {"schema_version": str(SCHEMA_VERSION), **values}
        cursor.executemany(insert.sql, [insert(tenant=EVERY_TENANT, key=k, value=v) for k, v in rows.items()])
    return SCHEMA_VERSION


def definition(database: Database, table: sa.Table) -> list[str]:
    """Return the statements that make a table and its indexes, if absent."""
    made: list[Any] = [
        CreateTable(table, if_not_exists=True),
        *[CreateIndex(i, if_not_exists=True) for i in _sorted(table)],
    ]
    return [str(element.compile(dialect=database.engine.dialect)) for element in made]


def _definitions(database: Database, tables: sa.MetaData) -> list[str]:
    made: list[str] = []
    if tables.schema and not database.is_sqlite:
        made.append(f"CREATE SCHEMA IF NOT EXISTS {tables.schema}")
    for table in tables.sorted_tables:
        made += definition(database, table)
    return made


def _sorted(table: sa.Table) -> list[sa.Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))
