"""A reaction that asks what year it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from guanxi import Decision, Now
from tests.kit.broken import sound
from tests.kit.broken.sound import Tally, WeekOver, Weighed


def _this_year() -> int:
    return datetime.now(UTC).year


def weigh(s: Tally, d: WeekOver, now: Now) -> Iterator[Decision]:
    yield Weighed(item=d.item, total=0, mark=_this_year())


parts = sound.tally(weigh=weigh)
