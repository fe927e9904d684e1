"""What a projector needs from the kernel: events of a page of entries, whole timelines, and who seals personal cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from guanxi.kernel.codec import Codec
from guanxi.kernel.entries import FoldRow, Passing
from guanxi.kernel.privacy import Sealing
from guanxi.kernel.timeline import Timelines
from guanxi.kernel.times import instant

Happening = tuple[Any, datetime]


class ProjectionSource:
    """Turns log pages and streams into what read models fold.

    Args:
        codec: decodes payloads.
        timelines: orders streams.
        sealer: seals personal cells of rows.
    """

    def __init__(self, codec: Codec, timelines: Timelines, sealer: Sealing) -> None:
        self.codec, self.timelines, self.sealer = codec, timelines, sealer

    def extend_or_remake(self, page: Sequence[Passing]) -> tuple[dict[str, list[Happening]], set[str]]:
        """Sort a page's streams into those whose rows can be extended and those whose rows must be made anew.

        Args:
            page: entries in order of position.

        Returns:
            Events with their moments by stream, in order; and the streams in which an entry came late or replaced another.
        """
        extend: dict[str, list[Happening]] = {}
        decode, readers, tz = self.codec.decode, self.codec.readers, self.timelines.tz
        remake = {e.stream for e in page if e.late or e.replaces or e.target or e.succeeds}
        for _, stream, version, name, schema_version, effective, _, _, _, _, payload in page:
            if stream in remake:
                continue
            reader = readers.get((name, schema_version))
            event = (
                decode(name, schema_version, payload, stream, version) if reader is None else reader(payload)
            )
            if event is not None:
                happening = (event, instant(effective, tz))
                if stream in extend:
                    extend[stream].append(happening)
                else:
                    extend[stream] = [happening]
        return extend, remake

    def timeline(self, stream: str, rows: Sequence[FoldRow]) -> list[Happening]:
        """Return a stream's whole timeline: every live event with its moment, in fold order."""
        tz = self.timelines.tz
        return [(item.event, item.at(tz)) for item in self.timelines.build(stream, rows)]
