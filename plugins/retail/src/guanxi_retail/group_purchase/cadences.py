"""What falls due in group purchase and delivery: the weekly report, deliveries, collections.

The weekly backup of the file is core's (``core.backup``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from guanxi import Asked, Cadence, DueItem, Label, Reader, midnight
from guanxi.relationship.care.read_models import RECEIPT, standings, supplies
from guanxi.relationship.dealings.events import GoodsDelivered, ReceiptRecorded
from guanxi.relationship.file.standing import shown_rows, survivors
from guanxi.relationship.governance.events import ReportIssued
from guanxi.relationship.governance.house import HOUSE
from guanxi_retail.group_purchase.collection import collections
from guanxi_retail.group_purchase.read_models import COUNT, DELIVERY, handed_in, managers
from guanxi_retail.group_purchase.rules import WeeklyReportRules
from guanxi_retail.group_purchase.spans import STOCKS, Holding, holdings, weeks_of

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
RATE_MISSING, PAY_DAY_MISSING = "rate_missing", "pay_day_missing"


def _weekly(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    """Yield a report for each week and whoever answered for customers at its end, sales or none."""
    zone = asked.as_of.tzinfo
    told: dict[tuple[str, object], datetime] = {}
    for _, row in reader.rows(handed_in):
        if row.at is not None and row.week is not None:
            since = midnight(row.week + _WEEK, zone)
            if row.at >= since:  # what is handed in before the week is over does not tell of all of it
                key = row.manager, row.week
                told[key] = min(row.at, told.get(key, row.at))
    for manager, monday in weeks_of(reader, asked):
        since = midnight(monday + _WEEK, zone)
        days = asked.rules_at(WeeklyReportRules, since).due_days
        yield (
            HOUSE,
            DueItem(
                key=f"{manager}/{monday:%G-W%V}",
                since=since,
                until=midnight(since.date() + days * _DAY, zone),
                done_at=told.get((manager, monday)),
                person=manager,
            ),
        )


weekly_report = Cadence(
    "retail.weekly_report",
    Label("Weekly sales report", "周销售报表"),
    "RET-41",
    (managers, handed_in),
    _weekly,
    (ReportIssued.stored_name,),
)


def _deliveries(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    """Yield the delivery that each stock is due for; a due day that a count or a new use overtook is on nobody's list."""
    zone = asked.as_of.tzinfo
    for (stream, product), one in holdings(reader, asked).items():
        delivered = [m.at for m in one.moved(DELIVERY) if m.at is not None]
        for n, due in enumerate(one.dues):
            if due.at is None or due.due_on is None:
                continue
            done = next((at for at in delivered if at > due.at), None)
            following = one.dues[n + 1].at if n + 1 < len(one.dues) else None
            if following is None or (done is not None and done <= following):
                until = midnight(due.due_on + _DAY, zone)
                key = f"{product}/{due.entry}"
                yield stream, DueItem(key=key, since=due.at, until=until, done_at=done, about=product)
        yield from _gap(stream, product, one)


def _gap(stream: str, product: str, one: Holding) -> Iterator[tuple[str, DueItem]]:
    """Yield that the rate of a product that was counted is not known."""
    seen = [m.at for m in one.moved(COUNT) if m.at is not None]
    if one.due is None and seen:
        yield stream, DueItem(key=f"gap/{product}", since=min(seen), until=None, about=RATE_MISSING)


delivery = Cadence(
    "retail.delivery",
    Label("Delivery", "送货"),
    "RET-42",
    STOCKS,
    _deliveries,
    (GoodsDelivered.stored_name,),
)


def _collections(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    zone, into = asked.as_of.tzinfo, survivors(reader, asked.as_of)
    received: dict[str, list[datetime]] = {}
    for stream, row in shown_rows(reader, supplies, into):
        if row.what == RECEIPT:
            received.setdefault(stream, []).append(asked.local(row.at))
    for stream, at, due, known in collections(reader, asked):
        yield (
            stream,
            DueItem(
                key=at.date().isoformat(),
                since=midnight(at.date(), zone),
                until=midnight(due + _DAY, zone),
                done_at=min((r for r in received.get(stream, ()) if r.date() >= at.date()), default=None),
                about="" if known else PAY_DAY_MISSING,
            ),
        )


collection = Cadence(
    "retail.collection",
    Label("Collection on pay day", "发薪日收款"),
    "RET-43",
    (*STOCKS, standings, supplies),
    _collections,
    (ReceiptRecorded.stored_name,),
)

CADENCES = (weekly_report, delivery, collection)
