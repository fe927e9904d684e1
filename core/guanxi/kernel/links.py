"""Dated links: whose entries a relationship shows at a moment. Nothing is moved or copied; a link only says what is seen, from when.

A *whole* link brings the other stream's whole past while it is in force (a merge, a membership); a *days* link brings what
counts within its days, with the standing values carried in (an account that moves between files).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from guanxi.kernel.entries import FoldRow
from guanxi.kernel.standard import BreachRecorded, DecisionEnded, StreamJoined, StreamLinked, StreamUnlinked
from guanxi.kernel.timeline import Item

WHOLE: Final = "whole"
DAYS: Final = "days"
MERGE = "merge"
"""The type of a link between two streams of one party: it alone shows what says of the party itself what it is."""


@attrs.frozen
class Span:
    """One stretch of time in which a stream is linked; ``ends`` is None while it lasts."""

    other: str
    mode: str
    begins: str
    ends: str | None
    link_type: str = ""
    choices: frozenset[str] = frozenset()

    def lasts(self, moment: str) -> bool:
        """Return whether it is in force at a moment."""
        return self.begins <= moment and (self.ends is None or moment < self.ends)


def linked_streams(rows: Sequence[FoldRow]) -> bool:
    """Return whether a stream ever linked another."""
    return any(r.name == StreamLinked.stored_name for r in rows)


def joined(rows: Sequence[FoldRow]) -> bool:
    """Return whether a stream was ever linked by another."""
    return any(r.name == StreamJoined.stored_name for r in rows)


def ever_merged(rows: Sequence[FoldRow]) -> bool:
    """Return whether a stream ever linked another or was linked by one."""
    return any(r.name in (StreamLinked.stored_name, StreamJoined.stored_name) for r in rows)


def joiners(items: Sequence[Item]) -> list[str]:
    """Return the streams that linked this one, in order of name."""
    return sorted({i.event.by for i in items if isinstance(i.event, StreamJoined)})


def spans_of(items: Sequence[Item]) -> list[Span]:
    """Return the spans that a relationship's own live items tell of, in order of their beginnings."""
    spans: list[Span] = []
    open_at: dict[str, int] = {}
    for item in items:
        event = item.event
        if isinstance(event, StreamLinked) and event.other not in open_at:
            open_at[event.other] = len(spans)
            choices = frozenset(event.choices)
            spans.append(Span(event.other, event.mode, item.effective, None, event.link_type, choices))
        elif isinstance(event, StreamUnlinked) and event.other in open_at:
            n = open_at.pop(event.other)
            spans[n] = attrs.evolve(spans[n], ends=item.effective)
    return spans


def shown_from(own: Sequence[Item], decided: str, known: str) -> list[str]:
    """Return the streams that a relationship shows at some moment after one until another, in order of name.

    Args:
        own: its own live items.
        decided: until when it was decided.
        known: the later moment.
    """
    return sorted(
        {s.other for s in spans_of(own) if s.begins <= known and (s.ends is None or decided < s.ends)}
    )


def boundaries(spans: Sequence[Span]) -> list[str]:
    """Return the moments at which the set of whole-past links changes, in order."""
    return sorted({t for s in spans if s.mode == WHOLE for t in (s.begins, s.ends) if t is not None})


def merged_with(stream: str, items: Callable[[str], Sequence[Item]], moment: str) -> frozenset[str]:
    """Return the streams that merges show as one with a stream at a moment, itself among them.

    Args:
        stream: whose.
        items: gives a stream's own live items.
        moment: when.
    """
    own = items(stream)
    kin = {stream}
    for by in (stream, *joiners(own)):
        spans = spans_of(own if by == stream else items(by))
        merged = {s.other for s in spans if s.link_type == MERGE and s.lasts(moment)}
        if by == stream or stream in merged:
            kin |= {by, *merged}
    return frozenset(kin)


def survivor_of(kin: Collection[str], items: Callable[[str], Sequence[Item]], moment: str) -> str:
    """Return the one of merged streams that shows all the others.

    Args:
        kin: as ``merged_with`` returns them.
        items: gives a stream's own live items.
        moment: when.
    """

    def count(stream: str) -> int:
        return sum(s.link_type == MERGE and s.lasts(moment) for s in spans_of(items(stream)))

    return max(sorted(kin), key=count)


def visible(
    own: Sequence[Item],
    foreign: Mapping[str, Sequence[Item]],
    spans: Sequence[Span],
    moment: str,
    gone: frozenset[str],
    coming: frozenset[str] = frozenset(),
) -> list[Item]:
    """Return what a relationship shows under the links in force at a moment, in fold order.

    A source reference that stands in two streams counts once, where the relationship has it itself there. What it drew from another
    stream's entries counts while the link lasts under which it drew it, and under no later one.

    Args:
        own: its own live items.
        foreign: the live items of every stream it ever linked.
        spans: its spans.
        moment: which whole-past links count.
        gone: ids of entries of other streams that a later decision of its own replaced, as this relationship sees them.
        coming: source references of what is coming in.
    """
    shown: list[Item] = []
    merged: set[str] = set()
    chosen: dict[tuple[Any, ...] | None, str] = {}
    since: dict[str, str] = {}
    for span in spans:
        items = foreign.get(span.other, ())
        if span.mode != WHOLE:
            shown += _within(items, span)
        elif span.lasts(moment):
            since[span.other] = span.begins
            if span.link_type == MERGE:
                merged.add(span.other)
                kept, taken = _chosen(items, own, span)
                shown += kept
                chosen.update(dict.fromkeys(taken, span.begins))
            else:
                shown += items
    seen = _standing(shown, gone, merged, {*coming, *references(own)})
    mine = [
        i
        for i in own
        if (root := _foreign_root(i)) is None
        or (root in seen and i.effective >= since.get(root.rpartition("/")[0], ""))
    ]
    if chosen:
        mine = [i for i in mine if i.effective >= chosen.get(_standing_key(i), "")]
    return sorted([*mine, *seen.values()], key=lambda i: i.key)


def references(items: Iterable[Item]) -> frozenset[str]:
    """Return the source references that items bear; a noted breach bears its fact's, and is none of it once that was voided.

    Args:
        items: live ones.
    """
    return frozenset(
        s for i in items if (s := i.row.source) is not None and not isinstance(i.event, BreachRecorded)
    )


def _standing_key(item: Item) -> tuple[Any, ...] | None:
    """Return under which keys an item states a value of the party that stands; None for any other."""
    event = item.event
    if not event.is_standing or event.is_carried or not event.is_merged:
        return None
    return (event.stored_name, *(getattr(event, k) for k in event.key_fields))


def _chosen(
    items: Sequence[Item], own: Sequence[Item], span: Span
) -> tuple[list[Item], set[tuple[Any, ...]]]:
    """Return what of a merged stream is shown as far as both state the same thing, and what its values take the place of.

    From the merge on both count by their days. What stood before is this relationship's, unless the other's was chosen.
    """
    stands = {k for i in own if i.effective < span.begins and (k := _standing_key(i)) is not None}
    theirs = {k for i in items if i.effective < span.begins and (k := _standing_key(i)) is not None}
    taken = {k for k in stands & theirs if span.choices.intersection(map(str, k[1:]))}
    hidden = (stands & theirs) - taken
    kept = [i for i in items if i.effective >= span.begins or _standing_key(i) not in hidden]
    return kept, taken


def _standing(
    shown: Sequence[Item], gone: frozenset[str], merged: Collection[str], known: set[str]
) -> dict[str, Item]:
    """Return the items of other streams that stand here.

    What succeeds or ends a decision that is gone goes with it, and so does what was drawn from an entry that is on record
    here already; what ends one that is not shown here ends nothing here. What another stream drew from entries that it
    showed itself stands only where those are shown from there, too.
    """
    left, seen = set(gone), dict[str, Item]()
    there = {item.id for item in shown}
    counted: dict[str, str] = {}
    for item in shown:
        source, row, stream = item.row.source, item.row, item.origin.stream
        twice = source is not None and (source in known or counted.get(source, stream) != stream)
        if source is not None and not isinstance(item.event, BreachRecorded):
            counted.setdefault(source, stream)
        if (
            twice
            or item.id in left
            or item.succeeds in left
            or (row.causation in left or _root(item) in left)
            or ((root := _foreign_root(item)) is not None and root not in there)
        ):
            left.add(item.id)
        elif isinstance(item.event, DecisionEnded) and item.succeeds not in seen:
            continue
        elif item.event.is_merged if stream in merged else item.event.is_carried:
            seen[item.id] = item
    return seen


def _root(item: Item) -> str | None:
    """Return the id of the entry of its own stream that a decision stands behind."""
    place = item.place
    if place is None or place[0] == "@" or "/" in place:
        return None
    return f"{item.origin.stream}/{place.partition('.')[0]}"


def _within(items: Sequence[Item], span: Span) -> list[Item]:
    carried: dict[tuple[object, ...], Item] = {}
    out: list[Item] = []
    for item in items:
        if span.ends is not None and item.effective >= span.ends:
            break
        if item.effective >= span.begins:
            out.append(item)
        elif type(item.event).is_standing:
            event = item.event
            carried[event.stored_name, *(getattr(event, k) for k in event.key_fields)] = item
    return [*(item.carried_to(span.begins) for item in carried.values()), *out]


def _foreign_root(item: Item) -> str | None:
    place = item.place
    if place is None or place[0] == "@" or "/" not in place:
        return None
    return place.partition("@")[0]
