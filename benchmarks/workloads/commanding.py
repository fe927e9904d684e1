"""Whole commands: load what is there, decide, judge, append."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from benchmarks import aggregates, counting, ours
from benchmarks.measuring import Contender, Contest, Stopwatch
from benchmarks.peers import NATIVE, OURS
from benchmarks.peers.library import LibraryPeer
from benchmarks.workloads.bench import Bench, Contests, entries

KEPT = f"{NATIVE}, aggregate kept"
SAVES_PER_STREAM, LEAST_SAVES = 10, 5


def command(bench: Bench) -> Contests:
    """Yield contests in whole commands."""
    sizes = bench.sizes
    with ExitStack() as stack:
        ledger, _ = stack.enter_context(ours.opened(bench.place, "command"))
        library = LibraryPeer(bench.place.url("command"), ())
        stack.callback(library.close)
        application, numbers = library.application, itertools.count()

        def accounts(saves: int) -> list[str]:
            names = [f"A{next(numbers):07d}" for _ in range(-(-saves // SAVES_PER_STREAM))]
            ours.open_files(ledger, names)
            return names

        def execute(make: Callable[[int], Any]) -> Callable[[Stopwatch], int]:
            def work(watch: Stopwatch) -> int:
                names, at = accounts(sizes.commands), ours.BEGINNING + timedelta(days=400)
                for k in range(sizes.commands):
                    at += timedelta(minutes=1)
                    ours.set_clock(ledger, at)
                    name, order = names[k % len(names)], make(k)
                    with watch.running():
                        ledger.execute(name, order, actor=ours.CLERK)
                return sizes.commands

            return work

        def take_in(n: int, saves: int) -> Callable[[Stopwatch], int]:
            def work(watch: Stopwatch) -> int:
                ours.set_clock(ledger, ours.BEGINNING + timedelta(days=400))
                calls = [
                    [
                        ours.told(name, counting.Count(document=f"{k}-{i}", amount=i % 90), f"{k}-{i}", ours.BEGINNING)
                        for i in range(n)
                    ]
                    for k, name in zip(range(saves), itertools.cycle(accounts(saves)), strict=False)
                ]  # fmt: skip
                for call in calls:
                    with watch.running():
                        ledger.take_in(call)
                return n * saves

            return work

        def save_native(
            n: int, saves: int, kind: type[Any], *, again: bool, unit: int
        ) -> Callable[[Stopwatch], int]:
            def work(watch: Stopwatch) -> int:
                members = [kind() for _ in range(-(-saves // SAVES_PER_STREAM))]
                application.save(*members)
                for k in range(saves):
                    member = members[k % len(members)]
                    with watch.running():
                        if again:
                            member = application.repository.get(member.id)
                        _act(member, k, n)
                        application.save(member)
                return saves * unit

            return work

        def contest(
            name: str,
            unit: str,
            own: Callable[[Stopwatch], int],
            kind: type[Any],
            n: int,
            saves: int,
            units: int,
        ) -> Contest:
            contenders = [
                Contender(OURS, own),
                Contender(NATIVE, save_native(n, saves, kind, again=True, unit=units)),
                Contender(KEPT, save_native(n, saves, kind, again=False, unit=units)),
            ]
            return Contest("command", name, unit, contenders, database=bench.place.name)

        count = execute(lambda k: counting.Count(document=f"C{k}", amount=k % 90))
        yield contest("execute, 1 entry", "entries/s", count, aggregates.Counter, 1, sizes.commands, 1)
        for n in [n for n in sizes.saves if n > 1]:
            saves = max(LEAST_SAVES, sizes.commands // n)
            yield contest(
                f"take_in, {entries(n)}", "entries/s", take_in(n, saves), aggregates.Counter, n, saves, n
            )
        yield contest(
            "execute, a purchase of 3 entries",
            "commands/s",
            execute(ours.purchase),
            aggregates.Member,
            3,
            sizes.commands,
            1,
        )


def _act(member: Any, k: int, events: int) -> None:
    if isinstance(member, aggregates.Member):
        aggregates.act(member, k, events)
    else:
        for i in range(events):
            member.count(f"{k}-{i}", i % 90)
