"""Opportunities: their stages, who works them, how they end and begin again (CORE-24)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Conflict, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.values import Money
from guanxi.relationship.pipeline.commands import (
    AssignOpportunity,
    CloseOpportunity,
    MoveOpportunity,
    OpenOpportunity,
    ReopenOpportunity,
    reason_missing,
)
from guanxi.relationship.pipeline.events import (
    OpportunityAssigned,
    OpportunityClosed,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityStageMoved,
)
from guanxi.relationship.pipeline.rules import LOST, WON, PipelineRules

RULE = "CORE-24"


@attrs.define
class Opportunity:
    """One opportunity as it stands."""

    stage: str
    opened_at: datetime
    products: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    amount: Money | None = None
    expected_on: date | None = None
    lead: str | None = None
    assignee: str | None = None
    before: str = ""
    closed_at: datetime | None = None
    reason_code: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is neither won nor lost."""
        return self.closed_at is None


@attrs.define
class Opportunities:
    """A customer's opportunities, by number."""

    by_number: dict[str, Opportunity] = attrs.field(factory=dict)


opportunities = Facet("core.opportunities", Opportunities, title=Label("Opportunities", "商机"))


def opened(s: Opportunities, c: OpenOpportunity, now: Now, *, lead: str | None = None) -> Iterator[Fact]:
    """Yield what opens an opportunity.

    Args:
        s: the opportunities there are.
        c: what is asked for.
        now: the moment.
        lead: where it comes from, if from a lead.

    Raises:
        Conflict: ``source_conflict`` for a number that is taken.
        Unknown: ``unknown_code`` for a stage that is not there.
    """
    if c.opportunity in s.by_number:
        raise Conflict(
            "source_conflict",
            f"opportunity {c.opportunity} is on record",
            zh=f"商机 {c.opportunity} 已登记",
            rule=RULE,
            accepts="another number, or a correction of the first entry",
        )
    rules = now.rules(PipelineRules)
    stage = c.stage or rules.stages[0]
    _known_stage(stage, rules)
    yield OpportunityOpened(
        opportunity=c.opportunity,
        stage=stage,
        products=c.products,
        families=c.families,
        amount=c.amount,
        expected_on=c.expected_on,
        lead=lead,
    )
    if c.assignee is not None:
        yield OpportunityAssigned(opportunity=c.opportunity, assignee=c.assignee)


def _known_stage(stage: str, rules: PipelineRules) -> None:
    known = (*rules.stages, *rules.stages_on_hold)
    if stage not in known:
        raise Unknown(
            "unknown_code",
            f"{stage!r} is no stage of the pipeline",
            zh=f"销售过程没有阶段 {stage!r}",
            rule=RULE,
            accepts=", ".join(known) + "; won and lost are told by closing",
        )


def _found(s: Opportunities, number: str) -> Opportunity:
    found = s.by_number.get(number)
    if found is None:
        raise Unknown(
            "unknown_opportunity",
            f"there is no opportunity {number}",
            zh=f"没有商机 {number}",
            rule=RULE,
            accepts=", ".join(sorted(s.by_number)) or "an opportunity that was opened",
        )
    return found


def _still_open(found: Opportunity, number: str, now: Now) -> None:
    now.require(
        found.is_open,
        "stage_closed",
        RULE,
        f"opportunity {number} is {found.stage}",
        zh=f"商机 {number} 已关闭（{found.stage}）",
        accepts="its reopening first",
    )


@opportunities.evolve
def _opened(s: Opportunities, e: OpportunityOpened, at: datetime) -> None:
    s.by_number[e.opportunity] = Opportunity(
        stage=e.stage,
        opened_at=at,
        products=e.products,
        families=e.families,
        amount=e.amount,
        expected_on=e.expected_on,
        lead=e.lead,
    )


@opportunities.evolve
def _assigned(s: Opportunities, e: OpportunityAssigned) -> None:
    if (found := s.by_number.get(e.opportunity)) is not None:
        found.assignee = e.assignee


@opportunities.evolve
def _moved(s: Opportunities, e: OpportunityStageMoved) -> None:
    if (found := s.by_number.get(e.opportunity)) is not None:
        found.before, found.stage = found.stage, e.stage
        found.amount, found.expected_on = e.amount or found.amount, e.expected_on or found.expected_on
        found.closed_at = found.reason_code = None


@opportunities.evolve
def _closed(s: Opportunities, e: OpportunityClosed, at: datetime) -> None:
    if (found := s.by_number.get(e.opportunity)) is not None:
        if found.is_open:
            found.before = found.stage
        found.stage, found.closed_at, found.reason_code = e.outcome, at, e.reason_code
        found.amount = e.amount or found.amount


@opportunities.evolve
def _reopened(s: Opportunities, e: OpportunityReopened) -> None:
    if (found := s.by_number.get(e.opportunity)) is not None:
        found.stage = e.stage
        found.closed_at = found.reason_code = None


@opportunities.decide
def _open(s: Opportunities, c: OpenOpportunity, now: Now) -> Iterator[Fact]:
    yield from opened(s, c, now)


@opportunities.decide
def _assign(s: Opportunities, c: AssignOpportunity, now: Now) -> Iterator[Fact]:
    found = _found(s, c.opportunity)
    _still_open(found, c.opportunity, now)
    if found.assignee != c.assignee:
        yield OpportunityAssigned(opportunity=c.opportunity, assignee=c.assignee)


@opportunities.decide
def _move(s: Opportunities, c: MoveOpportunity, now: Now) -> Iterator[Fact]:
    found, rules = _found(s, c.opportunity), now.rules(PipelineRules)
    _known_stage(c.stage, rules)
    _still_open(found, c.opportunity, now)
    start = _stood_in(found, rules)
    if 0 <= rules.place(c.stage) < rules.place(start) and c.reason is None:
        raise reason_missing(
            f"a step back from {start} to {c.stage} needs a reason",
            f"由 {start} 退回 {c.stage} 须说明原因",
            RULE,
        )
    yield OpportunityStageMoved(
        opportunity=c.opportunity,
        from_stage=found.stage,
        stage=c.stage,
        skipped=rules.between(start, c.stage),
        reason=c.reason,
        amount=c.amount,
        expected_on=c.expected_on,
    )


def _stood_in(found: Opportunity, rules: PipelineRules) -> str:
    """Return the open stage that an opportunity has got to, also while nothing goes on."""
    return found.before if rules.type_of(found.stage) != "open" and found.before else found.stage


@opportunities.decide
def _close(s: Opportunities, c: CloseOpportunity, now: Now) -> Iterator[Fact]:
    found, rules = _found(s, c.opportunity), now.rules(PipelineRules)
    if c.outcome == LOST and not (c.reason_code or "").strip():
        raise reason_missing("a lost opportunity needs a reason", "丢单须说明原因", RULE)
    _still_open(found, c.opportunity, now)
    yield OpportunityClosed(
        opportunity=c.opportunity,
        outcome=c.outcome,
        skipped=rules.between(_stood_in(found, rules), WON) if c.outcome == WON else (),
        reason_code=c.reason_code,
        amount=c.amount,
    )


@opportunities.decide
def _reopen(s: Opportunities, c: ReopenOpportunity, now: Now) -> Iterator[Fact]:
    found, rules = _found(s, c.opportunity), now.rules(PipelineRules)
    now.require(
        not found.is_open,
        "not_closed",
        RULE,
        f"opportunity {c.opportunity} is not closed",
        zh=f"商机 {c.opportunity} 未关闭",
        accepts="a closed opportunity",
    )
    stage = c.stage or found.before or rules.stages[0]
    _known_stage(stage, rules)
    yield OpportunityReopened(opportunity=c.opportunity, stage=stage, reason=c.reason)
