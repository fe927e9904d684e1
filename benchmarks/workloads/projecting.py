"""Projecting: read models from nothing to the log's end."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from benchmarks import counting, native, ours, tenfold
from benchmarks.peers import NATIVE, OURS
from benchmarks.peers.lanes import Span, timed
from benchmarks.workloads.bench import Bench, Contests, Work
from benchmarks.workloads.reading import retail_log
from guanxi import Ledger, ReadModel
from guanxi_retail.points.read_models import points_month
from guanxi_retail.purchases.read_models import customers, receipts

ALONE = f"{OURS}, 1 worker"


def project(bench: Bench) -> Contests:
    """Yield contests in bringing read models from nothing to the log's end, by one worker."""
    sizes = bench.sizes
    with ExitStack() as stack:
        simple, _ = stack.enter_context(ours.opened(bench.place, "project-counting"))
        ours.many_counted(simple, sizes.projected, sizes.per_customer)
        works: dict[str, Work] = {OURS: _rebuilding(simple, [counting.tallies])}
        url = bench.place.url("project-native")
        try:
            last = stack.enter_context(native.counters(url, sizes.run, sizes.per_customer))
        except Exception as error:  # noqa: BLE001 - whatever it is, the run says so and goes on
            bench.said(f"{NATIVE} on {bench.place.name}: {error}")
        else:
            works[NATIVE] = partial(_run_native, bench, url, last)
        yield bench.contest("project", "1 read model", "entries/s", works)

        several = stack.enter_context(ours.opened(bench.place, "project-ten", [tenfold.parts]))[0]
        ours.many_counted(several, sizes.projected, sizes.per_customer, tenfold.Count)
        works = {OURS: _rebuilding(several, tenfold.tallies)}
        yield bench.contest("project", f"{tenfold.MODELS} read models in one pass", "entries/s", works)

        retail, _ = stack.enter_context(ours.opened(bench.place, "project-retail"))
        retail_log(retail, sizes.projected, sizes.per_customer)
        works = {OURS: _rebuilding(retail, [customers, receipts, points_month])}
        yield bench.contest("project", "retail, 3 read models in one pass", "entries/s", works)


def rebuild(bench: Bench) -> Contests:
    """Yield contests in rebuilding, by two worker processes and by one process that does all."""
    sizes = bench.sizes
    with ExitStack() as stack:
        stack.enter_context(tenfold.installed(bench.place.folder / "installed"))
        opened = ours.opened(bench.place, "rebuild", ours.tenfold_plugins())
        ledger, _ = stack.enter_context(opened)
        ours.many_counted(ledger, sizes.rebuilt, sizes.per_customer, tenfold.Count)
        chosen: dict[str, Sequence[ReadModel[Any]]] = {
            "1 read model": tenfold.tallies[:1],
            f"{tenfold.MODELS} read models": tenfold.tallies,
        }
        for name, models in chosen.items():
            works: dict[str, Work] = {
                OURS: _rebuilding(ledger, models, 2),
                ALONE: _rebuilding(ledger, models, 1),
            }
            yield bench.contest("rebuild", f"{name}, 2 workers", "entries/s", works)


def _rebuilding(ledger: Ledger, models: Sequence[ReadModel[Any]], workers: int = 1) -> Work:
    projector, entries = ledger.store.projector(models, ledger.source()), ledger.store.count()

    def work() -> Span:
        done: list[Any] = []
        span = timed(entries, lambda: done.append(projector.rebuild(workers=workers)))
        if done[0].workers != workers:
            raise RuntimeError(f"{done[0].workers} workers instead of {workers}: {done[0].alone}")
        behind = [line.error for line in projector.status() if line.parked_at is not None or line.lag]
        if behind:
            raise RuntimeError(f"a read model did not reach the log's end: {behind}")
        return span

    return work


def _run_native(bench: Bench, url: str, last: int) -> Span:
    view = bench.place.url("project-view")

    def run() -> None:
        with native.running(url, view) as runner:
            runner.wait(last, timeout=600)

    return timed(last, run)
