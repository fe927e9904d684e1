"""What a customer consumes, and how complete his file is (RET-39, RET-40)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report, add_months
from guanxi.relationship import files
from guanxi.relationship.documents.read_models import documents
from guanxi.relationship.file.read_models import merged_files
from guanxi.relationship.file.standing import shown_rows, survivors
from guanxi.relationship.people.lifecycle import STAGES
from guanxi.relationship.people.read_models import StageRow, stages
from guanxi_retail.group_purchase.read_models import vip_stays
from guanxi_retail.group_purchase.rules import LATEST, GroupFileRules, VipRules
from guanxi_retail.group_purchase.spans import (
    SOLD,
    STOCKS,
    Days,
    Holding,
    brought_back,
    holdings,
    money_of,
)
from guanxi_retail.purchases.read_models import receipt_lines
from guanxi_retail.reporting import ACCOUNT, account_of, currency_option, one_currency, percent, rounded

_DAY = timedelta(days=1)


@attrs.frozen
class ConsumptionParameters:
    """Parameters of the consumption evaluation."""

    currency: str | None = currency_option()


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return percent(Fraction(part) / Fraction(whole)) if whole > 0 else None


@attrs.define
class _Spent:
    """What a customer spent in a period.

    Args:
        by_grade: what it came to, by grade.
        this_month: of that, what is of the month of its last day.
        days: on how many days he bought.
    """

    by_grade: dict[str | None, Decimal] = attrs.field(factory=dict)
    this_month: dict[str | None, Decimal] = attrs.field(factory=dict)
    days: int = 0

    def add(self, grade: str | None, net: Decimal, this_month: Decimal) -> None:
        """Add what was spent on a grade."""
        self.by_grade[grade] = self.by_grade.get(grade, Decimal(0)) + net
        self.this_month[grade] = self.this_month.get(grade, Decimal(0)) + this_month


def _gap(spent: _Spent, rules: VipRules) -> Decimal:
    """Return what is still to be bought this month to reach the list by the month's total."""
    counted = (net for grade, net in spent.this_month.items() if rules.counts_in_month(grade))
    return max(Decimal(0), rules.month_total - sum(counted, Decimal(0)))


def _consumption(reader: Reader, parameters: ConsumptionParameters, asked: Asked) -> Content:
    rules, months = asked.rules(VipRules), asked.rules(GroupFileRules).evaluation_months
    first = add_months(asked.day, -months) + _DAY
    known, stocks = account_of(reader), holdings(reader, asked)
    into = survivors(reader, asked.as_of)
    period, currency = _period(reader, into, first, asked.day, parameters.currency)
    listed = {s for s, row in shown_rows(reader, vip_stays, into) if row.listed is not None}
    rows: list[tuple[Any, ...]] = []
    rates = _rates(stocks)
    for stream, own in period.items():
        spent = sum(own.by_grade.values(), Decimal(0))
        mid_high = sum((net for grade, net in own.by_grade.items() if rules.counts(grade)), Decimal(0))
        rows.append(
            (
                known(stream),
                spent,
                own.days,
                rounded(Fraction(spent) / own.days) if own.days else None,
                _share(mid_high, spent),
                "; ".join(rates.get(stream, ())) or None,
                Decimal(0) if stream in listed else _gap(own, rules),
            )
        )
    notes = [
        (Label("period", "期间"), f"{first} – {asked.day}"),
        (Label("currency", "币种"), currency or "—"),
    ]
    return Content(sorted(rows), notes)


def _period(
    reader: Reader, into: Mapping[str, str], first: date, last: date, currency: str | None
) -> tuple[dict[str, _Spent], str | None]:
    """Return what each customer spent in a period, in order of stream, and the currency of it.

    The database adds up what was sold; what came back is little, and is gone through line by line.
    """
    begins = last.replace(day=1)

    def wanted(c: Any) -> list[Any]:
        found = [c.day.between(first.isoformat(), last.isoformat())]
        return found if currency is None else [*found, c.currency == currency]

    def summed(line: Any) -> sa.Select[Any]:
        c = line.c
        this_month = sa.case((c.day >= begins.isoformat(), c.net), else_=0)
        by = (c.stream, c.grade, c.currency)
        return sa.select(*by, sa.func.sum(c.net), sa.func.sum(this_month)).where(*wanted(c)).group_by(*by)

    found: defaultdict[str, _Spent] = defaultdict(_Spent)
    currencies: set[str] = set()
    for stream, grade, one, net, this_month in reader.select(summed, receipt_lines):
        found[into.get(stream, stream)].add(grade, money_of(net), money_of(this_month))
        currencies.add(one)
    for back in brought_back(reader, into, Days(first, last)):
        if currency in (None, back.currency):
            found[back.stream].add(back.grade, back.net, back.net if back.day >= begins else Decimal(0))
            currencies.add(back.currency)
    for stream, days in _occasions(reader, into, wanted).items():
        found[stream].days = days
    return {stream: found[stream] for stream in sorted(found)}, one_currency(currencies)


def _occasions(reader: Reader, into: Mapping[str, str], wanted: Callable[[Any], list[Any]]) -> dict[str, int]:
    """Return on how many days each customer bought."""

    def bought(c: Any) -> list[Any]:
        # The difference of an exchange is no occasion (RET-54).
        return [*wanted(c), c.quantity >= 0, c.net >= 0, c.exchange.is_(None)]

    def counted(line: Any) -> sa.Select[Any]:
        c = line.c
        return sa.select(c.stream, sa.func.count(c.day.distinct())).where(*bought(c)).group_by(c.stream)

    def of_merged(line: Any, merge: Any) -> sa.Select[Any]:
        c = line.c
        merged = c.stream.in_(sa.union(sa.select(merge.c.stream), sa.select(merge.c.absorbed)))
        return sa.select(c.stream, c.day).where(*bought(c), merged).distinct()

    found = dict[str, int](reader.select(counted, receipt_lines))
    together: dict[str, set[str]] = {}
    for stream, day in reader.select(of_merged, receipt_lines, merged_files):
        together.setdefault(into.get(stream, stream), set()).add(day)
    for absorbed in into:
        found.pop(absorbed, None)
    return found | {stream: len(days) for stream, days in together.items()}


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
