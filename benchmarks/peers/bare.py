"""Bare ``sqlite3`` and bare ``psycopg``: no library at all, in the way a careful program would use them; the limit for everything above.

A table of the log's columns with its unique key and nothing else. One entry is one prepared insert that commits by itself;
several are one transaction of ``executemany`` on SQLite, one ``COPY`` on PostgreSQL. Threads of one process take turns on
SQLite, which is faster than to let it wait.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.peers import Stored
from benchmarks.peers.lanes import Span, side_by_side, timed
from benchmarks.peers.ledger import chained, names, unchained
from benchmarks.peers.library import PARAMETERS, PRAGMAS, SYNCHRONOUS
from guanxi.kernel.entries import COLUMNS, Entry
from guanxi_adapters.sql.engine import CACHE_KIB, CHECKPOINT_PAGES, PAGE_BYTES

STORED = COLUMNS[:-1]
TABLE = "entries"
_WHOLE = {"version", "schema_version", "late"}


def over(url: str, entries: Stored) -> BareSqlite | BarePostgres:
    """Open a database with the bare driver, and make the table if it is not there."""
    if url.startswith("sqlite"):
        return BareSqlite(url, entries)
    return BarePostgres(url, entries)


class _Bare:
    """What both have in common: a lane, and so a connection, for each writer."""

    def __init__(self, url: str, entries: Stored) -> None:
        self._url, self._entries = url, [Entry(*e) for e in entries]
        self._lanes: list[Any] = []

    def append(self, writers: int, saves: int, per_save: int, at: float | None = None) -> Span:
        """Append to new streams; see ``benchmarks.peers.Peer``."""
        while len(self._lanes) < writers:
            self._lanes.append(self._lane())
        return side_by_side(self._lanes[:writers], saves, per_save, at)

    def bulk(self, streams: int, length: int) -> Span:
        """Append many streams in one transaction."""
        if not self._lanes:
            self._lanes.append(self._lane())
        rows = [r for name in names(streams) for r in _rows(unchained(name, length, self._entries))]
        return timed(len(rows), lambda: self._lanes[0].save(rows))

    def close(self) -> None:
        """Release every connection."""
        for lane in self._lanes:
            lane.connection.close()

    def _lane(self) -> Any:
        raise NotImplementedError


class BareSqlite(_Bare):
    """``sqlite3`` over a file, set as the ledger sets it."""

    def __init__(self, url: str, entries: Stored) -> None:
        super().__init__(url, entries)
        self._turn = threading.Lock()

    def settings(self) -> dict[str, str]:
        """Return the effective settings of a connection that writes."""
        connection = connect(Path(self._url.removeprefix("sqlite:///")))
        try:
            found = {name: str(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in PRAGMAS}
        finally:
            connection.close()
        found["synchronous"] = SYNCHRONOUS[int(found["synchronous"])]
        return found

    def _lane(self) -> _SqliteLane:
        return _SqliteLane(connect(Path(self._url.removeprefix("sqlite:///"))), self._turn, self._entries)


def connect(path: Path) -> sqlite3.Connection:
    """Open a file with the bare driver, and make the table if it is not there."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    columns = ", ".join(f"{name} {'INTEGER' if name in _WHOLE else 'TEXT'}" for name in STORED)
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {TABLE}"
        f" ({columns}, position INTEGER PRIMARY KEY, UNIQUE (tenant, stream, version))"
    )
    return connection


class _SqliteLane:
    _INSERT = f"INSERT INTO {TABLE} ({', '.join(STORED)}) VALUES ({', '.join('?' * len(STORED))})"

    def __init__(self, connection: sqlite3.Connection, turn: Any, entries: Sequence[Entry]) -> None:
        self.connection, self._turn, self._entries = connection, turn, entries

    def prepare(self, saves: int, per_save: int) -> list[list[tuple[Any, ...]]]:
        return _saves(saves, per_save, self._entries)

    def save(self, rows: list[tuple[Any, ...]]) -> None:
        with self._turn:
            if len(rows) == 1:
                self.connection.execute(self._INSERT, rows[0])
                return
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany(self._INSERT, rows)
            self.connection.execute("COMMIT")


class BarePostgres(_Bare):
    """``psycopg`` in autocommit, every statement prepared."""

    def __init__(self, url: str, entries: Stored) -> None:
        super().__init__(url, entries)
        columns = ", ".join(f"{name} {'bigint' if name in _WHOLE else 'text'}" for name in STORED)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(1)")  # processes that begin together make one table
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {TABLE}"
                f" ({columns}, position bigserial PRIMARY KEY, UNIQUE (tenant, stream, version))"
            )

    def settings(self) -> dict[str, str]:
        """Return the effective settings of a connection that writes."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            return {name: str(_first(connection.execute(f"SHOW {name}"))) for name in PARAMETERS}

    def _lane(self) -> _PostgresLane:
        connection = psycopg.connect(self._url, autocommit=True, prepare_threshold=0)
        return _PostgresLane(connection, self._entries)


class _PostgresLane:
    _INSERT = f"INSERT INTO {TABLE} ({', '.join(STORED)}) VALUES ({', '.join(['%s'] * len(STORED))})"
    _COPY = f"COPY {TABLE} ({', '.join(STORED)}) FROM STDIN"

    def __init__(self, connection: Any, entries: Sequence[Entry]) -> None:
        self.connection, self._cursor, self._entries = connection, connection.cursor(), entries

    def prepare(self, saves: int, per_save: int) -> list[list[tuple[Any, ...]]]:
        return _saves(saves, per_save, self._entries)

    def save(self, rows: list[tuple[Any, ...]]) -> None:
        if len(rows) == 1:
            self._cursor.execute(self._INSERT, rows[0])
            return
        with self._cursor.copy(self._COPY) as copy:
            for row in rows:
                copy.write_row(row)


class Fetcher:
    """Fetches the ledger's own rows with the bare driver, undecoded.

    Args:
        url: the ledger's database.
    """

    def __init__(self, url: str) -> None:
        self._connection: Any
        if url.startswith("sqlite"):
            self._connection = sqlite3.connect(url.removeprefix("sqlite:///"))
            self._mark = "?"
        else:
            self._connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)
            self._mark = "%s"

    def fetch(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a query, whose parameters stand as ``?``."""
        found: list[tuple[Any, ...]] = self._connection.execute(
            query.replace("?", self._mark), values
        ).fetchall()
        return found

    def close(self) -> None:
        """Release the connection."""
        self._connection.close()


def _first(cursor: Any) -> Any:
    return cursor.fetchone()[0]


def _rows(entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
    return [e[:-1] for e in chained(entries).entries]


def _saves(saves: int, per_save: int, of: Sequence[Entry]) -> list[list[tuple[Any, ...]]]:
    rows = _rows(unchained(names(1)[0], saves * per_save, of))
    return [rows[i : i + per_save] for i in range(0, len(rows), per_save)]
