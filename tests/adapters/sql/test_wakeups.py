"""The bell: what is appended anywhere is heard, one connection listens for a whole process, and a lost ring only costs time."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from guanxi_adapters.sql import SqlStore, open_store, wakeups
from guanxi_adapters.sql.wakeups import BETWEEN_NOTICES, CHANNEL, Bell, Ear
from tests.adapters.sql.elsewhere import append_elsewhere, away, eventually
from tests.adapters.sql.samples import batch, growth


def hears(ear: Ear, seconds: float = 30.0) -> bool:
    """Return whether the bell rings, at the latest after some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ear.wait(at_most=0.4):
            return True
    return False


def settle(ear: Ear) -> None:
    """Let a new ear hear that somebody listens now, and wait for silence."""
    while hears(ear, 0.4):
        pass


def listening(url: str) -> list[int]:
    """Return the server's processes that listen for a database."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'"
        ).fetchall()
    return [row[0] for row in rows]


def listeners() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "guanxi-bell"]


@pytest.fixture
def shared(shared_url: str) -> Iterator[SqlStore]:
    opened = open_store(shared_url)
    yield opened
    opened.close()


@pytest.fixture
def ear(shared: SqlStore) -> Iterator[Ear]:
    opened = shared.bell.ear()
    settle(opened)
    yield opened
    opened.close()


def test_what_another_process_appends_is_heard(shared_url: str, ear: Ear) -> None:
    append_elsewhere(shared_url, "a")
    assert hears(ear)


def test_what_this_process_appends_is_heard(store: SqlStore) -> None:
    heard = store.bell.ear()
    settle(heard)
    store.append(batch(growth("a", 0)))
    assert hears(heard)
    heard.close()


def test_what_a_host_appends_is_heard_when_the_host_commits(shared: SqlStore, ear: Ear) -> None:
    with shared.engine.begin() as connection:
        shared.append(batch(growth("a", 0)), connection)
        settle(ear)
    assert hears(ear)
    assert [e.stream for e in shared.page(0, 10)] == ["a"]


def test_what_a_host_rolls_back_is_never_announced(postgres_url: str) -> None:
    store = open_store(postgres_url)
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        with store.engine.connect() as host:
            host.begin()
            store.append(batch(growth("a", 0)), host)
            host.rollback()
            host.begin()
            store.append(batch(growth("b", 0)), host)
            host.commit()
        assert len(list(connection.notifies(timeout=2.0))) == 1
    store.close()


def test_one_connection_listens_for_all_of_a_process(postgres_url: str) -> None:
    stores = [open_store(postgres_url, tenant=tenant) for tenant in ("north", "south")]
    ears = [store.bell.ear() for store in stores for _ in range(3)]
    for each in ears:
        each.wait()
    assert eventually(lambda: len(listening(postgres_url)) == 1)
    assert len(listeners()) == 1
    for each in ears[:-1]:
        each.close()
    assert len(listening(postgres_url)) == 1
    settle(ears[-1])
    append_elsewhere(postgres_url, "a", "north")
    assert hears(ears[-1])
    ears[-1].close()
    assert eventually(lambda: listening(postgres_url) == [])
    assert listeners() == []
    for store in stores:
        store.close()


def test_nobody_listens_before_the_first_wait_and_after_the_last_ear(shared: SqlStore) -> None:
    ear = shared.bell.ear()
    assert listeners() == []
    ear.wait()
    assert len(listeners()) == 1
    ear.close()
    assert eventually(lambda: listeners() == [])
    again = shared.bell.ear()
    settle(again)
    shared.append(batch(growth("a", 0)))
    assert hears(again)
    again.close()


def test_a_lost_connection_is_replaced(postgres_url: str) -> None:
    store = open_store(postgres_url)
    ear = store.bell.ear()
    settle(ear)
    for round_ in range(2):
        before = listening(postgres_url)
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", (before[0],))
        assert eventually(lambda before=before: listening(postgres_url) not in ([], before))
        settle(ear)
        append_elsewhere(postgres_url, f"s{round_}")
        assert hears(ear)
    ear.close()
    store.close()


def test_what_nobody_rang_for_is_found_all_the_same(any_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bell, "ring", lambda *_: None)
    monkeypatch.setattr(wakeups, "PATIENCE", 0.5)
    store, found = open_store(any_url), list[str]()
    subscription = store.subscribe()

    def follow() -> None:
        found.extend(entry.stream for entry in subscription)

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    assert eventually(lambda: any_url == "sqlite://" or len(listeners()) == 1)
    time.sleep(1.0)  # until the ear has stopped to look every few milliseconds
    store.append(batch(growth("a", 0)))
    assert eventually(lambda: found == ["a"])
    subscription.close()
    follower.join(5)
    assert not follower.is_alive()
    store.close()


def test_without_listen_and_notify_there_are_no_notices_and_nothing_is_missed(postgres_url: str) -> None:
    store, found = open_store(postgres_url, portable=True), list[str]()
    subscription = store.subscribe()
    follower = threading.Thread(target=lambda: found.extend(e.stream for e in subscription), daemon=True)
    follower.start()
    append_elsewhere(postgres_url, "a")
    assert eventually(lambda: found == ["a"])
    assert listening(postgres_url) == []
    assert listeners() == []
    subscription.close()
    follower.join(5)
    store.close()


def test_a_process_sends_few_notices_however_much_it_appends(postgres_url: str) -> None:
    stores = [open_store(postgres_url, tenant=tenant) for tenant in ("north", "south")]
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        begun = time.monotonic()
        for _ in range(300):
            for store in stores:
                store.bell.ring()
        took = time.monotonic() - begun
        assert 1 <= len(list(connection.notifies(timeout=1.0))) <= 1 + took / BETWEEN_NOTICES
    for store in stores:
        store.close()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_parent_and_child_both_hear_after_a_fork(shared: SqlStore, shared_url: str, ear: Ear) -> None:
    for attempt in range(2):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                settle(ear)  # the ear that the parent had is the child's own now
                append_elsewhere(shared_url, f"child-{attempt}")
                code = 0 if hears(ear) and len(listeners()) == 1 else 2
                ear.close()
                code = code or (0 if eventually(lambda: listeners() == []) else 3)
            finally:
                os._exit(code)
        settle(ear)
        append_elsewhere(shared_url, f"parent-{attempt}")
        assert hears(ear)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert shared.count() == 4
    if shared_url.startswith("sqlite"):
        path = shared_url.removeprefix("sqlite:///")
        assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forks_under_way_of_listening_harm_no_one(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    ears = [store.bell.ear() for _ in range(2)]
    for each in ears:
        each.wait()
    for attempt in range(15):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                store.append(batch(growth(f"child-{attempt}", 0)))
                code = 0
            finally:
                os._exit(code)
        store.append(batch(growth(f"parent-{attempt}", 0)))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.count() == 30
    settle(ears[0])
    append_elsewhere(sqlite_url, "last")
    assert hears(ears[0])
    for each in ears:
        each.close()
    store.close()


def test_a_closed_ear_never_waits_again(store: SqlStore) -> None:
    ear = store.bell.ear()
    ended = threading.Event()

    def wait() -> None:
        while not ear.closed:
            ear.wait()
        ended.set()

    waiter = threading.Thread(target=wait, daemon=True)
    waiter.start()
    time.sleep(0.6)
    ear.close()
    assert ended.wait(5)
    assert not ear.wait()


def test_an_unreachable_server_does_not_hold_up_those_who_leave(postgres_url: str) -> None:
    store = open_store(postgres_url)
    ear = store.bell.ear()
    settle(ear)
    away(postgres_url, True)
    ear.wait()
    ear.close()
    away(postgres_url, False)
    assert eventually(lambda: listeners() == [])
    store.close()
