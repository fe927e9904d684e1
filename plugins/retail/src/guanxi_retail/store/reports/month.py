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
from guanxi_retail.store.metrics import NOTHING, Line, ratio, standing, takings, uplift
from guanxi_retail.store.months import MonthFigures, closed_months, on_target, rising, targets_of
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
from guanxi_retail.store.vips import bought_by, store_vips, vips_on

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
    sold = lines_by_outlet(reader, parameters.outlet)
    for outlet in sorted({*sold, *(name for name in seen if parameters.outlet in (None, name))}):
        lines = sold.get(outlet, [])
        floors: defaultdict[str, list[Line]] = defaultdict(list)
        for line in lines:
            floors[line[1].floor].append(line)
        months = closed_months(outlet, lines, targets, asked.day)
        store = _sold(lines, period, before, rules)
        visited = seen.get(outlet, [])
        rows.append(
            (
                shown_outlet(outlet),
                ALL_FLOORS,
                *store,
                targets.get((outlet, period[0])),
                *_streaks(months),
                len(visited),
                percent(ratio(sum(row.bought for row in visited), len(visited))),
                percent(ratio(sum(row.contact for row in visited), len(visited))),
                *_vips(vips, lines, period, store[2]),
                *_vips(vips_before, lines, before, takings(lines, *before).net),
                _lost(visited),
            )
        )
        for floor in sorted(floors):
            rows.append(
                (
                    shown_outlet(outlet),
                    floor or NO_FLOOR,
                    *_sold(floors[floor], period, before, rules),
                    *[None] * _OF_A_STORE_ALONE,
                )
            )
        repeated.extend(_repeated(lines, period))
        drawn.extend(_drawn(outlet, months, period[0]))
    notes = [(MONTH_NOTE, month_of(period[0]))]
    if repeated:
        notes.append((REPEATED_NOTE, ", ".join(sorted(repeated))))
    return Content(rows, notes, drawing=Drawing(_PICTURE, _DRAWN_COLUMNS, drawn))


def _repeated(lines: Sequence[Line], period: tuple[date, date]) -> Iterator[str]:
    """Yield receipt numbers that stand in several files on one day of a store (RET-06)."""
    found: defaultdict[tuple[str, date], set[str]] = defaultdict(set)
    for stream, row in lines:
        if row.refund == SALE and not row.claimed and row.day and period[0] <= row.day <= period[1]:
            found[row.receipt, row.day].add(stream)
    for (receipt, day), streams in found.items():
        if len(streams) > 1:
            yield f"{day} {receipt}"


def _sold(
    lines: Sequence[Line], period: tuple[date, date], before: tuple[date, date], rules: StoreRules
) -> tuple[Any, ...]:
    now, then = takings(lines, *period), takings(lines, *before)
    rise = uplift(now.average_ticket, then.average_ticket)
    ticket, ticket_before = now.average_ticket, then.average_ticket
    return (
        now.sales,
        now.refunds,
        now.net,
        now.receipts,
        None if ticket is None else rounded(ticket),
        None if ticket_before is None else rounded(ticket_before),
        percent(rise),
        standing(rise, rules.uplift_from, rules.uplift_to),
        then.net if any(row.day is not None and row.day <= before[1] for _, row in lines) else None,
    )


def _streaks(months: Sequence[MonthFigures]) -> tuple[int, ...]:
    up, met = rising(months), on_target(months)
    return up.current, up.longest, met.current, met.longest


def _vips(
    vips: set[str], lines: Sequence[Line], period: tuple[date, date], whole: Decimal
) -> tuple[int, Decimal | None]:
    here = {
        stream for stream, row in lines if stream in vips and row.day is not None and row.day <= period[1]
    }
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
