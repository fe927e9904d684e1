"""Quarterly VIP review VIP研讨会材料: measures due and done, VIPs, tiers and care, quarter by quarter (RET-37)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Label, Reader, Report, midnight
from guanxi_retail.reporting import option, percent
from guanxi_retail.store.care_due import CARE
from guanxi_retail.store.metrics import ratio
from guanxi_retail.store.read_models import MeasureRow, ReviewRow, measures, outlets, vip_reviews
from guanxi_retail.store.reviews import first_day, next_quarter, quarter_of
from guanxi_retail.store.vips import admitted_between, store_vips, vips_on
from guanxi_retail.tiers.read_models import tier_changes

_DAY = timedelta(days=1)
IN_TIME, LATE, OVERDUE, OPEN = "in_time", "late", "overdue", "open"


@attrs.frozen
class ReviewParameters:
    """Which store."""

    outlet: str | None = option(None, Label("one store; all if not given", "门店，默认全部"))


def _build(reader: Reader, parameters: ReviewParameters, asked: Asked) -> Content:
    held = [row for _, row in reader.rows(vip_reviews)]
    agreed = [row for _, row in reader.rows(measures)]
    cared = _care(reader, asked)
    rows: list[tuple[Any, ...]] = []
    for _, store in sorted(reader.rows(outlets), key=lambda pair: pair[1].outlet):
        if store.opened_on is None or parameters.outlet not in (None, store.outlet):
            continue
        quarter = quarter_of(store.opened_on)
        while first_day(quarter) <= asked.day:
            days = first_day(quarter), min(first_day(next_quarter(quarter)) - _DAY, asked.day)
            here = [row for row in held if (row.outlet, row.quarter) == (store.outlet, quarter)]
            told = [row for row in agreed if row.outlet == store.outlet]
            rows.append(
                (
                    store.outlet,
                    quarter,
                    *_held(here, quarter, asked),
                    *_measures(told, quarter),
                    len(vips_on(reader, days[1])),
                    admitted_between(reader, *days),
                    *_moves(reader, asked, days),
                    percent(_share(cared, days, asked)),
                )
            )
            quarter = next_quarter(quarter)
    return Content(rows)


def _held(here: Sequence[ReviewRow], quarter: str, asked: Asked) -> tuple[date | None, str | None, str]:
    """Return when the review that fulfils a quarter was held, under whose chair, and whether in time."""
    until = midnight(first_day(next_quarter(quarter)), asked.as_of.tzinfo)
    counted = sorted(
        ((row.at, row) for row in here if row.at is not None and row.measures), key=lambda pair: pair[0]
    )
    if not counted:
        return None, None, OVERDUE if asked.as_of >= until - timedelta(microseconds=1) else OPEN
    at, row = counted[0]
    return row.held_on, row.chair, IN_TIME if at < until else LATE


def _measures(told: Sequence[MeasureRow], quarter: str) -> tuple[int, int, int, int, int]:
    """Return how many measures the quarter before agreed on, and what became of them."""
    due = [row for row in told if next_quarter(row.quarter) == quarter]
    outcomes = [row.outcome for row in due]
    counts = [outcomes.count(outcome) for outcome in ("done", "goes_on", "dropped")]
    return len(due), counts[0], counts[1], counts[2], outcomes.count(None)


def _moves(reader: Reader, asked: Asked, days: tuple[date, date]) -> tuple[int, int]:
    moves = [
        row.move
        for _, row in reader.rows(tier_changes)
        if row.at is not None and days[0] <= asked.day_of(row.at) <= days[1]
    ]
    return moves.count("upgrade"), moves.count("downgrade")


def _care(reader: Reader, asked: Asked) -> list[tuple[datetime, bool]]:
    """Return the last moment of each item of care that is settled, and whether it was done."""
    found: list[tuple[datetime, bool]] = []
    for cadence in CARE:
        for _, item in cadence.items(reader, asked):
            state = item.state(asked.as_of)
            if item.until is not None and state not in ("open", "waived"):
                found.append((item.until, state in ("done", "late")))
    return found


def _share(cared: Sequence[tuple[datetime, bool]], days: tuple[date, date], asked: Asked) -> Any:
    here = [
        done
        for until, done in cared
        if days[0] <= (asked.local(until) - timedelta(microseconds=1)).date() <= days[1]
    ]
    return ratio(sum(here), len(here))


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        due, *outcomes = row[5:10]
        if sum(outcomes, Decimal(0)) != due:
            yield f"{row[0]} {row[1]}: outcomes come to {sum(outcomes)}, measures to {due}"


vip_review_report = Report(
    name="retail.vip_review",
    title=Label("Quarterly VIP review", "VIP研讨会材料"),
    reads=tuple(
        dict.fromkeys(
            (
                outlets,
                vip_reviews,
                measures,
                store_vips,
                tier_changes,
                *(model for cadence in CARE for model in cadence.reads),
            )
        )
    ),
    columns=(
        Column("outlet", Label("Store", "门店")),
        Column("quarter", Label("Quarter", "季度")),
        Column("held_on", Label("Held on", "召开日期"), "date"),
        Column("chair", Label("Chair", "主持人")),
        Column("standing", Label("Standing", "状态"), "code"),
        Column("measures_due", Label("Measures due", "应报告措施"), "integer"),
        Column("measures_done", Label("Done", "已完成"), "integer"),
        Column("measures_going_on", Label("Go on", "继续"), "integer"),
        Column("measures_dropped", Label("Dropped", "取消"), "integer"),
        Column("measures_unreported", Label("Not reported", "未报告"), "integer"),
        Column("vips", Label("VIPs", "VIP人数"), "integer"),
        Column("admissions", Label("Admitted", "新增VIP"), "integer"),
        Column("upgrades", Label("Upgrades", "升级"), "integer"),
        Column("downgrades", Label("Downgrades", "降级"), "integer"),
        Column("care_done", Label("Care done", "关怀完成率"), "percent"),
    ),
    build=_build,
    parameters=ReviewParameters,
    foots=_foots,
    rules=("RET-37",),
)
