"""Following the log entry by entry: every one exactly once and in order, waiting for those that are not there yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from guanxi.kernel.entries import Entry
from guanxi.kernel.errors import Invalid, Unavailable
from guanxi.kernel.times import stamp
from guanxi_adapters.sql.statements import page_of

if TYPE_CHECKING:
    from guanxi_adapters.sql.log import SqlStore

PASSING = frozenset(
    {
        "commit_unknown",
        "connection_lost",
        "database_locked",
        "database_unreachable",
        "disk_full",
        "out_of_memory",
        "pool_exhausted",
        "serialization_failure",
        "statement_timeout",
        "too_many_connections",
    }
)
"""Codes of what whoever follows the log waits for to pass; anything else needs somebody to mend it, and is raised."""

_AGAIN_SOONEST, _AGAIN_LATEST = 0.1, 5.0

_entry: Any = partial(tuple.__new__, Entry)


class Backoff:
    """How long to wait for something that doesn't answer: longer each time, until it does."""

    def __init__(self) -> None:
        self._pause = _AGAIN_SOONEST

    def next(self) -> float:
        """Return the seconds to wait now."""
        pause = self._pause
        self._pause = min(pause * 2, _AGAIN_LATEST)
        return pause

    def over(self) -> None:
        """Begin anew: there was an answer."""
        self._pause = _AGAIN_SOONEST


class LogSubscription:
    """The entries of a log behind a position, in order, without end; see ``guanxi.kernel.ports.EntrySubscription``.

    One page is held at a time. A server that is away is waited for; meanwhile ``waiting_since`` and ``trouble`` say so.

    Args:
        store: the log.
        after: position behind which to begin.
        names: give only entries of these event names; all, if there are none.
        page: entries read at once.

    Raises:
        Invalid: ``out_of_scale`` for a page without entries, or a position below 0; ``no_such_position`` for one that the
            log has not reached.
    """

    def __init__(
        self, store: SqlStore, after: int = 0, names: Sequence[str] = (), *, page: int = 500
    ) -> None:
        if page < 1 or after < 0:
            raise Invalid(
                "out_of_scale",
                f"a subscription after position {after} in pages of {page} entries gives nothing",
                zh=f"自位置 {after} 之后、每页 {page} 条的订阅没有意义",
                accepts="a position from 0 on, and pages of 1 or more",
            )
        if after > (given := store.last_given()):
            raise Invalid(
                "no_such_position",
                f"the log has given positions up to {given}; {after} is none of them",
                zh=f"日志分配的位置至 {given} 为止；其中没有 {after}",
                accepts="a position of this database; after a restore, whoever kept one of the old database begins anew",
            )
        self.waiting_since: str | None = None
        self.trouble: Unavailable | None = None
        self._store, self._after, self._limit = store, after, page
        self._names = [names] if isinstance(names, str) else list(names)
        self._read: deque[Entry] = deque()
        self._ear, self._backoff = store.bell.ear(), Backoff()
        self._select = page_of(store.database, named=bool(self._names))

    @property
    def position(self) -> int:
        """Up to where the log was given out; once the last entry is dealt with, the place to go on behind another time."""
        return self._read[0].position - 1 if self._read else self._after

    @property
    def closed(self) -> bool:
        """Whether it was ended."""
        return self._ear.closed

    def close(self) -> None:
        """End it, also while another thread waits for the next entry."""
        self._ear.close()

    def __enter__(self) -> LogSubscription:
        """Return it; it is closed in the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> LogSubscription:
        """Return it."""
        return self

    def __next__(self) -> Entry:
        """Return the next entry, waiting for it.

        Raises:
            StopIteration: it was closed.
            StoreError: the database refused for good.
        """
        while not self._ear.closed:
            if self._read:
                return self._read.popleft()
            before = self._after
            try:
                self._look()
            except Unavailable as error:
                if error.code not in PASSING:
                    raise
                self.trouble = error
                self.waiting_since = self.waiting_since or stamp(datetime.now(UTC))
                self._ear.wait(self._backoff.next())
                continue
            self.waiting_since = self.trouble = None
            self._backoff.over()
            if not self._read:
                self._ear.wait(found=self._after > before)
        raise StopIteration

    def _look(self) -> None:
        """Read a page, up to where nothing will ever appear any more.

        Where appends are registered that is the last entry, not the horizon: what lies between was given to appends that
        were rolled back, and a server that crashes may give it again.
        """
        store = self._store
        reached = store.last_position() if store.capabilities.advisory_locks else store.horizon()
        if reached <= self._after:
            return
        select, names = self._select, self._store.database.list_of(self._names)
        values = {"tenant": self._store.tenant, "after": self._after, "horizon": reached, "names": names}
        with self._store.database.reading() as cursor:
            cursor.execute(select.sql, select(**values, limit=self._limit))
            self._read.extend(map(_entry, cursor.fetchall()))
        self._after = self._read[-1].position if len(self._read) == self._limit else reached
