"""A member's tier, and what changes it (RET-24 to RET-26)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from guanxi import Facet, Label
from guanxi_retail.membership.events import MemberEnrolled
from guanxi_retail.points.events import (
    PointsActivated,
    PointsAdjusted,
    PointsClawedBack,
    PointsEarned,
    PointsExpired,
    PointsRedeemed,
    PointsRestored,
    PointsReturned,
    PointsTransferred,
)
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded
from guanxi_retail.tiers.events import (
    BY_HAND,
    TierChanged,
    TierSetManually,
)
from guanxi_retail.tiers.periods import Period
from guanxi_retail.tiers.state import Earned, EarnedLot, Floor, Tiers

tiers = Facet("retail.tiers", Tiers, title=Label("Tier", "会员等级"))

# What changes it


@tiers.evolve
def _enrolled(s: Tiers, e: MemberEnrolled, at: datetime) -> None:
    s.enrolled_on = s.enrolled_on or at.date()


@tiers.evolve
def _spent(s: Tiers, e: PurchaseRecorded, at: datetime) -> None:
    day = at.date()
    s.first_on = day if s.first_on is None else min(s.first_on, day)
    s.sold[e.receipt] = day
    s.spend.add(day, e.paid.amount)


@tiers.evolve
def _spent_less(s: Tiers, e: PurchaseRefunded) -> None:
    if (day := s.sold.get(e.receipt)) is not None:
        s.spend.add(day, -e.paid.amount)


@tiers.evolve
def _points_earned(s: Tiers, e: PointsEarned, at: datetime) -> None:
    # What later knowledge adds counts from the day of the line, and only as far as it is more (RET-57).
    lot = s.lots.setdefault(e.lot, EarnedLot(at.date(), s.turn))
    more = Decimal(e.points) - lot.points
    lot.points += more
    s.points.add(lot.day, more)
    _since_change(s, lot, more)


@tiers.ended
def _points_not_earned(s: Tiers, e: PointsEarned) -> None:
    if (lot := s.lots.pop(e.lot, None)) is not None:
        s.points.add(lot.day, -lot.points)
        _since_change(s, lot, -lot.points)


def _since_change(s: Tiers, lot: EarnedLot, more: Decimal) -> None:
    if lot.turn == s.turn:
        s.since_change += more
    else:
        s.earned.counted += more


@tiers.evolve
def _points_clawed_back(s: Tiers, e: PointsClawedBack) -> None:
    s.balance -= e.from_own_lot + sum(n for _, n in e.from_other_lots) + e.debt
    if (lot := s.lots.get(e.lot)) is not None:
        s.points.add(lot.day, -Decimal(e.due))
        _since_change(s, lot, -Decimal(e.due))


@tiers.evolve
def _points_usable(s: Tiers, e: PointsActivated) -> None:
    s.balance += e.points


@tiers.evolve
def _points_adjusted(s: Tiers, e: PointsAdjusted) -> None:
    s.balance += e.points


@tiers.evolve
def _points_restored(s: Tiers, e: PointsRestored) -> None:
    s.balance += sum(n for _, n in e.lots) + e.to_debt


@tiers.evolve
def _points_gone(s: Tiers, e: PointsRedeemed | PointsExpired) -> None:
    s.balance -= e.points


@tiers.evolve
def _points_transferred(s: Tiers, e: PointsTransferred) -> None:
    moved = sum(lot.active for lot in e.lots) - e.debt
    s.balance += moved if e.direction == "in" else -moved


@tiers.evolve
def _points_returned(s: Tiers, e: PointsReturned) -> None:
    moved = sum(lot.active for lot in e.lots) - e.debt
    s.balance += moved if e.direction == "in" else -moved


@tiers.evolve
def _set_by_hand(s: Tiers, e: TierSetManually) -> None:
    s.floors[e.setting] = Floor(e.tier, e.floor_until)
    s.requests.pop(e.setting, None)


@tiers.evolve
def _changed(s: Tiers, e: TierChanged, at: datetime) -> None:
    if e.after != s.tier:
        s.since = at.date()
    s.tier, s.valid_until = e.after, e.valid_until
    if e.cause in BY_HAND:
        return
    both = e.counted_from is not None and e.counted_until is not None
    period = Period(e.counted_from, e.counted_until) if both else None  # type: ignore[arg-type]
    s.earned = Earned(e.earned, e.earned_until, e.grace_until, period, e.carried_by, s.since_change)
    s.since_change = Decimal(0)
    s.turn += 1
