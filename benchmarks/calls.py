"""``python -m benchmarks calls``: how long a pop-up takes on an incoming call, its access entry included, as the files grow."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs

import guanxi
from benchmarks import reporting
from guanxi import Ledger, OpenFile, Telling
from guanxi.kernel.access import let_in
from guanxi.relationship.access.calls import answer_call
from guanxi.relationship.access.commands import EnrolStaff, EstablishPost, SetLevel, TakePost
from guanxi.relationship.access.rules import AccessRules
from guanxi.relationship.access.streams import post_stream, staff_stream
from guanxi.relationship.file.commands import Contact

SIZES = (10_000, 100_000)
AT_ONCE = 5_000
AGENTS = 50
WARMING_UP = 100
CALLS = 2_000
SHARES = (0.5, 0.95, 0.99)
BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)


@attrs.frozen
class Answered:
    """What calls came to at one size.

    Args:
        customers: how many files there are.
        filled: seconds that opening them took.
        wall: seconds of each call by the clock, sorted.
        cpu: processor seconds of each call, sorted.
    """

    customers: int
    filled: float
    wall: Sequence[float]
    cpu: Sequence[float]

    def line(self) -> str:
        """Return its figures in milliseconds, one below the headings."""
        figures = [f"{1000 * _share(self.wall, s):9.2f}" for s in SHARES]
        used = [f"{1000 * _share(self.cpu, s):10.2f}" for s in (0.5, 0.99)]
        worst = f"{1000 * self.wall[-1]:9.2f}"
        return f"{self.customers:12,}{self.filled:9.0f}{''.join(figures)}{worst}{''.join(used)}"

    def as_json(self) -> dict[str, float]:
        """Return its figures, seconds as milliseconds."""
        found = {f"wall_p{100 * s:g}": 1000 * _share(self.wall, s) for s in SHARES}
        found |= {f"cpu_p{100 * s:g}": 1000 * _share(self.cpu, s) for s in SHARES}
        return {"customers": self.customers, "filled_seconds": self.filled, **found}


def main(arguments: Sequence[str] | None = None) -> int:
    """Open so many files, then answer calls from them; print percentiles in milliseconds."""
    chosen = _parsed(arguments)
    print(reporting.machine(chosen.folder or Path(tempfile.gettempdir())), file=sys.stderr)
    print(
        f"{'customers':>12}{'filled s':>9}{'p50':>9}{'p95':>9}{'p99':>9}{'worst':>9}{'p50 CPU':>10}{'p99 CPU':>10}  ms a call"
    )
    found: list[Answered] = []
    for customers in chosen.customers:
        with tempfile.TemporaryDirectory(prefix="guanxi-calls-", dir=chosen.folder) as name:
            url = f"sqlite:///{Path(name) / 'calls.db'}"
            with closing(guanxi.open(url, plugins=[])) as ledger:
                began = time.monotonic()
                _fill(ledger, customers)
                filled = time.monotonic() - began
                if chosen.enforced:
                    _guard(ledger)
                found.append(Answered(customers, filled, *_answered(ledger, customers, chosen.calls)))
        print(found[-1].line(), flush=True)
        if chosen.json:
            told = {"enforced": chosen.enforced, "calls": chosen.calls, "sizes": [f.as_json() for f in found]}
            chosen.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks calls", description=__doc__)
    parser.add_argument(
        "--customers", type=int, nargs="+", default=list(SIZES), help="numbers of files, one after the other"
    )
    parser.add_argument("--calls", type=int, default=CALLS, help=f"calls that are answered ({CALLS:,})")
    parser.add_argument(
        "--enforced", action="store_true", help="with access rules in force, so that each call is judged, too"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument(
        "--folder", type=Path, help="where the databases are made; a temporary folder if not given"
    )
    chosen = parser.parse_args(arguments)
    if min(*chosen.customers, chosen.calls) < 1:
        parser.error("--customers, --calls: at least 1")
    return chosen


def _share(figures: Sequence[float], share: float) -> float:
    return figures[min(len(figures) - 1, int(len(figures) * share))]


def _number(customer: int) -> str:
    return f"+86138{customer:08d}"


def _agent(n: int) -> str:
    return f"agent-{n % AGENTS}"


def _fill(ledger: Ledger, customers: int) -> None:
    """Open the files, thousands in a transaction. Their tables are not made: a pop-up reads the file itself."""
    last = time.monotonic()
    for start in range(0, customers, AT_ONCE):
        ledger.take_in(list(_openings(start, min(start + AT_ONCE, customers))))
        if time.monotonic() - last > 30:
            last = time.monotonic()
            print(f"{start + AT_ONCE:,} of {customers:,} files", file=sys.stderr, flush=True)


def _openings(first: int, beyond: int) -> Iterator[Telling]:
    for n in range(first, beyond):
        yield Telling(
            f"SYN-{n:08d}",
            OpenFile(name=f"合成{n}", contacts=(Contact(type="mobile", value=_number(n)),)),
            "benchmark",
            occurred_at=BEGINNING + timedelta(seconds=n % 86_400),
            happened=True,
            batch="files",
        )


def _guard(ledger: Ledger) -> None:
    """Give each agent a post and a level, and put access rules into force."""
    with let_in():
        ledger.execute(post_stream("desk"), EstablishPost(role="business"), actor="benchmark")
        for n in range(AGENTS):
            staff = staff_stream(_agent(n))
            for told in (EnrolStaff(), TakePost(post="desk"), SetLevel(section="*", level=3)):
                ledger.execute(staff, told, actor="benchmark")
        ledger.publish(
            AccessRules(enforced=True),
            effective_from=ledger.clock(),
            by="benchmark",
            approved_by="another",
            retroactive="from now on",
        )


def _answered(ledger: Ledger, customers: int, calls: int) -> tuple[list[float], list[float]]:
    """Return the sorted wall and CPU seconds of calls spread over agents, the first ones left out as warming up."""
    chance = random.Random(7)
    wall: list[float] = []
    cpu: list[float] = []
    for n in range(calls + WARMING_UP):
        number = _number(chance.randrange(customers))
        began, used = time.perf_counter(), time.process_time()
        found = answer_call(ledger, number, agent=_agent(n))
        if n >= WARMING_UP:
            wall.append(time.perf_counter() - began)
            cpu.append(time.process_time() - used)
        assert found.pop_up is not None
    return sorted(wall), sorted(cpu)
