"""A host embeds a ledger: a few lines, its own transactions, several ledgers, threads, forks, and everybody writing at once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from guanxi import (
    Conflict,
    CustomerFile,
    Invalid,
    OpenFile,
    Outcome,
    RecordProfileFact,
    RuleNotMet,
    Unknown,
    verify,
)
from guanxi.kernel.ledger import ATTEMPTS
from guanxi.kernel.ports import Append
from guanxi_retail import RedeemPoints
from guanxi_retail.purchases.purchases import Purchases
from tests.kernel.desks import Desk

THREADS, EACH = 8, 6

FEW_LINES = """
import guanxi
from guanxi import Money, OpenFile
from guanxi_retail import RecordPurchase

ledger = guanxi.open("sqlite:///customers.db")
ledger.execute("C-1001", OpenFile(name="李明"), actor="clerk")
ledger.execute("C-1001", RecordPurchase(receipt="A-17", paid=Money("128.00", "CNY")), actor="clerk", reason="till 3")
print(ledger.report("retail.customers").as_table())
print(ledger.history("C-1001").explain("retail.points.balance"))
print(ledger.history("C-1001").as_of("2006-03-31").explain("retail.points.balance").value)
"""


def run(script: str, folder: Path, *arguments: str) -> str:
    """Run a script as a host's own process would, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_a_few_lines_are_enough(tmp_path: Path) -> None:
    printed = run(FEW_LINES, tmp_path)
    assert "C-1001" in printed
    assert "128.00" in printed
    assert "retail.points_activated" in printed
    assert printed.splitlines()[-1] == "0"
    with Desk(f"sqlite:///{tmp_path / 'customers.db'}") as desk:
        assert desk.ledger.history("C-1001").state(CustomerFile).name == "李明"


# the host's own transaction


@pytest.fixture
def desk(shared_url: str) -> Iterator[Desk]:
    with Desk(shared_url).open() as d:
        yield d


@pytest.fixture
def host(shared_url: str) -> Iterator[sa.Engine]:
    """The host's own engine, with a table of its own in the ledger's database."""
    engine = sa.create_engine(shared_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE host_orders (number TEXT)")
    yield engine
    engine.dispose()


def order(connection: sa.Connection, number: str = "O-1") -> None:
    connection.execute(sa.text("INSERT INTO host_orders VALUES (:number)"), {"number": number})


def orders(host: sa.Engine) -> list[str]:
    with host.connect() as connection:
        return list(connection.execute(sa.text("SELECT number FROM host_orders ORDER BY number")).scalars())


def bought(desk: Desk, who: str = "C-1") -> list[str]:
    return sorted(desk.ledger.history(who).state(Purchases).sales)


def test_what_the_host_commits_is_committed_with_it(desk: Desk, host: sa.Engine) -> None:
    with host.begin() as connection:
        order(connection)
        outcome = desk.buy("A", connection=connection)
        desk.tell(OpenFile(name="新客"), who="C-2", connection=connection)
        desk.buy("B", who="C-2", connection=connection)
    assert orders(host) == ["O-1"]
    assert (bought(desk), bought(desk, "C-2")) == (["A"], ["B"])
    assert outcome.entries == tuple(desk.ledger.store.entries(outcome.stream)[-len(outcome.entries) :])
    assert desk.ledger.history("C-2").state(CustomerFile).name == "新客"
    assert verify(desk.ledger.store).clean


def test_what_the_host_rolls_back_never_was(desk: Desk, host: sa.Engine) -> None:
    before = desk.ledger.store.entries(desk.stream())
    connection = host.connect()
    order(connection)
    desk.buy("A", connection=connection, command_id="K-1")
    desk.tell(OpenFile(), who="C-2", connection=connection)
    connection.rollback()
    connection.close()
    assert orders(host) == []
    assert desk.ledger.store.entries(desk.stream()) == before
    with pytest.raises(Unknown):
        desk.ledger.history("C-2")
    assert not desk.buy("A", command_id="K-1").duplicate
    desk.open("C-2")
    assert verify(desk.ledger.store).clean


def test_what_the_host_rolls_back_to_a_savepoint_never_was_and_the_rest_stays(
    desk: Desk, host: sa.Engine
) -> None:
    with host.begin() as connection:
        order(connection)
        desk.buy("A", connection=connection)
        savepoint = connection.begin_nested()
        order(connection, "O-2")
        desk.buy("B", connection=connection)
        savepoint.rollback()
        desk.buy("C", connection=connection)
    assert orders(host) == ["O-1"]
    assert bought(desk) == ["A", "C"]
    assert verify(desk.ledger.store).clean


def test_a_refusal_leaves_the_hosts_transaction_usable(desk: Desk, host: sa.Engine) -> None:
    with host.begin() as connection:
        order(connection)
        with pytest.raises(RuleNotMet):
            desk.tell(RedeemPoints(redemption="X", points=1_000), connection=connection)
        desk.buy("A", connection=connection)
    assert (orders(host), bought(desk)) == (["O-1"], ["A"])


def test_nobody_else_sees_what_is_not_committed(desk: Desk, host: sa.Engine) -> None:
    with host.begin() as connection:
        desk.tell(OpenFile(), who="C-2", connection=connection)
        assert desk.ledger.find("C-2", connection) is not None
        assert desk.ledger.find("C-2") is None
    assert desk.ledger.find("C-2") is not None


def test_a_correction_joins_the_hosts_transaction(desk: Desk, host: sa.Engine) -> None:
    entry = desk.buy("A").entries[0].id
    with host.connect() as connection:
        desk.ledger.correct(entry, {"quantity": 2}, actor="clerk", reason="two", connection=connection)
        connection.rollback()
    assert desk.ledger.history("C-1").state(Purchases).sales["A"].quantity == 1
    with host.begin() as connection:
        desk.ledger.void(entry, actor="clerk", reason="never", connection=connection)
    assert bought(desk) == []


def test_a_ledger_seen_from_the_hosts_connection_says_it_once(desk: Desk, host: sa.Engine) -> None:
    with host.begin() as connection, desk.ledger.seen_from(connection) as ledger:
        ledger.execute("C-1", RecordProfileFact(field_name="colour", value="red"), actor="clerk")
    assert desk.ledger.history("C-1").state(CustomerFile).profile == {"colour": "red"}


def test_a_command_id_repeated_within_one_transaction_gives_the_first_outcome(
    desk: Desk, host: sa.Engine
) -> None:
    with host.begin() as connection:
        first = desk.buy("A", connection=connection, command_id="K-1")
        second = desk.buy("A", connection=connection, command_id="K-1")
        assert (second.duplicate, second.entries) == (True, first.entries)


def test_a_connection_to_another_database_is_refused(desk: Desk) -> None:
    before = desk.count()
    elsewhere = sa.create_engine("sqlite://")
    with elsewhere.connect() as connection, pytest.raises(Invalid, match="other_database"):
        desk.buy("A", connection=connection)
    assert desk.count() == before


# several ledgers


@pytest.mark.parametrize("second", ["sqlite", pytest.param("postgres_url", marks=pytest.mark.postgres)])
def test_two_ledgers_in_one_process_never_mix(
    second: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    other = f"sqlite:///{tmp_path / 'b.db'}" if second == "sqlite" else request.getfixturevalue(second)
    with Desk(f"sqlite:///{tmp_path / 'a.db'}") as a, Desk(other) as b:
        for n in range(3):
            a.open(f"A-{n}", "both", name="甲") if n == 0 else a.open(f"A-{n}")
            b.open(f"B-{n}", "both", name="乙") if n == 0 else b.open(f"B-{n}")
            a.buy(f"a{n}", who="both")
            b.buy(f"b{n}", who="both")
        assert (bought(a, "both"), bought(b, "both")) == (["a0", "a1", "a2"], ["b0", "b1", "b2"])
        assert [row[0] for row in a.ledger.report("core.files").rows] == ["A-0", "A-1", "A-2", "both"]
        assert [row[2] for row in b.ledger.report("core.files").rows if row[0] == "both"] == ["乙"]
        with pytest.raises(Unknown):
            b.ledger.history("A-0")
        with pytest.raises(Unknown):
            b.ledger.history(a.stream("both"))
        assert verify(a.ledger.store).clean
        assert verify(b.ledger.store).clean


def test_two_tenants_of_one_database_see_nothing_of_each_other(shared_url: str) -> None:
    import guanxi

    with Desk(shared_url).open("C-1", name="甲") as first:
        second = guanxi.open(shared_url, tenant="second")
        try:
            with pytest.raises(Unknown):
                second.history("C-1")
            with pytest.raises(Unknown):
                second.history(first.stream())
            second.execute("C-1", OpenFile(name="乙"), actor="clerk")
            assert second.history("C-1").state(CustomerFile).name == "乙"
            assert [row[2] for row in first.ledger.report("core.files").rows] == ["甲"]
            assert [row[2] for row in second.report("core.files").rows] == ["乙"]
            assert second.store.count() == 1
        finally:
            second.close()


# everybody at once


def at_once(work: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run everything at the same moment, and return what each returned or raised."""
    gate = threading.Barrier(len(work))

    def one(thing: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return thing()
        except Exception as error:  # noqa: BLE001 - the test says which ones may come
            return error

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(one, work))


def patiently(work: Callable[[], Outcome]) -> Outcome:
    """Do the same again, a little later, where too many others write the same file: as the refusal says."""
    while True:
        try:
            return work()
        except Conflict as conflict:
            if conflict.code != "too_many_writers":
                raise
            time.sleep(0.01)


def contiguous(desk: Desk) -> bool:
    """Whether every stream's versions and every position stand without gap or doubling."""
    heads = desk.ledger.store.streams(None)
    entries = [desk.ledger.store.entries(head.stream) for head in heads]
    positions = sorted(e.position for stream in entries for e in stream)
    return len(set(positions)) == desk.count() and all(
        [e.version for e in stream] == list(range(1, head.version + 1))
        for head, stream in zip(heads, entries, strict=True)
    )


def test_eight_threads_lose_nothing_and_double_nothing(desk: Desk) -> None:
    faults: list[object] = []

    def worker(k: int) -> list[Outcome]:
        desk.open(f"T-{k}")
        told = []
        for n in range(EACH):
            told.append(
                patiently(lambda n=n: desk.tell(RecordProfileFact(field_name=f"{k}-{n}", value="shared")))
            )  # type: ignore[misc]
            told.append(desk.buy(f"R{k}-{n}", who=f"T-{k}"))
        faults.extend(verify(desk.ledger.store).faults)
        return told

    results = at_once([lambda k=k: worker(k) for k in range(THREADS)])  # type: ignore[misc]
    assert not [r for r in results if isinstance(r, Exception)]
    assert faults == []
    profile = desk.ledger.history("C-1").state(CustomerFile).profile
    assert set(profile) == {f"{k}-{n}" for k in range(THREADS) for n in range(EACH)}
    for k in range(THREADS):
        assert bought(desk, f"T-{k}") == sorted(f"R{k}-{n}" for n in range(EACH))
    ids = [e.id for told in results for outcome in told for e in outcome.entries]
    assert len(ids) == len(set(ids))
    assert desk.count() == len(ids) + THREADS + 1
    assert contiguous(desk)
    assert verify(desk.ledger.store).clean


def test_several_ledgers_on_one_database_lose_nothing_either(desk: Desk) -> None:
    def worker(k: int) -> None:
        with Desk(desk.url) as mine:
            for n in range(EACH):
                patiently(lambda n=n: mine.tell(RecordProfileFact(field_name=f"{k}-{n}", value="shared")))  # type: ignore[misc]

    assert at_once([lambda k=k: worker(k) for k in range(4)]) == [None] * 4  # type: ignore[misc]
    assert len(desk.ledger.history("C-1").state(CustomerFile).profile) == 4 * EACH
    assert contiguous(desk)
    assert verify(desk.ledger.store).clean


def test_one_account_number_opened_from_many_threads_is_one_file(desk: Desk) -> None:
    results = at_once([lambda: desk.tell(OpenFile(), who="C-9")] * 6)
    opened = [r for r in results if isinstance(r, Outcome)]
    assert len(opened) == 1
    assert [type(r) for r in results if not isinstance(r, Outcome)] == [Conflict] * 5
    assert desk.count() == 2


def test_a_command_id_sent_from_many_threads_at_once_gives_one_outcome(desk: Desk) -> None:
    results = at_once(
        [lambda: desk.tell(RecordProfileFact(field_name="colour", value="red"), command_id="K-1")] * 6
    )
    assert sorted(r.duplicate for r in results) == [False] + [True] * 5
    assert len({r.entries for r in results}) == 1
    assert desk.count() == 2


class Overtaken:
    """A store on which somebody else carries out the same command, right after it was looked up in vain."""

    def __init__(self, store: Any, meanwhile: Callable[[], object]) -> None:
        self._store, self._meanwhile = store, meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commands(self, ids: Any, connection: Any = None) -> Any:
        found = self._store.commands(ids, connection)
        meanwhile, self._meanwhile = self._meanwhile, lambda: None
        meanwhile()
        return found


def test_a_command_carried_out_by_somebody_else_this_very_moment_gives_the_first_outcome(desk: Desk) -> None:
    with Desk(desk.url) as other:
        desk.ledger.store = Overtaken(desk.ledger.store, lambda: other.buy("A", command_id="K-1"))  # type: ignore[assignment]
        assert desk.buy("A", command_id="K-1").duplicate


class Rival:
    """A store before which another writer always gets in first, a few times or for ever."""

    def __init__(self, store: Any, write: Callable[[int], object], times: int) -> None:
        self._store, self._write, self.left, self.asked = store, write, times, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def append(self, batch: Append, connection: Any = None) -> list[int]:
        self.asked += 1
        if self.left:
            self.left -= 1
            self._write(self.asked)
        positions: list[int] = self._store.append(batch, connection)
        return positions


def against_a_rival(desk: Desk, rival: Desk, times: int) -> Rival:
    store = Rival(
        desk.ledger.store, lambda n: rival.tell(RecordProfileFact(field_name=f"rival {n}", value="x")), times
    )
    desk.ledger.store = store  # type: ignore[assignment]
    return store


def test_whoever_comes_second_decides_again_on_what_the_first_left(desk: Desk) -> None:
    with Desk(desk.url) as rival:
        store = against_a_rival(desk, rival, 3)
        outcome = desk.buy("A")
        assert store.asked == 4
        assert outcome.entries[0].version == 5
        assert bought(rival) == ["A"]
        assert verify(rival.ledger.store).clean


def test_nobody_tries_for_ever(desk: Desk) -> None:
    with Desk(desk.url) as rival:
        store = against_a_rival(desk, rival, 10**6)
        with pytest.raises(Conflict, match="too_many_writers"):
            desk.buy("A")
        assert store.asked == ATTEMPTS
        assert bought(rival) == []
        assert rival.count() == 1 + ATTEMPTS


# forks

FORKED = """
import os, sys
import guanxi
from guanxi import OpenFile, RecordProfileFact, verify

ledger = guanxi.open(sys.argv[1])
ledger.execute("C-1", OpenFile(name="李明"), actor="parent")
ledger.report("core.files")
child = os.fork()
who = "child" if child == 0 else "parent"
for n in range(8):
    ledger.execute("C-1", RecordProfileFact(field_name=f"{who} {n}", value="x"), actor=who)
if child == 0:
    ledger.history("C-1").lines()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
profile = ledger.history("C-1").state("core.file").profile
assert len(profile) == 16, profile
assert verify(ledger.store).clean
print(ledger.report("core.files").rows[0][2], ledger.store.count())
ledger.close()
"""


def test_a_ledger_goes_on_in_parent_and_child_after_a_fork(shared_url: str, tmp_path: Path) -> None:
    assert run(FORKED, tmp_path, shared_url).split() == ["李明", "17"]
