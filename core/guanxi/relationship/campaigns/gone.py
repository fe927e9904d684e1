"""Prospects who seem to be gone, since every way to reach them failed (CORE-79)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision
from guanxi.relationship.campaigns.events import GoneProposed, ResponseReceived
from guanxi.relationship.campaigns.rules import PromotionRules
from guanxi.relationship.care.events import DeliveryReported, MessageSent
from guanxi.relationship.dealings.events import OrderPlaced
from guanxi.relationship.file.events import (
    ContactPointRecorded,
    ContactPointRetired,
    RelationshipClosed,
)
from guanxi.relationship.people.events import LifecycleStageChanged
from guanxi.relationship.pipeline.events import ActionRecorded, IncomingRegistered

PROSPECT = "prospect"
FAILED, DELIVERED = "failed", "delivered"


@attrs.frozen
class Tried:
    """How a message went: by which channel, and to which number or address where it was told."""

    channel: str
    value: object


@attrs.define
class Reach:
    """The ways to reach a party, and on which days they failed."""

    points: dict[str, tuple[str, object]] = attrs.field(factory=dict)
    sent: dict[str, Tried] = attrs.field(factory=dict)
    failures: list[tuple[date, str, object]] = attrs.field(factory=list)
    stage: str = PROSPECT
    proposed: bool = False

    def failed_days(self, point: str, channels: dict[str, str]) -> int:
        """Return on how many days a contact point failed; a failure that names none counts for all of its kind.

        Args:
            point: which.
            channels: kind of contact point by channel.
        """
        kind, value = self.points[point]
        return len(
            {
                day
                for day, channel, told in self.failures
                if channels.get(channel, channel) == kind and told in (None, point, value)
            }
        )

    def heard(self) -> None:
        """Note that the customer was heard of: what failed before no longer counts."""
        self.failures.clear()
        self.proposed = False


reach = Facet("core.reachability", Reach, title=Label("Ways to reach the party", "联系途径"))


@reach.evolve
def _point(s: Reach, e: ContactPointRecorded) -> None:
    s.points[e.point] = (e.type, e.value)
    s.proposed = False


@reach.evolve
def _retired(s: Reach, e: ContactPointRetired) -> None:
    s.points.pop(e.point, None)


@reach.evolve
def _staged(s: Reach, e: LifecycleStageChanged) -> None:
    s.stage = e.after


@reach.evolve
def _sent(s: Reach, e: MessageSent) -> None:
    s.sent[e.message] = Tried(e.channel, e.contact_point)


@reach.evolve
def _reported(s: Reach, e: DeliveryReported, at: datetime) -> None:
    tried = s.sent.get(e.message)
    if tried is None:
        return
    if e.outcome == FAILED:
        s.failures.append((at.date(), tried.channel, tried.value))
    elif e.outcome == DELIVERED:
        s.failures = [f for f in s.failures if f[1:] != (tried.channel, tried.value)]


@reach.evolve
def _acted(s: Reach, e: ActionRecorded) -> None:
    if e.two_way:
        s.heard()


@reach.evolve
def _turned_to_us(s: Reach, e: IncomingRegistered | ResponseReceived | OrderPlaced) -> None:
    s.heard()


@reach.evolve
def _closed(s: Reach, e: RelationshipClosed) -> None:
    s.proposed = False


@reach.evolve
def _proposed(s: Reach, e: GoneProposed) -> None:
    s.proposed = True


@reach.ended
def _not_gone(s: Reach, e: GoneProposed) -> None:
    s.proposed = False


@reach.react("CORE-79")
def _propose(s: Reach, e: DeliveryReported, now: Now) -> Iterator[Decision]:
    if e.outcome != FAILED or s.stage != PROSPECT or s.proposed or not s.points:
        return
    rules = now.rules(PromotionRules)
    channels = dict(rules.contact_points)
    failed = [s.failed_days(point, channels) for point in s.points]
    if all(days >= rules.fail_count for days in failed):
        yield GoneProposed(
            contact_points="+".join(sorted(kind for kind, _ in s.points.values())),
            failures=sum(failed),
            fail_count=rules.fail_count,
        )
