"""Row-level security on PostgreSQL, by which a connection is shown its own tenant's rows alone; and which tenants there are."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from guanxi.kernel.errors import Invalid, Unavailable
from guanxi_adapters.sql import schema, standings
from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.keys import POSTGRES_SCHEMA as KEYS
from guanxi_adapters.sql.session import OPERATOR, TENANT

POLICY = "guanxi_tenant"
OPERATOR_POLICY = "guanxi_operator"

_ALSO_EVERYONES = frozenset({schema.meta.name, "guanxi_keys_meta"})
"""Tables that hold rows of the whole database beside those of tenants."""

_FOR_OPERATORS = frozenset({schema.heads.name, schema.meta.name, schema.read_models.name})
"""Tables whose owner can see every tenant's rows if it says so; what happened to customers is in none of them."""

_NEVER_CHANGED = frozenset({schema.entries.name, schema.commands.name})
"""Tables that only grow: an application's role gets no right to change them."""

# Asked once for a statement, not once for a row.
_MINE = f"tenant = (SELECT current_setting('{TENANT}', true))"
_MINE_OR_EVERYONES = f"({_MINE} OR tenant = '{schema.EVERY_TENANT}')"
_AS_OPERATOR = f"(SELECT current_setting('{OPERATOR}', true)) = 'on'"


@attrs.frozen
class TenantLine:
    """A tenant of a database.

    Args:
        name: its name.
        streams: how many streams it has.
        entries: how many entries its log holds.
        last_recorded: when the last one was recorded, None for an empty log.
    """

    name: str
    streams: int
    entries: int
    last_recorded: str | None


@attrs.frozen
class Tenants:
    """The tenants of a database, as far as a connection is shown them.

    Args:
        lines: one for each, in order of name.
        secured: whether row-level security is on.
        whole: whether these are all; False where row-level security shows the connection's own tenant alone.
    """

    lines: tuple[TenantLine, ...]
    secured: bool
    whole: bool


@attrs.frozen
class _Table:
    space: str
    name: str
    owner: str
    owned: bool
    parent: str

    @property
    def sql(self) -> str:
        return f"{_quoted(self.space)}.{_quoted(self.name)}"

    @property
    def policy(self) -> str:
        return _MINE_OR_EVERYONES if self.name in _ALSO_EVERYONES else _MINE


def is_on(database: Database, cursor: Any) -> bool:
    """Return whether row-level security is on for the log of a database."""
    return not database.is_sqlite and _flag(cursor, "relrowsecurity", schema.entries.name)


def hides(database: Database, cursor: Any, table: str) -> bool:
    """Return whether this connection is shown its own tenant's rows of a table alone: who else has rows there, it can't tell.

    Args:
        database: where the table is.
        cursor: of the connection.
        table: its name.
    """
    return not database.is_sqlite and binds(cursor, table)


def binds(cursor: Any, table: str = schema.entries.name) -> bool:
    """Return whether a policy binds this connection to PostgreSQL at a table; COPY, which knows no policies, is refused then.

    Args:
        cursor: of the connection.
        table: its name; that of the log if not given.
    """
    return _flag(cursor, "relrowsecurity", table) and _flag(cursor, "row_security_active(oid)", table)


def follow(database: Database, cursor: Any, name: str) -> None:
    """Put a table that was just made under the policy, where the log is under it.

    Args:
        database: where.
        cursor: of the transaction that made it.
        name: of the table.
    """
    if is_on(database, cursor) and not _flag(cursor, "relrowsecurity", name):
        for sql in _policed(f"{_quoted(name)}", _MINE):
            cursor.execute(sql)


def secure(database: Database, *, role: str | None = None) -> list[str]:
    """Switch row-level security on for every table of the log, of the keys and of read models that is in a database.

    Whoever made the tables is bound too; superusers and roles with BYPASSRLS never are. May be repeated, and is after an
    upgrade that made tables. Nothing is changed where anything is refused.

    Args:
        database: on PostgreSQL.
        role: an application's role, which gets the rights that a ledger needs and no more: it can neither change entries nor
            switch this off. Read models become its own, since it swaps their tables.

    Returns:
        The names of the tables.

    Raises:
        Invalid: ``not_on_sqlite``; ``unknown_role``.
        Unavailable: ``not_the_owner`` of the tables.
    """
    _refuse_sqlite(database)
    with database.writing() as cursor:
        tables = _all_tables(database, cursor)
        for table in tables:
            if not _has_policy(cursor, table):
                for sql in _policed(table.sql, table.policy):
                    cursor.execute(sql)
            if table.name in _FOR_OPERATORS and not _has_policy(cursor, table, OPERATOR_POLICY):
                cursor.execute(
                    f"CREATE POLICY {OPERATOR_POLICY} ON {table.sql} FOR SELECT TO {_quoted(table.owner)}"
                    f" USING ({_AS_OPERATOR})"
                )
        if role is not None:
            _give_rights(cursor, tables, role)
    return [table.name for table in tables]


def release(database: Database) -> list[str]:
    """Switch row-level security off again; rights that a role was given stay.

    Args:
        database: on PostgreSQL.

    Returns:
        The names of the tables.

    Raises:
        Invalid: ``not_on_sqlite``.
        Unavailable: ``not_the_owner`` of the tables.
    """
    _refuse_sqlite(database)
    with database.writing() as cursor:
        tables = _all_tables(database, cursor)
        for table in tables:
            cursor.execute(f"DROP POLICY IF EXISTS {POLICY} ON {table.sql}")
            cursor.execute(f"DROP POLICY IF EXISTS {OPERATOR_POLICY} ON {table.sql}")
            cursor.execute(f"ALTER TABLE {table.sql} NO FORCE ROW LEVEL SECURITY")
            cursor.execute(f"ALTER TABLE {table.sql} DISABLE ROW LEVEL SECURITY")
    return [table.name for table in tables]


def tenants(database: Database) -> Tenants:
    """Return the tenants of a database.

    With row-level security on, all of them are shown to the owner of the tables, and to whoever no policy binds; anybody else
    is shown the connection's own.

    Args:
        database: of a log.
    """
    with _asking(database) as cursor:
        secured, whole = is_on(database, cursor), True
        if secured:
            cursor.execute("SELECT set_config(%s, 'on', true)", (OPERATOR,))
            cursor.execute(
                "SELECT NOT row_security_active(oid) OR pg_has_role(relowner, 'USAGE') FROM pg_class"
                " WHERE oid = to_regclass(%s)",
                (schema.heads.name,),
            )
            whole = bool(cursor.fetchone()[0])
        cursor.execute("SELECT DISTINCT tenant FROM guanxi_meta WHERE tenant <> ''")
        found = {row[0]: TenantLine(row[0], 0, 0, None) for row in cursor.fetchall()}
        cursor.execute(
            "SELECT tenant, count(*), sum(version), max(recorded_at) FROM guanxi_heads GROUP BY tenant"
        )
        for name, streams, entries, last in cursor.fetchall():
            found[name] = TenantLine(name, int(streams), int(entries), last)
    return Tenants(tuple(found[name] for name in sorted(found)), secured, whole)


@contextmanager
def _asking(database: Database) -> Generator[Any]:
    """Give a cursor to ask with; on PostgreSQL in a transaction that changes nothing, for which a setting can last."""
    with database.reading() as cursor:
        if database.is_sqlite or cursor.connection.info.transaction_status:
            yield cursor
            return
        cursor.execute("BEGIN")
        try:
            yield cursor
        finally:
            cursor.execute("ROLLBACK")


def _policed(table: str, rule: str) -> Iterable[str]:
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS {POLICY} ON {table}"
    yield f"CREATE POLICY {POLICY} ON {table} USING ({rule}) WITH CHECK ({rule})"


def _all_tables(database: Database, cursor: Any) -> list[_Table]:
    """Return the tables of a database that hold rows of tenants, those of read models last.

    A read model's table that an application's role made is left to it: it was put under the policy then.

    Raises:
        Unavailable: ``not_the_owner`` of the log.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (schema.MAKING_TABLES,))
    tables = _found(
        cursor, "n.nspname = %s OR (n.nspname = current_schema() AND c.relname LIKE %s)", KEYS, "guanxi_%"
    )
    others = sorted({table.owner for table in tables if not table.owned})
    if others:
        raise Unavailable(
            "not_the_owner",
            f"{', '.join(t.name for t in tables if not t.owned)} belong to {', '.join(others)}",
            zh=f"{', '.join(t.name for t in tables if not t.owned)} 属于 {', '.join(others)}",
            accepts=f"the role {', '.join(others)}, or a member of it",
            database=database.url,
        )
    cursor.execute("SELECT set_config(%s, 'on', true)", (OPERATOR,))
    models = _model_tables(database, cursor)
    return tables + [
        t for t in _found(cursor, "n.nspname = current_schema() AND c.relname = ANY(%s)", models) if t.owned
    ]


def _found(cursor: Any, which: str, *values: Any) -> list[_Table]:
    cursor.execute(
        "SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'USAGE'),"
        "       coalesce((SELECT p.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent"
        "                 WHERE i.inhrelid = c.oid), '')"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p')"
        " AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant' AND a.attnum > 0)"
        f" AND ({which}) ORDER BY n.nspname, c.relname",
        values,
    )
    return [_Table(*row) for row in cursor.fetchall()]


def _model_tables(database: Database, cursor: Any) -> list[str]:
    """Return the names of all tenants' read-model tables, those that are being built among them."""
    if not schema.has_table(database, cursor, schema.read_models.name):
        return []
    cursor.execute("SELECT tenant, name, version FROM guanxi_read_models")
    names = set[str]()
    for tenant, name, version in cursor.fetchall():
        line = standings.Standing(name, version, 0, None, None, None)
        names.add(standings.table_name(line.model, version, line.suffix(tenant)))
    return sorted(names)


def _has_policy(cursor: Any, table: _Table, policy: str = POLICY) -> bool:
    cursor.execute(
        "SELECT count(*) FROM pg_policies WHERE schemaname = %s AND tablename = %s AND policyname = %s",
        (table.space, table.name, policy),
    )
    return bool(cursor.fetchone()[0])


def _give_rights(cursor: Any, tables: Sequence[_Table], role: str) -> None:
    cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", (role,))
    if not cursor.fetchone()[0]:
        raise Invalid(
            "unknown_role",
            f"there is no role {role}",
            zh=f"没有角色 {role}",
            accepts="a role of the server: CREATE ROLE … LOGIN",
        )
    name = _quoted(role)
    for space in sorted({table.space for table in tables}):
        for right in ("USAGE",) if space == KEYS else ("USAGE", "CREATE"):
            cursor.execute("SELECT has_schema_privilege(%s, %s, %s)", (role, space, right))
            if not cursor.fetchone()[0]:  # whoever lets all come in need not own the schema
                cursor.execute(f"GRANT {right} ON SCHEMA {_quoted(space)} TO {name}")
    for table in tables:
        if not table.name.startswith("guanxi_"):
            cursor.execute(f"ALTER TABLE {table.sql} OWNER TO {name}")
            continue
        grows = table.name in _NEVER_CHANGED or table.parent in _NEVER_CHANGED
        rights = "SELECT, INSERT" if grows else "SELECT, INSERT, UPDATE, DELETE"
        cursor.execute(f"GRANT {rights} ON {table.sql} TO {name}")
    cursor.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = current_schema() AND (c.relname = %s OR (c.relkind = 'S' AND c.relname LIKE %s))",
        (schema.counter.name, "guanxi_%"),
    )
    for space, giver in cursor.fetchall():  # of positions
        rights = "SELECT, UPDATE" if giver == schema.counter.name else "USAGE, SELECT, UPDATE"
        kind = "" if giver == schema.counter.name else "SEQUENCE "
        cursor.execute(f"GRANT {rights} ON {kind}{_quoted(space)}.{_quoted(giver)} TO {name}")


def _flag(cursor: Any, what: str, table: str) -> bool:
    cursor.execute(f"SELECT {what} FROM pg_class WHERE oid = to_regclass(%s)", (_quoted(table),))
    row = cursor.fetchone()
    return bool(row and row[0])


def _refuse_sqlite(database: Database) -> None:
    if database.is_sqlite:
        raise Invalid(
            "not_on_sqlite",
            "SQLite knows no roles and no row-level security: whoever reads the file reads all of it",
            zh="SQLite 没有角色，也没有行级安全：能读文件者可读全部内容",
            accepts="PostgreSQL, or a file of its own for each tenant",
            database=database.url,
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
