"""What happens with promotions: vouchers, draws, referrals; facts, decisions and due moments."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi import (
    REVISE,
    Decision,
    Due,
    Erased,
    Fact,
    dated,
    due,
    event,
    field,
    given,
    key,
    limit,
    personal,
    revise_when,
)
from guanxi_retail.checks import amount
from guanxi_retail.purchases.events import ONLY_LINE, ReceiptLine

VoucherKind = Literal["e_voucher", "cash_ladder", "referral"]
Ending = Literal["cancelled", "deducted", "paid_out"]
RewardChoice = Literal["voucher", "gift"]


# What was told


@event("retail.voucher_redeemed")
class VoucherRedeemed(Fact):
    """A voucher paid part of a receipt; what it was worth beyond that is forfeited (RET-12).

    When it was issued says which one it was, where merged files hold several of a key.
    """

    voucher: str
    receipt: str
    used: Decimal
    forfeited: Decimal = field(default=Decimal(0))
    issued_at: datetime | None = field(default=None)


@event("retail.voucher_used_by_survivor")
class VoucherUsedBySurvivor(Fact):
    """A voucher of this file paid part of a receipt of the file that it is merged into; told to this one (RET-12).

    So it stays used when the merge is undone. Where a ``refund`` is named it gave back what was ``used`` there.
    """

    voucher: str
    receipt: str
    used: Decimal
    forfeited: Decimal = field(default=Decimal(0))
    issued_at: datetime | None = field(default=None)
    refund: str | None = field(default=None)


@event("retail.voucher_printed")
class VoucherPrinted(Fact):
    """A voucher got a printed number; printed again it gets another, and stays the voucher that it is (RET-57)."""

    voucher: str
    number: str


@event("retail.scratch_card_drawn", number="serial")
class ScratchCardDrawn(Fact):
    """A card was scratched, and this is what it won (RET-13)."""

    receipt: str
    serial: str
    prize: str
    extra_gifts: tuple[str, ...] = field(default=())


@attrs.frozen(kw_only=True)
class ExchangedLine:
    """What of a receipt's line came back to be exchanged.

    Args:
        number: the line's number on the receipt.
        quantity: pieces.
        net: what they came to.
    """

    number: int = ONLY_LINE
    quantity: int = 1
    net: Decimal = attrs.field(converter=amount)


@event("retail.exchange_recorded", number="exchange")
class ExchangeRecorded(Fact):
    """Goods were exchanged for others; only the difference is bought or refunded (RET-54)."""

    exchange: str
    refund: str
    receipt: str
    replaces: str
    returned: tuple[ExchangedLine, ...]
    goods: tuple[ReceiptLine, ...]
    difference: Decimal


@event("retail.referral_recorded")
class ReferralRecorded(Fact):
    """A member brought this customer, who had not bought before (RET-14)."""

    referrer: str
    card: str | Erased | None = personal("contact", default=None)
    occasion: str | Erased | None = personal("marketing", default=None)


@event("retail.friend_referred")
class FriendReferred(Fact):
    """A friend was brought; told to the member who brought them (RET-14)."""

    friend: str


@event("retail.friend_bought_set")
class FriendBoughtSet(Fact):
    """A set was sold to a friend; told to the member who brought them (RET-14)."""

    friend: str
    receipt: str
    number: str
    spent: Decimal


@event("retail.friend_returned_set")
class FriendReturnedSet(Fact):
    """A friend gave a set back; told to the member who brought them (RET-14)."""

    friend: str
    number: str
    refund: str


@event("retail.referral_reward_chosen")
class ReferralRewardChosen(Fact):
    """The member chose a voucher or a gift for a set (RET-14)."""

    friend: str
    number: str
    choice: RewardChoice


# What rules drew from it


def _more_from_now(stored: Any, derived: Any, own: datetime, known: datetime) -> datetime | None:
    """More is issued when it is known. Less never was: what was used of it is without ground, and a referral's stands (RET-57)."""
    if stored is None:
        return known
    return None if derived is None and stored.kind == "referral" else own


def _in_favour(stored: Any, derived: Any, own: datetime, known: datetime) -> datetime | None:
    """More is issued when it is known, less leaves what was promised (RET-57)."""
    if stored is None:
        return known
    less = derived is None or derived.face < stored.face or derived.valid_days < stored.valid_days
    return None if less else own


def _not_paid_out(stored: Any, derived: Any) -> bool:
    """Whether nothing is asked back of money that is out of the till; it is listed instead (RET-57)."""
    return derived is None or derived.way != "paid_out"


def _lives_longer(stored: Any, derived: Any) -> bool:
    """Whether a voucher does not end, or ends later."""
    return derived is None or (stored is not None and derived.last_day >= stored.last_day)


@event("retail.voucher_issued")
class VoucherIssued(Decision, late=dated(_more_from_now), retroactive=dated(_in_favour)):
    """A customer is entitled to a voucher (RET-10, RET-11, RET-14). Valid from the day it counts from.

    Its identity is the rule, what gave it (a receipt, a day, a friend) and the step or set; a printed number is no part.
    """

    rule: str = key()
    cause: str = key()
    step: str = key()
    kind: VoucherKind
    face: Decimal
    valid_days: int = given()
    base: Decimal = given()
    threshold: Decimal = limit()
    campaign: str = field(default="")
    gifts: int = field(default=0)
    min_spend: Decimal = field(default=Decimal(0))
    areas: tuple[str, ...] = field(default=())
    brands: tuple[str, ...] = field(default=())

    @property
    def voucher(self) -> str:
        """Its key as one text."""
        return voucher_of(self.rule, self.cause, self.step)


def voucher_of(rule: str, cause: str, step: int | str) -> str:
    """Return the key of a voucher as one text, by which facts name it (RET-57).

    Args:
        rule: which rule gave it.
        cause: the receipt, the day, or the friend.
        step: which step of a ladder, or which set.
    """
    return f"{rule}/{cause}/{step}"


@event("retail.voucher_restored")
class VoucherRestored(Decision, late=REVISE, retroactive=REVISE):
    """A voucher may be used again, until its original last day (RET-12).

    A ``refund`` gave the voucher part of a price back; or the ``receipt`` fell away that it paid part of, and what was
    ``forfeited`` then comes back with it.
    """

    refund: str = key(default="")
    voucher: str = key()
    value: Decimal
    receipt: str = key(default="")
    forfeited: Decimal = field(default=Decimal(0))


@event("retail.voucher_cancelled")
class VoucherCancelled(Decision, late=revise_when(_not_paid_out), retroactive=revise_when(_not_paid_out)):
    """A voucher lost its ground: cancelled, deducted from the refund where it was used, or lost where that was paid out.

    The cause is the refund; or that the member took a gift in its place (RET-14).
    """

    cause: str = key()
    voucher: str = key()
    value: Decimal
    way: Ending
    deducted: Decimal = field(default=Decimal(0))
    gifts: int = field(default=0)


@event("retail.voucher_expired")
class VoucherExpired(Decision, late=REVISE, retroactive=revise_when(_lives_longer)):
    """A voucher was not used by its last day (RET-12)."""

    voucher: str = key()
    last_day: date = key()
    value: Decimal = given()


@event("retail.part_missing")
class PartMissing(Decision, late=REVISE, retroactive=REVISE):
    """Of what was told as one act a part was voided or re-dated alone: the rest stands without it, and a flag (RET-57)."""

    act: Literal["exchange", "claim"] = key()
    number: str = key()
    code: Literal["without_ground"] = field(default="without_ground")


# What time brings


@due("retail.act_stands")
class ActStands(Due):
    """An act of several parts was told, and all of them stand, unless one fell away."""

    act: Literal["exchange", "claim"]
    number: str


@due("retail.voucher_lapses")
class VoucherLapses(Due):
    """The last day of a voucher is over."""

    voucher: str


@due("retail.voucher_use_stands")
class VoucherUseStands(Due):
    """A voucher has paid part of a receipt, and the receipt is on record, unless it fell away."""

    voucher: str
    receipt: str


@due("retail.late_receipt_earns")
class LateReceiptEarns(Due):
    """A receipt of an earlier day was entered; vouchers are issued from now (RET-10, RET-11)."""

    receipt: str


EVENTS = (
    VoucherRedeemed,
    VoucherUsedBySurvivor,
    VoucherPrinted,
    ScratchCardDrawn,
    ExchangeRecorded,
    ReferralRecorded,
    FriendReferred,
    FriendBoughtSet,
    FriendReturnedSet,
    ReferralRewardChosen,
    VoucherIssued,
    VoucherRestored,
    VoucherCancelled,
    VoucherExpired,
    PartMissing,
)
