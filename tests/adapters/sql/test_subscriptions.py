"""Subscriptions: every entry once and in order, whoever writes and whatever the server does; ended from anywhere, resumed anywhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

import guanxi
from guanxi import Invalid, OpenFile, RecordProfileFact, StoreError
from guanxi_adapters.sql import SqlStore, open_store, wakeups
from guanxi_adapters.sql.subscriptions import LogSubscription
from tests.adapters.sql.elsewhere import append_elsewhere, away, eventually
from tests.adapters.sql.samples import batch, growth


class Reader:
    """A thread that notes what a subscription gives."""

    def __init__(self, subscription: LogSubscription) -> None:
        self.subscription, self.seen = subscription, list[tuple[int, str]]()
        self.failed: BaseException | None = None
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        try:
            with self.subscription as entries:
                for entry in entries:
                    self.seen.append((entry.position, entry.stream))
        except BaseException as error:  # noqa: BLE001 - shown to the test
            self.failed = error

    def end(self) -> None:
        self.subscription.close()
        self.thread.join(10)
        assert not self.thread.is_alive()
        assert self.failed is None, self.failed


def positions_and_streams(store: SqlStore) -> list[tuple[int, str]]:
    return [(e.position, e.stream) for e in store.page(0, 100_000)]


def first(subscription: LogSubscription, count: int) -> list[tuple[int, str]]:
    """Return what a subscription gives first, or as much of it as there is."""
    too_long = threading.Timer(20, subscription.close)
    too_long.start()
    found = [(e.position, e.stream) for _, e in zip(range(count), subscription, strict=False)]
    too_long.cancel()
    return found


def streams(subscription: LogSubscription, count: int) -> list[str]:
    return [stream for _, stream in first(subscription, count)]


def test_a_reader_misses_nothing_and_sees_nothing_twice_while_six_writers_append(any_url: str) -> None:
    store = open_store(any_url)
    writers = [store if any_url == "sqlite://" else open_store(any_url) for _ in range(6)]
    reader = Reader(store.subscribe(page=7))

    def write(number: int) -> None:
        for version in range(40):
            writers[number].append(batch(growth(f"s{number}", version, 1 + version % 3 * 0)))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert eventually(lambda: len(reader.seen) >= 240)
    reader.end()
    assert reader.seen == positions_and_streams(store)
    assert len({position for position, _ in reader.seen}) == 240
    for each in {id(s): s for s in (store, *writers)}.values():
        each.close()


def test_a_subscription_goes_on_right_behind_any_position(store: SqlStore) -> None:
    store.append(batch(*[growth(f"s{n}", 0) for n in range(6)]))
    everything = [(e.position, e.stream) for e in store.page(0, 10)]
    for number in range(6):
        after = everything[number - 1][0] if number else 0
        for page in (1, 2, 6, 50):
            with store.subscribe(after, page=page) as entries:
                assert first(entries, 6 - number) == everything[number:]


def test_what_was_given_out_is_where_to_go_on(store: SqlStore) -> None:
    names = ["test.bought", "test.paid", "test.paid", "test.bought", "test.paid"]
    for number, name in enumerate(names):
        store.append(batch(growth(f"s{number}", 0, name=name)))
    expected = [f"s{n}" for n, name in enumerate(names) if name == "test.bought"]
    for page in (1, 2, 10):
        found, after = list[str](), 0
        for _ in expected:
            with store.subscribe(after, ["test.bought"], page=page) as entries:
                found += streams(entries, 1)
                after = entries.position
        assert found == expected


def test_only_what_was_asked_for_is_given(store: SqlStore) -> None:
    for number in range(9):
        name = "test.paid" if number % 3 else "test.bought"
        store.append(batch(growth(f"s{number}", 0, name=name)))
    with store.subscribe(names=["test.bought"], page=2) as entries:
        assert streams(entries, 3) == ["s0", "s3", "s6"]
    with store.subscribe(names=["test.bought", "test.paid"], page=2) as entries:
        assert streams(entries, 4) == ["s0", "s1", "s2", "s3"]


def test_one_page_is_held_at_a_time(store: SqlStore) -> None:
    store.append(batch(*[growth(f"s{n:02}", 0) for n in range(20)]))
    with store.subscribe(page=3) as entries:
        for entry in entries:
            assert len(entries._read) < 3
            if entry.stream == "s19":
                break


def test_another_tenants_entries_are_passed_over_once_and_never_shown(shared_url: str) -> None:
    mine, other = open_store(shared_url), open_store(shared_url, tenant="other")
    for number in range(5):
        other.append(batch(growth(f"o{number}", 0, tenant="other"), tenant="other"))
    mine.append(batch(growth("a", 0)))
    other.append(batch(growth("z", 0, tenant="other"), tenant="other"))
    with mine.subscribe(page=2) as entries:
        assert next(entries).stream == "a"
        entries._look()
        # no look goes over them again: on PostgreSQL the index leads past them
        assert entries.position == (mine.last_position() if mine.capabilities.advisory_locks else 7)
        mine.append(batch(growth("b", 0)))
        assert next(entries).stream == "b"
    mine.close()
    other.close()


def test_whoever_closes_it_ends_a_wait_at_once(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeups, "PATIENCE", 600.0)
    monkeypatch.setattr(wakeups, "LATEST", 600.0)
    monkeypatch.setattr(wakeups, "SOONEST", 600.0)
    store.append(batch(growth("a", 0)))
    reader = Reader(store.subscribe())
    assert eventually(lambda: len(reader.seen) == 1)
    reader.end()
    assert reader.subscription.closed
    with pytest.raises(StopIteration):
        next(reader.subscription)


def test_an_append_in_flight_is_waited_for_and_nothing_appears_behind_a_reader(postgres_url: str) -> None:
    store = open_store(postgres_url)
    for ending in ("commit", "rollback"):
        reader = Reader(store.subscribe(store.last_position()))
        with store.engine.connect() as host:
            host.begin()
            store.append(batch(growth(f"host-{ending}", 0)), host)
            append_elsewhere(postgres_url, f"other-{ending}")
            reader.thread.join(1.0)
            assert reader.seen == []
            getattr(host, ending)()
        expected = ["host-commit", "other-commit"] if ending == "commit" else ["other-rollback"]
        assert eventually(lambda expected=expected, reader=reader: len(reader.seen) == len(expected))
        reader.end()
        assert [stream for _, stream in reader.seen] == expected
    store.close()


def test_a_server_that_is_away_is_waited_for(postgres_url: str) -> None:
    store = open_store(postgres_url)
    store.append(batch(growth("a", 0)))
    reader = Reader(store.subscribe())
    assert eventually(lambda: len(reader.seen) == 1)
    assert reader.subscription.waiting_since is None
    for round_ in range(2):
        away(postgres_url, True)
        assert eventually(lambda: reader.subscription.waiting_since is not None)
        trouble = reader.subscription.trouble
        assert trouble is not None
        assert trouble.code in ("connection_lost", "database_unreachable")
        away(postgres_url, False)
        append_elsewhere(postgres_url, f"b{round_}")
        assert eventually(lambda round_=round_: len(reader.seen) == 2 + round_)
        assert reader.subscription.waiting_since is None
        assert reader.subscription.trouble is None
    reader.end()
    assert [stream for _, stream in reader.seen] == ["a", "b0", "b1"]
    store.close()


def test_while_the_server_is_away_a_subscription_can_be_closed(postgres_url: str) -> None:
    store = open_store(postgres_url)
    reader = Reader(store.subscribe())
    away(postgres_url, True)
    assert eventually(lambda: reader.subscription.waiting_since is not None)
    reader.end()
    away(postgres_url, False)
    store.close()


def test_what_waiting_cannot_mend_is_raised(shared_url: str) -> None:
    store = open_store(shared_url)
    store.append(batch(growth("a", 0)))
    with store.subscribe() as entries:
        assert next(entries).stream == "a"
        with store.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE guanxi_entries RENAME COLUMN payload TO gone"))
        entries._after = 0
        with pytest.raises(StoreError):
            next(entries)
    store.close()


@pytest.mark.parametrize(("after", "page"), [(-1, 10), (0, 0)])
def test_a_subscription_that_could_give_nothing_is_refused(store: SqlStore, after: int, page: int) -> None:
    with pytest.raises(Invalid, match="out_of_scale"):
        store.subscribe(after, page=page)


@pytest.fixture
def ledger(any_url: str) -> Iterator[guanxi.Ledger]:
    opened = guanxi.open(any_url)
    yield opened
    opened.close()


def test_a_host_is_given_events_with_their_entries(ledger: guanxi.Ledger) -> None:
    ledger.execute("C-1", OpenFile(name="李明"), actor="clerk")
    ledger.execute("C-1", RecordProfileFact(field_name="name", value="李明远"), actor="web")
    with ledger.subscribe() as events:
        opened = next(events)
        assert type(opened.event).__name__ == "FileOpened"
        assert (opened.entry.actor, opened.originator_version) == ("clerk", 1)
        after = events.position
    with ledger.subscribe(after, opened.entry.name) as events:
        assert events.waiting_since is None
        later = threading.Timer(0.2, lambda: ledger.execute("C-2", OpenFile(name="王芳"), actor="clerk"))
        later.start()
        recorded = next(events)
        assert recorded.entry.name == opened.entry.name
        assert recorded.originator_id == ledger.find("C-2")
        later.join()
        closing = threading.Timer(0.2, events.close)
        closing.start()
        assert list(events) == []
        closing.join()
