"""The tables of the log: what they are called, how they are indexed, how they are made, and which version of them a database holds."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from guanxi.kernel.entries import COLUMNS
from guanxi.kernel.errors import Invalid, SchemaTooNew, Unavailable
from guanxi_adapters.sql.engine import Database, compiled
from guanxi_adapters.sql.functions import FUNCTIONS

SCHEMA_VERSION = 3
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
"""What gives positions on PostgreSQL; a transaction rolled back leaves a gap, never a reuse."""

POSITIONS_SETTING = "positions"
IN_FLIGHT, SERIALISED = "in_flight", "serialised"
"""How positions are given on PostgreSQL: by blocks registered while in flight, or one transaction after another."""

PARTITIONS_SETTING = "partitions"
MOST_PARTITIONS = 1_024
"""Parts of a log beyond which PostgreSQL plans longer than it reads."""

GAPS_SETTING = "gaps"
"""How many positions of an SQLite log are rightly empty: it is a copy of one whose positions have gaps."""

OF_THE_DATABASE = frozenset(
    {
        "schema_version",
        "program_version",
        "database_id",
        POSITIONS_SETTING,
        PARTITIONS_SETTING,
        GAPS_SETTING,
    }
)
"""Settings that say how a database was made, not what a tenant's ledger holds."""

entries = sa.Table(
    "guanxi_entries",
    metadata,
    *[_entry_column(name) for name in COLUMNS],
    sa.UniqueConstraint("tenant", "stream", "version", name="guanxi_entries_stream"),
    sqlite_autoincrement=True,
)
_sourced = entries.c.source_system.is_not(None)
sa.Index(
    "guanxi_entries_source",
    *[entries.c[name] for name in ("tenant", "source_system", "source_document", "source_line")],
    sqlite_where=_sourced,
    postgresql_where=_sourced,
)

spans = sa.Table(
    "guanxi_spans",
    metadata,
    sa.Column("tenant", text(), primary_key=True),
    sa.Column("first", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("last", sa.BigInteger(), nullable=False),
    sa.Column("entries", sa.BigInteger(), nullable=False),
    sa.Column("earliest", text(), nullable=False),
    sa.Column("reached", text(), nullable=False),
    sa.Column("disordered", sa.BigInteger(), nullable=False),
    sqlite_with_rowid=False,
)
"""Stretches of the log that are indexed: their positions, how many entries, and the earliest stamp at which one was recorded.

``reached`` is the latest stamp from the log's beginning to the stretch's end. A stretch whose earliest lies before what was
reached is ``disordered``; the others are in order of time.
"""

sa.Index("guanxi_spans_time", spans.c.tenant, spans.c.disordered, spans.c.earliest, spans.c.first)

lookup = sa.Table(
    "guanxi_lookup",
    metadata,
    sa.Column("tenant", text(), primary_key=True),
    sa.Column("field", text(), primary_key=True),
    sa.Column("value", text(), primary_key=True),
    sa.Column("first", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("positions", text(), nullable=False),
    sqlite_with_rowid=False,
)
"""Which entries of a stretch hold a value: their positions as a JSON array."""

counter = sa.Table(
    "guanxi_positions",
    metadata,
    sa.Column("name", text(), primary_key=True),
    sa.Column("last", sa.BigInteger(), nullable=False),
)
"""The last position given, where they are given one transaction after another."""

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
    sa.Column("apart_since", text()),
    sa.Column("rules_known", text(), nullable=False, server_default=""),
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 70},
)
_has_due = heads.c.next_due.is_not(None)
sa.Index(
    "guanxi_heads_due", heads.c.tenant, heads.c.next_due, sqlite_where=_has_due, postgresql_where=_has_due
)
sa.Index("guanxi_heads_subject", heads.c.tenant, heads.c.subject)
sa.Index("guanxi_heads_judged_by", heads.c.tenant, heads.c.judged_by)
_stands_apart = heads.c.apart_since.is_not(None)
sa.Index(
    "guanxi_heads_apart",
    heads.c.tenant,
    heads.c.stream,
    sqlite_where=_stands_apart,
    postgresql_where=_stands_apart,
)

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


@attrs.frozen
class Making:
    """How the tables of a new log are made on PostgreSQL.

    Args:
        portable: with plain SQL alone, and positions given one transaction after another.
        partitions: into how many parts the entries are divided, by tenant and stream; 1 for one table.

    Raises:
        Invalid: ``out_of_scale`` for a number of parts that no log is divided into.
    """

    portable: bool = False
    partitions: int = 1

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.partitions <= MOST_PARTITIONS:
            raise Invalid(
                "out_of_scale",
                f"a log cannot be divided into {self.partitions} parts",
                zh=f"日志不能分为 {self.partitions} 个分区",
                accepts=f"1 to {MOST_PARTITIONS}",
            )

    @property
    def settings(self) -> dict[str, str]:
        """What a database made so remembers."""
        return {
            POSITIONS_SETTING: SERIALISED if self.portable else IN_FLIGHT,
            PARTITIONS_SETTING: str(self.partitions),
        }


def ensure(database: Database, create: bool, making: Making | None = None) -> None:
    """Make the log's tables where they are absent, and refuse those of another program's version.

    Any number of processes may do so at once: they take turns under a lock of the database.

    Args:
        database: where.
        create: whether tables may be made.
        making: how; as is usual for that database, if not given.

    Raises:
        SchemaTooNew: a newer program made the tables.
        Unavailable: ``schema_too_old`` when an older one did; ``no_ledger_here`` when there are none and ``create`` is
            false.
    """
    making = making or Making()
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
        values = {
            "program_version": program_version(),
            "database_id": secrets.token_hex(16),
            **making.settings,
        }
        found = make_tables(database, metadata, meta, values, definitions(database, making))
    if found > SCHEMA_VERSION:
        raise too_new(found, database)
    if found < SCHEMA_VERSION:
        raise too_old(found, database)


def too_old(found: int, database: Database) -> Unavailable:
    """Return the refusal of tables that an older program made."""
    return Unavailable(
        "schema_too_old",
        f"the tables are of schema version {found}; this program ({program_version()}) works on version {SCHEMA_VERSION}",
        zh=f"数据表的结构版本为 {found}，而本程序（{program_version()}）使用版本 {SCHEMA_VERSION}",
        accepts="a backup, then `guanxi upgrade`, or open(..., upgrade=True), while no older program uses the database",
        database=database.url,
    )


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
    return bool(tables_among(database, cursor, [name], space))


def tables_among(database: Database, cursor: Any, names: Sequence[str], space: str | None = None) -> set[str]:
    """Return which of the named tables the database has, in a PostgreSQL schema if one is given."""
    wanted = {str(name) for name in names}
    if database.is_sqlite:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        # Not to_regclass(): within a transaction it keeps saying no to a table that another has made meanwhile.
        spaces = [space] if space else None
        cursor.execute(
            "SELECT tablename FROM pg_catalog.pg_tables WHERE tablename = ANY(%s::text[])"
            " AND schemaname = ANY(coalesce(%s::text[], current_schemas(false)))",
            (sorted(wanted), spaces),
        )
    return wanted & {row[0] for row in cursor.fetchall()}


def make_tables(
    database: Database,
    tables: sa.MetaData,
    settings: sa.Table,
    values: dict[str, str],
    made_by: Sequence[str] | None = None,
) -> int:
    """Make tables and record their version in one transaction, unless another process was first.

    Args:
        database: where.
        tables: which.
        settings: the one among them that records the version.
        values: further settings to record.
        made_by: the statements that make them; worked out, if not given.

    Returns:
        The schema version that the database holds then.
    """
    with database.writing() as cursor:
        if not database.is_sqlite and values.get(POSITIONS_SETTING) != SERIALISED:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (MAKING_TABLES,))
        found = found_version(database, cursor, settings)
        if found is not None:
            return found
        for sql in made_by if made_by is not None else compiled(_definitions, database, tables):
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


def definitions(database: Database, making: Making) -> list[str]:
    """Return the statements that make the log's tables in a database, compiled once for each kind."""
    return compiled(_log_definitions, database, making)


def _log_definitions(database: Database, making: Making) -> list[str]:
    if database.is_sqlite:
        wanted = [t for t in metadata.sorted_tables if t is not counter]
        return [sql for table in wanted for sql in definition(database, table)]
    made: list[str] = []
    for table in metadata.sorted_tables:
        if table is entries:
            made += postgres_entries(database, making.partitions)
        elif table is not counter or making.portable:
            made += definition(database, table)
    if making.portable:
        return [*made, f"INSERT INTO {counter.name} (name, last) VALUES ('{entries.name}', 0)"]
    return [*made, f"CREATE SEQUENCE IF NOT EXISTS {POSITIONS}", *FUNCTIONS]


def postgres_entries(database: Database, partitions: int = 1) -> list[str]:
    """Return the statements that make the entries' table on PostgreSQL.

    Positions are given to the whole database, so no key of one part of it could hold that they are unique there; that
    they are is the work of what gives them.
    """
    columns = [sa.Column(c.name, c.type, nullable=c.nullable) for c in entries.columns]
    unique = sa.UniqueConstraint("tenant", "stream", "version", name="guanxi_entries_stream")
    parted: dict[str, Any] = {"postgresql_partition_by": "HASH (tenant, stream)"} if partitions > 1 else {}
    table = sa.Table(entries.name, sa.MetaData(), *columns, unique, **parted)
    sa.Index("guanxi_entries_tail", table.c.tenant, table.c.position, unique=partitions == 1)
    source = next(index for index in entries.indexes if index.name == "guanxi_entries_source")
    sa.Index(
        source.name,
        *[table.c[c.name] for c in source.columns],
        postgresql_where=table.c.source_system.is_not(None),
    )
    parts = [
        f"CREATE TABLE IF NOT EXISTS {entries.name}_p{n} PARTITION OF {entries.name}"
        f" FOR VALUES WITH (MODULUS {partitions}, REMAINDER {n})"
        for n in range(partitions if partitions > 1 else 0)
    ]
    made = definition(database, table)
    return [made[0], *parts, *made[1:]]


def last_given(database: Database, cursor: Any, registered: bool) -> int:
    """Return the last position that was given in a database, 0 if none."""
    if database.is_sqlite:
        cursor.execute(f"SELECT seq FROM sqlite_sequence WHERE name = '{entries.name}'")
    elif registered:
        cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {POSITIONS}")
    else:
        cursor.execute(f"SELECT last FROM {counter.name} WHERE name = '{entries.name}'")
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def _definitions(database: Database, tables: sa.MetaData) -> list[str]:
    made: list[str] = []
    if tables.schema and not database.is_sqlite:
        made.append(f"CREATE SCHEMA IF NOT EXISTS {tables.schema}")
    for table in tables.sorted_tables:
        made += definition(database, table)
    return made


def _sorted(table: sa.Table) -> list[sa.Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))
