"""Lots of merged files: they go to the survivor's account with their dates (RET-21)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi import TICK, Decision, Due, Fact, Now, RuleNotMet, StreamLinked, To, Unknown
from guanxi.relationship.file.events import FilesMerged, MergeUndone
from guanxi_retail.points.clawing_back import unsettled
from guanxi_retail.points.commands import ReturnPoints, TakePointsBack
from guanxi_retail.points.events import (
    AccountsComeTogether,
    DebtMeetsPoints,
    PointsRebooked,
    PointsReturned,
    PointsTransferred,
    TransferredLot,
)
from guanxi_retail.points.lots import Lot
from guanxi_retail.points.points import Points, points

MERGE = "merge"


@points.evolve
def _rests(s: Points, e: FilesMerged) -> None:
    if e.here == "absorbed":
        s.resting, s.survivor = True, e.survivor
    else:
        s.givers.add(e.absorbed)


@points.evolve
def _wakes(s: Points, e: MergeUndone) -> None:
    if e.here == "absorbed":
        s.resting = False
    else:
        s.givers.discard(e.absorbed)


@points.evolve
def _transferred(s: Points, e: PointsTransferred) -> None:
    if e.direction == "out":
        s.coming[e.giver] = e
        if e.lots or e.debt:
            s.outs[e.giver, e.taker] = s.outs.get((e.giver, e.taker), 0) + 1
        if s.resting:
            s.debt -= e.debt
            for moved in e.lots:
                if (lot := s.lots.get(moved.lot)) is not None:
                    s.wait(lot, -moved.pending)
                    s.put(lot, -moved.active)
        return
    before = s.came.get(e.giver)
    s.ins[e.giver] = s.ins.get(e.giver, 0) + 1
    s.came[e.giver] = e if before is None else _together(before, e)
    if e.giver not in s.coming:
        # The other file's own entries do not show here, as after the merge was undone: what came is on record here alone.
        s.debt += e.debt
        for moved in e.lots:
            # One lot that came twice, as its file was merged twice, is one here.
            lot = s.lots.get(moved.lot) or _lot_of(s, moved)
            s.wait(lot, moved.pending)
            s.put(lot, moved.active)


@points.evolve
def _returned(s: Points, e: PointsReturned) -> None:
    sign = 1 if e.direction == "in" else -1
    s.debt += sign * e.debt
    if e.direction == "out":
        s.came.pop(e.taker, None)
        for key in [k for k, giver in s.theirs.items() if giver == e.taker]:
            s.theirs[key] = ""
    for moved in e.lots:
        lot = s.lots.get(moved.lot)
        if lot is None and e.direction == "in":
            lot = _lot_of(s, moved)
        if lot is not None:
            s.wait(lot, sign * moved.pending)
            s.put(lot, sign * moved.active)


def _lot_of(s: Points, moved: TransferredLot) -> Lot:
    lot = s.add(moved.lot, moved.earned_at, moved.available_from, moved.last_day, moved.rate)
    lot.granted, lot.settled, lot.further = moved.granted, moved.settled, list(moved.further)
    return lot


def _together(before: PointsTransferred, e: PointsTransferred) -> PointsTransferred:
    """Return what two merges brought, where nothing was returned between them."""
    lots = {moved.lot: moved for moved in before.lots}
    for moved in e.lots:
        if (first := lots.get(moved.lot)) is not None:
            moved = attrs.evolve(
                moved, active=first.active + moved.active, pending=first.pending + moved.pending
            )
        lots[moved.lot] = moved
    return PointsTransferred(
        giver=e.giver,
        taker=e.taker,
        direction=e.direction,
        reason=e.reason,
        lots=tuple(lots.values()),
        debt=before.debt + e.debt,
    )


def _held(lot: Lot) -> int:
    return lot.active + lot.pending


@points.decide
def _return(s: Points, c: ReturnPoints, now: Now) -> Iterator[Fact | To]:
    came = s.came.get(now.other)
    left = [key for key, giver in s.theirs.items() if giver == now.other]
    if (came is None and not left) or now.other in s.shown:
        raise Unknown(
            "not_unmerged",
            f"no lots of {c.absorbed} wait to be returned",
            zh=f"没有待退还 {c.absorbed} 的积分批次",
            rule="RET-21",
            accepts="a file whose merge into this one was undone, once",
        )
    brought = () if came is None else came.lots
    held = [(moved, s.lots[moved.lot]) for moved in brought if moved.lot in s.lots]
    earned = [lot for key in left for lot in s.family(key)]
    lots = (
        *(
            attrs.evolve(moved, active=lot.active, pending=lot.pending, last_day=lot.last_day)
            for moved, lot in held
            if lot.active or lot.pending
        ),
        *(moved_of(lot) for lot in earned),
    )
    used = tuple(
        (moved.lot, gone)
        for moved, lot in held
        if (gone := moved.active + moved.pending - lot.active - lot.pending) > 0
    ) + tuple((lot.key, lot.earned - _held(lot)) for lot in earned if lot.earned > _held(lot))
    debt = 0 if came is None else min(s.debt, came.debt)
    yield PointsReturned(giver=now.stream, taker=now.other, direction="out", lots=lots, used=used, debt=debt)
    yield To(now.other, TakePointsBack(giver=now.stream, lots=lots, used=used, debt=debt))


@points.decide
def _take_back(s: Points, c: TakePointsBack, now: Now) -> Iterator[Fact]:
    if s.resting:
        raise RuleNotMet(
            "still_merged",
            f"{now.subject} is merged into another file",
            zh=f"{now.subject} 已并入其他档案",
            rule="RET-21",
            accepts="a file that stands alone",
        )
    yield PointsReturned(
        giver=c.giver, taker=now.stream, direction="in", lots=c.lots, used=c.used, debt=c.debt
    )


@points.react("RET-21")
def _absorbed(s: Points, e: FilesMerged, now: Now) -> Iterator[Decision]:
    if e.here != "absorbed":
        return
    burned = {key for burn in s.redemptions.values() if not burn.undone for key in burn.lots}
    lots = tuple(moved_of(lot) for lot in s.lots.values() if lot.active or lot.pending or lot.key in burned)
    # Also where nothing goes: later knowledge may have made it nothing.
    yield PointsTransferred(
        giver=now.stream, taker=e.survivor, direction="out", reason="merge", lots=lots, debt=s.debt
    )


def moved_of(lot: Lot) -> TransferredLot:
    """Return what a lot holds, as it goes to another account."""
    return TransferredLot(
        lot=lot.key,
        active=lot.active,
        pending=lot.pending,
        earned_at=lot.earned_at,
        available_from=lot.available_from,
        last_day=lot.last_day,
        rate=lot.rate,
        granted=lot.granted,
        settled=lot.settled,
        further=tuple(lot.further),
    )


@points.react("RET-19")
def _returned_lots_settle(s: Points, e: PointsReturned, now: Now) -> Iterator[Decision]:
    if e.direction == "in":
        yield from unsettled(s, (moved.lot for moved in e.lots), f"{e.giver} {now.at.isoformat()}", now)


@points.due
def _debt_may_be_settled(
    s: Points, e: PointsTransferred | PointsReturned, now: Now
) -> Iterator[tuple[datetime, Due]]:
    if e.direction == "in":
        yield now.at, DebtMeetsPoints(giver=e.giver)


@points.react("RET-19")
def _debt_is_settled(s: Points, due: DebtMeetsPoints, now: Now) -> Iterator[Decision]:
    if (part := min(s.debt, s.active)) > 0:
        lots = tuple((key, -n) for key, n in s.burn(part))
        yield PointsRebooked(number=due.giver, kind="transfer", lots=lots, debt=-part)


@points.due
def _linked(s: Points, e: StreamLinked, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.link_type == MERGE:
        # What a link brings shows just after the link itself.
        yield now.at + TICK, AccountsComeTogether(other=e.other)


@points.react("RET-21")
def _takes_over(s: Points, due: AccountsComeTogether, now: Now) -> Iterator[Decision]:
    out = s.coming.get(due.other)
    taken = s.ins.get(due.other, 0)
    if out is not None and out.taker == now.stream and s.outs.get((due.other, now.stream), 0) > taken:
        yield PointsTransferred(
            giver=out.giver,
            taker=out.taker,
            direction="in",
            reason=out.reason,
            lots=out.lots,
            debt=out.debt,
        )
