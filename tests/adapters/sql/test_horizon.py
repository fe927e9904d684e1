"""The horizon: readers miss nothing and see nothing inserted behind them, and nobody waits for a position."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from guanxi.kernel.errors import Unavailable
from guanxi_adapters.sql import SqlStore, open_store
from tests.adapters.sql.samples import batch, growth

pytestmark = pytest.mark.postgres


@pytest.fixture(params=["postgres_url", "partitioned_url"])
def log(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    """An empty log on PostgreSQL that registers what is in flight."""
    opened = open_store(request.getfixturevalue(request.param))
    yield opened
    opened.close()


def streams(store: SqlStore, after: int = 0) -> list[str]:
    return [e.stream for e in store.page(after, 100)]


def test_readers_stop_where_an_append_is_in_flight_and_writers_do_not(log: SqlStore) -> None:
    log.append(batch(growth("a", 0)))
    with log.engine.connect() as connection, connection.begin():
        assert log.append(batch(growth("b", 0)), connection) == [2]
        assert log.append(batch(growth("c", 0))) == [3]
        assert log.append(batch(growth("a", 1))) == [4]
        assert streams(log) == ["a"]
        assert (log.last_position(), log.horizon(), log.count()) == (1, 1, 1)
        assert [(f.position, f.pid) for f in log.in_flight()] == [(2, _pid(connection))]
    assert streams(log) == ["a", "b", "c", "a"]
    assert (log.last_position(), log.horizon(), log.count()) == (4, 4, 4)
    assert log.in_flight() == []


def test_an_append_rolled_back_leaves_a_gap_and_readers_go_on(log: SqlStore) -> None:
    with log.engine.connect() as connection:
        log.append(batch(growth("a", 0)), connection)
        log.append(batch(growth("b", 0)))
        assert streams(log) == []
        connection.rollback()
    assert [(e.stream, e.position) for e in log.page(0, 10)] == [("b", 2)]


def test_a_savepoint_rolled_back_takes_its_registration_along(log: SqlStore) -> None:
    with log.engine.connect() as connection, connection.begin():
        with connection.begin_nested() as savepoint:
            log.append(batch(growth("a", 0)), connection)
            savepoint.rollback()
        log.append(batch(growth("b", 0)))
        assert streams(log) == ["b"]
        log.append(batch(growth("c", 0)), connection)
        log.append(batch(growth("d", 0)))
        assert streams(log) == ["b"]
    assert streams(log) == ["b", "c", "d"]


def test_a_transaction_that_appends_often_registers_once(log: SqlStore) -> None:
    with log.engine.connect() as connection, connection.begin():
        for n in range(50):
            log.append(batch(growth(f"s{n:02d}", 0)), connection)
        assert [f.position for f in log.in_flight()] == [1]
    assert len(streams(log)) == 50


def test_the_end_of_a_connection_is_the_end_of_what_it_had_in_flight(log: SqlStore) -> None:
    with log.engine.connect() as connection:
        log.append(batch(growth("a", 0)), connection)
        log.append(batch(growth("b", 0)))
        assert streams(log) == []
        with log.database.connected() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({_pid(connection)}, 5000)")
        connection.invalidate()
    assert streams(log) == ["b"]
    assert log.in_flight() == []


def test_writes_elsewhere_delay_no_reader(log: SqlStore, postgres_server: str) -> None:
    admin = sa.make_url(postgres_server).set(drivername="postgresql+psycopg")
    elsewhere = sa.create_engine(admin)
    with elsewhere.connect() as foreign, log.engine.connect() as neighbour:
        foreign.exec_driver_sql("CREATE TEMPORARY TABLE host_rows (id int)")
        foreign.exec_driver_sql("INSERT INTO host_rows VALUES (1)")
        neighbour.exec_driver_sql("CREATE TABLE host_rows (id int)")
        neighbour.exec_driver_sql("INSERT INTO host_rows VALUES (1)")
        log.append(batch(growth("a", 0)))
        assert streams(log) == ["a"]
    elsewhere.dispose()


def test_logs_in_two_schemas_of_one_database_do_not_wait_for_each_other(postgres_url: str) -> None:
    url = sa.make_url(postgres_url)
    stores = []
    for name in ("one", "two"):
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        engine.dispose()
        within = url.update_query_dict({"options": f"-csearch_path={name}"})
        stores.append(open_store(within.render_as_string(hide_password=False)))
    one, two = stores
    with one.engine.connect() as connection, connection.begin():
        one.append(batch(growth("a", 0)), connection)
        two.append(batch(growth("b", 0)))
        assert streams(two) == ["b"]
        assert two.in_flight() == []
    assert streams(one) == ["a"]
    for store in stores:
        store.close()


@pytest.mark.parametrize("given", [2**31 - 3, 2**31 - 1, 2**32 - 2, 2**40 + 2**31 - 2])
def test_positions_go_on_beyond_what_a_lock_can_name(log: SqlStore, given: int) -> None:
    with log.database.writing() as cursor:
        cursor.execute("SELECT setval('guanxi_entries_position_seq', %s)", (given,))
    with log.engine.connect() as connection, connection.begin():
        assert log.append(batch(growth("a", 0, 2)), connection) == [given + 1, given + 2]
        log.append(batch(growth("b", 0, 3)))
        assert log.horizon() == given
        assert log.in_flight()[0].position == given + 1
    assert log.horizon() == given + 5
    assert streams(log) == ["a", "a", "b", "b", "b"]


def test_a_reservation_that_is_cancelled_holds_up_nobody(postgres_url: str) -> None:
    held = open_store(postgres_url)
    hasty = open_store(postgres_url, statement_timeout=0.2)
    with held.engine.connect() as connection, connection.begin():
        number = connection.exec_driver_sql(
            "SELECT 'guanxi_entries_position_seq'::regclass::oid::bigint"
        ).scalar_one()
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({0x6775_616E_7869_0002} + {number})")
        with pytest.raises(Unavailable, match="statement_timeout"):
            hasty.append(batch(growth("a", 0)))
    assert hasty.append(batch(growth("a", 0))) == [1]
    assert held.append(batch(growth("b", 0))) == [2]
    assert streams(held) == ["a", "b"]
    held.close()
    hasty.close()


def test_a_tailing_reader_misses_nothing_and_finds_nothing_behind_it_while_six_write(log: SqlStore) -> None:
    written: list[int] = []
    done = threading.Event()

    def write(number: int) -> None:
        store = open_store(log.database.parsed.render_as_string(hide_password=False))
        for version in range(60):
            count = 1 + (number + version) % 3
            if version % 10 == 9:
                with store.engine.connect() as connection:
                    store.append(batch(growth(f"h{number}-{version}", 0, count)), connection)
                    (connection.commit if version % 20 == 9 else connection.rollback)()
            else:
                written.extend(store.append(batch(growth(f"s{number}-{version}", 0, count))))
        store.close()

    def read() -> list[int]:
        seen: list[int] = []
        while True:
            over = done.is_set()
            page = log.page(seen[-1] if seen else 0, 7)
            seen += [e.position for e in page]
            if over and not page:
                return seen

    with ThreadPoolExecutor(7) as pool:
        reader = pool.submit(read)
        for writer in [pool.submit(write, n) for n in range(6)]:
            writer.result()
        done.set()
        seen = reader.result()
    with log.database.reading() as cursor:
        cursor.execute("SELECT position FROM guanxi_entries ORDER BY position")
        stored = [row[0] for row in cursor.fetchall()]
    assert seen == stored
    assert set(written) <= set(stored)


def test_entries_of_one_append_lie_together(log: SqlStore) -> None:
    def write(number: int) -> None:
        for version in range(0, 60, 3):
            log.append(batch(growth(f"s{number}", version, 3)))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    found = log.page(0, 1000)
    for n in range(0, len(found), 3):
        assert len({e.stream for e in found[n : n + 3]}) == 1


def test_an_append_is_registered_before_it_has_positions(log: SqlStore) -> None:
    log.append(batch(growth("a", 0)))
    with log.engine.connect() as holder, log.engine.connect() as late, ThreadPoolExecutor(1) as pool:
        number = holder.exec_driver_sql(
            "SELECT 'guanxi_entries_position_seq'::regclass::oid::bigint"
        ).scalar_one()
        holder.exec_driver_sql(f"SELECT pg_advisory_xact_lock({0x6775_616E_7869_0002} + {number})")
        begun = late.begin()
        reserving = pool.submit(late.exec_driver_sql, "SELECT guanxi_reserve(1)")
        while not log.in_flight():
            assert not reserving.done()  # it waits to reserve, and is known already
        assert [f.position for f in log.in_flight()] == [2]
        holder.rollback()
        reserving.result()
        begun.rollback()
    assert log.in_flight() == []


def test_no_two_of_many_sessions_are_given_the_same_position(log: SqlStore) -> None:
    begun = threading.Barrier(6)

    def reserve() -> list[int]:
        with log.database.alone() as cursor:
            begun.wait()
            cursor.execute("SELECT guanxi_reserve(3) FROM generate_series(1, 300)")
            return [first + n for (first,) in cursor.fetchall() for n in range(3)]

    with ThreadPoolExecutor(6) as pool:
        given = [p for f in [pool.submit(reserve) for _ in range(6)] for p in f.result()]
    assert len(set(given)) == len(given) == 6 * 300 * 3


def _pid(connection: sa.Connection) -> int:
    raw = connection.connection.dbapi_connection
    return int(raw.info.backend_pid)  # type: ignore[union-attr]
