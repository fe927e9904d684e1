"""What every workload is given: where it works, how much is done, and who can be had."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path

import attrs

from benchmarks.measuring import Contender, Contest, Stopwatch
from benchmarks.peers import ASYNCHRONOUS, NATIVE, OVER_SQLALCHEMY, Peer, Stored, opened
from benchmarks.peers.apart import Apart, Failed
from benchmarks.peers.lanes import Span
from benchmarks.places import Place

Contests = Generator[Contest, None, None]


@attrs.frozen
class Sizes:
    """How much is done in a turn.

    Args:
        saves: how many saves a turn appends, by the entries in each.
        writers: how many writers share them.
        processes: in how many processes they are shared out; 0 for none.
        bulk: entries of a bulk append, and tellings of a bulk intake.
        commands: commands carried out in a turn.
        streams: lengths of the streams that are loaded.
        log: entries of the log that is read page by page.
        pages: entries on a page.
        projected: entries of the logs that are projected.
        rebuilt: entries of the log that is rebuilt by several workers.
        run: events that the shipped projection runner is given.
        per_customer: entries of each customer in a log that is read or projected.
    """

    saves: Mapping[int, int]
    writers: Sequence[int] = (1, 6)
    processes: int = 6
    bulk: int = 9_000
    commands: int = 240
    streams: Sequence[int] = (100, 1_000, 10_000)
    log: int = 20_000
    pages: Sequence[int] = (500, 2_000)
    projected: int = 60_000
    rebuilt: int = 300_000
    run: int = 600
    per_customer: int = 30


FULL = Sizes(saves={1: 360, 10: 120, 100: 36})
QUICK = Sizes(
    saves={1: 60, 10: 24, 100: 12},
    bulk=900,
    commands=50,
    streams=(100, 1_000),
    log=4_000,
    projected=6_000,
    rebuilt=12_000,
    run=300,
)


@attrs.define
class Bench:
    """One kind of database, and everybody who can work on it.

    Args:
        place: where.
        sizes: how much.
        python: the interpreter of the peers that live in an environment of their own; None where there is none.
        said: receives what could not be measured, and why.
    """

    place: Place
    sizes: Sizes
    python: Path | None = None
    said: Callable[[str], None] = lambda _text: None

    @property
    def bare(self) -> str:
        """What the bare driver of this database is called."""
        return "sqlite3" if self.place.is_sqlite else "psycopg"

    def peers(self, name: str, entries: Stored = (), *, bulk: bool = False) -> dict[str, Peer]:
        """Open the libraries over new databases: the native one here, others in processes of their own.

        Args:
            name: what the databases' names begin with.
            entries: what they append.
            bulk: whether only those are asked for that append many streams at once.
        """
        found: dict[str, Peer] = {}
        try:
            found[NATIVE] = opened(NATIVE, self.place.url(name), entries)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run says so and goes on
            self.said(f"{NATIVE} on {self.place.name}: {error}")
        if self.python is None:
            return found
        for who in (OVER_SQLALCHEMY,) if bulk else (OVER_SQLALCHEMY, ASYNCHRONOUS):
            try:
                found[who] = Apart(self.python, who, self.place.url(name), entries)
            except Failed as error:
                self.said(f"{who} on {self.place.name}: {error}")
        return found

    def processes(self, who: str, url: str, entries: Stored) -> list[Apart]:
        """Open a peer in as many processes as there are writers apart."""
        return [Apart(sys.executable, who, url, entries) for _ in range(self.sizes.processes)]

    def contest(
        self, workload: str, name: str, unit: str, works: Mapping[str, Work], **more: bool
    ) -> Contest:
        """Return a contest on this kind of database."""
        contenders = [Contender(who, watched(work)) for who, work in works.items()]
        return Contest(workload, name, unit, contenders, database=self.place.name, **more)


Work = Callable[[], Span]


def watched(work: Work) -> Callable[[Stopwatch], int]:
    """Return work that measures itself as work under a stopwatch."""

    def turn(watch: Stopwatch) -> int:
        span = work()
        watch.seconds += span.seconds
        return span.units

    return turn


def entries(n: int) -> str:
    """Return a number of entries in words."""
    return "1 entry" if n == 1 else f"{n:,} entries"
