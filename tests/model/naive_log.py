"""A log in the simplest words: what a batch may do to it, what open transactions hold, and what a reader may see.

It imports nothing of the library that it judges. Entries are labels, positions are the order of tickets.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

VERSION, CLAIM, COMMAND = "version", "claim", "command"
LOCKED = "locked"
ACCEPTED = "accepted"


@dataclass(frozen=True)
class Gain:
    """Labels that one stream gains behind a version."""

    stream: str
    expected: int
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Claim:
    """A key that a stream takes or releases; an exclusive one has one holder."""

    kind: str
    token: str
    stream: str
    exclusive: bool
    release: bool = False


@dataclass(frozen=True)
class Batch:
    """What one append asks for: all of it or nothing."""

    tenant: str
    gains: tuple[Gain, ...]
    claims: tuple[Claim, ...] = ()
    commands: tuple[str, ...] = ()

    @property
    def labels(self) -> list[str]:
        """The labels in the order in which they enter the log."""
        return [label for gain in self.gains for label in gain.labels]


Key = tuple[str, ...]


@dataclass
class State:
    """What is on record, as somebody sees it."""

    streams: dict[Key, list[str]] = field(default_factory=dict)
    claims: dict[Key, set[str]] = field(default_factory=dict)
    commands: set[Key] = field(default_factory=set)

    def version(self, tenant: str, stream: str) -> int:
        """Return how many labels a stream has."""
        return len(self.streams.get((tenant, stream), ()))

    def refusals(self, batch: Batch) -> set[str]:
        """Return every reason for which the batch has to be refused."""
        found = set[str]()
        if any(self.version(batch.tenant, g.stream) != g.expected for g in batch.gains):
            found.add(VERSION)
        if any((batch.tenant, c) in self.commands for c in batch.commands):
            found.add(COMMAND)
        held = {key: set(streams) for key, streams in self.claims.items()}
        for c in batch.claims:
            holders = held.setdefault((batch.tenant, c.kind, c.token), set())
            if c.release:
                holders.discard(c.stream)
            elif c.exclusive and holders - {c.stream}:
                found.add(CLAIM)
            else:
                holders.add(c.stream)
        return found

    def take(self, batch: Batch) -> None:
        """Put an accepted batch on record."""
        for g in batch.gains:
            self.streams.setdefault((batch.tenant, g.stream), []).extend(g.labels)
        for c in batch.claims:
            holders = self.claims.setdefault((batch.tenant, c.kind, c.token), set())
            (holders.discard if c.release else holders.add)(c.stream)
        self.commands |= {(batch.tenant, c) for c in batch.commands}


@dataclass
class Host:
    """An open transaction of a host; its batches lie in frames, one for each open savepoint."""

    frames: list[list[tuple[int, Batch]]] = field(default_factory=lambda: [[]])
    first_attempt: int | None = None
    begun: int = 0
    may_hold: bool = False
    """Whether it may hold SQLite's one write lock, because an append was tried."""

    @property
    def batches(self) -> list[tuple[int, Batch]]:
        """Its accepted batches with their tickets."""
        return [pair for frame in self.frames for pair in frame]


class NaiveLog:
    """The log, its open transactions, and what follows for everybody else.

    Args:
        one_writer: whether a transaction that has appended keeps every other writer waiting.
    """

    def __init__(self, *, one_writer: bool) -> None:
        self.one_writer = one_writer
        self.committed = State()
        self.order: list[tuple[int, str, str]] = []
        self.hosts: dict[int, Host] = {}
        self.changes = 0
        self._tickets = itertools.count(1)

    # What a batch meets

    def view(self, host: Host | None = None) -> State:
        """Return what is on record, and to a host also what it has not committed yet."""
        state = deepcopy(self.committed)
        for _, batch in host.batches if host else ():
            state.take(batch)
        return state

    def allowed(self, batch: Batch, host: Host | None = None) -> set[str]:
        """Return the outcomes that an append may have now; with nobody in the way there is but one way to end."""
        refusals = self.view(host).refusals(batch)
        outcomes = refusals or {ACCEPTED}
        others = [h for h in self.hosts.values() if h is not host]
        if self.one_writer:
            stale = host is not None and not host.batches and host.begun != self.changes
            if any(h.batches for h in others):
                return {LOCKED}
            return outcomes | {LOCKED} if stale or any(h.may_hold for h in others) else outcomes
        held = {key for h in others for _, b in h.batches for key in touched(b)}
        if held & strictly_touched(batch):
            return refusals | {LOCKED}
        return outcomes | {LOCKED} if held & touched(batch) else outcomes

    def untouched(self, batch: Batch) -> bool:
        """Return whether nothing that a batch needs is held by an open transaction."""
        if self.one_writer:
            return not any(h.may_hold or h.batches for h in self.hosts.values())
        held = {key for h in self.hosts.values() for _, b in h.batches for key in touched(b)}
        return not held & touched(batch)

    # What happens

    def append(self, batch: Batch) -> None:
        """Commit an accepted batch."""
        self._commit([(next(self._tickets), batch)])

    def begin(self, number: int) -> None:
        """Open a host's transaction."""
        self.hosts[number] = Host(begun=self.changes)

    def attempt(self, number: int, batch: Batch, outcome: str) -> None:
        """Note what came of a host's append."""
        host, ticket = self.hosts[number], next(self._tickets)
        host.first_attempt = host.first_attempt or ticket
        host.may_hold |= outcome != LOCKED
        if outcome == ACCEPTED:
            host.frames[-1].append((ticket, batch))

    def savepoint(self, number: int) -> None:
        """Open a savepoint in a host's transaction."""
        self.hosts[number].frames.append([])

    def end_savepoint(self, number: int, *, keep: bool) -> None:
        """Release the last savepoint, or roll back to it."""
        frame = self.hosts[number].frames.pop()
        if keep:
            self.hosts[number].frames[-1] += frame

    def end(self, number: int, *, commit: bool) -> None:
        """Commit a host's transaction or roll it back."""
        host = self.hosts.pop(number)
        if commit:
            # What it took back to a savepoint is written all the same, so others' view of the file is old.
            self.changes += host.may_hold
            self._commit(host.batches)

    def _commit(self, batches: Iterable[tuple[int, Batch]]) -> None:
        for ticket, batch in batches:
            self.committed.take(batch)
            self.order += [(ticket, batch.tenant, label) for label in batch.labels]
            self.changes += 1
        self.order.sort(key=lambda line: line[0])

    # What a reader sees

    def shown(self, tenant: str) -> tuple[list[str], list[str]]:
        """Return what a reader of the log has to see now, and what it may see at most: beginnings of the final order."""
        attempts = [h.first_attempt for h in self.hosts.values() if h.first_attempt is not None]
        appends = [ticket for h in self.hosts.values() for ticket, _ in h.batches]
        return self._below(tenant, attempts), self._below(tenant, appends)

    def _below(self, tenant: str, tickets: Sequence[int]) -> list[str]:
        end = min(tickets, default=None)
        return [
            label for ticket, whose, label in self.order if whose == tenant and (end is None or ticket < end)
        ]


def touched(batch: Batch) -> set[Key]:
    """Return everything that an append might have to wait for, or keep others from."""
    return strictly_touched(batch) | {("claim", batch.tenant, c.kind, c.token) for c in batch.claims}


def strictly_touched(batch: Batch) -> set[Key]:
    """Return what only one open transaction can have changed."""
    return {
        *(("stream", batch.tenant, g.stream) for g in batch.gains),
        *(("command", batch.tenant, c) for c in batch.commands),
    }


def in_some_order(
    log: NaiveLog, batches: Sequence[Batch], outcomes: Sequence[str]
) -> Iterator[tuple[int, ...]]:
    """Yield the orders in which the batches, one after the other, would have had these outcomes."""
    for order in itertools.permutations(range(len(batches))):
        state = log.view()
        for n in order:
            refusals = state.refusals(batches[n])
            if outcomes[n] not in (refusals or {ACCEPTED}):
                break
            if not refusals:
                state.take(batches[n])
        else:
            yield order
