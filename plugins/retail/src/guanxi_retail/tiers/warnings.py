"""Warnings that a tier is about to be lost, with the gap that would keep it (RET-25)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import attrs

from guanxi import Decision, Due, Facet, Label, Now, midnight
from guanxi_retail.tiers.events import BY_HAND, TierChanged, TierDowngradeWarned, TierWarningDue
from guanxi_retail.tiers.rules import TierRules
from guanxi_retail.tiers.state import Tiers
from guanxi_retail.tiers.tiers import tiers


@attrs.frozen
class Warned:
    """What was announced: which tier follows, and what was missing to keep the one held."""

    tier: str
    next_tier: str | None
    gap: Decimal


@attrs.define
class TierWarnings:
    """The warnings that stand, by deadline."""

    warned: dict[date, Warned] = attrs.field(factory=dict)


tier_warnings = Facet(
    "retail.tier_warnings", TierWarnings, reads=(tiers,), title=Label("Tier warnings", "降级预警")
)


@tier_warnings.evolve
def _warned(s: TierWarnings, e: TierDowngradeWarned) -> None:
    s.warned[e.deadline] = Warned(e.tier, e.next_tier, e.gap)


@tier_warnings.ended
def _warning_ended(s: TierWarnings, e: TierDowngradeWarned) -> None:
    s.warned.pop(e.deadline, None)


@tier_warnings.due
def _warning_date(s: TierWarnings, e: TierChanged, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.earned_until is not None and e.cause not in BY_HAND:
        day = e.earned_until - timedelta(days=now.rules(TierRules).notice_days)
        yield midnight(day, now.at.tzinfo), TierWarningDue(until=e.earned_until)


@tier_warnings.react("RET-25")
def _warn(s: TierWarnings, d: TierWarningDue, now: Now) -> Iterator[Decision]:
    state, rules = now.of(Tiers), now.rules(TierRules)
    held = state.earned.tier
    if state.earned.until != d.until or held is None or held not in rules.tiers or rules.downgrade == "none":
        return
    if (told := s.warned.get(d.until)) is not None and told.tier == held:
        return
    period = max(
        (rules.ended_by(d.until, state.joined), rules.period_of(d.until, state.joined)),
        key=lambda period: state.amount(rules.basis, period),
    )
    amount = state.amount(rules.basis, period)
    level, gap = rules.level(amount), rules.threshold(held) - amount
    after = rules.higher(level, rules.below(held)) if rules.downgrade == "one_down" else level
    next_tier, _ = state.in_force(rules, after, None, d.until + timedelta(days=1))
    if gap > 0 and rules.rank(next_tier) < rules.rank(held):
        yield TierDowngradeWarned(tier=held, deadline=d.until, next_tier=next_tier, amount=amount, gap=gap)
