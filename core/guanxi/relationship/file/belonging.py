"""Whom a party belongs to: its household, its groups, and other dated relations to other files (CORE-14)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.privacy import Erased
from guanxi.relationship.file.commands import LinkParty, UnlinkParty
from guanxi.relationship.file.events import PartyLinked, PartyUnlinked
from guanxi.relationship.file.rules import BelongingRules

ONE_AT_A_TIME = ("household", "group")
"""Relations of which a party has one at a time."""


@attrs.define
class Tie:
    """A relation to another file."""

    other: str
    since: datetime
    share: Decimal | None = None
    name: str | Erased | None = None


@attrs.define
class Belonging:
    """The relations in force, by type; the latest of a type last."""

    ties: dict[str, list[Tie]] = attrs.field(factory=dict)

    def tie(self, link_type: str, other: str) -> Tie | None:
        """Return the relation of a type to another file, or None."""
        return next((t for t in self.ties.get(link_type, ()) if t.other == other), None)


belonging = Facet("core.belonging", Belonging, title=Label("Household and group", "家庭与集团"))


@belonging.evolve
def _linked(s: Belonging, e: PartyLinked, at: datetime) -> None:
    if s.tie(e.link_type, e.other) is None:
        s.ties.setdefault(e.link_type, []).append(Tie(e.other, at, e.share, e.other_name))


@belonging.evolve
def _unlinked(s: Belonging, e: PartyUnlinked) -> None:
    left = [t for t in s.ties.get(e.link_type, ()) if t.other != e.other]
    if left:
        s.ties[e.link_type] = left
    else:
        s.ties.pop(e.link_type, None)


@belonging.holds("CORE-14", "already_member")
def _one_at_a_time(s: Belonging, e: PartyLinked, now: Now) -> bool:
    if e.link_type not in ONE_AT_A_TIME or not now.rules(BelongingRules).one_at_a_time:
        return True
    return len(s.ties.get(e.link_type, ())) <= 1


@belonging.decide
def _link(s: Belonging, c: LinkParty, now: Now) -> Iterator[Fact]:
    if now.other == now.stream:
        raise Invalid(
            "link_to_itself",
            f"{now.subject} cannot belong to itself",
            zh=f"{now.subject} 不能与自身关联",
            rule="CORE-14",
            accepts="another file",
        )
    known = s.tie(c.link_type, now.other)
    if known is None:
        yield PartyLinked(other=now.other, link_type=c.link_type, share=c.share, other_name=c.other_name)


@belonging.decide
def _unlink(s: Belonging, c: UnlinkParty, now: Now) -> Iterator[Fact]:
    now.require(
        s.tie(c.link_type, now.other) is not None,
        "not_member",
        "CORE-14",
        f"{now.subject} stands in no such relation to {c.other} then",
        zh=f"此时 {now.subject} 与 {c.other} 没有该关系",
        accepts="a relation in force at that moment",
    )
    yield PartyUnlinked(other=now.other, link_type=c.link_type)
