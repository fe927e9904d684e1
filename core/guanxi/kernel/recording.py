"""The door to the ``eventsourcing`` library: its mapper and repository over our log, so that what runs over an Application runs here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import attrs
import msgspec
from eventsourcing.application import Repository
from eventsourcing.persistence import EventStore, Mapper, StoredEvent

from guanxi.kernel.codec import Codec
from guanxi.kernel.entries import COLUMNS, Entry
from guanxi.kernel.errors import Refusal
from guanxi.kernel.messages import Event
from guanxi.kernel.times import instant

if TYPE_CHECKING:
    from guanxi.kernel.judging import Judgement


@attrs.frozen
class Recorded:
    """An entry as the ``eventsourcing`` library's consumers see it.

    Args:
        originator_id: the stream.
        originator_version: the version in it.
        timestamp: when it was recorded.
        entry: the stored entry.
        event: the decoded event; None when no installed plugin reads it.
    """

    originator_id: str
    originator_version: int
    timestamp: datetime
    entry: Entry
    event: Event | None


class EntryMapper(Mapper[str]):
    """Maps entries to stored events: the topic is the stable event name, the state the entry's columns as JSON."""

    def __init__(self, codec: Codec, tz: ZoneInfo) -> None:
        self.codec, self.tz = codec, tz

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """Return the stored form of a recorded entry."""
        entry: Entry = domain_event.entry
        return StoredEvent(
            originator_id=entry.stream,
            originator_version=entry.version,
            topic=entry.name,
            state=msgspec.json.encode(list(entry)),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Return the recorded entry behind a stored event."""
        columns = msgspec.json.decode(stored_event.state)
        return self.recorded(Entry._make(columns[: len(COLUMNS)]))

    def recorded(self, entry: Entry) -> Recorded:
        """Return an entry with its event."""
        event = self.codec.decode(
            entry.name, entry.schema_version, entry.payload, entry.stream, entry.version
        )
        return Recorded(entry.stream, entry.version, instant(entry.recorded_at, self.tz), entry, event)


class RelationshipRepository(Repository[str]):
    """Gives relationships as they are now, judged, instead of aggregates that mutate themselves."""

    def __init__(self, event_store: EventStore[str], get: Callable[[str], Judgement]) -> None:
        super().__init__(event_store)
        self._get = get

    def get(self, aggregate_id: str, **_: Any) -> Any:
        """Return the judged states of a stream.

        Raises:
            Unknown: there is no such stream.
        """
        return self._get(aggregate_id)

    def __contains__(self, item: object) -> bool:
        try:
            self._get(str(item))
        except Refusal:
            return False
        return True
