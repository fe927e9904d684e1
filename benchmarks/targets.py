"""What the store is meant to reach, and whether a run reached it. Words, never an exit code: figures are a machine's."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable

import attrs

from benchmarks.measuring import Result
from benchmarks.peers import NATIVE, OURS
from benchmarks.places import POSTGRES, SQLITE

MET, MISSED, UNMEASURED = "met", "missed", "not measured"
BARE = {SQLITE: "sqlite3", POSTGRES: "psycopg"}


@attrs.frozen
class Target:
    """One target on one kind of database.

    Args:
        said: the target in words.
        database: where.
        workload: whose contests.
        begins: what the contest's name begins with.
        least: the least that meets it; None where there is a most.
        most: the most that meets it.
        peer: whom it is compared with; None for an absolute figure.
    """

    said: str
    database: str
    workload: str
    begins: str
    least: float | None = None
    most: float | None = None
    peer: str | None = None

    def measured(self, results: Iterable[Result]) -> float | None:
        """Return the median of the run, the worst of all contests that it speaks of; None if there was none."""
        found = [
            self._figure(r)
            for r in results
            if (r.contest.database, r.contest.workload) == (self.database, self.workload)
            and r.contest.name.startswith(self.begins)
            and (self.peer is None or self.peer in r.turns)
        ]
        if not found:
            return None
        return min(found) if self.most is None else max(found)

    def verdict(self, figure: float | None) -> str:
        """Return whether a figure meets it, in a word."""
        if figure is None:
            return UNMEASURED
        enough = (self.least is None or figure >= self.least) and (self.most is None or figure <= self.most)
        return MET if enough else MISSED

    def _figure(self, result: Result) -> float:
        if self.peer is not None:
            return statistics.median(result.rounds_as_fast(OURS, self.peer))
        return statistics.median(result.figures(OURS))


def _on_both(make: Callable[[str], Target]) -> list[Target]:
    return [make(SQLITE), make(POSTGRES)]


TARGETS = [
    Target("single appends ≥ 1 × the native store", SQLITE, "append", "1 entry a save, 1 writer", 1, peer=NATIVE),
    Target("single appends ≥ 2 × the native store", POSTGRES, "append", "1 entry a save, 1 writer", 2, peer=NATIVE),
    Target("the same with 6 writers ≥ 4 ×", POSTGRES, "append", "1 entry a save, 6 writers", 4, peer=NATIVE),
    *_on_both(lambda d: Target("bulk ≥ 50 % of the bare driver", d, "bulk", "9,000 entries", 0.5, peer=BARE[d])),
    *_on_both(lambda d: Target("a stream of 10,000 loads in ≤ 100 ms", d, "load", "retail, 10,", most=100)),
    *_on_both(lambda d: Target("one read model ≥ 60,000 entries/s", d, "project", "1 read model", 60_000)),
    *_on_both(lambda d: Target("ten at once over two workers ≥ 100,000 entries/s", d, "rebuild", "10 read", 100_000)),
]  # fmt: skip
