"""Where what is told of a thing is entered: in the stream in which the thing began, as long as merges show it as one with another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from guanxi.kernel.desk import Desk, told_stamp
from guanxi.kernel.entries import FoldRow, source_text
from guanxi.kernel.links import ever_merged, merged_with, survivor_of
from guanxi.kernel.messages import Command, Event, fields_of
from guanxi.kernel.telling import Telling
from guanxi.kernel.timeline import Item


@attrs.frozen
class Place:
    """Where a command is decided, and where what comes of it is entered.

    Args:
        decides: the stream that shows all of the party's entries.
        home: the stream in which the thing began.
    """

    decides: str
    home: str


@attrs.define(eq=False, slots=False)
class Placing:
    """Finds the streams of the things that commands name.

    Args:
        desk: what the ledger works with.
    """

    _desk: Desk
    _beginnings: Mapping[str, tuple[type[Event], ...]] = attrs.field(init=False)
    _named: dict[type[Command], tuple[str, ...]] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        found: dict[str, tuple[type[Event], ...]] = {}
        for cls in self._desk.registry.classes.values():
            for name in cls.number_fields:
                found[name] = (*found.get(name, ()), cls)
        self._beginnings = found

    def place(
        self, told_for: str, rows: Sequence[FoldRow], telling: Telling, command: Command, connection: Any
    ) -> Place | None:
        """Return where a command about a thing of a merged party belongs; None where it is the stream's own affair.

        Args:
            told_for: the stream that it is told for.
            rows: what is stored of that.
            telling: its envelope.
            command: what is told.
            connection: the host's own connection.
        """
        named = self._names(command)
        if not named or not ever_merged(rows):
            return None
        timelines: dict[str, Sequence[Item]] = {}

        def items(stream: str) -> Sequence[Item]:
            if stream not in timelines:
                own = stream == told_for
                theirs = rows if own else self._desk.store.fold_rows(stream, connection)
                timelines[stream] = self._desk.timelines.build(stream, theirs)
            return timelines[stream]

        assert telling.effective_from is not None
        moment = told_stamp(telling.effective_from)
        kin = merged_with(told_for, items, moment)
        if len(kin) == 1:
            return None
        for name, number in named:
            for stream in (told_for, *sorted(kin - {told_for})):
                beginning = self._beginning(items(stream), name, number)
                if beginning is None:
                    continue
                source = telling.source
                if source is not None and beginning.row.source == source_text(
                    source.system, source.document, source.line
                ):
                    return None  # the same thing from the same place: each file keeps its own, and it counts once
                decides = survivor_of(kin, items, moment)
                return None if stream == decides == told_for else Place(decides, stream)
        return None

    def _names(self, command: Command) -> list[tuple[str, str]]:
        """Return the numbers that a command names, in the order of its fields."""
        cls = type(command)
        if cls not in self._named:
            self._named[cls] = tuple(a.name for a in fields_of(cls) if a.name in self._beginnings)
        return [(n, value) for n in self._named[cls] if isinstance(value := getattr(command, n), str)]

    def _beginning(self, items: Iterable[Item], name: str, number: str) -> Item | None:
        classes = self._beginnings[name]
        return next(
            (i for i in items if isinstance(i.event, classes) and getattr(i.event, name) == number), None
        )
