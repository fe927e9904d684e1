"""Committing together what several threads append at once: one transaction, and each batch for itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import attrs
import pytest

from guanxi.kernel.errors import Invalid, StoreError, Unavailable
from guanxi.kernel.ports import (
    Append,
    ClaimChange,
    ClaimTaken,
    CommandRecord,
    CommandSeen,
    StreamAppend,
    VersionConflict,
)
from guanxi_adapters.sql import SqlStore, open_store
from guanxi_adapters.sql.appending import Appending
from guanxi_adapters.sql.errors import failure
from guanxi_adapters.sql.writing import LARGE, Written
from tests.adapters.sql.samples import batch, growth


class Gate:
    """A store's writer whose first transaction waits to be let through, so that others queue behind it."""

    def __init__(self, store: SqlStore) -> None:
        self._writer: Any = store._writer
        self.entered, self.open = threading.Event(), threading.Event()
        self.groups: list[int] = []
        self.appending = Appending(self, patience=1.0, stored=store._stored)

    @property
    def by_stream(self) -> bool:
        return bool(self._writer.by_stream)

    def write(self, batches: Sequence[Append], *, patient: bool = False) -> list[Written]:
        self.groups.append(len(batches))
        if not self.entered.is_set():
            self.entered.set()
            assert self.open.wait(10)
        found: list[Written] = self._writer.write(batches, patient=patient)
        return found

    def write_hosted(self, batch: Append, connection: Any) -> Written:
        raise NotImplementedError

    def queued(self, appends: Sequence[Append]) -> list[Future[list[int]]]:
        """Append the first alone, the others while it is under way; return what becomes of each."""
        with ThreadPoolExecutor(len(appends)) as pool:
            futures = [pool.submit(self.appending.append, appends[0])]
            assert self.entered.wait(10)
            for n, append in enumerate(appends[1:], 1):
                futures.append(pool.submit(self.appending.append, append))
                while len(self.appending._waiting) < n:
                    pass
            self.open.set()
        return futures


def test_what_waits_is_committed_in_one_transaction(store: SqlStore) -> None:
    gate = Gate(store)
    done = gate.queued([batch(growth(f"s{n}", 0)) for n in range(6)])
    assert gate.groups == [1, 5]
    assert sorted(p for f in done for p in f.result()) == [1, 2, 3, 4, 5, 6]
    assert store.count() == 6


def test_a_batch_that_is_refused_takes_no_other_along(store: SqlStore) -> None:
    store.append(
        batch(growth("s2", 0), growth("s4", 0), claims=[claim("t", "s4")], commands=[known("k", "s2")])
    )
    gate = Gate(store)
    given = [
        batch(growth("s0", 0)),
        batch(growth("s1", 0)),
        batch(growth("s2", 0)),  # is there already
        batch(growth("s3", 0), claims=[claim("t", "s3")]),  # held by s4
        batch(growth("s5", 0), commands=[known("k", "s5")]),  # carried out already
        batch(growth("s6", 0)),
    ]
    errors = [f.exception() for f in gate.queued(given)]
    assert [type(e) for e in errors] == [
        type(None), type(None), VersionConflict, ClaimTaken, CommandSeen, type(None)
    ]  # fmt: skip
    assert gate.groups == [1, 5]
    assert store.heads([f"s{n}" for n in range(7)]).keys() == {"s0", "s1", "s2", "s4", "s6"}
    assert store.count() == 5


def test_a_group_that_the_database_refuses_is_written_one_by_one(store: SqlStore) -> None:
    gate = Gate(store)
    odd = growth("s3", 0)
    odd = attrs.evolve(odd, entries=(odd.entries[0]._replace(payload="lone \ud800 surrogate"),))
    done = gate.queued([batch(growth("s0", 0)), batch(growth("s1", 0)), batch(odd), batch(growth("s4", 0))])
    assert isinstance(done[2].exception(), Invalid)
    assert [f.exception() for f in done if f is not done[2]] == [None, None, None]
    assert store.heads(["s0", "s1", "s3", "s4"]).keys() == {"s0", "s1", "s4"}


def test_two_versions_of_one_stream_and_large_batches_go_by_themselves(store: SqlStore) -> None:
    gate = Gate(store)
    large = batch(growth("s9", 0, LARGE))
    done = gate.queued([batch(growth("s0", 0)), batch(growth("s1", 0)), batch(growth("s1", 1)), large])
    assert {type(f.exception()) for f in done} <= {type(None), VersionConflict}
    assert done[3].exception() is None
    assert gate.groups[0] == 1
    assert max(gate.groups) == 1


def test_whoever_waits_for_a_leader_that_is_interrupted_learns_what_became_of_its_own(
    store: SqlStore,
) -> None:
    gate = Gate(store)
    calls = 0

    def interrupted(batches: Sequence[Append]) -> list[Written]:
        nonlocal calls
        calls += 1
        found = Gate.write(gate, batches)
        if calls == 2:
            raise KeyboardInterrupt  # after the commit, before anybody was told
        return found

    gate.appending._writer = Spy(interrupted)
    done = gate.queued([batch(growth(f"s{n}", 0)) for n in range(4)])
    assert done[0].exception() is None
    assert [type(f.exception()) for f in done].count(KeyboardInterrupt) == 1
    assert store.count() == 4


class Interrupted(Exception):
    """What a signal raises."""


def test_a_thread_that_is_interrupted_while_it_waits_leaves_nobody_waiting_for_it(store: SqlStore) -> None:
    gate = Gate(store)

    def interrupt(_number: int, _frame: Any) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    # Threads that end with the process: where the place stays behind, the second one waits for ever.
    leading, following = (
        threading.Thread(target=gate.appending.append, args=(batch(growth(name, 0)),), daemon=True)
        for name in ("a", "c")
    )
    try:
        leading.start()
        assert gate.entered.wait(10)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Interrupted):
            gate.appending.append(batch(growth("b", 0)))
    finally:
        signal.signal(signal.SIGALRM, before)
        gate.open.set()
    leading.join(60)
    following.start()
    following.join(30)
    assert not following.is_alive()
    assert store.heads(["a", "b", "c"]).keys() == {"a", "c"}


@pytest.mark.postgres
def test_not_to_learn_why_one_was_refused_makes_no_other_seem_lost(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(postgres_url)
    store.append(batch(growth("s2", 0)))

    def away(*_arguments: object) -> None:
        raise failure("database_unreachable", database=store.url)

    monkeypatch.setattr(store._writer, "_named", away)
    done = Gate(store).queued([batch(growth(f"s{n}", 0)) for n in range(4)])
    assert [type(f.exception()) for f in done] == [type(None), type(None), VersionConflict, type(None)]
    store.close()


def test_a_batch_that_guards_another_stream_is_found_though_that_has_moved_on(store: SqlStore) -> None:
    store.append(batch(growth("b", 0)))
    head = store.heads(["b"])["b"]
    guarded = StreamAppend("b", "b", 1, (), head)
    later = growth("b", 1, previous=head.hash)
    appending = _losing(store, after=True, meanwhile=lambda: store.append(batch(later)))
    assert appending.append(batch(growth("a", 0), guarded)) == [2]
    assert [e.version for e in store.entries("a")] == [1]


def test_a_batch_whose_connection_was_lost_after_the_commit_is_found_to_be_on_record(store: SqlStore) -> None:
    positions = _losing(store, after=True).append(batch(growth("a", 0, 2), growth("b", 0)))
    assert positions == [1, 2, 3]
    assert store.count() == 3


def test_a_batch_whose_connection_was_lost_before_the_commit_is_written_then(store: SqlStore) -> None:
    assert _losing(store, after=False).append(batch(growth("a", 0))) == [1]
    assert store.count() == 1


def test_another_writers_entry_is_not_taken_for_ones_own(store: SqlStore) -> None:
    appending = _losing(
        store, after=False, meanwhile=lambda: store.append(batch(growth("a", 0, actor="else")))
    )
    with pytest.raises(VersionConflict):
        appending.append(batch(growth("a", 0)))
    assert [e.actor for e in store.entries("a")] == ["else"]


def test_a_server_that_stays_away_leaves_it_open_whether_it_was_recorded(store: SqlStore) -> None:
    def lost(_batches: Sequence[Append]) -> list[Written]:
        raise failure("connection_lost", database=store.url)

    appending = Appending(Spy(lost), patience=0.1, stored=store._stored)
    with pytest.raises(Unavailable, match="commit_unknown"):
        appending.append(batch(growth("a", 0)))


@pytest.mark.postgres
def test_who_waits_for_a_stream_that_a_host_holds_holds_up_nobody_else(postgres_url: str) -> None:
    store = open_store(postgres_url, timeout=600)
    store.append(batch(growth("held", 0)))

    def others() -> None:
        for n in range(20):
            store.append(batch(growth(f"free{n:02d}", 0)))
            assert store.page(0, 1)

    with ThreadPoolExecutor(25) as pool, store.engine.connect() as connection:
        transaction = connection.begin()
        try:
            store.append(batch(growth("held", 1)), connection)
            waiting = [pool.submit(_tried, store, batch(growth("held", 1))) for _ in range(24)]
            while not store._appending._held:
                assert not any(w.done() for w in waiting)
            pool.submit(others).result(timeout=60)  # or else they would wait until the host ends
            assert not any(w.done() for w in waiting)
        finally:
            transaction.rollback()
        assert sorted(w.result() for w in waiting) == [False] * 23 + [True]
    assert [e.version for e in store.entries("held")] == [1, 2]
    store.close()


def test_what_the_database_refuses_is_said_as_it_is(store: SqlStore) -> None:
    def full(_batches: Sequence[Append]) -> list[Written]:
        raise failure("disk_full", database=store.url)

    with pytest.raises(StoreError, match="disk_full"):
        Appending(Spy(full), patience=0.1, stored=store._stored).append(batch(growth("a", 0)))


def _tried(store: SqlStore, append: Append) -> bool:
    try:
        return bool(store.append(append))
    except VersionConflict:
        return False


class Spy:
    """A writer that does what it is told."""

    by_stream = False

    def __init__(self, write: Callable[[Sequence[Append]], list[Written]]) -> None:
        self._write = write

    def write(self, batches: Sequence[Append], *, patient: bool = False) -> list[Written]:
        return self._write(batches)

    def write_hosted(self, batch: Append, connection: Any) -> Written:
        raise NotImplementedError


def _losing(store: SqlStore, *, after: bool, meanwhile: Callable[[], object] = lambda: None) -> Appending:
    """An appending whose first connection is lost, before or after its transaction was committed."""
    lost = False

    def write(batches: Sequence[Append]) -> list[Written]:
        nonlocal lost
        if lost:
            return store._writer.write(batches)
        lost = True
        if after:
            store._writer.write(batches)
        meanwhile()
        raise failure("connection_lost", database=store.url)

    return Appending(Spy(write), patience=5.0, stored=store._stored)


def claim(token: str, stream: str) -> ClaimChange:
    return ClaimChange("card", token, stream, "while_active")


def known(command_id: str, stream: str) -> CommandRecord:
    return CommandRecord(command_id, "digest", stream, 1, 1)
