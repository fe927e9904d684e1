"""Read models of tiers: every change, and since when and until when somebody is a member."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi import Label, ReadModel, Rows, column
from guanxi.relationship.file.spans import begun, ended
from guanxi_retail.membership.events import MemberEnrolled, MembershipEnded
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded
from guanxi_retail.tiers.events import TierChanged, TierDowngradeWarned


@attrs.define
class TierChangeRow:
    """One change of a tier in force, or that it was kept; ``turn`` tells the order of those of one moment."""

    cause: str = column(key=True)
    about: str = column(key=True)
    at: datetime | None = None
    turn: int = 0
    before: str | None = None
    after: str | None = None
    move: str = ""
    amount: Decimal = Decimal(0)
    threshold: Decimal = Decimal(0)
    valid_until: date | None = None


tier_changes = ReadModel("retail.tier_changes", TierChangeRow, title=Label("Tier changes", "等级变动"))


@tier_changes.on
def _changed(rows: Rows[TierChangeRow], e: TierChanged, at: datetime) -> None:
    row = rows[e.cause, e.about]
    row.at = at
    row.turn = {"manual": 0, "floor_end": 0, "period_end": 2}.get(e.cause, 1)
    row.before, row.after, row.move = e.before, e.after, e.move
    row.amount, row.threshold, row.valid_until = e.amount, e.threshold, e.valid_until


@attrs.define
class TierMemberRow:
    """From when until when somebody counts as a member: from the first purchase or enrolment until the membership ends."""

    spans: str = ""


tier_members = ReadModel("retail.tier_members", TierMemberRow, title=Label("Members with tiers", "等级会员"))


@tier_members.on
def _bought(rows: Rows[TierMemberRow], e: PurchaseRecorded, at: datetime) -> None:
    row = rows[()]
    row.spans = row.spans or begun("", at)


@tier_members.on
def _enrolled(rows: Rows[TierMemberRow], e: MemberEnrolled, at: datetime) -> None:
    row = rows[()]
    row.spans = begun(row.spans, at)


@tier_members.on
def _left(rows: Rows[TierMemberRow], e: MembershipEnded, at: datetime) -> None:
    row = rows[()]
    row.spans = ended(row.spans, at)


@attrs.define
class TierWarningRow:
    """A warning; the row of the day before all days keeps what was last told of the customer's purchases."""

    deadline: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    tier: str = ""
    next_tier: str | None = None
    amount: Decimal = Decimal(0)
    gap: Decimal = Decimal(0)
    warned_at: datetime | None = None
    ground: str = ""
    ground_at: datetime | None = None


tier_warning_rows = ReadModel(
    "retail.tier_warning_rows", TierWarningRow, title=Label("Tier warnings", "降级预警")
)


@tier_warning_rows.on
def _told(rows: Rows[TierWarningRow], e: PurchaseRecorded | PurchaseRefunded, at: datetime) -> None:
    last = rows[date.min]
    last.ground, last.ground_at = e.stored_name, at


@tier_warning_rows.on
def _warned(rows: Rows[TierWarningRow], e: TierDowngradeWarned, at: datetime) -> None:
    row, last = rows[e.deadline], rows[date.min]
    row.tier, row.next_tier, row.amount, row.gap = e.tier, e.next_tier, e.amount, e.gap
    row.warned_at, row.ground, row.ground_at = at, last.ground, last.ground_at


READ_MODELS = (tier_changes, tier_members, tier_warning_rows)
