"""A read model that sums the rows it finds in memory, as if these were all."""

from __future__ import annotations

from datetime import datetime

from guanxi import Rows
from tests.kit.broken import sound
from tests.kit.broken.sound import Counted, ItemRow


def counted(rows: Rows[ItemRow], e: Counted, at: datetime) -> None:
    row = rows[e.item]
    row.total += e.n
    row.times = sum(r.total for r in rows.values())


parts = sound.tally(counted=counted)
