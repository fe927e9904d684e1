"""How account managers did: satisfaction first, then customers held, won, lost, growth, what is overdue and broken (report 21)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.relationship.dealings.read_models import moves, order_register
from guanxi.relationship.dealings.reckoning import books
from guanxi.relationship.ownership.read_models import OwnershipRow, ownership
from guanxi.relationship.reports_across.read_models import breaches
from guanxi.relationship.service.figures import csat, net_promoter, percent
from guanxi.relationship.service.read_models.satisfaction import answer_rows, promise_rows
from guanxi.relationship.service.reports.periods import Days, Period, counted, days_of, option, share
from guanxi.relationship.service.rules import SatisfactionRules


@attrs.frozen
class AppraisalParameters(Period):
    """Which period is appraised, and in which currency amounts count."""

    currency: str = option("CNY", "currency of the amounts", "金额币种")


@attrs.define
class _Sheet:
    """What counts for one account manager; for nobody, what nobody answers for."""

    satisfied: list[int] = attrs.field(factory=list)
    recommend: list[int] = attrs.field(factory=list)
    customers: int = 0
    new: int = 0
    lost: int = 0
    ordered: Decimal = Decimal(0)
    ordered_before: Decimal = Decimal(0)
    overdue: Decimal = Decimal(0)
    broken: int = 0
    breaches: int = 0


def _shown(row: OwnershipRow) -> bool:
    return row.opened_on is not None and row.absorbed_by is None


def _sheets(
    reader: Reader, parameters: AppraisalParameters, days: Days, asked: Asked
) -> dict[str | None, _Sheet]:
    sheets: dict[str | None, _Sheet] = {}
    whose: dict[str, _Sheet] = {}
    for stream, row in reader.rows(ownership):
        if not _shown(row):
            continue
        sheet = whose[stream] = sheets.setdefault(row.maintainer, _Sheet())
        sheet.customers += row.closed_on is None
        sheet.new += row.opened_on is not None and days.first <= row.opened_on <= days.last
        sheet.lost += row.closed_on is not None and days.first <= row.closed_on <= days.last
    for stream, answer in reader.rows(answer_rows):
        told = answer.answered_on is not None and days.first <= answer.answered_on <= days.last
        if told and stream in whose:
            own = whose[stream]
            {"csat": own.satisfied, "nps": own.recommend}.get(answer.scale, []).append(answer.score)
    before = Days(days.first - (days.last - days.first) - timedelta(days=1), days.first - timedelta(days=1))
    for stream, order in reader.rows(order_register):
        if stream in whose and order.at is not None and order.currency == parameters.currency:
            day = asked.day_of(order.at)
            if days.first <= day <= days.last:
                whose[stream].ordered += order.amount
            elif before.first <= day <= before.last:
                whose[stream].ordered_before += order.amount
    for stream, promise in reader.rows(promise_rows):
        if stream in whose and days.holds(promise.broken_at, asked):
            whose[stream].broken += 1
    for stream, breach in reader.rows(breaches):
        if stream in whose and days.first <= breach.day <= days.last:
            whose[stream].breaches += breach.count
    for stream, book in books(reader).items():
        if stream in whose:
            whose[stream].overdue += sum(
                item.open
                for item in book.receivables.values()
                if item.currency == parameters.currency and item.overdue_days(asked.day) > 0
            )
    return sheets


def _appraised(reader: Reader, parameters: AppraisalParameters, asked: Asked) -> Content:
    rules, days = asked.rules(SatisfactionRules), days_of(parameters.since, parameters.until, asked)
    sheets = _sheets(reader, parameters, days, asked)
    found = [
        (
            person,
            len(s.satisfied),
            csat(s.satisfied, rules),
            net_promoter(s.recommend, rules).score,
            s.customers,
            s.new,
            s.lost,
            s.ordered,
            s.ordered_before,
            percent(s.ordered - s.ordered_before, s.ordered_before),
            s.overdue,
            s.broken,
            s.breaches,
        )
        for person, s in sheets.items()
    ]
    # Satisfaction is the first measure; who has no answers comes after those who have, nobody's customers last.
    rows = sorted(found, key=lambda r: (r[0] is None, r[2] is None, -(r[2] or 0), r[0] or ""))
    held = sum(_shown(row) and row.closed_on is None for _, row in reader.rows(ownership))
    counts = sum(row[4] for row in rows)
    trouble = (
        [] if counts == held else [f"{counts} customers of maintainers are not the {held} on the register"]
    )
    notes = [(Label("period", "期间"), f"{days.first} – {days.last}")]
    return Content(rows, notes=notes, drawing=_drawing(rows), trouble=trouble)


def _drawing(rows: Sequence[tuple[Any, ...]]) -> Drawing:
    """Return each measure as a share of the best one's, since they have no unit in common."""
    named = [row for row in rows if row[0] is not None]
    if not named:
        return Drawing()
    columns = (
        Column("measure", Label("Measure", "指标"), "code"),
        Column("person", Label("Account manager", "客户经理")),
        Column("share", Label("Share of the best, %", "与最佳者之比（%）"), "decimal", 1),
    )
    picture = Picture(
        "radar", "measure", "person", Label("Account managers compared", "客户经理对比"), value="share"
    )
    return Drawing(picture, columns, list(_shares(named)))


def _shares(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, str, Decimal]]:
    for at, name in ((2, "csat"), (4, "customers"), (5, "new_customers"), (7, "orders")):
        best = max((Decimal(row[at] or 0) for row in rows), default=Decimal(0))
        for row in rows:
            yield name, row[0], percent(Decimal(row[at] or 0), best) or Decimal(0)


appraisal = Report(
    name="core.manager_appraisal",
    title=Label("Account-manager appraisal", "客户经理考核"),
    reads=(ownership, answer_rows, order_register, moves, promise_rows, breaches),
    columns=(
        Column("maintainer", Label("Account manager", "客户经理")),
        counted("csat_answers", "CSAT answers", "满意度答复数"),
        share("csat", "CSAT", "满意率"),
        Column("nps", Label("NPS", "净推荐值"), "decimal", 1),
        counted("customers", "Customers", "客户数"),
        counted("new", "New", "新增"),
        counted("lost", "Lost", "流失"),
        Column("ordered", Label("Ordered", "订单金额"), "decimal"),
        Column("ordered_before", Label("Ordered before", "上期订单金额"), "decimal"),
        share("growth", "Growth", "增长率"),
        Column("overdue", Label("Overdue", "逾期金额"), "decimal"),
        counted("broken", "Promises broken", "违背承诺"),
        counted("breaches", "Breaches of rules", "违规次数"),
    ),
    build=_appraised,
    parameters=AppraisalParameters,
    rules=("CORE-04", "CORE-20", "CORE-37"),
)
