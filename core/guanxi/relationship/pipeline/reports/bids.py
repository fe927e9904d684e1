"""Bids by the month in which they were handed in: won, lost, open, and the rate of those won (CORE-89)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.relationship.pipeline.read_models import BidRow, bid_rows, customer_rows
from guanxi.relationship.pipeline.reports._common import (
    CURRENCY,
    currency_option,
    customers_of,
    one_currency,
    option,
    rounded,
    section_option,
)
from guanxi.relationship.ratios import percent

OUTCOMES = ("won", "lost", "open")


@attrs.frozen
class BidsParameters:
    """Which bids."""

    since: date | None = option(None, "handed in from this day on; all if not given", "递交日起，默认全部")  # noqa: RUF009 - an attrs field, not a default
    section: str | None = section_option()
    currency: str | None = currency_option()


def _build(reader: Reader, parameters: BidsParameters, asked: Asked) -> Content:
    tz = asked.as_of.tzinfo
    months: defaultdict[str, list[BidRow]] = defaultdict(list)
    for _, row in customers_of(reader, parameters.section).rows(reader, bid_rows):
        if row.submitted_at is None or row.submitted_at > asked.as_of:
            continue
        day = row.submitted_at.astimezone(tz).date()
        if (parameters.since is None or day >= parameters.since) and parameters.currency in (
            None,
            row.currency,
        ):
            months[f"{day:%Y-%m}"].append(row)
    found = {r.currency for bids in months.values() for r in bids if r.currency is not None}
    currency = one_currency(found, parameters.currency)
    rows = [_row(month, months[month]) for month in sorted(months)]
    won, lost = (sum(row[n] for row in rows) for n in (4, 5))
    rate = percent(won, won + lost)
    notes = [
        (Label("win rate", "中标率"), "-" if rate is None else f"{rate} %"),
        (CURRENCY, currency or "-"),
    ]
    bars = [(row[0], name, row[n]) for row in rows for name, n in zip(OUTCOMES, (4, 5, 6), strict=True)]
    return Content(rows, notes, drawing=Drawing(PICTURE if bars else None, (MONTH, OUTCOME, BIDS), bars))


def _row(month: str, bids: Sequence[BidRow]) -> tuple[Any, ...]:
    in_time = sum(b.submitted_at is not None and b.due is not None and b.submitted_at <= b.due for b in bids)
    won, lost = (sum(b.outcome == outcome for b in bids) for outcome in ("won", "lost"))
    return (
        month,
        len(bids),
        in_time,
        len(bids) - in_time,
        won,
        lost,
        sum(b.outcome is None for b in bids),
        percent(won, won + lost),
        rounded(sum((b.amount or Decimal(0) for b in bids), Decimal(0))),
        rounded(sum((b.amount or Decimal(0) for b in bids if b.outcome == "won"), Decimal(0))),
    )


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        if row[4] + row[5] + row[6] != row[1]:
            yield f"{row[0]}: won + lost + open is not what was submitted"


MONTH = Column("month", Label("Month", "月份"))
OUTCOME, BIDS = (
    Column("outcome", Label("Outcome", "结果"), "code"),
    Column("bids", Label("Bids", "投标数"), "integer"),
)
PICTURE = Picture(
    "stacked_bars", x="month", y="outcome", value="bids", title=Label("Bids by outcome", "各月投标结果")
)

bids = Report(
    name="core.bid_results",
    title=Label("Bids", "投标"),
    reads=(customer_rows, bid_rows),
    columns=(
        MONTH,
        Column("submitted", Label("Submitted", "递交"), "integer"),
        Column("in_time", Label("In time", "按时"), "integer"),
        Column("late", Label("Late", "逾时"), "integer"),
        Column("won", Label("Won", "中标"), "integer"),
        Column("lost", Label("Lost", "落标"), "integer"),
        Column("open", Label("Open", "未决"), "integer"),
        Column("win_rate", Label("Win rate", "中标率"), "percent", 1),
        Column("amount", Label("Amount", "金额"), "decimal"),
        Column("amount_won", Label("Amount won", "中标金额"), "decimal"),
    ),
    build=_build,
    parameters=BidsParameters,
    foots=_foots,
    rules=("CORE-89",),
)
