"""The ledger's own log as a recorder of the ``eventsourcing`` library, for whatever runs over its applications."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    StoredEvent,
    Subscription,
)

from guanxi.kernel.entries import GENESIS, Entry, Head, digest, shows_apart
from guanxi.kernel.ports import Append, StreamAppend, VersionConflict
from guanxi_adapters.sql.engine import Statement
from guanxi_adapters.sql.recorders import RecorderSubscription, as_persistence_errors
from guanxi_adapters.sql.statements import page_of

if TYPE_CHECKING:
    from guanxi_adapters.sql.log import SqlStore

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Entry).decode


class LogRecorder(ApplicationRecorder):
    """Reads and appends whole entries: the topic is the entry's name, the state a JSON array of all its columns.

    Args:
        store: the log.
    """

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self._compiled: dict[bool, Statement] = {}

    def insert_events(self, stored_events: Sequence[StoredEvent], **_kwargs: Any) -> Sequence[int]:
        """Append entries, each checked against its stream: version, predecessor's hash and own hash.

        Returns:
            Their positions, in the order given.

        Raises:
            IntegrityError: an entry doesn't follow what is stored, or isn't what its hash says. Nothing was stored.
        """
        entries = [_entry_of(event) for event in stored_events]
        order = sorted(range(len(entries)), key=lambda i: entries[i].stream)
        with as_persistence_errors():
            batch = self._batch([entries[i] for i in order])
            try:
                positions = self.store.append(batch)
            except VersionConflict as error:
                raise IntegrityError(f"another writer appended to {error.stream} first") from error
        given = dict(zip(order, positions, strict=True))
        return [given[i] for i in range(len(entries))]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return a stream's entries in order of version."""
        with as_persistence_errors():
            found = self.store.entries(str(originator_id))
        first = 0 if gt is None else gt
        chosen = [e for e in found if e.version > first and (lte is None or e.version <= lte)]
        if desc:
            chosen.reverse()
        return [StoredEvent(e.stream, e.version, e.name, _encode(e)) for e in chosen[:limit]]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return entries in order of position, from ``start`` to ``stop``, of the given names or of all."""
        first = 1 if start is None else start if inclusive_of_start else start + 1
        select = self._select(bool(topics))
        names = self.store.database.list_of(list(topics))
        with as_persistence_errors(), self.store.database.reading() as cursor:
            reached = self.store.reached(cursor)
            values = {
                "tenant": self.store.tenant,
                "after": first - 1,
                "horizon": reached if stop is None else min(stop, reached),
                "limit": limit,
                "names": names,
            }
            cursor.execute(select.sql, select(**values))
            found = map(Entry._make, cursor.fetchall())
            return [Notification(e.stream, e.version, e.name, _encode(e), e.position) for e in found]

    def max_notification_id(self) -> int | None:
        """Return the position of the last entry, or None when there is none."""
        with as_persistence_errors():
            return self.store.last_position() or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Return an endless iterator over entries with positions above ``gt``, which waits for new ones."""
        return RecorderSubscription(self, self.store.bell, gt, topics)

    def _select(self, topics: bool) -> Statement:
        if topics not in self._compiled:
            self._compiled[topics] = page_of(self.store.database, named=topics)
        return self._compiled[topics]

    def _batch(self, entries: Sequence[Entry]) -> Append:
        heads = self.store.heads({e.stream for e in entries})
        streams = []
        for stream, group in groupby(entries, key=lambda e: e.stream):
            mine = tuple(group)
            streams.append(self._stream_append(stream, mine, heads.get(stream)))
        return Append(self.store.tenant, tuple(streams))

    def _stream_append(self, stream: str, entries: tuple[Entry, ...], head: Head | None) -> StreamAppend:
        version, previous = (head.version, head.hash) if head else (0, GENESIS)
        recorded_at = head.recorded_at if head else ""
        for entry in entries:
            version += 1
            if entry.tenant != self.store.tenant:
                raise IntegrityError(
                    f"{entry.id} belongs to tenant {entry.tenant!r}, not {self.store.tenant!r}"
                )
            if entry.version != version:
                raise IntegrityError(f"{entry.id} was given where version {version} follows")
            if entry.previous_hash != previous or entry.hash != digest(entry):
                raise IntegrityError(f"{entry.id} breaks the chain of hashes")
            if entry.recorded_at < recorded_at:
                raise IntegrityError(f"{entry.id} was recorded before its predecessor")
            previous, recorded_at = entry.hash, entry.recorded_at
        # What falls due next is for the facets to say: with no one's judgement on it, the stream is judged anew.
        subject = head.subject if head else stream
        apart = next((e.recorded_at for e in entries if shows_apart(e.name, e.succeeds)), None)
        due, apart, rules = (
            (head.next_due, head.apart_since or apart, head.rules_known) if head else (None, apart, "")
        )
        after = Head(stream, subject, version, previous, recorded_at, due, "", apart, rules)
        return StreamAppend(stream, subject, version - len(entries), entries, after)


def _entry_of(event: StoredEvent) -> Entry:
    where = f"the state of {event.originator_id}/{event.originator_version}"
    try:
        entry = _decode(event.state)
    except msgspec.MsgspecError as error:
        raise IntegrityError(f"{where} is no entry: {error}") from error
    if (str(event.originator_id), event.originator_version, event.topic) != (
        entry.stream,
        entry.version,
        entry.name,
    ):
        raise IntegrityError(f"{where} is entry {entry.id} {entry.name}")
    return entry
