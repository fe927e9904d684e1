"""Takes the time: peers take turns within each round, so that whatever else the machine does meets all alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from benchmarks.peers import OURS


@attrs.frozen
class Turn:
    """What one turn of a contender came to: how many units of work, in how many seconds."""

    units: int
    seconds: float


class Stopwatch:
    """Runs while its block does."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - begun


@attrs.frozen
class Contender:
    """One way of doing a piece of work.

    Args:
        name: who does it.
        work: does it once; its block under the stopwatch counts. Returns the units done.
    """

    name: str
    work: Callable[[Stopwatch], int]

    def turn(self) -> Turn:
        """Do the work once, from a clean slate as far as Python's collector goes."""
        gc.collect()
        watch = Stopwatch()
        units = self.work(watch)
        return Turn(units, watch.seconds)


@attrs.frozen
class Contest:
    """The same work done by several contenders, ours first.

    Args:
        workload: what ``--only`` asks for.
        name: this contest among those of its workload.
        unit: what is counted.
        contenders: who takes part.
        per_unit: whether figures are units per second; milliseconds per turn otherwise.
        database: on which kind of database.
    """

    workload: str
    name: str
    unit: str
    contenders: Sequence[Contender]
    per_unit: bool = True
    database: str = ""

    def run(self, rounds: int) -> Result:
        """Let everybody have one turn that doesn't count, then one in each round, in changing order."""
        for contender in self.contenders:
            contender.turn()
        turns: dict[str, list[Turn]] = {c.name: [] for c in self.contenders}
        for n in range(rounds):
            start = n % len(self.contenders)
            for contender in (*self.contenders[start:], *self.contenders[:start]):
                turns[contender.name].append(contender.turn())
        return Result(self, turns)


@attrs.frozen
class Result:
    """The turns of one contest."""

    contest: Contest
    turns: dict[str, list[Turn]]

    def figures(self, name: str) -> list[float]:
        """Return a contender's figures, round by round: units per second, or milliseconds per turn."""
        if self.contest.per_unit:
            return [t.units / t.seconds for t in self.turns[name]]
        return [t.seconds * 1000 for t in self.turns[name]]

    def rounds_as_fast(self, ours: str, peer: str) -> list[float]:
        """Return how many times as fast as a peer we were, a unit of work for a unit of work, round by round."""
        pairs = zip(self.turns[ours], self.turns[peer], strict=True)
        return [(p.seconds / p.units) / (o.seconds / o.units) for o, p in pairs]

    def as_json(self) -> dict[str, Any]:
        """Return everything measured."""
        ours, *peers = [c.name for c in self.contest.contenders]
        return {
            "database": self.contest.database,
            "workload": self.contest.workload,
            "contest": self.contest.name,
            "unit": self.contest.unit if self.contest.per_unit else "ms",
            "times_as_fast": {peer: self.rounds_as_fast(ours, peer) for peer in peers},
            "figures": {name: self.figures(name) for name in self.turns},
            "units": {name: [t.units for t in turns] for name, turns in self.turns.items()},
        }


def read(found: Iterable[dict[str, Any]]) -> list[Result]:
    """Return results as ``Result.as_json`` wrote them; of the same contest, the last."""
    results: dict[tuple[str, str, str], Result] = {}
    for each in found:
        per_unit = each["unit"] != "ms"
        turns = {
            who: [
                Turn(units, units / figure if per_unit else figure / 1000)
                for units, figure in zip(each["units"][who], figures, strict=True)
            ]
            for who, figures in each["figures"].items()
        }
        order = [OURS, *each["times_as_fast"]]
        contest = Contest(
            each["workload"],
            each["contest"],
            each["unit"],
            [Contender(who, _done_before) for who in order],
            per_unit,
            each["database"],
        )
        results[each["database"], each["workload"], each["contest"]] = Result(contest, turns)
    return list(results.values())


def _done_before(_watch: Stopwatch) -> int:
    raise RuntimeError("this was measured in another run")


def spread(figures: Iterable[float]) -> tuple[float, float, float]:
    """Return least, median and greatest."""
    found = sorted(figures)
    return found[0], statistics.median(found), found[-1]
