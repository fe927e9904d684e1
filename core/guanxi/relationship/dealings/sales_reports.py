"""Reports of what is bought: behaviour, frequency, range, product sales, the week's sales (CORE-56, CORE-59)."""

# ruff: noqa: RUF009 - attrs fields, not defaults

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from statistics import median
from typing import Any, Literal

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.kernel.times import add_months, zone
from guanxi.relationship.dealings.read_models import (
    CustomerRow,
    OrderLineRow,
    costs,
    customers,
    moves,
    order_lines,
)
from guanxi.relationship.dealings.reckoning import account_of, accounts, lines_of, moves_of, value
from guanxi.relationship.dealings.reports import ACCOUNT, CURRENCY, option
from guanxi.relationship.dealings.values import NOTHING, in_units
from guanxi.relationship.ratios import percent

_ORDERS = Column("orders", Label("Orders", "订单数"), "integer")
_AMOUNT = Column("amount", Label("Amount", "金额"), "decimal", 2)
_CUSTOMERS = Column("customers", Label("Customers", "客户数"), "integer")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@attrs.frozen
class Window:
    """Parameters: the days looked at, and the currency."""

    since: date | None = option(None, "first day; a year before the cut if not given", "起始日，默认一年前")
    until: date | None = option(None, "last day; that of the cut if not given", "截止日，默认截点当日")
    currency: str | None = option(None, "currency, where there are several", "币种（存在多种时）")

    def days(self, asked: Asked) -> tuple[date, date]:
        """Return the first and the last day."""
        last = min(self.until or asked.day, asked.day)
        return self.since or add_months(last, -12) + timedelta(days=1), last


@attrs.frozen
class _Sale:
    stream: str
    day: date
    line: OrderLineRow
    amount: Decimal


def _sales(reader: Reader, window: Window, asked: Asked) -> tuple[list[_Sale], str | None]:
    """Return the lines ordered in the window at what was not cancelled of them, and their currency.

    Raises:
        Invalid: ``unit_mismatch`` when they are in several currencies and none is chosen.
    """
    first, last = window.days(asked)
    out: list[_Sale] = []
    for stream, lines in lines_of(reader).items():
        for line in lines:
            if line.placed_at is None or window.currency not in (None, line.currency):
                continue
            day = asked.day_of(line.placed_at)
            if first <= day <= last:
                out.append(_Sale(stream, day, line, value(line, line.ordered - line.cancelled)))
    return out, _one_currency({sale.line.currency for sale in out})


def _one_currency(found: set[str]) -> str | None:
    if len(found) > 1:
        names = ", ".join(sorted(found))
        raise Invalid(
            "unit_mismatch",
            f"orders are in {names}",
            zh=f"订单涉及多种币种：{names}",
            accepts="currency=<one of them>",
        )
    return next(iter(found), None)


def _sum(sales: Sequence[_Sale]) -> Decimal:
    return sum((sale.amount for sale in sales), NOTHING)


def _orders(sales: Sequence[_Sale]) -> int:
    return len({(sale.stream, sale.line.order) for sale in sales})


def _grouped(sales: Sequence[_Sale], key: Any) -> dict[Any, list[_Sale]]:
    out: defaultdict[Any, list[_Sale]] = defaultdict(list)
    for sale in sales:
        out[key(sale)].append(sale)
    return dict(sorted(out.items()))


# ---------------------------------------------------------------- 2 purchase behaviour


def _behaviour(reader: Reader, parameters: Window, asked: Asked) -> Content:
    sales, currency = _sales(reader, parameters, asked)
    total = _sum(sales)
    rows = []
    for channel, found in _grouped(sales, lambda s: s.line.channel or "").items():
        amount, orders = _sum(found), _orders(found)
        ticket = (amount / orders).quantize(Decimal("0.01"), ROUND_HALF_UP)
        rows.append((channel, orders, amount, ticket, percent(amount, total)))
    week = _grouped(sales, lambda s: (s.line.channel or "", s.day.weekday()))
    grid = [(channel, WEEKDAYS[day], _sum(found)) for (channel, day), found in week.items()]
    drawing = Drawing(
        Picture("heatmap", "weekday", "channel", Label("Amount by weekday", "各星期金额"), "amount"),
        (
            Column("channel", Label("Channel", "渠道"), "code"),
            Column("weekday", Label("Weekday", "星期"), "code"),
            _AMOUNT,
        ),
        grid,
    )
    notes = [(Label("total", "合计"), f"{total} {currency or ''}".strip())]
    trouble = [] if sum((r[2] for r in rows), NOTHING) == total else ["Σ channels is not the total"]
    return Content(rows, notes, drawing=drawing, trouble=trouble)


behaviour = Report(
    name="core.purchase_behaviour",
    title=Label("Purchase behaviour", "购买行为分析"),
    reads=(customers, order_lines),
    columns=(
        Column("channel", Label("Channel", "渠道"), "code"),
        _ORDERS,
        _AMOUNT,
        Column("average", Label("Average ticket", "客单价"), "decimal", 2),
        Column("share", Label("Share", "占比"), "percent"),
    ),
    build=_behaviour,
    parameters=Window,
    picture=Picture("bars", "channel", "amount", Label("Amount by channel", "各渠道金额")),
)

# ---------------------------------------------------------------- 6 purchase frequency

_BANDS = ("0", "<0.5", "0.5-1", "1-2", "2-4", "≥4")


def _months(row: CustomerRow | None, first: date, last: date) -> int:
    """Return the whole months of relationship within the window, one at least."""
    start = first if row is None or row.opened_on is None else max(first, row.opened_on)
    end = last + timedelta(days=1)
    months = (end.year - start.year) * 12 + end.month - start.month
    return max(1, months - (add_months(start, months) > end))


def _frequency(reader: Reader, parameters: Window, asked: Asked) -> Content:
    sales, _ = _sales(reader, parameters, asked)
    known, (first, last) = accounts(reader), parameters.days(asked)
    found = _grouped(sales, lambda s: s.stream)
    rows, bars = [], Counter[str]()
    for stream in sorted({*known, *found}):
        days = sorted({(s.line.order, s.day) for s in found.get(stream, [])}, key=lambda pair: pair[1])
        months = _months(known.get(stream), first, last)
        rate = (Decimal(len(days)) / months).quantize(Decimal("0.01"), ROUND_HALF_UP)
        gaps = [Decimal((b - a).days) for (_, a), (_, b) in pairwise(days)]
        rows.append((account_of(known, stream), len(days), months, rate, median(gaps) if gaps else None))
        bars[_band(rate)] += 1
    drawing = Drawing(
        Picture("histogram", "band", "customers", Label("Orders a month", "月均订单数")),
        (Column("band", Label("Orders a month", "月均订单数")), _CUSTOMERS),
        [(band, bars[band]) for band in _BANDS],
    )
    trouble = [] if sum(bars.values()) == len(rows) else ["Σ bars is not the customers"]
    return Content(sorted(rows), drawing=drawing, trouble=trouble)


def _band(rate: Decimal) -> str:
    if not rate:
        return "0"
    edges = (Decimal("0.5"), Decimal(1), Decimal(2), Decimal(4))
    return next((band for edge, band in zip(edges, _BANDS[1:], strict=False) if rate < edge), _BANDS[-1])


frequency = Report(
    name="core.purchase_frequency",
    title=Label("Purchase frequency", "购买频率"),
    reads=(customers, order_lines),
    columns=(
        ACCOUNT,
        _ORDERS,
        Column("months", Label("Months", "月数"), "integer"),
        Column("frequency", Label("Orders a month", "月均订单数"), "decimal", 2),
        Column("interval", Label("Median interval in days", "间隔中位数（天）"), "decimal", 1),
    ),
    build=_frequency,
    parameters=Window,
    picture=Picture("bars", "account", "frequency", Label("Orders a month", "月均订单数")),
)

# ---------------------------------------------------------------- 8 product range


def _range(reader: Reader, parameters: Window, asked: Asked) -> Content:
    first, last = parameters.days(asked)
    held: defaultdict[str, set[str]] = defaultdict(set)
    for stream, lines in lines_of(reader).items():
        for line in lines:
            day = asked.day_of(line.placed_at) if line.placed_at else None
            if day is not None and first <= day <= last and line.cancelled < line.ordered:
                held[stream].add(line.family or line.product)
    bars = Counter(len(held.get(stream, ())) for stream in {*accounts(reader), *held})
    active = len(held)
    cross = None if not active else Decimal(sum(map(len, held.values()))) / active
    notes = [
        (Label("active customers", "活跃客户"), str(active)),
        (
            Label("families per active customer", "户均品类数"),
            "—" if cross is None else str(cross.quantize(Decimal("0.01"), ROUND_HALF_UP)),
        ),
    ]
    return Content(sorted(bars.items()), notes)


product_range = Report(
    name="core.product_range",
    title=Label("Product range", "产品范围"),
    reads=(customers, order_lines),
    columns=(Column("families", Label("Product families", "品类数"), "integer"), _CUSTOMERS),
    build=_range,
    parameters=Window,
    picture=Picture("histogram", "families", "customers", Label("Customers by families", "各品类数客户")),
)

# ---------------------------------------------------------------- 17 product sales

Attribute = Literal["product", "family"]


@attrs.frozen
class ProductSalesParameters(Window):
    """Parameters of the product-sales report."""

    attribute: Attribute = option("product", "product or family", "product 产品、family 系列")


def _product_sales(reader: Reader, parameters: ProductSalesParameters, asked: Asked) -> Content:
    sales, currency = _sales(reader, parameters, asked)
    first, last = parameters.days(asked)
    cells: dict[tuple[str, str, str], list[Decimal]] = {}

    def cell(what: str | None, day: date, channel: str | None) -> list[Decimal]:
        return cells.setdefault((what or "", f"{day:%Y-%m}", channel or ""), [NOTHING, NOTHING])

    for sale in sales:
        cell(getattr(sale.line, parameters.attribute), sale.day, sale.line.channel)[0] += sale.amount
    spent = NOTHING
    for _, row in reader.rows(costs):
        if row.seq and row.since is not None and first <= row.since <= last:
            if currency is not None and row.currency != currency:
                continue
            cost = in_units(row.amount, row.currency)
            cell(getattr(row, parameters.attribute), row.since, None)[1] += cost
            spent += cost
    rows = [(*key, a, c, a - c) for key, (a, c) in sorted(cells.items())]
    total = _sum(sales)
    trouble = []
    if sum((r[3] for r in rows), NOTHING) != total or sum((r[4] for r in rows), NOTHING) != spent:
        trouble.append("Σ cells is not the total")
    notes = [
        (Label("total", "合计"), f"{total} {currency or ''}".strip()),
        (Label("cost", "成本"), str(spent)),
    ]
    return Content(rows, notes, trouble=trouble)


product_sales = Report(
    name="core.product_sales",
    title=Label("Product sales", "销售产品分析"),
    reads=(customers, order_lines, costs),
    columns=(
        Column("product", Label("Product", "产品")),
        Column("month", Label("Month", "月份")),
        Column("channel", Label("Channel", "渠道"), "code"),
        _AMOUNT,
        Column("cost", Label("Cost", "成本"), "decimal", 2),
        Column("margin", Label("Margin", "毛利"), "decimal", 2),
    ),
    build=_product_sales,
    parameters=ProductSalesParameters,
    picture=Picture(
        "heatmap", "month", "product", Label("Amount by product and month", "各产品各月金额"), "amount"
    ),
)

# ---------------------------------------------------------------- 20 weekly sales statistics


@attrs.frozen
class WeekParameters:
    """Parameters of the weekly sales statistics."""

    day: date | None = option(
        None, "a day of the week; that of the cut if not given", "该周任一日，默认截点当日"
    )


def _week(reader: Reader, parameters: WeekParameters, asked: Asked) -> Content:
    known, tz = accounts(reader), zone(asked.zone)
    day = parameters.day or asked.day
    monday = day - timedelta(days=day.weekday())
    sunday = monday + timedelta(days=6)
    cells: dict[tuple[str, str, str], list[Any]] = {}

    def cell(stream: str, currency: str) -> list[Any]:
        row = known.get(stream)
        key = ((row.maintainer if row else None) or "", account_of(known, stream), currency)
        return cells.setdefault(key, [set(), NOTHING, NOTHING])

    for stream, lines in lines_of(reader).items():
        for line in lines:
            if line.placed_at and monday <= line.placed_at.astimezone(tz).date() <= sunday:
                found = cell(stream, line.currency)
                found[0].add(line.order)
                found[1] += value(line, line.ordered - line.cancelled)
    for stream, moved in moves_of(reader).items():
        for row in moved:
            if row.move == "receive" and row.at and monday <= row.at.astimezone(tz).date() <= sunday:
                cell(stream, row.currency)[2] += in_units(row.amount, row.currency)
    rows = [(*key, len(o), a, r) for key, (o, a, r) in sorted(cells.items())]
    return Content(rows, [(Label("week", "周"), f"{monday} – {sunday}")])


weekly_sales = Report(
    name="core.weekly_sales",
    title=Label("Weekly sales statistics", "销售统计报表"),
    reads=(customers, order_lines, moves),
    columns=(
        Column("maintainer", Label("Maintainer", "维护责任人")),
        ACCOUNT,
        CURRENCY,
        _ORDERS,
        _AMOUNT,
        Column("receipts", Label("Receipts", "回款"), "decimal", 2),
    ),
    build=_week,
    parameters=WeekParameters,
)


SALES_REPORTS = (behaviour, frequency, product_range, product_sales, weekly_sales)
