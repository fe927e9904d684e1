"""How account managers did against their targets, and what their customers will want next month (RET-40)."""

# ruff: noqa: RUF009 - attrs fields, not defaults

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report, add_months, midnight
from guanxi.relationship import files
from guanxi.relationship.together.read_models import goal_targets
from guanxi_retail.group_purchase.read_models import managers
from guanxi_retail.group_purchase.rules import GroupFileRules
from guanxi_retail.group_purchase.spans import (
    SOLD,
    STOCKS,
    Days,
    Holding,
    by,
    holdings,
    manager_at,
    net_of,
    sales,
    stretches,
)
from guanxi_retail.reporting import Note, currency_option, one_currency, option, percent, rounded

_DAY = timedelta(days=1)


@attrs.frozen
class AppraisalParameters:
    """Parameters of the appraisal and forecast."""

    month: date | None = option(
        None, Label("any day of the month; that of the cut if not given", "月内任一日，默认截点当月")
    )
    currency: str | None = currency_option()


@attrs.define
class _Sheet:
    """What counts for a manager; for nobody, what nobody answers for."""

    customers: int = 0
    target: Decimal | None = None
    actual: Decimal = Decimal(0)
    forecast: Fraction = Fraction(0)


def forecast_of(one: Holding, day: date, days: int) -> Fraction:
    """Return what a customer will want of a product in some days: rate × days − stock, not below nothing (RET-40).

    Args:
        one: how his stock stands.
        day: the day whose stock counts.
        days: how many.
    """
    return Fraction(0) if one.rate is None else max(Fraction(0), one.rate * days - one.on(day))


def _targets(reader: Reader, first: date, last: date, measure: str, asked: Asked) -> dict[str, Decimal]:
    """Return each person's target for exactly this month, as it was last revised; what departments have is their owners'."""
    latest: dict[str, Any] = {}
    for _, row in reader.rows(goal_targets):
        if row.holds_from > asked.as_of:
            continue
        before = latest.get(row.goal)
        if before is None or before[0].holds_from < row.holds_from:
            told = row if row.owner else before[1] if before else row
            latest[row.goal] = (row, told)
    found: dict[str, Decimal] = {}
    for row, told in latest.values():
        if (told.measure, told.period_from, told.period_until) == (measure, first, last):
            found[told.owner] = found.get(told.owner, Decimal(0)) + row.target
    return found


def _appraisal(reader: Reader, parameters: AppraisalParameters, asked: Asked) -> Content:
    first = (parameters.month or asked.day).replace(day=1)
    last = add_months(first, 1) - _DAY
    following = add_months(first, 1)
    days = monthrange(following.year, following.month)[1]
    moment = min(midnight(last + _DAY, asked.as_of.tzinfo), asked.as_of)
    spans = stretches(reader)
    sheets: dict[str | None, _Sheet] = {}

    def sheet(stream: str) -> _Sheet:
        return sheets.setdefault(manager_at(spans.get(stream, ()), moment), _Sheet())

    lines = [s for s in sales(reader, asked, Days(first, last)) if parameters.currency in (None, s.currency)]
    currency = one_currency({s.currency for s in lines})
    stocks = holdings(reader, asked)
    theirs = {stream for stream in spans if manager_at(spans[stream], moment) is not None}
    sold = by(lines, lambda s: s.stream)
    for stream in sorted(theirs | sold.keys() | {stream for stream, _ in stocks}):
        sheet(stream).customers += 1
        sheet(stream).actual += net_of(sold.get(stream, ()))
    for (stream, _), one in stocks.items():
        if one.is_followed:
            sheet(stream).forecast += forecast_of(one, min(last, asked.day), days)
    measure = asked.rules(GroupFileRules).target_measure
    targets = _targets(reader, first, last, measure, asked)
    for person, one_sheet in sheets.items():
        one_sheet.target = targets.get(person or "")
    rows = [
        (
            person,
            s.customers,
            s.target,
            s.actual,
            percent(Fraction(s.actual) / Fraction(s.target)) if s.target else None,
            rounded(s.forecast),
        )
        for person, s in sheets.items()
    ]
    department = net_of(lines)
    trouble = (
        [] if sum((r[3] for r in rows), Decimal(0)) == department else ["Σ managers is not the department"]
    )
    notes: list[Note] = [
        (Label("month", "月份"), f"{first:%Y-%m}"),
        (Label("forecast for", "预估月份"), f"{following:%Y-%m}"),
        (Label("department", "部门合计"), f"{department} {currency or ''}".strip()),
    ]
    return Content(sorted(rows, key=lambda r: (r[0] is None, r[0] or "")), notes, trouble=trouble)


manager_forecast = Report(
    name="retail.manager_forecast",
    title=Label("Manager appraisal and forecast", "客户经理考核与销售预估"),
    reads=(*SOLD, *STOCKS[:2], managers, goal_targets, files),
    columns=(
        Column("manager", Label("Account manager", "客户经理")),
        Column("customers", Label("Customers", "客户数"), "integer"),
        Column("target", Label("Target", "目标"), "decimal", 2),
        Column("actual", Label("Actual", "实绩"), "decimal", 2),
        Column("attained", Label("Attained, %", "完成率（%）"), "decimal", 2),
        Column("forecast", Label("Forecast, units", "下月预估（数量）"), "decimal", 2),
    ),
    build=_appraisal,
    parameters=AppraisalParameters,
    picture=Picture("bars", "manager", "actual", Label("Sales by account manager", "客户经理销售额")),
    rules=("RET-40",),
)
