"""Writing batches to the log through PostgreSQL's own functions: one round trip for what is small, COPY for what is large."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from guanxi.kernel.errors import GuanxiError, StoreError
from guanxi.kernel.ports import Append, CommandSeen, VersionConflict
from guanxi_adapters.sql import functions
from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.errors import is_unique_violation
from guanxi_adapters.sql.statements import Statements
from guanxi_adapters.sql.writing import (
    LARGE,
    TOGETHER,
    Looking,
    Refused,
    Written,
    inconsistent,
    insert_placed,
    row_of_command,
)

_GUARDED = ("guanxi_heads[]", "bigint[]", "guanxi_claims[]", "boolean[]", "guanxi_commands[]")
_APPENDED = (*_GUARDED, "guanxi_entries[]")
_GUARD = f"SELECT guanxi_guard({', '.join(f'%s::{kind}' for kind in _GUARDED)}, %s)"


def _appending(count: int) -> str:
    """Return the statement that appends so many batches."""
    numbers = itertools.count(1)
    calls = [
        f"guanxi_append({', '.join(f'${next(numbers)}::{kind}' for kind in _APPENDED)})" for _ in range(count)
    ]
    return "SELECT " + ", ".join(calls)


_IMPATIENT = "100ms"
"""For how long a transaction that others queue behind waits for a stream which somebody holds."""

_APPEND = {count: _appending(count) for count in range(1, TOGETHER + 1)}
_SOON = f"set_config('lock_timeout', '{_IMPATIENT}', true)"
_APPEND_SOON = {
    count: sql.replace("SELECT ", f"SELECT ({_SOON} IS NULL)::int, ", 1) for count, sql in _APPEND.items()
}


class _Refusal(Exception):
    """What the server's guard said in place of a position."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ServerWriter:
    """Writes through the server's functions; see ``guanxi_adapters.sql.writing.Writer``.

    Args:
        database: where.
        sql: its statements.
        tenant: whose log.
    """

    by_stream = True

    def __init__(self, database: Database, sql: Statements, tenant: str) -> None:
        self._database, self._tenant = database, tenant
        self._insert = sql.insert_entry.sql
        self._looking = Looking(database, sql, tenant)

    def write(self, batches: Sequence[Append], *, patient: bool = False) -> list[Written]:
        """Write batches in one transaction, each wholly or not at all, and return what became of each."""
        if len(batches) == 1 and _size(batches[0]) >= LARGE:
            return [self._copy(batches[0], patient=patient)]
        parameters = [value for batch in batches for value in (*self._guarded(batch), _entries(batch))]
        with self._consistently():
            if patient:
                found = self._database.call(_APPEND[len(batches)], parameters)
            else:
                found = self._database.call(_APPEND_SOON[len(batches)], parameters)[1:]
        return [self._outcome(batch, first) for batch, first in zip(batches, found, strict=True)]

    def write_hosted(self, batch: Append, connection: sa.Connection) -> Written:
        """Write a batch under a savepoint of the host's transaction."""
        try:
            with self._consistently(), self._database.writing(connection) as cursor:
                return self._write_within(cursor, batch)
        except _Refusal as refusal:
            return self._named(batch, refusal.code, connection)

    def _copy(self, batch: Append, *, patient: bool) -> Written:
        try:
            with self._consistently(), self._database.writing() as cursor:
                if not patient:
                    cursor.execute(f"SET LOCAL lock_timeout = '{_IMPATIENT}'")
                return self._write_within(cursor, batch)
        except _Refusal as refusal:
            return self._named(batch, refusal.code)

    def _write_within(self, cursor: Any, batch: Append) -> list[int]:
        entries = [entry for stream in batch.streams for entry in stream.entries]
        cursor.execute(_GUARD, (*self._guarded(batch), len(entries)))
        first = int(cursor.fetchone()[0])
        if first < 0:
            raise _Refusal(first)
        given = list(range(first, first + len(entries)))
        if entries:
            insert_placed(cursor, self._insert, entries, given)
        return given

    def _outcome(self, batch: Append, first: int) -> Written:
        if first >= 0:
            return list(range(first, first + _size(batch)))
        # The others of the transaction are on record: not to learn why this one was refused must not make them seem lost.
        try:
            return self._named(batch, first)
        except GuanxiError:
            return VersionConflict(batch.streams[0].stream)

    def _named(self, batch: Append, code: int, connection: sa.Connection | None = None) -> Refused:
        """Return what a batch was refused for, now that nothing of it is there."""
        with self._database.reading(connection) as cursor:
            if code == functions.CLAIM_TAKEN and (rival := self._looking.rival(cursor, batch.claims)):
                return rival
            if code == functions.COMMAND_SEEN:
                seen = self._looking.commands(cursor, [c.command_id for c in batch.commands])
                return CommandSeen(next(iter(seen), batch.commands[0].command_id))
            return self._looking.conflict(cursor, batch.streams)

    def _guarded(self, batch: Append) -> tuple[str, str, str, str, str]:
        tenant = self._tenant
        if len(batch.streams) == 1 and not batch.claims:
            s = batch.streams[0]
            commands = [(tenant, *row_of_command(c)) for c in batch.commands]
            return composites([(tenant, *s.head)]), f"{{{s.expected}}}", "{}", "{}", composites(commands)
        return (
            composites((tenant, *s.head) for s in batch.streams),
            _array(str(s.expected) for s in batch.streams),
            composites((tenant, c.kind, c.token, c.stream, c.policy) for c in batch.claims),
            _array("t" if c.release else "f" for c in batch.claims),
            composites((tenant, *row_of_command(c)) for c in batch.commands),
        )

    @contextmanager
    def _consistently(self) -> Generator[None]:
        """Say what it means that a place in a stream is taken already."""
        try:
            yield
        except StoreError as error:
            if error.__cause__ is not None and is_unique_violation(error.__cause__):
                raise inconsistent() from error.__cause__
            raise


def composites(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as PostgreSQL's text of an array of composite values."""
    return "{" + ",".join(['"(' + ",".join([_cell(v) for v in row]) + ')"' for row in rows]) + "}"


def _cell(value: Any) -> str:
    """Return a value as it stands in a composite value in an array: each of the two puts it into quotes of its own."""
    if value is None:
        return ""
    if value.__class__ is int:
        return str(value)
    text = str(value)
    if "\\" in text:
        text = text.replace("\\", "\\\\\\\\")
    if '"' in text:
        text = text.replace('"', '\\\\\\"')
    return '\\"' + text + '\\"'


def _array(values: Iterable[str]) -> str:
    return "{" + ",".join(values) + "}"


def _entries(batch: Append) -> str:
    return composites((*entry[:-1], None) for stream in batch.streams for entry in stream.entries)


def _size(batch: Append) -> int:
    return sum(len(stream.entries) for stream in batch.streams)
