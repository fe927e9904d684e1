"""VIP chapters: what paid reading brought in, month by month, with activity beside it (RET-52, RET-53)."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report, end_of
from guanxi.relationship import files
from guanxi_retail.reading.figures import ReadingMonth
from guanxi_retail.reading.read_models import (
    AgreementRow,
    FeeRow,
    agreement_rows,
    chapter_months,
    fee_rows,
    use_rows,
)
from guanxi_retail.reading.rules import ReadingRules
from guanxi_retail.reporting import CURRENCY_NOTE, currency_option, one_currency


@attrs.frozen
class VipChapterParameters:
    """In which currency."""

    currency: str | None = currency_option()


def _build(reader: Reader, parameters: VipChapterParameters, asked: Asked) -> Content:
    fees = [(stream, row) for stream, row in reader.rows(fee_rows) if row.credited_at is not None]
    sold = [row for _, row in reader.rows(chapter_months) if row.month <= asked.day]
    currencies = {row.currency for _, row in fees} | {row.currency for row in sold}
    currency = one_currency({parameters.currency} & currencies if parameters.currency else currencies)
    months: defaultdict[date, ReadingMonth] = defaultdict(ReadingMonth)
    for _, fee in fees:
        if fee.currency == currency and fee.credited_at is not None and fee.initiated_at is not None:
            month = months[asked.day_of(fee.credited_at).replace(day=1)]
            month.fees += fee.amount
            month.waits.append(int((fee.credited_at - fee.initiated_at).total_seconds()))
    for chapter in sold:
        if chapter.currency == currency:
            month = months[chapter.month]
            month.chapters += chapter.amount
            month.sold += chapter.sold
    counted: defaultdict[date, int] = defaultdict(int)
    for _, use in reader.rows(use_rows):
        if use.month <= asked.day:
            month = months[use.month]
            month.clicks += use.clicks
            month.downloads += use.downloads
            counted[use.month] += use.users or 0
    opened = [row.opened_on for _, row in reader.rows(files) if row.opened_on is not None]
    agreements: defaultdict[str, list[AgreementRow]] = defaultdict(list)
    for stream, row in reader.rows(agreement_rows):
        agreements[stream].append(row)
    rows = []
    for name in sorted(months):
        at = min(_end(name, asked), asked.as_of)
        month = months[name]
        month.members = len(set(_members(fees, agreements, at, asked)))
        month.users = counted[name] or sum(day <= at.date() for day in opened)
        rows.append(_row(name, month))
    return Content(rows, [(CURRENCY_NOTE, currency or "-")])


def _end(month: date, asked: Asked) -> datetime:
    return end_of(month.replace(day=monthrange(month.year, month.month)[1]), asked.as_of.tzinfo)


def _members(
    fees: Sequence[tuple[str, FeeRow]],
    agreements: dict[str, list[AgreementRow]],
    at: datetime,
    asked: Asked,
) -> Iterator[str]:
    """Yield the readers who are VIPs at a moment: agreed, fee credited, membership not over."""
    rules, day = asked.rules_at(ReadingRules, at), at.date()
    for stream, fee in fees:
        begun = fee.credited_at is not None and fee.credited_at <= at
        lasts = (
            fee.first_day is not None and fee.last_day is not None and fee.first_day <= day <= fee.last_day
        )
        if begun and lasts and any(_counts(one, rules, at) for one in agreements.get(stream, ())):
            yield stream


def _counts(row: AgreementRow, rules: ReadingRules, at: datetime) -> bool:
    signed = row.since is not None and row.since <= at and (row.until is None or at < row.until)
    return signed and (not row.contract or rules.is_agreement(row.number))


def _row(name: date, month: ReadingMonth) -> tuple[Any, ...]:
    return (
        f"{name:%Y-%m}",
        month.members,
        month.users,
        month.vip_share,
        month.fees,
        month.chapters,
        month.revenue,
        month.sold,
        month.clicks,
        month.downloads,
        month.conversion,
        month.wait_hours,
    )


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        fees, chapters, revenue = row[4:7]
        if fees + chapters != revenue:
            yield f"{row[0]}: fees {fees} and chapters {chapters} are not {revenue}"


vip_chapters = Report(
    name="retail.vip_chapters",
    title=Label("VIP chapters", "VIP订阅收入"),
    reads=(files, agreement_rows, fee_rows, chapter_months, use_rows),
    columns=(
        Column("month", Label("Month", "月份")),
        Column("members", Label("VIP members", "VIP会员数"), "integer"),
        Column("users", Label("Users", "用户数"), "integer"),
        Column("vip_share", Label("VIP share", "VIP占比"), "percent"),
        Column("fees", Label("Membership fees", "会员费"), "decimal"),
        Column("chapters", Label("Chapter sales", "章节收入"), "decimal"),
        Column("revenue", Label("Revenue", "收入合计"), "decimal"),
        Column("sold", Label("Chapters sold", "售出章节"), "integer"),
        Column("clicks", Label("Clicks", "点击"), "integer"),
        Column("downloads", Label("Downloads", "下载"), "integer"),
        Column("conversion", Label("Conversion", "转化率"), "percent"),
        Column("wait_hours", Label("Mean wait, hours", "平均到账等待（小时）"), "decimal"),
    ),
    build=_build,
    parameters=VipChapterParameters,
    foots=_foots,
    picture=Picture("lines", "month", "revenue", Label("Revenue of paid reading", "付费阅读收入")),
    rules=("RET-52", "RET-53"),
)

REPORTS = (vip_chapters,)
