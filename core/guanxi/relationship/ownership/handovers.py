"""Hand-overs: the list that giver and receiver sign, and who answers until both have (CORE-20)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict, NotPermitted
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.ownership.commands import AcceptHandover, ProposeHandover
from guanxi.relationship.ownership.events import HandoverAccepted, HandoverProposed
from guanxi.relationship.ownership.maintainers import Ownership, maintained_already, maintainers
from guanxi.relationship.ownership.open_items import SOURCES, open_in


@attrs.define
class Handover:
    """One hand-over.

    Args:
        giver: who gives the customer away.
        receiver: who is to take him.
        proposed: when it was proposed.
        accepted: when both had signed.
    """

    giver: str
    receiver: str
    proposed: datetime
    accepted: datetime | None = None


@attrs.define
class Handovers:
    """The hand-overs of a customer, by number."""

    by_number: dict[str, Handover] = attrs.field(factory=dict)


handovers = Facet(
    "core.handover",
    Handovers,
    reads=(maintainers, *(source.facet for source in SOURCES)),
    title=Label("Hand-over", "交接"),
)


@handovers.evolve
def _proposed(s: Handovers, e: HandoverProposed, at: datetime) -> None:
    s.by_number[e.handover] = Handover(e.giver, e.receiver, at)


@handovers.evolve
def _accepted(s: Handovers, e: HandoverAccepted, at: datetime) -> None:
    s.by_number.setdefault(e.handover, Handover(e.giver, e.receiver, at)).accepted = at


@handovers.decide
def _propose(s: Handovers, c: ProposeHandover, now: Now) -> Iterator[Fact]:
    giver = now.of(Ownership).maintainer
    now.require(
        giver is not None,
        "not_maintained",
        "CORE-20",
        f"on {now.at:%Y-%m-%d} nobody maintains the customer, so nobody can hand him over",
        zh=f"{now.at:%Y-%m-%d} 时该客户无维护责任人，无从交接",
        accepts="assigning a maintainer",
    )
    if giver == c.receiver:
        now.forbid(maintained_already(now, c.receiver))
    if c.handover in s.by_number:
        raise Conflict(
            "identifier_taken",
            f"there is a hand-over {c.handover} already",
            zh=f"交接编号 {c.handover} 已被使用",
            rule="CORE-95",
            accepts="another number",
        )
    yield HandoverProposed(
        handover=c.handover, giver=giver or "", receiver=c.receiver, items=tuple(open_in(now.of))
    )


@handovers.decide
def _accept(s: Handovers, c: AcceptHandover, now: Now) -> Iterator[Fact]:
    found = now.need(
        s.by_number.get(c.handover),
        "unknown_handover",
        "CORE-20",
        f"no hand-over {c.handover} was proposed",
        zh=f"没有提出过交接 {c.handover}",
        accepts=", ".join(n for n, h in s.by_number.items() if h.accepted is None) or "a proposed hand-over",
    )
    maintainer = now.of(Ownership).maintainer
    if maintainer not in (None, found.giver) and not now.happened:
        raise maintained_already(now, str(maintainer))
    if c.signed_for_giver is not None and c.signed_for_giver in (found.giver, found.receiver):
        now.forbid(_own_supervisor())
    yield HandoverAccepted(
        handover=c.handover,
        giver=found.giver,
        receiver=found.receiver,
        giver_signature=c.giver_signature,
        receiver_signature=c.receiver_signature,
        signed_for_giver=c.signed_for_giver,
        items=(*open_in(now.of), *c.due_items),
    )


def _own_supervisor() -> NotPermitted:
    return NotPermitted(
        "approver_conflict",
        "giver and receiver sign for themselves; for the giver only a supervisor may",
        zh="交出人与接收人各自签字，代签仅限上级",
        rule="CORE-20",
        accepts="a supervisor who is neither giver nor receiver",
    )
