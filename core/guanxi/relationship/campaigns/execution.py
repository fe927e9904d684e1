"""Carrying a campaign out: its six steps, its target list, and customers whom another department targets too (CORE-48, CORE-51)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Conflict, Unknown
from guanxi.kernel.facets import Facet, Now, To
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.campaigns.campaign import CAMPAIGN, Campaign, campaigns, plan_of
from guanxi.relationship.campaigns.commands import (
    DoCampaignStep,
    EndCampaign,
    LeaveOutCustomer,
    NoteHeadConflict,
    NoteOtherHead,
    ResolveHeadConflict,
    TargetCustomer,
    TargetCustomers,
)
from guanxi.relationship.campaigns.events import (
    CampaignEnded,
    CampaignHeld,
    CampaignStep,
    CampaignStepDone,
    HeadConflictFound,
    HeadConflictResolved,
    OtherHeadRunning,
)

STEPS: tuple[CampaignStep, ...] = ("idea", "analysis", "planning", "test", "execution", "evaluation")
"""The six steps, in their order."""
EXECUTION: CampaignStep = "execution"
MULTI_HEAD = "multi_head"


@attrs.define
class Execution:
    """How far a campaign is, and which customers other departments' campaigns target too."""

    done: list[CampaignStep] = attrs.field(factory=list)
    waived: list[CampaignStep] = attrs.field(factory=list)
    conflicts: dict[str, list[str]] = attrs.field(factory=dict)
    running: list[str] = attrs.field(factory=list)
    held: CampaignHeld | None = None
    ended: bool = False

    @property
    def executing(self) -> bool:
        """Whether it runs."""
        return EXECUTION in self.done and not self.ended

    def unsettled(self, but: str = "") -> dict[str, list[str]]:
        """Return the customers in conflict with other campaigns that run, by campaign.

        Args:
            but: a campaign that is left out of account.
        """
        return {o: c for o, c in self.conflicts.items() if c and o in self.running and o != but}


executions = Facet(
    "core.campaign_execution",
    Execution,
    subject=CAMPAIGN,
    reads=(campaigns,),
    title=Label("Execution", "执行"),
)


@executions.evolve
def _stepped(s: Execution, e: CampaignStepDone) -> None:
    s.done.append(e.step)
    s.waived.extend(step for step in e.waived if step not in s.waived)
    if e.step == EXECUTION:
        s.held = None


@executions.evolve
def _held(s: Execution, e: CampaignHeld) -> None:
    s.held = e


@executions.evolve
def _found(s: Execution, e: HeadConflictFound) -> None:
    there = s.conflicts.setdefault(e.other_campaign, [])
    if e.customer not in there:
        there.append(e.customer)


@executions.evolve
def _runs(s: Execution, e: OtherHeadRunning) -> None:
    if e.running and e.other_campaign not in s.running:
        s.running.append(e.other_campaign)
    if not e.running and e.other_campaign in s.running:
        s.running.remove(e.other_campaign)


@executions.evolve
def _resolved(s: Execution, e: HeadConflictResolved) -> None:
    s.conflicts[e.other_campaign] = [c for c in s.conflicts.get(e.other_campaign, []) if c not in e.customers]


@executions.evolve
def _over(s: Execution, e: CampaignEnded) -> None:
    s.ended = True


# ---------------------------------------------------------------- steps


@executions.decide
def _do(s: Execution, c: DoCampaignStep, now: Now) -> Iterator[Fact | To]:
    plan = plan_of(now.of(Campaign), now)
    missing: list[CampaignStep] = [
        each for each in STEPS[: STEPS.index(c.step)] if each not in (*s.done, *s.waived)
    ]
    if c.waiver_reason is None and missing:
        now.require(
            False,
            "step_missing",
            "CORE-48",
            f"before {c.step} comes {missing[0]}",
            zh=f"{c.step} 之前须先完成 {missing[0]}",
            accepts=f"{missing[0]} first, or waiver_reason=...",
            step=missing[0],
        )
        missing = []
    step = CampaignStepDone(
        step=c.step, version=plan.version, waived=tuple(missing), waiver_reason=c.waiver_reason
    )
    open_now = sum(len(customers) for customers in s.unsettled().values())
    if c.step != EXECUTION:
        yield step
        return
    if open_now and not now.happened:
        yield CampaignHeld(
            version=plan.version,
            code=MULTI_HEAD,
            conflicts=open_now,
            waived=step.waived,
            waiver_reason=step.waiver_reason,
        )
        return
    now.require(not open_now, MULTI_HEAD, "CORE-51")
    yield from _start(s, step, now)


def _start(s: Execution, step: CampaignStepDone, now: Now) -> Iterator[Fact | To]:
    yield step
    for other in s.conflicts:
        yield To(other, NoteOtherHead(other_campaign=now.subject, running=True))


@executions.decide
def _end(s: Execution, c: EndCampaign, now: Now) -> Iterator[Fact | To]:
    plan_of(now.of(Campaign), now)
    if s.ended:
        raise Conflict(
            "source_conflict",
            f"the campaign {now.subject} is over",
            zh=f"营销活动 {now.subject} 已结束",
            rule="CORE-50",
            accepts="a correction of the first entry",
        )
    yield CampaignEnded(campaign=now.subject, outcome=c.outcome)
    for other in s.conflicts:
        yield To(other, NoteOtherHead(other_campaign=now.subject, running=False))


# ---------------------------------------------------------------- targets and other heads


@executions.decide
def _target(s: Execution, c: TargetCustomers, now: Now) -> Iterator[To]:
    plan = plan_of(now.of(Campaign), now)
    for customer in c.customers:
        yield To(
            customer,
            TargetCustomer(
                campaign=now.subject,
                version=plan.version,
                department=plan.department,
                segment=plan.segment,
                criteria=plan.criteria,
                code=plan.code,
                promotion=plan.promotion,
                override_reason=c.override_reason,
            ),
        )


@executions.decide
def _note(s: Execution, c: NoteHeadConflict, now: Now) -> Iterator[Fact | To]:
    if s.ended:
        return
    if c.customer not in s.conflicts.get(c.other_campaign, []):
        yield HeadConflictFound(other_campaign=c.other_campaign, customer=c.customer, department=c.department)
    if s.executing:
        yield To(c.other_campaign, NoteOtherHead(other_campaign=now.subject, running=True))


@executions.decide
def _note_other(s: Execution, c: NoteOtherHead, now: Now) -> Iterator[Fact | To]:
    if c.running == (c.other_campaign in s.running):
        return
    yield OtherHeadRunning(other_campaign=c.other_campaign, running=c.running)
    if not c.running and not s.unsettled(but=c.other_campaign):
        yield from _released(s, now)


@executions.decide
def _resolve(s: Execution, c: ResolveHeadConflict, now: Now) -> Iterator[Fact | To]:
    customers = s.conflicts.get(c.other_campaign, [])
    if not customers:
        raise Unknown(
            "unknown_code",
            f"there is no open conflict with {c.other_campaign}",
            zh=f"与 {c.other_campaign} 没有未决冲突",
            rule="CORE-51",
            accepts=", ".join(o for o, open_ in s.conflicts.items() if open_) or "none: nothing is open",
        )
    if c.ruling == "priority" and c.preferred not in (c.other_campaign, now.subject):
        raise Unknown(
            "unknown_code",
            f"{c.preferred} is neither of the two campaigns",
            zh=f"{c.preferred} 不是冲突双方",
            rule="CORE-51",
            accepts=f"preferred={c.other_campaign!r} or preferred={now.subject!r}",
        )
    yield HeadConflictResolved(
        other_campaign=c.other_campaign, ruling=c.ruling, preferred=c.preferred, customers=tuple(customers)
    )
    leaving = _leaving(c, now.subject)
    if leaving is not None:
        for customer in customers:
            yield To(customer, LeaveOutCustomer(campaign=leaving))
    if not s.unsettled(but=c.other_campaign):
        yield from _released(s, now)


def _leaving(c: ResolveHeadConflict, own: str) -> str | None:
    """Return which campaign leaves the customers out, or None where both keep them."""
    if c.ruling == "joint":
        return None
    if c.ruling == "leave_out":
        return own
    return own if c.preferred == c.other_campaign else c.other_campaign


def _released(s: Execution, now: Now) -> Iterator[Fact | To]:
    """Start what waited, now that nothing stands against it."""
    if s.held is not None:
        step = CampaignStepDone(
            step=EXECUTION,
            version=s.held.version,
            waived=s.held.waived,
            waiver_reason=s.held.waiver_reason,
        )
        yield from _start(s, step, now)
