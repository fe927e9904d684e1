"""The log, the read models and the keys on SQLite and PostgreSQL, through SQLAlchemy Core."""

from __future__ import annotations

from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.keys import SqlKeyring, keys_url, refuse_same
from guanxi_adapters.sql.log import SqlStore
from guanxi_adapters.sql.session import of

__all__ = ["SqlKeyring", "SqlStore", "open_keyring", "open_store"]


def open_store(
    url: str,
    *,
    tenant: str = "main",
    create: bool = True,
    read_only: bool = False,
    timeout: float = 10.0,
    statement_timeout: float = 120.0,
    pool_size: int = 5,
    portable: bool = False,
    partitions: int = 1,
) -> SqlStore:
    """Open the log of a database, making its tables where they are absent.

    Args:
        url: ``sqlite:///customers.db``, ``sqlite://`` (memory) or ``postgresql+psycopg://…``.
        tenant: whose log; tenants share the tables and see nothing of each other.
        create: whether a missing file, or missing tables, may be made.
        read_only: refuse every write, also in the database itself.
        timeout: seconds to wait for another writer, or for a connection.
        statement_timeout: seconds that one statement may take on PostgreSQL.
        pool_size: connections kept open on PostgreSQL.
        portable: make the tables on PostgreSQL so that plain SQL serves: no functions, advisory locks or notices, and one
            transaction after another gives positions. A log that is there stays as it was made.
        partitions: into how many parts the entries are divided on PostgreSQL, by tenant and stream, when tables are made.

    Raises:
        Invalid: ``unknown_database`` for another kind of URL; ``out_of_scale`` for less than one partition.
        SchemaTooNew: a newer program made the tables.
        Unavailable: the database cannot be reached or opened, or holds no ledger and ``create`` is false.
    """
    database = Database(
        url,
        create=create,
        read_only=read_only,
        timeout=timeout,
        statement_timeout=statement_timeout,
        pool_size=pool_size,
        session=of(tenant),
    )
    try:
        making = schema.Making(portable=portable, partitions=partitions)
        return SqlStore(database, tenant, create=create, making=making)
    except BaseException:
        database.close()
        raise


def open_keyring(
    url: str,
    *,
    tenant: str = "main",
    keys: str | None = None,
    create: bool = True,
    read_only: bool = False,
    timeout: float = 10.0,
    freshness: float = 1.0,
) -> SqlKeyring:
    """Open the keys that belong to a log, in a database apart from it.

    Args:
        url: the log's URL. Keys of ``customers.db`` are kept in ``customers.keys.db`` beside it, readable by this user
            alone; keys of a PostgreSQL database in its schema ``guanxi_keys``; keys of a log in memory in memory.
        tenant: whose keys.
        keys: another place for them, as a URL.
        create: whether a missing file, or missing tables, may be made.
        read_only: refuse to make or destroy keys.
        timeout: seconds to wait for another writer.
        freshness: seconds for which a key destroyed by another process may stay in this one's memory.

    Raises:
        Invalid: ``keys_beside_log`` when ``keys`` names the log's own file.
        SchemaTooNew: a newer program made the tables.
        Unavailable: the database cannot be reached or opened, or holds no keys and ``create`` is false.
    """
    if keys is not None:
        refuse_same(url, keys)
    database = Database(
        keys or keys_url(url),
        create=create,
        read_only=read_only,
        timeout=timeout,
        secure_delete=True,
        private=True,
        session=of(tenant),
    )
    try:
        return SqlKeyring(database, tenant, create=create, freshness=freshness)
    except BaseException:
        database.close()
        raise
