"""The tier in the whole view of a customer: which, until when, what keeps it, and what the next one asks for (RET-24)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from guanxi import Column, Label, Look, Overview
from guanxi_retail.tiers.periods import Period
from guanxi_retail.tiers.rules import TierRules
from guanxi_retail.tiers.state import Tiers, tier_in_force
from guanxi_retail.tiers.tiers import tiers


def _rows(look: Look) -> Iterator[tuple[Any, ...]]:
    state, rules, day = look.of(Tiers), look.rules(TierRules), look.at.date()
    if not rules.tiers or (state.joined is None and state.tier is None):
        return
    held = tier_in_force(state, rules)
    amount = state.amount(rules.basis, rules.period_of(day, state.joined))
    above = rules.above(held)
    missing = None if above is None else max(rules.threshold(above) - amount, Decimal(0))
    yield held, state.since, state.valid_until, _to_keep(state, rules, day), amount, above, missing


def _to_keep(state: Tiers, rules: TierRules, day: date) -> Decimal | None:
    """Return what is missing to keep the earned tier when its validity ends; None where nothing ends or asks for it."""
    until, held = state.earned.until, state.earned.tier
    if until is None or held is None or held not in rules.tiers or rules.downgrade == "none":
        return None
    if rules.basis in ("spend", "points_earned"):
        ends = rules.ended_by(until, state.joined)
        last = state.earned.grace_until if until < day else None
        counted = Period(ends.first, last or ends.last)
        amount = state.amount(rules.basis, counted) if ends.first <= day else Decimal(0)
    else:
        amount = state.amount(rules.basis, rules.period_of(day, state.joined))
    return max(rules.threshold(held) - amount, Decimal(0))


tier_view = Overview(
    "retail.view_tier",
    Label("Tier", "会员等级"),
    (tiers,),
    (
        Column("tier", Label("Tier", "等级"), "code"),
        Column("since", Label("Since", "起始日"), "date"),
        Column("valid_until", Label("Valid until", "有效期至"), "date"),
        Column("to_keep", Label("Missing to keep it", "保级尚差"), "decimal"),
        Column("amount", Label("Amount of the running period", "本期考核金额"), "decimal"),
        Column("next", Label("Next tier", "下一等级"), "code"),
        Column("to_next", Label("Missing to the next", "升级尚差"), "decimal"),
    ),
    _rows,
)

OVERVIEWS = (tier_view,)
