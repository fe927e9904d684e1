"""A small town of synthetic customers and a year of their relationships: what was recorded, a few reports, one whole view.

Run by ``make demo-relationship``. Everything it makes lies in ``build/demo-relationship``, which each run makes anew.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import guanxi
from guanxi import Ledger
from guanxi.testing.population import Population, live

OUT = Path(__file__).resolve().parents[2] / "build" / "demo-relationship"
CUSTOMERS, SEED = 200, 2025
REPORTS = (
    "core.base_movement",
    "core.satisfaction",
    "core.promise_rate",
    "core.collection",
    "core.classes_in_force",
)
SHOWN_ROWS = 8


def main() -> int:
    """Tell the story; return 0 if the log verifies clean."""
    started = time.monotonic()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    population = Population(seed=SEED, customers=CUSTOMERS)
    with closing(guanxi.open(f"sqlite:///{OUT / 'town.db'}", plugins=[])) as ledger:
        title(f"A town of {CUSTOMERS} synthetic customers lives through {population.months} months")
        tally = live(ledger, population)
        note(f"{tally.told:,} things were told, {tally.accepted:,} of them taken in.")
        for (what, code), count in sorted(tally.refused.items()):
            note(f"  refused: {count} × {what} ({code})")
        note(
            f"{sum(tally.flagged.values())} broke a rule, had happened all the same, and were kept and flagged."
        )
        recorded(ledger)
        reports(ledger)
        whole_view(ledger, population)
        title("Nothing of it can be changed unseen")
        found = guanxi.verify(ledger.store)
        note(
            f"{found.entries:,} entries in {found.streams:,} streams: {'clean' if found.clean else 'not clean'}."
        )
    note(f"\n{time.monotonic() - started:.0f} s. The database stays in {OUT.relative_to(OUT.parents[1])}.")
    return 0 if found.clean else 1


def recorded(ledger: Ledger) -> None:
    """Say what the log holds most of."""
    title("What was recorded")
    counted: Counter[str] = Counter()
    position = 0
    while page := ledger.store.page(position, 2_000):
        counted.update(e.name for e in page)
        position = page[-1].position
    note(f"{counted.total():,} entries of {len(counted)} kinds; the most frequent:")
    for name, count in counted.most_common(12):
        label = ledger.labels.get(name)
        note(f"  {count:>6,}  {label.zh if label else name}  {label.en if label else ''}")


def reports(ledger: Ledger) -> None:
    """Print the first rows of a few reports."""
    for name in REPORTS:
        result = ledger.report(name)
        title(f"{result.report.title.zh} / {result.report.title.en}: {len(result.rows)} rows")
        for row in result.rows[:SHOWN_ROWS]:
            cells = zip(result.columns, row, strict=True)
            note("  " + ", ".join(f"{c.label.zh} {shown(cell)}" for c, cell in cells if cell is not None))


def whole_view(ledger: Ledger, population: Population) -> None:
    """Print one customer's whole view."""
    customer = next(
        c for c in map(population.customer, range(CUSTOMERS)) if c.party == "organisation" and not c.prospect
    )
    title(f"Everything about {customer.account} {customer.name}")
    view = ledger.whole_view(customer.account)
    for section in view.sections:
        if section.rows:
            note(f"  {section.title.zh} / {section.title.en}: {len(section.rows)}")
            for row in section.rows[:2]:
                note("    " + ", ".join(shown(cell) for cell in row if cell is not None))
    note(f"  待办 / due: {len(view.due)}")


def shown(cell: Any) -> str:
    """Return a cell as text."""
    return f"{cell:%Y-%m-%d %H:%M}" if isinstance(cell, datetime) else str(cell)


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n== {text}")


def note(text: str) -> None:
    """Print a line."""
    print(text)


if __name__ == "__main__":
    sys.exit(main())
