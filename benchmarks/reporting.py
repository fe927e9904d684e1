"""Shows what was measured: ratios first, then targets, then the figures they come from, then what they were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import ours
from benchmarks.measuring import Result, spread
from benchmarks.peers import BARE, OURS, opened
from benchmarks.targets import TARGETS
from benchmarks.workloads import Bench

PACKAGES = ("guanxi", "eventsourcing", "SQLAlchemy", "psycopg", "msgspec", "attrs")
_SYNCS = 50


def machine(folder: Path) -> str:
    """Return what the figures were measured on, and what making a file durable costs there."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, fsync {sync_cost(folder) * 1000:.2f} ms, load {load()}; {packages}"
    )


def load() -> str:
    """Return how busy the machine is."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def sync_cost(folder: Path) -> float:
    """Return the seconds that making one page of a file durable takes there."""
    path, times = folder / "sync.probe", []
    with path.open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            file.write(b"x" * 4096)
            begun = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begun)
    path.unlink()
    return statistics.median(times)


def settings(bench: Bench) -> dict[str, dict[str, str]]:
    """Return the effective durability settings of everybody who writes to one kind of database."""
    bare = opened(BARE, bench.place.url("settings-bare"), ())
    try:
        found = {bench.bare: bare.settings()}
    finally:
        bare.close()
    with ours.opened(bench.place, "settings") as (ledger, _):
        own = dict(ledger.store.settings())
        found[OURS] = {name: own[name] for name in found[bench.bare] if name in own}
    for who, peer in bench.peers("settings").items():
        try:
            peer.fill("counter", 2)  # some settle their settings with the first write
            found[who] = peer.settings()
        finally:
            peer.close()
    server = bench.place.durability()
    return {**found, "server": server} if server else found


def ratios(results: Sequence[Result]) -> str:
    """Return tables, one for each kind of database, of how many times as fast as each peer the ledger was."""
    return _by_database(results, _ratio, ours=False)


def targets(results: Sequence[Result]) -> str:
    """Return the table of targets, and whether this run met them."""
    rows = []
    for target in TARGETS:
        figure = target.measured(results)
        said = "" if figure is None else _short(figure) if target.peer is None else f"{figure:.2f}"
        rows.append((target.database, target.said, said, target.verdict(figure)))
    return table(("database", "target", "median", "verdict"), rows)


def figures(results: Sequence[Result]) -> str:
    """Return tables, one for each kind of database, of everybody's medians."""
    return _by_database(results, _figure, ours=True)


def _by_database(results: Sequence[Result], cell: Callable[[Result, str], str], *, ours: bool) -> str:
    """Return a line for each contest and a column for each of those who took part."""
    tables = []
    for database in dict.fromkeys(r.contest.database for r in results):
        mine = [r for r in results if r.contest.database == database]
        everybody = dict.fromkeys(c.name for r in mine for c in r.contest.contenders)
        shown = [who for who in everybody if ours or who != OURS]
        rows = [
            (
                f"{r.contest.workload}: {r.contest.name}",
                *([r.contest.unit if r.contest.per_unit else "ms"] if ours else []),
                *[cell(r, who) if who in r.turns else "" for who in shown],
            )
            for r in mine
            if any(who in r.turns for who in shown)
        ]
        tables.append(table((database, *(["unit"] if ours else []), *shown), rows))
    return "\n\n".join(tables)


def _ratio(result: Result, peer: str) -> str:
    worst, median, best = spread(result.rounds_as_fast(OURS, peer))
    return f"{_times(median)} ({_times(worst)}–{_times(best)})"


def _figure(result: Result, who: str) -> str:
    return _short(spread(result.figures(who))[1])


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def described(settings_of: dict[str, dict[str, dict[str, str]]]) -> str:
    """Return the effective settings, a line for each peer on each kind of database."""
    return "\n".join(
        f"- {database}, {who}: " + ", ".join(f"{k}={v}" for k, v in found.items())
        for database, everybody in settings_of.items()
        for who, found in everybody.items()
    )


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text, in columns."""
    if not rows:
        return ""
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    lines = [heads, ["-" * w for w in widths], *rows]
    return "\n".join(
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines
    )
