"""What reports and cadences ask of the tables: who answers for whom, how stocks stand, what was sold."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa

from guanxi import Asked, Reader, midnight
from guanxi.relationship.file.read_models import merged_files
from guanxi.relationship.file.standing import shown_rows, survivors
from guanxi_retail.group_purchase.read_models import (
    COUNT,
    DELIVERY,
    ORDER,
    RETURN,
    USE,
    ManagerRow,
    MoveRow,
    ReplenishmentRow,
    managers,
    replenishments,
    stock_moves,
)
from guanxi_retail.group_purchase.stock import left_on
from guanxi_retail.purchases.read_models import receipt_lines, returned_lines
from guanxi_retail.reporting import stored

SOLD = (receipt_lines, returned_lines, merged_files)
"""What ``sales`` reads."""
STOCKS = (stock_moves, replenishments, merged_files)
"""What ``holdings`` reads."""
_WEEK = timedelta(days=7)
_UNIT: Decimal = stored(receipt_lines, "net")(1)
"""What one whole unit of a stored amount is worth."""

K = TypeVar("K", bound=Hashable)


# ---------------------------------------------------------------- who answers for whom


def manager_at(rows: Sequence[ManagerRow], moment: datetime) -> str | None:
    """Return who answered for a customer at a moment, or None."""
    for row in rows:
        if row.since is not None and row.since <= moment and (row.until is None or moment < row.until):
            return row.person
    return None


def stretches(reader: Reader) -> dict[str, list[ManagerRow]]:
    """Return the stretches of each stream in which somebody answered for it, in order."""
    found: dict[str, list[ManagerRow]] = {}
    for stream, row in reader.rows(managers):
        if row.since is not None:
            found.setdefault(stream, []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row.number)
    return found


def weeks_of(reader: Reader, asked: Asked) -> Iterator[tuple[str, date]]:
    """Yield each week, by its Monday, at whose end somebody answered for customers, with him; only weeks that are over."""
    zone = asked.as_of.tzinfo
    told: dict[str, list[tuple[datetime, datetime]]] = {}
    for rows in stretches(reader).values():
        for row in rows:
            if row.since is not None:
                told.setdefault(row.person, []).append((asked.local(row.since), row.until or asked.as_of))
    for person, spans in sorted(told.items()):
        for since, until in _joined(spans):
            monday = since.date() - timedelta(days=since.weekday())
            while midnight(monday + _WEEK, zone) <= until:
                yield person, monday
                monday += _WEEK


def _joined(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return spans of time with those that touch made one, so that each week is gone through once."""
    found: list[tuple[datetime, datetime]] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], until)
        else:
            found.append((since, until))
    return found


# ---------------------------------------------------------------- what was sold


@attrs.frozen
class Sold:
    """What was sold, or came back, with one line of a receipt."""

    stream: str
    receipt: str
    day: date
    product: str | None
    grade: str | None
    quantity: int
    net: Decimal
    currency: str
    exchange: str | None = None


@attrs.frozen
class Days:
    """Which lines are wanted.

    Args:
        first: the first day; all before ``last`` if None.
        last: the last one; all from ``first`` on if None.
        active: first and last of some days; files with nothing sold or brought back then may be left out.
    """

    first: date | None = None
    last: date | None = None
    active: tuple[date, date] | None = None

    def of(self, table: Any, line: Any, back: Any, merge: Any) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that a row of a table is wanted by, of the tables of ``SOLD``."""
        wanted = _on_days(table, self.first, self.last)
        if self.active is None:
            return wanted
        then = [
            sa.select(one.c.stream).where(*_on_days(one, *self.active))
            for one in (line.alias(), back.alias())
        ]
        ever_merged = (sa.select(merge.c.stream), sa.select(merge.c.absorbed))
        return [*wanted, table.c.stream.in_(sa.union(*then, *ever_merged))]


def sales(reader: Reader, asked: Asked, days: Days | None = None) -> list[Sold]:
    """Return every line sold, and what of it came back on the refund's own day; absorbed files' as their survivors'.

    Args:
        reader: of ``SOLD``.
        asked: the cut.
        days: which are wanted; all if None.
    """
    wanted = days or Days()
    into, day_of = survivors(reader, asked.as_of), cache(date.fromisoformat)

    def sold(line: Any, back: Any, merge: Any) -> sa.Select[Any]:
        c = line.c
        what = (c.product, c.grade, c.quantity, c.net, c.currency, c.exchange)
        return sa.select(c.stream, c.receipt, c.day, *what).where(*wanted.of(line, line, back, merge))

    found = [
        Sold(
            into.get(stream, stream),
            receipt,
            day_of(day),
            product,
            grade,
            quantity,
            net * _UNIT,
            currency,
            exchange,
        )
        for stream, receipt, day, product, grade, quantity, net, currency, exchange in reader.select(
            sold, *SOLD
        )
    ]
    found.extend(brought_back(reader, into, wanted))
    found.sort(key=_file_and_receipt)
    return found


def brought_back(reader: Reader, into: Mapping[str, str], days: Days) -> list[Sold]:
    """Return what came back of lines sold, on the refund's own day; what ``sales`` returns of it.

    Args:
        reader: of ``SOLD``.
        into: as ``survivors`` returns it.
        days: which are wanted.
    """

    def came_back(line: Any, back: Any, merge: Any) -> sa.Select[Any]:
        c = back.c
        what = (c.stream, c.receipt, c.line, c.day, c.quantity, c.net, c.currency)
        return sa.select(*what).where(*days.of(back, line, back, merge))

    day_of = cache(date.fromisoformat)
    returned = reader.select(came_back, *SOLD)
    known = _products(reader, {row[1] for row in returned}, into)
    found: list[Sold] = []
    for stream, receipt, line, day, quantity, net, currency in returned:
        shown = into.get(stream, stream)
        product, grade = known.get((shown, receipt, line), (None, None))
        found.append(Sold(shown, receipt, day_of(day), product, grade, -quantity, money_of(-net), currency))
    return found


def _on_days(table: Any, first: date | None, last: date | None) -> list[sa.ColumnElement[bool]]:
    wanted = [table.c.day.is_not(None)]
    wanted += [] if first is None else [table.c.day >= first.isoformat()]
    return wanted + ([] if last is None else [table.c.day <= last.isoformat()])


def _products(
    reader: Reader, receipts: set[str], into: Mapping[str, str]
) -> dict[tuple[str, str, int], tuple[str | None, str | None]]:
    """Return product and grade of the lines of some receipts, by file, receipt and line."""

    def lines(line: Any) -> sa.Select[Any]:
        c = line.c
        found = sa.select(c.stream, c.receipt, c.line, c.product, c.grade)
        # What came back under the number of a merged file does not show in the line's own row.
        return found if into else found.where((c.returned != 0) | (c.refunded != 0) | (c.refunded_net != 0))

    if not receipts:
        return {}
    return {
        (into.get(stream, stream), receipt, line): (product, grade)
        for stream, receipt, line, product, grade in reader.select(lines, receipt_lines)
        if receipt in receipts
    }


def _file_and_receipt(one: Sold) -> tuple[str, bool]:
    return one.stream, one.quantity < 0


def by(lines: Sequence[Sold], key: Callable[[Sold], K]) -> dict[K, list[Sold]]:
    """Return some lines by a key, in the order in which each key comes up."""
    found: dict[K, list[Sold]] = {}
    for line in lines:
        found.setdefault(key(line), []).append(line)
    return found


def money_of(units: int) -> Decimal:
    """Return the amount that stored units stand for."""
    return units * _UNIT


def net_of(lines: Sequence[Sold]) -> Decimal:
    """Return what some lines came to."""
    return sum((line.net for line in lines), Decimal(0))


# ---------------------------------------------------------------- how stocks stand


@attrs.define
class Holding:
    """What is known of a customer's stock of a product, in order of time.

    Args:
        moves: counts, deliveries, returns and what was told of its use.
        dues: what its run-out was drawn to be, each with the stock and the rate it was drawn from.
    """

    moves: list[MoveRow] = attrs.field(factory=list)
    dues: list[ReplenishmentRow] = attrs.field(factory=list)

    @property
    def is_followed(self) -> bool:
        """Whether it is looked after: counted, or its use told."""
        return any(m.kind in (COUNT, USE) for m in self.moves)

    @property
    def due(self) -> ReplenishmentRow | None:
        """What holds at present, or None while it cannot be told."""
        return self.dues[-1] if self.dues else None

    @property
    def rate(self) -> Fraction | None:
        """Units used up in a day, or None while that is not known."""
        return None if self.due is None else Fraction(self.due.rate)

    def moved(self, kind: str) -> list[MoveRow]:
        """Return the moves of a kind."""
        return [m for m in self.moves if m.kind == kind]

    def on(self, day: date) -> Fraction:
        """Return what is left on a day, as it was last drawn."""
        if self.due is None:
            return self.reckoned(day)
        return left_on(Fraction(self.due.stock), Fraction(self.due.rate), self.due.on, day)

    def reckoned(self, day: date) -> Fraction:
        """Return what is left on a day: last count + delivered − rate × days, step by step (RET-42)."""
        level, at, rate, dues = Fraction(0), None, None, list(self.dues)
        for move in self.moves:
            if move.at is None:
                continue
            here = move.at.date()
            level = left_on(level, rate, at, here)
            amount = Fraction(move.quantity)
            if move.kind == COUNT:
                level = amount
            elif move.kind in (DELIVERY, RETURN):
                level = max(Fraction(0), level + (amount if move.kind == DELIVERY else -amount))
            at = here
            while dues and dues[0].at is not None and dues[0].at <= move.at:
                drawn = dues.pop(0)
                at, rate = drawn.on or here, Fraction(drawn.rate)
        return left_on(level, rate, at, day)


def holdings(reader: Reader, asked: Asked) -> dict[tuple[str, str], Holding]:
    """Return how the stock of each product stands at each customer's; absorbed files' as their survivors'.

    Args:
        reader: of ``STOCKS``.
        asked: the cut.
    """
    into = survivors(reader, asked.as_of)
    found: dict[tuple[str, str], Holding] = {}
    for stream, move in shown_rows(reader, stock_moves, into):
        if move.kind != ORDER and move.at is not None and move.product:
            here = attrs.evolve(move, at=asked.local(move.at))
            found.setdefault((stream, move.product), Holding()).moves.append(here)
    for stream, due in shown_rows(reader, replenishments, into):
        if due.at is not None:
            here_due = attrs.evolve(due, at=asked.local(due.at))
            found.setdefault((stream, due.product), Holding()).dues.append(here_due)
    for one in found.values():
        one.moves.sort(key=lambda m: (m.at is None, m.at, m.kind, m.number))
        one.dues.sort(key=lambda d: (d.at is None, d.at, d.entry))
    return {key: found[key] for key in sorted(found)}
