"""The log's index: stretch by stretch, which entries hold which values. Made behind the log, some thousand entries at a time.

Keeping nine indexes level with every single append cost more than the append. So only what guards the log is kept in the
append's own transaction. The rest is written here in order, once per stretch; what is not indexed yet is short enough
to be looked through. All of it can be made again from the log.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from guanxi.kernel.entries import COLUMNS, Entry
from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import Database, Statement, compiled
from guanxi_adapters.sql.horizon import Horizon
from guanxi_adapters.sql.statements import Statements, of_tenant
from guanxi_adapters.sql.writing import executemany

SPAN = 2_000
"""Entries of a stretch."""

SPANS_AT_ONCE = 16
"""Stretches written in one transaction, where so many are due: after an import. It is held no longer than an import's own."""

VALUES = ("name", "actor", "section", "batch")
"""Columns by whose values entries are found."""

MOMENTS = ("occurred_at", "effective_from")
"""Columns by whose days, in UTC, entries are found."""

_DAY = 10
_READ = ("position", "recorded_at", *VALUES, *MOMENTS)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[int]).decode


class Span(NamedTuple):
    """A stretch of the log that is indexed."""

    first: int
    last: int
    entries: int


class Spans:
    """The index of one tenant's log.

    Args:
        database: where the log is.
        sql: its statements.
        tenant: whose log.
        horizon: how far it can be read.
    """

    def __init__(self, database: Database, sql: Statements, tenant: str, horizon: Horizon) -> None:
        self._database, self._tenant, self._horizon = database, tenant, horizon
        self._log, self._sql = sql, compiled(_Statements, database)
        self._lock = threading.Lock()
        self.due = 0

    # Writing

    def follow(self, position: int) -> None:
        """Index what has become long enough, now that the log has reached a position."""
        if position < self.due or not self._lock.acquire(blocking=False):
            return
        try:
            self.due = position + SPAN - self._extend()
        finally:
            self._lock.release()

    def _extend(self) -> int:
        """Index stretch after stretch; return how many entries are left over."""
        while True:
            with self._database.reading() as cursor:
                horizon = self._horizon.seen_by(cursor)
                before, reached = self._front(cursor)
                most = SPAN * SPANS_AT_ONCE
                values = {"tenant": self._tenant, "after": before, "horizon": horizon, "limit": most}
                cursor.execute(self._sql.tail.sql, self._sql.tail(**values))
                rows = cursor.fetchall()
            left = len(rows) % SPAN
            if len(rows) > left:
                self._write(before, reached, rows[: len(rows) - left])
            if len(rows) < most:
                return left

    def _write(self, before: int, reached: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write stretches, each unless somebody else did.

        In one transaction: the values of each come to lie beside those of the one before, on the same pages.
        """
        made: list[tuple[tuple[Any, ...], list[tuple[Any, ...]]]] = []
        for start in range(0, len(rows), SPAN):
            stretch = rows[start : start + SPAN]
            recorded = [row[1] for row in stretch]
            earliest, latest = min(recorded), max(recorded)
            first, last, late = before + 1, stretch[-1][0], int(earliest < reached)
            before, reached = last, max(reached, latest)
            span = (self._tenant, first, last, len(stretch), earliest, reached, late)
            postings = [(self._tenant, f, v, first, _encode(p).decode()) for (f, v), p in _postings(stretch)]
            made.append((span, postings))
        with self._database.writing() as cursor:
            for span, postings in made:
                cursor.execute(self._sql.insert_span.sql, span)
                if cursor.rowcount == 1:
                    executemany(cursor, self._sql.insert_posting.sql, postings)

    # Reading

    def count(self) -> int:
        """Return how many entries the log holds."""
        return self.count_after(0)

    def count_after(self, position: int) -> int:
        """Return how many entries lie behind a position."""
        with self._database.reading() as cursor:
            horizon = self._horizon.seen_by(cursor)
            found = self._spanned(cursor, position)
            within = 0 if found is None else self._count(cursor, position, found.first - 1)
            end = position if found is None else found.last
            return within + (found.entries if found else 0) + self._count(cursor, end, horizon)

    def last_recorded(self) -> str:
        """Return the latest stamp at which anything was recorded, the empty text for an empty log."""
        with self._database.reading() as cursor:
            horizon = self._horizon.seen_by(cursor)
            end, reached = self._front(cursor)
            values = {"tenant": self._tenant, "after": end, "horizon": horizon}
            return max(reached, _one(cursor, self._log.last_recorded, **values) or "")

    def position_known_at(self, recorded_at: str) -> int:
        """Return the last position recorded at or before that stamp, 0 if none."""
        known = self._log.latest_recorded
        values = {"tenant": self._tenant, "recorded_at": recorded_at}
        with self._database.reading() as cursor:
            horizon = self._horizon.seen_by(cursor)
            found = _one(cursor, known, **values, after=self._end(cursor), horizon=horizon)
            if found is None:
                # Of the stretches in order of time, the last that began by then; of the few others, each of these.
                last = (
                    self._begun(cursor, self._sql.begun, values),
                    self._begun(cursor, self._sql.begun_late, values),
                )
                span = max(last)
                if span[1]:
                    found = _one(cursor, known, **values, after=span[0] - 1, horizon=span[1])
        return int(found or 0)

    def first_named(self, name: str, after: int) -> int | None:
        """Return the position of the first entry of that event name behind a position, or None."""
        with self._database.reading() as cursor:
            horizon = self._horizon.seen_by(cursor)
            end = self._end(
                cursor
            )  # before the postings: what is indexed meanwhile is found twice, not never
            for positions in self._postings(cursor, "name", name, after):
                found = next((p for p in positions if p > after), None)
                if found is not None:
                    return found
            values = {"tenant": self._tenant, "after": max(after, end), "horizon": horizon}
            found = _one(cursor, self._log.first_named, **values, name=name)
        return None if found is None else int(found)

    def search(
        self, wanted: Mapping[str, str], between: Mapping[str, tuple[str, str]], after: int, limit: int
    ) -> list[Entry]:
        """Return entries that hold all the given values, in order of position; see ``SqlStore.search``."""
        found = list[Entry]()
        ranges = {**{f: (v, v) for f, v in wanted.items()}, **{f: _days(*b) for f, b in between.items()}}
        with self._database.reading() as cursor:
            horizon = self._horizon.seen_by(cursor)
            end = self._end(cursor)
            for span in [s for s in self._spans(cursor, after) if s.last <= end]:
                chosen = {p for p in self._within(cursor, span, ranges) if p > after}
                if chosen:
                    entries = self._entries(cursor, span.first - 1, span.last)
                    found += [e for e in entries if e.position in chosen and _holds(e, wanted, between)]
                if len(found) >= limit:
                    return found[:limit]
            tail = self._entries(cursor, max(after, end), horizon)
        return (found + [e for e in tail if _holds(e, wanted, between)])[:limit]

    # Helpers

    def _begun(self, cursor: Any, select: Statement, values: Mapping[str, str]) -> tuple[int, int]:
        cursor.execute(select.sql, select(**values))
        row = cursor.fetchone()
        return (0, 0) if row is None else (int(row[0]), int(row[1]))

    def _end(self, cursor: Any) -> int:
        """Return the position up to which the log is indexed."""
        return self._front(cursor)[0]

    def _front(self, cursor: Any) -> tuple[int, str]:
        """Return the position up to which the log is indexed, and the latest stamp up to there."""
        cursor.execute(self._sql.front.sql, self._sql.front(tenant=self._tenant))
        row = cursor.fetchone()
        return (0, "") if row is None else (int(row[0]), str(row[1]))

    def _spanned(self, cursor: Any, position: int) -> Span | None:
        """Return the stretches that lie wholly behind a position, taken as one."""
        cursor.execute(self._sql.beyond.sql, self._sql.beyond(tenant=self._tenant, after=position))
        row = cursor.fetchone()
        return None if row[0] is None else Span(int(row[0]), int(row[1]), int(row[2]))

    def _spans(self, cursor: Any, after: int) -> list[Span]:
        cursor.execute(self._sql.spans.sql, self._sql.spans(tenant=self._tenant, after=after))
        return [Span(*row) for row in cursor.fetchall()]

    def _count(self, cursor: Any, after: int, up_to: int) -> int:
        if up_to <= after:
            return 0
        return int(_one(cursor, self._log.count, tenant=self._tenant, after=after, horizon=up_to))

    def _postings(self, cursor: Any, field: str, value: str, after: int) -> Iterator[list[int]]:
        """Yield the positions at which a field holds a value, those of the stretch around a position and all behind it."""
        first = int(_one(cursor, self._sql.around, tenant=self._tenant, after=after) or 0)
        values = {"tenant": self._tenant, "field": field, "value": value, "first": first}
        cursor.execute(self._sql.postings.sql, self._sql.postings(**values))
        for row in cursor.fetchall():
            yield _decode(row[0])

    def _within(self, cursor: Any, span: Span, ranges: Mapping[str, tuple[str, str]]) -> set[int]:
        """Return the positions of a stretch at which each field holds a value of its range."""
        chosen: set[int] | None = None
        for field, (low, high) in ranges.items():
            values = {"tenant": self._tenant, "field": field, "low": low, "high": high, "first": span.first}
            cursor.execute(self._sql.within.sql, self._sql.within(**values))
            mine = {p for row in cursor.fetchall() for p in _decode(row[0])}
            chosen = mine if chosen is None else chosen & mine
            if not chosen:
                return set()
        return set(range(span.first, span.last + 1)) if chosen is None else chosen

    def _entries(self, cursor: Any, after: int, up_to: int) -> Iterator[Entry]:
        while True:
            values = {"tenant": self._tenant, "after": after, "horizon": up_to, "limit": SPAN}
            cursor.execute(self._log.page.sql, self._log.page(**values))
            rows = cursor.fetchall()
            yield from map(Entry._make, rows)
            if len(rows) < SPAN:
                return
            after = rows[-1][COLUMNS.index("position")]


def _postings(rows: Sequence[tuple[Any, ...]]) -> list[tuple[tuple[str, str], list[int]]]:
    """Return which positions hold which value, in the order in which the table keeps them."""
    columns = dict(zip(_READ, zip(*rows, strict=True), strict=True))
    positions, found = columns["position"], dict[tuple[str, str | None], list[int]]()
    for field in (*VALUES, *MOMENTS):
        values = columns[field]
        if field in MOMENTS:
            values = tuple([value[:_DAY] for value in values])
        if len(set(values)) == 1:
            found[field, values[0]] = list(positions)
            continue
        by_value = defaultdict[str | None, list[int]](list)
        for value, position in zip(values, positions, strict=True):
            by_value[value].append(position)
        found.update({(field, value): held for value, held in by_value.items()})
    return sorted(((field, value), held) for (field, value), held in found.items() if value is not None)


def _holds(entry: Entry, wanted: Mapping[str, str], between: Mapping[str, tuple[str, str]]) -> bool:
    return all(getattr(entry, field) == value for field, value in wanted.items()) and all(
        first <= getattr(entry, field) < end for field, (first, end) in between.items()
    )


def _days(first: str, end: str) -> tuple[str, str]:
    return first[:_DAY], end[:_DAY]


def _one(cursor: Any, statement: Any, **values: Any) -> Any:
    cursor.execute(statement.sql, statement(**values))
    row = cursor.fetchone()
    return row[0] if row else None


class _Statements:
    def __init__(self, database: Database) -> None:
        b, compile_, e, s, p = sa.bindparam, database.compile, schema.entries, schema.spans, schema.lookup
        tail = sa.select(*[e.c[name] for name in _READ]).where(
            of_tenant(database), e.c.position > b("after"), e.c.position <= b("horizon")
        )
        self.tail = compile_(tail.order_by(e.c.position).limit(b("limit")))
        self.insert_span, self.insert_posting = (
            compile_(
                database.insert(t).values({c.name: b(c.name) for c in t.columns}).on_conflict_do_nothing()
            )
            for t in (s, p)
        )
        mine = s.c.tenant == b("tenant")
        front = sa.select(s.c.last, s.c.reached).where(mine).order_by(s.c.first.desc())
        self.front = compile_(front.limit(1))
        total = sa.cast(sa.func.sum(s.c.entries), sa.BigInteger())
        whole = sa.select(sa.func.min(s.c.first), sa.func.max(s.c.last), total)
        self.beyond = compile_(whole.where(mine, s.c.first > b("after")))
        self.spans = compile_(
            sa.select(s.c.first, s.c.last, s.c.entries).where(mine, s.c.last > b("after")).order_by(s.c.first)
        )
        begun = sa.select(s.c.first, s.c.last).where(mine, s.c.earliest <= b("recorded_at"))
        in_order = begun.where(s.c.disordered == sa.literal_column("0"))
        self.begun = compile_(in_order.order_by(s.c.earliest.desc(), s.c.first.desc()).limit(1))
        late = begun.where(s.c.disordered == sa.literal_column("1"))
        self.begun_late = compile_(late.order_by(s.c.first.desc()).limit(1))
        around = sa.select(s.c.first).where(mine, s.c.first <= b("after")).order_by(s.c.first.desc())
        self.around = compile_(around.limit(1))
        field = (p.c.tenant == b("tenant"), p.c.field == b("field"))
        of_value = sa.select(p.c.positions).where(*field, p.c.value == b("value"), p.c.first >= b("first"))
        self.postings = compile_(of_value.order_by(p.c.first))
        within = (p.c.value >= b("low"), p.c.value <= b("high"), p.c.first == b("first"))
        self.within = compile_(sa.select(p.c.positions).where(*field, *within))
