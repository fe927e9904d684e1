"""The ``eventsourcing`` library's projection runner as it comes, with a table of counts as its view, on both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import ApplicationRecorder, Notification, Subscription, Tracking
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteTrackingRecorder
from eventsourcing.utils import get_topic

from benchmarks.aggregates import Counter, Members
from benchmarks.peers.library import LibraryPeer, environment

_PAGE, _PAUSE = 50, 0.01
_TABLE = "CREATE TABLE IF NOT EXISTS tallies (id TEXT PRIMARY KEY, entries BIGINT, total BIGINT)"
_COUNT = (
    "INSERT INTO tallies VALUES ({0}, 1, {0}) ON CONFLICT (id) DO UPDATE SET"
    " entries = tallies.entries + 1, total = tallies.total + excluded.total"
)


class View(Protocol):
    """Counts an event together with its tracking."""

    def count(self, originator: str, amount: int, tracking: Tracking) -> None:
        """Count it."""
        ...

    def insert_tracking(self, tracking: Tracking) -> None:
        """Pass it by."""
        ...


class PolledSubscription(Subscription[ApplicationRecorder]):
    """Asks for what came since, in pages as long as the library's own subscriptions read."""

    def __init__(
        self, recorder: ApplicationRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._found: list[Notification] = []

    def __next__(self) -> Notification:
        while not self._found:
            if self._has_been_stopped:
                raise StopIteration
            last = self._last_notification_id
            found = self._recorder.select_notifications(
                last, _PAGE, topics=self._topics, inclusive_of_start=False
            )
            if not found:
                time.sleep(_PAUSE)
            self._found = list(reversed(found))
        notification = self._found.pop()
        self._last_notification_id = int(notification.id)
        return notification


class PolledRecorder(SQLiteApplicationRecorder):
    """The SQLite recorder with the one thing that it lacks to be projected from: a subscription."""

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Return a subscription that polls."""
        return PolledSubscription(self, gt, topics)


class SqliteView(SQLiteTrackingRecorder):
    """A table of counts in a file."""

    def construct_create_table_statements(self) -> list[str]:
        """Return what makes its tables."""
        return [*super().construct_create_table_statements(), f"{_TABLE} WITHOUT ROWID"]

    def count(self, originator: str, amount: int, tracking: Tracking) -> None:
        """Count an event and record its tracking."""
        with self.datastore.transaction(commit=True) as c:
            self._insert_tracking(c, tracking)
            c.execute(_COUNT.format("?"), (originator, amount))

    def entries(self) -> int:
        """Return how many were counted."""
        with self.datastore.transaction(commit=False) as c:
            c.execute("SELECT coalesce(sum(entries), 0) FROM tallies")
            return int(c.fetchone()[0])


def postgres_view() -> type[Any]:
    """Return the class of a table of counts on a server; what it needs is imported with it."""
    from eventsourcing.postgres import PostgresTrackingRecorder
    from psycopg.sql import SQL

    class PostgresView(PostgresTrackingRecorder):
        def __init__(self, datastore: Any, **more: Any) -> None:
            super().__init__(datastore, **more)
            self.sql_create_statements.append(SQL(_TABLE))

        def count(self, originator: str, amount: int, tracking: Tracking) -> None:
            with self.datastore.transaction(commit=True) as c:
                self._insert_tracking(c, tracking)
                c.execute(SQL(_COUNT.format("%s")), (originator, amount), prepare=True)

    return PostgresView


class Tallies(Projection[Any]):
    """Folds counts into the table, one event and one transaction at a time."""

    name = "tallies"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Count an event, or pass it by."""
        if isinstance(domain_event, Counter.Counted):  # type: ignore[attr-defined]
            self.view.count(str(domain_event.originator_id), domain_event.amount, tracking)
        else:
            self.view.insert_tracking(tracking)


def polled(url: str) -> dict[str, str]:
    """Return the further settings of an application that is projected from."""
    return {"APPLICATION_RECORDER_TOPIC": get_topic(PolledRecorder)} if url.startswith("sqlite") else {}


@contextmanager
def counters(url: str, events: int, each: int) -> Iterator[int]:
    """Store so many events of counters; give the last one's notification id."""
    peer = LibraryPeer(url, (), more=polled(url))
    try:
        peer.fill("counter", each, -(-events // each))
        yield peer.application.recorder.max_notification_id() or 0
    finally:
        peer.close()


@contextmanager
def running(url: str, view: str) -> Iterator[ProjectionRunner[Application[UUID], Any]]:
    """Run the shipped runner over an application's database, with its view in another."""
    own = environment(url) | polled(url)
    env = {**own, **{f"TALLIES_{name}": value for name, value in environment(view).items()}}
    kind = SqliteView if url.startswith("sqlite") else postgres_view()
    runner: ProjectionRunner[Any, Any] = ProjectionRunner(
        application_class=Members, projection_class=Tallies, view_class=kind, env=env
    )
    with runner:
        yield runner
