"""Leads: possible business, until it becomes an opportunity or comes to nothing (CORE-24)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import attrs

from guanxi.kernel.errors import Conflict, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.pipeline.commands import (
    AssignLead,
    CloseLead,
    OpenOpportunity,
    RecordLead,
    UpgradeLead,
)
from guanxi.relationship.pipeline.events import (
    ActionRecorded,
    LeadAssigned,
    LeadClosed,
    LeadRecorded,
    LeadUpgraded,
)
from guanxi.relationship.pipeline.opportunities import Opportunities, opened, opportunities

RULE = "CORE-24"

LeadType = Literal["open", "working", "upgraded", "closed"]


@attrs.define
class Lead:
    """One lead as it stands: open, working once somebody has it or did something about it, upgraded or closed."""

    recorded_at: datetime
    type: LeadType = "open"
    urgency: str = ""
    families: tuple[str, ...] = ()
    source: str | None = None
    assignee: str | None = None
    opportunity: str | None = None
    closed_at: datetime | None = None
    reason_code: str | None = None


@attrs.define
class Leads:
    """A customer's leads, by number."""

    by_number: dict[str, Lead] = attrs.field(factory=dict)


leads = Facet("core.leads", Leads, reads=(opportunities,), title=Label("Leads", "线索"))


def _found(s: Leads, number: str) -> Lead:
    found = s.by_number.get(number)
    if found is None:
        raise Unknown(
            "unknown_lead",
            f"there is no lead {number}",
            zh=f"没有线索 {number}",
            rule=RULE,
            accepts=", ".join(sorted(s.by_number)) or "a lead that was recorded",
        )
    return found


def _still_open(lead: Lead, number: str, now: Now) -> None:
    now.require(
        lead.closed_at is None,
        "stage_closed",
        RULE,
        f"lead {number} is {lead.type}",
        zh=f"线索 {number} 已{'升级' if lead.type == 'upgraded' else '关闭'}",
        accepts="an open lead; what comes up again is a new one",
    )


@leads.evolve
def _recorded(s: Leads, e: LeadRecorded, at: datetime) -> None:
    s.by_number[e.lead] = Lead(at, urgency=e.urgency, families=e.families, source=e.source)


@leads.evolve
def _assigned(s: Leads, e: LeadAssigned) -> None:
    if (lead := s.by_number.get(e.lead)) is not None:
        lead.assignee = e.assignee
        _worked(lead)


@leads.evolve
def _acted(s: Leads, e: ActionRecorded) -> None:
    if e.item_kind == "lead" and not e.bulk and (lead := s.by_number.get(e.item or "")) is not None:
        _worked(lead)


def _worked(lead: Lead) -> None:
    if lead.type == "open":
        lead.type = "working"


@leads.evolve
def _upgraded(s: Leads, e: LeadUpgraded, at: datetime) -> None:
    if (lead := s.by_number.get(e.lead)) is not None:
        lead.type, lead.opportunity, lead.closed_at = "upgraded", e.opportunity, at


@leads.evolve
def _closed(s: Leads, e: LeadClosed, at: datetime) -> None:
    if (lead := s.by_number.get(e.lead)) is not None:
        lead.type, lead.reason_code, lead.closed_at = "closed", e.reason_code, at


@leads.decide
def _record(s: Leads, c: RecordLead, now: Now) -> Iterator[Fact]:
    if c.lead in s.by_number:
        raise Conflict(
            "source_conflict",
            f"lead {c.lead} is on record",
            zh=f"线索 {c.lead} 已登记",
            rule=RULE,
            accepts="another number, or a correction of the first entry",
        )
    yield LeadRecorded(lead=c.lead, need=c.need, urgency=c.urgency, families=c.families, source=c.source)
    if c.assignee is not None:
        yield LeadAssigned(lead=c.lead, assignee=c.assignee)


@leads.decide
def _assign(s: Leads, c: AssignLead, now: Now) -> Iterator[Fact]:
    lead = _found(s, c.lead)
    _still_open(lead, c.lead, now)
    if lead.assignee != c.assignee:
        yield LeadAssigned(lead=c.lead, assignee=c.assignee)


@leads.decide
def _upgrade(s: Leads, c: UpgradeLead, now: Now) -> Iterator[Fact]:
    lead = _found(s, c.lead)
    if lead.opportunity is not None:
        raise Conflict(
            "already_upgraded",
            f"lead {c.lead} became opportunity {lead.opportunity}",
            zh=f"线索 {c.lead} 已升级为商机 {lead.opportunity}",
            rule=RULE,
            accepts="a lead that is still open; a further opportunity is opened for itself",
        )
    _still_open(lead, c.lead, now)
    asked = OpenOpportunity(
        opportunity=c.opportunity,
        products=c.products,
        families=c.families or lead.families,
        amount=c.amount,
        expected_on=c.expected_on,
        stage=c.stage,
        assignee=lead.assignee,
    )
    opening = list(opened(now.of(Opportunities), asked, now, lead=c.lead))
    yield LeadUpgraded(lead=c.lead, opportunity=c.opportunity)
    yield from opening


@leads.decide
def _close(s: Leads, c: CloseLead, now: Now) -> Iterator[Fact]:
    lead = _found(s, c.lead)
    _still_open(lead, c.lead, now)
    yield LeadClosed(lead=c.lead, reason_code=c.reason_code)
