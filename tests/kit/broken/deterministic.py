"""A reaction whose outcome depends on the order in which a set is gone through."""

from __future__ import annotations

from collections.abc import Iterator

from guanxi import Decision, Now
from tests.kit.broken import sound
from tests.kit.broken.sound import Tally, WeekOver, Weighed


def weigh(s: Tally, d: WeekOver, now: Now) -> Iterator[Decision]:
    items = sorted(s.totals, key=hash)
    yield Weighed(item=d.item, total=s.totals.get(items[0], 0) if items else 0, mark=items.index(d.item))


parts = sound.tally(weigh=weigh)
