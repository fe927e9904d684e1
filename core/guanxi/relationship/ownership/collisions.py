"""Deal collisions: two people work the same customer for the same thing (CORE-23)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import NotPermitted, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Due, Fact, due
from guanxi.kernel.standard import StreamLinked
from guanxi.kernel.times import TICK
from guanxi.relationship.ownership.commands import ResolveCollision
from guanxi.relationship.ownership.events import CollisionDetected, CollisionResolved
from guanxi.relationship.pipeline.events import (
    LeadAssigned,
    LeadClosed,
    LeadRecorded,
    LeadUpgraded,
    OpportunityAssigned,
    OpportunityClosed,
    OpportunityOpened,
    OpportunityReopened,
)

Pair = tuple[str, str]


@attrs.define
class Deal:
    """A lead or an opportunity, as far as it can collide.

    Args:
        number: its number.
        since: when it was recorded; an opportunity counts from its lead.
        families: product families it is about; none named may be any.
        assignee: who works it.
        is_open: whether it is still worked.
    """

    number: str
    since: datetime
    families: frozenset[str]
    assignee: str | None = None
    is_open: bool = True

    def collides(self, other: Deal) -> bool:
        """Return whether two people work this and another one for the same thing."""
        return (
            self.is_open
            and other.is_open
            and None not in (self.assignee, other.assignee)
            and self.assignee != other.assignee
            and (not self.families or not other.families or bool(self.families & other.families))
        )


@attrs.define
class Collisions:
    """What is worked, and what collided.

    Args:
        under_way: leads and opportunities by number.
        detected: pairs that collided, the earlier recorded first.
        rulings: who goes on, by pair.
    """

    under_way: dict[str, Deal] = attrs.field(factory=dict)
    detected: dict[Pair, CollisionDetected] = attrs.field(factory=dict)
    rulings: dict[Pair, str] = attrs.field(factory=dict)

    @property
    def unresolved(self) -> list[Pair]:
        """The pairs that still collide and of which nobody ruled who goes on."""
        return [
            pair
            for pair in self.detected
            if pair not in self.rulings
            and all(number in self.under_way for number in pair)
            and self.under_way[pair[0]].collides(self.under_way[pair[1]])
        ]


@due("core.deals_come_together")
class DealsComeTogether(Due):
    """Another file's leads and opportunities show in this one."""


collisions = Facet("core.collisions", Collisions, title=Label("Deal collisions", "撞单"))


@collisions.evolve
def _lead(s: Collisions, e: LeadRecorded, at: datetime) -> None:
    s.under_way[e.lead] = Deal(e.lead, at, frozenset(e.families))


@collisions.evolve
def _opportunity(s: Collisions, e: OpportunityOpened, at: datetime) -> None:
    lead = s.under_way.get(e.lead or "")
    s.under_way[e.opportunity] = Deal(
        e.opportunity,
        at if lead is None else lead.since,
        frozenset(e.families),
        None if lead is None else lead.assignee,
    )


@collisions.evolve
def _worked_by(s: Collisions, e: LeadAssigned | OpportunityAssigned) -> None:
    if (deal := s.under_way.get(_number(e))) is not None:
        deal.assignee = e.assignee


@collisions.evolve
def _over(s: Collisions, e: LeadUpgraded | LeadClosed | OpportunityClosed) -> None:
    if (deal := s.under_way.get(_number(e))) is not None:
        deal.is_open = False


@collisions.evolve
def _again(s: Collisions, e: OpportunityReopened) -> None:
    if (deal := s.under_way.get(e.opportunity)) is not None:
        deal.is_open = True


@collisions.evolve
def _detected(s: Collisions, e: CollisionDetected) -> None:
    s.detected[e.first, e.second] = e


@collisions.evolve
def _resolved(s: Collisions, e: CollisionResolved) -> None:
    s.rulings[e.first, e.second] = e.person


def _number(
    e: LeadRecorded
    | LeadAssigned
    | LeadUpgraded
    | LeadClosed
    | OpportunityOpened
    | OpportunityAssigned
    | OpportunityClosed
    | OpportunityReopened,
) -> str:
    if isinstance(e, LeadRecorded | LeadAssigned | LeadUpgraded | LeadClosed):
        return e.lead
    return e.opportunity


@collisions.due
def _together(s: Collisions, e: StreamLinked, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield now.at + TICK, DealsComeTogether()  # what a linked file brings shows just after the link itself


@collisions.react("CORE-23")
def _work_begins(
    s: Collisions,
    e: LeadRecorded | LeadAssigned | OpportunityOpened | OpportunityAssigned | OpportunityReopened,
    now: Now,
) -> Iterator[Decision]:
    if (deal := s.under_way.get(_number(e))) is not None:
        for other in _in_order(s):
            yield from _collision(s, deal, other)


@collisions.react("CORE-23")
def _files_come_together(s: Collisions, d: DealsComeTogether, now: Now) -> Iterator[Decision]:
    deals = _in_order(s)
    for n, deal in enumerate(deals):
        for other in deals[n + 1 :]:
            yield from _collision(s, deal, other)


def _in_order(s: Collisions) -> list[Deal]:
    return sorted(s.under_way.values(), key=lambda deal: (deal.since, deal.number))


def _collision(s: Collisions, one: Deal, two: Deal) -> Iterator[Decision]:
    first, second = sorted((one, two), key=lambda deal: (deal.since, deal.number))
    if not first.collides(second) or (first.number, second.number) in s.detected:
        return
    shared = sorted(first.families & second.families)
    yield CollisionDetected(
        first=first.number,
        second=second.number,
        suggested=str(first.assignee),
        rival=str(second.assignee),
        product_family=shared[0] if shared else None,
    )


@collisions.decide
def _resolve(s: Collisions, c: ResolveCollision, now: Now) -> Iterator[Fact]:
    pair = (c.first, c.second) if (c.first, c.second) in s.detected else (c.second, c.first)
    found = now.need(
        s.detected.get(pair),
        "unknown_collision",
        "CORE-23",
        f"{c.first} and {c.second} do not collide",
        zh=f"{c.first} 与 {c.second} 没有撞单",
        accepts="; ".join(" and ".join(p) for p in s.unresolved) or "the numbers of two that do",
    )
    parties = (found.suggested, found.rival)
    if c.person not in parties:
        raise Unknown(
            "unknown_code",
            f"{c.person} works neither of the two",
            zh=f"{c.person} 不是双方之一",
            rule="CORE-23",
            accepts=" or ".join(parties),
        )
    if now.actor in parties:
        now.forbid(
            NotPermitted(
                "not_authorised",
                f"{now.actor} is one of the two",
                zh=f"{now.actor} 是当事人之一",
                rule="CORE-23",
                accepts="a supervisor who is neither",
            ),
        )
    yield CollisionResolved(first=pair[0], second=pair[1], person=c.person, resolution=c.resolution)
