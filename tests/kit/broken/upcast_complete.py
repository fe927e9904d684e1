"""An upcaster that takes a field for granted which not every older entry has."""

from __future__ import annotations

from typing import Any

import attrs

from guanxi import Fact, Label, Upcaster, event
from guanxi.testing import Golden, GoldenEntry
from tests.kit.broken import sound


@event("tally.emptied", version=2)
class Emptied(Fact):
    item: str
    minutes: int


def _hours_to_minutes(fields: dict[str, Any]) -> dict[str, Any]:
    return {"item": fields["item"], "minutes": fields["hours"] * 60}


_AT = "2024-05-01T02:00:00.000000Z"

golden = Golden(
    "emptied.jsonl",
    (
        GoldenEntry("tally.emptied", 1, {"item": "A", "hours": 2}, _AT, _AT, _AT),
        GoldenEntry("tally.emptied", 1, {"item": "A"}, _AT, _AT, _AT),
    ),
)

parts = attrs.evolve(
    sound.parts,
    events=(*sound.parts.events, Emptied),
    upcasters=(Upcaster("tally.emptied", 1, _hours_to_minutes),),
    labels={**sound.LABELS, "tally.emptied": Label("emptied", "清空"), "minutes": Label("minutes", "分钟")},
)
