"""Ledgers with something in them, made through the front door."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import guanxi
import guanxi_retail
from benchmarks import counting, tenfold
from benchmarks.peers.ledger import chained, names, unchained
from benchmarks.places import Place
from guanxi import Ledger, Money, OpenFile, Source, Telling
from guanxi.kernel.ports import Append
from guanxi_retail import PointsRules, RecordPurchase

BEGINNING = datetime(2021, 1, 1, tzinfo=UTC)
BETWEEN_PURCHASES = timedelta(hours=8)
AREAS = ("cosmetics", "clothing", "food", "home")
CLERK, BATCH = "clerk", "history"
TELLINGS_AT_ONCE = 20_000
APPENDED_AT_ONCE = 15_000


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@contextmanager
def opened(place: Place, name: str, plugins: Sequence[Any] | None = None) -> Iterator[tuple[Ledger, str]]:
    """Open a new ledger with retail and counting installed and points that live a year; give it with its URL.

    Args:
        place: where.
        name: what its database's name begins with.
        plugins: other plugins instead.
    """
    url = place.url(name)
    own = plugins is None
    ledger = guanxi.open(
        url,
        plugins=[guanxi_retail.plugin.guanxi_parts(), counting.parts] if plugins is None else plugins,
        keys=f"sqlite:///{place.folder / name}-{place.name}.keys.db",
    )
    try:
        ledger.clock = Clock(BEGINNING)
        if own:
            rules = PointsRules(months=12)  # type: ignore[call-arg]
            ledger.publish(rules, effective_from=BEGINNING, by="marketing", approved_by="finance")
        yield ledger, url
    finally:
        ledger.close()


def set_clock(ledger: Ledger, at: datetime) -> None:
    """Let it be that moment."""
    ledger.clock = Clock(at)


def open_files(ledger: Ledger, names: Sequence[str]) -> None:
    """Open customer files."""
    tell(ledger, [told(name, OpenFile(), f"open {name}", BEGINNING) for name in names])


def told(subject: str, command: guanxi.Command, document: str, at: datetime) -> Telling:
    """Return a report of something that happened."""
    return Telling(
        subject=subject,
        command=command,
        actor=CLERK,
        occurred_at=at,
        happened=True,
        source=Source("till", document),
        batch=BATCH,
        channel="store",
    )


def tell(ledger: Ledger, tellings: Sequence[Telling]) -> None:
    """Take reports in, and make sure that each was accepted."""
    for start in range(0, len(tellings), TELLINGS_AT_ONCE):
        verdicts = ledger.take_in(tellings[start : start + TELLINGS_AT_ONCE])
        refused = [v for v in verdicts if v.status != "accepted"]
        if refused:
            raise RuntimeError(f"{len(refused)} tellings were not accepted, the first: {refused[0]}")


def purchase(n: int) -> RecordPurchase:
    """Return the nth purchase of a customer."""
    amount = Money(f"{80 + n * 37 % 900}.{n % 100:02d}", "CNY")
    return RecordPurchase(
        receipt=f"R{n:06d}", paid=amount, quantity=1 + n % 4, area=AREAS[n % 4], outlet="S-01"
    )


def purchases_of(subject: str, count: int, first: int = 0) -> list[Telling]:
    """Return a customer's purchases, some hours apart."""
    return [
        told(subject, purchase(n), f"R{n:06d}", BEGINNING + BETWEEN_PURCHASES * (n + 1))
        for n in range(first, first + count)
    ]


def counts_of(subject: str, count: int, kind: Callable[..., Any] = counting.Count) -> list[Telling]:
    """Return a customer's simplest entries, by a command of the counting plugin or another that looks the same."""
    return [
        told(
            subject,
            kind(document=f"R{n:06d}", amount=n % 90),
            f"R{n:06d}",
            BEGINNING + timedelta(minutes=n + 1),
        )
        for n in range(count)
    ]


def retail_stream(ledger: Ledger, subject: str, entries: int) -> str:
    """Return a stream of at least that many entries: purchases with what rules and time drew from them."""
    open_files(ledger, [subject])
    stream = ledger.find(subject)
    assert stream is not None
    made, done = ledger.store.heads([stream])[stream].version, 0
    while made < entries:
        more = max(1, (entries - made) // 4)
        last = BEGINNING + BETWEEN_PURCHASES * (done + more + 1)
        set_clock(ledger, last)
        tell(ledger, purchases_of(subject, more, done))
        made, done = ledger.store.heads([stream])[stream].version, done + more
    return stream


def counted_stream(
    ledger: Ledger, subject: str, entries: int, kind: Callable[..., Any] = counting.Count
) -> str:
    """Return a stream of that many entries of the simplest kind."""
    open_files(ledger, [subject])
    set_clock(ledger, BEGINNING + timedelta(minutes=entries + 1))
    tell(ledger, counts_of(subject, entries - 1, kind))
    stream = ledger.find(subject)
    assert stream is not None
    return stream


def many_counted(
    ledger: Ledger,
    entries: int,
    each: int,
    kind: Callable[..., Any] = counting.Count,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Fill a log with customers of so many of the simplest entries each, hashed and chained like all others.

    One of them is told through the front door; the others have his entries, appended in bulk.

    Args:
        ledger: whose log.
        entries: that it holds in the end.
        each: entries of each customer.
        kind: the command that counts.
        progress: told how many entries there are, from time to time.
    """
    like = ledger.store.entries(counted_stream(ledger, f"first-{each}", each, kind))
    made = ledger.store.count()
    while made < entries:
        count = min(APPENDED_AT_ONCE, entries - made)
        streams = tuple(chained(unchained(name, each, like)) for name in names(max(1, count // each)))
        ledger.store.append(Append(ledger.store.tenant, streams))
        made += len(streams) * each
        if progress is not None:
            progress(made)


def tenfold_plugins() -> Sequence[Any]:
    """Return the plugin of ten read models as it is found installed, so that worker processes find it too."""
    return guanxi.kernel.plugins.discover(allow=[tenfold.NAME])
