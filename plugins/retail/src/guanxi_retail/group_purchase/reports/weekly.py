"""The sales statistics that an account manager hands in for a week (RET-41)."""

# ruff: noqa: RUF009 - attrs fields, not defaults

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
    brought_back,
    holdings,
    manager_at,
    money_of,
    stretches,
)
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import ACCOUNT, Note, account_of, one_currency, option, rounded

UNLIKE_RECEIPTS = "Σ lines is not the receipts of the week less what came back"
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


What = tuple[str, str | None, str | None]
"""A customer's file, a product and a grade."""


@attrs.define
class _Sums:
    """What was sold of one thing to one customer in the week, and up to its end in the month and the year.

    Args:
        lines: of the week, with those brought back.
        quantity: of the week.
        nets: of the week, the month and the year.
        back: what came back in the week, below 0.
        currencies: of all of it.
    """

    lines: int = 0
    quantity: int = 0
    nets: list[Decimal] = attrs.field(factory=lambda: [Decimal(0)] * 3)
    back: Decimal = Decimal(0)
    currencies: set[str] = attrs.field(factory=set)

    def add(self, lines: int, quantity: int, nets: Iterable[Decimal], currency: str) -> None:
        self.lines += lines
        self.quantity += quantity
        self.nets = [own + more for own, more in zip(self.nets, nets, strict=True)]
        self.currencies.add(currency)


def _sold(reader: Reader, into: Mapping[str, str], monday: date, last: date) -> dict[What, _Sums]:
    """Return what was sold or came back in a week; the database adds up what was sold."""
    begins = (monday, last.replace(day=1), last.replace(month=1, day=1))
    wanted = Days(min(begins), last, active=(monday, last))

    def lines(line: Any, back: Any, merge: Any) -> sa.Select[Any]:
        c = line.c

        def since(first: date, what: Any) -> Any:
            return sa.func.sum(sa.case((c.day >= first.isoformat(), what), else_=0))

        by = (c.stream, c.product, c.grade, c.currency)
        sums = (since(monday, 1), since(monday, c.quantity), *(since(first, c.net) for first in begins))
        return sa.select(*by, *sums).where(*wanted.of(line, line, back, merge)).group_by(*by)

    found: defaultdict[What, _Sums] = defaultdict(_Sums)
    for stream, product, grade, currency, count, quantity, *units in reader.select(lines, *SOLD):
        sums = found[into.get(stream, stream), product, grade]
        sums.add(count, quantity, map(money_of, units), currency)
    for one in brought_back(reader, into, wanted):
        sums, now = found[one.stream, one.product, one.grade], one.day >= monday
        sums.add(now, now * one.quantity, [one.net * (one.day >= first) for first in begins], one.currency)
        sums.back += now * one.net
    return {what: sums for what, sums in found.items() if sums.lines}


def _statistics(reader: Reader, parameters: WeeklyParameters, asked: Asked) -> Content:
    monday = monday_of(parameters.week or asked.day - _WEEK)
    last = monday + _WEEK - _DAY
    theirs, into = _theirs(reader, parameters, monday + _WEEK, asked), survivors(reader, asked.as_of)
    every = _sold(reader, into, monday, last)
    sold = {what: sums for what, sums in every.items() if theirs is None or what[0] in theirs}
    stocks, known = holdings(reader, asked), account_of(reader)
    day = min(last, asked.day)
    currency = one_currency({one for sums in sold.values() for one in sums.currencies})
    rows = [
        (
            known(stream),
            product,
            grade,
            sums.quantity,
            *sums.nets,
            *_stock(stocks.get((stream, product or "")), day),
            "returned" if sums.back < 0 else None,
        )
        for (stream, product, grade), sums in sold.items()
    ]
    total = sum((sums.nets[0] for sums in sold.values()), Decimal(0))
    notes: list[Note] = [
        (Label("week", "周"), f"{monday} – {last}"),
        (Label("account manager", "客户经理"), parameters.manager or "—"),
        (Label("handed in to", "提交对象"), parameters.superior or "—"),
        (Label("total", "合计"), f"{total} {currency or ''}".strip()),
    ]
    back = sum((sums.back for sums in sold.values()), Decimal(0))
    bought = _bought(reader, monday, last, into, theirs)
    trouble = [] if total == bought + back else [UNLIKE_RECEIPTS]
    return Content(sorted(rows, key=_order), notes, trouble=trouble)


def _order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (row[0], row[1] or "", row[2] or "")


def _stock(one: Holding | None, day: date) -> tuple[Decimal | None, int | None, date | None]:
    """Return stock, days that it still covers, and the next delivery."""
    if one is None or one.due is None or not one.rate:
        return None if one is None else rounded(one.on(day)), None, None
    left = one.on(day)
    return rounded(left), int(left / one.rate), one.due.due_on


def _bought(
    reader: Reader, first: date, last: date, into: Mapping[str, str], theirs: set[str] | None
) -> Decimal:
    """Return what the receipts of some days come to, by themselves."""

    def bought(receipt: Any) -> sa.Select[Any]:
        c = receipt.c
        wanted = c.day.between(first.isoformat(), last.isoformat())
        return sa.select(c.stream, sa.func.sum(c.net)).where(wanted).group_by(c.stream)

    bought_by = reader.select(bought, receipts)
    return money_of(
        sum(net for stream, net in bought_by if theirs is None or into.get(stream, stream) in theirs)
    )


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
