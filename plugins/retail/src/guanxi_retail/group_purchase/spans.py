"""What reports and cadences ask of the tables: who answers for whom, how stocks stand, what was sold."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

import attrs

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

SOLD = (receipt_lines, returned_lines, merged_files)
"""What ``sales`` reads."""
STOCKS = (stock_moves, replenishments, merged_files)
"""What ``holdings`` reads."""
_WEEK = timedelta(days=7)

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


def sales(reader: Reader, asked: Asked) -> list[Sold]:
    """Return every line sold, and what of it came back on the refund's own day; absorbed files' as their survivors'."""
    into = survivors(reader, asked.as_of)
    found: list[Sold] = []
    known: dict[tuple[str, str, int], tuple[str | None, str | None]] = {}
    for stream, row in shown_rows(reader, receipt_lines, into):
        known[stream, row.receipt, row.line] = row.product, row.grade
        if row.day is not None:
            found.append(
                Sold(
                    stream,
                    row.receipt,
                    row.day,
                    row.product,
                    row.grade,
                    row.quantity,
                    row.net,
                    row.currency,
                    row.exchange,
                )
            )
    for stream, back in shown_rows(reader, returned_lines, into):
        product, grade = known.get((stream, back.receipt, back.line), (None, None))
        if back.day is not None:
            found.append(
                Sold(stream, back.receipt, back.day, product, grade, -back.quantity, -back.net, back.currency)
            )
    return found


def between(lines: Sequence[Sold], first: date, last: date) -> list[Sold]:
    """Return what was sold from a first to a last day."""
    return [line for line in lines if first <= line.day <= last]


def by(lines: Sequence[Sold], key: Callable[[Sold], K]) -> dict[K, list[Sold]]:
    """Return some lines by a key, in the order in which each key comes up."""
    found: dict[K, list[Sold]] = {}
    for line in lines:
        found.setdefault(key(line), []).append(line)
    return found


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
