"""Complaints: received, handled step by step, notified, compensated, closed with a cause, reopened (CORE-34, CORE-35)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Incomplete, NotPermitted
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.service.checks import missing, taken, unknown
from guanxi.relationship.service.commands import (
    CloseComplaint,
    GrantCompensation,
    NotifyComplainant,
    ReceiveComplaint,
    ReopenComplaint,
    TakeComplaintStep,
)
from guanxi.relationship.service.events import (
    CompensationGranted,
    ComplaintClosed,
    ComplaintNotified,
    ComplaintReceived,
    ComplaintReopened,
    ComplaintStepTaken,
)
from guanxi.relationship.service.rules import ComplaintRules

WHAT = "complaint"


@attrs.define
class Complaint:
    """One complaint as it stands.

    Args:
        category: what sort it is of.
        product: what it is about.
        complained_of: the person complained of.
        received_at: when it came.
        closed_at: when it was closed; None while it is open.
        answered: whether the customer has had a truthful answer.
    """

    category: str = ""
    product: str | None = None
    complained_of: str | None = None
    received_at: datetime | None = None
    closed_at: datetime | None = None
    answered: bool = False


@attrs.define
class Complaints:
    """The customer's complaints by number."""

    complaints: dict[str, Complaint] = attrs.field(factory=dict)

    @property
    def open(self) -> list[str]:
        """Numbers of those that are not closed."""
        return [number for number, c in self.complaints.items() if c.closed_at is None]


complaints = Facet("core.complaints", Complaints, title=Label("Complaints", "投诉"))


@complaints.evolve
def _received(s: Complaints, e: ComplaintReceived, at: datetime) -> None:
    s.complaints[e.complaint] = Complaint(
        category=e.category, product=e.product, complained_of=e.complained_of, received_at=at
    )


@complaints.evolve
def _handled(s: Complaints, e: ComplaintNotified | ComplaintClosed | ComplaintReopened, at: datetime) -> None:
    own = s.complaints.get(e.complaint)
    if own is None:
        return
    match e:
        case ComplaintNotified():
            own.answered = own.answered or (e.reached and e.answered)
        case ComplaintClosed():
            own.closed_at = at
        case ComplaintReopened():
            own.closed_at = None


def _no_judge_in_his_own_cause(own_complained_of: str | None, handler: str | None, now: Now) -> None:
    if handler is not None and handler == own_complained_of:
        now.forbid(
            NotPermitted(
                "handler_conflict",
                f"{handler} is complained of and cannot handle the complaint",
                zh=f"{handler} 是被投诉人，不能处理该投诉",
                rule="CORE-35",
                accepts="another handler",
            ),
        )


def _own(s: Complaints, number: str) -> Complaint:
    own = s.complaints.get(number)
    if own is None:
        raise unknown("CORE-34", WHAT, number)
    return own


def _still_open(own: Complaint, number: str, now: Now) -> None:
    now.require(
        own.closed_at is None,
        "stage_closed",
        "CORE-35",
        f"the complaint {number} is closed",
        zh=f"投诉 {number} 已办结",
        accepts="an open complaint, or its reopening first",
    )


@complaints.decide
def _receive(s: Complaints, c: ReceiveComplaint, now: Now) -> Iterator[Fact]:
    if c.complaint in s.complaints:
        raise taken("CORE-34", WHAT, c.complaint)
    _no_judge_in_his_own_cause(c.complained_of, c.handler, now)
    yield ComplaintReceived(
        complaint=c.complaint,
        category=c.category,
        content=c.content,
        product=c.product,
        complained_of=c.complained_of,
        claimed=c.claimed,
        handler=c.handler,
        received_by=c.received_by,
    )


@complaints.decide
def _step(s: Complaints, c: TakeComplaintStep, now: Now) -> Iterator[Fact]:
    own, handler = _own(s, c.complaint), c.handler or now.actor
    _no_judge_in_his_own_cause(own.complained_of, handler, now)
    yield ComplaintStepTaken(complaint=c.complaint, handler=handler, step=c.step, opportunity=c.opportunity)


@complaints.decide
def _notify(s: Complaints, c: NotifyComplainant, now: Now) -> Iterator[Fact]:
    _own(s, c.complaint)
    yield ComplaintNotified(
        complaint=c.complaint,
        reached=c.reached,
        answered=c.reached and c.answered,
        answer=c.answer if c.reached else None,
    )


@complaints.decide
def _grant(s: Complaints, c: GrantCompensation, now: Now) -> Iterator[Fact]:
    own = _own(s, c.complaint)
    if c.reviewer is None or not c.reviewer.strip():
        raise Incomplete(
            "approval_missing",
            "compensation needs a reviewer's approval",
            zh="抱怨补偿须经复核人批准",
            rule="CORE-35",
            accepts="reviewer: who approved it",
        )
    if c.reviewer in (now.actor, own.complained_of):
        now.forbid(
            NotPermitted(
                "approver_conflict",
                f"{c.reviewer} cannot approve this compensation",
                zh=f"{c.reviewer} 不能批准该补偿",
                rule="CORE-35",
                accepts="a reviewer who neither asks for it nor is complained of",
            ),
        )
    yield CompensationGranted(complaint=c.complaint, amount=c.amount, reviewer=c.reviewer)


@complaints.decide
def _close(s: Complaints, c: CloseComplaint, now: Now) -> Iterator[Fact]:
    own = _own(s, c.complaint)
    _still_open(own, c.complaint, now)
    _no_judge_in_his_own_cause(own.complained_of, now.actor, now)
    if not own.answered:
        now.forbid(
            missing(
                "CORE-35",
                "the customer has had no answer yet",
                "尚未答复客户",
                "the informing call with a truthful answer first",
            ),
        )
    yield ComplaintClosed(
        complaint=c.complaint,
        root_cause=c.root_cause or "",
        result=c.result,
        improvement=c.improvement,
        no_improvement=c.no_improvement,
        opportunity=c.opportunity,
    )


@complaints.decide
def _reopen(s: Complaints, c: ReopenComplaint, now: Now) -> Iterator[Fact]:
    own = _own(s, c.complaint)
    if own.closed_at is None:
        now.require(
            False,
            "stage_closed",
            "CORE-35",
            f"the complaint {c.complaint} is open",
            zh=f"投诉 {c.complaint} 未办结",
            accepts="a closed complaint",
        )
        return
    closed = own.closed_at
    last = now.rules(CalendarRules).days(closed.date(), now.rules_at(ComplaintRules, closed).reopen_days)
    if now.at < last.until(now.at):
        yield ComplaintReopened(complaint=c.complaint, reason=c.reason)
        return
    number = c.as_complaint or f"{c.complaint}/2"
    if number in s.complaints:
        raise taken("CORE-35", WHAT, number)
    yield ComplaintReceived(
        complaint=number,
        category=own.category,
        content=c.reason,
        product=own.product,
        complained_of=own.complained_of,
        follows=c.complaint,
    )
