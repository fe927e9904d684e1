"""Claims on what only one stream may hold, or several share: which of them drafts take or release, and which can be had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

import attrs

from guanxi.kernel.desk import Desk
from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import ADVISORY, Claim
from guanxi.kernel.house import Room
from guanxi.kernel.judging import Judgement
from guanxi.kernel.links import merged_with
from guanxi.kernel.plans import Plan
from guanxi.kernel.ports import ClaimChange, VersionConflict
from guanxi.kernel.telling import ACCOUNT

Key = tuple[str, str]


class Wanted(NamedTuple):
    """A claim to be taken or released, beside the tag of what wants it."""

    change: ClaimChange
    tag: Any
    claim: Claim


@attrs.frozen
class Found:
    """What others hold of the claims that something takes.

    Args:
        denied: kinds that another stream alone may hold, where what wants them has already happened.
        shared: kinds that the file is told of, with the other streams that hold them.
    """

    denied: Sequence[str] = ()
    shared: Sequence[tuple[str, tuple[str, ...]]] = ()


NOTHING_FOUND = Found()


@attrs.define(eq=False, slots=False)
class Claims:
    """Collects the claims of what the streams of one ledger gain.

    Args:
        desk: what the ledger works with.
    """

    _desk: Desk

    def collect(
        self,
        plan: Plan,
        room: Room,
        judged: Judgement,
        out: list[ClaimChange],
        happened: bool,
        connection: Any,
        *,
        opening: bool,
    ) -> Found:
        """Collect the claims that drafts take or release; return what of them others hold.

        Raises:
            VersionConflict: another writer opened the file of that account number after it was looked for here.
        """
        wanted = self.wanted(plan.stream, room, judged)
        if not wanted:
            return NOTHING_FOUND
        taken = exclusive(wanted)
        holders = self._desk.store.holders(sorted(taken), connection) if taken else {}
        sharing = told_of(wanted)
        sharers = self._desk.store.sharers(sorted(sharing), connection) if sharing else {}
        kin = self.kin(plan, (*holders.values(), *(s for all_ in sharers.values() for s in all_)), connection)
        denied = settled(wanted, holders, out, happened, opening=opening, kin=kin)
        shared = sharings(wanted, sharers, kin)
        if not denied and not shared:
            return NOTHING_FOUND
        return Found([kind for kind, _ in denied], [(kind, others) for kind, others, _ in shared])

    def wanted(self, stream: str, room: Room, judged: Judgement) -> list[Wanted]:
        """Return the claims that drafts take or release, each with the tag of its draft."""
        token = self._desk.sealing.token
        return [
            Wanted(ClaimChange(c.kind, token(c.kind, c.value), stream, c.policy, c.release), tag, c)
            for c, tag in _claims(room, judged)
        ]

    def kin(self, plan: Plan, holders: Iterable[str], connection: Any) -> frozenset[str]:
        """Return the streams that are shown as one with a plan's, itself among them; they deny each other nothing.

        Args:
            plan: of the stream that wants claims.
            holders: who holds them; merges are looked up only where that is somebody else.
            connection: the host's own connection.
        """
        own = frozenset((plan.stream,))
        if own.issuperset(holders):
            return own

        def items(stream: str) -> Any:
            rows = plan.rows if stream == plan.stream else self._desk.store.fold_rows(stream, connection)
            return self._desk.timelines.build(stream, rows)

        return merged_with(plan.stream, items, plan.known)


def _claims(room: Room, judged: Judgement) -> Iterator[tuple[Claim, Any]]:
    claimers, matchers = room.claimers, room.matchers
    for d in judged.drafts:
        kind = type(d.event)
        for handler in claimers.get(kind, ()):
            for c in handler(d.event):
                yield c, d.tag
        for index, matcher in matchers.get(kind, ()):
            for c in matcher(d.event, judged.states[index]):
                yield c, d.tag


def exclusive(wanted: Iterable[Wanted]) -> set[Key]:
    """Return the kinds and tokens of those claims that one stream alone may hold."""
    return {(c.kind, c.token) for c, *_ in wanted if not c.release and c.policy != ADVISORY}


def told_of(wanted: Iterable[Wanted]) -> set[Key]:
    """Return the kinds and tokens of those claims whose other holders a file is told of."""
    return {(w.change.kind, w.change.token) for w in wanted if w.claim.told and not w.change.release}


def sharings(
    wanted: Sequence[Wanted], sharers: Mapping[Key, Sequence[str]], kin: frozenset[str]
) -> list[tuple[str, tuple[str, ...], Any]]:
    """Return the claims that other files hold too: kind, the other streams, and the tag of what takes it."""
    found = []
    for change, tag, claim in wanted:
        if claim.told and not change.release:
            others = tuple(s for s in sharers.get((change.kind, change.token), ()) if s not in kin)
            if others:
                found.append((change.kind, others, tag))
    return found


def note_sharers(wanted: Sequence[Wanted], sharers: MutableMapping[Key, list[str]]) -> None:
    """Add the streams that are about to take claims to those that hold them."""
    for change, _, claim in wanted:
        if claim.told and not change.release:
            held = sharers.setdefault((change.kind, change.token), [])
            if change.stream not in held:
                held.append(change.stream)


def settled(
    wanted: Sequence[Wanted],
    holders: Mapping[Key, str],
    out: list[ClaimChange],
    happened: bool,
    *,
    opening: bool,
    kin: frozenset[str] = frozenset(),
) -> list[tuple[str, Any]]:
    """Collect the claims that can be had; return the kinds that another stream holds, each with the tag that wants it.

    Args:
        wanted: claims to be taken or released, each with the tag of what wants it.
        holders: who holds them now, by kind and token.
        out: receives those that can be had.
        happened: whether what is told has already happened.
        opening: whether the stream is a customer file that nobody had opened when it was looked for.
        kin: streams whose claims stay theirs and deny nothing.

    Raises:
        VersionConflict: a file was to be opened that another writer has opened since.
    """
    denied: list[tuple[str, Any]] = []
    for c, tag, claim in wanted:
        holder = holders.get((c.kind, c.token))
        if c.release or c.policy == ADVISORY or holder in (None, c.stream):
            if not (holder == c.stream and not c.release):
                out.append(c)
        elif holder in kin:
            continue
        elif opening and c.kind == ACCOUNT:
            # Kept with a denied claim it would be a second file of that name, which nothing could find.
            raise VersionConflict(holder)
        elif happened:
            denied.append((c.kind, tag))
        else:
            raise Conflict(
                claim.code,
                f"that {c.kind} is held by another file",
                zh=f"该标识（{c.kind}）已被其他档案占用",
                rule="CORE-95",
                held_by=holder,
            )
    return denied
