"""Gatherings, each in a stream of its own: conferences, summits, review meetings (CORE-42)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.care.commands import HoldGathering
from guanxi.relationship.care.events import GatheringHeld

GATHERING = "gathering"
"""Kind of the streams of gatherings."""


@attrs.define
class Gathering:
    """A gathering."""

    kind: str = ""
    held_on: date | None = None
    minutes: str | None = None
    measures: str | None = None


gatherings = Facet("core.gathering", Gathering, subject=GATHERING, title=Label("Gathering", "会议"))


@gatherings.evolve
def _held(s: Gathering, e: GatheringHeld) -> None:
    s.kind, s.held_on, s.minutes, s.measures = e.kind, e.held_on, e.minutes, e.measures


@gatherings.decide
def _hold(s: Gathering, c: HoldGathering, now: Now) -> Iterator[Fact]:
    if s.held_on is not None:
        raise Conflict(
            "source_conflict",
            f"the gathering {now.subject} is on record",
            zh=f"会议 {now.subject} 已登记",
            rule="CORE-42",
            accepts="another id, or a correction of the first entry",
        )
    yield GatheringHeld(
        gathering=now.subject,
        kind=c.kind,
        held_on=c.held_on or now.at.date(),
        minutes=c.minutes,
        measures=c.measures,
    )
