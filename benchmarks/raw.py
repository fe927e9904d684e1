"""Bare ``sqlite3``: no library at all, the limit for everything above it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from guanxi.kernel.entries import COLUMNS

STORED = COLUMNS[:-1]
TABLE = "guanxi_entries"
SYNCHRONOUS = ("off", "normal", "full", "extra")
_WHOLE = {"version", "schema_version", "late"}
INSERT = f"INSERT INTO {TABLE} ({', '.join(STORED)}) VALUES ({', '.join('?' * len(STORED))})"


def connect(path: Path, like: Path | None = None, *, page_size: int = 8192) -> sqlite3.Connection:
    """Make a database with a table of the log's columns.

    Args:
        path: where.
        like: a ledger's database whose table, with all its indexes, is made again; the columns with the unique key
            alone if not given.
        page_size: as the ledger's.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA page_size = {page_size}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("PRAGMA wal_autocheckpoint = 2000")
    if like is None:
        columns = ", ".join(f"{name} {'INTEGER' if name in _WHOLE else 'TEXT'}" for name in STORED)
        connection.execute(
            f"CREATE TABLE {TABLE} ({columns}, position INTEGER PRIMARY KEY, UNIQUE (tenant, stream, version))"
        )
        return connection
    with sqlite3.connect(like) as other:
        for (sql,) in other.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", (TABLE,)
        ):
            connection.execute(sql)
    other.close()
    return connection


def open_again(path: Path) -> sqlite3.Connection:
    """Open a database that is there, to read from."""
    return sqlite3.connect(path)


def append(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(INSERT, rows)
    connection.execute("COMMIT")


def settings(connection: sqlite3.Connection) -> dict[str, str]:
    """Return a connection's effective settings."""
    names = ("journal_mode", "synchronous", "wal_autocheckpoint", "page_size")
    found = {name: str(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in names}
    found["synchronous"] = SYNCHRONOUS[int(found["synchronous"])]
    return found
