"""What may be asked of the way from lead to contract: commands and what they check before anything is decided."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import attrs

from guanxi.kernel.errors import Incomplete, Invalid
from guanxi.kernel.messages import Command, command, field, personal
from guanxi.kernel.values import Money
from guanxi.relationship.checks import coded, filled, or_none
from guanxi.relationship.pipeline.events import (
    ActionKind,
    Answer,
    Attitude,
    Direction,
    Medium,
    Outcome,
    PlanKind,
    QuotationLine,
    Review,
    Urgency,
)

Attribute: TypeAlias = "attrs.Attribute[Any]"


# Checks


_named = filled("a number, code or name")
_named_or_none = or_none(_named)


def _all_named(instance: object, attribute: Attribute, values: Any) -> None:
    for value in values:
        _named(instance, attribute, value)


def _given_reason(_: object, attribute: Attribute, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise reason_missing("this needs a reason", "须说明原因")


def reason_missing(message: str, zh: str, rule: str = "") -> Incomplete:
    """Return the refusal of what has no reason.

    Args:
        message: what needs one.
        zh: the same in Chinese.
        rule: id of the rule that asks for it.
    """
    return Incomplete("reason_missing", message, zh=zh, rule=rule, accepts="a reason, in words or as a code")


def _money(_: object, attribute: Attribute, value: Any) -> None:
    if not isinstance(value, Money):
        raise Invalid(
            "unit_missing",
            f"{attribute.name} is {value!r}",
            zh=f"{attribute.name} 缺少币种",
            accepts='Money("128.00", "CNY")',
        )


def _not_negative(instance: object, attribute: Attribute, value: Any) -> None:
    _money(instance, attribute, value)
    if value.amount < 0:
        raise Invalid(
            "amount_sign",
            f"{attribute.name} is {value}",
            zh=f"{attribute.name} 为负数：{value}",
            accepts="0 or more",
        )


def _not_negative_or_none(instance: object, attribute: Attribute, value: Any) -> None:
    if value is not None:
        _not_negative(instance, attribute, value)


def _aware(_: object, attribute: Attribute, value: Any) -> None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Invalid(
            "naive_datetime",
            f"{attribute.name} has no time zone",
            zh=f"{attribute.name} 没有时区",
            accepts="a datetime with tzinfo, or text with an offset",
        )


def _aware_or_none(instance: object, attribute: Attribute, value: Any) -> None:
    if value is not None:
        _aware(instance, attribute, value)


def _whole_or_none(_: object, attribute: Attribute, value: Any) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise Invalid(
            "out_of_scale",
            f"{attribute.name} is {value!r}",
            zh=f"{attribute.name} 为 {value!r}",
            accepts="a whole number, 1 or more",
        )


def _lines(_: object, attribute: Attribute, value: tuple[QuotationLine, ...]) -> None:
    for line in value:
        if line.quantity <= Decimal(0):
            raise Invalid(
                "amount_sign",
                f"a line of {line.product} has the quantity {line.quantity}",
                zh=f"{line.product} 的数量为 {line.quantity}",
                accepts="a quantity above 0",
            )


# Leads


@command("core.record_lead")
class RecordLead(Command):
    """Record a lead (CORE-24).

    Args:
        lead: its number.
        need: what is wanted.
        urgency: ``eager``, ``hopeful`` or ``wait_and_see``.
        families: product families that it is about.
        source: the touch that it came from, such as a campaign or a call.
        assignee: who is to work it.
    """

    lead: str = field(validator=_named)
    need: str | None = personal("dealings", default=None)
    urgency: Urgency = field(default="hopeful", validator=coded(Urgency))
    families: tuple[str, ...] = field(default=(), converter=tuple, validator=_all_named)
    source: str | None = field(default=None, validator=_named_or_none)
    assignee: str | None = field(default=None, validator=_named_or_none)


@command("core.assign_lead")
class AssignLead(Command):
    """Give a lead to somebody; whoever had it has it no longer.

    Args:
        lead: its number.
        assignee: who is to work it.
    """

    lead: str = field(validator=_named)
    assignee: str = field(validator=_named)


@command("core.upgrade_lead")
class UpgradeLead(Command):
    """Turn a lead into an opportunity; its assignee goes on with it.

    Args:
        lead: its number.
        opportunity: number of the opportunity.
        products: what is to be sold.
        families: their families; those of the lead if not given.
        amount: what it may come to.
        expected_on: when it may be signed.
        stage: where it begins; the first stage if not given.
    """

    lead: str = field(validator=_named)
    opportunity: str = field(validator=_named)
    products: tuple[str, ...] = field(default=(), converter=tuple, validator=_all_named)
    families: tuple[str, ...] = field(default=(), converter=tuple, validator=_all_named)
    amount: Money | None = field(default=None, validator=_not_negative_or_none)
    expected_on: date | None = field(default=None)
    stage: str | None = field(default=None, validator=_named_or_none)


@command("core.close_lead")
class CloseLead(Command):
    """Close a lead that came to nothing.

    Args:
        lead: its number.
        reason_code: why.
    """

    lead: str = field(validator=_named)
    reason_code: str = field(default="", validator=_given_reason)


# Opportunities


@command("core.open_opportunity")
class OpenOpportunity(Command):
    """Open an opportunity that no lead was recorded for.

    Args:
        opportunity: its number.
        products: what is to be sold.
        families: their families.
        amount: what it may come to.
        expected_on: when it may be signed.
        stage: where it begins; the first stage if not given.
        assignee: who is to work it.
    """

    opportunity: str = field(validator=_named)
    products: tuple[str, ...] = field(default=(), converter=tuple, validator=_all_named)
    families: tuple[str, ...] = field(default=(), converter=tuple, validator=_all_named)
    amount: Money | None = field(default=None, validator=_not_negative_or_none)
    expected_on: date | None = field(default=None)
    stage: str | None = field(default=None, validator=_named_or_none)
    assignee: str | None = field(default=None, validator=_named_or_none)


@command("core.assign_opportunity")
class AssignOpportunity(Command):
    """Give an opportunity to somebody; whoever had it has it no longer.

    Args:
        opportunity: its number.
        assignee: who is to work it.
    """

    opportunity: str = field(validator=_named)
    assignee: str = field(validator=_named)


@command("core.move_opportunity")
class MoveOpportunity(Command):
    """Move an opportunity to another stage that is not a closing one.

    Args:
        opportunity: its number.
        stage: where it stands now.
        reason: why; needed for a step back.
        amount: what it may come to, where that changed.
        expected_on: when it may be signed, where that changed.
    """

    opportunity: str = field(validator=_named)
    stage: str = field(validator=_named)
    reason: str | None = field(default=None, validator=_named_or_none)
    amount: Money | None = field(default=None, validator=_not_negative_or_none)
    expected_on: date | None = field(default=None)


@command("core.close_opportunity")
class CloseOpportunity(Command):
    """Close an opportunity as won or lost.

    Args:
        opportunity: its number.
        outcome: ``won`` or ``lost``.
        reason_code: why; needed where it was lost.
        amount: what it came to, where that differs.
    """

    opportunity: str = field(validator=_named)
    outcome: Outcome = field(validator=coded(Outcome))
    reason_code: str | None = field(default=None)
    amount: Money | None = field(default=None, validator=_not_negative_or_none)


@command("core.reopen_opportunity")
class ReopenOpportunity(Command):
    """Work a closed opportunity again.

    Args:
        opportunity: its number.
        reason: why.
        stage: where it stands; where it stood before it was closed if not given.
    """

    opportunity: str = field(validator=_named)
    reason: str = field(default="", validator=_given_reason)
    stage: str | None = field(default=None, validator=_named_or_none)


# Actions and visits


@command("core.record_action")
class RecordAction(Command):
    """Record a general action (CORE-25).

    Args:
        kind: such as ``call`` or ``visit``.
        direction: ``out`` from us, ``in`` from the customer.
        two_way: whether the customer answered.
        item_kind: what sort of thing it is about, such as ``lead`` or ``opportunity``; None for the customer as such.
        item: its number.
        content: what was said or done.
        no_change: whether it found nothing new.
        bulk: whether it was one message of many.
        person: who acted, if not the actor.
        visit: number of the visit, for a visit; made from its moment if not given.
        visit_plan: number of the planned visit that it was; the one planned for its day if not given.
    """

    kind: ActionKind = field(validator=coded(ActionKind))
    direction: Direction = field(default="out", validator=coded(Direction))
    two_way: bool = field(default=False)
    item_kind: str | None = field(default=None, validator=_named_or_none)
    item: str | None = field(default=None, validator=_named_or_none)
    content: str | None = personal("dealings", default=None)
    no_change: bool = field(default=False)
    bulk: bool = field(default=False)
    person: str | None = field(default=None, validator=_named_or_none)
    visit: str | None = field(default=None, validator=_named_or_none)
    visit_plan: str | None = field(default=None, validator=_named_or_none)


@command("core.plan_visit")
class PlanVisit(Command):
    """Plan a visit (CORE-89).

    Args:
        visit_plan: its number.
        on: the day.
        person: who is to go, if not the actor.
        purpose: what for.
    """

    visit_plan: str = field(validator=_named)
    on: date
    person: str | None = field(default=None, validator=_named_or_none)
    purpose: str | None = personal("dealings", default=None)


@command("core.report_visit")
class ReportVisit(Command):
    """Report a visit, or add to its report (CORE-83).

    Args:
        visit: its number.
        attitude: the customer's, to products and work: ``favourable``, ``neutral`` or ``unfavourable``.
        remarks: the same in words.
        problems: what was found wrong.
        plan: how it is to be mended.
        plan_owner: by whom.
        plan_due: by when.
        result: what became of the plan.
    """

    visit: str = field(validator=_named)
    attitude: Attitude | None = personal("dealings", default=None, validator=or_none(coded(Attitude)))
    remarks: str | None = personal("dealings", default=None)
    problems: str | None = personal("dealings", default=None, validator=_named_or_none)
    plan: str | None = personal("dealings", default=None, validator=_named_or_none)
    plan_owner: str | None = field(default=None, validator=_named_or_none)
    plan_due: date | None = field(default=None)
    result: str | None = personal("dealings", default=None, validator=_named_or_none)


# What comes in, and plans


@command("core.register_incoming")
class RegisterIncoming(Command):
    """Register a call, letter or formal letter that came in (CORE-89).

    Args:
        incoming: its number.
        medium: ``call``, ``letter`` or ``formal_letter``.
        content: what it is about.
        passed_to: to whom it was passed on at once.
    """

    incoming: str = field(validator=_named)
    medium: Medium = field(validator=coded(Medium))
    content: str | None = personal("contact", default=None)
    passed_to: str | None = field(default=None, validator=_named_or_none)


@command("core.pass_on_incoming")
class PassOnIncoming(Command):
    """Pass on what came in to the right person.

    Args:
        incoming: its number.
        passed_to: to whom.
    """

    incoming: str = field(validator=_named)
    passed_to: str = field(validator=_named)


@command("core.file_customer_plan")
class FileCustomerPlan(Command):
    """File a plan for a customer, or file it anew after it was sent back (CORE-89).

    Args:
        plan: its number.
        kind: ``customer``, ``countermeasure`` or ``one_to_one``.
        goal: what it is to reach.
        measures: what is to be done.
        owner: who answers for it.
        starts_on: its first day.
        ends_on: its last day.
        budget: what it may cost.
    """

    plan: str = field(validator=_named)
    kind: PlanKind = field(default="customer", validator=coded(PlanKind))
    goal: str = field(validator=_named)
    measures: tuple[str, ...] = field(default=(), converter=tuple, validator=_all_named)
    owner: str = field(validator=_named)
    starts_on: date | None = field(default=None)
    ends_on: date | None = field(default=None)
    budget: Money | None = field(default=None, validator=_not_negative_or_none)


@command("core.review_customer_plan")
class ReviewCustomerPlan(Command):
    """Approve a customer plan or send it back; its author may not.

    Args:
        plan: its number.
        outcome: ``approved`` or ``rejected``.
        reason: why; needed where it is rejected.
    """

    plan: str = field(validator=_named)
    outcome: Review = field(default="approved", validator=coded(Review))
    reason: str | None = field(default=None, validator=_named_or_none)


# Quotations and bids


@command("core.issue_quotation")
class IssueQuotation(Command):
    """Send out a quotation, or a further version of it (CORE-26).

    Args:
        quotation: its number.
        amount: what it comes to.
        valid_until: last day on which it can be accepted.
        lines: what is offered.
        opportunity: what it is for.
        version: its version; the next one if not given.
    """

    quotation: str = field(validator=_named)
    amount: Money = field(validator=_not_negative)
    valid_until: date
    lines: tuple[QuotationLine, ...] = field(default=(), converter=tuple, validator=_lines)
    opportunity: str | None = field(default=None, validator=_named_or_none)
    version: int | None = field(default=None, validator=_whole_or_none)


@command("core.answer_quotation")
class AnswerQuotation(Command):
    """Note that the customer accepted or declined a quotation (CORE-26).

    Args:
        quotation: its number.
        version: which version; the latest if not given.
        answer: ``accepted`` or ``declined``.
        reason: why.
    """

    quotation: str = field(validator=_named)
    version: int | None = field(default=None, validator=_whole_or_none)
    answer: Answer = field(default="accepted", validator=coded(Answer))
    reason: str | None = field(default=None)


@command("core.plan_bid")
class PlanBid(Command):
    """Note a tender for which a bid is to be handed in (CORE-89).

    Args:
        bid: number of the bid.
        tender: number of the tender.
        due: last instant for handing in.
        person: who is to do it.
        opportunity: what it is for.
    """

    bid: str = field(validator=_named)
    tender: str = field(validator=_named)
    due: datetime = field(validator=_aware)
    person: str | None = field(default=None, validator=_named_or_none)
    opportunity: str | None = field(default=None, validator=_named_or_none)


@command("core.submit_bid")
class SubmitBid(Command):
    """Note that a bid was handed in (CORE-89).

    Args:
        bid: its number.
        amount: what it offers.
        tender: number of the tender; as planned if not given.
        due: last instant for handing in; as planned if not given.
        opportunity: what it is for.
    """

    bid: str = field(validator=_named)
    amount: Money = field(validator=_not_negative)
    tender: str | None = field(default=None, validator=_named_or_none)
    due: datetime | None = field(default=None, validator=_aware_or_none)
    opportunity: str | None = field(default=None, validator=_named_or_none)


@command("core.decide_bid")
class DecideBid(Command):
    """Note that a bid was won or lost.

    Args:
        bid: its number.
        outcome: ``won`` or ``lost``.
        reason_code: why; needed where it was lost.
    """

    bid: str = field(validator=_named)
    outcome: Outcome = field(validator=coded(Outcome))
    reason_code: str | None = field(default=None)


# Contracts


@command("core.review_customer")
class ReviewCustomer(Command):
    """Weigh a customer before a contract, part by part (CORE-27).

    Args:
        results: whether it passed, by part.
        reason: why not, where it failed in any.
    """

    results: dict[str, bool]
    reason: str | None = field(default=None, validator=_named_or_none)


@command("core.file_investigation")
class FileInvestigation(Command):
    """File a written investigation of the customer (CORE-27).

    Args:
        document: its number.
        subjects: what it covers, such as ``nature``, ``size``, ``funds``, ``ability``.
        on: the date that it bears; the day of filing if not given.
    """

    document: str = field(validator=_named)
    subjects: tuple[str, ...] = field(converter=tuple, validator=_all_named)
    on: date | None = field(default=None)


@command("core.take_collective_decision")
class TakeCollectiveDecision(Command):
    """Put a collective decision on a major contract on record (CORE-27).

    Args:
        contract: its number.
        attendees: who decided.
        minutes: number of the minutes.
        outcome: ``approved`` or ``rejected``.
        minutes_on: the date that the minutes bear; the day of the decision if not given.
        amount: up to what the decision goes; whatever the contract comes to if not given.
    """

    contract: str = field(validator=_named)
    attendees: tuple[str, ...] = field(converter=tuple, validator=_all_named)
    minutes: str = field(validator=_named)
    outcome: Review = field(default="approved", validator=coded(Review))
    minutes_on: date | None = field(default=None)
    amount: Money | None = field(default=None, validator=_not_negative_or_none)


@command("core.confirm_contract")
class ConfirmContract(Command):
    """Confirm a contract's content as the sales manager, after the customer's consent (CORE-27).

    Args:
        contract: its number.
        consented_on: when the customer consented; the day of confirming if not given.
        amount: the amount that is confirmed; any if not given.
    """

    contract: str = field(validator=_named)
    consented_on: date | None = field(default=None)
    amount: Money | None = field(default=None, validator=_not_negative_or_none)


@command("core.sign_contract")
class SignContract(Command):
    """Sign a contract (CORE-27).

    Args:
        contract: its number.
        amount: what it comes to.
        parties: who signs.
        starts_on: its first day.
        ends_on: its last day.
        deal_type: ``goods``, or ``installed`` where installation is part of it.
        major: whether it is major, where no amount says so.
        opportunity: what it comes from.
    """

    contract: str = field(validator=_named)
    amount: Money = field(validator=_not_negative)
    parties: tuple[str, ...] = personal("dealings", default=(), converter=tuple, validator=_all_named)
    starts_on: date | None = field(default=None)
    ends_on: date | None = field(default=None)
    deal_type: Literal["goods", "installed"] = field(
        default="goods", validator=coded(Literal["goods", "installed"])
    )
    major: bool = field(default=False)
    opportunity: str | None = field(default=None, validator=_named_or_none)


@command("core.amend_contract")
class AmendContract(Command):
    """Amend a signed contract (CORE-27).

    Args:
        contract: its number.
        amendment: number of the amendment.
        added: what it adds to the amount, or takes from it where negative.
        ends_on: its new last day.
        major: whether the contract is major with it, where no amount says so.
    """

    contract: str = field(validator=_named)
    amendment: str = field(validator=_named)
    added: Money = field(validator=_money)
    ends_on: date | None = field(default=None)
    major: bool = field(default=False)


@command("core.end_contract")
class EndContract(Command):
    """Note that a contract ended.

    Args:
        contract: its number.
        how: ``fulfilled``, ``expired`` or ``terminated``.
        reason: why; needed where it was terminated.
    """

    contract: str = field(validator=_named)
    how: Literal["fulfilled", "expired", "terminated"] = field(
        validator=coded(Literal["fulfilled", "expired", "terminated"])
    )
    reason: str | None = field(default=None, validator=_named_or_none)


COMMANDS = (
    RecordLead,
    AssignLead,
    UpgradeLead,
    CloseLead,
    OpenOpportunity,
    AssignOpportunity,
    MoveOpportunity,
    CloseOpportunity,
    ReopenOpportunity,
    RecordAction,
    PlanVisit,
    ReportVisit,
    RegisterIncoming,
    PassOnIncoming,
    FileCustomerPlan,
    ReviewCustomerPlan,
    IssueQuotation,
    AnswerQuotation,
    PlanBid,
    SubmitBid,
    DecideBid,
    ReviewCustomer,
    FileInvestigation,
    TakeCollectiveDecision,
    ConfirmContract,
    SignContract,
    AmendContract,
    EndContract,
)
