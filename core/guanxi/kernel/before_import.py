"""What an import told of only after its day: history, which is on nobody's list (CORE-98).

A cadence computes its items from tables, and tables do not say when anybody heard of what they hold. So what is past is looked
at once more by what was known just before the batch: what was not past by then, and is since the batch, was brought by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.entries import ToldLate
from guanxi.kernel.errors import failures_named
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.kernel.reports import Asked, Knowledge
from guanxi.kernel.standard import MECHANISM
from guanxi.kernel.times import instant, midnight_after, stamp

T = TypeVar("T")

Found = tuple[Cadence, str, DueItem]


def last_moment(cadence: Cadence, item: DueItem, asked: Asked) -> datetime | None:
    """Return when the day of an item is over; None for a gap that has none.

    Args:
        cadence: whose item; a warning's day is the one it was raised on.
        item: the item.
        asked: the cut.
    """
    if item.until is not None or not cadence.warns:
        return item.until
    raised = asked.local(item.since)
    return midnight_after(raised.date(), raised.tzinfo)


def still_due(found: Sequence[tuple[Found, T]], asked: Asked) -> Iterator[T]:
    """Yield what stands for items that are no history, in the order given.

    Args:
        found: cadence, stream and item, each with what stands for it.
        asked: the cut that they were computed at.
    """
    knowledge = asked.knowledge
    if knowledge is None:
        yield from (what for _, what in found)
        return
    lasts = [last_moment(cadence, item, asked) for (cadence, _, item), _ in found]
    past = {f[1] for (f, _), last in zip(found, lasts, strict=True) if last and last <= asked.as_known}
    known = stamp(asked.as_known)
    late = {
        stream: [one for one in told if one.recorded_at <= known]
        for stream, told in knowledge.told_late(sorted(past)).items()
        if any(one.imported for one in told)
    }
    seen = {f[0].name: _seen_by(f[0]) for f, _ in found if f[1] in late}
    asking: dict[str, dict[ReadModel[Any], None]] = {}
    concerned: list[list[ToldLate]] = []
    for ((cadence, stream, _), _), last in zip(found, lasts, strict=True):
        told = late.get(stream, ()) if last is not None else ()
        mine = [one for one in told if not seen[cadence.name].isdisjoint(one.names)]
        concerned.append(mine)
        if last is not None and any(_may_bring(one, stamp(last)) for one in mine):
            asking.setdefault(stream, {}).update(dict.fromkeys(cadence.reads))
    looking = _Looking(knowledge, {stream: tuple(models) for stream, models in asking.items()})
    for ((cadence, stream, item), what), last, mine in zip(found, lasts, concerned, strict=True):
        if last is None or not mine or not looking.brought(cadence, stream, item.key, stamp(last), mine):
            yield what


def _seen_by(cadence: Cadence) -> set[str]:
    """Return the stored names of what can change a cadence's tables: what they handle, and what changes or shows other entries."""
    handled = {kind.stored_name for model in cadence.reads for kind in model.handlers}
    return handled | {kind.stored_name for kind in MECHANISM}


def _may_bring(one: ToldLate, last: str) -> bool:
    """Return whether an import may have brought an item after its day: only what counts from before that day's end can have."""
    return one.imported and one.recorded_at >= last and one.earliest < last


def known_since(streams: Mapping[str, datetime], asked: Asked) -> dict[str, datetime]:
    """Return since when streams were known: since they began, or since the batch that told of them later.

    Args:
        streams: when each began.
        asked: the cut.
    """
    late = {} if asked.knowledge is None else asked.knowledge.told_late(sorted(streams))
    heard = {
        stream: instant(one.recorded_at, asked.as_of.tzinfo)
        for stream, told in late.items()
        for one in told
        if one.imported and one.first == 1
    }
    return {stream: max(began, heard.get(stream, began)) for stream, began in streams.items()}


class _Looking:
    """Looks at streams as they were known at earlier moments; each is folded once, for what is asked of it alone.

    Args:
        knowledge: what was known when.
        models: by stream, what is to be folded of it.
    """

    def __init__(self, knowledge: Knowledge, models: Mapping[str, tuple[ReadModel[Any], ...]]) -> None:
        self._knowledge, self._models = knowledge, models
        self._readers: dict[tuple[str, str, bool], tuple[Reader, Asked]] = {}
        self._items: dict[tuple[str, str, bool, str], Mapping[str, datetime | None]] = {}

    def brought(self, cadence: Cadence, stream: str, key: str, last: str, late: Sequence[ToldLate]) -> bool:
        """Return whether a batch brought an item after its day.

        Args:
            cadence: whose item.
            stream: where it is.
            key: of the item.
            last: stamp of the end of its day.
            late: when the stream was told of what had counted before.
        """
        for one in late:
            if not _may_bring(one, last):
                continue
            if one.first > 1 and self._past(cadence, stream, key, one.recorded_at, before=True):
                return False
            by_hand = any(
                not o.imported and o.recorded_at > one.recorded_at and o.earliest < last for o in late
            )
            if not by_hand or self._past(cadence, stream, key, one.recorded_at, before=False):
                return True
        return False

    def _past(self, cadence: Cadence, stream: str, key: str, recorded: str, *, before: bool) -> bool:
        """Return whether an item's day was over at a moment of knowledge, by what was known before it, or by then."""
        place = (stream, recorded, before)
        if (*place, cadence.name) not in self._items:
            if place not in self._readers:
                self._readers[place] = self._knowledge.at(
                    self._models[stream], stream, recorded, before=before
                )
            reader, asked = self._readers[place]
            with failures_named(cadence.name):
                self._items[*place, cadence.name] = {
                    item.key: last_moment(cadence, item, asked)
                    for where, item in cadence.items(reader, asked)
                    if where == stream
                }
        last = self._items[*place, cadence.name].get(key)
        return last is not None and last <= instant(recorded, None)


__all__ = ["known_since", "last_moment", "still_due"]
