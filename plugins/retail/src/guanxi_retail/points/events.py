"""What happens to points: facts, decisions, commands and due moments."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi import (
    REVISE,
    TICK,
    WOULD_DIFFER,
    Act,
    Decision,
    Due,
    Fact,
    dated,
    due,
    event,
    field,
    given,
    key,
    revise_when,
)

LotPart = tuple[str, int]
"""A lot's key and a number of points of it."""
Burning = Literal["redemption", "adjustment", "transfer"]
"""What a number is one of."""
Direction = Literal["in", "out"]
"""Whether points came to the account that it is written in, or left it."""


def burned(lots: tuple[LotPart, ...], points: int) -> tuple[LotPart, ...]:
    """Return what named lots give of so many points: none beyond them, where a correction made them fewer."""
    parts = []
    for lot, n in lots:
        if (part := min(n, points)) > 0:
            parts.append((lot, part))
            points -= part
    return tuple(parts)


# What was told


@event("retail.points_redeemed", number="redemption")
class PointsRedeemed(Fact):
    """The member paid with points; lots are burned in burn order (RET-17).

    Where it paid part of a ``receipt`` it stands and falls with it.
    """

    redemption: str
    points: int
    lots: tuple[LotPart, ...]
    purpose: str | None = field(default=None)
    receipt: str | None = field(default=None)


@event("retail.points_adjusted", number="adjustment")
class PointsAdjusted(Act):
    """A person set points right, and a second one approved it; a negative adjustment burns lots like a redemption."""

    adjustment: str
    points: int
    reason_code: str
    approved_by: str
    lots: tuple[LotPart, ...] = field(default=())
    last_day: date | None = field(default=None)


@event("retail.adjustment_requested", number="adjustment")
class AdjustmentRequested(Fact):
    """A person asks that points be set right; nothing changes before a second person has approved it (RET-21)."""

    adjustment: str
    points: int
    reason_code: str
    last_day: date | None = field(default=None)


@event("retail.redemption_undone")
class RedemptionUndone(Fact):
    """A redemption was taken back (RET-20)."""

    redemption: str


# What rules drew from it


def _when_learned(stored: Any, derived: Any, own: datetime, known: datetime) -> datetime | None:
    """Return from when a lot counts that later facts make another (RET-57).

    More by a tier or VIP status is a further lot of the same day, less by one is told only. A line that came, went or
    changed itself has its lot drawn anew.
    """
    if stored is None or derived is None or _told(stored) != _told(derived):
        return own
    return _by_more(stored, derived, own)


def _when_published(stored: Any, derived: Any, own: datetime, known: datetime) -> datetime | None:
    """Return from when a lot counts that a rule set for the past makes another: only in the member's favour (RET-57)."""
    if stored is None or derived is None:
        return own if stored is None else None
    earlier = derived.available_from < stored.available_from
    longer = _last(derived.last_day) > _last(stored.last_day)
    later = derived.available_from > stored.available_from
    shorter = _last(derived.last_day) < _last(stored.last_day)
    if derived.points >= stored.points and (earlier or longer) and not (later or shorter):
        return own
    if derived.points == stored.points and (later or shorter):
        return None
    return _by_more(stored, derived, own)


def _told(lot: Any) -> tuple[Any, ...]:
    return (lot.base, lot.area, lot.conditions, lot.available_from, lot.last_day)


def _by_more(stored: Any, derived: Any, own: datetime) -> datetime | None:
    if derived.points > stored.points:
        return own + TICK
    no_less = derived.rate * derived.multiplier >= stored.rate * stored.multiplier
    return own if derived.points == stored.points and no_less else None


def _no_shorter_grace(stored: Any, derived: Any) -> bool:
    """Whether restored points stay usable at least as long."""
    if stored is None or derived is None:
        return derived is not None
    return stored.usable_through is None or _last(derived.usable_through) >= stored.usable_through


def _last(day: date | None) -> date:
    return date.max if day is None else day


@event("retail.points_earned")
class PointsEarned(Decision, late=dated(_when_learned), retroactive=dated(_when_published)):
    """A receipt line earned points (RET-15).

    ``points`` is what the line earns in all. Where later knowledge makes that more, a further entry succeeds the first
    one, and the difference is a further lot with the first one's days.
    """

    lot: str = key()
    base: Decimal = given()
    rate: Decimal = given()
    multiplier: Decimal = given()
    points: int
    available_from: date
    last_day: date | None = field(default=None)
    area: str | None = given(default=None)
    conditions: tuple[str, ...] = given(default=())


@event("retail.points_activated")
class PointsActivated(Decision, late=REVISE, retroactive=REVISE):
    """A pending lot became usable; debt is settled first (RET-16, RET-19)."""

    lot: str = key()
    points: int = given()
    to_debt: int = field(default=0)


@event("retail.points_expired")
class PointsExpired(Decision, late=REVISE, retroactive=REVISE):
    """The remainder of a lot lapsed after its last usable day (RET-18).

    It follows the lot in both cases: that no rule set shortens a life in hindsight is seen to where lots are dated.
    """

    lot: str = key()
    last_day: date = key()
    points: int = given()


@event("retail.points_clawed_back")
class PointsClawedBack(Decision, late=REVISE, retroactive=WOULD_DIFFER):
    """Points of refunded goods were taken back (RET-19)."""

    refund: str = key()
    lot: str = key()
    due: int = given()
    from_pending: int
    from_own_lot: int
    from_other_lots: tuple[LotPart, ...]
    absorbed: int
    debt: int
    unrecovered: int
    policy: str = given()
    further_pending: tuple[LotPart, ...] = field(default=())


@event("retail.points_restored")
class PointsRestored(Decision, late=REVISE, retroactive=revise_when(_no_shorter_grace)):
    """A redemption gave its points back, each part to its lot: it was undone, or the receipt fell away that it paid (RET-20)."""

    redemption: str = key()
    lots: tuple[LotPart, ...]
    to_debt: int
    usable_through: date | None = field(default=None)


@event("retail.points_rebooked")
class PointsRebooked(Decision, late=REVISE, retroactive=REVISE):
    """What a redemption or an adjustment does to lots and debt besides what it says itself.

    Lots that it names were emptied by later knowledge, so that others gave; what none gave is debt; what is added
    settles debt first (RET-19, RET-57). Points that go back to a lot, and debt that arises, are above 0. ``unrecovered`` is
    what claw-backs that may not go below zero have to leave after all, since it had been used when they became known.
    """

    number: str = key()
    kind: Burning = key()
    lots: tuple[LotPart, ...]
    debt: int
    unrecovered: int = field(default=0)


@attrs.frozen(kw_only=True)
class TransferredLot:
    """What a lot holds when it goes to another account, with its dates."""

    lot: str
    active: int
    pending: int
    earned_at: datetime
    available_from: date
    last_day: date | None = None
    rate: Decimal = Decimal(0)
    granted: int = 0
    settled: int = 0
    further: tuple[str, ...] = ()


def _taker_does_not_judge(stored: Any, derived: Any) -> bool:
    """Whether a transfer is judged anew: what the giver drew stands in the taker's account, which does not draw it."""
    return derived is not None or stored.direction == "in"


_FOR_THE_GIVER = revise_when(_taker_does_not_judge)


@event("retail.points_transferred")
class PointsTransferred(Decision, late=_FOR_THE_GIVER, retroactive=_FOR_THE_GIVER):
    """Lots went from one account to another with their dates; written in both (RET-21)."""

    giver: str = key()
    taker: str = key()
    direction: Direction = key()
    reason: Literal["merge"] = key()
    lots: tuple[TransferredLot, ...]
    debt: int


@event("retail.points_returned")
class PointsReturned(Act):
    """After an unmerge somebody gave back what is left of lots that a merge had brought; written in both accounts (RET-21)."""

    giver: str
    taker: str
    direction: Direction
    lots: tuple[TransferredLot, ...]
    used: tuple[LotPart, ...]
    debt: int


@event("retail.points_counted")
class PointsCounted(Decision, late=REVISE, retroactive=REVISE):
    """What was redeemed or set right counts in an account that shows merged files, whichever's number it was told under (RET-21)."""

    number: str = key()
    kind: Burning = key()
    points: int
    lots: tuple[LotPart, ...]
    last_day: date | None = field(default=None)


@event("retail.lots_left")
class LotsLeft(Decision, late=REVISE, retroactive=REVISE):
    """Lots of another file's receipts, earned while it was merged into this one, are here after the undoing (RET-21)."""

    giver: str = key()
    lots: tuple[str, ...]


# What time brings


@due("retail.lot_activates")
class LotMatures(Due):
    """The first usable day of a lot begins."""

    lot: str


@due("retail.lot_lapses")
class LotLapses(Due):
    """The last usable day of a lot is over."""

    lot: str


@due("retail.paid_receipt_stands")
class PaidReceiptStands(Due):
    """Points have paid part of a receipt, and the receipt is on record, unless it fell away."""

    redemption: str
    receipt: str


@due("retail.accounts_come_together")
class AccountsComeTogether(Due):
    """Another file's lots show in this one."""

    other: str


@due("retail.merged_points_count")
class MergedPointsCount(Due):
    """What was told under one of merged files' numbers counts in the account that shows them."""

    rank: int
    number: str
    tier: str | None = None


@due("retail.debt_meets_points")
class DebtMeetsPoints(Due):
    """Points came to an account, or debt did."""

    giver: str


@due("retail.other_file_leaves")
class OtherFileLeaves(Due):
    """Another file's entries show in this one no more."""

    other: str


EVENTS = (
    PointsRedeemed,
    AdjustmentRequested,
    PointsAdjusted,
    RedemptionUndone,
    PointsEarned,
    PointsActivated,
    PointsExpired,
    PointsClawedBack,
    PointsRestored,
    PointsRebooked,
    PointsTransferred,
    PointsReturned,
    PointsCounted,
    LotsLeft,
)
