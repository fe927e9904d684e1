"""What people tell about campaigns, or order: of the campaign in its own stream, of the customer in his."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.messages import Command, command, field
from guanxi.kernel.values import Money
from guanxi.relationship.campaigns.events import (
    CampaignStep,
    FailureCause,
    HeadRuling,
    ReviewOutcome,
    ScreeningOutcome,
    ScreeningStage,
)
from guanxi.relationship.campaigns.segments import read_criteria
from guanxi.relationship.care.checks import not_negative
from guanxi.relationship.checks import named, named_or_none, one_of, or_none


def _criteria(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    read_criteria(value)


def _count(_: object, attribute: attrs.Attribute[Any], value: int | None) -> None:
    if value is not None and value < 0:
        raise Invalid(
            "amount_sign",
            f"{attribute.name} is {value}",
            zh=f"{attribute.name} 为 {value}",
            accepts="a number of at least 0",
        )


def _not_before_start(command: PlanCampaign, attribute: attrs.Attribute[Any], value: date | None) -> None:
    if value is not None and command.starts_on is not None and value < command.starts_on:
        raise Invalid(
            "invalid_date",
            f"it ends on {value} and starts on {command.starts_on}",
            zh=f"结束日期 {value} 早于开始日期 {command.starts_on}",
            rule="CORE-48",
            accepts="a last day that is not before the first",
        )


# Of the campaign


@command("core.plan_campaign")
class PlanCampaign(Command):
    """Write a plan for a campaign, whose id is the command's subject; a further one is the plan's next version (CORE-48).

    Args:
        title: what it is called.
        department: whose it is.
        segment: whom it is for, in words.
        criteria: the same as conditions on the profile, such as ``age < 30; region = north``.
        code: what customers quote.
        programme: the programme it belongs to.
        promotion: kind of promotion, such as ``gift``.
        channels: how customers are reached.
        budget: what it may cost.
        starts_on: first day.
        ends_on: last day.
        planned_calls: calls to be answered a day.
        planned_visits: site visits a day.
        planned_responses: responses in all.
    """

    title: str = field(validator=named)
    department: str = field(validator=named)
    segment: str = field(validator=named)
    criteria: str = field(default="", validator=_criteria)
    code: str | None = field(default=None, validator=named_or_none)
    programme: str | None = field(default=None, validator=named_or_none)
    promotion: str | None = field(default=None, validator=named_or_none)
    channels: tuple[str, ...] = field(default=())
    budget: Money | None = field(default=None, validator=not_negative)
    starts_on: date | None = field(default=None)
    ends_on: date | None = field(default=None, validator=_not_before_start)
    planned_calls: int | None = field(default=None, validator=_count)
    planned_visits: int | None = field(default=None, validator=_count)
    planned_responses: int | None = field(default=None, validator=_count)


@command("core.do_campaign_step")
class DoCampaignStep(Command):
    """Do a step of a campaign; execution waits while customers are targeted by another department too (CORE-48, CORE-51).

    Args:
        step: ``idea``, ``analysis``, ``planning``, ``test``, ``execution`` or ``evaluation``.
        waiver_reason: why earlier steps that were not done are skipped.
    """

    step: CampaignStep = field(validator=one_of(*get_args(CampaignStep)))
    waiver_reason: str | None = field(default=None, validator=named_or_none)


@command("core.target_customers")
class TargetCustomers(Command):
    """Aim a campaign at customers, under the current version of its plan (CORE-48).

    Args:
        customers: their account numbers.
        override_reason: why those outside the segment are taken in all the same.
    """

    customers: tuple[str, ...] = field()
    override_reason: str | None = field(default=None, validator=named_or_none)


@command("core.resolve_head_conflict")
class ResolveHeadConflict(Command):
    """Settle the conflicts with another department's campaign (CORE-51).

    Args:
        other_campaign: the other campaign.
        ruling: ``priority`` of one of the two, ``joint``, or ``leave_out`` of this one.
        preferred: which campaign has priority.
    """

    other_campaign: str = field(validator=named)
    ruling: HeadRuling = field(validator=one_of(*get_args(HeadRuling)))
    preferred: str | None = field(default=None, validator=named_or_none)


@command("core.note_head_conflict")
class NoteHeadConflict(Command):
    """Note that a customer is targeted by another department's campaign too; given by the customer's file.

    Args:
        other_campaign: the other campaign.
        customer: who.
        department: whose the other is.
    """

    other_campaign: str = field(validator=named)
    customer: str = field(validator=named)
    department: str = field(validator=named)


@command("core.note_other_head")
class NoteOtherHead(Command):
    """Note that the other campaign of a conflict runs, or no longer does; given by that campaign.

    Args:
        other_campaign: the other campaign.
        running: whether it runs.
    """

    other_campaign: str = field(validator=named)
    running: bool = field()


@command("core.end_campaign")
class EndCampaign(Command):
    """Note that a campaign is over (CORE-50).

    Args:
        outcome: in a word.
    """

    outcome: str | None = field(default=None, validator=named_or_none)


@command("core.incur_campaign_cost")
class IncurCampaignCost(Command):
    """Note what a campaign cost (CORE-50).

    Args:
        cost: number of the cost.
        amount: how much.
        item: for what.
    """

    cost: str = field(validator=named)
    amount: Money = field(validator=not_negative)
    item: str | None = field(default=None, validator=named_or_none)


@command("core.count_campaign_day")
class CountCampaignDay(Command):
    """Count a day of a running campaign; told again, the day's count is replaced (CORE-50).

    Args:
        day: which; that of the entry if not given.
        answered_calls: calls answered.
        site_visits: visits on site.
        responses: responses.
    """

    day: date | None = field(default=None)
    answered_calls: int = field(default=0, validator=_count)
    site_visits: int = field(default=0, validator=_count)
    responses: int = field(default=0, validator=_count)


@command("core.evaluate_campaign")
class EvaluateCampaign(Command):
    """File an evaluation of a campaign; a further one is its next version (CORE-50).

    Args:
        report: number or digest of the report it rests on.
        sent: customers it was sent to.
        reached_customers: of these, reached.
        responded: of these, responding.
        order_count: orders attributed to it.
        revenue: revenue attributed to it.
        margin: margin attributed to it.
        cost: what it cost.
        result: plan against result, in words.
        failure_cause: ``none``, ``execution``, ``product_or_funds``, ``competitor`` or ``plan_market_mismatch``.
    """

    report: str = field(validator=named)
    sent: int = field(default=0, validator=_count)
    reached_customers: int = field(default=0, validator=_count)
    responded: int = field(default=0, validator=_count)
    order_count: int = field(default=0, validator=_count)
    revenue: Money | None = field(default=None)
    margin: Money | None = field(default=None)
    cost: Money | None = field(default=None, validator=not_negative)
    result: str | None = field(default=None)
    failure_cause: FailureCause = field(default="none", validator=one_of(*get_args(FailureCause)))


@command("core.file_campaign_feedback")
class FileCampaignFeedback(Command):
    """Note that a campaign's data and results were fed back into the files (CORE-50).

    Args:
        customers: account numbers of the files that it was fed into.
        changed: whether these files were changed by it.
        content: what it brought.
    """

    customers: tuple[str, ...] = field(default=())
    changed: bool = field(default=False)
    content: str | None = field(default=None)


@command("core.review_programme")
class ReviewProgramme(Command):
    """Review a whole programme, whose name is the command's subject (CORE-50).

    Args:
        year: of which year.
        goals: goals it had.
        goals_reached: of these, reached.
        cost: what it cost.
        benefit: what it brought.
        outcome: ``go_on``, ``change`` or ``stop``.
    """

    year: int
    goals: int = field(validator=_count)
    goals_reached: int = field(validator=_count)
    cost: Money = field(validator=not_negative)
    benefit: Money = field()
    outcome: ReviewOutcome = field(default="go_on", validator=one_of(*get_args(ReviewOutcome)))


# Of the customer


@command("core.target_customer")
class TargetCustomer(Command):
    """Aim a campaign at the customer, or leave him out where he is outside its segment; given by the campaign (CORE-48).

    Args:
        campaign: its id.
        version: version of its plan.
        department: whose it is.
        segment: whom it is for, in words.
        criteria: the same as conditions.
        code: what customers quote.
        promotion: kind of promotion.
        override_reason: why he is taken in although he is outside the segment.
    """

    campaign: str = field(validator=named)
    version: int = field()
    department: str = field(validator=named)
    segment: str = field(validator=named)
    criteria: str = field(default="", validator=_criteria)
    code: str | None = field(default=None)
    promotion: str | None = field(default=None)
    override_reason: str | None = field(default=None)


@command("core.leave_out_customer")
class LeaveOutCustomer(Command):
    """Leave a targeted customer out of a campaign (CORE-51).

    Args:
        campaign: its id.
        cause: why.
    """

    campaign: str = field(validator=named)
    cause: str = field(default="multi_head", validator=named)


@command("core.receive_response")
class ReceiveResponse(Command):
    """Record what a customer answered to our marketing (CORE-49).

    Args:
        response: its number.
        channel: how it came.
        code: the campaign's code, where he quoted one.
        touch: number of the message he answered, where it is known.
        order: the order it brought.
        revenue: revenue of that.
        margin: margin of that.
        opt_out: whether he asks to hear no more; counted apart.
        content: what he said.
    """

    response: str = field(validator=named)
    channel: str | None = field(default=None, validator=named_or_none)
    code: str | None = field(default=None, validator=named_or_none)
    touch: str | None = field(default=None, validator=named_or_none)
    order: str | None = field(default=None, validator=named_or_none)
    revenue: Money | None = field(default=None)
    margin: Money | None = field(default=None)
    opt_out: bool = field(default=False)
    content: str | None = field(default=None)


@command("core.file_customer_feedback")
class FileCustomerFeedback(Command):
    """Feed back into the file what a campaign brought of this customer (CORE-50, CORE-81).

    Args:
        campaign: its id.
        changed: whether the file was changed by it.
        content: what it brought.
    """

    campaign: str = field(validator=named)
    changed: bool = field(default=False)
    content: str | None = field(default=None)


@command("core.screen_customer")
class ScreenCustomer(Command):
    """Carry out a stage of the screening on the customer (CORE-52).

    Args:
        stage: ``preliminary``, ``shortlist`` or ``final``.
        outline_version: version of the written outline.
        judged: ``passed`` or ``screened_out``, where a person judged; by the outline's criteria otherwise.
    """

    stage: ScreeningStage = field(validator=one_of(*get_args(ScreeningStage)))
    outline_version: str = field(validator=named)
    judged: ScreeningOutcome | None = field(
        default=None, validator=or_none(one_of(*get_args(ScreeningOutcome)))
    )


@command("core.record_plan_result")
class RecordPlanResult(Command):
    """Record cost and attributed margin of a one-to-one plan, or of the relationship outside of any (CORE-81).

    Args:
        plan: number of the plan.
        cost: what was spent.
        margin: what it brought.
    """

    plan: str | None = field(default=None, validator=named_or_none)
    cost: Money | None = field(default=None, validator=not_negative)
    margin: Money | None = field(default=None)


COMMANDS = (
    PlanCampaign,
    DoCampaignStep,
    TargetCustomers,
    ResolveHeadConflict,
    NoteHeadConflict,
    NoteOtherHead,
    EndCampaign,
    IncurCampaignCost,
    CountCampaignDay,
    EvaluateCampaign,
    FileCampaignFeedback,
    ReviewProgramme,
    TargetCustomer,
    LeaveOutCustomer,
    ReceiveResponse,
    FileCustomerFeedback,
    ScreenCustomer,
    RecordPlanResult,
)
