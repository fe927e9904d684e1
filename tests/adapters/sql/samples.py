"""Entries, batches and read models to test stores with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import msgspec

from guanxi.kernel.entries import ALGORITHMS, GENESIS, Entry, FoldRow, Head, seal_chain
from guanxi.kernel.messages import Fact, event
from guanxi.kernel.ports import Append, ClaimChange, CommandRecord, StreamAppend
from guanxi.kernel.read_models import ReadModel, Rows, Sealer, column

T0 = "2026-01-01T00:00:00.000000Z"
JUDGED_BY = "facets-1"


def stamp_at(second: int) -> str:
    return f"2026-01-01T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000000Z"


def entry(stream: str = "c1", version: int = 1, **columns: Any) -> Entry:
    """An unchained entry with plain values in the columns that need one."""
    values: dict[str, Any] = dict.fromkeys(Entry._fields)
    values |= {
        "tenant": "main",
        "stream": stream,
        "version": version,
        "kind": "fact",
        "name": "test.bought",
        "schema_version": 1,
        "occurred_at": T0,
        "precision": "instant",
        "effective_from": T0,
        "recorded_at": T0,
        "actor": "clerk",
        "late": 0,
        "plugin": "test",
        "plugin_version": "1",
        "payload": '{"amount":1}',
        "algorithms": ALGORITHMS,
        "previous_hash": GENESIS,
        "hash": "",
        "position": 0,
    }
    return Entry(**(values | columns))


def chained(entries: Iterable[Entry], previous: str = GENESIS) -> tuple[Entry, ...]:
    made = []
    for e in entries:
        made.append(seal_chain(e, previous))
        previous = made[-1].hash
    return tuple(made)


def head_of(entries: Sequence[Entry], **fields: Any) -> Head:
    last = entries[-1]
    head = Head(last.stream, last.stream, last.version, last.hash, last.recorded_at, None, JUDGED_BY)
    return head._replace(**fields)


def growth(
    stream: str, expected: int, count: int = 1, previous: str = GENESIS, **columns: Any
) -> StreamAppend:
    """What a stream gains: ``count`` chained entries behind version ``expected``."""
    entries = chained((entry(stream, expected + 1 + i, **columns) for i in range(count)), previous)
    return StreamAppend(stream, stream, expected, entries, head_of(entries))


def batch(
    *streams: StreamAppend,
    claims: Sequence[ClaimChange] = (),
    commands: Sequence[CommandRecord] = (),
    tenant: str = "main",
) -> Append:
    return Append(tenant, streams, tuple(claims), tuple(commands))


@event("test.bought")
class Bought(Fact):
    amount: int
    item: str = ""


@attrs.define
class Sum:
    count: int = column(default=0)
    amount: Decimal = column(default=Decimal(0))  # noqa: RUF009 - a field of a row class
    last: datetime | None = column(default=None)  # noqa: RUF009


@attrs.define
class PerItem:
    item: str = column(key=True)
    count: int = column(default=0)
    history: str = column(default="")


def sums(version: int = 1, factor: int = 1) -> ReadModel[Sum]:
    """A row for each stream, indifferent to order."""
    model = ReadModel("test.sums", Sum, version=version)

    @model.on
    def bought(rows: Rows[Sum], e: Bought, at: datetime) -> None:
        row = rows[()]
        row.count += 1
        row.amount += e.amount * factor
        row.last = at

    return model


def items() -> ReadModel[PerItem]:
    """Rows by item, in which order shows; an amount below zero gives all of that item back."""
    model = ReadModel("test.items", PerItem)

    @model.on
    def bought(rows: Rows[PerItem], e: Bought, at: datetime) -> None:
        row = rows[e.item]
        row.count += 1
        row.history += f"{e.amount};"
        if e.amount < 0:
            del rows[e.item]

    return model


class PlainSource:
    """What the kernel tells a projector, without a kernel: late entries take their place by effective time."""

    def __init__(self, sealer: Sealer | None = None) -> None:
        self.sealer: Any = sealer
        self.pages: list[int] = []

    def extend_or_remake(self, page: list[Entry]) -> tuple[dict[str, list[tuple[Any, datetime]]], set[str]]:
        self.pages.append(len(page))
        remake = {e.stream for e in page if e.late}
        extend: dict[str, list[tuple[Any, datetime]]] = {}
        for e in page:
            if e.stream not in remake:
                extend.setdefault(e.stream, []).append(
                    (decode(e.payload), datetime.fromisoformat(e.effective_from))
                )
        return extend, remake

    def timeline(self, stream: str, rows: list[FoldRow]) -> list[tuple[Any, datetime]]:
        ordered = sorted(rows, key=lambda row: (row.effective_from, row.version))
        return [(decode(row.payload), datetime.fromisoformat(row.effective_from)) for row in ordered]


decode = msgspec.json.Decoder(Bought).decode
