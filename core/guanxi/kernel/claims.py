"""Claims on what only one stream may hold: which of them drafts take or release, and which can be had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from guanxi.kernel.desk import Desk
from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import ADVISORY
from guanxi.kernel.house import Room
from guanxi.kernel.ports import ClaimChange, VersionConflict
from guanxi.kernel.telling import ACCOUNT
from guanxi.kernel.walk import Draft

Wanted = tuple[ClaimChange, Any]


@attrs.define(eq=False, slots=False)
class Claims:
    """Collects the claims of what the streams of one ledger gain.

    Args:
        desk: what the ledger works with.
    """

    _desk: Desk

    def collect(
        self,
        stream: str,
        room: Room,
        drafts: Sequence[Draft],
        out: list[ClaimChange],
        happened: bool,
        connection: Any,
        *,
        opening: bool,
    ) -> list[str]:
        """Collect the claims that drafts take or release; return the kinds denied to what has already happened.

        Raises:
            VersionConflict: another writer opened the file of that account number after it was looked for here.
        """
        wanted = self.wanted(stream, room, drafts)
        taken = exclusive(wanted)
        holders = self._desk.store.holders(sorted(taken), connection) if taken else {}
        denied = settled(wanted, holders, out, happened, opening=opening)
        return [kind for kind, _ in denied]

    def wanted(self, stream: str, room: Room, drafts: Sequence[Draft]) -> list[Wanted]:
        """Return the claims that drafts take or release, each with the tag of its draft."""
        claimers = room.claimers
        return [
            (
                ClaimChange(c.kind, self._desk.sealing.token(c.kind, c.value), stream, c.policy, c.release),
                d.tag,
            )
            for d in drafts
            if type(d.event) in claimers
            for handler in claimers[type(d.event)]
            for c in handler(d.event)
        ]


def exclusive(wanted: Iterable[Wanted]) -> set[tuple[str, str]]:
    """Return the kinds and tokens of those claims that one stream alone may hold."""
    return {(c.kind, c.token) for c, _ in wanted if not c.release and c.policy != ADVISORY}


def settled(
    wanted: Sequence[Wanted],
    holders: Mapping[tuple[str, str], str],
    out: list[ClaimChange],
    happened: bool,
    *,
    opening: bool,
) -> list[tuple[str, Any]]:
    """Collect the claims that can be had; return the kinds that another stream holds, each with the tag that wants it.

    Args:
        wanted: claims to be taken or released, each with the tag of what wants it.
        holders: who holds them now, by kind and token.
        out: receives those that can be had.
        happened: whether what is told has already happened.
        opening: whether the stream is a customer file that nobody had opened when it was looked for.

    Raises:
        VersionConflict: a file was to be opened that another writer has opened since.
    """
    denied: list[tuple[str, Any]] = []
    for c, tag in wanted:
        holder = holders.get((c.kind, c.token))
        if c.release or c.policy == ADVISORY or holder in (None, c.stream):
            if not (holder == c.stream and not c.release):
                out.append(c)
        elif opening and c.kind == ACCOUNT:
            # Kept with a denied claim it would be a second file of that name, which nothing could find.
            raise VersionConflict(holder)
        elif happened:
            denied.append((c.kind, tag))
        else:
            raise Conflict(
                "identifier_taken",
                f"that {c.kind} is held by another file",
                zh=f"该标识（{c.kind}）已被其他档案占用",
                rule="CORE-95",
                held_by=holder,
            )
    return denied
