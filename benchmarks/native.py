"""The ``eventsourcing`` library as it comes: SQLite recorders, mapper, aggregates, projection runner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import ApplicationRecorder, Subscription, Tracking
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore, SQLiteTrackingRecorder
from eventsourcing.utils import get_topic

from guanxi_adapters.sql.recorders import PollingSubscription

SYNCHRONOUS = ("off", "normal", "full", "extra")


class Member(Aggregate):
    """Keeps the same things of a customer as the retail plugin does: sales, and lots of points."""

    def __init__(self) -> None:
        self.sales: dict[str, tuple[dt.datetime, Decimal, int]] = {}
        self.lots: dict[str, list[Any]] = {}
        self.spent = Decimal(0)

    @event("Purchased")
    def purchase(
        self,
        receipt: str,
        paid: Decimal,
        currency: str,
        quantity: int,
        area: str,
        outlet: str,
        at: dt.datetime,
    ) -> None:
        self.sales[receipt] = (at, paid, quantity)
        self.spent += paid

    @event("Earned")
    def earn(
        self, lot: str, base: Decimal, rate: Decimal, points: int, available_from: str, last_day: str
    ) -> None:
        self.lots[lot] = [available_from, last_day, rate, points, 0, 0]

    @event("Activated")
    def activate(self, lot: str, points: int) -> None:
        self.lots[lot][3] -= points
        self.lots[lot][4] += points

    @event("Expired")
    def expire(self, lot: str, last_day: str, points: int) -> None:
        self.lots[lot][4] -= points
        self.lots[lot][5] += points


class Counter(Aggregate):
    """Counts, as the counting plugin does."""

    def __init__(self) -> None:
        self.entries = 0
        self.total = 0

    @event("Counted")
    def count(self, document: str, amount: int) -> None:
        self.entries += 1
        self.total += amount


class Members(Application[UUID]):
    """An application over an SQLite file."""

    name = "members"


class PolledRecorder(SQLiteApplicationRecorder):
    """The SQLite recorder with the one thing that it lacks to be projected from: a subscription."""

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        return PollingSubscription(self, gt, topics)


class TallyView(SQLiteTrackingRecorder):
    """A table of counts, written together with the tracking of each event."""

    def construct_create_table_statements(self) -> list[str]:
        own = "CREATE TABLE IF NOT EXISTS tallies (id TEXT PRIMARY KEY, entries INTEGER, total INTEGER) WITHOUT ROWID"
        return [*super().construct_create_table_statements(), own]

    def count(self, originator: str, amount: int, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as c:
            self._insert_tracking(c, tracking)
            c.execute(
                "INSERT INTO tallies VALUES (?, 1, ?) ON CONFLICT (id) DO UPDATE SET"
                " entries = entries + 1, total = total + excluded.total",
                (originator, amount),
            )

    def entries(self) -> int:
        with self.datastore.transaction(commit=False) as c:
            c.execute("SELECT coalesce(sum(entries), 0) FROM tallies")
            return int(c.fetchone()[0])


class Tallies(Projection[TallyView]):
    """Folds counts into the table, one event and one transaction at a time."""

    name = "tallies"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        if isinstance(domain_event, Counter.Counted):  # type: ignore[attr-defined]
            self.view.count(str(domain_event.originator_id), domain_event.amount, tracking)
        else:
            self.view.insert_tracking(tracking)


def environment(path: Path) -> dict[str, str]:
    """Return the settings of an application over an SQLite file."""
    return {
        "PERSISTENCE_MODULE": "eventsourcing.sqlite",
        "SQLITE_DBNAME": str(path),
        "APPLICATION_RECORDER_TOPIC": get_topic(PolledRecorder),
    }


@contextmanager
def members(path: Path) -> Iterator[Members]:
    """Open an application over an SQLite file."""
    application = Members(environment(path))
    try:
        yield application
    finally:
        application.close()


def settings(application: Application[UUID]) -> dict[str, str]:
    """Return the effective settings of a connection that writes."""
    datastore: SQLiteDatastore = application.recorder.datastore  # type: ignore[attr-defined]
    found: dict[str, str] = {}
    with datastore.get_connection(commit=True) as connection:
        cursor = connection.cursor()
        for name in ("journal_mode", "synchronous", "wal_autocheckpoint", "page_size"):
            cursor.execute(f"PRAGMA {name}")
            found[name] = str(cursor.fetchone()[0])
    found["synchronous"] = SYNCHRONOUS[int(found["synchronous"])]
    return found


def act(member: Member, n: int, events: int) -> None:
    """Trigger that many events, in the proportion in which a purchase brings them."""
    for k in range(events):
        number = n * 1000 + k // 4
        receipt, points = f"R{number:06d}", 80 + number * 37 % 900
        if k % 4 == 0:
            at = dt.datetime(2021, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=8 * (k // 4))
            member.purchase(receipt, Decimal(points), "CNY", 1, "cosmetics", "S-01", at)
        elif k % 4 == 1:
            member.earn(receipt, Decimal(points), Decimal(1), points, "2021-01-02", "2022-01-01")
        elif k % 4 == 2:
            member.activate(receipt, points)
        else:
            member.expire(receipt, "2022-01-01", points)


def saved_member(application: Members, events: int) -> UUID:
    """Store a member of that many events."""
    member = Member()
    act(member, 0, events - 1)
    application.save(member)
    return member.id


def saved_counter(application: Members, events: int) -> UUID:
    """Store a counter of that many events."""
    counter = Counter()
    for n in range(events - 1):
        counter.count(f"R{n:06d}", n % 90)
    application.save(counter)
    return counter.id


@contextmanager
def running(path: Path, view: Path) -> Iterator[ProjectionRunner[Members, TallyView]]:
    """Run the shipped runner over an application's file, with its view in another."""
    env = {**environment(path), "TALLIES_SQLITE_DBNAME": str(view)}
    runner = ProjectionRunner(
        application_class=Members, projection_class=Tallies, view_class=TallyView, env=env
    )
    with runner:
        yield runner
