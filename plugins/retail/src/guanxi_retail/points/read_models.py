"""Read models of points: movements by month, lots with what they hold, and what refunds took back of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi import Label, ReadModel, Rows, column
from guanxi.relationship.file.events import FilesMerged, MergeUndone
from guanxi_retail.points.events import (
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
from guanxi_retail.points.points import adjustment_lot


@attrs.define
class PointsMonthRow:
    """Movements of a member's points in a month (RET-22); what is earned stands with the lots."""

    month: str = column(key=True)
    activated: int = 0
    restored: int = 0
    adjusted: int = 0
    transferred: int = 0
    redeemed: int = 0
    expired: int = 0
    clawed_back: int = 0
    debt: int = 0
    """By how much more was owed at its end."""
    clawed_back_pending: int = 0
    transferred_pending: int = 0
    merges: int = 0
    """In the row without a month: how many merges are in force; what was redeemed or set right counts by its own entry then."""


@attrs.define
class PointsLotRow:
    """A member's lot and what it holds."""

    lot: str = column(key=True)
    earned_on: date | None = None
    last_day: date | None = None
    base: Decimal = column(default=Decimal(0), scale=3)  # noqa: RUF009 - an attrs field, not a default
    earned: int = 0
    in_all: int = 0
    further: int = 0
    pending: int = 0
    active: int = 0
    merges: int = 0
    """In the row without a lot: how many merges are in force."""


@attrs.define
class ClawedBackRow:
    """Points of a line that refunds of a month took back, or would have where nothing was found (RET-19)."""

    lot: str = column(key=True)
    month: str = column(key=True)
    points: int = 0


points_month = ReadModel(
    "retail.points_month", PointsMonthRow, version=3, title=Label("Points by month", "积分月度变动")
)
points_lots = ReadModel("retail.points_lots", PointsLotRow, version=2, title=Label("Points lots", "积分批次"))
points_clawed_back = ReadModel(
    "retail.points_clawed_back_lots", ClawedBackRow, title=Label("Points clawed back", "积分扣回明细")
)

Months = Rows[PointsMonthRow]
LotRows = Rows[PointsLotRow]


# Merges


@points_month.on
def _month_merged(rows: Months, e: FilesMerged | MergeUndone, at: datetime) -> None:
    rows[""].merges += 1 if isinstance(e, FilesMerged) else -1


@points_lots.on
def _lots_merged(rows: LotRows, e: FilesMerged | MergeUndone, at: datetime) -> None:
    rows[""].merges += 1 if isinstance(e, FilesMerged) else -1


# Months


@points_month.on
def _month_activated(rows: Months, e: PointsActivated, at: datetime) -> None:
    row = rows[f"{at:%Y-%m}"]
    row.activated += e.points
    row.debt -= e.to_debt


@points_month.on
def _month_adjusted(rows: Months, e: PointsAdjusted, at: datetime) -> None:
    if not rows[""].merges:
        rows[f"{at:%Y-%m}"].adjusted += e.points


@points_month.on
def _month_redeemed(rows: Months, e: PointsRedeemed, at: datetime) -> None:
    if not rows[""].merges:
        rows[f"{at:%Y-%m}"].redeemed += e.points


@points_month.on
def _month_counted(rows: Months, e: PointsCounted, at: datetime) -> None:
    row = rows[f"{at:%Y-%m}"]
    if e.kind == "redemption":
        row.redeemed += e.points
    else:
        row.adjusted += e.points


@points_month.on
def _month_rebooked(rows: Months, e: PointsRebooked, at: datetime) -> None:
    row = rows[f"{at:%Y-%m}"]
    row.debt += e.debt
    row.clawed_back -= e.unrecovered


@points_month.on
def _month_restored(rows: Months, e: PointsRestored, at: datetime) -> None:
    row = rows[f"{at:%Y-%m}"]
    row.restored += sum(n for _, n in e.lots) + e.to_debt
    row.debt -= e.to_debt


@points_month.on
def _month_expired(rows: Months, e: PointsExpired, at: datetime) -> None:
    rows[f"{at:%Y-%m}"].expired += e.points


@points_month.on
def _month_clawed_back(rows: Months, e: PointsClawedBack, at: datetime) -> None:
    row = rows[f"{at:%Y-%m}"]
    row.clawed_back += e.from_own_lot + sum(n for _, n in e.from_other_lots) + e.debt
    row.clawed_back_pending += e.from_pending + sum(n for _, n in e.further_pending)
    row.debt += e.debt


@points_month.on
def _month_transferred(rows: Months, e: PointsTransferred | PointsReturned, at: datetime) -> None:
    row, sign = rows[f"{at:%Y-%m}"], 1 if e.direction == "in" else -1
    row.transferred += sign * (sum(lot.active for lot in e.lots) - e.debt)
    row.transferred_pending += sign * sum(lot.pending for lot in e.lots)
    row.debt += sign * e.debt


# Lots


@points_lots.on
def _lot_earned(rows: LotRows, e: PointsEarned, at: datetime) -> None:
    first = rows[e.lot]
    row, more = first, e.points - first.in_all
    if first.earned_on is not None:
        if more <= 0:
            return
        first.further += 1
        row = rows[_fresh(rows, f"{e.lot} +{first.further}")]
        row.last_day = first.last_day
    else:
        first.last_day, first.base = e.last_day, e.base
    first.in_all = e.points
    row.earned_on = at.date()
    row.earned = more
    row.pending += more


@points_lots.on
def _lot_activated(rows: LotRows, e: PointsActivated, at: datetime) -> None:
    row = rows[e.lot]
    row.pending -= e.points
    row.active += e.points - e.to_debt


@points_lots.on
def _lot_expired(rows: LotRows, e: PointsExpired, at: datetime) -> None:
    rows[e.lot].active -= e.points


@points_lots.on
def _lot_burned(rows: LotRows, e: PointsRedeemed | PointsAdjusted, at: datetime) -> None:
    if rows[""].merges:
        return
    if isinstance(e, PointsRedeemed):
        _burn(rows, e.lots, e.points)
    else:
        _adjust(rows, e.adjustment, e.lots, e.points, e.last_day, at)


@points_lots.on
def _lot_counted(rows: LotRows, e: PointsCounted, at: datetime) -> None:
    if e.kind == "redemption":
        _burn(rows, e.lots, e.points)
    else:
        _adjust(rows, e.number, e.lots, e.points, e.last_day, at)


def _burn(rows: LotRows, lots: tuple[LotPart, ...], points: int) -> None:
    for key, n in burned(lots, points):
        rows[key].active -= n


def _adjust(
    rows: LotRows, number: str, lots: tuple[LotPart, ...], points: int, last_day: date | None, at: datetime
) -> None:
    _burn(rows, lots, -points)
    if points > 0:
        row = rows[_fresh(rows, adjustment_lot(number))]
        row.earned_on, row.last_day = at.date(), last_day
        row.active += points


@points_lots.on
def _lot_rebooked(rows: LotRows, e: PointsRebooked, at: datetime) -> None:
    for key, n in e.lots:
        rows[key].active += n


@points_lots.on
def _lot_clawed_back(rows: LotRows, e: PointsClawedBack, at: datetime) -> None:
    for key, n in ((e.lot, e.from_own_lot), *e.from_other_lots):
        rows[key].active -= n
    for key, n in ((e.lot, e.from_pending), *e.further_pending):
        rows[key].pending -= n


@points_lots.on
def _lot_restored(rows: LotRows, e: PointsRestored, at: datetime) -> None:
    for key, n in e.lots:
        row = rows[key]
        row.active += n
        if e.usable_through is not None and row.last_day is not None and row.last_day < at.date():
            row.last_day = e.usable_through


@points_lots.on
def _lot_transferred(rows: LotRows, e: PointsTransferred | PointsReturned, at: datetime) -> None:
    sign = 1 if e.direction == "in" else -1
    for moved in e.lots:
        row = rows[moved.lot]
        row.active += sign * moved.active
        row.pending += sign * moved.pending
        row.last_day = moved.last_day
        row.earned_on = row.earned_on or moved.earned_at.date()


def _fresh(rows: LotRows, key: str) -> str:
    """Return a key that no lot has, as the lots themselves are named where a number stands twice."""
    n, free = 1, key
    while rows[free].earned_on is not None:
        n += 1
        free = f"{key} ({n})"
    return free


# Claw-backs


@points_clawed_back.on
def _clawed_back(rows: Rows[ClawedBackRow], e: PointsClawedBack, at: datetime) -> None:
    rows[e.lot, f"{at:%Y-%m}"].points += e.due


READ_MODELS = (points_month, points_lots, points_clawed_back)
