"""A campaign's plan, its cost, its days, its end and what it was found to be worth (CORE-48, CORE-50)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict, Unknown
from guanxi.kernel.facets import Facet, Now, To
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.campaigns.commands import (
    CountCampaignDay,
    EvaluateCampaign,
    FileCampaignFeedback,
    FileCustomerFeedback,
    IncurCampaignCost,
    PlanCampaign,
)
from guanxi.relationship.campaigns.events import (
    CampaignCostIncurred,
    CampaignDayCounted,
    CampaignEnded,
    CampaignEvaluated,
    CampaignFeedbackFiled,
    CampaignPlanned,
)

CAMPAIGN = "campaign"
"""Kind of the streams of campaigns."""


@attrs.define
class Campaign:
    """A campaign: all versions of its plan, and what came of it."""

    plans: dict[int, CampaignPlanned] = attrs.field(factory=dict)
    costs: list[str] = attrs.field(factory=list)
    days: list[str] = attrs.field(factory=list)
    ended_at: datetime | None = None
    feedback_at: datetime | None = None
    evaluations: int = 0

    @property
    def version(self) -> int:
        """Number of the plan's current version; 0 before the first."""
        return max(self.plans, default=0)

    @property
    def plan(self) -> CampaignPlanned | None:
        """The plan's current version."""
        return self.plans.get(self.version)


campaigns = Facet("core.campaign", Campaign, subject=CAMPAIGN, title=Label("Campaign", "营销活动"))


@campaigns.evolve
def _planned(s: Campaign, e: CampaignPlanned) -> None:
    s.plans[e.version] = e


@campaigns.evolve
def _cost(s: Campaign, e: CampaignCostIncurred) -> None:
    s.costs.append(e.cost)


@campaigns.evolve
def _day(s: Campaign, e: CampaignDayCounted) -> None:
    s.days.append(e.day.isoformat())


@campaigns.evolve
def _ended(s: Campaign, e: CampaignEnded, at: datetime) -> None:
    s.ended_at = at


@campaigns.evolve
def _fed_back(s: Campaign, e: CampaignFeedbackFiled, at: datetime) -> None:
    s.feedback_at = s.feedback_at or at


@campaigns.evolve
def _evaluated(s: Campaign, e: CampaignEvaluated) -> None:
    s.evaluations = max(s.evaluations, e.version)


def plan_of(s: Campaign, now: Now) -> CampaignPlanned:
    """Return the current plan of a campaign.

    Args:
        s: the campaign.
        now: of the decider.

    Raises:
        Unknown: ``unknown_code`` for a campaign that was never planned.
    """
    plan = s.plan
    if plan is None:
        raise Unknown(
            "unknown_code",
            f"no campaign {now.subject} was planned",
            zh=f"没有营销活动 {now.subject} 的计划",
            rule="CORE-48",
            accepts="the id of a campaign that was planned",
        )
    return plan


@campaigns.decide
def _plan(s: Campaign, c: PlanCampaign, now: Now) -> Iterator[Fact]:
    yield CampaignPlanned(
        version=s.version + 1,
        title=c.title,
        department=c.department,
        segment=c.segment,
        criteria=c.criteria,
        code=c.code,
        programme=c.programme,
        promotion=c.promotion,
        channels=c.channels,
        budget=c.budget,
        starts_on=c.starts_on,
        ends_on=c.ends_on,
        planned_calls=c.planned_calls,
        planned_visits=c.planned_visits,
        planned_responses=c.planned_responses,
    )


@campaigns.decide
def _incur(s: Campaign, c: IncurCampaignCost, now: Now) -> Iterator[Fact]:
    plan_of(s, now)
    if c.cost in s.costs:
        raise Conflict(
            "source_conflict",
            f"the cost {c.cost} is on record",
            zh=f"费用 {c.cost} 已登记",
            rule="CORE-50",
            accepts="another number",
        )
    yield CampaignCostIncurred(cost=c.cost, amount=c.amount, item=c.item)


@campaigns.decide
def _count(s: Campaign, c: CountCampaignDay, now: Now) -> Iterator[Fact]:
    plan_of(s, now)
    yield CampaignDayCounted(
        day=c.day or now.at.date(),
        answered_calls=c.answered_calls,
        site_visits=c.site_visits,
        responses=c.responses,
    )


@campaigns.decide
def _evaluate(s: Campaign, c: EvaluateCampaign, now: Now) -> Iterator[Fact]:
    plan_of(s, now)
    yield CampaignEvaluated(
        version=s.evaluations + 1,
        report=c.report,
        sent=c.sent,
        reached_customers=c.reached_customers,
        responded=c.responded,
        order_count=c.order_count,
        revenue=c.revenue,
        margin=c.margin,
        cost=c.cost,
        result=c.result,
        failure_cause=c.failure_cause,
    )


@campaigns.decide
def _feed_back(s: Campaign, c: FileCampaignFeedback, now: Now) -> Iterator[Fact | To]:
    plan_of(s, now)
    yield CampaignFeedbackFiled(campaign=now.subject, changed=c.changed, content=c.content)
    for customer in c.customers:
        told = FileCustomerFeedback(campaign=now.subject, changed=c.changed, content=c.content)
        yield To(customer, told)
