"""What is recorded of campaigns: plan, steps, cost and evaluation in the campaign's own stream, targets and responses in the customer's."""

from __future__ import annotations

from datetime import date
from typing import Literal

from guanxi.kernel.messages import (
    FROM_NOW,
    REVISE,
    WOULD_DIFFER,
    Act,
    Decision,
    Fact,
    event,
    field,
    given,
    key,
    limit,
    personal,
)
from guanxi.kernel.privacy import Erased
from guanxi.kernel.values import Money
from guanxi.relationship.service.events import ONCE_DRAWN_STANDS

CampaignStep = Literal["idea", "analysis", "planning", "test", "execution", "evaluation"]
HeadRuling = Literal["priority", "joint", "leave_out"]
AttributedBy = Literal["code", "touch", "last_touch", "none"]
FailureCause = Literal["none", "execution", "product_or_funds", "competitor", "plan_market_mismatch"]
ReviewOutcome = Literal["go_on", "change", "stop"]
ScreeningStage = Literal["preliminary", "shortlist", "final"]
ScreeningOutcome = Literal["passed", "screened_out"]


@event("core.campaign_planned")
class CampaignPlanned(Fact):
    """A version of a campaign's plan, with the segment it is for (CORE-48)."""

    version: int
    title: str
    department: str
    segment: str
    criteria: str = field(default="")
    code: str | None = field(default=None)
    programme: str | None = field(default=None)
    promotion: str | None = field(default=None)
    channels: tuple[str, ...] = field(default=())
    budget: Money | None = field(default=None)
    starts_on: date | None = field(default=None)
    ends_on: date | None = field(default=None)
    planned_calls: int | None = field(default=None)
    planned_visits: int | None = field(default=None)
    planned_responses: int | None = field(default=None)


@event("core.campaign_step_done")
class CampaignStepDone(Fact):
    """A step of a campaign was done, perhaps with earlier ones waived (CORE-48)."""

    step: CampaignStep
    version: int
    waived: tuple[CampaignStep, ...] = field(default=())
    waiver_reason: str | None = field(default=None)


@event("core.campaign_held")
class CampaignHeld(Fact):
    """Execution was ordered and waits, since customers are targeted by another department too (CORE-51)."""

    version: int
    code: str
    conflicts: int
    waived: tuple[CampaignStep, ...] = field(default=())
    waiver_reason: str | None = field(default=None)


@event("core.head_conflict_found")
class HeadConflictFound(Fact):
    """A customer of this campaign is targeted by another department's campaign too (CORE-51)."""

    other_campaign: str
    customer: str
    department: str


@event("core.other_head_running")
class OtherHeadRunning(Fact):
    """The other campaign of a conflict runs, or no longer does (CORE-51)."""

    other_campaign: str
    running: bool


@event("core.head_conflict_resolved")
class HeadConflictResolved(Act):
    """How conflicts with another department's campaign are settled (CORE-51)."""

    other_campaign: str
    ruling: HeadRuling
    preferred: str | None = field(default=None)
    customers: tuple[str, ...] = field(default=())


@event("core.campaign_ended")
class CampaignEnded(Fact):
    """A campaign is over (CORE-50)."""

    campaign: str
    outcome: str | None = field(default=None)


@event("core.campaign_cost_incurred")
class CampaignCostIncurred(Fact):
    """What a campaign cost (CORE-50)."""

    cost: str
    amount: Money
    item: str | None = field(default=None)


@event("core.campaign_day_counted")
class CampaignDayCounted(Fact):
    """Answered calls, site visits and responses of a day (CORE-50)."""

    day: date
    answered_calls: int
    site_visits: int
    responses: int


@event("core.campaign_evaluated")
class CampaignEvaluated(Fact):
    """A version of a campaign's evaluation: what went in against what came out (CORE-50)."""

    version: int
    report: str
    sent: int
    reached_customers: int
    responded: int
    order_count: int
    revenue: Money | None
    margin: Money | None
    cost: Money | None
    result: str | None = field(default=None)
    failure_cause: FailureCause = field(default="none")


@event("core.programme_reviewed")
class ProgrammeReviewed(Fact):
    """The yearly review of the whole programme (CORE-50)."""

    year: int
    goals: int
    goals_reached: int
    cost: Money
    benefit: Money
    outcome: ReviewOutcome


@event("core.campaign_targeted")
class CampaignTargeted(Fact):
    """A campaign aims at the customer, or leaves him out (CORE-48, CORE-51)."""

    campaign: str
    version: int
    department: str
    segment: str
    code: str | None = field(default=None)
    promotion: str | None = field(default=None)
    left_out: bool = field(default=False)
    cause: str | None = field(default=None)
    override_reason: str | Erased | None = personal("marketing", default=None)


@event("core.response_received")
class ResponseReceived(Fact):
    """The customer answered to our marketing (CORE-49)."""

    response: str
    channel: str | None = field(default=None)
    code: str | None = field(default=None)
    touch: str | None = field(default=None)
    order: str | None = field(default=None)
    revenue: Money | None = field(default=None)
    margin: Money | None = field(default=None)
    opt_out: bool = field(default=False)
    content: str | Erased | None = personal("marketing", default=None)


@event("core.response_attributed")
class ResponseAttributed(Decision, late=REVISE, retroactive=REVISE):
    """To which campaign a response belongs, or to none (CORE-49)."""

    response: str = key()
    campaign: str | None
    attributed_by: AttributedBy
    touch: str | None = given(default=None)
    attribution_days: int = limit()


@event("core.campaign_feedback_filed")
class CampaignFeedbackFiled(Fact):
    """What a campaign brought back was fed into the file (CORE-50, CORE-81)."""

    campaign: str
    changed: bool = field(default=False)
    content: str | Erased | None = personal("marketing", default=None)


@event("core.customer_screened")
class CustomerScreened(Fact):
    """A screening stage was carried out on the customer under a version of the written outline (CORE-52)."""

    stage: ScreeningStage
    outline_version: str
    judged: ScreeningOutcome | None = field(default=None)


@event("core.screening_decided")
class ScreeningDecided(Decision, late=ONCE_DRAWN_STANDS, retroactive=WOULD_DIFFER):
    """What a screening stage came to under a version of the outline (CORE-52)."""

    stage: ScreeningStage = key()
    outline_version: str = key()
    outcome: ScreeningOutcome
    criteria: str = limit(default="")


@event("core.gone_proposed")
class GoneProposed(Decision, late=FROM_NOW, retroactive=FROM_NOW):
    """All contact points of a prospect failed; he is proposed as gone (CORE-79)."""

    contact_points: str = key()
    failures: int = given()
    fail_count: int = limit()


@event("core.plan_result_recorded")
class PlanResultRecorded(Fact):
    """Cost and attributed margin of a one-to-one plan, or of the relationship outside of any (CORE-81)."""

    plan: str | None = field(default=None)
    cost: Money | None = field(default=None)
    margin: Money | None = field(default=None)


EVENTS = (
    CampaignPlanned,
    CampaignStepDone,
    CampaignHeld,
    HeadConflictFound,
    OtherHeadRunning,
    HeadConflictResolved,
    CampaignEnded,
    CampaignCostIncurred,
    CampaignDayCounted,
    CampaignEvaluated,
    ProgrammeReviewed,
    CampaignTargeted,
    ResponseReceived,
    ResponseAttributed,
    CampaignFeedbackFiled,
    CustomerScreened,
    ScreeningDecided,
    GoneProposed,
    PlanResultRecorded,
)
