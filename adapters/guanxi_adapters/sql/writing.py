"""Writing batches to the log statement by statement, as every SQL database can: on SQLite, and portably on PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Protocol

import sqlalchemy as sa

from guanxi.kernel.entries import COLUMNS, Entry, Head
from guanxi.kernel.errors import StoreError
from guanxi.kernel.ports import (
    Append,
    ClaimChange,
    ClaimTaken,
    CommandRecord,
    CommandSeen,
    StreamAppend,
    VersionConflict,
)
from guanxi_adapters.sql import row_security, schema
from guanxi_adapters.sql.engine import Database, Statement
from guanxi_adapters.sql.errors import is_unique_violation
from guanxi_adapters.sql.statements import Statements

Refused = VersionConflict | ClaimTaken | CommandSeen
REFUSED = (VersionConflict, ClaimTaken, CommandSeen)
"""What a batch is refused for; the transaction around it goes on without it."""

Written = list[int] | Refused
"""What became of a batch: the positions of its entries, or why nothing of it was written."""

COPY_FROM = 24
"""Entries from which on PostgreSQL's COPY is faster than handing them over as parameters."""

TOGETHER = 32
"""Batches that one transaction writes, at most."""

LARGE = 200
"""Entries of a batch that has a transaction of its own; on PostgreSQL it goes there by COPY."""

_NAMES_AT_ONCE = 5_000


class _HeadMoved(Exception):
    """A stream is no longer where its writer saw it; which one shows when nothing of the batch is there any more."""


class Writer(Protocol):
    """Writes batches of one tenant.

    ``by_stream`` says whether a stream that somebody holds leaves others free to be written.
    """

    by_stream: bool

    def write(self, batches: Sequence[Append], *, patient: bool = False) -> list[Written]:
        """Write batches in one transaction, each wholly or not at all, and return what became of each.

        Args:
            batches: in ascending order of stream.
            patient: whether to wait for a stream that somebody else holds as long as is allowed; if not, and if others can
                be written meanwhile, it is given up soon, with ``database_locked``.
        """
        ...

    def write_hosted(self, batch: Append, connection: sa.Connection) -> Written:
        """Write a batch under a savepoint of the host's transaction."""
        ...


class Looking:
    """Looks up heads, claims and commands of one tenant over a given cursor.

    Args:
        database: where.
        sql: its statements.
        tenant: whose.
    """

    def __init__(self, database: Database, sql: Statements, tenant: str) -> None:
        self._database, self._sql, self._tenant = database, sql, tenant

    def heads(self, cursor: Any, streams: Sequence[str]) -> dict[str, Head]:
        """Return the heads of those of the named streams that exist."""
        found: dict[str, Head] = {}
        for names in chunks(streams):
            rows = self._named(cursor, self._sql.heads, self._sql.head, names)
            found.update((row[0], Head._make(row)) for row in rows)
        return found

    def holders(self, cursor: Any, tokens: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return who holds each (kind, token) pair; of many holders, the first by name."""
        return {key: streams[0] for key, streams in self.sharers(cursor, tokens).items()}

    def sharers(self, cursor: Any, tokens: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
        """Return all that hold each (kind, token) pair, in order of name."""
        found = defaultdict[tuple[str, str], list[str]](list)
        by_kind = defaultdict[str, list[str]](list)
        for kind, token in tokens:
            by_kind[kind].append(token)
        for kind, wanted in by_kind.items():
            for names in chunks(wanted):
                rows = self._named(cursor, self._sql.holders, self._sql.holder, names, kind=kind)
                for token, stream in rows:
                    found[kind, token].append(stream)
        return dict(found)

    def commands(self, cursor: Any, ids: Sequence[str]) -> dict[str, CommandRecord]:
        """Return the records of those command ids that were carried out."""
        found: dict[str, CommandRecord] = {}
        for names in chunks(ids):
            rows = self._named(cursor, self._sql.commands, self._sql.command, names)
            found.update((row[0], CommandRecord(*row)) for row in rows)
        return found

    def conflict(self, cursor: Any, streams: Sequence[StreamAppend]) -> VersionConflict:
        """Name the stream that had moved on."""
        found = self.heads(cursor, [s.stream for s in streams])
        moved = [
            s.stream for s in streams if (found[s.stream].version if s.stream in found else 0) != s.expected
        ]
        return VersionConflict((moved or [streams[0].stream])[0])

    def rival(self, cursor: Any, claims: Sequence[ClaimChange]) -> ClaimTaken | None:
        """Name a claim that another stream holds, if there is one."""
        wanted = [c for c in claims if not c.release and c.policy != "advisory"]
        held = self.holders(cursor, [(c.kind, c.token) for c in wanted])
        for c in wanted:
            holder = held.get((c.kind, c.token), c.stream)
            if holder != c.stream:
                return ClaimTaken(c.kind, c.token, holder)
        return None

    def _named(
        self, cursor: Any, many: Statement, one: Statement, names: Sequence[str], **values: str
    ) -> list[tuple[Any, ...]]:
        """Return the rows of the names; most often there is but one, and SQLite takes long over a list of one."""
        if len(names) == 1:
            cursor.execute(one.sql, one(tenant=self._tenant, names=names[0], **values))
        else:
            listed = self._database.list_of(names)
            cursor.execute(many.sql, many(tenant=self._tenant, names=listed, **values))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


class PlainWriter:
    """Writes with plain SQL, one transaction after another; see ``Writer``.

    On PostgreSQL positions come from a counter that each transaction holds until it ends, so that they are seen in order.

    Args:
        database: where.
        sql: its statements.
        tenant: whose log.
    """

    by_stream = False

    def __init__(self, database: Database, sql: Statements, tenant: str) -> None:
        self._database, self._sql, self._tenant = database, sql, tenant
        self._looking = Looking(database, sql, tenant)

    def write(self, batches: Sequence[Append], *, patient: bool = False) -> list[Written]:
        """Write batches in one transaction, each wholly or not at all; there is one for all, so waiting is all there is."""
        try:
            if len(batches) == 1:
                return [self._database.transact(partial(self._write_one, batches[0]))]
            return self._database.transact(lambda cursor: [self._write_apart(cursor, b) for b in batches])
        except REFUSED as refused:
            return [refused]
        except _HeadMoved:
            return [self._conflict(batches[0])]

    def write_hosted(self, batch: Append, connection: sa.Connection) -> Written:
        """Write a batch under a savepoint of the host's transaction."""
        try:
            with self._database.writing(connection) as cursor:
                return self._write_one(batch, cursor)
        except REFUSED as refused:
            return refused
        except _HeadMoved:
            return self._conflict(batch, connection)

    def _conflict(self, batch: Append, connection: sa.Connection | None = None) -> VersionConflict:
        with self._database.reading(connection) as cursor:
            return self._looking.conflict(cursor, batch.streams)

    def _write_apart(self, cursor: Any, batch: Append) -> Written:
        cursor.execute("SAVEPOINT guanxi_batch")
        try:
            return self._write_one(batch, cursor)
        except REFUSED as refused:
            cursor.execute("ROLLBACK TO SAVEPOINT guanxi_batch")
            return refused
        except _HeadMoved:
            cursor.execute("ROLLBACK TO SAVEPOINT guanxi_batch")
            return self._looking.conflict(cursor, batch.streams)
        finally:
            cursor.execute("RELEASE SAVEPOINT guanxi_batch")

    def _write_one(self, batch: Append, cursor: Any) -> list[int]:
        entries = [entry for stream in batch.streams for entry in stream.entries]
        first = 0
        if not self._database.is_sqlite:
            # Before the heads' row locks: whoever held one of these while waiting for the counter could wait for ever.
            first = self._take_positions(cursor, len(entries))
        self._move_heads(cursor, batch.streams)
        self._change_claims(cursor, batch.claims)
        self._note_commands(cursor, batch.commands)
        if not entries:
            return []
        try:
            return self._insert(cursor, entries, first)
        except self._database.driver.IntegrityError as error:
            if is_unique_violation(error):
                raise inconsistent() from error
            raise

    def _take_positions(self, cursor: Any, count: int) -> int:
        cursor.execute(
            f"UPDATE {schema.counter.name} SET last = last + %s WHERE name = %s RETURNING last",
            (count, schema.entries.name),
        )
        return int(cursor.fetchone()[0]) - count + 1

    def _move_heads(self, cursor: Any, streams: Sequence[StreamAppend]) -> None:
        new = [s for s in streams if s.expected == 0]
        old = [s for s in streams if s.expected]
        if new:
            rows = [(self._tenant, *s.head) for s in new]
            if executemany(cursor, self._sql.insert_head.sql, rows) != len(rows):
                raise _HeadMoved
        if len(old) == 1 and self._extend_head(cursor, old[0]):
            return
        if old:
            moves = [(*s.head[2:], self._tenant, s.stream, s.expected) for s in old]
            if executemany(cursor, self._sql.move_head.sql, moves) != len(moves):
                raise _HeadMoved

    def _extend_head(self, cursor: Any, stream: StreamAppend) -> bool:
        """Move a head of which only changes what no index holds; False where they change."""
        h = stream.head
        moved = (h.version, h.hash, h.recorded_at, h.rules_known, self._tenant, h.stream, stream.expected)
        cursor.execute(self._sql.extend_head.sql, (*moved, h.next_due, h.judged_by, h.apart_since))
        return bool(cursor.rowcount == 1)

    def _change_claims(self, cursor: Any, claims: Sequence[ClaimChange]) -> None:
        for release, group in groupby(claims, key=lambda claim: claim.release):
            changes = list(group)
            if release:
                rows = [(self._tenant, c.kind, c.token, c.stream) for c in changes]
                executemany(cursor, self._sql.release_claim.sql, rows)
            else:
                self._take_claims(cursor, changes)

    def _take_claims(self, cursor: Any, claims: Sequence[ClaimChange]) -> None:
        rows = [(self._tenant, c.kind, c.token, c.stream, c.policy) for c in claims]
        if executemany(cursor, self._sql.take_claim.sql, rows) != len(rows):
            rival = self._looking.rival(cursor, claims)
            if rival is not None:
                raise rival

    def _note_commands(self, cursor: Any, commands: Sequence[CommandRecord]) -> None:
        if not commands:
            return
        before = self._looking.commands(cursor, [c.command_id for c in commands]) if len(commands) > 1 else {}
        for c in commands:
            if c.command_id in before:
                raise CommandSeen(c.command_id)
        rows = [(self._tenant, *row_of_command(c)) for c in commands]
        if executemany(cursor, self._sql.note_command.sql, rows) != len(rows):
            raise CommandSeen(commands[0].command_id)

    def _insert(self, cursor: Any, entries: Sequence[Entry], first: int) -> list[int]:
        insert = self._sql.insert_entry.sql
        if not self._database.is_sqlite:
            given = list(range(first, first + len(entries)))
            insert_placed(cursor, insert, entries, given)
            return given
        if len(entries) == 1:
            cursor.execute(insert, entries[0][:-1])
            return [cursor.lastrowid]
        cursor.executemany(insert, [entry[:-1] for entry in entries])
        cursor.execute("SELECT last_insert_rowid()")
        last = cursor.fetchone()[0]
        return list(range(last - len(entries) + 1, last + 1))


def insert_placed(cursor: Any, insert: str, entries: Sequence[Entry], positions: Sequence[int]) -> None:
    """Insert entries on PostgreSQL at positions that they were given."""
    rows = [(*entry[:-1], position) for entry, position in zip(entries, positions, strict=True)]
    if len(rows) < COPY_FROM or row_security.binds(cursor):
        executemany(cursor, insert, rows)
        return
    with cursor.copy(f"COPY guanxi_entries ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def inconsistent() -> StoreError:
    """Return the refusal of an entry whose place in its stream is taken, although the stream's head says otherwise."""
    return StoreError(
        "log_inconsistent",
        "the log holds an entry that its stream's head does not know of; nothing was recorded",
        zh="日志中有一条记录与其流的头部不一致；未记录任何内容",
        accepts="a log that passes verification; rebuild the heads from it",
    )


def row_of_command(c: CommandRecord) -> tuple[str, str, str, int, int]:
    """Return a command's record as its table has it, but for the tenant."""
    return c.command_id, c.digest, c.stream, c.first_version, c.last_version


def executemany(cursor: Any, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Carry out a statement for each row and return how many rows of the table it touched."""
    if len(rows) == 1:
        cursor.execute(sql, rows[0])
    else:
        cursor.executemany(sql, rows)
    return int(cursor.rowcount)


def chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield names some thousand at a time."""
    for start in range(0, len(names), _NAMES_AT_ONCE):
        yield names[start : start + _NAMES_AT_ONCE]
