"""Tables of a former form become those of the present one, in one piece, and say the same as before."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

import guanxi
from guanxi_adapters.care import upgrade
from guanxi_adapters.sql import schema, spans, upgrading
from guanxi_adapters.sql.engine import Database
from tests.adapters.sql.forms.load import as_recorded, load_postgres, load_sqlite, recorded
from tests.adapters.sql.forms.make import OTHER_TENANT, answers

TENANTS = ("main", OTHER_TENANT)
FORMS = [
    pytest.param("v1-sqlite", id="sqlite"),
    pytest.param("v1-postgres", id="postgres", marks=pytest.mark.postgres),
]


@pytest.fixture(params=FORMS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A ledger that an older program made, and the name of what that program answered."""
    form: str = request.param
    if form.endswith("sqlite"):
        return load_sqlite(form, tmp_path / "old.db"), form
    return load_postgres(form, request.getfixturevalue("postgres_url")), form


def shape(url: str) -> Any:
    """Everything a database knows of the log's tables, but for their rows."""
    if url.startswith("sqlite"):
        return _shape_of_sqlite(url)
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    asked = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name"
        " FROM information_schema.columns WHERE table_schema = 'public' AND table_name LIKE 'guanxi%' ORDER BY 1, 2",
        "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename LIKE 'guanxi%' ORDER BY 1, 2",
        "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text LIKE 'guanxi%' ORDER BY 1, 2",
        "functions": "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        "relations": "SELECT relname, relkind, reloptions FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relname LIKE 'guanxi%' ORDER BY 1",
        "owned": "SELECT count(*) FROM pg_depend WHERE objid = 'guanxi_entries_position_seq'::regclass AND deptype IN ('a', 'i')",
    }
    with psycopg.connect(plain) as connection:
        return {what: connection.execute(sql).fetchall() for what, sql in asked.items()}


def _shape_of_sqlite(url: str) -> list[Any]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        return sorted(
            (kind, name, " ".join((sql or "").replace('"', "").split()))
            for kind, name, sql in connection.execute(
                "SELECT type, name, sql FROM sqlite_master WHERE tbl_name LIKE 'guanxi%'"
            )
        )
    finally:
        connection.close()


def answered(url: str, form: str) -> Any:
    """What a ledger answers now to what a form's own program was asked."""
    return as_recorded({tenant: answers(url, tenant) for tenant in TENANTS}, form)


def test_an_older_form_is_refused_with_the_way_out(old: tuple[str, str]) -> None:
    url, _ = old
    with pytest.raises(guanxi.Unavailable) as refused:
        guanxi.open(url, create=False)
    assert refused.value.code == "schema_too_old"
    assert "guanxi upgrade" in refused.value.accepts
    assert "upgrade=True" in refused.value.accepts


def test_an_upgraded_ledger_has_every_hash_and_answers_everything_as_before(old: tuple[str, str]) -> None:
    url, form = old
    done = upgrade(url)
    assert (done.before, done.now, done.faults) == (1, schema.SCHEMA_VERSION, ())
    assert [step.version for step in done.steps] == list(range(2, schema.SCHEMA_VERSION + 1))
    assert answered(url, form) == recorded(form)


def test_open_upgrades_when_told_to(old: tuple[str, str]) -> None:
    url, form = old
    guanxi.open(url, create=False, upgrade=True).close()
    assert answered(url, form) == recorded(form)


def test_open_with_upgrade_makes_a_ledger_where_there_is_none(shared_url: str) -> None:
    ledger = guanxi.open(shared_url, upgrade=True)
    assert ledger.store.count() == 0
    ledger.close()


def test_an_upgraded_database_has_the_very_tables_of_one_made_today(
    old: tuple[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url, form = old
    upgrade(url)
    found = shape(url)
    if form.endswith("sqlite"):
        fresh = f"sqlite:///{tmp_path / 'fresh.db'}"
        guanxi.open(fresh, plugins=[]).close()
        assert found == shape(fresh)
        return
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("DROP SCHEMA guanxi_keys CASCADE")
        connection.execute("CREATE SCHEMA public")
    guanxi.open(url, plugins=[]).close()
    assert found == shape(url)


def test_positions_go_on_and_lookups_find_old_and_new_entries_after_an_upgrade(old: tuple[str, str]) -> None:
    url, form = old
    upgrade(url)
    last = max(e[0] for each in recorded(form).values() for e in each["entries"])
    ledger = guanxi.open(url, create=False)
    try:
        outcome = ledger.execute("N-1", guanxi.OpenFile(), actor="wang")
        assert outcome.position > last
        assert ledger.store.first_named("core.file_opened") == 2
        assert guanxi.verify(ledger.store).clean
    finally:
        ledger.close()


def test_an_upgraded_log_is_indexed_before_anybody_appends(
    old: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "SPAN", 50)
    url, _ = old
    upgrade(url)
    database = Database(url)
    with database.reading() as cursor:
        cursor.execute("SELECT tenant, count(*) FROM guanxi_spans GROUP BY tenant")
        assert cursor.fetchall() == [("main", 2)]
    database.close()
    assert answered(url, old[1]) == recorded(old[1])


def test_a_second_upgrade_finds_nothing_to_do(old: tuple[str, str]) -> None:
    url, _ = old
    upgrade(url)
    again = upgrade(url)
    assert (again.before, again.steps) == (schema.SCHEMA_VERSION, ())


def test_a_newer_form_is_not_touched(old: tuple[str, str]) -> None:
    url, _ = old
    database = Database(url)
    with database.writing() as cursor:
        cursor.execute("UPDATE guanxi_meta SET value = '99' WHERE key = 'schema_version'")
    database.close()
    with pytest.raises(guanxi.SchemaTooNew):
        upgrade(url)


def test_upgraders_take_turns(old: tuple[str, str]) -> None:
    url, _ = old
    readers = [_forked(lambda: _upgraded(url)) for _ in range(3)]
    assert [os.waitpid(pid, 0)[1] for pid in readers] == [0, 0, 0]
    assert upgrade(url).before == schema.SCHEMA_VERSION


def _upgraded(url: str) -> None:
    upgrade(url)


@pytest.mark.timeout(240)
def test_an_upgrade_killed_at_any_statement_leaves_the_old_form_or_the_new_one(old: tuple[str, str]) -> None:
    url, form = old
    version = 1
    for place, step in enumerate(upgrading.STEPS):
        statements, before = 0, shape(url)
        while version < step.version:
            statements += 1
            killed = os.waitpid(_forked(lambda n=statements, p=place: _killed_at(url, p, n)), 0)[1]
            database = Database(url)
            with database.reading() as cursor:
                version = schema.found_version(database, cursor, schema.meta) or 0
            database.close()
            if version < step.version:
                assert killed == signal.SIGKILL
                assert shape(url) == before
        assert version == step.version
        assert statements > 5
    assert version == schema.SCHEMA_VERSION
    assert answered(url, form) == recorded(form)


def _killed_at(url: str, place: int, number: int) -> None:
    """Take one step of an upgrade, and die before its statement of that number."""
    told = 0

    class Counting:
        def __init__(self, cursor: Any) -> None:
            self._cursor = cursor

        def execute(self, *arguments: Any) -> Any:
            nonlocal told
            told += 1
            if told == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return self._cursor.execute(*arguments)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._cursor, name)

    step = upgrading.STEPS[place]
    upgrading.STEPS = (  # type: ignore[misc]
        type(step)(
            step.version, step.en, step.zh, lambda database, cursor: step.change(database, Counting(cursor))
        ),
    )
    upgrade(url)


def _forked(work: Callable[[], None]) -> int:
    """Do some work in a child process, whose exit code says whether it came to its end; return its number."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    finally:
        os._exit(1)
