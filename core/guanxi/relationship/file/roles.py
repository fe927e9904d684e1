"""Roles of a party: dated, several at a time (CORE-11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.file.commands import EndRole, TakeRole
from guanxi.relationship.file.events import RoleEnded, RoleTaken


@attrs.define
class Roles:
    """The roles the party is in, and since when."""

    since: dict[str, datetime] = attrs.field(factory=dict)


roles = Facet("core.roles", Roles, title=Label("Roles", "角色"))


@roles.evolve
def _taken(s: Roles, e: RoleTaken, at: datetime) -> None:
    s.since.setdefault(e.role, at)


@roles.evolve
def _ended(s: Roles, e: RoleEnded) -> None:
    s.since.pop(e.role, None)


@roles.decide
def _take(s: Roles, c: TakeRole, now: Now) -> Iterator[Fact]:
    if c.role not in s.since:
        yield RoleTaken(role=c.role)


@roles.decide
def _end(s: Roles, c: EndRole, now: Now) -> Iterator[Fact]:
    now.require(
        c.role in s.since,
        "role_not_taken",
        "CORE-11",
        f"the party is not in the role {c.role} then",
        zh=f"此时主体没有 {c.role} 角色",
        accepts=", ".join(s.since) or "a role that was taken",
    )
    yield RoleEnded(role=c.role)
