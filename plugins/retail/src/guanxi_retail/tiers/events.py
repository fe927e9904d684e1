"""What happens to tiers: a person's ruling, what rules draw, and the moments they wait for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from guanxi import (
    FROM_NOW,
    MERGED,
    REVISE,
    Act,
    Decision,
    Due,
    Fact,
    due,
    event,
    field,
    given,
    key,
    limit,
    revise_when,
)

Move = Literal["upgrade", "keep", "downgrade"]
Cause = Literal[
    "purchase",
    "points",
    "refund",
    "balance",
    "period_end",
    "grace_end",
    "validity_end",
    "floor_end",
    "manual",
    "merge",
]

BY_HAND = ("manual", "floor_end")
"""Causes that leave alone what amounts give."""

DowngradeMode = Literal["automatic", "one_down", "none"]


# What was told


@event("retail.tier_requested", number="setting", carried=MERGED)
class TierRequested(Fact):
    """A person asks for a tier by hand; nothing changes before a second person has approved it (RET-26)."""

    setting: str
    tier: str
    floor_until: date
    reason_code: str


@event("retail.tier_set_manually", number="setting", carried=MERGED)
class TierSetManually(Act):
    """A person gave a tier as a floor up to and including a day, and a second one approved it (RET-26)."""

    setting: str
    tier: str
    floor_until: date
    reason_code: str
    approved_by: str


# What rules drew from it


def _up(stored: Any, derived: Any) -> bool:
    """Whether a member is no worse off: a rule set that reaches into the past acts only so (RET-57)."""
    if stored is None:
        return bool(derived.move != "downgrade")
    if derived is None:
        return bool(stored.move == "downgrade")
    if derived.rank != stored.rank:
        return bool(derived.rank > stored.rank)
    return _last(derived.valid_until) >= _last(stored.valid_until)


def _last(day: date | None) -> date:
    return date.max if day is None else day


@event("retail.tier_changed", carried=False)
class TierChanged(Decision, late=REVISE, retroactive=revise_when(_up)):
    """A tier was reached, kept or lost (RET-24 to RET-26).

    ``after`` is the tier in force: the higher of ``earned``, which amounts alone give, and a floor set by hand.
    ``threshold`` is the one that decided, reached or missed; ``carried_by`` that of the earned tier where the amount of the
    qualification period reaches it, so that a refund may take it away again.
    """

    cause: Cause = key()
    about: str = key()
    before: str | None = field(default=None)
    after: str | None = field(default=None)
    move: Move
    rank: int
    valid_until: date | None = field(default=None)
    amount: Decimal = given()
    threshold: Decimal = limit()
    earned: str | None = field(default=None)
    earned_until: date | None = field(default=None)
    grace_until: date | None = field(default=None)
    counted_from: date | None = given(default=None)
    counted_until: date | None = given(default=None)
    carried_by: Decimal | None = field(default=None)
    mode: DowngradeMode | None = given(default=None)


@event("retail.tier_downgrade_warned", carried=False)
class TierDowngradeWarned(Decision, late=REVISE, retroactive=FROM_NOW):
    """A tier will be lost unless the gap is closed by the deadline (RET-25)."""

    tier: str = key()
    deadline: date = key()
    next_tier: str | None = field(default=None)
    amount: Decimal = given()
    gap: Decimal


# What time brings. Moments of one instant come in the order of these names: floor, grace, validity, period (RET-58).


@due("retail.floor_ends")
class FloorEnds(Due):
    """The last day of a tier set by hand is over."""

    setting: str


@due("retail.grace_ends")
class GraceEnds(Due):
    """The last day of grace is over."""

    until: date


@due("retail.tier_ends")
class TierEnds(Due):
    """The last day of a tier's validity is over."""

    until: date


@due("retail.tier_period_ends")
class TierPeriodEnds(Due):
    """A qualification period is over."""

    until: date


@due("retail.tiers_come_together")
class TiersComeTogether(Due):
    """Another file's purchases show in this one."""

    other: str


@due("retail.tier_warning_due")
class TierWarningDue(Due):
    """The day has come on which the end of a tier is to be announced."""

    until: date


EVENTS = (TierRequested, TierSetManually, TierChanged, TierDowngradeWarned)
