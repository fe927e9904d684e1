"""Runs: decisions over a whole population, each a record of its own that takes effect with its closing entry (CORE-94)."""

from guanxi.kernel.runs.definition import InForce, Population, Run
from guanxi.kernel.runs.record import RUN_COMMANDS, RUN_EVENTS, RUN_SUBJECT, RunRow, run_record, run_register
from guanxi.kernel.runs.running import LineDifference, Running, RunStep, RunView

__all__ = [
    "RUN_COMMANDS",
    "RUN_EVENTS",
    "RUN_SUBJECT",
    "InForce",
    "LineDifference",
    "Population",
    "Run",
    "RunRow",
    "RunStep",
    "RunView",
    "Running",
    "run_record",
    "run_register",
]
