"""The maintainer: the one person who answers for a customer (CORE-19)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Fact
from guanxi.relationship.file.events import FilesMerged, MergeUndone
from guanxi.relationship.ownership.commands import AssignMaintainer, ReleaseMaintainer
from guanxi.relationship.ownership.events import (
    HandoverAccepted,
    MaintainerAssigned,
    MaintainerDrawn,
    MaintainerReleased,
    takes_over,
)
from guanxi.relationship.pipeline.events import OpportunityAssigned, OpportunityClosed


@attrs.define
class Ownership:
    """Who answers for the customer.

    Args:
        maintainer: who, or None.
        since: since when.
        basis: on what ground.
        drawn: whether the rules gave him, so that somebody's ruling takes his place without a conflict.
        turned_down: the last one told who could not become maintainer, since another one was.
        assignees: who works which opportunity.
        before_merge: who answered before each merge that named somebody, by the absorbed file.
    """

    maintainer: str | None = None
    since: datetime | None = None
    basis: str = ""
    drawn: bool = False
    turned_down: str | None = None
    assignees: dict[str, str] = attrs.field(factory=dict)
    before_merge: dict[str, tuple[str | None, datetime | None, str]] = attrs.field(factory=dict)

    def take(self, person: str | None, at: datetime | None, basis: str, *, drawn: bool = False) -> None:
        """Let somebody, or nobody, answer from a moment on."""
        self.maintainer, self.since, self.basis, self.drawn = person, at, basis, drawn
        self.turned_down = None


maintainers = Facet("core.maintainer", Ownership, title=Label("Maintainer", "维护责任人"))


@maintainers.evolve
def _assigned(s: Ownership, e: MaintainerAssigned, at: datetime) -> None:
    if takes_over(e, s.maintainer, drawn=s.drawn):
        s.take(e.person, at, e.basis)
    else:
        s.turned_down = e.person


@maintainers.evolve
def _drawn(s: Ownership, e: MaintainerDrawn, at: datetime) -> None:
    if takes_over(e, s.maintainer, drawn=s.drawn):
        s.take(e.person, at, e.basis, drawn=True)


@maintainers.evolve
def _released(s: Ownership, e: MaintainerReleased) -> None:
    if takes_over(e, s.maintainer, drawn=s.drawn):
        s.take(None, None, "")


@maintainers.evolve
def _handed_over(s: Ownership, e: HandoverAccepted, at: datetime) -> None:
    if takes_over(e, s.maintainer, drawn=s.drawn):
        s.take(e.receiver, at, f"handover:{e.handover}")
    else:
        s.turned_down = e.receiver


@maintainers.evolve
def _merged(s: Ownership, e: FilesMerged, at: datetime) -> None:
    if e.here == "survivor" and e.maintainer is not None and e.maintainer != s.maintainer:
        s.before_merge[e.absorbed] = (s.maintainer, s.since, s.basis)
        s.take(e.maintainer, at, f"merge:{e.absorbed}")


@maintainers.evolve
def _unmerged(s: Ownership, e: MergeUndone) -> None:
    before = s.before_merge.pop(e.absorbed, None) if e.here == "survivor" else None
    if before is not None and s.basis == f"merge:{e.absorbed}":
        s.take(*before)


@maintainers.evolve
def _worked_by(s: Ownership, e: OpportunityAssigned) -> None:
    s.assignees[e.opportunity] = e.assignee


@maintainers.holds("CORE-19", "already_maintained")
def _at_most_one(s: Ownership, e: MaintainerAssigned | HandoverAccepted) -> bool:
    return s.turned_down is None


@maintainers.react("CORE-19")
def _who_markets_maintains(s: Ownership, e: OpportunityClosed, now: Now) -> Iterator[Decision]:
    person = s.assignees.get(e.opportunity)
    if e.outcome == "won" and s.maintainer is None and person is not None:
        yield MaintainerDrawn(basis=f"won:{e.opportunity}", person=person)


def maintained_already(now: Now, person: str) -> Conflict:
    """Return the refusal of a second maintainer, naming the first.

    Args:
        now: of the decider.
        person: who maintains the customer.
    """
    return Conflict(
        "already_maintained",
        f"on {now.at:%Y-%m-%d} {person} maintains the customer",
        zh=f"{now.at:%Y-%m-%d} 时该客户由 {person} 维护",
        rule="CORE-19",
        accepts="a hand-over that both sign",
        maintainer=person,
    )


@maintainers.decide
def _assign(s: Ownership, c: AssignMaintainer, now: Now) -> Iterator[Fact]:
    if s.maintainer is not None and not now.happened:
        raise maintained_already(now, s.maintainer)
    yield MaintainerAssigned(person=c.person, basis=c.basis)


@maintainers.decide
def _release(s: Ownership, c: ReleaseMaintainer, now: Now) -> Iterator[Fact]:
    if s.maintainer is None:
        raise Unknown(
            "not_maintained",
            f"on {now.at:%Y-%m-%d} nobody maintains the customer",
            zh=f"{now.at:%Y-%m-%d} 时该客户无维护责任人",
            rule="CORE-19",
            accepts="a customer with a maintainer",
        )
    yield MaintainerReleased(person=s.maintainer, basis=c.basis)
