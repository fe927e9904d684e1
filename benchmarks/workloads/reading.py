"""Reading: one stream back to its states, and the log page by page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

from benchmarks import ours
from benchmarks.measuring import Contest
from benchmarks.peers import OURS, Peer
from benchmarks.peers.bare import Fetcher
from benchmarks.peers.lanes import Span, timed
from benchmarks.workloads.bench import Bench, Contests, Work
from guanxi import Ledger
from guanxi.kernel.entries import COLUMNS, FoldRow

TABLE = "guanxi_entries"
_STREAM = (
    f"SELECT {', '.join(FoldRow._fields[:-1])} FROM {TABLE} WHERE tenant = ? AND stream = ? ORDER BY version"
)
_PAGE = f"SELECT {', '.join(COLUMNS)} FROM {TABLE} WHERE position > ? ORDER BY position LIMIT ?"


def load(bench: Bench) -> Contests:
    """Yield contests in bringing one stream back to its states."""
    with ExitStack() as stack:
        ledger, url = stack.enter_context(ours.opened(bench.place, "load"))
        bare = Fetcher(url)
        stack.callback(bare.close)
        peers = bench.peers("load")
        for peer in peers.values():
            stack.callback(peer.close)
        tenant = ledger.store.tenant

        def contest(name: str, subject: str, stream: str, kind: str, length: int) -> Contest:
            def judged() -> Span:
                found: list[int] = []
                span = timed(1, lambda: found.append(len(ledger.history(subject).judged().items)))
                return Span(found[0], span.began, span.ended)

            def fetched() -> Span:
                return timed(length, lambda: bare.fetch(_STREAM, (tenant, stream)))

            works: dict[str, Work] = {OURS: judged}
            works |= {who: partial(peer.load, peer.fill(kind, length)) for who, peer in peers.items()}
            works[bench.bare] = fetched
            return bench.contest("load", f"{name}, {length:,} entries", "entries", works, per_unit=False)

        for size in bench.sizes.streams:
            stream = ours.retail_stream(ledger, f"R{size}", size)
            yield contest(
                "retail", f"R{size}", stream, "member", ledger.store.heads([stream])[stream].version
            )
        for size in bench.sizes.streams[-1:]:
            stream = ours.counted_stream(ledger, f"C{size}", size)
            yield contest("counting", f"C{size}", stream, "counter", size)


def log(bench: Bench) -> Contests:
    """Yield contests in reading the log from its beginning, page by page."""
    sizes = bench.sizes
    with ExitStack() as stack:
        ledger, url = stack.enter_context(ours.opened(bench.place, "log"))
        retail_log(ledger, sizes.log, sizes.per_customer)
        store, codec = ledger.store, ledger.source().codec
        bare = Fetcher(url)
        stack.callback(bare.close)
        peers: dict[str, Peer] = bench.peers("log")
        for peer in peers.values():
            stack.callback(peer.close)
            peer.fill("member", sizes.per_customer, sizes.log // sizes.per_customer)

        def read_ours(size: int) -> Span:
            decode = codec.decode
            return _paged(
                lambda after: store.page(after, size),
                lambda page: len([decode(e.name, e.schema_version, e.payload, e.stream, e.version) for e in page]),
                lambda page: page[-1].position,
            )  # fmt: skip

        def read_bare(size: int) -> Span:
            return _paged(lambda after: bare.fetch(_PAGE, (after, size)), len, lambda page: int(page[-1][-1]))

        for size in sizes.pages:
            works: dict[str, Work] = {OURS: partial(read_ours, size)}
            works |= {who: partial(peer.log, size) for who, peer in peers.items()}
            works[bench.bare] = partial(read_bare, size)
            yield bench.contest("log", f"pages of {size:,}", "entries/s", works)


def _paged(
    read: Callable[[int], list[Any]], count: Callable[[list[Any]], int], last: Callable[[list[Any]], int]
) -> Span:
    entries = 0

    def run() -> None:
        nonlocal entries
        after = 0
        while page := read(after):
            entries += count(page)
            after = last(page)

    span = timed(1, run)
    return Span(entries, span.began, span.ended)


def retail_log(ledger: Ledger, entries: int, per_customer: int) -> None:
    """Fill a log with that many entries or more, by customers with some purchases each."""
    each = max(1, (per_customer - 1) // 3)
    names = [f"C{n:06d}" for n in range(-(-entries // (3 * each + 1)))]
    ours.open_files(ledger, names)
    ours.set_clock(ledger, ours.BEGINNING + timedelta(days=200))
    ours.tell(ledger, [t for name in names for t in ours.purchases_of(name, each)])
