"""The points ledger of a member: lots, their maturity and lapse, burn order, claw-back, debt (RET-15 to RET-20, RET-22)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

import attrs

from guanxi import Conflict, Decision, Due, Fact, Facet, Label, Now, Unknown, add_months, midnight, midnight_after
from guanxi_retail.events import (
    LotLapses,
    LotMatures,
    LotPart,
    PointsActivated,
    PointsClawedBack,
    PointsEarned,
    PointsExpired,
    PointsRedeemed,
    PointsRestored,
    PurchaseRecorded,
    PurchaseRefunded,
    RedeemPoints,
    RedemptionUndone,
    UndoRedemption,
)
from guanxi_retail.purchases import Purchases, purchases
from guanxi_retail.rules import PointsRules

_NEVER = date.max


@attrs.define
class Lot:
    """Points of one purchase: how many wait, how many are usable, how many lapsed."""

    key: str
    earned_at: datetime
    available_from: date
    last_day: date | None
    rate: Decimal
    pending: int
    active: int = 0
    expired: int = 0
    settled: int = 0


@attrs.define
class Redemption:
    """Points paid, by lot."""

    lots: tuple[LotPart, ...]
    uncovered: int = 0


@attrs.define
class Points:
    """A member's points."""

    lots: dict[str, Lot] = attrs.field(factory=dict)
    redemptions: dict[str, Redemption] = attrs.field(factory=dict)
    debt: int = 0

    @property
    def active(self) -> int:
        """Usable points."""
        return sum(lot.active for lot in self.lots.values())

    @property
    def pending(self) -> int:
        """Points that are earned but not usable yet."""
        return sum(lot.pending for lot in self.lots.values())

    @property
    def expired(self) -> int:
        """Points that lapsed unused."""
        return sum(lot.expired for lot in self.lots.values())

    @property
    def balance(self) -> int:
        """Usable points less debt (RET-22)."""
        return self.active - self.debt

    def burn(self, points: int, skip: str = "") -> tuple[LotPart, ...]:
        """Return which lots give how many points, in burn order (RET-17): soonest last day, oldest earning, order of entry."""
        taken: list[LotPart] = []
        for lot in sorted(self.lots.values(), key=lambda x: (x.last_day or _NEVER, x.earned_at)):
            if points <= 0:
                break
            if lot.active > 0 and lot.key != skip:
                part = min(points, lot.active)
                taken.append((lot.key, part))
                points -= part
        return tuple(taken)


points = Facet("retail.points", Points, reads=(purchases,), title=Label("Points", "积分"))


# What changes it


@points.evolve
def _earned(s: Points, e: PointsEarned, at: datetime) -> None:
    s.lots[e.lot] = Lot(e.lot, at, e.available_from, e.last_day, e.rate * e.multiplier, e.points)


@points.evolve
def _activated(s: Points, e: PointsActivated) -> None:
    lot = s.lots[e.lot]
    lot.pending -= e.points
    lot.active += e.points - e.to_debt
    s.debt -= e.to_debt


@points.evolve
def _expired(s: Points, e: PointsExpired) -> None:
    lot = s.lots[e.lot]
    lot.active -= e.points
    lot.expired += e.points


@points.evolve
def _redeemed(s: Points, e: PointsRedeemed) -> None:
    s.redemptions[e.redemption] = Redemption(e.lots, e.uncovered)
    s.debt += e.uncovered
    for key, n in e.lots:
        if key in s.lots:
            s.lots[key].active -= n


@points.evolve
def _restored(s: Points, e: PointsRestored) -> None:
    s.redemptions.pop(e.redemption, None)
    s.debt -= e.to_debt
    for key, n in e.lots:
        s.lots[key].active += n
        if e.usable_through is not None and (s.lots[key].last_day or _NEVER) < e.usable_through:
            s.lots[key].last_day = e.usable_through


@points.evolve
def _clawed_back(s: Points, e: PointsClawedBack) -> None:
    s.debt += e.debt
    own = s.lots.get(e.lot)
    if own is None:
        return
    own.settled += e.due
    own.pending -= e.from_pending
    own.active -= e.from_own_lot
    for key, n in e.from_other_lots:
        s.lots[key].active -= n


# What may be asked


@points.decide
def _redeem(s: Points, c: RedeemPoints, now: Now) -> Iterator[Fact]:
    if c.redemption in s.redemptions:
        raise Conflict("source_conflict", f"redemption {c.redemption} is on record", zh=f"兑换 {c.redemption} 已登记", rule="CORE-03")
    now.require(s.debt == 0, "in_debt", "RET-19", f"{s.debt} points are owed", zh=f"尚欠 {s.debt} 积分", accepts="a redemption after the debt is settled")
    now.require(
        c.points <= s.active,
        "insufficient_points",
        "RET-17",
        f"{c.points} points asked, {s.active} usable",
        zh=f"需 {c.points} 积分，可用 {s.active}",
        accepts=f"at most {s.active} points",
    )
    lots = s.burn(c.points)
    yield PointsRedeemed(redemption=c.redemption, points=c.points, lots=lots, uncovered=c.points - sum(n for _, n in lots))


@points.decide
def _undo(s: Points, c: UndoRedemption, now: Now) -> Iterator[Fact]:
    if c.redemption not in s.redemptions:
        raise Unknown("unknown_redemption", f"there is no redemption {c.redemption} to undo", zh=f"没有可撤销的兑换 {c.redemption}", rule="RET-20")
    yield RedemptionUndone(redemption=c.redemption)


# What must hold


@points.holds("RET-17", "insufficient_points")
def _lots_cover_what_was_burned(s: Points, e: PointsRedeemed) -> bool:
    return all(key in s.lots and s.lots[key].active >= 0 for key, _ in e.lots)


# What follows


@points.react("RET-15")
def _purchase_earns(s: Points, e: PurchaseRecorded, now: Now) -> Iterator[Decision]:
    rules = now.rules(PointsRules)
    multiplier = rules.multipliers.get(e.area or "", Decimal(1))
    n = int((e.paid.amount * rules.rate * multiplier).to_integral_value(ROUND_DOWN))
    if n <= 0:
        return
    day = now.at.date()
    yield PointsEarned(
        lot=e.receipt,
        base=e.paid.amount,
        rate=rules.rate,
        multiplier=multiplier,
        points=n,
        available_from=day + timedelta(days=rules.pending_days),
        last_day=None if rules.months is None else add_months(day, rules.months),
    )


@points.react("RET-16")
def _lot_matures(s: Points, due: LotMatures, now: Now) -> Iterator[Decision]:
    lot = s.lots.get(due.lot)
    if lot is not None and lot.pending > 0:
        yield PointsActivated(lot=due.lot, points=lot.pending, to_debt=min(lot.pending, s.debt))


@points.react("RET-18")
def _lot_lapses(s: Points, due: LotLapses, now: Now) -> Iterator[Decision]:
    lot = s.lots.get(due.lot)
    if lot is not None and lot.active > 0 and lot.last_day is not None and lot.last_day < now.at.date():
        yield PointsExpired(lot=due.lot, points=lot.active)


@points.react("RET-19")
def _refund_claws_back(s: Points, e: PurchaseRefunded, now: Now) -> Iterator[Decision]:
    sale, own = now.of(Purchases).sales.get(e.receipt), s.lots.get(e.receipt)
    if sale is None or own is None:
        return
    due = _points_on(sale.paid, own.rate) - _points_on(max(sale.paid - sale.refunded, Decimal(0)), own.rate) - own.settled
    if due <= 0:
        return
    policy = now.rules_at(PointsRules, sale.at).clawback
    from_pending = min(due, own.pending)
    left = due - from_pending
    from_own = min(left, max(own.active, 0)) if policy != "only_pending" else 0
    left -= from_own
    absorbed = min(left, own.expired)
    left -= absorbed
    others = s.burn(left, skip=own.key) if policy != "only_pending" else ()
    left -= sum(n for _, n in others)
    owes = policy == "unlimited"
    yield PointsClawedBack(
        refund=e.refund,
        lot=own.key,
        due=due,
        from_pending=from_pending,
        from_own_lot=from_own,
        from_other_lots=others,
        absorbed=absorbed,
        debt=left if owes else 0,
        unrecovered=0 if owes else left,
        policy=policy,
    )


@points.react("RET-20")
def _undone_redemption_restores(s: Points, e: RedemptionUndone, now: Now) -> Iterator[Decision]:
    redemption = s.redemptions.get(e.redemption)
    if redemption is None:
        return
    grace = now.rules(PointsRules).restored_grace_days
    given_back = [(key, n) for key, n in redemption.lots if key in s.lots]
    to_debt = min(redemption.uncovered + sum(n for _, n in given_back), s.debt)
    left, back = max(to_debt - redemption.uncovered, 0), []
    for key, n in given_back:
        settled = min(left, n)
        left -= settled
        if n > settled:
            back.append((key, n - settled))
    late = any(_past(s.lots[key], now.at) for key, _ in back)
    through = now.at.date() + timedelta(days=grace) if grace and late else None
    yield PointsRestored(redemption=e.redemption, lots=tuple(back), to_debt=to_debt, usable_through=through)


def _points_on(paid: Decimal, rate: Decimal) -> int:
    return int((paid * rate).to_integral_value(ROUND_DOWN))


def _past(lot: Lot, at: datetime) -> bool:
    return lot.last_day is not None and lot.last_day < at.date()


# What time brings


@points.due
def _lot_dates(s: Points, e: PointsEarned, now: Now) -> Iterator[tuple[datetime, Due]]:
    zone = now.at.tzinfo
    yield midnight(e.available_from, zone), LotMatures(lot=e.lot)
    if e.last_day is not None:
        yield midnight_after(e.last_day, zone), LotLapses(lot=e.lot)


@points.due
def _restored_lots_lapse(s: Points, e: PointsRestored, now: Now) -> Iterator[tuple[datetime, Due]]:
    for key, _ in e.lots:
        last = s.lots[key].last_day
        if last is not None:
            yield midnight_after(last, now.at.tzinfo), LotLapses(lot=key)
