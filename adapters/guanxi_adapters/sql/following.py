"""Keeping read models level for as long as a process lives: one process of a tenant leads, the others stand by."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from guanxi.kernel.errors import StoreError, Unavailable
from guanxi.kernel.following import Follower, FollowState, Role
from guanxi.kernel.times import stamp
from guanxi_adapters.sql.errors import failure
from guanxi_adapters.sql.leases import BEAT, Contender, Leases
from guanxi_adapters.sql.subscriptions import PASSING, Backoff

if TYPE_CHECKING:
    from guanxi_adapters.sql.projector import SqlProjector

LEASE = "read_models"

_BREATH = 0.02
"""Seconds between two rounds, so that what is appended meanwhile is written in one transaction."""

_WITHOUT_NEWS = 5.0
"""Seconds after which the read models are looked after though nothing was appended: one may have been unparked or be half built."""

_RATE_OVER = 5.0


class _Interrupted(Exception):
    """The work was given up between two pages: it was stopped, or another process leads now."""


class Following:
    """One process's part in keeping a tenant's read models level.

    Args:
        projector: what does the work.
    """

    def __init__(self, projector: SqlProjector) -> None:
        store = projector.store
        self._projector, self._store, self._bell = projector, store, store.bell
        self._leases = Leases(store.database, store.tenant)
        models = "\n".join(sorted(f"{m.name} v{m.version}" for m in projector.models.values()))
        self._name = f"{LEASE}/{hashlib.sha256(models.encode()).hexdigest()[:8]}"

    def run(self, stop: threading.Event, on_change: Callable[[FollowState], None] | None = None) -> None:
        """Lead or stand by until told to stop.

        Args:
            stop: set by any thread to end it.
            on_change: called with every new state, in this thread.

        Raises:
            StoreError: the database refused for good. One that is away is waited for.
        """
        if self._store.database.read_only:
            raise failure("database_read_only", database=self._store.url)
        ear = self._bell.ear()
        contender = Contender(self._leases, self._name, self._bell, ear.ring)
        round_ = _Round(self._projector, self._leases, contender, stop, on_change)
        backoff = Backoff()
        try:
            with contender:
                while not stop.is_set():
                    try:
                        found = round_.go()
                    except _Interrupted:
                        continue
                    except Unavailable as error:
                        if error.code not in PASSING:
                            raise
                        round_.wait_for_database(error)
                        stop.wait(backoff.next())
                        continue
                    backoff.over()
                    stop.wait(_BREATH)
                    ear.wait(BEAT, found=found)
        finally:
            ear.close()


class _Round:
    """What is done again and again, and what is told about it."""

    def __init__(
        self,
        projector: SqlProjector,
        leases: Leases,
        contender: Contender,
        stop: threading.Event,
        on_change: Callable[[FollowState], None] | None,
    ) -> None:
        self._projector, self._leases, self._contender = projector, leases, contender
        self._stop, self._on_change = stop, on_change
        self._done_at: int | None = None
        self._looked_after = 0.0
        self._asked_after = 0.0
        self._steps = deque[tuple[float, int]]()
        self._told: FollowState | None = None

    def go(self) -> bool:
        """Bring the read models level if this process leads; return whether there was anything to do."""
        if not self._contender.leads:
            if self._contender.trouble is not None:
                raise self._contender.trouble
            self._stand_by()
            return False
        horizon, told = self._projector.store.horizon(), self._told
        if horizon != self._done_at or time.monotonic() > self._looked_after + _WITHOUT_NEWS:
            position = self._projector.catch_up(self._step)
            found = horizon != self._done_at
            self._looked_after, self._done_at = time.monotonic(), horizon
            self._tell("leading", position, position, self._contender.who, self._projector.standing()[1])
            return found
        if told is not None and told.rate and not self._rate(told.position):
            self._tell("leading", told.position, told.last, self._contender.who)
        return False

    def wait_for_database(self, error: Unavailable) -> None:
        """Say that the database is away."""
        told = self._told
        since = told.since if told is not None and told.since else stamp(datetime.now(UTC))
        position, last = (told.position, told.last) if told is not None else (0, 0)
        self._done_at, self._asked_after = None, 0.0
        self._steps.clear()
        self._tell("waiting", position, last, since=since, trouble=error)

    def _stand_by(self) -> None:
        now, name = time.monotonic(), self._contender.name
        self._done_at = None
        self._steps.clear()
        if now < self._asked_after + BEAT:
            return
        self._asked_after = now
        leader = next((lease.who for lease in self._leases.held() if lease.name == name), None)
        position, parked = self._projector.standing()
        last = max(self._projector.store.last_position(), position)
        self._tell("standing_by", position, last, leader, parked)

    def _step(self, position: int, last: int) -> None:
        """Tell how far it is, after each page; give up where somebody else goes on."""
        if self._stop.is_set() or not self._contender.leads:
            raise _Interrupted
        self._tell("leading", position, max(last, position), self._contender.who)

    def _rate(self, position: int) -> float:
        now = time.monotonic()
        steps = self._steps
        if not steps or position != steps[-1][1]:
            steps.append((now, position))
        while len(steps) > 1 and steps[1][0] < now - _RATE_OVER:
            steps.popleft()
        if len(steps) == 1 or steps[-1][0] < now - _RATE_OVER:
            return 0.0
        return round((steps[-1][1] - steps[0][1]) / max(now - steps[0][0], 0.001), 1)

    def _tell(
        self,
        role: Role,
        position: int,
        last: int,
        leader: str | None = None,
        parked: Mapping[str, int] | None = None,
        *,
        since: str | None = None,
        trouble: StoreError | None = None,
    ) -> None:
        """Tell a new state; which read models are parked stays as it was, if it is not given."""
        before = self._told.parked if self._told is not None else ()
        state = FollowState(
            role=role,
            position=position,
            last=last,
            rate=self._rate(position) if role == "leading" else 0.0,
            leader=leader,
            parked=before if parked is None else tuple(sorted(parked.items())),
            since=since,
            trouble=trouble,
        )
        if state != self._told:
            self._told = state
            if self._on_change is not None:
                self._on_change(state)


def followers(leases: Leases) -> list[Follower]:
    """Return who keeps a tenant's read models level and who stands by, the leading ones first in each group.

    Args:
        leases: the tenant's.
    """
    found = []
    for lease in leases.held():
        kind, _, rest = lease.name.partition("/")
        group, _, standby = rest.partition("/")
        if kind == LEASE:
            found.append(Follower(lease.who, not standby, lease.since, lease.until, group))
    return sorted(found, key=lambda f: (f.group, not f.leads, f.since))


__all__ = ["Following", "followers"]
