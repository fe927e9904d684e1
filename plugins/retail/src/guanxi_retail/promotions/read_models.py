"""Read models of promotions: vouchers and what became of them, draws, referrals."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import attrs

from guanxi import Label, ReadModel, Rows, column
from guanxi_retail.points.events import PointsClawedBack
from guanxi_retail.promotions.events import (
    ExchangeRecorded,
    FriendBoughtSet,
    FriendReturnedSet,
    ReferralRecorded,
    ReferralRewardChosen,
    ScratchCardDrawn,
    VoucherCancelled,
    VoucherExpired,
    VoucherIssued,
    VoucherPrinted,
    VoucherRedeemed,
    VoucherRestored,
    VoucherUsedBySurvivor,
    voucher_of,
)


@attrs.define
class VoucherRow:
    """A voucher and what became of it."""

    voucher: str = column(key=True)
    number: str | None = None
    kind: str = ""
    rule: str = ""
    cause: str = ""
    step: str = ""
    step_amount: Decimal = Decimal(0)
    campaign: str = ""
    valid_from: date | None = None
    last_day: date | None = None
    face: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    used: Decimal = Decimal(0)
    gifts: int = 0
    gifts_over: int = 0
    lost: Decimal = Decimal(0)
    unfounded: bool = False


voucher_rows = ReadModel("retail.voucher_rows", VoucherRow, title=Label("Vouchers", "礼券"))


@voucher_rows.on
def _issued(rows: Rows[VoucherRow], e: VoucherIssued, at: datetime) -> None:
    row = rows[e.voucher]
    row.kind, row.rule, row.cause, row.step, row.campaign = e.kind, e.rule, e.cause, e.step, e.campaign
    row.valid_from = at.date()
    row.last_day = at.date() + timedelta(days=e.valid_days)
    row.face = row.value = e.face
    row.used, row.gifts, row.unfounded = Decimal(0), e.gifts, False
    row.step_amount = e.threshold if e.kind == "referral" else e.threshold / int(e.step)


@voucher_rows.on
def _printed(rows: Rows[VoucherRow], e: VoucherPrinted, at: datetime) -> None:
    rows[e.voucher].number = e.number


@voucher_rows.on
def _used(rows: Rows[VoucherRow], e: VoucherRedeemed | VoucherUsedBySurvivor, at: datetime) -> None:
    row = rows[e.voucher]
    if isinstance(e, VoucherUsedBySurvivor) and e.refund:
        row.value += e.used
        row.used -= e.used
        return
    row.value = Decimal(0)
    row.used += e.used
    if row.unfounded:
        row.lost = row.used


@voucher_rows.on
def _restored(rows: Rows[VoucherRow], e: VoucherRestored, at: datetime) -> None:
    row = rows[e.voucher]
    row.value += e.value + e.forfeited
    row.used -= e.value


@voucher_rows.on
def _cancelled(rows: Rows[VoucherRow], e: VoucherCancelled, at: datetime) -> None:
    row = rows[e.voucher]
    row.value, row.unfounded = Decimal(0), True
    row.gifts_over += e.gifts
    row.gifts -= e.gifts
    if e.way == "paid_out":
        row.lost = e.value - e.deducted


@voucher_rows.on
def _expired(rows: Rows[VoucherRow], e: VoucherExpired, at: datetime) -> None:
    rows[e.voucher].value -= e.value


WITHOUT_GROUND = "without_ground"
"""The kind of a voucher that was used and, with what is known now, was never issued."""


@attrs.define
class VoucherMonthRow:
    """Movements of a voucher's value in a month; the row without a month keeps what is left of it."""

    voucher: str = column(key=True)
    month: str = column(key=True)
    kind: str = ""
    left: Decimal = Decimal(0)
    issued: Decimal = Decimal(0)
    restored: Decimal = Decimal(0)
    beyond: Decimal = Decimal(0)
    redeemed: Decimal = Decimal(0)
    forfeited: Decimal = Decimal(0)
    expired: Decimal = Decimal(0)
    cancelled: Decimal = Decimal(0)
    issued_count: int = 0
    restored_count: int = 0
    beyond_count: int = 0
    redeemed_count: int = 0
    expired_count: int = 0
    cancelled_count: int = 0


voucher_months = ReadModel(
    "retail.voucher_months", VoucherMonthRow, title=Label("Vouchers by month", "礼券月度变动")
)


def _month(
    rows: Rows[VoucherMonthRow], voucher: str, at: datetime
) -> tuple[VoucherMonthRow, VoucherMonthRow]:
    """Return what is kept of a voucher, and its row of a month."""
    kept, row = rows[voucher, ""], rows[voucher, f"{at:%Y-%m}"]
    row.kind = kept.kind or WITHOUT_GROUND
    return kept, row


@voucher_months.on
def _month_issued(rows: Rows[VoucherMonthRow], e: VoucherIssued, at: datetime) -> None:
    rows[e.voucher, ""].kind = e.kind
    kept, row = _month(rows, e.voucher, at)
    kept.left = e.face
    row.issued += e.face
    row.issued_count += 1


@voucher_months.on
def _month_used(
    rows: Rows[VoucherMonthRow], e: VoucherRedeemed | VoucherUsedBySurvivor, at: datetime
) -> None:
    kept, row = _month(rows, e.voucher, at)
    if isinstance(e, VoucherUsedBySurvivor) and e.refund:
        row.restored += e.used
        row.restored_count += int(kept.left <= 0)
        kept.left += e.used
        return
    row.redeemed += e.used
    row.forfeited += e.forfeited
    row.redeemed_count += 1
    # A use that was kept with a breach took what was not there any more.
    row.beyond += max(e.used + e.forfeited - kept.left, Decimal(0))
    row.beyond_count += int(kept.left <= 0)
    kept.left = max(kept.left - e.used - e.forfeited, Decimal(0))


@voucher_months.on
def _month_restored(rows: Rows[VoucherMonthRow], e: VoucherRestored, at: datetime) -> None:
    kept, row = _month(rows, e.voucher, at)
    row.restored += e.value + e.forfeited
    row.restored_count += int(kept.left <= 0)
    kept.left += e.value + e.forfeited


@voucher_months.on
def _month_expired(rows: Rows[VoucherMonthRow], e: VoucherExpired, at: datetime) -> None:
    kept, row = _month(rows, e.voucher, at)
    row.expired += e.value
    row.expired_count += 1
    kept.left -= e.value


@voucher_months.on
def _month_cancelled(rows: Rows[VoucherMonthRow], e: VoucherCancelled, at: datetime) -> None:
    kept, row = _month(rows, e.voucher, at)
    if kept.left > 0:
        row.cancelled += kept.left
        row.cancelled_count += 1
        kept.left = Decimal(0)


@attrs.define
class DrawRow:
    """A scratch card that was drawn."""

    serial: str = column(key=True)
    receipt: str = ""
    day: date | None = None
    prize: str = ""
    extra_gifts: int = 0


draw_rows = ReadModel("retail.draw_rows", DrawRow, title=Label("Scratch cards", "刮刮卡"))


@draw_rows.on
def _drawn(rows: Rows[DrawRow], e: ScratchCardDrawn, at: datetime) -> None:
    row = rows[e.serial]
    row.receipt, row.day, row.prize, row.extra_gifts = e.receipt, at.date(), e.prize, len(e.extra_gifts)


@attrs.define
class FriendSetRow:
    """A set sold to a friend, in the file of the member who brought them."""

    friend: str = column(key=True)
    number: str = column(key=True)
    day: date | None = None
    spent: Decimal = Decimal(0)
    choice: str = "voucher"
    returned: bool = False

    @property
    def voucher(self) -> str:
        """The key of its voucher."""
        return voucher_of("RET-14", self.friend, self.number)


friend_sets = ReadModel(
    "retail.friend_sets", FriendSetRow, title=Label("Sets sold to friends", "好友成交套装")
)


@friend_sets.on
def _sold(rows: Rows[FriendSetRow], e: FriendBoughtSet, at: datetime) -> None:
    row = rows[e.friend, e.number]
    row.day, row.spent = at.date(), e.spent


@friend_sets.on
def _chosen(rows: Rows[FriendSetRow], e: ReferralRewardChosen, at: datetime) -> None:
    rows[e.friend, e.number].choice = e.choice


@friend_sets.on
def _gave_back(rows: Rows[FriendSetRow], e: FriendReturnedSet, at: datetime) -> None:
    rows[e.friend, e.number].returned = True


@attrs.define
class ReferralRow:
    """Who brought this customer, and when."""

    referrer: str = column(key=True)
    day: date | None = None


referral_rows = ReadModel("retail.referral_rows", ReferralRow, title=Label("Referrals", "老带新"))


@referral_rows.on
def _brought(rows: Rows[ReferralRow], e: ReferralRecorded, at: datetime) -> None:
    rows[e.referrer].day = at.date()


@attrs.define
class ExchangeRow:
    """An exchange: what came back, what went out, and the difference."""

    exchange: str = column(key=True)
    day: date | None = None
    refund: str = ""
    receipt: str = ""
    replaces: str = ""
    lines: str = ""
    returned: Decimal = Decimal(0)
    sold: Decimal = Decimal(0)
    difference: Decimal = Decimal(0)


exchange_rows = ReadModel("retail.exchange_rows", ExchangeRow, title=Label("Exchanges", "换货"))


@exchange_rows.on
def _exchanged(rows: Rows[ExchangeRow], e: ExchangeRecorded, at: datetime) -> None:
    row = rows[e.exchange]
    row.day, row.refund, row.receipt, row.replaces = at.date(), e.refund, e.receipt, e.replaces
    row.lines = ", ".join(f"{e.replaces}/{back.number}" for back in e.returned)
    row.returned = sum((back.net for back in e.returned), Decimal(0))
    row.sold = sum((line.net for line in e.goods), Decimal(0))
    row.difference = e.difference


@attrs.define
class RefundPointsRow:
    """Points that a refund takes back."""

    refund: str = column(key=True)
    points: int = 0


refund_points = ReadModel(
    "retail.refund_points", RefundPointsRow, title=Label("Points of refunds", "退货扣回积分")
)


@refund_points.on
def _taken_back(rows: Rows[RefundPointsRow], e: PointsClawedBack, at: datetime) -> None:
    rows[e.refund].points += e.due


READ_MODELS = (
    voucher_rows,
    voucher_months,
    draw_rows,
    friend_sets,
    referral_rows,
    exchange_rows,
    refund_points,
)
