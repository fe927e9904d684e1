"""A fold that takes for granted that a personal value is still there."""

from __future__ import annotations

from tests.kit.broken import sound
from tests.kit.broken.sound import Counted, Filled, Tally, Weighed


def evolve(s: Tally, e: Counted | Filled | Weighed) -> None:
    sound.evolve(s, e)
    if isinstance(e, Counted) and e.by is not None:
        s.asked = len(e.by.upper())  # type: ignore[union-attr]


parts = sound.tally(evolve=evolve)
