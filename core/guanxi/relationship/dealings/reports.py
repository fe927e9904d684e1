"""Reports of money and goods: collection, three lines, warnings, order monitoring, reconciliation, installed products."""

# ruff: noqa: RUF009 - attrs fields, not defaults

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi.kernel.before_import import still_due
from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.kernel.times import add_months, midnight, midnight_after, zone
from guanxi.relationship.dealings.book import Book, Totals
from guanxi.relationship.dealings.cadences import warning_item, warning_open
from guanxi.relationship.dealings.read_models import (
    collectors,
    confirmations,
    customers,
    installed_rows,
    moves,
    order_lines,
    order_register,
    part_rows,
    toll_rows,
    warning_log,
)
from guanxi.relationship.dealings.reckoning import (
    LineMoney,
    account_of,
    accounts,
    book_of,
    books,
    collectors_of,
    delivered,
    lines_of,
    money_of,
    moves_of,
    progress,
    three_lines,
)
from guanxi.relationship.dealings.rules import CollectionRules
from guanxi.relationship.dealings.values import NOTHING, in_units
from guanxi.relationship.ratios import percent

ACCOUNT = Column("account", Label("Account no.", "户号"))
CURRENCY = Column("currency", Label("Currency", "币种"))
CONTRACT = Column("contract", Label("Contract", "合同"))
TENTH = Decimal("0.1")


def option(default: Any, en: str, zh: str) -> Any:
    """Declare a parameter of a report."""
    return attrs.field(default=default, metadata={"help": Label(en, zh)})


def _money(name: str, en: str, zh: str) -> Column:
    return Column(name, Label(en, zh), "decimal", 2)


def _quantity(name: str, en: str, zh: str) -> Column:
    return Column(name, Label(en, zh), "decimal", 3)


# ---------------------------------------------------------------- 26 collection


@attrs.frozen
class CollectionParameters:
    """Parameters of the collection report."""

    open_only: bool = option(False, "only what is still open", "仅列未收清")


_COLLECTION = (
    ACCOUNT,
    CONTRACT,
    Column("number", Label("Plan no.", "期号")),
    Column("due_on", Label("Due", "到期日"), "date"),
    CURRENCY,
    _money("planned", "Planned", "计划"),
    _money("received", "Received", "已收"),
    _money("written_off", "Written off", "核销"),
    _money("open", "Open", "未收"),
    Column("overdue_days", Label("Overdue days", "逾期天数"), "integer"),
    Column("bucket", Label("Age", "账龄"), "code"),
    Column("collector", Label("Collector", "清欠责任人")),
    Column("rate", Label("Collected", "回款率"), "percent"),
)
_AGEING = (Column("bucket", Label("Age", "账龄"), "code"), _money("open", "Open", "未收"))


def _collection(reader: Reader, parameters: CollectionParameters, asked: Asked) -> Content:
    known, named, rules = accounts(reader), collectors_of(reader), asked.rules(CollectionRules)
    rows, ages = [], dict.fromkeys(rules.buckets(), NOTHING)
    figures: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: NOTHING))
    trouble = []
    for stream, book in books(reader).items():
        who = named.get(stream, {})
        for item in book.receivables.values():
            days = item.overdue_days(asked.day)
            collector = who.get(item.number) or who.get("")
            if item.due_on <= asked.day:
                figures[item.currency]["due"] += item.planned
            ages[rules.bucket(days)] += item.open
            if parameters.open_only and item.open <= 0:
                continue
            rows.append(
                (
                    account_of(known, stream),
                    item.contract,
                    item.number,
                    item.due_on,
                    item.currency,
                    item.planned,
                    item.allocated,
                    item.written_off,
                    item.open,
                    days,
                    rules.bucket(days) if item.open > 0 else None,
                    None if collector is None else collector.person,
                    percent(item.allocated, item.planned),
                )
            )
        for currency in book.currencies():
            totals = book.totals(currency)
            trouble += list(_unbalanced(account_of(known, stream), totals))
            for name, amount in attrs.asdict(totals).items():
                figures[currency][name] += amount
    if sum(ages.values()) != sum(f["open"] for f in figures.values()):
        trouble.append("Σ buckets is not what is open")
    drawing = Drawing(
        Picture("bars", "bucket", "open", Label("Open by age", "未收账龄")), _AGEING, list(ages.items())
    )
    rows.sort(key=lambda r: (r[0], r[3], r[2]))
    notes = [note for currency in sorted(figures) for note in _rates(currency, figures[currency])]
    return Content(rows, notes, drawing=drawing, trouble=trouble)


def _unbalanced(account: str, t: Totals) -> Iterator[str]:
    if t.planned != t.allocated + t.open + t.written_off:
        yield f"{account}: planned is not allocated, open and written off"
    if t.received != t.allocated + t.recovered + t.advance + t.returned:
        yield f"{account}: received is not allocated, recovered, returned and advance"


def _rates(currency: str, f: dict[str, Decimal]) -> list[tuple[Label, str]]:
    """Return the collection rates of a currency: receipts are capped at the plan (CORE-32)."""
    to_date, of_total = (percent(min(f["allocated"], f[base]), f[base]) for base in ("due", "planned"))
    notes = [
        (Label("received", "已收"), f"{in_units(f['received'], currency)} {currency}"),
        (Label("advance", "预收"), f"{in_units(f['advance'], currency)} {currency}"),
        (Label("rate to date", "到期回款率"), "—" if to_date is None else f"{to_date} %"),
        (Label("rate of total", "总回款率"), "—" if of_total is None else f"{of_total} %"),
    ]
    if f["recovered"]:
        notes.insert(
            2, (Label("recovered", "核销后收回"), f"{in_units(f['recovered'], currency)} {currency}")
        )
    return notes


def _collection_foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        if row[5] != row[6] + row[7] + row[8]:
            yield f"{row[2]}: planned is not received, written off and open"


collection = Report(
    name="core.collection",
    title=Label("Collection", "回款"),
    reads=(customers, moves, collectors),
    columns=_COLLECTION,
    build=_collection,
    parameters=CollectionParameters,
    foots=_collection_foots,
    picture=Picture("bars", "number", "open", Label("Open receivables", "未收款项")),
    rules=("CORE-32", "CORE-80"),
)

# ---------------------------------------------------------------- 27 three lines


@attrs.frozen
class ThreeLinesParameters:
    """Parameters of the three-lines report."""

    contract: str | None = option(None, "only this contract, or order without one", "仅列此合同或无合同订单")


def _three_lines(reader: Reader, parameters: ThreeLinesParameters, asked: Asked) -> Content:
    known, books_, lines = accounts(reader), books(reader), lines_of(reader)
    rows = []
    for stream in sorted({*books_, *lines}):
        for line in three_lines(lines.get(stream, []), books_.get(stream, Book())):
            if parameters.contract not in (None, line.group.partition(" ")[2]):
                continue
            gap, lag = line.delivered - line.invoiced, line.invoiced - line.received
            rows.append(
                (
                    account_of(known, stream),
                    line.group,
                    line.currency,
                    line.delivered,
                    line.invoiced,
                    line.received,
                    max(NOTHING, gap),
                    max(NOTHING, -gap),
                    max(NOTHING, lag),
                    max(NOTHING, -lag),
                )
            )
    return Content(sorted(rows, key=lambda r: r[:3]))


def _three_lines_foot(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        if row[3] - row[6] + row[7] != row[4] or row[4] - row[8] + row[9] != row[5]:
            yield f"{row[1]}: the differences do not explain the gap"


three_lines_report = Report(
    name="core.three_lines",
    title=Label("Three lines", "三线对账"),
    reads=(customers, moves, order_lines),
    columns=(
        ACCOUNT,
        Column("deal", Label("Contract or order", "合同或订单"), "code"),
        CURRENCY,
        _money("delivered", "Delivered", "已交货"),
        _money("invoiced", "Invoiced", "已开票"),
        _money("received", "Received", "已收款"),
        _money("not_invoiced", "Not invoiced", "未开票"),
        _money("invoiced_ahead", "Invoiced ahead", "提前开票"),
        _money("not_received", "Not received", "未收款"),
        _money("received_over_invoiced", "Received over invoiced", "超票收款"),
    ),
    build=_three_lines,
    parameters=ThreeLinesParameters,
    foots=_three_lines_foot,
    picture=Picture("bars", "deal", "delivered", Label("Delivered by contract", "各合同交货")),
    rules=("CORE-31",),
)

# ---------------------------------------------------------------- 28 early warning


@attrs.frozen
class WarningParameters:
    """Parameters of the early-warning report."""

    since: date | None = option(
        None, "first day; the first of the month if not given", "起始日，默认当月首日"
    )
    kind: str | None = option(None, "only this kind", "仅列此种类")


def _early_warning(reader: Reader, parameters: WarningParameters, asked: Asked) -> Content:
    known = accounts(reader)
    start = midnight(parameters.since or asked.day.replace(day=1), zone(asked.zone))
    rows, counts = [], Counter[str]()
    raised = [
        ((warning_open, stream, warning_item(row, row.raised_at)), (stream, row, row.raised_at))
        for stream, row in reader.rows(warning_log)
        if row.nth and row.raised_at is not None and parameters.kind in (None, row.kind)
    ]
    for stream, row, raised_at in still_due(raised, asked):
        before, over = raised_at < start, row.cleared_at
        if over is not None and over < start:
            continue
        counts["opening" if before else "raised"] += 1
        counts["open" if over is None else "cleared"] += 1
        rows.append(
            (
                row.kind,
                account_of(known, stream),
                row.cause,
                row.value,
                row.threshold,
                asked.local(raised_at),
                None if over is None else asked.local(over),
            )
        )
    trouble = []
    if counts["opening"] + counts["raised"] != counts["cleared"] + counts["open"]:
        trouble.append("opening and raised are not cleared and open")
    notes = [(label, str(counts[name])) for name, label in _WARNED.items()]
    return Content(sorted(rows, key=lambda r: (r[0], r[1], r[2], r[5])), notes, trouble=trouble)


_WARNED = {
    "opening": Label("opening", "期初"),
    "raised": Label("raised", "新增"),
    "cleared": Label("cleared", "解除"),
    "open": Label("open", "期末"),
}

early_warning = Report(
    name="core.early_warning",
    title=Label("Early warning", "预警清单"),
    reads=(customers, warning_log),
    columns=(
        Column("kind", Label("Kind", "种类"), "code"),
        ACCOUNT,
        Column("cause", Label("About", "事由"), "code"),
        Column("value", Label("Value", "数值"), "code"),
        Column("line", Label("Line", "预警线"), "code"),
        Column("raised_at", Label("Raised", "发出"), "instant"),
        Column("cleared_at", Label("Cleared", "解除"), "instant"),
    ),
    build=_early_warning,
    parameters=WarningParameters,
    rules=("CORE-33",),
)

# ---------------------------------------------------------------- 45 order monitoring


@attrs.frozen
class MonitoringParameters:
    """Parameters of the order-monitoring report."""

    past_only: bool = option(False, "only lines past their promised date", "仅列逾期未交")
    order: str | None = option(None, "only this order", "仅列此订单")


def _days_late(on: date | None, promised: date | None) -> int | None:
    return None if on is None or promised is None else max(0, (on - promised).days)


def _monitoring(reader: Reader, parameters: MonitoringParameters, asked: Asked) -> Content:
    known, books_ = accounts(reader), books(reader)
    rows = []
    for stream, lines in lines_of(reader).items():
        money = money_of(lines, books_.get(stream, Book()))
        for line in lines:
            if parameters.order not in (None, line.order):
                continue
            paid = money.get((line.order, line.line), LineMoney())
            past = _days_late(asked.day, line.promised_on) if line.waits else None
            if parameters.past_only and not past:
                continue
            done = None if line.done_at is None else asked.day_of(line.done_at)
            rows.append(
                (
                    account_of(known, stream),
                    line.order,
                    line.line,
                    line.product,
                    line.unit,
                    line.ordered,
                    line.shipped,
                    line.open,
                    line.cancelled,
                    line.installed,
                    line.currency,
                    paid.invoiced,
                    paid.received,
                    percent(line.shipped, line.ordered, 1),
                    percent(line.installed, line.ordered, 1),
                    percent(paid.invoiced, line.amount, 1),
                    percent(paid.received, line.amount, 1),
                    progress(line, paid),
                    line.first_promised_on,
                    line.promised_on,
                    past or None,
                    _days_late(done, line.first_promised_on),
                    _days_late(done, line.promised_on),
                )
            )
    return Content(sorted(rows, key=lambda r: r[:3]))


def _monitoring_foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        if row[5] != row[6] + row[7] + row[8]:
            yield f"{row[1]} line {row[2]}: ordered is not shipped, open and cancelled"


monitoring = Report(
    name="core.order_monitoring",
    title=Label("Order monitoring", "订单跟踪"),
    reads=(customers, moves, order_lines),
    columns=(
        ACCOUNT,
        Column("order", Label("Order", "订单")),
        Column("line", Label("Line", "行号")),
        Column("product", Label("Product", "产品")),
        Column("unit", Label("Unit", "单位")),
        _quantity("ordered", "Ordered", "订货"),
        _quantity("shipped", "Shipped", "已发"),
        _quantity("open", "Open", "未发"),
        _quantity("cancelled", "Cancelled", "取消"),
        _quantity("installed", "Installed", "已装"),
        CURRENCY,
        _money("invoiced", "Invoiced", "已开票"),
        _money("received", "Received", "已收款"),
        Column("shipped_rate", Label("Shipped", "发货率"), "percent", 1),
        Column("installed_rate", Label("Installed", "安装率"), "percent", 1),
        Column("invoiced_rate", Label("Invoiced", "开票率"), "percent", 1),
        Column("received_rate", Label("Received", "收款率"), "percent", 1),
        Column("progress", Label("Progress", "进度"), "code"),
        Column("first_promised_on", Label("First promised", "最初承诺"), "date"),
        Column("promised_on", Label("Promised", "现承诺"), "date"),
        Column("days_past", Label("Days past", "逾期天数"), "integer"),
        Column("late_first", Label("Late against the first", "较最初承诺迟"), "integer"),
        Column("late_last", Label("Late against the last", "较现承诺迟"), "integer"),
    ),
    build=_monitoring,
    parameters=MonitoringParameters,
    foots=_monitoring_foots,
    picture=Picture("bars", "order", "open", Label("Open by order", "各订单未发量")),
    rules=("CORE-78",),
)

# ---------------------------------------------------------------- 47 advances and receivables

View = Literal["balances", "toll", "funded"]


@attrs.frozen
class ReconciliationParameters:
    """Parameters of the report on advances and receivables."""

    month: str | None = option(
        None, "month such as 2025-06; that of the cut if not given", "月份，如 2025-06"
    )
    view: View = option("balances", "balances, toll or funded", "balances 往来、toll 来料、funded 垫资")


_BALANCES = (
    ACCOUNT,
    CURRENCY,
    _money("advances_opening", "Advances, opening", "预收期初"),
    _money("received", "Received", "收到"),
    _money("applied", "Applied", "冲抵"),
    _money("returned", "Returned", "退回"),
    _money("advances_closing", "Advances, closing", "预收期末"),
    _money("receivables_opening", "Receivables, opening", "应收期初"),
    _money("invoiced", "Invoiced", "新增应收"),
    _money("allocated", "Allocated", "回款冲销"),
    _money("written_off", "Written off", "核销"),
    _money("receivables_closing", "Receivables, closing", "应收期末"),
    Column("confirmed_on", Label("Confirmed as of", "对账截止"), "date"),
    _money("advances_difference", "Advances, difference", "预收差异"),
    _money("receivables_difference", "Receivables, difference", "应收差异"),
    Column("without_collector", Label("Without collector", "无清欠责任人"), "integer"),
)
_TOLL = (
    ACCOUNT,
    Column("material", Label("Material", "来料")),
    Column("unit", Label("Unit", "单位")),
    _quantity("opening", "Opening", "期初"),
    _quantity("received", "Received", "收料"),
    _quantity("used", "Used", "耗用"),
    _quantity("returned", "Returned", "退料"),
    _quantity("on_hand", "On hand", "结存"),
)
_FUNDED = (
    ACCOUNT,
    Column("order", Label("Order", "订单")),
    CURRENCY,
    _money("approved", "Approved", "批准"),
    _money("delivered", "Delivered", "已交货"),
)


def month_of(text: str | None, day: date) -> tuple[date, date]:
    """Return the first day of a month, and of the one after it.

    Raises:
        Invalid: ``invalid_date`` for a text that names no month.
    """
    try:
        first = day.replace(day=1) if text is None else date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Invalid(
            "invalid_date", f"{text!r} is not a month", zh=f"{text!r} 不是月份", accepts="2025-06"
        ) from error
    return first, add_months(first, 1)


def _reconciliation(reader: Reader, parameters: ReconciliationParameters, asked: Asked) -> Content:
    first, after = month_of(parameters.month, asked.day)
    return _VIEWS[parameters.view](reader, asked, first, after)


def _balances(reader: Reader, asked: Asked, first: date, after: date) -> Content:
    tz, known, named = zone(asked.zone), accounts(reader), collectors_of(reader)
    confirmed: dict[tuple[str, str], Any] = {}
    for stream, row in reader.rows(confirmations):
        if first <= date.fromisoformat(row.as_of) < after:
            confirmed[stream, row.currency] = row
    last, rows = min(after - timedelta(days=1), asked.day), []
    for stream, moved in moves_of(reader).items():
        book, opening_ = book_of(moved, midnight(after, tz)), book_of(moved, midnight(first, tz))
        for currency in book.currencies():
            a, b = opening_.totals(currency), book.totals(currency)
            told = confirmed.get((stream, currency))
            then = None
            if told is not None:
                then = book_of(moved, midnight_after(date.fromisoformat(told.as_of), tz)).totals(currency)
            who = named.get(stream, {})
            rows.append(
                (
                    account_of(known, stream),
                    currency,
                    a.advance,
                    b.received - a.received,
                    b.allocated + b.recovered - a.allocated - a.recovered,
                    b.returned - a.returned,
                    b.advance,
                    a.open,
                    b.planned - a.planned,
                    b.allocated - a.allocated,
                    b.written_off - a.written_off,
                    b.open,
                    None if told is None else date.fromisoformat(told.as_of),
                    None if told is None or then is None else told.advances - then.advance,
                    None if told is None or then is None else told.receivables - then.open,
                    sum(
                        item.overdue_days(last) > 0 and item.number not in who and "" not in who
                        for item in book.open_items()
                        if item.currency == currency
                    ),
                )
            )
    return Content(sorted(rows, key=lambda r: r[:2]), trouble=list(_balances_foot(rows)))


def _balances_foot(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        if row[2] + row[3] - row[4] - row[5] != row[6]:
            yield f"{row[0]}: advances do not close as they moved"
        if row[7] + row[8] - row[9] - row[10] != row[11]:
            yield f"{row[0]}: receivables do not close as they moved"


def _toll(reader: Reader, asked: Asked, first: date, after: date) -> Content:
    known = accounts(reader)
    found: dict[tuple[str, str, str], list[Decimal]] = {}
    for stream, row in reader.rows(toll_rows):
        day = date.fromisoformat(row.day)
        if day >= after:
            continue
        sums = found.setdefault((account_of(known, stream), row.material, row.unit), [NOTHING] * 4)
        if day < first:
            sums[0] += row.received - row.used - row.returned
        else:
            for place, part in enumerate((row.received, row.used, row.returned), start=1):
                sums[place] += part
    rows = [(*key, o, r, u, b, o + r - u - b) for key, (o, r, u, b) in sorted(found.items())]
    return Content(rows, columns=_TOLL, drawing=Drawing())


def _funded(reader: Reader, asked: Asked, first: date, after: date) -> Content:
    known = accounts(reader)
    sent: dict[tuple[str, str], Decimal] = defaultdict(lambda: NOTHING)
    for stream, lines in lines_of(reader).items():
        for line in lines:
            sent[stream, line.order] += delivered(line)
    rows = [
        (
            account_of(known, stream),
            row.order,
            row.currency,
            in_units(row.approved, row.currency),
            sent[stream, row.order],
        )
        for stream, row in reader.rows(order_register)
        if row.funded
    ]
    return Content(sorted(rows, key=lambda r: r[:2]), columns=_FUNDED, drawing=Drawing())


_VIEWS: dict[str, Callable[[Reader, Asked, date, date], Content]] = {
    "balances": _balances,
    "toll": _toll,
    "funded": _funded,
}

reconciliation = Report(
    name="core.reconciliation",
    title=Label("Advances and receivables", "预收应收核对"),
    reads=(customers, moves, collectors, confirmations, toll_rows, order_register, order_lines),
    columns=_BALANCES,
    build=_reconciliation,
    parameters=ReconciliationParameters,
    rules=("CORE-80",),
)

# ---------------------------------------------------------------- 53 installed products


def _installed(reader: Reader, parameters: None, asked: Asked) -> Content:
    known = accounts(reader)
    fitted: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for stream, part in reader.rows(part_rows):
        if part.removed_on is None:
            fitted[stream, part.serial].append(part.part)
    rows = []
    for stream, row in reader.rows(installed_rows):
        if not row.nth or row.installed_on is None:
            continue
        until = row.warranty_until
        stands = row.removed_on is None
        rows.append(
            (
                account_of(known, stream),
                row.serial,
                row.product,
                None if row.site is None else str(row.site),
                ", ".join(sorted(fitted[stream, row.serial])) if stands else "",
                row.installed_on,
                until,
                "yes" if stands and until is not None and asked.day <= until else "no",
                row.removed_on,
                row.requests,
            )
        )
    removed = sum(r[8] is not None for r in rows)
    in_place = sum(row.nth > 0 and row.removed_on is None for _, row in reader.rows(installed_rows))
    notes = [
        (Label("installed", "装机"), str(len(rows))),
        (Label("in place", "在位"), str(in_place)),
        (Label("removed", "拆除"), str(removed)),
    ]
    trouble = [] if in_place + removed == len(rows) else ["installed is not in place and removed"]
    return Content(sorted(rows, key=lambda r: (r[0], r[1], r[5])), notes, trouble=trouble)


installed = Report(
    name="core.installed_products",
    title=Label("Installed products", "装机档案"),
    reads=(customers, installed_rows, part_rows),
    columns=(
        ACCOUNT,
        Column("serial", Label("Serial no.", "序列号")),
        Column("product", Label("Product", "产品")),
        Column("site", Label("Site", "地点")),
        Column("parts", Label("Parts", "部件")),
        Column("installed_on", Label("Installed on", "装机日期"), "date"),
        Column("warranty_until", Label("Warranty until", "保修至"), "date"),
        Column("under_warranty", Label("Under warranty", "保修期内"), "code"),
        Column("removed_on", Label("Removed on", "拆除日期"), "date"),
        Column("requests", Label("Service requests", "服务请求"), "integer"),
    ),
    build=_installed,
    rules=("CORE-87",),
)

REPORTS = (collection, three_lines_report, early_warning, monitoring, reconciliation, installed)
