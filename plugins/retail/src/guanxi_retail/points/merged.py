"""What counts while a file shows others: it is drawn a moment behind the fact, so that it stays with the account after an undoing (RET-21).

What a file draws from another's entries themselves is gone once the merge was undone; what a moment of its own brings is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from guanxi import TICK, Decision, Due, Now, StreamLinked, StreamUnlinked
from guanxi_retail.points.clawing_back import clawed_back
from guanxi_retail.points.events import (
    LotsLeft,
    MergedPointsCount,
    OtherFileLeaves,
    PointsAdjusted,
    PointsCounted,
    PointsRedeemed,
    RedemptionUndone,
    burned,
)
from guanxi_retail.points.lots import Burn
from guanxi_retail.points.points import Points, earned, points, tier_of
from guanxi_retail.points.redeeming import adjustment_booked, rebooked, restored
from guanxi_retail.points.transfers import MERGE
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded
from guanxi_retail.purchases.purchases import Purchases

_UNDOING, _REDEMPTION, _ADJUSTMENT, _RECEIPT, _REFUND = range(5)
"""In which order what happened at one moment counts."""


@points.evolve
def _shown(s: Points, e: StreamLinked) -> None:
    # A file that is linked without having been absorbed goes on counting for itself.
    if e.link_type == MERGE and (e.via or e.other) in s.givers:
        s.shown.add(e.other)


@points.evolve
def _hidden(s: Points, e: StreamUnlinked) -> None:
    s.shown.discard(e.other)


@points.evolve
def _told(s: Points, e: PurchaseRecorded | PurchaseRefunded) -> None:
    if s.shown:
        s.told[e.receipt if isinstance(e, PurchaseRecorded) else f"refund {e.refund}"] = e


@points.evolve
def _counted(s: Points, e: PointsCounted, at: datetime) -> None:
    # Where the fact itself shows, it has counted; after an undoing it may not show.
    if e.kind == "redemption":
        if e.number not in s.redemptions or s.redemptions[e.number].undone:
            s.redemptions[e.number] = s.take(e.lots, e.points)
    elif e.number not in s.adjustments:
        s.adjust(e.number, e.points, e.lots, e.last_day, at)


@points.evolve
def _left(s: Points, e: LotsLeft) -> None:
    s.theirs.update(dict.fromkeys(e.lots, e.giver))


@points.due
def _counts_behind(
    s: Points,
    e: PurchaseRecorded | PurchaseRefunded | RedemptionUndone | PointsRedeemed | PointsAdjusted,
    now: Now,
) -> Iterator[tuple[datetime, Due]]:
    if not s.shown or s.resting:
        return
    tier = None
    match e:
        case PurchaseRecorded():
            rank, number, tier = _RECEIPT, e.receipt, tier_of(now)
        case PurchaseRefunded():
            rank, number = _REFUND, e.refund
        case RedemptionUndone():
            rank, number = _UNDOING, e.redemption
        case PointsRedeemed():
            rank, number = _REDEMPTION, e.redemption
        case _:
            rank, number = _ADJUSTMENT, e.adjustment
    yield now.at + TICK, MergedPointsCount(rank=rank, number=number, tier=tier)


@points.due
def _leaves(s: Points, e: StreamUnlinked, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield now.at + TICK, OtherFileLeaves(other=e.other)


@points.react("RET-15")
def _receipt_earns(s: Points, due: MergedPointsCount, now: Now) -> Iterator[Decision]:
    if due.rank == _RECEIPT and isinstance(e := s.told.get(due.number), PurchaseRecorded):
        yield from earned(s, e, now, now.at - TICK, due.tier)


@points.react("RET-19")
def _refund_takes(s: Points, due: MergedPointsCount, now: Now) -> Iterator[Decision]:
    if due.rank == _REFUND and isinstance(e := s.told.get(f"refund {due.number}"), PurchaseRefunded):
        yield from clawed_back(s, e, now)


@points.react("RET-20")
def _undoing_gives_back(s: Points, due: MergedPointsCount, now: Now) -> Iterator[Decision]:
    if due.rank == _UNDOING:
        yield from restored(s, due.number, now)


@points.react("RET-21")
def _burn_counts(s: Points, due: MergedPointsCount, now: Now) -> Iterator[Decision]:
    if due.rank == _REDEMPTION and (burn := s.redemptions.get(due.number)) is not None:
        yield PointsCounted(
            number=due.number, kind="redemption", points=burn.asked, lots=tuple(burn.lots.items())
        )
        yield from rebooked(s, due.number, "redemption", burn)
    elif due.rank == _ADJUSTMENT and (event := s.adjusted.get(due.number)) is not None:
        yield PointsCounted(
            number=due.number,
            kind="adjustment",
            points=event.points,
            lots=burned(event.lots, -event.points),
            last_day=event.last_day,
        )
        yield from adjustment_booked(s, event, s.adjustments.get(due.number) or Burn(0, 0, {}))


@points.react("RET-21")
def _lots_stay_behind(s: Points, due: OtherFileLeaves, now: Now) -> Iterator[Decision]:
    sales = now.of(Purchases).sales
    own = {*sales, *(f"{receipt}/{n}" for receipt, sale in sales.items() for n in sale.lines)}
    left = tuple(k for k in s.joint if k not in s.theirs and k.partition(" (")[0] not in own)
    if left:
        yield LotsLeft(giver=due.other, lots=left)
