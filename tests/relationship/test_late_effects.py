"""The rules' table of what late entries do to decisions says what the core's decisions declare."""

from __future__ import annotations

import re
from pathlib import Path

import guanxi
from guanxi.kernel.messages import Decision
from guanxi.relationship.service.events import ONCE_DRAWN_STANDS

TABLE = Path(__file__).parents[2] / "docs" / "rules" / "core.md"
WORDS = {
    "revise": "revise",
    "from now": "from_now",
    "would differ": "would_differ",
    "once drawn": "once_drawn",
}


def _documented() -> dict[str, str]:
    text = TABLE.read_text(encoding="utf-8").partition(
        "| decision | key, besides rule and file | late entry |"
    )[2]
    found: dict[str, str] = {}
    for line in text.partition("\n\n")[0].splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        word = next(word for start, word in WORDS.items() if cells[2].startswith(start))
        found |= dict.fromkeys(re.findall(r"`([A-Z]\w+)`", cells[0]), word)
    return found


def test_every_decision_of_the_core_stands_in_the_table_with_the_late_effect_that_it_declares() -> None:
    with guanxi.open("sqlite://", plugins=[]) as ledger:
        events = next(parts for parts in ledger.parts if parts.name == "core").events
    declared = {
        event.__name__: "once_drawn" if event.late_effect is ONCE_DRAWN_STANDS else event.late_effect.name
        for event in events
        if issubclass(event, Decision) and not event.__name__.startswith("Decision")
    }
    documented = _documented()
    assert documented.pop("RunClosed") == "would_differ"  # a run's record, not a decision of one file
    assert documented == declared
