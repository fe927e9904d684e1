"""Tier warnings (降级预警): who loses which tier when, what is missing to keep it, and whether he was told (RET-25)."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Label, Reader, Report
from guanxi.relationship import files
from guanxi_retail.reporting import ACCOUNT, account_of, option
from guanxi_retail.tiers.cadences import READS, notices


@attrs.frozen
class WarningsParameters:
    """Which deadlines."""

    since: date | None = option(  # noqa: RUF009 - an attrs field, not a default
        None, Label("first deadline; the day of the cut if not given", "最早截止日，默认截至日")
    )


def _build(reader: Reader, parameters: WarningsParameters, asked: Asked) -> Content:
    account, since = account_of(reader), parameters.since or asked.day
    rows: list[tuple[Any, ...]] = []
    before = 0
    for one in notices(reader, asked):
        row = one.row
        if row.deadline < since:
            continue
        if one.before_import:
            before += 1
            continue
        sent = None if one.sent_at is None else asked.day_of(one.sent_at)
        rows.append(
            (
                row.deadline,
                account(one.stream),
                row.tier,
                row.next_tier,
                row.amount,
                row.gap,
                one.warned_at.date(),
                sent,
            )
        )
    notes = [
        (Label("warned, told", "应通知、已通知"), f"{len(rows):,}, {sum(r[-1] is not None for r in rows):,}"),
        (Label("before import", "导入前"), f"{before:,}"),
    ]
    return Content(sorted(rows, key=lambda row: row[:2]), notes)


warnings = Report(
    name="retail.tier_warnings",
    title=Label("Tier warnings", "降级预警"),
    reads=(files, *READS),
    columns=(
        Column("deadline", Label("Deadline", "截止日"), "date"),
        ACCOUNT,
        Column("tier", Label("Tier", "等级"), "code"),
        Column("next", Label("Next tier", "降至等级"), "code"),
        Column("amount", Label("Amount", "考核金额"), "decimal"),
        Column("gap", Label("Gap", "差额"), "decimal"),
        Column("warned_on", Label("Warned on", "预警日"), "date"),
        Column("told_on", Label("Told on", "通知日"), "date"),
    ),
    build=_build,
    parameters=WarningsParameters,
    rules=("RET-25", "RET-59"),
)
