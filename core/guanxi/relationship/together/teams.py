"""Collaborators: staff named to an opportunity, a contract or the customer, who read that item and record actions on it (CORE-86)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Act
from guanxi.kernel.times import midnight_after
from guanxi.relationship.pipeline.events import ContractEnded, OpportunityClosed
from guanxi.relationship.together.commands import JoinTeam, LeaveTeam
from guanxi.relationship.together.events import TeamMemberJoined, TeamMemberLeft

Item = tuple[str, str]


@attrs.define
class Teams:
    """Who works on which item, in which part; the places end with the item and are not revived by its reopening."""

    members: dict[Item, dict[str, str]] = attrs.field(factory=dict)
    ended: dict[Item, dict[str, datetime]] = attrs.field(factory=dict)

    def reads(self, person: str, item: Item, at: datetime) -> bool:
        """Return whether somebody reads an item as its collaborator; to the end of the day on which his work ended."""
        if person in self.members.get(item, {}):
            return True
        until = self.ended.get(item, {}).get(person)
        return until is not None and at < midnight_after(until.astimezone(at.tzinfo).date(), at.tzinfo)


teams = Facet("core.teams", Teams, title=Label("Project teams", "项目团队"))


@teams.evolve
def _joined(s: Teams, e: TeamMemberJoined) -> None:
    s.members.setdefault((e.item_kind, e.item), {})[e.person] = e.part


@teams.evolve
def _left(s: Teams, e: TeamMemberLeft, at: datetime) -> None:
    _end(s, (e.item_kind, e.item), e.person, at)


@teams.evolve
def _closed(s: Teams, e: OpportunityClosed | ContractEnded, at: datetime) -> None:
    item = ("opportunity", e.opportunity) if isinstance(e, OpportunityClosed) else ("contract", e.contract)
    for person in list(s.members.get(item, ())):
        _end(s, item, person, at)


def _end(s: Teams, item: Item, person: str, at: datetime) -> None:
    if s.members.get(item, {}).pop(person, None) is not None:
        s.ended.setdefault(item, {})[person] = at


@teams.decide
def _join(s: Teams, c: JoinTeam, now: Now) -> Iterator[Act]:
    if c.person in s.members.get((c.item_kind, c.item), {}):
        raise Conflict(
            "identifier_taken",
            f"{c.person} works on {c.item} already",
            zh=f"{c.person} 已参与 {c.item}",
            rule="CORE-86",
            accepts="somebody else, or another item",
        )
    yield TeamMemberJoined(person=c.person, item_kind=c.item_kind, item=c.item, part=c.part)


@teams.decide
def _leave(s: Teams, c: LeaveTeam, now: Now) -> Iterator[Act]:
    team = s.members.get((c.item_kind, c.item), {})
    if c.person not in team:
        raise Unknown(
            "unknown_code",
            f"{c.person} does not work on {c.item}",
            zh=f"{c.person} 未参与 {c.item}",
            rule="CORE-86",
            accepts=", ".join(sorted(team)) or "nobody does",
        )
    yield TeamMemberLeft(person=c.person, item_kind=c.item_kind, item=c.item)
