"""A reaction that stores who happened to enter its ground."""

from __future__ import annotations

from collections.abc import Iterator

from guanxi import Decision, Now
from tests.kit.broken import sound
from tests.kit.broken.sound import Counted, Tally, Weighed


def fill(s: Tally, e: Counted, now: Now) -> Iterator[Decision]:
    yield Weighed(item=e.item, total=s.totals[e.item], mark=len(now.actor))


parts = sound.tally(fill=fill)
