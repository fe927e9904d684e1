"""Ten read models, each as simple as the counting plugin's: what one pass of the log for all of them saves."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import attrs

from guanxi import Command, Facet, Fact, Label, Now, Parts, ReadModel, Rows, command, event, hookimpl

NAME, MODELS = "tenfold", 10


@event("tenfold.counted")
class Counted(Fact):
    document: str
    amount: int


@command("tenfold.count")
class Count(Command):
    document: str
    amount: int


@attrs.define
class Tally:
    entries: int = 0
    total: int = 0


tally = Facet("tenfold.tally", Tally, title=Label("Tally", "计数"))


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


def _tallied(rows: Rows[TallyRow], e: Counted, at: datetime) -> None:
    row = rows[()]
    row.entries += 1
    row.total += e.amount


def _model(n: int) -> ReadModel[TallyRow]:
    model = ReadModel(f"{NAME}.tallies_{n}", TallyRow, title=Label(f"Tallies {n}", f"计数 {n}"))
    model.on(_tallied)
    return model


tallies = tuple(_model(n) for n in range(MODELS))

parts = Parts(
    name=NAME,
    version="1",
    title=Label("Tenfold", "十份计数"),
    events=(Counted,),
    commands=(Count,),
    facets=(tally,),
    read_models=tallies,
)


class Plugin:
    @hookimpl
    def guanxi_parts(self) -> Parts:
        return parts


plugin = Plugin()


@contextmanager
def installed(folder: Path) -> Generator[None]:
    """Let the plugin be found for a while as an installed one is, by worker processes too, through metadata in a folder."""
    metadata = folder / f"{NAME}-1.dist-info"
    metadata.mkdir(parents=True, exist_ok=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1\n", "utf-8")
    (metadata / "entry_points.txt").write_text(
        f"[guanxi.plugins]\n{NAME} = benchmarks.{NAME}:plugin\n", "utf-8"
    )
    sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
