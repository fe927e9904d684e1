"""Leases: one holder at a time, for as long as it gives signs of life; the next one takes over when it leaves or dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from guanxi.kernel.errors import Unavailable
from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.leases import BEAT, LASTS, Contender, Leases
from guanxi_adapters.sql.wakeups import Bell
from tests.adapters.sql.elsewhere import eventually

LONG, SHORT = 3600.0, 0.05


@pytest.fixture
def database(any_url: str) -> Iterator[Database]:
    opened = Database(any_url)
    yield opened
    opened.close()


def holders(leases: Leases) -> dict[str, str]:
    return {lease.name: lease.holder for lease in leases.held()}


def test_of_many_who_try_at_once_one_gets_it(shared_url: str) -> None:
    databases = [Database(shared_url) for _ in range(6)]
    for round_ in range(10):
        ready = threading.Barrier(len(databases))

        def attempt(number: int, round_: int = round_, ready: threading.Barrier = ready) -> bool:
            leases = Leases(databases[number], "main", lasts=LONG)
            ready.wait(10)
            return leases.take(f"work-{round_}", f"h{number}", "someone")

        with ThreadPoolExecutor(len(databases)) as pool:
            got = list(pool.map(attempt, range(len(databases))))
        assert got.count(True) == 1
        assert holders(Leases(databases[0], "main", lasts=LONG))[f"work-{round_}"] == f"h{got.index(True)}"
    for each in databases:
        each.close()


def test_nobody_else_gets_it_while_it_lasts(database: Database) -> None:
    leases = Leases(database, "main", lasts=LONG)
    assert leases.take("work", "one", "the first")
    assert not leases.take("work", "two", "the second")
    assert leases.take("other work", "two", "the second")
    assert [(lease.name, lease.who) for lease in leases.held()] == [
        ("other work", "the second"),
        ("work", "the first"),
    ]


def test_one_that_ran_out_is_anybodys(database: Database) -> None:
    leases = Leases(database, "main", lasts=SHORT)
    assert leases.take("work", "one", "the first")
    assert eventually(lambda: leases.held() == [], 5)
    assert leases.take("work", "two", "the second")
    long = Leases(database, "main", lasts=LONG)
    assert eventually(lambda: long.take("work", "three", "the third"), 5)
    assert not long.take("work", "two", "the second")


def test_a_renewed_one_stays_with_its_holder_since_when_it_took_it(database: Database) -> None:
    leases = Leases(database, "main", lasts=LONG)
    assert leases.take("work", "one", "the first")
    (before,) = leases.held()
    time.sleep(0.02)
    assert leases.take("work", "one", "the first")
    (after,) = leases.held()
    assert after.since == before.since
    assert after.until > before.until


def test_one_that_was_given_back_is_free_at_once_and_only_its_holder_can(database: Database) -> None:
    leases = Leases(database, "main", lasts=LONG)
    leases.take("work", "one", "the first")
    leases.give_back("work", "two")
    assert holders(leases) == {"work": "one"}
    leases.give_back("work", "one")
    assert leases.take("work", "two", "the second")


def test_tenants_have_leases_of_their_own(database: Database) -> None:
    north, south = Leases(database, "north", lasts=LONG), Leases(database, "south", lasts=LONG)
    assert north.held() == []  # before there is a table
    assert north.take("work", "one", "the first")
    assert south.take("work", "two", "the second")
    assert (holders(north), holders(south)) == ({"work": "one"}, {"work": "two"})


def test_the_servers_clock_counts_and_not_this_machines(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgres_url)
    leases = Leases(database, "main", lasts=LONG)
    assert leases.take("work", "one", "the first")
    now = time.time()
    for wrong in (now + 10 * LONG, now - 10 * LONG):
        monkeypatch.setattr(time, "time", lambda wrong=wrong: wrong)
        assert not leases.take("work", "two", "the second")
        assert holders(leases) == {"work": "one"}
    database.close()


def test_a_clock_that_was_put_back_keeps_no_dead_holder_alive(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url)
    leases = Leases(database, "main", lasts=2.0)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + LONG)
    assert leases.take("work", "one", "the first")
    monkeypatch.setattr(time, "time", lambda: now)
    assert leases.held() == []
    assert leases.take("work", "two", "the second")
    database.close()


def test_what_is_left_of_the_long_dead_is_removed(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(sqlite_url)
    leases = Leases(database, "main")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - LONG)
    leases.take("old", "one", "the first")
    monkeypatch.setattr(time, "time", lambda: now)
    leases.take("new", "two", "the second")
    leases.forget()
    with database.reading() as cursor:
        assert cursor.execute("SELECT name FROM guanxi_leases").fetchall() == [("new",)]
    database.close()


def test_one_contender_leads_and_the_next_takes_over_when_it_leaves(database: Database) -> None:
    leases, bell, changes = Leases(database, "main"), Bell(database), threading.Semaphore(0)
    with Contender(leases, "work", bell, changes.release) as one:
        assert one.leads
        with Contender(leases, "work", bell, changes.release) as two:
            assert not two.leads
            assert set(holders(leases)) == {"work", f"work/{two.holder}"}
            time.sleep(LASTS + 2 * BEAT)  # longer than a lease that nobody renews
            assert one.leads
            assert not two.leads
            one.__exit__(None, None, None)
            assert not one.leads
            assert eventually(lambda: two.leads)
            assert set(holders(leases)) == {"work"}
    assert holders(leases) == {}
    assert changes.acquire(blocking=False)


def test_who_cannot_renew_no_longer_leads(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    leases = Leases(database, "main", lasts=1.0)
    with Contender(leases, "work", Bell(database), lambda: None) as one:
        assert one.leads

        def refuse(*_: str) -> bool:
            raise Unavailable("connection_lost")

        with monkeypatch.context() as broken:
            broken.setattr(leases, "take", refuse)
            assert eventually(lambda: not one.leads)
        assert eventually(lambda: one.leads)


def test_three_seconds_are_enough_to_notice_a_death() -> None:
    assert LASTS + BEAT <= 2.5
