"""The recorders pass the ``eventsourcing`` library's own cases, and hold under threads where those use none."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent, Tracking

from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.recorders import (
    SqlAggregateRecorder,
    SqlApplicationRecorder,
    SqlProcessRecorder,
    SqlTrackingRecorder,
)
from tests.adapters.sql.shipped import persistence as shipped


class _OnDatabase:
    """Gives the library's cases a recorder on the database that a fixture opened."""

    database: Database
    kind: Any

    @pytest.fixture(autouse=True)
    def _open(self, any_url: str) -> Iterator[None]:
        type(self).database = Database(any_url)
        yield
        self.database.close()

    def create_recorder(self) -> Any:
        return self.kind(self.database)


def on_database(case: Any, kind: Any) -> type[Any]:
    """Return a plain class that runs a shipped case's tests, since pytest hands no parameters to a TestCase."""

    class Case(case):  # type: ignore[misc]
        create_recorder = _OnDatabase.create_recorder

        def runTest(self) -> None:  # noqa: N802
            """Only there so that the case can be made without the name of a test."""

    names = [
        name for name in dir(case) if name.startswith(("test", "optional_test")) and "performance" not in name
    ]

    def runner(name: str) -> Any:
        def run(self: Any) -> None:
            made = Case()
            made.database, made.kind = self.database, kind
            getattr(made, name)()

        return run

    body = {f"test_{name.removeprefix('optional_').removeprefix('test_')}": runner(name) for name in names}
    return type(f"Test{case.__name__}", (_OnDatabase,), body)


TestAggregateRecorder = on_database(shipped.AggregateRecorderTestCase, SqlAggregateRecorder)
TestApplicationRecorder = on_database(shipped.ApplicationRecorderTestCase, SqlApplicationRecorder)
TestTrackingRecorder = on_database(shipped.TrackingRecorderTestCase, SqlTrackingRecorder)
TestProcessRecorder = on_database(shipped.ProcessRecorderTestCase, SqlProcessRecorder)
TestProcessRecorderAsApplication = on_database(shipped.ApplicationRecorderTestCase, SqlProcessRecorder)
TestProcessRecorderAsTracking = on_database(shipped.TrackingRecorderTestCase, SqlProcessRecorder)
TestNonInterleaving = on_database(shipped.NonInterleavingNotificationIDsBaseCase, SqlApplicationRecorder)


@pytest.fixture
def database(any_url: str) -> Iterator[Database]:
    opened = Database(any_url)
    yield opened
    opened.close()


def stored(originator_id: UUID | str, version: int = 1, topic: str = "t") -> StoredEvent:
    return StoredEvent(originator_id, version, topic, b"\x00state")


def test_of_many_threads_that_track_one_position_exactly_one_succeeds(database: Database) -> None:
    recorder = SqlProcessRecorder(database)
    for position in range(1, 9):

        def attempt(worker: int, position: int = position) -> bool:
            try:
                recorder.insert_events([stored(f"p{position}-w{worker}")], tracking=Tracking("up", position))
            except IntegrityError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(attempt, range(4))).count(True) == 1
    assert len(recorder.select_notifications(None, 100)) == 8
    assert recorder.max_tracking_id("up") == 8


RACES = int(os.environ.get("GUANXI_TEST_RACES", "1000"))
"""How often two workers race for one notification."""


@pytest.mark.parametrize("with_events", [True, False], ids=["events and tracking", "tracking alone"])
def test_of_two_workers_that_race_for_each_notification_exactly_one_applies_it(
    shared_url: str, with_events: bool
) -> None:
    databases = [Database(shared_url) for _ in range(2)]
    recorders = [SqlProcessRecorder(each) for each in databases]
    ready, applied = threading.Barrier(2), [list[int](), list[int]()]

    def work(worker: int) -> None:
        recorder = recorders[worker]
        for position in range(1, RACES + 1):
            tracking = Tracking("up", position)
            ready.wait(60)
            with suppress(IntegrityError):
                if with_events:
                    recorder.insert_events([stored(f"p{position}-w{worker}")], tracking=tracking)
                else:
                    recorder.insert_tracking(tracking)
                applied[worker].append(position)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert sorted(applied[0] + applied[1]) == list(range(1, RACES + 1))
    assert recorders[0].max_tracking_id("up") == RACES
    kept = recorders[1].select_notifications(None, 2 * RACES)
    by_worker = [(n, worker) for worker in range(2) for n in applied[worker]]
    expected = [f"p{n}-w{worker}" for n, worker in sorted(by_worker)] if with_events else []
    assert [notification.originator_id for notification in kept] == expected
    for each in databases:
        each.close()


def test_text_and_uuid_ids_are_told_apart(database: Database) -> None:
    recorder = SqlApplicationRecorder(database)
    uuid = uuid4()
    recorder.insert_events([stored(uuid), stored(uuid.hex), stored("客户-1")])
    assert recorder.select_events(uuid) == [stored(uuid)]
    assert recorder.select_events(uuid.hex) == [stored(uuid.hex)]
    assert [n.originator_id for n in recorder.select_notifications(None, 10)] == [uuid, uuid.hex, "客户-1"]


def test_two_prefixes_are_two_logs(database: Database) -> None:
    one, two = SqlApplicationRecorder(database, "one"), SqlApplicationRecorder(database, "two")
    one.insert_events([stored("a")])
    assert two.max_notification_id() is None


def test_a_subscription_waits_for_what_is_not_there_yet_and_stops_cleanly(database: Database) -> None:
    recorder = SqlApplicationRecorder(database)
    seen = list[int]()
    subscription = recorder.subscribe(gt=1, topics=["t"])

    def follow() -> None:
        with subscription:
            seen.extend(notification.id for notification in subscription)

    follower = threading.Thread(target=follow)
    follower.start()
    for version in range(1, 6):
        recorder.insert_events([stored("a", version, "t" if version != 3 else "other")])
    deadline = threading.Event()
    for _ in range(100):
        if len(seen) == 3:
            break
        deadline.wait(0.05)
    subscription.stop()
    follower.join(timeout=5)
    assert not follower.is_alive()
    assert seen == [2, 4, 5]


def test_a_locked_database_is_the_librarys_operational_error(sqlite_url: str) -> None:
    database, other = Database(sqlite_url, timeout=0.2), Database(sqlite_url)
    recorder = SqlApplicationRecorder(database)
    with other.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE x (y INTEGER)")
        with pytest.raises(OperationalError, match="database_locked"):
            recorder.insert_events([stored("a")])
    database.close()
    other.close()
