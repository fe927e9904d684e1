"""Tables of leads, opportunities, follow-up, visits, plans, mail, bids, quotations and contracts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs
import msgspec

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.due_items.events import DueItemWaived
from guanxi.relationship.file.events import FileOpened
from guanxi.relationship.ownership.events import SectionAssigned
from guanxi.relationship.pipeline.events import (
    ActionRecorded,
    BidDecided,
    BidPlanned,
    BidSubmitted,
    ContractAmended,
    ContractEnded,
    ContractSigned,
    CustomerPlanFiled,
    CustomerPlanReviewed,
    IncomingRegistered,
    LeadAssigned,
    LeadClosed,
    LeadRecorded,
    LeadUpgraded,
    OpportunityAssigned,
    OpportunityClosed,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityStageMoved,
    QuotationAnswered,
    QuotationIssued,
    VisitPlanned,
    VisitReported,
)

PLANNED_VISIT = "core.planned_visit"
"""The cadence of planned visits."""

# Customers


@attrs.define
class CustomerRow:
    """A customer's account number, and the section that he is in."""

    account: str = ""
    section: str | None = None


customer_rows = ReadModel("core.pipeline_customers", CustomerRow, title=Label("Customers", "客户"))


@customer_rows.on
def _customer(rows: Rows[CustomerRow], e: FileOpened, at: datetime) -> None:
    rows[()].account = e.account


@customer_rows.on
def _section(rows: Rows[CustomerRow], e: SectionAssigned, at: datetime) -> None:
    rows[()].section = e.section


# Leads


@attrs.define
class LeadRow:
    """A lead."""

    lead: str = column(key=True)
    type: str = "open"
    urgency: str = ""
    families: str = ""
    source: str | None = None
    assignee: str | None = None
    recorded_at: datetime | None = None
    closed_at: datetime | None = None
    reason_code: str | None = None
    opportunity: str | None = None


lead_rows = ReadModel("core.lead_list", LeadRow, title=Label("Leads", "线索"))


@lead_rows.on
def _lead(rows: Rows[LeadRow], e: LeadRecorded, at: datetime) -> None:
    row = rows[e.lead]
    row.urgency, row.families, row.source, row.recorded_at = e.urgency, ",".join(e.families), e.source, at


@lead_rows.on
def _lead_assigned(rows: Rows[LeadRow], e: LeadAssigned, at: datetime) -> None:
    row = rows[e.lead]
    row.assignee = e.assignee
    if row.type == "open":
        row.type = "working"


@lead_rows.on
def _lead_acted(rows: Rows[LeadRow], e: ActionRecorded, at: datetime) -> None:
    if e.item_kind == "lead" and e.item is not None and not e.bulk:
        row = rows[e.item]
        if row.type == "open":
            row.type = "working"


@lead_rows.on
def _lead_upgraded(rows: Rows[LeadRow], e: LeadUpgraded, at: datetime) -> None:
    row = rows[e.lead]
    row.type, row.opportunity, row.closed_at = "upgraded", e.opportunity, at


@lead_rows.on
def _lead_closed(rows: Rows[LeadRow], e: LeadClosed, at: datetime) -> None:
    row = rows[e.lead]
    row.type, row.reason_code, row.closed_at = "closed", e.reason_code, at


# Opportunities


@attrs.define
class OpportunityRow:
    """An opportunity; ``steps`` holds the stages that it went through, each with the moment at which it was entered."""

    opportunity: str = column(key=True)
    stage: str = ""
    products: str = ""
    families: str = ""
    amount: Decimal | None = column(default=None, scale=3)  # noqa: RUF009 - an attrs field, not a default
    currency: str | None = None
    expected_on: date | None = None
    lead: str | None = None
    assignee: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    reason_code: str | None = None
    steps: str = "[]"

    def stays(self) -> list[tuple[str, datetime]]:
        """Return the stages that it went through, each with the moment at which it was entered."""
        return [(stage, datetime.fromisoformat(at)) for stage, at in msgspec.json.decode(self.steps)]

    def enter(self, stage: str, at: datetime) -> None:
        """Note that it entered a stage.

        Args:
            stage: which.
            at: when.
        """
        steps = [*msgspec.json.decode(self.steps), [stage, at.isoformat()]]
        self.stage, self.steps = stage, msgspec.json.encode(steps).decode()


opportunity_rows = ReadModel("core.opportunity_list", OpportunityRow, title=Label("Opportunities", "商机"))


@opportunity_rows.on
def _opportunity(rows: Rows[OpportunityRow], e: OpportunityOpened, at: datetime) -> None:
    row = rows[e.opportunity]
    row.products, row.families, row.lead = ",".join(e.products), ",".join(e.families), e.lead
    row.expected_on, row.opened_at = e.expected_on, at
    if e.amount is not None:
        row.amount, row.currency = e.amount.amount, e.amount.currency
    row.enter(e.stage, at)


@opportunity_rows.on
def _opportunity_assigned(rows: Rows[OpportunityRow], e: OpportunityAssigned, at: datetime) -> None:
    rows[e.opportunity].assignee = e.assignee


@opportunity_rows.on
def _opportunity_moved(rows: Rows[OpportunityRow], e: OpportunityStageMoved, at: datetime) -> None:
    row = rows[e.opportunity]
    if e.amount is not None:
        row.amount, row.currency = e.amount.amount, e.amount.currency
    row.expected_on = e.expected_on or row.expected_on
    row.closed_at = row.outcome = row.reason_code = None
    row.enter(e.stage, at)


@opportunity_rows.on
def _opportunity_closed(rows: Rows[OpportunityRow], e: OpportunityClosed, at: datetime) -> None:
    row = rows[e.opportunity]
    if e.amount is not None:
        row.amount, row.currency = e.amount.amount, e.amount.currency
    row.closed_at, row.outcome, row.reason_code = at, e.outcome, e.reason_code
    row.enter(e.outcome, at)


@opportunity_rows.on
def _opportunity_reopened(rows: Rows[OpportunityRow], e: OpportunityReopened, at: datetime) -> None:
    row = rows[e.opportunity]
    row.closed_at = row.outcome = row.reason_code = None
    row.enter(e.stage, at)


# Follow-up


@attrs.define
class FollowUpRow:
    """What somebody did about an item on a day, by kind; bulk messages are left out."""

    item_kind: str = column(key=True)
    item: str = column(key=True)
    day: str = column(key=True)
    kind: str = column(key=True)
    person: str = column(key=True)
    first_at: datetime | None = None
    last_at: datetime | None = None
    actions: int = 0


follow_up_rows = ReadModel("core.follow_up_list", FollowUpRow, title=Label("Follow-up", "跟进"))


@follow_up_rows.on
def _followed_up(rows: Rows[FollowUpRow], e: ActionRecorded, at: datetime) -> None:
    if e.bulk:
        return
    row = rows[e.item_kind or "customer", e.item or "", f"{at:%Y-%m-%d}", e.kind, e.person or ""]
    row.first_at = at if row.first_at is None else min(row.first_at, at)
    row.last_at = at if row.last_at is None else max(row.last_at, at)
    row.actions += 1


# Visits


@attrs.define
class VisitRow:
    """A visit and its record; the moments say when each part was stated first."""

    visit: str = column(key=True)
    visited_at: datetime | None = None
    person: str | None = None
    visit_plan: str | None = None
    attitude: str | Erased | None = personal("dealings", default=None)  # noqa: RUF009 - an attrs field, not a default
    reported_at: datetime | None = None
    attitude_at: datetime | None = None
    problem_at: datetime | None = None
    plan_at: datetime | None = None
    plan_owner: str | None = None
    plan_due: date | None = None
    result_at: datetime | None = None


visit_rows = ReadModel("core.visit_list", VisitRow, title=Label("Visits", "拜访"))


@visit_rows.on
def _visited(rows: Rows[VisitRow], e: ActionRecorded, at: datetime) -> None:
    if e.visit is not None:
        row = rows[e.visit]
        row.visited_at, row.person, row.visit_plan = at, e.person, e.visit_plan


@visit_rows.on
def _visit_reported(rows: Rows[VisitRow], e: VisitReported, at: datetime) -> None:
    row = rows[e.visit]
    row.reported_at = row.reported_at or at
    if e.attitude is not None:
        row.attitude, row.attitude_at = e.attitude, row.attitude_at or at
    if e.problems is not None:
        row.problem_at = row.problem_at or at
    if e.plan is not None:
        row.plan_at = row.plan_at or at
    row.plan_owner, row.plan_due = e.plan_owner or row.plan_owner, e.plan_due or row.plan_due
    if e.result is not None:
        row.result_at = row.result_at or at


@attrs.define
class PlannedVisitRow:
    """A planned visit, and the visit that it became."""

    visit_plan: str = column(key=True)
    on: date | None = None
    person: str | None = None
    visit: str | None = None
    visited_at: datetime | None = None
    waived_at: datetime | None = None


planned_visit_rows = ReadModel(
    "core.visit_plan_list", PlannedVisitRow, title=Label("Planned visits", "拜访计划")
)


@planned_visit_rows.on
def _visit_planned(rows: Rows[PlannedVisitRow], e: VisitPlanned, at: datetime) -> None:
    row = rows[e.visit_plan]
    row.on, row.person = e.on, e.person


@planned_visit_rows.on
def _planned_visit_made(rows: Rows[PlannedVisitRow], e: ActionRecorded, at: datetime) -> None:
    if e.visit_plan is not None:
        row = rows[e.visit_plan]
        if row.visited_at is None or at < row.visited_at:
            row.visit, row.visited_at = e.visit, at


@planned_visit_rows.on
def _planned_visit_waived(rows: Rows[PlannedVisitRow], e: DueItemWaived, at: datetime) -> None:
    if e.cadence == PLANNED_VISIT:
        rows[e.number].waived_at = at


# What comes in, and plans


@attrs.define
class IncomingRow:
    """A call, letter or formal letter that came in."""

    incoming: str = column(key=True)
    medium: str = ""
    registered_at: datetime | None = None
    passed_to: str | None = None
    passed_at: datetime | None = None


incoming_rows = ReadModel(
    "core.incoming_list", IncomingRow, title=Label("Incoming mail and calls", "来电来信来函")
)


@incoming_rows.on
def _came_in(rows: Rows[IncomingRow], e: IncomingRegistered, at: datetime) -> None:
    row = rows[e.incoming]
    row.medium, row.registered_at = e.medium, row.registered_at or at
    if e.passed_to is not None:
        row.passed_to, row.passed_at = e.passed_to, row.passed_at or e.passed_at or at


@attrs.define
class CustomerPlanRow:
    """One filing of a plan for a customer."""

    plan: str = column(key=True)
    version: int = column(key=True)
    kind: str = ""
    owner: str = ""
    author: str = ""
    goal: str | Erased = personal("dealings", default="")  # noqa: RUF009 - an attrs field, not a default
    starts_on: date | None = None
    ends_on: date | None = None
    budget: Decimal | None = column(default=None, scale=3)  # noqa: RUF009 - an attrs field, not a default
    currency: str | None = None
    filed_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewer: str | None = None
    outcome: str | None = None


customer_plan_rows = ReadModel(
    "core.customer_plan_list", CustomerPlanRow, title=Label("Customer plans", "客户计划")
)


@customer_plan_rows.on
def _plan_filed(rows: Rows[CustomerPlanRow], e: CustomerPlanFiled, at: datetime) -> None:
    row = rows[e.plan, e.version]
    row.kind, row.owner, row.author, row.goal = e.kind, e.owner, e.author, e.goal
    row.starts_on, row.ends_on, row.filed_at = e.starts_on, e.ends_on, at
    if e.budget is not None:
        row.budget, row.currency = e.budget.amount, e.budget.currency


@customer_plan_rows.on
def _plan_reviewed(rows: Rows[CustomerPlanRow], e: CustomerPlanReviewed, at: datetime) -> None:
    row = rows[e.plan, e.version]
    row.reviewed_at, row.reviewer, row.outcome = at, e.reviewer, e.outcome


# Quotations, bids, contracts


@attrs.define
class QuotationRow:
    """One version of a quotation."""

    quotation: str = column(key=True)
    version: int = column(key=True)
    amount: Decimal = column(default=Decimal(0), scale=3)  # noqa: RUF009 - an attrs field, not a default
    currency: str = ""
    valid_until: date | None = None
    issued_at: datetime | None = None
    opportunity: str | None = None
    answer: str | None = None
    answered_at: datetime | None = None


quotation_rows = ReadModel("core.quotation_list", QuotationRow, title=Label("Quotations", "报价"))


@quotation_rows.on
def _quoted(rows: Rows[QuotationRow], e: QuotationIssued, at: datetime) -> None:
    row = rows[e.quotation, e.version]
    row.amount, row.currency = e.amount.amount, e.amount.currency
    row.valid_until, row.issued_at, row.opportunity = e.valid_until, at, e.opportunity


@quotation_rows.on
def _quotation_answered(rows: Rows[QuotationRow], e: QuotationAnswered, at: datetime) -> None:
    row = rows[e.quotation, e.version]
    row.answer, row.answered_at = e.answer, at


@attrs.define
class BidRow:
    """A bid."""

    bid: str = column(key=True)
    tender: str = ""
    due: datetime | None = None
    person: str | None = None
    planned_at: datetime | None = None
    submitted_at: datetime | None = None
    amount: Decimal | None = column(default=None, scale=3)  # noqa: RUF009 - an attrs field, not a default
    currency: str | None = None
    outcome: str | None = None
    reason_code: str | None = None
    decided_at: datetime | None = None


bid_rows = ReadModel("core.bid_list", BidRow, title=Label("Bids", "投标"))


@bid_rows.on
def _bid_planned(rows: Rows[BidRow], e: BidPlanned, at: datetime) -> None:
    row = rows[e.bid]
    row.tender, row.due, row.person, row.planned_at = e.tender, e.due, e.person, at


@bid_rows.on
def _bid_submitted(rows: Rows[BidRow], e: BidSubmitted, at: datetime) -> None:
    row = rows[e.bid]
    row.tender, row.due, row.submitted_at = e.tender, e.due, at
    row.amount, row.currency = e.amount.amount, e.amount.currency


@bid_rows.on
def _bid_decided(rows: Rows[BidRow], e: BidDecided, at: datetime) -> None:
    row = rows[e.bid]
    row.outcome, row.reason_code, row.decided_at = e.outcome, e.reason_code, at


@attrs.define
class ContractRow:
    """A contract; its amount is that with all amendments."""

    contract: str = column(key=True)
    amount: Decimal = column(default=Decimal(0), scale=3)  # noqa: RUF009 - an attrs field, not a default
    currency: str = ""
    signed_at: datetime | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    deal_type: str = ""
    major: bool = False
    opportunity: str | None = None
    amendments: int = 0
    ended_at: datetime | None = None
    how: str | None = None


contract_rows = ReadModel("core.contract_list", ContractRow, title=Label("Contracts", "合同"))


@contract_rows.on
def _contract_signed(rows: Rows[ContractRow], e: ContractSigned, at: datetime) -> None:
    row = rows[e.contract]
    row.amount, row.currency, row.signed_at = e.amount.amount, e.amount.currency, at
    row.starts_on, row.ends_on, row.deal_type = e.starts_on, e.ends_on, e.deal_type
    row.major, row.opportunity = e.major, e.opportunity


@contract_rows.on
def _contract_amended(rows: Rows[ContractRow], e: ContractAmended, at: datetime) -> None:
    row = rows[e.contract]
    if e.added.currency == row.currency:
        row.amount += e.added.amount
    row.ends_on, row.major = e.ends_on or row.ends_on, row.major or e.major
    row.amendments += 1


@contract_rows.on
def _contract_ended(rows: Rows[ContractRow], e: ContractEnded, at: datetime) -> None:
    row = rows[e.contract]
    row.ended_at, row.how = at, e.how


READ_MODELS = (
    customer_rows,
    lead_rows,
    opportunity_rows,
    follow_up_rows,
    visit_rows,
    planned_visit_rows,
    incoming_rows,
    customer_plan_rows,
    quotation_rows,
    bid_rows,
    contract_rows,
)
