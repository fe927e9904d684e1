"""Tables of care: from when until when somebody held a card, his first purchase, how campaigns ran, what they were told by letter."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi import Label, ReadModel, Rows, column
from guanxi.relationship.campaigns.events import CampaignEnded, CampaignPlanned
from guanxi_retail.membership.events import MemberCardIssued, MemberEnrolled, MembershipEnded
from guanxi_retail.purchases.events import PurchaseRecorded


@attrs.define
class CardRow:
    """That somebody came to hold a card at a moment, or ceased to."""

    at: datetime = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    holds: bool = False
    event: str = ""


card_spans = ReadModel("retail.care_cards", CardRow, title=Label("Cardholders", "持卡人"))


@card_spans.on
def _holds(rows: Rows[CardRow], e: MemberEnrolled | MemberCardIssued, at: datetime) -> None:
    row = rows[at]
    row.holds, row.event = True, row.event or e.stored_name


@card_spans.on
def _ended(rows: Rows[CardRow], e: MembershipEnded, at: datetime) -> None:
    row = rows[at]
    row.holds, row.event = False, e.stored_name


@attrs.define
class FirstPurchaseRow:
    """When somebody bought for the first time."""

    at: datetime | None = None


first_purchases = ReadModel(
    "retail.first_purchases", FirstPurchaseRow, title=Label("First purchases", "首次消费")
)


@first_purchases.on
def _bought(rows: Rows[FirstPurchaseRow], e: PurchaseRecorded, at: datetime) -> None:
    row = rows[()]
    row.at = at if row.at is None else min(row.at, at)


@attrs.define
class CampaignPeriodRow:
    """The days a campaign is to run by its latest plan, and when it was ended."""

    version: int = 0
    title: str = ""
    planned_at: datetime | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    ended_at: datetime | None = None


campaign_periods = ReadModel(
    "retail.campaign_periods", CampaignPeriodRow, title=Label("Campaign periods", "活动期间")
)


@campaign_periods.on
def _planned(rows: Rows[CampaignPeriodRow], e: CampaignPlanned, at: datetime) -> None:
    row = rows[()]
    row.planned_at = row.planned_at or at
    if e.version >= row.version:
        row.version, row.title, row.starts_on, row.ends_on = e.version, e.title, e.starts_on, e.ends_on


@campaign_periods.on
def _over(rows: Rows[CampaignPeriodRow], e: CampaignEnded, at: datetime) -> None:
    rows[()].ended_at = at


READ_MODELS = (card_spans, first_purchases, campaign_periods)
