"""What may be ordered about ownership, oversight, sections and collisions (CORE-19 to CORE-23)."""

from __future__ import annotations

from guanxi.kernel.messages import Command, command, field
from guanxi.relationship.ownership.events import OpenItem
from guanxi.relationship.ownership.refusals import reasoned, said, said_or_none, signed


@command("core.assign_maintainer")
class AssignMaintainer(Command):
    """Name the one person who answers for a customer who has nobody (CORE-19).

    Args:
        person: who.
        basis: on what ground, in one word.
    """

    person: str = field(validator=said)
    basis: str = field(default="assigned", validator=said)


@command("core.release_maintainer")
class ReleaseMaintainer(Command):
    """Take the customer from his maintainer, so that he has nobody (CORE-19).

    Args:
        basis: why, in one word.
    """

    basis: str = field(default="", validator=reasoned)


@command("core.propose_handover")
class ProposeHandover(Command):
    """Propose that the customer goes over to another maintainer (CORE-20).

    Args:
        handover: number of the hand-over.
        receiver: who is to take him.
    """

    handover: str = field(validator=said)
    receiver: str = field(validator=said)


@command("core.accept_handover")
class AcceptHandover(Command):
    """Accept a proposed hand-over with both signatures under the list of open items (CORE-20).

    Args:
        handover: its number.
        giver_signature: the giver's, or that of the supervisor who signs for him.
        receiver_signature: the receiver's.
        signed_for_giver: the supervisor, where the giver's account is closed.
        due_items: due items that the list names besides; what is open is computed.
    """

    handover: str = field(validator=said)
    giver_signature: str = field(default="", validator=signed)
    receiver_signature: str = field(default="", validator=signed)
    signed_for_giver: str | None = field(default=None, validator=said_or_none)
    due_items: tuple[OpenItem, ...] = field(default=())


@command("core.assign_oversight")
class AssignOversight(Command):
    """Have a leader keep an eye on the relationship (CORE-21).

    Args:
        leader: who.
        level: at which level of the firm.
        scheme: the scheme of classes that the duty rests on, so that it ends with the class; none for a duty until released.
    """

    leader: str = field(validator=said)
    level: str = field(default="")
    scheme: str | None = field(default=None, validator=said_or_none)


@command("core.release_oversight")
class ReleaseOversight(Command):
    """Take a leader's oversight from him (CORE-21).

    Args:
        leader: who.
    """

    leader: str = field(validator=said)


@command("core.resolve_collision")
class ResolveCollision(Command):
    """Rule who goes on where two people work the same customer for the same thing (CORE-23).

    Args:
        first: number of one lead or opportunity.
        second: number of the other.
        person: who goes on.
        resolution: why, or what becomes of the other.
    """

    first: str = field(validator=said)
    second: str = field(validator=said)
    person: str = field(validator=said)
    resolution: str = field(default="", validator=reasoned)


@command("core.assign_section")
class AssignSection(Command):
    """Put the relationship into a section, or give it to another one (CORE-22).

    Args:
        section: which.
        request: number of the request that is granted by this, if it was asked for.
    """

    section: str = field(validator=said)
    request: str | None = field(default=None, validator=said_or_none)


@command("core.request_cross_section")
class RequestCrossSection(Command):
    """Ask group marketing to give the relationship to another section (CORE-22).

    Args:
        request: number of the request.
        section: the wanted section.
        item: number of the lead or opportunity for whose sake.
    """

    request: str = field(validator=said)
    section: str = field(validator=said)
    item: str | None = field(default=None, validator=said_or_none)
