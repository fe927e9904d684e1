"""Who is a member at every moment: what came and went, file by file, with merged files counted as one party (RET-02)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi import Asked, Reader
from guanxi.relationship.file.read_models import merged_files
from guanxi.relationship.file.spans import spans_in
from guanxi_retail.membership.read_models import ENROLLED, membership_moves

READS = (membership_moves, merged_files)

MERGED, SET_APART = "merged", "set_apart"

JOINED = (ENROLLED, SET_APART)
ENDED = ("left", MERGED, "erased", "closed")


@attrs.frozen
class Turn:
    """A party that became a member at a moment, or ceased to be one.

    Args:
        at: when.
        kind: how: one of ``JOINED`` or of ``ENDED``.
    """

    at: datetime
    kind: str

    @property
    def change(self) -> int:
        """By how many members there are more."""
        return 1 if self.kind in JOINED else -1


@attrs.frozen
class Roll:
    """The members at a cut.

    Args:
        turns: who came and went until then, in order.
        members: the streams of a member's files that hold a number, by the stream that stands for the party.
    """

    turns: tuple[Turn, ...]
    members: dict[str, list[str]]


@attrs.define
class _Groups:
    """Numbers held by file, and which files were merged into which."""

    held: Counter[str] = attrs.field(factory=Counter)
    into: dict[str, str] = attrs.field(factory=dict)
    under: defaultdict[str, set[str]] = attrs.field(factory=lambda: defaultdict(set))

    def merge(self, absorbed: str, survivor: str) -> None:
        self.into[absorbed] = survivor
        self.under[survivor].add(absorbed)

    def set_apart(self, absorbed: str, survivor: str) -> None:
        self.into.pop(absorbed, None)
        self.under[survivor].discard(absorbed)

    def top(self, stream: str) -> str:
        seen = {stream}
        while (above := self.into.get(stream)) is not None and above not in seen:
            seen.add(above)
            stream = above
        return stream

    def numbers(self, stream: str) -> int:
        return self.held[stream] + sum(map(self.numbers, self.under.get(stream, ())))

    def members(self, *streams: str) -> int:
        """Return how many of the parties of some files are members."""
        return sum(self.numbers(top) > 0 for top in {self.top(stream) for stream in streams if stream})


def roll(reader: Reader, asked: Asked) -> Roll:
    """Return the members at a cut, and how they came to be.

    Args:
        reader: of ``READS``.
        asked: the cut.
    """
    groups, turns = _Groups(), list[Turn]()
    for at, _, kind, stream, other, count in sorted(_moves(reader, asked)):
        before = groups.members(stream, other)
        if kind == MERGED:
            groups.merge(stream, other)
        elif kind == SET_APART:
            groups.set_apart(stream, other)
        else:
            groups.held[stream] += count
        if groups.members(stream, other) != before:
            turns.append(Turn(asked.local(at), kind))
    members: dict[str, list[str]] = {}
    for stream, count in groups.held.items():
        if count > 0 and groups.members(stream):
            members.setdefault(groups.top(stream), []).append(stream)
    return Roll(tuple(turns), members)


def _moves(reader: Reader, asked: Asked) -> Iterator[tuple[datetime, int, str, str, str, int]]:
    """Yield what changes who is a member: moment, order within it, kind, stream, the other one of a merge, numbers."""
    for stream, row in reader.rows(membership_moves):
        # What a merge ends in the absorbed file goes on in the survivor's.
        if row.kind != MERGED and row.at <= asked.as_of:
            yield row.at, 1, row.kind, stream, "", row.count if row.kind == ENROLLED else -row.count
    for survivor, merge in reader.rows(merged_files):
        for begins, ends in spans_in(merge.spans):
            if begins <= asked.as_of:
                yield begins, 0, MERGED, merge.absorbed, survivor, 0
            if ends is not None and ends <= asked.as_of:
                yield ends, 0, SET_APART, merge.absorbed, survivor, 0
