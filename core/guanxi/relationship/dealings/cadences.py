"""What falls due in dealings: order lines, receivables, collectors, reconciliation, warnings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import attrs

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import add_months, midnight, midnight_after, zone
from guanxi.relationship.dealings.book import Book, Receivable
from guanxi.relationship.dealings.read_models import (
    MoveRow,
    WarningRow,
    collectors,
    confirmations,
    moves,
    order_lines,
    warning_log,
)
from guanxi.relationship.dealings.reckoning import collectors_of, enter_row, lines_of, moves_of


def _order_lines(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    """Yield every line with a promised date (CORE-78)."""
    tz = zone(asked.zone)
    for stream, lines in lines_of(reader).items():
        for line in lines:
            if line.promised_on is None or line.placed_at is None or line.cancelled >= line.ordered > 0:
                continue
            yield (
                stream,
                DueItem(
                    key=f"{line.order}/{line.line}",
                    since=line.placed_at,
                    until=midnight_after(line.promised_on, tz),
                    done_at=line.done_at,
                    about=f"{line.order}/{line.line}",
                ),
            )


@attrs.define
class _Watched(Book):
    """A book that remembers which receivables a movement touched."""

    touched: dict[str, None] = attrs.field(factory=dict)

    def _note(self, item: Receivable) -> None:
        super()._note(item)
        self.touched[item.number] = None


def _settled(rows: list[MoveRow]) -> tuple[Book, dict[str, datetime], dict[str, datetime]]:
    """Return a book, when each of its receivables was put on record, and since when nothing is open of it."""
    book, begun, over = _Watched(), dict[str, datetime](), dict[str, datetime]()
    for row in rows:
        if row.at is None:
            continue
        enter_row(book, row)
        for number in book.touched:
            begun.setdefault(number, row.at)
            if number in book.unpaid:
                over.pop(number, None)
            else:
                over.setdefault(number, row.at)
        book.touched.clear()
    return book, begun, over


def _receivables(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    """Yield every receivable: it is to be paid by its due day (CORE-32)."""
    tz, named = zone(asked.zone), collectors_of(reader)
    for stream, rows in moves_of(reader).items():
        book, begun, over = _settled(rows)
        who = named.get(stream, {})
        for item in book.receivables.values():
            collector = who.get(item.number) or who.get("")
            yield (
                stream,
                DueItem(
                    key=item.number,
                    since=begun[item.number],
                    until=midnight_after(item.due_on, tz),
                    done_at=over.get(item.number),
                    person=None if collector is None else collector.person,
                    about=item.number,
                ),
            )


def _collectors(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    """Yield a gap for every overdue receivable; whoever was named before it was overdue closes it at once (CORE-80)."""
    tz, named = zone(asked.zone), collectors_of(reader)
    for stream, rows in moves_of(reader).items():
        book, _, over = _settled(rows)
        who = named.get(stream, {})
        for item in book.receivables.values():
            since, ends = midnight_after(item.due_on, tz), over.get(item.number)
            if since > asked.as_of or (ends is not None and ends <= since):
                continue
            times = [
                r.since for n in (item.number, "") if (r := who.get(n)) is not None and r.since is not None
            ]
            yield (
                stream,
                DueItem(
                    key=item.number,
                    since=since,
                    until=None,
                    done_at=max(since, min(times)) if times else None,
                    ends=ends,
                    about=item.number,
                ),
            )


def _reconciliations(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    """Yield one reconciliation for each calendar month in which anything moved or stood open (CORE-80)."""
    tz = zone(asked.zone)
    done: dict[str, list[datetime]] = {}
    for stream, row in reader.rows(confirmations):
        if row.at is not None:
            done.setdefault(stream, []).append(row.at)
    for stream, rows in moves_of(reader).items():
        book, left = Book(), [row for row in rows if row.at is not None]
        month = _month(left[0], tz) if left else asked.day
        while month <= asked.day:
            start, end = midnight(month, tz), midnight(add_months(month, 1), tz)
            moved = False
            while left and left[0].at is not None and left[0].at < end:
                enter_row(book, left.pop(0))
                moved = True
            if moved or any(book.owed(c) or book.advance(c) for c in book.currencies()):
                yield (
                    stream,
                    DueItem(
                        key=f"{month:%Y-%m}",
                        since=start,
                        until=end,
                        done_at=min((at for at in done.get(stream, ()) if at >= start), default=None),
                        ends=midnight(add_months(month, 2), tz),
                        about=f"{month:%Y-%m}",
                    ),
                )
            month = add_months(month, 1)


def _month(row: MoveRow, tz: ZoneInfo) -> date:
    assert row.at is not None
    return row.at.astimezone(tz).date().replace(day=1)


def warning_item(row: WarningRow, raised_at: datetime) -> DueItem:
    """Return a warning as an item: it is done with when its cause is gone (CORE-33).

    Args:
        row: of the log of warnings.
        raised_at: when it was raised.
    """
    return DueItem(
        key=f"{row.kind}/{row.cause}/{row.nth}",
        since=raised_at,
        until=None,
        done_at=row.cleared_at,
        about=f"{row.kind} {row.cause}",
    )


def _warnings(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    for stream, row in reader.rows(warning_log):
        if row.nth and row.raised_at is not None:
            yield stream, warning_item(row, row.raised_at)


warning_open = Cadence(
    "core.warning_open",
    Label("Early warning to be dealt with", "预警待处理"),
    "CORE-33",
    (warning_log,),
    _warnings,
    ("core.warning_cleared",),
    warns=True,
)

CADENCES = (
    Cadence(
        "core.order_line_promised",
        Label("Order line to be delivered", "订单行待交付"),
        "CORE-78",
        (order_lines,),
        _order_lines,
        ("core.goods_delivered", "core.installation_accepted"),
    ),
    Cadence(
        "core.receivable_due",
        Label("Receivable to be paid", "应收款待收"),
        "CORE-32",
        (moves, collectors),
        _receivables,
        ("core.receipt_recorded",),
    ),
    Cadence(
        "core.collector_missing",
        Label("Collector to be named", "待指定清欠责任人"),
        "CORE-80",
        (moves, collectors),
        _collectors,
        ("core.collector_named",),
    ),
    Cadence(
        "core.monthly_reconciliation",
        Label("Monthly reconciliation", "月度对账"),
        "CORE-80",
        (moves, confirmations),
        _reconciliations,
        ("core.balance_confirmed",),
    ),
    warning_open,
)
