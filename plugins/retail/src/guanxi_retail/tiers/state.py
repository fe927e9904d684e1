"""What is known of a member's tier: the tier in force, what it rests on, floors, and the amounts that count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs

from guanxi_retail.tiers.amounts import Amounts
from guanxi_retail.tiers.periods import Period
from guanxi_retail.tiers.rules import Basis, TierRules

_NOTHING = Decimal(0)


@attrs.define
class Floor:
    """A tier set by hand, through its last day."""

    tier: str
    until: date


@attrs.define
class Wanted:
    """A tier by hand that waits for a second person, and who asked for it."""

    tier: str
    until: date
    reason_code: str
    applicant: str = ""


@attrs.define
class Earned:
    """A tier as amounts give it.

    Args:
        tier: which; None until one was drawn.
        until: its last day; None where it has none.
        grace_until: last day of the grace behind it.
        period: whose amount it rests on.
        carried_by: its threshold, where that amount reached it.
        counted: the amount, where it counted from the change before.
    """

    tier: str | None = None
    until: date | None = None
    grace_until: date | None = None
    period: Period | None = None
    carried_by: Decimal | None = None
    counted: Decimal = _NOTHING


@attrs.define
class EarnedLot:
    """Points of a receipt line.

    Args:
        day: of the line.
        turn: how often the tier had been drawn before; those of the running turn count since the last change.
        points: how many.
    """

    day: date
    turn: int
    points: Decimal = _NOTHING


@attrs.define
class Tiers:
    """A member's tier, and what it comes from.

    Args:
        tier: in force; None until one was reached above none, or kept.
        since: its first day.
        valid_until: its last day, if it has one.
        earned: what amounts alone give.
        floors: tiers set by hand.
        requests: tiers by hand that wait for approval, by number.
        spend: money paid net of refunds, by day of the sale.
        points: points earned net of claw-backs, by day of the sale.
        since_change: points earned since the earned tier was last drawn.
        balance: usable points less debt.
        enrolled_on: when he became a member.
        first_on: when he first bought.
        sold: the day of each receipt.
        lots: each receipt line's points.
        turn: how often the earned tier was drawn.
    """

    tier: str | None = None
    since: date | None = None
    valid_until: date | None = None
    earned: Earned = attrs.field(factory=Earned)
    floors: dict[str, Floor] = attrs.field(factory=dict)
    requests: dict[str, Wanted] = attrs.field(factory=dict)
    spend: Amounts = attrs.field(factory=Amounts)
    points: Amounts = attrs.field(factory=Amounts)
    since_change: Decimal = _NOTHING
    balance: int = 0
    enrolled_on: date | None = None
    first_on: date | None = None
    sold: dict[str, date] = attrs.field(factory=dict)
    lots: dict[str, EarnedLot] = attrs.field(factory=dict)
    turn: int = 0

    @property
    def joined(self) -> date | None:
        """The day from which membership years count: of enrolment, else of the first purchase."""
        return self.enrolled_on or self.first_on

    def amount(self, basis: Basis, period: Period) -> Decimal:
        """Return what counts for a period."""
        match basis:
            case "spend":
                return self.spend.between(period.first, period.last)
            case "points_earned":
                return self.points.between(period.first, period.last)
            case "points_since_change":
                return self.since_change
            case "active_balance":
                return Decimal(self.balance)

    def rests_on(self, basis: Basis) -> Decimal | None:
        """Return what the amount behind the earned tier comes to now; None where it rests on none."""
        if self.earned.carried_by is None or self.earned.period is None:
            return None
        if basis == "points_since_change":
            return self.earned.counted
        return self.amount(basis, self.earned.period)

    def in_force(
        self, rules: TierRules, earned: str | None, until: date | None, day: date
    ) -> tuple[str | None, date | None]:
        """Return the tier in force on a day and its last day: the higher of an earned one and the floors (RET-26)."""
        tier, last = earned, until
        for floor in self.floors.values():
            if floor.until < day or floor.tier not in rules.tiers:
                continue
            if rules.rank(floor.tier) > rules.rank(tier):
                tier, last = floor.tier, floor.until
            elif floor.tier == tier and last is not None:
                last = max(last, floor.until)
        return tier, last


def tier_in_force(state: Tiers, rules: TierRules) -> str | None:
    """Return the tier of a member: the one drawn last, or what the ladder gives to everybody (RET-24)."""
    return state.tier if state.tier is not None else rules.level(_NOTHING)
