"""What surrounds the log: urls, tables and their version, the host's transaction, forks, durability, and clear refusals."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from guanxi.kernel.errors import GuanxiError, Invalid, SchemaTooNew, StoreError, Unavailable
from guanxi.kernel.ports import CommandRecord, CommandSeen, VersionConflict
from guanxi_adapters.sql import SqlStore, engine, open_keyring, open_store
from guanxi_adapters.sql.engine import Database
from tests.adapters.sql.samples import batch, growth


def path_of(url: str) -> str:
    return sa.make_url(url).database or ""


# Opening


def test_every_spelling_of_a_postgres_url_leads_to_psycopg(postgres_url: str) -> None:
    for scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        url = re.sub(r"^[^:]+", scheme, postgres_url)
        store = open_store(url)
        assert store.engine.dialect.driver == "psycopg"
        assert store.count() == 0
        store.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql+asyncpg://x/y", "nonsense", ""])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(Invalid, match="unknown_database") as caught:
        open_store(url)
    assert "postgresql+psycopg" in caught.value.accepts
    assert caught.value.zh != caught.value.message


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        open_store("postgresql://someone:s3cret@127.0.0.1:9/nothing", timeout=2)
    assert "s3cret" not in str(caught.value)


def test_tables_of_a_newer_program_are_refused_naming_both_versions(shared_url: str) -> None:
    store = open_store(shared_url)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE guanxi_meta SET value = '7' WHERE key = 'schema_version'")
    store.close()
    with pytest.raises(SchemaTooNew) as caught:
        open_store(shared_url)
    assert "schema version 7" in caught.value.message
    assert "up to 3" in caught.value.message
    assert "newer release" in caught.value.accepts


def test_a_missing_database_is_not_made_unless_wanted(shared_url: str) -> None:
    with pytest.raises(Unavailable, match=r"no_such_file|no_ledger_here"):
        open_store(shared_url, create=False)
    with pytest.raises(Unavailable, match=r"no_such_file|no_ledger_here"):
        open_store(shared_url, read_only=True)
    assert not Path(path_of(shared_url)).is_file()
    open_store(shared_url).close()
    open_store(shared_url, create=False).close()


def _open_and_count(url: str) -> int:
    store = open_store(url)
    store.append(batch(growth(f"p{os.getpid()}", 0)))
    found = store.count()
    store.close()
    return found


def test_processes_that_start_at_once_make_the_tables_once(shared_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(3, mp_context=context) as pool:
        assert all(count >= 1 for count in pool.map(_open_and_count, [shared_url] * 3))


def test_threads_that_start_at_once_make_the_tables_once(shared_url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: open_store(shared_url), range(6)))
    assert len({s.meta()["database_id"] for s in stores}) == 1
    for store in stores:
        store.close()


# Clear refusals, and nothing half-written


def test_a_locked_database_is_reported_in_time_and_nothing_is_written(sqlite_url: str) -> None:
    store, other = open_store(sqlite_url, timeout=0.3), open_store(sqlite_url)
    with other.engine.connect() as connection, connection.begin():
        other.append(batch(growth("a", 0)), connection)
        with pytest.raises(Unavailable, match="database_locked") as caught:
            store.append(batch(growth("b", 0)))
        assert "nothing was recorded" in caught.value.message
        assert store.count() == 0
    store.append(batch(growth("b", 0)))
    assert store.count() == 2
    store.close()
    other.close()


def test_a_stream_that_a_host_holds_is_reported_in_time_and_no_other_stream_waits(postgres_url: str) -> None:
    store, other = open_store(postgres_url, timeout=0.3), open_store(postgres_url)
    with other.engine.connect() as connection, connection.begin():
        other.append(batch(growth("a", 0)), connection)
        with pytest.raises(Unavailable, match="database_locked"):
            store.append(batch(growth("a", 0)))
        assert store.append(batch(growth("b", 0))) == [2]
        assert store.count() == 0
    assert [e.stream for e in store.page(0, 10)] == ["a", "b"]
    store.close()
    other.close()


def test_a_store_opened_for_reading_refuses_to_write(shared_url: str) -> None:
    writer = open_store(shared_url)
    writer.append(batch(growth("a", 0)))
    reader = open_store(shared_url, read_only=True)
    assert reader.count() == 1
    with pytest.raises(Unavailable, match="database_read_only"):
        reader.append(batch(growth("b", 0)))
    # and the database refuses as well
    with pytest.raises(Unavailable, match="database_read_only"), reader.database.connected() as connection:
        connection.exec_driver_sql("DELETE FROM guanxi_entries")
    assert writer.count() == 1
    reader.close()
    writer.close()


def test_a_full_disk_is_reported_and_nothing_is_half_written(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    store.append(batch(growth("a", 0)))

    def limit(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # not below what there is

    store.close()
    sa.event.listen(store.engine, "connect", limit)
    with pytest.raises(Unavailable, match="disk_full"):
        store.append(batch(growth("b", 0, 2_000), claims=[], commands=[CommandRecord("x", "d", "b", 1, 1)]))
    assert store.count() == 1
    assert store.heads(["b"]) == {}
    assert store.commands(["x"]) == {}
    store.close()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear customer, " * 1000)
    before = path.read_bytes()
    with pytest.raises(Unavailable, match="not_a_database"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_file_in_a_missing_directory_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot_open"):
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}")
    with pytest.raises(Unavailable, match="cannot_open"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_missing_server_is_reported(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="database_unreachable"):
        open_store("postgresql://someone@127.0.0.1:9/nothing", timeout=2)
    with pytest.raises(Unavailable, match="database_unreachable"):
        open_store(f"postgresql://someone@/nothing?host={tmp_path}", timeout=2)


def test_a_missing_database_on_a_server_is_reported(postgres_server: str) -> None:
    url = sa.make_url(postgres_server).set(database="no_such_thing").render_as_string(hide_password=False)
    with pytest.raises(Unavailable, match="no_such_database"):
        open_store(url)


def test_an_unknown_user_is_refused_access(postgres_server: str) -> None:
    url = (
        sa.make_url(postgres_server)
        .set(username="nobody_at_all", password="x")
        .render_as_string(hide_password=False)
    )
    with pytest.raises(Unavailable, match="access_refused"):
        open_store(url)


def test_a_wrong_password_is_refused_access() -> None:
    from psycopg import OperationalError

    from guanxi_adapters.sql.errors import translated

    said = 'connection failed: connection to server at "h" failed: FATAL:  password authentication failed for user "u"'
    assert translated(OperationalError(said), "url").code == "access_refused"


def test_an_sqlite_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "OLDEST_SQLITE", (99, 0, 0))
    with pytest.raises(Unavailable, match="sqlite_too_old") as caught:
        open_store("sqlite://")
    assert "99.0.0" in caught.value.accepts


def test_a_server_that_is_too_old_is_refused(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "OLDEST_POSTGRES", 99)
    with pytest.raises(Unavailable, match="server_too_old"):
        open_store(postgres_url)


def test_a_statement_that_takes_too_long_is_ended(postgres_url: str) -> None:
    store = open_store(postgres_url, statement_timeout=0.1)
    with pytest.raises(Unavailable, match="statement_timeout"), store.database.reading() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    assert store.count() == 0
    store.close()


def test_a_lost_connection_is_reported_and_the_next_call_works(postgres_url: str) -> None:
    store, other = open_store(postgres_url), open_store(postgres_url)

    def lose_it() -> None:
        with store.database.writing() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
            with other.engine.connect() as connection:
                connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 2000)")
            cursor.execute("SELECT 1")

    with pytest.raises(Unavailable, match="connection_lost"):
        lose_it()
    store.append(batch(growth("a", 0)))
    assert store.count() == 1
    store.close()
    other.close()


def test_idle_connections_that_the_server_closed_are_replaced(postgres_url: str) -> None:
    store, other = open_store(postgres_url), open_store(postgres_url)
    with other.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert store.append(batch(growth("a", 0))) == [1]
    store.close()
    other.close()


def test_a_pool_in_full_use_is_reported(postgres_url: str) -> None:
    database = Database(postgres_url, timeout=0.3, pool_size=1)
    held = [database.open_connection() for _ in range(11)]
    with pytest.raises(Unavailable, match="pool_exhausted"), database.reading():
        pass
    for connection in held:
        connection.close()
    database.close()


def test_no_error_of_a_driver_escapes(store: SqlStore) -> None:
    with pytest.raises(GuanxiError), store.database.writing() as cursor:
        cursor.execute("INSERT INTO guanxi_nothing VALUES (1)")
    with pytest.raises(GuanxiError), store.database.connected() as connection:
        connection.exec_driver_sql("SELECT * FROM guanxi_nothing")


# Durability


def test_sqlite_writes_through_to_the_disk_by_its_own_account(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    found = store.settings()
    assert (found["journal_mode"], found["synchronous"], found["busy_timeout"]) == ("wal", "full", "10000")
    store.close()


def test_postgres_reports_its_durability_and_our_timeouts(postgres_url: str) -> None:
    store = open_store(postgres_url, timeout=7, statement_timeout=33)
    found = store.settings()
    assert (found["synchronous_commit"], found["lock_timeout"], found["statement_timeout"]) == (
        "on",
        "7s",
        "33s",
    )
    assert {"fsync", "full_page_writes"} <= set(found)
    store.close()


APPEND_ONE_BY_ONE = """
import sys
from guanxi_adapters.sql import open_store
from tests.adapters.sql.samples import batch, growth
store = open_store(sys.argv[1])
for i in range(int(sys.argv[2])):
    store.append(batch(growth(f"s{i:04}", 0)))
import os; os._exit(0)  # no checkpoint at the end
"""


def _count_fsyncs(url: str, appends: int, folder: Path) -> int:
    report = folder / f"trace-{appends}"
    root = Path(__file__).parents[3]
    command = ["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", str(report)]
    command += [sys.executable, "-c", APPEND_ONE_BY_ONE, url, str(appends)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0 and "ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    return len(re.findall(r"\b(?:fsync|fdatasync)\(", report.read_text()))


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_every_append_reaches_the_disk_before_it_returns(tmp_path: Path) -> None:
    few = _count_fsyncs(f"sqlite:///{tmp_path / 'few.db'}", 5, tmp_path)
    many = _count_fsyncs(f"sqlite:///{tmp_path / 'many.db'}", 25, tmp_path)
    assert many - few >= 20


# The host's own transaction


@pytest.fixture(params=["default", "own"])
def host(request: pytest.FixtureRequest, shared_url: str) -> Any:
    """A store and an engine of the host: SQLAlchemy's default one, or the store's own."""
    store = open_store(shared_url)
    made = store.engine
    if request.param == "default":
        made = sa.create_engine(shared_url)
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE host_orders (id INTEGER PRIMARY KEY)")
    yield store, made
    made.dispose()
    store.close()


def test_what_is_written_on_the_hosts_connection_is_the_hosts_to_commit(host: Any) -> None:
    store, made = host
    with made.connect() as connection:
        store.append(batch(growth("a", 0)), connection)
        assert store.heads(["a"], connection)["a"].version == 1
        assert len(store.fold_rows("a", connection)) == 1
        connection.rollback()
    assert store.count() == 0
    with made.connect() as connection:
        store.append(batch(growth("a", 0)), connection)
        connection.exec_driver_sql("INSERT INTO host_orders VALUES (1)")
        connection.commit()
    assert store.count() == 1


def test_the_hosts_rollback_takes_its_rows_and_our_entries_together(host: Any) -> None:
    store, made = host

    def order() -> None:
        with made.begin() as connection:
            connection.exec_driver_sql("INSERT INTO host_orders VALUES (1)")
            store.append(batch(growth("a", 0)), connection)
            raise RuntimeError("the host changed its mind")

    with pytest.raises(RuntimeError, match="changed its mind"):
        order()
    with made.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM host_orders").scalar() == 0
    assert store.count() == 0
    assert store.heads(["a"]) == {}


def test_a_refused_append_leaves_the_hosts_transaction_usable(host: Any) -> None:
    store, made = host
    store.append(batch(growth("a", 0), commands=[CommandRecord("x", "d", "a", 1, 1)]))
    with made.begin() as connection:
        connection.exec_driver_sql("INSERT INTO host_orders VALUES (1)")
        with pytest.raises(VersionConflict):
            store.append(batch(growth("a", 0)), connection)
        with pytest.raises(CommandSeen):
            store.append(batch(growth("b", 0), commands=[CommandRecord("x", "d", "b", 1, 1)]), connection)
        store.append(batch(growth("c", 0)), connection)
        store.append(batch(growth("c", 1)), connection)
    with made.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM host_orders").scalar() == 1
    assert sorted(h.stream for h in store.streams()) == ["a", "c"]


def test_a_host_may_begin_its_transaction_after_reading_through_us(host: Any) -> None:
    store, made = host
    with made.connect() as connection:
        assert store.heads(["a"], connection) == {}
        with connection.begin():
            store.append(batch(growth("a", 0)), connection)
    assert store.count() == 1


def test_a_connection_to_another_database_is_refused(shared_url: str, tmp_path: Path) -> None:
    store = open_store(shared_url)
    elsewhere = open_store(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    with elsewhere.engine.connect() as connection, pytest.raises(Invalid, match="other_database"):
        store.append(batch(growth("a", 0)), connection)
    bare = sa.create_engine("sqlite://")
    with bare.connect() as connection, pytest.raises(Invalid, match="other_database"):
        store.heads(["a"], connection)
    assert store.count() == elsewhere.count() == 0
    store.close()
    elsewhere.close()


def test_hosts_that_hold_what_each_other_wants_do_not_wait_for_ever(postgres_url: str) -> None:
    store = open_store(postgres_url)
    store.append(batch(growth("a", 0), growth("b", 0)))
    both = threading.Barrier(2)

    def host(mine: str, theirs: str) -> None:
        with store.engine.begin() as connection:
            store.append(batch(growth(mine, 1)), connection)
            both.wait()
            store.append(batch(growth(theirs, 1)), connection)

    with ThreadPoolExecutor(2) as pool:
        outcomes = [pool.submit(host, "a", "b"), pool.submit(host, "b", "a")]
    errors = [f.exception() for f in outcomes if f.exception() is not None]
    assert len(errors) == 1
    assert isinstance(errors[0], (Unavailable, VersionConflict))
    assert store.count() == 4
    store.close()


# Threads and forks


def test_writers_and_readers_in_many_threads_get_along(store: SqlStore) -> None:
    def work(number: int) -> None:
        for version in range(6):
            store.append(batch(growth(f"s{number}", version, actor=str(number))))
            assert len(store.fold_rows(f"s{number}")) == version + 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert store.count() == 48


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_parent_and_child_both_go_on_after_a_fork(shared_url: str) -> None:
    store, keys = open_store(shared_url), open_keyring(shared_url)
    store.append(batch(growth("a", 0)))
    key = keys.key_for("a", "identity")
    for attempt in range(3):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                store.append(batch(growth(f"child-{attempt}", 0)))
                same = (
                    keys.key_for("a", "identity") == key
                    and keys.key_for(f"b{attempt}", "identity") is not None
                )
                code = 0 if same and store.fold_rows("a") else 2
            finally:
                os._exit(code)
        store.append(batch(growth(f"parent-{attempt}", 0)))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert store.heads([f"child-{attempt}", f"parent-{attempt}", "a"]).keys() >= {f"child-{attempt}", "a"}
        assert keys.key_for("a", "identity") == key
    assert store.count() == 7
    store.close()
    keys.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_holds_locks_of_its_own_after_a_fork(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    store.append(batch(growth("a", 0)))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for version in range(1, 30):
                store.append(batch(growth("child", version - 1, actor=str(version))))
            code = 0
        finally:
            os._exit(code)
    for version in range(1, 30):
        store.append(batch(growth("parent", version - 1, actor=str(version))))
        store.close()  # the last to close empties the write-ahead log, unless the child's locks are real
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.count() == 59
    assert sqlite3.connect(path_of(sqlite_url)).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store.close()


def test_a_memory_database_is_one_database_for_all_threads() -> None:
    store = open_store("sqlite://")
    store.append(batch(growth("a", 0)))
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: store.count(), range(8))) == [1] * 8
    other = open_store("sqlite://")
    assert other.count() == 0
    store.close()
    other.close()


def test_no_statement_of_this_package_changes_or_deletes_an_entry() -> None:
    folder = Path(engine.__file__).parent
    source = "\n".join(path.read_text() for path in folder.glob("*.py"))
    assert not re.search(r"(UPDATE|DELETE FROM|TRUNCATE|DROP TABLE)[^\n]*guanxi_entries", source)
    assert not re.search(r"sa\.(update|delete)\((schema\.)?(entries|e)\)", source)


def test_an_unreadable_schema_is_a_store_error(sqlite_url: str) -> None:
    with sqlite3.connect(path_of(sqlite_url)) as connection:
        connection.execute("CREATE TABLE guanxi_meta (something_else TEXT)")
    with pytest.raises(StoreError):
        open_store(sqlite_url)
