"""Points liability: what sales owe for points, period by period, and what of it became revenue (RET-23)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal

import attrs
import sqlalchemy as sa

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report, midnight_after
from guanxi_retail.points.liability import allocation_by, recognised
from guanxi_retail.points.read_models import points_clawed_back, points_lots, points_month
from guanxi_retail.points.rules import PointsLiabilityRules
from guanxi_retail.purchases.read_models import customers
from guanxi_retail.reporting import CURRENCY_NOTE, currency_option, one_currency, option, stored

Period = Literal["year", "month"]


@attrs.frozen
class PointsLiabilityParameters:
    """By which periods, and in which currency."""

    period: Literal["year", "month"] = option("year", Label("by year or month", "按年或月"))
    currency: str | None = currency_option()


@attrs.define
class _Flow:
    """What came to the programme in a period."""

    earned: int = 0
    redeemed: int = 0
    allocated: Decimal = Decimal(0)


@attrs.define
class _Day:
    """What was given on a day, by the rules of its end; what it owes in units of rounding."""

    period: str
    part_of: Callable[[int, int], int]
    unit: Decimal
    allocated: int = 0
    earned: int = 0


def _build(reader: Reader, parameters: PointsLiabilityParameters, asked: Asked) -> Content:
    chosen = parameters.currency

    def bought_in(customer: Any) -> sa.Select[Any]:
        return sa.select(customer.c.currency).where(_bought(customer, chosen)).distinct()

    currency = one_currency({one for (one,) in reader.select(bought_in, customers)})
    flows = _flows(reader, chosen, asked, parameters.period)
    notes = [] if currency is None else [(CURRENCY_NOTE, currency)]
    return Content(list(_rows(flows, asked, parameters.period)), notes)


def _bought(customer: Any, currency: str | None) -> sa.ColumnElement[bool]:
    """Return the condition that a customer bought anything; in a currency, where one is chosen."""
    own: sa.ColumnElement[str] = customer.c.currency
    return own != "" if currency is None else own == currency


def _flows(reader: Reader, currency: str | None, asked: Asked, period: Period) -> dict[str, _Flow]:
    flows: defaultdict[str, _Flow] = defaultdict(_Flow)
    places = -int(stored(points_lots, "base")(1).as_tuple().exponent)
    days: list[_Day] = []

    @cache
    def on(day: str) -> _Day:
        rules = asked.rules_at(PointsLiabilityRules, _end_of(date.fromisoformat(day), asked))
        days.append(_Day(_period_of(day[: len("2025-01")], period), allocation_by(rules, places), rules.unit))
        return days[-1]

    def theirs(row: Any, customer: Any) -> sa.ColumnElement[bool]:
        stream: sa.ColumnElement[str] = row.c.stream
        return stream.in_(sa.select(customer.c.stream).where(_bought(customer, currency)))

    def given(lot: Any, customer: Any) -> sa.Select[Any]:
        c = lot.c
        return sa.select(c.earned_on, c.base, c.in_all).where(*_given(lot), theirs(lot, customer))

    def taken_back(lot: Any, back: Any, customer: Any) -> sa.Select[Any]:
        same = (back.c.stream == lot.c.stream, back.c.lot == lot.c.lot)
        found = sa.select(lot.c.earned_on, lot.c.base, lot.c.in_all, back.c.month, back.c.points)
        found = found.where(*same, *_given(lot), theirs(lot, customer))
        return found.order_by(back.c.stream, back.c.lot, back.c.month)

    def used(month: Any, customer: Any) -> sa.Select[Any]:
        c = month.c
        redeemed = sa.func.sum(c.redeemed - c.restored)
        return sa.select(c.month, redeemed).where(c.month != "", theirs(month, customer)).group_by(c.month)

    for day, base, points in reader.select(given, points_lots, customers):
        there = on(day)
        there.allocated += there.part_of(base, points)
        there.earned += points
    for there in days:
        flow = flows[there.period]
        flow.allocated += there.allocated * there.unit
        flow.earned += there.earned
    for day, base, points, month, back in reader.select(
        taken_back, points_lots, points_clawed_back, customers
    ):
        flow, there = flows[_period_of(month, period)], on(day)
        flow.allocated -= there.part_of(base, points) * there.unit * back / points
        flow.earned -= back
    for month, redeemed in reader.select(used, points_month, customers):
        flows[_period_of(month, period)].redeemed += redeemed
    return flows


def _given(lot: Any) -> tuple[Any, Any]:
    return lot.c.in_all != 0, lot.c.earned_on.is_not(None)


def _rows(flows: dict[str, _Flow], asked: Asked, period: Period) -> Iterator[tuple[Any, ...]]:
    total, before = _Flow(), Decimal(0)
    for name in sorted(flows):
        flow, rules = flows[name], asked.rules_at(PointsLiabilityRules, _end_of_period(name, asked))
        total.earned += flow.earned
        total.redeemed += flow.redeemed
        total.allocated += flow.allocated
        allocation = total.allocated.quantize(rules.unit)
        expected = total.earned * rules.expected_share
        to_date = recognised(allocation, total.redeemed, expected, rules.unit)
        yield name, allocation, total.redeemed, int(expected), to_date - before, to_date, allocation - to_date
        before = to_date


def _period_of(month: str, period: Period) -> str:
    return month[:4] if period == "year" else month


def _end_of_period(name: str, asked: Asked) -> datetime:
    year, month = int(name[:4]), int(name[5:] or 12)
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=asked.as_of.tzinfo) - datetime.resolution


def _end_of(day: date, asked: Asked) -> datetime:
    assert asked.as_of.tzinfo is not None
    return midnight_after(day, asked.as_of.tzinfo) - datetime.resolution


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    before = Decimal(0)
    for name, allocation, _, _, within, to_date, liability in rows:
        if allocation - to_date != liability:
            yield f"{name}: allocated less recognised is not the liability"
        if before + within != to_date:
            yield f"{name}: recognised to date is not the sum of its periods"
        before = to_date


points_liability = Report(
    name="retail.points_liability",
    title=Label("Points liability", "积分负债表"),
    reads=(customers, points_lots, points_clawed_back, points_month),
    columns=(
        Column("period", Label("Period", "期间")),
        Column("allocated", Label("Allocated to date", "累计分摊"), "decimal"),
        Column("redeemed", Label("Redeemed to date", "累计兑换积分"), "integer"),
        Column("expected", Label("Expected in all", "预计兑换积分"), "integer"),
        Column("recognised_in_period", Label("Recognised in the period", "本期确认"), "decimal"),
        Column("recognised", Label("Recognised to date", "累计确认"), "decimal"),
        Column("liability", Label("Liability", "负债余额"), "decimal"),
    ),
    build=_build,
    parameters=PointsLiabilityParameters,
    foots=_foots,
    picture=Picture("lines", x="period", y="liability", title=Label("Points liability", "积分负债余额")),
    rules=("RET-23",),
)
