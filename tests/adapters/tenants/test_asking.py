"""Every call of histories, reports and runs, tried against another tenant of the same database."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi import (
    History,
)
from guanxi.kernel.reporting import Reporting
from guanxi.kernel.runs.running import Running
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import stamp
from guanxi_retail import PointsRules
from tests.adapters.tenants.calling import Case, Cases, attempt
from tests.adapters.tenants.world import NOW, RUN, World

on_history = Cases("history", History, no_rows={"fields": "names of fields"})
on_reporting = Cases("reporting", Reporting, no_rows={"find": "a plugin's declaration"})
on_running = Cases("runs", Running, no_rows={"find": "a plugin's declaration"})


# History


def mine(w: World) -> History:
    return w.ledger.history("C-1")


@on_history("as_of")
def _(w: World) -> None:
    w.outcome(lambda: mine(w).as_of("2025-05-01").values())


@on_history("as_known")
def _(w: World) -> None:
    w.outcome(lambda: mine(w).as_known(w.position).values())
    w.outcome(lambda: mine(w).as_known(w.position).lines())
    w.refused("no_such_position", mine(w).as_known, w.ahead, 10**9)


@on_history("book")
def _(w: World) -> None:
    w.outcome(lambda: vars(mine(w).as_known(w.position).book()))


@on_history("known")
def _(w: World) -> None:
    w.outcome(lambda: mine(w).as_known(w.position).known(w.ledger.store.page(0, 10_000)))


@on_history("diff")
def _(w: World) -> None:
    w.outcome(lambda: mine(w).diff("2024-01-01", "2025-06-01"))


@on_history("diff_known")
def _(w: World) -> None:
    w.outcome(lambda: mine(w).diff_known(w.position, w.ledger.store.last_position()))
    w.refused("no_such_position", lambda p: mine(w).diff_known(1, p), w.ahead, 10**9)


@on_history("explain")
def _(w: World) -> None:
    history = mine(w)
    for facet, attributes in history.fields().items():
        for name in attributes:
            w.outcome(history.explain, f"{facet}.{name}")


@on_history("lines_among")
def _(w: World) -> None:
    """Who hands over their entries reads in them what he handed over, and nothing that is sealed."""
    theirs = w.foreign.store.entries(w.stream)
    said = str([(line.reason, line.fields) for line in mine(w).lines_among(theirs)])
    assert "Beifang Li" not in said
    assert "Beifang opens" not in said
    w.outcome(lambda: mine(w).lines_among(w.ledger.store.entries(mine(w).stream)))


@on_history("pending")
def _(w: World) -> None:
    history = mine(w)
    w.outcome(lambda: [history.pending(item) for item in history.judged().items])


@on_history("state")
def _(w: World) -> None:
    history = mine(w)
    w.outcome(lambda: [history.state(facet) for facet in history.fields()])


for each in ("all_lines", "entries", "judged", "lines", "values", "would_differ"):

    def _(w: World, name: str = each) -> None:
        w.outcome(getattr(mine(w), name))
        w.outcome(getattr(mine(w).as_known(w.position), name))

    on_history(each)(_)


# Reports


def report_of(w: World) -> Any:
    return w.ledger.reporting.find("retail.customers")


@on_reporting("answer")
def _(w: World) -> None:
    reporting = w.ledger.reporting
    reader = reporting.projector.reader()
    w.outcome(lambda: reporting.answer(report_of(w), Cut(), {}, reader, book=w.ledger.rule_book()))


@on_reporting("asked")
def _(w: World) -> None:
    asked, _used = w.ledger.reporting.asked(stamp(NOW), stamp(NOW), w.ledger.rule_book())
    w.outcome(lambda: asked.rules(PointsRules))


@on_reporting("at")
def _(w: World) -> None:
    reporting = w.ledger.reporting
    cut = Cut(as_of=stamp(NOW), as_known=stamp(NOW))
    reader = reporting.at(report_of(w).reads, cut, stamp(NOW))
    w.outcome(lambda: [list(reader.rows(m)) for m in report_of(w).reads])


@on_reporting("book")
def _(w: World) -> None:
    w.outcome(lambda: vars(w.ledger.reporting.book(Cut(position=w.position))))


@on_reporting("check")
def _(w: World) -> None:
    found = w.ledger.reporting.check()
    assert {c.faulty for c in found} == {False}
    w.outcome(lambda: found)


@on_reporting("clean")
def _(w: World) -> None:
    w.outcome(lambda: w.ledger.reporting.clean(absent=True, broken_off=True))


@on_reporting("may_differ")
def _may_differ(w: World) -> None:
    w.outcome(w.ledger.reporting.may_differ)


@on_reporting("followers")
def _(w: World) -> None:
    w.outcome(w.ledger.reporting.followers)


@on_reporting("known_at")
def _(w: World) -> None:
    theirs = next(e for e in w.foreign.store.page(0, 10_000) if e.position == w.position)
    own = [e for e in w.ledger.store.page(0, 10_000) if e.position < w.position]
    assert w.ledger.reporting.known_at(Cut(position=theirs.position), stamp(NOW)) == own[-1].recorded_at


@on_reporting("known_whole")
def _(w: World) -> None:
    own = [e.position for e in w.ledger.store.page(0, 10_000)]
    assert w.ledger.reporting.known_whole(w.position) <= max(
        p for p in [0, *own, w.position] if p <= w.position
    )
    w.refused("no_such_position", w.ledger.reporting.known_whole, w.ahead, 10**9)


@on_reporting("of_stream")
def _(w: World) -> None:
    reporting, models = w.ledger.reporting, report_of(w).reads
    theirs = next(e.stream for e in w.foreign.store.page(0, 10_000) if e.name == "core.file_opened")
    own = next(e.stream for e in w.ledger.store.page(0, 10_000) if e.name == "core.file_opened")
    reader = reporting.of_stream(models, theirs, Cut(), stamp(NOW))
    assert [row for m in models for row in reader.rows(m)] == []
    w.outcome(lambda: [list(reporting.of_stream(models, own, Cut(), stamp(NOW)).rows(m)) for m in models])


@on_reporting("possible")
def _(w: World) -> None:
    w.refused(
        "no_such_position",
        lambda p: w.ledger.reporting.possible(Cut(position=p), stamp(NOW)),
        w.ahead,
        10**9,
    )


@on_reporting("project")
def _(w: World) -> None:
    assert w.ledger.reporting.project() == w.ledger.store.last_position()


@on_reporting("projector")
def _(w: World) -> None:
    assert w.ledger.reporting.projector.store is w.ledger.store  # type: ignore[attr-defined]


@on_reporting("rebuild")
def _(w: World) -> None:
    seen: list[tuple[int, int]] = []
    w.outcome(lambda: w.ledger.reporting.rebuild(progress=lambda *done: seen.append(done)))
    assert {last for _, last in seen} == {w.ledger.store.last_position()}
    w.outcome(lambda: w.ledger.reporting.rebuild(workers=2, compare=True))


@on_reporting("retry")
def _(w: World) -> None:
    w.outcome(w.ledger.reporting.retry)


@on_reporting("run")
def _(w: World) -> None:
    w.outcome(lambda: w.ledger.reporting.run("retail.customers", Cut(position=w.position), {}))


@on_reporting("scratch")
def _(w: World) -> None:
    models = w.ledger.reporting.models
    reader = w.ledger.reporting.scratch(models, Cut(position=w.position), stamp(NOW))
    w.outcome(lambda: [list(reader.rows(m)) for m in models])


@on_reporting("status")
def _(w: World) -> None:
    said = w.ledger.reporting.status(checksum=True)
    assert {s.lag for s in said if s.position < w.ledger.store.last_position()} <= {
        sum(e.position > s.position for e in w.ledger.store.page(0, 10_000)) for s in said
    }
    w.outcome(lambda: said)


@on_reporting("wait_for")
def _(w: World) -> None:
    w.alike(lambda p: w.ledger.reporting.wait_for(p, 0.01), w.ahead, 10**9)


# Runs


@on_running("views")
def _(w: World) -> None:
    assert {v.id for v in w.ledger.runs.views(RUN)} == {f"{RUN}-1"}
    assert f"{RUN}-2" in w.foreign.store.heads([f"{RUN}-2"])
    w.outcome(w.ledger.runs.views)


@on_running("carry_out")
def _(w: World) -> None:
    def again(supersedes: str) -> Any:
        return w.ledger.runs.carry_out(
            RUN, actor="x", as_of=None, reason=None, supersedes=supersedes, parameters={}, progress=None
        )

    w.refused("unknown_run", again, f"{RUN}-2", f"{RUN}-77")


@on_running("carry_out_each")
def _(w: World) -> None:
    (view,) = w.ledger.runs.carry_out_each(
        "retail.rfm", [{}], actor="x", as_of=None, reason=None, progress=None
    )
    assert view.population <= 4
    w.outcome(lambda: view)


@on_running("abandon")
def _(w: World) -> None:
    w.refused(
        "unknown_run", lambda r: w.ledger.runs.abandon(r, actor="x", reason="x"), f"{RUN}-2", f"{RUN}-77"
    )
    w.outcome(lambda: w.ledger.runs.abandon(f"{RUN}-1", actor="x", reason="x"))


for each in ("check", "lines", "steps", "view", "would_differ"):

    def _(w: World, name: str = each) -> None:
        w.outcome(getattr(w.ledger.runs, name), f"{RUN}-1")
        w.alike(getattr(w.ledger.runs, name), f"{RUN}-2", f"{RUN}-77")

    on_running(each)(_)


@on_running("all_that_differ")
def _(w: World) -> None:
    w.outcome(w.ledger.runs.all_that_differ, [f"{RUN}-1"])
    w.alike(lambda run: w.ledger.runs.all_that_differ([run]), f"{RUN}-2", f"{RUN}-77")


TABLES = (on_history, on_reporting, on_running)


@pytest.mark.parametrize("cases", TABLES, ids=str)
def test_each_public_call_has_a_case(cases: Cases) -> None:
    cases.check()


@pytest.mark.parametrize("case", [p for cases in TABLES for p in cases.parameters()])
def test_a_call_neither_shows_nor_changes_what_is_the_other_tenants(world: World, case: Case) -> None:
    attempt(world, case)
