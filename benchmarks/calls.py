"""``python -m benchmarks calls``: how long a pop-up takes on an incoming call, its access entry included, as the files grow."""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import guanxi
from guanxi import Ledger, OpenFile, Telling
from guanxi.relationship.access.calls import answer_call
from guanxi.relationship.file.commands import Contact

AT_ONCE = 20_000
BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open so many files, then answer calls from them; print percentiles in milliseconds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks calls", description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, default=None)
    chosen = parser.parse_args(arguments)
    print(f"{'customers':>12}{'p50':>9}{'p95':>9}{'p99':>9}{'worst':>9}{'p99 CPU':>10}  ms a call")
    for customers in chosen.customers:
        with tempfile.TemporaryDirectory(prefix="guanxi-calls-", dir=chosen.folder) as name:
            url = f"sqlite:///{Path(name) / 'calls.db'}"
            with closing(guanxi.open(url, plugins=[])) as ledger:
                _fill(ledger, customers)
                wall, cpu = _answered(ledger, customers, chosen.calls)
        figures = [wall[int(len(wall) * share)] for share in (0.5, 0.95, 0.99)]
        line = "".join(f"{1000 * f:9.2f}" for f in (*figures, wall[-1]))
        print(f"{customers:12,}{line}{1000 * cpu[int(len(cpu) * 0.99)]:10.2f}", flush=True)
    return 0


def _number(customer: int) -> str:
    return f"+86138{customer:08d}"


def _fill(ledger: Ledger, customers: int) -> None:
    for start in range(0, customers, AT_ONCE):
        ledger.take_in(list(_openings(start, min(start + AT_ONCE, customers))))
    ledger.reporting.project()


def _openings(first: int, beyond: int) -> Iterator[Telling]:
    for n in range(first, beyond):
        contacts = (Contact(type="mobile", value=_number(n)),)
        yield Telling(
            f"SYN-{n:08d}",
            OpenFile(name=f"合成{n}", contacts=contacts),
            "benchmark",
            occurred_at=BEGINNING + timedelta(seconds=n % 86_400),
            happened=True,
            batch="files",
        )


def _answered(ledger: Ledger, customers: int, calls: int) -> tuple[list[float], list[float]]:
    """Return the sorted wall and CPU seconds of calls spread over agents, the first hundred left out as warming up."""
    chance = random.Random(7)
    wall: list[float] = []
    cpu: list[float] = []
    for n in range(calls + 100):
        number, agent = _number(chance.randrange(customers)), f"agent-{n % 10}"
        began, used = time.perf_counter(), time.process_time()
        found = answer_call(ledger, number, agent=agent)
        if n >= 100:
            wall.append(time.perf_counter() - began)
            cpu.append(time.process_time() - used)
        assert found.pop_up is not None
    return sorted(wall), sorted(cpu)
