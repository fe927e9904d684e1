"""A member's points: what is earned, when it is usable and until when, and what lots and debt come to (RET-15 to RET-22)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

import attrs

from guanxi import Decision, Due, Facet, Label, Now, midnight, midnight_after
from guanxi_retail.points.events import (
    AdjustmentRequested,
    LotLapses,
    LotMatures,
    LotPart,
    PointsActivated,
    PointsAdjusted,
    PointsClawedBack,
    PointsCounted,
    PointsEarned,
    PointsExpired,
    PointsRebooked,
    PointsRedeemed,
    PointsRestored,
    PointsReturned,
    PointsTransferred,
    burned,
)
from guanxi_retail.points.lots import Burn, Lot, Lots
from guanxi_retail.points.rules import PointsRules
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded
from guanxi_retail.purchases.purchases import purchases
from guanxi_retail.tiers.events import TierChanged
from guanxi_retail.tiers.rules import TierRules
from guanxi_retail.tiers.state import Tiers, tier_in_force
from guanxi_retail.tiers.tiers import tiers

__all__ = ["Burn", "Lot", "Points", "adjustment_lot", "lot_of", "points", "points_on"]


_RESETTING = ("validity_end", "grace_end")
"""Causes of a tier's change with which its validity is over."""


@attrs.frozen
class Request:
    """An adjustment that waits for a second person."""

    points: int
    reason_code: str
    last_day: date | None
    applicant: str = ""


@attrs.define
class Points(Lots):
    """A member's points.

    Args:
        redemptions: what was paid with points, by number.
        adjustments: what people set right, by number; what they added burns nothing.
        requests: adjustments that wait for approval, by number.
        resting: whether another file shows this one's lots and answers for them (RET-21).
        survivor: that file's stream.
        givers: the files that were merged into this one.
        shown: the files that it shows by these merges.
        coming: what merged files handed over last, by their streams.
        outs: how often a merged file handed over, by giver and taker.
        ins: how often this one took over, by giver.
        came: what this one took over from merged files and has not returned, by their streams.
        told: receipts and refunds that count a moment behind, while other files show.
        adjusted: adjustments told while other files show.
        joint: lots earned while other files show.
        theirs: lots that came of other files' receipts, by the file's stream.
    """

    redemptions: dict[str, Burn] = attrs.field(factory=dict)
    adjustments: dict[str, Burn] = attrs.field(factory=dict)
    requests: dict[str, Request] = attrs.field(factory=dict)
    resting: bool = False
    survivor: str = ""
    givers: set[str] = attrs.field(factory=set)
    shown: set[str] = attrs.field(factory=set)
    coming: dict[str, PointsTransferred] = attrs.field(factory=dict)
    outs: dict[tuple[str, str], int] = attrs.field(factory=dict)
    ins: dict[str, int] = attrs.field(factory=dict)
    came: dict[str, PointsTransferred] = attrs.field(factory=dict)
    told: dict[str, PurchaseRecorded | PurchaseRefunded] = attrs.field(factory=dict)
    adjusted: dict[str, PointsAdjusted] = attrs.field(factory=dict)
    joint: list[str] = attrs.field(factory=list)
    theirs: dict[str, str] = attrs.field(factory=dict)

    def adjust(
        self, number: str, n: int, lots: tuple[LotPart, ...], last_day: date | None, at: datetime
    ) -> None:
        """Book what an adjustment adds or takes."""
        if n < 0:
            self.adjustments[number] = self.take(burned(lots, -n), -n)
            return
        self.adjustments[number] = Burn(0, 0, {})
        self.put(self.add(self.fresh(adjustment_lot(number)), at, at.date(), last_day), n)


points = Facet("retail.points", Points, version=3, reads=(purchases, tiers), title=Label("Points", "积分"))


# What changes it


@points.evolve
def _earned(s: Points, e: PointsEarned, at: datetime) -> None:
    first = s.lots.get(e.lot)
    if first is None:
        first = s.add(e.lot, at, e.available_from, e.last_day)
        if s.shown:
            s.joint.append(e.lot)
        lot, more = first, e.points
    elif (more := e.points - first.granted) > 0:
        # Later knowledge has the line earn more: a further lot with the first one's days (RET-57).
        key = s.fresh(f"{e.lot} +{len(first.further) + 1}")
        first.further.append(key)
        lot = s.add(key, first.earned_at, first.available_from, first.last_day)
    else:
        return
    first.rate, first.granted = e.rate * e.multiplier, e.points
    lot.earned = more
    s.wait(lot, more)


@points.ended
def _earned_no_more(s: Points, e: PointsEarned) -> None:
    for lot in s.family(e.lot):
        s.wait(lot, -lot.pending)
        s.put(lot, -lot.active)


@points.evolve
def _activated(s: Points, e: PointsActivated) -> None:
    if (lot := s.lots.get(e.lot)) is not None:
        s.wait(lot, -e.points)
        s.put(lot, e.points - e.to_debt)
        lot.to_debt += e.to_debt
        s.debt -= e.to_debt


@points.evolve
def _expired(s: Points, e: PointsExpired) -> None:
    if (lot := s.lots.get(e.lot)) is not None:
        s.lapse(lot, e.points)


@points.evolve
def _redeemed(s: Points, e: PointsRedeemed) -> None:
    if s.resting:
        return
    burn = s.redemptions[e.redemption] = s.take(burned(e.lots, e.points), e.points)
    burn.receipt = e.receipt


@points.evolve
def _requested(s: Points, e: AdjustmentRequested) -> None:
    s.requests[e.adjustment] = Request(e.points, e.reason_code, e.last_day)


@points.evolve
def _adjusted(s: Points, e: PointsAdjusted, at: datetime) -> None:
    s.requests.pop(e.adjustment, None)
    if s.resting:
        return
    if s.shown:
        s.adjusted[e.adjustment] = e
    s.adjust(e.adjustment, e.points, e.lots, e.last_day, at)


@points.evolve
def _rebooked(s: Points, e: PointsRebooked) -> None:
    known = s.redemptions if e.kind == "redemption" else s.adjustments
    burn = known.get(e.number) or Burn(0, 0, {})
    if burn.asked:
        s.rebook(burn, e.lots, e.debt)
        s.leave((key for key, n in e.lots if n > 0), e.unrecovered)
        return
    s.debt += e.debt
    for key, n in e.lots:
        if key in s.lots:
            s.lots[key].to_debt -= n
            s.put(s.lots[key], n)


@points.evolve
def _clawed_back(s: Points, e: PointsClawedBack) -> None:
    s.debt += e.debt
    for key, n in ((e.lot, e.from_own_lot), *e.from_other_lots):
        if key in s.lots:
            s.put(s.lots[key], -n)
            s.lots[key].leavable += n if e.policy != "unlimited" else 0
    for key, n in ((e.lot, e.from_pending), *e.further_pending):
        if key in s.lots:
            s.wait(s.lots[key], -n)
    if (own := s.lots.get(e.lot)) is not None:
        own.settled += e.due
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
        s.put(lot, back.get(key, 0))
        lot.to_debt += taken.get(key, 0) - back.get(key, 0)
        if e.usable_through is not None and key in back and lot.past(at):
            s.lengthen(lot, e.usable_through)


def lot_of(receipt: str, line: int | None) -> str:
    """Return the key of the lot that a receipt's line earns; the receipt's number where it names no lines (RET-57)."""
    return receipt if line is None else f"{receipt}/{line}"


def adjustment_lot(adjustment: str) -> str:
    """Return the key of the lot that an adjustment adds."""
    return f"adjustment {adjustment}"


def points_on(paid: Decimal, rate: Decimal) -> int:
    """Return the whole points on an amount of money (RET-15)."""
    return int((paid * rate).to_integral_value(ROUND_DOWN))


# What follows


@points.react("RET-15")
def _purchase_earns(s: Points, e: PurchaseRecorded, now: Now) -> Iterator[Decision]:
    if not s.resting and not s.shown:
        yield from earned(s, e, now, now.at, tier_of(now))


def tier_of(now: Now) -> str | None:
    """Return the tier that multiplies, where tiers do."""
    if not now.rules(PointsRules).tier_multipliers:
        return None
    return tier_in_force(now.of(Tiers), now.rules(TierRules))


def earned(
    s: Points, e: PurchaseRecorded, now: Now, at: datetime, tier: str | None
) -> Iterator[PointsEarned]:
    """Yield what a receipt's lines earn.

    Args:
        s: the member's points.
        e: the receipt.
        now: whose rules count.
        at: when it was bought.
        tier: the member's tier then.
    """
    rules = now.rules_at(PointsRules, at)
    day = at.date()
    for line in e.each_line:
        multiplier = rules.multiplier(line.area, e.conditions, tier)
        if (n := points_on(line.paid, rules.rate * multiplier)) > 0:
            yield PointsEarned(
                lot=s.fresh(lot_of(e.receipt, line.number if e.lines else None)),
                base=line.paid,
                rate=rules.rate,
                multiplier=multiplier,
                points=n,
                available_from=day + timedelta(days=rules.pending_days),
                last_day=rules.last_day(day),
                area=line.area,
                conditions=e.conditions,
            )


@points.react("RET-16")
def _lot_matures(s: Points, due: LotMatures, now: Now) -> Iterator[Decision]:
    lot = s.lots.get(due.lot)
    if lot is not None and lot.pending > 0:
        # Lots of one receipt are usable at one instant: those before this one settle debt first.
        debt = s.debt - sum(one.pending for one in _usable_before(s, lot, now.at.date())) if s.debt else 0
        yield PointsActivated(lot=due.lot, points=lot.pending, to_debt=min(lot.pending, max(debt, 0)))


def _usable_before(s: Points, lot: Lot, day: date) -> Iterator[Lot]:
    """Yield earlier lots that become usable at the same instant and have not been activated yet."""
    for one in s.lots.values():
        if one.number < lot.number and one.pending > 0 and one.available_from <= day:
            yield one


@points.react("RET-18")
def _lot_lapses(s: Points, due: LotLapses, now: Now) -> Iterator[Decision]:
    lot = s.lots.get(due.lot)
    if lot is not None and lot.last_day is not None and lot.active > 0 and lot.past(now.at):
        yield PointsExpired(lot=due.lot, last_day=lot.last_day, points=lot.active)


@points.react("RET-18")
def _tier_resets(s: Points, e: TierChanged, now: Now) -> Iterator[Decision]:
    if e.cause in _RESETTING and now.rules(PointsRules).expiry == "tier_reset":
        over = now.at.date() - timedelta(days=1)
        for lot in s.lots.values():
            if lot.last_day is None and lot.active > 0:
                yield PointsExpired(lot=lot.key, last_day=over, points=lot.active)


# What time brings


@points.due
def _lot_dates(s: Points, e: PointsEarned, now: Now) -> Iterator[tuple[datetime, Due]]:
    family = s.family(e.lot)
    if family:
        yield from _dates(family[-1], now)


@points.due
def _transferred_lots(
    s: Points, e: PointsTransferred | PointsReturned, now: Now
) -> Iterator[tuple[datetime, Due]]:
    if e.direction == "in":
        for moved in e.lots:
            if moved.lot in s.lots:
                yield from _dates(s.lots[moved.lot], now)


def _dates(lot: Lot, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield midnight(lot.available_from, now.at.tzinfo), LotMatures(lot=lot.key)
    if lot.last_day is not None:
        yield midnight_after(lot.last_day, now.at.tzinfo), LotLapses(lot=lot.key)


@points.due
def _lot_activated_too_late_lapses(s: Points, e: PointsActivated, now: Now) -> Iterator[tuple[datetime, Due]]:
    lot = s.lots.get(e.lot)
    if lot is not None and lot.past(now.at):
        yield now.at, LotLapses(lot=e.lot)


@points.due
def _added_lot_lapses(
    s: Points, e: PointsAdjusted | PointsCounted, now: Now
) -> Iterator[tuple[datetime, Due]]:
    if e.points <= 0 or e.last_day is None or s.resting:
        return
    lot = next(reversed(s.lots))
    if isinstance(e, PointsCounted):
        if e.kind != "adjustment":
            return
        lot = adjustment_lot(e.number)
    yield midnight_after(e.last_day, now.at.tzinfo), LotLapses(lot=lot)


@points.due
def _restored_lots_lapse(s: Points, e: PointsRestored, now: Now) -> Iterator[tuple[datetime, Due]]:
    for key, _ in e.lots:
        if key in s.lots and (last := s.lots[key].last_day) is not None:
            yield midnight_after(last, now.at.tzinfo), LotLapses(lot=key)
