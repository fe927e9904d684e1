"""A member's points: lots, their maturity and lapse, burn order, claw-back, restoration, debt (RET-15 to RET-22)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

import attrs

from guanxi import (
    Conflict,
    Decision,
    Due,
    Facet,
    Fact,
    Held,
    Incomplete,
    Label,
    NotPermitted,
    Now,
    Unknown,
    add_months,
    midnight,
    midnight_after,
)
from guanxi_retail.events import (
    AdjustPoints,
    LotLapses,
    LotMatures,
    LotPart,
    PointsActivated,
    PointsAdjusted,
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
    """Points of one purchase or credit.

    Args:
        key: the receipt's number, or the adjustment's behind the word ``adjustment``.
        earned_at: when it was earned.
        available_from: its first usable day.
        last_day: its last usable day; None if it never lapses.
        rate: points per unit of money, multiplier included, as it was granted.
        pending: points that wait for the first usable day.
        active: usable points.
        expired: points that lapsed.
        absorbed: lapsed points that a claw-back has counted already.
        settled: points that claw-backs of its purchase have settled.
        to_debt: points of it that went into a debt.
    """

    key: str
    earned_at: datetime
    available_from: date
    last_day: date | None
    rate: Decimal
    pending: int = 0
    active: int = 0
    expired: int = 0
    absorbed: int = 0
    settled: int = 0
    to_debt: int = 0


@attrs.define
class Burn:
    """Points paid or taken away.

    Args:
        asked: how many.
        named: how many of them were on lots when it was decided.
        lots: which lots gave them.
        uncovered: how many no lot gave, so that they became debt.
        undone: whether it was taken back.
    """

    asked: int
    named: int
    lots: dict[str, int]
    uncovered: int
    undone: bool = False


@attrs.define
class Points:
    """A member's points."""

    lots: dict[str, Lot] = attrs.field(factory=dict)
    redemptions: dict[str, Burn] = attrs.field(factory=dict)
    adjustments: dict[str, Burn] = attrs.field(factory=dict)
    debt: int = 0

    @property
    def active(self) -> int:
        """Usable points, before debt."""
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
        """Return which lots give how many points, in burn order: soonest last day, oldest, order of entry (RET-17)."""
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
    if (lot := s.lots.get(e.lot)) is not None:
        lot.pending -= e.points
        _credit(s, lot, e.points, e.to_debt)


@points.evolve
def _expired(s: Points, e: PointsExpired) -> None:
    if (lot := s.lots.get(e.lot)) is not None:
        lot.active -= e.points
        lot.expired += e.points


@points.evolve
def _redeemed(s: Points, e: PointsRedeemed) -> None:
    s.redemptions[e.redemption] = _take(s, e.lots, e.points)


@points.evolve
def _adjusted(s: Points, e: PointsAdjusted, at: datetime) -> None:
    if e.points < 0:
        s.adjustments[e.adjustment] = _take(s, e.lots, -e.points)
        return
    lot = Lot(adjustment_lot(e.adjustment), at, at.date(), e.last_day, Decimal(0))
    s.lots[lot.key] = lot
    s.adjustments[e.adjustment] = Burn(0, 0, {}, 0)
    _credit(s, lot, e.points, min(e.points, s.debt))


@points.evolve
def _clawed_back(s: Points, e: PointsClawedBack) -> None:
    s.debt += e.debt
    for key, n in ((e.lot, e.from_own_lot), *e.from_other_lots):
        if key in s.lots:
            s.lots[key].active -= n
    if (own := s.lots.get(e.lot)) is not None:
        own.settled += e.due
        own.pending -= e.from_pending
        own.absorbed += e.absorbed


@points.evolve
def _restored(s: Points, e: PointsRestored, at: datetime) -> None:
    s.debt -= e.to_debt
    redemption = s.redemptions.get(e.redemption)
    taken = {} if redemption is None else redemption.lots
    if redemption is not None:
        redemption.undone = True
    back = dict(e.lots)
    for key in {**taken, **back}:
        if (lot := s.lots.get(key)) is None:
            continue
        lot.active += back.get(key, 0)
        lot.to_debt += taken.get(key, 0) - back.get(key, 0)
        if e.usable_through is not None and key in back and _past(lot, at):
            lot.last_day = e.usable_through


def adjustment_lot(adjustment: str) -> str:
    """Return the key of the lot that an adjustment adds."""
    return f"adjustment {adjustment}"


def _credit(s: Points, lot: Lot, n: int, to_debt: int) -> None:
    lot.active += n - to_debt
    lot.to_debt += to_debt
    s.debt -= to_debt


def _take(s: Points, named: Iterable[LotPart], asked: int) -> Burn:
    """Burn what the named lots still hold, then other lots in burn order; the rest becomes debt.

    Later knowledge may have emptied a lot that was burned; the burn stays all the same (RET-57).
    """
    named = tuple(named)
    taken: dict[str, int] = {}
    for key, n in named:
        held = s.lots[key].active if key in s.lots else 0
        if (part := min(n, max(held, 0))) > 0:
            taken[key] = taken.get(key, 0) + part
            s.lots[key].active -= part
    for key, part in s.burn(asked - sum(taken.values())):
        taken[key] = taken.get(key, 0) + part
        s.lots[key].active -= part
    uncovered = asked - sum(taken.values())
    s.debt += uncovered
    return Burn(asked, sum(n for _, n in named), taken, uncovered)


# What may be asked


@points.decide
def _redeem(s: Points, c: RedeemPoints, now: Now) -> Iterator[Fact]:
    if c.redemption in s.redemptions:
        raise Conflict(
            "source_conflict",
            f"redemption {c.redemption} is on record",
            zh=f"兑换 {c.redemption} 已登记",
            rule="CORE-03",
            accepts="another redemption number",
        )
    if not now.happened:
        _require_enough(s, c.points, now, "RET-17")
    yield PointsRedeemed(redemption=c.redemption, points=c.points, lots=s.burn(c.points))


@points.decide
def _undo(s: Points, c: UndoRedemption, now: Now) -> Iterator[Fact]:
    redemption = s.redemptions.get(c.redemption)
    if redemption is None:
        raise Unknown(
            "unknown_redemption",
            f"there is no redemption {c.redemption} to undo",
            zh=f"没有可撤销的兑换 {c.redemption}",
            rule="RET-20",
            accepts="a redemption on record",
        )
    if redemption.undone:
        raise Conflict(
            "already_undone",
            f"redemption {c.redemption} was undone",
            zh=f"兑换 {c.redemption} 已撤销",
            rule="RET-20",
            accepts="a redemption that stands",
        )
    yield RedemptionUndone(redemption=c.redemption)


@points.decide
def _adjust(s: Points, c: AdjustPoints, now: Now) -> Iterator[Fact]:
    if c.adjustment in s.adjustments:
        raise Conflict(
            "source_conflict",
            f"adjustment {c.adjustment} is on record",
            zh=f"调整 {c.adjustment} 已登记",
            rule="CORE-03",
            accepts="another adjustment number",
        )
    reason_code, approved_by = _approved(c, now)
    lots: tuple[LotPart, ...] = ()
    last_day = c.last_day
    if c.points < 0:
        _require_enough(s, -c.points, now, "RET-21")
        lots = s.burn(-c.points)
    elif last_day is None:
        last_day = _last_day(now.rules(PointsRules), now.at.date())
    yield PointsAdjusted(
        adjustment=c.adjustment,
        points=c.points,
        reason_code=reason_code,
        approved_by=approved_by,
        lots=lots,
        last_day=last_day,
    )


def _approved(c: AdjustPoints, now: Now) -> tuple[str, str]:
    """Return reason and approver of an adjustment that has both, the approver being somebody else."""
    if not c.reason_code:
        raise Incomplete(
            "reason_missing",
            "an adjustment needs a reason",
            zh="调整积分需要说明原因",
            rule="RET-21",
            accepts="reason_code=...",
        )
    if not c.approved_by:
        raise Held(
            "approval_pending",
            "an adjustment needs a second person",
            zh="调整积分须经第二人批准",
            rule="RET-21",
            accepts="approved_by=...",
        )
    if c.approved_by == now.actor:
        raise NotPermitted(
            "approver_conflict",
            f"{now.actor} entered it and cannot approve it",
            zh=f"{now.actor} 为经办人，不能批准",
            rule="RET-21",
            accepts="another approver",
        )
    return c.reason_code, c.approved_by


def _require_enough(s: Points, asked: int, now: Now, rule: str) -> None:
    usable = max(s.balance, 0)
    now.require(
        s.balance >= 0,
        "in_debt",
        "RET-19",
        f"{-s.balance} points are owed",
        zh=f"尚欠 {-s.balance} 积分",
        accepts="points spent after the debt is settled",
    )
    now.require(
        asked <= usable,
        "insufficient_points",
        rule,
        f"{asked} points asked, {usable} usable",
        zh=f"需 {asked} 积分，可用 {usable}",
        accepts=f"at most {usable} points",
    )


# What must hold


@points.holds("RET-19", "kept_with_breach")
def _no_more_than_there_was(s: Points, e: PointsRedeemed) -> bool:
    burn = s.redemptions[e.redemption]
    return burn.named == burn.asked or burn.uncovered == 0


@points.holds("RET-57", "without_ground")
def _lots_still_cover_the_redemption(s: Points, e: PointsRedeemed) -> bool:
    return _covered(s.redemptions[e.redemption])


@points.holds("RET-57", "without_ground")
def _lots_still_cover_the_adjustment(s: Points, e: PointsAdjusted) -> bool:
    return _covered(s.adjustments[e.adjustment])


def _covered(burn: Burn) -> bool:
    """Whether no more is uncovered than was when it was decided."""
    return burn.uncovered <= burn.asked - burn.named


# What follows


@points.react("RET-15")
def _purchase_earns(s: Points, e: PurchaseRecorded, now: Now) -> Iterator[Decision]:
    rules = now.rules(PointsRules)
    multiplier = rules.multiplier(e.area, e.conditions)
    n = _points_on(e.paid.amount, rules.rate * multiplier)
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
        last_day=_last_day(rules, day),
    )


@points.react("RET-16")
def _lot_matures(s: Points, due: LotMatures, now: Now) -> Iterator[Decision]:
    lot = s.lots.get(due.lot)
    if lot is not None and lot.pending > 0:
        yield PointsActivated(lot=due.lot, points=lot.pending, to_debt=min(lot.pending, s.debt))


@points.react("RET-18")
def _lot_lapses(s: Points, due: LotLapses, now: Now) -> Iterator[Decision]:
    lot = s.lots.get(due.lot)
    if lot is not None and lot.last_day is not None and lot.active > 0 and _past(lot, now.at):
        yield PointsExpired(lot=due.lot, last_day=lot.last_day, points=lot.active)


@points.react("RET-19")
def _refund_claws_back(s: Points, e: PurchaseRefunded, now: Now) -> Iterator[Decision]:
    sale, own = now.of(Purchases).sales.get(e.receipt), s.lots.get(e.receipt)
    if sale is None or own is None:
        return
    kept = max(sale.paid - sale.refunded, Decimal(0))
    due = _points_on(sale.paid, own.rate) - _points_on(kept, own.rate) - own.settled
    if due <= 0:
        return
    policy = now.rules_at(PointsRules, sale.at).clawback
    from_pending = min(due, own.pending)
    left = due - from_pending
    from_own = min(left, max(own.active, 0)) if policy != "only_pending" else 0
    left -= from_own
    absorbed = min(left, own.expired - own.absorbed)
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
    if redemption is None or redemption.undone:
        return
    to_debt = min(s.debt, redemption.asked)
    back = _given_back(s, redemption, to_debt)
    grace = now.rules(PointsRules).restored_grace_days
    late = any(_past(s.lots[key], now.at) for key, _ in back)
    through = now.at.date() + timedelta(days=grace) if grace and late else None
    yield PointsRestored(redemption=e.redemption, lots=back, to_debt=to_debt, usable_through=through)


def _given_back(s: Points, redemption: Burn, to_debt: int) -> tuple[LotPart, ...]:
    """Return what goes back to which lot: what each gave, less what settles debt.

    Where later credits have settled the debt that the redemption itself left, they get that back, the latest first.
    """
    back = dict(redemption.lots)
    owed = to_debt - redemption.uncovered
    for key, given in redemption.lots.items():
        part = min(max(owed, 0), given)
        back[key] = given - part
        owed -= part
    for lot in reversed(s.lots.values()):
        part = min(max(-owed, 0), lot.to_debt)
        if part:
            back[lot.key] = back.get(lot.key, 0) + part
            owed += part
    return tuple((key, n) for key, n in back.items() if n)


def _points_on(paid: Decimal, rate: Decimal) -> int:
    return int((paid * rate).to_integral_value(ROUND_DOWN))


def _last_day(rules: PointsRules, day: date) -> date | None:
    return None if rules.months is None else add_months(day, rules.months)


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
def _lot_activated_too_late_lapses(s: Points, e: PointsActivated, now: Now) -> Iterator[tuple[datetime, Due]]:
    lot = s.lots.get(e.lot)
    if lot is not None and lot.last_day is not None and _past(lot, now.at):
        yield now.at, LotLapses(lot=e.lot)


@points.due
def _added_lot_lapses(s: Points, e: PointsAdjusted, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.last_day is not None:
        yield midnight_after(e.last_day, now.at.tzinfo), LotLapses(lot=adjustment_lot(e.adjustment))


@points.due
def _restored_lots_lapse(s: Points, e: PointsRestored, now: Now) -> Iterator[tuple[datetime, Due]]:
    for key, _ in e.lots:
        if key in s.lots and (last := s.lots[key].last_day) is not None:
            yield midnight_after(last, now.at.tzinfo), LotLapses(lot=key)
