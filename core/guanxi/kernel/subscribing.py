"""Following the log event by event: what hosts do with what happened, as it happens."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from guanxi.kernel.entries import Entry
from guanxi.kernel.errors import StoreError
from guanxi.kernel.recording import Recorded

if TYPE_CHECKING:
    from guanxi.kernel.ports import EntrySubscription


class Subscription:
    """What is recorded behind a position, in order and without end: an iterator that waits; made by ``Ledger.subscribe``.

    Each entry comes once, when nothing can be recorded before it any more. One thread iterates, any may close. A database
    that is away is waited for, and the iteration goes on where it was.

    Args:
        entries: the entries as stored.
        recorded: what reads one of them.
    """

    def __init__(self, entries: EntrySubscription, recorded: Callable[[Entry], Recorded]) -> None:
        self._entries, self._recorded = entries, recorded

    @property
    def position(self) -> int:
        """Up to where the log was given out; once the last event is dealt with, the place to go on behind another time."""
        return self._entries.position

    @property
    def waiting_since(self) -> str | None:
        """Stamp from which on the database is waited for; None while it answers."""
        return self._entries.waiting_since

    @property
    def trouble(self) -> StoreError | None:
        """What the database says, while it is waited for."""
        return self._entries.trouble

    def close(self) -> None:
        """End it, also while another thread waits for the next event."""
        self._entries.close()

    def __enter__(self) -> Subscription:
        """Return it; it is closed in the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Subscription:
        """Return it."""
        return self

    def __next__(self) -> Recorded:
        """Return the next entry with its event, waiting for it.

        Raises:
            StopIteration: the subscription was closed.
            StoreError: the database refused for good.
        """
        return self._recorded(next(self._entries))


__all__ = ["Subscription"]
