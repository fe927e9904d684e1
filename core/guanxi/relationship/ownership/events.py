"""What is recorded about who answers for a relationship, and in which section it is (CORE-19 to CORE-23)."""

from __future__ import annotations

from datetime import date
from typing import Literal

import attrs

from guanxi.kernel.messages import FROM_NOW, REVISE, Act, Decision, Fact, event, field, given, key, personal
from guanxi.kernel.privacy import Erased

ItemKind = Literal[
    "lead",
    "opportunity",
    "receivable",
    "complaint",
    "service_request",
    "promise",
    "document_loan",
    "due_item",
]


@attrs.frozen(kw_only=True)
class OpenItem:
    """Something that is open in a relationship and goes with it at a hand-over (CORE-20).

    Args:
        kind: what it is.
        number: its own number.
        due_on: its last day, where it has one; a hand-over does not move it.
    """

    kind: ItemKind
    number: str
    due_on: date | None = None


@event("core.maintainer_assigned", carried=False)
class MaintainerAssigned(Act):
    """One person answers for the customer from now on (CORE-19)."""

    person: str
    basis: str = field(default="assigned")


@event("core.maintainer_drawn", carried=False)
class MaintainerDrawn(Decision, late=REVISE, retroactive=REVISE):
    """The rules gave the customer a maintainer where he had none (CORE-19, CORE-21).

    ``basis`` is ``won:`` and the opportunity whose assignee it was, or ``route:`` and the row of the routing table.
    """

    basis: str = key()
    person: str


@event("core.maintainer_released", carried=False)
class MaintainerReleased(Act):
    """Nobody answers for the customer from now on (CORE-19)."""

    person: str
    basis: str = field(default="released")


@event("core.handover_proposed", carried=False)
class HandoverProposed(Fact):
    """The customer is to go over from one maintainer to another (CORE-20)."""

    handover: str
    giver: str
    receiver: str
    items: tuple[OpenItem, ...] = field(default=())


@event("core.handover_accepted", carried=False)
class HandoverAccepted(Act):
    """Giver and receiver signed the list of open items; the receiver answers from now on (CORE-20)."""

    handover: str
    giver: str
    receiver: str
    giver_signature: str
    receiver_signature: str
    signed_for_giver: str | None = field(default=None)
    items: tuple[OpenItem, ...] = field(default=())


MaintainerChange = MaintainerAssigned | MaintainerDrawn | MaintainerReleased | HandoverAccepted
"""What says who answers for a customer from now on."""


def maintainer_after(event: MaintainerChange) -> str | None:
    """Return who answers for the customer after an event, or None.

    Args:
        event: what happened.
    """
    match event:
        case MaintainerReleased():
            return None
        case HandoverAccepted():
            return event.receiver
        case _:
            return event.person


def takes_over(event: MaintainerChange, answering: str | None, *, drawn: bool) -> bool:
    """Return whether an event changes who answers for the customer, given who does (CORE-19, CORE-20).

    Nobody is put in another's place but by a hand-over of his own; whom the rules drew gives way to a ruling.

    Args:
        event: what happened.
        answering: who has answered so far, or None.
        drawn: whether the rules drew him.
    """
    match event:
        case MaintainerAssigned():
            return drawn or answering in (None, event.person)
        case MaintainerDrawn():
            return answering is None
        case MaintainerReleased():
            return answering == event.person
        case HandoverAccepted():
            return drawn or answering in (None, event.giver, event.receiver)


@event("core.oversight_assigned", carried=False)
class OversightAssigned(Act):
    """A leader has an eye on the relationship beside its maintainer (CORE-21).

    ``scheme`` names the classes that the duty rests on; without one it holds until it is released.
    """

    leader: str
    level: str = field(default="")
    scheme: str | None = field(default=None)


@event("core.oversight_ended", carried=False)
class OversightEnded(Decision, late=FROM_NOW, retroactive=FROM_NOW):
    """The customer's class fell below the line for oversight (CORE-21)."""

    leader: str = key()
    scheme: str = key()
    classed_on: date = key()
    customer_class: str = given()


@event("core.oversight_released", carried=False)
class OversightReleased(Act):
    """A leader's oversight was taken from him (CORE-21)."""

    leader: str


@event("core.section_assigned", carried=False)
class SectionAssigned(Act):
    """The relationship is in this section from now on (CORE-22)."""

    section: str
    request: str | None = field(default=None)


@event("core.cross_section_requested", carried=False)
class CrossSectionRequested(Fact):
    """Somebody asks group marketing to give the relationship, for one of its items, to another section (CORE-22)."""

    request: str
    section: str
    item: str | None = field(default=None)
    requested_by: str = field(default="")


@event("core.collision_detected", carried=False)
class CollisionDetected(Decision, late=REVISE, retroactive=REVISE):
    """Two people work the same customer for the same thing (CORE-23)."""

    first: str = key()
    second: str = key()
    suggested: str = given()
    rival: str = given()
    product_family: str | None = given(default=None)


@event("core.collision_resolved", carried=False)
class CollisionResolved(Act):
    """A supervisor ruled who goes on with it (CORE-23)."""

    first: str
    second: str
    person: str
    resolution: str | Erased = personal("dealings", default="")


EVENTS = (
    MaintainerAssigned,
    MaintainerDrawn,
    MaintainerReleased,
    HandoverProposed,
    HandoverAccepted,
    OversightAssigned,
    OversightEnded,
    OversightReleased,
    SectionAssigned,
    CrossSectionRequested,
    CollisionDetected,
    CollisionResolved,
)
