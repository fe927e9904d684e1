"""The sales statistics that an account manager hands in for a week (RET-41)."""

# ruff: noqa: RUF009 - attrs fields, not defaults

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi import Asked, Column, Content, Label, Reader, Report, midnight
from guanxi.relationship import files
from guanxi.relationship.file.standing import survivors
from guanxi_retail.group_purchase.read_models import WEEKLY_SALES, managers, monday_of
from guanxi_retail.group_purchase.spans import (
    SOLD,
    STOCKS,
    Days,
    Holding,
    Sold,
    between,
    by,
    holdings,
    manager_at,
    money_of,
    net_of,
    sales,
    stretches,
)
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import ACCOUNT, Note, account_of, one_currency, option, rounded

_WEEK, _DAY = timedelta(days=7), timedelta(days=1)


@attrs.frozen
class WeeklyParameters:
    """Parameters of the weekly sales statistics."""

    week: date | None = option(
        None, Label("any day of the week; last week if not given", "周内任一日，默认上周")
    )
    manager: str | None = option(
        None, Label("account manager; all customers if not given", "客户经理，默认全部客户")
    )
    superior: str | None = option(None, Label("to whom it is handed in", "提交对象"))


def _theirs(reader: Reader, parameters: WeeklyParameters, end: date, asked: Asked) -> set[str] | None:
    """Return the streams of a manager's customers when the week ended; None for everybody's."""
    if parameters.manager is None:
        return None
    moment = min(midnight(end, asked.as_of.tzinfo), asked.as_of)
    return {s for s, rows in stretches(reader).items() if manager_at(rows, moment) == parameters.manager}


def _statistics(reader: Reader, parameters: WeeklyParameters, asked: Asked) -> Content:
    monday = monday_of(parameters.week or asked.day - _WEEK)
    last = monday + _WEEK - _DAY
    theirs = _theirs(reader, parameters, monday + _WEEK, asked)
    begins = min(monday, last.replace(month=1, day=1))
    told = sales(reader, asked, Days(begins, last, active=(monday, last)))
    lines = [s for s in told if theirs is None or s.stream in theirs]
    week = between(lines, monday, last)
    stocks, known = holdings(reader, asked), account_of(reader)
    day = min(last, asked.day)
    rows = []
    every, sold = by(lines, _what), by(week, _what)
    currency = one_currency({line.currency for what in sold for line in every[what]})
    for (stream, product, grade), here in sold.items():
        own = every[stream, product, grade]
        rows.append(
            (
                known(stream),
                product,
                grade,
                sum(s.quantity for s in here),
                net_of(here),
                net_of(between(own, last.replace(day=1), last)),
                net_of(between(own, last.replace(month=1, day=1), last)),
                *_stock(stocks.get((stream, product or "")), day),
                "returned" if any(s.net < 0 for s in here) else None,
            )
        )
    notes: list[Note] = [
        (Label("week", "周"), f"{monday} – {last}"),
        (Label("account manager", "客户经理"), parameters.manager or "—"),
        (Label("handed in to", "提交对象"), parameters.superior or "—"),
        (Label("total", "合计"), f"{net_of(week)} {currency or ''}".strip()),
    ]
    trouble = list(_unlike_receipts(reader, rows, week, monday, last, theirs, asked))
    return Content(sorted(rows, key=_order), notes, trouble=trouble)


def _what(line: Sold) -> tuple[str, str | None, str | None]:
    return line.stream, line.product, line.grade


def _order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (row[0], row[1] or "", row[2] or "")


def _stock(one: Holding | None, day: date) -> tuple[Decimal | None, int | None, date | None]:
    """Return stock, days that it still covers, and the next delivery."""
    if one is None or one.due is None or not one.rate:
        return None if one is None else rounded(one.on(day)), None, None
    left = one.on(day)
    return rounded(left), int(left / one.rate), one.due.due_on


def _unlike_receipts(
    reader: Reader,
    rows: Sequence[tuple[Any, ...]],
    week: Sequence[Sold],
    first: date,
    last: date,
    theirs: set[str] | None,
    asked: Asked,
) -> Iterator[str]:
    """Yield what does not add up: the lines against the receipts, and the rows against the lines."""
    into = survivors(reader, asked.as_of)

    def bought(receipt: Any) -> sa.Select[Any]:
        c = receipt.c
        wanted = c.day.between(first.isoformat(), last.isoformat())
        return sa.select(c.stream, sa.func.sum(c.net)).where(wanted).group_by(c.stream)

    bought_by = reader.select(bought, receipts)
    units = sum(net for stream, net in bought_by if theirs is None or into.get(stream, stream) in theirs)
    sold = money_of(units)
    back = net_of([line for line in week if line.net < 0])
    if sum((row[4] for row in rows), Decimal(0)) != sold + back:
        yield "Σ lines is not the receipts of the week less what came back"


weekly_sales = Report(
    name=WEEKLY_SALES,
    title=Label("Weekly sales statistics", "销售统计报表"),
    reads=(*SOLD, *STOCKS[:2], receipts, managers, files),
    columns=(
        ACCOUNT,
        Column("product", Label("Product", "产品")),
        Column("grade", Label("Grade", "档次"), "code"),
        Column("quantity", Label("Quantity", "数量"), "integer"),
        Column("amount", Label("Amount", "金额"), "decimal", 2),
        Column("month_to_date", Label("Month to date", "本月累计"), "decimal", 2),
        Column("year_to_date", Label("Year to date", "本年累计"), "decimal", 2),
        Column("stock", Label("Stock", "库存"), "decimal", 2),
        Column("cover_days", Label("Cover days", "可用天数"), "integer"),
        Column("next_due", Label("Next due", "下次送货日"), "date"),
        Column("remark", Label("Remark", "备注"), "code"),
    ),
    build=_statistics,
    parameters=WeeklyParameters,
    rules=("RET-41",),
)
