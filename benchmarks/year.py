"""A generated year of the whole relationship: ``python -m benchmarks year`` lives it month by month with two processes."""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

import guanxi
from benchmarks import reporting
from guanxi import Ledger, Report
from guanxi.testing.population import Population, Tally
from guanxi.testing.population.living import (
    live_customers,
    live_houses,
    order_for_houses,
    run_one,
    runs_of,
    set_up,
)

SIZES = (1_000, 10_000)
LARGE = 100_000
WORKERS = 2
OFTEN = 100
PHASES = ("setting up", "telling", "due", "read models", "runs", "reports")


@attrs.frozen
class Year:
    """What one year came to.

    Args:
        customers: how many there were.
        entries: what the log holds at the end.
        seconds: of each phase.
        processor: seconds of processor time, of all processes together.
        months: seconds and entries of each month.
        reports: seconds of each report at the end.
        refused: tellings that were refused, by command and code.
        rare: how often each of those events of the core came up that came up less than a hundred times.
        size: bytes of the database.
    """

    customers: int
    entries: int
    seconds: dict[str, float]
    processor: float
    months: list[dict[str, float]]
    reports: dict[str, float]
    refused: dict[str, int]
    rare: dict[str, int]
    size: int

    @property
    def total(self) -> float:
        """Seconds of all phases."""
        return sum(self.seconds.values())


class _Watch:
    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PHASES, 0.0)

    @contextmanager
    def on(self, phase: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[phase] += time.perf_counter() - begun


# ---------------------------------------------------------------- one worker

_here: dict[str, Any] = {}


def _begin(url: str, seed: int, customers: int) -> None:
    _here["ledger"] = guanxi.open(url, plugins=[])
    _here["population"] = Population(seed=seed, customers=customers)


def _work(job: tuple[int, int]) -> Tally:
    """Tell one worker's share of a month; every stream has its own worker, so that none meets another's."""
    month, share = job
    population: Population = _here["population"]
    numbers, tally = range(population.customers), Tally()
    mine = [n for n in numbers if n // 100 % WORKERS == share]
    live_customers(_here["ledger"], population, month, mine, tally)
    return tally


def _follow_share(share: int) -> None:
    """Bring one worker's share of the core's read models level; each reads the log for its own."""
    ledger: Ledger = _here["ledger"]
    models = [m for parts in ledger.parts for m in parts.models][share::WORKERS]
    ledger.store.projector(models, ledger.source()).catch_up()


def _run(job: tuple[int, str]) -> None:
    """Carry out one run; two at once tell the same customers, and whoever comes second tries again."""
    month, name = job
    run_one(_here["ledger"], _here["population"], month, name)


def _ask(job: tuple[float, str]) -> tuple[str, float]:
    """Ask a report, and return how long it took."""
    now, name = job
    ledger: Ledger = _here["ledger"]
    ledger.clock = lambda: datetime.fromtimestamp(now, UTC)
    begun = time.perf_counter()
    ledger.report(name)
    return name, time.perf_counter() - begun


def _reports(ledger: Ledger) -> Sequence[Report]:
    """Return the core's reports, those over the log first: two workers are even then when they take the next one each."""
    found = next(p for p in ledger.parts if p.name == "core").reports
    return sorted(found, key=lambda report: report.over is None)


# ---------------------------------------------------------------- the year


def lived(customers: int, folder: Path, seed: int = 1) -> Year:
    """Let one population live its year in a new database, and ask every report at its end.

    Args:
        customers: how many there are.
        folder: where the database is made.
        seed: of the population.
    """
    path = folder / f"year-{customers}.db"
    url = f"sqlite:///{path}"
    population, watch, tally = Population(seed=seed, customers=customers), _Watch(), Tally()
    months: list[dict[str, float]] = []
    reports: dict[str, float] = {}
    used = _processor()
    context = multiprocessing.get_context("spawn")
    with closing(guanxi.open(url, plugins=[])) as ledger:
        with watch.on("setting up"):
            set_up(ledger, population, tally)
        with context.Pool(WORKERS, _begin, (url, seed, customers)) as pool:
            for month in range(population.months):
                before, begun = ledger.store.count(), time.perf_counter()
                with watch.on("telling"):
                    live_houses(ledger, population, month, tally)
                    for told in pool.imap_unordered(_work, [(month, s) for s in range(WORKERS)]):
                        tally.add(told)
                    order_for_houses(ledger, population, month, tally)
                with watch.on("due"):
                    ledger.advance(population.closes(month))
                if runs := runs_of(month):
                    with watch.on("read models"):
                        # The first time, whole histories are folded at once, by several processes of the library's own.
                        if any(status.position == 0 for status in ledger.reporting.status()):
                            ledger.reporting.project()
                        else:
                            pool.map(_follow_share, range(WORKERS), chunksize=1)
                    with watch.on("runs"):
                        pool.map(_run, [(month, name) for name in runs], chunksize=1)
                spent, added = time.perf_counter() - begun, ledger.store.count() - before
                months.append({"seconds": spent, "entries": added})
                _say(f"{customers:,} customers, month {month + 1}: {added:,} entries in {spent:.1f} s")
            with watch.on("read models"):
                pool.map(_follow_share, range(WORKERS), chunksize=1)
            with watch.on("reports"):
                asked = [(ledger.clock().timestamp(), report.name) for report in _reports(ledger)]
                reports.update(pool.imap_unordered(_ask, asked))
            pool.close()
            pool.join()  # what they used counts when they are gone
        entries = ledger.store.count()
        events = [e.stored_name for p in ledger.parts if p.name == "core" for e in p.events]
    with closing(sqlite3.connect(path)) as connection:
        counts = dict(connection.execute("SELECT name, count(*) FROM guanxi_entries GROUP BY name"))
    rare = {name: n for name in events if (n := counts.get(name, 0)) < OFTEN}
    refused = {f"{what}: {code}": n for (what, code), n in tally.refused.items()}
    spent = _processor() - used
    return Year(customers, entries, watch.seconds, spent, months, reports, refused, rare, path.stat().st_size)


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------- what is printed


def table(years: Sequence[Year]) -> str:
    """Return what years came to, side by side, with the slope from each size to the next."""
    lines = ["| | " + " | ".join(f"{y.customers:,} customers" for y in years) + " | exponent |"]
    lines.append("|---|" + "---:|" * (len(years) + 1))
    for phase in PHASES:
        lines.append(_row(f"{phase}, s", [y.seconds[phase] for y in years], years))
    lines.append(_row("the whole year, s", [y.total for y in years], years))
    lines.append(_row("processor time, s", [y.processor for y in years], years))
    lines.append(_row("entries", [float(y.entries) for y in years], years, digits=0))
    lines.append(_row("entries a customer", [y.entries / y.customers for y in years], years))
    lines.append(_row("entries/s, all phases", [y.entries / y.total for y in years], years, digits=0))
    lines.append(
        _row("entries/s, telling", [y.entries / y.seconds["telling"] for y in years], years, digits=0)
    )
    lines.append(
        _row("entries/s of processor time", [y.entries / y.processor for y in years], years, digits=0)
    )
    lines.append(_row("bytes an entry", [y.size / y.entries for y in years], years, digits=0))
    slowest = sorted(years[-1].reports.items(), key=lambda r: -r[1])[:8]
    lines += ["", "The slowest reports at the end:", ""]
    lines += [f"- {name}: {seconds:.2f} s" for name, seconds in slowest]
    for year in years:
        for what, count in sorted(year.refused.items()):
            lines.append(f"- {year.customers:,} customers, refused: {count} × {what}")
        told = ", ".join(f"{name} {n}" for name, n in sorted(year.rare.items(), key=lambda r: r[1]))
        lines.append(
            f"- {year.customers:,} customers, events that came up less than {OFTEN} times: {told or 'none'}"
        )
    return "\n".join(lines)


def _row(name: str, values: Sequence[float], years: Sequence[Year], digits: int = 1) -> str:
    shown = " | ".join(f"{v:,.{digits}f}" for v in values)
    return f"| {name} | {shown} | {_exponent(values, years)} |"


def _exponent(values: Sequence[float], years: Sequence[Year]) -> str:
    if len(values) < 2 or min(values[0], values[-1]) <= 0:
        return "–"
    wider = math.log(years[-1].customers / years[0].customers)
    return f"{math.log(values[-1] / values[0]) / wider:.2f}" if wider else "–"


def main(arguments: Sequence[str]) -> int:
    """Live the years asked for and print what they came to. Figures pass or fail nothing."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks year",
        description="Live a generated year of the whole relationship, month by month, with two processes.",
    )
    parser.add_argument(
        "--customers",
        type=int,
        action="append",
        help=f"how many; may be given again ({SIZES[0]:,} and {SIZES[1]:,} if not given)",
    )
    parser.add_argument("--large", action="store_true", help=f"{LARGE:,} customers, too")
    parser.add_argument("--seed", type=int, default=1, help="of the population (1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured there, too")
    parser.add_argument(
        "--folder", type=Path, help="where the databases are made; a temporary folder if not given"
    )
    chosen = parser.parse_args(arguments)
    sizes = [*(chosen.customers or SIZES), *([LARGE] if chosen.large else [])]
    years: list[Year] = []
    with tempfile.TemporaryDirectory(prefix="guanxi-year-", dir=chosen.folder) as name:
        folder = Path(name)
        machine = reporting.machine(folder)
        for customers in sizes:
            years.append(lived(customers, folder, chosen.seed))
            if chosen.json:
                told = {"machine": machine, "years": [attrs.asdict(y) for y in years]}
                chosen.json.write_text(
                    json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
                )
    print(table(years), end="\n\n")
    print(machine)
    return 0
