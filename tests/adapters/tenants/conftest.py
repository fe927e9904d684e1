"""The database of two tenants, made once for each module and each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from guanxi_adapters.sql import open_store
from tests.adapters.tenants import world as worlds
from tests.adapters.tenants.world import World
from tests.conftest import EmptyDatabases


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty database, of either kind in turn."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("tenants")
        yield f"sqlite:///{folder / 'ledger.db'}"
        return
    databases: EmptyDatabases = request.getfixturevalue("postgres_databases")
    name = databases.take()
    made = databases.server.set(database=name).render_as_string(hide_password=False)
    if request.param == "portable":
        open_store(made, portable=True).close()
    yield made
    databases.give_back(name)


@pytest.fixture(scope="module")
def world(url: str) -> Iterator[World]:
    """Two tenants in one database."""
    made = worlds.make(url)
    yield made
    worlds.close(made)
