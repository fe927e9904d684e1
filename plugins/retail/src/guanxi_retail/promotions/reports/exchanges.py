"""Exchanges: what came back, what went out, the difference, and the points it moved (RET-54)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi_retail.points.read_models import points_lots
from guanxi_retail.promotions.read_models import exchange_rows, refund_points
from guanxi_retail.reporting import ACCOUNT, account_of

COLUMNS = (
    Column("exchange", Label("Exchange no.", "换货号")),
    ACCOUNT,
    Column("day", Label("Date", "日期"), "date"),
    Column("lines", Label("Original lines", "原小票行")),
    Column("returned", Label("Returned value", "退回金额"), "decimal"),
    Column("sold", Label("New value", "换出金额"), "decimal"),
    Column("difference", Label("Difference", "差额"), "decimal"),
    Column("points", Label("Points ±", "积分增减"), "integer"),
)

PICTURE = Picture("bars", x="exchange", y="difference", title=Label("Differences of exchanges", "换货差额"))


def _build(reader: Reader, parameters: None, asked: Asked) -> Content:
    account = account_of(reader)
    earned: defaultdict[tuple[str, str], int] = defaultdict(int)

    def of_exchangers(lot: Any, exchanged: Any) -> sa.Select[Any]:
        whose = sa.select(exchanged.c.stream)
        return sa.select(lot.c.stream, lot.c.lot, lot.c.earned).where(lot.c.stream.in_(whose))

    for stream, lot, points in reader.select(of_exchangers, points_lots, exchange_rows):
        earned[stream, lot.rpartition("/")[0]] += points
    taken = {(stream, row.refund): row.points for stream, row in reader.rows(refund_points)}
    rows = [
        (
            row.exchange,
            account(stream),
            row.day,
            row.lines,
            row.returned,
            row.sold,
            row.difference,
            earned.get((stream, row.receipt), 0) - taken.get((stream, row.refund), 0),
        )
        for stream, row in reader.rows(exchange_rows)
    ]
    return Content(sorted(rows, key=lambda r: (r[2], r[1], r[0])))


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    if sum(row[6] for row in rows) != sum(row[5] for row in rows) - sum(row[4] for row in rows):
        yield "differences are not what was sold less what came back"


exchange = Report(
    name="retail.exchange",
    title=Label("Exchanges", "换货表"),
    reads=(files, exchange_rows, points_lots, refund_points),
    columns=COLUMNS,
    build=_build,
    foots=_foots,
    picture=PICTURE,
    rules=("RET-54",),
)
