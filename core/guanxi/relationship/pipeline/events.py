"""What happens between the first sign of business and the signed contract, and around visits, plans, mail and bids."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import attrs

from guanxi.kernel.messages import Act, Fact, event, field, personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.values import Money

Urgency = Literal["eager", "hopeful", "wait_and_see"]
"""Classes of prospects by urgency of closing: 渴望, 有望, 观望."""
ActionKind = Literal["call", "visit", "meeting", "message", "letter", "negotiation", "dunning", "other"]
Direction = Literal["in", "out"]
Attitude = Literal["favourable", "neutral", "unfavourable"]
Medium = Literal["call", "letter", "formal_letter"]
"""How something came in: 来电, 来信, 来函."""
PlanKind = Literal["customer", "countermeasure", "one_to_one"]
Outcome = Literal["won", "lost"]
Answer = Literal["accepted", "declined"]
Review = Literal["approved", "rejected"]


@attrs.frozen
class QuotationLine:
    """One line of a quotation."""

    product: str
    quantity: Decimal
    unit: str
    amount: Money
    family: str | None = None


# Leads and opportunities


@event("core.lead_recorded", number="lead")
class LeadRecorded(Fact):
    """Possible business was noticed (CORE-24)."""

    lead: str
    need: str | Erased | None = personal("dealings", default=None)
    urgency: Urgency = field(default="hopeful")
    families: tuple[str, ...] = field(default=())
    source: str | None = field(default=None)


@event("core.lead_assigned")
class LeadAssigned(Act):
    """Somebody is to work a lead; it is his alone from here on (CORE-24)."""

    lead: str
    assignee: str


@event("core.lead_upgraded")
class LeadUpgraded(Fact):
    """A lead became an opportunity, once (CORE-24)."""

    lead: str
    opportunity: str


@event("core.lead_closed")
class LeadClosed(Fact):
    """A lead came to nothing, and why (CORE-24)."""

    lead: str
    reason_code: str


@event("core.opportunity_opened", number="opportunity")
class OpportunityOpened(Fact):
    """Business was confirmed as possible (CORE-24). ``lead`` is where it came from, if from one."""

    opportunity: str
    stage: str
    products: tuple[str, ...] = field(default=())
    families: tuple[str, ...] = field(default=())
    amount: Money | None = field(default=None)
    expected_on: date | None = field(default=None)
    lead: str | None = field(default=None)


@event("core.opportunity_assigned")
class OpportunityAssigned(Act):
    """Somebody is to work an opportunity; it is his alone from here on (CORE-24)."""

    opportunity: str
    assignee: str


@event("core.opportunity_stage_moved")
class OpportunityStageMoved(Fact):
    """An opportunity went to another stage; what it jumped over is named (CORE-24)."""

    opportunity: str
    from_stage: str
    stage: str
    skipped: tuple[str, ...] = field(default=())
    reason: str | Erased | None = personal("dealings", default=None)
    amount: Money | None = field(default=None)
    expected_on: date | None = field(default=None)


@event("core.opportunity_closed")
class OpportunityClosed(Fact):
    """An opportunity was won, or lost with a reason (CORE-24)."""

    opportunity: str
    outcome: Outcome
    skipped: tuple[str, ...] = field(default=())
    reason_code: str | None = field(default=None)
    amount: Money | None = field(default=None)


@event("core.opportunity_reopened")
class OpportunityReopened(Act):
    """A closed opportunity is worked again (CORE-24)."""

    opportunity: str
    stage: str
    reason: str | Erased = personal("dealings")


# What is done about them


@event("core.action_recorded")
class ActionRecorded(Fact):
    """A general action: any follow-up, also one that found nothing new (CORE-25).

    ``item_kind`` and ``item`` say what it is about, such as ``lead`` and its number; both are missing where it is about
    the customer as such. ``visit`` is the number of a visit, ``visit_plan`` the planned one that it was.
    """

    kind: ActionKind
    direction: Direction = field(default="out")
    two_way: bool = field(default=False)
    item_kind: str | None = field(default=None)
    item: str | None = field(default=None)
    content: str | Erased | None = personal("dealings", default=None)
    no_change: bool = field(default=False)
    bulk: bool = field(default=False)
    person: str | None = field(default=None)
    visit: str | None = field(default=None)
    visit_plan: str | None = field(default=None)


@event("core.visit_planned", number="visit_plan")
class VisitPlanned(Fact):
    """A visit is to be made on a day (CORE-89)."""

    visit_plan: str
    on: date
    person: str | None = field(default=None)
    purpose: str | Erased | None = personal("dealings", default=None)


@event("core.visit_reported")
class VisitReported(Fact):
    """What a visit brought: attitude, problems, the plan to mend them, and later its result (CORE-83).

    A later report of the same visit adds to the earlier; what it does not state stays as it was.
    """

    visit: str
    attitude: str | Erased | None = personal("dealings", default=None)
    remarks: str | Erased | None = personal("dealings", default=None)
    problems: str | Erased | None = personal("dealings", default=None)
    plan: str | Erased | None = personal("dealings", default=None)
    plan_owner: str | None = field(default=None)
    plan_due: date | None = field(default=None)
    result: str | Erased | None = personal("dealings", default=None)


@event("core.incoming_registered", number="incoming")
class IncomingRegistered(Fact):
    """A call, letter or formal letter came in, and, once it is known, to whom it was passed on (CORE-89)."""

    incoming: str
    medium: Medium
    content: str | Erased | None = personal("contact", default=None)
    passed_to: str | None = field(default=None)
    passed_at: datetime | None = field(default=None)


@event("core.customer_plan_filed", number="plan")
class CustomerPlanFiled(Fact):
    """A plan for a customer, in force once it is reviewed (CORE-89). ``version`` counts its filings."""

    plan: str
    kind: PlanKind
    version: int
    goal: str | Erased = personal("dealings")
    measures: tuple[str, ...] | Erased = personal("dealings")
    owner: str
    author: str
    starts_on: date | None = field(default=None)
    ends_on: date | None = field(default=None)
    budget: Money | None = field(default=None)


@event("core.customer_plan_reviewed")
class CustomerPlanReviewed(Act):
    """Somebody other than its author approved a customer plan or sent it back (CORE-89)."""

    plan: str
    version: int
    reviewer: str
    outcome: Review
    reason: str | Erased | None = personal("dealings", default=None)


# Quotations and bids


@event("core.quotation_issued", number="quotation")
class QuotationIssued(Fact):
    """A version of a quotation went out; it takes the place of the versions before it (CORE-26)."""

    quotation: str
    version: int
    amount: Money
    valid_until: date
    lines: tuple[QuotationLine, ...] = field(default=())
    opportunity: str | None = field(default=None)


@event("core.quotation_answered")
class QuotationAnswered(Fact):
    """The customer accepted or declined a version of a quotation (CORE-26)."""

    quotation: str
    version: int
    answer: Answer
    reason: str | Erased | None = personal("dealings", default=None)


@event("core.bid_planned", number="bid")
class BidPlanned(Fact):
    """A tender became known for which a bid is to be handed in by an instant (CORE-89)."""

    bid: str
    tender: str
    due: datetime
    person: str | None = field(default=None)
    opportunity: str | None = field(default=None)


@event("core.bid_submitted")
class BidSubmitted(Fact):
    """A bid was handed in (CORE-89)."""

    bid: str
    tender: str
    due: datetime
    amount: Money
    opportunity: str | None = field(default=None)


@event("core.bid_decided")
class BidDecided(Fact):
    """A bid was won, or lost with a reason (CORE-89)."""

    bid: str
    outcome: Outcome
    reason_code: str | None = field(default=None)


# The gate before a contract, and the contract


@event("core.customer_reviewed")
class CustomerReviewed(Act):
    """The customer was weighed before a contract, part by part (CORE-27)."""

    results: dict[str, bool]
    passed: bool
    reviewer: str
    reason: str | Erased | None = personal("dealings", default=None)


@event("core.investigation_filed")
class InvestigationFiled(Fact):
    """A written investigation of the customer was filed (CORE-27). ``on`` is the date that it bears."""

    document: str
    subjects: tuple[str, ...]
    on: date


@event("core.collective_decision_taken")
class CollectiveDecisionTaken(Act):
    """Several leaders decided together on a major contract, and minutes were kept (CORE-27)."""

    contract: str
    attendees: tuple[str, ...]
    outcome: Review
    minutes: str
    minutes_on: date
    amount: Money | None = field(default=None)


@event("core.contract_confirmed")
class ContractConfirmed(Act):
    """The sales manager confirmed a contract's content after the customer's consent (CORE-27)."""

    contract: str
    confirmed_by: str
    consented_on: date
    amount: Money | None = field(default=None)


@event("core.contract_signed", number="contract")
class ContractSigned(Fact):
    """A contract was signed (CORE-27). ``deal_type`` says whether installation is part of it (CORE-28)."""

    contract: str
    amount: Money
    parties: tuple[str, ...] | Erased = personal("dealings", default=())
    starts_on: date | None = field(default=None)
    ends_on: date | None = field(default=None)
    deal_type: Literal["goods", "installed"] = field(default="goods")
    major: bool = field(default=False)
    opportunity: str | None = field(default=None)


@event("core.contract_amended")
class ContractAmended(Fact):
    """A contract's amount or end was changed by an amendment; ``added`` may be negative (CORE-27)."""

    contract: str
    amendment: str
    added: Money
    ends_on: date | None = field(default=None)
    major: bool = field(default=False)


@event("core.contract_ended")
class ContractEnded(Fact):
    """A contract ended, and how."""

    contract: str
    how: Literal["fulfilled", "expired", "terminated"]
    reason: str | Erased | None = personal("dealings", default=None)


EVENTS = (
    LeadRecorded,
    LeadAssigned,
    LeadUpgraded,
    LeadClosed,
    OpportunityOpened,
    OpportunityAssigned,
    OpportunityStageMoved,
    OpportunityClosed,
    OpportunityReopened,
    ActionRecorded,
    VisitPlanned,
    VisitReported,
    IncomingRegistered,
    CustomerPlanFiled,
    CustomerPlanReviewed,
    QuotationIssued,
    QuotationAnswered,
    BidPlanned,
    BidSubmitted,
    BidDecided,
    CustomerReviewed,
    InvestigationFiled,
    CollectiveDecisionTaken,
    ContractConfirmed,
    ContractSigned,
    ContractAmended,
    ContractEnded,
)
