"""A tier set by hand: a reason, a second person, and the request that waits for him (RET-26)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from guanxi import Conflict, Fact, Held, Incomplete, Invalid, Now, Unknown
from guanxi.relationship.access.events import ApprovalDecided, ApprovalRequested
from guanxi_retail.approvals import require_other, require_reason
from guanxi_retail.tiers.commands import DecideTier, SetTier
from guanxi_retail.tiers.events import TierRequested, TierSetManually
from guanxi_retail.tiers.rules import TierRules
from guanxi_retail.tiers.state import Tiers, Wanted
from guanxi_retail.tiers.tiers import tiers

ITEM = "manual_tier"
"""The kind of matter for which approval is asked."""
_APPROVAL = f"{ITEM} "


@tiers.evolve
def _wanted(s: Tiers, e: TierRequested) -> None:
    s.requests[e.setting] = Wanted(e.tier, e.floor_until, e.reason_code)


@tiers.evolve
def _asked(s: Tiers, e: ApprovalRequested) -> None:
    if e.item == ITEM and e.number in s.requests:
        s.requests[e.number].applicant = e.applicant


@tiers.evolve
def _ruled(s: Tiers, e: ApprovalDecided) -> None:
    if e.approval.startswith(_APPROVAL):
        s.requests.pop(e.approval.removeprefix(_APPROVAL), None)


@tiers.decide
def _set(s: Tiers, c: SetTier, now: Now) -> Iterator[Fact]:
    waiting = s.requests.get(c.setting)
    _require_tier(c.tier, c.until, now)
    if not c.reason_code:
        raise Incomplete(
            "reason_missing",
            "a tier set by hand needs a reason",
            zh="手工定级需要说明原因",
            rule="RET-26",
            accepts="reason_code=...",
        )
    if c.setting in s.floors or (
        waiting is not None
        and (waiting.tier, waiting.until, waiting.reason_code) != (c.tier, c.until, c.reason_code)
    ):
        raise Conflict(
            "source_conflict",
            f"setting {c.setting} is on record",
            zh=f"手工定级 {c.setting} 已登记",
            rule="CORE-03",
            accepts="another number",
        )
    if not c.approved_by:
        held = Held(
            "approval_pending",
            "a tier set by hand needs a second person",
            zh="手工定级须经第二人批准",
            rule="RET-26",
            accepts=f"retail.decide_tier of {c.setting} by somebody else, or approved_by=...",
        )
        if waiting is not None:
            raise held
        raise held.keeping(
            TierRequested(setting=c.setting, tier=c.tier, floor_until=c.until, reason_code=c.reason_code),
            ApprovalRequested(
                approval=f"{_APPROVAL}{c.setting}",
                applicant=now.actor,
                item=ITEM,
                number=c.setting,
                customer=now.subject,
                purpose=f"{c.tier} until {c.until}: {c.reason_code}",
            ),
        )
    # Whoever asked may not have approved, whoever it is that brings the approval in.
    authors = (now.actor,) if waiting is None else (now.actor, waiting.applicant)
    require_other(c.approved_by, *authors, rule="RET-26")
    yield TierSetManually(
        setting=c.setting,
        tier=c.tier,
        floor_until=c.until,
        reason_code=c.reason_code,
        approved_by=c.approved_by,
    )


@tiers.decide
def _decide(s: Tiers, c: DecideTier, now: Now) -> Iterator[Fact]:
    asked = s.requests.get(c.setting)
    if asked is None:
        raise Unknown(
            "unknown_code",
            f"no tier set by hand waits for approval under {c.setting}",
            zh=f"没有待批准的手工定级 {c.setting}",
            rule="RET-26",
            accepts=", ".join(s.requests) or "a setting that was asked for",
        )
    require_other(now.actor, asked.applicant, rule="RET-26")
    require_reason(c.outcome, c.reason, rule="RET-26")
    if c.outcome == "approved":
        _require_tier(asked.tier, asked.until, now)
    yield ApprovalDecided(
        approval=f"{_APPROVAL}{c.setting}", decider=now.actor, outcome=c.outcome, reason=c.reason
    )
    if c.outcome == "approved":
        yield TierSetManually(
            setting=c.setting,
            tier=asked.tier,
            floor_until=asked.until,
            reason_code=asked.reason_code,
            approved_by=now.actor,
        )


def _require_tier(tier: str, until: date, now: Now) -> None:
    """Refuse a tier that the ladder does not have, and a floor whose last day is over."""
    rules = now.rules(TierRules)
    if tier not in rules.tiers:
        raise Unknown(
            "unknown_code",
            f"there is no tier {tier}",
            zh=f"没有等级 {tier}",
            rule="RET-26",
            accepts=", ".join(rules.ladder) or "a ladder of tiers, published as a rule set",
        )
    if until < now.at.date():
        raise Invalid(
            "invalid_date",
            f"{until} is over",
            zh=f"{until} 已过",
            rule="RET-26",
            accepts="the last day of the floor, today or later",
        )
