"""Everybody who takes part, behind one face; here, or in a process of its own. What they import is what they need, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from benchmarks.peers.lanes import Span

OURS = "guanxi"
NATIVE = "eventsourcing"
OVER_SQLALCHEMY = "eventsourcing-sqlalchemy"
ASYNCHRONOUS = "eventsource-py"
BARE = "bare driver"

Stored = Sequence[Sequence[Any]]
"""Entries of a real log, each as its columns: what everybody appends, as much of it as they keep."""


class Peer(Protocol):
    """Does the work of a workload and says how long it took."""

    def settings(self) -> dict[str, str]:
        """Return the effective settings of a connection that writes."""
        ...

    def append(self, writers: int, saves: int, per_save: int, at: float | None = None) -> Span:
        """Append so many saves, shared among writers, each to a stream of its own; at a moment of the machine's clock if given."""
        ...

    def bulk(self, streams: int, length: int) -> Span:
        """Append so many new streams of that length in one transaction."""
        ...

    def fill(self, kind: str, events: int, times: int = 1) -> str:
        """Store so many members, or counters, of that many events; return the last one's id."""
        ...

    def load(self, key: str) -> Span:
        """Bring a member or counter back to its state."""
        ...

    def log(self, page: int) -> Span:
        """Read the whole log in pages, decoded."""
        ...

    def close(self) -> None:
        """Release every connection."""
        ...


def opened(name: str, url: str, entries: Stored) -> Peer:
    """Open a peer over a database.

    Args:
        name: which.
        url: where, as SQLAlchemy writes it, without a driver.
        entries: what it appends.
    """
    if name == OURS:
        from benchmarks.peers.ledger import LedgerPeer

        return LedgerPeer.over(url, entries)
    if name == BARE:
        from benchmarks.peers.bare import over

        return over(url, entries)
    if name == ASYNCHRONOUS:
        from benchmarks.peers.asynchronous import AsynchronousPeer

        return AsynchronousPeer(url, entries)
    from benchmarks.peers.library import LibraryPeer

    return LibraryPeer(url, entries, over_sqlalchemy=name == OVER_SQLALCHEMY)
