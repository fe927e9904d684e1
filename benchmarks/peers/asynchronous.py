"""``eventsource-py``: an event store over ``aiosqlite`` and ``asyncpg``, its repository, and events that pydantic checks."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import itertools
import logging
import time
from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID, uuid4

import eventsource
from eventsource import AggregateRepository, AggregateRoot, DomainEvent, StreamId
from eventsource.domain.event_registry import EventRegistry
from eventsource.migrations import get_schema
from eventsource.ports import ExpectedVersion, FeedReadOptions
from pydantic import BaseModel

from benchmarks.aggregates import receipt_of
from benchmarks.peers.lanes import NAME, PAYLOAD, Span
from benchmarks.peers.library import PARAMETERS, PRAGMAS, SYNCHRONOUS

MEMBER = "Member"


class _Event(DomainEvent):
    aggregate_type: str = MEMBER


class Recorded(_Event):
    """A stored entry, of which the store is told no more than the others are."""

    name: str
    payload: str


class Purchased(_Event):
    receipt: str
    paid: str
    currency: str
    quantity: int
    area: str
    outlet: str
    at: dt.datetime


class Earned(_Event):
    lot: str
    base: str
    rate: str
    points: int
    available_from: str
    last_day: str


class Activated(_Event):
    lot: str
    points: int


class Expired(_Event):
    lot: str
    last_day: str
    points: int


class Counted(_Event):
    document: str
    amount: int


class State(BaseModel):
    """What a member comes to."""

    sales: dict[str, Any] = {}
    lots: dict[str, list[Any]] = {}
    spent: int = 0
    entries: int = 0
    total: int = 0


class Member(AggregateRoot[State]):
    """Keeps the same as the others' members and counters do."""

    aggregate_type: ClassVar[str] = MEMBER

    def _get_initial_state(self) -> State:
        return State()

    def _apply(self, event: DomainEvent) -> None:
        if self._state is None:
            self._state = self._get_initial_state()
        s = self._state
        if isinstance(event, Counted):
            s.entries += 1
            s.total += event.amount
        elif isinstance(event, Purchased):
            s.sales[event.receipt] = (event.at, event.paid, event.quantity)
            s.spent += int(event.paid)
        elif isinstance(event, Earned):
            s.lots[event.lot] = [event.available_from, event.last_day, event.rate, event.points, 0, 0]
        elif isinstance(event, Activated):
            s.lots[event.lot][3] -= event.points
            s.lots[event.lot][4] += event.points
        elif isinstance(event, Expired):
            s.lots[event.lot][4] -= event.points
            s.lots[event.lot][5] += event.points


class AsynchronousPeer:
    """The store over one database; writers are tasks of one event loop, as its users' are.

    Args:
        url: the database.
        entries: what is appended.
    """

    def __init__(self, url: str, entries: Sequence[Sequence[Any]]) -> None:
        logging.disable(logging.WARNING)
        self._entries = [(str(e[NAME]), str(e[PAYLOAD])) for e in entries]
        self._runner = asyncio.Runner()
        self._url = url
        registry = EventRegistry()
        for kind in (Recorded, Purchased, Earned, Activated, Expired, Counted):
            registry.register(kind)
        self._engine: Any = None
        self._store: Any = self._runner.run(self._open(registry))
        self._members: Any = AggregateRepository(self._store, Member, MEMBER, enable_tracing=False)

    async def _open(self, registry: EventRegistry) -> Any:
        if self._url.startswith("sqlite"):
            return eventsource.SQLiteEventStore(self._url.removeprefix("sqlite:///"), registry)
        self._engine = eventsource.create_async_engine(
            self._url.replace("postgresql://", "postgresql+asyncpg://", 1), pool_size=10
        )
        async with self._engine.connect() as connection:
            raw = await connection.get_raw_connection()
            await raw.driver_connection.execute(get_schema("events"))
            await connection.commit()
        return eventsource.PostgreSQLEventStore(self._engine, registry)

    def settings(self) -> dict[str, str]:
        """Return the effective settings of a connection that writes."""
        return self._runner.run(self._settings())

    async def _settings(self) -> dict[str, str]:
        if self._engine is None:
            connection = await self._store._conn()
            found = {}
            for name in PRAGMAS:
                async with connection.execute(f"PRAGMA {name}") as cursor:
                    found[name] = str((await cursor.fetchone())[0])
            found["synchronous"] = SYNCHRONOUS[int(found["synchronous"])]
            return found
        async with self._engine.connect() as connection:
            return {
                name: str((await connection.exec_driver_sql(f"SHOW {name}")).scalar()) for name in PARAMETERS
            }

    def append(self, writers: int, saves: int, per_save: int, at: float | None = None) -> Span:
        """Append to new streams; see ``benchmarks.peers.Peer``."""
        return self._runner.run(self._append(writers, max(1, saves // writers), per_save, at))

    async def _append(self, writers: int, share: int, per_save: int, at: float | None) -> Span:
        lanes = [self._saves(uuid4(), share, per_save) for _ in range(writers)]
        gc.collect()
        if at is not None:
            await asyncio.sleep(max(0.0, at - time.monotonic()))
        began = time.monotonic()
        await asyncio.gather(*[self._lane(saves) for saves in lanes])
        return Span(share * per_save * writers, began, time.monotonic())

    async def _lane(self, saves: list[tuple[StreamId, list[DomainEvent], ExpectedVersion]]) -> None:
        for stream, events, expected in saves:
            await self._store.append(stream, events, expected)

    def _saves(
        self, key: UUID, saves: int, per_save: int
    ) -> list[tuple[StreamId, list[DomainEvent], ExpectedVersion]]:
        stream, cycle = StreamId(key, MEMBER), itertools.cycle(self._entries)
        made = []
        for n in range(saves):
            events: list[DomainEvent] = [
                Recorded(aggregate_id=key, aggregate_version=n * per_save + k + 1, name=name, payload=payload)
                for k, (name, payload) in zip(range(per_save), cycle, strict=False)
            ]
            expected = ExpectedVersion.exact(n * per_save) if n else ExpectedVersion.no_stream()
            made.append((stream, events, expected))
        return made

    def bulk(self, streams: int, length: int) -> Span:
        """Refuse: its store appends to one stream at a time."""
        raise NotImplementedError

    def fill(self, kind: str, events: int, times: int = 1) -> str:
        """Store members or counters."""
        return self._runner.run(self._fill(kind, events, times))

    async def _fill(self, kind: str, events: int, times: int) -> str:
        key = uuid4()
        for _ in range(times):
            key = uuid4()
            made = [_member_event(kind, key, k) for k in range(events)]
            await self._store.append(StreamId(key, MEMBER), made, ExpectedVersion.no_stream())
        return str(key)

    def load(self, key: str) -> Span:
        """Bring one back from its events."""
        return self._runner.run(self._load(UUID(key)))

    async def _load(self, key: UUID) -> Span:
        gc.collect()
        began = time.monotonic()
        member = await self._members.load(key)
        return Span(member.version, began, time.monotonic())

    def log(self, page: int) -> Span:
        """Read the feed in pages."""
        return self._runner.run(self._log(page))

    async def _log(self, page: int) -> Span:
        gc.collect()
        began, events, after = time.monotonic(), 0, None
        while True:
            found = [e async for e in self._store.read_all(after, FeedReadOptions(limit=page))]
            if not found:
                return Span(events, began, time.monotonic())
            events += len(found)
            after = found[-1].position

    def close(self) -> None:
        """Release every connection."""
        self._runner.run(self._close())
        self._runner.close()

    async def _close(self) -> None:
        await self._store.close()
        if self._engine is not None:
            await self._engine.dispose()


def _member_event(kind: str, key: UUID, k: int) -> DomainEvent:
    of: dict[str, Any] = {"aggregate_id": key, "aggregate_version": k + 1}
    receipt, points = receipt_of(0, k)
    if kind == "counter":
        return Counted(**of, document=f"R{k:06d}", amount=k % 90)
    if k % 4 == 0:
        at = dt.datetime(2021, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=8 * (k // 4))
        return Purchased(
            **of, receipt=receipt, paid=str(points), currency="CNY", quantity=1, area="cosmetics", outlet="S-01", at=at
        )  # fmt: skip
    if k % 4 == 1:
        return Earned(
            **of, lot=receipt, base=str(points), rate="1", points=points,
            available_from="2021-01-02", last_day="2022-01-01",
        )  # fmt: skip
    if k % 4 == 2:
        return Activated(**of, lot=receipt, points=points)
    return Expired(**of, lot=receipt, last_day="2022-01-01", points=points)
