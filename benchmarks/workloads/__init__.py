"""The workloads: each yields contests in which the same work is done by the ledger and by its peers, on one kind of database."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.workloads.appending import append, bulk
from benchmarks.workloads.bench import FULL, QUICK, Bench, Contests, Sizes
from benchmarks.workloads.commanding import command
from benchmarks.workloads.projecting import project, rebuild
from benchmarks.workloads.reading import load, log

__all__ = ["FULL", "QUICK", "WORKLOADS", "Bench", "Contests", "Sizes"]

WORKLOADS: dict[str, Callable[[Bench], Contests]] = {
    "append": append,
    "bulk": bulk,
    "command": command,
    "load": load,
    "log": log,
    "project": project,
    "rebuild": rebuild,
}
