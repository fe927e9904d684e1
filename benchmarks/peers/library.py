"""The ``eventsourcing`` library: its own recorders, or those of ``eventsourcing-sqlalchemy``, with its mapper and aggregates."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent

from benchmarks import aggregates
from benchmarks.peers.lanes import NAME, PAYLOAD, Span, side_by_side, timed

PRAGMAS = ("journal_mode", "synchronous", "wal_autocheckpoint", "page_size")
PARAMETERS = ("fsync", "synchronous_commit", "full_page_writes")
AT_ONCE = 300
"""Events of a bulk insert that one call is given: the PostgreSQL recorder's pipeline has been seen to hang on thousands."""

SYNCHRONOUS = ("off", "normal", "full", "extra")


class LibraryPeer:
    """An application of the library over one database, with default options.

    Args:
        url: the database.
        entries: what is appended.
        over_sqlalchemy: whether by the SQLAlchemy recorders.
        more: further settings.
    """

    def __init__(
        self,
        url: str,
        entries: Sequence[Sequence[Any]],
        *,
        over_sqlalchemy: bool = False,
        more: dict[str, str] | None = None,
    ) -> None:
        self._url, self._over_sqlalchemy = url, over_sqlalchemy
        env = sqlalchemy_environment(url) if over_sqlalchemy else environment(url)
        self.application = aggregates.Members({**env, **(more or {})})
        self._events = [(str(e[NAME]), str(e[PAYLOAD]).encode()) for e in entries]

    def settings(self) -> dict[str, str]:
        """Return the effective settings of a connection that writes."""
        sqlite = self._url.startswith("sqlite")
        names, query = (PRAGMAS, "PRAGMA {}") if sqlite else (PARAMETERS, "SHOW {}")
        found = {name: str(self._ask(query.format(name))) for name in names}
        if sqlite:
            found["synchronous"] = SYNCHRONOUS[int(found["synchronous"])]
        return found

    def append(self, writers: int, saves: int, per_save: int, at: float | None = None) -> Span:
        """Append to new streams; see ``benchmarks.peers.Peer``."""
        lanes = [_Lane(self.application.recorder, self._events) for _ in range(writers)]
        return side_by_side(lanes, saves, per_save, at)

    def bulk(self, streams: int, length: int) -> Span:
        """Append many streams, a part of them at once."""
        events = [e for _ in range(streams) for e in _events(uuid4(), length, self._events)]
        parts = [events[i : i + AT_ONCE] for i in range(0, len(events), AT_ONCE)]
        insert = self.application.recorder.insert_events
        return timed(len(events), lambda: [insert(part) for part in parts])

    def fill(self, kind: str, events: int, times: int = 1) -> str:
        """Store members or counters."""
        found = ""
        for _ in range(times):
            made = aggregates.begun(kind)
            for first in range(0, max(1, events - 1), AT_ONCE):
                aggregates.grow(made, first, min(first + AT_ONCE, events - 1))
                self.application.save(made)
            found = str(made.id)
        return found

    def load(self, key: str) -> Span:
        """Bring one back from its events: no snapshot, no cache."""
        get, uuid = self.application.repository.get, UUID(key)
        found: list[Any] = []
        span = timed(1, lambda: found.append(get(uuid)))
        return Span(found[0].version, span.began, span.ended)

    def log(self, page: int) -> Span:
        """Read all notifications, decoded to events."""
        recorder, to_event = self.application.recorder, self.application.mapper.to_domain_event
        events = 0

        def read() -> None:
            nonlocal events
            after = 0
            while found := recorder.select_notifications(after, page, inclusive_of_start=False):
                events += len([to_event(notification) for notification in found])
                after = found[-1].id

        span = timed(1, read)
        return Span(events, span.began, span.ended)

    def close(self) -> None:
        """Release every connection."""
        self.application.close()

    def _ask(self, query: str) -> Any:
        datastore: Any = self.application.recorder.datastore  # type: ignore[attr-defined]
        if self._over_sqlalchemy:
            with datastore.engine.connect() as connection:
                return connection.exec_driver_sql(query).scalar()
        if self._url.startswith("sqlite"):
            with datastore.get_connection(commit=True) as connection:
                cursor = connection.cursor()
                cursor.execute(query)
                return cursor.fetchone()[0]
        with datastore.get_connection() as connection:
            row = connection.execute(query).fetchone()
            return next(iter(row.values()))


class _Lane:
    def __init__(self, recorder: Any, events: Sequence[tuple[str, bytes]]) -> None:
        self.save, self._events = recorder.insert_events, events

    def prepare(self, saves: int, per_save: int) -> list[list[StoredEvent]]:
        events = _events(uuid4(), saves * per_save, self._events)
        return [events[i : i + per_save] for i in range(0, len(events), per_save)]


def _events(key: UUID, count: int, of: Sequence[tuple[str, bytes]]) -> list[StoredEvent]:
    named = zip(range(1, count + 1), itertools.cycle(of), strict=False)
    return [StoredEvent(key, version, name, payload) for version, (name, payload) in named]


def environment(url: str) -> dict[str, str]:
    """Return the settings of the library's own recorders."""
    if url.startswith("sqlite"):
        return {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": url.removeprefix("sqlite:///")}
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query).get("host", ["localhost"])[0]
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.lstrip("/"),
        "POSTGRES_HOST": host,
        "POSTGRES_PORT": str(parts.port or 5432),
        "POSTGRES_USER": unquote(parts.username or "postgres"),
        "POSTGRES_PASSWORD": unquote(parts.password or "") or "none",
    }


def sqlalchemy_environment(url: str) -> dict[str, str]:
    """Return the settings of the SQLAlchemy recorders."""
    scheme, rest = url.split("://", 1)
    driver = scheme if scheme == "sqlite" else "postgresql+psycopg"
    return {"PERSISTENCE_MODULE": "eventsourcing_sqlalchemy", "SQLALCHEMY_URL": f"{driver}://{rest}"}
