"""Customer plans: filed by one, reviewed by another, in force from then on (CORE-89)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Conflict, NotPermitted, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.pipeline.commands import FileCustomerPlan, ReviewCustomerPlan, reason_missing
from guanxi.relationship.pipeline.events import CustomerPlanFiled, CustomerPlanReviewed

RULE = "CORE-89"


@attrs.define
class CustomerPlan:
    """The latest filing of a plan, and whether it is in force."""

    kind: str
    version: int
    owner: str
    author: str
    filed_at: datetime
    ends_on: date | None = None
    outcome: str | None = None
    in_force_from: datetime | None = None


@attrs.define
class CustomerPlans:
    """A customer's plans, by number."""

    by_number: dict[str, CustomerPlan] = attrs.field(factory=dict)


customer_plans = Facet("core.customer_plans", CustomerPlans, title=Label("Customer plans", "客户计划"))


@customer_plans.evolve
def _filed(s: CustomerPlans, e: CustomerPlanFiled, at: datetime) -> None:
    s.by_number[e.plan] = CustomerPlan(e.kind, e.version, e.owner, e.author, at, e.ends_on)


@customer_plans.evolve
def _reviewed(s: CustomerPlans, e: CustomerPlanReviewed, at: datetime) -> None:
    plan = s.by_number.get(e.plan)
    if plan is not None and plan.version == e.version:
        plan.outcome = e.outcome
        plan.in_force_from = at if e.outcome == "approved" else None


@customer_plans.decide
def _file(s: CustomerPlans, c: FileCustomerPlan, now: Now) -> Iterator[Fact]:
    before = s.by_number.get(c.plan)
    if before is not None and before.outcome is None:
        raise Conflict(
            "source_conflict",
            f"plan {c.plan} waits for its review",
            zh=f"计划 {c.plan} 正待审阅",
            rule=RULE,
            accepts="another number, or the review first",
        )
    yield CustomerPlanFiled(
        plan=c.plan,
        kind=c.kind,
        version=1 if before is None else before.version + 1,
        goal=c.goal,
        measures=c.measures,
        owner=c.owner,
        author=now.actor,
        starts_on=c.starts_on,
        ends_on=c.ends_on,
        budget=c.budget,
    )


@customer_plans.decide
def _review(s: CustomerPlans, c: ReviewCustomerPlan, now: Now) -> Iterator[Fact]:
    plan = s.by_number.get(c.plan)
    if plan is None:
        raise Unknown(
            "unknown_plan",
            f"there is no plan {c.plan}",
            zh=f"没有计划 {c.plan}",
            rule=RULE,
            accepts=", ".join(sorted(s.by_number)) or "a plan that was filed",
        )
    if plan.author == now.actor and not now.happened:
        raise NotPermitted(
            "approver_conflict",
            f"{now.actor} wrote plan {c.plan}",
            zh=f"{now.actor} 是计划 {c.plan} 的编制人",
            rule=RULE,
            accepts="a reviewer who is not its author",
        )
    if plan.outcome is not None:
        raise Conflict(
            "source_conflict",
            f"version {plan.version} of plan {c.plan} is {plan.outcome}",
            zh=f"计划 {c.plan} 第 {plan.version} 版已审阅",
            rule=RULE,
            accepts="its next version",
        )
    if c.outcome == "rejected" and c.reason is None:
        raise reason_missing("a rejection states its reason", "否决须说明原因", RULE)
    yield CustomerPlanReviewed(
        plan=c.plan, version=plan.version, reviewer=now.actor, outcome=c.outcome, reason=c.reason
    )


@customer_plans.holds(RULE, "approver_conflict")
def _by_somebody_else(s: CustomerPlans, e: CustomerPlanReviewed) -> bool:
    plan = s.by_number.get(e.plan)
    return plan is None or plan.version != e.version or plan.author != e.reviewer
