"""Reports of what is bought: behaviour, use, groups, frequency, range, product sales, the week's sales (CORE-56, CORE-59)."""

# ruff: noqa: RUF009 - attrs fields, not defaults

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any, Literal

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.kernel.times import add_months, end_of, zone
from guanxi.relationship.campaigns.segments import first_fitting
from guanxi.relationship.care.customers import CARED_FOR
from guanxi.relationship.care.customers import customers as cared_for
from guanxi.relationship.care.read_models import PROFILE
from guanxi.relationship.care.replenishment import number_of
from guanxi.relationship.care.rules import ReplenishmentRules
from guanxi.relationship.dealings.read_models import (
    CustomerRow,
    OrderLineRow,
    costs,
    customers,
    installed_rows,
    moves,
    order_lines,
)
from guanxi.relationship.dealings.reckoning import account_of, accounts, lines_of, moves_of, value
from guanxi.relationship.dealings.reports import ACCOUNT, CURRENCY, option
from guanxi.relationship.dealings.rules import UNGROUPED, PurchaseGroupRules
from guanxi.relationship.dealings.values import NOTHING, in_units
from guanxi.relationship.grading.events import FOUR_CLASS
from guanxi.relationship.grading.importance import classes, classes_by_stream, classes_in_force
from guanxi.relationship.grading.loyalty import whole_months
from guanxi.relationship.grading.members import members, owners
from guanxi.relationship.ratios import percent

_ORDERS = Column("orders", Label("Orders", "订单数"), "integer")
_AMOUNT = Column("amount", Label("Amount", "金额"), "decimal", 2)
_CUSTOMERS = Column("customers", Label("Customers", "客户数"), "integer")
_CHANNEL = Column("channel", Label("Channel", "渠道"), "code")
_WEEKDAY = Column("weekday", Label("Weekday", "星期"), "code")
NOT_STATED, UNCLASSED = "not_stated", "unclassed"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@attrs.frozen
class Days:
    """Parameters: the days looked at."""

    since: date | None = option(None, "first day; a year before the cut if not given", "起始日，默认一年前")
    until: date | None = option(None, "last day; that of the cut if not given", "截止日，默认截点当日")

    def days(self, asked: Asked) -> tuple[date, date]:
        """Return the first and the last day."""
        last = min(self.until or asked.day, asked.day)
        return self.since or add_months(last, -12) + timedelta(days=1), last


@attrs.frozen
class Window(Days):
    """Parameters: the days looked at, and the currency."""

    currency: str | None = option(None, "currency, where there are several", "币种（存在多种时）")


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


@attrs.frozen
class BehaviourParameters(Window):
    """Parameters of the purchase-behaviour report."""

    by: Literal["channel", "weekday"] = option("channel", "channel or weekday", "channel 渠道、weekday 星期")


def _channel(sale: _Sale) -> str:
    return sale.line.channel or NOT_STATED


def _behaviour(reader: Reader, parameters: BehaviourParameters, asked: Asked) -> Content:
    sales, currency = _sales(reader, parameters, asked)
    total = _sum(sales)
    if parameters.by == "channel":
        groups = list(_grouped(sales, _channel).items())
    else:
        groups = [(WEEKDAYS[n], found) for n, found in _grouped(sales, lambda s: s.day.weekday()).items()]
    rows = []
    for group, found in groups:
        amount, orders = _sum(found), _orders(found)
        ticket = (amount / orders).quantize(Decimal("0.01"), ROUND_HALF_UP)
        rows.append((group, orders, amount, ticket, percent(amount, total)))
    notes = [(Label("total", "合计"), f"{total} {currency or ''}".strip())]
    trouble = [] if sum((r[2] for r in rows), NOTHING) == total else ["Σ channels is not the total"]
    if parameters.by == "weekday":
        columns = (_WEEKDAY, *behaviour.columns[1:])
        picture = Picture("bars", "weekday", "amount", Label("Amount by weekday", "各星期金额"))
        return Content(rows, notes, columns=columns, drawing=Drawing(picture, columns, rows), trouble=trouble)
    week = _grouped(sales, lambda s: (_channel(s), s.day.weekday()))
    grid = [(channel, WEEKDAYS[day], _sum(found)) for (channel, day), found in week.items()]
    drawing = Drawing(
        Picture("heatmap", "weekday", "channel", Label("Amount by weekday", "各星期金额"), "amount"),
        (_CHANNEL, _WEEKDAY, _AMOUNT),
        grid,
    )
    return Content(rows, notes, drawing=drawing, trouble=trouble)


behaviour = Report(
    name="core.purchase_behaviour",
    title=Label("Purchase behaviour", "购买行为分析"),
    reads=(customers, order_lines),
    columns=(
        _CHANNEL,
        _ORDERS,
        _AMOUNT,
        Column("average", Label("Average ticket", "客单价"), "decimal", 2),
        Column("share", Label("Share", "占比"), "percent"),
    ),
    build=_behaviour,
    parameters=BehaviourParameters,
    picture=Picture("bars", "channel", "amount", Label("Amount by channel", "各渠道金额")),
)

# ---------------------------------------------------------------- 3 product utilisation

Attribute = Literal["product", "family"]
Holding = tuple[str, str]
"""A customer's stream, and the product or family that he holds."""


@attrs.frozen
class UtilisationParameters(Days):
    """Parameters of the product-utilisation report."""

    attribute: Attribute = option("product", "product or family", "product 产品、family 系列")


@attrs.define
class _Held:
    """What tells of one product of one customer whether he holds it, and used it."""

    family: str | None = None
    kept: Decimal = NOTHING
    installed: bool = False
    standing: bool = False
    used: bool = False

    @property
    def held(self) -> bool:
        # Once installed, what counts is whether it still stands there; goods that were used up or sold on leave no trace.
        return self.standing if self.installed else self.kept > 0


def _holdings(reader: Reader, parameters: UtilisationParameters, asked: Asked) -> dict[Holding, bool]:
    """Return who holds what on the last day, by stream and product or family, and whether he used it."""
    first, last = parameters.days(asked)
    products: defaultdict[Holding, _Held] = defaultdict(_Held)
    for stream, lines in lines_of(reader).items():
        for line in lines:
            day = None if line.placed_at is None else asked.day_of(line.placed_at)
            if day is None or day > last:
                continue
            one = products[stream, line.product]
            one.family = line.family or one.family
            one.kept += line.ordered - line.cancelled - line.returned
            one.used |= first <= day and line.ordered > line.cancelled
    for stream, row in reader.rows(installed_rows):
        if not row.nth or row.installed_on is None or row.installed_on > last:
            continue
        one = products[stream, row.product]
        one.installed = True
        one.standing |= row.removed_on is None or row.removed_on > last
        one.used |= row.installed_on >= first
    found: dict[Holding, bool] = {}
    for (stream, product), one in products.items():
        if one.held:
            name = (one.family or product) if parameters.attribute == "family" else product
            found[stream, name] = found.get((stream, name), False) or one.used
    return found


def _utilisation(reader: Reader, parameters: UtilisationParameters, asked: Asked) -> Content:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (_, name), used in _holdings(reader, parameters, asked).items():
        counts[name].update(("held", "used" if used else "idle"))
    rows = [
        (name, n["held"], n["used"], percent(n["used"], n["held"]), n["idle"])
        for name, n in sorted(counts.items())
    ]
    held, in_use = sum(r[1] for r in rows), sum(r[2] for r in rows)
    notes = [
        (Label("held", "持有"), str(held)),
        (Label("used", "使用"), str(in_use)),
        (Label("utilisation, %", "利用率（%）"), _text(percent(in_use, held))),
    ]
    return Content(rows, notes)


def _used_and_idle(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for name, held, used, _, idle in rows:
        if used + idle != held:
            yield f"{name}: {used} used and {idle} idle are not the {held} held"


def _text(figure: Decimal | None) -> str:
    return "–" if figure is None else str(figure)


utilisation = Report(
    name="core.product_utilisation",
    title=Label("Product utilisation", "产品利用率"),
    reads=(order_lines, installed_rows),
    columns=(
        Column("product", Label("Product", "产品")),
        Column("held", Label("Held by", "持有客户数"), "integer"),
        Column("used", Label("Used by", "使用客户数"), "integer"),
        Column("rate", Label("Utilisation", "利用率"), "percent"),
        Column("idle", Label("Opened but idle", "开通未用"), "integer"),
    ),
    build=_utilisation,
    foots=_used_and_idle,
    parameters=UtilisationParameters,
    picture=Picture("bars", "product", "rate", Label("Utilisation by product", "各产品利用率")),
    rules=("CORE-78", "CORE-87"),
)
"""Who holds a product and who used it: it was bought and not all cancelled or returned, or stands installed; it is used where it was
ordered or installed within the days looked at."""

# ---------------------------------------------------------------- 4 behaviour and purchase groups


@attrs.frozen
class GroupParameters(Window):
    """Parameters of the report on behaviour and purchase groups."""

    view: Literal["groups", "customers"] = option(
        "groups", "groups, or the customers in them", "groups 分组、customers 逐户"
    )


def _facts(one: CustomerRow | None, sales: Sequence[_Sale], days: tuple[date, date]) -> dict[str, object]:
    """Return what the conditions of a group may ask of how a customer bought."""
    amount, orders = _sum(sales), _orders(sales)
    channels = {name: _sum(found) for name, found in _grouped(sales, _channel).items()}
    opened = None if one is None else one.opened_on
    return {
        "orders": orders,
        "amount": str(amount),
        "average": str(amount / orders) if orders else None,
        "products": len({sale.line.product for sale in sales}),
        "families": len({sale.line.family or sale.line.product for sale in sales}),
        "days_since": (days[1] - max(sale.day for sale in sales)).days if sales else None,
        "months": None if opened is None else whole_months(opened, days[1]),
        "channel": max(channels, key=lambda name: channels[name]) if channels else None,
    }


def _groups(reader: Reader, parameters: GroupParameters, asked: Asked) -> Content:
    rules, days = asked.rules(PurchaseGroupRules), parameters.days(asked)
    sales, currency = _sales(reader, parameters, asked)
    bought = _grouped(sales, lambda s: s.stream)
    known = accounts(reader)
    moment = min(end_of(days[1], asked.as_of.tzinfo), asked.as_of)
    profiles = {
        one.stream: {field: one.profile(field, moment) for what, field in one.history if what == PROFILE}
        for one in cared_for(reader, asked)
    }
    placed: dict[str, str] = {}
    for stream in sorted({*known, *bought}):
        facts = _facts(known.get(stream), bought.get(stream, []), days)
        told = {**profiles.get(stream, {}), **facts}
        placed[stream] = first_fitting(rules.ladder(), told, days[1]) or UNGROUPED
    total = _sum(sales)
    names = [*(name for name, _ in rules.ladder()), UNGROUPED]
    found: dict[str, list[str]] = {name: [] for name in names}
    for stream, name in placed.items():
        found[name].append(stream)
    rows = []
    for name, streams in found.items():
        amount = sum((_sum(bought.get(s, [])) for s in streams), NOTHING)
        if streams or name != UNGROUPED:
            rows.append((name, len(streams), amount, percent(amount, total)))
    trouble = []
    if sum(r[1] for r in rows) != len({*known, *bought}):
        trouble.append("Σ groups is not the customers")
    if sum((r[2] for r in rows), NOTHING) != total:
        trouble.append("Σ groups is not the amount")
    notes = [
        (Label("customers", "客户数"), str(len(placed))),
        (Label("total", "合计"), f"{total} {currency or ''}".strip()),
    ]
    if parameters.view == "groups":
        return Content(rows, notes, trouble=trouble)
    listed = [
        (
            name,
            account_of(known, s),
            _orders(bought.get(s, [])),
            (spent := _sum(bought.get(s, []))),
            percent(spent, total),
        )
        for name, streams in found.items()
        for s in sorted(streams, key=lambda s: account_of(known, s))
    ]
    columns = (purchase_groups.columns[0], ACCOUNT, _ORDERS, *purchase_groups.columns[2:])
    drawing = Drawing(purchase_groups.picture, purchase_groups.columns, rows)
    return Content(listed, notes, columns=columns, drawing=drawing, trouble=trouble)


purchase_groups = Report(
    name="core.purchase_groups",
    title=Label("Behaviour and purchase groups", "行为分析"),
    reads=(customers, order_lines, *CARED_FOR),
    columns=(
        Column("group", Label("Group", "群体"), "code"),
        _CUSTOMERS,
        _AMOUNT,
        Column("share", Label("Share", "占比"), "percent"),
    ),
    build=_groups,
    parameters=GroupParameters,
    picture=Picture("bars", "group", "amount", Label("Amount by group", "各群体金额")),
    rules=("CORE-48",),
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


@attrs.frozen
class RangeParameters(Window):
    """Parameters of the product-range report."""

    families: str | None = option(
        None,
        "only these families, with commas between; all if not given",
        "仅限所列品类（逗号分隔），默认全部",
    )


def _range(reader: Reader, parameters: RangeParameters, asked: Asked) -> Content:
    first, last = parameters.days(asked)
    wanted = None if parameters.families is None else {f.strip() for f in parameters.families.split(",")}
    held: defaultdict[str, set[str]] = defaultdict(set)
    for stream, lines in lines_of(reader).items():
        for line in lines:
            day = asked.day_of(line.placed_at) if line.placed_at else None
            family = line.family or line.product
            if wanted is not None and family not in wanted:
                continue
            if day is not None and first <= day <= last and line.cancelled < line.ordered:
                held[stream].add(family)
    everybody = {*accounts(reader), *held}
    bars = Counter(len(held.get(stream, ())) for stream in everybody)
    active = len(held)
    cross = None if not active else Decimal(sum(map(len, held.values()))) / active
    notes = [
        (Label("active customers", "活跃客户"), str(active)),
        (
            Label("families per active customer", "户均品类数"),
            "—" if cross is None else str(cross.quantize(Decimal("0.01"), ROUND_HALF_UP)),
        ),
    ]
    trouble = [] if sum(bars.values()) == len(everybody) else ["Σ bars is not the customers"]
    return Content(sorted(bars.items()), notes, trouble=trouble)


product_range = Report(
    name="core.product_range",
    title=Label("Product range", "产品范围"),
    reads=(customers, order_lines),
    columns=(Column("families", Label("Product families", "品类数"), "integer"), _CUSTOMERS),
    build=_range,
    parameters=RangeParameters,
    picture=Picture("histogram", "families", "customers", Label("Customers by families", "各品类数客户")),
)

# ---------------------------------------------------------------- 17 product sales


@attrs.frozen
class ProductSalesParameters(Window):
    """Parameters of the product-sales report."""

    attribute: Attribute = option("product", "product or family", "product 产品、family 系列")
    by: Literal["time", "customer"] = option(
        "time", "month and channel, or customer", "time 月份与渠道、customer 客户"
    )


@attrs.frozen
class ClassSalesParameters(Window):
    """Parameters of the report on product sales by class of customer."""

    attribute: Attribute = option("product", "product or family", "product 产品、family 系列")
    scheme: str = option(FOUR_CLASS, "scheme of the classes", "分类方案")


_COST = Column("cost", Label("Cost", "成本"), "decimal", 2)
_MARGIN = Column("margin", Label("Margin", "毛利"), "decimal", 2)
_PRODUCT = Column("product", Label("Product", "产品"))
_AXES: dict[str, tuple[Column, ...]] = {
    "time": (Column("month", Label("Month", "月份")), _CHANNEL),
    "class": (Column("class", Label("Class", "客户类别"), "code"),),
    "customer": (ACCOUNT,),
}
_DRAWN = {
    "time": Picture(
        "stacked_bars", "month", "product", Label("Amount by product and month", "各产品各月金额"), "amount"
    ),
    "class": Picture(
        "heatmap", "class", "product", Label("Amount by product and class", "各产品各类客户金额"), "amount"
    ),
    "customer": Picture(
        "heatmap", "product", "account", Label("Amount by customer and product", "各客户各产品金额"), "amount"
    ),
}


Place = Callable[[str, date, str | None], tuple[str, ...]]
"""``place(stream, day, channel)`` returns the cell of a product's row."""


def _product_sales(reader: Reader, parameters: ProductSalesParameters, asked: Asked) -> Content:
    if parameters.by == "time":
        return _cells(
            reader,
            parameters,
            asked,
            "time",
            lambda stream, day, channel: (f"{day:%Y-%m}", channel or NOT_STATED),
        )
    known = accounts(reader)
    return _cells(
        reader, parameters, asked, "customer", lambda stream, day, channel: (account_of(known, stream),)
    )


def _class_sales(reader: Reader, parameters: ClassSalesParameters, asked: Asked) -> Content:
    grades = {
        stream: found[parameters.scheme].grade
        for stream, told in classes_by_stream(reader).items()
        if parameters.scheme in (found := classes_in_force(told, asked.day))
    }
    owner = owners(reader)
    return _cells(
        reader,
        parameters,
        asked,
        "class",
        lambda stream, day, channel: (grades.get(owner.get(stream, stream), UNCLASSED),),
    )


def _cells(
    reader: Reader,
    parameters: ProductSalesParameters | ClassSalesParameters,
    asked: Asked,
    by: str,
    place: Place,
) -> Content:
    """Return amounts and costs by product and by where ``place`` puts them, with the picture that goes with it."""
    sales, currency = _sales(reader, parameters, asked)
    first, last = parameters.days(asked)
    cells: defaultdict[tuple[str, ...], list[Decimal]] = defaultdict(lambda: [NOTHING, NOTHING])
    for sale in sales:
        what = getattr(sale.line, parameters.attribute) or ""
        cells[what, *place(sale.stream, sale.day, sale.line.channel)][0] += sale.amount
    spent = NOTHING
    for stream, row in reader.rows(costs):
        if row.seq and row.since is not None and first <= row.since <= last:
            if currency is not None and row.currency != currency:
                continue
            cost = in_units(row.amount, row.currency)
            cells[getattr(row, parameters.attribute) or "", *place(stream, row.since, None)][1] += cost
            spent += cost
    rows: list[tuple[Any, ...]] = [
        (what or None, *key, a, c, a - c) for (what, *key), (a, c) in sorted(cells.items())
    ]
    total = _sum(sales)
    trouble = []
    if sum((r[-3] for r in rows), NOTHING) != total or sum((r[-2] for r in rows), NOTHING) != spent:
        trouble.append("Σ cells is not the total")
    notes = [
        (Label("total", "合计"), f"{total} {currency or ''}".strip()),
        (Label("cost", "成本"), str(spent)),
    ]
    axis = _AXES[by]
    columns = (_PRODUCT, *axis, _AMOUNT, _COST, _MARGIN)
    # Each bar and cell shows one sum, however many channels it comes from.
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: NOTHING)
    for r in rows:
        if r[0] is not None and r[-3]:
            sums[r[0], r[1]] += r[-3]
    # A picture takes months and customers in the order of its rows.
    drawn = [(what, where, sums[what, where]) for what, where in sorted(sums, key=lambda key: key[::-1])]
    drawing = Drawing(_DRAWN[by], (_PRODUCT, axis[0], _AMOUNT), drawn)
    return Content(rows, notes, columns=columns, drawing=drawing, trouble=trouble)


product_sales = Report(
    name="core.product_sales",
    title=Label("Product sales", "销售产品分析"),
    reads=(customers, order_lines, costs),
    columns=(_PRODUCT, *_AXES["time"], _AMOUNT, _COST, _MARGIN),
    build=_product_sales,
    parameters=ProductSalesParameters,
    picture=_DRAWN["time"],
    rules=("CORE-57",),
)

class_sales = Report(
    name="core.product_class_sales",
    title=Label("Product sales by class of customer", "产品与客户类别销售分析"),
    reads=(order_lines, costs, members, classes),
    columns=(_PRODUCT, *_AXES["class"], _AMOUNT, _COST, _MARGIN),
    build=_class_sales,
    parameters=ClassSalesParameters,
    picture=_DRAWN["class"],
    rules=("CORE-53", "CORE-57"),
)

# ---------------------------------------------------------------- 20 weekly sales statistics


@attrs.frozen
class WeekParameters:
    """Parameters of the weekly sales statistics."""

    day: date | None = option(
        None, "a day of the week; that of the cut if not given", "该周任一日，默认截点当日"
    )


def _supplies(reader: Reader, asked: Asked, last: date) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    """Return every customer's stock as last stated by a day, and what he uses a day, where either is stated."""
    rules = asked.rules(ReplenishmentRules)
    moment = min(end_of(last, asked.as_of.tzinfo), asked.as_of)
    found = {}
    for one in cared_for(reader, asked):
        stock = number_of(one.profile(rules.stock_field, moment))
        use = number_of(one.profile(rules.use_field, moment))
        if stock is not None or use is not None:
            daily = None if use is None else use / rules.days_a_month
            found[one.stream] = _rounded(stock), _rounded(daily)
    return found


def _rounded(value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    return (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _week(reader: Reader, parameters: WeekParameters, asked: Asked) -> Content:
    known, tz = accounts(reader), zone(asked.zone)
    day = parameters.day or asked.day
    monday = day - timedelta(days=day.weekday())
    sunday = monday + timedelta(days=6)
    cells: dict[tuple[str, str, str, str], list[Any]] = {}
    totals: defaultdict[str, list[Decimal]] = defaultdict(lambda: [NOTHING, NOTHING])

    def cell(stream: str, currency: str) -> list[Any]:
        row = known.get(stream)
        key = ((row.maintainer if row else None) or "", account_of(known, stream), currency, stream)
        return cells.setdefault(key, [set(), NOTHING, NOTHING])

    for stream, lines in lines_of(reader).items():
        for line in lines:
            if line.placed_at and monday <= line.placed_at.astimezone(tz).date() <= sunday:
                found = cell(stream, line.currency)
                found[0].add(line.order)
                amount = value(line, line.ordered - line.cancelled)
                found[1] += amount
                totals[line.currency][0] += amount
    for stream, moved in moves_of(reader).items():
        for row in moved:
            if row.move == "receive" and row.at and monday <= row.at.astimezone(tz).date() <= sunday:
                amount = in_units(row.amount, row.currency)
                cell(stream, row.currency)[2] += amount
                totals[row.currency][1] += amount
    supplied = _supplies(reader, asked, sunday)
    for stream in supplied.keys() - {key[3] for key in cells}:
        cell(stream, "")
    rows = [
        (person or None, account, currency or None, len(o), a, r, *supplied.get(stream, (None, None)))
        for (person, account, currency, stream), (o, a, r) in sorted(cells.items())
    ]
    notes = [(Label("week", "周"), f"{monday} – {sunday}")]
    trouble = []
    for currency, (ordered, received) in sorted(totals.items()):
        mine = [r for r in rows if r[2] == currency]
        notes.append((Label("ordered", "订单金额"), f"{ordered} {currency}"))
        notes.append((Label("received", "回款"), f"{received} {currency}"))
        if sum((r[4] for r in mine), NOTHING) != ordered or sum((r[5] for r in mine), NOTHING) != received:
            trouble.append(f"Σ customers is not the week in {currency}")
    return Content(rows, notes, trouble=trouble)


weekly_sales = Report(
    name="core.weekly_sales",
    title=Label("Weekly sales statistics", "销售统计报表"),
    reads=(customers, order_lines, moves, *CARED_FOR),
    columns=(
        Column("maintainer", Label("Maintainer", "维护责任人")),
        ACCOUNT,
        CURRENCY,
        _ORDERS,
        _AMOUNT,
        Column("receipts", Label("Receipts", "回款"), "decimal", 2),
        Column("stock", Label("Stock", "库存"), "decimal", 2),
        Column("use", Label("Used a day", "消费速度（每日）"), "decimal", 2),
    ),
    build=_week,
    parameters=WeekParameters,
    rules=("CORE-47",),
)


SALES_REPORTS = (
    behaviour,
    utilisation,
    purchase_groups,
    frequency,
    product_range,
    product_sales,
    class_sales,
    weekly_sales,
)
