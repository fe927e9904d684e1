"""What a retail relationship consists of: facts, decisions, commands and due moments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from guanxi import (
    REVISE,
    WOULD_DIFFER,
    Act,
    Command,
    Decision,
    Due,
    Fact,
    Invalid,
    Money,
    command,
    due,
    event,
    field,
    given,
    key,
    revise_when,
)

LotPart = tuple[str, int]
"""A lot's key and a number of points of it."""


# What was told


@event("retail.purchase_recorded", number="receipt")
class PurchaseRecorded(Fact):
    """A purchase: a receipt's line, or a receipt with one line (RET-06)."""

    receipt: str
    paid: Money
    quantity: int = field(default=1)
    area: str | None = field(default=None)
    outlet: str | None = field(default=None)
    conditions: tuple[str, ...] = field(default=())


@event("retail.purchase_refunded", number="refund")
class PurchaseRefunded(Fact):
    """Goods of a purchase came back; money was returned (RET-19)."""

    refund: str
    receipt: str
    paid: Money
    quantity: int = field(default=0)


@event("retail.points_redeemed", number="redemption")
class PointsRedeemed(Fact):
    """The member paid with points; lots are burned in burn order (RET-17)."""

    redemption: str
    points: int
    lots: tuple[LotPart, ...]


@event("retail.points_adjusted", number="adjustment")
class PointsAdjusted(Act):
    """A person set points right, and a second one approved it; a negative adjustment burns lots like a redemption."""

    adjustment: str
    points: int
    reason_code: str
    approved_by: str
    lots: tuple[LotPart, ...] = field(default=())
    last_day: date | None = field(default=None)


@event("retail.redemption_undone")
class RedemptionUndone(Fact):
    """A redemption was taken back (RET-20)."""

    redemption: str


# What rules drew from it


def _in_favour(stored: Any, derived: Any) -> bool:
    """Whether a lot is no worse in any respect: a rule set that reaches into the past acts only so (RET-57)."""
    if stored is None or derived is None:
        return derived is not None
    return (
        derived.points >= stored.points
        and derived.available_from <= stored.available_from
        and _last(derived.last_day) >= _last(stored.last_day)
    )


def _no_shorter_grace(stored: Any, derived: Any) -> bool:
    """Whether restored points stay usable at least as long."""
    if stored is None or derived is None:
        return derived is not None
    return stored.usable_through is None or _last(derived.usable_through) >= stored.usable_through


def _last(day: date | None) -> date:
    return date.max if day is None else day


@event("retail.points_earned")
class PointsEarned(Decision, late=REVISE, retroactive=revise_when(_in_favour)):
    """A purchase earned a lot of points (RET-15)."""

    lot: str = key()
    base: Decimal = given()
    rate: Decimal = given()
    multiplier: Decimal = given()
    points: int
    available_from: date
    last_day: date | None = field(default=None)


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
    lot: str
    due: int = given()
    from_pending: int
    from_own_lot: int
    from_other_lots: tuple[LotPart, ...]
    absorbed: int
    debt: int
    unrecovered: int
    policy: str = given()


@event("retail.points_restored")
class PointsRestored(Decision, late=REVISE, retroactive=revise_when(_no_shorter_grace)):
    """An undone redemption gave its points back, each part to its lot (RET-20)."""

    redemption: str = key()
    lots: tuple[LotPart, ...]
    to_debt: int
    usable_through: date | None = field(default=None)


# What may be asked


def _whole(attribute: attrs.Attribute[Any], value: Any, at_least: int | None, accepts: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or (at_least is not None and value < at_least):
        raise Invalid(
            "amount_sign",
            f"{attribute.name} is {value!r}",
            zh=f"{attribute.name} 为 {value!r}",
            rule="RET-IN-h",
            accepts=accepts,
        )


def _positive(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    _whole(attribute, value, 1, "a whole number above 0")


def _quantity(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    _whole(attribute, value, 0, "a whole number, 0 or more")


def _signed(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    _whole(attribute, value, None if value else 1, "a whole number other than 0")


def _money(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not isinstance(value, Money):
        raise Invalid(
            "unit_missing",
            f"{attribute.name} is {value!r}",
            zh=f"{attribute.name} 缺少币种",
            accepts='Money("128.00", "CNY")',
        )
    if value.amount < 0:
        raise Invalid(
            "amount_sign",
            f"{attribute.name} is {value}",
            zh=f"{attribute.name} 为负数：{value}",
            rule="RET-IN-h",
            accepts="0 or more; a negative amount only as a refund naming its purchase",
        )


def _named(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise Invalid(
            "blank", f"{attribute.name} is blank", zh=f"{attribute.name} 为空", accepts="a number or name"
        )


@command("retail.record_purchase")
class RecordPurchase(Command):
    """Record a purchase.

    Args:
        receipt: its number; once per customer.
        paid: money paid, after discounts, without vouchers and points; 0 counts as a purchase too.
        quantity: pieces.
        area: floor or department, for points multipliers.
        outlet: store.
        conditions: what held at the till, such as ``vip`` or ``demonstration``; multipliers may ask for it.
    """

    receipt: str = field(validator=_named)
    paid: Money = field(validator=_money)
    quantity: int = field(default=1, validator=_quantity)
    area: str | None = field(default=None)
    outlet: str | None = field(default=None)
    conditions: tuple[str, ...] = field(default=(), converter=tuple)


@command("retail.refund_purchase")
class RefundPurchase(Command):
    """Refund a purchase, whole or in part.

    Args:
        refund: its number; once per customer.
        receipt: the purchase's.
        paid: money returned.
        quantity: pieces returned.
    """

    refund: str = field(validator=_named)
    receipt: str = field(validator=_named)
    paid: Money = field(validator=_money)
    quantity: int = field(default=0, validator=_quantity)


@command("retail.redeem_points")
class RedeemPoints(Command):
    """Pay with points: all of them or none (RET-17).

    Args:
        redemption: its number; once per customer.
        points: how many.
    """

    redemption: str = field(validator=_named)
    points: int = field(validator=_positive)


@command("retail.undo_redemption")
class UndoRedemption(Command):
    """Take a redemption back.

    Args:
        redemption: its number.
    """

    redemption: str = field(validator=_named)


@command("retail.adjust_points")
class AdjustPoints(Command):
    """Set a member's points right by hand; somebody else has to approve it.

    Args:
        adjustment: its number; once per customer.
        points: how many more, or fewer where negative.
        reason_code: why, in one word.
        approved_by: who approved it; not the actor.
        last_day: last usable day of points added; by the rules for a purchase of that day if not given.
    """

    adjustment: str = field(validator=_named)
    points: int = field(validator=_signed)
    reason_code: str | None = field(default=None)
    approved_by: str | None = field(default=None)
    last_day: date | None = field(default=None)


# What time brings


@due("retail.lot_activates")
class LotMatures(Due):
    """The first usable day of a lot begins."""

    lot: str


@due("retail.lot_lapses")
class LotLapses(Due):
    """The last usable day of a lot is over."""

    lot: str
