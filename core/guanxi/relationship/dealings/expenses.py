"""Sales expenses: reviewed by somebody else before they are paid; and what a customer cost (CORE-31, CORE-57)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, NotPermitted
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.values import Money
from guanxi.relationship.dealings.commands import ClaimExpense, PayExpense, RecordCost, ReviewExpense
from guanxi.relationship.dealings.events import (
    CostRecorded,
    ExpenseClaimed,
    ExpensePaid,
    ExpenseReviewed,
)
from guanxi.relationship.dealings.refusing import demand, reason_given, taken, unknown

EXPENSE = ("expense", "费用")


@attrs.define
class Expense:
    """A claim, and how far it has come."""

    amount: Money
    claimant: str
    outcome: str | None = None
    paid: bool = False


@attrs.define
class Expenses:
    """Sales expenses claimed for a customer."""

    claims: dict[str, Expense] = attrs.field(factory=dict)


expenses = Facet("core.expenses", Expenses, title=Label("Sales expenses", "销售费用"))


@expenses.evolve
def _claimed(s: Expenses, e: ExpenseClaimed) -> None:
    s.claims[e.expense] = Expense(e.amount, e.claimant)


@expenses.evolve
def _reviewed(s: Expenses, e: ExpenseReviewed) -> None:
    if (claim := s.claims.get(e.expense)) is not None:
        claim.outcome = e.outcome


@expenses.evolve
def _paid(s: Expenses, e: ExpensePaid) -> None:
    if (claim := s.claims.get(e.expense)) is not None:
        claim.paid = True


@expenses.decide
def _claim(s: Expenses, c: ClaimExpense, now: Now) -> Iterator[Fact]:
    if c.expense in s.claims:
        raise taken(*EXPENSE, c.expense, "CORE-31")
    yield ExpenseClaimed(
        expense=c.expense,
        amount=c.amount,
        purpose=c.purpose,
        claimant=c.claimant or now.actor,
        contract=c.contract,
    )


@expenses.decide
def _review(s: Expenses, c: ReviewExpense, now: Now) -> Iterator[Fact]:
    claim = _known(s, c.expense)
    demand(
        now,
        now.actor != claim.claimant,
        NotPermitted,
        "approver_conflict",
        "CORE-31",
        "nobody reviews his own expense",
        zh="不能审核自己的费用",
        accepts="a reviewer other than the claimant",
    )
    if c.outcome == "refused":
        reason_given(now, c.reason, "CORE-31")
    yield ExpenseReviewed(expense=c.expense, reviewer=now.actor, outcome=c.outcome, reason=c.reason)


@expenses.decide
def _pay(s: Expenses, c: PayExpense, now: Now) -> Iterator[Fact]:
    claim = _known(s, c.expense)
    if claim.paid:
        raise Conflict(
            "source_conflict",
            f"expense {c.expense} is paid",
            zh=f"费用 {c.expense} 已支付",
            rule="CORE-31",
            accepts="an expense that is not paid yet",
        )
    demand(
        now,
        claim.outcome == "approved",
        Incomplete,
        "review_missing",
        "CORE-31",
        f"expense {c.expense} has not passed its review",
        zh=f"费用 {c.expense} 未经审核通过",
        accepts="its review by somebody else than the claimant first",
    )
    yield ExpensePaid(expense=c.expense, amount=claim.amount)


def _known(s: Expenses, number: str) -> Expense:
    claim = s.claims.get(number)
    if claim is None:
        raise unknown(*EXPENSE, number, "CORE-31")
    return claim


@expenses.decide
def _cost(s: Expenses, c: RecordCost, now: Now) -> Iterator[Fact]:
    yield CostRecorded(
        cost=c.cost,
        amount=c.amount,
        product=c.product,
        product_family=c.product_family,
        since=c.since,
        until=c.until,
        what=c.what,
    )
