"""What is sold under fire: a plugin with one fact, and read models in which order, number and knowledge show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi import (
    Command,
    Facet,
    Fact,
    Label,
    Now,
    Parts,
    ReadModel,
    Rows,
    column,
    command,
    event,
    personal,
)


@event("soak.noted")
class Noted(Fact):
    """A note; what it says stands there twice, once sealed."""

    number: int
    text: str
    secret: str = personal("dealings")


@command("soak.note")
class Note(Command):
    """Write a note into a file."""

    number: int
    text: str


@attrs.define
class Notebook:
    """The notes of one file."""

    count: int = 0


notebook = Facet("soak.notebook", Notebook)


@notebook.evolve
def _fold(s: Notebook, e: Noted) -> None:
    s.count += 1


@notebook.decide
def _note(s: Notebook, c: Note, now: Now) -> Iterator[Fact]:
    yield Noted(number=c.number, text=c.text, secret=c.text)


@attrs.define
class Sum:
    """How many notes a file holds, and what their numbers come to."""

    count: int = column(default=0)
    total: int = column(default=0)


@attrs.define
class Line:
    """The last notes of one ending, in their order."""

    ending: int = column(key=True)
    text: str = column(default="")


@attrs.define
class Standing:
    """How many notes were known of a file, at each moment of knowledge."""

    count: int = column(default=0)


sums = ReadModel("soak.sums", Sum)
standing = ReadModel("soak.standing", Standing, temporal=True)
lines = ReadModel("soak.lines", Line)


@sums.on
def _summed(rows: Rows[Sum], e: Noted, at: datetime) -> None:
    row = rows[()]
    row.count += 1
    row.total += e.number


@standing.on
def _known(rows: Rows[Standing], e: Noted, at: datetime) -> None:
    rows[()].count += 1


@lines.on
def _lined(rows: Rows[Line], e: Noted, at: datetime) -> None:
    row = rows[e.number % 4]
    row.text = f"{row.text};{e.number}"[-200:]


parts = Parts(
    name="soak",
    version="1",
    title=Label("Soak", "浸泡"),
    events=(Noted,),
    commands=(Note,),
    facets=(notebook,),
    read_models=(sums, lines, standing),
)
