"""What the parts of a ledger share: the backend, the desk they work at, and the names and refusals common to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, TypeVar
from zoneinfo import ZoneInfo

import attrs

from guanxi.kernel.codec import Codec
from guanxi.kernel.errors import Conflict, Unknown
from guanxi.kernel.house import House
from guanxi.kernel.ports import ClaimTaken, Clock, CommandSeen, Keyring, Store, VersionConflict
from guanxi.kernel.privacy import Sealing
from guanxi.kernel.registry import Registry
from guanxi.kernel.timeline import Timelines
from guanxi.kernel.times import stamp

if TYPE_CHECKING:
    from guanxi.kernel.plugins import Installed

T = TypeVar("T")

RULES_STREAM = "rules"
RULES_SUBJECT = "rules"
CUSTOMER = "customer"
ATTEMPTS = 12
TOO_MANY_WRITERS = "too_many_writers"
SYSTEM = "system"

told_stamp = lru_cache(maxsize=4_096)(stamp)
"""Stamps of tellings: those of a batch share their moments, and each asks for its own five times."""


@attrs.frozen
class Backend:
    """What an adapter hands to the kernel: a store with its keyring, a clock, and a source of opaque ids.

    ``pause`` waits a little, longer with each attempt, after another writer was met.
    """

    store: Store
    keyring: Keyring
    clock: Clock
    new_id: Callable[[], str]
    pause: Callable[[int], None] = lambda attempt: None


class Keeper(Protocol):
    """Who holds the store and the clock; both may be exchanged at run time."""

    store: Store
    clock: Clock
    installed: tuple[Installed, ...]


@attrs.frozen(eq=False)
class Desk:
    """What a ledger's parts work with; the store and the clock are the keeper's of this very moment."""

    keeper: Keeper
    backend: Backend
    sealing: Sealing
    codec: Codec
    registry: Registry
    house: House
    timelines: Timelines
    tz: ZoneInfo
    owners: Mapping[str, tuple[str, str]]

    @property
    def store(self) -> Store:
        """The keeper's store."""
        return self.keeper.store

    def now(self) -> datetime:
        """Return what the keeper's clock shows."""
        return self.keeper.clock()

    def repeated(self, attempt: Callable[[], T]) -> T:
        """Return what an attempt comes to; made again after a pause, longer each time, where another writer was met.

        Raises:
            Conflict: ``too_many_writers`` when each of them met one.
        """
        for n in range(ATTEMPTS):
            try:
                return attempt()
            except (VersionConflict, ClaimTaken, CommandSeen):
                self.backend.pause(n)
        raise Conflict(
            TOO_MANY_WRITERS,
            f"{ATTEMPTS} attempts met other writers each time",
            zh=f"连续 {ATTEMPTS} 次与其他写入者冲突",
            accepts="the same again, a little later",
        )


def unknown_customer(subject: str) -> Unknown:
    """Return the refusal of what names no customer file."""
    return Unknown(
        "unknown_relationship",
        f"there is no customer file {subject}",
        zh=f"没有客户档案 {subject}",
        rule="CORE-IN-g",
        accepts="an account number that was opened",
    )
