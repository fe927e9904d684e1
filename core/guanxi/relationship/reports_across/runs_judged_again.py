"""The register of runs, with how many lines of each would come out otherwise by what is known now (report 52)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guanxi.kernel.access import let_in
from guanxi.kernel.labels import Label
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.reports import Asked, Column, Content, Report
from guanxi.kernel.runs.record import CLOSED
from guanxi.kernel.runs.running import RunView
from guanxi.kernel.timeline import Cut
from guanxi.relationship.reports_across.over_ledger import learned_by, not_from_tables
from guanxi.relationship.run_reports import runs


def over_ledger(ledger: Ledger, parameters: None, asked: Asked, at: Cut) -> Content:
    """Return every run known at a cut with its cuts, rules, sums and lines, and how many of these would differ (CORE-94).

    A closed run stands whatever comes late; each is judged again at its own as-of cut with what is known now. Its lines have to
    sum to its control sums. The number is None for an open or abandoned run, and where its plugin is absent.

    Args:
        ledger: which.
        parameters: none.
        asked: the cut.
        at: the same.
    """
    with let_in():
        register = ledger.report(runs.name, as_of=at.as_of, as_known=learned_by(at))
        views = {view.id: view for view in ledger.runs.views()}
        trouble = [t for view in views.values() for t in _sums(ledger, view)]
        listed = [row[0] for row in register.rows]
        closed = [run for run in listed if run in views and views[run].status == CLOSED]
        differ = ledger.runs.all_that_differ(closed)
        rows = [(*row, len(differ[row[0]]) if row[0] in differ else None) for row in register.rows]
    return Content(rows, register.notes, trouble=trouble)


def _sums(ledger: Ledger, view: RunView) -> list[str]:
    """Return the control sums to which the lines of a closed run do not sum."""
    if view.status != CLOSED or not view.controls:
        return []
    sums = dict.fromkeys(view.controls, Decimal(0))
    for _, line in ledger.runs.lines(view.id):
        for name in sums:
            told: Any = getattr(line, name, None)
            if told is None and isinstance(line, list):
                return []  # its plugin is absent: nobody knows which value is which
            sums[name] += Decimal(str(told or 0))
    return [f"Σ {n} of {view.id} is {sums[n]}, not {v}" for n, v in view.controls.items() if sums[n] != v]


REPORT = Report(
    name="core.runs_judged_again",
    title=Label("Runs and what would differ", "批量评定与差异"),
    reads=(),
    columns=(*runs.columns, Column("would_differ", Label("Would differ", "将有差异"), "integer")),
    build=not_from_tables,
    over=over_ledger,
    rules=("CORE-94",),
)
"""What the answer is called, and what stands in it."""
