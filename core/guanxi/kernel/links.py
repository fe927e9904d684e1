"""Dated links: whose entries a relationship shows at a moment. Nothing is moved or copied; a link only says what is seen, from when.

A *whole* link brings the other stream's whole past while it is in force (a merge, a membership); a *days* link brings what
counts within its days, with the standing values carried in (an account that moves between files).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from guanxi.kernel.entries import FoldRow
from guanxi.kernel.standard import DecisionEnded, StreamJoined, StreamLinked, StreamUnlinked
from guanxi.kernel.timeline import Item

WHOLE, DAYS = "whole", "days"


@attrs.frozen
class Span:
    """One stretch of time in which a stream is linked; ``ends`` is None while it lasts."""

    other: str
    mode: str
    begins: str
    ends: str | None


def linked_streams(rows: Sequence[FoldRow]) -> bool:
    """Return whether a stream ever linked another."""
    return any(r.name == StreamLinked.stored_name for r in rows)


def joined(rows: Sequence[FoldRow]) -> bool:
    """Return whether a stream was ever linked by another."""
    return any(r.name == StreamJoined.stored_name for r in rows)


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
            spans.append(Span(event.other, event.mode, item.effective, None))
        elif isinstance(event, StreamUnlinked) and event.other in open_at:
            n = open_at.pop(event.other)
            spans[n] = attrs.evolve(spans[n], ends=item.effective)
    return spans


def boundaries(spans: Sequence[Span]) -> list[str]:
    """Return the moments at which the set of whole-past links changes, in order."""
    return sorted({t for s in spans if s.mode == WHOLE for t in (s.begins, s.ends) if t is not None})


def visible(
    own: Sequence[Item],
    foreign: Mapping[str, Sequence[Item]],
    spans: Sequence[Span],
    moment: str,
    gone: frozenset[str],
) -> list[Item]:
    """Return what a relationship shows under the links in force at a moment, in fold order.

    Args:
        own: its own live items.
        foreign: the live items of every stream it ever linked.
        spans: its spans.
        moment: which whole-past links count.
        gone: ids of entries of other streams that a later decision of its own replaced, as this relationship sees them.
    """
    shown: list[Item] = []
    for span in spans:
        items = foreign.get(span.other, ())
        if span.mode == WHOLE:
            if span.begins <= moment and (span.ends is None or moment < span.ends):
                shown += items
        else:
            shown += _within(items, span)
    seen = _standing(shown, gone)
    mine = [i for i in own if (root := _foreign_root(i)) is None or root in seen]
    return sorted([*mine, *seen.values()], key=lambda i: i.key)


def _standing(shown: Sequence[Item], gone: frozenset[str]) -> dict[str, Item]:
    """Return the items of other streams that stand here.

    What succeeds or ends a decision that is gone goes with it; what ends one that is not shown here ends nothing here.
    """
    left, seen = set(gone), dict[str, Item]()
    for item in shown:
        if item.id in left or item.succeeds in left:
            left.add(item.id)
        elif isinstance(item.event, DecisionEnded) and item.succeeds not in seen:
            continue
        elif type(item.event).is_carried:
            seen[item.id] = item
    return seen


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
