"""The log's index, held against looking through the whole log."""

from __future__ import annotations

import random
from typing import Any

import pytest

from guanxi.kernel.entries import Entry
from guanxi.kernel.ports import StreamAppend
from guanxi_adapters.sql import SqlStore, open_store, spans
from tests.adapters.sql.samples import batch, growth, stamp_at

NAMES = ("test.bought", "test.returned", "test.called")


@pytest.fixture(params=[7, 1_000])
def log(request: pytest.FixtureRequest, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> SqlStore:
    """A log of some hundred entries whose stamps do not quite follow their positions, indexed in stretches of one length."""
    monkeypatch.setattr(spans, "SPAN", request.param)
    chance = random.Random(7)
    for first in range(0, 120, 10):
        store.append(batch(*[_growth(n, chance) for n in range(first, first + 10)]))
    return store


def _growth(n: int, chance: random.Random) -> StreamAppend:
    columns = {
        "name": chance.choice(NAMES),
        "actor": f"clerk-{chance.randrange(4)}",
        "section": chance.choice([None, "north", "south"]),
        "batch": chance.choice([None, "b1"]),
        "occurred_at": f"2026-01-{1 + n // 10:02d}T12:00:00.000000Z",
        "recorded_at": stamp_at(max(0, n * 9 + chance.randrange(-60, 60))),
    }
    return growth(f"s{n:03d}", 0, 1 + n % 4, **columns)


def everything(store: SqlStore) -> list[Entry]:
    return store.page(0, 10_000)


def test_an_entry_is_found_by_what_it_holds(log: SqlStore) -> None:
    entries = everything(log)
    chance = random.Random(3)
    for _ in range(25):
        wanted = {
            field: value
            for field, value in (
                ("name", chance.choice([*NAMES, "test.never"])),
                ("actor", f"clerk-{chance.randrange(5)}"),
                ("section", "north"),
                ("batch", "b1"),
            )
            if chance.random() < 0.5
        }
        low, high = sorted(f"2026-01-{chance.randrange(1, 14):02d}" for _ in range(2))
        between = {"occurred_at": (low, high + "T12:00:00.000000Z")} if chance.random() < 0.5 else {}
        after = chance.choice([0, 0, chance.randrange(400)])
        expected = [
            e
            for e in entries
            if e.position > after
            and all(getattr(e, field) == value for field, value in wanted.items())
            and all(first <= e.occurred_at < end for first, end in between.values())
        ]
        assert log.search(wanted=wanted, between=between, after=after) == expected
        assert log.search(wanted=wanted, between=between, after=after, limit=3) == expected[:3]


def test_entries_are_counted_from_any_position(log: SqlStore) -> None:
    entries = everything(log)
    assert log.count() == log.count(thorough=True) == len(entries)
    for position in (0, 1, 6, 7, 8, 41, 42, 43, 150, entries[-1].position, entries[-1].position + 5):
        assert log.count_after(position) == sum(e.position > position for e in entries)


def test_the_last_position_known_at_a_stamp_is_the_last_that_was_recorded_by_then(log: SqlStore) -> None:
    entries = everything(log)
    for second in range(0, 1_200, 17):
        at = stamp_at(second)
        known = max((e.position for e in entries if e.recorded_at <= at), default=0)
        assert log.position_known_at(at) == known
    assert log.last_recorded() == max(e.recorded_at for e in entries)


def test_the_first_entry_of_a_name_is_found_behind_any_position(log: SqlStore) -> None:
    entries = everything(log)
    for name in (*NAMES, "test.never"):
        for after in (0, 3, 38, 41, 200, entries[-1].position):
            first = next((e.position for e in entries if e.position > after and e.name == name), None)
            assert log.first_named(name, after) == first


def test_what_is_indexed_between_two_looks_is_found_once(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append(batch(growth("a", 0, 10, name="test.called")))
    real, index = store._spans._front, store._spans

    def front(cursor: Any) -> tuple[int, str]:
        found = real(cursor)
        if spans.SPAN > 5:
            monkeypatch.setattr(spans, "SPAN", 5)
            other = open_store(store.database.parsed.render_as_string(hide_password=False))
            other.index()  # another process, just now
            other.close()
        return found

    if store.database.is_memory:
        return
    monkeypatch.setattr(index, "_front", front)
    assert store.first_named("test.called") == 1
    monkeypatch.setattr(spans, "SPAN", 2_000)
    with store.database.writing() as cursor:
        cursor.execute("DELETE FROM guanxi_spans")
        cursor.execute("DELETE FROM guanxi_lookup")
    found = store.search(wanted={"name": "test.called"})
    assert [e.position for e in found] == list(range(1, 11))


def test_what_is_indexed_is_indexed_once_however_many_follow(log: SqlStore) -> None:
    with log.database.reading() as cursor:
        cursor.execute("SELECT first, last, entries FROM guanxi_spans ORDER BY first")
        rows = cursor.fetchall()
    entries, last = everything(log), 0
    for first, end, count in rows:
        assert first == last + 1
        assert count == spans.SPAN == sum(first <= e.position <= end for e in entries)
        last = end
    assert len(rows) == len(entries) // spans.SPAN
