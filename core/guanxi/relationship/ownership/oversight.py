"""Oversight by leaders: a second duty beside the maintainer's, which reads and instructs but does not post (CORE-21)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Due, Fact, due
from guanxi.kernel.times import midnight, midnight_after
from guanxi.relationship.grading.events import IMPORTANCE, ClassStated, GradeOverridden, GradeSet
from guanxi.relationship.grading.importance import Importance, importance
from guanxi.relationship.grading.rules import ImportanceRules
from guanxi.relationship.ownership.commands import AssignOversight, ReleaseOversight
from guanxi.relationship.ownership.events import OversightAssigned, OversightEnded, OversightReleased
from guanxi.relationship.ownership.rules import OwnershipRules


@attrs.define
class Oversight:
    """Which leaders have an eye on the relationship.

    Args:
        by_leader: scheme of the classes that each one's duty rests on, or None, in order of assignment.
    """

    by_leader: dict[str, str | None] = attrs.field(factory=dict)

    @property
    def leaders(self) -> tuple[str, ...]:
        """Who oversees, in order of assignment."""
        return tuple(self.by_leader)


@due("core.class_turns")
class ClassTurns(Due):
    """A class that was stated or set for certain days begins or ends."""


oversight = Facet("core.oversight", Oversight, reads=(importance,), title=Label("Oversight", "领导维护"))


@oversight.evolve
def _assigned(s: Oversight, e: OversightAssigned) -> None:
    s.by_leader[e.leader] = e.scheme


@oversight.evolve
def _over(s: Oversight, e: OversightEnded | OversightReleased) -> None:
    s.by_leader.pop(e.leader, None)


@oversight.ended
def _goes_on(s: Oversight, e: OversightEnded) -> None:
    s.by_leader.setdefault(e.leader, e.scheme)


@oversight.due
def _turns(s: Oversight, e: GradeOverridden | ClassStated, now: Now) -> Iterator[tuple[datetime, Due]]:
    if isinstance(e, ClassStated) and e.since > now.at.date():
        yield midnight(e.since, now.at.tzinfo), ClassTurns()
    if e.until is not None and e.until < date.max:
        yield midnight_after(e.until, now.at.tzinfo), ClassTurns()


@oversight.react("CORE-21")
def _class_fell(
    s: Oversight, e: GradeSet | GradeOverridden | ClassStated | ClassTurns, now: Now
) -> Iterator[Decision]:
    rules, today = now.rules(OwnershipRules), now.at.date()
    for leader, scheme in s.by_leader.items():
        if scheme is None or (not isinstance(e, ClassTurns) and scheme not in (e.scheme, IMPORTANCE)):
            continue
        grade = _class_of(scheme, now, today)
        if grade is None and not isinstance(e, ClassTurns):
            continue  # the class begins on a later day
        if grade is None or not rules.is_overseen(scheme, grade):
            yield OversightEnded(leader=leader, scheme=scheme, classed_on=today, customer_class=grade or "")


def _class_of(scheme: str, now: Now, day: date) -> str | None:
    held = now.of(Importance)
    if scheme == IMPORTANCE:
        return str(held.level(day, now.rules(ImportanceRules)))
    return held.in_force(scheme, day)


@oversight.decide
def _assign(s: Oversight, c: AssignOversight, now: Now) -> Iterator[Fact]:
    if c.leader in s.by_leader and not now.happened:
        raise Conflict(
            "already_overseen",
            f"{c.leader} oversees the customer already",
            zh=f"{c.leader} 已负有领导维护责任",
            rule="CORE-21",
            accepts="another leader",
        )
    yield OversightAssigned(leader=c.leader, level=c.level, scheme=c.scheme)


@oversight.decide
def _release(s: Oversight, c: ReleaseOversight, now: Now) -> Iterator[Fact]:
    now.need(
        c.leader if c.leader in s.by_leader else None,
        "unknown_overseer",
        "CORE-21",
        f"{c.leader} does not oversee the customer",
        zh=f"{c.leader} 未负有领导维护责任",
        accepts=", ".join(s.by_leader) or "a leader who oversees him",
    )
    yield OversightReleased(leader=c.leader)
