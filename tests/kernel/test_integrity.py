"""What somebody changes behind the program's back is found, and the entry that it was done to is named."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from guanxi import RecordProfileFact, Verification, verify
from guanxi.kernel.entries import COLUMNS, Entry, digest, seal_chain
from guanxi_retail import RedeemPoints
from tests.kernel.desks import Desk, path_of

LEAST = 2


def told(url: str) -> Desk:
    desk = Desk(url).open("C-1", "C-2", name="李明")
    desk.buy(
        "A",
        channel="till",
        section="north",
        source=None,
        command_id="K-1",
        on_behalf_of="boss",
        reason="a gift",
    )
    desk.buy("B", 250, who="C-2")
    desk.tell(RedeemPoints(redemption="X", points=40))
    desk.ledger.correct(f"{desk.stream()}/2", {"quantity": 2}, actor="clerk", reason="two of them")
    desk.tell(RecordProfileFact(field_name="name", value="李明明"))
    return desk


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that was told everything, closed."""
    folder = tmp_path_factory.mktemp("original")
    told(f"sqlite:///{folder / 'ledger.db'}").ledger.close()
    return folder


@pytest.fixture
def desk(original: Path, tmp_path: Path) -> Iterator[Desk]:
    for file in original.iterdir():
        shutil.copy(file, tmp_path)
    with Desk(f"sqlite:///{tmp_path / 'ledger.db'}") as d:
        yield d


def meddle(desk: Desk, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """Run statements with the database's own shell, so to speak."""
    with closing(sqlite3.connect(path_of(desk.url))) as connection:
        for sql, values in statements:
            assert connection.execute(sql, values).rowcount > 0
        connection.commit()


def put(entry: Entry, **columns: Any) -> tuple[str, tuple[Any, ...]]:
    assigned = ", ".join(f"{name} = ?" for name in columns)
    return f"UPDATE guanxi_entries SET {assigned} WHERE position = ?", (*columns.values(), entry.position)


def named(found: Verification) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for fault in found.faults:
        out.setdefault(fault.entry, set()).add(fault.code)
    return out


def other(value: Any) -> Any:
    """Return a value that differs from a column's as little as can be."""
    if isinstance(value, int):
        return value + 1_000
    return "x" if not value else value[:-1] + chr(ord(value[-1]) ^ 1)


def test_a_log_that_nobody_touched_is_clean(desk: Desk) -> None:
    found = verify(desk.ledger.store)
    assert (found.clean, found.entries, found.streams, found.position) == (
        True,
        desk.count(),
        2,
        desk.count(),
    )


@pytest.mark.parametrize("column", [c for c in COLUMNS if c != "position"])
@pytest.mark.parametrize("version", [3, 1], ids=["in the middle", "at the beginning"])
def test_a_changed_column_is_found_whatever_column_it_is(desk: Desk, column: str, version: int) -> None:
    entry = desk.ledger.store.entries(desk.stream())[version - 1]
    meddle(desk, put(entry, **{column: other(getattr(entry, column))}))
    assert entry.id in named(verify(desk.ledger.store))


def test_a_changed_column_of_the_last_entry_is_found(desk: Desk) -> None:
    entry = desk.ledger.store.entries(desk.stream())[-1]
    for column in ("payload", "actor", "hash", "previous_hash", "stream", "version", "tenant"):
        meddle(desk, put(entry, **{column: other(getattr(entry, column))}))
        assert entry.id in named(verify(desk.ledger.store)), column
        meddle(desk, put(entry, **{column: getattr(entry, column)}))
    assert verify(desk.ledger.store).clean


def test_every_single_byte_of_a_payload_counts(desk: Desk) -> None:
    entry = desk.ledger.store.entries(desk.stream())[1]
    for n in range(0, len(entry.payload), 7):
        changed = entry.payload[:n] + other(entry.payload[n]) + entry.payload[n + 1 :]
        meddle(desk, put(entry, payload=changed))
        assert named(verify(desk.ledger.store)) == {entry.id: {"altered"}}


@pytest.mark.parametrize("bytes_", [b"\xff\xfe", b'{"a":\xc3}'])
def test_bytes_that_are_no_text_are_named_instead_of_stopping_the_walk(desk: Desk, bytes_: bytes) -> None:
    entry = desk.ledger.store.entries(desk.stream())[2]
    other_one = desk.ledger.store.entries(desk.stream("C-2"))[0]
    meddle(
        desk,
        ("UPDATE guanxi_entries SET payload = CAST(? AS TEXT) WHERE position = ?", (bytes_, entry.position)),
        put(other_one, actor="nobody"),
    )
    assert named(verify(desk.ledger.store)) == {entry.id: {"unreadable"}, other_one.id: {"altered"}}


def test_a_value_of_another_type_is_found(desk: Desk) -> None:
    entry = desk.ledger.store.entries(desk.stream())[1]
    for changed in (sqlite3.Binary(entry.payload.encode()), 5, 1.5):
        meddle(desk, put(entry, payload=changed))
        assert entry.id in named(verify(desk.ledger.store))


def test_swapped_payloads_are_found_at_both_places(desk: Desk) -> None:
    _, a, b, *_ = desk.ledger.store.entries(desk.stream())
    meddle(desk, put(a, payload=b.payload), put(b, payload=a.payload))
    assert named(verify(desk.ledger.store)) == {a.id: {"altered"}, b.id: {"altered"}}


def test_payloads_swapped_between_two_customers_are_found(desk: Desk) -> None:
    a, b = desk.ledger.store.entries(desk.stream())[0], desk.ledger.store.entries(desk.stream("C-2"))[0]
    meddle(desk, put(a, payload=b.payload), put(b, payload=a.payload))
    assert named(verify(desk.ledger.store)) == {a.id: {"altered"}, b.id: {"altered"}}


@pytest.mark.parametrize("index", [0, 2, -1], ids=["first", "in the middle", "last"])
def test_a_deleted_entry_is_missed(desk: Desk, index: int) -> None:
    entry = desk.ledger.store.entries(desk.stream())[index]
    meddle(desk, ("DELETE FROM guanxi_entries WHERE position = ?", (entry.position,)))
    assert entry.id in named(verify(desk.ledger.store))


def test_the_end_of_a_stream_cut_off_is_missed_from_its_first_entry_on(desk: Desk) -> None:
    gone = desk.ledger.store.entries(desk.stream())[-LEAST:]
    meddle(desk, ("DELETE FROM guanxi_entries WHERE position >= ?", (gone[0].position,)))
    assert gone[0].id in named(verify(desk.ledger.store))


def test_two_entries_that_changed_places_are_found(desk: Desk) -> None:
    _, a, b, *_ = desk.ledger.store.entries(desk.stream())
    meddle(
        desk,
        put(a, version=-1),
        put(b, version=a.version),
        ("UPDATE guanxi_entries SET version = ? WHERE version = -1", (b.version,)),
    )
    assert {a.id, b.id} <= set(named(verify(desk.ledger.store)))


def test_two_entries_that_changed_positions_in_the_log_are_found(desk: Desk) -> None:
    _, a, b, *_ = desk.ledger.store.entries(desk.stream())
    meddle(
        desk,
        put(a, position=-1),
        put(b, position=a.position),
        ("UPDATE guanxi_entries SET position = ? WHERE position = -1", (b.position,)),
    )
    assert named(verify(desk.ledger.store)) == {b.id: {"out_of_order"}}


def forged(after: Entry, **columns: Any) -> Entry:
    """Return an entry that nobody entered, chained as it should be."""
    return seal_chain(after._replace(version=after.version + 1, position=0, **columns), after.hash)


def insert(entry: Entry) -> tuple[str, tuple[Any, ...]]:
    names, values = COLUMNS[:-1], entry[:-1]
    return f"INSERT INTO guanxi_entries ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", tuple(
        values
    )


def test_a_forged_entry_behind_the_last_is_found_although_its_chain_is_right(desk: Desk) -> None:
    entry = forged(desk.ledger.store.entries(desk.stream())[-1], actor="mallory")
    meddle(desk, insert(entry))
    assert named(verify(desk.ledger.store)) == {entry.id: {"head_wrong"}}


def test_a_forged_entry_in_between_is_found(desk: Desk) -> None:
    entries = desk.ledger.store.entries(desk.stream())
    entry = forged(entries[1])
    shift = [put(e, version=e.version + 1) for e in reversed(entries[2:])]
    meddle(desk, *shift, insert(entry))
    assert f"{entry.stream}/{entry.version + 1}" in named(verify(desk.ledger.store))


def test_the_database_itself_refuses_a_second_entry_of_one_version(desk: Desk) -> None:
    entry = desk.ledger.store.entries(desk.stream())[1]
    with pytest.raises(sqlite3.IntegrityError):
        meddle(desk, insert(entry))


def test_a_forged_stream_is_found_since_nothing_heads_it(desk: Desk) -> None:
    first = desk.ledger.store.entries(desk.stream())[0]
    entry = seal_chain(first._replace(stream="forged", position=0), "")
    meddle(desk, insert(entry))
    assert named(verify(desk.ledger.store)) == {"forged/1": {"unheaded"}}


def test_an_entry_hashed_anew_is_given_away_by_its_successor(desk: Desk) -> None:
    _, entry, successor, *_ = desk.ledger.store.entries(desk.stream())
    changed = entry._replace(actor="mallory")
    meddle(desk, put(entry, actor="mallory", hash=digest(changed)))
    assert named(verify(desk.ledger.store)) == {successor.id: {"chain_broken"}}


def test_the_last_entry_hashed_anew_is_given_away_by_the_head(desk: Desk) -> None:
    entry = desk.ledger.store.entries(desk.stream())[-1]
    meddle(desk, put(entry, actor="mallory", hash=digest(entry._replace(actor="mallory"))))
    assert named(verify(desk.ledger.store)) == {entry.stream: {"head_wrong"}}


def test_a_moment_of_knowledge_that_runs_backwards_is_found(desk: Desk) -> None:
    entries = desk.ledger.store.entries(desk.stream())
    previous, statements = entries[1].hash, []
    for e in entries[2:]:
        made = seal_chain(e._replace(recorded_at=e.recorded_at.replace("2025", "2019")), previous)
        previous = made.hash
        statements.append(
            put(e, recorded_at=made.recorded_at, previous_hash=made.previous_hash, hash=made.hash)
        )
    meddle(
        desk,
        *statements,
        ("UPDATE guanxi_heads SET hash = ? WHERE stream = ?", (previous, entries[0].stream)),
    )
    assert named(verify(desk.ledger.store))[entries[2].id] == {"time_backwards"}


def test_faults_say_what_is_wrong_in_both_languages(desk: Desk) -> None:
    meddle(desk, ("UPDATE guanxi_entries SET actor = 'x'", ()))
    for fault in verify(desk.ledger.store).faults:
        assert fault.message.isascii()
        assert not fault.zh.isascii()


@pytest.mark.postgres
def test_what_is_changed_in_postgresql_is_found_too(postgres_url: str) -> None:
    with told(postgres_url) as desk:
        entries = desk.ledger.store.entries(desk.stream())
        assert verify(desk.ledger.store).clean
        for statement, id_ in [
            (
                f"UPDATE guanxi_entries SET payload = payload || ' ' WHERE position = {entries[1].position}",
                entries[1].id,
            ),
            (f"UPDATE guanxi_entries SET actor = 'x' WHERE position = {entries[2].position}", entries[2].id),
            (
                f"UPDATE guanxi_entries SET late = 1 - late WHERE position = {entries[3].position}",
                entries[3].id,
            ),
            (f"UPDATE guanxi_entries SET tenant = 'x' WHERE position = {entries[1].position}", entries[1].id),
            (f"DELETE FROM guanxi_entries WHERE position = {entries[2].position}", entries[2].id),
            (f"DELETE FROM guanxi_entries WHERE position >= {entries[4].position}", entries[4].id),
        ]:
            with desk.ledger.store.engine.connect() as connection, connection.begin() as transaction:  # type: ignore[attr-defined]
                assert connection.execute(sa.text(statement)).rowcount > 0
                transaction.commit()
            assert id_ in named(verify(desk.ledger.store)), statement
