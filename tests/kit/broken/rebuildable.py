"""A read model that remembers outside of its rows what it has seen."""

from __future__ import annotations

from datetime import datetime

from guanxi import Rows
from tests.kit.broken import sound
from tests.kit.broken.sound import Counted, ItemRow

_SEEN: dict[tuple[str, str], int] = {}


def counted(rows: Rows[ItemRow], e: Counted, at: datetime) -> None:
    place = (rows.stream, e.item)
    _SEEN[place] = _SEEN.get(place, 0) + e.n
    rows[e.item].total = _SEEN[place]


parts = sound.tally(counted=counted)
