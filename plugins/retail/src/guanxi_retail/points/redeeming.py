"""Paying with points, taking that back, and what lots give in the end (RET-17, RET-19, RET-20, RET-57)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from guanxi import TICK, Conflict, Decision, Due, Fact, Now, RuleNotMet, Unknown
from guanxi_retail.points.commands import RedeemPoints, UndoRedemption
from guanxi_retail.points.events import (
    Burning,
    LotPart,
    PaidReceiptStands,
    PointsAdjusted,
    PointsRebooked,
    PointsRedeemed,
    PointsRestored,
    RedemptionUndone,
)
from guanxi_retail.points.lots import Burn
from guanxi_retail.points.points import Points, points
from guanxi_retail.points.rules import PointsRules
from guanxi_retail.purchases.events import POINTS
from guanxi_retail.purchases.purchases import Purchases


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
        require_own_account(s, now)
        require_enough(s, c.points, now, "RET-17")
    yield PointsRedeemed(redemption=c.redemption, points=c.points, lots=s.burn(c.points), purpose=c.purpose)


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


def require_own_account(s: Points, now: Now) -> None:
    """Refuse an order under the number of a file that another one shows and answers for."""
    if s.resting and not now.happened:
        raise RuleNotMet(
            "file_absorbed",
            f"{now.subject} is merged into another file, which has its points and vouchers",
            zh=f"{now.subject} 已并入其他档案，积分与礼券在该档案下",
            rule="RET-21",
            accepts=f"the account that {now.subject} was merged into",
            survivor=s.survivor,
        )


def require_enough(s: Points, asked: int, now: Now, rule: str) -> None:
    """Refuse what is asked in debt, or above what is usable."""
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
    burn = s.redemptions.get(e.redemption)
    return burn is None or burn.named == burn.asked or s.uncovered(burn) == 0


@points.holds("RET-57", "without_ground")
def _lots_still_cover_the_redemption(s: Points, e: PointsRedeemed) -> bool:
    burn = s.redemptions.get(e.redemption)
    return burn is None or _covered(s, burn)


@points.holds("RET-57", "without_ground")
def _lots_still_cover_the_adjustment(s: Points, e: PointsAdjusted) -> bool:
    burn = s.adjustments.get(e.adjustment)
    return burn is None or _covered(s, burn)


def _covered(s: Points, burn: Burn) -> bool:
    """Whether no more is uncovered than was when it was told."""
    return s.uncovered(burn) <= burn.asked - burn.named


# What follows


@points.react("RET-57")
def _redemption_rebooked(s: Points, e: PointsRedeemed, now: Now) -> Iterator[Decision]:
    if not s.resting and not s.shown:
        yield from rebooked(s, e.redemption, "redemption", s.redemptions[e.redemption])


@points.react("RET-57")
def _adjustment_rebooked(s: Points, e: PointsAdjusted, now: Now) -> Iterator[Decision]:
    if not s.resting and not s.shown:
        yield from adjustment_booked(s, e, s.adjustments[e.adjustment])


def adjustment_booked(s: Points, e: PointsAdjusted, burn: Burn) -> Iterator[PointsRebooked]:
    """Yield what an adjustment that was just told takes otherwise than it names, or settles of debt."""
    if e.points < 0:
        yield from rebooked(s, e.adjustment, "adjustment", burn)
    elif to_debt := min(e.points, s.debt):
        lot = next(reversed(s.lots))
        yield PointsRebooked(number=e.adjustment, kind="adjustment", lots=((lot, -to_debt),), debt=-to_debt)


def rebooked(s: Points, number: str, kind: Burning, burn: Burn) -> Iterator[PointsRebooked]:
    """Yield what a burn that was just taken from the lots it names takes otherwise, if it does."""
    lacking = s.lacking(burn)
    wanted = sum(lacking.values()) + burn.asked - burn.named
    if not wanted:
        return
    changes = dict(lacking)
    for key, n in s.burn(wanted):
        changes[key] = changes.get(key, 0) - n
        wanted -= n
    lots: tuple[LotPart, ...] = tuple((key, n) for key, n in changes.items() if n)
    left = min(wanted, sum(lacking.values()), s.leavable(lacking))
    yield PointsRebooked(number=number, kind=kind, lots=lots, debt=wanted - left, unrecovered=left)


@points.react("RET-20")
def _undone_redemption_restores(s: Points, e: RedemptionUndone, now: Now) -> Iterator[Decision]:
    if not s.resting and not s.shown:
        yield from restored(s, e.redemption, now)


@points.due
def _receipt_has_to_stand(s: Points, e: PointsRedeemed, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.receipt is not None:
        # Behind the receipt, which comes after its tenders, and behind what counts while files are merged.
        yield now.at + 2 * TICK, PaidReceiptStands(redemption=e.redemption, receipt=e.receipt)


@points.react("RET-20")
def _fallen_receipt_restores(s: Points, due: PaidReceiptStands, now: Now) -> Iterator[Decision]:
    """Give back what paid for a receipt that was voided, or counts from a later moment now."""
    sale = now.of(Purchases).sales.get(due.receipt)
    paid = sale is not None and any(
        tender.kind == POINTS and continues(due.redemption, tender.number or due.receipt)
        for tender in sale.tenders
    )
    if not paid and not s.resting:
        yield from restored(s, due.redemption, now)


def continues(redemption: str, number: str) -> bool:
    """Return whether a redemption is the one of a number, or what a refund left of it.

    Args:
        redemption: its own number.
        number: the one that the receipt's tender names.
    """
    return redemption == number or redemption.startswith(f"{number}/")


def restored(s: Points, number: str, now: Now) -> Iterator[PointsRestored]:
    """Yield what a redemption gives back that counts no more."""
    redemption = s.redemptions.get(number)
    if redemption is None or redemption.undone:
        return
    to_debt = min(s.debt, redemption.asked)
    back = _given_back(s, redemption, to_debt)
    grace = now.rules(PointsRules).restored_grace_days
    late = any(s.lots[key].past(now.at) for key, _ in back if key in s.lots)
    through = now.at.date() + timedelta(days=grace) if grace and late else None
    yield PointsRestored(redemption=number, lots=back, to_debt=to_debt, usable_through=through)


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
    if owed < 0:
        for lot in reversed(s.lots.values()):
            if part := min(-owed, lot.to_debt):
                back[lot.key] = back.get(lot.key, 0) + part
                owed += part
            if not owed:
                break
    return tuple((key, n) for key, n in back.items() if n)
