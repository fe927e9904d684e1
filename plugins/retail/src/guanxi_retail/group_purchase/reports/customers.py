"""What a customer consumes, and how complete his file is (RET-39, RET-40)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report, add_months
from guanxi.relationship import files
from guanxi.relationship.documents.read_models import documents
from guanxi.relationship.file.standing import shown_rows, survivors
from guanxi.relationship.people.lifecycle import STAGES
from guanxi.relationship.people.read_models import StageRow, stages
from guanxi_retail.group_purchase.read_models import vip_stays
from guanxi_retail.group_purchase.rules import LATEST, GroupFileRules, VipRules
from guanxi_retail.group_purchase.spans import (
    SOLD,
    STOCKS,
    Holding,
    Sold,
    between,
    by,
    holdings,
    net_of,
    sales,
)
from guanxi_retail.reporting import ACCOUNT, account_of, currency_option, one_currency, percent, rounded

_DAY = timedelta(days=1)


@attrs.frozen
class ConsumptionParameters:
    """Parameters of the consumption evaluation."""

    currency: str | None = currency_option()


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return percent(Fraction(part) / Fraction(whole)) if whole > 0 else None


def _gap(lines: Sequence[Sold], rules: VipRules, asked: Asked) -> Decimal:
    """Return what is still to be bought this month to reach the list by the month's total."""
    month = between(lines, asked.day.replace(day=1), asked.day)
    return max(Decimal(0), rules.month_total - net_of([s for s in month if rules.counts_in_month(s.grade)]))


def _consumption(reader: Reader, parameters: ConsumptionParameters, asked: Asked) -> Content:
    rules, months = asked.rules(VipRules), asked.rules(GroupFileRules).evaluation_months
    first = add_months(asked.day, -months) + _DAY
    known, stocks = account_of(reader), holdings(reader, asked)
    period = [s for s in sales(reader, asked, first, asked.day) if parameters.currency in (None, s.currency)]
    currency = one_currency({s.currency for s in period})
    into = survivors(reader, asked.as_of)
    listed = {s for s, row in shown_rows(reader, vip_stays, into) if row.listed is not None}
    rows: list[tuple[Any, ...]] = []
    rates = _rates(stocks)
    for stream, own in by(period, lambda s: s.stream).items():
        # The difference of an exchange is no occasion (RET-54).
        bought = {s.day for s in own if s.quantity >= 0 and s.net >= 0 and s.exchange is None}
        spent, days = net_of(own), len(bought)
        rows.append(
            (
                known(stream),
                spent,
                days,
                rounded(Fraction(spent) / days) if days else None,
                _share(net_of([s for s in own if rules.counts(s.grade)]), spent),
                "; ".join(rates.get(stream, ())) or None,
                Decimal(0) if stream in listed else _gap(own, rules, asked),
            )
        )
    notes = [
        (Label("period", "期间"), f"{first} – {asked.day}"),
        (Label("currency", "币种"), currency or "—"),
    ]
    return Content(sorted(rows), notes)


def _rates(stocks: Mapping[tuple[str, str], Holding]) -> dict[str, list[str]]:
    """Return for each customer what he uses up in a day, product by product."""
    found: dict[str, list[str]] = {}
    for (stream, product), one in stocks.items():
        if one.rate:
            found.setdefault(stream, []).append(f"{product}: {rounded(one.rate)}")
    return found


consumption = Report(
    name="retail.consumption_evaluation",
    title=Label("Consumption evaluation", "客户消费评估报告"),
    reads=(*SOLD, *STOCKS[:2], vip_stays, files),
    columns=(
        ACCOUNT,
        Column("spent", Label("Spend", "消费额"), "decimal", 2),
        Column("occasions", Label("Occasions", "购买日"), "integer"),
        Column("mean", Label("Mean per occasion", "次均消费"), "decimal", 2),
        Column("mid_high_share", Label("Mid and high grade, %", "中高档占比（%）"), "decimal", 2),
        Column("rates", Label("Use a day", "日消费量")),
        Column("gap", Label("Gap to VIP this month", "距VIP差额（本月）"), "decimal", 2),
    ),
    build=_consumption,
    parameters=ConsumptionParameters,
    picture=Picture("bars", "account", "spent", Label("Spend by customer", "客户消费额")),
    rules=("RET-40",),
)


# ---------------------------------------------------------------- completeness


def stage_of(rows: Sequence[StageRow]) -> str:
    """Return the present stage of a relationship by its changes of stage."""
    told = [(row.at, row.rank, row.after) for row in rows if row.at is not None]
    return max(told)[2] if told else STAGES[0]


def stage_number(stage: str) -> int:
    """Return a stage's number in the file's life cycle; what comes after maintenance counts as it."""
    return next((n for n, name in enumerate(STAGES, 1) if name == stage), LATEST)


def _completeness(reader: Reader, parameters: None, asked: Asked) -> Content:
    components, into = asked.rules(GroupFileRules).components, survivors(reader, asked.as_of)
    changes: dict[str, list[StageRow]] = {}
    for stream, row in shown_rows(reader, stages, into):
        changes.setdefault(stream, []).append(row)
    filed: dict[str, set[str]] = {}
    for stream, paper in shown_rows(reader, documents, into):
        if paper.accepted_at is not None and paper.destroyed_on is None:
            filed.setdefault(stream, set()).add(paper.document_type)
    rows: list[tuple[Any, ...]] = []
    for stream, file in reader.rows(files):
        if stream in into or not file.account or file.closed_on is not None:
            continue
        stage = stage_of(changes.get(stream, ()))
        required = sorted(name for name, since in components.items() if since <= stage_number(stage))
        present = [name for name in required if name in filed.get(stream, ())]
        missing = [name for name in required if name not in present]
        rows.append(
            (
                file.account,
                stage,
                len(present),
                len(required),
                percent(Fraction(len(present), len(required))) if required else None,
                ", ".join(missing) or None,
            )
        )
    there, asked_for = sum(r[2] for r in rows), sum(r[3] for r in rows)
    whole = "—" if not asked_for else f"{percent(Fraction(there, asked_for))} %"
    return Content(sorted(rows, key=lambda r: r[0]), [(Label("all files", "全部档案"), whole)])


def _no_more_than_required(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for account, _, present, required, share, missing in rows:
        lacking = 0 if missing is None else len(missing.split(", "))
        if present + lacking != required or (share is not None and share > 100):
            yield f"{account}: present and missing are not what is required"


file_completeness = Report(
    name="retail.file_completeness",
    title=Label("File completeness", "档案完整率"),
    reads=(files, stages, documents, SOLD[-1]),
    columns=(
        ACCOUNT,
        Column("stage", Label("Stage", "阶段"), "code"),
        Column("present", Label("Present", "已有"), "integer"),
        Column("required", Label("Required", "应有"), "integer"),
        Column("share", Label("Complete, %", "完整率（%）"), "decimal", 2),
        Column("missing", Label("Missing", "缺少"), "code"),
    ),
    build=_completeness,
    foots=_no_more_than_required,
    picture=Picture("bars", "account", "share", Label("Completeness by customer", "各客户档案完整率")),
    rules=("RET-40",),
)
