"""Store month 门店月报: what a store and its floors sold, how visits ended, targets, streaks, VIPs (RET-34, RET-35)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report
from guanxi.relationship.together.read_models import goal_targets
from guanxi_retail.reporting import percent, rounded
from guanxi_retail.store.metrics import NOTHING, Line, Takings, ratio, standing, takings, uplift
from guanxi_retail.store.months import (
    MonthFigures,
    StoreSums,
    closed_months,
    on_target,
    rising,
    sums_by_outlet,
    targets_of,
)
from guanxi_retail.store.read_models import SALE, VisitRow, store_lines, visits
from guanxi_retail.store.reports._period import (
    MONTH_NOTE,
    OUTLET,
    StoreMonthParameters,
    a_year_before,
    asked_month,
    lines_by_outlet,
    month_of,
    shown_outlet,
)
from guanxi_retail.store.rules import StoreRules
from guanxi_retail.store.vips import bought_by, first_days_at, store_vips, vips_on

REPEATED_NOTE = Label("receipt numbers in several files on one day", "同日见于多个档案的小票号")
ALL_FLOORS, NO_FLOOR = "all_floors", "no_floor"
_OF_A_STORE_ALONE = 13
"""How many of the last columns only a store has, not its floors."""


def _build(reader: Reader, parameters: StoreMonthParameters, asked: Asked) -> Content:
    period = asked_month(parameters, asked)
    before = a_year_before(*period)
    rules, targets = asked.rules(StoreRules), targets_of(reader)
    seen = _visits(reader, asked, period)
    vips, vips_before = vips_on(reader, period[1]), vips_on(reader, before[1])
    rows: list[tuple[Any, ...]] = []
    drawn: list[tuple[Any, ...]] = []
    repeated: list[str] = []
    sums = sums_by_outlet(reader, parameters.outlet)
    known = first_days_at(reader, parameters.outlet)
    sold, sold_before = lines_by_outlet(reader, parameters.outlet, period, before)
    for outlet in sorted({*sums, *(name for name in seen if parameters.outlet in (None, name))}):
        lines, lines_before = sold.get(outlet, []), sold_before.get(outlet, [])
        store, visited = sums.get(outlet), seen.get(outlet, [])
        months = [] if store is None else closed_months(outlet, store, targets, asked.day)
        compares = store is not None and store.begins <= before[1]
        now, then = takings(lines, *period), takings(lines_before, *before)
        customers = known.get(outlet, [])
        rows.append(
            (
                shown_outlet(outlet),
                ALL_FLOORS,
                *_sold(now, then, rules, compares=compares),
                targets.get((outlet, period[0])),
                *_streaks(months),
                len(visited),
                percent(ratio(sum(row.bought for row in visited), len(visited))),
                percent(ratio(sum(row.contact for row in visited), len(visited))),
                *_vips(vips, customers, lines, period, now.net),
                *_vips(vips_before, customers, lines_before, before, then.net),
                _lost(visited),
            )
        )
        if store is not None:
            rows.extend(_floors(outlet, store, lines, lines_before, period, before, rules))
        repeated.extend(_repeated(lines))
        drawn.extend(_drawn(outlet, months, period[0]))
    notes = [(MONTH_NOTE, month_of(period[0]))]
    if repeated:
        notes.append((REPEATED_NOTE, ", ".join(sorted(repeated))))
    return Content(rows, notes, drawing=Drawing(_PICTURE, _DRAWN_COLUMNS, drawn))


def _repeated(lines: Sequence[Line]) -> Iterator[str]:
    """Yield receipt numbers that stand in several files on one day of a store (RET-06)."""
    found: defaultdict[tuple[str, date], set[str]] = defaultdict(set)
    for stream, row in lines:
        if row.refund == SALE and not row.claimed and row.day:
            found[row.receipt, row.day].add(stream)
    for (receipt, day), streams in found.items():
        if len(streams) > 1:
            yield f"{day} {receipt}"


def _floors(
    outlet: str,
    store: StoreSums,
    lines: Sequence[Line],
    lines_before: Sequence[Line],
    period: tuple[date, date],
    before: tuple[date, date],
    rules: StoreRules,
) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each floor of a store."""
    now, then = _by_floor(lines), _by_floor(lines_before)
    for floor, begins in sorted(store.floors.items()):
        sold = takings(now.get(floor, ()), *period), takings(then.get(floor, ()), *before)
        yield (
            shown_outlet(outlet),
            floor or NO_FLOOR,
            *_sold(*sold, rules, compares=begins <= before[1]),
            *[None] * _OF_A_STORE_ALONE,
        )


def _by_floor(lines: Sequence[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line[1].floor, []).append(line)
    return found


def _sold(now: Takings, then: Takings, rules: StoreRules, *, compares: bool) -> tuple[Any, ...]:
    ticket, ticket_before = now.average_ticket, then.average_ticket
    rise = uplift(ticket, ticket_before)
    return (
        now.sales,
        now.refunds,
        now.net,
        now.receipts,
        None if ticket is None else rounded(ticket),
        None if ticket_before is None else rounded(ticket_before),
        percent(rise),
        standing(rise, rules.uplift_from, rules.uplift_to),
        then.net if compares else None,
    )


def _streaks(months: Sequence[MonthFigures]) -> tuple[int, ...]:
    up, met = rising(months), on_target(months)
    return up.current, up.longest, met.current, met.longest


def _vips(
    vips: set[str],
    customers: Sequence[tuple[str, date]],
    lines: Sequence[Line],
    period: tuple[date, date],
    whole: Decimal,
) -> tuple[int, Decimal | None]:
    here = {stream for stream, first in customers if stream in vips and first <= period[1]}
    return len(here), percent(ratio(bought_by(vips, lines, *period), whole))


def _visits(reader: Reader, asked: Asked, period: tuple[date, date]) -> dict[str, list[VisitRow]]:
    found: defaultdict[str, list[VisitRow]] = defaultdict(list)
    for _, row in reader.rows(visits):
        if row.at is not None and period[0] <= asked.day_of(row.at) <= period[1]:
            found[row.outlet].append(row)
    return found


def _lost(seen: Sequence[VisitRow]) -> str:
    """Return how often each reason was told why nothing was bought."""
    counts: defaultdict[str, int] = defaultdict(int)
    for row in seen:
        if row.lost_reason is not None:
            counts[row.lost_reason] += 1
    return ",".join(f"{reason} {n}" for reason, n in sorted(counts.items()))


def _drawn(outlet: str, months: Sequence[MonthFigures], first: date) -> Iterator[tuple[Any, ...]]:
    for month in months:
        if month.first.year == first.year and month.first <= first:
            yield month_of(month.first), f"{outlet}", month.net
            if month.last_year is not None:
                yield month_of(month.first), f"{outlet} {month.first.year - 1}", month.last_year


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for outlet, floor, sales, refunds, *_ in rows:
        if floor != ALL_FLOORS:
            continue
        parts = [row for row in rows if row[0] == outlet and row[1] != ALL_FLOORS]
        for name, whole, column in (("sales", sales, 2), ("refunds", refunds, 3)):
            if (total := sum((row[column] for row in parts), NOTHING)) != whole:
                yield f"{outlet}: {name} of the floors come to {total}, those of the store to {whole}"


_PICTURE = Picture(
    "lines", x="month", y="series", value="net", title=Label("Net sales by month", "各月净销售额")
)
_NET = Column("net", Label("Net sales", "净销售额"), "decimal")
_DRAWN_COLUMNS = (Column("month", Label("Month", "月份")), Column("series", Label("Store", "门店")), _NET)

store_month = Report(
    name="retail.store_month",
    title=Label("Store month", "门店月报"),
    reads=(store_lines, visits, goal_targets, store_vips),
    columns=(
        OUTLET,
        Column("floor", Label("Floor", "楼层"), "code"),
        Column("sales", Label("Sales", "销售额"), "decimal"),
        Column("refunds", Label("Refunds", "退货额"), "decimal"),
        _NET,
        Column("receipts", Label("Receipts", "小票数"), "integer"),
        Column("average_ticket", Label("Average ticket", "客单价"), "decimal"),
        Column("ticket_last_year", Label("A year before", "去年同期客单价"), "decimal"),
        Column("uplift", Label("Rise", "客单价提升"), "percent"),
        Column("uplift_standing", Label("To target", "提升达标"), "code"),
        Column("net_last_year", Label("Net sales a year before", "去年同期净销售额"), "decimal"),
        Column("target", Label("Target", "目标"), "decimal"),
        Column("rising_now", Label("Months rising", "连续上升"), "integer"),
        Column("rising_longest", Label("Longest", "最长连续上升"), "integer"),
        Column("on_target_now", Label("Months on target", "连续达标"), "integer"),
        Column("on_target_longest", Label("Longest on target", "最长连续达标"), "integer"),
        Column("visits", Label("Visits", "接待数"), "integer"),
        Column("closing_rate", Label("Closing rate", "成单率"), "percent"),
        Column("capture", Label("Contact capture", "联系方式留存率"), "percent"),
        Column("vips", Label("VIPs", "VIP人数"), "integer"),
        Column("vip_share", Label("Share of sales", "VIP销售占比"), "percent"),
        Column("vips_last_year", Label("VIPs a year before", "去年VIP人数"), "integer"),
        Column("vip_share_last_year", Label("Share a year before", "去年VIP占比"), "percent"),
        Column("lost_reasons", Label("Why nothing was bought", "未成交原因"), "code"),
    ),
    build=_build,
    parameters=StoreMonthParameters,
    foots=_foots,
    rules=("RET-34", "RET-35"),
)
