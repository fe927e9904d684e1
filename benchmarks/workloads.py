"""The workloads: each yields contests in which the same work is done by the ledger and by its peers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import attrs
from eventsourcing.persistence import StoredEvent

from benchmarks import counting, native, ours, raw
from benchmarks.measuring import OURS, Contender, Contest, Stopwatch
from guanxi import Ledger, ReadModel
from guanxi.kernel.entries import COLUMNS, Entry, FoldRow, Head, seal_chain
from guanxi.kernel.ports import Append, StreamAppend
from guanxi_retail.read_models import customers, points_month, receipts

NATIVE = "eventsourcing"
RAW = "sqlite3"
RAW_INDEXED = "sqlite3, same indexes"
RECORDER = "eventsourcing recorder"
KEPT = "eventsourcing, aggregate kept"
SAVES_PER_STREAM = 10


@attrs.frozen
class Sizes:
    """How much is done in a turn.

    Args:
        per_save: entries in each save.
        appended: entries appended in a turn, if that takes at least ``least_saves`` saves.
        least_saves: saves in a turn, at least.
        commands: commands carried out in a turn.
        streams: lengths of the streams that are loaded.
        log: entries of the log that is read page by page.
        pages: entries on a page.
        projected: entries of the logs that are projected.
        run: events that the shipped projection runner is given.
        per_customer: entries of each customer in a log that is read or projected.
    """

    per_save: Sequence[int] = (1, 10, 100)
    appended: int = 2_000
    least_saves: int = 20
    commands: int = 300
    streams: Sequence[int] = (100, 1_000, 10_000)
    log: int = 20_000
    pages: Sequence[int] = (500, 2_000)
    projected: int = 60_000
    run: int = 2_000
    per_customer: int = 30


FULL = Sizes()
QUICK = Sizes(
    appended=400, least_saves=5, commands=50, streams=(100, 1_000), log=4_000, projected=6_000, run=300
)

Contests = Generator[Contest, None, None]
Workload = Callable[[Path, Sizes], Contests]


# Append: the store alone


def append(folder: Path, sizes: Sizes) -> Contests:
    """Yield contests in appending prepared entries: no commands, no rules, just the log."""
    with ExitStack() as stack:
        ledger = stack.enter_context(ours.opened(folder, "append"))
        templates = ledger.store.entries(ours.retail_stream(ledger, "C", 100))
        application = stack.enter_context(native.members(folder / "append-native.db"))
        bare = raw.connect(folder / "append-raw.db")
        indexed = raw.connect(folder / "append-indexed.db", folder / "append.db")
        stack.callback(bare.close)
        stack.callback(indexed.close)
        numbers = itertools.count()

        def batches(n: int) -> list[list[Entry]]:
            """Return the saves of a turn: the further entries of a new stream, not chained yet."""
            stream, saves = f"stream-{next(numbers):06d}", max(sizes.least_saves, sizes.appended // n)
            cycle = itertools.cycle(templates)
            made = [next(cycle)._replace(stream=stream, version=v + 1, hash="") for v in range(saves * n)]
            return [made[i : i + n] for i in range(0, len(made), n)]

        def append_ours(n: int, watch: Stopwatch) -> int:
            saves, previous = batches(n), ""
            with watch.running():
                for save in saves:
                    previous = _append(ledger, save, previous)
            return n * len(saves)

        def append_native(n: int, watch: Stopwatch) -> int:
            key = uuid4()
            saves = [
                [StoredEvent(key, e.version, e.name, e.payload.encode()) for e in save] for save in batches(n)
            ]
            with watch.running():
                for save in saves:
                    application.recorder.insert_events(save)
            return n * len(saves)

        def append_raw(connection: Any) -> Callable[[int, Stopwatch], int]:
            def work(n: int, watch: Stopwatch) -> int:
                saves = [[seal_chain(e, "")[:-1] for e in save] for save in batches(n)]
                with watch.running():
                    for save in saves:
                        raw.append(connection, save)
                return n * len(saves)

            return work

        works = {
            OURS: append_ours,
            RECORDER: append_native,
            RAW_INDEXED: append_raw(indexed),
            RAW: append_raw(bare),
        }
        for n in sizes.per_save:
            contenders = [Contender(name, _with(work, n)) for name, work in works.items()]
            yield Contest("append", f"store, {_entries(n)} a save", "entries/s", contenders)


def _append(ledger: Ledger, save: Sequence[Entry], previous: str) -> str:
    """Chain entries, append them, and return the last hash."""
    chained: list[Entry] = []
    for entry in save:
        sealed = seal_chain(entry, previous)
        previous = sealed.hash
        chained.append(sealed)
    first, last = chained[0], chained[-1]
    head = Head(last.stream, "customer", last.version, previous, last.recorded_at, None, "")
    stream = StreamAppend(last.stream, "customer", first.version - 1, tuple(chained), head)
    ledger.store.append(Append(ledger.store.tenant, (stream,)))
    return previous


# Append: commands


def command(folder: Path, sizes: Sizes) -> Contests:
    """Yield contests in whole commands: load what is there, decide, judge, append."""
    with ExitStack() as stack:
        ledger = stack.enter_context(ours.opened(folder, "command"))
        application = stack.enter_context(native.members(folder / "command-native.db"))
        numbers = itertools.count()

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

        def take_in(n: int, watch: Stopwatch) -> int:
            saves = max(sizes.least_saves, sizes.commands // n)
            ours.set_clock(ledger, ours.BEGINNING + timedelta(days=400))
            calls = []
            for k, name in zip(range(saves), itertools.cycle(accounts(saves)), strict=False):
                calls.append(
                    [
                        ours.told(
                            name,
                            counting.Count(document=f"{k}-{i}", amount=i % 90),
                            f"{k}-{i}",
                            ours.BEGINNING,
                        )
                        for i in range(n)
                    ]
                )
            for call in calls:
                with watch.running():
                    ledger.take_in(call)
            return n * saves

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

        for n in sizes.per_save:
            saves = sizes.commands if n == 1 else max(sizes.least_saves, sizes.commands // n)
            own = (
                execute(lambda k: counting.Count(document=f"C{k}", amount=k % 90))
                if n == 1
                else _with(take_in, n)
            )
            yield Contest(
                "command",
                "execute, 1 entry" if n == 1 else f"take_in, {_entries(n)}",
                "entries/s",
                [
                    Contender(OURS, own),
                    Contender(NATIVE, save_native(n, saves, native.Counter, again=True, unit=n)),
                    Contender(KEPT, save_native(n, saves, native.Counter, again=False, unit=n)),
                ],
            )
        yield Contest(
            "command",
            "execute, a purchase of 3 entries",
            "commands/s",
            [
                Contender(OURS, execute(ours.purchase)),
                Contender(NATIVE, save_native(3, sizes.commands, native.Member, again=True, unit=1)),
                Contender(KEPT, save_native(3, sizes.commands, native.Member, again=False, unit=1)),
            ],
        )


def _act(member: Any, k: int, events: int) -> None:
    if isinstance(member, native.Member):
        native.act(member, k, events)
    else:
        for i in range(events):
            member.count(f"{k}-{i}", i % 90)


# Load


def load(folder: Path, sizes: Sizes) -> Contests:
    """Yield contests in bringing one stream back to its states."""
    with ExitStack() as stack:
        ledger = stack.enter_context(ours.opened(folder, "load"))
        application = stack.enter_context(native.members(folder / "load-native.db"))
        bare = raw.open_again(folder / "load.db")
        stack.callback(bare.close)
        columns = ", ".join(FoldRow._fields)
        query = f"SELECT {columns} FROM {raw.TABLE} WHERE tenant = ? AND stream = ? ORDER BY version"

        def contest(name: str, subject: str, stream: str, key: UUID, unit: int, native_unit: int) -> Contest:
            def judged(watch: Stopwatch) -> int:
                with watch.running():
                    judgement = ledger.history(subject).judged()
                return len(judgement.items)

            def got(watch: Stopwatch) -> int:
                with watch.running():
                    application.repository.get(key)
                return native_unit

            def selected(watch: Stopwatch) -> int:
                with watch.running():
                    rows = bare.execute(query, (ledger.store.tenant, stream)).fetchall()
                return len(rows)

            contenders = [Contender(OURS, judged), Contender(NATIVE, got), Contender(RAW, selected)]
            return Contest("load", f"{name}, {unit:,} entries", "entries", contenders, per_unit=False)

        for size in sizes.streams:
            stream = ours.retail_stream(ledger, f"R{size}", size)
            count = ledger.store.heads([stream])[stream].version
            yield contest("retail", f"R{size}", stream, native.saved_member(application, count), count, count)
        for size in sizes.streams[-1:]:
            stream = ours.counted_stream(ledger, f"C{size}", size)
            yield contest("counting", f"C{size}", stream, native.saved_counter(application, size), size, size)


# Read the log


def log(folder: Path, sizes: Sizes) -> Contests:
    """Yield contests in reading the whole log page by page, decoded."""
    with ExitStack() as stack:
        ledger = stack.enter_context(ours.opened(folder, "log"))
        _retail_log(ledger, sizes.log, sizes.per_customer)
        application = stack.enter_context(native.members(folder / "log-native.db"))
        for _ in range(-(-sizes.log // sizes.per_customer)):
            native.saved_member(application, sizes.per_customer)
        bare = raw.open_again(folder / "log.db")
        stack.callback(bare.close)
        query = f"SELECT {', '.join(COLUMNS)} FROM {raw.TABLE} WHERE position > ? ORDER BY position LIMIT ?"

        def read_ours(size: int, watch: Stopwatch) -> int:
            decode, after, events = ledger.codec.decode, 0, 0
            with watch.running():
                while page := ledger.store.page(after, size):
                    decoded = [decode(e.name, e.schema_version, e.payload, e.stream, e.version) for e in page]
                    events += len(decoded)
                    after = page[-1].position
            return events

        def read_native(size: int, watch: Stopwatch) -> int:
            recorder, to_event, after, events = application.recorder, application.mapper.to_domain_event, 0, 0
            with watch.running():
                while page := recorder.select_notifications(after, size, inclusive_of_start=False):
                    decoded = [to_event(notification) for notification in page]
                    events += len(decoded)
                    after = page[-1].id
            return events

        def read_raw(size: int, watch: Stopwatch) -> int:
            after, rows = 0, 0
            with watch.running():
                while page := bare.execute(query, (after, size)).fetchall():
                    rows += len(page)
                    after = page[-1][-1]
            return rows

        works = {OURS: read_ours, NATIVE: read_native, RAW: read_raw}
        for size in sizes.pages:
            contenders = [Contender(name, _with(work, size)) for name, work in works.items()]
            yield Contest("log", f"pages of {size:,}", "entries/s", contenders)


# Project


def project(folder: Path, sizes: Sizes) -> Contests:
    """Yield contests in bringing read models from nothing to the log's end."""
    with ExitStack() as stack:
        simple = stack.enter_context(ours.opened(folder, "project-counting"))
        names = [f"C{n:06d}" for n in range(-(-sizes.projected // sizes.per_customer))]
        ours.open_files(simple, names)
        ours.set_clock(simple, ours.BEGINNING + timedelta(days=400))
        ours.tell(simple, [t for name in names for t in ours.counts_of(name, sizes.per_customer - 1)])

        path, views = folder / "project-native.db", itertools.count()
        with native.members(path) as application:
            for _ in range(-(-sizes.run // sizes.per_customer)):
                native.saved_counter(application, sizes.per_customer)
            last = application.recorder.max_notification_id() or 0

        def run_native(watch: Stopwatch) -> int:
            view = folder / f"project-view-{next(views)}.db"
            with watch.running(), native.running(path, view) as runner:
                runner.wait(last, timeout=600)
            return last

        counted = Contender(OURS, _rebuilding(simple, [counting.tallies]))
        yield Contest(
            "project", "counting, 1 read model", "entries/s", [counted, Contender(NATIVE, run_native)]
        )

        retail = stack.enter_context(ours.opened(folder, "project-retail"))
        _retail_log(retail, sizes.projected, sizes.per_customer)
        chosen: dict[str, list[ReadModel[Any]]] = {"1 read model": [customers]}
        chosen["3 read models"] = [customers, receipts, points_month]
        for name, models in chosen.items():
            work = _rebuilding(retail, models)
            yield Contest("project", f"retail, {name}", "entries/s", [Contender(OURS, work)])


def _rebuilding(ledger: Ledger, models: Sequence[ReadModel[Any]]) -> Callable[[Stopwatch], int]:
    projector, entries = ledger.store.projector(models, ledger.source()), ledger.store.count()

    def work(watch: Stopwatch) -> int:
        with watch.running():
            projector.rebuild()
        parked = [line.error for line in projector.status() if line.parked_at is not None or line.lag]
        if parked:
            raise RuntimeError(f"a read model did not reach the log's end: {parked}")
        return entries

    return work


def _retail_log(ledger: Ledger, entries: int, per_customer: int) -> None:
    """Fill a log with that many entries or more, by customers with some purchases each."""
    each = max(1, (per_customer - 1) // 3)
    names = [f"C{n:06d}" for n in range(-(-entries // (3 * each + 1)))]
    ours.open_files(ledger, names)
    ours.set_clock(ledger, ours.BEGINNING + timedelta(days=200))
    ours.tell(ledger, [t for name in names for t in ours.purchases_of(name, each)])


# Helpers


def _with(work: Callable[[int, Stopwatch], int], n: int) -> Callable[[Stopwatch], int]:
    return lambda watch: work(n, watch)


def _entries(n: int) -> str:
    return "1 entry" if n == 1 else f"{n} entries"


WORKLOADS: dict[str, Workload] = {
    "append": append,
    "command": command,
    "load": load,
    "log": log,
    "project": project,
}
