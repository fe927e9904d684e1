"""Setting points right by hand: a reason, a second person, and the request that waits for him (RET-21)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from guanxi import Conflict, Fact, Held, Incomplete, Now, Unknown
from guanxi.relationship.access.events import ApprovalDecided, ApprovalRequested
from guanxi_retail.approvals import require_other
from guanxi_retail.points.commands import AdjustPoints, DecideAdjustment
from guanxi_retail.points.events import AdjustmentRequested, LotPart, PointsAdjusted
from guanxi_retail.points.points import Points, Request, points
from guanxi_retail.points.redeeming import require_enough, require_own_account
from guanxi_retail.points.rules import PointsRules

ITEM = "points_adjustment"
"""The kind of matter for which approval is asked."""
_APPROVAL = f"{ITEM} "


@points.evolve
def _asked(s: Points, e: ApprovalRequested) -> None:
    if e.item == ITEM and e.number in s.requests:
        asked = s.requests[e.number]
        s.requests[e.number] = Request(asked.points, asked.reason_code, asked.last_day, e.applicant)


@points.evolve
def _ruled(s: Points, e: ApprovalDecided) -> None:
    if e.approval.startswith(_APPROVAL):
        s.requests.pop(e.approval.removeprefix(_APPROVAL), None)


@points.decide
def _adjust(s: Points, c: AdjustPoints, now: Now) -> Iterator[Fact]:
    require_own_account(s, now)
    waiting = s.requests.get(c.adjustment)
    if c.adjustment in s.adjustments or (
        waiting is not None
        and (waiting.points, waiting.reason_code, waiting.last_day) != (c.points, c.reason_code, c.last_day)
    ):
        raise Conflict(
            "source_conflict",
            f"adjustment {c.adjustment} is on record",
            zh=f"调整 {c.adjustment} 已登记",
            rule="CORE-03",
            accepts="another adjustment number",
        )
    if not c.reason_code:
        raise Incomplete(
            "reason_missing",
            "an adjustment needs a reason",
            zh="调整积分需要说明原因",
            rule="RET-21",
            accepts="reason_code=...",
        )
    if c.points < 0:
        require_enough(s, -c.points, now, "RET-21")
    if not c.approved_by:
        held = Held(
            "approval_pending",
            "an adjustment needs a second person",
            zh="调整积分须经第二人批准",
            rule="RET-21",
            accepts=f"retail.decide_adjustment of {c.adjustment} by somebody else, or approved_by=...",
        )
        if waiting is not None:
            raise held
        raise held.keeping(
            AdjustmentRequested(
                adjustment=c.adjustment, points=c.points, reason_code=c.reason_code, last_day=c.last_day
            ),
            ApprovalRequested(
                approval=f"{_APPROVAL}{c.adjustment}", applicant=now.actor, item=ITEM, number=c.adjustment
            ),
        )
    require_other(c.approved_by, now.actor, rule="RET-21")
    yield _adjusted(s, c.adjustment, c.points, c.reason_code, c.last_day, c.approved_by, now)


@points.decide
def _decide(s: Points, c: DecideAdjustment, now: Now) -> Iterator[Fact]:
    require_own_account(s, now)
    asked = s.requests.get(c.adjustment)
    if asked is None:
        raise Unknown(
            "unknown_code",
            f"no adjustment {c.adjustment} waits for approval",
            zh=f"没有待批准的调整 {c.adjustment}",
            rule="RET-21",
            accepts=", ".join(s.requests) or "an adjustment that was asked for",
        )
    require_other(now.actor, asked.applicant, rule="RET-21")
    if c.outcome == "approved" and asked.points < 0:
        require_enough(s, -asked.points, now, "RET-21")
    yield ApprovalDecided(
        approval=f"{_APPROVAL}{c.adjustment}", decider=now.actor, outcome=c.outcome, reason=c.reason
    )
    if c.outcome == "approved":
        yield _adjusted(s, c.adjustment, asked.points, asked.reason_code, asked.last_day, now.actor, now)


def _adjusted(
    s: Points, number: str, n: int, reason: str, last_day: date | None, approver: str, now: Now
) -> PointsAdjusted:
    lots: tuple[LotPart, ...] = s.burn(-n) if n < 0 else ()
    if n > 0 and last_day is None:
        last_day = now.rules(PointsRules).last_day(now.at.date())
    return PointsAdjusted(
        adjustment=number,
        points=n,
        reason_code=reason,
        approved_by=approver,
        lots=lots,
        last_day=last_day,
    )
