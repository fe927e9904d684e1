"""The simplest plugin there can be: one fact, one facet, one read model. What it costs is what the kernel costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi import Command, Facet, Fact, Label, Now, Parts, ReadModel, Rows, command, event


@event("counting.counted")
class Counted(Fact):
    document: str
    amount: int


@command("counting.count")
class Count(Command):
    document: str
    amount: int


@attrs.define
class Tally:
    entries: int = 0
    total: int = 0


tally = Facet("counting.tally", Tally, title=Label("Tally", "计数"))


@tally.evolve
def _counted(s: Tally, e: Counted) -> None:
    s.entries += 1
    s.total += e.amount


@tally.decide
def _count(s: Tally, c: Count, now: Now) -> Iterator[Fact]:
    yield Counted(document=c.document, amount=c.amount)


@attrs.define
class TallyRow:
    entries: int = 0
    total: int = 0


tallies = ReadModel("counting.tallies", TallyRow, title=Label("Tallies", "计数"))


@tallies.on
def _tallied(rows: Rows[TallyRow], e: Counted, at: datetime) -> None:
    row = rows[()]
    row.entries += 1
    row.total += e.amount


parts = Parts(
    name="counting",
    version="1",
    title=Label("Counting", "计数"),
    events=(Counted,),
    commands=(Count,),
    facets=(tally,),
    read_models=(tallies,),
)
