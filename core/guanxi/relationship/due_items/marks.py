"""Who was named to do a due item, and what was waived (CORE-99)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import NotPermitted
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.due_items.commands import AssignDueItem, WaiveDueItem
from guanxi.relationship.due_items.events import DueItemAssigned, DueItemWaived
from guanxi.relationship.ownership.maintainers import Ownership, maintainers


@attrs.define
class DueMarks:
    """What was ruled about the due items of a relationship.

    Args:
        persons: who was named, by cadence and number.
        waived: who approved the waiver, by cadence and number.
    """

    persons: dict[tuple[str, str], str] = attrs.field(factory=dict)
    waived: dict[tuple[str, str], str] = attrs.field(factory=dict)


due_marks = Facet("core.due_items", DueMarks, reads=(maintainers,), title=Label("Due items", "待办事项"))


@due_marks.evolve
def _assigned(s: DueMarks, e: DueItemAssigned) -> None:
    s.persons[e.cadence, e.number] = e.person


@due_marks.evolve
def _waived(s: DueMarks, e: DueItemWaived) -> None:
    s.waived[e.cadence, e.number] = e.approver


@due_marks.decide
def _assign(s: DueMarks, c: AssignDueItem, now: Now) -> Iterator[Fact]:
    yield DueItemAssigned(cadence=c.cadence, number=c.number, person=str(c.person))


def own_item(person: str) -> NotPermitted:
    """Return the refusal of whoever would waive what he is to do himself."""
    return NotPermitted(
        "approver_conflict",
        f"{person} is to do it himself",
        zh=f"{person} 本人即为责任人，不能自行免除",
        rule="CORE-99",
        accepts="a waiver by somebody else",
    )


@due_marks.decide
def _waive(s: DueMarks, c: WaiveDueItem, now: Now) -> Iterator[Fact]:
    named = s.persons.get((c.cadence, c.number))
    if now.actor in (named, c.person):
        raise own_item(now.actor)
    person = named or c.person or now.of(Ownership).maintainer
    if person == now.actor:
        raise own_item(now.actor)
    yield DueItemWaived(
        cadence=c.cadence, number=c.number, approver=now.actor, person=person, reason=c.reason
    )
