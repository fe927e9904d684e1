"""The store beside a log in the simplest words: clients, hosts and readers in any interleaving, however it was made.

``GUANXI_MODEL_EXAMPLES`` and ``GUANXI_MODEL_STEPS`` say how many stories are told, and how long they are.
"""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
import sqlalchemy.exc
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from guanxi import verify
from guanxi.kernel.errors import Unavailable
from guanxi.kernel.ports import Append, ClaimChange, ClaimTaken, CommandRecord, CommandSeen, VersionConflict
from guanxi_adapters.sql import SqlStore, open_store
from tests.adapters.sql.samples import batch as batch_of
from tests.adapters.sql.samples import growth
from tests.model.naive_log import (
    ACCEPTED,
    CLAIM,
    COMMAND,
    LOCKED,
    VERSION,
    Batch,
    Claim,
    Gain,
    NaiveLog,
    in_some_order,
)

EXAMPLES = int(os.environ.get("GUANXI_MODEL_EXAMPLES", "15"))
STEPS = int(os.environ.get("GUANXI_MODEL_STEPS", "30"))
STREAMS, TOKENS = ("a", "b", "c"), ("x", "y")
POLICIES = {"card": "for_ever", "seat": "while_active", "phone": "advisory"}
IMPATIENT, PATIENT = 0.04, 30.0
HOSTS = 2

_tenants = itertools.count()

wish = st.tuples(
    st.lists(
        # stream, entries, and by how much the writer is behind or ahead of what is on record
        st.tuples(st.sampled_from(STREAMS), st.integers(1, 3), st.sampled_from((0, 0, 0, 0, -1, 1))),
        min_size=1,
        max_size=3,
        unique_by=lambda gain: gain[0],
    ),
    st.lists(
        st.tuples(
            st.sampled_from(sorted(POLICIES)),
            st.sampled_from(TOKENS),
            st.sampled_from(STREAMS),
            st.booleans(),
        ),
        max_size=2,
        unique_by=lambda claim: claim[:2],
    ),
    st.lists(st.integers(0, 9), max_size=2, unique=True),
)
"""What somebody would like to append: gains, claims and command ids, few enough to meet each other's."""


class Reader:
    """Somebody who tails a tenant's log."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.after = 0


class Conversation(RuleBasedStateMachine):
    """Two tenants on one database; each with two stores, two readers, and hosts whose transactions stay open."""

    def __init__(self, url: str, *, one_writer: bool) -> None:
        super().__init__()
        self._url, self._sqlite = url, url.startswith("sqlite")
        self.model = NaiveLog(one_writer=one_writer)
        number = next(_tenants)
        self.tenants = [f"{os.getpid()}-{number}-{name}" for name in "pq"]
        self.stores = {
            (t, n): open_store(url, tenant=t, timeout=IMPATIENT) for t in self.tenants for n in (0, 1)
        }
        self.patient = {
            (t, n): open_store(url, tenant=t, timeout=PATIENT) for t in self.tenants for n in (0, 1)
        }
        self.readers = {(t, n): Reader() for t in self.tenants for n in (0, 1)}
        self.hosts: dict[int, tuple[sa.Connection, list[Any]]] = {}
        self.labels: dict[str, int] = {}
        self.promises: list[tuple[int, set[str]]] = []
        self._numbers = itertools.count(1)
        wait = (
            {"timeout": IMPATIENT}
            if self._sqlite
            else {"options": f"-c lock_timeout={round(IMPATIENT * 1000)}"}
        )
        self._foreign = sa.create_engine(url, connect_args=wait)

    # What is asked for

    def _asked(self, tenant: str, wished: Any, host: int | None = None) -> tuple[Batch, Append]:
        """Return one wish in the model's words and in the store's."""
        view = self.model.view(None if host is None else self.model.hosts[host])
        gains, grown = [], []
        for stream, count, off in sorted(wished[0]):
            there = view.streams.get((tenant, stream), [])
            expected = max(0, len(there) + off)
            grown.append(
                growth(
                    stream,
                    expected,
                    count,
                    there[-1] if there and not off else "",
                    tenant=tenant,
                    reason=str(next(self._numbers)),
                )
            )
            gains.append(Gain(stream, expected, tuple(e.hash for e in grown[-1].entries)))
        claims = sorted(wished[1], key=lambda c: (c[3], *c))
        commands = [f"k{number}" for number in sorted(wished[2])]
        first = grown[0]
        return (
            Batch(
                tenant,
                tuple(gains),
                tuple(Claim(k, t, s, POLICIES[k] != "advisory", release) for k, t, s, release in claims),
                tuple(commands),
            ),
            batch_of(
                *grown,
                claims=[ClaimChange(k, t, s, POLICIES[k], release) for k, t, s, release in claims],
                commands=[
                    CommandRecord(c, "digest", first.stream, first.expected + 1, first.head.version)
                    for c in commands
                ],
                tenant=tenant,
            ),
        )

    def _append(
        self, store: SqlStore, asked: Append, connection: sa.Connection | None = None
    ) -> tuple[str, list[int]]:
        try:
            return ACCEPTED, store.append(asked, connection)
        except VersionConflict:
            return VERSION, []
        except ClaimTaken:
            return CLAIM, []
        except CommandSeen:
            return COMMAND, []
        except Unavailable as error:
            if error.code != "database_locked":
                raise
            return LOCKED, []

    def _place(self, batch: Batch, positions: list[int]) -> None:
        """Note where an accepted batch went: in one piece, its streams in order."""
        assert len(positions) == len(batch.labels)
        assert positions == list(range(positions[0], positions[0] + len(positions)))
        self.labels.update(zip(batch.labels, positions, strict=True))

    # Clients

    @rule(tenant=st.integers(0, 1), client=st.integers(0, 1), wished=wish)
    def somebody_appends(self, tenant: int, client: int, wished: Any) -> None:
        name = self.tenants[tenant]
        batch, asked = self._asked(name, wished)
        allowed = self.model.allowed(batch)
        outcome, positions = self._append(self.stores[name, client], asked)
        assert outcome in allowed
        if outcome == ACCEPTED:
            self._place(batch, positions)
            self.model.append(batch)

    @rule(whom=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), wish), min_size=2, max_size=4))
    def several_append_at_once(self, whom: list[Any]) -> None:
        pairs = []
        for tenant, client, wished in whom:
            # None of them ahead of the log: another of them could make that version meanwhile, with another hash.
            level = ([(stream, count, min(off, 0)) for stream, count, off in wished[0]], *wished[1:])
            batch, asked = self._asked(self.tenants[tenant], level)
            if self.model.untouched(batch):
                pairs.append((self.patient[self.tenants[tenant], client], batch, asked))
        if not pairs:
            return
        with ThreadPoolExecutor(len(pairs)) as pool:
            results = list(pool.map(lambda pair: self._append(pair[0], pair[2]), pairs))
        batches, outcomes = [b for _, b, _ in pairs], [outcome for outcome, _ in results]
        assert any(True for _ in in_some_order(self.model, batches, outcomes)), outcomes
        accepted = sorted(
            (positions, n) for n, (outcome, positions) in enumerate(results) if outcome == ACCEPTED
        )
        for positions, n in accepted:
            # The order of the log explains itself: each was fit to be accepted after those before it.
            assert not self.model.view().refusals(batches[n])
            self._place(batches[n], positions)
            self.model.append(batches[n])

    @rule(tenant=st.integers(0, 1), client=st.integers(0, 1))
    def a_client_comes_back(self, tenant: int, client: int) -> None:
        key = self.tenants[tenant], client
        self.stores[key].close()
        self.stores[key] = open_store(self._url, tenant=key[0], timeout=IMPATIENT, create=False)

    # Hosts

    @precondition(lambda self: len(self.hosts) < HOSTS)
    @rule(foreign=st.booleans())
    def a_host_begins(self, foreign: bool) -> None:
        number = next(self._numbers)
        engine = self._foreign if foreign else self.patient[self.tenants[0], 0].engine
        if not foreign and not self._sqlite:
            engine = self.stores[self.tenants[0], 0].engine
        connection = engine.connect()
        if self._sqlite and not foreign:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(IMPATIENT * 1000)}")
            connection.rollback()
        connection.begin()
        self.hosts[number] = connection, []
        self.model.begin(number)

    @precondition(lambda self: self.hosts)
    @rule(data=st.data(), tenant=st.integers(0, 1), client=st.integers(0, 1), wished=wish)
    def a_host_appends(self, data: st.DataObject, tenant: int, client: int, wished: Any) -> None:
        number = data.draw(st.sampled_from(sorted(self.hosts)))
        name = self.tenants[tenant]
        batch, asked = self._asked(name, wished, number)
        allowed = self.model.allowed(batch, self.model.hosts[number])
        outcome, positions = self._append(self.stores[name, client], asked, self.hosts[number][0])
        assert outcome in allowed
        self.model.attempt(number, batch, outcome)
        if outcome == ACCEPTED:
            self._place(batch, positions)

    @precondition(lambda self: self.hosts)
    @rule(data=st.data())
    def a_host_sets_a_savepoint(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.hosts)))
        # On SQLite a savepoint without a transaction would be one itself; that is between the host and its driver.
        if not self._sqlite or self.model.hosts[number].batches:
            connection, savepoints = self.hosts[number]
            savepoints.append(connection.begin_nested())
            self.model.savepoint(number)

    @precondition(lambda self: any(savepoints for _, savepoints in self.hosts.values()))
    @rule(data=st.data(), keep=st.booleans())
    def a_host_ends_a_savepoint(self, data: st.DataObject, keep: bool) -> None:
        number = data.draw(st.sampled_from(sorted(n for n, (_, s) in self.hosts.items() if s)))
        savepoint = self.hosts[number][1].pop()
        savepoint.commit() if keep else savepoint.rollback()
        self.model.end_savepoint(number, keep=keep)

    @precondition(lambda self: self.hosts)
    @rule(data=st.data(), end=st.sampled_from(("commit", "commit", "roll back", "vanish")))
    def a_host_ends(self, data: st.DataObject, end: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.hosts)))
        connection, savepoints = self.hosts.pop(number)
        if end == "commit":
            while savepoints:
                savepoints.pop().commit()
                self.model.end_savepoint(number, keep=True)
            connection.commit()
        elif end == "roll back":
            connection.rollback()
        else:
            self._vanish(connection)
        connection.close()
        self.model.end(number, commit=end == "commit")

    def _vanish(self, connection: sa.Connection) -> None:
        """Let a host's session end without a word, as if its process had died."""
        if self._sqlite:
            connection.invalidate()
            return
        raw: Any = connection.connection.dbapi_connection
        with self._foreign.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({raw.info.backend_pid}, 5000)")
        connection.invalidate()

    # Readers

    @rule(
        tenant=st.integers(0, 1), reader=st.integers(0, 1), client=st.integers(0, 1), limit=st.integers(1, 7)
    )
    def a_reader_reads_on(self, tenant: int, reader: int, client: int, limit: int) -> None:
        name = self.tenants[tenant]
        self._read(name, self.readers[name, reader], self.stores[name, client], limit)

    def _read(self, tenant: str, reader: Reader, store: SqlStore, limit: int) -> None:
        must, may = self.model.shown(tenant)
        page = store.page(reader.after, limit)
        done = len(reader.seen)
        assert [e.hash for e in page] == may[done : done + len(page)]
        assert len(page) >= min(limit, len(must) - done)
        assert [e.position for e in page] == [self.labels[e.hash] for e in page]
        reader.seen += [e.hash for e in page]
        reader.after = page[-1].position if page else reader.after

    @rule(tenant=st.integers(0, 1), client=st.integers(0, 1))
    def somebody_asks_how_far_the_log_can_be_read(self, tenant: int, client: int) -> None:
        store = self.stores[self.tenants[tenant], client]
        horizon = store.horizon()
        for name in self.tenants:
            must, _ = self.model.shown(name)
            assert all(self.labels[label] <= horizon for label in must)
        self.promises.append((horizon, self._up_to(horizon)))
        waited_for = [] if self.model.one_writer else [h for h in self.model.hosts.values() if h.batches]
        assert len(store.in_flight()) == len(waited_for)

    def _up_to(self, position: int) -> set[str]:
        return {label for _, _, label in self.model.order if self.labels[label] <= position}

    @rule(tenant=st.integers(0, 1), client=st.integers(0, 1))
    def somebody_looks(self, tenant: int, client: int) -> None:
        self._look(self.tenants[tenant], self.stores[self.tenants[tenant], client], None)

    @precondition(lambda self: self.hosts)
    @rule(data=st.data(), tenant=st.integers(0, 1))
    def a_host_looks(self, data: st.DataObject, tenant: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.hosts)))
        if not self._sqlite or self.model.hosts[number].batches:
            self._look(self.tenants[tenant], self.stores[self.tenants[tenant], 0], number)

    def _look(self, tenant: str, store: SqlStore, host: int | None) -> None:
        """Compare everything but the log's order with what is on record, for a host with what it wrote itself."""
        view = self.model.view(None if host is None else self.model.hosts[host])
        connection = None if host is None else self.hosts[host][0]
        heads = store.heads(STREAMS, connection)
        for stream in STREAMS:
            labels = view.streams.get((tenant, stream), [])
            assert [e.hash for e in store.entries(stream, connection)] == labels
            assert [r.version for r in store.fold_rows(stream, connection)] == list(range(1, len(labels) + 1))
            head = heads.get(stream)
            assert (head.version, head.hash) == (len(labels), labels[-1]) if head else not labels
        asked = [(kind, token) for kind in POLICIES for token in TOKENS]
        held = {key[1:]: min(holders) for key, holders in view.claims.items() if key[0] == tenant and holders}
        assert store.holders(asked, connection) == held
        ids = [f"k{number}" for number in range(10)]
        assert set(store.commands(ids, connection)) == {c for t, c in view.commands if t == tenant}

    @invariant()
    def positions_ascend_in_every_stream(self) -> None:
        for labels in self.model.committed.streams.values():
            positions = [self.labels[label] for label in labels]
            assert positions == sorted(set(positions))

    def teardown(self) -> None:
        try:
            for number, (connection, _) in self.hosts.items():
                connection.rollback()
                connection.close()
                self.model.end(number, commit=False)
            for (tenant, n), store in self.stores.items():
                reader = self.readers[tenant, n]
                self._read(tenant, reader, store, 10_000)
                assert reader.seen == [label for _, whose, label in self.model.order if whose == tenant]
                self._look(tenant, store, None)
            for horizon, labels in self.promises:
                assert self._up_to(horizon) == labels
            for tenant in self.tenants:
                assert verify(self.stores[tenant, 0]).clean
        finally:
            for store in (*self.stores.values(), *self.patient.values()):
                store.close()
            self._foreign.dispose()


def converse(url: str, *, one_writer: bool) -> None:
    """Tell many stories on one database; each has tenants of its own."""
    told: Any = partial(Conversation, url, one_writer=one_writer)
    run_state_machine_as_test(
        told,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
@pytest.mark.timeout(0 if EXAMPLES > 100 else 300)
def test_the_store_on_sqlite_behaves_like_a_naive_log(sqlite_url: str) -> None:
    converse(sqlite_url, one_writer=True)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(0 if EXAMPLES > 100 else 300)
def test_the_store_on_postgres_behaves_like_a_naive_log_and_an_open_append_holds_up_no_other(
    postgres_url: str,
) -> None:
    converse(postgres_url, one_writer=False)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(0 if EXAMPLES > 100 else 300)
def test_the_portable_store_behaves_like_a_naive_log_with_one_writer_at_a_time(portable_url: str) -> None:
    converse(portable_url, one_writer=True)
