"""Appending: the store alone, by one writer or several, entry by entry or in bulk."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

from benchmarks import counting, ours
from benchmarks.peers import BARE, NATIVE, OURS, Peer, opened
from benchmarks.peers.apart import Several
from benchmarks.peers.lanes import Span, timed
from benchmarks.peers.ledger import LedgerPeer
from benchmarks.workloads.bench import Bench, Contests, Work, entries
from guanxi import OpenFile


def append(bench: Bench) -> Contests:
    """Yield contests in appending prepared entries: no commands, no rules, just the log."""
    sizes = bench.sizes
    with ExitStack() as stack:
        ledger, _ = stack.enter_context(ours.opened(bench.place, "append"))
        stored = ledger.store.entries(ours.retail_stream(ledger, "C", 100))
        bare_url = bench.place.url("append-bare")
        bare = opened(BARE, bare_url, stored)
        stack.callback(bare.close)
        others = bench.peers("append", stored)
        for peer in others.values():
            stack.callback(peer.close)
        everybody: dict[str, Peer | LedgerPeer] = {
            OURS: LedgerPeer(ledger.store, stored),
            **others,
            bench.bare: bare,
        }
        for writers, (per_save, saves) in itertools.product(sizes.writers, sizes.saves.items()):
            works: dict[str, Work] = {
                who: partial(peer.append, writers, saves, per_save) for who, peer in everybody.items()
            }
            name = f"{entries(per_save)} a save, {writers} {'writer' if writers == 1 else 'writers'}"
            yield bench.contest("append", name, "entries/s", works)
        if sizes.processes:
            yield from _processes(bench, bare_url)


def _processes(bench: Bench, bare_url: str) -> Contests:
    """Yield a contest among writers in processes of their own."""
    count, saves = bench.sizes.processes, bench.sizes.saves[1]
    with ExitStack() as stack:
        ledger, own = stack.enter_context(ours.opened(bench.place, "append-apart"))
        stored = ledger.store.entries(ours.counted_stream(ledger, "C", 10))
        native_url = bench.place.url("append-apart")
        first = opened(NATIVE, native_url, stored)  # makes the tables before several would at once
        stack.callback(first.close)
        crews: dict[str, Several] = {}
        for who, name, where in (
            (OURS, OURS, own),
            (NATIVE, NATIVE, native_url),
            (bench.bare, BARE, bare_url),
        ):
            crews[who] = Several(bench.processes(name, where, stored))
            stack.callback(crews[who].close)
        works = {who: partial(crew.append, saves, 1) for who, crew in crews.items()}
        yield bench.contest("append", f"1 entry a save, {count} processes", "entries/s", works)


def bulk(bench: Bench) -> Contests:
    """Yield contests in bringing in thousands of entries at once."""
    sizes = bench.sizes
    with ExitStack() as stack:
        ledger, _ = stack.enter_context(ours.opened(bench.place, "bulk"))
        stored = ledger.store.entries(ours.counted_stream(ledger, "C", sizes.per_customer))
        bare = opened(BARE, bench.place.url("bulk-bare"), stored)
        stack.callback(bare.close)
        others = bench.peers("bulk", stored, bulk=True)
        for peer in others.values():
            stack.callback(peer.close)
        own, streams = LedgerPeer(ledger.store, stored), sizes.bulk // sizes.per_customer
        everybody: dict[str, Peer | LedgerPeer] = {OURS: own, **others, bench.bare: bare}
        works: dict[str, Work] = {
            who: partial(peer.bulk, streams, sizes.per_customer) for who, peer in everybody.items()
        }
        count = streams * sizes.per_customer
        yield bench.contest("bulk", f"{count:,} entries in one append", "entries/s", works)

        numbers = itertools.count()

        def take_in() -> Span:
            ours.set_clock(ledger, ours.BEGINNING + timedelta(days=400))
            names = [f"B{next(numbers):07d}" for _ in range(streams)]
            tellings = [
                t
                for name in names
                for t in (
                    ours.told(name, OpenFile(), f"open {name}", ours.BEGINNING),
                    *ours.counts_of(name, sizes.per_customer - 1, counting.Count),
                )
            ]
            return timed(len(tellings), lambda: ours.tell(ledger, tellings))

        yield bench.contest(
            "bulk",
            f"take_in of {count:,} tellings",
            "entries/s",
            {OURS: take_in, **{who: work for who, work in works.items() if who != OURS}},
        )
