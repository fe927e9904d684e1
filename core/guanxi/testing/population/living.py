"""Feeds a population to a ledger, month by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from time import perf_counter
from typing import Any

import attrs

from guanxi.kernel.errors import Refusal
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.telling import Source, Telling, Verdict
from guanxi.kernel.times import stamp
from guanxi.relationship.import_batches import close_batch, open_batch
from guanxi.relationship.service.commands import ReceiveFeedback
from guanxi.relationship.waiting import keep_waiting
from guanxi.testing.population.marks import Mark
from guanxi.testing.population.people import section_of
from guanxi.testing.population.plan import MISTAKE, REASON, SYSTEM, Population
from guanxi.testing.population.ruling import mistaken_rules, rule_sets, rules_of_branch

CHUNK = 100
"""Customers whose month is one transaction."""
RUNS = ("core.four_classes", "core.abc_classes")
SELECTION = "core.return_visit_selection"
RUN_MONTHS = (5, 11)
CLERK, APPROVER = "syn-clerk", "syn-approver"
_YEAR = timedelta(days=365)

Progress = Callable[[str, int, int], object]
"""Called with a phase, how much of it is done, and how much there is."""


@attrs.define
class Tally:
    """What became of a population that was fed to a ledger.

    Args:
        told: how many tellings.
        accepted: how many of them were taken in.
        refused: those that were refused, by command and code; a well-made population has none but those that it means.
        flagged: rules that were broken by what had happened already, by code.
        seconds: how long each phase took.
    """

    told: int = 0
    accepted: int = 0
    refused: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    flagged: Counter[str] = attrs.field(factory=Counter)
    seconds: dict[str, float] = attrs.field(factory=dict)

    def note(self, telling: Telling, verdict: Verdict) -> None:
        """Count one verdict."""
        self.told += 1
        if verdict.status in ("accepted", "known"):
            self.accepted += 1
        else:
            code = verdict.status if verdict.refusal is None else verdict.refusal.code
            self.refused[type(telling.command).stored_name, code] += 1
        self.flagged.update(verdict.flags)

    def add(self, other: Tally) -> None:
        """Count what another one counted, too."""
        self.told += other.told
        self.accepted += other.accepted
        self.refused += other.refused
        self.flagged += other.flagged
        for phase, seconds in other.seconds.items():
            self.seconds[phase] = self.seconds.get(phase, 0.0) + seconds


class _Watch:
    def __init__(self, tally: Tally, phase: str) -> None:
        self.tally, self.phase = tally, phase

    def __enter__(self) -> None:
        self.begun = perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = perf_counter() - self.begun
        self.tally.seconds[self.phase] = self.tally.seconds.get(self.phase, 0.0) + spent


def live(
    ledger: Ledger,
    population: Population,
    *,
    months: Iterable[int] | None = None,
    progress: Progress | None = None,
    chunk: int = CHUNK,
) -> Tally:
    """Let a ledger live through a population's months: what is told, what is marked, what is run, what falls due.

    The ledger's clock is set to the end of each month and left there.

    Args:
        ledger: an empty one; or one that lived through the months before, where not all are asked for.
        population: whose.
        months: which, counted from 0; all if None.
        progress: called as things go on.
        chunk: customers whose month is one transaction.
    """
    tally = Tally()
    for month in range(population.months) if months is None else months:
        if month == 0:
            with _Watch(tally, "setting up"):
                set_up(ledger, population, tally)
        with _Watch(tally, "houses"):
            live_houses(ledger, population, month, tally)
        with _Watch(tally, "customers"):
            numbers = range(population.customers)
            live_customers(ledger, population, month, numbers, tally, progress=progress, chunk=chunk)
        with _Watch(tally, "house orders"):
            order_for_houses(ledger, population, month, tally)
        with _Watch(tally, "runs"):
            run_month(ledger, population, month)
        with _Watch(tally, "advancing"):
            ledger.advance(population.closes(month), progress=_named(progress, "due"))
    return tally


def set_up(ledger: Ledger, population: Population, tally: Tally) -> None:
    """Publish the rules and tell what the branches begin with.

    Args:
        ledger: an empty one.
        population: whose.
        tally: where it is counted.
    """
    begins = population.begins()
    _set(ledger, begins)
    for rules in rule_sets(population):
        ledger.publish(rules, effective_from=begins, by=CLERK, approved_by=APPROVER, reason=REASON)
    for branch in range(population.branches):
        _publish_for(ledger, branch, begins)
    _set(ledger, begins + timedelta(hours=8))
    _take_in(ledger, population.setting_up(), begins + timedelta(hours=8), tally)


def _publish_for(ledger: Ledger, branch: int, begins: datetime) -> None:
    """Publish what a branch wishes for, and with a slip of the pen what is withdrawn again."""
    signed: dict[str, Any] = {"by": CLERK, "approved_by": APPROVER}
    ledger.publish(rules_of_branch(branch), effective_from=begins, reason=REASON, **signed)
    mistake = mistaken_rules()
    version = ledger.publish(mistake, effective_from=begins + _YEAR, reason=REASON, **signed)
    ledger.withdraw_rules(type(mistake).stored_name, version, reason=MISTAKE, **signed)


def live_houses(ledger: Ledger, population: Population, month: int, tally: Tally) -> None:
    """Tell what the branches themselves do in a month.

    Args:
        ledger: where.
        population: whose.
        month: which, counted from 0.
        tally: where it is counted.
    """
    closes = population.closes(month)
    _set(ledger, closes)
    _take_in(ledger, population.of_houses(month), closes, tally)


def live_customers(
    ledger: Ledger,
    population: Population,
    month: int,
    customers: Sequence[int],
    tally: Tally,
    *,
    progress: Progress | None = None,
    chunk: int = CHUNK,
) -> None:
    """Tell what customers do in a month, and mark what is to be marked of it.

    Args:
        ledger: where.
        population: whose.
        month: which, counted from 0.
        customers: their numbers.
        tally: where it is counted.
        progress: called after each transaction.
        chunk: customers whose month is one transaction.
    """
    closes = population.closes(month)
    _set(ledger, closes)
    done = 0
    for some in _chunks(customers, chunk):
        told: list[Telling] = []
        marks: list[Mark] = []
        for number in some:
            tellings, own = population.customer_month(number, month)
            told += tellings
            marks += own
        wanted = {m.telling for m in marks if m.telling}
        entries = _take_in(ledger, [t for t in told if not t.reason], closes, tally, wanted=wanted)
        entries |= _import_late(
            ledger, population, month, some[0] // CHUNK, [t for t in told if t.reason], tally, wanted
        )
        _keep_early(ledger, population, some, month, tally)
        for mark in sorted(marks, key=lambda m: (m.at, m.subject)):
            _mark(ledger, mark, entries, tally)
        done += len(some)
        if progress is not None:
            progress(f"{population.first_day(month):%Y-%m}", done, len(customers))


def order_for_houses(ledger: Ledger, population: Population, month: int, tally: Tally) -> None:
    """Give the orders of the branches that concern customers, at the end of a month.

    Args:
        ledger: where.
        population: whose.
        month: which, counted from 0.
        tally: where it is counted.
    """
    _set(ledger, population.closes(month))
    for mark in population.house_marks(month):
        _mark(ledger, mark, {}, tally)


def run_month(ledger: Ledger, population: Population, month: int) -> None:
    """Carry out what is run at the end of a half-year.

    Args:
        ledger: where.
        population: whose.
        month: which, counted from 0.
    """
    for name in runs_of(month):
        run_one(ledger, population, month, name)


def runs_of(month: int) -> tuple[str, ...]:
    """Return the names of what is run at the end of a month, counted from 0."""
    if month not in RUN_MONTHS:
        return ()
    return (*RUNS, SELECTION) if month == RUN_MONTHS[0] else RUNS


def run_one(ledger: Ledger, population: Population, month: int, name: str) -> None:
    """Carry out one run as of the end of a month, that of return visits in every branch.

    Args:
        ledger: where.
        population: whose.
        month: which, counted from 0.
        name: of the run.
    """
    closes = population.closes(month)
    _set(ledger, closes)
    if name == SELECTION:
        _select(ledger, population, closes)
    else:
        ledger.run(name, actor=CLERK, as_of=closes, reason=REASON)


class _BrokenOff(Exception):
    """The clerk sees that the runs that have begun are the wrong ones."""


def _select(ledger: Ledger, population: Population, closes: datetime) -> None:
    """Draw who is visited in every branch: first far too many, by mistake, which is broken off and abandoned."""

    def break_off(*_: Any) -> None:
        raise _BrokenOff

    def samples(percent: int) -> list[dict[str, Any]]:
        sample = {"method": "random_sample", "percent": Decimal(percent), "start": 1}
        return [{**sample, "section": section_of(branch)} for branch in range(population.branches)]

    who: dict[str, Any] = {"actor": CLERK, "as_of": closes, "reason": REASON}
    try:
        ledger.run_each(SELECTION, samples(50), progress=break_off, **who)
    except _BrokenOff:
        for run in ledger.runs.views(SELECTION):
            if run.status == "open":
                ledger.runs.abandon(run.id, actor=CLERK, reason=MISTAKE)
    ledger.run_each(SELECTION, samples(5), **who)


def _set(ledger: Ledger, at: datetime) -> None:
    ledger.clock = lambda: at


def _chunks(numbers: Sequence[int], size: int) -> Iterator[list[int]]:
    left = iter(numbers)
    while some := list(islice(left, size)):
        yield some


def _named(progress: Progress | None, phase: str) -> Any:
    return None if progress is None else lambda done, total: progress(phase, done, total)


def _take_in(
    ledger: Ledger, tellings: Sequence[Telling], at: datetime, tally: Tally, wanted: set[str] | None = None
) -> dict[str, str]:
    """Take tellings in, and return the entries of those that are wanted later, by command id."""
    found: dict[str, str] = {}
    if not tellings:
        return found
    for telling, verdict in zip(tellings, ledger.take_in(tellings, recorded_at=stamp(at)), strict=True):
        tally.note(telling, verdict)
        if wanted and telling.command_id in wanted and verdict.entry is not None:
            found[str(telling.command_id)] = verdict.entry
    return found


def _import_late(
    ledger: Ledger,
    population: Population,
    month: int,
    block: int,
    late: Sequence[Telling],
    tally: Tally,
    wanted: set[str],
) -> dict[str, str]:
    """Import what was told late: the papers that a branch sends in at the end of a month."""
    if not late:
        return {}
    source = f"syn-post-{block:04}"
    batch = open_batch(ledger, source, reason=REASON, actor=CLERK)
    tellings = [
        attrs.evolve(t, batch=batch.id, reason=None, source=Source(source, f"{month:02}", f"{n}"))
        for n, t in enumerate(late)
    ]
    before = tally.accepted
    found = _take_in(ledger, tellings, population.closes(month), tally, wanted=wanted)
    taken = tally.accepted - before
    close_batch(
        ledger, source, batch.id, actor=CLERK, accepted=taken, known=0, refused=len(late) - taken, waiting=0
    )
    return found


def _keep_early(
    ledger: Ledger, population: Population, customers: Sequence[int], month: int, tally: Tally
) -> None:
    """Keep what came of customers whose files are opened in the next month: it waits until they are."""
    at = population.closes(month)
    early = [
        Telling(
            subject=who.account,
            command=ReceiveFeedback(feedback=f"F-{who.number:06}-early", kind="inquiry", category="合成"),
            actor=who.staff("desk"),
            occurred_at=at - timedelta(days=2),
            happened=True,
            source=Source("syn-letters", who.account, "1"),
            channel=SYSTEM,
        )
        for who in map(population.customer, customers)
        if who.opens == month + 1
    ]
    if early:
        for telling, verdict in zip(early, keep_waiting(ledger, early, recorded_at=stamp(at)), strict=True):
            tally.note(telling, attrs.evolve(verdict, status="accepted"))


def _mark(ledger: Ledger, mark: Mark, entries: dict[str, str], tally: Tally) -> None:
    try:
        if mark.kind == "order":
            tally.told += 1
            ledger.execute(
                mark.subject,
                mark.command,
                actor=mark.actor,
                reason=mark.reason,
                occurred_at=mark.at,
                command_id=mark.telling,
            )
            tally.accepted += 1
        elif (entry := entries.get(mark.telling)) is None:
            pass  # what was refused needs no mark
        elif mark.kind == "correct":
            ledger.correct(entry, mark.fields, actor=mark.actor, reason=mark.reason)
        else:
            ledger.void(entry, actor=mark.actor, reason=mark.reason)
    except Refusal as refusal:
        tally.refused[f"{mark.kind} {type(mark.command).stored_name}", refusal.code] += 1
