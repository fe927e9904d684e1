"""A plugin on disk, with the metadata of an installed one: one fact, and two read models of which one fails when told to."""

from __future__ import annotations

from pathlib import Path

FAILS = "TINY_FAILS"
"""Environment variable: the note that the read model ``tiny.notes`` cannot fold."""

_MODULE = """
from __future__ import annotations

import os
from datetime import datetime

import attrs

from guanxi import Command, Fact, Facet, Label, Parts, ReadModel, Rows, column, command, event, hookimpl


@event("tiny.noted")
class Noted(Fact):
    text: str


@command("tiny.note")
class Note(Command):
    text: str


@attrs.define
class State:
    count: int = 0


notebook = Facet("tiny.notebook", State)


@notebook.evolve
def fold(s: State, e: Noted) -> None:
    s.count += 1


@notebook.decide
def note(s: State, c: Note, now):
    yield Noted(text=c.text)


@attrs.define
class NoteRow:
    number: int = column(key=True)
    text: str = column(default="")


@attrs.define
class CountRow:
    count: int = column(default=0)


notes = ReadModel("tiny.notes", NoteRow)
counts = ReadModel("tiny.counts", CountRow)


@notes.on
def noted(rows: Rows[NoteRow], e: Noted, at: datetime) -> None:
    if e.text == os.environ.get("TINY_FAILS"):
        raise ValueError(f"cannot fold {e.text}")
    rows[len(e.text)].text += e.text


@counts.on
def counted(rows: Rows[CountRow], e: Noted, at: datetime) -> None:
    rows[()].count += 1


class Plugin:
    @hookimpl
    def guanxi_parts(self) -> Parts:
        return Parts(
            name="tiny",
            version="1.0",
            title=Label("Tiny", "小"),
            events=(Noted,),
            commands=(Note,),
            facets=(notebook,),
            read_models=(notes, counts),
        )


plugin = Plugin()
"""


def install(folder: Path) -> Path:
    """Write the plugin and its metadata into a folder that is to stand on the path; return the folder."""
    package, metadata = folder / "tiny_plugin", folder / "tiny_plugin-1.0.dist-info"
    package.mkdir(parents=True)
    metadata.mkdir()
    (package / "__init__.py").write_text(_MODULE, "utf-8")
    (package / "plugin.toml").write_text(_MANIFEST, "utf-8")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-plugin\nVersion: 1.0\n", "utf-8")
    (metadata / "entry_points.txt").write_text("[guanxi.plugins]\ntiny = tiny_plugin:plugin\n", "utf-8")
    return folder


_MANIFEST = """
manifest = 1
[plugin]
id = "tiny"
version = "1.0"
api = ">=1,<2"
title = { en = "Tiny", zh = "小" }
[events."tiny.noted"]
kind = "fact"
schema = 1
[commands]
names = ["tiny.note"]
[facets."tiny.notebook"]
subject = "customer"
version = 1
reads = []
[read_models."tiny.notes"]
version = 1
temporal = false
[read_models."tiny.counts"]
version = 1
temporal = false
"""
