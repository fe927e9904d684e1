"""Read models of paid reading: agreements, fees, chapters sold by month, use counted."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi import Label, ReadModel, Rows, column
from guanxi.relationship.pipeline.events import ContractEnded, ContractSigned
from guanxi_retail.reading.events import (
    ChapterPurchased,
    ContentUseCounted,
    MembershipFeePaid,
    ReadingAgreementSigned,
)


@attrs.define
class AgreementRow:
    """A reading agreement, or a contract that may be one."""

    number: str = column(key=True)
    contract: bool = False
    since: datetime | None = None
    until: datetime | None = None


agreement_rows = ReadModel(
    "retail.reading_agreements", AgreementRow, title=Label("Reading agreements", "阅读协议")
)


@agreement_rows.on
def _agreed(rows: Rows[AgreementRow], e: ReadingAgreementSigned, at: datetime) -> None:
    rows[e.agreement].since = at


@agreement_rows.on
def _signed(rows: Rows[AgreementRow], e: ContractSigned, at: datetime) -> None:
    row = rows[e.contract]
    row.since, row.contract = at, True


@agreement_rows.on
def _ended(rows: Rows[AgreementRow], e: ContractEnded, at: datetime) -> None:
    rows[e.contract].until = at


@attrs.define
class FeeRow:
    """A membership fee; no moment of crediting where none was told."""

    fee: str = column(key=True)
    amount: Decimal = Decimal(0)
    currency: str = ""
    first_day: date | None = None
    last_day: date | None = None
    initiated_at: datetime | None = None
    credited_at: datetime | None = None


fee_rows = ReadModel("retail.membership_fees", FeeRow, title=Label("Membership fees", "会员费"))


@fee_rows.on
def _paid(rows: Rows[FeeRow], e: MembershipFeePaid, at: datetime) -> None:
    row = rows[e.fee]
    row.amount, row.currency, row.first_day, row.last_day = (
        e.amount.amount,
        e.amount.currency,
        e.first_day,
        e.last_day,
    )
    row.initiated_at, row.credited_at = e.initiated_at, e.credited_at


@attrs.define
class ChapterMonthRow:
    """Chapters that a reader bought in a month of the programme's zone, in one currency; free ones are not sold."""

    month: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    currency: str = column(key=True)
    sold: int = 0
    amount: Decimal = Decimal(0)


chapter_months = ReadModel(
    "retail.chapters_sold", ChapterMonthRow, title=Label("Chapters sold by month", "章节月销售")
)


@chapter_months.on
def _sold(rows: Rows[ChapterMonthRow], e: ChapterPurchased, at: datetime) -> None:
    if e.price.amount:
        row = rows[at.date().replace(day=1), e.price.currency]
        row.sold += 1
        row.amount += e.price.amount


@attrs.define
class UseRow:
    """Clicks and downloads of a work in a month, named by its first day."""

    month: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    clicks: int = 0
    downloads: int = 0
    users: int | None = None


use_rows = ReadModel("retail.content_use", UseRow, title=Label("Content use", "内容使用"))


@use_rows.on
def _counted(rows: Rows[UseRow], e: ContentUseCounted, at: datetime) -> None:
    row = rows[e.month]
    row.clicks, row.downloads, row.users = e.clicks, e.downloads, e.users


READ_MODELS = (agreement_rows, fee_rows, chapter_months, use_rows)
