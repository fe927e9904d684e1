"""Holds a file's lines aside, sorted by customer and day, in a nameless database that vanishes with the process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from guanxi_adapters.files.converting import Line

_CACHE_KIB = 20_000
_AT_ONCE = 2_000


class Spooled(NamedTuple):
    """One line of the file, with its place among its equals."""

    number: int
    customer: str
    at: str
    kind: int
    command: bytes
    token: str
    nth: int
    document: str | None
    line: str | None
    name: str | None
    rows: int = 1


class Spool:
    """The lines of one file.

    SQLite removes the file of a nameless database when it is opened, so that no copy of personal data outlives a crash.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._run(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;"
            f"PRAGMA cache_size = -{_CACHE_KIB};"
            "CREATE TABLE lines (number INTEGER PRIMARY KEY, customer TEXT, at TEXT, kind INTEGER, command BLOB,"
            " token TEXT, document TEXT, line TEXT, name TEXT, rows INTEGER DEFAULT 1);"
            "CREATE TABLE torn (customer TEXT, document TEXT, PRIMARY KEY (customer, document)) WITHOUT ROWID;"
            "CREATE TABLE logged (document TEXT, line INTEGER, entry TEXT, PRIMARY KEY (document, line))"
            " WITHOUT ROWID;"
        )
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Give up everything held."""
        self._db.close()

    def add(self, lines: Iterable[tuple[int, Line, str]]) -> None:
        """Hold lines, each with its number in the file and the token of its content."""
        self._db.executemany(
            "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
            (
                (n, x.customer, x.at, x.kind, x.command, token, x.document, x.number, x.name)
                for n, x, token in lines
            ),
        )

    def tear(self, customer: str, document: str) -> None:
        """Note that a line of a document was refused."""
        self._db.execute("INSERT OR IGNORE INTO torn VALUES (?, ?)", (customer, document))

    def take_torn(self) -> Iterator[tuple[int, str]]:
        """Give up the other lines of documents that lost one; yield their numbers and documents."""
        where = "(customer, document) IN (SELECT customer, document FROM torn)"
        yield from self._db.execute(
            f"SELECT number, document FROM lines WHERE {where} ORDER BY number"
        ).fetchall()
        self._db.execute(f"DELETE FROM lines WHERE {where}")

    def divided(self, kinds: Iterable[int]) -> list[tuple[str, int, list[str]]]:
        """Return the documents of one moment whose lines name several customers.

        Args:
            kinds: kinds of line to look among.

        Returns:
            For each its number, the first line that names another customer than the first one, and the customers.
        """
        firsts = (
            f"SELECT kind, document, at, customer, min(number) AS number FROM lines"
            f" WHERE kind IN ({', '.join(str(k) for k in kinds)}) GROUP BY kind, document, at, customer"
        )
        rows = self._db.execute(
            f"SELECT kind, document, at, number, customer FROM ({firsts}) WHERE (kind, document, at) IN"
            f" (SELECT kind, document, at FROM ({firsts}) GROUP BY kind, document, at HAVING count(*) > 1)"
            f" ORDER BY kind, document, at, number"
        ).fetchall()
        found = [(key[1], list(group)) for key, group in groupby(rows, key=lambda r: r[:3])]
        return [(document, group[1][3], [row[4] for row in group]) for document, group in found]

    def documents(self, kinds: Iterable[int]) -> Iterator[tuple[str, str, int, list[tuple[int, str, bytes]]]]:
        """Yield the documents of some kinds of line: customer, document, kind, and number, day and command of each line."""
        cursor = self._db.execute(
            f"SELECT customer, document, kind, number, at, command FROM lines"
            f" WHERE kind IN ({', '.join(str(k) for k in kinds)}) ORDER BY customer, document, kind, number"
        )
        for (customer, document, kind), group in groupby(_paged(cursor), key=lambda r: r[:3]):
            yield customer, document, kind, [row[3:] for row in group]

    def join(self, documents: Iterable[tuple[list[int], bytes, str]]) -> None:
        """Put one command in the place of a document's lines: their numbers, the command, the token of its content."""
        for numbers, command, token in documents:
            self._db.execute(
                "UPDATE lines SET command = ?, token = ?, rows = ? WHERE number = ?",
                (command, token, len(numbers), numbers[0]),
            )
            self._db.executemany("DELETE FROM lines WHERE number = ?", ((n,) for n in numbers[1:]))

    def many(self) -> dict[tuple[str, str], int]:
        """Return how many lines the documents have of which several were put together, by document and line."""
        rows = self._db.execute("SELECT document, coalesce(line, '1'), rows FROM lines WHERE rows > 1")
        return {(document, line): many for document, line, many in rows}

    def count(self) -> int:
        """Return how many lines are held."""
        return int(self._db.execute("SELECT coalesce(sum(rows), 0) FROM lines").fetchone()[0])

    def customers(self) -> Iterator[list[Spooled]]:
        """Yield the lines of one customer after another, each by day and then in the file's order."""
        cursor = self._db.execute(
            "SELECT number, customer, at, kind, command, token, row_number() OVER (PARTITION BY token ORDER BY number),"
            " document, line, name, rows FROM lines ORDER BY customer, at, number"
        )
        rows = map(Spooled._make, _paged(cursor))
        for _, group in groupby(rows, key=lambda r: r.customer):
            yield list(group)

    def vanished(self, logged: Iterable[tuple[str, str, str]]) -> list[str]:
        """Return the entries of lines that were read before and that this file lacks.

        Args:
            logged: content token, place among equals, and entry of each line on record.
        """
        self._db.executemany("INSERT OR IGNORE INTO logged VALUES (?, CAST(? AS INTEGER), ?)", logged)
        query = (
            "SELECT entry FROM logged LEFT JOIN (SELECT token, count(*) AS times FROM lines GROUP BY token) AS held"
            " ON held.token = logged.document WHERE logged.line > coalesce(held.times, 0) ORDER BY entry"
        )
        return [row[0] for row in self._db.execute(query)]

    def _run(self, script: str) -> None:
        self._db.executescript(script)


def _paged(cursor: sqlite3.Cursor) -> Iterator[Any]:
    while rows := cursor.fetchmany(_AT_ONCE):
        yield from rows
