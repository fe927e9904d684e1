"""Who has a customer within reach: his section, and those who work something of his (CORE-22, CORE-67, CORE-86)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.standard import BreachRecorded
from guanxi.relationship.access.commands import NoteNotConsulted
from guanxi.relationship.care.consent import MARKETING, consents
from guanxi.relationship.care.messages import Messages, messages, obstacle
from guanxi.relationship.ownership.events import SectionAssigned
from guanxi.relationship.pipeline.events import (
    ContractEnded,
    LeadAssigned,
    LeadClosed,
    LeadUpgraded,
    OpportunityAssigned,
    OpportunityClosed,
    OpportunityReopened,
)
from guanxi.relationship.together.events import TeamMemberJoined, TeamMemberLeft


@attrs.define
class Reach:
    """Where a relationship is, and who works something open of it.

    Args:
        section: the business unit it is in.
        leads: assignees of open leads, by number.
        opportunities: assignees of open opportunities, by number.
        closed: assignees of opportunities that are closed, for their reopening.
        team: who works with them, by item.
    """

    section: str | None = None
    leads: dict[str, str] = attrs.field(factory=dict)
    opportunities: dict[str, str] = attrs.field(factory=dict)
    closed: dict[str, str] = attrs.field(factory=dict)
    team: dict[tuple[str, str], list[str]] = attrs.field(factory=dict)

    @property
    def workers(self) -> frozenset[str]:
        """Whose customer it is, since they work an open lead or opportunity, or were named to the customer as such."""
        teams = (people for (kind, _), people in self.team.items() if kind == CUSTOMER)
        return frozenset(
            (*self.leads.values(), *self.opportunities.values(), *(p for people in teams for p in people))
        )

    def items_of(self, person: str) -> frozenset[tuple[str, str]]:
        """Return the open items to whose teams somebody belongs: these he reads and records on, and nothing else (CORE-86).

        Args:
            person: who.

        Returns:
            Their kinds and numbers.
        """
        return frozenset(
            (kind, item)
            for (kind, item), people in self.team.items()
            if person in people and (kind != "opportunity" or item in self.opportunities)
        )


CUSTOMER = "customer"
"""Kind of the item that is the whole file."""

reach = Facet("core.reach", Reach, reads=(messages, consents), title=Label("Reach", "可及范围"))


@reach.decide
def _unprepared(s: Reach, c: NoteNotConsulted, now: Now) -> Iterator[Fact]:
    if c.channel is not None and obstacle(now.of(Messages), "", MARKETING, c.channel, now) is not None:
        return  # nobody is turned to by a message that is withheld
    yield BreachRecorded(rule="CORE-77", code="not_consulted")


@reach.evolve
def _section(s: Reach, e: SectionAssigned) -> None:
    s.section = e.section


@reach.evolve
def _lead(s: Reach, e: LeadAssigned) -> None:
    s.leads[e.lead] = e.assignee


@reach.evolve
def _lead_over(s: Reach, e: LeadClosed | LeadUpgraded) -> None:
    s.leads.pop(e.lead, None)


@reach.evolve
def _opportunity(s: Reach, e: OpportunityAssigned) -> None:
    s.opportunities[e.opportunity] = e.assignee


@reach.evolve
def _won_or_lost(s: Reach, e: OpportunityClosed) -> None:
    s.team.pop(("opportunity", e.opportunity), None)
    if e.opportunity in s.opportunities:
        s.closed[e.opportunity] = s.opportunities.pop(e.opportunity)


@reach.evolve
def _contract_over(s: Reach, e: ContractEnded) -> None:
    s.team.pop(("contract", e.contract), None)


@reach.evolve
def _again(s: Reach, e: OpportunityReopened) -> None:
    if e.opportunity in s.closed:
        s.opportunities[e.opportunity] = s.closed.pop(e.opportunity)


@reach.evolve
def _joined(s: Reach, e: TeamMemberJoined) -> None:
    s.team.setdefault((e.item_kind, e.item), []).append(e.person)


@reach.evolve
def _left(s: Reach, e: TeamMemberLeft) -> None:
    people = s.team.get((e.item_kind, e.item), [])
    if e.person in people:
        people.remove(e.person)
