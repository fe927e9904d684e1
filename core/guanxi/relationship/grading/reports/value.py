"""Report 31: what customers are worth to the firm, and the firm to them (CORE-57)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.grading.gradings import delivered_values
from guanxi.relationship.grading.measures import (
    ZERO,
    Span,
    Value,
    values,
)
from guanxi.relationship.grading.members import members, members_of
from guanxi.relationship.grading.reports.shared import (
    ACCOUNT,
    TOTAL,
    figures_of,
    months_before,
    option,
)

UNASSIGNED = "unassigned"


@attrs.frozen
class ValueParameters:
    """Over which days, and what the company as a whole came to."""

    since: date | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, "first day; full months as the rules say if not given", "起始日；默认按规则完整月数"
    )
    until: date | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, "last day; the cut's if only the first is given", "截止日；默认为截止时点"
    )
    company_revenue: Decimal | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, "revenue of the company, if known", "公司总收入（如已知）"
    )
    company_direct: Decimal | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, "direct cost of the company, if known", "公司直接成本（如已知）"
    )
    company_indirect: Decimal | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, "indirect cost of the company, if known", "公司间接成本（如已知）"
    )


def _value(reader: Reader, parameters: ValueParameters, asked: Asked) -> Content:
    span = months_before(asked.day, asked, None)
    if parameters.since is not None:
        span = Span(parameters.since, (parameters.until or asked.day) + timedelta(days=1))
    figures, account = figures_of(reader, asked, span, closed=True), members_of(reader, closed=True)
    stated = dict(reader.rows(delivered_values))
    rows: list[tuple[Any, ...]] = []
    for stream in sorted(figures, key=lambda s: account[s]):
        own = stated.get(stream)
        delivered = None
        if own is not None and own.gets is not None and own.gives is not None:
            delivered = own.gets - own.gives
        unit = None if own is None else own.unit
        rows.append((account[stream], *_worth(figures[stream]), delivered, unit))
    whole = Value(
        revenue=sum((v.revenue for v in figures.values()), ZERO),
        direct=sum((v.direct for v in figures.values()), ZERO),
        indirect=sum((v.indirect for v in figures.values()), ZERO),
    )
    company = Value(
        revenue=_or(parameters.company_revenue, whole.revenue),
        direct=_or(parameters.company_direct, whole.direct),
        indirect=_or(parameters.company_indirect, whole.indirect),
    )
    rest = Value(
        revenue=company.revenue - whole.revenue,
        direct=company.direct - whole.direct,
        indirect=company.indirect - whole.indirect,
    )
    rows += [(UNASSIGNED, *_worth(rest), None, None), (TOTAL, *_worth(company), None, None)]
    return Content(rows)


def _or(told: Decimal | None, counted: Decimal) -> Decimal:
    return counted if told is None else told


def _worth(value: Value) -> tuple[Decimal, ...]:
    return value.revenue, value.direct, value.before_indirect, value.indirect, value.contribution


def _sums_to_the_company(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    *parts, total = rows
    for n in range(1, 6):
        found = sum((row[n] for row in parts), ZERO)
        if found != total[n]:
            yield f"column {n} sums to {found} against {total[n]}"


value = Report(
    name="core.customer_value",
    title=Label("Relationship and delivered value", "客户价值"),
    reads=(members, values, delivered_values),
    parameters=ValueParameters,
    columns=(
        attrs.evolve(ACCOUNT, type="code"),
        Column("revenue", Label("Revenue", "收入"), "decimal"),
        Column("direct", Label("Direct cost", "直接成本"), "decimal"),
        Column("before_indirect", Label("Value before indirect cost", "分摊前关系价值"), "decimal"),
        Column("indirect", Label("Allocated indirect cost", "分摊间接成本"), "decimal"),
        Column("after_indirect", Label("Value after indirect cost", "分摊后关系价值"), "decimal"),
        Column("delivered", Label("Delivered value", "让渡价值"), "decimal"),
        Column("unit", Label("Unit", "单位")),
    ),
    build=_value,
    foots=_sums_to_the_company,
    picture=Picture("bars", "account", "after_indirect", Label("Relationship value", "客户关系价值")),
    rules=("CORE-57",),
)
