"""Shows what was measured: ratios first, then the figures they come from, then what they were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import native, ours, raw
from benchmarks.measuring import Result, spread
from guanxi_adapters.sql import SqlStore

PACKAGES = ("guanxi", "eventsourcing", "SQLAlchemy", "msgspec", "attrs")
_SYNCS = 50


def machine(folder: Path) -> str:
    """Return what the figures were measured on, and what making a file durable costs there."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, fsync {_sync_cost(folder) * 1000:.2f} ms; {packages}"
    )


def _sync_cost(folder: Path) -> float:
    path, times = folder / "sync.probe", []
    with path.open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            file.write(b"x" * 4096)
            begun = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begun)
    path.unlink()
    return statistics.median(times)


def settings(folder: Path) -> dict[str, dict[str, str]]:
    """Return the effective durability settings of everybody who writes."""
    with ours.opened(folder, "settings") as ledger:
        assert isinstance(ledger.store, SqlStore)
        own = dict(ledger.store.settings())
    with native.members(folder / "settings-native.db") as application:
        library = native.settings(application)
    bare = raw.connect(folder / "settings-raw.db")
    try:
        found = {
            "guanxi": {name: own[name] for name in library},
            "eventsourcing": library,
            "sqlite3": raw.settings(bare),
        }
    finally:
        bare.close()
    return found


def ratios(results: Iterable[Result]) -> str:
    """Return the table of how many times as fast as each peer the ledger was."""
    rows = []
    for result in results:
        name, (our, *peers) = _name(result), [c.name for c in result.contest.contenders]
        for peer in peers:
            worst, median, best = spread(result.rounds_as_fast(our, peer))
            rows.append((name, peer, f"{median:.2f}", f"{worst:.2f} to {best:.2f}"))
    return _table(("workload", "peer", "guanxi ÷ peer", "rounds"), rows)


def figures(results: Iterable[Result]) -> str:
    """Return the table of absolute figures."""
    rows = []
    for result in results:
        unit = result.contest.unit if result.contest.per_unit else "ms"
        for contender in result.contest.contenders:
            low, median, high = (_short(x) for x in spread(result.figures(contender.name)))
            rows.append((_name(result), contender.name, unit, low, median, high))
    return _table(("workload", "who", "unit", "min", "median", "max"), rows)


def described(settings_of: dict[str, dict[str, str]]) -> str:
    """Return the effective settings, a line for each peer."""
    return "\n".join(
        f"{who}: " + ", ".join(f"{k}={v}" for k, v in found.items()) for who, found in settings_of.items()
    )


def _name(result: Result) -> str:
    return f"{result.contest.workload}: {result.contest.name}"


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    lines = [heads, ["-" * w for w in widths], *rows]
    return "\n".join(
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines
    )
