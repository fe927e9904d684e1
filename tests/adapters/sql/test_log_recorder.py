"""A ledger's log as a recorder: what the library reads and writes are whole entries, checked as any other append."""

from __future__ import annotations

import threading

import msgspec
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from guanxi.kernel.entries import Entry, seal_chain
from guanxi.kernel.ports import StreamAppend
from guanxi_adapters.sql import SqlStore
from tests.adapters.sql.samples import batch, chained, entry, growth, stamp_at


def as_stored(e: Entry) -> StoredEvent:
    return StoredEvent(e.stream, e.version, e.name, msgspec.json.encode(e))


def test_entries_are_read_as_stored_events_with_every_column(store: SqlStore) -> None:
    store.append(batch(growth("a", 0, 3), growth("b", 0, reason="张三")))
    recorder = store.recorder()
    notifications = recorder.select_notifications(None, 10)
    read = [Entry(*msgspec.json.decode(n.state)) for n in notifications]
    assert read == store.page(0, 10)
    assert [(n.id, n.originator_id, n.originator_version, n.topic) for n in notifications] == [
        (e.position, e.stream, e.version, e.name) for e in read
    ]
    assert recorder.select_events("a", gt=1, lte=2) == [as_stored(store.entries("a")[1])]
    assert [e.originator_version for e in recorder.select_events("a", desc=True, limit=2)] == [3, 2]


def test_notifications_are_chosen_by_position_and_name(store: SqlStore) -> None:
    store.append(batch(growth("a", 0, 2), growth("b", 0, 2, name="test.paid")))
    recorder = store.recorder()

    def ids(*args: int | None, **kwargs: object) -> list[int]:
        return [n.id for n in recorder.select_notifications(*args, **kwargs)]  # type: ignore[arg-type]

    assert ids(2, 10) == [2, 3, 4]
    assert ids(2, 10, inclusive_of_start=False) == [3, 4]
    assert ids(1, 10, stop=2) == [1, 2]
    assert ids(None, 10, topics=["test.paid"]) == [3, 4]
    assert ids(None, 1) == [1]
    assert recorder.max_notification_id() == 4


def test_entries_copied_through_a_recorder_arrive_whole(store: SqlStore) -> None:
    entries = [*chained(entry("b", v) for v in (1, 2)), *chained([entry("a", 1)])]
    positions = store.recorder().insert_events([as_stored(e) for e in entries])
    by_position = {e.position: e for e in store.page(0, 10)}
    assert [by_position[p]._replace(position=0) for p in positions] == entries
    assert store.heads(["b"])["b"].hash == entries[1].hash
    more = seal_chain(entry("b", 3, recorded_at=stamp_at(5)), entries[1].hash)
    store.recorder().insert_events([as_stored(more)])
    assert store.heads(["b"])["b"].version == 3
    assert [h.stream for h in store.due(stamp_at(0), {"facets-1"})] == ["a", "b"]  # for the facets to judge


def test_a_stream_keeps_its_subject_and_its_next_due_moment(store: SqlStore) -> None:
    first = growth("a", 0)
    head = first.head._replace(subject="p1", next_due=stamp_at(9))
    store.append(batch(StreamAppend("a", "p1", 0, first.entries, head)))
    store.recorder().insert_events([as_stored(seal_chain(entry("a", 2), head.hash))])
    found = store.heads(["a"])["a"]
    assert (found.subject, found.next_due, found.version) == ("p1", stamp_at(9), 2)


def test_what_does_not_follow_is_refused(store: SqlStore) -> None:
    store.append(batch(growth("a", 0)))
    last = store.heads(["a"])["a"].hash
    good = seal_chain(entry("a", 2), last)
    wrong = [
        as_stored(seal_chain(entry("a", 1), "")),
        as_stored(seal_chain(entry("a", 3), last)),
        as_stored(seal_chain(entry("a", 2), "0" * 64)),
        as_stored(good._replace(payload="{}")),
        as_stored(good._replace(hash="0" * 64)),
        as_stored(seal_chain(entry("a", 2, tenant="other"), last)),
        as_stored(seal_chain(entry("a", 2, recorded_at="2025-01-01T00:00:00.000000Z"), last)),
        StoredEvent("b", 2, good.name, msgspec.json.encode(good)),
        StoredEvent("a", 2, "other.name", msgspec.json.encode(good)),
        StoredEvent("a", 2, good.name, b"{}"),
        StoredEvent("a", 2, good.name, b"not json"),
    ]
    recorder = store.recorder()
    for event in wrong:
        with pytest.raises(IntegrityError):
            recorder.insert_events([as_stored(chained([entry("z", 1)])[0]), event])
        assert store.count() == 1
    assert recorder.insert_events([as_stored(good)]) == [2]
    assert recorder.insert_events([]) == []


def test_a_subscription_follows_the_log(store: SqlStore) -> None:
    store.append(batch(growth("a", 0)))
    subscription = store.recorder().subscribe(gt=0)
    with subscription:
        assert next(subscription).id == 1
        later = threading.Timer(0.1, lambda: store.append(batch(growth("b", 0))))
        later.start()
        assert next(subscription).originator_id == "b"
        later.join()
    with pytest.raises(StopIteration):
        next(subscription)
