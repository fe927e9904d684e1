"""The long tail: six processes append as fast as they can while one follows, which must see every entry once, in order."""

from __future__ import annotations

import subprocess
import sys
import time
from array import array
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from guanxi.kernel.errors import Unavailable
from guanxi.kernel.ports import VersionConflict
from guanxi_adapters.cli.screen import progress
from guanxi_adapters.sql import open_store
from tests.adapters.sql.samples import batch, growth
from tests.soak.trouble import ROOT

WRITERS = 6
PAGE = 2_000
BATCHES = (1, 1, 1, 2, 5, 10, 30)
"""Entries of a batch, one of these by chance."""


def run_tail(url: str, folder: Path, count: int, seed: str, options: dict[str, Any]) -> bool:
    """Let writers append and a reader follow; return whether the reader missed anything, or saw anything late or twice.

    Args:
        url: an empty database.
        folder: for the reader's notes; made here.
        count: entries in all, spread evenly over the writers.
        seed: what the writers draw from.
        options: for the store.
    """
    folder.mkdir()
    open_store(url, **options).close()
    each = -(-count // WRITERS)
    notes, stop = folder / "seen", folder / "stop"
    started = time.monotonic()
    reader = _start("follow", url, str(notes), str(stop))
    writers = [_start("append", url, f"{seed}/{n}", str(n), str(each)) for n in range(WRITERS)]
    try:
        with closing(open_store(url, create=False)) as store, progress("tail") as move:
            while any(w.poll() is None for w in writers):
                time.sleep(0.5)
                if move is not None:
                    move(min(store.last_position(), each * WRITERS), each * WRITERS)
        written = time.monotonic() - started
        stop.touch()
        reader.wait(600)
        codes = [p.returncode for p in (*writers, reader)]
    finally:
        for process in (*writers, reader):
            process.kill()
            process.wait()
    missed, behind, there = compare(url, notes)
    amiss = bool(missed or behind or any(codes) or there != each * WRITERS)
    print(f"\ntail on {sa.make_url(url).get_backend_name()}")
    for name, value in {
        "entries": there,
        "writers": WRITERS,
        "seconds": round(written),
        "entries a second": round(there / written),
        "missed": missed,
        "seen twice, late or out of order": behind,
    }.items():
        print(f"  {name:<32} {value:>14,}")
    print(f"  {'outcome':<32} {'BREACHED' if amiss else 'nothing amiss':>14}", flush=True)
    return amiss


def compare(url: str, notes: Path) -> tuple[int, int, int]:
    """Return how many entries the reader missed, how many it saw out of their turn, and how many there are."""
    seen: array[int] = array("q")
    seen.frombytes(notes.read_bytes())
    there = array("q", _positions(url))
    missed = len(set(there) - set(seen))
    ascending = sum(later <= earlier for earlier, later in pairwise(seen))
    return missed, ascending + len(set(seen) - set(there)), len(there)


def _positions(url: str) -> Iterator[int]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        rows = connection.execution_options(yield_per=10_000).exec_driver_sql(
            "SELECT position FROM guanxi_entries ORDER BY position"
        )
        for row in rows:
            yield int(row[0])
    engine.dispose()


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.soak.tail", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)


def append(url: str, seed: str, number: str, count: str) -> None:
    """Append so many entries, in batches of any size, to streams that other writers also append to."""
    import random

    chance, left = random.Random(seed), int(count)
    versions: dict[str, tuple[int, str]] = {}
    with closing(open_store(url, create=False, timeout=60)) as store:
        while left:
            size = min(left, chance.choice(BATCHES))
            shared = chance.random() < 0.05
            stream = f"shared-{chance.randrange(40)}" if shared else f"w{number}-{chance.randrange(2_000)}"
            version, previous = versions.get(stream, (0, ""))
            if shared:
                head = store.heads([stream]).get(stream)
                version, previous = (head.version, head.hash) if head else (0, "")
            gain = growth(stream, version, size, previous)
            try:
                store.append(batch(gain))
            except VersionConflict:
                continue
            versions[stream] = gain.head.version, gain.head.hash
            left -= size


def follow(url: str, notes: str, stop: str) -> None:
    """Note the position of every entry that the log shows, in the order in which it does."""
    after = 0
    with closing(open_store(url, create=False, timeout=60)) as store, Path(notes).open("wb") as file:
        while True:
            stopped = Path(stop).exists()
            try:
                page = store.page(after, PAGE)
            except Unavailable:
                time.sleep(0.05)
                continue
            if page:
                file.write(array("q", [e.position for e in page]).tobytes())
                after = page[-1].position
            elif stopped:
                return
            else:
                time.sleep(0.002)


if __name__ == "__main__":
    if sys.argv[1] == "append":
        append(*sys.argv[2:])
    else:
        follow(*sys.argv[2:])
