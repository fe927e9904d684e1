"""How cost grows with the log: ``python -m benchmarks growth`` fills one log step by step and measures the same things at each size."""

from __future__ import annotations

import argparse
import json
import math
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs

from benchmarks import counting, ours, reporting
from benchmarks.peers.ledger import LedgerPeer, chained, names, unchained
from benchmarks.places import POSTGRES, SQLITE, NotThere, Place, place
from guanxi import Ledger
from guanxi.kernel.ports import Append
from guanxi.kernel.times import stamp

SIZES = {SQLITE: (10**5, 10**6, 10**7), POSTGRES: (10**5, 10**6)}
EACH = 30
"""Entries of each stream."""

LAG = 6_000
LONG = 1_000
_SAVES, _ASKED, _KEPT = 200, 40, 500
_AT_ONCE = 500
_LAST = 15
_APART = timedelta(seconds=1)
FIRST = ours.BEGINNING + timedelta(days=400)
FLAT, STRAIGHT = 0.15, 0.85


@attrs.frozen
class Measure:
    """One thing that is measured at every size.

    Args:
        name: what it is.
        unit: what its figures are.
        grows: how its cost should grow: ``flat``, ``logarithmic`` (which looks nearly flat) or ``linear``.
    """

    name: str
    unit: str
    grows: str = "flat"


APPEND = Measure("append of 1 entry", "ms", "logarithmic")
SLOWEST = Measure("the slowest 1 % of them", "ms", "logarithmic")
BULK = Measure("bulk append, an entry", "µs", "logarithmic")
LOAD = Measure(f"load of a stream of {EACH}", "ms", "logarithmic")
LOAD_LONG = Measure(f"load of a stream of {LONG:,}", "ms", "logarithmic")
CUT = Measure("position known at a moment", "ms", "logarithmic")
PAST = Measure("a history as known at a past moment", "ms", "logarithmic")
PAGE = Measure("a page of 2,000 of the log", "ms", "logarithmic")
STATUS = Measure(f"status of a read model {LAG:,} behind", "ms", "logarithmic")
CATCH_UP = Measure(f"catching up with {LAG:,}", "ms", "logarithmic")
BUILD = Measure("catching up from the last size, an entry", "µs", "logarithmic")
BYTES = Measure("database, an entry", "bytes")
WHOLE = Measure("database", "MB", "linear")
MEASURES = (APPEND, SLOWEST, BULK, LOAD, LOAD_LONG, CUT, PAST, PAGE, STATUS, CATCH_UP, BUILD, BYTES, WHOLE)


class Growing:
    """A log that grows, and what is measured on it.

    Args:
        where: the kind of database.
        ledger: the ledger.
        url: its database.
        said: told what is going on.
    """

    def __init__(self, where: Place, ledger: Ledger, url: str, said: Callable[[str], None]) -> None:
        self._place, self._ledger, self._url, self._said = where, ledger, url, said
        self._like = ledger.store.entries(ours.counted_stream(ledger, "first", EACH))
        self._long = ours.counted_stream(ledger, "long", LONG)
        self._projector = ledger.store.projector([counting.tallies], ledger.source())
        self._random, self._recorded = random.Random(1), FIRST
        self._kept: list[str] = []

    def measured(self, size: int) -> dict[Measure, float]:
        """Fill the log to a size and measure everything there."""
        store, found = self._ledger.store, dict[Measure, float]()
        found[BULK] = self._fill(size) * 1e6
        before = self._projector.status()[0].position
        took = _seconds(self._projector.catch_up)
        found[BUILD] = took / max(1, store.last_position() - before) * 1e6
        self._said("measuring")
        appends = [s * 1000 for s in self._appends()]
        found[APPEND], found[SLOWEST] = statistics.median(appends), sorted(appends)[int(len(appends) * 0.99)]
        ledger, streams = self._ledger, self._random.sample(self._kept, min(_ASKED, len(self._kept)))
        ours.set_clock(ledger, self._recorded)
        found[LOAD] = _median_ms(lambda s: ledger.history(s).judged(), streams)
        found[LOAD_LONG] = _median_ms(lambda s: ledger.history(s).judged(), [self._long] * 5)
        span = self._recorded - FIRST
        moments = [self._recorded - span * self._random.random() for _ in range(_ASKED)]
        found[CUT] = _median_ms(store.position_known_at, [stamp(m) for m in moments])
        pairs = list(zip(streams, moments, strict=False))
        found[PAST] = _median_ms(lambda pair: ledger.history(pair[0]).as_known(pair[1]).judged(), pairs)
        places = [self._random.randrange(store.last_position()) for _ in range(10)]
        found[PAGE] = _median_ms(lambda after: store.page(after, 2_000), places)
        self._projector.catch_up()
        self._grow(LAG)
        found[STATUS] = _median_ms(lambda _: self._projector.status(), range(5))
        found[CATCH_UP] = _seconds(self._projector.catch_up) * 1000
        whole = self._bytes()
        found[WHOLE], found[BYTES] = whole / 1e6, whole / store.count()
        return found

    def _fill(self, size: int) -> float:
        """Append in bulk up to a size; return the seconds an entry took in the last appends."""
        last, made = time.monotonic(), self._ledger.store.count()
        took: deque[float] = deque(maxlen=_LAST)
        while made < size:
            count = min(_AT_ONCE * EACH, max(EACH, size - made))
            began = time.monotonic()
            self._grow(count)
            took.append((time.monotonic() - began) / count)
            made += count // EACH * EACH
            if time.monotonic() - last > 5:
                last = time.monotonic()
                self._said(f"{made:,} of {size:,} entries")
        return statistics.median(took)

    def _grow(self, entries: int) -> None:
        made = []
        for name in names(max(1, entries // EACH)):
            self._recorded += _APART
            made.append(chained(unchained(name, EACH, self._like, recorded_at=stamp(self._recorded))))
            if len(self._kept) < _KEPT:
                self._kept.append(name)
            elif self._random.random() < 0.01:
                self._kept[self._random.randrange(_KEPT)] = name
        self._ledger.store.append(Append(self._ledger.store.tenant, tuple(made)))

    def _appends(self) -> list[float]:
        now = [e._replace(recorded_at=stamp(self._recorded)) for e in self._like]
        peer, spans = LedgerPeer(self._ledger.store, now), list[float]()
        for _ in range(_SAVES):
            spans.append(peer.append(1, 1, 1).seconds)
        return spans

    def _bytes(self) -> int:
        if self._place.is_sqlite:
            path = Path(self._url.removeprefix("sqlite:///"))
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return path.stat().st_size
        import psycopg

        with psycopg.connect(self._url) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0


def exponent(sizes: Sequence[int], figures: Sequence[float]) -> float:
    """Return the power of the log's size that a figure grows with: 0 where it doesn't, 1 where it grows as the log does."""
    xs, ys = [math.log(s) for s in sizes], [math.log(max(f, 1e-9)) for f in figures]
    x, y = statistics.fmean(xs), statistics.fmean(ys)
    across = sum((a - x) ** 2 for a in xs)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / across if across else 0.0


def judged(grows: str, power: float) -> str:
    """Return whether a figure grows as it should, in a word."""
    if grows == "linear":
        return "as it should" if STRAIGHT <= power <= 2 - STRAIGHT else f"not {grows}"
    return "as it should" if power <= FLAT else f"not {grows}"


def shown(database: str, found: dict[int, dict[Measure, float]]) -> str:
    """Return the table of one database: a line for each measure, a column for each size."""
    sizes = list(found)
    rows = []
    for measure in MEASURES:
        figures = [found[size][measure] for size in sizes]
        power = exponent(sizes, figures)
        many = len(sizes) > 1
        rows.append(
            (measure.name, measure.unit, *map(_short, figures), f"{power:+.2f}" if many else "",
             measure.grows, judged(measure.grows, power) if many else "")
        )  # fmt: skip
    heads = (database, "unit", *[f"{s:,}" for s in sizes], "exponent", "should be", "is")
    return reporting.table(heads, rows)


def picture(found: dict[str, dict[int, dict[Measure, float]]]) -> str:
    """Return the figures as SVG: one small chart for each measure, both axes logarithmic."""
    import altair as alt
    import vl_convert

    points = [
        {"entries": size, "figure": figure, "database": database, "measure": f"{m.name} ({m.unit})"}
        for database, sizes in found.items()
        for size, figures in sizes.items()
        for m, figure in figures.items()
    ]
    chart = (
        alt.Chart(alt.Data(values=points), width=230, height=110)
        .mark_line(point=True)
        .encode(
            x=alt.X("entries:Q", scale=alt.Scale(type="log"), title="entries in the log"),
            y=alt.Y("figure:Q", scale=alt.Scale(type="log"), title=None),
            color=alt.Color("database:N", title=None),
        )
        .facet(
            facet=alt.Facet("measure:N", title=None, sort=[f"{m.name} ({m.unit})" for m in MEASURES]),
            columns=3,
        )
        .resolve_scale(y="independent")
    )
    return str(vl_convert.vegalite_to_svg(chart.to_dict(validate=False)))


def main(arguments: Sequence[str]) -> int:
    """Fill logs and print how cost grew."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks growth", description="Measure how cost grows with the log."
    )
    both = {"sqlite": SQLITE, "postgresql": POSTGRES}
    parser.add_argument("--database", action="append", choices=list(both), help="both if not given")
    parser.add_argument(
        "--sizes",
        type=_sizes,
        help="such as 100000,1000000; to 10 million on SQLite, 1 million on PostgreSQL",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw them there, as SVG")
    parser.add_argument(
        "--folder", type=Path, help="where the databases are made: 10 million entries take 12 GB"
    )
    chosen = parser.parse_args(arguments)
    found: dict[str, dict[int, dict[Measure, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="guanxi-growth-", dir=chosen.folder) as name:
        machine = reporting.machine(Path(name))
        for database in chosen.database or list(both):
            try:
                with place(both[database], Path(name)) as where:
                    sizes = chosen.sizes or SIZES[where.name]
                    for size, figures in _grown(where, sizes):
                        found.setdefault(where.name, {})[size] = figures
                        if chosen.json:  # what was measured is kept, whatever comes of the next size
                            chosen.json.write_text(_as_json(machine, found), encoding="utf-8")
                    print(shown(where.name, found[where.name]), end="\n\n", flush=True)
            except NotThere as error:
                print(f"not measured: {both[database]}: {error}", file=sys.stderr)
    print(machine)
    if chosen.picture:
        chosen.picture.write_text(picture(found), encoding="utf-8")
    return 0


def _as_json(machine: str, found: dict[str, dict[int, dict[Measure, float]]]) -> str:
    growth = {
        database: {str(size): {m.name: f for m, f in figures.items()} for size, figures in sizes.items()}
        for database, sizes in found.items()
    }
    return json.dumps({"machine": machine, "growth": growth}, indent=2, ensure_ascii=False) + "\n"


def _grown(where: Place, sizes: Sequence[int]) -> Iterator[tuple[int, dict[Measure, float]]]:
    began = time.monotonic()

    def said(text: str) -> None:
        print(f"{where.name}, {time.monotonic() - began:,.0f} s: {text}", file=sys.stderr)

    with ours.opened(where, "growth") as (ledger, url):
        growing = Growing(where, ledger, url, said)
        for size in sizes:
            yield size, growing.measured(size)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(part) for part in text.split(",")))


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _median_ms(ask: Callable[[Any], object], of: Sequence[Any]) -> float:
    ask(of[0])
    return statistics.median(_seconds(lambda each=each: ask(each)) for each in of) * 1000  # type: ignore[misc]


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"
