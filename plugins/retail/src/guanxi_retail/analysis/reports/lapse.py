"""Lapse and win-back: who has been silent for longer than the own rhythm allows, and who came back (RET-48)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import attrs

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi_retail.analysis.measures import (
    CustomerOccasions,
    LapseParameters,
    LapseVerdict,
    judge_lapse,
    judge_rhythm,
)
from guanxi_retail.analysis.population import population
from guanxi_retail.analysis.rules import LapseRules
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import ACCOUNT, CUSTOMERS, currency_option, option, rounded, top_option


@attrs.frozen
class LapseReportParameters:
    """Whom the list shows."""

    status: Literal["all", "lapsed", "active"] = option(
        "all", Label("all, lapsed or active", "全部、流失或活跃")
    )
    top: int | None = top_option()
    currency: str | None = currency_option()


DAYS = Column("days_silent", Label("Days silent", "未消费天数"), "integer")
SILENCE = Drawing(
    Picture(
        "lines",
        x="days_silent",
        y="customers",
        title=Label("Customers silent for so many days or more", "未消费天数分布"),
    ),
    (DAYS, CUSTOMERS),
)
LAPSED_CODE, ACTIVE_CODE = "lapsed", "active"
LAPSED = Label("lapsed", "流失")
ACTIVE = Label("active", "活跃")


def _build(reader: Reader, parameters: LapseReportParameters, asked: Asked) -> Content:
    people = population(reader, asked, parameters.currency)
    rules = asked.rules(LapseRules).parameters()
    judged, rows = [], []
    for history in people.histories:
        verdict = judge_lapse(history, asked.day, rules)
        status = LAPSED_CODE if verdict.lapsed else ACTIVE_CODE
        judged.append((status, verdict.days_silent))
        if parameters.status in ("all", status):
            rows.append(_row(history, verdict, status, rules))
    lapsed = sum(status == LAPSED_CODE for status, _ in judged)
    rows.sort(key=lambda row: (-row[4], row[0]))
    notes = [(LAPSED, f"{lapsed:,}"), (ACTIVE, f"{len(judged) - lapsed:,}"), *people.notes()]
    drawing = attrs.evolve(SILENCE, rows=_silence([days for _, days in judged]))
    return Content(rows[: parameters.top], notes, drawing=drawing)


def _row(
    history: CustomerOccasions, verdict: LapseVerdict, status: str, rules: LapseParameters
) -> tuple[Any, ...]:
    median = verdict.own_median
    return (
        history.customer,
        status,
        verdict.last,
        history.count,
        verdict.days_silent,
        None if median is None else rounded(median),
        rounded(verdict.limit),
        verdict.basis.value,
        verdict.lapses_on,
        _won_back_on(history, rules),
    )


def _won_back_on(history: CustomerOccasions, rules: LapseParameters) -> date | None:
    """Return the last purchase day that came after a lapse, judged by what had been bought until then."""
    days, intervals = history.days, history.intervals
    shortest = min(rules.floor_days, rules.default_days)
    for i in range(len(intervals), 0, -1):
        if intervals[i - 1] > shortest:
            before = sorted(intervals[: i - 1])
            if judge_rhythm(history.customer, days[i - 1], before, days[i], rules).lapsed:
                return days[i]
    return None


def _silence(silent: Sequence[int]) -> list[tuple[int, int]]:
    counts, left, rows = Counter(silent), len(silent), []
    for days in sorted(counts):
        rows.append((days, left))
        left -= counts[days]
    return rows


lapse = Report(
    name="retail.lapse",
    title=Label("Lapse and win-back", "流失与挽回"),
    reads=(files, receipts),
    columns=(
        ACCOUNT,
        Column("status", Label("Status", "状态"), "code"),
        Column("last_on", Label("Last purchase", "最近消费"), "date"),
        Column("occasions", Label("Purchase days", "购买日数"), "integer"),
        DAYS,
        Column("own_median", Label("Own median interval", "自身间隔中位数"), "decimal", 1),
        Column("limit", Label("Limit", "期限"), "decimal", 1),
        Column("basis", Label("Basis", "依据"), "code"),
        Column("lapses_on", Label("Lapses on", "流失日"), "date"),
        Column("won_back_on", Label("Won back on", "挽回日"), "date"),
    ),
    build=_build,
    parameters=LapseReportParameters,
    picture=SILENCE.picture,
    rules=("RET-48",),
)
