"""What keeping read models level for as long as a process lives tells: who does it, who stands by, and how far it has come."""

from __future__ import annotations

from typing import Literal

import attrs

from guanxi.kernel.errors import StoreError

Role = Literal["leading", "standing_by", "waiting"]
"""What a following process does; it waits while the database is away."""


@attrs.frozen
class Follower:
    """A process that keeps a tenant's read models level, or stands by to.

    Args:
        who: user, machine and process id.
        leads: whether it does the work; else it takes over when the leading one leaves or dies.
        since: stamp from which on it does.
        until: stamp until which it holds its place without a further sign of life.
        group: which read models it keeps: programs with other plugins, or other versions of them, have another leader.
    """

    who: str
    leads: bool
    since: str
    until: str
    group: str


@attrs.frozen
class FollowState:
    """What one following process does at a moment.

    Args:
        role: what it does.
        position: up to which entry all read models are, but for parked ones.
        last: the last position that may be read.
        rate: entries taken in per second, over the last seconds.
        leader: who leads, if that is known.
        parked: read models that stopped at an entry, with its position; the others go on.
        since: stamp from which on it is waited for the database.
        trouble: what the database says, while it is waited for.
    """

    role: Role
    position: int
    last: int
    rate: float = 0.0
    leader: str | None = None
    parked: tuple[tuple[str, int], ...] = ()
    since: str | None = None
    trouble: StoreError | None = attrs.field(default=None, eq=False)

    @property
    def lag(self) -> int:
        """How many positions the read models are behind."""
        return max(0, self.last - self.position)
