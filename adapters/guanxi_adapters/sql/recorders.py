"""Recorders of the ``eventsourcing`` library on tables of their own, for applications that stand beside a ledger.

They store topics and states as they come and check nothing but versions; a ledger's own log is read and written as one
of these through ``log_recorder``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    DatabaseError,
    IntegrityError,
    Notification,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)

from guanxi.kernel.errors import StoreError, Unavailable
from guanxi_adapters.sql.engine import Database, Statement
from guanxi_adapters.sql.errors import is_unique_violation
from guanxi_adapters.sql.schema import MAKING_TABLES, definition, text
from guanxi_adapters.sql.wakeups import Bell

Recorder = TypeVar("Recorder", bound=ApplicationRecorder)

GIVING_IDS = 0x6775_616E_7869_0003
"""Number of PostgreSQL's advisory lock, taken together with the table's own number, under which ids are given."""

_UUID, _TEXT = "u", "s"
_AT_ONCE = 500


@contextmanager
def as_persistence_errors() -> Generator[None]:
    """Raise what the library's callers expect in place of our own errors."""
    try:
        yield
    except StoreError as error:
        if error.__cause__ is not None and is_unique_violation(error.__cause__):
            raise IntegrityError(error.message) from error
        if isinstance(error, Unavailable):
            raise OperationalError(error.describe()) from error
        raise DatabaseError(error.describe()) from error


class SqlAggregateRecorder(AggregateRecorder):
    """Stores the events of aggregates, or their snapshots, without an order across them.

    Args:
        database: where.
        prefix: what the tables' names begin with.
        create: whether to make absent tables.
    """

    numbered = False

    def __init__(self, database: Database, prefix: str = "recorded", *, create: bool = True) -> None:
        self.database, self.prefix = database, prefix
        self._metadata = sa.MetaData()
        self._events = self._events_table()
        self._compiled: dict[tuple[Any, ...], Statement] = {}
        self._insert = database.compile(
            sa.insert(self._events).values({n: sa.bindparam(n) for n in self._stored()})
        )
        self._define()
        if create:
            with as_persistence_errors():
                self._make_tables()

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Store events in one transaction.

        Raises:
            IntegrityError: a version was there already. Nothing was stored.
        """
        with as_persistence_errors(), self.database.writing() as cursor:
            return self._write(cursor, stored_events, **kwargs)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return an originator's events in order of version."""
        kind, key = _split(originator_id)
        select = self._select_events(gt is not None, lte is not None, desc, limit is not None)
        values = {"kind": kind, "key": key, "gt": gt, "lte": lte, "limit": limit}
        with as_persistence_errors(), self.database.reading() as cursor:
            cursor.execute(select.sql, select(**values))
            return [
                StoredEvent(originator_id, v, topic, bytes(state)) for v, topic, state in cursor.fetchall()
            ]

    def _select_events(self, gt: bool, lte: bool, desc: bool, limit: bool) -> Statement:
        known = self._compiled.get(("events", gt, lte, desc, limit))
        if known is not None:
            return known
        e, b = self._events.c, sa.bindparam
        query = sa.select(e.originator_version, e.topic, e.state)
        query = query.where(e.originator_kind == b("kind"), e.originator_id == b("key"))
        query = query.where(e.originator_version > b("gt")) if gt else query
        query = query.where(e.originator_version <= b("lte")) if lte else query
        query = query.order_by(e.originator_version.desc() if desc else e.originator_version)
        query = query.limit(b("limit")) if limit else query
        made = self._compiled["events", gt, lte, desc, limit] = self.database.compile(query)
        return made

    def _write(
        self, cursor: Any, stored_events: Sequence[StoredEvent], **_kwargs: Any
    ) -> Sequence[int] | None:
        if stored_events:
            cursor.executemany(self._insert.sql, [self._values(event) for event in stored_events])
        return None

    def _values(self, event: StoredEvent, **more: int) -> tuple[Any, ...]:
        kind, key = _split(event.originator_id)
        return self._insert(
            originator_kind=kind,
            originator_id=key,
            originator_version=event.originator_version,
            topic=event.topic,
            state=event.state,
            **more,
        )

    def _stored(self) -> list[str]:
        return [
            c.name
            for c in self._events.columns
            if not (c.name == "notification_id" and self.database.is_sqlite)
        ]

    def _events_table(self) -> sa.Table:
        key = not self.numbered
        columns: list[Any] = [
            sa.Column("originator_kind", text(), primary_key=key, nullable=False),
            sa.Column("originator_id", text(), primary_key=key, nullable=False),
            sa.Column(
                "originator_version", sa.BigInteger(), primary_key=key, autoincrement=False, nullable=False
            ),
            sa.Column("topic", text(), nullable=False),
            sa.Column("state", sa.LargeBinary(), nullable=False),
        ]
        if self.numbered:
            whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
            columns.insert(0, sa.Column("notification_id", whole, primary_key=True, autoincrement=True))
            columns.append(sa.UniqueConstraint("originator_kind", "originator_id", "originator_version"))
        return sa.Table(f"{self.prefix}_events", self._metadata, *columns, sqlite_autoincrement=self.numbered)

    def _define(self) -> None:
        """Define further tables."""

    def _make_tables(self) -> None:
        with self.database.writing() as cursor:
            if not self.database.is_sqlite:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", (MAKING_TABLES,))
            for table in self._metadata.sorted_tables:
                for sql in definition(self.database, table):
                    cursor.execute(sql)


class SqlApplicationRecorder(SqlAggregateRecorder, ApplicationRecorder):
    """Stores events in one order across aggregates; nothing appears below an id that a reader has seen."""

    numbered = True

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Store events in one transaction, and wake those who wait for them.

        Raises:
            IntegrityError: a version was there already. Nothing was stored.
        """
        given = super().insert_events(stored_events, **kwargs)
        self._bell.ring()
        return given

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return events in order of their ids, from ``start`` to ``stop``, of the given topics or of all."""
        select = self._select_notifications(
            start is not None, inclusive_of_start, stop is not None, bool(topics)
        )
        values = {"start": start, "stop": stop, "limit": limit, "names": self.database.list_of(list(topics))}
        with as_persistence_errors(), self.database.reading() as cursor:
            cursor.execute(select.sql, select(**values))
            return [
                Notification(_join(kind, key), version, topic, bytes(state), number)
                for number, kind, key, version, topic, state in cursor.fetchall()
            ]

    def max_notification_id(self) -> int | None:
        """Return the highest id, or None when nothing is stored."""
        with as_persistence_errors(), self.database.reading() as cursor:
            cursor.execute(f"SELECT max(notification_id) FROM {self._events.name}")
            found: int | None = cursor.fetchone()[0]
            return found

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Return an endless iterator over events with ids above ``gt``, which waits for new ones."""
        return RecorderSubscription(self, self._bell, gt, topics)

    @cached_property
    def _bell(self) -> Bell:
        return Bell(self.database)

    def _select_notifications(self, start: bool, inclusive: bool, stop: bool, topics: bool) -> Statement:
        known = self._compiled.get(("notifications", start, inclusive, stop, topics))
        if known is not None:
            return known
        e, b = self._events.c, sa.bindparam
        number = e.notification_id
        query = sa.select(number, e.originator_kind, e.originator_id, e.originator_version, e.topic, e.state)
        if start:
            query = query.where(number >= b("start") if inclusive else number > b("start"))
        query = query.where(number <= b("stop")) if stop else query
        query = query.where(self.database.among(e.topic)) if topics else query
        query = query.order_by(number).limit(b("limit"))
        made = self._compiled["notifications", start, inclusive, stop, topics] = self.database.compile(query)
        return made

    def _write(
        self, cursor: Any, stored_events: Sequence[StoredEvent], **_kwargs: Any
    ) -> Sequence[int] | None:
        if not stored_events:
            return []
        count, name = len(stored_events), self._events.name
        if self.database.is_sqlite:
            cursor.executemany(self._insert.sql, [self._values(event) for event in stored_events])
            cursor.execute("SELECT last_insert_rowid()")
            last = cursor.fetchone()[0]
            return list(range(last - count + 1, last + 1))
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s::bigint + %s::regclass::oid::bigint)", (GIVING_IDS, name)
        )
        sequence = f"{name}_notification_id_seq"
        cursor.execute(
            "SELECT setval(%s::regclass, nextval(%s::regclass) + %s)", (sequence, sequence, count - 1)
        )
        last = cursor.fetchone()[0]
        given = list(range(last - count + 1, last + 1))
        cursor.executemany(
            self._insert.sql,
            [self._values(e, notification_id=n) for e, n in zip(stored_events, given, strict=True)],
        )
        return given


class SqlTrackingRecorder(TrackingRecorder):
    """Stores how far other applications' notifications were processed, each exactly once.

    Args:
        database: where.
        prefix: what the table's name begins with.
        create: whether to make an absent table.
    """

    def __init__(self, database: Database, prefix: str = "recorded", *, create: bool = True) -> None:
        self.database, self.prefix = database, prefix
        self._metadata = sa.MetaData()
        self._define()
        if create:
            with as_persistence_errors():
                SqlAggregateRecorder._make_tables(self)  # type: ignore[arg-type]

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record that a notification was processed.

        Raises:
            IntegrityError: it, or a later one, was processed already. Nothing was stored.
        """
        with as_persistence_errors(), self.database.writing() as cursor:
            self._track(cursor, tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """Return the last notification of an application that was processed, or None."""
        select = self._max_tracking
        with as_persistence_errors(), self.database.reading() as cursor:
            cursor.execute(select.sql, select(application_name=application_name))
            row = cursor.fetchone()
            return row[0] if row else None

    def _define(self) -> None:
        b = sa.bindparam
        table = sa.Table(
            f"{self.prefix}_tracking",
            self._metadata,
            sa.Column("application_name", text(), primary_key=True),
            sa.Column("notification_id", sa.BigInteger(), nullable=False),
        )
        insert = self.database.insert(table).values(
            {n: b(n) for n in ("application_name", "notification_id")}
        )
        number = insert.excluded.notification_id
        # One statement both checks and moves: whoever comes second finds nothing to move.
        self._move = self.database.compile(
            insert.on_conflict_do_update(
                index_elements=["application_name"],
                set_={"notification_id": number},
                where=table.c.notification_id < number,
            ).returning(table.c.notification_id)
        )
        found = sa.select(table.c.notification_id).where(table.c.application_name == b("application_name"))
        self._max_tracking = self.database.compile(found)

    def _track(self, cursor: Any, tracking: Tracking) -> None:
        move = self._move
        cursor.execute(
            move.sql,
            move(application_name=tracking.application_name, notification_id=tracking.notification_id),
        )
        if not cursor.fetchall():
            raise IntegrityError(
                f"notification {tracking.notification_id} of {tracking.application_name!r} was processed already"
            )


class SqlProcessRecorder(SqlTrackingRecorder, SqlApplicationRecorder, ProcessRecorder):
    """Stores events together with the tracking of the notification that led to them, in one transaction."""

    def __init__(self, database: Database, prefix: str = "recorded", *, create: bool = True) -> None:
        SqlApplicationRecorder.__init__(self, database, prefix, create=create)

    def _write(
        self, cursor: Any, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        numbers = SqlApplicationRecorder._write(self, cursor, stored_events)
        tracking = kwargs.get("tracking")
        if tracking is not None:
            self._track(cursor, tracking)
        return numbers


class RecorderSubscription(Subscription[Recorder]):
    """Yields notifications as they are recorded.

    Args:
        recorder: whose.
        bell: rings when something may have been recorded.
        gt: yield those with higher ids; all, if None.
        topics: yield those of these topics; all, if there are none.
    """

    def __init__(
        self, recorder: Recorder, bell: Bell, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._waiting: Iterator[Notification] = iter(())
        self._ear = bell.ear()

    def stop(self) -> None:
        """Stop, also while another thread waits for the next notification."""
        super().stop()
        self._ear.close()

    def __next__(self) -> Notification:
        """Return the next notification, waiting for it.

        Raises:
            StopIteration: the subscription was stopped.
        """
        while not self._ear.closed:
            for notification in self._waiting:
                self._last_notification_id = notification.id
                return notification
            if not self._pull():
                self._ear.wait()
        raise StopIteration

    def _pull(self) -> bool:
        found = self._recorder.select_notifications(
            self._last_notification_id, _AT_ONCE, topics=self._topics, inclusive_of_start=False
        )
        self._waiting = iter(found)
        return bool(found)


def _split(originator_id: UUID | str) -> tuple[str, str]:
    return (_UUID, originator_id.hex) if isinstance(originator_id, UUID) else (_TEXT, originator_id)


def _join(kind: str, key: str) -> UUID | str:
    return UUID(hex=key) if kind == _UUID else key
