"""Read models of campaigns, responses and screening: dates, counts and amounts as they were told."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.kernel.standard import DecisionEnded
from guanxi.kernel.values import Money
from guanxi.relationship.campaigns.events import (
    CampaignCostIncurred,
    CampaignDayCounted,
    CampaignEnded,
    CampaignEvaluated,
    CampaignFeedbackFiled,
    CampaignHeld,
    CampaignPlanned,
    CampaignStepDone,
    CampaignTargeted,
    GoneProposed,
    HeadConflictFound,
    HeadConflictResolved,
    OtherHeadRunning,
    PlanResultRecorded,
    ProgrammeReviewed,
    ResponseAttributed,
    ResponseReceived,
    ScreeningDecided,
)
from guanxi.relationship.care.events import DeliveryReported
from guanxi.relationship.dealings.events import GoodsDelivered, OrderPlaced
from guanxi.relationship.file.events import ContactPointRecorded, FileOpened, RelationshipClosed
from guanxi.relationship.import_batches import ImportBatchClosed
from guanxi.relationship.pipeline.events import ActionRecorded, CustomerPlanFiled, IncomingRegistered

NOTHING = Decimal(0)


def _add(amount: Decimal, currency: str, money: Money | None) -> tuple[Decimal, str]:
    return (amount, currency) if money is None else (amount + money.amount, money.currency)


# ---------------------------------------------------------------- of campaigns


@attrs.define
class CampaignRow:
    """A campaign under the current version of its plan."""

    version: int = 0
    planned_at: datetime | None = None
    title: str = ""
    department: str = ""
    segment: str = ""
    code: str | None = None
    programme: str | None = None
    promotion: str | None = None
    budget: Decimal | None = None
    currency: str = ""
    planned_calls: int | None = None
    planned_visits: int | None = None
    planned_responses: int | None = None
    executed_at: datetime | None = None
    held_at: datetime | None = None
    ended_at: datetime | None = None
    cost: Decimal | None = None
    waived: str = ""
    waiver_reason: str | None = None


campaign_rows = ReadModel("core.campaigns", CampaignRow, title=Label("Campaigns", "营销活动"))


@campaign_rows.on
def _planned(rows: Rows[CampaignRow], e: CampaignPlanned, at: datetime) -> None:
    row = rows[()]
    row.planned_at = row.planned_at or at
    if e.version < row.version:
        return
    row.version, row.title, row.department, row.segment = e.version, e.title, e.department, e.segment
    row.code, row.programme, row.promotion = e.code, e.programme, e.promotion
    row.planned_calls, row.planned_visits = e.planned_calls, e.planned_visits
    row.planned_responses = e.planned_responses
    if e.budget is not None:
        row.budget, row.currency = e.budget.amount, e.budget.currency


@campaign_rows.on
def _stepped(rows: Rows[CampaignRow], e: CampaignStepDone, at: datetime) -> None:
    row = rows[()]
    if e.step == "execution":
        row.executed_at = at
    if e.waived:
        row.waived = "+".join(part for part in (row.waived, *e.waived) if part)
        row.waiver_reason = e.waiver_reason


@campaign_rows.on
def _held(rows: Rows[CampaignRow], e: CampaignHeld, at: datetime) -> None:
    rows[()].held_at = at


@campaign_rows.on
def _ended(rows: Rows[CampaignRow], e: CampaignEnded, at: datetime) -> None:
    rows[()].ended_at = at


@campaign_rows.on
def _cost(rows: Rows[CampaignRow], e: CampaignCostIncurred, at: datetime) -> None:
    row = rows[()]
    row.cost, row.currency = (row.cost or NOTHING) + e.amount.amount, e.amount.currency


@attrs.define
class EvaluationRow:
    """A version of a campaign's evaluation."""

    version: int = column(key=True)
    at: datetime | None = None
    report: str = ""
    sent: int = 0
    reached: int = 0
    responded: int = 0
    orders: int = 0
    revenue: Decimal | None = None
    margin: Decimal | None = None
    cost: Decimal | None = None
    currency: str = ""
    result: str | None = None
    failure_cause: str = "none"


evaluations = ReadModel("core.campaign_evaluations", EvaluationRow, title=Label("Evaluations", "活动评估"))


@evaluations.on
def _evaluated(rows: Rows[EvaluationRow], e: CampaignEvaluated, at: datetime) -> None:
    row = rows[e.version]
    row.at, row.report, row.sent, row.reached, row.responded = (
        at,
        e.report,
        e.sent,
        e.reached_customers,
        e.responded,
    )
    row.orders, row.result, row.failure_cause = e.order_count, e.result, e.failure_cause
    row.revenue, row.margin, row.cost = (
        None if m is None else m.amount for m in (e.revenue, e.margin, e.cost)
    )
    row.currency = next((m.currency for m in (e.revenue, e.margin, e.cost) if m is not None), "")


@attrs.define
class DayRow:
    """What was counted on a day of a campaign."""

    day: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    answered_calls: int = 0
    site_visits: int = 0
    responses: int = 0


campaign_days = ReadModel("core.campaign_days", DayRow, title=Label("Days of campaigns", "活动逐日统计"))


@campaign_days.on
def _counted(rows: Rows[DayRow], e: CampaignDayCounted, at: datetime) -> None:
    row = rows[e.day]
    row.answered_calls, row.site_visits, row.responses = e.answered_calls, e.site_visits, e.responses


@attrs.define
class HeadRow:
    """A customer whom another department's campaign targets too."""

    other: str = column(key=True)
    customer: str = column(key=True)
    department: str = ""
    found_at: datetime | None = None
    ruling: str | None = None
    preferred: str | None = None
    resolved_at: datetime | None = None


heads = ReadModel("core.head_conflicts", HeadRow, title=Label("Multi-head conflicts", "多头营销冲突"))


@heads.on
def _found(rows: Rows[HeadRow], e: HeadConflictFound, at: datetime) -> None:
    row = rows[e.other_campaign, e.customer]
    row.department, row.found_at = e.department, row.found_at or at


@heads.on
def _resolved(rows: Rows[HeadRow], e: HeadConflictResolved, at: datetime) -> None:
    for customer in e.customers:
        row = rows[e.other_campaign, customer]
        row.ruling, row.preferred, row.resolved_at = e.ruling, e.preferred, at


@attrs.define
class OtherRow:
    """Whether the other campaign of a conflict runs."""

    other: str = column(key=True)
    running: bool = False


other_heads = ReadModel("core.other_heads", OtherRow, title=Label("Other heads", "其他部门活动"))


@other_heads.on
def _running(rows: Rows[OtherRow], e: OtherHeadRunning, at: datetime) -> None:
    rows[e.other_campaign].running = e.running


@attrs.define
class ReviewRow:
    """A yearly review of a programme."""

    year: int = column(key=True)
    at: datetime | None = None
    goals: int = 0
    goals_reached: int = 0
    cost: Decimal = NOTHING
    benefit: Decimal = NOTHING
    currency: str = ""
    outcome: str = ""


reviews = ReadModel("core.programme_reviews", ReviewRow, title=Label("Programme reviews", "营销计划评审"))


@reviews.on
def _reviewed(rows: Rows[ReviewRow], e: ProgrammeReviewed, at: datetime) -> None:
    row = rows[e.year]
    row.at, row.goals, row.goals_reached, row.outcome = at, e.goals, e.goals_reached, e.outcome
    row.cost, row.benefit, row.currency = e.cost.amount, e.benefit.amount, e.cost.currency


# ---------------------------------------------------------------- of customers


@attrs.define
class SourceRow:
    """Where a customer came from, and when his file was opened."""

    account: str = ""
    source_channel: str = ""
    opened_at: datetime | None = None
    first_order_at: datetime | None = None


sources = ReadModel("core.campaign_sources", SourceRow, title=Label("Sources of customers", "客户来源"))


@sources.on
def _opened(rows: Rows[SourceRow], e: FileOpened, at: datetime) -> None:
    row = rows[()]
    row.account, row.source_channel, row.opened_at = e.account, e.source_channel, at


@sources.on
def _bought(rows: Rows[SourceRow], e: OrderPlaced | GoodsDelivered, at: datetime) -> None:
    row = rows[()]
    row.first_order_at = row.first_order_at or at


@attrs.define
class TargetRow:
    """A campaign that aims at the customer."""

    campaign: str = column(key=True)
    version: int = 0
    targeted_at: datetime | None = None
    left_out: bool = False
    cause: str | None = None


target_rows = ReadModel("core.campaign_targets", TargetRow, title=Label("Targets", "营销目标"))


@target_rows.on
def _targeted(rows: Rows[TargetRow], e: CampaignTargeted, at: datetime) -> None:
    row = rows[e.campaign]
    row.version, row.left_out, row.cause = e.version, e.left_out, e.cause
    row.targeted_at = row.targeted_at or at


@attrs.define
class FeedbackRow:
    """What a campaign brought back, in its own stream or in a customer's file."""

    campaign: str = column(key=True)
    filed_at: datetime | None = None
    changed: bool = False


feedback = ReadModel("core.campaign_feedback", FeedbackRow, title=Label("Campaign feedback", "活动反馈归档"))


@feedback.on
def _fed_back(rows: Rows[FeedbackRow], e: CampaignFeedbackFiled, at: datetime) -> None:
    row = rows[e.campaign]
    row.filed_at, row.changed = row.filed_at or at, row.changed or e.changed


@attrs.define
class ResponseRow:
    """A response, and the campaign that it belongs to."""

    response: str = column(key=True)
    at: datetime | None = None
    campaign: str | None = None
    by: str = "none"
    touch: str | None = None
    order: str | None = None
    revenue: Decimal | None = None
    margin: Decimal | None = None
    currency: str = ""
    opt_out: bool = False


responses = ReadModel("core.responses", ResponseRow, title=Label("Responses", "营销反馈"))


@responses.on
def _received(rows: Rows[ResponseRow], e: ResponseReceived, at: datetime) -> None:
    row = rows[e.response]
    row.at, row.order, row.opt_out, row.touch = at, e.order, e.opt_out, e.touch
    row.revenue, row.margin = (None if m is None else m.amount for m in (e.revenue, e.margin))
    row.currency = next((m.currency for m in (e.revenue, e.margin) if m is not None), "")


@responses.on
def _attributed(rows: Rows[ResponseRow], e: ResponseAttributed, at: datetime) -> None:
    row = rows[e.response]
    row.campaign, row.by, row.touch = e.campaign, e.attributed_by, e.touch or row.touch


@attrs.define
class ScreeningRow:
    """What a stage of the screening came to."""

    outline_version: str = column(key=True)
    stage: str = column(key=True)
    outcome: str = ""
    at: datetime | None = None


screening_rows = ReadModel("core.screening_outcomes", ScreeningRow, title=Label("Screening", "筛选结果"))


@screening_rows.on
def _screened(rows: Rows[ScreeningRow], e: ScreeningDecided, at: datetime) -> None:
    row = rows[e.outline_version, e.stage]
    row.outcome, row.at = e.outcome, at


@attrs.define
class GoneRow:
    """A prospect who seems to be gone, until he is heard of."""

    proposed_at: datetime | None = None
    contact_points: str = ""
    failures: int = 0
    withdrawn_at: datetime | None = None
    failed: int = 0
    first_failed_at: datetime | None = None
    heard_at: datetime | None = None


gone_rows = ReadModel(
    "core.gone_prospects", GoneRow, title=Label("Prospects proposed as gone", "拟认定已不存在的客户")
)


@gone_rows.on
def _failed(rows: Rows[GoneRow], e: DeliveryReported, at: datetime) -> None:
    if e.outcome == "failed":
        row = rows[()]
        row.failed, row.first_failed_at = row.failed + 1, row.first_failed_at or at


@gone_rows.on
def _gone(rows: Rows[GoneRow], e: GoneProposed, at: datetime) -> None:
    row = rows[()]
    row.proposed_at, row.contact_points, row.failures, row.withdrawn_at = (
        at,
        e.contact_points,
        e.failures,
        None,
    )


@gone_rows.on
def _heard(rows: Rows[GoneRow], e: ActionRecorded, at: datetime) -> None:
    if e.two_way:
        _withdrawn(rows, at)


@gone_rows.on
def _turned_to_us(
    rows: Rows[GoneRow], e: IncomingRegistered | ResponseReceived | OrderPlaced, at: datetime
) -> None:
    _withdrawn(rows, at)


@gone_rows.on
def _reachable(rows: Rows[GoneRow], e: ContactPointRecorded | RelationshipClosed, at: datetime) -> None:
    _settled(rows, at)


@gone_rows.on
def _no_ground(rows: Rows[GoneRow], e: DecisionEnded, at: datetime) -> None:
    # The entry that ended it names no customer's words; a proposal lost its ground when he was heard of, or too little failed.
    row = rows[()]
    heard = row.heard_at is not None and row.proposed_at is not None and row.heard_at < row.proposed_at
    if heard or row.failed < row.failures:
        _settled(rows, at)


def _withdrawn(rows: Rows[GoneRow], at: datetime) -> None:
    row = rows[()]
    row.heard_at = at
    _settled(rows, at)


def _settled(rows: Rows[GoneRow], at: datetime) -> None:
    row = rows[()]
    if row.proposed_at is not None and row.withdrawn_at is None:
        row.withdrawn_at = at


@attrs.define
class OneToOneRow:
    """A one-to-one plan of a customer; the row without a number is the relationship outside of any."""

    plan: str = column(key=True)
    filed_at: datetime | None = None
    owner: str = ""
    goal: str | Erased = personal("dealings", default="")  # noqa: RUF009 - an attrs field, not a default
    budget: Decimal | None = None
    cost: Decimal = NOTHING
    margin: Decimal = NOTHING
    currency: str = ""


one_to_one = ReadModel(
    "core.one_to_one_plans", OneToOneRow, title=Label("One-to-one plans", "一对一营销计划")
)


@one_to_one.on
def _filed(rows: Rows[OneToOneRow], e: CustomerPlanFiled, at: datetime) -> None:
    if e.kind != "one_to_one":
        return
    row = rows[e.plan]
    row.filed_at, row.owner, row.goal = row.filed_at or at, e.owner, e.goal
    if e.budget is not None:
        row.budget, row.currency = e.budget.amount, e.budget.currency


@one_to_one.on
def _brought(rows: Rows[OneToOneRow], e: PlanResultRecorded, at: datetime) -> None:
    row = rows[e.plan or ""]
    row.cost, row.currency = _add(row.cost, row.currency, e.cost)
    row.margin, row.currency = _add(row.margin, row.currency, e.margin)


# ---------------------------------------------------------------- of collecting


@attrs.define
class BatchRow:
    """What a batch of collected data came to."""

    batch: str = column(key=True)
    closed_at: datetime | None = None
    refused: int = 0


batches = ReadModel("core.collected_batches", BatchRow, title=Label("Collected batches", "采集批次"))


@batches.on
def _batch(rows: Rows[BatchRow], e: ImportBatchClosed, at: datetime) -> None:
    row = rows[e.batch]
    row.closed_at, row.refused = at, e.refused


READ_MODELS = (
    campaign_rows,
    evaluations,
    campaign_days,
    heads,
    other_heads,
    reviews,
    sources,
    target_rows,
    feedback,
    responses,
    screening_rows,
    gone_rows,
    one_to_one,
    batches,
)
