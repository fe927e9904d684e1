"""The ledger's store, appended to as the kernel appends: entries chained and hashed, then ``append``."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from benchmarks.peers import Stored
from benchmarks.peers.lanes import Span, side_by_side, timed
from guanxi.kernel.entries import Entry, Head, seal_chain
from guanxi.kernel.ports import Append, Store, StreamAppend
from guanxi_adapters.sql import open_store


class LedgerPeer:
    """One store, shared by all writers.

    Args:
        store: the log.
        entries: what is appended.
    """

    def __init__(self, store: Store, entries: Stored) -> None:
        self.store = store
        self._entries = [Entry(*e) for e in entries]

    @classmethod
    def over(cls, url: str, entries: Stored) -> LedgerPeer:
        """Open the log of a ledger that is there."""
        return cls(open_store(url, create=False), entries)

    def settings(self) -> dict[str, str]:
        """Return the effective settings of a connection that writes."""
        return dict(self.store.settings())

    def append(self, writers: int, saves: int, per_save: int, at: float | None = None) -> Span:
        """Append to new streams; see ``benchmarks.peers.Peer``."""
        return side_by_side([_Lane(self.store, self._entries) for _ in range(writers)], saves, per_save, at)

    def bulk(self, streams: int, length: int) -> Span:
        """Append many streams in one transaction."""
        made = [unchained(name, length, self._entries) for name in names(streams)]
        return timed(
            streams * length, lambda: self.store.append(Append(self.store.tenant, tuple(map(chained, made))))
        )

    def close(self) -> None:
        """Release every connection."""
        self.store.close()


class _Lane:
    def __init__(self, store: Store, entries: Sequence[Entry]) -> None:
        self._store, self._entries, self._previous = store, entries, ""

    def prepare(self, saves: int, per_save: int) -> list[list[Entry]]:
        (name,) = names(1)
        made = unchained(name, saves * per_save, self._entries)
        return [made[i : i + per_save] for i in range(0, len(made), per_save)]

    def save(self, prepared: list[Entry]) -> None:
        append = chained(prepared, self._previous)
        self._previous = append.head.hash
        self._store.append(Append(self._store.tenant, (append,)))


def names(count: int) -> list[str]:
    """Return names of new streams, in order."""
    return sorted(uuid4().hex for _ in range(count))


def unchained(stream: str, count: int, of: Sequence[Entry], **more: Any) -> list[Entry]:
    """Return a stream's first entries, with the content of others in turn and no hash yet.

    Args:
        stream: whose.
        count: how many.
        of: the others.
        more: what they have in common beside the stream.
    """
    changed: dict[str, Any] = {"stream": stream, "hash": "", "previous_hash": "", **more}
    pairs = zip(range(1, count + 1), itertools.cycle(of), strict=False)
    return [e._replace(version=version, **changed) for version, e in pairs]


def chained(entries: Sequence[Entry], previous: str = "") -> StreamAppend:
    """Return entries of one stream chained to their predecessor, as they are appended."""
    made: list[Entry] = []
    for entry in entries:
        sealed = seal_chain(entry, previous)
        previous = sealed.hash
        made.append(sealed)
    first, last = made[0], made[-1]
    head = Head(last.stream, "customer", last.version, previous, last.recorded_at, None, "")
    return StreamAppend(last.stream, "customer", first.version - 1, tuple(made), head)
