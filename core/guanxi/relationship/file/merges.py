"""Merging files of one party, and undoing it: nothing is moved, links say what is shown from when (CORE-13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Invalid, RuleNotMet, Unknown
from guanxi.kernel.facets import Facet, Now, To
from guanxi.kernel.labels import Label
from guanxi.kernel.links import MERGE, WHOLE
from guanxi.kernel.messages import Fact
from guanxi.kernel.standard import StreamJoined, StreamLinked, StreamUnlinked
from guanxi.relationship.file.commands import (
    BeAbsorbed,
    BeReleased,
    BeShownAlong,
    MergeFiles,
    ShowAlong,
    UndoMerge,
)
from guanxi.relationship.file.events import FileOpened, FilesMerged, MergeUndone
from guanxi.relationship.ownership.events import (
    MaintainerChange,
    maintainer_after,
)


@attrs.define
class Merges:
    """Which files this one absorbed, or which one absorbed it, and who answers for it where a merge said so."""

    party: str = ""
    maintainer: str | None = None
    absorbed: dict[str, datetime] = attrs.field(factory=dict)
    shown: dict[str, str] = attrs.field(factory=dict)
    """The files whose entries are shown here, each with the one by whose merge they came."""
    into: str | None = None
    absorbed_times: int = 0
    named: dict[str, str] = attrs.field(factory=dict)
    """Who was named to answer for the merged file, by the merge."""

    @property
    def responsible(self) -> str | None:
        """Who answers for the file as the merges in force have it."""
        return list(self.named.values())[-1] if self.named else self.maintainer


merges = Facet("core.merges", Merges, title=Label("Merged files", "合并档案"))


@merges.evolve
def _opened(s: Merges, e: FileOpened) -> None:
    s.party = e.party


@merges.evolve
def _maintained(s: Merges, e: MaintainerChange) -> None:
    s.maintainer = maintainer_after(e)
    s.named.clear()


@merges.evolve
def _merged(s: Merges, e: FilesMerged, at: datetime) -> None:
    if e.here == "absorbed":
        s.into, s.absorbed_times = e.survivor, s.absorbed_times + 1
        return
    s.absorbed[e.absorbed] = at
    s.shown[e.absorbed] = e.absorbed
    if e.maintainer is not None:
        s.named[e.absorbed] = e.maintainer


@merges.evolve
def _undone(s: Merges, e: MergeUndone) -> None:
    if e.here == "absorbed":
        s.absorbed_times = max(0, s.absorbed_times - 1)
        s.into = None
        return
    s.absorbed.pop(e.absorbed, None)
    s.named.pop(e.absorbed, None)
    for other in [o for o, by in s.shown.items() if by == e.absorbed]:
        del s.shown[other]


@merges.evolve
def _shown(s: Merges, e: StreamLinked) -> None:
    if e.link_type == MERGE:
        s.shown.setdefault(e.other, e.via or e.other)


@merges.evolve
def _hidden(s: Merges, e: StreamUnlinked) -> None:
    s.shown.pop(e.other, None)


@merges.holds("CORE-13", "already_merged")
def _once(s: Merges, e: FilesMerged) -> bool:
    return s.absorbed_times <= 1


def _already(name: str, survivor: str) -> Conflict:
    return Conflict(
        "already_merged",
        f"{name} is merged into {survivor} then",
        zh=f"此时 {name} 已并入 {survivor}",
        rule="CORE-13",
        accepts="the survivor, or a moment at which the file stands alone",
        survivor=survivor,
    )


@merges.decide
def _merge(s: Merges, c: MergeFiles, now: Now) -> Iterator[Fact | To]:
    if now.other == now.stream:
        raise Invalid(
            "merge_into_itself",
            f"{now.subject} cannot be merged into itself",
            zh=f"{now.subject} 不能与自身合并",
            rule="CORE-13",
            accepts="another file",
        )
    if s.into is not None:
        raise _already(now.subject, s.into)
    if now.other in s.absorbed:
        raise _already(c.absorbed, now.stream)
    choices = dict(c.choices)
    yield FilesMerged(
        survivor=now.stream,
        absorbed=now.other,
        choices=choices,
        maintainer=c.maintainer,
        here="survivor",
    )
    taken = tuple(sorted(name for name, side in choices.items() if side == "absorbed"))
    yield StreamLinked(other=now.other, mode=WHOLE, link_type=MERGE, choices=taken)
    yield To(
        now.other,
        BeAbsorbed(
            survivor=now.stream,
            party=s.party,
            maintained=s.responsible is not None,
            choices=choices,
            maintainer=c.maintainer,
        ),
    )


@merges.decide
def _be_absorbed(s: Merges, c: BeAbsorbed, now: Now) -> Iterator[Fact | To]:
    if s.into is not None:
        raise _already(now.subject, s.into)
    if c.party != s.party:
        raise RuleNotMet(
            "merge_kinds_differ",
            f"one is a {c.party}, the other a {s.party}",
            zh=f"主体类型不同：{c.party} 与 {s.party}",
            rule="CORE-13",
            accepts="two files of one kind of party",
        )
    if c.maintained and s.responsible is not None and c.maintainer is None:
        raise Incomplete(
            "maintainer_choice_missing",
            "both files have a maintainer",
            zh="两份档案都有维护责任人",
            rule="CORE-13",
            accepts="maintainer=, the one who is to answer for the merged file",
        )
    yield FilesMerged(
        survivor=now.other, absorbed=now.stream, choices=c.choices, maintainer=c.maintainer, here="absorbed"
    )
    yield StreamJoined(by=now.other, link_type=MERGE)
    for other in sorted(s.shown):
        yield To(now.other, ShowAlong(other=other, by=now.stream, shown=True))


@merges.decide
def _show_along(s: Merges, c: ShowAlong, now: Now) -> Iterator[Fact | To]:
    if c.shown == (now.other in s.shown):
        return
    if c.shown:
        yield StreamLinked(other=now.other, mode=WHOLE, link_type=MERGE, via=c.by)
        yield To(now.other, BeShownAlong(survivor=now.stream))
    elif s.shown[now.other] == c.by:
        yield StreamUnlinked(other=now.other)


@merges.decide
def _be_shown_along(s: Merges, c: BeShownAlong, now: Now) -> Iterator[Fact]:
    yield StreamJoined(by=now.other, link_type=MERGE)


@merges.decide
def _undo(s: Merges, c: UndoMerge, now: Now) -> Iterator[Fact | To]:
    if now.other not in s.absorbed:
        raise Unknown(
            "not_merged",
            f"{c.absorbed} is not merged into {now.subject} then",
            zh=f"此时 {c.absorbed} 未并入 {now.subject}",
            rule="CORE-13",
            accepts="the survivor of a merge in force, and the file it absorbed",
        )
    for other in sorted(o for o, by in s.shown.items() if by == now.other):
        yield StreamUnlinked(other=other)
    yield MergeUndone(survivor=now.stream, absorbed=now.other, here="survivor")
    yield To(now.other, BeReleased(survivor=now.stream))
    if s.into is not None:
        yield To(s.into, ShowAlong(other=now.other, by=now.stream, shown=False))


@merges.decide
def _be_released(s: Merges, c: BeReleased, now: Now) -> Iterator[Fact]:
    yield MergeUndone(survivor=now.other, absorbed=now.stream, here="absorbed")
