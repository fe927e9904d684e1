"""Approvals: who asked, who decided, from when it holds (CORE-07); and look-ups, which are one kind of them (CORE-69)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict, NotPermitted
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.access.commands import DecideApproval, RequestApproval, RequestLookup
from guanxi.relationship.access.events import (
    AccountChangeRequested,
    ApprovalDecided,
    ApprovalRequested,
    LookupRequested,
)
from guanxi.relationship.access.streams import STAFF, user_of
from guanxi.relationship.calendars import CalendarRules

LOOKUP, EXTRACT, ACCOUNT_CHANGE = "lookup", "extract", "account_change"
"""Kinds of matter that this room itself asks approval for."""


@attrs.define
class Approval:
    """One thing that somebody asked for.

    Args:
        item: of what kind it is.
        applicant: who asked.
        deciders: who may decide; anybody with the right if none is named.
        customers: account numbers that it concerns.
        requested_at: when.
        outcome: ``approved`` or ``refused``; None while it is pending.
        approved_at: from when it holds.
    """

    item: str
    applicant: str
    requested_at: datetime
    deciders: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    outcome: str | None = None
    approved_at: datetime | None = None

    def lapses(self, calendar: CalendarRules, working_days: int) -> datetime | None:
        """Return the first instant at which an approved look-up holds no more; None while it is not approved."""
        if self.approved_at is None:
            return None
        return calendar.working_days(self.approved_at.date(), working_days).until(self.approved_at)


@attrs.define
class Approvals:
    """What somebody asked approval for, by number."""

    by_number: dict[str, Approval] = attrs.field(factory=dict)

    def approved(self, number: str | None, item: str) -> Approval | None:
        """Return an approval of a kind that was given, or None."""
        found = None if number is None else self.by_number.get(number)
        return found if found is not None and found.item == item and found.outcome == "approved" else None


approvals = Facet("core.approvals", Approvals, subject=STAFF, title=Label("Approvals", "审批"))


@approvals.evolve
def _requested(s: Approvals, e: ApprovalRequested, at: datetime) -> None:
    customers = () if e.customer is None else (e.customer,)
    s.by_number[e.approval] = Approval(e.item, e.applicant, at, e.deciders, customers)


@approvals.evolve
def _lookup(s: Approvals, e: LookupRequested, at: datetime) -> None:
    s.by_number[e.lookup] = Approval(LOOKUP, e.applicant, at, (), e.customers)


@approvals.evolve
def _change(s: Approvals, e: AccountChangeRequested, at: datetime) -> None:
    s.by_number[e.change] = Approval(ACCOUNT_CHANGE, e.submitted_by, at)


@approvals.evolve
def _decided(s: Approvals, e: ApprovalDecided, at: datetime) -> None:
    found = s.by_number.get(e.approval)
    if found is not None and found.outcome != "approved":
        found.outcome = e.outcome
        found.approved_at = at if e.outcome == "approved" else None


@approvals.decide
def _request(s: Approvals, c: RequestApproval, now: Now) -> Iterator[Fact]:
    _fresh(s, c.approval)
    yield ApprovalRequested(
        approval=c.approval,
        applicant=user_of(now.subject),
        item=c.item,
        number=c.number,
        customer=c.customer,
        deciders=c.deciders,
        purpose=c.purpose,
    )


@approvals.decide
def _request_lookup(s: Approvals, c: RequestLookup, now: Now) -> Iterator[Fact]:
    _fresh(s, c.lookup)
    yield LookupRequested(
        lookup=c.lookup, applicant=user_of(now.subject), customers=c.customers, purpose=c.purpose
    )


@approvals.decide
def _decide(s: Approvals, c: DecideApproval, now: Now) -> Iterator[Fact]:
    asked = now.need(
        s.by_number.get(c.approval),
        "unknown_code",
        "CORE-07",
        f"nothing is asked for under {c.approval}",
        zh=f"没有编号为 {c.approval} 的申请",
        accepts=", ".join(s.by_number) or "a number that was asked under",
    )
    if now.actor in (asked.applicant, user_of(now.subject)):
        raise NotPermitted(
            "approver_conflict",
            f"{now.actor} asked for it, or it is about him",
            zh=f"{now.actor} 为申请人或当事人，不能自行审批",
            rule="CORE-07",
            accepts="a decision by somebody else",
        )
    if asked.deciders and now.actor not in asked.deciders:
        raise NotPermitted(
            "not_authorised",
            f"{now.actor} is not named to decide it",
            zh=f"{now.actor} 不是指定的审批人",
            rule="CORE-07",
            accepts=", ".join(asked.deciders),
        )
    if asked.outcome == "approved":
        raise Conflict(
            "already_known",
            f"{c.approval} is approved already",
            zh=f"{c.approval} 已获批准",
            rule="CORE-07",
            accepts="a new request",
        )
    yield ApprovalDecided(approval=c.approval, decider=now.actor, outcome=c.outcome, reason=c.reason)


def _fresh(s: Approvals, number: str) -> None:
    if number in s.by_number:
        raise Conflict(
            "already_known",
            f"something is asked for under {number} already",
            zh=f"编号 {number} 已被使用",
            rule="CORE-07",
            accepts="another number",
        )
