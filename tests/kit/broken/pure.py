"""A reaction that counts how often it was asked, in the state."""

from __future__ import annotations

from collections.abc import Iterator

from guanxi import Decision, Now
from tests.kit.broken import sound
from tests.kit.broken.sound import Counted, Tally


def fill(s: Tally, e: Counted, now: Now) -> Iterator[Decision]:
    s.asked += 1
    yield from sound.fill(s, e, now)


parts = sound.tally(fill=fill)
