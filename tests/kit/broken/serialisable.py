"""An event that takes any value, and is given one whose type nobody can tell from what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

from guanxi import Fact, Label, Now, event
from tests.kit.broken import sound
from tests.kit.broken.sound import Count, Tally


@event("tally.priced")
class Priced(Fact):
    item: str
    price: Any


def decide(s: Tally, c: Count, now: Now) -> Iterator[Fact]:
    yield from sound.decide(s, c, now)
    yield Priced(item=c.item, price=Decimal(c.n) / 8)


parts = attrs.evolve(
    sound.tally(decide=decide),
    events=(*sound.parts.events, Priced),
    labels={**sound.LABELS, "tally.priced": Label("priced", "定价"), "price": Label("price", "价格")},
)
